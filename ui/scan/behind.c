/*
 * What is behind the guards of a function. Where it is known what guards test, what cannot be
 * reached when the bits are zero is promised: of several ways to there, each of which leads past a
 * guard, the least. Where that is not known, what cannot be reached when one guard goes one way
 * only may be promised anything.
 */
#include "scan/graph.h"

#include <stdlib.h>

static bool test(const uint64_t *map, uint64_t bit) {
    return map[bit / 64] >> bit % 64 & 1;
}

static void set(uint64_t *map, uint64_t bit) {
    map[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* The guard that a node is a side of; NULL: none. */
static const struct zf_guard *guard_of(const struct zf_walk *w, const struct zf_graph *g,
                                       uint32_t node) {
    return node > g->hub ? &w->guards[(node - g->hub - 1) / 2] : NULL;
}

/* Ways through the graph: which nodes the last search was at, and where it goes on. */
struct search {
    const struct zf_walk *w;
    const struct zf_graph *g;
    uint32_t *seen, *ahead;
    uint32_t number;
    uint64_t left; /* so many steps of all searches: then, nobody knows */
};

/* Whether the function may end at a node. */
static bool ends(const struct search *s, uint32_t node) {
    enum { BACK = 14 };
    struct zf_insn insn;
    struct zf_operands o;
    struct zf_way way;
    const struct zf_graph *g = s->g;
    if (node == g->hub) {
        return false;
    }
    if (g->steps[node].next == ZF_GRAPH_NOWHERE && g->steps[node].target == ZF_GRAPH_NOWHERE) {
        return true;
    }
    uint64_t at = s->w->f->address + 2 * (uint64_t)node;
    if (node > g->hub || !zf_walk_fetch(s->w, at, &insn)) {
        return false;
    }
    zf_insn_operands(&insn, &o);
    zf_way_of(&insn, at, &way);
    return (insn.row == ZF_ROW_bcr && o.m1 && o.r2 == BACK) ||
           (way.branches && g->steps[node].target == ZF_GRAPH_NOWHERE);
}

/* Whether a way leads from one node to the other; `always`: and the function does not end before.
 */
static bool leads_to(struct search *s, uint32_t from, uint32_t to, bool always) {
    uint32_t count = 0;
    bool found = false;
    s->number++;
    s->ahead[count++] = from;
    while (count && s->left) {
        uint32_t node = s->ahead[--count];
        s->left--;
        found |= node == to;
        if (node == to) {
            continue;
        }
        if (always && ends(s, node)) {
            return false;
        }
        for (unsigned way = 0; way < zf_graph_ways(s->g, node); way++) {
            uint32_t next = zf_graph_way(s->g, node, way);
            if (next != ZF_GRAPH_NOWHERE && s->seen[next] != s->number) {
                s->seen[next] = s->number;
                s->ahead[count++] = next;
            }
        }
    }
    return found && s->left;
}

/* Whether a guard's side is where a loop ends, which goes on at the other side: it is reached
 * whatever the guard tests, sooner or later. */
static bool comes_anyway(struct search *s, uint32_t side) {
    uint32_t first = s->g->hub + 1, other = first + ((side - first) ^ 1);
    uint64_t at = s->w->guards[(side - first) / 2].at;
    uint32_t guard = (uint32_t)((at - s->w->f->address) / 2);
    return leads_to(s, other, side, true) && s->left && !leads_to(s, side, guard, false) && s->left;
}

/* Of each side of a guard, whether it is passed by what that tests alone. */
enum { PASSED = 1, UNKNOWN = 2 };

static unsigned find_sides(const struct zf_walk *w, const struct zf_graph *g, struct search *s,
                           uint8_t *sides) {
    unsigned unknown = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct zf_guard *guard = guard_of(w, g, g->node[i]);
        if (guard && !comes_anyway(s, g->node[i])) {
            bool known = guard->promise != ZF_SCAN_UNKNOWN;
            sides[g->node[i] - g->hub - 1] = PASSED | (known ? 0 : UNKNOWN);
            unknown += !known;
        }
    }
    return unknown;
}

/* Of several sides of which that is not known, what is behind any of them. */
static bool find_any(const struct zf_walk *w, const struct zf_graph *g, const uint8_t *sides,
                     uint8_t *any) {
    uint8_t *unknown = calloc(2 * (size_t)w->guard_count + 1, 1);
    for (unsigned i = 0; unknown && i < 2 * w->guard_count; i++) {
        unknown[i] = sides[i] & UNKNOWN;
    }
    bool good = unknown && zf_graph_behind_any(g, unknown, any);
    free(unknown);
    return good;
}

/* Marks what each way to leads past the same side of a guard, or past one of several. */
static void mark_sides(struct zf_walk *w, const struct zf_graph *g, const uint8_t *sides,
                       uint8_t *marks) {
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t node = g->node[i];
        marks[i] = marks[i] ? PASSED | UNKNOWN : 0;
        marks[i] |= marks[g->dominator[i]] | (node > g->hub ? sides[node - g->hub - 1] : 0);
        if (marks[i] & PASSED && node < g->hub) {
            set(w->guarded, node);
        }
        if (marks[i] & UNKNOWN && node < g->hub) {
            set(w->unknown, node);
        }
    }
}

static void mark_behind(struct zf_walk *w, const struct zf_graph *g) {
    enum { EACH = 64, FEW = 1 << 12, SEVERAL = 2 };
    uint8_t *marks = calloc(g->count + (size_t)1, 1);
    uint8_t *sides = calloc(2 * (size_t)w->guard_count + 1, 1);
    struct search s = {.w = w,
                       .g = g,
                       .seen = calloc(g->nodes + (size_t)1, sizeof *s.seen),
                       .ahead = malloc((g->nodes + (size_t)1) * sizeof *s.ahead),
                       .left = EACH * (uint64_t)g->nodes + FEW};
    bool good = marks && sides && s.seen && s.ahead;
    if (good && find_sides(w, g, &s, sides) >= SEVERAL) {
        good = find_any(w, g, sides, marks);
    }
    w->file->out_of_memory |= !good;
    if (good) {
        mark_sides(w, g, sides, marks);
    }
    free(marks);
    free(sides);
    free(s.seen);
    free(s.ahead);
}

/* What is promised on the way to nodes, by their numbers. */
struct promises {
    const struct zf_graph *g;
    uint8_t *here;
    bool *reached, *waits;
    uint32_t *ahead;
    uint32_t count;
};

static void arrive(struct promises *p, uint32_t i, uint8_t promise) {
    uint8_t least = p->reached[i] ? zf_scan_lesser_promise(p->here[i], promise) : promise;
    bool changed = !p->reached[i] || least != p->here[i];
    p->here[i] = least;
    p->reached[i] = true;
    if (changed && !p->waits[i]) {
        p->waits[i] = true;
        p->ahead[p->count++] = i;
    }
}

/* On the side where the bit is one, a guard promises what that stands for. */
static uint8_t past(const struct zf_walk *w, const struct zf_graph *g, uint32_t node,
                    uint8_t promise) {
    const struct zf_guard *guard = guard_of(w, g, node);
    bool one = guard && guard->promise != ZF_SCAN_UNKNOWN &&
               guard->taken == ((node - g->hub - 1) % 2 != 0);
    return one && zf_scan_lesser_promise(promise, guard->promise) == promise ? guard->promise
                                                                             : promise;
}

static void follow(const struct zf_walk *w, struct promises *p) {
    arrive(p, 0, 0);
    while (p->count) {
        uint32_t i = p->ahead[--p->count], node = p->g->node[i];
        uint8_t promise = past(w, p->g, node, p->here[i]);
        p->waits[i] = false;
        for (unsigned way = 0; way < zf_graph_ways(p->g, node); way++) {
            uint32_t to = zf_graph_way(p->g, node, way);
            if (to != ZF_GRAPH_NOWHERE) {
                arrive(p, p->g->number[to], promise);
            }
        }
    }
}

static bool knows_any(const struct zf_walk *w) {
    unsigned i = 0;
    while (i < w->guard_count && w->guards[i].promise == ZF_SCAN_UNKNOWN) {
        i++;
    }
    return i < w->guard_count;
}

static void mark_promised(struct zf_walk *w, const struct zf_graph *g) {
    size_t count = g->count;
    struct promises p = {
        g, calloc(count, 1), calloc(count, 1), calloc(count, 1), malloc(count * sizeof *p.ahead),
        0};
    w->promised = calloc(w->halfwords + 1, 1);
    bool good = p.here && p.reached && p.waits && p.ahead && w->promised;
    w->file->out_of_memory |= !good;
    if (good) {
        follow(w, &p);
    }
    for (uint32_t i = 0; good && i < count; i++) {
        if (p.here[i] && g->node[i] < g->hub) {
            w->promised[g->node[i]] = p.here[i];
            set(w->guarded, g->node[i]);
        }
    }
    free(p.here);
    free(p.reached);
    free(p.waits);
    free(p.ahead);
}

void zf_walk_find_guarded(struct zf_walk *w) {
    struct zf_graph g;
    bool good = zf_graph_open(&g, w);
    w->file->out_of_memory |= !good;
    if (good) {
        mark_behind(w, &g);
    }
    if (good && knows_any(w)) {
        mark_promised(w, &g);
    }
    zf_graph_close(&g);
}

uint8_t zf_walk_promise(const struct zf_walk *w, uint64_t at) {
    uint64_t i = (at - w->f->address) / 2;
    return test(w->unknown, i) ? ZF_SCAN_UNKNOWN : w->promised ? w->promised[i] : 0;
}

bool zf_walk_is_denied(const struct zf_walk *w, uint64_t at) {
    uint64_t i = (at - w->f->address) / 2;
    return test(w->unknown, i) || (test(w->guarded, i) && !zf_walk_promise(w, at));
}

bool zf_walk_computes(const struct zf_walk *w, uint64_t at) {
    return test(w->told, (at - w->f->address) / 2);
}

bool zf_walk_is_told(const struct zf_walk *w, uint64_t at) {
    uint64_t i = (at - w->f->address) / 2;
    return zf_walk_computes(w, at) || test(w->guarded, i) || test(w->unknown, i);
}
