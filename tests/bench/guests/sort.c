/* Quicksort of 32-bit numbers, then a dependent walk through a permutation. */
#include "runtime.h"

enum { NUMBERS = 200000 / SHRINK, STEPS = 3000000 / SHRINK, ROUNDS = 12 };

static u32 numbers[NUMBERS];
static u32 follow[NUMBERS];

static void quicksort(u32 *from, u32 *to) {
    while (to - from > 12) {
        u32 pivot = from[(to - from) / 2], *i = from, *j = to - 1;
        for (;;) {
            while (*i < pivot) {
                i++;
            }
            while (*j > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            u32 t = *i;
            *i++ = *j;
            *j-- = t;
        }
        quicksort(from, i);
        from = i;
    }
    for (u32 *i = from + 1; i < to; i++) {
        u32 value = *i, *j = i;
        for (; j > from && j[-1] > value; j--) {
            *j = j[-1];
        }
        *j = value;
    }
}

int guest_main(void) {
    u64 sum = 0;
    u32 seed = 12345;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < NUMBERS; i++) {
            seed = seed * 1664525 + 1013904223;
            numbers[i] = seed;
            follow[i] = (u32)((u64)i * 7919 + 1) % NUMBERS;
        }
        quicksort(numbers, numbers + NUMBERS);
        u32 at = 0;
        for (int i = 0; i < STEPS; i++) {
            at = follow[at];
            sum += numbers[at];
        }
    }
    print_hex("sort ", sum);
    return 0;
}
