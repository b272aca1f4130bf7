/*
 * Arithmetic shifts to the left, which can overflow, and shifts of register pairs.
 */
#include "general/argument.h"
#include "translator.h"

static unsigned amount_of(const struct zf_cpu *cpu, const struct zf_operands *o) {
    return (unsigned)((o->b2 ? cpu->gr[o->b2] : 0) + (uint64_t)o->d2) & 63;
}

static uint32_t cc_of(int64_t value) {
    return value > 0 ? 2 : value < 0;
}

/*
 * Shifts the numeric part, the sign stays; sets the CC, 3 when a bit unlike the sign was shifted
 * out: of a negative value that includes the zeros that came in from the right. The value is
 * sign-extended, `width` is 32 or 64.
 */
static int64_t shift_left(struct zf_cpu *cpu, int64_t value, unsigned amount, unsigned width) {
    unsigned numeric = width - 1;
    uint64_t mask = (UINT64_C(1) << numeric) - 1;
    int64_t out = amount < numeric ? value >> (numeric - amount) : value;
    uint64_t shifted = (uint64_t)value << amount & mask;
    int64_t result = (int64_t)(value < 0 ? shifted | ~mask : shifted);
    bool overflow = (out != 0 && out != -1) || (value < 0 && amount > numeric);
    cpu->cc = overflow ? 3 : cc_of(result);
    return result;
}

/* SLA, SLAK, SLAG */
enum zf_next zf_do_shift_left(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t value = cpu->gr[i->argument & ZF_SHIFT_R3 ? i->o.r3 : i->o.r1];
    unsigned amount = amount_of(cpu, &i->o);
    if (i->argument & ZF_SHIFT_64) {
        cpu->gr[i->o.r1] = (uint64_t)shift_left(cpu, (int64_t)value, amount, 64);
    } else {
        zf_set_low(cpu, i->o.r1, (uint32_t)shift_left(cpu, (int32_t)value, amount, 32));
    }
    return zf_overflow(cpu);
}

/* SLDA, SLDL, SRDA, SRDL: the low halves of an even-odd pair */
enum zf_next zf_do_shift_double(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    unsigned amount = amount_of(cpu, &i->o);
    if (r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t value = (uint64_t)zf_low(cpu, r1) << 32 | zf_low(cpu, r1 + 1);
    switch ((enum zf_shift)i->argument) {
    case ZF_SHIFT_LEFT_ARITHMETIC:
        value = (uint64_t)shift_left(cpu, (int64_t)value, amount, 64);
        break;
    case ZF_SHIFT_LEFT_LOGICAL:
        value <<= amount;
        break;
    case ZF_SHIFT_RIGHT_ARITHMETIC:
        value = (uint64_t)((int64_t)value >> amount);
        cpu->cc = cc_of((int64_t)value);
        break;
    case ZF_SHIFT_RIGHT_LOGICAL:
        value >>= amount;
        break;
    }
    zf_set_low(cpu, r1, (uint32_t)(value >> 32));
    zf_set_low(cpu, r1 + 1, (uint32_t)value);
    return i->argument == ZF_SHIFT_LEFT_ARITHMETIC ? zf_overflow(cpu) : ZF_NEXT;
}
