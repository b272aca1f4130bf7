/*
 * The graph of a function, and which nodes each way to a node leads through: the dominators, by
 * Lengauer and Tarjan's algorithm with paths that become shorter as they are asked for. Code may be
 * made to take long, so that nothing here takes more than a little over a step for each way.
 */
#include "scan/graph.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t nowhere = ZF_GRAPH_NOWHERE;

static uint32_t halfword_of(const struct zf_walk *w, uint64_t address) {
    bool inside = address >= w->f->address && address < w->f->end && !(address & 1);
    uint64_t halfword = (address - w->f->address) / 2;
    return inside && halfword < ZF_GRAPH_NOWHERE ? (uint32_t)halfword : nowhere;
}

static void find_steps(struct zf_graph *g, const struct zf_walk *w) {
    struct zf_insn insn;
    struct zf_way way;
    uint64_t called;
    memset(g->steps, 0xff, g->nodes * sizeof *g->steps);
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        struct zf_step *step = &g->steps[(at - w->f->address) / 2];
        zf_way_of(&insn, at, &way);
        bool calls = insn.row == ZF_ROW_brasl && zf_relative_target(&insn, at, &called);
        way.falls &= !calls || !zf_walk_never_returns(w, called);
        step->next = way.falls ? halfword_of(w, at + insn.length) : nowhere;
        step->target = way.indirect ? g->hub : way.branches ? halfword_of(w, way.target) : nowhere;
    }
    for (unsigned i = 0; i < w->target_count; i++) {
        g->targets[i] = halfword_of(w, w->targets[i]);
    }
}

static void add_sides(struct zf_graph *g, const struct zf_walk *w) {
    for (unsigned i = 0; i < w->guard_count; i++) {
        struct zf_step *step = &g->steps[halfword_of(w, w->guards[i].at)];
        g->steps[zf_graph_side(g, i, false)].next = step->next;
        g->steps[zf_graph_side(g, i, true)].next = step->target;
        *step = (struct zf_step){zf_graph_side(g, i, false), zf_graph_side(g, i, true)};
    }
}

/* What finding dominators needs, by numbers. */
struct finder {
    struct zf_graph *g;
    uint32_t *parent;        /* from which it was reached first */
    uint32_t *begin, *from;  /* where the list of nodes begins that lead there, and those lists */
    uint32_t *semi, *label;  /* see the algorithm */
    uint32_t *ancestor;      /* or NOWHERE */
    uint32_t *bucket, *next; /* lists of nodes by what they have as `semi` */
    uint32_t *path;
    uint64_t ways;
};

static uint64_t count_ways(const struct zf_graph *g) {
    return 2 * (uint64_t)g->nodes + g->target_count + 1;
}

/* Numbers the nodes. */
static void visit(struct finder *f) {
    struct zf_graph *g = f->g;
    uint32_t *ahead = f->from, *by = f->path; /* nodes, and who leads there */
    uint64_t left = 1;
    memset(g->number, 0xff, g->nodes * sizeof *g->number);
    ahead[0] = 0;
    by[0] = 0;
    while (left) {
        uint32_t node = ahead[--left], parent = by[left];
        if (g->number[node] != nowhere) {
            continue;
        }
        g->number[node] = g->count;
        g->node[g->count] = node;
        f->parent[g->count] = parent;
        for (unsigned way = 0; way < zf_graph_ways(g, node); way++) {
            uint32_t to = zf_graph_way(g, node, way);
            if (to != nowhere && g->number[to] == nowhere) {
                ahead[left] = to;
                by[left++] = g->count;
            }
        }
        g->count++;
    }
}

void zf_graph_turn_around(const struct zf_graph *g, uint32_t *begin, uint32_t *from) {
    memset(begin, 0, (g->count + 1) * sizeof *begin);
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t i = 0; i < g->count; i++) {
            for (unsigned way = 0; way < zf_graph_ways(g, g->node[i]); way++) {
                uint32_t to = zf_graph_way(g, g->node[i], way);
                if (to != nowhere && fill) {
                    from[--begin[g->number[to]]] = i;
                } else if (to != nowhere) {
                    begin[g->number[to]]++;
                }
            }
        }
        for (uint32_t i = 1; !fill && i <= g->count; i++) {
            begin[i] += begin[i - 1];
        }
    }
}

/* The node with the least `semi` on the way from `v` up to where that is linked. */
static uint32_t evaluate(struct finder *f, uint32_t v) {
    uint64_t length = 0;
    if (f->ancestor[v] == nowhere) {
        return v;
    }
    for (uint32_t u = v; f->ancestor[f->ancestor[u]] != nowhere; u = f->ancestor[u]) {
        f->path[length++] = u;
    }
    while (length) {
        uint32_t u = f->path[--length], above = f->ancestor[u];
        if (f->semi[f->label[above]] < f->semi[f->label[u]]) {
            f->label[u] = f->label[above];
        }
        f->ancestor[u] = f->ancestor[above];
    }
    return f->label[v];
}

/* Those whose `semi` is the parent of `w`, now that `w` is linked. */
static void empty_bucket(struct finder *f, uint32_t parent) {
    uint32_t v = f->bucket[parent];
    for (; v != nowhere; v = f->next[v]) {
        uint32_t u = evaluate(f, v);
        f->g->dominator[v] = f->semi[u] < f->semi[v] ? u : parent;
    }
    f->bucket[parent] = nowhere;
}

static void find_dominators(struct finder *f) {
    struct zf_graph *g = f->g;
    for (uint32_t i = 0; i < g->count; i++) {
        f->semi[i] = f->label[i] = i;
        f->ancestor[i] = f->bucket[i] = nowhere;
    }
    for (uint32_t w = g->count - 1; w > 0; w--) {
        for (uint32_t i = f->begin[w]; i < f->begin[w + 1]; i++) {
            uint32_t semi = f->semi[evaluate(f, f->from[i])];
            f->semi[w] = semi < f->semi[w] ? semi : f->semi[w];
        }
        f->next[w] = f->bucket[f->semi[w]];
        f->bucket[f->semi[w]] = w;
        f->ancestor[w] = f->parent[w];
        empty_bucket(f, f->parent[w]);
    }
    g->dominator[0] = 0;
    for (uint32_t w = 1; w < g->count; w++) {
        if (g->dominator[w] != f->semi[w]) {
            g->dominator[w] = g->dominator[g->dominator[w]];
        }
    }
}

static bool open_finder(struct finder *f, struct zf_graph *g) {
    size_t each = (g->nodes + (size_t)1) * sizeof(uint32_t);
    uint32_t **lists[] = {&f->parent,   &f->begin,  &f->semi, &f->label,
                          &f->ancestor, &f->bucket, &f->next};
    *f = (struct finder){.g = g, .ways = count_ways(g)};
    f->from = malloc(f->ways * sizeof *f->from);
    f->path = malloc(f->ways * sizeof *f->path);
    bool good = f->from && f->path;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(lists); i++) {
        *lists[i] = malloc(each);
        good &= *lists[i] != NULL;
    }
    return good;
}

static void close_finder(struct finder *f) {
    uint32_t *lists[] = {f->parent,   f->begin,  f->from, f->semi, f->label,
                         f->ancestor, f->bucket, f->next, f->path};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(lists); i++) {
        free(lists[i]);
    }
}

bool zf_graph_open(struct zf_graph *g, const struct zf_walk *w) {
    struct finder f;
    uint64_t nodes = w->halfwords + 1 + 2 * (uint64_t)w->guard_count;
    *g = (struct zf_graph){
        .nodes = (uint32_t)nodes, .hub = (uint32_t)w->halfwords, .target_count = w->target_count};
    if (nodes >= ZF_GRAPH_NOWHERE / 4) {
        return false;
    }
    g->steps = malloc(nodes * sizeof *g->steps);
    g->targets = malloc((w->target_count + 1) * sizeof *g->targets);
    g->node = malloc(nodes * sizeof *g->node);
    g->number = malloc(nodes * sizeof *g->number);
    g->dominator = malloc(nodes * sizeof *g->dominator);
    bool good = g->steps && g->targets && g->node && g->number && g->dominator;
    good &= open_finder(&f, g);
    if (good) {
        find_steps(g, w);
        add_sides(g, w);
        visit(&f);
        zf_graph_turn_around(g, f.begin, f.from);
        find_dominators(&f);
    }
    close_finder(&f);
    return good;
}

void zf_graph_close(struct zf_graph *g) {
    free(g->steps);
    free(g->targets);
    free(g->node);
    free(g->number);
    free(g->dominator);
}
