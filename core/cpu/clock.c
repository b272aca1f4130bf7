/* TOD clock, CPU timer and clock comparator as differences to the host's clocks. */
#include "zfacet/clock.h"

#include "zfacet/cpus.h"
#include "zfacet/turn.h"

#include <time.h>

/* What the TOD clock shows at the host's epoch, 1970-01-01: it counts from 1900-01-01. */
#define TOD_AT_HOST_EPOCH UINT64_C(0x7d91048bca000000)

static uint64_t host_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Repeatable runs begin at the same time: 2025-01-01, a second after the host was started. */
uint64_t zf_clock_ns(const struct zf_cpu *cpu, clockid_t clock) {
    const uint64_t real = UINT64_C(1735689600000000000), other = 1000000000;
    if (!cpu->cpus || !cpu->cpus->turns.on) {
        return host_ns(clock);
    }
    return (clock == CLOCK_REALTIME ? real : other) + zf_turn_time(cpu->cpus);
}

/* 4096 TOD units are 1000 ns. */
static uint64_t tod_of_ns(uint64_t ns) {
    return ns / 125 * 512 + ns % 125 * 512 / 125;
}

static uint64_t ns_of_tod(uint64_t tod) {
    return tod / 512 * 125 + tod % 512 * 125 / 512 + 1;
}

uint64_t zf_clock_tod(const struct zf_cpu *cpu) {
    return TOD_AT_HOST_EPOCH + tod_of_ns(zf_clock_ns(cpu, CLOCK_REALTIME)) + cpu->tod_offset;
}

void zf_clock_set_offset(struct zf_cpu *cpu, uint64_t offset, uint64_t user) {
    cpu->tod_offset = offset + user;
    cpu->tod_user = user;
    for (unsigned i = 0; cpu->cpus && i < cpu->cpus->count; i++) {
        struct zf_cpu *other = cpu->cpus->cpu[i];
        __atomic_store_n(&other->tod_offset, offset + user, __ATOMIC_RELAXED);
        __atomic_store_n(&other->tod_user, user, __ATOMIC_RELAXED);
    }
}

void zf_clock_set_tod(struct zf_cpu *cpu, uint64_t tod) {
    uint64_t offset = cpu->tod_offset + tod - zf_clock_tod(cpu);
    zf_clock_set_offset(cpu, offset - cpu->tod_user, cpu->tod_user);
}

int64_t zf_clock_cpu_timer(const struct zf_cpu *cpu) {
    return (int64_t)((uint64_t)cpu->cpu_timer -
                     (tod_of_ns(zf_clock_ns(cpu, CLOCK_MONOTONIC)) - cpu->cpu_timer_base));
}

void zf_clock_set_cpu_timer(struct zf_cpu *cpu, int64_t value) {
    cpu->cpu_timer = value;
    cpu->cpu_timer_base = tod_of_ns(zf_clock_ns(cpu, CLOCK_MONOTONIC));
}

bool zf_clock_comparator_due(const struct zf_cpu *cpu) {
    return zf_clock_tod(cpu) > cpu->clock_comparator;
}

uint64_t zf_clock_comparator_wait(const struct zf_cpu *cpu) {
    uint64_t tod = zf_clock_tod(cpu);
    return tod > cpu->clock_comparator ? 0 : ns_of_tod(cpu->clock_comparator - tod);
}

uint64_t zf_clock_cpu_timer_wait(const struct zf_cpu *cpu) {
    int64_t timer = zf_clock_cpu_timer(cpu);
    return timer < 0 ? 0 : ns_of_tod((uint64_t)timer);
}
