/*
 * Instructions with a function code: one execution of a function, for the files that execute some
 * (crypto/, deflate/).
 *
 * gate/function.def has a row for each function code: which zf_assist_…() executes it, with which
 * algorithm, and whether its key is wrapped (crypto/wrap.h). assist.c checks what all have in
 * common and calls that function.
 */
#ifndef ZF_ASSIST_ASSIST_H
#define ZF_ASSIST_ASSIST_H

#include "translator.h"

/*
 * Bytes after which a function ends with condition code 3, and what a call takes off the time
 * slice, so that a program that executes it again and again is interrupted as soon as any other.
 */
enum { ZF_ASSIST_UNIT = 16384, ZF_ASSIST_UNIT_COST = 512 };

enum zf_algorithm {
    ZF_ALGORITHM_NONE,
    ZF_ALGORITHM_DEA,
    ZF_ALGORITHM_TDEA_128,
    ZF_ALGORITHM_TDEA_192,
    ZF_ALGORITHM_AES_128,
    ZF_ALGORITHM_AES_192,
    ZF_ALGORITHM_AES_256,
    ZF_ALGORITHM_SHA_1,
    ZF_ALGORITHM_SHA_224,
    ZF_ALGORITHM_SHA_256,
    ZF_ALGORITHM_SHA_384,
    ZF_ALGORITHM_SHA_512,
    ZF_ALGORITHM_SHA3_224,
    ZF_ALGORITHM_SHA3_256,
    ZF_ALGORITHM_SHA3_384,
    ZF_ALGORITHM_SHA3_512,
    ZF_ALGORITHM_SHAKE_128,
    ZF_ALGORITHM_SHAKE_256,
    ZF_ALGORITHM_GHASH,
    ZF_ALGORITHM_P256,
    ZF_ALGORITHM_P384,
    ZF_ALGORITHM_P521,
    ZF_ALGORITHM_ED25519,
    ZF_ALGORITHM_ED448,
    ZF_ALGORITHM_X25519,
    ZF_ALGORITHM_X448,
};

struct zf_assist;
typedef enum zf_next zf_assist_function(const struct zf_assist *c);

/* A row of gate/function.def. */
struct zf_function {
    uint8_t query;     /* enum zf_query: the instruction */
    uint8_t algorithm; /* enum zf_algorithm */
    bool wrapped;      /* the key in the parameter block */
    zf_assist_function *execute;
};

struct zf_assist {
    struct zf_cpu *cpu;
    const struct zf_insn_call *insn;
    const struct zf_function *f;
    bool modifier;  /* bit 56 of general register 0: decipher, seed, circular, … */
    uint64_t block; /* address of the parameter block */
};

/* Common endings. */
static inline enum zf_next zf_assist_end(const struct zf_assist *c, unsigned cc) {
    c->cpu->cc = (uint8_t)cc;
    return ZF_NEXT;
}
/** CC 3 takes its time off the slice. */
static inline enum zf_next zf_assist_partial(const struct zf_assist *c) {
    c->cpu->slice -= ZF_ASSIST_UNIT_COST;
    return zf_assist_end(c, 3);
}

#define FUNCTION(query, code, function, algorithm, key) zf_assist_function zf_assist_##function;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
/* clang-format off */
#include "gate/function.def"
/* clang-format on */
#pragma GCC diagnostic pop
#undef FUNCTION

#endif
