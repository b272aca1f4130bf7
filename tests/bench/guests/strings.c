/* What string functions are made of: MVC, CLC, SRST, TRT, MVST, and MVC of a varying length. */
#include "runtime.h"

enum { ROUNDS = 150000 / SHRINK };

static char text[4096], copy[4096];
static u8 stops[256];

static u64 length_of(const char *s) {
    register u64 zero __asm__("0") = 0;
    const char *end = (const char *)-1UL, *at = s;
    __asm__ volatile("0: srst %0,%1\n   jo 0b" : "+a"(end), "+a"(at) : "d"(zero) : "cc", "memory");
    return (u64)(end - s);
}

static int equal256(const char *a, const char *b) {
    int cc;
    __asm__ volatile("clc 0(256,%1),0(%2)\n   ipm %0\n   srl %0,28"
                     : "=d"(cc)
                     : "a"(a), "a"(b)
                     : "cc", "memory");
    return cc == 0;
}

static u64 first_stop(const char *s) {
    register u64 found __asm__("1") = 0;
    register u64 code __asm__("2") = 0;
    __asm__ volatile("trt 0(256,%2),%3"
                     : "+d"(found), "+d"(code)
                     : "a"(s), "Q"(stops)
                     : "cc", "memory");
    return found ? found - (u64)s + code : 256;
}

static void copy_string(char *to, const char *from) {
    register u64 zero __asm__("0") = 0;
    __asm__ volatile("0: mvst %0,%1\n   jo 0b" : "+a"(to), "+a"(from) : "d"(zero) : "cc", "memory");
}

int guest_main(void) {
    u64 sum = 0;
    stops[','] = 3;
    for (int i = 0; i < 4095; i++) {
        text[i] = i % 200 == 199 ? ',' : (char)('a' + i % 26);
    }
    for (u32 round = 0; round < ROUNDS; round++) {
        u32 at = round * 37 % 3000;
        copy_string(copy, text + at % 64 + 3900);
        sum += length_of(text + at);
        memcpy(copy + 1, text + at, 1 + round % 700);
        sum += (u64)equal256(copy + 1, text + at);
        sum += first_stop(text + at);
        copy[0] = 'x';
        memcpy(copy + 1, copy, 200);
        sum += (u8)copy[150];
    }
    print_hex("strings ", sum);
    return 0;
}
