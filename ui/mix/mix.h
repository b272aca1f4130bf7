/*
 * What was executed, and how often: a JSON document whose numbers are summed when several runs are
 * put together. docs/mix.md describes it. A file has one document a line, one for each process of a
 * guest.
 */
#ifndef ZFACET_UI_MIX_H
#define ZFACET_UI_MIX_H

#include "zfacet/gate.h"

#include <jansson.h>
#include <stdio.h>

enum { ZF_MIX_VERSION = 1 };

/** Counts of nothing; NULL: out of memory. */
json_t *zf_mix_create(void);

/** Adds executions of an instruction of a function; empty texts: not known. */
void zf_mix_add_insn(json_t *counts, const char *image, const char *function,
                     const struct zf_insn *insn, uint64_t n);
/** Adds executions of function `code`. */
void zf_mix_add_function(json_t *counts, enum zf_query query, unsigned code, uint64_t n);
/** Adds `n` to the member `name` of the object `what`: "models", "guests". */
void zf_mix_add_name(json_t *counts, const char *what, const char *name, uint64_t n);

/** Sums: adds all of `from`. */
void zf_mix_add(json_t *counts, const json_t *from);

/** A document of them, as a line of a file; takes over the reference. */
json_t *zf_mix_document(json_t *counts);

/** Makes an empty file at `path`, to which runs append. */
enum zf_status zf_mix_begin(const char *path, struct zf_error *err);

/** Adds the documents of a file. */
enum zf_status zf_mix_read(const char *path, json_t *counts, struct zf_error *err);

/* By what instructions are put together. */
enum zf_mix_key {
#define MIX_KEY(id, name) ZF_MIX_##id,
#include "mix/key.def"
#undef MIX_KEY
    ZF_MIX_KEYS
};
/** The key called `name`, or ZF_MIX_KEYS. */
enum zf_mix_key zf_mix_key_find(const char *name);
const char *zf_mix_key_name(enum zf_mix_key key);

/** The sums: an object with a number for each value of the key. */
json_t *zf_mix_sums(const json_t *counts, enum zf_mix_key key);

/** Prints the `top` largest sums as a table; 0: all. */
void zf_mix_print(FILE *out, const json_t *counts, enum zf_mix_key key, unsigned top);

/** How often a row was executed, in all functions; how often a function code. */
uint64_t zf_mix_of_row(const json_t *by_mnemonic, enum zf_row row);
uint64_t zf_mix_of_function(const json_t *counts, enum zf_query query, unsigned code);
uint64_t zf_mix_of_form(const json_t *counts, const struct zf_form *form);

/**
 * What of a machine's instructions, forms and function codes was executed, and what never: an
 * object as docs/mix.md describes it. Of what zfacet does not implement nothing can be executed.
 */
json_t *zf_mix_coverage(const json_t *counts, const struct zf_gate *gate);

/** Prints that; `never`: with the names of all that was not executed. */
void zf_mix_print_coverage(FILE *out, const json_t *coverage, bool never);

#endif
