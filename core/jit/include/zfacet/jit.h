/*
 * Native code for x86-64 hosts: each op's body compiled at build time, copied and patched.
 */
#ifndef ZFACET_JIT_H
#define ZFACET_JIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_error;
struct zf_tb_cache;
struct zf_tier;

/** Why there is no native tier in this build or on this host, or NULL: there is. */
const char *zf_jit_missing(void);

struct zf_jit_config {
    bool linear;
    bool tally;         /* executions are counted */
    uint32_t passes;    /* a way from block to block is taken so often before it is made quick */
    size_t room;        /* for code of blocks, in bytes; 0: as usual */
    unsigned registers; /* of the host that hold the guest's, at most; 0: as usual */
    /* Is told of each block's code, at which the block at `pc` begins; or NULL. */
    void (*made)(void *context, uint64_t pc, const void *code, size_t size);
    void *context;
};

/** A tier for zf_tb_set_tiers(). NULL with `err` filled. */
struct zf_tier *zf_jit_create(struct zf_tb_cache *tbs, const struct zf_jit_config *config,
                              struct zf_error *err);

#endif
