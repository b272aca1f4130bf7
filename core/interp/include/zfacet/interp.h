/*
 * The interpreters: the tier that every host and every op has.
 */
#ifndef ZFACET_INTERP_H
#define ZFACET_INTERP_H

#include "zfacet/tb.h"

struct zf_interp_config {
    bool linear;
    bool plain;    /* a switch, not computed gotos */
    uint32_t heat; /* so many executions make a block one for zf_tb_promote(); 0: none is */
};

/** A tier for zf_tb_set_tier(). NULL with `err` filled. */
struct zf_tier *zf_interp_create(struct zf_tb_cache *tbs, const struct zf_interp_config *config,
                                 struct zf_error *err);

#endif
