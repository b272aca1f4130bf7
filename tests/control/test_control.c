/*
 * What can be asked of a machine under control, from another thread than the one that executes it;
 * of a bare machine and of a Linux program.
 */
#include "subject.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Never ends by itself; GR 1 counts the turns. */
static const char endless[] = "lghi 1,0;aghi 1,1;j .-4";
enum { AGHI = 4, J = 8, WAIT_MS = 20000 };

static bool kinds[] = {false, true};

#define EACH_KIND(name)                                                                            \
    ParameterizedTestParameters(control, name) {                                                   \
        return cr_make_param_array(bool, kinds, ZF_ARRAY_LENGTH(kinds));                           \
    }                                                                                              \
    ParameterizedTest(bool *linear, control, name)

struct fixture {
    struct subject subject;
    struct zf_control *control;
    uint64_t begin; /* address of the first instruction */
    /* told by events */
    unsigned findings, ends, outputs, steps, pauses;
    struct zf_finding finding;
    char output[64];
    int64_t called_at;
};

static void on_event(void *context, const struct zf_control_event *event) {
    struct fixture *f = context;
    f->ends += event->kind == ZF_CONTROL_END;
    f->steps += event->kind == ZF_CONTROL_STEP;
    f->pauses += event->kind == ZF_CONTROL_STATE && event->halt->state == ZF_CONTROL_PAUSED;
    if (event->kind == ZF_CONTROL_FINDING) {
        f->findings++;
        f->finding = *event->finding;
    } else if (event->kind == ZF_CONTROL_OUTPUT) {
        size_t used = strlen(f->output);
        snprintf(f->output + used, sizeof f->output - used, "%.*s", (int)event->length,
                 event->text);
    }
}

static enum zf_status reset(void *context, struct zf_error *err) {
    struct fixture *f = context;
    zf_machine_reset(f->subject.machine);
    subject_load(&f->subject, endless);
    return ZF_OK;
}

static enum zf_status save(void *context, const char *to, struct zf_error *err) {
    struct fixture *f = context;
    const struct zf_cpu *cpu = zf_machine_cpu(f->subject.machine, 0);
    f->called_at = (int64_t)cpu->gr[1];
    return strcmp(to, "nowhere") ? ZF_OK : zf_fail(err, ZF_ERROR_IO, "there is nothing");
}

static void open_as(struct fixture *f, bool linear, const char *code, int64_t max_insns) {
    memset(f, 0, sizeof *f);
    subject_create(&f->subject, linear, "z13", code);
    struct zf_control_config config = subject_config(&f->subject);
    config.max_insns = max_insns;
    config.console = true;
    config.reset = reset;
    config.save = save;
    config.context = f;
    f->begin = zf_machine_cpu(f->subject.machine, 0)->psw.addr;
    f->control = zf_control_create(&config);
    cr_assert_not_null(f->control);
    zf_control_listen(f->control, on_event, f);
}

static void start(struct fixture *f, bool linear, const char *code) {
    open_as(f, linear, code, 0);
    cr_assert(zf_control_start(f->control));
}

static void finish(struct fixture *f) {
    zf_control_destroy(f->control);
    subject_destroy(&f->subject);
}

/* Waits until all is done. */
static struct zf_halt wait_for(struct fixture *f) {
    struct zf_halt halt;
    cr_assert(zf_control_wait(f->control, WAIT_MS, &halt), "it is not done");
    return halt;
}

static void copy_turns(void *context, struct zf_machine *machine) {
    *(uint64_t *)context = zf_machine_cpu(machine, 0)->gr[1];
}

static uint64_t turns(struct fixture *f) {
    uint64_t value;
    zf_control_call(f->control, copy_turns, &value);
    return value;
}

/* True when it runs: it has made turns since. */
static bool makes_turns(struct fixture *f) {
    uint64_t before = turns(f), after = before;
    for (unsigned i = 0; i < 1000 && after == before; i++) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
        after = turns(f);
    }
    return after != before;
}

/* As on a busy host, where the thread that executes has not come to it. */
EACH_KIND(pause_before_it_runs_is_told) {
    struct fixture f;
    open_as(&f, *linear, endless, 0);
    zf_control_run(f.control);
    zf_control_pause(f.control);
    cr_assert(zf_control_start(f.control));
    cr_expect_eq(wait_for(&f).state, ZF_CONTROL_PAUSED);
    cr_expect_eq(f.pauses, 1u);
    zf_control_pause(f.control); /* nothing was asked for */
    wait_for(&f);
    cr_expect_eq(f.pauses, 1u);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    zf_control_pause(f.control);
    wait_for(&f);
    cr_expect_eq(f.pauses, 2u);
    finish(&f);
}

EACH_KIND(pauses_and_goes_on) {
    struct fixture f;
    start(&f, *linear, endless);
    for (unsigned i = 0; i < 3; i++) {
        zf_control_run(f.control);
        cr_expect(makes_turns(&f));
        cr_expect(zf_control_busy(f.control));
        zf_control_pause(f.control);
        struct zf_halt halt = wait_for(&f);
        cr_expect_eq(halt.state, ZF_CONTROL_PAUSED);
        cr_expect_eq(halt.why, ZF_STOP_REQUESTED);
        cr_expect(halt.psw_address >= f.begin && halt.psw_address <= f.begin + J);
        cr_expect_eq(turns(&f), turns(&f));
    }
    finish(&f);
}

EACH_KIND(steps) {
    struct fixture f;
    start(&f, *linear, endless);
    zf_control_step(f.control, 1);
    cr_expect_eq(wait_for(&f).psw_address, f.begin + AGHI);
    zf_control_step(f.control, 2);
    struct zf_halt halt = wait_for(&f);
    cr_expect_eq(halt.psw_address, f.begin + AGHI);
    cr_expect_eq(halt.why, ZF_STOP_MAX_INSNS);
    zf_control_step(f.control, 1);
    zf_control_step(f.control, 1);
    zf_control_step(f.control, 1);
    cr_expect_eq(wait_for(&f).psw_address, f.begin + J);
    cr_expect_eq(turns(&f), 3);
    cr_expect_eq(f.steps, 6);
    cr_expect_eq(zf_control_insns(f.control), 6);
    finish(&f);
}

EACH_KIND(a_step_of_execute_and_over_a_call) {
    struct fixture f;
    start(&f, *linear, "larl 2,.+18;ex 0,0(0,2);bras 14,.+12;j .;lghi 3,1;lghi 3,2;br 14");
    zf_control_step(f.control, 2);
    cr_expect_eq(wait_for(&f).psw_address, f.begin + 10);
    zf_control_step_over(f.control);
    cr_expect_eq(wait_for(&f).psw_address, f.begin + 14);
    finish(&f);
}

EACH_KIND(runs_to_an_address_and_stops_at_breakpoints) {
    struct fixture f;
    start(&f, *linear, endless);
    zf_control_run_to(f.control, f.begin + J);
    struct zf_halt halt = wait_for(&f);
    cr_expect_eq(halt.why, ZF_STOP_BREAKPOINT);
    cr_expect_eq(halt.psw_address, f.begin + J);
    cr_expect_eq(turns(&f), 1);
    zf_control_run_to(f.control, f.begin + J);
    wait_for(&f);
    cr_expect_eq(turns(&f), 2, "from where it is, it comes back");
    cr_assert(zf_control_set_breakpoint(f.control, f.begin + AGHI));
    for (unsigned i = 0; i < 3; i++) {
        zf_control_run(f.control);
        cr_expect_eq(wait_for(&f).psw_address, f.begin + AGHI);
    }
    cr_expect_eq(turns(&f), 4);
    zf_control_step(f.control, 1);
    cr_expect_eq(wait_for(&f).psw_address, f.begin + J);
    zf_control_clear_breakpoint(f.control, f.begin + AGHI);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    finish(&f);
}

static void take_count(void *context, struct zf_machine *machine) {
    *(uint64_t *)context = zf_machine_cpu(machine, 0)->gr[1];
}

/* Interrupted just before a breakpoint, and let go on, it stops there all the same. */
EACH_KIND(no_interruption_passes_a_breakpoint) {
    struct fixture f;
    uint64_t before, count, ignored;
    open_as(&f, *linear, endless, 0);
    cr_assert(zf_control_start(f.control));
    cr_assert(zf_control_set_breakpoint(f.control, f.begin + AGHI));
    zf_control_run(f.control);
    wait_for(&f);
    zf_control_call(f.control, take_count, &before);
    for (unsigned i = 0; i < 2000; i++) {
        zf_control_run(f.control);
        for (unsigned k = 0; k < i % 8; k++) {
            zf_control_call(f.control, take_count, &ignored);
        }
        wait_for(&f);
        zf_control_call(f.control, take_count, &count);
        cr_assert_eq(count, before + 1);
        before = count;
    }
    zf_control_destroy(f.control);
    subject_destroy(&f.subject);
}

/* Sends itself SIGUSR1 without end, and counts in a handler. */
static const char signalling[] =
    "larl 3,.+0x200;larl 4,.+0x26;stg 4,0(3);lghi 2,10;lghi 4,0;lghi 5,8;svc 174;"
    "svc 20;lghi 3,10;svc 37;j .-8;larl 1,.+0x300;agsi 0(1),1;br 14";
enum { SIGNALLED = 0x2c + 0x300, SIGUSR1_OF_GUEST = 10 };

static uint64_t signalled(struct fixture *f) {
    uint8_t bytes[8];
    cr_assert(zf_control_read(f->control, f->begin + SIGNALLED, bytes, sizeof bytes));
    return zf_get64(bytes);
}

/* The thread gets it or not, as it is said; what interrupts at the same time does not matter. */
Test(control, signals_wait_for_an_answer) {
    struct fixture f;
    uint64_t wanted = 0, ignored;
    open_as(&f, true, signalling, 0);
    cr_assert(zf_control_start(f.control));
    zf_control_hold_signals(f.control, UINT64_C(1) << (SIGUSR1_OF_GUEST - 1));
    for (unsigned i = 0; i < 500; i++) {
        bool passed = i % 3 != 0;
        zf_control_run(f.control);
        for (unsigned k = 0; k < i % 8; k++) {
            zf_control_call(f.control, take_count, &ignored);
        }
        struct zf_halt halt = wait_for(&f);
        cr_assert_eq(halt.why, ZF_STOP_BREAKPOINT);
        cr_assert_eq(halt.signal, SIGUSR1_OF_GUEST);
        cr_assert_eq(signalled(&f), wanted);
        zf_control_answer_signal(f.control, passed ? SIGUSR1_OF_GUEST : 0);
        wanted += passed;
    }
    zf_control_hold_signals(f.control, 0);
    zf_control_run(f.control);
    while (signalled(&f) < wanted + 10) {
    }
    finish(&f);
}

EACH_KIND(storage_is_read_and_written_while_it_runs) {
    struct fixture f;
    uint8_t bytes[4];
    const uint8_t ten[] = {0, 10};
    start(&f, *linear, endless);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    cr_assert(zf_control_read(f.control, f.begin + AGHI, bytes, 4));
    cr_expect_arr_eq(bytes, ((uint8_t[]){0xa7, 0x1b, 0, 1}), 4);
    cr_expect(zf_control_write(f.control, f.begin + AGHI + 2, ten, 2));
    zf_control_pause(f.control);
    wait_for(&f);
    uint64_t before = turns(&f);
    zf_control_step(f.control, 2);
    wait_for(&f);
    cr_expect_eq(turns(&f), before + 10, "the new code is executed");
    cr_expect(!zf_control_read(f.control, 0x7fff0000, bytes, 4));
    cr_expect(!zf_control_write(f.control, 0x7fff0000, ten, 2));
    finish(&f);
}

Test(control, another_cpu_is_selected) {
    struct fixture f;
    struct zf_halt halt;
    uint8_t here[2], there[2];
    start(&f, false, endless);
    struct zf_cpu *second = zf_machine_cpu(f.subject.machine, 1);
    cr_expect(!zf_control_select(f.control, zf_machine_cpus(f.subject.machine)));
    cr_assert(zf_control_select(f.control, 1));
    second->prefix = 0x8000; /* storage at its 0 is another's at 8000 */
    cr_expect(zf_control_write(f.control, 0, "ab", 2));
    zf_control_select(f.control, 0);
    cr_expect(zf_control_read(f.control, 0x8000, there, 2));
    cr_expect(zf_control_read(f.control, 0, here, 2));
    cr_expect_arr_eq(there, "ab", 2);
    cr_expect_arr_neq(here, "ab", 2);
    zf_control_halt(f.control, &halt);
    cr_expect_eq(halt.cpu, 0);
    cr_expect_eq(halt.psw_address, f.begin);
    finish(&f);
}

Test(control, is_reset_while_it_runs) {
    struct fixture f;
    struct zf_error err;
    start(&f, false, endless);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    cr_expect_eq(zf_control_reset(f.control, &err), ZF_OK);
    cr_expect(zf_control_busy(f.control));
    cr_expect(makes_turns(&f), "it goes on");
    zf_control_pause(f.control);
    wait_for(&f);
    cr_expect_eq(zf_control_reset(f.control, &err), ZF_OK);
    cr_expect(!zf_control_busy(f.control), "it stands still");
    cr_expect_eq(turns(&f), 0);
    finish(&f);
}

EACH_KIND(is_saved_while_it_runs) {
    struct fixture f;
    struct zf_error err;
    start(&f, *linear, endless);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    cr_expect_eq(zf_control_save(f.control, "somewhere", &err), ZF_OK);
    cr_expect_gt(f.called_at, 0);
    cr_expect_eq(zf_control_save(f.control, "nowhere", &err), ZF_ERROR_IO);
    cr_expect_str_eq(err.message, "there is nothing");
    cr_expect(makes_turns(&f), "it goes on");
    zf_control_end(f.control);
    cr_expect_eq(wait_for(&f).state, ZF_CONTROL_ENDED);
    cr_expect_eq(zf_control_save(f.control, "somewhere", &err), ZF_ERROR_UNSUPPORTED);
    finish(&f);
}

EACH_KIND(is_ended) {
    struct fixture f;
    start(&f, *linear, endless);
    zf_control_run(f.control);
    cr_expect(makes_turns(&f));
    zf_control_end(f.control);
    struct zf_halt halt = wait_for(&f);
    cr_expect_eq(halt.state, ZF_CONTROL_ENDED);
    cr_expect_eq(halt.why, ZF_STOP_REQUESTED);
    zf_control_run(f.control);
    cr_expect_eq(wait_for(&f).state, ZF_CONTROL_ENDED, "for good");
    cr_expect_eq(f.ends, 1);
    finish(&f);
}

/* How machines end by themselves. */
Test(control, ends_are_typed) {
    static const struct {
        bool linear;
        const char *code;
        enum zf_stop why;
        int exit_status;
        int64_t max_insns;
    } cases[] = {
        {false, "lpswe 16(0,0)", ZF_STOP_PGM_LOOP, 0, 0},
        {false, "larl 1,.+16;lpswe 0(1);=000000000000;=0002000180000000;=0000000000000000",
         ZF_STOP_DISABLED_WAIT, 0, 0},
        {true, "lghi 2,7;svc 1", ZF_STOP_EXIT, 7, 0},
        {true, "=0000", ZF_STOP_SIGNAL, 4, 0},
        {false, "j .", ZF_STOP_MAX_INSNS, 0, 1000},
        {true, "j .", ZF_STOP_MAX_INSNS, 0, 1000},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct fixture f;
        struct zf_halt halt;
        open_as(&f, cases[i].linear, cases[i].code, cases[i].max_insns);
        zf_control_run(f.control);
        zf_control_serve(f.control, &halt);
        cr_expect_eq(halt.state, ZF_CONTROL_ENDED, "%s", cases[i].code);
        cr_expect_eq(halt.why, cases[i].why, "%s: %d", cases[i].code, halt.why);
        cr_expect_eq(halt.exit_status, cases[i].exit_status, "%s", cases[i].code);
        cr_expect_eq(f.ends, 1);
        cr_expect_eq(zf_control_insns(f.control), cases[i].max_insns);
        finish(&f);
    }
}

static void call_at(void *context, struct zf_machine *machine) {
    struct fixture *f = context;
    f->called_at = (int64_t)zf_machine_cpu(machine, 0)->gr[1];
}

EACH_KIND(calls_after_so_many_instructions) {
    struct fixture f;
    struct zf_halt halt;
    open_as(&f, *linear, endless, 2001);
    zf_control_call_at(f.control, 1001, call_at, &f);
    zf_control_run(f.control);
    zf_control_serve(f.control, &halt);
    cr_expect_eq(f.called_at, 500);
    cr_expect_eq(turns(&f), 1000);
    cr_expect_eq(halt.why, ZF_STOP_MAX_INSNS);
    finish(&f);
}

EACH_KIND(findings_are_told) {
    struct fixture f;
    start(&f, *linear, "lghi 4,2;msgrkc 3,4,4;j .-4"); /* z14 */
    f.subject.facilities.on_blocked = ZF_ON_BLOCKED_STOP;
    zf_control_run(f.control);
    struct zf_halt halt = wait_for(&f);
    cr_expect_eq(halt.why, ZF_STOP_BLOCKED);
    cr_expect_eq(f.findings, 1);
    cr_expect_eq(f.finding.kind, ZF_FINDING_BLOCKED);
    cr_expect_eq(f.finding.outcome, ZF_OUTCOME_STOPPED);
    cr_expect_eq(f.finding.address, f.begin + 4);
    finish(&f);
}

/* read(0, data, 8), write(1, data, what was read), again; the streams are the control's. */
Test(control, standard_streams_of_a_program) {
    struct fixture f;
    start(&f, true, "lghi 2,0;larl 3,.+0x800;lghi 4,8;svc 3;lgr 4,2;lghi 2,1;svc 4;j .-0x1a");
    zf_control_run(f.control);
    cr_expect(!zf_control_wait(f.control, 50, NULL), "it waits for input");
    cr_assert(zf_control_input(f.control, "hello, world", 12));
    for (unsigned i = 0; i < 1000 && strlen(f.output) < 12; i++) {
        uint64_t any;
        zf_control_call(f.control, copy_turns, &any);
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
    zf_control_pause(f.control);
    cr_expect_eq(wait_for(&f).state, ZF_CONTROL_PAUSED);
    cr_expect_str_eq(f.output, "hello, world");
    finish(&f);
}

/* Where it stands is told also when nobody has begun to execute, and after a reset. */
EACH_KIND(stands_somewhere_before_it_runs) {
    struct fixture f;
    struct zf_halt halt;
    open_as(&f, *linear, endless, 0);
    zf_control_halt(f.control, &halt);
    cr_expect_eq(halt.state, ZF_CONTROL_PAUSED);
    cr_expect_eq(halt.psw_address, f.begin);
    if (!*linear) {
        struct zf_error err;
        cr_assert(zf_control_start(f.control));
        zf_control_step(f.control, 2);
        cr_expect_eq(wait_for(&f).psw_address, f.begin + J);
        cr_expect_eq(zf_control_reset(f.control, &err), ZF_OK);
        zf_control_halt(f.control, &halt);
        cr_expect_eq(halt.psw_address, f.begin);
    }
    finish(&f);
}

/* A call of the host's that waits does not keep a program from being paused, and is made again. */
Test(control, waiting_calls_are_interrupted) {
    struct fixture f;
    start(&f, true, "svc 29;j .-2"); /* pause */
    for (unsigned i = 0; i < 3; i++) {
        zf_control_run(f.control);
        cr_expect(!zf_control_wait(f.control, 20, NULL));
        zf_control_pause(f.control);
        cr_expect_eq(wait_for(&f).psw_address, f.begin);
    }
    zf_control_run(f.control);
    zf_control_end(f.control);
    cr_expect_eq(wait_for(&f).state, ZF_CONTROL_ENDED);
    finish(&f);
}

static void *serve(void *context) {
    struct fixture *f = context;
    struct zf_halt halt;
    zf_control_serve(f->control, &halt);
    return NULL;
}

/* Several threads ask at once; nobody waits for ever, and none sees the machine move. */
static void *ask_often(void *context) {
    struct fixture *f = context;
    for (unsigned i = 0; i < 50; i++) {
        uint8_t byte;
        if (i % 10 == 5) {
            zf_control_step(f->control, 1);
            zf_control_run(f->control);
        }
        zf_control_look(f->control);
        if (!zf_control_read(f->control, f->begin, &byte, 1) || byte != 0xa7) {
            return f;
        }
    }
    return NULL;
}

Test(control, many_threads_ask) {
    struct fixture f;
    pthread_t executor, threads[3];
    open_as(&f, false, endless, 0);
    pthread_create(&executor, NULL, serve, &f);
    zf_control_run(f.control);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(threads); i++) {
        pthread_create(&threads[i], NULL, ask_often, &f);
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(threads); i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        cr_expect_null(wrong);
    }
    zf_control_end(f.control);
    pthread_join(executor, NULL);
    finish(&f);
}
