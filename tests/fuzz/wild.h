/*
 * Wild guests: random code in random surroundings. The same bytes make the same guest every time,
 * so that engines can be compared with one another.
 */
#ifndef ZF_TEST_WILD_H
#define ZF_TEST_WILD_H

#include "zfacet/ibc.h"
#include "zfacet/machine.h"
#include "zfacet/translate.h"

enum {
    WILD_STORAGE = 0x100000,
    WILD_PREFIX = 0x4000,
    WILD_CODE = 0x8000,
    WILD_CODE_SIZE = 0x1800,
    WILD_DATA = 0x10000,
    WILD_DATA_SIZE = 0x8000,
    WILD_TABLES = 0x20000, /* of address translation */
    WILD_TABLES_END = 0xa0000,
    WILD_INPUT = 8 + WILD_CODE_SIZE,
    WILD_INSNS = 1000,
    WILD_LOOPS_INSNS = 60000,
};

/* What a guest may be; a program can run in a linear machine too. */
enum wild_kind { WILD_PROGRAM, WILD_REAL, WILD_TRANSLATED, WILD_KINDS };

struct wild {
    enum wild_kind kind;
    uint64_t psw_mask, psw_addr;
    uint64_t gr[16], cr[16];
    uint64_t vr[32][2];
    uint32_t ar[16];
    uint32_t fpc;
    uint64_t prefix;
    unsigned model;     /* of wild_models */
    int64_t insns;      /* at most, where they are counted */
    bool tally;         /* executions of each are counted, and compared */
    unsigned registers; /* of the host that hold the guest's, where native code is dropped often */
    uint8_t storage[WILD_STORAGE];
    uint8_t keys[WILD_STORAGE / ZF_PAGE_SIZE];
};

extern const char *const wild_models[];
enum { WILD_MODELS = 3 };

/** A reproducible sequence. */
uint64_t wild_random(uint64_t *state);

/** Makes a guest of an input: eight bytes of seed for its surroundings, then its code. */
void wild_make(struct wild *wild, const uint8_t *data, size_t size);

/** Makes an input of a number: mostly instructions that zfacet executes. Returns its size. */
size_t wild_input(uint8_t data[WILD_INPUT], uint64_t number);

/** What most code is made of, and what the engines have in many variants. */
enum zf_row wild_usual_row(uint64_t *state);

/** A program whose loops execute the same code often; of a number. */
void wild_loops(struct wild *wild, uint64_t number);

/**
 * A program that executes one instruction with all values of an immediate of 8 bits or less, all
 * amounts of a shift, each with a branch on its condition code by some mask; of a number.
 */
void wild_sweep(struct wild *wild, uint64_t number);

#endif
