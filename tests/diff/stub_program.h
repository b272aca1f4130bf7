/*
 * s390x programs without libc that call stubs, one instruction each: where the stubs are, how
 * records get out, and how the program begins. The includer has run_program().
 */
#ifndef ZF_TEST_STUB_PROGRAM_H
#define ZF_TEST_STUB_PROGRAM_H

#include <stdint.h>

/* What the generated assembler source has: a stub is its instruction, then a return to register 14.
 */
struct stub {
    uint64_t code;
    uint64_t length;
};
extern const struct stub stub_table[];
extern const uint64_t stub_count;

/** Writes records to standard output; the numbers are the program's arguments. */
void run_program(uint64_t seed, uint64_t count);

static long call(long number, long a, long b, long c) {
    register long r1 __asm__("1") = number;
    register long r2 __asm__("2") = a;
    register long r3 __asm__("3") = b;
    register long r4 __asm__("4") = c;
    __asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4) : "memory");
    return r2;
}

static void write_all(const void *data, long length) {
    const char *p = data;
    while (length > 0) {
        long n = call(4, 1, (long)p, length);
        if (n <= 0) {
            call(1, 1, 0, 0);
        }
        p += n;
        length -= n;
    }
}

static uint64_t parse(const char *s) {
    uint64_t v = 0;
    while (*s) {
        v = v * 10 + (uint64_t)(*s++ - '0');
    }
    return v;
}

void start(long *stack);
void start(long *stack) {
    run_program(parse((const char *)stack[2]), parse((const char *)stack[3]));
    call(1, 0, 0, 0);
}
__asm__(".globl _start\n_start: lgr 2,15\n aghi 15,-160\n brasl 14,start\n");

#endif
