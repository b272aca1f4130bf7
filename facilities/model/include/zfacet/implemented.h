/*
 * What zfacet can execute, and models without the rest. The facts are stated in the instruction
 * table (semantics NONE) and in facilities/gate/function.def.
 */
#ifndef ZFACET_IMPLEMENTED_H
#define ZFACET_IMPLEMENTED_H

#include "zfacet/decode.h"
#include "zfacet/gate.h"

/** True when zfacet can execute the row: its semantics are not NONE in the instruction table. */
bool zf_row_implemented(enum zf_row row);

/** True when zfacet can execute the instruction with that form. */
bool zf_form_implemented(const struct zf_form *form);

/** True when zfacet can execute function `code` of the instruction. */
bool zf_function_implemented(enum zf_query query, unsigned code);

/**
 * True when the row is executed and of its function codes, if it has such, any but the query. One
 * for which this is false is of no use to a program.
 */
bool zf_row_useful(enum zf_row row);

/** True when `model` has function `code` and zfacet does not execute it. */
bool zf_function_missing(const struct zf_model *model, enum zf_query query, unsigned code);

/**
 * Writes the codes of all zf_function_missing() as "1-3 9", at most `size` characters with the
 * final zero; false when there are none.
 */
bool zf_missing_functions_text(const struct zf_model *model, enum zf_query query, char *text,
                               size_t size);

/** Is told what is taken out of a model, and why: "facility 6 (asnlxr), because of epair". */
typedef void zf_hidden(void *context, const char *text);

/**
 * Takes out of `model` what zfacet does not execute: function codes, facilities of which an
 * instruction or a form is missing, and those that need these. `hidden` may be NULL.
 */
void zf_model_hide_unimplemented(struct zf_model *model, zf_hidden *hidden, void *context);

/**
 * Takes the function codes that zfacet does not execute out of what queries return, and blocks the
 * instructions of facilities that it does not execute. `whole` is the
 * model before zf_model_hide_unimplemented(): explanations tell what was hidden.
 */
void zf_gate_hide_unimplemented(struct zf_gate *gate, const struct zf_model *whole);

#endif
