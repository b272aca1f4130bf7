/*
 * A machine: storage, CPUs, translated code, and what its user interface asked for. Several
 * machines can run in one process.
 */
#ifndef ZFACET_MACHINE_H
#define ZFACET_MACHINE_H

#include "zfacet/cpus.h"
#include "zfacet/error.h"
#include "zfacet/op.h"
#include "zfacet/storage.h"
#include "zfacet/trace.h"

/* Why zf_machine_run() came back. */
enum zf_stop {
    ZF_STOP_NONE = 0,
    ZF_STOP_DISABLED_WAIT, /* wait state with every interruption disabled: the guest is done */
    ZF_STOP_EXIT,          /* a Linux program ended: machine->exit_status */
    ZF_STOP_SIGNAL, /* a Linux program died of a signal: machine->exit_status is its number */
    ZF_STOP_MAX_INSNS,
    ZF_STOP_TIMEOUT,
    ZF_STOP_PGM_LOOP,      /* the program new PSW itself leads to program interruptions */
    ZF_STOP_BLOCKED,       /* a blocked instruction, and stopping was asked for */
    ZF_STOP_UNIMPLEMENTED, /* installed by the model, but not by zfacet */
    ZF_STOP_SHUTDOWN,      /* the guest asked for the end through SCLP or SIGP */
    ZF_STOP_IPL,           /* the guest asked for another initial program loading */
    ZF_STOP_CHECK_STOP,
    ZF_STOP_REQUESTED, /* zf_machine_stop() */
    ZF_STOP_IDLE,      /* enabled wait that nothing can ever end */
    ZF_STOP_BREAKPOINT,
};

/*
 * Who executes: an interpreter until a block is hot, then native code (AUTO; zfacet/jit.h); one of
 * the interpreters (SWITCH: the plain one, for tests), or native code, alone. Where there is no
 * native code, an interpreter.
 */
enum zf_engine { ZF_ENGINE_AUTO, ZF_ENGINE_GOTO, ZF_ENGINE_SWITCH, ZF_ENGINE_BASE, ZF_ENGINES };

/*
 * Who takes over when a CPU leaves its block for something it does not do alone. NULL functions:
 * the architected interruption (PSW swap). A Linux program makes system calls and gets signals.
 * Each returns false to stop the machine, with machine->stop set. At `pgm` the PSW is as the
 * interruption would store it and cpu->pgm is filled in. `poll` is called now and then between
 * blocks, and soon after zf_cpu.slice was set to a negative value: for asynchronous signals.
 */
struct zf_personality {
    void *context;
    bool (*svc)(void *context, struct zf_cpu *cpu, uint8_t code);
    bool (*pgm)(void *context, struct zf_cpu *cpu);
    bool (*poll)(void *context, struct zf_cpu *cpu);
    /* In the CPU's own thread of the host: before it runs for the first time; after it has ended,
     * or when the machine is destroyed. */
    void (*begin)(void *context, struct zf_cpu *cpu);
    void (*end)(void *context, struct zf_cpu *cpu);
    /* The machine has stopped: calls of the host in which its CPUs wait are given up. */
    void (*interrupt)(void *context);
    /* An instruction that is being translated makes this address: ops may be emitted before it. */
    void (*address)(void *context, struct zf_block *block, uint64_t address);
    /* What of it belongs into a snapshot (NULL: out of memory), in one allocation; and back. */
    void *(*take)(void *context);
    void (*restore)(void *context, const void *state);
    /* Where turns are given (zfacet/turn.h): the CPU that was given the next one; NULL, with the
     * machine stopped: nobody. */
    struct zf_cpu *(*turn)(void *context);
};

/* Who looks at a CPU between two of its time slices; NULL: nobody. See zfacet/debug.h. */
struct zf_slice_end {
    void *context;
    void (*look)(void *context, struct zf_cpu *cpu);
};

/*
 * What the machine wraps keys under (PCKMO), and the patterns by which it knows them again: random
 * bytes, the same as long as the guest lives.
 */
struct zf_wrapping {
    uint8_t dea_key[24], dea_pattern[24];
    uint8_t aes_key[32], aes_pattern[32];
};

struct zf_machine_config {
    unsigned cpus;         /* 1 to ZF_CPUS, 0 means 1. All but the first begin stopped */
    uint64_t storage_size; /* bytes, system only: a multiple of 1 MiB */
    bool linear;           /* Linux program: one linear map instead of storage with DAT */
    bool deterministic;    /* two runs are the same: see zfacet/turn.h */
    enum zf_engine engine;
    size_t code_room;   /* native code, bytes; 0 = the usual number */
    unsigned registers; /* of the host that hold the guest's there; 0 = the usual number */
    uint32_t heat;      /* executions that make a block hot; 0 = the usual number */
    struct zf_frontend frontend;
    int64_t max_insns;   /* 0 = no limit */
    int32_t slice;       /* taken branches until the run loop looks around; 0 = the usual number */
    uint64_t timeout_ns; /* host wall clock, 0 = no limit */
    bool tally;          /* executions of each instruction are counted: machine->tally */
    unsigned trace;      /* enum zf_trace */
    /* Receives trace text, one line a call, without newline. */
    void (*trace_line)(void *context, const char *line);
    void *trace_context;
    /* With ZF_TRACE_INSN: is told each instruction before it is executed, in place of a line. */
    void (*trace_insn)(void *context, struct zf_cpu *cpu, uint64_t address);
    void *trace_insn_context;
    /* Is told of native code: of a block, which begins at `pc`. NULL: nobody is */
    void (*native)(void *context, uint64_t pc, const void *code, size_t size);
    void *native_context;
    /* For trace: the instruction at `address` as text; `word` is what it is, NULL: what is there.
     */
    void (*disassemble)(void *context, struct zf_cpu *cpu, uint64_t address, const uint64_t *word,
                        char *buffer, size_t size);
};

struct zf_device;
struct zf_sclp;
struct zf_watchdog;
struct zf_tb_cache;

struct zf_machine {
    struct zf_machine_config config;
    struct zf_storage storage;
    struct zf_cpus cpus;
    struct zf_tb_cache *tbs;
    struct zf_tier *tier;   /* what executes */
    struct zf_tally *tally; /* zfacet/tally.h; NULL: nothing is counted */
    struct zf_personality personality;
    struct zf_slice_end slice_end;
    const void *facilities; /* of the frontend: gate and model, see zfacet/translate.h */
    struct zf_device *devices;
    struct zf_sclp *sclp; /* that of them which is the service processor */
    struct zf_watchdog *watchdog;
    struct zf_wrapping wrapping;
    enum zf_stop stop;
    char stop_text[256]; /* more about `stop`, may be empty */
    int exit_status;
    const struct zf_cpu *alone; /* the only CPU that executes now, or NULL: all do */
    bool limit_ends_wait; /* a CPU that waits after its last instruction is at its limit; else what
                             ends the wait is still awaited */
    /* with the lock of `cpus`: */
    bool running;        /* CPUs execute */
    unsigned executing;  /* so many do, or have not noticed yet that it has stopped */
    bool quit;           /* it is being destroyed: their threads end */
    uint64_t started_ns; /* monotonic host time of the first run */
    volatile bool stop_requested;
};

/** Creates a machine in reset state; NULL with `err` filled. The caller owns it. */
struct zf_machine *zf_machine_create(const struct zf_machine_config *config, struct zf_error *err);
void zf_machine_destroy(struct zf_machine *machine);

/** Makes a machine that is no Linux program as it was created: storage, registers, devices. */
void zf_machine_reset(struct zf_machine *machine);

/**
 * Resets CPUs and devices and loads the short PSW at absolute 0, as a load does that clears
 * nothing: DIAGNOSE X'308' subcodes 0 (`modified_clear`: registers of all CPUs become 0) and 1.
 * `cpu` goes on.
 */
void zf_machine_load_reset(struct zf_machine *machine, struct zf_cpu *cpu, bool modified_clear);

/** The CPU with that address, or NULL. */
struct zf_cpu *zf_machine_cpu(const struct zf_machine *machine, unsigned address);

/** How many CPUs there are; their addresses begin with 0. */
unsigned zf_machine_cpus(const struct zf_machine *machine);

/** Runs until something stops it, and says what. Can be called again. */
enum zf_stop zf_machine_run(struct zf_machine *machine);

/** One CPU's thread of execution: runs it until the machine stops, or the CPU has ended. */
void zf_cpu_run(struct zf_cpu *cpu);

/**
 * Linux program: one more CPU, as `like` is but for its address, stopped, for another thread of the
 * program. NULL: there is no room.
 */
struct zf_cpu *zf_machine_add_cpu(struct zf_machine *machine, const struct zf_cpu *like);
/** The same again in a machine that repeats what it did: that CPU became one then. */
struct zf_cpu *zf_machine_add_cpu_again(struct zf_machine *machine, const struct zf_cpu *like,
                                        unsigned address);
/** Gives a CPU a thread of the host, which executes it whenever the machine runs. */
bool zf_cpu_start_thread(struct zf_cpu *cpu);
/**
 * Sets its state; if it is ZF_CPU_OPERATING, it runs from now on, in a thread of the host that it
 * gets if it has none. False: there is none to be had.
 */
bool zf_cpu_set_state(struct zf_cpu *cpu, enum zf_cpu_state state);
/** With the claim: gives orders (enum zf_order) to a CPU that operates. */
void zf_cpu_order(struct zf_cpu *cpu, uint32_t orders);
/** With the claim: stores its status to absolute locations, with 1 for the architectural mode. */
void zf_cpu_store_status(struct zf_cpu *cpu);
/** From its own thread: it never runs again, and goes to whom zf_machine_add_cpu() gives it. */
void zf_cpu_end(struct zf_cpu *cpu);

/** No CPU has a thread of its own any more. The machine does not run. */
void zf_machine_end_threads(struct zf_machine *machine);

/** The host's threads of CPUs that have ended are gone. The caller sees to it that none ends or
 * begins meanwhile. */
void zf_machine_settle_threads(struct zf_machine *machine);

/* Around a fork of the host's, by the thread that executes `cpu`: the child has no other CPU. */
void zf_machine_fork_begin(struct zf_machine *machine);
void zf_machine_fork_end(struct zf_machine *machine, struct zf_cpu *cpu, bool child);

/**
 * Stops the machine, with more about it as text (NULL: nothing to add); from any CPU. Who is first
 * says why.
 */
void zf_machine_end(struct zf_machine *machine, enum zf_stop why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The same, with machine->exit_status. */
void zf_machine_exit(struct zf_machine *machine, enum zf_stop why, int exit_status,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Asks a running machine to stop soon; from any thread or signal handler. */
void zf_machine_stop(struct zf_machine *machine);

/**
 * From now on stops after `insns` more instructions (of any CPU; in a repeatable run, of all
 * together), 0: no limit, or after `own` of `cpu`, unless that is NULL. Not while the machine runs.
 * Translated code is dropped when it has to count from now on, or no longer.
 */
void zf_machine_set_max_insns(struct zf_machine *machine, int64_t insns, struct zf_cpu *cpu,
                              int64_t own);

/**
 * Guest instructions executed since the limit was set; counted only under max_insns or
 * ZF_TRACE_INSN.
 */
uint64_t zf_machine_insns(const struct zf_machine *machine);

/** Drops all translated code: after a change of model, facilities, IBC, policy or trace. */
void zf_machine_flush(struct zf_machine *machine);

/** Drops the translated code of all virtual address spaces: the mapping changed. */
void zf_mapping_changed(struct zf_machine *machine);

#endif
