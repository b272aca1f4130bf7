#include "runtime.h"

void print_hex(const char *label, u64 value) {
    char line[64];
    u64 n = 0;
    while (*label && n < 40) {
        line[n++] = *label++;
    }
    for (int shift = 60; shift >= 0; shift -= 4) {
        line[n++] = "0123456789abcdef"[value >> shift & 15];
    }
    line[n++] = '\n';
    write_out(line, n);
}

void *memcpy(void *to, const void *from, u64 length) {
    u8 *d = to;
    const u8 *s = from;
    for (; length >= 256; length -= 256, d += 256, s += 256) {
        __asm__ volatile("mvc 0(256,%0),0(%1)" ::"a"(d), "a"(s) : "memory");
    }
    if (length) {
        __asm__ volatile("   exrl %2,1f\n"
                         "   j 2f\n"
                         "1: mvc 0(1,%0),0(%1)\n"
                         "2:" ::"a"(d),
                         "a"(s), "a"(length - 1)
                         : "memory");
    }
    return to;
}

void *memset(void *to, int value, u64 length) {
    u8 *d = to;
    while (length--) {
        *d++ = (u8)value;
    }
    return to;
}

int memcmp(const void *a, const void *b, u64 length) {
    const u8 *p = a, *q = b;
    for (; length; length--, p++, q++) {
        if (*p != *q) {
            return *p < *q ? -1 : 1;
        }
    }
    return 0;
}
