/*
 * What is known of registers and the frame while guard.c reads a function, and which bit of an
 * answer they hold: answer.c.
 */
#ifndef ZFACET_UI_SCAN_VIEW_H
#define ZFACET_UI_SCAN_VIEW_H

#include "scan/walk.h"

#include <string.h>

enum {
    ZF_VIEW_REGISTERS = 16,
    ZF_VIEW_SLOTS = 8,
    ZF_VIEW_STACK = 15,
    ZF_VIEW_CHANGED_BY_CALLS = 6
};

/* Registers that hold what tells of facilities, or its address, as the code is read. */
struct zf_view {
    uint32_t tainted;
    uint32_t zero;                            /* registers that hold zero */
    bool keeps;                               /* the instruction leaves its first register */
    bool apart;                               /* the instruction before does not lead here */
    struct zf_answer held[ZF_VIEW_REGISTERS]; /* by registers that are tainted */
    unsigned frame;                           /* instructions after the stack was given an answer */
    unsigned window;                          /* instructions after the last look */
    uint64_t address[ZF_VIEW_REGISTERS];      /* of variables that registers point to, or 0 */
    uint64_t from[ZF_VIEW_REGISTERS];         /* the instruction that set it */
    bool asked;                               /* the condition code was set by what tells */
    struct zf_test test;                      /* if so: how */
    unsigned words;                           /* so many STFLE stores, or 0: not known */
    bool has_constant;                        /* the first argument of a call is known: */
    int64_t constant;
    struct zf_literal {
        uint64_t at; /* the instruction that loaded it, or 0 */
        uint64_t value;
    } literals[ZF_VIEW_REGISTERS]; /* constants in registers */
    bool literal;                  /* there may be any */
    unsigned slot_count;           /* places in the frame that hold what tells */
    struct zf_slot {
        unsigned base;
        int64_t displacement;
        struct zf_answer answer; /* what is stored there */
    } slots[ZF_VIEW_SLOTS];
    struct zf_slot
        into[ZF_VIEW_REGISTERS]; /* where registers point to in the frame; base 0: elsewhere */
};

/** What is known of variables that tell: whether there is one at a place; one more, of which what
 * tells in two ways, tells nobody knows what. */
bool zf_known_has(const struct zf_known *known, uint64_t place);
void zf_known_learn(const struct zf_walk *w, struct zf_known *known, uint64_t place, uint32_t size,
                    struct zf_answer answer);
/** Whether the variable at a target of LARL, LGRL and the like tells of facilities. */
bool zf_known_tells(const struct zf_walk *w, const struct zf_known *known, uint64_t place);
/** Adds what a function refers to that stores the list of facilities. */
void zf_walk_learn_places(struct zf_walk *w, struct zf_known *known);

/** Registers that point to variables: by LOAD ADDRESS RELATIVE LONG, until they change. */
static inline void zf_view_follow_address(struct zf_view *v, uint64_t at,
                                          const struct zf_insn *insn, const struct zf_operands *o) {
    switch (insn->row) {
    case ZF_ROW_larl:
        v->address[o->r1] = at + (uint64_t)o->rel;
        v->from[o->r1] = at;
        break;
    case ZF_ROW_lgr:
        v->address[o->r1] = v->address[o->r2];
        v->from[o->r1] = v->from[o->r2];
        break;
    case ZF_ROW_brasl:
    case ZF_ROW_basr:
        memset(v->address, 0, ZF_VIEW_CHANGED_BY_CALLS * sizeof *v->address);
        v->tainted &= ~0u << ZF_VIEW_CHANGED_BY_CALLS;
        break;
    case ZF_ROW_lmg:
        for (unsigned i = 0; i <= ((o->r3 - o->r1) & 15); i++) {
            v->address[(o->r1 + i) & 15] = 0;
        }
        break;
    default:
        v->address[o->r1] = v->keeps ? v->address[o->r1] : 0;
    }
}

/** The slot with the byte at a displacement from a register; ZF_VIEW_SLOTS: none. */
unsigned zf_view_slot(const struct zf_view *v, unsigned base, int64_t displacement);

bool zf_view_is_frame(unsigned base);
/** What is stored there: something that tells, or not. */
void zf_view_keep(struct zf_view *v, unsigned base, int64_t displacement, bool on,
                  struct zf_answer answer);
/** So many bytes may be something else: it is not known what they tell. */
void zf_view_forget(struct zf_view *v, unsigned base, int64_t displacement, unsigned width);
/** Registers that point into the frame, until they change. */
void zf_view_follow_frame(struct zf_view *v, const struct zf_insn *insn,
                          const struct zf_operands *o);

/** Constants in registers, and one of them where an instruction uses it; false: it is none. */
void zf_view_follow_literal(struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                            const struct zf_operands *o);
bool zf_view_literal(const struct zf_walk *w, const struct zf_view *v, unsigned reg, uint64_t at,
                     uint64_t *value);

/** Whether a branch of the function leads to there. */
bool zf_view_is_target(const struct zf_walk *w, uint64_t at);

/** Whether a register with the address of a list leads to it, at a displacement. */
bool zf_view_points(const struct zf_answer *held, int64_t displacement);
/** What is at a displacement from a register, as storage and in a register, and in the variable at
 * `place`, as storage. */
struct zf_answer zf_view_storage(const struct zf_walk *w, const struct zf_known *known,
                                 const struct zf_view *v, unsigned base, int64_t displacement);
struct zf_answer zf_view_doubleword(const struct zf_walk *w, const struct zf_known *known,
                                    const struct zf_view *v, unsigned base, int64_t displacement);
struct zf_answer zf_view_variable(const struct zf_walk *w, const struct zf_known *known,
                                  uint64_t place);
/** What the first register holds after the instruction. */
struct zf_answer zf_view_result(const struct zf_walk *w, const struct zf_known *known,
                                const struct zf_view *v, uint64_t at, const struct zf_insn *insn);
/** What the instruction, which sets the condition code or compares and branches, tests. */
struct zf_test zf_view_test(const struct zf_walk *w, const struct zf_known *known,
                            const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                            const struct zf_answer *result);
/** The guard that a conditional branch is. */
struct zf_guard zf_view_guard(const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                              const struct zf_test *test);

/** What a branch takes along to its target, which may stand far from there; and what branches took
 * along to an instruction. */
void zf_view_carry(struct zf_walk *w, const struct zf_view *v, const struct zf_way *way);
void zf_view_take(const struct zf_walk *w, struct zf_view *v, uint64_t at);

/** Notes whether a test chooses one of two functions, or tables, there. */
void zf_view_choose(struct zf_walk *w, const struct zf_view *v, uint64_t at,
                    const struct zf_insn *insn, const struct zf_operands *o);

/** Of what a register holds, what a store of its last `width` bytes leaves there. */
struct zf_answer zf_answer_stored(struct zf_answer held, unsigned width);
/** Whether it still holds for storage once a constant of so many bytes is there: its ones stand for
 * what all machines have. */
bool zf_answer_stays(const struct zf_answer *storage, uint64_t value, unsigned width);
/** One of two: where they are not the same, nothing is known. */
struct zf_answer zf_answer_join(const struct zf_answer *a, const struct zf_answer *b);

#endif
