/*
 * What is watched stops a guest after the instruction that changed it, whichever way that was, and
 * instructions that do not store are not looked at one by one.
 */
#include "subject.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

enum { MANY = 4000, PLACES = 400 };

static enum zf_engine engines[] = {ZF_ENGINE_SWITCH, ZF_ENGINE_AUTO};

#define EACH_ENGINE(name)                                                                          \
    ParameterizedTestParameters(watch, name) {                                                     \
        return cr_make_param_array(enum zf_engine, engines, ZF_ARRAY_LENGTH(engines));             \
    }                                                                                              \
    ParameterizedTest(enum zf_engine *engine, watch, name)

/* Stores by an op, by helpers, by the target of an EXECUTE, and by interruptions: of a program, of
 * a supervisor call, whose new PSWs lead back. */
static const char stores[] =
    "llilh 3,0x8000;oihl 3,1;stg 3,0x1c0(0);stg 3,0x1d0(0);larl 4,.+70;stg 4,0x1c8(0);"
    "larl 4,.+68;stg 4,0x1d8(0);llilh 8,1;oill 8,0x800;lghi 10,0;larl 9,.+60;"
    "aghi 1,1;lgr 6,1;ngr 6,1;xgr 10,1;stg 6,0(8);stck 8(8);svc 7;"
    "aghi 1,1;lgr 6,1;dr 6,10;lgr 6,1;cvd 6,16(8);ex 0,0(9);j .-50;mvc 24(4,8),4(8)";

static const struct {
    uint64_t address;
    size_t size;
} watched[] = {
    {SUBJECT_DATA, 8},
    {SUBJECT_DATA + 8, 8},
    {SUBJECT_DATA + 16, 8},
    {SUBJECT_DATA + 24, 4},
    {0x140, 16},
    {0x150, 16},
    {0x8c, 4},
};

struct run {
    struct subject subject;
    struct zf_debug *debug;
    int64_t at;
};

static void begin(struct run *r, enum zf_engine engine, const char *code) {
    subject_create_repeatable(&r->subject, engine, 1, code);
    r->debug = zf_debug_create(r->subject.machine);
    r->at = 0;
}

static void finish(struct run *r) {
    zf_debug_destroy(r->debug);
    subject_destroy(&r->subject);
}

static enum zf_stop run(struct run *r, int64_t insns) {
    enum zf_stop stop = zf_debug_run(r->debug, insns);
    r->at += zf_debug_executed(r->debug);
    return stop;
}

/* Where the bytes are others than before, found instruction by instruction. */
static unsigned step_through(enum zf_engine engine, unsigned which, int64_t *places) {
    struct run r;
    unsigned n = 0;
    begin(&r, engine, stores);
    const uint8_t *bytes = r.subject.machine->storage.ram + watched[which].address;
    while (r.at < MANY && n < PLACES) {
        uint8_t before[16];
        memcpy(before, bytes, watched[which].size);
        run(&r, 1);
        if (memcmp(before, bytes, watched[which].size) != 0) {
            places[n++] = r.at;
        }
    }
    finish(&r);
    return n;
}

static unsigned run_through(enum zf_engine engine, unsigned which, int64_t *places) {
    struct run r;
    unsigned n = 0;
    begin(&r, engine, stores);
    struct zf_cpu *cpu = zf_machine_cpu(r.subject.machine, 0);
    cr_assert(zf_debug_set_watchpoint(r.debug, cpu, watched[which].address, watched[which].size,
                                      ZF_WATCH_CHANGE));
    while (r.at < MANY && n < PLACES) {
        if (run(&r, MANY - r.at) == ZF_STOP_BREAKPOINT) {
            places[n++] = r.at;
        }
    }
    finish(&r);
    return n;
}

EACH_ENGINE(stops_where_steps_find_a_change) {
    int64_t stepped[PLACES], met[PLACES];
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(watched); i++) {
        unsigned n = step_through(*engine, i, stepped), m = run_through(*engine, i, met);
        cr_expect_gt(n, 0u, "%u", i);
        cr_assert_eq(n, m, "%u: %u, not %u", i, m, n);
        for (unsigned k = 0; k < n; k++) {
            cr_assert_eq(met[k], stepped[k], "%u: %lld, not %lld", i, (long long)met[k],
                         (long long)stepped[k]);
        }
    }
}

struct longest {
    unsigned insns;
};

static void note(void *context, const struct zf_block *block) {
    struct longest *longest = context;
    longest->insns = block->insns > longest->insns ? block->insns : longest->insns;
}

EACH_ENGINE(what_does_not_store_stays_together) {
    struct run r;
    struct longest longest = {0};
    begin(&r, *engine, stores);
    zf_debug_observe(r.debug, &(struct zf_debug_observer){&longest, note, NULL});
    cr_assert(zf_debug_set_watchpoint(r.debug, zf_machine_cpu(r.subject.machine, 0), 0x1000, 8,
                                      ZF_WATCH_CHANGE));
    cr_expect_eq(run(&r, MANY), ZF_STOP_MAX_INSNS);
    cr_expect_geq(r.at, MANY); /* the target of an EXECUTE may be one more */
    cr_expect_geq(longest.insns, 5u, "%u", longest.insns);
    finish(&r);
}
