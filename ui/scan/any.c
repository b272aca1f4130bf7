/*
 * What is behind several guards of which it is not known what they test, one or another: each way
 * to there leads past the side of one of them, and where all of these go the other way, none does.
 */
#include "scan/graph.h"

#include <stdlib.h>

enum { NONE = 0 }; /* the function's beginning is behind no guard */

struct any {
    const struct zf_graph *g;
    uint32_t *near;         /* by numbers: the last such side that each way to there leads past */
    uint32_t *begin, *from; /* where the list of nodes begins that lead there, and those lists */
    uint32_t left;          /* so many steps up the tree: then, nothing is found any more */
};

static bool is_side(const struct any *a, uint32_t i, const uint8_t *passed) {
    uint32_t node = a->g->node[i];
    return node > a->g->hub && passed[node - a->g->hub - 1];
}

/* Whether each way to `i` leads through `to`. */
static bool is_dominated(struct any *a, uint32_t i, uint32_t to) {
    while (i > to && a->left) {
        a->left--;
        i = a->g->dominator[i];
    }
    return i == to;
}

static uint32_t other_side(const struct any *a, uint32_t side) {
    uint32_t first = a->g->hub + 1;
    return a->g->number[first + ((a->g->node[side] - first) ^ 1)];
}

/* Whether all that lead there, but from behind it, do so past sides, of which no two are of the
 * same guard. */
static bool is_behind(struct any *a, uint32_t i) {
    enum { FEW = 32 };
    uint32_t first = a->begin[i], end = a->begin[i + 1];
    bool behind = end - first > 1 && end - first <= FEW;
    for (uint32_t n = first; behind && n < end; n++) {
        uint32_t side = a->near[a->from[n]];
        bool back = a->from[n] > i && is_dominated(a, a->from[n], i);
        uint32_t other = side ? other_side(a, side) : NONE;
        behind = back || side;
        for (uint32_t m = first; behind && !back && m < n; m++) {
            behind = a->near[a->from[m]] != other;
        }
    }
    return behind && a->left;
}

bool zf_graph_behind_any(const struct zf_graph *g, const uint8_t *passed, uint8_t *behind) {
    enum { EACH = 64, FEW = 1 << 12 };
    struct any a = {.g = g, .left = EACH * g->count + FEW};
    a.near = calloc(g->count + (size_t)1, sizeof *a.near);
    a.begin = malloc((g->count + (size_t)1) * sizeof *a.begin);
    a.from = malloc((2 * (size_t)g->nodes + g->target_count + 1) * sizeof *a.from);
    bool good = a.near && a.begin && a.from;
    if (good) {
        zf_graph_turn_around(g, a.begin, a.from);
    }
    for (uint32_t i = 1; good && i < g->count; i++) {
        a.near[i] = is_side(&a, i, passed) ? i : a.near[g->dominator[i]];
    }
    for (uint32_t i = 1; good && i < g->count; i++) {
        behind[i] = is_behind(&a, i);
    }
    free(a.near);
    free(a.begin);
    free(a.from);
    return good;
}
