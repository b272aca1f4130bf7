/*
 * In place of the native tier, in builds for other hosts or without the compiler of its stencils.
 */
#include "zfacet/jit.h"

#include "zfacet/error.h"

const char *zf_jit_missing(void) {
    return "this build has no stencils";
}

struct zf_tier *zf_jit_create(struct zf_tb_cache *tbs, const struct zf_jit_config *config,
                              struct zf_error *err) {
    (void)tbs, (void)config;
    zf_fail(err, ZF_ERROR_USAGE, "no native code: %s", zf_jit_missing());
    return NULL;
}
