/*
 * What a z13 does not have, behind several tests of which nobody knows what they promise. CASE says
 * how they are joined.
 */
#include <sys/auxv.h>

volatile long result;
volatile int other;

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14. */
__attribute__((noinline)) void slip(void) {
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %%r1,%%r1,%%r1\n.machine pop"
                     :
                     :
                     : "1", "cc");
}

enum { VECTOR = 2048 };

#define UNKNOWN(n) (other = n, tests[n] != 0)

#if CASE <= 4
static void join(int argc) {
    unsigned long all = getauxval(AT_HWCAP2), hwcap = getauxval(AT_HWCAP);
    unsigned long tests[4] = {all & 1, all & 2, all & 4, all & 8};
    other = (int)hwcap;
#if CASE == 1
    if (UNKNOWN(0) || UNKNOWN(1)) {
        slip();
    }
#elif CASE == 2
    if (UNKNOWN(0) || UNKNOWN(1) || UNKNOWN(2) || UNKNOWN(3)) {
        slip();
    }
#elif CASE == 3
    if (UNKNOWN(0) ? UNKNOWN(1) : UNKNOWN(2)) {
        slip();
    }
#elif CASE == 4
    for (; argc; argc--) {
        if (UNKNOWN(0) || UNKNOWN(1)) {
            slip();
        }
        other++;
    }
#endif
}
#else
static int leave(int argc) {
    unsigned long all = getauxval(AT_HWCAP2), hwcap = getauxval(AT_HWCAP);
    unsigned long tests[4] = {all & 1, all & 2, all & 4, all & 8};
    other = (int)hwcap;
#if CASE == 5   /* whatever the tests say */
    if (UNKNOWN(0)) {
        other++;
    } else if (UNKNOWN(1)) {
        other--;
    }
    slip();
#elif CASE == 6 /* or something else */
    if (UNKNOWN(0) || UNKNOWN(1) || argc > 1) {
        slip();
    }
#elif CASE == 7 /* or something that is known to be too little */
    if (UNKNOWN(0) || UNKNOWN(1) || (other = 9, hwcap & VECTOR)) {
        slip();
    }
#elif CASE == 8 /* either way */
    if (UNKNOWN(0)) {
        other = 3;
        if (UNKNOWN(1)) {
            other = 4;
            goto out;
        }
        other = 5;
        goto out;
    }
    if (UNKNOWN(2)) {
        goto out;
    }
    return 1;
out:
    slip();
#elif CASE == 9 /* two tests, each of which ends it */
    if (UNKNOWN(0)) {
        return 1;
    }
    if (UNKNOWN(1)) {
        return 2;
    }
    other = 1;
    if (argc > 1) {
        return 3;
    }
    slip();
#endif
    return 0;
}
#endif

int main(int argc, char **argv) {
#if CASE <= 4
    join(argc);
    return (int)result;
#else
    return leave(argc) + (int)result;
#endif
}
