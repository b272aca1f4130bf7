/*
 * The guest's clocks, all derived from the host's, or in repeatable runs from what was executed:
 * TOD clock, clock comparator, CPU timer.
 * Values are in TOD units: bit 51 counts microseconds.
 */
#ifndef ZFACET_CLOCK_H
#define ZFACET_CLOCK_H

#include "zfacet/cpu.h"

#include <time.h>

/** Nanoseconds of one of the host's clocks, or of the guest's own in a repeatable run. */
uint64_t zf_clock_ns(const struct zf_cpu *cpu, clockid_t clock);

/** The guest's TOD clock, bits 0-63. */
uint64_t zf_clock_tod(const struct zf_cpu *cpu);

/** Sets it, by way of the guest's epoch. */
void zf_clock_set_tod(struct zf_cpu *cpu, uint64_t tod);

/** The same by what it is ahead of the physical clock, the host's, and what a user adds to that.
 * All CPUs have one TOD clock. */
void zf_clock_set_offset(struct zf_cpu *cpu, uint64_t offset, uint64_t user);

/** The CPU timer as it is now; negative when its condition is there. */
int64_t zf_clock_cpu_timer(const struct zf_cpu *cpu);
void zf_clock_set_cpu_timer(struct zf_cpu *cpu, int64_t value);

/** Whether the TOD clock is past the clock comparator. */
bool zf_clock_comparator_due(const struct zf_cpu *cpu);

/** Host nanoseconds until each condition comes, 0 when it is there. */
uint64_t zf_clock_comparator_wait(const struct zf_cpu *cpu);
uint64_t zf_clock_cpu_timer_wait(const struct zf_cpu *cpu);

#endif
