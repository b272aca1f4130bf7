/*
 * A machine to be controlled, bare or with a Linux program, whose code is given as assembler text.
 */
#ifndef ZF_TEST_SUBJECT_H
#define ZF_TEST_SUBJECT_H

#include "zfacet/control.h"

enum { SUBJECT_CODE = 0x10000, SUBJECT_DATA = 0x10800 };

struct subject {
    struct zf_machine *machine;
    struct zf_facilities facilities;
    struct zf_linux *program;
    int file; /* of the program */
};

/** `code`: instructions with ';' between; `linear`: as a Linux program, of model `model`. */
void subject_create(struct subject *subject, bool linear, const char *model, const char *code);
/** A bare machine with one CPU whose runs are repeatable. */
void subject_create_repeatable(struct subject *subject, enum zf_engine engine, unsigned cpus,
                               const char *code);
void subject_destroy(struct subject *subject);

/** Loads the code into storage and sets the PSW: once more when it is a bare machine. */
void subject_load(struct subject *subject, const char *code);

/** What a control of it needs. */
struct zf_control_config subject_config(struct subject *subject);

#endif
