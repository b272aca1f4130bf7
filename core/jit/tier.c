/*
 * The native tier: what others see of it, and what becomes of dropped code. A dropped block's entry
 * for branches leads out of it, or to the block that replaces it. Who is in it meets a trap, one
 * byte that is no instruction here, at the next instruction's first op.
 */
#include "jit.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>

static void destroy(struct zf_tier *tier) {
    zf_jit_release((struct jit *)tier);
    free(tier);
}

static bool full(const struct zf_tier *tier) {
    const struct jit *jit = (const struct jit *)tier;
    return __atomic_load_n(&jit->used, __ATOMIC_RELAXED) + BLOCK_MARGIN > jit->size ||
           __atomic_load_n(&jit->ops_used, __ATOMIC_RELAXED) + 4 * ZF_BLOCK_OPS > jit->ops_room ||
           __atomic_load_n(&jit->ways_used, __ATOMIC_RELAXED) + 4 * ZF_BLOCK_OPS > jit->ways_room ||
           __atomic_load_n(&jit->blocks_used, __ATOMIC_RELAXED) + 1 > jit->blocks_room;
}

static void flush(struct zf_tier *tier) {
    struct jit *jit = (struct jit *)tier;
    jit->used = jit->start;
    jit->ops_used = 0;
    jit->blocks_used = 1; /* 0 is none */
    jit->ways_used = 0;
}

/* The entry for branches becomes a jump; 8 bytes at once, on their boundary. */
static void redirect(struct jit *jit, uint32_t entry, uint32_t to) {
    uint64_t code;
    uint32_t distance = to - (entry + JUMP_SIZE);
    uint64_t *at = (uint64_t *)(jit->write + entry);
    memcpy(&code, at, sizeof code);
    code = (code & ~UINT64_C(0xffffffffff)) | (uint64_t)distance << 8 | 0xe9;
    __atomic_store_n(at, code, __ATOMIC_RELEASE);
}

static void drop_code(struct jit *jit, const struct block_code *block) {
    redirect(jit, block->offset, block->out);
    for (uint32_t i = 0; i < block->hot_ops; i++) {
        const struct op_place *op = &jit->ops[block->first_op + i];
        if (op->leave) {
            __atomic_store_n(jit->write + op->offset, TRAP, __ATOMIC_RELEASE);
        }
    }
}

static void drop(struct zf_tier *tier, const struct zf_code *code) {
    struct jit *jit = (struct jit *)tier;
    const struct block_code *block = zf_jit_block_at(jit, offset_of(jit, code->entry));
    drop_code(jit, block);
    for (uint32_t i = block->version; i; i = jit->blocks[i].version) {
        drop_code(jit, &jit->blocks[i]);
    }
}

static void link(struct zf_tier *tier, const struct zf_code *from, const struct zf_code *to) {
    struct jit *jit = (struct jit *)tier;
    redirect(jit, offset_of(jit, from->entry) - jit->entry_size,
             offset_of(jit, to->entry) - jit->entry_size);
}

static enum zf_exit run(struct zf_tier *tier, struct zf_cpu *cpu, const struct zf_code *code) {
    const struct jit *jit = (const struct jit *)tier;
    enum zf_exit (*enter)(struct zf_cpu *, void *);
    const void *at = jit->code + jit->part[ZF_PART_enter];
    memcpy(&enter, &at, sizeof enter);
    return enter(cpu, code->entry);
}

/* What the stencils were compiled for: x86-64-v3, less what they do not use. */
static bool host_can(void) {
    enum { FMA = 1 << 12, MOVBE = 1 << 22, POPCNT = 1 << 23, OSXSAVE = 1 << 27, AVX = 1 << 28 };
    enum { BMI1 = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8, LZCNT = 1 << 5, XMM_AND_YMM = 6 };
    const unsigned first = FMA | MOVBE | POPCNT | OSXSAVE | AVX, second = BMI1 | AVX2 | BMI2;
    unsigned a, b, c, d, saved;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & first) != first ||
        !__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & second) != second ||
        !__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & LZCNT)) {
        return false;
    }
    __asm__("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    return (saved & XMM_AND_YMM) == XMM_AND_YMM;
}

const char *zf_jit_missing(void) {
    return host_can() ? NULL : "this host is older than x86-64-v3";
}

struct zf_tier *zf_jit_create(struct zf_tb_cache *tbs, const struct zf_jit_config *config,
                              struct zf_error *err) {
    struct jit *jit = calloc(1, sizeof *jit);
    if (!jit) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for native code");
        return NULL;
    }
    jit->tier = (struct zf_tier){
        .name = "base",
        .destroy = destroy,
        .full = full,
        .encode = zf_jit_encode,
        .drop = drop,
        .link = link,
        .links_running = true, /* the entry for branches is a jump already */
        .flush = flush,
        .run = run,
        .place = zf_jit_place,
        .owns = zf_jit_owns,
        .branch = zf_jit_branch,
        .tallied = zf_jit_left,
        .next = zf_jit_next,
        .faulted = zf_jit_faulted,
        .trapped = zf_jit_trapped,
        .forked = zf_jit_separate,
    };
    jit->tbs = tbs;
    jit->config = *config;
    jit->config.passes = config->passes ? config->passes : 1;
    jit->reserved = config->registers && config->registers < HOST_POOL
                        ? (1u << HOST_POOL) - (1u << config->registers)
                        : 0;
    jit->size = (config->room ? config->room : CODE_SIZE) + OWN_MARGIN + BLOCK_MARGIN;
    if (zf_jit_prepare(jit, err) != ZF_OK) {
        destroy(&jit->tier);
        return NULL;
    }
    flush(&jit->tier);
    return &jit->tier;
}
