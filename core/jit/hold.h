/*
 * What host registers hold between the ops of a block: guest registers, and what the condition code
 * would be made of.
 */
#ifndef ZF_JIT_HOLD_H
#define ZF_JIT_HOLD_H

#include <stdbool.h>
#include <stdint.h>

enum { HOST_POOL = 9, NOBODY = 31, TEMPORARY = 30 };

/* One host register: a byte, as each access that may fault has a state of its own. */
struct held {
    uint8_t guest : 5; /* number of the general register, ZF_GR_SCRATCH; NOBODY; TEMPORARY: a
                          thunk's */
    bool wide : 1;     /* all 64 bits of it; else its low half, and the high one is in the CPU */
    bool dirty : 1;    /* newer than what the CPU has */
    bool checked : 1;  /* it lies in the linear map */
};

/*
 * How the CC is made of two values. In cpu->cc these stand for a CC that is not made yet: cc_value
 * and cc_operand are then p and q.
 */
enum zf_jit_cc {
    ZF_JIT_CC_DONE = 0,   /* as a thunk: the CPU has it */
    ZF_JIT_CC_SIGN64 = 4, /* ZF_CC_OF_SIGN */
    ZF_JIT_CC_SIGN32,
    ZF_JIT_CC_TEST32, /* p is not zero */
    ZF_JIT_CC_TEST64,
    ZF_JIT_CC_ADD32, /* p is the sum, q what was added */
    ZF_JIT_CC_ADD64,
    ZF_JIT_CC_SUB32, /* p is the difference, q what was subtracted */
    ZF_JIT_CC_SUB64,
    ZF_JIT_CC_AL32, /* the same, logical */
    ZF_JIT_CC_AL64,
    ZF_JIT_CC_SL32,
    ZF_JIT_CC_SL64,
    ZF_JIT_CC_COMPARE32, /* p with q */
    ZF_JIT_CC_COMPARE64,
    ZF_JIT_CC_LOGICAL32,
    ZF_JIT_CC_LOGICAL64,
    ZF_JIT_CC_MASK,    /* p under mask q: CC 1 and 2 by the leftmost bit of the mask */
    ZF_JIT_CC_MASK1,   /* CC 1 alone */
    ZF_JIT_CC_CARRY32, /* p is the result, the last bit of q its carry */
    ZF_JIT_CC_CARRY64
};
struct cc_thunk {
    uint8_t kind; /* enum zf_jit_cc */
    uint8_t p, q; /* in the pool; q may be NOBODY: imm */
    int32_t imm;
};

struct hold_state {
    struct held held[HOST_POOL];
    uint8_t rounds; /* of a loop that are not counted yet (loop.c) */
    struct cc_thunk cc;
};

struct zf_cpu;
struct emitter;
struct zf_ir;

/** Which host register a place of the pool is. */
extern const uint8_t zf_jit_pool[HOST_POOL];

void zf_hold_begin(struct emitter *e);
/** The CPU gets all that host registers have: `values` are those of the pool. */
void zf_hold_recover(struct zf_cpu *cpu, const struct hold_state *state,
                     const uint64_t values[HOST_POOL]);
/** The same, of the registers of a ucontext_t. */
void zf_hold_recover_from(struct zf_cpu *cpu, const struct hold_state *state,
                          const long long *registers);

/** A host register with operand `offset` in it: its low half at least, or (`wide`) all of it. */
unsigned zf_hold_read(struct emitter *e, uint8_t offset, bool wide);
/** Whether it is held, so that no place is needed to read it. */
bool zf_hold_has(const struct emitter *e, uint8_t offset);
/** A place of the pool for an op's result; until zf_hold_write() it holds what it did. */
unsigned zf_hold_prepare(struct emitter *e, uint8_t offset, bool wide);
/** The same for one that changes: the place that it was read to. */
unsigned zf_hold_prepare_same(struct emitter *e, uint8_t offset, bool wide);
void zf_hold_write(struct emitter *e, unsigned place, uint8_t offset, bool wide);
/** A place for a value that a thunk needs. */
unsigned zf_hold_temporary(struct emitter *e);
/** The place of a host register that the two above gave. */
unsigned zf_hold_place_of(unsigned host);

/** Writes what the CPU does not have, registers and CC, of `state`. */
void zf_hold_save_state(struct emitter *e, const struct hold_state *state);
bool zf_hold_is_saved(const struct hold_state *state);
/** Reads again the guest registers that `state` says are held. */
void zf_hold_load_state(struct emitter *e, const struct hold_state *state);
/** Saves all for now: from here on the CPU has all. */
void zf_hold_save(struct emitter *e);
/** Those of the general registers in `guests`, one bit each. */
void zf_hold_save_guests(struct emitter *e, uint32_t guests);
/** Host registers do not hold these any more. */
void zf_hold_forget_guests(struct emitter *e, uint32_t guests);
/** The same, and what they held counts no more: the CPU has newer ones. No thunk needs them. */
void zf_hold_discard_guests(struct emitter *e, uint32_t guests);
/** A stencil uses these places of the pool itself. */
void zf_hold_spill(struct emitter *e, uint32_t places);
/** Whether the op can take all places that it may need, where only some hold anything. */
bool zf_hold_has_places(const struct emitter *e, const struct zf_ir *ir);

/** What was found out of the registers in `guests` is so no more. */
void zf_hold_uncheck(struct emitter *e, uint32_t guests);
/** Whether, and how, host registers come from one state to another; the emitter's state is lost. */
bool zf_hold_can_become(const struct hold_state *from, const struct hold_state *to);
void zf_hold_become(struct emitter *e, const struct hold_state *from, const struct hold_state *to);
/** How many instructions that takes. */
unsigned zf_hold_distance(const struct hold_state *from, const struct hold_state *to);
/** Leaves out what nobody needs; false: nothing is held. */
bool zf_hold_tidy(struct hold_state *state);

/** The CC is made of these from here on. */
void zf_cc_becomes(struct emitter *e, enum zf_jit_cc kind, unsigned p, unsigned q, int32_t imm);
/** Nobody asks for the CC that was. */
void zf_cc_forget(struct emitter *e);
/** The CPU has the CC. */
void zf_cc_save(struct emitter *e);

/** Makes the CC of what cpu->cc, cc_value and cc_operand say. */
void zf_jit_settle(struct zf_cpu *cpu);

#endif
