/*
 * What a program loses when it moves from one model to another: instructions, operand values,
 * function codes.
 */
#ifndef ZFACET_UI_LOSSES_H
#define ZFACET_UI_LOSSES_H

#include "text/feature_text.h"

#include "zfacet/ibc.h"

enum { ZF_SUBJECT_TEXT_LENGTH = 96 };

/** "msgrkc", "vfa(m4=2)", "kimd 32 (kimd-sha3-224)" */
void zf_subject_text(const struct zf_subject *subject, char text[ZF_SUBJECT_TEXT_LENGTH]);

/* Whose losses: those that need facility `bit`, or are a function of `set` (which may be NULL). */
struct zf_loss_query {
    const struct zf_model *from;
    const struct zf_model *to;
    int bit; /* ZF_LOSS_NO_FACILITY: of none; ZF_LOSS_ANY: of any; ZF_FACILITY_LIMIT: nothing */
    const uint64_t *set;
};

enum { ZF_LOSS_NO_FACILITY = -1, ZF_LOSS_ANY = -2 };

typedef void zf_loss_visit(void *context, const struct zf_subject *subject);

/** Calls `visit` for each; returns how many there are. */
unsigned zf_each_loss(const struct zf_loss_query *query, zf_loss_visit *visit, void *context);

/* All that is lost, counted. */
struct zf_loss_count {
    unsigned instructions, forms, functions;
};

void zf_count_losses(const struct zf_model *from, const struct zf_model *to,
                     struct zf_loss_count *count);

/**
 * A table of what `from` has and `to` has not: features in words, and below each what programs
 * lose. False when there is nothing.
 */
bool zf_print_losses(FILE *out, const struct zf_manage *manage, const struct zf_model *from,
                     const struct zf_model *to);

/**
 * The same: [{name, text, deprecated, instructions: [MNEMONIC], forms: [{mnemonic, when}],
 * functions: [{mnemonic, code, name}]}]
 */
json_t *zf_losses_json(const struct zf_manage *manage, const struct zf_model *from,
                       const struct zf_model *to);

#endif
