/*
 * Access-register translation: from an access-list-entry token to an address space, through the
 * access list of the dispatchable unit or of the primary space.
 */
#ifndef ZF_CONTROL_ART_H
#define ZF_CONTROL_ART_H

#include "control/linkage.h"

/* ALETs that need no list. */
enum { ZF_ALET_PRIMARY = 0, ZF_ALET_SECONDARY = 1 };

/* Whom the access-list entry is for. */
enum zf_art {
    ZF_ART_ORDINARY, /* authority `eax` is looked at */
    ZF_ART_SPECIAL,  /* BRANCH IN SUBSPACE GROUP: it is not */
};

struct zf_alet {
    uint32_t alet;
    uint16_t eax;
    enum zf_art how;
};

/** The entry that an ALET other than 0 and 1 leads to; false with the condition set. */
bool zf_art_translate(struct zf_cpu *cpu, const struct zf_alet *alet, struct zf_aste *aste,
                      bool *fetch_only);

/** The space of an operand in access-register mode; false with the condition set. */
bool zf_ar_space(struct zf_cpu *cpu, unsigned ar, enum zf_access access, struct zf_ar_space *to);
/** Where the current instruction reads and writes. */
void zf_ar_spaces_set(struct zf_cpu *cpu, const struct zf_ar_space space[2]);

#endif
