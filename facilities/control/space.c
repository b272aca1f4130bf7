/*
 * What is done for the registers that an instruction's storage operands are addressed by.
 *
 * Access-register mode. Before an instruction that accesses storage, a call looks at the access
 * registers of its operands and finds their spaces. There may be two: that of the first operand,
 * and that of what else is fetched. The few instructions that have more (ZF_ROW_SEVERAL) find the
 * space of each operand when they access it.
 *
 * Program-event recording. A register that is zero is an event.
 */
#include "control/art.h"

#include "zfacet/per.h"

enum { MOST = 8 };

struct space_call {
    struct zf_call call;
    bool two; /* its operands may be in two spaces */
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
    if (!same && !(c->two && c->count == 2)) {
        return zf_unimplemented(cpu, "an instruction with operands in several address spaces");
    }
    cpu->ar_differ = !same;
    if (!zf_ar_space(cpu, c->ar[0], ZF_ACCESS_WRITE, &space[1]) ||
        !zf_ar_space(cpu, c->ar[same ? 0 : 1], ZF_ACCESS_READ, &space[0])) {
        return ZF_NEXT_PGM;
    }
    zf_ar_spaces_set(cpu, space);
    return ZF_NEXT;
}

bool zf_ar_use(struct zf_cpu *cpu, unsigned r) {
    struct zf_ar_space space[2];
    cpu->ar_differ = true;
    if (!zf_ar_space(cpu, r, ZF_ACCESS_WRITE, &space[1]) ||
        !zf_ar_space(cpu, r, ZF_ACCESS_READ, &space[0])) {
        return false;
    }
    zf_ar_spaces_set(cpu, space);
    return true;
}

/* Its operands may be in two spaces. */
static bool has_two(enum zf_row row) {
    return zf_row_has(row, ZF_ROW_MOVES) || zf_row_has(row, ZF_ROW_TWO);
}

/* The registers whose addresses are of storage: bases, and those that hold one alone. */
static unsigned registers_of(const struct zf_insn *insn, uint8_t registers[MOST]) {
    enum zf_row row = (enum zf_row)insn->row;
    struct zf_operands o;
    unsigned count = 0;
    zf_insn_operands(insn, &o);
    bool two = has_two(row), by_register = zf_row_has(row, ZF_ROW_ADDRESSES);
    bool number = zf_row_has(row, ZF_ROW_NUMBER);
    const uint8_t bases[] = {o.b1, number ? 0 : o.b2, number ? 0 : o.b4};
    for (unsigned n = 0; n < ZF_ARRAY_LENGTH(bases); n++) {
        if (bases[n] ? !(by_register && two) : two && !by_register && n < 2) {
            registers[count++] = bases[n];
        }
    }
    if (by_register) {
        registers[count++] = o.r1;
        registers[count++] = two && number ? o.r3 : o.r2;
        if (!two && o.r3) {
            registers[count++] = o.r3;
        }
    }
    if (zf_row_has(row, ZF_ROW_ADDRESS_1)) {
        registers[count++] = 1;
    }
    return count;
}

/* Instructions that are ops whose accesses are not told apart. */
static bool is_helper_here(enum zf_row row) {
    return row == ZF_ROW_mvc || row == ZF_ROW_nc || row == ZF_ROW_oc || row == ZF_ROW_xc ||
           row == ZF_ROW_clc;
}

bool zf_tr_spaces(const struct zf_tr *t, const struct zf_insn *insn) {
    enum zf_row row = (enum zf_row)insn->row;
    if (zf_row_has(row, ZF_ROW_SEVERAL)) {
        return false;
    }
    struct space_call c = {.call = {do_space}, .two = has_two(row)};
    c.count = (uint8_t)registers_of(insn, c.ar);
    zf_emit_call(t->block, &c.call, sizeof c);
    if (is_helper_here(row)) {
        zf_tr_call(t, zf_do_storage_and_storage);
        return true;
    }
    return false;
}

struct zero_call {
    struct zf_call call;
    uint8_t count;
    bool lengths, short_lengths; /* as ZF_ROW_LENGTHS */
    uint8_t reg[MOST + 1];
};

/* An operand without bytes is not accessed. */
static bool is_empty(const struct zf_cpu *cpu, const struct zero_call *c, unsigned r) {
    const uint64_t mask = c->short_lengths         ? 0xffffff
                          : cpu->mode & ZF_MODE_64 ? UINT64_MAX
                                                   : UINT32_MAX;
    return c->lengths && !(cpu->gr[(r + 1) & 15] & mask);
}

static enum zf_next do_zero_address(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zero_call *c = (const struct zero_call *)call;
    const uint64_t mask = cpu->mode & ZF_MODE_64 ? UINT64_MAX : UINT32_MAX;
    for (unsigned n = 0; n < c->count; n++) {
        unsigned r = c->reg[n];
        if (!(cpu->gr[r] & mask) && !is_empty(cpu, c, r)) {
            zf_per_zero_address(cpu);
        }
    }
    return ZF_NEXT;
}

void zf_tr_zero_addresses(const struct zf_tr *t, const struct zf_insn *insn) {
    enum zf_row row = (enum zf_row)insn->row;
    struct zero_call c = {.call = {do_zero_address},
                          .lengths = zf_row_has(row, ZF_ROW_LENGTHS),
                          .short_lengths = zf_row_has(row, ZF_ROW_LENGTHS_24)};
    bool by_register = zf_row_has(row, ZF_ROW_ADDRESSES);
    struct zf_operands o;
    uint8_t found[MOST];
    unsigned count = registers_of(insn, found);
    zf_insn_operands(insn, &o);
    for (unsigned n = 0; n < count; n++) { /* general register 0 is no base */
        if (found[n] || by_register) {
            c.reg[c.count++] = found[n];
        }
    }
    if (o.x2 && !zf_row_has(row, ZF_ROW_NUMBER)) {
        c.reg[c.count++] = o.x2;
    }
    if (c.count) {
        zf_emit_call(t->block, &c.call, sizeof c);
    }
}
