/*
 * COMPUTE INTERMEDIATE and COMPUTE LAST MESSAGE DIGEST: SHA-1, SHA-2, SHA-3, SHAKE and GHASH. The
 * chaining value begins the parameter block; KLMD's SHA-1 and SHA-2 find the message's bit length
 * after it. SHAKE's result is the first operand, as long as it is.
 */
#include "crypto/digest.h"
#include "general/operand.h"

/*
 * General register 0. The first two need the message-security-assist extension 12; programs say
 * with M3 8 that they know it, which changes nothing here.
 */
enum { NO_INPUT = 0x8000, DIGEST_ALONE = 0x4000, PADDED = 0x100 };

struct message {
    const struct zf_assist *c;
    const struct zf_digest *d;
    uint8_t state[ZF_DIGEST_STATE_MAX];
};

static bool is_sha3(const struct message *m) {
    return m->d->compress && !m->d->length_field && m->d->chain == ZF_DIGEST_STATE_MAX;
}

static bool option(const struct message *m, uint64_t bit) {
    struct zf_cpu *cpu = m->c->cpu;
    return cpu->gr[0] & bit && is_sha3(m) &&
           zf_machine_has_facility(cpu->machine, ZF_FACILITY_MSA_12);
}

/* Older machines ignore the options, and the digest is another one. */
static void note_options(const struct message *m, uint64_t bits) {
    struct zf_cpu *cpu = m->c->cpu;
    if (cpu->gr[0] & bits && is_sha3(m) &&
        !zf_machine_has_facility(cpu->machine, ZF_FACILITY_MSA_12)) {
        zf_option_ignored(cpu, m->c->insn);
    }
}

/* From now on the parameter block is an input. */
static bool save_state(struct message *m, unsigned bytes) {
    struct zf_cpu *cpu = m->c->cpu;
    if (!zf_store_by(cpu, 1, m->c->block, m->state, bytes)) {
        return false;
    }
    if (option(m, NO_INPUT)) {
        cpu->gr[0] &= ~(uint64_t)NO_INPUT;
    }
    return true;
}

static bool open_message(struct message *m) {
    const struct zf_assist *c = m->c;
    memset(m->state, 0, sizeof m->state);
    return (option(m, NO_INPUT) ||
            zf_load_by(c->cpu, 1, c->block, m->state, m->d->chain + m->d->more)) &&
           zf_probe_by(c->cpu, 1, c->block, m->d->chain);
}

static void take(const struct message *m, unsigned bytes) {
    struct zf_cpu *cpu = m->c->cpu;
    unsigned r2 = m->c->insn->o.r2;
    zf_gr_set_address(cpu, r2, cpu->gr[r2] + bytes);
    zf_gr_set_length(cpu, r2 + 1u, zf_gr_length(cpu, r2 + 1u) - bytes);
}

static uint64_t rest(const struct message *m) {
    return zf_gr_length(m->c->cpu, m->c->insn->o.r2 + 1u);
}

/* Whole blocks of the second operand, up to a unit of operation; false on an access exception. */
static bool take_blocks(struct message *m) {
    struct zf_cpu *cpu = m->c->cpu;
    unsigned block = m->d->block, piece = 1024 - 1024 % block;
    uint8_t text[1024];
    for (unsigned done = 0; rest(m) >= block && done < ZF_ASSIST_UNIT; done += piece) {
        unsigned bytes = (unsigned)zf_min(rest(m) - rest(m) % block, piece);
        if (!zf_load_by(cpu, m->c->insn->o.r2, cpu->gr[m->c->insn->o.r2], text, bytes)) {
            return false;
        }
        for (unsigned at = 0; at < bytes; at += block) {
            m->d->compress(m->state, text + at, block);
        }
        if (!save_state(m, m->d->chain)) {
            return false;
        }
        take(m, bytes);
    }
    return true;
}

enum zf_next zf_assist_digest(const struct zf_assist *c) {
    struct message m = {.c = c, .d = zf_digest_of(c->f->algorithm)};
    if (rest(&m) % m.d->block) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    if (!rest(&m)) {
        return zf_assist_end(c, 0);
    }
    note_options(&m, NO_INPUT);
    if (!open_message(&m) || !take_blocks(&m)) {
        return ZF_NEXT_PGM;
    }
    return rest(&m) ? zf_assist_partial(c) : zf_assist_end(c, 0);
}

/* Less than a block is left: into the state, padded. Storage and registers are as before. */
static bool pad_last(struct message *m) {
    struct zf_cpu *cpu = m->c->cpu;
    uint8_t text[ZF_DIGEST_BLOCK_MAX], length[16];
    if (!zf_load_by(cpu, m->c->insn->o.r2, cpu->gr[m->c->insn->o.r2], text, rest(m)) ||
        !zf_load_by(cpu, 1, m->c->block + m->d->chain, length, m->d->length_field)) {
        return false;
    }
    zf_digest_end(m->d, m->state, text, (unsigned)rest(m), length);
    return true;
}

enum zf_next zf_assist_last_digest(const struct zf_assist *c) {
    struct message m = {.c = c, .d = zf_digest_of(c->f->algorithm)};
    note_options(&m, NO_INPUT | DIGEST_ALONE);
    if (!open_message(&m) || !take_blocks(&m)) {
        return ZF_NEXT_PGM;
    }
    if (rest(&m) >= m.d->block) {
        return zf_assist_partial(c);
    }
    if (!pad_last(&m) || !save_state(&m, option(&m, DIGEST_ALONE) ? m.d->result : m.d->chain)) {
        return ZF_NEXT_PGM;
    }
    take(&m, (unsigned)rest(&m));
    return zf_assist_end(c, 0);
}

/*
 * Stores the next block of output; the parameter block and the padding state tell that it is there.
 */
static bool squeeze(struct message *m) {
    struct zf_cpu *cpu = m->c->cpu;
    unsigned r1 = m->c->insn->o.r1;
    uint64_t length = zf_gr_length(cpu, r1 + 1u);
    unsigned bytes = (unsigned)zf_min(length, m->d->block);
    if (!zf_store_by(cpu, r1, cpu->gr[r1], m->state, bytes) || !save_state(m, m->d->chain)) {
        return false;
    }
    cpu->gr[0] |= PADDED;
    zf_gr_set_address(cpu, r1, cpu->gr[r1] + bytes);
    zf_gr_set_length(cpu, r1 + 1u, length - bytes);
    return true;
}

/* What is left of the message and the first block of output are one unit. */
static enum zf_next finish_message(struct message *m) {
    if (!take_blocks(m)) {
        return ZF_NEXT_PGM;
    }
    if (rest(m) >= m->d->block) {
        return zf_assist_partial(m->c);
    }
    if (!pad_last(m) || !squeeze(m)) {
        return ZF_NEXT_PGM;
    }
    take(m, (unsigned)rest(m));
    return ZF_NEXT;
}

enum zf_next zf_assist_shake(const struct zf_assist *c) {
    static const uint8_t nothing[ZF_DIGEST_BLOCK_MAX];
    struct message m = {.c = c, .d = zf_digest_of(c->f->algorithm)};
    struct zf_cpu *cpu = c->cpu;
    unsigned r1 = c->insn->o.r1;
    if (!r1 || r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!(cpu->gr[0] & PADDED)) {
        note_options(&m, NO_INPUT);
    }
    if (!open_message(&m)) {
        return ZF_NEXT_PGM;
    }
    if (!(cpu->gr[0] & PADDED)) {
        enum zf_next next = finish_message(&m);
        if (next != ZF_NEXT || !(cpu->gr[0] & PADDED)) {
            return next;
        }
    }
    for (unsigned done = 0; zf_gr_length(cpu, r1 + 1u); done += m.d->block) {
        if (done >= ZF_ASSIST_UNIT) {
            return zf_assist_partial(c);
        }
        m.d->compress(m.state, nothing, m.d->block);
        if (!squeeze(&m)) {
            return ZF_NEXT_PGM;
        }
    }
    return zf_assist_end(c, 0);
}
