/*
 * s390x program: runs random vector floating-point operations and writes a record of each to its
 * standard output. usage: vector_float_reference SEED COUNT; built without libc, see bfp.py
 */
#include "bfp_operand.h"
#include "stub_program.h"
#include "vector_float_record.h"

/* Two doublewords of numbers in a format: 0 short, 1 long, 2 extended; or of integers. */
static void numbers(uint64_t v[2], unsigned format) {
    for (unsigned h = 0; h < 2; h++) {
        uint64_t sign = random64() & 1;
        if (format == 0) {
            uint64_t left = sign << 31 | exponent(8) << 23 | fraction() >> 41;
            uint64_t right = (random64() & 1) << 31 | exponent(8) << 23 | (fraction() & 0x7fffff);
            v[h] = left << 32 | right;
        } else if (format == 1) {
            v[h] = sign << 63 | exponent(11) << 52 | fraction() >> (random64() & 1 ? 12 : 20);
        } else if (format == 2) {
            v[h] = h ? fraction() : sign << 63 | exponent(15) << 48 | fraction() >> 16;
        } else {
            v[h] = fraction();
        }
    }
}

static unsigned format_field(const uint8_t *code) {
    unsigned op = code[5];
    if (op == 0xc3 || op == 0xc1) {
        return 3;
    }
    unsigned m =
        op == 0x8f || op == 0x8e || op == 0x9f || op == 0x9e ? code[2] & 15u : code[4] >> 4;
    return m - 2;
}

static void run(struct vector_float_record *r, const struct stub *stub) {
    register uint64_t r5 __asm__("5") = stub->code;
    register uint64_t r7 __asm__("7") = (uint64_t)r->before;
    register uint64_t r8 __asm__("8") = (uint64_t)r->after;
    register uint64_t r9 __asm__("9") = r->fpc_before;
    register uint64_t r10 __asm__("10");
    __asm__ volatile("vl %%v16,0(7)\n\tvl %%v18,16(7)\n\tvl %%v3,32(7)\n\tvl %%v20,48(7)\n\t"
                     "sfpc 9\n\tcr 7,7\n\tbasr 14,5\n\tipm 10\n\tefpc 9\n\t"
                     "vst %%v16,0(8)\n\tvst %%v18,16(8)\n\t"
                     : "+d"(r9), "=d"(r10)
                     : "d"(r5), "a"(r7), "a"(r8)
                     : "14", "cc", "memory", "v3", "v16", "v18", "v20");
    r->fpc_after = (uint32_t)r9;
    r->cc = r10 >> 28 & 3;
}

static void one(struct vector_float_record *r) {
    static const uint32_t rounding[8] = {0, 0, 0, 1, 2, 3, 7, 0};
    const struct stub *stub = &stub_table[random64() % stub_count];
    const uint8_t *code = (const uint8_t *)stub->code;
    for (unsigned i = 0; i < 6; i++) {
        r->code[i] = code[i];
    }
    r->length = 6;
    for (unsigned i = 0; i < VECTOR_FLOAT_REGISTERS; i++) {
        numbers(r->before[i], format_field(code));
    }
    if ((random64() & 7) == 0) { /* near each other, for cancellation and equal operands */
        r->before[2][0] = r->before[1][0] ^ (random64() & 1) << 63 ^ (random64() & random64() & 3);
        r->before[2][1] = r->before[1][1];
    }
    r->fpc_before = rounding[random64() & 7] | ((random64() & 15) == 0 ? 0x00f80000 : 0);
    run(r, stub);
}

void run_program(uint64_t seed, uint64_t count) {
    static struct vector_float_record block[64];
    state = 0x9e3779b97f4a7c15 ^ seed * 0xd1342543de82ef95;
    for (uint64_t done = 0; done < count; done += 64) {
        for (unsigned i = 0; i < 64; i++) {
            one(&block[i]);
        }
        write_all(block, sizeof block);
    }
}
