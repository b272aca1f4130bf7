/* TOD clock, clock comparator and CPU timer: they go on, and interrupt an enabled wait. */
#include "rom.h"

int main(void);

enum { COMPARATOR = 0x800, CPU_TIMER = 0x400, MILLISECOND = 4096000 };

static uint64_t tod(void) {
    uint64_t value;
    __asm__ volatile("stck %0" : "=Q"(value) : : "cc", "memory");
    return value;
}

static int64_t cpu_timer(void) {
    int64_t value;
    __asm__ volatile("stpt %0" : "=Q"(value) : : "memory");
    return value;
}

static void set_cpu_timer(int64_t value) {
    __asm__ volatile("spt %0" : : "Q"(value) : "memory");
}

static void set_comparator(uint64_t value) {
    __asm__ volatile("sckc %0" : : "Q"(value) : "memory");
}

static uint64_t comparator(void) {
    uint64_t value;
    __asm__ volatile("stckc %0" : "=Q"(value) : : "memory");
    return value;
}

static void clock_goes_on(void) {
    uint64_t before = tod();
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t now = tod();
        if (now <= before) {
            expect("the TOD clock goes on", now, before + 1);
            return;
        }
        before = now;
    }
}

static void comparator_interrupts(void) {
    uint64_t start = tod(), when = start + 5 * MILLISECOND;
    unsigned before = rom_externals;
    set_comparator(when);
    expect("clock comparator as set", comparator(), when);
    rom_wait(COMPARATOR);
    expect("clock-comparator interruptions", rom_externals, before + 1);
    expect("  code", rom_external_code, 0x1004);
    if (tod() < when) {
        fail("the clock comparator came too early");
    }
    set_comparator(UINT64_MAX);
}

static void timer_interrupts(void) {
    unsigned before = rom_externals;
    set_cpu_timer(1000 * (int64_t)MILLISECOND);
    int64_t first = cpu_timer();
    for (volatile unsigned i = 0; i < 10000; i++) {
    }
    int64_t second = cpu_timer();
    if (second >= first || first > 1000 * (int64_t)MILLISECOND) {
        expect("the CPU timer counts down", (uint64_t)second, (uint64_t)first);
    }
    set_cpu_timer(5 * MILLISECOND);
    rom_wait(CPU_TIMER);
    expect("CPU-timer interruptions", rom_externals, before + 1);
    expect("  code", rom_external_code, 0x1005);
    if (cpu_timer() >= 0) {
        fail("the CPU timer is not negative after its interruption");
    }
    set_cpu_timer(INT64_C(1) << 55);
}

static void pending_until_enabled(void) {
    unsigned before = rom_externals;
    set_comparator(tod());
    for (volatile unsigned i = 0; i < 1000; i++) {
    }
    expect("disabled clock-comparator interruptions", rom_externals, before);
    rom_wait(COMPARATOR);
    expect("enabled ones", rom_externals, before + 1);
    set_comparator(UINT64_MAX);
}

int main(void) {
    clock_goes_on();
    comparator_interrupts();
    timer_interrupts();
    pending_until_enabled();
    return verdict();
}
