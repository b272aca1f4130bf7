/*
 * Models as users have them: a model text (zfacet/model.h); @FILE[,NAME=on|off]... or - for a file
 * or standard input in one of the formats of model/format.h, told apart by their content; or
 * stfle: and a facility list in hexadecimal.
 */
#ifndef ZFACET_UI_MODEL_INPUT_H
#define ZFACET_UI_MODEL_INPUT_H

#include "zfacet/manage.h"

/* What the input did not tell, or zfacet cannot keep: a line each. */
enum { ZF_MODEL_NOTES = 16, ZF_MODEL_NOTE_LENGTH = 200 };

struct zf_model_notes {
    unsigned count;
    char text[ZF_MODEL_NOTES][ZF_MODEL_NOTE_LENGTH];
};

/** Adds a line, as printf does. What does not fit is left out. */
void zf_note(struct zf_model_notes *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Tells the lines on standard error, after `label` if it is not NULL. */
void zf_notes_tell(const struct zf_model_notes *notes, const char *label);

struct zf_model_input {
    char label[64]; /* what the user wrote, cut to fit */
    struct zf_model model;
    struct zf_model_warnings warnings;
    struct zf_model_notes notes;
};

/**
 * Reads the model that `word` names; `input` is filled only on success. `strict`: a broken
 * dependency is an error.
 */
enum zf_status zf_model_read(const char *word, bool strict, struct zf_model_input *input,
                             struct zf_error *err);

/** Tells notes and broken dependencies on standard error. */
void zf_model_tell(const struct zf_model_input *input);

/**
 * Reads a model; tells notes and broken dependencies on standard error. ZF_EXIT_OK, or the exit
 * status, the mistake told.
 */
int zf_model_take(const char *word, bool strict, struct zf_model_input *input);

#endif
