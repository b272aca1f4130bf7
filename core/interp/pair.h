/*
 * Pairs of ops with a body of their own in the computed-goto engines.
 */
#ifndef ZF_INTERP_PAIR_H
#define ZF_INTERP_PAIR_H

enum zf_pair {
#define PAIR(first, second) ZF_PAIR_##first##__##second,
#include "interp/pair.def"
#undef PAIR
    ZF_PAIR_COUNT
};

/* Handlers of an engine: ops first, then pairs. */
enum { ZF_HANDLER_COUNT = ZF_OP_COUNT + ZF_PAIR_COUNT };

#endif
