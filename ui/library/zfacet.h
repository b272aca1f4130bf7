/*
 * libzfacet: z/Architecture instructions, CPU models and what blocks what, for C programs; and
 * guests that run on a model. Link with -lzfacet (pkg-config --libs zfacet).
 *
 * - Handles (model, gate, run) and answers (instruction, verdict, comparison) are the library's: it
 *   makes them, and the function named ..._free() gives them back. Answers may get more members at
 *   their end, so programs do not copy or allocate them. Texts in an answer live as long as it
 * does; texts that functions return live as long as the handle, or for ever where there is none.
 * - What can fail returns NULL or -1 and fills `error`, which may be NULL.
 * - Models and gates can be used by several threads at a time; a run by one, but for
 *   zfacet_run_stop(). Several runs can exist in a process, Linux programs one at a time.
 * - An instruction is given as its bytes, in storage order.
 */
#ifndef ZFACET_H
#define ZFACET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface; functions are only added while it stays the same. */
#define ZFACET_API 1

enum zfacet_code {
    ZFACET_OK,
    ZFACET_INVALID,     /* a name or value that cannot be right */
    ZFACET_NOT_FOUND,   /* an unknown name, a file that does not exist */
    ZFACET_FORMAT,      /* input that is not what it should be */
    ZFACET_IO,          /* the host could not read or write */
    ZFACET_MEMORY,      /* out of memory */
    ZFACET_UNSUPPORTED, /* valid, but not done */
};

struct zfacet_error {
    int code;       /* enum zfacet_code */
    char text[512]; /* one line: what is wrong, with which value, and what would be right */
};

/** "0.2.0", and ZFACET_API of the library that is used. */
const char *zfacet_version(void);
int zfacet_api(void);

/* Instructions ---------------------------------------------------------------------------- */

struct zfacet_insn {
    bool known;                /* an instruction of z/Architecture; else `length` alone counts */
    bool privileged;           /* in supervisor state only */
    unsigned length;           /* bytes: 2, 4 or 6 */
    const char *mnemonic;      /* "msgrkc" */
    const char *name;          /* "MULTIPLY SINGLE (64, sets CC)", as the book calls it */
    const char *format;        /* "RRF-a" */
    const char *text;          /* "msgrkc %r3,%r3,%r4", as the GNU assembler takes it */
    int facility;              /* STFLE bit that it needs, -1: none */
    const char *facility_name; /* NULL: none */
    const char *first;         /* the first machine: "z14" */
};

/**
 * Decodes the instruction at `bytes`, of which `size` may be read, as if it were at `address`.
 * Error: ZFACET_FORMAT when it does not end within them.
 */
const struct zfacet_insn *zfacet_decode(const void *bytes, size_t size, uint64_t address,
                                        struct zfacet_error *error);
void zfacet_insn_free(const struct zfacet_insn *insn);

/* Models ---------------------------------------------------------------------------------- */

struct zfacet_model;

/** A model as zfacet's commands take it: "z14", "z13,vx=off", "gen15a-base". */
struct zfacet_model *zfacet_model_new(const char *text, struct zfacet_error *error);
void zfacet_model_free(struct zfacet_model *model);

/** The name of what it began from: "z13.2". */
const char *zfacet_model_name(const struct zfacet_model *model);

/** The IBC value: 0x041 for z14; 0: the machine has none. */
unsigned zfacet_model_ibc(const struct zfacet_model *model);

/** The machine type, such as 0x3906. */
unsigned zfacet_model_type(const struct zfacet_model *model);

/** Whether the facility bit is one in what STORE FACILITY LIST EXTENDED stores. */
bool zfacet_model_has_facility(const struct zfacet_model *model, unsigned bit);

/** Whether the feature is on: "vx", "msa5". 1 or 0; -1: there is no such feature. */
int zfacet_model_has_feature(const struct zfacet_model *model, const char *name,
                             struct zfacet_error *error);

/** Feature `i` of those that are on, NULL after the last one. */
const char *zfacet_model_feature(const struct zfacet_model *model, unsigned i);

/** Name `i` of the models that there are, oldest machine first; NULL after the last one. */
const char *zfacet_model_at(unsigned i);

struct zfacet_comparison {
    const char *result; /* what the first is to the second: "identical", "subset", "superset",
                           "incompatible" */
    bool may_move;      /* a guest of the first model can run on a host of the second */
    unsigned first_count, second_count;
    const char *const *only_first;  /* features that the first alone has */
    const char *const *only_second; /* and the second alone */
};

/** Compares two models. */
const struct zfacet_comparison *zfacet_compare(const struct zfacet_model *first,
                                               const struct zfacet_model *second,
                                               struct zfacet_error *error);
void zfacet_comparison_free(const struct zfacet_comparison *comparison);

/* Gates: what executes, and why not ------------------------------------------------------- */

struct zfacet_gate;

/**
 * What executes on `model` under a policy. "model": what the model has. "ibc": as in a guest of a
 * hypervisor on `host` (NULL: the newest machine) whose instructions are blocked by IBC value `ibc`
 * (-1: the model's own). "audit": everything, and it is reported. The models are copied.
 */
struct zfacet_gate *zfacet_gate_new(const struct zfacet_model *model, const char *policy,
                                    const struct zfacet_model *host, int ibc,
                                    struct zfacet_error *error);
void zfacet_gate_free(struct zfacet_gate *gate);

struct zfacet_verdict {
    bool permitted;      /* it executes */
    bool beyond;         /* it executes although the model lacks it: a leak, or an audit finding */
    bool implemented;    /* zfacet can execute it */
    const char *outcome; /* "executed", "operation exception (0001)" ... */
    const char *reason; /* a word: "allowed", "facility-off", "newer-than-ibc", "not-on-host" ... */
    const char *why;    /* one clause: "facility 129 (vector) is not in model z196" */
    const char *form;   /* the operand value that decides, such as "m4=2"; NULL: the opcode */
    int facility;       /* STFLE bit that matters, -1: none */
    const char *facility_name;
    const char *first; /* the first machine that has it */
};

/** Whether the instruction at `bytes` executes, its operand values included. */
const struct zfacet_verdict *zfacet_gate_check(const struct zfacet_gate *gate, const void *bytes,
                                               size_t size, struct zfacet_error *error);
void zfacet_verdict_free(const struct zfacet_verdict *verdict);

/* Running guests -------------------------------------------------------------------------- */

struct zfacet_run;

struct zfacet_finding {
    const char *kind;    /* "blocked", "leak", "audit", "ignored", "hint", "unimplemented" */
    const char *outcome; /* what the guest got: "operation exception (0001)" */
    uint64_t address;    /* of the instruction */
    const char *text;    /* the instruction */
    const char *why;
    int facility; /* STFLE bit, -1: none */
    const char *facility_name;
    const char *first;
    const char *image, *function; /* where; empty: not known */
    uint64_t offset;              /* into the function, or the image where that is not known */
    uint64_t count;               /* executions so far, this one included */
};

/** Is called at every execution of what the model lacks, in the thread of zfacet_run_go(). The
 * finding is valid until it returns. */
typedef void zfacet_on_finding(void *context, const struct zfacet_finding *finding);
/** The guest wrote to its console, or a Linux program to its standard streams. */
typedef void zfacet_on_output(void *context, const char *text, size_t length);

/**
 * Loads a guest: a Linux program or bare-metal file, or "rom:NAME", one of zfacet's own.
 * `arguments`, a Linux program's with its own name first, end with NULL; NULL: none.
 */
struct zfacet_run *zfacet_run_new(const struct zfacet_gate *gate, const char *guest,
                                  const char *const *arguments, struct zfacet_error *error);
void zfacet_run_free(struct zfacet_run *run);

/* Before zfacet_run_go(); each may be NULL. Without one for output, that of Linux programs goes to
 * the process's streams, and consoles are not shown. */
void zfacet_run_set_finding(struct zfacet_run *run, zfacet_on_finding *function, void *context);
void zfacet_run_set_output(struct zfacet_run *run, zfacet_on_output *function, void *context);

/** The run ends after so many instructions, so many seconds; 0: no limit. */
void zfacet_run_set_limits(struct zfacet_run *run, uint64_t insns, double seconds);

struct zfacet_end {
    const char *how;  /* "success", "failure", "exit", "signal", "limit", "time", "stopped",
                         "unimplemented", "error" */
    int status;       /* exit: the program's status; signal: its number */
    const char *text; /* more about it, or empty */
    uint64_t psw_mask, psw_address;
    uint64_t findings; /* executions of what the model lacks */
};

/** Runs the guest to its end; once. The answer is the run's. */
const struct zfacet_end *zfacet_run_go(struct zfacet_run *run);

/** Ends it soon; from any thread, or a callback. */
void zfacet_run_stop(struct zfacet_run *run);

/** General register 0 to 15 of the first CPU; in a callback or after the end. */
uint64_t zfacet_run_register(struct zfacet_run *run, unsigned number);

/** Guest storage as the first CPU addresses it; 0, or -1: not all of it is there. Likewise. */
int zfacet_run_read(struct zfacet_run *run, uint64_t address, void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
