/*
 * s390x program: runs random BFP operations and writes a record of each to its standard output.
 * usage: bfp_reference SEED COUNT; built without libc, see bfp.py
 */
#include "bfp_record.h"

struct stub {
    uint64_t code;
    uint64_t length;
};
extern const struct stub stub_table[];
extern const uint64_t stub_count;

static long call(long number, long a, long b, long c) {
    register long r1 __asm__("1") = number;
    register long r2 __asm__("2") = a;
    register long r3 __asm__("3") = b;
    register long r4 __asm__("4") = c;
    __asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4) : "memory");
    return r2;
}

static uint64_t state;
static uint64_t random64(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1d;
}

/* Exponents near what matters, fractions with long runs of equal bits. */
static uint64_t fraction(void) {
    uint64_t r = random64();
    switch (r >> 61) {
    case 0:
        return 0;
    case 1:
        return ~(uint64_t)0 << (r & 63);
    case 2:
        return ~(uint64_t)0 >> (r & 63);
    case 3:
        return (uint64_t)1 << (r & 63);
    case 4:
        return random64() << (r & 63);
    default:
        return random64();
    }
}

static uint64_t exponent(unsigned bits) {
    uint64_t all = ((uint64_t)1 << bits) - 1, r = random64(), bias = all >> 1;
    switch (r >> 60) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return 1 + (r & 1);
    case 3:
        return all - 1 - (r & 1);
    case 4:
    case 5:
    case 6:
    case 7:
        return (bias + (r & 7) - 4) & all;
    case 8:
        return (bias + (r & 127) - 64) & all;
    case 9:
        return (bias + (r & 255) - 128) & all;
    case 10:
        return (bias / 2 + (r & 31) - 16) & all;
    case 11:
        return (bias + bias / 2 + (r & 31) - 16) & all;
    default:
        return r & all;
    }
}

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

static uint64_t parse(const char *s) {
    uint64_t v = 0;
    while (*s) {
        v = v * 10 + (uint64_t)(*s++ - '0');
    }
    return v;
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

void start(long *stack);
void start(long *stack) {
    static struct bfp_record block[64];
    state = 0x9e3779b97f4a7c15 ^ parse((const char *)stack[2]) * 0xd1342543de82ef95;
    uint64_t count = parse((const char *)stack[3]);
    for (uint64_t done = 0; done < count; done += 64) {
        for (unsigned i = 0; i < 64; i++) {
            one(&block[i]);
        }
        const char *p = (const char *)block;
        for (long left = sizeof block; left > 0;) {
            long n = call(4, 1, (long)p, left);
            if (n <= 0) {
                call(1, 1, 0, 0);
            }
            p += n;
            left -= n;
        }
    }
    call(1, 0, 0, 0);
}
__asm__(".globl _start\n_start: lgr 2,15\n aghi 15,-160\n brasl 14,start\n");
