/*
 * Differences that are none: what the Principles of Operation leave open, and what qemu 10.0 does
 * not do. Each with its reason.
 */
#include "diff.h"

enum {
    SIGNAL_ILL = 4,
    SIGNAL_BUS = 7,
    SIGNAL_FPE = 8,
    SIGNAL_SEGV = 11,
    CODE_OPERAND = 2,
    CODE_OVERFLOW = 2,
    FIXED_OVERFLOW = 8, /* in the program mask */
    LINEAR_BITS = 41,   /* below are no wrapped addresses, nor the stack that zfacet makes */
};

/* The address of a storage operand with base and displacement. */
static uint64_t operand(const struct diff_sequence *s, unsigned base, int32_t displacement) {
    return (base ? s->gr[base] : 0) + (uint64_t)(int64_t)displacement;
}

static bool near(uint64_t first, uint64_t second, uint64_t distance) {
    return first - second < distance || second - first < distance;
}

/* Results that are unpredictable when operands overlap. */
static bool overlaps(const struct diff_sequence *s, const struct zf_operands *o, unsigned row) {
    enum { LONGEST = 256, LONGEST_PAIR = 320 };
    uint64_t span = row == ZF_ROW_trot ? 2 * LONGEST_PAIR : LONGEST_PAIR; /* of the first operand */
    uint64_t first = operand(s, o->b1, o->d1), second = operand(s, o->b2, o->d2);
    switch (row) {
    case ZF_ROW_mvcin: /* by more than one byte; from the right */
        return near(first, second, 2 * LONGEST);
    case ZF_ROW_unpka:
    case ZF_ROW_unpku:
        return near(first, second, LONGEST);
    case ZF_ROW_mvst:
        return near(s->gr[o->r1], s->gr[o->r2], DIFF_SCRATCH);
    case ZF_ROW_cu12:
    case ZF_ROW_cu14:
    case ZF_ROW_cu21:
    case ZF_ROW_cu24:
    case ZF_ROW_cu41:
    case ZF_ROW_cu42:
    case ZF_ROW_tre:
    case ZF_ROW_troo:
    case ZF_ROW_trot:
    case ZF_ROW_trto:
    case ZF_ROW_trtt:
        return (o->r1 | 1) == (o->r2 | 1) || s->gr[o->r1 | 1] > LONGEST_PAIR ||
               near(s->gr[o->r1], s->gr[o->r2], span) || near(s->gr[o->r1], s->gr[1], span);
    default:
        return false;
    }
}

/* Specification exceptions that qemu does not recognize. */
static bool lacks_check(const struct diff_sequence *s, const struct zf_operands *o, unsigned row) {
    switch (row) {
    case ZF_ROW_mvclu:
    case ZF_ROW_clclu: /* lengths must be even */
        return (s->gr[o->r1 | 1] | s->gr[o->r3 | 1]) & 1;
    case ZF_ROW_clst: /* bits 32-55 of general register 0 must be zeros */
        return s->gr[0] & 0xffffff00;
    default:
        return false;
    }
}

/*
 * Instructions that process a CPU-determined amount at a time: where they are when a fault ends
 * them is not determined, nor are the registers that they change only when they end with CC 3.
 */
static bool amount_differs(const struct diff_sequence *s, const struct zf_operands *o,
                           const struct diff_state *theirs, const struct diff_state *ours) {
    struct diff_state a = *theirs, b = *ours;
    unsigned row = s->items[0].row;
    if (!s->items[0].again && row != ZF_ROW_mvcl && row != ZF_ROW_clcl) {
        return false;
    }
    if (theirs->signal == SIGNAL_SEGV && ours->signal == SIGNAL_SEGV) {
        return true;
    }
    /* the padding byte is in a register that goes on with the operand */
    if (o->b2 && ((o->b2 | 1) == (o->r1 | 1) || (o->b2 | 1) == (o->r3 | 1))) {
        return true;
    }
    if (row == ZF_ROW_srst || row == ZF_ROW_srstu || row == ZF_ROW_mvst || row == ZF_ROW_clst) {
        a.gr[o->r2] = b.gr[o->r2] = 0;
    }
    if (row == ZF_ROW_clst && theirs->ipm >> 28 == 0) {
        a.gr[o->r1] = b.gr[o->r1] = 0;
    }
    return diff_same(&a, &b);
}

/* Parts of elements are unpredictable: qemu looks for the whole ones, a machine finds nothing. */
static bool is_partial(unsigned row, const struct zf_operands *o, const struct diff_state *ours) {
    return row == ZF_ROW_vstrs && o->m5 && ours->ipm >> 28 == 0;
}

/* qemu finds a substring of more than 16 bytes in part; it is unpredictable, a machine takes 16. */
static bool is_too_long(unsigned row, const struct diff_state *theirs,
                        const struct diff_state *ours) {
    struct diff_state a = *theirs, b = *ours;
    a.ipm = b.ipm = 0;
    return row == ZF_ROW_vstrs && theirs->ipm >> 28 == 3 && ours->ipm >> 28 == 2 &&
           diff_same(&a, &b);
}

/* Instructions that may, but need not, look at storage that does not matter for their result. */
static bool need_not_look(unsigned row) {
    switch (row) {
    case ZF_ROW_bic: /* without its condition */
    case ZF_ROW_loc:
    case ZF_ROW_locg:
    case ZF_ROW_locfh:
    case ZF_ROW_stoc:
    case ZF_ROW_stocg:
    case ZF_ROW_stocfh:
    case ZF_ROW_clc: /* after the first unequal byte */
    case ZF_ROW_clm:
    case ZF_ROW_clmy:
    case ZF_ROW_clmh:
        return true;
    default:
        return false;
    }
}

/* TRANSLATE ONE TO ONE … of no length end at once, but qemu runs through all storage. */
static bool translates_otherwise(const struct diff_sequence *s, const struct zf_operands *o,
                                 unsigned row) {
    bool translates =
        row == ZF_ROW_troo || row == ZF_ROW_trot || row == ZF_ROW_trto || row == ZF_ROW_trtt;
    /* of TROT's test character qemu takes one byte only */
    bool long_test = row == ZF_ROW_trot && s->gr[0] & 0xff00;
    return (translates && !s->gr[o->r1 | 1]) || long_test;
}

/* qemu takes a character of three bytes below 1000 (hexadecimal) for ill-formed; it is 800. */
static bool refuses_character(const struct diff_sequence *s, const struct zf_operands *o,
                              const struct diff_state *theirs, const struct diff_state *ours) {
    unsigned row = s->items[0].row;
    return (row == ZF_ROW_cu12 || row == ZF_ROW_cu14) && o->m3 & 1 && !theirs->signal &&
           theirs->ipm >> 28 == 2 && ours->gr[o->r2] > theirs->gr[o->r2];
}

/* qemu makes one half of a character of four bytes below 10000 (hexadecimal); it is two, of any. */
static bool makes_one_half(const struct diff_sequence *s, const struct zf_operands *o,
                           const struct diff_state *theirs, const struct diff_state *ours) {
    bool more = ours->gr[o->r1] > theirs->gr[o->r1], less = ours->gr[o->r2] < theirs->gr[o->r2];
    return s->items[0].row == ZF_ROW_cu12 && !(o->m3 & 1) && !theirs->signal && !ours->signal &&
           (more ? ours->gr[o->r2] <= theirs->gr[o->r2]
                 : less && ours->gr[o->r1] == theirs->gr[o->r1]);
}

/* Both end with an access exception. qemu may have done half of the instruction; zfacet must not.
 */
static bool is_nullified(const struct diff_sequence *s, const struct diff_state *theirs,
                         const struct diff_state *ours) {
    for (unsigned gr = 0; gr < 16; gr++) {
        if (!(s->code >> gr & 1) && ours->gr[gr] != s->gr[gr]) {
            return false;
        }
    }
    return theirs->psw == ours->psw && theirs->ipm == ours->ipm;
}

/*
 * The address space that zfacet gives Linux programs wraps at its end; behind that the host has no
 * storage, and for some addresses its fault tells qemu none.
 */
static bool is_wild(const struct diff_state *theirs) {
    return theirs->signal == SIGNAL_BUS ||
           (theirs->signal == SIGNAL_SEGV && (!theirs->fault || theirs->fault >> LINEAR_BITS));
}

static bool access_excused(const struct diff_sequence *s, const struct diff_state *theirs,
                           const struct diff_state *ours) {
    bool they_fault = theirs->signal == SIGNAL_SEGV, we_fault = ours->signal == SIGNAL_SEGV;
    if (is_wild(theirs)) {
        return true;
    }
    if (they_fault && we_fault) {
        return is_nullified(s, theirs, ours);
    }
    if (they_fault != we_fault && !(they_fault ? ours : theirs)->signal &&
        need_not_look(s->items[0].row)) {
        return true;
    }
    /* a specification exception has priority */
    return they_fault && ours->signal == SIGNAL_ILL && ours->code == CODE_OPERAND;
}

bool diff_excused(const struct diff_sequence *alone, const struct diff_state *theirs,
                  const struct diff_state *ours) {
    struct zf_insn insn;
    struct zf_operands o;
    zf_decode(alone->items[0].word, &insn);
    zf_insn_operands(&insn, &o);
    /* qemu never recognizes fixed-point overflow */
    if (alone->program_mask & FIXED_OVERFLOW && theirs->ipm >> 28 == 3 &&
        ours->signal == SIGNAL_FPE && ours->code == CODE_OVERFLOW) {
        return true;
    }
    if (ours->signal == SIGNAL_ILL && ours->code == CODE_OPERAND &&
        lacks_check(alone, &o, insn.row)) {
        return true;
    }
    /* a data exception has priority over a fixed-point-divide exception */
    if (theirs->signal == SIGNAL_FPE && ours->signal == SIGNAL_ILL &&
        (insn.row == ZF_ROW_cvb || insn.row == ZF_ROW_cvby || insn.row == ZF_ROW_cvbg)) {
        return true;
    }
    if (is_too_long(insn.row, theirs, ours) || is_partial(insn.row, &o, ours)) {
        return true;
    }
    /* qemu minds the left half of I4 */
    if (insn.row == ZF_ROW_vsldb && o.i4 & 0xf0 && theirs->signal == SIGNAL_ILL) {
        return true;
    }
    if (translates_otherwise(alone, &o, insn.row) || refuses_character(alone, &o, theirs, ours) ||
        makes_one_half(alone, &o, theirs, ours)) {
        return true;
    }
    return overlaps(alone, &o, insn.row) || access_excused(alone, theirs, ours) ||
           amount_differs(alone, &o, theirs, ours);
}

/* qemu has the CC wrong when a store on condition after what sets it faults. */
bool diff_excused_behind(const struct diff_item *item, const struct diff_state *theirs,
                         const struct diff_state *ours) {
    struct diff_state a = *theirs, b = *ours;
    if (is_wild(theirs)) {
        return true;
    }
    if (item->row != ZF_ROW_stoc && item->row != ZF_ROW_stocg && item->row != ZF_ROW_stocfh) {
        return false;
    }
    a.ipm = b.ipm = 0;
    return a.signal == SIGNAL_SEGV && diff_same(&a, &b);
}

/*
 * An address in a gap of the program is not mapped, but has no permission in qemu; so SIGSEGV's
 * code is not compared. Storage operands may be looked at in any order: nor is the address.
 */
bool diff_same(const struct diff_state *theirs, const struct diff_state *ours) {
    struct diff_state a = *theirs, b = *ours;
    a.fault = b.fault = 0;
    a.unused = b.unused = 0;
    /* by how much an odd instruction address is incremented is unpredictable */
    if (a.signal == SIGNAL_ILL && b.signal == SIGNAL_ILL && a.psw & b.psw & 1) {
        a.psw = b.psw = 0;
    }
    if (a.signal == SIGNAL_SEGV && b.signal == SIGNAL_SEGV) {
        a.code = b.code = 0;
    }
    return memcmp(&a, &b, sizeof a) == 0;
}
