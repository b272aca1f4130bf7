/*
 * Versions of blocks. A block's usual code begins with nothing in host registers, so that any other
 * may lead to it. A version is the same block with what host registers hold at the end of one that
 * leads to it: nothing is written and read again between the two, nor checked. It is made when a
 * way from the one to the other has been taken some times; ways whose states differ a little share
 * one, through a bridge that makes up the difference. So loops of several blocks keep registers.
 *
 * The block is translated again for it: its code in storage has not changed, else it were dropped.
 * A version whose slice is over, or that is dropped, goes to the usual code's entry, which knows
 * what then. Nothing is linked to a version but ways out of blocks. When an eighth of the room is
 * used, none are made any more, and ways are linked at once: so much code has no few hot loops.
 */
#include "x86.h"

enum { MOST_VERSIONS = 4, PART_OF_ROOM = 8, NONE = 0 };

void zf_jit_note_way(struct emitter *e, uint32_t site, uint32_t link,
                     const struct hold_state *state) {
    struct jit *jit = e->jit;
    struct way *way = &jit->ways[jit->ways_used];
    *way = (struct way){.site = site, .link = link, .state = *state};
    __atomic_store_n(&jit->ways_used, jit->ways_used + 1, __ATOMIC_RELAXED);
}

static bool has_room(const struct jit *jit) {
    return jit->used < jit->size / PART_OF_ROOM;
}

static struct way *find_way(const struct jit *jit, uint32_t link) {
    const struct block_code *block = zf_jit_block_at(jit, link);
    struct way *way = &jit->ways[block->first_way];
    for (uint32_t i = 0; i < block->ways; i++, way++) {
        if (way->link == link) {
            return way;
        }
    }
    return NULL;
}

/* The version that is nearest to the state, and how many there are; NONE: there is no way to any.
 */
static uint32_t find_nearest(const struct jit *jit, uint32_t general,
                             const struct hold_state *state, unsigned *distance, unsigned *count) {
    uint32_t nearest = NONE;
    for (uint32_t i = jit->blocks[general].version; i; i = jit->blocks[i].version) {
        const struct hold_state *to = &jit->blocks[i].state;
        ++*count;
        if (zf_hold_can_become(state, to)) {
            unsigned here = zf_hold_distance(state, to);
            if (nearest == NONE || here < *distance) {
                nearest = i;
                *distance = here;
            }
        }
    }
    return nearest;
}

/* From one state to a version's other one; returns where. */
static uint32_t put_bridge(struct jit *jit, const struct hold_state *from,
                           const struct block_code *to) {
    struct emitter e;
    uint32_t start = jit->used;
    e.jit = jit;
    e.at = start;
    zf_hold_become(&e, from, &to->state);
    zf_x86_land(&e, zf_x86_jump(&e, ALWAYS), to->offset);
    __atomic_store_n(&jit->used, e.at, __ATOMIC_RELAXED);
    return start;
}

/* Where a way with this state goes on, or NONE. The caller has the claim. */
static uint32_t find_place(struct zf_cpu *cpu, const struct zf_code *code,
                           const struct hold_state *state) {
    struct jit *jit = (struct jit *)cpu->tier;
    uint32_t general = (uint32_t)(zf_jit_block_at(jit, offset_of(jit, code->entry)) - jit->blocks);
    unsigned distance = 0, count = 0;
    uint32_t version = find_nearest(jit, general, state, &distance, &count);
    if (version != NONE && !distance) {
        return jit->blocks[version].offset;
    }
    if (count < MOST_VERSIONS && has_room(jit)) {
        const struct zf_block *block = zf_tb_translate_again(cpu, code);
        if (block) {
            zf_jit_encode_version(jit, block, general, state);
            return jit->blocks[jit->blocks_used - 1].offset;
        }
    }
    return version == NONE || zf_tb_full(cpu->tbs) ? NONE
                                                   : put_bridge(jit, state, &jit->blocks[version]);
}

void zf_jit_link_way(struct zf_cpu *cpu, uint32_t link, const struct zf_code *code) {
    struct jit *jit = (struct jit *)cpu->tier;
    struct way *way = find_way(jit, link);
    ZF_ASSERT(way);
    struct hold_state state = way->state;
    uint32_t usual = offset_of(jit, code->entry) - jit->entry_size, place = NONE;
    bool holds = zf_hold_tidy(&state);
    if (holds && has_room(jit) && ++way->passes < jit->config.passes) {
        return;
    }
    zf_cpus_claim(cpu->cpus);
    if (holds) {
        place = find_place(cpu, code, &state);
    }
    if (place != NONE) {
        zf_jit_redirect_jump(jit, way->site, place);
    } else {
        zf_jit_redirect_jump(jit, link, usual);
    }
    zf_cpus_release(cpu->cpus);
}
