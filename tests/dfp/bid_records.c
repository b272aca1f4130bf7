/*
 * Writes records of random DFP instructions whose results come from Intel's decimal library: all
 * operations that it has, in its five rounding modes, with the flags that they raise. bid.py builds
 * this with the library that tests/tools/peers fetched. Left out: two NaNs, of which the library
 * always takes the first; NaNs that change the format, whose payload it shifts to the left.
 * * Usage: bid_records SEED COUNT
 */
#include "record.h"

#include <bid_conf.h>
#include <bid_functions.h>
#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 wide;

/* The machine's numbers of the library's rounding modes 0 to 4. */
static const unsigned rounding_of[] = {0, 3, 2, 1, 4};
enum { MODES = 5, LONG_BIAS = 398, LONG_MOST = 767, EXTENDED_BIAS = 6176, EXTENDED_MOST = 12287 };

static uint64_t state;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static unsigned below(unsigned n) {
    return (unsigned)(next() >> 33) % n;
}

static wide power(unsigned n) {
    wide v = 1;
    while (n--) {
        v *= 10;
    }
    return v;
}

/* Few digits or all of them, zeros, nines and fives at the end. */
static wide digits_of_any_kind(unsigned digits) {
    unsigned n = below(3) ? digits : below(digits + 1);
    wide v = ((wide)next() << 64 | next()) % power(n);
    unsigned cut = below(n + 1);
    switch (below(5)) {
    case 0:
        return v / power(cut) * power(cut);
    case 1:
        return v / power(cut) * power(cut) + (cut ? 5 * power(cut - 1) : 0);
    case 2:
        return power(n) - 1 - (n ? below(2) : 0);
    default:
        return v;
    }
}

static int exponent(int near, int digits, int most) {
    int e = near + (int)below(2 * (unsigned)digits + 8) - digits - 4;
    switch (below(8)) {
    case 0:
        e = (int)below((unsigned)most + 1);
        break;
    case 1:
        e = (int)below(2 * (unsigned)digits);
        break;
    case 2:
        e = most - (int)below(2 * (unsigned)digits);
        break;
    default:
        break;
    }
    return e < 0 ? 0 : e > most ? most : e;
}

/* Infinities and NaNs now and then; else a sign, a significand, an exponent. */
static BID_UINT64 random_long(int near) {
    uint64_t sign = next() & UINT64_C(1) << 63;
    if (!below(24)) {
        static const uint64_t special[] = {UINT64_C(0x7800) << 48, UINT64_C(0x7c00) << 48,
                                           UINT64_C(0x7e00) << 48};
        unsigned which = below(3);
        return sign | special[which] | (which ? next() % UINT64_C(1000000000000000) : 0);
    }
    uint64_t c = (uint64_t)digits_of_any_kind(16), e = (uint64_t)exponent(near, 16, LONG_MOST);
    return c >> 53 ? sign | UINT64_C(3) << 61 | e << 51 | (c & ((UINT64_C(1) << 51) - 1))
                   : sign | e << 53 | c;
}

static BID_UINT128 random_extended(int near) {
    uint64_t sign = next() & UINT64_C(1) << 63;
    wide v;
    if (!below(24)) {
        static const uint64_t special[] = {UINT64_C(0x7800) << 48, UINT64_C(0x7c00) << 48,
                                           UINT64_C(0x7e00) << 48};
        unsigned which = below(3);
        v = (wide)(sign | special[which]) << 64;
        v |= which ? ((wide)next() << 64 | next()) % power(33) : 0;
    } else {
        uint64_t e = (uint64_t)exponent(near, 34, EXTENDED_MOST);
        v = (wide)(sign | e << 49) << 64 | digits_of_any_kind(34);
    }
    return (BID_UINT128){.w = {(uint64_t)v, (uint64_t)(v >> 64)}};
}

/* One instruction: what it works on, in the library's encoding, and what the library made of it. */
struct job {
    struct dfp_record r;
    unsigned mode;
    bool left_out; /* a matter in which the library is known to have other rules */
    _IDEC_flags flags;
};

static void put_long(uint64_t *pair, BID_UINT64 v) {
    pair[0] = htobe64(bid_to_dpd64(v));
}
static void put_extended(uint64_t *pair, BID_UINT128 v) {
    BID_UINT128 d = bid_to_dpd128(v);
    pair[0] = htobe64(d.w[1]);
    pair[1] = htobe64(d.w[0]);
}

static void code(struct job *j, unsigned opcode, unsigned third) {
    bool reads_general = j->r.unused[0] == 'g', writes_general = j->r.unused[0] == 'G';
    j->r.code[0] = (uint8_t)(opcode >> 8);
    j->r.code[1] = (uint8_t)opcode;
    j->r.code[2] = (uint8_t)third;
    j->r.code[3] = (uint8_t)((writes_general ? 0x60 : 0) | (reads_general ? 6 : 4));
    j->r.length = 4;
    j->r.unused[0] = 0;
}

static bool is_nan64(BID_UINT64 v) {
    return (v & UINT64_C(0x7c00) << 48) == UINT64_C(0x7c00) << 48;
}

static uint8_t cc_of(bool nan, bool zero, bool sign) {
    return nan ? 3 : zero ? 0 : sign ? 1 : 2;
}

static uint8_t cc_long(BID_UINT64 v) {
    return cc_of(is_nan64(v), bid64_isZero(v), v >> 63);
}
static uint8_t cc_extended(BID_UINT128 v) {
    return cc_of(is_nan64(v.w[1]), bid128_isZero(v), v.w[1] >> 63);
}

enum { R3 = 0x10 };

static void arithmetic_long(struct job *j) {
    typedef BID_UINT64 function(BID_UINT64, BID_UINT64, _IDEC_round, _IDEC_flags *);
    static function *const functions[] = {bid64_add, bid64_sub, bid64_mul, bid64_div,
                                          bid64_quantize};
    static const unsigned opcodes[] = {0xb3d2, 0xb3d3, 0xb3d0, 0xb3d1, 0xb3f5};
    unsigned which = below(5);
    int near = (int)below(LONG_MOST + 1);
    BID_UINT64 a = random_long(near), b = random_long(which == 3 && below(2) ? LONG_BIAS : near);
    BID_UINT64 v = functions[which](a, b, j->mode, &j->flags);
    j->left_out = is_nan64(a) && is_nan64(b);
    put_long(which == 4 ? j->r.f1 : j->r.f4, a);
    put_long(which == 4 ? j->r.f4 : j->r.f1, b);
    put_long(j->r.f0_after, v);
    j->r.cc_after = which < 2 ? cc_long(v) : j->r.cc_before;
    code(j, opcodes[which], R3);
}

static void arithmetic_extended(struct job *j) {
    typedef BID_UINT128 function(BID_UINT128, BID_UINT128, _IDEC_round, _IDEC_flags *);
    static function *const functions[] = {bid128_add, bid128_sub, bid128_mul, bid128_div,
                                          bid128_quantize};
    static const unsigned opcodes[] = {0xb3da, 0xb3db, 0xb3d8, 0xb3d9, 0xb3fd};
    unsigned which = below(5);
    int near = (int)below(EXTENDED_MOST + 1);
    BID_UINT128 a = random_extended(near);
    BID_UINT128 b = random_extended(which == 3 && below(2) ? EXTENDED_BIAS : near);
    BID_UINT128 v = functions[which](a, b, j->mode, &j->flags);
    j->left_out = is_nan64(a.w[1]) && is_nan64(b.w[1]);
    put_extended(which == 4 ? j->r.f1 : j->r.f4, a);
    put_extended(which == 4 ? j->r.f4 : j->r.f1, b);
    put_extended(j->r.f0_after, v);
    j->r.cc_after = which < 2 ? cc_extended(v) : j->r.cc_before;
    code(j, opcodes[which], R3);
}

static void compare_long(struct job *j) {
    int near = (int)below(LONG_MOST + 1);
    BID_UINT64 a = random_long(near), b = below(4) ? random_long(near) : a;
    bool signaling = below(2), less, greater;
    if (signaling) {
        less = bid64_signaling_less(a, b, &j->flags);
        greater = bid64_signaling_greater(a, b, &j->flags);
    } else {
        less = bid64_quiet_less(a, b, &j->flags);
        greater = bid64_quiet_greater(a, b, &j->flags);
    }
    put_long(j->r.f0, a);
    memcpy(j->r.f0_after, j->r.f0, sizeof j->r.f0);
    put_long(j->r.f4, b);
    j->r.cc_after = is_nan64(a) || is_nan64(b) ? 3 : less ? 1 : greater ? 2 : 0;
    code(j, signaling ? 0xb3e0 : 0xb3e4, 0);
}

static void compare_extended(struct job *j) {
    int near = (int)below(EXTENDED_MOST + 1);
    BID_UINT128 a = random_extended(near), b = below(4) ? random_extended(near) : a;
    bool signaling = below(2), less, greater;
    if (signaling) {
        less = bid128_signaling_less(a, b, &j->flags);
        greater = bid128_signaling_greater(a, b, &j->flags);
    } else {
        less = bid128_quiet_less(a, b, &j->flags);
        greater = bid128_quiet_greater(a, b, &j->flags);
    }
    put_extended(j->r.f0, a);
    memcpy(j->r.f0_after, j->r.f0, sizeof j->r.f0);
    put_extended(j->r.f4, b);
    j->r.cc_after = is_nan64(a.w[1]) || is_nan64(b.w[1]) ? 3 : less ? 1 : greater ? 2 : 0;
    code(j, signaling ? 0xb3e8 : 0xb3ec, 0);
}

/* LOAD ROUNDED and LOAD LENGTHENED, LOAD FP INTEGER */
static void load(struct job *j) {
    BID_UINT64 a = random_long(below(2) ? LONG_BIAS : (int)below(LONG_MOST + 1));
    BID_UINT128 x = random_extended(EXTENDED_BIAS - LONG_BIAS + (int)below(LONG_MOST + 1));
    unsigned which = below(5);
    j->left_out = which < 3 && is_nan64(which ? a : x.w[1]);
    switch (which) {
    case 0:
        put_extended(j->r.f4, x);
        put_long(j->r.f0_after, bid128_to_bid64(x, j->mode, &j->flags));
        code(j, 0xb3dd, 0);
        break;
    case 1:
        put_long(j->r.f4, a);
        j->r.f0_after[0] =
            htobe64((uint64_t)bid_to_dpd32(bid64_to_bid32(a, j->mode, &j->flags)) << 32);
        code(j, 0xb3d5, 0);
        break;
    case 2:
        put_long(j->r.f4, a);
        put_extended(j->r.f0_after, bid64_to_bid128(a, &j->flags));
        code(j, 0xb3dc, 0);
        break;
    case 3:
        put_long(j->r.f4, a);
        put_long(j->r.f0_after, bid64_round_integral_exact(a, j->mode, &j->flags));
        code(j, 0xb3d7, 0);
        break;
    default:
        x = random_extended(EXTENDED_BIAS - 10);
        put_extended(j->r.f4, x);
        put_extended(j->r.f0_after, bid128_round_integral_exact(x, j->mode, &j->flags));
        code(j, 0xb3df, 0);
    }
}

static void integers(struct job *j) {
    typedef BID_SINT64 to_int64(BID_UINT64, _IDEC_flags *);
    typedef BID_UINT64 to_uint64(BID_UINT64, _IDEC_flags *);
    static to_int64 *const to_signed[] = {bid64_to_int64_xrnint, bid64_to_int64_xfloor,
                                          bid64_to_int64_xceil, bid64_to_int64_xint,
                                          bid64_to_int64_xrninta};
    static to_uint64 *const to_logical[] = {bid64_to_uint64_xrnint, bid64_to_uint64_xfloor,
                                            bid64_to_uint64_xceil, bid64_to_uint64_xint,
                                            bid64_to_uint64_xrninta};
    BID_UINT64 a = random_long(LONG_BIAS - 5);
    uint64_t v = next() >> below(64);
    unsigned which = below(4);
    if (which < 2) {
        put_long(j->r.f4, a);
        uint64_t r = which ? (uint64_t)to_logical[j->mode](a, &j->flags)
                           : (uint64_t)to_signed[j->mode](a, &j->flags);
        /* the machine has results of its own for what no integer holds */
        j->left_out = j->flags & BID_INVALID_EXCEPTION;
        j->r.r_after[0] = htobe64(r);
        j->r.cc_after = cc_long(a);
        j->r.unused[0] = 'G';
        code(j, which ? 0xb942 : 0xb3e1, 0);
        return;
    }
    j->r.r[0] = j->r.r_after[0] = htobe64(v);
    j->r.unused[0] = 'g';
    if (which == 2) {
        put_long(j->r.f0_after, bid64_from_int64((BID_SINT64)v, j->mode, &j->flags));
        code(j, 0xb3f1, 0);
    } else {
        put_long(j->r.f0_after, bid64_from_uint64(v, j->mode, &j->flags));
        code(j, 0xb952, 0);
    }
}

static uint32_t fpc_flags(_IDEC_flags f) {
    return (f & BID_INVALID_EXCEPTION ? 0x00800000u : 0) |
           (f & BID_ZERO_DIVIDE_EXCEPTION ? 0x00400000u : 0) |
           (f & BID_OVERFLOW_EXCEPTION ? 0x00200000u : 0) |
           (f & BID_UNDERFLOW_EXCEPTION ? 0x00100000u : 0) |
           (f & BID_INEXACT_EXCEPTION ? 0x00080000u : 0);
}

static void write_one(void) {
    typedef void maker(struct job *);
    static maker *const makers[] = {arithmetic_long,
                                    arithmetic_long,
                                    arithmetic_extended,
                                    arithmetic_extended,
                                    compare_long,
                                    compare_extended,
                                    load,
                                    integers};
    struct job j = {.mode = below(MODES)};
    j.r.cc_before = j.r.cc_after = (uint8_t)below(4);
    makers[below(8)](&j);
    uint32_t fpc = rounding_of[j.mode] << 4;
    j.r.fpc_before = htobe32(fpc);
    j.r.fpc_after = htobe32(fpc | fpc_flags(j.flags));
    if (!j.left_out) {
        fwrite(&j.r, sizeof j.r, 1, stdout);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: bid_records SEED COUNT\n");
        return 2;
    }
    state = strtoull(argv[1], NULL, 0) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (unsigned long n = strtoul(argv[2], NULL, 0); n > 0; n--) {
        write_one();
    }
    return 0;
}
