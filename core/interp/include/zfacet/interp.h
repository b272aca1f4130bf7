/*
 * The interpreters: the tier that every host and every op has.
 */
#ifndef ZFACET_INTERP_H
#define ZFACET_INTERP_H

#include "zfacet/tb.h"

/** A tier for zf_tb_set_tier(). `plain`: a switch, not computed gotos. NULL with `err` filled. */
struct zf_tier *zf_interp_create(struct zf_tb_cache *tbs, bool linear, bool plain,
                                 struct zf_error *err);

#endif
