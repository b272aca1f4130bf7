/*
 * A repeatable guest goes back: to any instruction, in any order, and finds what was there. It
 * stores, says what a page is for, is interrupted by its timer, waits, and executes other
 * instructions by EXECUTE, on which no place is.
 */
#include "subject.h"

#include "../../control/timeline.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { WAIT_MS = 60000, COUNTER = 0x840, HANDLER = 0x10092 };
/* Where there are two CPUs: the handler, code of the second one, and what that counts. */
enum { HANDLER_OF_TWO = 0x100b4, SECOND = 0x100d6, SECOND_COUNTER = 0x850, SEEN = 0x860 };

/* The timer's handler counts at COUNTER and ends a wait, which comes after 300 turns. */
#define TIMED                                                                                      \
    "llilh 3,0x8000;oihl 3,1;stg 3,0x1b0(0);larl 4,.+132;stg 4,0x1b8(0);stctg 0,0,0x800(0);"       \
    "oi 0x806(0),4;lctlg 0,0,0x800(0);lghi 5,0x1000;stg 5,0x808(0);oihh 3,0x0102;"                 \
    "stg 3,0x830(0);larl 7,.+112;larl 8,.+40;stg 8,0x838(0);lghi 8,0;llilh 8,1;oill 8,0x1000;"     \
    "lghi 10,300;spt 0x808(0);stosm 0x810(0),1;essa 9,8,2;"                                        \
    "aghi 1,1;lgr 6,1;nill 6,0x7f8;stg 1,0(6,8);ex 0,0(7);brct 10,.+12;lghi 10,300;"               \
    "lpswe 0x830(0);j .-34;"                                                                       \
    "lg 11,0x840(0);aghi 11,1;stg 11,0x840(0);spt 0x808(0);ni 0x131(0),0xfd;lpswe 0x130(0);"       \
    "mvc 0x400(1,8),7(8)"

static const char guest[] = TIMED;

/* It first starts another CPU, which counts, and looks at what the timer's handler has counted. */
static const char two_cpus[] =
    "llilh 3,0x8000;oihl 3,1;stg 3,0x1a0(0);larl 4,.+200;stg 4,0x1a8(0);lghi 9,1;sigp "
    "1,9,6(0);" TIMED
    ";aghi 1,3;agsi 0x850(0),1;agsi 0x858(0),3;lg 2,0x840(0);stg 2,0x860(0);stg 1,0x868(0);j .-34";

/* Wants to be told of input (WRITE EVENT MASK), and counts service signals at COUNTER. */
static const char reader[] =
    "llilh 3,0x8000;oihl 3,1;stg 3,0x1b0(0);larl 4,.+72;stg 4,0x1b8(0);stctg 0,0,0x800(0);"
    "oi 0x806(0),2;lctlg 0,0,0x800(0);lghi 8,0x3000;mvhhi 0(8),28;mvhhi 10(8),4;mvi 15(8),0x40;"
    "llilh 5,0x78;oill 5,5;servc 5,8;stosm 0x810(0),1;aghi 1,1;j .-4;"
    "lg 11,0x840(0);aghi 11,1;stg 11,0x840(0);lpswe 0x130(0)";

struct fixture {
    struct subject subject;
    struct zf_control *control;
};

struct state {
    int64_t at;
    uint32_t sum;
    uint64_t psw, counted, second, seen;
    int64_t executed[2];
};

static uLong sum_of_cpu(uLong sum, const struct zf_cpu *cpu) {
    sum = crc32(sum, (const Bytef *)cpu->gr, sizeof cpu->gr);
    sum = crc32(sum, (const Bytef *)cpu->cr, sizeof cpu->cr);
    sum = crc32(sum, (const Bytef *)&cpu->cpu_timer, sizeof cpu->cpu_timer);
    sum = crc32(sum, (const Bytef *)&cpu->cpu_timer_base, sizeof cpu->cpu_timer_base);
    sum = crc32(sum, (const Bytef *)&cpu->psw.addr, sizeof cpu->psw.addr);
    return crc32(sum, (const Bytef *)&cpu->cc, sizeof cpu->cc);
}

static void sum_up(void *context, struct zf_machine *machine) {
    struct state *s = context;
    uLong sum = 0;
    for (unsigned i = 0; i < zf_machine_cpus(machine); i++) {
        sum = sum_of_cpu(sum, zf_machine_cpu(machine, i));
        s->executed[i] = zf_turn_total(zf_machine_cpu(machine, i));
    }
    sum = crc32(sum, machine->storage.ram, (uInt)machine->storage.size);
    sum = crc32(sum, machine->storage.uses, (uInt)(machine->storage.size / ZF_PAGE_SIZE));
    s->sum = (uint32_t)sum;
    s->psw = zf_machine_cpu(machine, 0)->psw.addr;
    s->counted = zf_get64(machine->storage.ram + COUNTER);
    s->second = zf_get64(machine->storage.ram + SECOND_COUNTER);
    s->seen = zf_get64(machine->storage.ram + SEEN);
}

static struct state look(struct fixture *f) {
    struct state s = {.at = zf_control_insns(f->control)};
    zf_control_call(f->control, sum_up, &s);
    return s;
}

static struct zf_halt wait_for(struct fixture *f) {
    struct zf_halt halt;
    cr_assert(zf_control_wait(f->control, WAIT_MS, &halt), "it is not done");
    return halt;
}

static struct state go(struct fixture *f, int64_t to) {
    zf_control_go(f->control, to);
    wait_for(f);
    return look(f);
}

static enum zf_engine engines[] = {ZF_ENGINE_SWITCH, ZF_ENGINE_AUTO};

#define EACH_ENGINE(name)                                                                          \
    ParameterizedTestParameters(back, name) {                                                      \
        return cr_make_param_array(enum zf_engine, engines, ZF_ARRAY_LENGTH(engines));             \
    }                                                                                              \
    ParameterizedTest(enum zf_engine *engine, back, name)

static void start_with(struct fixture *f, enum zf_engine engine, unsigned cpus, const char *code) {
    struct zf_error err;
    subject_create_repeatable(&f->subject, engine, cpus, code);
    struct zf_control_config config = subject_config(&f->subject);
    config.console = true;
    f->control = zf_control_create(&config);
    cr_assert_not_null(f->control);
    cr_assert_eq(zf_control_record(f->control, &err), ZF_OK);
    cr_assert(zf_control_start(f->control));
}

static void start(struct fixture *f, enum zf_engine engine) {
    start_with(f, engine, 1, guest);
}

static void finish(struct fixture *f) {
    zf_control_destroy(f->control);
    subject_destroy(&f->subject);
}

static void run_past(struct fixture *f, uint64_t address) {
    zf_control_set_breakpoint(f->control, address);
    zf_control_run(f->control);
    wait_for(f);
    zf_control_clear_breakpoint(f->control, address);
    zf_control_step(f->control, 1); /* a place may be one before an interruption, too */
    wait_for(f);
}

static void pause_there(void *context, struct zf_machine *machine) {
    zf_control_pause(context);
}

static struct state run_up_to(struct fixture *f, int64_t at) {
    zf_control_call_at(f->control, at, pause_there, f->control);
    zf_control_run(f->control);
    wait_for(f);
    return look(f);
}

/* By a number of steps, or by that many instructions in one go. */
static void go_on(struct fixture *f, unsigned i, unsigned in_one) {
    if (i % 3) {
        zf_control_step(f->control, i % 40);
        wait_for(f);
    } else {
        run_up_to(f, look(f).at + in_one);
    }
}

/* It stops at so many places, by steps, at breakpoints and else; the states of the last ones. */
static unsigned make_history(struct fixture *f, struct state *states, unsigned count) {
    unsigned n = 0;
    states[n++] = look(f);
    for (unsigned i = 1; i < count; i++) {
        if (i % 16 == 0) {
            run_past(f, HANDLER);
        } else {
            go_on(f, i, 3000);
        }
        states[n] = look(f);
        n += states[n].at != states[n - 1].at;
    }
    return n;
}

EACH_ENGINE(any_place_in_any_order) {
    struct state states[400];
    struct fixture f;
    start(&f, *engine);
    unsigned count = make_history(&f, states, ZF_ARRAY_LENGTH(states));
    cr_assert_gt(states[count - 1].counted, 50u);
    srand(390);
    for (unsigned i = 0; i < 100; i++) {
        const struct state *wanted = &states[(unsigned)rand() % count];
        struct state got = go(&f, wanted->at);
        cr_expect_eq(got.at, wanted->at);
        cr_expect_eq(got.sum, wanted->sum, "at %lld", (long long)wanted->at);
    }
    finish(&f);
}

/* Between two places of the history, too: whatever way it came, it finds the same. */
EACH_ENGINE(step_by_step) {
    struct state states[60];
    struct fixture f;
    start(&f, *engine);
    unsigned count = make_history(&f, states, ZF_ARRAY_LENGTH(states));
    int64_t end = states[count - 1].at;
    struct state forth[200];
    unsigned n = 0;
    for (int64_t at = end - 150; at <= end; at++) {
        forth[n] = go(&f, at);
        n += !n || forth[n].at != forth[n - 1].at;
    }
    cr_assert_lt(n, 150u, "there are EXECUTEs");
    while (--n > 0) {
        zf_control_step_back(f.control);
        struct zf_halt halt = wait_for(&f);
        struct state back = look(&f);
        cr_expect(!halt.at_begin);
        cr_expect_eq(back.at, forth[n - 1].at);
        cr_expect_eq(back.sum, forth[n - 1].sum, "at %lld", (long long)back.at);
    }
    finish(&f);
}

EACH_ENGINE(breakpoints_and_changes) {
    struct fixture f;
    struct zf_halt halt;
    start(&f, *engine);
    zf_control_step(f.control, 50000);
    wait_for(&f);
    uint64_t counted = look(&f).counted;
    cr_assert_gt(counted, 10u);
    zf_control_set_breakpoint(f.control, HANDLER);
    for (uint64_t n = counted; n > 0; n--) {
        zf_control_run_back(f.control);
        halt = wait_for(&f);
        struct state s = look(&f);
        cr_assert_eq(halt.why, ZF_STOP_BREAKPOINT);
        cr_expect_eq(halt.watched.kind, ZF_WATCH_NONE);
        cr_expect_eq(s.psw, (uint64_t)HANDLER);
        cr_expect_eq(s.counted, n - 1);
    }
    zf_control_run_back(f.control);
    halt = wait_for(&f);
    cr_expect(halt.at_begin);
    cr_expect_eq(look(&f).at, 0);
    zf_control_clear_breakpoint(f.control, HANDLER);
    counted = go(&f, 50000).counted;
    cr_assert(zf_control_set_watchpoint(f.control, COUNTER, 8, ZF_WATCH_CHANGE));
    for (uint64_t n = counted; n > 0; n--) {
        zf_control_run_back(f.control);
        halt = wait_for(&f);
        cr_assert_eq(halt.why, ZF_STOP_BREAKPOINT);
        cr_expect_eq(halt.watched.kind, ZF_WATCH_CHANGE);
        cr_expect_eq(halt.watched.address, (uint64_t)COUNTER);
        cr_expect_eq(look(&f).counted, n - 1);
        cr_expect_eq(look(&f).psw, (uint64_t)HANDLER + 10);
    }
    finish(&f);
}

/* What is changed by hand belongs to the history; what came after it is forgotten. */
EACH_ENGINE(changes_by_hand) {
    struct fixture f;
    uint8_t zero[8] = {0}, found[8];
    start(&f, *engine);
    zf_control_step(f.control, 20000);
    wait_for(&f);
    go(&f, 10000);
    cr_assert(zf_control_write(f.control, COUNTER, zero, sizeof zero));
    zf_control_step(f.control, 100);
    wait_for(&f);
    int64_t first, last;
    cr_assert(zf_control_recorded(f.control, &first, &last));
    cr_expect_eq(first, 0);
    cr_expect(last >= 10100 && last < 10200); /* an EXECUTE and its target are a step */
    cr_expect_gt(go(&f, 9999).counted, 0u);
    go(&f, 10050);
    cr_assert(zf_control_read(f.control, COUNTER, found, sizeof found));
    cr_expect_eq(zf_get64(found), 0u);
    finish(&f);
}

/* Whether it has counted so far, and has executed something since `at`. */
static bool has_come(struct fixture *f, uint64_t counted, int64_t at) {
    struct state now = look(f);
    return now.counted >= counted && now.at > at;
}

/* What was typed comes again where it came: never where the guest paused, which would then be two
 * states at one instruction. */
EACH_ENGINE(input_is_repeated) {
    struct fixture f;
    struct state told[4];
    const int64_t early = 100;
    start_with(&f, *engine, 1, reader);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(told); i++) {
        zf_control_run(f.control);
        for (unsigned k = 0; k < 500000 && !has_come(&f, i + 1, i ? told[i - 1].at : early); k++) {
        }
        cr_assert(zf_control_input(f.control, "x", 1));
        for (unsigned k = 0; k < 500000 && !has_come(&f, i + 2, 0); k++) {
        }
        zf_control_pause(f.control);
        wait_for(&f);
        told[i] = look(&f);
        cr_assert_eq(told[i].counted, i + 2u); /* the first one is of the mask */
    }
    for (unsigned i = 0; i < 40; i++) {
        const struct state *wanted = &told[i * 7 % ZF_ARRAY_LENGTH(told)];
        struct state got = go(&f, wanted->at);
        cr_expect_eq(got.at, wanted->at);
        cr_expect_eq(got.counted, wanted->counted);
        cr_expect_eq(got.sum, wanted->sum, "at %lld", (long long)wanted->at);
    }
    cr_expect_eq(go(&f, early).counted, 1u);
    finish(&f);
}

/* Steps of either CPU, which the other one runs between, and stops at breakpoints of both. */
static unsigned make_history_of_two(struct fixture *f, struct state *states, unsigned count) {
    unsigned n = 0;
    states[n++] = look(f);
    for (unsigned i = 1; i < count; i++) {
        uint64_t address = i % 24 ? HANDLER_OF_TWO : SECOND;
        cr_assert(zf_control_select(f->control, i / 3 % 2 && i > 3));
        if (i % 12 == 0) {
            run_past(f, address);
        } else {
            go_on(f, i, 300);
        }
        states[n] = look(f);
        n += states[n].at != states[n - 1].at;
    }
    return n;
}

EACH_ENGINE(any_place_of_two_cpus) {
    struct state states[100];
    struct fixture f;
    start_with(&f, *engine, 2, two_cpus);
    unsigned count = make_history_of_two(&f, states, ZF_ARRAY_LENGTH(states));
    cr_assert_gt(states[count - 1].counted, 5u);
    cr_assert_gt(states[count - 1].second, 1000u);
    srand(390);
    for (unsigned i = 0; i < 100; i++) {
        const struct state *wanted = &states[(unsigned)rand() % count];
        struct state got = go(&f, wanted->at);
        cr_expect_eq(got.at, wanted->at);
        cr_expect_eq(got.sum, wanted->sum, "at %lld", (long long)wanted->at);
    }
    finish(&f);
}

/* Steps are those of the selected CPU; where it stops does not change whose turn it is. */
EACH_ENGINE(steps_of_two_cpus) {
    struct state there, again;
    struct fixture f;
    start_with(&f, *engine, 2, two_cpus);
    there = run_up_to(&f, 45000);
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        go(&f, there.at);
        cr_assert(zf_control_select(f.control, cpu));
        for (int64_t i = 0; i < 20; i++) {
            int64_t before = look(&f).executed[cpu];
            zf_control_step_back(f.control);
            wait_for(&f);
            int64_t executed = look(&f).executed[cpu];
            cr_expect(executed < before && executed >= before - 2); /* EXECUTE */
        }
        int64_t at = look(&f).at;
        while (look(&f).at < there.at) {
            zf_control_step(f.control, 1);
            wait_for(&f);
        }
        cr_expect_lt(at, there.at);
    }
    go(&f, there.at / 2);
    zf_control_step(f.control, 10); /* what follows is executed anew */
    wait_for(&f);
    again = run_up_to(&f, there.at);
    cr_expect_eq(again.at, there.at);
    cr_expect_eq(again.sum, there.sum);
    finish(&f);
}

EACH_ENGINE(breakpoints_and_changes_of_two_cpus) {
    struct fixture f;
    struct zf_halt halt;
    start_with(&f, *engine, 2, two_cpus);
    struct state end = run_up_to(&f, 400000);
    zf_control_set_breakpoint(f.control, SECOND);
    for (uint64_t n = end.second; n > end.second - 8; n--) {
        zf_control_run_back(f.control);
        halt = wait_for(&f);
        cr_assert_eq(halt.why, ZF_STOP_BREAKPOINT);
        cr_expect_eq(halt.cpu, 1u);
        cr_expect_eq(halt.psw_address, (uint64_t)SECOND);
    }
    zf_control_clear_breakpoint(f.control, SECOND);
    zf_control_set_breakpoint(f.control, HANDLER_OF_TWO);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t before = look(&f).counted;
        zf_control_run_back(f.control);
        halt = wait_for(&f);
        cr_expect_eq(halt.cpu, 0u);
        cr_expect_eq(halt.psw_address, (uint64_t)HANDLER_OF_TWO);
        cr_expect_eq(look(&f).counted, before - 1);
    }
    zf_control_clear_breakpoint(f.control, HANDLER_OF_TWO);
    const struct {
        uint64_t address, at;
        enum zf_watch_kind kind;
        unsigned cpu;
    } watched[] = {
        {COUNTER, SECOND + 16, ZF_WATCH_READ, 1},
        {SEEN, SECOND + 22, ZF_WATCH_CHANGE, 1},
        {COUNTER, HANDLER_OF_TWO + 10, ZF_WATCH_CHANGE, 0},
        {SEEN, SECOND + 22, ZF_WATCH_ACCESS, 1},
    };
    for (unsigned i = 0; i < 2 * ZF_ARRAY_LENGTH(watched); i++) {
        unsigned n = i / 2;
        bool other = watched[n].kind == ZF_WATCH_READ; /* the handler reads, too */
        cr_assert(zf_control_set_watchpoint(f.control, watched[n].address, 8, watched[n].kind));
        zf_control_run_back(f.control);
        halt = wait_for(&f);
        cr_assert_eq(halt.why, ZF_STOP_BREAKPOINT);
        cr_expect_eq(halt.watched.kind, watched[n].kind);
        cr_expect_eq(halt.watched.address, watched[n].address);
        cr_expect(halt.cpu == watched[n].cpu || other, "%u", n);
        cr_expect(halt.psw_address == watched[n].at || (other && halt.cpu == 0), "%u: %lx of %u", n,
                  (unsigned long)halt.psw_address, halt.cpu);
        zf_control_clear_watchpoint(f.control, watched[n].address, 8, watched[n].kind);
    }
    finish(&f);
}

Test(back, not_where_it_cannot) {
    struct subject s;
    struct zf_error err;
    for (unsigned linear = 0; linear < 2; linear++) { /* a program that nobody records */
        subject_create(&s, linear, "z14", "j .+0");
        struct zf_control_config config = subject_config(&s);
        struct zf_control *control = zf_control_create(&config);
        int64_t first, last;
        cr_expect_eq(zf_control_record(control, &err), ZF_ERROR_UNSUPPORTED);
        cr_expect(!zf_control_recorded(control, &first, &last));
        zf_control_destroy(control);
        subject_destroy(&s);
    }
}

/* Of a guest that stores everywhere all the time there are fewer snapshots, and the last ones. */
Test(back, storage_is_limited) {
    enum { MOST = 1 << 20, CHANGED = 48 };
    struct subject subject;
    subject_create_repeatable(&subject, ZF_ENGINE_SWITCH, 1, guest);
    struct zf_timeline *t = zf_timeline_create(MOST);
    cr_assert_not_null(t);
    uint8_t *ram = subject.machine->storage.ram;
    int64_t at = 0, first = 0, last = 0;
    for (unsigned i = 0; i < 100; i++) {
        for (unsigned page = 16; page < 16 + CHANGED; page++) {
            memset(ram + page * ZF_PAGE_SIZE, (int)i + 1, ZF_PAGE_SIZE);
        }
        at += zf_timeline_leave(t, at, subject.machine);
        cr_assert_leq(zf_timeline_size(t), (uint64_t)MOST);
    }
    zf_timeline_range(t, &first, &last);
    cr_expect_lt(first, last);
    cr_expect_geq(zf_timeline_size(t), (uint64_t)CHANGED * ZF_PAGE_SIZE);
    zf_timeline_forget(t);
    cr_expect_eq(zf_timeline_size(t), 0u);
    zf_timeline_destroy(t);
    subject_destroy(&subject);
}
