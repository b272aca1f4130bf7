/*
 * While there are watchpoints, a block ends after the first instruction that may store, and the
 * next one first compares: what changed was changed by that instruction or, of several CPUs, by any
 * of them. So a store of the value that is there already is no change, which is what a debugger's
 * "watch" means. Accesses are noted while they are made, and asked for at the same place: while
 * any are watched, each instruction is a block of its own.
 */
#include "watch.h"

#include <string.h>

void zf_watches_init(struct zf_watches *w) {
    pthread_mutex_init(&w->lock, NULL);
}

void zf_watches_free(struct zf_watches *w) {
    pthread_mutex_destroy(&w->lock);
}

static void read_watched(struct zf_watched *watched, struct zf_cpu *cpu, uint8_t *bytes) {
    watched->there = watched->kind == ZF_WATCH_CHANGE &&
                     zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, watched->address, bytes, watched->size);
}

bool zf_watches_add(struct zf_watches *w, struct zf_cpu *cpu, const struct zf_watched *watched) {
    if (w->count == ZF_WATCHPOINTS || watched->size == 0 || watched->size > ZF_WATCH_SIZE) {
        return false;
    }
    struct zf_watched *added = &w->watched[w->count++];
    *added = *watched;
    read_watched(added, cpu, added->bytes);
    return true;
}

bool zf_watches_remove(struct zf_watches *w, const struct zf_watched *watched) {
    for (unsigned i = 0; i < w->count; i++) {
        const struct zf_watched *x = &w->watched[i];
        if (x->address == watched->address && x->size == watched->size &&
            x->kind == watched->kind) {
            w->watched[i] = w->watched[--w->count];
            return true;
        }
    }
    return false;
}

void zf_watches_anew(struct zf_watches *w, struct zf_cpu *cpu) {
    for (unsigned i = 0; i < w->count; i++) {
        read_watched(&w->watched[i], cpu, w->watched[i].bytes);
    }
}

const struct zf_watching *zf_watches_accesses(struct zf_watches *w) {
    struct zf_watching *watching = &w->watching;
    watching->count = 0;
    for (unsigned i = 0; i < w->count; i++) {
        const struct zf_watched *x = &w->watched[i];
        if (x->kind != ZF_WATCH_CHANGE) {
            w->accessed[watching->count] = i;
            watching->range[watching->count++] = (struct zf_watched_range){
                x->address, x->address + x->size - 1, x->kind == ZF_WATCH_ACCESS};
        }
    }
    return watching->count ? watching : NULL;
}

/* All of them are read, so that a change is told once; what cannot be read has not changed. */
static void compare(struct zf_watches *w, struct zf_cpu *cpu, struct zf_watch_hit *hit) {
    for (unsigned i = 0; i < w->count; i++) {
        struct zf_watched *watched = &w->watched[i];
        uint8_t bytes[ZF_WATCH_SIZE];
        bool before = watched->there;
        read_watched(watched, cpu, bytes);
        if (!watched->there) {
            watched->there = before;
        } else if (!before || memcmp(bytes, watched->bytes, watched->size) != 0) {
            memcpy(watched->bytes, bytes, watched->size);
            if (before) {
                *hit = (struct zf_watch_hit){ZF_WATCH_CHANGE, watched->address, cpu->address};
            }
        }
    }
}

/* The first one that the CPU has accessed since this was asked for last. */
static void take_access(struct zf_watches *w, struct zf_cpu *cpu, struct zf_watch_hit *hit) {
    uint32_t hits = cpu->watch_hits & ~ZF_WATCH_STORED;
    if (hits) {
        const struct zf_watched *watched = &w->watched[w->accessed[__builtin_ctz(hits)]];
        *hit = (struct zf_watch_hit){watched->kind, watched->address, cpu->address};
        cpu->watch_hits &= ZF_WATCH_STORED;
    }
}

struct comparison {
    struct zf_call call;
    struct zf_watches *watches;
    bool stores; /* the block may */
};

/* Whether the machine is to stop for what the CPU finds. */
static bool is_met(struct zf_watches *w, struct zf_cpu *cpu, bool compares) {
    struct zf_watch_hit hit = {0};
    pthread_mutex_lock(&w->lock);
    take_access(w, cpu, &hit);
    if (compares) {
        compare(w, cpu, &hit);
    }
    if (hit.kind && !w->passer.passed) {
        w->hit = hit;
    }
    pthread_mutex_unlock(&w->lock);
    if (hit.kind && w->passer.passed) {
        w->passer.passed(w->passer.context, cpu, &hit);
    }
    return hit.kind && !w->passer.passed;
}

/* What other CPUs store, nobody notes; what other processes do in shared storage is found with the
 * next store of this one's, or slice. */
static enum zf_next look(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct comparison *comparison = (const struct comparison *)call;
    bool idle = !cpu->watch_hits && cpu->cpus->count == 1;
    bool met = !idle && is_met(comparison->watches, cpu, true);
    if (!met) {
        cpu->watch_hits = comparison->stores ? ZF_WATCH_STORED : 0;
        return ZF_NEXT;
    }
    zf_machine_end(cpu->machine, ZF_STOP_BREAKPOINT, NULL);
    return ZF_NEXT_STOP_HERE;
}

/* Of several CPUs, that execute in spaces of their own, the next one to execute compares. */
bool zf_watches_settle(struct zf_watches *w, struct zf_cpus *cpus) {
    bool met = false;
    for (unsigned i = 0; i < cpus->count && w->count && !met; i++) {
        met = is_met(w, cpus->cpu[i], cpus->count == 1);
    }
    return met;
}

void zf_watches_emit(struct zf_watches *w, struct zf_block *block) {
    struct zf_pgm pgm = block->cpu->pgm;
    struct comparison comparison = {{look}, w, true};
    uint64_t word;
    unsigned length;
    bool fetched = zf_block_fetch(block, block->pc, &word, &length);
    block->cpu->pgm = pgm;
    block->ends_at_store = true;
    if (w->watching.count) {
        block->max_insns = 1;
    }
    if (fetched) {
        block->insn_length = (uint8_t)length;
        zf_emit_call(block, &comparison.call, sizeof comparison);
    }
}

void zf_watches_translated(const struct zf_block *block) {
    struct comparison *comparison = (struct comparison *)(uintptr_t)block->ops[0].imm64;
    if (block->ops[0].op == ZF_OP_call && comparison->call.helper == look) {
        comparison->stores = zf_block_may_store(block, 1);
    }
}
