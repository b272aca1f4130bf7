/*
 * s390x program: runs random BFP operations and writes a record of each to its standard output.
 * usage: bfp_reference SEED COUNT; built without libc, see bfp.py
 */
#include "bfp_operand.h"
#include "bfp_record.h"
#include "stub_program.h"

/* A number of a random format in the left of two doublewords. */
static void number(uint64_t *high, uint64_t *low, unsigned format) {
    uint64_t sign = random64() & 1;
    *low = fraction();
    if (format == 0) {
        *high = sign << 63 | exponent(8) << 55 | (fraction() >> 41) << 32 | (uint32_t)random64();
        if (random64() & 1) {
            *high = (*high & ~((uint64_t)0x7fffff << 32)) | (fraction() & 0x7fffff) << 32;
        }
    } else if (format == 1) {
        *high = sign << 63 | exponent(11) << 52;
        *high |= random64() & 1 ? fraction() >> 12 : fraction() & 0xfffffffffffff;
    } else {
        *high = sign << 63 | exponent(15) << 48 | fraction() >> 16;
    }
}

static unsigned format_of(const uint8_t *code) {
    unsigned op = code[0] == 0xed ? code[5] : code[1];
    if (code[0] == 0xb3 && op >= 0x40 && op < 0x4e) {
        return op == 0x44 ? 1 : 2;
    }
    unsigned r = (unsigned)(random64() & 7);
    return r < 3 ? 0 : r < 7 ? 1 : 2;
}

static void run(struct bfp_record *r, const struct stub *stub) {
    uint64_t *b = r->before, *a = r->after;
    register uint64_t r6 __asm__("6") = r->gr6_before;
    register uint64_t r2 __asm__("2") = (uint64_t)&r->storage;
    register uint64_t r4 __asm__("4") = r->mask;
    register uint64_t r5 __asm__("5") = stub->code;
    register uint64_t r7 __asm__("7") = (uint64_t)b;
    register uint64_t r8 __asm__("8") = (uint64_t)a;
    register uint64_t r9 __asm__("9") = r->fpc_before;
    register uint64_t r10 __asm__("10");
    __asm__ volatile(
        "ld 0,0(7)\n\tld 2,8(7)\n\tld 4,16(7)\n\tld 6,24(7)\n\tld 1,32(7)\n\tld 3,40(7)\n\t"
        "sfpc 9\n\tcr 7,7\n\tbasr 14,5\n\tipm 10\n\tefpc 9\n\t"
        "std 0,0(8)\n\tstd 2,8(8)\n\tstd 4,16(8)\n\tstd 6,24(8)\n\tstd 1,32(8)\n\tstd 3,40(8)\n\t"
        : "+d"(r6), "+d"(r9), "=d"(r10)
        : "d"(r2), "d"(r4), "d"(r5), "a"(r7), "a"(r8)
        : "14", "cc", "memory", "f0", "f1", "f2", "f3", "f4", "f6");
    r->gr6_after = r6;
    r->fpc_after = (uint32_t)r9;
    r->cc = r10 >> 28 & 3;
}

static void one(struct bfp_record *r) {
    static const uint32_t rounding[8] = {0, 0, 0, 1, 2, 3, 7, 0};
    const struct stub *stub = &stub_table[random64() % stub_count];
    const uint8_t *code = (const uint8_t *)stub->code;
    for (unsigned i = 0; i < 6; i++) {
        r->code[i] = i < stub->length ? code[i] : 0;
    }
    r->length = (uint8_t)stub->length;
    unsigned format = format_of(code);
    for (unsigned i = 0; i < BFP_REGISTERS; i += 2) {
        number(&r->before[i], &r->before[i + 1], format);
    }
    if ((random64() & 7) == 0) { /* near each other, for cancellation */
        r->before[2] = r->before[0] ^ (random64() & 1) << 63 ^ (random64() & random64() & 3);
    }
    uint64_t unused;
    number(&r->storage, &unused, format);
    r->gr6_before = random64() & 1 ? fraction() : random64();
    r->mask = random64() & 0xfff;
    r->fpc_before = rounding[random64() & 7] | ((random64() & 15) == 0 ? 0x00f80000 : 0);
    run(r, stub);
}

void run_program(uint64_t seed, uint64_t count) {
    static struct bfp_record block[64];
    state = 0x9e3779b97f4a7c15 ^ seed * 0xd1342543de82ef95;
    for (uint64_t done = 0; done < count; done += 64) {
        for (unsigned i = 0; i < 64; i++) {
            one(&block[i]);
        }
        write_all(block, sizeof block);
    }
}
