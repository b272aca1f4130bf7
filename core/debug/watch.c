/*
 * While there are watchpoints, each instruction is a block of its own that first compares: what
 * changed was changed by the instruction before it or, of several CPUs, by any of them. So a store
 * of the value that is there already is no change, which is what a debugger's "watch" means.
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
    watched->there = zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, watched->address, bytes, watched->size);
}

bool zf_watches_add(struct zf_watches *w, struct zf_cpu *cpu, uint64_t address, size_t size) {
    if (w->count == ZF_WATCHPOINTS || size == 0 || size > ZF_WATCH_SIZE) {
        return false;
    }
    struct zf_watched *watched = &w->watched[w->count++];
    *watched = (struct zf_watched){.address = address, .size = size};
    read_watched(watched, cpu, watched->bytes);
    return true;
}

bool zf_watches_remove(struct zf_watches *w, uint64_t address, size_t size) {
    for (unsigned i = 0; i < w->count; i++) {
        if (w->watched[i].address == address && w->watched[i].size == size) {
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

/* All of them are read, so that a change is told once; what cannot be read has not changed. */
static bool compare(struct zf_watches *w, struct zf_cpu *cpu) {
    bool changed = false;
    for (unsigned i = 0; i < w->count; i++) {
        struct zf_watched *watched = &w->watched[i];
        uint8_t bytes[ZF_WATCH_SIZE];
        bool before = watched->there;
        read_watched(watched, cpu, bytes);
        if (!watched->there) {
            watched->there = before;
        } else if (!before || memcmp(bytes, watched->bytes, watched->size) != 0) {
            memcpy(watched->bytes, bytes, watched->size);
            w->hit_address = watched->address;
            changed = changed || before;
        }
    }
    w->hit |= changed;
    w->hit_cpu = changed ? cpu->address : w->hit_cpu;
    return changed;
}

struct comparison {
    struct zf_call call;
    struct zf_watches *watches;
};

static enum zf_next look(struct zf_cpu *cpu, const struct zf_call *call) {
    struct zf_watches *w = ((const struct comparison *)call)->watches;
    pthread_mutex_lock(&w->lock);
    bool changed = compare(w, cpu);
    pthread_mutex_unlock(&w->lock);
    if (!changed) {
        return ZF_NEXT;
    }
    if (w->passer.passed) {
        w->passer.passed(w->passer.context, cpu, w->hit_address, true);
        return ZF_NEXT;
    }
    zf_machine_end(cpu->machine, ZF_STOP_BREAKPOINT, NULL);
    return ZF_NEXT_STOP_HERE;
}

void zf_watches_emit(struct zf_watches *w, struct zf_block *block) {
    struct zf_pgm pgm = block->cpu->pgm;
    struct comparison comparison = {{look}, w};
    uint64_t word;
    unsigned length;
    bool fetched = zf_block_fetch(block, block->pc, &word, &length);
    block->cpu->pgm = pgm;
    block->max_insns = 1;
    if (fetched) {
        block->insn_length = (uint8_t)length;
        zf_emit_call(block, &comparison.call, sizeof comparison);
    }
}
