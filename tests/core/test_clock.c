#include "zfacet/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

static void sleep_ms(long ms) {
    struct timespec t = {.tv_nsec = ms * 1000000};
    nanosleep(&t, NULL);
}

#define MICROSECOND (UINT64_C(1) << 12)

Test(clock, tod_counts_microseconds_since_1900) {
    struct zf_cpu *cpu = calloc(1, sizeof *cpu);
    uint64_t seconds = zf_clock_tod(cpu) / MICROSECOND / 1000000;
    uint64_t from_1900 = UINT64_C(2208988800) + (uint64_t)time(NULL);
    cr_assert(seconds + 1 >= from_1900 && seconds <= from_1900 + 1);
    free(cpu);
}

Test(clock, tod_set) {
    struct zf_cpu *cpu = calloc(1, sizeof *cpu);
    zf_clock_set_tod(cpu, UINT64_C(1) << 60);
    uint64_t tod = zf_clock_tod(cpu);
    cr_assert(tod >= UINT64_C(1) << 60 && tod - (UINT64_C(1) << 60) < 1000000 * MICROSECOND);
    free(cpu);
}

Test(clock, comparator) {
    struct zf_cpu *cpu = calloc(1, sizeof *cpu);
    cpu->clock_comparator = zf_clock_tod(cpu) + UINT64_C(3600000000) * MICROSECOND;
    cr_assert_not(zf_clock_comparator_due(cpu));
    cr_assert_gt(zf_clock_comparator_wait(cpu), UINT64_C(3500000000000));
    cpu->clock_comparator = zf_clock_tod(cpu) - 1;
    cr_assert(zf_clock_comparator_due(cpu));
    cr_assert_eq(zf_clock_comparator_wait(cpu), 0);
    free(cpu);
}

Test(clock, cpu_timer_counts_down) {
    struct zf_cpu *cpu = calloc(1, sizeof *cpu);
    zf_clock_set_cpu_timer(cpu, 1000 * MICROSECOND);
    cr_assert_leq(zf_clock_cpu_timer(cpu), (int64_t)(1000 * MICROSECOND));
    sleep_ms(3);
    cr_assert_lt(zf_clock_cpu_timer(cpu), 0);
    cr_assert_eq(zf_clock_cpu_timer_wait(cpu), 0);
    free(cpu);
}
