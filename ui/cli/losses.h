/*
 * What a program loses when it moves from one model to another: instructions, operand values,
 * function codes.
 */
#ifndef ZFACET_UI_LOSSES_H
#define ZFACET_UI_LOSSES_H

#include "cli/feature_text.h"

#include "zfacet/ibc.h"

enum { ZF_SUBJECT_TEXT_LENGTH = 96 };

/** "msgrkc", "vfa(m4=2)", "kimd 32 (kimd-sha3-224)" */
void zf_subject_text(const struct zf_subject *subject, char text[ZF_SUBJECT_TEXT_LENGTH]);

/* Whose losses: those that need facility `bit`, or are a function of `set` (which may be NULL). */
struct zf_loss_query {
    const struct zf_model *from;
    const struct zf_model *to;
    int bit; /* -1: those without a facility; ZF_FACILITY_LIMIT: none */
    const uint64_t *set;
};

typedef void zf_loss_visit(void *context, const struct zf_subject *subject);

/** Calls `visit` for each; returns how many there are. */
unsigned zf_each_loss(const struct zf_loss_query *query, zf_loss_visit *visit, void *context);

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
