/*
 * DFP numbers from and to decimal digits: packed in general registers, packed and zoned in storage.
 * Integers of any quantum: only sign and significand take part, the result's quantum is one.
 */
#include "decimal/packed.h"
#include "dfp/operand.h"

/* Codes and controls of the M3 field of conversions to and from storage. */
enum {
    SIGNED = 8,      /* the operand has a sign */
    ZONE_ASCII = 4,  /* zones are 0011, else 1111 */
    PLUS_IS_F = 2,   /* the plus sign is 1111, else 1100 */
    PLUS_ZERO = 1,   /* a result of zero is positive */
    IGNORE_SIGN = 1, /* CONVERT FROM PACKED: the sign is not looked at */
};

enum { REGISTER_DIGITS = 16, LONGEST = 36 };

/* Digits from the rightmost one, sixteen to a word. */
struct digits {
    uint64_t word[(LONGEST + REGISTER_DIGITS - 1) / REGISTER_DIGITS];
};

static struct digits digits_of(zf_u128 v) {
    const uint64_t unit = (uint64_t)zf_power_of_ten(REGISTER_DIGITS);
    struct digits d;
    for (unsigned n = 0; n < ZF_ARRAY_LENGTH(d.word); n++) {
        zf_u128 left = v / unit;
        d.word[n] = zf_digits_from_binary((uint64_t)(v - left * unit));
        v = left;
    }
    return d;
}

static unsigned digit_at(const struct digits *d, unsigned n) {
    return d->word[n / REGISTER_DIGITS] >> (4 * (n % REGISTER_DIGITS)) & 0xf;
}

static void set_digit(struct digits *d, unsigned n, unsigned digit) {
    d->word[n / REGISTER_DIGITS] |= (uint64_t)digit << (4 * (n % REGISTER_DIGITS));
}

/* False when there are digits that are none, or ones that are not zero beside the format's. */
static bool value_of(const struct digits *d, const struct zf_dfp_format *f, zf_u128 *v) {
    const uint64_t unit = (uint64_t)zf_power_of_ten(REGISTER_DIGITS);
    *v = 0;
    for (unsigned n = ZF_ARRAY_LENGTH(d->word); n-- > 0;) {
        if (!zf_digits_valid(d->word[n])) {
            return false;
        }
        *v = *v * unit + zf_digits_to_binary(d->word[n]);
    }
    return *v < zf_power_of_ten(f->digits);
}

static enum zf_next from_digits(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                const struct digits *d, bool sign) {
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = {.sign = sign};
    if (!value_of(d, f, &a.significand)) {
        return zf_done(zf_pgm_data(cpu, ZF_DXC_DECIMAL));
    }
    zf_dfp_put(cpu, f, i->o.r1, a);
    return ZF_NEXT;
}

static bool is_extended(const struct zf_insn_call *i) {
    return (i->argument & ZF_DFP_FORMAT) == ZF_DFP_EXTENDED;
}

/* CONVERT FROM SIGNED PACKED, CONVERT FROM UNSIGNED PACKED */
enum zf_next zf_do_dfp_from_register(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r = i->o.r2;
    if (is_extended(i) && r & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct digits d = {{cpu->gr[r]}};
    if (is_extended(i)) {
        d = (struct digits){{cpu->gr[r + 1], cpu->gr[r]}};
    }
    if (i->argument & ZF_DFP_LOGICAL) {
        return from_digits(cpu, i, &d, false);
    }
    unsigned sign = d.word[0] & 0xf;
    if (!zf_sign_valid(sign)) {
        return zf_done(zf_pgm_data(cpu, ZF_DXC_DECIMAL));
    }
    d.word[0] = d.word[0] >> 4 | d.word[1] << 60;
    d.word[1] >>= 4;
    return from_digits(cpu, i, &d, zf_sign_negative(sign));
}

static unsigned sign_code(bool negative, bool plus_is_f) {
    return negative ? 0xd : plus_is_f ? 0xf : 0xc;
}

/* CONVERT TO SIGNED PACKED, CONVERT TO UNSIGNED PACKED: the rightmost digits that fit */
enum zf_next zf_do_dfp_to_register(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r = i->o.r1;
    if (is_extended(i) && r & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct zf_dfp a = zf_dfp_get(cpu, zf_dfp_format_of(i), i->o.r2);
    struct digits d = digits_of(a.significand);
    if (!(i->argument & ZF_DFP_LOGICAL)) {
        d.word[1] = d.word[1] << 4 | d.word[0] >> 60;
        d.word[0] = d.word[0] << 4 | sign_code(a.sign, i->o.m4 & 1);
    }
    if (is_extended(i)) {
        cpu->gr[r] = d.word[1];
        cpu->gr[r + 1] = d.word[0];
    } else {
        cpu->gr[r] = d.word[0];
    }
    return ZF_NEXT;
}

/* Bytes of the storage operand; false: there are more than the format's digits can fill. */
static bool length_fits(const struct zf_insn_call *i, unsigned *length, bool zoned) {
    unsigned digits = zf_dfp_format_of(i)->digits;
    *length = i->o.l2 + 1u;
    return *length <= (zoned ? digits : digits / 2 + 1);
}

/* CONVERT FROM ZONED: zones do not count */
enum zf_next zf_do_dfp_from_zoned(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[LONGEST];
    unsigned length;
    if (!length_fits(i, &length, true)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, length)) {
        return ZF_NEXT_PGM;
    }
    struct digits d = {{0}};
    for (unsigned n = 0; n < length; n++) {
        set_digit(&d, n, bytes[length - 1 - n] & 0xf);
    }
    unsigned sign = bytes[length - 1] >> 4;
    bool has_sign = i->o.m3 & SIGNED;
    if (has_sign && !zf_sign_valid(sign)) {
        return zf_done(zf_pgm_data(cpu, ZF_DXC_DECIMAL));
    }
    return from_digits(cpu, i, &d, has_sign && zf_sign_negative(sign));
}

/* CONVERT FROM PACKED */
enum zf_next zf_do_dfp_from_packed(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[LONGEST / 2];
    unsigned length;
    if (!length_fits(i, &length, false)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, length)) {
        return ZF_NEXT_PGM;
    }
    bool has_sign = i->o.m3 & SIGNED, ignored = i->o.m3 & IGNORE_SIGN;
    struct digits d = {{0}};
    for (unsigned n = has_sign; n < 2 * length; n++) {
        set_digit(&d, n - has_sign, bytes[length - 1 - n / 2] >> (n % 2 ? 4 : 0) & 0xf);
    }
    unsigned sign = bytes[length - 1] & 0xf;
    if (has_sign && !ignored && !zf_sign_valid(sign)) {
        return zf_done(zf_pgm_data(cpu, ZF_DXC_DECIMAL));
    }
    return from_digits(cpu, i, &d, has_sign && !ignored && zf_sign_negative(sign));
}

/* What goes to storage: the rightmost digits, the sign's code, and the CC. */
struct stored {
    struct digits digits;
    unsigned sign, cc;
};

static struct stored to_storage(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                unsigned capacity) {
    struct zf_dfp a = zf_dfp_get(cpu, zf_dfp_format_of(i), i->o.r1);
    bool partial = zf_dfp_significance(a.significand) > capacity;
    unsigned cc = a.kind != ZF_DFP_FINITE || partial ? 3 : zf_dfp_cc(a);
    if (partial) {
        a.significand %= zf_power_of_ten(capacity);
    }
    bool negative = a.sign && !(i->o.m3 & PLUS_ZERO && !a.significand);
    return (struct stored){
        .digits = digits_of(a.significand),
        .sign = sign_code(negative, i->o.m3 & PLUS_IS_F),
        .cc = cc,
    };
}

static enum zf_next store(struct zf_cpu *cpu, const struct zf_insn_call *i, const uint8_t *bytes,
                          unsigned length, unsigned cc) {
    if (!zf_store_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, length)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = cc;
    return ZF_NEXT;
}

/* CONVERT TO ZONED */
enum zf_next zf_do_dfp_to_zoned(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[LONGEST];
    unsigned length;
    if (!length_fits(i, &length, true)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct stored s = to_storage(cpu, i, length);
    unsigned zone = i->o.m3 & ZONE_ASCII ? 0x30 : 0xf0;
    for (unsigned n = 0; n < length; n++) {
        bytes[length - 1 - n] = (uint8_t)(zone | digit_at(&s.digits, n));
    }
    if (i->o.m3 & SIGNED) {
        bytes[length - 1] = (uint8_t)(s.sign << 4 | digit_at(&s.digits, 0));
    }
    return store(cpu, i, bytes, length, s.cc);
}

/* CONVERT TO PACKED */
enum zf_next zf_do_dfp_to_packed(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[LONGEST / 2] = {0};
    unsigned length;
    if (!length_fits(i, &length, false)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    bool has_sign = i->o.m3 & SIGNED;
    struct stored s = to_storage(cpu, i, 2 * length - has_sign);
    for (unsigned n = 0; n < 2 * length; n++) {
        unsigned nibble = has_sign && n == 0 ? s.sign : digit_at(&s.digits, n - has_sign);
        bytes[length - 1 - n / 2] |= (uint8_t)(nibble << (n % 2 ? 4 : 0));
    }
    return store(cpu, i, bytes, length, s.cc);
}
