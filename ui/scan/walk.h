/* What the parts of following code share: flow.c goes, way.c says where to, guard.c who asks. */
#ifndef ZFACET_UI_SCAN_WALK_H
#define ZFACET_UI_SCAN_WALK_H

#include "scan/scan.h"

enum { ZF_WALK_TARGETS = 4096, ZF_WALK_CARRIES = 512 };

/* Bits of an answer that are in a register or in storage. */
enum zf_answer_source {
    ZF_ANSWER_UNKNOWN,
    ZF_ANSWER_HWCAP,
    ZF_ANSWER_LIST,
    ZF_ANSWER_FLAG /* not zero where something is promised */
};
struct zf_answer {
    uint8_t source;
    uint16_t list; /* a register has its address, storage goes on with it: bytes of it, or 0 */
    int base; /* the number of the bit at the left: of the list; of AT_HWCAP, 63 is the last one */
    uint64_t mask; /* bits that may be ones */
    bool loose;    /* or fewer of them: something unknown was taken away */
    uint8_t flag;  /* of a flag: what is promised */
    uint8_t whole; /* of a flag, if not 0: only where all of so many bits are looked at */
};

/* Of bits that were tested: what they promise, condition codes that say that they are ones, and
 * those that say that they are not; and what is promised where the condition code is not 0, or 0
 * for nothing more than that; and, if so, where it is 1 or 2. */
struct zf_test {
    uint8_t promise, set, clear, any, low, high;
};

/* A branch that depends on facilities. */
struct zf_guard {
    uint64_t at;
    uint8_t promise; /* where the bit is one; see ZF_SCAN_UNKNOWN */
    bool taken;      /* there, it branches */
    bool settled;    /* a choice: it is known what from, and what is chosen there */
};

/* Registers that hold what tells of facilities where a branch goes to. */
struct zf_carry {
    uint64_t target;
    uint32_t tainted, zero; /* see struct zf_view */
    struct zf_answer held[16];
};

/* Where branches lead to: found when first asked for. */
struct zf_entries {
    bool found;
    uint64_t bits[]; /* of halfwords */
};

struct zf_walk {
    struct zf_scan_file *file;
    struct zf_scan_function *f;
    const uint8_t *bytes; /* of the function */
    uint64_t halfwords;
    /* Bitmaps of halfwords: instructions that begin there, and those that are behind a guard,
     * whichever way it goes; of these, behind a guard of which it is not known what it tests. */
    uint64_t *seen, *guarded, *unknown;
    uint64_t *told;    /* the same of those that compute with what tells of facilities */
    uint8_t *promised; /* for each halfword, what guards promise there; or NULL: nothing */
    struct zf_entries *entries;
    uint64_t *ahead;
    uint64_t ahead_count;
    bool fresh;                    /* nothing was reached before */
    bool strict;                   /* all branches that take something along are known */
    bool tells;                    /* some instructions are told */
    struct zf_scan_places *starts; /* of functions: those not known yet are added, or NULL */
    uint64_t carried;              /* bits of zf_walk_bit(): where they take it */
    /* Where something else than an answer is stored to a variable that tells. */
    struct zf_write {
        uint64_t at, place;
        uint32_t width;
        bool constant;
        uint64_t value;
    } * writes;
    unsigned write_count;
    struct zf_guard *guards;  /* by place */
    struct zf_guard *choices; /* LOAD ON CONDITION and the like by a test of facilities, by place */
    struct zf_chosen {
        bool chosen;     /* a test chooses the address that is taken there */
        uint8_t promise; /* the least of such tests, or 0 */
    } * chosen;          /* for each halfword; or NULL: none is chosen */
    unsigned target_count, guard_count, carry_count, choice_count;
    uint64_t targets[ZF_WALK_TARGETS]; /* of jump tables */
    struct zf_carry carries[ZF_WALK_CARRIES];
    struct zf_tables *tables; /* what takes tables of data has in hand, or NULL */
};

/* Variables that know which facilities there are, sorted. */
struct zf_variable {
    uint64_t place;
    uint32_t size;
    struct zf_answer answer; /* as storage */
};
struct zf_known {
    struct zf_variable *variables;
    unsigned count;
    unsigned changes;             /* of what they tell */
    struct zf_scan_marks pages;   /* those where they lie */
    struct zf_scan_marks tellers; /* functions that tell */
    bool settled;                 /* all of them are known */
    bool doubtful;                /* not all changes have been followed */
};

/** One of 64 bits, for an address: most that are looked for are in no list. */
static inline uint64_t zf_walk_bit(uint64_t address) {
    return UINT64_C(1) << (address >> 1) % 64;
}

/** Marks an address, or the page of data with one. */
static inline void zf_walk_mark(struct zf_scan_marks *marks, uint64_t address) {
    marks->bits[address / 128 % ZF_SCAN_MARKS] |= UINT64_C(1) << address / 2 % 64;
}
static inline void zf_walk_mark_page(struct zf_scan_marks *marks, uint64_t address) {
    zf_walk_mark(marks, address >> 11);
}
static inline bool zf_walk_share_marks(const struct zf_scan_marks *a,
                                       const struct zf_scan_marks *b) {
    uint64_t both = 0;
    for (unsigned i = 0; i < ZF_SCAN_MARKS; i++) {
        both |= a->bits[i] & b->bits[i];
    }
    return both != 0;
}

bool zf_walk_fetch(const struct zf_walk *w, uint64_t address, struct zf_insn *insn);

/* Where control goes after an instruction. */
struct zf_way {
    bool falls, branches, conditional;
    bool indirect; /* to an address that is computed, not the one in register 14 */
    uint64_t target;
};
void zf_way_of(const struct zf_insn *insn, uint64_t at, struct zf_way *way);

/** Whether the general register of its first operand stays as it is; or gets something that what
 * was there has no part in. */
bool zf_walk_keeps_first(const struct zf_insn *insn);
bool zf_walk_overwrites(const struct zf_insn *insn, const struct zf_operands *o);

/** The registers that it takes something from, as bits, but for those of addresses; whether it has
 * a register as its first operand. */
uint32_t zf_walk_sources(const struct zf_insn *insn, const struct zf_operands *o);
bool zf_walk_has_first(const struct zf_insn *insn);

/** Whether it stores a general register, or the right part of one. */
bool zf_walk_stores_register(const struct zf_insn *insn);
/** Bytes that a store or a move of a constant changes. */
uint32_t zf_walk_store_width(const struct zf_insn *insn);

/** Whether it is one of the functions of Go's packages for facilities, which look at the list in
 * loops: there, all branches soon after are guards. */
bool zf_scan_is_for_facilities(const struct zf_scan_function *f);

/** Where a call goes in the end: to what a stub of the procedure linkage table has. 0: elsewhere.
 */
uint64_t zf_walk_destination(const struct zf_walk *w, uint64_t target);

/** Whether a call there never returns, by the function's name: the program ends, or goes on
 * elsewhere. */
bool zf_walk_never_returns(const struct zf_walk *w, uint64_t target);

/** What a function is that stores the list of facilities where its first argument points to, and
 * does nothing else: so many words, or so many more than its second argument says. */
struct zf_helper {
    bool stores, by_count;
    int words;
};
struct zf_helper zf_walk_helper(const struct zf_scan_file *file, const struct zf_scan_function *f);

/** Whether a call there is one of getauxval(), or of what is the same. */
bool zf_walk_is_query(const struct zf_walk *w, uint64_t target);

/** The target of the relative operand, if there is one. */
bool zf_relative_target(const struct zf_insn *insn, uint64_t at, uint64_t *target);

/** Looks at what was reached: adds variables to `known`, finds branches that ask them. */
void zf_walk_look(struct zf_walk *w, struct zf_known *known);

/** Finds what is behind the guards. */
void zf_walk_find_guarded(struct zf_walk *w);

/** Takes into account what else uses the addresses that tests choose. */
void zf_walk_settle_chosen(struct zf_walk *w);
/** What a test promises that chooses the address that is taken at `at`; 0: none does. */
uint8_t zf_walk_chooses(const struct zf_walk *w, uint64_t at);

/** The next instruction that was reached, from `at` on; the end of the function: none. */
uint64_t zf_walk_next(const struct zf_walk *w, uint64_t at, struct zf_insn *insn);
/** What tests of facilities promise where the instruction is: a promise, 0 if nothing. */
uint8_t zf_walk_promise(const struct zf_walk *w, uint64_t at);
/** Where the data at `place` ends at the latest: other data begins there. */
uint64_t zf_scan_end_of_data(const struct zf_scan_file *file, const struct zf_scan_section *s,
                             uint64_t place);

/** Whether it is behind a test of facilities, but not because that promises something: the facility
 * may be missing there. */
bool zf_walk_is_denied(const struct zf_walk *w, uint64_t at);
/** Whether it computes with what tells of facilities; or is behind a test of them. */
bool zf_walk_computes(const struct zf_walk *w, uint64_t at);
bool zf_walk_is_told(const struct zf_walk *w, uint64_t at);
/** Of instructions that leave one of two things in a register, by the condition code: the second
 * operand, a register, or the first; the second or the third; or a constant or storage, or the
 * first. */
enum zf_choice { ZF_CHOICE_NONE, ZF_CHOICE_LOAD, ZF_CHOICE_SELECT, ZF_CHOICE_VALUE };
enum zf_choice zf_walk_chooses_by(const struct zf_insn *insn);

/** Adds a guard, or a choice, behind all that are there. */
void zf_walk_add_guard(struct zf_walk *w, struct zf_guard **guards, unsigned *count,
                       struct zf_guard guard);
/** The guard there; the choice that a test of facilities makes there. NULL: none. */
const struct zf_guard *zf_walk_guard(const struct zf_walk *w, uint64_t at);
const struct zf_guard *zf_walk_choice(const struct zf_walk *w, uint64_t at);

/** Whether a function is an ifunc resolver of which it is known what decides what it returns. */
bool zf_walk_resolves_clearly(const struct zf_walk *w);
/** What tests promise where the address that is taken at `at` is used; 0: nothing. */
uint8_t zf_walk_returned(const struct zf_walk *w, uint64_t at, const struct zf_insn *insn);

/** Whether the first use of what a register got by the instruction before `at` is a compare. */
bool zf_walk_compares(const struct zf_walk *w, uint64_t at, unsigned reg);

/* Fields of an object that tells, as they are found. */
struct zf_scan_fields {
    struct zf_scan_variable *object; /* or NULL: there is none */
    unsigned set;                    /* so many of its fields come from the kernel's vector, */
    bool hwcap;                      /* one of them is AT_HWCAP */
    bool full;                       /* there are more: */
    unsigned count;                  /* those that tell */
    struct zf_scan_variable list[ZF_SCAN_TELLING];
};
/** Adds the fields that a function sets; from then on they tell, and not all of the object. */
void zf_walk_find_fields(const struct zf_walk *w, struct zf_scan_fields *fields);
void zf_scan_tell_by_field(struct zf_scan_file *file, const struct zf_scan_fields *fields);

/** Adds where a function, or a table, leads to. */
void zf_scan_add_edge(struct zf_scan_file *file, struct zf_scan_function *f,
                      struct zf_scan_edge edge);
/** The address at a place of data; 0: none. */
uint64_t zf_scan_address_at(const struct zf_scan_file *file, uint64_t place);
/** Adds a call of the function whose address is at a place, or of all that a table has from a place
 * on. False: there is no function's address. */
bool zf_scan_call_at(struct zf_scan_file *file, struct zf_scan_function *f, uint64_t place,
                     uint8_t promise);
void zf_walk_call_all(struct zf_walk *w, uint64_t place, uint8_t promise);
/** Adds the calls through tables of functions. */
void zf_walk_take_tables(struct zf_walk *w);

/** Adds variables that are set to a constant where a guard decides: later, they tell. */
void zf_walk_learn_guarded(struct zf_walk *w, struct zf_known *known);
/** What is stored to variables that tell, and is no answer, is known by the tests before it. */
void zf_walk_learn_writes(struct zf_walk *w, struct zf_known *known);

#endif
