/*
 * Division by storage, and the multiplications that are no op of their own.
 */
#include "translator.h"

/* The second operand in storage, `size` bytes. */
static bool second_operand(struct zf_cpu *cpu, const struct zf_operands *o, unsigned size,
                           uint64_t *value) {
    return zf_load(cpu, zf_eax(cpu, o->x2, o->b2, o->d2), size, value);
}

/* The same for an instruction whose R1 is the even register of a pair. */
static bool pair_operand(struct zf_cpu *cpu, const struct zf_operands *o, unsigned size,
                         uint64_t *value) {
    if (o->r1 & 1) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    return second_operand(cpu, o, size, value);
}

/* D: 64 bits in the low halves of a pair by 32 bits. A divide exception suppresses. */
enum zf_next zf_do_divide(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint64_t value;
    if (!pair_operand(cpu, &i->o, 4, &value)) {
        return ZF_NEXT_PGM;
    }
    __int128 dividend = (int64_t)((uint64_t)zf_low(cpu, r1) << 32 | zf_low(cpu, r1 + 1));
    int32_t divisor = (int32_t)value;
    if (!divisor) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    __int128 quotient = dividend / divisor;
    if (quotient != (int32_t)quotient) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    zf_set_low(cpu, r1, (uint32_t)(dividend % divisor));
    zf_set_low(cpu, r1 + 1, (uint32_t)quotient);
    return ZF_NEXT;
}

/* DL */
enum zf_next zf_do_divide_logical(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint64_t value;
    if (!pair_operand(cpu, &i->o, 4, &value)) {
        return ZF_NEXT_PGM;
    }
    uint64_t dividend = (uint64_t)zf_low(cpu, r1) << 32 | zf_low(cpu, r1 + 1);
    uint32_t divisor = (uint32_t)value;
    if (dividend >> 32 >= divisor) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    zf_set_low(cpu, r1, (uint32_t)(dividend % divisor));
    zf_set_low(cpu, r1 + 1, (uint32_t)(dividend / divisor));
    return ZF_NEXT;
}

/* DLG */
enum zf_next zf_do_divide_logical64(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint64_t divisor;
    if (!pair_operand(cpu, &i->o, 8, &divisor)) {
        return ZF_NEXT_PGM;
    }
    if (cpu->gr[r1] >= divisor) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    unsigned __int128 dividend = (unsigned __int128)cpu->gr[r1] << 64 | cpu->gr[r1 + 1];
    cpu->gr[r1] = (uint64_t)(dividend % divisor);
    cpu->gr[r1 + 1] = (uint64_t)(dividend / divisor);
    return ZF_NEXT;
}

/* DSG, DSGF: the dividend is the odd register alone; the argument is the divisor's size in bytes */
enum zf_next zf_do_divide_single(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint64_t value;
    if (!pair_operand(cpu, &i->o, (unsigned)i->argument, &value)) {
        return ZF_NEXT_PGM;
    }
    int64_t divisor = i->argument == 4 ? (int32_t)value : (int64_t)value;
    int64_t dividend = (int64_t)cpu->gr[r1 + 1];
    if (!divisor || (divisor == -1 && dividend == INT64_MIN)) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    cpu->gr[r1] = (uint64_t)(dividend % divisor);
    cpu->gr[r1 + 1] = (uint64_t)(dividend / divisor);
    return ZF_NEXT;
}

static void set_product(struct zf_cpu *cpu, unsigned r1, uint64_t a, uint64_t b) {
    __int128 product = (__int128)(int64_t)a * (int64_t)b;
    cpu->gr[r1] = (uint64_t)((unsigned __int128)product >> 64);
    cpu->gr[r1 + 1] = (uint64_t)product;
}

/* MG: signed, 128-bit product */
enum zf_next zf_do_mg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t value;
    if (!pair_operand(cpu, &i->o, 8, &value)) {
        return ZF_NEXT_PGM;
    }
    set_product(cpu, i->o.r1, cpu->gr[i->o.r1 + 1], value);
    return ZF_NEXT;
}

/* MGRK */
enum zf_next zf_do_mgrk(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    if (o->r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    set_product(cpu, o->r1, cpu->gr[o->r2], cpu->gr[o->r3]);
    return ZF_NEXT;
}

/* The low part of the product into R1; its CC. `size` is that of the operands in bytes. */
static enum zf_next multiply_single(struct zf_cpu *cpu, unsigned r1, unsigned size, uint64_t a,
                                    uint64_t b) {
    int64_t product;
    int32_t word;
    bool overflow = size == 8 ? __builtin_mul_overflow((int64_t)a, (int64_t)b, &product)
                              : __builtin_mul_overflow((int32_t)a, (int32_t)b, &word);
    if (size == 8) {
        cpu->gr[r1] = (uint64_t)product;
    } else {
        product = word;
        zf_set_low(cpu, r1, (uint32_t)word);
    }
    cpu->cc = overflow ? 3 : product > 0 ? 2 : product < 0;
    return zf_overflow(cpu);
}

/* MSC, MSGC */
enum zf_next zf_do_multiply_single_cc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1, size = (unsigned)i->argument;
    uint64_t value;
    return second_operand(cpu, &i->o, size, &value)
               ? multiply_single(cpu, r1, size, cpu->gr[r1], value)
               : ZF_NEXT_PGM;
}

/* MSRKC, MSGRKC */
enum zf_next zf_do_multiply_single_cc_register(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    return multiply_single(cpu, i->o.r1, (unsigned)i->argument, cpu->gr[i->o.r2], cpu->gr[i->o.r3]);
}
