/*
 * What the files of control share.
 */
#ifndef ZF_CONTROL_STATE_H
#define ZF_CONTROL_STATE_H

#include "timeline.h"
#include "zfacet/control.h"

#include <pthread.h>

enum { ZF_CONTROL_REQUESTS = 64, ZF_CONTROL_INPUT = 1024 };

enum zf_control_request_kind {
    ZF_CONTROL_REQUEST_RUN,
    ZF_CONTROL_REQUEST_STEP,
    ZF_CONTROL_REQUEST_STEP_ALONE,
    ZF_CONTROL_REQUEST_STEP_OVER,
    ZF_CONTROL_REQUEST_RUN_TO,
    ZF_CONTROL_REQUEST_PAUSE,
    ZF_CONTROL_REQUEST_GO,
    ZF_CONTROL_REQUEST_STEP_BACK,
    ZF_CONTROL_REQUEST_RUN_BACK,
};

struct zf_control_request {
    enum zf_control_request_kind kind;
    uint64_t value; /* address, or number of steps; of a pause: 1 to be told of in any case */
};

/* A breakpoint or watchpoint that going back found. */
struct zf_hit {
    int64_t at;               /* 0: nothing was */
    int64_t total;            /* what that CPU had executed there */
    struct zf_watch_hit what; /* a breakpoint is of kind ZF_WATCH_NONE */
};

/* A zf_control_call() that waits; it lies on its caller's stack. */
struct zf_pending_call {
    zf_control_function *function;
    void *context;
    bool done;
    struct zf_pending_call *next;
};

struct zf_control {
    struct zf_control_config config;
    struct zf_debug *debug;
    struct {
        zf_control_listener *function;
        void *context;
    } listeners[ZF_CONTROL_LISTENERS];
    unsigned listener_count;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    bool executing; /* someone executes: `executor` */
    pthread_t executor;
    int executor_tid;
    struct zf_halt halt;
    unsigned cpu;                                         /* which zf_control_select() chose */
    struct zf_control_request queue[ZF_CONTROL_REQUESTS]; /* not yet begun, the oldest first */
    unsigned queued;
    uint64_t asked, done; /* requests so far; done or dropped */
    struct zf_pending_call *calls;
    bool look, end, quit; /* wanted */
    bool telling;         /* of a change, which is not done before */
    char input[ZF_CONTROL_INPUT];
    size_t input_length;
    int64_t executed; /* instructions, as far as they were counted */
    bool stuck;       /* the last run was for some, and executed none */
    int64_t at;       /* of `executed`: when to call; 0: never */
    zf_control_function *at_function;
    void *at_context;
    struct zf_timeline *timeline; /* of a guest that can go back, or NULL */
    bool repeating;               /* it does what it did: nobody is told, nothing interrupts it */
    int64_t repeated_at;          /* the place at which */
    size_t repeated_input;        /* so many inputs were given again */
    struct zf_hit hit;
    bool alone;    /* the selected CPU alone executes */
    bool at_begin; /* it cannot go back any further */
    bool refused;  /* the last instruction was counted, but stopped the machine instead */
    bool holds;    /* zf_control_hold() */
    bool past;     /* of a Linux program: it has been further, */
    struct zf_snapshot *present; /* and was like that where it was last; else NULL */
    char lost[256];              /* why it cannot go back further than it can, or empty */
};

/** Told to all listeners, by the thread that executes and without the lock. */
void zf_control_tell(struct zf_control *c, const struct zf_control_event *event);

/** True when something waits for the thread that executes; with the lock. */
bool zf_control_wanted(const struct zf_control *c);

/** The halt's place becomes the PSW of the selected CPU; nobody executes, with the lock. */
void zf_control_set_place(struct zf_control *c);

/** Another CPU is selected: the same, by the thread that executes, without the lock. */
void zf_control_moved(struct zf_control *c);

/** Waits until something changes, at most `ns`; with the lock. */
void zf_control_await(struct zf_control *c, uint64_t ns);

/** Makes the console, or the standard streams, those of the control; and gives them back. */
void zf_control_take_console(struct zf_control *c);
void zf_control_leave_console(struct zf_control *c);

/** Does what is asked for, until the machine has ended or its control is destroyed; with the lock,
 * by the thread that executes. */
void zf_control_work(struct zf_control *c, bool until_end);

/* back.c: with the lock, by the thread that executes; why the machine stands still then */
/** Goes to a place that is recorded, or the nearest one. */
enum zf_stop zf_control_go_to(struct zf_control *c, int64_t at);
/** The selected CPU executes its next instruction again; false: it is not recorded. */
bool zf_control_step_again(struct zf_control *c);
/** One instruction of the selected CPU back. */
enum zf_stop zf_control_step_to_before(struct zf_control *c);
/** Back to the last breakpoint, or to before what last met a watchpoint. */
enum zf_stop zf_control_run_to_before(struct zf_control *c);

/* past.c: the same way */
/** A Linux program is about to be put back. False: it cannot. */
bool zf_control_enter_past(struct zf_control *c);
/** If it is where it was last, it goes on from there. So it does if it has come to where it never
 * was: false then, and it cannot go back any more. */
bool zf_control_leave_past(struct zf_control *c);
/** How many instructions it may execute at once in its past, */
int64_t zf_control_most_in_past(const struct zf_control *c);
/** and what follows them: if somebody changed it here, it is changed again. */
void zf_control_pass_change(struct zf_control *c);
/** In the present: whether snapshots can be taken; what came before may have been lost. */
bool zf_control_check_record(struct zf_control *c);

/** Calls all that wait for the machine to stand still; the same way. */
void zf_control_answer(struct zf_control *c);

#endif
