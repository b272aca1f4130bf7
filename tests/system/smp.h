/*
 * A bare machine with several CPUs, for guests in C: each CPU has a prefix area and a stack of its
 * own, and waits for functions to call. A check that fails ends the machine in a disabled wait at
 * its line.
 */
#include <stdint.h>

enum { CPUS = 4, STACK = 8192, OWN_CODE = 0x800 };
enum {
    SIGP_SENSE = 1,
    SIGP_EXTERNAL_CALL = 2,
    SIGP_EMERGENCY = 3,
    SIGP_START = 4,
    SIGP_STOP = 5,
    SIGP_RESTART = 6,
    SIGP_SET_PREFIX = 0xd,
    SIGP_STORE_STATUS = 0xe,
    SIGP_CONDITIONAL_EMERGENCY = 0x13,
};
#define VIRTUAL 0x40000000ul /* nothing real is there */

struct psw {
    uint64_t mask, address;
} __attribute__((aligned(8)));
#define MASK_64 0x0000000180000000ul
#define MASK_WAIT 0x0002000000000000ul
#define MASK_EXTERNAL 0x0100000000000000ul
#define MASK_DAT 0x0400000000000000ul

static unsigned char areas[CPUS][8192] __attribute__((aligned(8192)));
static unsigned char stacks[CPUS][STACK] __attribute__((aligned(16)));
static struct {
    volatile unsigned count;
    volatile uint16_t code, cpu;
} external[CPUS];
static volatile unsigned page_faults[CPUS];
static void (*volatile jobs[CPUS])(unsigned self);

static inline void load_psw(uint64_t mask, uint64_t address) {
    struct psw psw = {mask, address};
    __asm__ volatile("lpswe %0" ::"Q"(psw) : "memory", "cc");
}

static inline void serialize(void) {
    __asm__ volatile("bcr 15,0" ::: "memory");
}

/* For whom this one waits, the host may have no processor free. */
static inline void yield(void) {
    __asm__ volatile("diag 0,0,0x44" ::: "memory");
}

static inline unsigned self_address(void) {
    uint16_t address;
    __asm__ volatile("stap %0" : "=Q"(address));
    return address;
}

static inline unsigned sigp(unsigned cpu, unsigned order, unsigned long parameter,
                            unsigned *status) {
    register unsigned long r2 __asm__("2") = 0;
    register unsigned long r3 __asm__("3") = parameter;
    unsigned cc;
    do {
        __asm__ volatile("sigp 2,%3,0(%4)\n\tipm %0\n\tsrl %0,28"
                         : "=d"(cc), "+d"(r2), "+d"(r3)
                         : "d"((unsigned long)cpu), "a"((unsigned long)order)
                         : "cc", "memory");
    } while (cc == 2);
    *status = (unsigned)r2;
    return cc;
}

/* All CPUs but this one stop: the machine ends here. */
static inline void end_at(unsigned long address) {
    unsigned self = self_address(), status;
    for (unsigned i = 0; i < CPUS; i++) {
        if (i != self) {
            sigp(i, SIGP_STOP, 0, &status);
            while (sigp(i, SIGP_SENSE, 0, &status) != 1 || !(status & 0x40)) {
                yield();
            }
        }
    }
    for (;;) {
        load_psw(MASK_WAIT | MASK_64, address);
    }
}

#define check(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            end_at(__LINE__);                                                                      \
        }                                                                                          \
    } while (0)

/* Interruptions come with the old PSW in the prefix area, which is real address 0 on. */
#define LOW(type, at)                                                                              \
    ({                                                                                             \
        unsigned long at_ = (at);                                                                  \
        __asm__("" : "+a"(at_));                                                                   \
        (type *)at_;                                                                               \
    })

void on_external(void) {
    unsigned self = self_address();
    external[self].code = *LOW(volatile uint16_t, 0x86);
    external[self].cpu = *LOW(volatile uint16_t, 0x84);
    external[self].count++;
    LOW(struct psw, 0x130)->mask &= ~(MASK_WAIT | MASK_EXTERNAL);
}

/* What is not a page fault of the page that comes and goes ends the machine. */
void on_program(void) {
    unsigned self = self_address();
    uint16_t code = *LOW(volatile uint16_t, 0x8e);
    if (code != 0x11 && code != 0x10) {
        end_at(0xdead0000 + code);
    }
    page_faults[self]++;
}

void secondary(unsigned self) {
    for (;;) {
        void (*job)(unsigned) = jobs[self];
        if (job) {
            job(self);
            __atomic_store_n(&jobs[self], 0, __ATOMIC_SEQ_CST);
        }
        yield();
    }
}

/* Handlers save what C code may change at 0xc00 of the prefix area. */
__asm__(".macro handler name function old\n"
        ".globl \\name\n"
        "\\name: stmg 0,15,0xc00(0)\n"
        "lg 15,0xd00(0)\n"
        "brasl 14,\\function\n"
        "lmg 0,15,0xc00(0)\n"
        "lpswe \\old(0)\n"
        ".endm\n"
        ".section .head,\"ax\"\n"
        ".org 0x200\n.globl _start\n_start: larl 15,stacks+8192-160\nstg 15,0x1000-8(0)\n"
        "brasl 14,smp_main\n"
        ".org 0x2000\n" /* the rest of the prefix area, which other CPUs have elsewhere */
        "handler external_handler on_external 0x130\n"
        "handler program_handler on_program 0x150\n"
        "restart_handler: lg 15,0xd08(0)\nlg 2,0xd10(0)\nbrasl 14,secondary\n"
        ".text\n");
extern unsigned char external_handler[], program_handler[], restart_handler[];

static void write_lghi(unsigned char *at, int value) {
    uint64_t word = 0xa729000007fe0000ul | (uint64_t)(uint16_t)value << 32;
    __atomic_store_n((uint64_t *)at, word, __ATOMIC_SEQ_CST);
}

static void put_area(unsigned char *area, unsigned cpu) {
    *(struct psw *)(area + 0x1a0) = (struct psw){MASK_64, (uint64_t)restart_handler};
    *(struct psw *)(area + 0x1b0) = (struct psw){MASK_64, (uint64_t)external_handler};
    *(struct psw *)(area + 0x1d0) = (struct psw){MASK_64, (uint64_t)program_handler};
    *(uint64_t *)(area + 0xd00) = (uint64_t)stacks[cpu] + STACK / 2 - 160;
    *(uint64_t *)(area + 0xd08) = (uint64_t)stacks[cpu] + STACK - 160;
    *(uint64_t *)(area + 0xd10) = cpu;
    *(uint64_t *)(area + 0xd20) = MASK_WAIT | MASK_EXTERNAL | MASK_64;
    write_lghi(area + OWN_CODE, (int)cpu);
}

static void control_registers(void) {
    uint64_t cr0 = 0x6000; /* emergency signals and external calls */
    __asm__ volatile("lctlg 0,0,%0" ::"Q"(cr0) : "memory");
}

static void start_cpus(void) {
    unsigned status;
    put_area(LOW(unsigned char, 0), 0);
    control_registers();
    for (unsigned i = 1; i < CPUS; i++) {
        put_area(areas[i], i);
        check(sigp(i, SIGP_SET_PREFIX, (unsigned long)areas[i], &status) == 0);
        check(sigp(i, SIGP_RESTART, 0, &status) == 0);
    }
}

static void wait_for(unsigned cpu) {
    while (__atomic_load_n(&jobs[cpu], __ATOMIC_SEQ_CST)) {
        yield();
    }
}

static void start_on(unsigned cpu, void (*job)(unsigned self)) {
    wait_for(cpu);
    __atomic_store_n(&jobs[cpu], job, __ATOMIC_SEQ_CST);
}

static inline void on_all(void (*job)(unsigned self)) {
    for (unsigned i = 1; i < CPUS; i++) {
        start_on(i, job);
    }
    job(0);
    for (unsigned i = 1; i < CPUS; i++) {
        wait_for(i);
    }
}

static inline void sleep_until_external(void) {
    control_registers();
    __asm__ volatile("larl 1,1f\n\tstg 1,0xd28(0)\n\tlpswe 0xd20(0)\n1:" ::: "1", "memory", "cc");
}

static inline void allow_external(void) {
    uint8_t mask = 1;
    control_registers();
    __asm__ volatile("ssm %0\n\tbcr 15,0\n\tstnsm 0xd18(0),0xfe" ::"Q"(mask) : "memory");
}

/* One page at VIRTUAL, and the first megabytes as they are. */
static uint64_t segments[2048] __attribute__((aligned(16384)));
static uint64_t pages[9][256] __attribute__((aligned(2048)));
static long frame[512] __attribute__((aligned(4096)));

static inline void make_tables(void) {
    for (unsigned i = 0; i < 2048; i++) {
        segments[i] = 0x20;
    }
    for (unsigned i = 0; i < 8; i++) {
        segments[i] = (uint64_t)pages[i];
        for (unsigned n = 0; n < 256; n++) {
            pages[i][n] = ((uint64_t)i << 20) + (n << 12);
        }
    }
    segments[VIRTUAL >> 20] = (uint64_t)pages[8];
    for (unsigned n = 0; n < 256; n++) {
        pages[8][n] = 0x400;
    }
}

static inline void set_page(long value) {
    for (unsigned i = 0; i < 512; i++) {
        frame[i] = value;
    }
    __atomic_store_n(&pages[8][0], (uint64_t)frame, __ATOMIC_SEQ_CST);
}

static inline void ipte(void) {
    __asm__ volatile("ipte %0,%1" ::"a"(pages[8]), "a"(VIRTUAL) : "memory", "cc");
}

static inline void spoil_frame(void) {
    for (unsigned i = 0; i < 512; i++) {
        *(volatile long *)&frame[i] = 99;
    }
}

static inline void dat_on(void) {
    uint64_t asce = (uint64_t)segments | 3; /* 2048 of them */
    uint8_t mask = 4;
    __asm__ volatile("lctlg 1,1,%0\n\tssm %1" ::"Q"(asce), "Q"(mask) : "memory");
}

static inline void dat_off(void) {
    uint8_t mask = 0;
    __asm__ volatile("ssm %0" ::"Q"(mask) : "memory");
}
