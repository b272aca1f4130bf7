/*
 * What the files of the Linux personality share: its state, access to the guest's storage, and
 * the shape of a system call.
 *
 * A system call is a row of syscall.def and a function zf_sys_NAME. It gets the six argument
 * registers and returns what the guest finds in general register 2: a result or -errno. Structures
 * of the guest are big-endian; they are read and written field by field at their offsets.
 */
#ifndef ZF_GUEST_LINUX_GUEST_H
#define ZF_GUEST_LINUX_GUEST_H

#include "zfacet/aside.h"
#include "zfacet/clock.h"
#include "zfacet/linear.h"
#include "zfacet/linux.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

enum {
    ZF_SIGNALS = 64,
    ZF_OWN_FDS = 1024,
    ZF_OWN_PLACES = ZF_OWN_FDS + ZF_ASIDE_ROOM,
    ZF_VIEWS = 2,
    ZF_STREAMS = 3,
    ZF_GUEST_CWD = -100,
    ZF_OWN_LIMITS = 4
};

/* A handler's alternate stack is nobody's until the handler ends. */
#define ZF_SS_AUTODISARM (UINT32_C(1) << 31)

/* A signal's disposition as the guest asked for it; numbers and flags are the same on all hosts. */
struct zf_guest_action {
    uint64_t handler, flags, restorer, mask;
};

/* A signal that waits for delivery: what its siginfo will say. */
struct zf_guest_siginfo {
    int code, error;
    bool condition;   /* it is a program condition, which has an address instead of a sender */
    uint64_t address; /* faults */
    int pid, status;
    unsigned uid;
    uint64_t value; /* sigqueue */
};

struct zf_segment {
    uint64_t address, length;
};

/* Where a program found on its stack what it was started with. */
struct zf_stack_places {
    uint64_t stack, stack_end;                        /* all of it */
    uint64_t pointer;                                 /* at the start */
    uint64_t arguments, environment, environment_end; /* one string after the other */
};

/* What a thread has registered for restartable sequences. */
struct zf_rseq {
    uint64_t address; /* of its structure; 0: it has none */
    uint32_t size, signature;
    uint32_t cpu;         /* as the structure has it */
    uint32_t concurrency; /* a number below that of the CPUs, as far as may be no other thread's */
    bool seen;            /* it has sections, or may have */
};

/* Who may execute guest code, where threads do so one at a time. */
struct zf_permit {
    bool armed;           /* they do; atomic */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct zf_task *holder;
    const struct zf_cpu *last;      /* who had it last */
    struct zf_permit_waiter *first; /* who has waited longest */
};

/* A process: what its threads share. */
/* Signals that are told of before a handler gets them, and one that waits for an answer. */
struct zf_hold {
    uint64_t signals;
    struct zf_task *task; /* that it is for, or NULL */
    int number;
};

struct zf_linux {
    struct zf_machine *machine;
    struct zf_linux_config config; /* its texts are owned, but for program, argv and envp */
    char *exe;                     /* absolute host path of the running program */
    int exe_file;                  /* of one that has no name any more; -1: it has */
    char exe_link[32];             /* the way to that file */
    struct zf_segment auxv;        /* its auxiliary vector, on the stack */
    uint64_t brk_start, brk;
    uint64_t mmap_base;   /* where the search for free storage begins */
    unsigned lock_future; /* mlockall: enum zf_prot of what is mapped from now on */
    uint64_t trampoline;  /* page with the SVCs that end signal handlers */
    struct zf_stack_places places;
    uint64_t random_state;
    int views[ZF_VIEWS];               /* files that stand for memory, or -1; see proc.c */
    ZF_BITMAP(own_fds, ZF_OWN_PLACES); /* zfacet's own close-on-exec files: execve leaves them */
    struct zf_aside aside;             /* the numbers that these have, but for a few below */
    struct rlimit files, files_given;  /* how many files may be open; before the program began */
    unsigned opening;                  /* so many threads open a file of zfacet's */
    pthread_mutex_t files_lock;        /* of these */
    struct stat given[ZF_STREAMS];     /* the files of the standard streams at the beginning */
    const char *left_sysroot;          /* not used any more: the process has another root */
    bool child;                        /* forked by the guest */
    uint32_t personality;              /* as the guest has set it */
    bool uses_netlink;                 /* it has opened such a socket */
    bool shares_files;                 /* with other processes, until it executes another program */
    struct zf_guest_action actions[ZF_SIGNALS + 1];
    struct zf_task *leader; /* the first thread, executed by whoever runs the machine */
    pthread_mutex_t lock;   /* of what follows, and of `actions` */
    int *timers; /* the host's numbers of those that the program has created (timer_create) */
    unsigned timer_count;
    unsigned interval_timers; /* bit n: it has used setitimer(n) */
    pthread_cond_t changed;   /* a thread has ended, or another program has begun */
    struct zf_task *tasks;    /* all threads that have not ended */
    unsigned task_count;
    int leader_status;              /* that the leader ended with, the process's if no other does */
    struct zf_filter *filters;      /* all that were ever made */
    struct zf_exec *exec;           /* all threads but the leader end: another program begins */
    pthread_mutex_t births;         /* while a thread is born or ends, or the process forks */
    pthread_mutex_t map_lock;       /* while a system call looks for a place and maps something */
    struct zf_absent_calls *absent; /* counted for all processes of the guest */
    struct rlimit
        limits[ZF_OWN_LIMITS];   /* of storage, as the guest set them; maximum 0: it has not */
    struct zf_segment *segments; /* System V shared memory that is attached */
    unsigned segment_count;
    bool binds_nodes;         /* it has said on which NUMA nodes storage shall be */
    uint64_t futex_waits;     /* so many were begun, in a repeatable run */
    struct zf_record *record; /* of a run that can go back, or NULL */
    struct zf_permit permit;
    struct zf_hold hold;
    const struct zf_cpu *died; /* that executed what it died of, or NULL */
    bool has_streams;
    struct zf_linux_streams streams;
    struct stat stream[3]; /* what the standard streams were then */
};

/* The last handler of SIGILL that none of SIGILL was in: its stack frame, and a sum of what was put
 * there; 0: it returned. */
struct zf_handling {
    uint64_t frame, size, sum;
    uint64_t back; /* where the handler returns to */
};

/* Where a thread begins: the program's entry, or behind the system call that makes it. */
struct zf_begin {
    uint64_t address, stack;
};

/* A call that a signal has ended: made again where no handler gets one. */
struct zf_interrupted {
    uint64_t next; /* where it returned to; 0: there is none */
    uint64_t argument;
};

/* A wait with a time limit, which ends when it was to end also if it is made again. */
struct zf_limit {
    uint64_t next, stack; /* where it returns to; 0: the call is no such wait */
    uint64_t until;       /* ns */
    bool again;           /* it is about to be made again */
};

/* A call that waits for a futex. */
struct zf_wait {
    uint64_t next, stack; /* where it returns to; 0: there is none */
};

/* A thread: Linux calls it a task. One thread of the host executes each, whose number it has. */
struct zf_task {
    struct zf_task *next; /* in zf_linux.tasks */
    pid_t tid;
    bool ended;
    bool timer_failed; /* it could not be created, its calls could not be interrupted */
    struct zf_linux *process;
    struct zf_machine *machine; /* the process's */
    struct zf_cpu *cpu;
    uint64_t clear_tid;   /* this word becomes 0, and is woken, when the thread ends */
    uint64_t processors;  /* of those that the guest was given: where it may run */
    uint64_t robust_list; /* head of the list of locks that others shall not wait for in vain */
    const struct zf_filter *filter; /* of system calls, and those before it; NULL: all are made */
    bool strict;                    /* it may read, write and end */
    struct zf_rseq rseq;
    int vfork_end; /* in the child of vfork: closing it lets the parent go on; -1 otherwise */
    /* signals */
    uint64_t blocked; /* bit n-1: signal n */
    struct zf_handling handling;
    struct zf_begin begin;
    uint64_t suspend_saved; /* the mask to restore when sigsuspend & co. end */
    bool suspended;
    struct zf_interrupted interrupted;
    struct zf_limit limit;
    uint64_t alt_base, alt_size;
    uint32_t alt_flags;
    timer_t timer; /* interrupts calls of the host that wait */
    bool has_timer;
    const uint32_t *futex; /* in a repeatable run: the word it waits for, or NULL */
    uint32_t futex_value;  /* what that was then */
    uint32_t futex_mask;
    uint64_t futex_since; /* when it began, of all who wait */
    bool futex_woken;
    struct zf_wait wait;  /* goes on while the machine stands still: its call is made again */
    struct zf_wait woken; /* was over before the thread did something else: so is its call */
    uint64_t call_until;  /* when the call that is made in turns is over; 0: none is */
    struct zf_wait watch; /* a call that looked at something of the host's when that happened */
    struct zf_wait yield; /* one that had given up its turn already */
    int64_t again;        /* instructions that are executed again, in a turn that comes */
    volatile bool in_call;
    bool nudged;               /* the timer interrupts now, and not at the time limit; atomic */
    uint64_t let_through;      /* signals that were told of, and are delivered untold */
    volatile uint64_t pending; /* caught on the host, or raised by the guest itself */
    uint64_t seen; /* of these, where there is a record, what it has: all others come later */
    struct zf_guest_siginfo info[ZF_SIGNALS + 1];
    struct zf_call_notes *notes; /* of the call that is made, where there is a record; or NULL */
};

typedef int64_t zf_syscall(struct zf_task *task, const uint64_t *args);

/* What functions return beside -errno: never seen by the guest. */
enum {
    ZF_SYS_NO_RESULT =
        ZF_LINUX_NO_RESULT, /* registers are as they shall be (sigreturn, execve, exit) */
};

#define SYSCALL(number, name, format) zf_syscall zf_sys_##name;
#include "syscall.def"
#undef SYSCALL

/* For the host to refuse, in its own order, what the guest's storage does not have. */
#define ZF_UNREADABLE ((const uint8_t *)1)

/** Whether the calling thread has a capability in its user namespace: CAP_SYS_ADMIN ... */
bool zf_is_capable(unsigned capability);

/** A host call's result as the guest gets it. */
static inline int64_t zf_host_result(int64_t result) {
    return result < 0 ? -errno : result;
}

/* absent.c */

struct zf_absent_calls *zf_absent_create(void);
void zf_absent_destroy(struct zf_absent_calls *calls);
/** System call `number`, just made, was answered ENOSYS. */
void zf_absent_count(struct zf_task *task, uint64_t number);
/** A program for another machine was to be executed. */
void zf_absent_program(struct zf_task *task, const char *path);

/* storage.c: access to the guest's storage */

/** Host address of a buffer that the guest may read, or NULL. A length of 0 is always allowed. */
const uint8_t *zf_guest_in(struct zf_task *task, uint64_t address, uint64_t length);
/** The same for a buffer that is going to be written: translated code in it is dropped. */
uint8_t *zf_guest_out(struct zf_task *task, uint64_t address, uint64_t length);
/** Copies a string with its final zero; false: *error is EFAULT or ENAMETOOLONG, negative. */
bool zf_guest_string(struct zf_task *task, uint64_t address, char *buffer, size_t size,
                     int64_t *error);
bool zf_guest_put32(struct zf_task *task, uint64_t address, uint32_t value);
bool zf_guest_put64(struct zf_task *task, uint64_t address, uint64_t value);

/* standard.c */

/** When `fd` is a standard stream that someone else has: reads from it, writes to it. False: not.
 */
bool zf_standard_read(struct zf_task *task, int fd, uint8_t *out, size_t size, int64_t *result);
bool zf_standard_write(struct zf_task *task, int fd, const uint8_t *in, size_t size);

/* system.c */

/** The limit of this process's storage (RLIMIT_AS, DATA, STACK), as the guest has set it. */
uint64_t zf_storage_limit(struct zf_linux *process, int resource);
/** A limit that is not that of the host's process; false: it is. */
bool zf_program_limit(struct zf_linux *process, int resource, struct rlimit *limit);
/** With fixed random numbers: what was read from a device that gives others is replaced. */
void zf_random_read(struct zf_task *task, int fd, uint8_t *bytes, size_t size);

/* path.c */

/* A path, relative to a folder's descriptor or to ZF_GUEST_CWD. */
struct zf_path {
    int dir;
    const char *text;
    bool link; /* a symbolic link at its end is meant itself */
};

/* The same as a system call's argument. */
struct zf_path_argument {
    int dir;
    uint64_t address;
    bool link;
};

/**
 * The host path of a path argument: that in the sysroot if the file is there, and /proc/self/exe
 * is the guest's program. NULL with *error set.
 */
const char *zf_guest_path(struct zf_task *task, const struct zf_path_argument *argument,
                          char buffer[PATH_MAX], int64_t *error);
/** The same for a path in host memory; its text and `buffer` may not overlap. */
const char *zf_host_path(const struct zf_task *task, const struct zf_path *path,
                         char buffer[PATH_MAX]);

/** The host's flags of open: most Linux systems agree, some do not. */
int zf_open_flags(uint64_t guest);

/* sysroot.c */

/** The host path of what is at `path` in the sysroot `root`. False: nothing is. */
bool zf_sysroot_find(const char *root, const struct zf_path *path, char buffer[PATH_MAX]);
/** A host path as the guest names it: from the sysroot on, if there is one (`root`, or NULL) and it
 * is there. */
const char *zf_sysroot_name(const char *root, const char *path);
/** After a call that gives the process another root when `result` is 0, where paths begin then. */
int zf_sysroot_left(struct zf_task *task, int result);

/** Where the file of the running program can be opened. */
const char *zf_exe_path(const struct zf_linux *process);

/* own.c */

/** Which numbers its own files have, and how many the guest may have. */
void zf_own_init(struct zf_linux *process);
/** What is open now with O_CLOEXEC is zfacet's own. */
void zf_own_begin(struct zf_linux *process);
/** A file of its own is closed: its number is the guest's again. */
void zf_own_forget(struct zf_linux *process, int fd);
/** Whether a descriptor is one of zfacet's own, which for the guest is not open. */
bool zf_own_file(const struct zf_task *task, uint64_t fd);
/** Whether `fd`, which has none of their numbers, is such a file all the same. */
bool zf_own_reached(const struct zf_task *task, int fd);
/** `fd` becomes one of them, under a number that the guest cannot get, closed on exec; `fd` itself
 * where there is no such number. */
int zf_own_away(struct zf_linux *process, int fd);
/** Until zf_own_lower(), more files can be opened than the guest may have: what zfacet opens for a
 * call, which needs no descriptor of its own on Linux. */
void zf_own_raise(const struct zf_task *task);
void zf_own_lower(const struct zf_task *task);
/** getrlimit, and setrlimit unless `new_limit` is NULL, of RLIMIT_NOFILE: 0 or -errno. */
int64_t zf_own_limit(struct zf_linux *process, const struct rlimit *new_limit,
                     struct rlimit *old_limit);
/** In the host's new process. */
void zf_own_forked(struct zf_linux *process);
/** The limit is what it was before the program. */
void zf_own_end(struct zf_linux *process);
/** For zf_linear_keeper: the context is the process. */
int zf_own_keep(void *context, int fd);
void zf_own_drop(void *process, int fd);
/** openat, but for zfacet's own files: -1 with EACCES in errno. */
int zf_own_open(const struct zf_task *task, int dir, const char *path, int flags, mode_t mode);
/** The mode of a file that the guest makes or changes. */
uint64_t zf_own_mode(const struct zf_task *task, uint64_t mode);
/** Whether the path leads to one of them. */
bool zf_own_path(const struct zf_task *task, int dir, const char *path);

/* ancillary.c */

/** Control messages of a socket's in the guest's order. */
void zf_ancillary_to_guest(uint8_t *bytes, size_t size);
/** And in the host's. False: one of zfacet's own files is in them. */
bool zf_ancillary_to_host(const struct zf_task *task, uint8_t *bytes, size_t size);

/* layout.c */

/** Changes the byte order of a structure whose fields are `fields`; see layout.c. */
void zf_layout_swap(const char *fields, uint8_t *bytes, size_t size, bool to_guest);

/* loop.c */

/** LOOP_SET_STATUS and LOOP_GET_STATUS; `args` are ioctl's. */
int64_t zf_loop_status(struct zf_task *task, const uint64_t *args);

/* Of what the information about a TCP connection consists. */
#define ZF_TCP_INFO "6bnf24w4d6w4d2w2d6w2hw"

/* netlink.c */

/** Whether sockets of a protocol of netlink's can be had. */
bool zf_netlink_permits(int protocol);
struct iovec;
/**
 * What is about to be sent to `fd`: over netlink, `message` gets it as the host wants it, which the
 * caller frees. 0, or -errno: EOPNOTSUPP for what is not known.
 */
int64_t zf_netlink_sent(struct zf_task *task, int fd, const struct iovec *vector, size_t count,
                        struct iovec *message);
/** `got` bytes were received from `fd`: those of netlink in the guest's order. */
void zf_netlink_received(struct zf_task *task, int fd, const struct iovec *vector, size_t count,
                         size_t got);

/* seccomp.c */

/** Whether a call is made, of a thread that has filters; else *result is what it returns. */
bool zf_seccomp_permits(struct zf_task *task, uint64_t number, const uint64_t *args,
                        int64_t *result);
int64_t zf_seccomp_get_mode(const struct zf_task *task);
int64_t zf_seccomp_set_mode(struct zf_task *task, uint64_t mode, uint64_t address);
void zf_seccomp_destroy(struct zf_linux *process);

/* special.c */

/** Bytes that were read from `fd`, in the guest's order where they are a structure. */
void zf_special_read(int fd, uint8_t *bytes, size_t size);
/** Bytes to be written to `fd`: the same, or `swapped` where they are a number of the host. */
const uint8_t *zf_special_write(int fd, const uint8_t *bytes, size_t size, uint8_t swapped[8]);

/* task.c */

/** A thread's own part of the process; NULL: out of memory. It is in the list, with number 0. */
struct zf_task *zf_task_create(struct zf_linux *process, struct zf_cpu *cpu);
void zf_task_free(struct zf_task *task);
/** CLONE_THREAD: `args` are clone's. The number of the new thread, or -errno. */
int64_t zf_task_clone(struct zf_task *task, const uint64_t *args);
/** The thread ends; with the last one, the process. */
void zf_task_exit(struct zf_task *task, int status);
/** Calls of the host's in which threads wait are given up, or no longer. */
void zf_task_interrupt_all(struct zf_linux *process, bool on);
/**
 * The process is about to execute another program: all other threads end, and `replace` is called
 * with `context` in the leader, with the mask of signals of `task`. -EAGAIN: another thread was
 * first.
 */
int64_t zf_task_exec(struct zf_task *task, int64_t (*replace)(struct zf_task *task, void *context),
                     void *context);
/** Whether zf_task_yield() has something to do. */
bool zf_task_must_yield(const struct zf_task *task);
/** For zf_task_exec(): the thread ends or, when it is the leader, does what is to be done. */
void zf_task_yield(struct zf_task *task);
/** Around a fork of the host's. In the child, `task` is the only thread. */
void zf_task_fork_begin(struct zf_task *task);
void zf_task_fork_end(struct zf_task *task, bool child);
/* For zf_personality. */
void zf_task_begin(void *context, struct zf_cpu *cpu);
void zf_task_end(void *context, struct zf_cpu *cpu);
void zf_task_interrupted(void *context);

/* load.c */

/**
 * Loads the program `file` into an empty map, builds the stack, sets the registers. `path` is what
 * AT_EXECFN tells.
 */
enum zf_status zf_linux_load(struct zf_task *task, int file, const char *path,
                             const char *const *argv, const char *const *envp,
                             struct zf_error *err);

/* exec.c */

/** Loads the program of `config`, or the interpreter that its first line names. */
enum zf_status zf_exec_start(struct zf_task *task, const struct zf_linux_config *config,
                             struct zf_error *err);

/* pidfd.c */

/** CLONE_PIDFD: in the parent (`pid` is positive), a descriptor of the child's goes to `address`.
 */
int64_t zf_pidfd_of_child(struct zf_task *task, int64_t pid, uint64_t address);

/* process.c */

/** Ends the program: the machine stops, or this process if it is a forked child. */
void zf_linux_exit(struct zf_task *task, int status);
void zf_linux_die(struct zf_task *task, int signal_number);

/* clone.c */

/** In the child of vfork, which has its own storage now or is gone: lets the parent go on. */
void zf_linux_end_vfork(struct zf_task *task);

/* io.c */

enum { ZF_VECTOR_LIMIT = 1024 };
/** Reads an array of buffers, which are checked for the direction; -errno when one is not allowed.
 */
int64_t zf_guest_vector(struct zf_task *task, uint64_t address, uint64_t count, bool write,
                        struct iovec *vector);

/* futex.c */

/** The thread ends: its robust futexes say so. */
void zf_futex_exit(struct zf_task *task);
/** Wakes one who waits for the word. */
void zf_futex_wake(struct zf_task *task, uint64_t address);

/* turn.c */

/* As the host's call has them; the words to compare are in the guest's order. */
struct zf_turn_futex {
    const uint32_t *word, *word2;
    int operation;
    uint32_t value, value3;
    const void *timeout; /* or the second value */
};
/** In a repeatable run: the operation on a futex, among the threads of this process. */
int64_t zf_turn_futex(struct zf_task *task, const struct zf_turn_futex *f);
/** The thread does something else before its wait for a futex, if there is one, is over. */
void zf_turn_leave_wait(struct zf_task *task);
/** In a repeatable run: the SVC is executed again, and counts once. */
void zf_turn_undo_call(struct zf_task *task);
/** Between two blocks: that holds for the thread's next turn, too. */
void zf_turn_redo_call(struct zf_task *task);
/** In a repeatable run: sched_yield. */
int64_t zf_turn_yield(struct zf_task *task);
/** In a repeatable run: sleeps until a time of one of the guest's clocks. */
int64_t zf_turn_sleep_until(struct zf_task *task, clockid_t clock, const struct timespec *t);
/**
 * In a repeatable run, before and after a call that may wait: when other threads could do
 * something, it is given up at once, and made again when they have had their turns. False: it is
 * not made now, and its result is EINTR.
 */
bool zf_turn_before_call(struct zf_task *task, zf_syscall *function, const uint64_t *args);
int64_t zf_turn_after_call(struct zf_task *task, zf_syscall *function, int64_t result);

/* memory.c */

/** The bytes that are mapped, as far as their bits of `mask` are `prot`. */
uint64_t zf_mapped_bytes(const struct zf_task *task, unsigned mask, unsigned prot);
uint64_t zf_data_bytes(const struct zf_task *task);

/** Where a new mapping goes: at the hint if it is free, else at the lowest free address; 0:
 * nowhere. */
uint64_t zf_place_for(const struct zf_task *task, uint64_t hint, uint64_t length);

/* permit.c */

void zf_permit_init(struct zf_permit *permit);
void zf_permit_destroy(struct zf_permit *permit);
/**
 * Before guest code, by a thread that need not have returned the permit: waits for it, and says
 * whether another CPU had it since. False: the thread has none, and something else to do.
 */
bool zf_permit_take(struct zf_task *task, bool *other);
void zf_permit_give(struct zf_task *task);

/* rseq.c */

enum {
    ZF_RSEQ_FEATURES = 28 /* bytes of the structure that have a meaning */,
    ZF_RSEQ_ALIGNMENT = 32
};

/** For zf_personality.address: what describes a critical section is noticed. */
void zf_rseq_address(void *context, struct zf_block *block, uint64_t address);
/**
 * Before guest code, after a call or (`looks`) a time slice: the thread is told its CPU, and waits
 * until it may execute. False: it may not, and has something else to do.
 */
bool zf_rseq_resume(struct zf_task *task, bool looks);
/** All other threads were, or are going to be, aborted in their sections. */
void zf_rseq_fence(struct zf_task *task);
/** Before a signal's handler. False: the program dies. */
bool zf_rseq_signal(struct zf_task *task);
/** The thread has no structure any more. */
void zf_rseq_forget(struct zf_task *task);
/** Another program begins, with one thread. */
void zf_rseq_exec(struct zf_task *task);

/* processors.c */

/** Where the thread runs: the host's, or of those that the guest was given. */
void zf_processors_now(const struct zf_task *task, unsigned *cpu, unsigned *node);
/** How many there are for the thread. */
unsigned zf_processors_count(const struct zf_task *task);

/** All CPUs that the guest was given, as a set. */
uint64_t zf_processors_all(const struct zf_linux *process);

/* time.c */
/** One of the guest's clocks: the host's, or of a repeatable run. -errno: there is none. */
int zf_get_clock(const struct zf_task *task, clockid_t clock, struct timespec *t);
bool zf_get_timespec(struct zf_task *task, uint64_t address, struct timespec *t);
bool zf_put_timespec(struct zf_task *task, uint64_t address, const struct timespec *t);
bool zf_put_timeval(struct zf_task *task, uint64_t address, const struct timeval *t);
/** A call begins; one that is made again has what is left of its time. */
void zf_limit_begin(struct zf_task *task);
/** It waits so long on the host, at most: less if it is made again. */
void zf_limit_take(struct zf_task *task, struct timespec *limit);
/** It was interrupted, and is made again; the PSW is at its SVC. */
void zf_limit_again(struct zf_task *task);

#endif
