/*
 * Every system call with arguments that make no sense: addresses that are not mapped or at the end
 * of what is, sizes and descriptors from nowhere. The guest may get any error; it must get one, and
 * zfacet must go on. Not compared: errors may differ from emulator to emulator.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Ends, waits, kills, changes who or where we are, or replaces the handlers of this test. */
static const short left_out[] = {1,   2,   29,  36,  37,  27,  61,  72,  104, 119, 120, 132, 133,
                                 173, 174, 175, 177, 178, 179, 186, 190, 203, 204, 206, 208, 210,
                                 213, 214, 237, 238, 241, 248, 281, 114, 6,   63,  326, 436, 57,
                                 66,  97,  34,  75,  334, 239, 45,  91,  125, 163, 90,  219, 0};

static uint64_t random_state = 88172645463325252u;

static uint64_t next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static long call(long number, const uint64_t *a) {
    register long r1 asm("r1") = number;
    register uint64_t r2 asm("r2") = a[0];
    register uint64_t r3 asm("r3") = a[1];
    register uint64_t r4 asm("r4") = a[2];
    register uint64_t r5 asm("r5") = a[3];
    register uint64_t r6 asm("r6") = a[4];
    register uint64_t r7 asm("r7") = a[5];
    asm volatile("svc 0"
                 : "+d"(r2)
                 : "d"(r1), "d"(r3), "d"(r4), "d"(r5), "d"(r6), "d"(r7)
                 : "memory");
    return (long)r2;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    unsigned long faults = 0, calls = 0;
    char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(pages, 0xff, 3 * 4096);
    munmap(pages + 4096, 4096);
    mprotect(pages + 8192, 4096, PROT_READ);
    const uint64_t values[] = {0,
                               1,
                               (uint64_t)-1,
                               (uint64_t)-100,
                               4096,
                               UINT64_C(1) << 31,
                               UINT64_C(1) << 63,
                               UINT64_C(0x3fffffff000),
                               (UINT64_C(1) << 46) - 1,
                               UINT64_C(1) << 46,
                               (uint64_t)-4096,
                               (uint64_t)pages + 4095,
                               (uint64_t)pages + 4088,
                               (uint64_t)pages + 4096,
                               (uint64_t)pages + 8192,
                               (uint64_t)pages + 12287,
                               8,
                               1000};
    for (int round = 0; round < rounds; round++) {
        for (long number = 1; number < 460; number++) {
            uint64_t a[6];
            int skip = 0;
            for (unsigned i = 0; left_out[i]; i++) {
                skip |= left_out[i] == number;
            }
            for (unsigned i = 0; i < 6; i++) {
                a[i] = values[next() % (sizeof values / sizeof *values)];
            }
            /* no descriptor that is open, no wait without end */
            if (a[0] < 3) {
                a[0] = 1000;
            }
            if (!skip && number != 142 && number != 168 && number != 301 && number != 302 &&
                number != 162 && number != 262) {
                calls++;
                faults += call(number, a) < 0;
            }
        }
    }
    signal(SIGALRM, SIG_DFL);
    printf("%s\n", calls > 1000 && faults > calls / 2 ? "survived" : "too few errors");
    return 0;
}
