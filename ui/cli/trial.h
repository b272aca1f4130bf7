/*
 * One instruction on a machine made for it: the newest, in supervisor state, without address
 * translation, with a window of storage for each storage operand.
 */
#ifndef ZFACET_UI_TRIAL_H
#define ZFACET_UI_TRIAL_H

#include "zfacet/control.h"
#include "zfacet/decode.h"
#include "zfacet/translate.h"

enum {
    ZF_TRIAL_CODE = 0x10000,
    ZF_TRIAL_STORAGE_1 = 0x20000, /* where base register 1 points */
    ZF_TRIAL_STORAGE_2 = 0x21000,
    ZF_TRIAL_SIZE = 1 << 20,
    ZF_TRIAL_BASE_1 = 9,
    ZF_TRIAL_BASE_2 = 10,
};

struct zf_trial {
    enum zf_row row;
    const struct zf_alias *alias; /* the mnemonic that stands for it, or NULL */
    uint64_t word;
    struct zf_cpu *cpu;
    struct zf_machine *machine;
    struct zf_facilities facilities;
    struct zf_halt halt;
};

/* A field of a format, by the book's bit numbers. */
struct zf_trial_field {
    const char *name;
    unsigned first, bits;
    bool displacement;
};

/** The fields of a format but for displacements, which stay zero, up to one without a name. */
const struct zf_trial_field *zf_trial_first(enum zf_format format);
const struct zf_trial_field *zf_trial_next(const struct zf_trial_field *f);

/** A displacement by its name, or NULL; one of 20 bits is signed, and has its left 8 bits behind
 * the others. */
const struct zf_trial_field *zf_trial_displacement(enum zf_format format, const char *name);

/** How the assembler's syntax calls the register in field r1, r2 ...: 'g', 'f' ... or 0. */
char zf_trial_kind(enum zf_row row, const char *name);

/** The register that a field names unless it is set: even ones, and left ones of pairs, where those
 * are wanted. */
unsigned zf_trial_register(char kind, const char *name);

/** Makes the machine, and the instruction with a register in each field. */
enum zf_status zf_trial_begin(struct zf_trial *t, enum zf_row row, struct zf_error *err);
/** The same on the machine that is there, which is made as it was. */
void zf_trial_again(struct zf_trial *t, enum zf_row row);
void zf_trial_end(struct zf_trial *t);

void zf_trial_put(struct zf_trial *t, const struct zf_trial_field *f, uint64_t value);

/** Where storage operand 1 or 2 begins: where its base register points, and its displacement. */
uint64_t zf_trial_storage(const struct zf_trial *t, char number);

/** Sets a register of kind 'g', 'f', 'a' or 'v'; false for another kind. */
bool zf_trial_set_register(struct zf_trial *t, char kind, unsigned n, zf_u128 value);

/** Executes it, once. */
enum zf_status zf_trial_execute(struct zf_trial *t, struct zf_error *err);

/** The program-interruption code that it ended with, or 0. */
unsigned zf_trial_condition(const struct zf_trial *t);
/** Whether it ended with a supervisor-call interruption, and its code. */
bool zf_trial_call(const struct zf_trial *t, unsigned *code);

/** "specification exception", ...: a program-interruption code in words. */
const char *zf_trial_condition_name(unsigned code);

#endif
