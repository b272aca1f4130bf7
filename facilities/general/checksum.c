/*
 * CHECKSUM and MOVE PAGE.
 */
#include "general/operand.h"
#include "zfacet/linear.h"

/* Adds up big-endian words; the end-around carry is folded later. */
static uint64_t add_words(const uint8_t *p, size_t length) {
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i += 4) {
        sum += zf_get32(p + i);
    }
    return sum;
}

/*
 * CHECKSUM: 32-bit sum with end-around carry, a last incomplete word padded with zeros on the
 * right. CC 3 after a unit of operation.
 */
enum zf_next zf_do_cksm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r2 = i->o.r2;
    if (r2 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t at = zf_gr_address(cpu, r2), length = zf_gr_length(cpu, r2 + 1);
    uint64_t sum = zf_low(cpu, i->o.r1);
    if (!zf_use(cpu, r2)) {
        return ZF_NEXT_PGM;
    }
    for (uint64_t done = 0; length && done < ZF_UNIT;) {
        uint8_t word[4] = {0};
        size_t n = (size_t)zf_min(length, ZF_PAGE_SIZE);
        const uint8_t *p = zf_operand(cpu, at, &n, ZF_ACCESS_READ);
        if (p && n < 4) {
            n = (size_t)zf_min(length, 4);
            p = zf_load_bytes(cpu, at, word, n) ? word : NULL;
        }
        if (!p) {
            return ZF_NEXT_PGM;
        }
        sum += add_words(p, p == word ? 4 : n & ~(size_t)3);
        n = p == word ? n : n & ~(size_t)3;
        at += n;
        length -= n;
        done += n;
        sum = (sum & 0xffffffff) + (sum >> 32);
    }
    sum = (sum & 0xffffffff) + (sum >> 32);
    zf_gr_set_address(cpu, r2, at);
    zf_gr_set_length(cpu, r2 + 1, length);
    zf_set_low(cpu, i->o.r1, (uint32_t)sum);
    cpu->cc = length ? 3 : 0;
    return ZF_NEXT;
}

/* Bits of general register 0 for MOVE PAGE. */
enum {
    MVPG_RESERVED = 0xf000,
    MVPG_KEY_FIRST = 0x0800,
    MVPG_KEY_SECOND = 0x0400,
    MVPG_CONDITION_CODE = 0x0100,
};

/* Whether a page can be used; a missing one is CC `missing` where GR0 asks for that. */
static bool page_usable(struct zf_cpu *cpu, uint64_t page, enum zf_access access, uint32_t missing,
                        enum zf_next *next) {
    bool condition_code = cpu->gr[0] & MVPG_CONDITION_CODE;
    if (cpu->linear && condition_code) {
        unsigned prot = access == ZF_ACCESS_WRITE ? ZF_PROT_WRITE : ZF_PROT_READ;
        if (zf_linear_find(cpu->storage, page, NULL) ||
            zf_linear_allows(cpu->storage, page, ZF_PAGE_SIZE, prot)) {
            return true;
        }
        cpu->cc = missing;
        *next = ZF_NEXT;
        return false;
    }
    if (zf_probe(cpu, page, ZF_PAGE_SIZE, access)) {
        return true;
    }
    *next = ZF_NEXT_PGM;
    if (condition_code && cpu->pgm.code == ZF_PGM_PAGE_TRANSLATION) {
        cpu->pgm = (struct zf_pgm){0};
        cpu->cc = missing;
        *next = ZF_NEXT;
    }
    return false;
}

/*
 * MOVE PAGE of main storage. The access-key bits of GR0 are honoured in the supervisor state and
 * with a key that CR3 permits; zfacet then uses the key of the PSW.
 */
enum zf_next zf_do_mvpg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t control = zf_low(cpu, 0);
    enum zf_next next;
    if (control & MVPG_RESERVED || (control & MVPG_KEY_FIRST && control & MVPG_KEY_SECOND)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (cpu->mode & ZF_MODE_PROBLEM && control & (MVPG_KEY_FIRST | MVPG_KEY_SECOND) &&
        !(cpu->cr[3] << 32 << (control >> 4 & 0xf) >> 63)) {
        return zf_raise(cpu, ZF_PGM_PRIVILEGED);
    }
    uint64_t to = zf_gr_address(cpu, i->o.r1) & ZF_PAGE_MASK;
    uint64_t from = zf_gr_address(cpu, i->o.r2) & ZF_PAGE_MASK;
    if (!page_usable(cpu, from, ZF_ACCESS_READ, 2, &next) ||
        !page_usable(cpu, to, ZF_ACCESS_WRITE, 1, &next)) {
        cpu->pgm.operand_id = (uint8_t)(i->o.r1 << 4 | i->o.r2);
        cpu->pgm.has_operand_id = next == ZF_NEXT_PGM;
        return next;
    }
    const uint8_t *source = zf_operand_whole(cpu, from, ZF_PAGE_SIZE, ZF_ACCESS_READ);
    uint8_t *target = source ? zf_operand_whole(cpu, to, ZF_PAGE_SIZE, ZF_ACCESS_WRITE) : NULL;
    if (!target) {
        return ZF_NEXT_PGM;
    }
    zf_move(target, source, ZF_PAGE_SIZE);
    cpu->cc = 0;
    return ZF_NEXT;
}
