/*
 * What CPUs ask of each other: each does it at its safe point, and who asks may wait for it.
 */
#include "zfacet/cpus.h"
#include "zfacet/pending.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { CPUS = 4, ROUNDS = 300, SLICE = 1000 };

/* CPUs that do nothing but count, between safe points. */
struct crowd {
    struct zf_cpus cpus;
    pthread_t threads[CPUS];
    uint64_t turns[CPUS];
    bool done;
};

struct worker {
    struct crowd *crowd;
    struct zf_cpu *cpu;
};

static void *work(void *context) {
    struct worker *w = context;
    struct zf_cpu *cpu = w->cpu;
    zf_cpu_enter(cpu);
    while (!__atomic_load_n(&w->crowd->done, __ATOMIC_RELAXED)) {
        int32_t slice = __atomic_load_n(&cpu->slice, __ATOMIC_RELAXED);
        __atomic_store_n(&cpu->slice, slice - 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&w->crowd->turns[cpu->address], 1, __ATOMIC_RELAXED);
        __atomic_store_n(&cpu->tlb[0].entry[7].read_tag, 0x7000, __ATOMIC_RELAXED);
        if (slice < 0) {
            __atomic_store_n(&cpu->slice, SLICE, __ATOMIC_RELAXED);
            zf_cpu_safe_point(cpu);
        }
    }
    zf_cpu_leave(cpu);
    free(w);
    return NULL;
}

static void add_cpu(struct crowd *c) {
    struct zf_cpu *cpu = aligned_alloc(64, (sizeof *cpu + 63) & ~(size_t)63);
    cr_assert(cpu);
    memset(cpu, 0, sizeof *cpu);
    cpu->cpus = &c->cpus;
    cpu->address = (uint16_t)c->cpus.count;
    c->cpus.cpu[c->cpus.count++] = cpu;
}

/* CPU 0 is the test's own; the others run. */
static struct crowd *start(void) {
    struct crowd *c = calloc(1, sizeof *c);
    cr_assert(c);
    zf_cpus_create(&c->cpus);
    for (unsigned i = 0; i < CPUS; i++) {
        add_cpu(c);
    }
    for (unsigned i = 1; i < CPUS; i++) {
        struct worker *w = malloc(sizeof *w);
        cr_assert(w);
        *w = (struct worker){c, c->cpus.cpu[i]};
        cr_assert_eq(pthread_create(&c->threads[i], NULL, work, w), 0);
    }
    zf_cpu_enter(c->cpus.cpu[0]);
    return c;
}

static void finish(struct crowd *c) {
    zf_cpu_leave(c->cpus.cpu[0]);
    __atomic_store_n(&c->done, true, __ATOMIC_RELAXED);
    for (unsigned i = 1; i < c->cpus.count; i++) {
        if (c->threads[i]) {
            pthread_join(c->threads[i], NULL);
        }
    }
    for (unsigned i = 0; i < c->cpus.count; i++) {
        free(c->cpus.cpu[i]);
    }
    zf_cpus_destroy(&c->cpus);
    free(c);
}

static uint64_t turns(struct crowd *c) {
    uint64_t all = 0;
    for (unsigned i = 1; i < CPUS; i++) {
        all += __atomic_load_n(&c->turns[i], __ATOMIC_RELAXED);
    }
    return all;
}

Test(cpus, purge_reaches_all) {
    struct crowd *c = start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        zf_tlb_clear_all(c->cpus.cpu[0]);
        for (unsigned n = 1; n < CPUS; n++) {
            cr_assert(!(c->cpus.cpu[n]->requests & ZF_REQUEST_TLB));
        }
    }
    finish(c);
}

Test(cpus, purge_of_a_cpu_that_executes_nothing) {
    struct crowd *c = calloc(1, sizeof *c);
    cr_assert(c);
    zf_cpus_create(&c->cpus);
    add_cpu(c);
    add_cpu(c);
    c->cpus.cpu[1]->tlb[0].entry[3].read_tag = 0x3000;
    zf_tlb_clear_all(c->cpus.cpu[0]);
    cr_expect_eq(c->cpus.cpu[1]->tlb[0].entry[3].read_tag, ZF_TLB_EMPTY);
    finish(c);
}

Test(cpus, pause_stops_all) {
    struct crowd *c = start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        zf_cpus_pause(&c->cpus, c->cpus.cpu[0]);
        uint64_t before = turns(c);
        for (volatile unsigned n = 0; n < 10000; n++) {
        }
        cr_assert_eq(turns(c), before);
        zf_cpus_resume(&c->cpus);
    }
    finish(c);
}

/* Two that pause each other, and one that purges all the time, all come through. */
static void *pause_often(void *context) {
    struct crowd *c = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        zf_cpus_pause(&c->cpus, NULL);
        zf_cpus_resume(&c->cpus);
    }
    return NULL;
}

Test(cpus, pauses_of_several) {
    struct crowd *c = start();
    pthread_t other;
    cr_assert_eq(pthread_create(&other, NULL, pause_often, c), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        zf_tlb_clear_all(c->cpus.cpu[0]);
        zf_cpus_pause(&c->cpus, c->cpus.cpu[0]);
        zf_cpus_resume(&c->cpus);
    }
    zf_cpu_leave(c->cpus.cpu[0]);
    pthread_join(other, NULL);
    finish(c);
}

/* A service signal is taken by one CPU, once. */
Test(cpus, floating_interruption) {
    struct crowd *c = calloc(1, sizeof *c);
    uint32_t detail;
    cr_assert(c);
    zf_cpus_create(&c->cpus);
    add_cpu(c);
    add_cpu(c);
    zf_service_signal_post(&c->cpus, 0x1000);
    zf_service_signal_post(&c->cpus, 1);
    cr_expect(zf_external_pending(c->cpus.cpu[0]) & ZF_EXTERNAL_SERVICE);
    cr_expect(zf_external_pending(c->cpus.cpu[1]) & ZF_EXTERNAL_SERVICE);
    cr_expect(zf_external_take(c->cpus.cpu[1], ZF_EXTERNAL_SERVICE, &detail));
    cr_expect_eq(detail, 0x1001u);
    cr_expect_not(zf_external_take(c->cpus.cpu[0], ZF_EXTERNAL_SERVICE, &detail));
    finish(c);
}
