/*
 * Access-register mode. Before an instruction that accesses storage, a call looks at the access
 * registers of its operands and finds their spaces. An instruction that only stores to its first
 * operand and only fetches its second may have them in two spaces; any other stops the run there.
 */
#include "control/art.h"

enum { MOST = 8 };

struct space_call {
    struct zf_call call;
    bool moves;
    uint8_t count;
    uint8_t ar[MOST];
};

/* Access register 0 stands for the primary space, whatever is in it. */
static uint32_t alet_of(const struct zf_cpu *cpu, unsigned ar) {
    return ar ? cpu->ar[ar] : ZF_ALET_PRIMARY;
}

bool zf_ar_space(struct zf_cpu *cpu, unsigned ar, enum zf_access access, struct zf_ar_space *to) {
    const struct zf_alet alet = {alet_of(cpu, ar), (uint16_t)(cpu->cr[8] >> 16), ZF_ART_ORDINARY};
    struct zf_aste aste;
    *to = (struct zf_ar_space){.ar = (uint8_t)ar};
    if (alet.alet == ZF_ALET_PRIMARY || alet.alet == ZF_ALET_SECONDARY) {
        to->space = alet.alet == ZF_ALET_PRIMARY ? ZF_SPACE_PRIMARY : ZF_SPACE_SECONDARY;
        return true;
    }
    to->space = access == ZF_ACCESS_WRITE ? ZF_SPACE_AR_WRITE : ZF_SPACE_AR_READ;
    if (!zf_art_translate(cpu, &alet, &aste, &to->fetch_only) ||
        !zf_subspace_asce(cpu, &aste, &to->asce)) {
        cpu->pgm.access_id = (uint8_t)ar;
        return false;
    }
    return true;
}

static bool differ(const struct zf_ar_space *a, const struct zf_ar_space *b) {
    return a->space != b->space || a->ar != b->ar || a->fetch_only != b->fetch_only ||
           a->asce != b->asce;
}

void zf_ar_spaces_set(struct zf_cpu *cpu, const struct zf_ar_space space[2]) {
    if (differ(&space[0], &cpu->ar_space[0]) || differ(&space[1], &cpu->ar_space[1])) {
        memcpy(cpu->ar_space, space, sizeof cpu->ar_space);
        zf_tlb_clear(cpu);
    }
}

static enum zf_next do_space(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct space_call *c = (const struct space_call *)call;
    struct zf_ar_space space[2];
    bool same = true;
    for (unsigned n = 1; n < c->count; n++) {
        same = same && alet_of(cpu, c->ar[n]) == alet_of(cpu, c->ar[0]);
    }
    if (!same && !(c->moves && c->count == 2)) {
        return zf_unimplemented(
            cpu, "an instruction that compares or changes storage in two address spaces");
    }
    if (!zf_ar_space(cpu, c->ar[0], ZF_ACCESS_WRITE, &space[1]) ||
        !zf_ar_space(cpu, c->ar[same ? 0 : 1], ZF_ACCESS_READ, &space[0])) {
        return ZF_NEXT_PGM;
    }
    zf_ar_spaces_set(cpu, space);
    return ZF_NEXT;
}

static void add(struct space_call *c, unsigned r) {
    if (c->count < MOST) {
        c->ar[c->count++] = (uint8_t)r;
    }
}

void zf_tr_spaces(const struct zf_tr *t, const struct zf_insn *insn) {
    enum zf_row row = (enum zf_row)insn->row;
    struct space_call c = {.call = {do_space}, .moves = zf_row_has(row, ZF_ROW_MOVES)};
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    bool by_register = zf_row_has(row, ZF_ROW_ADDRESSES);
    const uint8_t bases[] = {o.b1, o.b2, o.b4};
    for (unsigned n = 0; n < ZF_ARRAY_LENGTH(bases); n++) {
        if (bases[n] || (c.moves && !by_register && n < 2)) {
            add(&c, bases[n]);
        }
    }
    if (by_register) {
        add(&c, o.r1);
        add(&c, o.r2);
        if (!c.moves) {
            add(&c, o.r3);
        }
    }
    if (zf_row_has(row, ZF_ROW_ADDRESS_1)) {
        add(&c, 1);
    }
    zf_emit_call(t->block, &c.call, sizeof c);
}
