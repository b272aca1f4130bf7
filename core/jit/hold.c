/*
 * Guest registers in host registers. They are read when first used, and written to the CPU where
 * the block is left or something looks at the CPU; where an access may fault, a record says what
 * lies where. A register of which only the low half is used is held as that: its high half stays
 * in the CPU.
 */
#include "hold.h"

#include "x86.h"

#include "zfacet/op.h"

#include <string.h>
#include <ucontext.h>

/* The first is what stencils leave alone. */
const uint8_t zf_jit_pool[HOST_POOL] = {R15, RBX, RBP, RSI, RDI, R8, R9, R10, R11};
static const uint8_t in_context[HOST_POOL] = {REG_R15, REG_RBX, REG_RBP, REG_RSI, REG_RDI,
                                              REG_R8,  REG_R9,  REG_R10, REG_R11};

static uint8_t guest_of(uint8_t offset) {
    return offset == ZF_REG_SCRATCH ? ZF_GR_SCRATCH : offset / 8;
}

static size_t offset_of_guest(uint8_t guest) {
    return guest == ZF_GR_SCRATCH ? ZF_REG_SCRATCH : guest * 8u;
}

void zf_hold_begin(struct emitter *e) {
    memset(&e->state, 0, sizeof e->state);
    for (unsigned i = 0; i < HOST_POOL; i++) {
        e->state.held[i].guest = NOBODY;
        e->used[i] = 0;
    }
    e->clock = 0;
    e->flags_at = e->sum_at = e->around = 0;
}

void zf_hold_recover(struct zf_cpu *cpu, const struct hold_state *state,
                     const uint64_t values[HOST_POOL]) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        const struct held *held = &state->held[i];
        if (held->dirty) {
            memcpy((char *)cpu + offset_of_guest(held->guest), &values[i], held->wide ? 8 : 4);
        }
    }
    const struct cc_thunk *cc = &state->cc;
    if (cc->kind) {
        cpu->cc = cc->kind;
        cpu->cc_value = (int64_t)values[cc->p];
        cpu->cc_operand = cc->q == NOBODY ? cc->imm : (int64_t)values[cc->q];
    }
}

void zf_hold_recover_from(struct zf_cpu *cpu, const struct hold_state *state,
                          const long long *registers) {
    uint64_t values[HOST_POOL];
    for (unsigned i = 0; i < HOST_POOL; i++) {
        values[i] = (uint64_t)registers[in_context[i]];
    }
    zf_hold_recover(cpu, state, values);
}

static unsigned place_of_guest(const struct emitter *e, uint8_t guest) {
    unsigned i = 0;
    while (i < HOST_POOL && e->state.held[i].guest != guest) {
        i++;
    }
    return i;
}

unsigned zf_hold_place_of(unsigned host) {
    unsigned i = 0;
    while (zf_jit_pool[i] != host) {
        i++;
    }
    return i;
}

static void lock(struct emitter *e, unsigned place) {
    e->locked |= 1u << place;
    e->used[place] = ++e->clock;
}

static void write_back(struct emitter *e, const struct hold_state *state, unsigned place) {
    const struct held *held = &state->held[place];
    zf_x86_cpu(e, X_MOV_TO | (held->wide ? X_64 : 0), zf_jit_pool[place],
               offset_of_guest(held->guest));
}

static void clean(struct emitter *e, unsigned place) {
    struct held *held = &e->state.held[place];
    if (held->dirty) {
        write_back(e, &e->state, place);
        held->dirty = false;
    }
}

static uint32_t places_of_thunk(const struct emitter *e) {
    const struct cc_thunk *cc = &e->state.cc;
    return !cc->kind ? 0 : 1u << cc->p | (cc->q == NOBODY ? 0 : 1u << cc->q);
}

static bool thunk_needs(const struct emitter *e, unsigned place) {
    return places_of_thunk(e) & 1u << place;
}

/* The place's value is about to go. */
static void release_thunk(struct emitter *e, unsigned place) {
    if (thunk_needs(e, place)) {
        zf_cc_save(e);
    }
}

static void evict(struct emitter *e, unsigned place) {
    release_thunk(e, place);
    clean(e, place);
    e->state.held[place] = (struct held){.guest = NOBODY};
}

static bool is_free(const struct emitter *e, unsigned place) {
    uint8_t guest = e->state.held[place].guest;
    return guest == NOBODY || (guest == TEMPORARY && !thunk_needs(e, place));
}

/* A place for something new: a free one, or that which was not used for longest; HOST_POOL: none.
 * `but`: not one of these. */
static unsigned choose(const struct emitter *e, uint32_t but) {
    unsigned best = HOST_POOL;
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (but & 1u << i) {
            continue;
        }
        if (is_free(e, i)) {
            return i;
        }
        if (best == HOST_POOL || e->used[i] < e->used[best]) {
            best = i;
        }
    }
    return best;
}

static unsigned allocate(struct emitter *e) {
    unsigned place = choose(e, e->locked);
    ZF_ASSERT(place < HOST_POOL);
    evict(e, place);
    lock(e, place);
    return place;
}

/* A low half that must be all: the CPU's high half comes over it. */
static void widen(struct emitter *e, unsigned place) {
    struct held *held = &e->state.held[place];
    size_t offset = offset_of_guest(held->guest);
    if (held->dirty) {
        zf_x86_cpu(e, X_MOV, RCX, offset + 4);
        zf_x86_rr(e, 0xc1 | X_64, N_SHL, RCX);
        zf_x86_bytes(e, 32, 1);
        zf_x86_rr(e, X_MOV, zf_jit_pool[place], zf_jit_pool[place]);
        zf_x86_rr(e, X_OR | X_64, zf_jit_pool[place], RCX);
    } else {
        zf_x86_cpu(e, X_MOV | X_64, zf_jit_pool[place], offset);
    }
    held->wide = true;
}

unsigned zf_hold_read(struct emitter *e, uint8_t offset, bool wide) {
    uint8_t guest = guest_of(offset);
    unsigned place = place_of_guest(e, guest);
    if (place == HOST_POOL) {
        place = allocate(e);
        zf_x86_cpu(e, X_MOV | (wide ? X_64 : 0), zf_jit_pool[place], offset);
        e->state.held[place] = (struct held){.guest = guest, .wide = wide};
    } else if (wide && !e->state.held[place].wide) {
        widen(e, place);
    }
    lock(e, place);
    return zf_jit_pool[place];
}

unsigned zf_hold_prepare_same(struct emitter *e, uint8_t offset, bool wide) {
    unsigned place = place_of_guest(e, guest_of(offset));
    if (place == HOST_POOL) {
        return allocate(e);
    }
    release_thunk(e, place);
    if (!wide && e->state.held[place].wide) {
        clean(e, place); /* the CPU keeps the high half */
    }
    lock(e, place);
    return place;
}

/* A value that the CC is made of stays where it is: to write it takes longer than to give up
 * something else. */
unsigned zf_hold_prepare(struct emitter *e, uint8_t offset, bool wide) {
    unsigned place = place_of_guest(e, guest_of(offset));
    if (place == HOST_POOL || !thunk_needs(e, place)) {
        return zf_hold_prepare_same(e, offset, wide);
    }
    unsigned other = choose(e, e->locked | places_of_thunk(e));
    if (other == HOST_POOL) {
        return zf_hold_prepare_same(e, offset, wide);
    }
    evict(e, other);
    if (!wide && e->state.held[place].wide) {
        clean(e, place);
    }
    lock(e, other);
    return other;
}

void zf_hold_write(struct emitter *e, unsigned place, uint8_t offset, bool wide) {
    unsigned old = place_of_guest(e, guest_of(offset));
    if (old != HOST_POOL && old != place) {
        e->state.held[old] = (struct held){.guest = TEMPORARY};
    }
    e->state.held[place] = (struct held){.guest = guest_of(offset), .wide = wide, .dirty = true};
}

unsigned zf_hold_temporary(struct emitter *e) {
    unsigned place = allocate(e);
    e->state.held[place].guest = TEMPORARY;
    return place;
}

static void save_thunk(struct emitter *e, const struct cc_thunk *cc) {
    if (!cc->kind) {
        return;
    }
    zf_x86_cpu(e, X_MOV_TO | X_64, zf_jit_pool[cc->p], offsetof(struct zf_cpu, cc_value));
    if (cc->kind >= ZF_JIT_CC_ADD32) {
        if (cc->q == NOBODY) {
            zf_x86_cpu(e, 0xc7 | X_64, 0, offsetof(struct zf_cpu, cc_operand));
            zf_x86_bytes(e, (uint32_t)cc->imm, 4);
        } else {
            zf_x86_cpu(e, X_MOV_TO | X_64, zf_jit_pool[cc->q], offsetof(struct zf_cpu, cc_operand));
        }
    }
    zf_x86_cpu_constant(e, offsetof(struct zf_cpu, cc), cc->kind);
}

void zf_hold_save_state(struct emitter *e, const struct hold_state *state) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (state->held[i].dirty) {
            write_back(e, state, i);
        }
    }
    save_thunk(e, &state->cc);
}

static void read_place(struct emitter *e, unsigned place, const struct held *held) {
    zf_x86_cpu(e, X_MOV | (held->wide ? X_64 : 0), zf_jit_pool[place],
               offset_of_guest(held->guest));
}

bool zf_hold_is_saved(const struct hold_state *state) {
    bool dirty = state->cc.kind;
    for (unsigned i = 0; i < HOST_POOL; i++) {
        dirty |= state->held[i].dirty;
    }
    return !dirty;
}

void zf_hold_save(struct emitter *e) {
    zf_hold_save_state(e, &e->state);
    for (unsigned i = 0; i < HOST_POOL; i++) {
        e->state.held[i].dirty = false;
    }
    zf_cc_forget(e);
}

static bool is_guest(const struct held *held) {
    return held->guest <= ZF_GR_SCRATCH;
}

void zf_hold_load_state(struct emitter *e, const struct hold_state *state) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (is_guest(&state->held[i])) {
            read_place(e, i, &state->held[i]);
        }
    }
}

static uint32_t bit_of(const struct held *held) {
    return is_guest(held) ? 1u << held->guest : 0;
}

void zf_hold_save_guests(struct emitter *e, uint32_t guests) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (bit_of(&e->state.held[i]) & guests) {
            clean(e, i);
        }
    }
}

void zf_hold_forget_guests(struct emitter *e, uint32_t guests) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (bit_of(&e->state.held[i]) & guests) {
            evict(e, i);
        }
    }
}

void zf_hold_discard_guests(struct emitter *e, uint32_t guests) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (bit_of(&e->state.held[i]) & guests) {
            e->state.held[i] = (struct held){.guest = NOBODY};
        }
    }
}

bool zf_hold_has(const struct emitter *e, uint8_t offset) {
    return place_of_guest(e, guest_of(offset)) != HOST_POOL;
}

void zf_hold_spill(struct emitter *e, uint32_t places) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (places & 1u << i) {
            evict(e, i);
        }
    }
}

void zf_hold_uncheck(struct emitter *e, uint32_t guests) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (bit_of(&e->state.held[i]) & guests) {
            e->state.held[i].checked = false;
        }
    }
}

/* What a thunk is made of is in the same places. */
static bool same_thunk(const struct hold_state *from, const struct hold_state *to) {
    const struct cc_thunk *a = &from->cc, *b = &to->cc;
    return a->kind == b->kind && a->p == b->p && a->q == b->q && a->imm == b->imm &&
           from->held[a->p].guest == to->held[a->p].guest &&
           (a->q == NOBODY || from->held[a->q].guest == to->held[a->q].guest);
}

bool zf_hold_can_become(const struct hold_state *from, const struct hold_state *to) {
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (to->held[i].checked &&
            !(from->held[i].guest == to->held[i].guest && from->held[i].checked)) {
            return false;
        }
    }
    return !to->cc.kind || same_thunk(from, to);
}

/* The place keeps its register: as wide, and as new, as it must be. */
static void adapt(struct emitter *e, unsigned place, const struct held *to) {
    struct held *held = &e->state.held[place];
    if (to->wide && !held->wide) {
        widen(e, place);
    }
    if (held->dirty && (!to->dirty || (held->wide && !to->wide))) {
        clean(e, place);
    }
}

void zf_hold_become(struct emitter *e, const struct hold_state *from, const struct hold_state *to) {
    e->state = *from;
    if (!to->cc.kind) {
        zf_cc_save(e);
    }
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (from->held[i].guest != to->held[i].guest) {
            clean(e, i);
        } else if (is_guest(&to->held[i])) {
            adapt(e, i, &to->held[i]);
        }
    }
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (from->held[i].guest != to->held[i].guest && is_guest(&to->held[i])) {
            read_place(e, i, &to->held[i]);
        }
    }
}

/* As adapt() does it. */
static unsigned distance_of(const struct held *from, const struct held *to) {
    enum { WIDENED = 4 };
    unsigned written = from->dirty && (!to->dirty || (from->wide && !to->wide));
    return written + (to->wide && !from->wide ? WIDENED : 0);
}

unsigned zf_hold_distance(const struct hold_state *from, const struct hold_state *to) {
    enum { THUNK_SAVED = 3 };
    unsigned sum = from->cc.kind && !to->cc.kind ? THUNK_SAVED : 0;
    for (unsigned i = 0; i < HOST_POOL; i++) {
        if (from->held[i].guest != to->held[i].guest) {
            sum += from->held[i].dirty + is_guest(&to->held[i]);
        } else if (is_guest(&to->held[i])) {
            sum += distance_of(&from->held[i], &to->held[i]);
        }
    }
    return sum;
}

bool zf_hold_tidy(struct hold_state *state) {
    bool any = state->cc.kind;
    for (unsigned i = 0; i < HOST_POOL; i++) {
        struct held *held = &state->held[i];
        bool needed = state->cc.kind && (state->cc.p == i || state->cc.q == i);
        if (held->guest == TEMPORARY && !needed) {
            *held = (struct held){.guest = NOBODY};
        }
        any |= held->guest != NOBODY;
    }
    if (!state->cc.kind) {
        state->cc = (struct cc_thunk){0};
    }
    state->rounds = 0;
    return any;
}

void zf_cc_becomes(struct emitter *e, enum zf_jit_cc kind, unsigned p, unsigned q, int32_t imm) {
    e->state.cc = (struct cc_thunk){(uint8_t)kind, (uint8_t)p, (uint8_t)q, imm};
    e->flags_at = 0;
}

void zf_cc_forget(struct emitter *e) {
    e->state.cc.kind = ZF_JIT_CC_DONE;
}

void zf_cc_save(struct emitter *e) {
    save_thunk(e, &e->state.cc);
    zf_cc_forget(e);
}

bool zf_hold_has_places(const struct emitter *e, const struct zf_ir *ir) {
    enum { FOR_CC = 2, FOR_CC_BEFORE = 1 };
    uint16_t effects = zf_op_specs[ir->op].effects;
    struct zf_register_set reads, writes;
    if (!e->jit->reserved) {
        return true;
    }
    zf_ir_accesses(ir, &reads, &writes);
    int needed = __builtin_popcount(reads.gr | writes.gr);
    needed += effects & ZF_EFFECT_SETS_CC ? FOR_CC : 0;
    needed += effects & ZF_EFFECT_USES_CC ? FOR_CC_BEFORE : 0;
    return needed <= HOST_POOL - __builtin_popcount(e->jit->reserved);
}
