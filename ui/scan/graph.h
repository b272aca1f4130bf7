/*
 * A function's ways of control, as far as they are known, with a node on either side of each guard:
 * guards are branches that depend on facilities. Nodes have numbers in the order in which they are
 * reached.
 */
#ifndef ZFACET_UI_SCAN_GRAPH_H
#define ZFACET_UI_SCAN_GRAPH_H

#include "scan/walk.h"

enum { ZF_GRAPH_NOWHERE = UINT32_MAX };

struct zf_graph {
    uint32_t nodes; /* a halfword each, then one for all that tables lead to, then sides */
    uint32_t hub;   /* that one */
    struct zf_step {
        uint32_t next, target; /* NOWHERE: there is none, or it is out of the function */
    } * steps;
    uint32_t *targets; /* of the hub */
    unsigned target_count;
    uint32_t count;      /* of nodes that are reached: */
    uint32_t *node;      /* the one with a number */
    uint32_t *number;    /* of a node, or NOWHERE */
    uint32_t *dominator; /* by numbers: the last one that each way to there leads through */
};

/** False: out of memory. Free in any case. */
bool zf_graph_open(struct zf_graph *g, const struct zf_walk *w);
void zf_graph_close(struct zf_graph *g);

/** The node where a guard has been passed by branching, or by going on. */
static inline uint32_t zf_graph_side(const struct zf_graph *g, unsigned guard, bool taken) {
    return g->hub + 1 + 2 * guard + taken;
}

/** Where a node leads: the number of ways; the last of which is `way` - 1. NOWHERE: nowhere. */
static inline unsigned zf_graph_ways(const struct zf_graph *g, uint32_t node) {
    return node == g->hub ? g->target_count : 2;
}
static inline uint32_t zf_graph_way(const struct zf_graph *g, uint32_t node, unsigned way) {
    const struct zf_step *step = &g->steps[node];
    return node == g->hub ? g->targets[way] : way ? step->target : step->next;
}

/** Lists who leads to each node, by numbers: those of `i` are `from[begin[i]]` to before
 * `from[begin[i + 1]]`. `begin` has room for one more than there are nodes, `from` for all ways. */
void zf_graph_turn_around(const struct zf_graph *g, uint32_t *begin, uint32_t *from);

/** Of sides (0, 1 of the first guard, and so on) that are `passed`: whether nodes, by number, are
 * behind any of several of them. False: out of memory. */
bool zf_graph_behind_any(const struct zf_graph *g, const uint8_t *passed, uint8_t *behind);

#endif
