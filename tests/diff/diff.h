/*
 * Random sequences of instructions, compared with another emulator.
 *
 * generate.c makes sequences, program.c puts them into one s390x program that runs each of them and
 * writes what it did, peer.c runs that program under both emulators, report.c looks into what
 * differs.
 */
#ifndef ZF_TEST_DIFF_H
#define ZF_TEST_DIFF_H

#include "zfacet/decode.h"

enum {
    DIFF_ITEMS = 6,      /* instructions of a sequence */
    DIFF_SCRATCH = 1024, /* bytes of storage that are set before a sequence and compared after */
    DIFF_VECTORS = 512,  /* bytes after it: vector registers, when they take part */
    DIFF_AFTER = DIFF_SCRATCH + DIFF_VECTORS, /* what is compared after a sequence */
    DIFF_INDICES = 24,        /* vector registers from here on hold small numbers, */
    DIFF_INDEX_REGISTERS = 4, /* this many: to gather and scatter by */
    DIFF_TEMPLATES = 64,      /* contents of the scratch storage to choose from */
    DIFF_ROUNDS = 2,          /* cold, and once more hot */
    DIFF_STATE = 240,         /* bytes of the state after a sequence, struct diff_state */
    DIFF_END = 0xff,          /* as a branch target: after the last item */
};

enum diff_fix {
    DIFF_FIX_NONE,
    DIFF_FIX_DATA,   /* the relative operand is `target` bytes into the scratch storage */
    DIFF_FIX_BRANCH, /* the relative operand is item `target` */
};

struct diff_item {
    uint64_t word;
    uint16_t row;
    bool executed;      /* by EXRL, with register execute_gr */
    bool again;         /* a BRC after it goes back on CC 3 */
    uint8_t execute_gr; /* 0: nothing is put into the target */
    uint8_t fix;        /* enum diff_fix */
    uint16_t target;
};

struct diff_sequence {
    struct diff_item items[DIFF_ITEMS];
    unsigned count;
    uint64_t gr[16];
    uint16_t code; /* bit n: general register n holds the address after the last item */
    uint8_t cc;
    uint8_t program_mask;
    uint8_t template;
    bool skipped; /* an emulator does not come back from it */
    bool told;    /* its difference was looked into */
};

/** The state after a sequence as the program writes it, big-endian. */
struct diff_state {
    uint64_t gr[16];
    uint64_t ipm;          /* or the PSW mask at a signal */
    uint32_t signal, code; /* zero: none */
    uint64_t psw;
    uint64_t scratch; /* hash of the scratch storage */
    uint32_t ar[16];
    uint32_t fpc, unused;
    uint64_t fault; /* address in the siginfo */
};
_Static_assert(sizeof(struct diff_state) == DIFF_STATE, "the program stores it with one MVC");

struct diff_random {
    uint64_t state;
};

/** Contents of the scratch storage, vector registers, and access registers. */
struct diff_template {
    uint8_t scratch[DIFF_AFTER];
    uint32_t ar[16];
};

struct diff_template *diff_templates(struct diff_random *random);

uint64_t diff_random(struct diff_random *random);
static inline uint64_t diff_below(struct diff_random *random, uint64_t limit) {
    return (diff_random(random) >> 11) % limit;
}

/** A value for a register: often one at which something changes. */
uint64_t diff_value(struct diff_random *random);

/** Rows to choose from. */
struct diff_rows {
    uint16_t row[ZF_ROW_COUNT];
    unsigned count;
};

/** What to compare: general and decimal instructions, or the vector ones on integers and strings.
 */
enum diff_chapter { DIFF_CHAPTER_GENERAL, DIFF_CHAPTER_VECTOR };

/**
 * All rows of the chapter that zfacet executes and whose results are the same everywhere; `only`:
 * one mnemonic.
 */
void diff_rows_init(struct diff_rows *rows, enum diff_chapter chapter, const char *only);

/** One random sequence of `count` instructions, with rows from `rows`. */
void diff_generate(struct diff_sequence *sequence, unsigned count, const struct diff_rows *rows,
                   struct diff_random *random);

/** A relative operand of the format: its place in the word; false when it has none. */
bool diff_relative(const struct zf_insn *insn, int *first, int *bits);

/** Address of the scratch storage in the program. */
uint64_t diff_scratch_address(void);
/** Where its code begins, which is read-only. */
uint64_t diff_code_address(void);

/** True when the address is among the program's instructions. */
bool diff_is_code(uint64_t address);

struct diff_program {
    struct diff_sequence *sequences;
    unsigned count;
    bool vectors; /* vector registers are set before and compared after */
    const struct diff_template *templates;
};

/** Writes the program; false with a message on standard error when it cannot. */
bool diff_program_write(const struct diff_program *program, const char *path);

/** The emulators, and where files go. */
struct diff_peers {
    const char *qemu;
    const char *zfacet;
    const char *model;
    char folder[64];
};

enum diff_who { DIFF_QEMU, DIFF_GOTO, DIFF_SWITCH, DIFF_WHO_COUNT };

/** What a program wrote: DIFF_ROUNDS * count states, and the scratch storage at its end. */
struct diff_result {
    uint8_t *bytes;
    size_t size;
    struct diff_state *states;
    const uint8_t *scratch; /* NULL when the program did not reach its end */
    unsigned count;         /* whole states */
    int status;             /* as waitpid gives it */
};

bool diff_run(const struct diff_peers *peers, enum diff_who who, const struct diff_program *program,
              struct diff_result *result);
void diff_result_free(struct diff_result *result);

const char *diff_who_name(enum diff_who who);

/** True when both states are the same. */
bool diff_same(const struct diff_state *theirs, const struct diff_state *ours);

/**
 * Whether the difference is none: `alone` is one instruction with the state before it, and the
 * architecture leaves open what it does, or qemu is known to be wrong.
 */
bool diff_excused(const struct diff_sequence *alone, const struct diff_state *theirs,
                  const struct diff_state *ours);

/** The same for an instruction that makes the difference only after others. */
bool diff_excused_behind(const struct diff_item *item, const struct diff_state *theirs,
                         const struct diff_state *ours);

/** Prints instructions and registers before. */
void diff_print_sequence(const struct diff_sequence *sequence);

/** Finds the instruction that makes the difference, and prints it; false when that is excused. */
bool diff_report(const struct diff_peers *peers, const struct diff_program *program, unsigned index,
                 enum diff_who who, const struct diff_state *theirs, const struct diff_state *ours);

#endif
