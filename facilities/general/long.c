/*
 * MOVE LONG and COMPARE LOGICAL LONG, their extended and their Unicode forms. All are interruptible
 * after any number of bytes (of characters in the Unicode forms); what is done is in the registers,
 * so a unit of operation that meets an access exception is nullified alone.
 */
#include "general/argument.h"
#include "general/operand.h"

/* One of the instructions, with its fields in common terms. */
struct long_operands {
    unsigned to, from; /* even registers of the first and the other operand */
    uint64_t to_length, from_length;
    uint16_t pad;  /* two bytes; of the byte forms the same byte twice */
    bool length24; /* MVCL, CLCL: lengths in bits 40-63 */
};

static bool get_operands(struct zf_cpu *cpu, const struct zf_insn_call *i,
                         struct long_operands *o) {
    bool unicode = i->argument & ZF_LONG_UNICODE;
    o->length24 = i->argument & ZF_LONG_24;
    o->to = i->o.r1;
    o->from = o->length24 ? i->o.r2 : i->o.r3;
    if ((o->to | o->from) & 1) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    if (o->length24) {
        o->to_length = cpu->gr[o->to + 1] & 0xffffff;
        o->from_length = cpu->gr[o->from + 1] & 0xffffff;
        o->pad = (uint16_t)((cpu->gr[o->from + 1] >> 24 & 0xff) * 0x101);
        return true;
    }
    uint64_t pad = zf_ea(cpu, i->o.b2, i->o.d2);
    o->to_length = zf_gr_length(cpu, o->to + 1);
    o->from_length = zf_gr_length(cpu, o->from + 1);
    o->pad = (uint16_t)(unicode ? pad : (pad & 0xff) * 0x101);
    if (unicode && (o->to_length | o->from_length) & 1) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    return true;
}

static void set_length(struct zf_cpu *cpu, const struct long_operands *o, unsigned r,
                       uint64_t length) {
    if (o->length24) {
        cpu->gr[r] = (cpu->gr[r] & ~UINT64_C(0xffffff)) | length;
    } else {
        zf_gr_set_length(cpu, r, length);
    }
}

/* Steps over `n` bytes of an operand. */
static void advance(struct zf_cpu *cpu, const struct long_operands *o, unsigned r, uint64_t *length,
                    uint64_t n) {
    *length -= n;
    zf_gr_set_address(cpu, r, zf_gr_address(cpu, r) + n);
    set_length(cpu, o, r + 1, *length);
}

/* Moves or pads within one page of each operand; false on an access exception. */
static bool move_piece(struct zf_cpu *cpu, struct long_operands *o, uint64_t *done) {
    size_t n = (size_t)zf_min(o->to_length, ZF_UNIT);
    size_t from_n = (size_t)zf_min(o->from_length, ZF_UNIT);
    const uint8_t *from = NULL;
    uint8_t *to;
    if (from_n) {
        from = zf_operand(cpu, cpu->gr[o->from], &from_n, ZF_ACCESS_READ);
        if (!from) {
            return false;
        }
        n = n < from_n ? n : from_n;
    }
    to = zf_operand(cpu, cpu->gr[o->to], &n, ZF_ACCESS_WRITE);
    if (!to) {
        return false;
    }
    if (from) {
        zf_move(to, from, n);
        if (o->from != o->to) {
            advance(cpu, o, o->from, &o->from_length, n);
        }
    } else {
        /* a page boundary between the bytes of a character turns the pattern around */
        zf_fill(to, o->to_length & 1 ? (uint16_t)(o->pad << 8 | o->pad >> 8) : o->pad, n);
    }
    advance(cpu, o, o->to, &o->to_length, n);
    if (o->from == o->to) {
        o->from_length = o->to_length;
    }
    *done += n;
    return true;
}

static uint32_t compare_lengths(const struct long_operands *o) {
    return o->to_length == o->from_length ? 0 : o->to_length < o->from_length ? 1 : 2;
}

/* Moves a unit of operation: ZF_NEXT with to_length 0 when all is done. */
static enum zf_next move_unit(struct zf_cpu *cpu, struct long_operands *o) {
    uint64_t done = 0;
    while (o->to_length && done < ZF_UNIT) {
        if (!move_piece(cpu, o, &done)) {
            return ZF_NEXT_PGM;
        }
    }
    return ZF_NEXT;
}

/* MOVE LONG: nothing moves when a source byte would have been stored into before (CC 3). */
enum zf_next zf_do_mvcl(struct zf_cpu *cpu, const struct zf_call *call) {
    struct long_operands o;
    if (!get_operands(cpu, zf_insn_call(call), &o)) {
        return ZF_NEXT_PGM;
    }
    uint64_t to = zf_gr_address(cpu, o.to), from = zf_gr_address(cpu, o.from);
    uint64_t ahead = zf_wrap(cpu, to - from);
    uint32_t cc = compare_lengths(&o);
    zf_gr_set_address(cpu, o.to, to);
    zf_gr_set_address(cpu, o.from, from);
    if (ahead && !zf_spaces_differ(cpu) && ahead < zf_min(o.to_length, o.from_length)) {
        cpu->cc = 3;
        return ZF_NEXT;
    }
    enum zf_next next = move_unit(cpu, &o);
    if (next != ZF_NEXT) {
        return next;
    }
    if (o.to_length) {
        return ZF_NEXT_REPEAT;
    }
    cpu->cc = cc;
    return ZF_NEXT;
}

/* MOVE LONG EXTENDED, MOVE LONG UNICODE: CC 3 when a unit of operation was not enough. */
enum zf_next zf_do_mvcle(struct zf_cpu *cpu, const struct zf_call *call) {
    struct long_operands o;
    if (!get_operands(cpu, zf_insn_call(call), &o)) {
        return ZF_NEXT_PGM;
    }
    uint32_t cc = compare_lengths(&o);
    enum zf_next next = move_unit(cpu, &o);
    if (next == ZF_NEXT) {
        cpu->cc = o.to_length ? 3 : cc;
    }
    return next;
}

/* A piece of a compare: both operands, or one against the padding. */
struct compare_piece {
    const uint8_t *first, *second; /* NULL: the padding */
    size_t length;
};

static bool get_piece(struct zf_cpu *cpu, const struct long_operands *o, struct compare_piece *p) {
    size_t n = ZF_UNIT, m;
    p->first = p->second = NULL;
    if (o->to_length) {
        n = (size_t)zf_min(o->to_length, n);
        p->first = zf_operand(cpu, cpu->gr[o->to], &n, ZF_ACCESS_READ_FIRST);
        if (!p->first) {
            return false;
        }
    }
    if (o->from_length) {
        m = (size_t)zf_min(o->from_length, n);
        p->second = zf_operand(cpu, cpu->gr[o->from], &m, ZF_ACCESS_READ);
        if (!p->second) {
            return false;
        }
        n = m;
    }
    p->length = n;
    return true;
}

/* The byte of the padding that stands against a place `left` bytes before an operand's end. */
static uint8_t pad_byte(uint16_t pad, uint64_t left) {
    return (uint8_t)(left & 1 ? pad : pad >> 8);
}

/*
 * Compares a unit of operation. Sets the CC and `ended` when the operands are known to be equal or
 * not; the registers then are at the byte (the character, when `unicode`) that tells.
 */
static enum zf_next compare_unit(struct zf_cpu *cpu, struct long_operands *o, bool unicode,
                                 bool *ended) {
    uint64_t done = 0;
    *ended = true;
    while ((o->to_length || o->from_length) && done < ZF_UNIT) {
        struct compare_piece p;
        if (!get_piece(cpu, o, &p)) {
            return ZF_NEXT_PGM;
        }
        uint64_t left = p.first ? o->to_length : o->from_length;
        uint16_t pad = left & 1 ? (uint16_t)(o->pad << 8 | o->pad >> 8) : o->pad;
        size_t equal = p.first && p.second
                           ? zf_mismatch(p.first, p.second, p.length)
                           : zf_mismatch_pad(p.first ? p.first : p.second, pad, p.length);
        bool differs = equal < p.length;
        uint8_t a = 0, b = 0;
        if (differs) {
            a = p.first ? p.first[equal] : pad_byte(o->pad, left - equal);
            b = p.second ? p.second[equal] : pad_byte(o->pad, left - equal);
        }
        bool first = o->to_length, second = o->from_length && o->from != o->to;
        uint64_t back = unicode && differs && (left - equal) & 1;
        if (first) {
            advance(cpu, o, o->to, &o->to_length, equal - back);
        }
        if (second) {
            advance(cpu, o, o->from, &o->from_length, equal - back);
        } else if (o->from == o->to) {
            o->from_length = o->to_length;
        }
        done += equal;
        if (differs) {
            cpu->cc = a < b ? 1 : 2;
            return ZF_NEXT;
        }
    }
    *ended = !(o->to_length || o->from_length);
    if (*ended) {
        cpu->cc = 0;
    }
    return ZF_NEXT;
}

/* COMPARE LOGICAL LONG */
enum zf_next zf_do_clcl(struct zf_cpu *cpu, const struct zf_call *call) {
    struct long_operands o;
    bool ended;
    if (!get_operands(cpu, zf_insn_call(call), &o)) {
        return ZF_NEXT_PGM;
    }
    zf_gr_set_address(cpu, o.to, cpu->gr[o.to]);
    zf_gr_set_address(cpu, o.from, cpu->gr[o.from]);
    enum zf_next next = compare_unit(cpu, &o, false, &ended);
    return next == ZF_NEXT && !ended ? ZF_NEXT_REPEAT : next;
}

/* COMPARE LOGICAL LONG EXTENDED, COMPARE LOGICAL LONG UNICODE */
enum zf_next zf_do_clcle(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct long_operands o;
    bool ended;
    if (!get_operands(cpu, i, &o)) {
        return ZF_NEXT_PGM;
    }
    enum zf_next next = compare_unit(cpu, &o, i->argument & ZF_LONG_UNICODE, &ended);
    if (next == ZF_NEXT && !ended) {
        cpu->cc = 3;
    }
    return next;
}
