/*
 * Code for zfacet scan, in a library for z196: each function's name says what is known of it.
 * direct_ is called by anyone, guarded_ behind a test of facilities or chosen by an ifunc resolver,
 * pointer_ by a table in data; the machine that it needs follows.
 */
#include <stddef.h>
#include <sys/auxv.h>

#define KEEP __attribute__((noinline, noipa))
#define HIDDEN KEEP static
#define SINCE(machine) __attribute__((target("arch=" machine)))

enum { HWCAP_VX = 1 << 11, HWCAP_Z14 = 1 << 13, HWCAP_Z15 = 1 << 15 };

/* MULTIPLY SINGLE of z14, VECTOR GENERATE BYTE MASK of z13, SELECT of z15. */
#define MSGRKC(r)                                                                                  \
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%0,%0\n.machine pop" : "+d"(r))
#define VZERO() __asm__ volatile(".machine push\n.machine z13\nvzero 1\n.machine pop")
#define SELGR(r)                                                                                   \
    __asm__ volatile(".machine push\n.machine z15\nselgrh %0,%0,%0\n.machine pop" : "+d"(r))

HIDDEN long guarded_z13(long x) {
    VZERO();
    return x;
}

HIDDEN long direct_z14(long x) {
    MSGRKC(x);
    return x;
}

/* Only exported functions are certain to be called from outside. */
KEEP long direct_z196_calls(long x) {
    return direct_z14(x) + 1;
}

KEEP long direct_z196_tests(long x) {
    return getauxval(AT_HWCAP) & HWCAP_VX ? guarded_z13(x) : x;
}

/* The test is in the middle of the function. */
KEEP long inside_z13(long x) {
    if (getauxval(AT_HWCAP) & HWCAP_VX) {
        VZERO();
        x++;
    }
    return x * 3;
}

/* A variable that a constructor has set by STFLE. */
static unsigned char known_facilities[32];

__attribute__((constructor)) static void direct_z9_asks(void) {
    register long count __asm__("0") = sizeof known_facilities / 8 - 1;
    __asm__ volatile("stfle 0(%1)" : "+d"(count) : "a"(known_facilities) : "memory", "cc");
}

HIDDEN long guarded_z15(long x) {
    SELGR(x);
    return x;
}

KEEP long direct_z196_looks(long x) {
    return known_facilities[61 / 8] & 0x80 >> 61 % 8 ? guarded_z15(x) : x;
}

HIDDEN long guarded_z14_chosen(long x) {
    MSGRKC(x);
    return x;
}

HIDDEN long guarded_z196_chosen(long x) {
    return x;
}

static long (*choose(unsigned long hwcap))(long) {
    return hwcap & HWCAP_Z14 ? guarded_z14_chosen : guarded_z196_chosen;
}

long chosen(long x) __attribute__((ifunc("choose")));

/* What a resolver returns at the least is needed on every machine. */
HIDDEN long guarded_z15_other(long x) {
    SELGR(x);
    return x;
}

HIDDEN long direct_z14_other(long x) {
    MSGRKC(x);
    return x;
}

static long (*choose_other(unsigned long hwcap))(long) {
    return hwcap & HWCAP_Z15 ? guarded_z15_other : direct_z14_other;
}

long chosen_other(long x) __attribute__((ifunc("choose_other")));

/* A number that depends on a facility, in an object that is asked by a function. */
static struct { int lock, attempts; } fast_path;

__attribute__((constructor)) static void direct_z196_sets(void) {
    fast_path.attempts = getauxval(AT_HWCAP) & HWCAP_VX ? 10 : 0;
}

HIDDEN int direct_z196_attempts(__typeof__(fast_path) *path) {
    return path->attempts;
}

HIDDEN long guarded_z13_attempted(long x) {
    VZERO();
    return x;
}

KEEP long direct_z196_attempts_it(long x) {
    return direct_z196_attempts(&fast_path) ? guarded_z13_attempted(x) : x;
}

/* A pool between the code that jumps over it, and one after the end: bytes of SELGR. */
__asm__(".text\n.globl direct_pool\n.type direct_pool,@function\ndirect_pool:\n"
        "bras %r13,0f\n.long 0xb9e31234,0xb9e31234\n0: lg %r2,0(%r13)\nbr %r14\n"
        ".long 0xb9e31234,0xb9e31234\n.size direct_pool,.-direct_pool\n");

HIDDEN long pointer_z13(long x) {
    VZERO();
    return x;
}

HIDDEN long pointer_plain(long x) {
    return x;
}

long (*const table[])(long) = {pointer_plain, pointer_z13};

/* A jump table whose cases are reached by it alone. */
KEEP long switch_z14(long x, long y) {
    switch (x) {
    case 0:
        return y + 7;
    case 1:
        return y * y;
    case 2:
        return y >> 3;
    case 3:
        MSGRKC(y);
        return y;
    case 4:
        return y - 9;
    case 5:
        return ~y;
    case 6:
        return y / 3;
    default:
        return 0;
    }
}
