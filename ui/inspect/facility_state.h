/*
 * What a facility is in a model, and why.
 */
#ifndef ZFACET_INSPECT_FACILITY_STATE_H
#define ZFACET_INSPECT_FACILITY_STATE_H

#include "inspect/inspector.h"

enum zf_facility_state {
#define STATE(id, ...) ZF_STATE_##id,
#include "inspect/state.def"
#undef STATE
    ZF_STATE_COUNT
};

struct zf_state_info {
    const char *mark;
    enum zf_ink ink;
    const char *name;
    const char *meaning;
};

const struct zf_state_info *zf_state_info(enum zf_facility_state state);

enum zf_facility_state zf_facility_state_of(const struct zf_inspector *in,
                                            const struct zf_inspected *chosen, unsigned bit);

/** One or two sentences: what it is, and what else is to be known of the facility there. */
void zf_facility_reason(const struct zf_inspector *in, const struct zf_inspected *chosen,
                        unsigned bit, char *text, size_t size);

/** "!" deprecated, "?" zfacet does not execute all of it; "" for neither or where it is off. */
const char *zf_facility_flags(const struct zf_inspector *in, const struct zf_inspected *chosen,
                              unsigned bit);

#endif
