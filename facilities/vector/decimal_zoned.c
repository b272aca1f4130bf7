/*
 * Packing and unpacking of zoned decimal numbers. The instructions with a storage operand check
 * nothing; those between registers can be told to check digits and signs, or not.
 */
#include "vector/decimal.h"

enum { ZONE = 0xf0, ZONED_BYTES = 32 };
/* Bits of the M field of the instructions between registers. */
enum { NO_SIGN_VALIDATION = 8, NO_VALIDATION = 4 };

/* The last n digits of a packed number, and its sign as the zone of the last byte. */
static void unpack(zf_u128 bits, uint8_t *zoned, unsigned n) {
    uint8_t zone = (uint8_t)(bits << 4 & 0xf0);
    while (n-- > 0) {
        bits >>= 4;
        zoned[n] = (uint8_t)(zone | ((unsigned)bits & 0xf));
        zone = ZONE;
    }
}

static zf_u128 pack(const uint8_t *zoned, unsigned n) {
    zf_u128 bits = 0;
    for (unsigned k = 0; k < n; k++) {
        bits = bits << 4 | (zoned[k] & 0xf);
    }
    return bits << 4 | zoned[n - 1] >> 4;
}

/* Length of the storage operand, 1 to 31, or 0 with a specification exception. */
static unsigned zoned_length(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    unsigned length = (unsigned)i->o.i3 + 1;
    if (length > ZF_PACKED_DIGITS) {
        zf_pgm(cpu, ZF_PGM_SPECIFICATION);
        return 0;
    }
    return length;
}

/* VECTOR PACK ZONED */
enum zf_next zf_do_vpkz(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t zoned[ZONED_BYTES];
    unsigned n = zoned_length(cpu, i);
    if (!n || !zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), zoned, n)) {
        return ZF_NEXT_PGM;
    }
    zf_vr_set(cpu, i->o.v1, pack(zoned, n));
    return ZF_NEXT;
}

/* VECTOR UNPACK ZONED */
enum zf_next zf_do_vupkz(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t zoned[ZONED_BYTES];
    unsigned n = zoned_length(cpu, i);
    if (!n) {
        return ZF_NEXT_PGM;
    }
    unpack(zf_vr(cpu, i->o.v1), zoned, n);
    return zf_done(zf_store_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), zoned, n));
}

/* VECTOR UNPACK ZONED HIGH: the leftmost 15 digits; LOW: the others and the sign */
enum zf_next zf_do_vector_unpack_zoned(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { LOW_DIGITS = 16 };
    const struct zf_insn_call *i = zf_insn_call(call);
    bool low = i->argument;
    uint8_t zoned[LOW_DIGITS];
    zf_u128 bits = zf_vr(cpu, i->o.v2);
    bool sign_passes = i->o.m3 & NO_SIGN_VALIDATION || zf_sign_valid((unsigned)bits & 0xf);
    if (!(i->o.m3 & NO_VALIDATION) && !(sign_passes && zf_packed_digits_valid(bits))) {
        return zf_decimal_data_exception(cpu);
    }
    if (!low) {
        bits = bits >> (4 * LOW_DIGITS) | ZF_SIGN_UNSIGNED;
        bits = bits >> 4 << 4 | ZF_SIGN_UNSIGNED;
    } else if (i->o.m3 & ZF_DECIMAL_P1) {
        bits |= ZF_SIGN_UNSIGNED;
    }
    unpack(bits, zoned, LOW_DIGITS);
    zf_vr_from_storage(&cpu->vr[i->o.v1], zoned);
    return ZF_NEXT;
}

static bool zoned_digits_valid(const uint8_t *zoned) {
    for (unsigned k = 0; k < ZONED_BYTES; k++) {
        if ((zoned[k] & 0xf) > 9) {
            return false;
        }
    }
    return true;
}

/* VECTOR PACK ZONED REGISTER: 32 digits in V2 and V3, of which the result has at most 31 */
enum zf_next zf_do_vpkzr(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { RESERVED = 0x60 };
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned immediate = (unsigned)i->o.i4, count = immediate & ZF_DECIMAL_COUNT, m = i->o.m5;
    uint8_t zoned[ZONED_BYTES];
    if (immediate & RESERVED || !count) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_vr_to_storage(&cpu->vr[i->o.v2], zoned);
    zf_vr_to_storage(&cpu->vr[i->o.v3], zoned + 16);
    unsigned sign = zoned[ZONED_BYTES - 1] >> 4;
    bool digits_valid = zoned_digits_valid(zoned), sign_valid = zf_sign_valid(sign);
    if (!(m & NO_VALIDATION) && !(digits_valid && (sign_valid || m & NO_SIGN_VALIDATION))) {
        return zf_decimal_data_exception(cpu);
    }
    zf_u128 digits = pack(zoned + 1, ZONED_BYTES - 1) >> 4;
    zf_u128 kept = digits & (((zf_u128)1 << (4 * count)) - 1);
    bool overflow = kept != digits || zoned[0] & 0xf;
    sign = m & ZF_DECIMAL_P1 ? ZF_SIGN_UNSIGNED : sign;
    zf_vr_set(cpu, i->o.v1, kept << 4 | sign);
    if (m & ZF_DECIMAL_CS) {
        bool valid = digits_valid && sign_valid;
        cpu->cc = overflow || !valid ? 3 : !kept ? 0 : zf_sign_negative(sign) ? 1 : 2;
    }
    bool masked = immediate & ZF_DECIMAL_IOM || !(cpu->psw.mask & ZF_PSW_PM_DECIMAL_OVERFLOW);
    return overflow && !masked ? zf_raise(cpu, ZF_PGM_DECIMAL_OVERFLOW) : ZF_NEXT;
}
