/*
 * Tracing: the forms of entries in the trace table, and TRACE itself.
 */
#include "control/trace.h"

#include "zfacet/clock.h"

#define TABLE_ADDRESS UINT64_C(0x3ffffffffffffffc)

/* An entry being made. */
struct entry {
    uint8_t bytes[144];
    unsigned length;
};

static void add8(struct entry *e, unsigned value) {
    e->bytes[e->length++] = (uint8_t)value;
}
static void add16(struct entry *e, unsigned value) {
    zf_put16(e->bytes + e->length, (uint16_t)value);
    e->length += 2;
}
static void add32(struct entry *e, uint64_t value) {
    zf_put32(e->bytes + e->length, (uint32_t)value);
    e->length += 4;
}
static void add64(struct entry *e, uint64_t value) {
    zf_put64(e->bytes + e->length, value);
    e->length += 8;
}

/* `checked` is the longest form that the entry could have had. */
static bool put(struct zf_cpu *cpu, uint64_t *cr12, const struct entry *e, unsigned checked) {
    uint64_t at = *cr12 & TABLE_ADDRESS;
    if (!zf_real_store_check(cpu, at, 1)) {
        return false;
    }
    if (((at + checked) ^ at) & ZF_PAGE_MASK) {
        return zf_pgm(cpu, ZF_PGM_TRACE_TABLE);
    }
    for (unsigned n = 0; n < e->length; n++) {
        zf_real_store(cpu, (struct zf_raddr){at + n}, 1, e->bytes[n]);
    }
    *cr12 = (*cr12 & ~TABLE_ADDRESS) | (at + e->length);
    return true;
}

static bool put_entry(struct zf_cpu *cpu, struct zf_linkage *l, const struct entry *e) {
    return put(cpu, &l->cr[12], e, e->length);
}

static bool asn_tracing(const struct zf_cpu *cpu) {
    return cpu->cr[12] & ZF_CR12_ASN_TRACE;
}

static bool is_wide(uint64_t mask) {
    return mask & ZF_PSW_EA;
}

/* A PSW's address with its mode: bit 32 in the 31-bit mode, nothing else in others. */
static uint64_t with_mode(uint64_t mask, uint64_t address) {
    return address | (!is_wide(mask) && mask & ZF_PSW_BA ? 0x80000000 : 0);
}

static unsigned problem_bit(uint64_t mask) {
    return mask & ZF_PSW_PROBLEM ? 1 : 0;
}

bool zf_trace_call(struct zf_cpu *cpu, struct zf_linkage *l, uint32_t number) {
    bool wide = is_wide(l->mask);
    uint64_t address = with_mode(l->mask, l->address) | problem_bit(l->mask);
    struct entry e = {.length = 0};
    if (!asn_tracing(cpu)) {
        return true;
    }
    if (zf_asn_reuse(cpu) && number & 0x80000) {
        bool far = wide && address >> 32;
        add8(&e, far ? 0x23 : 0x22);
        add8(&e, cpu->key << 4 | (far ? 0xe : wide ? 0xa : 8) | wide);
        add16(&e, 0);
        (far ? add64 : add32)(&e, address);
        add32(&e, number);
    } else {
        add8(&e, wide ? 0x22 : 0x21);
        add8(&e, cpu->key << 4 | number >> 16);
        add16(&e, number);
        (wide ? add64 : add32)(&e, address);
    }
    return put_entry(cpu, l, &e);
}

bool zf_trace_return(struct zf_cpu *cpu, struct zf_linkage *l, uint64_t next) {
    uint64_t now = zf_psw_mask(cpu);
    uint64_t back = with_mode(l->mask, l->address) | problem_bit(l->mask);
    bool back_far = is_wide(l->mask) && back >> 32, next_far = is_wide(now) && next >> 32;
    unsigned form = (is_wide(l->mask) ? 8 : 0) | (back_far ? 4 : 0) | (is_wide(now) ? 2 : 0) |
                    (next_far ? 1 : 0);
    struct entry e = {.length = 0};
    if (!asn_tracing(cpu)) {
        return true;
    }
    add8(&e, 0x32u + back_far + next_far);
    add8(&e, cpu->key << 4 | form);
    add16(&e, zf_primary_asn(l->cr));
    (back_far ? add64 : add32)(&e, back);
    (next_far ? add64 : add32)(&e, with_mode(now, next));
    return put_entry(cpu, l, &e);
}

bool zf_trace_transfer(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i) {
    uint64_t r2 = cpu->gr[i->o.r2];
    bool wide = is_wide(l->mask), far = wide && r2 >> 32;
    struct entry e = {.length = 0};
    if (!asn_tracing(cpu)) {
        return true;
    }
    add8(&e, far ? 0x32 : 0x31);
    add8(&e, cpu->key << 4 | (far ? 0xc : wide ? 8 : 0) | (i->argument ? 1u : 0));
    add16(&e, (unsigned)cpu->gr[i->o.r1]);
    (far ? add64 : add32)(&e, r2);
    return put_entry(cpu, l, &e);
}

bool zf_trace_secondary(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i) {
    struct entry e = {.length = 0};
    if (!asn_tracing(cpu)) {
        return true;
    }
    add8(&e, 0x10);
    add8(&e, i->argument ? 1 : 0);
    add16(&e, (unsigned)cpu->gr[i->o.r1]);
    return put_entry(cpu, l, &e);
}

bool zf_trace_subspace(struct zf_cpu *cpu, struct zf_linkage *l, uint32_t alet, uint64_t target) {
    struct zf_linkage to = *l;
    struct entry e = {.length = 0};
    zf_linkage_branch(&to, target);
    if (!asn_tracing(cpu)) {
        return zf_trace_branch(cpu, l, to.mask, to.address);
    }
    bool wide = is_wide(l->mask);
    add32(&e, (wide ? 0x42000000u : 0x41000000u) | (alet >> 1 & 0x800000) | (alet & 0x7fffff));
    (wide ? add64 : add32)(&e, with_mode(to.mask, to.address));
    return put_entry(cpu, l, &e);
}

bool zf_trace_branch(struct zf_cpu *cpu, struct zf_linkage *l, uint64_t mask, uint64_t target) {
    struct entry e = {.length = 0};
    if (!(cpu->cr[12] & ZF_CR12_BRANCH_TRACE)) {
        return true;
    }
    if (is_wide(mask) && target >> 31) {
        add32(&e, 0x52c00000);
        add64(&e, target);
    } else {
        add32(&e, mask & ZF_PSW_BA ? target | 0x80000000 : target & 0xffffff);
    }
    return put_entry(cpu, l, &e);
}

static bool mode_changes(const struct zf_cpu *cpu, uint64_t from, uint64_t to) {
    return cpu->cr[12] & ZF_CR12_MODE_TRACE && (from ^ to) & ZF_PSW_EA;
}

/* From 64-bit mode or to it: `forms` for 24 or 31 bits, for 64 bits in a word, in two. */
static bool put_mode(struct zf_cpu *cpu, struct zf_linkage *l, const uint8_t forms[3],
                     uint64_t mask, uint64_t address) {
    bool wide = is_wide(mask), far = wide && address >> 32;
    struct entry e = {.length = 0};
    add8(&e, far ? 0x52 : 0x51);
    add8(&e, forms[far ? 2 : wide ? 1 : 0]);
    add16(&e, 0);
    (far ? add64 : add32)(&e, with_mode(mask, address));
    return put_entry(cpu, l, &e);
}

static const uint8_t mode_forms[] = {0x30, 0x20, 0x60};

bool zf_trace_mode(struct zf_cpu *cpu, struct zf_linkage *l, bool to_64) {
    return !mode_changes(cpu, l->mask, to_64 ? ZF_PSW_EA : 0) ||
           put_mode(cpu, l, mode_forms, l->mask, l->address);
}

bool zf_trace_mode_branch(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i,
                          uint64_t mask, uint64_t target) {
    static const uint8_t forms[] = {0xa0, 0xb0, 0xf0};
    uint64_t now = zf_psw_mask(cpu);
    if (!mode_changes(cpu, now, mask)) {
        return zf_trace_branch(cpu, l, mask, target);
    }
    if (cpu->cr[12] & ZF_CR12_BRANCH_TRACE) {
        return put_mode(cpu, l, forms, mask, target);
    }
    return put_mode(cpu, l, mode_forms, now, i->next);
}

/* The longest explicit entries: the table must have room for them, whatever the number of
 * registers. */
enum { LONGEST_32 = 76, LONGEST_64 = 144 };

/* Trace TOD-clock control: the clock is that of STORE CLOCK FAST, which model it is of goes to the
 * operand. */
#define CR0_FAST_CLOCK ZF_BIT64(32)

/* Bits 16-63 of the clock, or bits 0-79. */
static void add_clock(struct zf_cpu *cpu, struct entry *e, bool wide) {
    uint64_t tod = zf_clock_tod(cpu);
    if (wide) {
        add64(e, tod);
        add16(e, 0);
    } else {
        add16(e, (unsigned)(tod >> 32));
        add32(e, tod);
    }
}

/* TRACE, TRACG: nothing happens unless explicit tracing is on and bit 0 of the operand is zero */
enum zf_next zf_do_trace(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t address = zf_operand2(cpu, i), operand;
    unsigned count = ((i->o.r3 - i->o.r1) & 15u) + 1;
    bool wide = i->argument == 64;
    struct entry e = {.length = 0};
    if (address & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, address, 4, &operand)) {
        return ZF_NEXT_PGM;
    }
    if (!(cpu->cr[12] & ZF_CR12_EXPLICIT_TRACE) || operand >> 31) {
        return ZF_NEXT;
    }
    add8(&e, 0x70 | (count - 1));
    add8(&e, wide ? 0x80 : 0);
    add_clock(cpu, &e, wide);
    add32(&e, cpu->cr[0] & CR0_FAST_CLOCK ? operand & ~UINT64_C(0xff0000) : operand);
    for (unsigned n = 0; n < count; n++) {
        uint64_t value = cpu->gr[(i->o.r1 + n) & 15];
        (wide ? add64 : add32)(&e, value);
    }
    return zf_done(put(cpu, &cpu->cr[12], &e, wide ? LONGEST_64 : LONGEST_32));
}
