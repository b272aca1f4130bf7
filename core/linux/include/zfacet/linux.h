/*
 * Linux personality: runs one s390x Linux program in a machine that was created with
 * config.linear. It loads the program, makes its system calls on the host, and delivers signals.
 *
 * zf_machine_run() then ends with ZF_STOP_EXIT (machine->exit_status) or ZF_STOP_SIGNAL (the
 * signal's number). A guest that forks forks this process; the child ends by itself, its run does
 * not come back for these two reasons.
 */
#ifndef ZFACET_LINUX_H
#define ZFACET_LINUX_H

#include "zfacet/error.h"
#include "zfacet/machine.h"

#include <sys/types.h>

/* Who records or replays system calls. */
struct zf_linux_log {
    void *context;
    /* A call is about to be made: whether it is; else `*result` is what the program gets. */
    bool (*before)(void *context, uint64_t number, uint64_t *args, int64_t *result);
    /* It was made, or not. */
    void (*after)(void *context, uint64_t number, int64_t *result);
    /* Between the two: bytes of the program's that the call stores to. */
    void (*stores)(void *context, uint64_t address, uint64_t length);
    /* This process is a copy that the program forked. */
    void (*forked)(void *context);
    /* A handler is about to get a signal that no instruction has raised. */
    void (*signal)(void *context, int number);
};

/* Result of a call whose registers are as they shall be: sigreturn, execve. */
enum { ZF_LINUX_NO_RESULT = -4096 };

struct zf_linux_config {
    const char *program;     /* host path of the program */
    const char *const *argv; /* ends with NULL; NULL: the program's path alone */
    const char *const *envp; /* ends with NULL; NULL: empty */
    uint64_t hwcap, hwcap2;  /* AT_HWCAP, AT_HWCAP2; see zf_guest_hwcap() */
    const char *platform;    /* AT_PLATFORM, "z14"; see zf_guest_platform() */
    const char *sysroot;     /* absolute paths are looked up here first; NULL: host's only */
    const char *cpuinfo;     /* what /proc/cpuinfo is for the guest; NULL: the host's */
    unsigned cpus;           /* how many the guest sees, 1 to 64; 0: the host's */
    uint64_t stack_size;     /* bytes, 0 = 8 MiB */
    bool no_execute;         /* only what is mapped as executable is; else what is readable */
    bool contained;          /* files that it makes never take on their owner's identity */
    bool fixed_random;       /* AT_RANDOM and getrandom() from a fixed seed: repeatable runs */
    bool record;             /* of a repeatable run: it can go back (zf_linux_repeat()) */
    /* Receives one line a system call, without newline; NULL: no trace. */
    void (*trace_line)(void *context, const char *line);
    /* In a forked child, just before it ends with `status` or (signal > 0) dies. May be NULL. */
    void (*child_end)(void *context, int status, int signal);
    /* This process is a copy that the guest forked; it is about to execute another program, with
     * the old one's images still mapped. No other thread runs. May be NULL. */
    void (*forked)(void *context);
    void (*executes)(void *context);
    const struct zf_linux_log *log; /* NULL: system calls are just made */
    void *context;
};

struct zf_linux;

/**
 * Loads the program and sets up CPU and personality of `machine`; NULL with `err` filled. Texts of
 * `config` are copied. The caller owns the result; it must live as long as the machine runs. One
 * thread can run one Linux program at a time.
 */
struct zf_linux *zf_linux_create(struct zf_machine *machine, const struct zf_linux_config *config,
                                 struct zf_error *err);
void zf_linux_destroy(struct zf_linux *process);

/**
 * For a debugger, while the machine stands still: `fd` was opened; of a file of /proc that tells of
 * this process, the descriptor gets what it tells the thread on `cpu`. -1 with errno: it is closed.
 */
int zf_linux_proc_file(struct zf_cpu *cpu, int fd);

/** Whether `path` is the link in /proc to the file that the process executes. */
bool zf_linux_is_own_exe(const struct zf_linux *process, const char *path);

/** Whether this process is a child that the guest forked. */
bool zf_linux_is_child(const struct zf_linux *guest);

/** Whether a signal has ended it; the CPU whose thread got that. */
bool zf_linux_died(const struct zf_linux *process, unsigned *cpu);

/** Host path of the file that the process executes now, or an empty text. */
const char *zf_linux_program(const struct zf_linux *process);

/* By what calls are known that come from a handler, or from the beginning of its thread. */
struct zf_linux_calls {
    uint64_t back;         /* where the handler returns to; 0: nowhere, the program was replaced */
    uint64_t begin, stack; /* of the thread: its first instruction, and the stack pointer there */
};

/**
 * Whether a signal that the thread on `cpu` raises would go to a handler of the program now;
 * whether SIGILL has gone to one that has not come back. For a finding of that CPU's, or when the
 * machine stands still.
 */
bool zf_linux_catches(struct zf_linux *process, const struct zf_cpu *cpu, int signal_number);
bool zf_linux_handles(const struct zf_cpu *cpu, struct zf_linux_calls *calls);

/**
 * For a debugger, while the machine stands still. From now on the machine stops,
 * ZF_STOP_BREAKPOINT, before a handler of the program gets one of these signals (bit n - 1: signal
 * n); 0: it no longer does. Then which signal it stopped for (0: none), and the CPU that executes
 * its thread; and what that thread gets instead, 0: nothing. Where it did not stop for one, the
 * thread on `cpu` gets it: the one that waits there, if it is of that number.
 */
void zf_linux_hold_signals(struct zf_linux *process, uint64_t signals);
int zf_linux_held_signal(const struct zf_linux *process, unsigned *cpu);
void zf_linux_answer_signal(struct zf_linux *process, const struct zf_cpu *cpu, int number);
/** It was stopped for something else at the same time: the next run stops for the signal. */
void zf_linux_ask_again(struct zf_linux *process);

/* Who has a program's standard streams in place of this process. */
struct zf_linux_streams {
    void *context;
    /* What it writes to standard output and error. */
    void (*write)(void *context, const char *text, size_t length);
    /* What it reads from standard input, at most `size` bytes. -1: there is nothing yet; the
     * machine looks around, and the call is made again. */
    ssize_t (*read)(void *context, char *text, size_t size);
};

/**
 * A file of the host's that is zfacet's own and not the program's: takes `fd`, returns the number
 * that it has from now on, out of the way; execve leaves it.
 */
int zf_linux_keep_file(struct zf_linux *process, int fd);
/** Closes it: its number is the program's again. */
void zf_linux_drop_file(struct zf_linux *process, int fd);

/** Where its auxiliary vector lies. */
void zf_linux_auxv(const struct zf_linux *process, uint64_t *address, uint64_t *size);

/** NULL: they are this process's. Not while the machine runs. */
void zf_linux_set_streams(struct zf_linux *process, const struct zf_linux_streams *streams);

/**
 * From now on the calling thread executes the program: signals that the host gives this thread are
 * the program's. The thread that created it needs no call.
 */
void zf_linux_attach(struct zf_linux *process);

/**
 * `on`: calls of the host's in which the program waits end, so that the machine looks around; they
 * are made again when it goes on. Until it has stopped and that is told. From any thread.
 */
void zf_linux_interrupt(struct zf_linux *process, bool on);

/*
 * Going back, with `record` in its config: a snapshot (zfacet/snapshot.h) has the program, and from
 * there it does what it did. While the machine stands still, by the thread that executes.
 */
/** Why what it did before cannot be repeated; NULL: all that it did since its record began can. */
const char *zf_linux_lost(const struct zf_linux *process);
/** The record begins here, if it was lost. False: it cannot, as
 * zf_linux_lost() says. */
bool zf_linux_record_anew(struct zf_linux *process);
/**
 * From now on, a snapshot is to be restored first, it does what it did, untold; nothing is done to
 * the host again. It runs no further than where it was last; there, it repeats no more, and the
 * snapshot of that place is to be restored. False: zf_linux_lost() says why it cannot.
 */
bool zf_linux_repeat(struct zf_linux *process);
void zf_linux_repeat_no_more(struct zf_linux *process, bool lost);
/** Repeating: it has stopped, for it does something else. Elsewhere than where it was last, all
 * that is left is to repeat no more, with its record lost. */
bool zf_linux_is_stray(const struct zf_linux *process);

/* A system call that was answered ENOSYS, by any process of the guest; or execve of a program for
 * another machine, which is never executed. */
struct zf_linux_absent {
    unsigned number;
    const char *name; /* NULL: Linux has none with this number */
    uint64_t count;
    bool optional; /* kernels without it exist, and who calls it is prepared for them */
    /* where it was first: address of the SVC; the program's file; the file mapped there, whose
     * beginning is at guest address `bias` */
    uint64_t address, bias;
    char program[256], image[256];
    char foreign[256]; /* the first such program; empty: it is another call */
};

/** Call `i` of those; false after the last one. */
bool zf_linux_absent_at(const struct zf_linux *process, unsigned i, struct zf_linux_absent *call);

/** The name of a system call on s390x, or NULL. */
const char *zf_linux_call_name(uint64_t number);

/** Name of a signal, "SIGSEGV", or "signal 70". */
const char *zf_linux_signal_name(int signal_number, char buffer[16]);

#endif
