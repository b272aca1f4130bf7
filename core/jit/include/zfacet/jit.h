/*
 * Native code for x86-64 hosts: each op's body compiled at build time, copied and patched.
 */
#ifndef ZFACET_JIT_H
#define ZFACET_JIT_H

#include <stdbool.h>
#include <stddef.h>

struct zf_error;
struct zf_tb_cache;
struct zf_tier;

/** Why there is no native tier in this build or on this host, or NULL: there is. */
const char *zf_jit_missing(void);

/** A tier for zf_tb_set_tier(), with `room` bytes for code, 0: as usual. NULL with `err` filled. */
struct zf_tier *zf_jit_create(struct zf_tb_cache *tbs, bool linear, size_t room,
                              struct zf_error *err);

#endif
