/*
 * What an engine can do with a uop: the ops, the pairs of ops that have a body of their own, and
 * what stands between blocks.
 */
#ifndef ZF_INTERP_HANDLER_H
#define ZF_INTERP_HANDLER_H

#include "zfacet/op.h"

enum zf_pair {
#define PAIR(first, second) ZF_PAIR_##first##__##second,
#include "pair.def"
#undef PAIR
    ZF_PAIR_COUNT
};

enum zf_handler {
    ZF_HANDLER_CHAIN = ZF_OP_COUNT, /* an unresolved exit: the block at imm64 is to be found */
    ZF_HANDLER_STALE,               /* where a dropped block may be left */
    ZF_HANDLER_HEAT,                /* a block's beginning: counts how often it is executed */
    ZF_HANDLER_MOVED,               /* there, when another tier has the block now */
    ZF_HANDLER_PAIRS,
    ZF_HANDLER_COUNT = ZF_HANDLER_PAIRS + ZF_PAIR_COUNT
};

#endif
