/*
 * cpus: 4
 * Several CPUs: orders and signals to each other, locks, code of their own in the prefix area, and
 * addresses, keys and code that another CPU changes.
 */
#include "smp.h"

static volatile long turns[CPUS];

/* Locks and interlocked updates. */

enum { ROUNDS = 1000, SIGNALS = 100, TAKEN = 40, WRITTEN = 100 };
static volatile uint32_t lock;
static volatile long counted, added;

static void count(unsigned self) {
    (void)self;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t free = 0;
        while (
            !__atomic_compare_exchange_n(&lock, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            free = 0;
            yield();
        }
        counted++;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
        __atomic_fetch_add(&added, 1, __ATOMIC_SEQ_CST);
    }
}

static void test_locks(void) {
    on_all(count);
    check(counted == (long)CPUS * ROUNDS);
    check(added == (long)CPUS * ROUNDS);
}

/* Transactions: those of one CPU at a time, whatever the others do. */

static volatile long moved[2];

static void move_in_transactions(unsigned self) {
    const long transactions = 1ul << 55;
    long control;
    (void)self;
    __asm__ volatile("stctg 0,0,%0" : "=Q"(control));
    control |= transactions;
    __asm__ volatile("lctlg 0,0,%0" ::"Q"(control) : "memory");
    for (int i = 0; i < ROUNDS; i++) {
        int cc;
        __asm__ volatile("tbeginc 0,0xff00\n agsi %0,1\n agsi %1,-1\n tend"
                         : "+Q"(moved[0]), "+Q"(moved[1])::"cc");
        do {
            __asm__ volatile("tbegin 0,0xff00\n ipm %0\n jne 0f\n agsi %1,1\n agsi %2,-1\n tend\n0:"
                             : "=d"(cc), "+Q"(moved[0]), "+Q"(moved[1])::"cc");
        } while (cc >> 28 & 3);
    }
}

static void test_transactions(void) {
    on_all(move_in_transactions);
    check(moved[0] == 2L * CPUS * ROUNDS);
    check(moved[1] == -2L * CPUS * ROUNDS);
}

/* Orders: a CPU that is stopped stands still, and goes on where it was. */

static volatile int counting;

static void count_turns(unsigned self) {
    while (counting) {
        turns[self]++;
    }
}

static void stop(unsigned cpu) {
    unsigned status;
    sigp(cpu, SIGP_STOP, 0, &status);
    while (sigp(cpu, SIGP_SENSE, 0, &status) != 1 || !(status & 0x40)) {
        yield();
    }
}

static void test_orders(void) {
    unsigned status = 0;
    counting = 1;
    start_on(1, count_turns);
    while (!turns[1]) {
        yield();
    }
    check(sigp(1, SIGP_SENSE, 0, &status) == 0);
    check(sigp(1, SIGP_START, 0, &status) == 0);
    check(sigp(1, SIGP_SET_PREFIX, 0, &status) == 1 && status == 0x200);
    for (int i = 0; i < 10; i++) {
        stop(1);
        check(sigp(1, SIGP_SENSE, 0, &status) == 1 && status == 0x40);
        long before = turns[1];
        for (volatile int n = 0; n < 1000; n++) {
        }
        check(turns[1] == before);
        check(sigp(1, SIGP_STOP, 0, &status) == 0);
        check(sigp(1, SIGP_STORE_STATUS, 0x9000, &status) == 0);
        check(sigp(1, SIGP_START, 0, &status) == 0);
        while (turns[1] == before) {
            yield();
        }
    }
    counting = 0;
    wait_for(1);
    check(sigp(CPUS, SIGP_SENSE, 0, &status) == 3);
    check(sigp(1, 0x77, 0, &status) == 1 && status == 2);
}

/* Signals, to CPUs in the wait state. */

static void wait_for_signals(unsigned self) {
    for (unsigned i = 0; i < SIGNALS; i++) {
        while (external[self].count <= i) {
            if (i & 1) {
                allow_external();
            } else {
                sleep_until_external(); /* the one that had come is taken before it sleeps */
            }
        }
        turns[self]++;
    }
}

static void test_signals(void) {
    unsigned status = 0;
    for (unsigned i = 0; i < CPUS; i++) {
        turns[i] = 0;
    }
    start_on(1, wait_for_signals);
    start_on(2, wait_for_signals);
    for (int i = 0; i < SIGNALS; i++) {
        check(sigp(1, SIGP_EMERGENCY, 0, &status) == 0);
        while (sigp(2, SIGP_EXTERNAL_CALL, 0, &status) == 1) {
            check(status == 0x80);
        }
        while (turns[1] == i || turns[2] == i) {
            yield();
        }
    }
    wait_for(1);
    wait_for(2);
    check(external[1].code == 0x1201 && external[2].code == 0x1202);
    check(external[1].cpu == 0 && external[2].cpu == 0);
}

/* A conditional signal: refused by a CPU that is stopped, allows all interruptions and has other
 * ASNs. The first one that is taken turns external interruptions off. */

static void count_allowing(unsigned self) {
    uint8_t all = 3, none = 0;
    control_registers();
    __asm__ volatile("ssm %0" ::"Q"(all) : "memory");
    count_turns(self);
    allow_external();
    __asm__ volatile("ssm %0" ::"Q"(none) : "memory");
}

static void test_conditional(void) {
    unsigned status = 0, before = external[1].count;
    counting = 1;
    turns[1] = 0;
    start_on(1, count_allowing);
    while (!turns[1]) {
        yield();
    }
    stop(1);
    check(sigp(1, SIGP_CONDITIONAL_EMERGENCY, 5, &status) == 1 && status == 0x200);
    check(sigp(1, SIGP_CONDITIONAL_EMERGENCY, 0, &status) == 0);
    check(sigp(1, SIGP_START, 0, &status) == 0);
    while (external[1].count == before) {
        yield();
    }
    stop(1);
    check(sigp(1, SIGP_CONDITIONAL_EMERGENCY, 5, &status) == 0);
    check(sigp(1, SIGP_START, 0, &status) == 0);
    counting = 0;
    wait_for(1);
    check(external[1].count == before + 2 && external[1].code == 0x1201);
}

/* Code in the prefix area, at the same real address. */

static void run_own_code(unsigned self) {
    for (int i = 0; i < 100; i++) {
        check((unsigned)((long (*)(void))OWN_CODE)() == self);
    }
}

static void test_own_code(void) {
    on_all(run_own_code);
}

/* A page that is taken away, and whose frame is then used for something else. */

static volatile int taking;

static void use_page(unsigned self) {
    volatile long *page = (volatile long *)(VIRTUAL + 8 * self);
    dat_on();
    while (taking) {
        long got = page[0], more = page[8]; /* a page fault makes it again */
        check(got == 1 && more == 1);
        turns[self]++;
    }
    dat_off();
}

static void test_invalidation(void) {
    make_tables();
    turns[1] = turns[2] = 0;
    taking = 1;
    start_on(1, use_page);
    start_on(2, use_page);
    for (int i = 0; i < TAKEN; i++) {
        long before = turns[1], other = turns[2];
        set_page(1);
        while (turns[1] == before || turns[2] == other) {
            yield();
        }
        ipte();
        spoil_frame();
        yield(); /* where CPUs take turns, nobody would look for the page now */
    }
    set_page(1);
    taking = 0;
    wait_for(1);
    wait_for(2);
    check(page_faults[1] && page_faults[2]);
}

/* Code that another CPU writes. */

static unsigned char code[4096] __attribute__((aligned(4096)));
static volatile int writing;

static void run_code(unsigned self) {
    long last = 0;
    (void)self;
    while (writing) {
        long got = ((long (*)(void))code)();
        check(got >= last && got <= WRITTEN);
        last = got;
    }
    serialize();
    check(((long (*)(void))code)() == WRITTEN);
}

static void test_code(void) {
    writing = 1;
    write_lghi(code, 0);
    start_on(1, run_code);
    start_on(2, run_code);
    for (int i = 1; i <= WRITTEN; i++) {
        write_lghi(code, i);
        for (volatile int n = 0; n < 50; n++) {
        }
    }
    writing = 0;
    wait_for(1);
    wait_for(2);
}

/* An endless loop, which another CPU makes end. */

static const uint16_t endless[] = {
    0xa73b, 1,              /* aghi %r3,1 */
    0xe330, 0x2000, 0x0024, /* stg %r3,0(%r2) */
    0xa7f4, -5,             /* j */
    0x07fe                  /* br %r14 */
};
enum { JUMP = 5, NEVER = 0xa704 };

static void run_endless(unsigned self) {
    register volatile long *r2 __asm__("2") = &turns[self];
    register long r3 __asm__("3") = 0;
    __asm__ volatile("basr %%r14,%2" : "+d"(r2), "+d"(r3) : "a"(code) : "14", "cc", "memory");
}

static void test_endless(void) {
    volatile uint16_t *at = (volatile uint16_t *)code;
    for (int i = 0; i < TAKEN; i++) {
        for (unsigned n = 0; n < sizeof endless / sizeof endless[0]; n++) {
            at[n] = endless[n];
        }
        turns[1] = turns[2] = 0;
        start_on(1, run_endless);
        start_on(2, run_endless);
        while (turns[1] < 1000 || turns[2] < 1000) {
            yield();
        }
        at[JUMP] = NEVER;
        wait_for(1);
        wait_for(2);
    }
}

void smp_main(void) {
    start_cpus();
    test_locks();
    test_transactions();
    test_orders();
    test_signals();
    test_conditional();
    test_own_code();
    test_invalidation();
    test_code();
    test_endless();
    end_at(0);
}
