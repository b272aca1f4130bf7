/* SIGNAL PROCESSOR to this CPU, to one that is stopped, and to one that is not there. */
#include "rom.h"

int main(void);

enum {
    SENSE = 1,
    EXTERNAL_CALL = 2,
    EMERGENCY = 3,
    STOP = 5,
    STOP_STORE_STATUS = 9,
    INITIAL_RESET = 0x0b,
    RESET = 0x0c,
    SET_PREFIX = 0x0d,
    STORE_STATUS = 0x0e,
    SENSE_RUNNING = 0x15,
    INVALID_ORDER = 0xff
};
enum {
    INVALID = 0x02,
    STOPPED = 0x40,
    CALL_PENDING = 0x80,
    INVALID_PARAMETER = 0x100,
    INCORRECT_STATE = 0x200,
    NOT_RUNNING = 0x400
};
enum { SUBCLASS_EMERGENCY = 0x4000, SUBCLASS_CALL = 0x2000 };
enum { SENSE_RUNNING_FACILITY = 9, CPU_LIMIT = 16, NO_STORAGE = 0x7fffe000 };

/* What STORE STATUS stores, from the beginning of its area on. */
struct status {
    uint64_t fprs[16], grs[16], psw[2], unused;
    uint32_t prefix, fpc, unused2, tod_programmable;
    uint64_t cpu_timer, clock_comparator, unused3;
    uint32_t ars[16];
    uint64_t crs[16];
} __attribute__((packed));

static uint8_t prefix_area[0x2000] __attribute__((aligned(0x2000)));
static struct status area __attribute__((aligned(512)));

/* Condition code; the status of cc 1 goes to *status. */
static int sigp_with(unsigned cpu, unsigned order, uint64_t parameter, uint32_t *status) {
    register uint64_t r2 __asm__("2") = 0;
    register uint64_t r3 __asm__("3") = parameter;
    int cc;
    __asm__ volatile("sigp %1,%3,0(%4)\n ipm %0\n srl %0,28"
                     : "=d"(cc), "+d"(r2), "+d"(r3)
                     : "d"((uint64_t)cpu), "a"((uint64_t)order)
                     : "cc", "memory");
    *status = (uint32_t)r2;
    return cc;
}

static int sigp(unsigned cpu, unsigned order, uint32_t *status) {
    return sigp_with(cpu, order, 0, status);
}

static void expect_accepted(const char *what, unsigned cpu, unsigned order, uint64_t parameter) {
    uint32_t status;
    expect(what, (uint64_t)sigp_with(cpu, order, parameter, &status), 0);
}

static void expect_status(const char *what, unsigned cpu, unsigned order, uint64_t parameter,
                          uint32_t wanted) {
    uint32_t status;
    expect(what, (uint64_t)sigp_with(cpu, order, parameter, &status), 1);
    expect("  its status", status, wanted);
}

static void self(unsigned cpu) {
    uint32_t status;
    expect("sense of this CPU", (uint64_t)sigp(cpu, SENSE, &status), 0);
    expect("emergency signal", (uint64_t)sigp(cpu, EMERGENCY, &status), 0);
    rom_wait(SUBCLASS_EMERGENCY);
    expect("  its interruption", rom_external_code, 0x1201);
    expect("  from", LOW16(0x84), cpu);
    expect("external call", (uint64_t)sigp(cpu, EXTERNAL_CALL, &status), 0);
    rom_wait(SUBCLASS_CALL);
    expect("  its interruption", rom_external_code, 0x1202);
    expect("  from", LOW16(0x84), cpu);
    expect("interruptions", rom_externals, 2);
    expect_status("set prefix of a CPU that is not stopped", cpu, SET_PREFIX, 0, INCORRECT_STATE);
    expect_status("store status of one", cpu, STORE_STATUS, 0x1000, INCORRECT_STATE);
    expect_status("invalid order", cpu, INVALID_ORDER, 0, INVALID);
    if (has_facility(SENSE_RUNNING_FACILITY)) {
        expect_accepted("sense running status", cpu, SENSE_RUNNING, 0);
    } else {
        expect_status("sense running status, which is not there", cpu, SENSE_RUNNING, 0, INVALID);
    }
}

static void stopped_signals(unsigned cpu) {
    expect_status("sense of a stopped CPU", cpu, SENSE, 0, STOPPED);
    expect_accepted("stop of a stopped CPU", cpu, STOP, 0);
    expect_accepted("external call to it", cpu, EXTERNAL_CALL, 0);
    expect_status("sense", cpu, SENSE, 0, STOPPED | CALL_PENDING);
    expect_status("external call once more", cpu, EXTERNAL_CALL, 0, CALL_PENDING);
    expect_accepted("emergency signal", cpu, EMERGENCY, 0);
    expect_accepted("emergency signal once more", cpu, EMERGENCY, 0);
    expect_accepted("CPU reset", cpu, RESET, 0);
    expect_status("sense", cpu, SENSE, 0, STOPPED);
    expect_status("invalid order", cpu, INVALID_ORDER, 0, INVALID);
    if (has_facility(SENSE_RUNNING_FACILITY)) {
        expect_status("sense running status", cpu, SENSE_RUNNING, 0, NOT_RUNNING);
    }
}

static void stopped_status(unsigned cpu) {
    volatile struct status *usual = (volatile struct status *)low(0x1200);
    expect_accepted("set prefix", cpu, SET_PREFIX, (uint64_t)prefix_area);
    expect_status("set prefix to no storage", cpu, SET_PREFIX, NO_STORAGE, INVALID_PARAMETER);
    memset(&area, 0xff, sizeof area);
    expect_accepted("store status", cpu, STORE_STATUS, (uint64_t)&area);
    expect("  prefix", area.prefix, (uint32_t)(uint64_t)prefix_area);
    expect("  instruction address", area.psw[1], 0);
    usual->prefix = 0xffffffff;
    LOW8(163) = 0;
    expect_accepted("stop and store status", cpu, STOP_STORE_STATUS, 0);
    expect("  architectural mode", LOW8(163), 1);
    expect("  prefix, at the absolute address", usual->prefix, (uint32_t)(uint64_t)prefix_area);
    expect_accepted("initial CPU reset", cpu, INITIAL_RESET, 0);
    expect_accepted("store status", cpu, STORE_STATUS, (uint64_t)&area);
    expect("  prefix", area.prefix, 0);
    expect("  floating-point control", area.fpc, 0);
    expect("  clock comparator", area.clock_comparator, 0);
    expect("  control register 0", area.crs[0], 0xe0);
    expect("  control register 14", area.crs[14], 0xc2000000);
    expect_status("sense", cpu, SENSE, 0, STOPPED);
}

/* CPUs by STSI 1.2.2: all, and those configured. */
static uint32_t told_cpus(void) {
    static uint8_t block[4096] __attribute__((aligned(4096)));
    register uint64_t r0 __asm__("0") = 0x10000002;
    register uint64_t r1 __asm__("1") = 2;
    __asm__ volatile("stsi 0(%2)" : "+d"(r0), "+d"(r1) : "a"(block) : "cc", "memory");
    return *(uint32_t *)(block + 36);
}

int main(void) {
    uint16_t address;
    uint32_t status;
    unsigned cpus = 0;
    __asm__ volatile("stap %0" : "=Q"(address) : : "memory");
    expect("address of this CPU", address, 0);
    expect("sense of a CPU that is not there", (uint64_t)sigp(77, SENSE, &status), 3);
    self(address);
    while (cpus < CPU_LIMIT && sigp(cpus, SENSE, &status) != 3) {
        cpus++;
    }
    for (unsigned cpu = 1; cpu < cpus; cpu++) {
        stopped_signals(cpu);
        stopped_status(cpu);
    }
    expect("CPUs that STSI tells", told_cpus(), cpus << 16 | cpus);
    print_dec(cpus);
    print(" CPUs\n");
    return verdict();
}
