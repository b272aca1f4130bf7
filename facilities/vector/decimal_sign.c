/*
 * Signs and tests of packed and zoned decimal numbers in vector registers.
 */
#include "vector/decimal.h"

static zf_u128 digits_of(zf_u128 bits) {
    return bits >> 4;
}

/* The last n digits, 0 to 31. */
static zf_u128 last_digits(zf_u128 bits, unsigned n) {
    return digits_of(bits) & (((zf_u128)1 << (4 * n)) - 1);
}

/* Fields of VPSOP's second immediate. */
enum {
    NO_VALIDATION = 0x80,
    NEGATIVE_ZERO = 0x40,
    PRESERVE_SIGN = 0x10,
    OPERATION = 0x0c,
    MAINTAIN = 0x00,
    COMPLEMENT = 0x04,
    FORCE_POSITIVE = 0x08,
    FORCE_NEGATIVE = 0x0c,
    UNSIGNED_CODE = 0x02,
    SIGN_VALIDATION = 0x01,
};

static bool sign_is_checked(unsigned control) {
    switch (control & OPERATION) {
    case MAINTAIN:
        return !(control & NO_VALIDATION);
    case COMPLEMENT:
        return true;
    default:
        return control & SIGN_VALIDATION;
    }
}

/* The sign code of a result. A sign that is maintained and was not valid stays as it is. */
static unsigned result_sign(unsigned control, unsigned sign, bool zero) {
    bool negative = zf_sign_negative(sign);
    switch (control & OPERATION) {
    case MAINTAIN:
        if (control & PRESERVE_SIGN || !zf_sign_valid(sign)) {
            return sign;
        }
        break;
    case COMPLEMENT:
        negative = !negative;
        break;
    default:
        negative = (control & OPERATION) == FORCE_NEGATIVE;
    }
    if (negative && !(zero && !(control & NEGATIVE_ZERO))) {
        return ZF_SIGN_MINUS;
    }
    return control & UNSIGNED_CODE ? ZF_SIGN_UNSIGNED : ZF_SIGN_PLUS;
}

/* VECTOR PERFORM SIGN OPERATION DECIMAL: "zero" is what the digits that are kept are */
enum zf_next zf_do_vpsop(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { RESERVED = 0x60 };
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned immediate = (unsigned)i->o.i3, control = (unsigned)i->o.i4;
    unsigned count = immediate & ZF_DECIMAL_COUNT;
    zf_u128 bits = zf_vr(cpu, i->o.v2);
    unsigned sign = (unsigned)bits & 0xf;
    if (immediate & RESERVED || !count) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if ((!(control & NO_VALIDATION) && !zf_packed_digits_valid(bits)) ||
        (sign_is_checked(control) && !zf_sign_valid(sign))) {
        return zf_decimal_data_exception(cpu);
    }
    zf_u128 kept = last_digits(bits, count);
    bool overflow = kept != digits_of(bits);
    sign = result_sign(control, sign, !kept);
    zf_vr_set(cpu, i->o.v1, kept << 4 | sign);
    if (i->o.m5 & ZF_DECIMAL_CS) {
        cpu->cc = overflow ? 3 : !kept ? 0 : zf_sign_negative(sign) ? 1 : 2;
    }
    bool masked = immediate & ZF_DECIMAL_IOM || !(cpu->psw.mask & ZF_PSW_PM_DECIMAL_OVERFLOW);
    return overflow && !masked ? zf_raise(cpu, ZF_PGM_DECIMAL_OVERFLOW) : ZF_NEXT;
}

/* VECTOR COUNT LEADING ZERO DIGITS: M3 has no validation, negative zero, CC set */
enum zf_next zf_do_vclzdp(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { NO_VALIDATION_M3 = 4, NEGATIVE_ZERO_M3 = 2 };
    const struct zf_insn_call *i = zf_insn_call(call);
    zf_u128 bits = zf_vr(cpu, i->o.v2), digits = digits_of(bits);
    unsigned sign = (unsigned)bits & 0xf;
    bool valid = zf_packed_digits_valid(bits) && zf_sign_valid(sign);
    if (!valid && !(i->o.m3 & NO_VALIDATION_M3)) {
        return zf_decimal_data_exception(cpu);
    }
    unsigned count = digits ? (zf_clz128(digits) - 4) / 4 : ZF_PACKED_DIGITS;
    zf_vr_set(cpu, i->o.v1, (zf_u128)count << 64);
    if (i->o.m3 & ZF_DECIMAL_CS) {
        bool negative = zf_sign_negative(sign);
        bool zero = !digits && !(negative && i->o.m3 & NEGATIVE_ZERO_M3);
        cpu->cc = !valid ? 3 : zero ? 0 : negative ? 1 : 2;
    }
    return ZF_NEXT;
}

/*
 * A sign-test control (STC) and the sign codes that it accepts, bit 15 for code 0; the last bit of
 * the control makes a negative zero invalid.
 */
static bool sign_passes(unsigned control, unsigned sign, bool zero) {
    enum { ANY = 0x3f, PREFERRED = 0x0c, UNSIGNED = 0x01, NEGATIVE = 0x14 };
    static const uint8_t accepted[4] = {ANY, PREFERRED, UNSIGNED, PREFERRED | UNSIGNED};
    unsigned codes = accepted[control >> 1];
    if (control & 1 && zero) {
        codes &= ~(unsigned)NEGATIVE;
    }
    return codes >> (15 - sign) & 1;
}

static void set_test_cc(struct zf_cpu *cpu, bool digits_valid, bool sign_valid) {
    cpu->cc = (digits_valid ? 0u : 2u) + (sign_valid ? 0u : 1u);
}

/* VECTOR TEST DECIMAL: CC 1 the sign is invalid, 2 a digit, 3 both */
enum zf_next zf_do_vtp(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { ENHANCED = 0x8000, PADDING = 0x4000 };
    const struct zf_insn_call *i = zf_insn_call(call);
    zf_u128 bits = zf_vr(cpu, i->o.v1);
    unsigned control = (unsigned)i->o.i2, sign = (unsigned)bits & 0xf;
    if (!(control & ENHANCED)) {
        set_test_cc(cpu, zf_packed_digits_valid(bits), zf_sign_valid(sign));
        return ZF_NEXT;
    }
    unsigned count = control & ZF_DECIMAL_COUNT;
    zf_u128 tested = last_digits(bits, count);
    /* of an even number, the digit that fills the leftmost byte */
    bool padding = count && count % 2 == 0 && control & PADDING;
    bool padded = !padding || last_digits(bits, count + 1) == tested;
    set_test_cc(cpu, padded && zf_packed_digits_valid(tested << 4),
                sign_passes(control >> 5 & 7, sign, count && !tested));
    return ZF_NEXT;
}

/* Where a zoned number has its sign, and what its bytes are: VTZ's immediate. */
struct zoned_test {
    unsigned count; /* digits */
    unsigned
        unspaced;  /* so many of the rightmost must be digits, those left of them may be spaces */
    bool separate; /* the sign is a byte of its own */
    bool leading;  /* it is the first byte, or in that */
    unsigned sign_test; /* STC */
    uint8_t bytes[32];
};

/* Whether byte k of the number is a digit, or a space where there may be some. */
static bool zoned_byte_valid(const struct zoned_test *t, unsigned from_right, bool has_sign,
                             uint8_t byte) {
    enum { SPACE = 0x40 };
    if (byte == SPACE && from_right >= t->unspaced) {
        return true;
    }
    return (byte & 0xf) <= 9 && (has_sign || byte >> 4 == 0xf);
}

static void test_zoned(struct zf_cpu *cpu, const struct zoned_test *t) {
    enum { PLUS = 0x4e, MINUS = 0x60, SPACE = 0x40 };
    unsigned last = 31 - (t->separate && !t->leading);
    unsigned sign_at = t->leading ? last - t->count + !t->separate : 31;
    bool valid = true, zero = true;
    for (unsigned k = 0; k < t->count; k++) {
        uint8_t byte = t->bytes[last - k];
        bool has_sign = last - k == sign_at;
        valid &= zoned_byte_valid(t, k, has_sign, byte);
        zero &= !(byte & 0xf);
    }
    unsigned sign = t->bytes[sign_at];
    bool sign_valid = sign_passes(t->sign_test, sign >> 4, valid && zero);
    if (t->separate) {
        bool minus = sign == MINUS && !(t->sign_test & 1 && valid && zero);
        sign_valid = sign == PLUS || minus;
    }
    set_test_cc(cpu, valid, sign_valid);
}

/* VECTOR TEST ZONED: the number is right-aligned in V1 and V2 */
enum zf_next zf_do_vtz(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned control = (unsigned)i->o.i3;
    struct zoned_test t = {
        .count = control & ZF_DECIMAL_COUNT,
        .separate = control & 0x4000,
        .leading = control & 0x2000,
        .sign_test = control >> 5 & 7,
    };
    if (!t.count) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    bool spaces = !t.separate && !t.leading;
    t.unspaced = spaces ? control >> 8 & ZF_DECIMAL_COUNT : t.count;
    zf_vr_to_storage(&cpu->vr[i->o.v1], t.bytes);
    zf_vr_to_storage(&cpu->vr[i->o.v2], t.bytes + 16);
    test_zoned(cpu, &t);
    return ZF_NEXT;
}
