/*
 * cpus: 4
 * What CPUs see of each other's stores: a later load may pass an earlier store, nothing else passes
 * anything, and no two CPUs see two stores in different orders. Each test is made at many places,
 * by CPUs that begin together; BATCHES says how often. weak: how often a load passed.
 */
#include "smp.h"

#ifndef BATCHES
#define BATCHES 200
#endif
enum { PLACES = 256 };

struct place {
    volatile long x __attribute__((aligned(128)));
    volatile long y __attribute__((aligned(128)));
    long got[4] __attribute__((aligned(128)));
};
static struct place places[PLACES];
static volatile unsigned arrived;
unsigned long weak;

/* All CPUs begin the next test together. */
static void meet(unsigned others) {
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; arrived % (others + 1); i++) {
        if (i > 1000) {
            yield();
        }
    }
}

#define FOR_PLACES(...)                                                                            \
    for (unsigned i = 0; i < PLACES; i++) {                                                        \
        struct place *p = &places[i];                                                              \
        __VA_ARGS__                                                                                \
    }

static volatile int serialized;

static void store_buffering(unsigned self) {
    meet(1);
    if (self == 1) {
        FOR_PLACES(p->x = 1; if (serialized) serialize(); p->got[0] = p->y;)
    } else {
        FOR_PLACES(p->y = 1; if (serialized) serialize(); p->got[1] = p->x;)
    }
}

static void message_passing(unsigned self) {
    meet(1);
    if (self == 1) {
        FOR_PLACES(p->x = 1; p->y = 1;)
    } else {
        FOR_PLACES(p->got[0] = p->y; p->got[1] = p->x;)
    }
}

static void load_buffering(unsigned self) {
    meet(1);
    if (self == 1) {
        FOR_PLACES(p->got[0] = p->x; p->y = 1;)
    } else {
        FOR_PLACES(p->got[1] = p->y; p->x = 1;)
    }
}

static void two_writes(unsigned self) {
    meet(1);
    if (self == 1) {
        FOR_PLACES(p->x = 1; p->y = 2;)
    } else {
        FOR_PLACES(p->y = 1; p->x = 2;)
    }
}

static void independent_reads(unsigned self) {
    meet(3);
    switch (self) {
    case 0:
        FOR_PLACES(p->x = 1;)
        break;
    case 1:
        FOR_PLACES(p->y = 1;)
        break;
    case 2:
        FOR_PLACES(p->got[0] = p->x; p->got[1] = p->y;)
        break;
    default:
        FOR_PLACES(p->got[2] = p->y; p->got[3] = p->x;)
    }
}

static void clear(void) {
    FOR_PLACES(p->x = p->y = p->got[0] = p->got[1] = p->got[2] = p->got[3] = 0;)
    arrived = 0;
}

static void on_two(void (*job)(unsigned self)) {
    clear();
    start_on(1, job);
    start_on(2, job);
    wait_for(1);
    wait_for(2);
}

void smp_main(void) {
    start_cpus();
    for (int n = 0; n < BATCHES; n++) {
        serialized = 1;
        on_two(store_buffering);
        FOR_PLACES(check(p->got[0] || p->got[1]);)
        serialized = 0;
        on_two(store_buffering);
        FOR_PLACES(weak += !p->got[0] && !p->got[1];)
        on_two(message_passing);
        FOR_PLACES(check(!p->got[0] || p->got[1]);)
        on_two(load_buffering);
        FOR_PLACES(check(!p->got[0] || !p->got[1]);)
        on_two(two_writes);
        FOR_PLACES(check(p->x == 2 || p->y == 2);)
        clear();
        on_all(independent_reads);
        FOR_PLACES(check(!(p->got[0] && !p->got[1] && p->got[2] && !p->got[3]));)
    }
    end_at(0);
}
