/*
 * Vector instructions on integers and strings: loops that the compiler makes them of (this guest is
 * built for z13), and the loops of a C library's strlen, strchr, strcmp and memcpy.
 */
#include "runtime.h"

enum { ROUNDS = 90000 / SHRINK, SIZE = 1024 };

static u8 bytes[SIZE], other[SIZE], pixels[SIZE];
static u32 words[SIZE / 4], more[SIZE / 4];
static short samples[SIZE / 2], scaled[SIZE / 2];
static char text[SIZE] __attribute__((aligned(16))), copy[SIZE + 16];

typedef u8 vector __attribute__((vector_size(16)));

static u64 length_of(const char *s) {
    u64 n = 0;
    vector found;
    __asm__ volatile("vlbb %%v16,0(%2),6\n   lcbb %%r1,0(%2),6\n   vfenezb %0,%%v16,%%v16\n"
                     "   vlgvb %%r0,%0,7\n   llgfr %1,%%r1\n   clrjl %%r0,%%r1,2f\n"
                     "0: vl %%v16,0(%1,%2)\n   vfenezbs %0,%%v16,%%v16\n   je 1f\n"
                     "   vl %%v16,16(%1,%2)\n   aghi %1,16\n   vfenezbs %0,%%v16,%%v16\n   je 1f\n"
                     "   aghi %1,16\n   j 0b\n"
                     "1: vlgvb %%r0,%0,7\n   agr %1,%%r0\n   j 3f\n"
                     "2: llgfr %1,%%r0\n"
                     "3:"
                     : "=v"(found), "+a"(n)
                     : "a"(s)
                     : "cc", "memory", "r0", "r1", "v16");
    return n;
}

static u64 first_of(const char *s, char wanted) {
    u64 n = 0, at;
    __asm__ volatile(
        "vlvgb %%v17,%3,0\n   vrepb %%v17,%%v17,0\n"
        "0: vl %%v16,0(%0,%2)\n   vfeezbs %%v18,%%v16,%%v17\n   jno 1f\n   aghi %0,16\n   j 0b\n"
        "1: vlgvb %1,%%v18,7\n   agr %0,%1"
        : "+a"(n), "=d"(at)
        : "a"(s), "d"(wanted)
        : "cc", "memory", "v16", "v17", "v18");
    return n;
}

static u64 same_until(const char *a, const char *b) {
    u64 n = 0, at;
    __asm__ volatile(
        "0: vl %%v16,0(%0,%2)\n   vl %%v17,0(%0,%3)\n   vfenezbs %%v18,%%v16,%%v17\n   jno 1f\n"
        "   aghi %0,16\n   j 0b\n"
        "1: vlgvb %1,%%v18,7\n   agr %0,%1"
        : "+a"(n), "=d"(at)
        : "a"(a), "a"(b)
        : "cc", "memory", "v16", "v17", "v18");
    return n;
}

static void blend(u32 weight) {
    for (u32 i = 0; i < SIZE; i++) {
        pixels[i] = (u8)((bytes[i] + other[i] + 1) >> 1);
    }
    for (u32 i = 0; i < SIZE / 4; i++) {
        words[i] = words[i] * 3 + (more[i] ^ weight) - (words[i] >> 5);
    }
    for (u32 i = 0; i < SIZE / 2; i++) {
        int v = (samples[i] * (int)weight) >> 6;
        scaled[i] = (short)(v > 255 ? 255 : v < 0 ? 0 : v);
    }
}

static u64 sums(void) {
    u32 total = 0, dot = 0, largest = 0;
    for (u32 i = 0; i < SIZE; i++) {
        total += pixels[i];
    }
    for (u32 i = 0; i < SIZE / 2; i++) {
        dot += (u32)(scaled[i] * samples[i]);
    }
    for (u32 i = 0; i < SIZE / 4; i++) {
        largest = words[i] > largest ? words[i] : largest;
    }
    return total + dot + largest;
}

int guest_main(void) {
    u64 sum = 0;
    for (u32 i = 0; i < SIZE; i++) {
        bytes[i] = (u8)(i * 7), other[i] = (u8)(i * i), text[i] = (char)('a' + i % 23);
        words[i / 4] = i * 0x01234567, more[i / 4] = i * 0x89abcdef,
                  samples[i / 2] = (short)(i * 31);
    }
    text[SIZE - 20] = 'z', text[SIZE - 1] = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 at = round * 37 % 400;
        blend(round % 200);
        sum += sums() + length_of(text + at) + first_of(text + at, 'z');
        memcpy(copy, text + at, SIZE - at);
        copy[500 + at % 16] ^= 1;
        sum += same_until(copy, text + at);
    }
    print_hex("vector ", sum);
    return 0;
}
