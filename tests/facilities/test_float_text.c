#include "zfacet/float_text.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000 };

static uint64_t next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* strtod and strtof round once, too. */
Test(float_text, binary_numbers_are_those_of_the_host) {
    uint64_t state = 88172645463325252;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char text[64];
        zf_u128 bits;
        int exponent = (int)(next(&state) % 60) - 30;
        snprintf(text, sizeof text, "%s%" PRIu64 ".%" PRIu64 "e%d", i & 1 ? "-" : "",
                 next(&state) % 1000000, next(&state) >> (i % 40), exponent);
        double d = strtod(text, NULL);
        float f = strtof(text, NULL);
        uint64_t wide;
        uint32_t narrow;
        memcpy(&wide, &d, sizeof wide);
        memcpy(&narrow, &f, sizeof narrow);
        cr_assert(zf_float_parse(ZF_FLOAT_DB, text, &bits), "%s", text);
        cr_assert_eq((uint64_t)bits, wide, "%s: %" PRIx64, text, (uint64_t)bits);
        cr_assert(zf_float_parse(ZF_FLOAT_EB, text, &bits), "%s", text);
        cr_assert_eq((uint32_t)bits, narrow, "%s: %" PRIx64, text, (uint64_t)bits);
    }
}

/* A hexadecimal number has to be normalized: others are written as the same number is that is. */
static void normalize(enum zf_float_format format, unsigned width, zf_u128 *bits) {
    enum { CHARACTERISTIC = 0x7f, MIDDLE = 0x40 };
    if (format < ZF_FLOAT_EH) {
        return;
    }
    *bits |= (zf_u128)1 << (width - 9);
    if (width == 128) { /* the right half's characteristic is less by 14, with the same sign */
        uint64_t high = (uint64_t)(*bits >> 64) & ~(UINT64_C(0x7f) << 56);
        uint64_t low = (uint64_t)*bits & ((UINT64_C(1) << 56) - 1);
        high |= (uint64_t)MIDDLE << 56;
        low |= (high & UINT64_C(1) << 63) | (uint64_t)(MIDDLE - 14) << 56;
        *bits = (zf_u128)high << 64 | low;
    }
}

Test(float_text, what_is_written_is_read_again) {
    uint64_t state = 362436069;
    for (unsigned i = 0; i < ROUNDS; i++) {
        enum zf_float_format format = ZF_FLOAT_EB + i % 9;
        unsigned width = zf_float_text_bits(format);
        char text[ZF_FLOAT_TEXT];
        zf_u128 bits = ((zf_u128)next(&state) << 64 | next(&state)) >> (128 - width), again;
        normalize(format, width, &bits);
        zf_float_text(format, bits, text);
        if (strstr(text, "nan") || strstr(text, "inf") || strlen(text) > 42) {
            continue; /* with payloads, or not canonical */
        }
        bool read = zf_float_parse(format, text, &again);
        if (read && format >= ZF_FLOAT_ED && format <= ZF_FLOAT_LD) {
            char same[ZF_FLOAT_TEXT]; /* another encoding, of which there are several */
            zf_float_text(format, again, same);
            cr_assert_str_eq(same, text);
            continue;
        }
        cr_assert(read && again == bits, "format %u: %s is %" PRIx64 "%016" PRIx64,
                  (unsigned)format, text, (uint64_t)(bits >> 64), (uint64_t)bits);
    }
}

Test(float_text, known_ones) {
    static const struct {
        enum zf_float_format format;
        const char *text;
        uint64_t high, low;
    } cases[] = {
        {ZF_FLOAT_EB, "1.5", 0, 0x3fc00000},
        {ZF_FLOAT_DB, "-0", 0, 0x8000000000000000},
        {ZF_FLOAT_DB, "inf", 0, 0x7ff0000000000000},
        {ZF_FLOAT_DB, "1e-310", 0, 0x000012688b70e62b},
        {ZF_FLOAT_LB, "1", 0x3fff000000000000, 0},
        {ZF_FLOAT_ED, "1", 0, 0x22500001},
        {ZF_FLOAT_DD, "1.50", 0, 0x22300000000000d0},
        {ZF_FLOAT_DD, "-1.5", 0, 0xa234000000000015},
        {ZF_FLOAT_LD, "1", 0x2208000000000000, 1},
        {ZF_FLOAT_EH, "1", 0, 0x41100000},
        {ZF_FLOAT_DH, "-118.625", 0, 0xc276a00000000000},
        {ZF_FLOAT_LH, "1", 0x4110000000000000, 0x3300000000000000},
        {ZF_FLOAT_LH, "0", 0, 0},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        zf_u128 bits = 0;
        char text[ZF_FLOAT_TEXT];
        cr_expect(zf_float_parse(cases[i].format, cases[i].text, &bits), "%s", cases[i].text);
        cr_expect(bits == ((zf_u128)cases[i].high << 64 | cases[i].low),
                  "%s: %" PRIx64 "%016" PRIx64, cases[i].text, (uint64_t)(bits >> 64),
                  (uint64_t)bits);
        zf_float_text(cases[i].format, bits, text);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(float_text, what_no_format_holds) {
    static const struct {
        enum zf_float_format format;
        const char *text;
    } cases[] = {
        {ZF_FLOAT_NONE, "1"},
        {ZF_FLOAT_DB, ""},
        {ZF_FLOAT_DB, "."},
        {ZF_FLOAT_DB, "1e"},
        {ZF_FLOAT_DB, "1.2.3"},
        {ZF_FLOAT_DB, "--1"},
        {ZF_FLOAT_DB, "1e400"},
        {ZF_FLOAT_DB, "1e-400"},
        {ZF_FLOAT_DB, "1e99999999999"},
        {ZF_FLOAT_ED, "12345678"},
        {ZF_FLOAT_ED, "1e98"},
        {ZF_FLOAT_DH, "1e80"},
        {ZF_FLOAT_DH, "inf"},
        {ZF_FLOAT_EH, "1e-80"},
        {ZF_FLOAT_DB, "1x"},
        {ZF_FLOAT_LB, "1234567890123456789012345678901234567"},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        zf_u128 bits;
        cr_expect_not(zf_float_parse(cases[i].format, cases[i].text, &bits), "%s", cases[i].text);
    }
}
