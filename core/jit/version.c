/*
 * Versions of blocks. A block's usual code begins with nothing in host registers, so that any other
 * may lead to it. A version is the same block with what host registers hold at the end of one that
 * leads to it: nothing is written and read again between the two, nor checked. It is made when a
 * way from the one to the other, which counts that itself, has been taken some times; ways whose
 * states differ a little share one, through a bridge that makes up the difference. So loops of
 * several blocks keep registers.
 *
 * The block is translated again for it: its code in storage has not changed, else it were dropped.
 * A version whose slice is over, or that is dropped, goes to the usual code's entry, which knows
 * what then. Nothing is linked to a version but ways out of blocks. When an eighth of the room is
 * used, none are made any more, and ways are linked at once: so much code has no few hot loops.
 */
#include "x86.h"

enum { MOST_VERSIONS = 4, PART_OF_ROOM = 8, NONE = 0 };

/* Counts a pass; then on to the target, or (at first, and when it is time to link) to C. */
void zf_jit_put_way(struct emitter *e, const struct way *way) {
    struct jit *jit = e->jit;
    uint32_t number = jit->ways_used;
    struct way *filed = &jit->ways[number];
    *filed = *way;
    jit->passes[number] = 0;
    zf_x86_absolute(e, X_IMMEDIATE_8, N_SUB, (uint32_t)(uintptr_t)&jit->passes[number]);
    zf_x86_bytes(e, 1, 1);
    filed->direct = zf_x86_jump(e, IF_NO_SIGN);
    zf_x86_land(e, filed->direct, e->at);
    zf_x86_constant(e, R15, number);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), jit->part[ZF_PART_chain]);
    __atomic_store_n(&jit->ways_used, number + 1, __ATOMIC_RELEASE); /* see zf_jit_chain() */
}

static bool has_room(const struct jit *jit) {
    return __atomic_load_n(&jit->used, __ATOMIC_RELAXED) < jit->size / PART_OF_ROOM;
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

/* From the way's jump in the block to a version with another state; returns where. */
static uint32_t put_bridge(struct jit *jit, const struct way *way, const struct hold_state *from,
                           const struct block_code *to) {
    struct emitter e;
    uint32_t start = jit->used;
    e.jit = jit;
    e.at = start;
    zf_jit_put_mark(&e, &way->mark);
    zf_hold_become(&e, from, &to->state);
    zf_x86_land(&e, zf_x86_jump(&e, ALWAYS), to->offset);
    __atomic_store_n(&jit->used, e.at, __ATOMIC_RELAXED);
    return start;
}

/* Leads a way with this state to a version; false: there is none. The caller has the claim. */
static bool link_to_version(struct zf_cpu *cpu, const struct zf_code *code, const struct way *way,
                            const struct hold_state *state) {
    struct jit *jit = (struct jit *)cpu->tier;
    uint32_t general = (uint32_t)(zf_jit_block_at(jit, offset_of(jit, code->entry)) - jit->blocks);
    unsigned distance = 0, count = 0;
    uint32_t version = find_nearest(jit, general, state, &distance, &count);
    if (version != NONE && !distance) {
        zf_jit_redirect_jump(jit, way->site, jit->blocks[version].offset);
        return true;
    }
    if (count < MOST_VERSIONS && has_room(jit)) {
        const struct zf_block *block = zf_tb_translate_again(cpu, code);
        if (block) {
            zf_jit_redirect_jump(jit, way->marked,
                                 zf_jit_encode_version(jit, block, general, state, &way->mark));
            return true;
        }
    }
    if (version == NONE || zf_tb_full(cpu->tbs)) {
        return false;
    }
    zf_jit_redirect_jump(jit, way->marked, put_bridge(jit, way, state, &jit->blocks[version]));
    return true;
}

/* From now on it leads to the block's usual code, until it was passed some times. */
static void count_passes(struct jit *jit, struct way *way, uint32_t usual, int32_t passes) {
    __atomic_store_n(&way->counted, true, __ATOMIC_RELAXED);
    zf_jit_redirect_jump(jit, way->direct, usual);
    __atomic_store_n(&jit->passes[way - jit->ways], passes, __ATOMIC_RELEASE);
}

void zf_jit_link_way(struct zf_cpu *cpu, struct way *way, const struct zf_code *code) {
    enum { PASSES_UNTIL_CLAIMED = 64 };
    struct jit *jit = (struct jit *)cpu->tier;
    struct hold_state state = way->state;
    uint32_t usual = offset_of(jit, code->entry) - jit->entry_size;
    bool holds = zf_hold_tidy(&state);
    if (!holds || !has_room(jit)) {
        zf_jit_redirect_jump(jit, way->link, usual);
    } else if (!__atomic_load_n(&way->counted, __ATOMIC_RELAXED)) {
        count_passes(jit, way, usual, (int32_t)jit->config.passes);
    } else if (!zf_cpus_try_claim(cpu->cpus)) {
        count_passes(jit, way, usual, PASSES_UNTIL_CLAIMED);
    } else {
        if (!link_to_version(cpu, code, way, &state)) {
            zf_jit_redirect_jump(jit, way->link, usual);
        }
        zf_cpus_release(cpu->cpus);
    }
}
