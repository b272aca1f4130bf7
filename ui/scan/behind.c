/*
 * What is behind the guards of a function: what cannot be reached when one goes one way only. Each
 * instruction is decoded once, as there may be many guards.
 */
#include "scan/walk.h"

#include <stdlib.h>
#include <string.h>

/* Where control goes from an instruction, as numbers of halfwords of the function. */
struct step {
    uint32_t next, target; /* NOWHERE: not there, or out of the function */
    bool indirect;         /* to the targets of tables */
    bool known;
};
enum { NOWHERE = UINT32_MAX };

static bool test(const uint64_t *map, uint64_t bit) {
    return map[bit / 64] >> bit % 64 & 1;
}

static uint32_t halfword_of(const struct zf_walk *w, uint64_t address) {
    bool inside = address >= w->f->address && address < w->f->end && !(address & 1);
    uint64_t halfword = (address - w->f->address) / 2;
    return inside && halfword < NOWHERE ? (uint32_t)halfword : NOWHERE;
}

static struct step step_at(const struct zf_walk *w, uint64_t at) {
    struct step step = {NOWHERE, NOWHERE, false, true};
    struct zf_insn insn;
    struct zf_way way;
    if (zf_walk_fetch(w, at, &insn)) {
        zf_way_of(&insn, at, &way);
        step.next = way.falls ? halfword_of(w, at + insn.length) : NOWHERE;
        step.target = way.branches ? halfword_of(w, way.target) : NOWHERE;
        step.indirect = way.indirect;
    }
    return step;
}

static void push(struct zf_walk *w, uint32_t halfword) {
    uint64_t bit = UINT64_C(1) << halfword % 64;
    if (halfword != NOWHERE && !(w->seen[halfword / 64] & bit)) {
        w->seen[halfword / 64] |= bit;
        w->ahead[w->ahead_count++] = halfword;
    }
}

/* What is reached when the guard is always taken, or never. */
static void reach(struct zf_walk *w, struct step *steps, uint64_t guard, bool taken) {
    uint32_t barred = halfword_of(w, guard);
    memset(w->seen, 0, (w->halfwords / 64 + 1) * sizeof *w->seen);
    w->ahead_count = 0;
    push(w, halfword_of(w, w->f->address));
    while (w->ahead_count) {
        uint32_t i = (uint32_t)w->ahead[--w->ahead_count];
        struct step *step = &steps[i];
        *step = step->known ? *step : step_at(w, w->f->address + 2 * (uint64_t)i);
        push(w, i == barred && taken ? NOWHERE : step->next);
        push(w, i == barred && !taken ? NOWHERE : step->target);
        for (unsigned t = 0; step->indirect && t < w->target_count; t++) {
            push(w, halfword_of(w, w->targets[t]));
        }
    }
}

/* What cannot be reached when a guard goes one way only. */
static void mark_lost(struct zf_walk *w, const uint64_t *all, uint64_t *marked) {
    for (uint64_t word = 0; word <= w->halfwords / 64; word++) {
        w->guarded[word] |= all[word] & ~w->seen[word];
        marked[word] |= all[word] & ~w->seen[word];
    }
}

/* The same where it is known what the guard promises to it. */
static void mark_promised(struct zf_walk *w, const uint64_t *all, uint8_t promise) {
    uint8_t machine = zf_scan_promised_machine(promise);
    w->promised = w->promised ? w->promised : calloc(w->halfwords + 1, 1);
    w->file->out_of_memory |= !w->promised;
    for (uint64_t word = 0; w->promised && word <= w->halfwords / 64; word++) {
        for (uint64_t lost = all[word] & ~w->seen[word]; lost; lost &= lost - 1) {
            uint64_t i = word * 64 + (uint64_t)__builtin_ctzll(lost);
            if (machine > zf_scan_promised_machine(w->promised[i])) {
                w->promised[i] = promise;
            }
        }
    }
}

/* What is lost when a guard goes one way only. Where it is known what it tests, the way on which
 * the facility is not there promises nothing. */
static void find_lost(struct zf_walk *w, struct step *steps, const uint64_t *all,
                      const struct zf_guard *guard) {
    bool known = guard->promise != ZF_SCAN_UNKNOWN;
    for (int side = 0; side < 2; side++) {
        reach(w, steps, guard->at, side);
        mark_lost(w, all, known ? w->guarded : w->unknown);
        if (known && guard->taken != (side != 0)) {
            mark_promised(w, all, guard->promise);
        }
    }
}

void zf_walk_find_guarded(struct zf_walk *w) {
    size_t size = (w->halfwords / 64 + 1) * sizeof *w->seen;
    uint64_t *all = malloc(size);
    struct step *steps = calloc(w->halfwords, sizeof *steps);
    w->file->out_of_memory |= !all || !steps;
    if (all && steps) {
        memcpy(all, w->seen, size);
        for (unsigned g = 0; g < w->guard_count; g++) {
            find_lost(w, steps, all, &w->guards[g]);
        }
        memcpy(w->seen, all, size);
    }
    free(steps);
    free(all);
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
