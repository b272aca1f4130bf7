/*
 * Interlocked update: compare and swap, load and add, test and set, pairs. Each is one atomic
 * operation of the host on the operand's own bytes, so that it is whole on all CPUs.
 */
#include "general/argument.h"
#include "translator.h"

/* An operand that is not on its boundary is a specification exception. */
static bool aligned(struct zf_cpu *cpu, uint64_t address, unsigned size) {
    return !(address & (size - 1)) || zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

/* CS, CSY, CSG */
void zf_tr_compare_swap(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = zf_base_reg(t->o->b2);
    ir->x = ZF_REG(t->o->r3);
    ir->imm = t->o->d2;
}

/* The contents of a pair as they lie in storage: low halves or whole registers. */
static void pair_bytes(const struct zf_cpu *cpu, unsigned r, unsigned size, uint8_t bytes[16]) {
    if (size == 16) {
        zf_put64(bytes, cpu->gr[r]);
        zf_put64(bytes + 8, cpu->gr[r + 1]);
    } else {
        zf_put32(bytes, zf_low(cpu, r));
        zf_put32(bytes + 4, zf_low(cpu, r + 1));
    }
}

static void set_pair(struct zf_cpu *cpu, unsigned r, unsigned size, const uint8_t bytes[16]) {
    if (size == 16) {
        cpu->gr[r] = zf_get64(bytes);
        cpu->gr[r + 1] = zf_get64(bytes + 8);
    } else {
        zf_set_low(cpu, r, zf_get32(bytes));
        zf_set_low(cpu, r + 1, zf_get32(bytes + 4));
    }
}

/* CDS, CDSY, CDSG: the argument is the size of a pair in bytes */
enum zf_next zf_do_compare_swap_pair(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    unsigned size = (unsigned)i->argument;
    uint64_t address = zf_ea(cpu, o->b2, o->d2);
    uint8_t expected[16], replacement[16];
    if ((o->r1 | o->r3) & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint8_t *host = aligned(cpu, address, size) ? zf_interlocked(cpu, address, size) : NULL;
    if (!host) {
        return ZF_NEXT_PGM;
    }
    pair_bytes(cpu, o->r1, size, expected);
    pair_bytes(cpu, o->r3, size, replacement);
    cpu->cc = !zf_interlocked_swap(host, size, expected, replacement);
    if (cpu->cc) {
        set_pair(cpu, o->r1, size, expected);
    }
    return ZF_NEXT;
}

/* What CSST takes from general register 0: operand sizes in bytes. */
struct csst_sizes {
    unsigned compared;
    unsigned stored;
};

/* Function code and storage characteristic; the largest of each came with facility 33. */
static bool csst_sizes(struct zf_cpu *cpu, unsigned r3, struct csst_sizes *sizes) {
    unsigned function = cpu->gr[0] & 0xff;
    unsigned characteristic = cpu->gr[0] >> 8 & 0xff;
    bool second = zf_has_facility(cpu, ZF_FACILITY_CSST_2);
    *sizes = (struct csst_sizes){4u << (function & 3), 1u << (characteristic & 7)};
    return function <= (second ? 2u : 1u) && characteristic <= (second ? 4u : 3u) &&
           !(function == 2 && r3 & 1);
}

/* The comparison value in R3, left-aligned, and back. */
static void csst_register(struct zf_cpu *cpu, unsigned r3, unsigned size, uint8_t bytes[16]) {
    if (size == 4) {
        zf_put32(bytes, zf_low(cpu, r3));
    } else if (size == 8) {
        zf_put64(bytes, cpu->gr[r3]);
    } else {
        pair_bytes(cpu, r3, size, bytes);
    }
}

static void csst_set_register(struct zf_cpu *cpu, unsigned r3, unsigned size,
                              const uint8_t bytes[16]) {
    if (size == 4) {
        zf_set_low(cpu, r3, zf_get32(bytes));
    } else if (size == 8) {
        cpu->gr[r3] = zf_get64(bytes);
    } else {
        set_pair(cpu, r3, size, bytes);
    }
}

/* CSST: the parameter list at GR1 has the replacement value and, 16 bytes on, what is stored. */
enum zf_next zf_do_csst(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t first = zf_ea(cpu, o->b1, o->d1);
    uint64_t second = zf_ea(cpu, o->b2, o->d2);
    uint64_t list = zf_wrap(cpu, cpu->gr[1]) & ~UINT64_C(15);
    struct csst_sizes size;
    uint8_t expected[16], replacement[16], stored[16];
    if (!csst_sizes(cpu, o->r3, &size)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!aligned(cpu, first, size.compared) || !aligned(cpu, second, size.stored) ||
        !zf_load_by(cpu, 1, list, replacement, size.compared) ||
        !zf_load_by(cpu, 1, list + 16, stored, size.stored) ||
        !zf_probe_by(cpu, o->b2, second, size.stored) || !zf_use(cpu, o->b1)) {
        return ZF_NEXT_PGM;
    }
    uint8_t *host = zf_interlocked(cpu, first, size.compared);
    if (!host) {
        return ZF_NEXT_PGM;
    }
    csst_register(cpu, o->r3, size.compared, expected);
    cpu->cc = !zf_interlocked_swap(host, size.compared, expected, replacement);
    if (cpu->cc) {
        csst_set_register(cpu, o->r3, size.compared, expected);
        return ZF_NEXT;
    }
    return zf_done(zf_store_by(cpu, o->b2, second, stored, size.stored));
}

static uint32_t cc_signed(int64_t value) {
    return value > 0 ? 2 : value < 0;
}

/* Sum of signed numbers, with its CC; overflow gives CC 3. */
static uint64_t add_signed(uint32_t *cc, unsigned size, uint64_t a, uint64_t b) {
    int64_t sum;
    int32_t word;
    bool overflow = size == 8 ? __builtin_add_overflow((int64_t)a, (int64_t)b, &sum)
                              : __builtin_add_overflow((int32_t)a, (int32_t)b, &word);
    sum = size == 8 ? sum : word;
    *cc = overflow ? 3 : cc_signed(sum);
    return (uint64_t)sum;
}

static uint64_t add_logical(uint32_t *cc, unsigned size, uint64_t a, uint64_t b) {
    uint64_t mask = ~UINT64_C(0) >> (64 - 8 * size);
    uint64_t sum = (a + b) & mask;
    *cc = (sum != 0) | (uint32_t)(sum < (a & mask)) << 1;
    return sum;
}

/* The result that goes to storage, and the CC. */
static uint64_t updated(uint32_t *cc, int32_t argument, uint64_t a, uint64_t b) {
    unsigned size = argument & ZF_UPDATE_64 ? 8 : 4;
    uint64_t result;
    switch ((enum zf_update)(argument & ZF_UPDATE_OPERATION)) {
    case ZF_UPDATE_ADD:
        return add_signed(cc, size, a, b);
    case ZF_UPDATE_ADD_LOGICAL:
        return add_logical(cc, size, a, b);
    case ZF_UPDATE_AND:
        result = a & b;
        break;
    case ZF_UPDATE_XOR:
        result = a ^ b;
        break;
    default:
        result = a | b;
    }
    *cc = result != 0;
    return result;
}

/* LAA, LAAL, LAN, LAO, LAX and their 64-bit forms: R1 gets what was in storage */
enum zf_next zf_do_load_and(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    unsigned size = i->argument & ZF_UPDATE_64 ? 8 : 4;
    uint64_t address = zf_ea(cpu, o->b2, o->d2);
    uint8_t *host = aligned(cpu, address, size) ? zf_interlocked(cpu, address, size) : NULL;
    if (!host) {
        return ZF_NEXT_PGM;
    }
    uint64_t third = size == 8 ? cpu->gr[o->r3] : zf_low(cpu, o->r3);
    uint64_t value;
    uint32_t cc;
    uint8_t expected[8], result[8];
    memcpy(expected, host, size);
    do {
        value = size == 8 ? zf_get64(expected) : zf_get32(expected);
        uint64_t sum = updated(&cc, i->argument, value, third);
        if (size == 8) {
            zf_put64(result, sum);
        } else {
            zf_put32(result, (uint32_t)sum);
        }
    } while (!zf_interlocked_swap(host, size, expected, result));
    cpu->cc = cc;
    if (size == 8) {
        cpu->gr[o->r1] = value;
    } else {
        zf_set_low(cpu, o->r1, (uint32_t)value);
    }
    return (i->argument & ZF_UPDATE_OPERATION) == ZF_UPDATE_ADD ? zf_overflow(cpu) : ZF_NEXT;
}

/* LPD, LPDG: always as one interlocked fetch, CC 0; the argument is the size in bytes */
enum zf_next zf_do_load_pair_disjoint(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    unsigned size = (unsigned)i->argument;
    uint64_t at[2] = {zf_ea(cpu, o->b1, o->d1), zf_ea(cpu, o->b2, o->d2)};
    uint64_t value[2];
    if (o->r3 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!aligned(cpu, at[0] | at[1], size) || !zf_use(cpu, o->b1) ||
        !zf_load(cpu, at[0], size, &value[0]) || !zf_use(cpu, o->b2) ||
        !zf_load(cpu, at[1], size, &value[1])) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < 2; n++) {
        if (size == 8) {
            cpu->gr[o->r3 + n] = value[n];
        } else {
            zf_set_low(cpu, o->r3 + n, (uint32_t)value[n]);
        }
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* LPQ */
enum zf_next zf_do_lpq(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_eax(cpu, o->x2, o->b2, o->d2);
    uint8_t bytes[16];
    if (o->r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    const uint8_t *host =
        aligned(cpu, address, 16) ? zf_operand_whole(cpu, address, 16, ZF_ACCESS_READ) : NULL;
    if (!host) {
        return ZF_NEXT_PGM;
    }
    zf_quadword_get(host, bytes);
    set_pair(cpu, o->r1, 16, bytes);
    return ZF_NEXT;
}

/* STPQ */
enum zf_next zf_do_stpq(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_eax(cpu, o->x2, o->b2, o->d2);
    uint8_t bytes[16];
    if (o->r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint8_t *host =
        aligned(cpu, address, 16) ? zf_operand_whole(cpu, address, 16, ZF_ACCESS_WRITE) : NULL;
    if (!host) {
        return ZF_NEXT_PGM;
    }
    pair_bytes(cpu, o->r1, 16, bytes);
    zf_quadword_put(host, bytes);
    return ZF_NEXT;
}

/* TS: the byte becomes all ones, CC is its leftmost bit */
enum zf_next zf_do_ts(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_ea(cpu, o->b1, o->d1);
    uint8_t *host = zf_interlocked(cpu, address, 1);
    if (!host) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = __atomic_exchange_n(host, 0xff, __ATOMIC_SEQ_CST) >> 7;
    return ZF_NEXT;
}

/*
 * COMPARE AND LOAD: the first operand is loaded, or, when it is what the register has, the second;
 * both are fetched as one. The argument: bits compared, and whether all of the register changes.
 */
enum zf_next zf_do_compare_and_load(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    bool whole = i->argument != ZF_LOAD_32;
    unsigned first_size = i->argument == ZF_LOAD_64 ? 8 : 4, second_size = whole ? 8 : 4;
    uint64_t first_address = zf_ea(cpu, o->b1, o->d1), second_address = zf_ea(cpu, o->b2, o->d2);
    uint64_t first, second;
    if (!aligned(cpu, first_address, first_size) || !aligned(cpu, second_address, second_size) ||
        !zf_use(cpu, o->b1) || !zf_load(cpu, first_address, first_size, &first) ||
        !zf_use(cpu, o->b2) || !zf_load(cpu, second_address, second_size, &second)) {
        return ZF_NEXT_PGM;
    }
    bool equal = first == (first_size == 8 ? cpu->gr[o->r3] : zf_low(cpu, o->r3));
    uint64_t value = equal ? second : first;
    if (whole) {
        cpu->gr[o->r3] = value;
    } else {
        zf_set_low(cpu, o->r3, (uint32_t)value);
    }
    cpu->cc = !equal;
    return ZF_NEXT;
}
