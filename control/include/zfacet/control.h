/*
 * A machine under control: one thread executes it, any thread says what it is to do. Whoever runs
 * guests is a client of this, be it a command line, a protocol, a window or a debugger, and of
 * bare machines and Linux programs alike.
 *
 * What is asked for (zf_control_run() and the like) is done in order, each as soon as the one
 * before is done or, if that runs without end, at once; these functions do not wait. What needs the
 * machine to stand still for a moment, zf_control_call() and all that is built on it, waits until
 * that is done; the machine then goes on. It stands still between two blocks of its code, within a
 * time slice; a Linux program's call of the host that waits is interrupted, and made again.
 */
#ifndef ZFACET_CONTROL_H
#define ZFACET_CONTROL_H

#include "zfacet/debug.h"
#include "zfacet/linux.h"
#include "zfacet/translate.h"

enum zf_control_state { ZF_CONTROL_PAUSED, ZF_CONTROL_RUNNING, ZF_CONTROL_ENDED };

/* Where the machine is, and why it does not run. Of one that runs, `state` alone. */
struct zf_halt {
    enum zf_control_state state;
    /* Paused: ZF_STOP_NONE (at its beginning), _REQUESTED, _BREAKPOINT or, after steps,
     * _MAX_INSNS. Ended: any but _BREAKPOINT; _REQUESTED is zf_control_end(). */
    enum zf_stop why;
    int exit_status; /* ZF_STOP_EXIT: the program's status; ZF_STOP_SIGNAL: the signal */
    unsigned cpu;    /* the selected one, by its address; that which came to a breakpoint is */
    uint64_t psw_mask, psw_address; /* of that CPU */
    struct zf_watch_hit watched;    /* _BREAKPOINT: a watchpoint, if it is of a kind */
    int signal;                     /* _BREAKPOINT: a Linux program's, if it is not 0 */
    bool at_begin;                  /* it went back as far as is known */
    bool over;      /* paused where it would have ended, as `why` says: zf_control_hold() */
    char text[256]; /* more about `why`, or why it went back no further; may be empty */
};

/** Whether the PSW address of a disabled wait tells success: 0, or 0xfff, with which guests ask
 * hypervisors for their end. */
bool zf_wait_succeeds(uint64_t address);

enum zf_control_event_kind {
    ZF_CONTROL_FINDING,
    ZF_CONTROL_OUTPUT, /* the guest wrote to its console, or a program to its standard streams */
    ZF_CONTROL_STATE,  /* it runs or stands still from now on */
    ZF_CONTROL_END,    /* the same, for good */
    ZF_CONTROL_STEP,   /* a single instruction was executed */
    ZF_CONTROL_LOOK,   /* zf_control_look(): the machine stands still for this */
    ZF_CONTROL_IPL,    /* the guest begins anew, as it asked for */
};

struct zf_control_event {
    enum zf_control_event_kind kind;
    const struct zf_finding *finding;
    const struct zf_cpu *cpu; /* of a finding: who executes it */
    const char *text;         /* output: `length` bytes */
    size_t length;
    const struct zf_halt *halt; /* of a state and an end */
    uint64_t address;           /* of a step: where the instruction was */
};

/* Called in the thread that executes, between blocks or in the middle of an instruction. */
typedef void zf_control_listener(void *context, const struct zf_control_event *event);

struct zf_control_config {
    struct zf_machine *machine;       /* does not run, and lives longer than its control */
    struct zf_facilities *facilities; /* of the machine, for findings; NULL: none are told */
    struct zf_linux *program;         /* that the machine was made for, or NULL */
    int64_t max_insns;                /* after so many instructions it ends; 0: never */
    /* Output becomes events, input comes from zf_control_input(); else the console is not touched.
     */
    bool console;
    /* Instead of waiting for zf_control_input(): waits at most `ns`, and calls that when there is
     * some. False: there will never be any. Not for a Linux program. NULL: it waits. */
    bool (*input)(void *context, uint64_t ns);
    /* For zf_control_reset() and zf_control_save(); what a guest consists of, the client knows. */
    enum zf_status (*reset)(void *context, struct zf_error *err);
    enum zf_status (*save)(void *context, const char *to, struct zf_error *err);
    bool ipl; /* when the guest asks for another initial program loading, it is reset; else that is
                 its end */
    void *context; /* of these functions */
};

struct zf_control;

/** The machine is paused. NULL when memory is short. */
struct zf_control *zf_control_create(const struct zf_control_config *config);

/** Ends the machine if it has not ended, and gives it back as it was, but for what it did. */
void zf_control_destroy(struct zf_control *c);

enum { ZF_CONTROL_LISTENERS = 4 };

/** Has `listener` told of events. At most ZF_CONTROL_LISTENERS; before anyone executes. */
void zf_control_listen(struct zf_control *c, zf_control_listener *listener, void *context);

/** Has `observer` told of translated blocks and time slices; the same way, one. */
void zf_control_observe(struct zf_control *c, const struct zf_debug_observer *observer);

/** Makes a thread that executes; false when there can be none. */
bool zf_control_start(struct zf_control *c);

/**
 * This thread executes, until the machine has ended: for a Linux program whose signals and
 * numbers of processes are to be this process's own.
 */
void zf_control_serve(struct zf_control *c, struct zf_halt *halt);

/* What can be asked for, in order. */
void zf_control_run(struct zf_control *c);
void zf_control_step(struct zf_control *c, uint64_t insns);
/** One instruction of the selected CPU, and none of others, unless CPUs take turns. */
void zf_control_step_alone(struct zf_control *c);
/** One instruction, or when that calls something, until it is back. */
void zf_control_step_over(struct zf_control *c);
/** Until an instruction at `address` is to be executed, on any CPU; not the one that is next now.
 */
void zf_control_run_to(struct zf_control *c, uint64_t address);
/**
 * Going back, where zf_control_record() made that possible: one instruction of the selected CPU; to
 * the last breakpoint, or to before what last met a watchpoint; to where so many instructions had
 * been executed, or as near to it as is known. From there, steps go where they went;
 * running forgets what came after.
 */
void zf_control_step_back(struct zf_control *c);
void zf_control_run_back(struct zf_control *c);
void zf_control_go(struct zf_control *c, int64_t insns);
/** Drops all that is asked for and not begun; who asked for that is told of the pause, too. */
void zf_control_pause(struct zf_control *c);
/** Ends the machine, at once. */
void zf_control_end(struct zf_control *c);

/** True while something that was asked for is not done. */
bool zf_control_busy(struct zf_control *c);

/** Waits until nothing is left to do, or the machine has ended; at most `ms`, 0: any time. False:
 * time is over. Not for the thread that executes. `halt` may be NULL. */
bool zf_control_wait(struct zf_control *c, unsigned ms, struct zf_halt *halt);

/**
 * From now on it can go back to each instruction that it executes: snapshots of it are taken, which
 * cost time and memory. UNSUPPORTED for a run that is not repeatable. A Linux program must have
 * been created with a record. Before anyone executes.
 */
enum zf_status zf_control_record(struct zf_control *c, struct zf_error *err);
/* Which machines do not end by themselves, but stand still, and end when they are to run. */
enum zf_control_hold {
    ZF_CONTROL_HOLD_NEVER,
    ZF_CONTROL_HOLD_BACK,  /* those that can go back */
    ZF_CONTROL_HOLD_RESET, /* and those that can be reset */
};
/** From any thread. */
void zf_control_hold(struct zf_control *c, enum zf_control_hold wanted);
/** From where to where it can go, in instructions executed; false: it cannot. */
bool zf_control_recorded(struct zf_control *c, int64_t *first, int64_t *last);
/** Why it cannot go back further than it can, as far as that was asked; or an empty text. */
void zf_control_no_way_back(struct zf_control *c, char *text, size_t size);
/** Whether it is a Linux program that has gone back and not yet come to where it was: what it has
 * done to the host stays done, so that nobody can change it now. */
bool zf_control_in_past(struct zf_control *c);
/** Must follow whatever changes the guest in a zf_control_call() of the client's. */
void zf_control_guest_changed(struct zf_control *c);

/** Where it is now; costs the machine nothing. */
void zf_control_halt(struct zf_control *c, struct zf_halt *halt);

/** Calls `function` while the machine stands still, and waits for it. */
typedef void zf_control_function(void *context, struct zf_machine *machine);
void zf_control_call(struct zf_control *c, zf_control_function *function, void *context);

/** The same when `insns` instructions have been executed since the machine began; once. */
void zf_control_call_at(struct zf_control *c, int64_t insns, zf_control_function *function,
                        void *context);

/** Tells ZF_CONTROL_LOOK soon, without waiting. A program's call of the host is left alone. */
void zf_control_look(struct zf_control *c);

/** Loads the guest anew; what it was doing, running or standing still, it goes on to do. */
enum zf_status zf_control_reset(struct zf_control *c, struct zf_error *err);

/** Saves the guest to wherever `to` means for the client. */
enum zf_status zf_control_save(struct zf_control *c, const char *to, struct zf_error *err);

/** Of which CPU it is told where it is, whose instructions steps count, and whose storage is meant:
 * at first that with address 0. False: there is no such CPU. */
bool zf_control_select(struct zf_control *c, unsigned cpu);

/** Virtual storage of the selected CPU; see zfacet/debug.h. */
bool zf_control_read(struct zf_control *c, uint64_t address, void *bytes, size_t size);
bool zf_control_write(struct zf_control *c, uint64_t address, const void *bytes, size_t size);
bool zf_control_set_breakpoint(struct zf_control *c, uint64_t address);
void zf_control_clear_breakpoint(struct zf_control *c, uint64_t address);
/** Stops after the instruction that changes or accesses these bytes of the selected CPU's storage.
 */
bool zf_control_set_watchpoint(struct zf_control *c, uint64_t address, size_t size,
                               enum zf_watch_kind kind);
void zf_control_clear_watchpoint(struct zf_control *c, uint64_t address, size_t size,
                                 enum zf_watch_kind kind);

/** See zf_linux_hold_signals(); of a Linux program. The answer is for the selected CPU. */
void zf_control_hold_signals(struct zf_control *c, uint64_t signals);
void zf_control_answer_signal(struct zf_control *c, int number);

/** Queues input for the console that is the control's; false when there is no room for all of it.
 */
bool zf_control_input(struct zf_control *c, const char *text, size_t length);

/** Instructions executed so far, when they were counted: under max_insns, a trace, or in steps. */
int64_t zf_control_insns(struct zf_control *c);

/** The host's number of the thread that executes; 0: there is none now. */
int zf_control_thread(struct zf_control *c);

#endif
