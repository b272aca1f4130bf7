/*
 * Strings that end at a character: MOVE STRING, COMPARE LOGICAL STRING, SEARCH STRING and its
 * Unicode form; and COMPARE UNTIL SUBSTRING EQUAL. They end with CC 3 after a CPU-determined number
 * of bytes, which is whole pages here; until then no register changes, so that an access exception
 * nullifies the whole instruction.
 */
#include "general/operand.h"

/* The ending character in general register 0; the rest of its right half must be zero. */
static bool ending_character(struct zf_cpu *cpu, unsigned width, uint32_t *character) {
    *character = zf_low(cpu, 0);
    return *character >> width ? zf_pgm(cpu, ZF_PGM_SPECIFICATION) : true;
}

/* MOVE STRING */
enum zf_next zf_do_mvst(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t end;
    if (!ending_character(cpu, 8, &end)) {
        return ZF_NEXT_PGM;
    }
    uint64_t to = zf_gr_address(cpu, i->o.r1), from = zf_gr_address(cpu, i->o.r2);
    for (uint64_t done = 0; done < ZF_PAGE_SIZE;) {
        size_t n = ZF_PAGE_SIZE;
        const uint8_t *source = zf_operand(cpu, from + done, &n, ZF_ACCESS_READ);
        uint8_t *target = source ? zf_operand(cpu, to + done, &n, ZF_ACCESS_WRITE) : NULL;
        if (!target) {
            return ZF_NEXT_PGM;
        }
        const uint8_t *found = memchr(source, (int)end, n);
        size_t moved = found ? (size_t)(found - source) + 1 : n;
        zf_move(target, source, moved);
        if (found) {
            zf_gr_set_address(cpu, i->o.r1, to + done + moved - 1);
            cpu->cc = 1;
            return ZF_NEXT;
        }
        done += n;
        if (done >= ZF_PAGE_SIZE) {
            zf_gr_set_address(cpu, i->o.r1, to + done);
            zf_gr_set_address(cpu, i->o.r2, from + done);
        }
    }
    cpu->cc = 3;
    return ZF_NEXT;
}

/* COMPARE LOGICAL STRING: of operands alike up to it, the one that ends is low */
enum zf_next zf_do_clst(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t end;
    if (!ending_character(cpu, 8, &end)) {
        return ZF_NEXT_PGM;
    }
    uint64_t first = zf_gr_address(cpu, i->o.r1), second = zf_gr_address(cpu, i->o.r2);
    uint64_t done = 0;
    while (done < ZF_PAGE_SIZE) {
        size_t n = ZF_PAGE_SIZE;
        const uint8_t *a = zf_operand(cpu, first + done, &n, ZF_ACCESS_READ_FIRST);
        const uint8_t *b = a ? zf_operand(cpu, second + done, &n, ZF_ACCESS_READ) : NULL;
        if (!b) {
            return ZF_NEXT_PGM;
        }
        size_t at = zf_mismatch(a, b, n);
        if (memchr(a, (int)end, at)) {
            cpu->cc = 0;
            return ZF_NEXT;
        }
        done += at;
        if (at < n) {
            bool low = a[at] == end || (b[at] != end && a[at] < b[at]);
            cpu->cc = low ? 1 : 2;
            zf_gr_set_address(cpu, i->o.r1, first + done);
            zf_gr_set_address(cpu, i->o.r2, second + done);
            return ZF_NEXT;
        }
    }
    zf_gr_set_address(cpu, i->o.r1, first + done);
    zf_gr_set_address(cpu, i->o.r2, second + done);
    cpu->cc = 3;
    return ZF_NEXT;
}

/* SEARCH STRING: from R2 up to but without R1 */
enum zf_next zf_do_srst(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t character;
    if (!ending_character(cpu, 8, &character) || !zf_use(cpu, i->o.r2)) {
        return ZF_NEXT_PGM;
    }
    uint64_t from = zf_gr_address(cpu, i->o.r2);
    uint64_t length = zf_wrap(cpu, cpu->gr[i->o.r1] - from);
    uint64_t done = 0;
    while (done < length && done < ZF_UNIT) {
        size_t n = (size_t)zf_min(length - done, ZF_PAGE_SIZE);
        const uint8_t *p = zf_operand(cpu, from + done, &n, ZF_ACCESS_READ);
        if (!p) {
            return ZF_NEXT_PGM;
        }
        const uint8_t *found = memchr(p, (int)character, n);
        if (found) {
            zf_gr_set_address(cpu, i->o.r1, from + done + (uint64_t)(found - p));
            cpu->cc = 1;
            return ZF_NEXT;
        }
        done += n;
    }
    cpu->cc = 2;
    if (done < length) {
        zf_gr_set_address(cpu, i->o.r2, from + done);
        cpu->cc = 3;
    }
    return ZF_NEXT;
}

/* Index of the first halfword that equals `character`, in bytes, or `length`. */
static size_t find_halfword(const uint8_t *p, uint32_t character, size_t length) {
    size_t i = 0;
    while (i < length && zf_get16(p + i) != character) {
        i += 2;
    }
    return i;
}

/*
 * SEARCH STRING UNICODE: characters of two bytes at any boundary. When only one of the addresses
 * is odd, the search ends at the character that the end address lies in.
 */
enum zf_next zf_do_srstu(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t character;
    if (!ending_character(cpu, 16, &character) || !zf_use(cpu, i->o.r2)) {
        return ZF_NEXT_PGM;
    }
    uint64_t from = zf_gr_address(cpu, i->o.r2);
    uint64_t length = zf_wrap(cpu, cpu->gr[i->o.r1] - from);
    length = zf_wrap(cpu, length + (length & 1));
    uint64_t done = 0;
    while (done < length && done < ZF_PAGE_SIZE) {
        uint8_t halfword[2];
        size_t n = (size_t)zf_min(length - done, ZF_PAGE_SIZE);
        const uint8_t *p = zf_operand(cpu, from + done, &n, ZF_ACCESS_READ);
        if (p && n == 1) {
            p = zf_load_bytes(cpu, from + done, halfword, 2) ? halfword : NULL;
            n = 2;
        }
        if (!p) {
            return ZF_NEXT_PGM;
        }
        n &= ~(size_t)1;
        size_t at = find_halfword(p, character, n);
        done += at;
        if (at < n) {
            zf_gr_set_address(cpu, i->o.r1, from + done);
            cpu->cc = 1;
            return ZF_NEXT;
        }
    }
    cpu->cc = 2;
    if (done < length) {
        zf_gr_set_address(cpu, i->o.r2, from + done);
        cpu->cc = 3;
    }
    return ZF_NEXT;
}

/* One operand of CUSE as it is stepped through: bytes after its end are padding. */
struct cuse_operand {
    uint64_t address, length;
};

static bool cuse_byte(struct zf_cpu *cpu, struct cuse_operand *o, enum zf_access access,
                      uint8_t *byte) {
    size_t one = 1;
    if (!o->length) {
        return true;
    }
    const uint8_t *p = zf_operand(cpu, o->address, &one, access);
    if (!p) {
        return false;
    }
    *byte = *p;
    o->address++;
    o->length--;
    return true;
}

static void cuse_set(struct zf_cpu *cpu, unsigned r, struct cuse_operand o) {
    zf_gr_set_address(cpu, r, o.address);
    zf_gr_set_length(cpu, r + 1, o.length);
}

/* What CUSE has found so far. */
struct cuse_state {
    struct cuse_operand now[2];   /* after the last bytes compared */
    struct cuse_operand start[2]; /* where the bytes that are equal begin */
    uint64_t equal;               /* how many are equal in a row */
    uint32_t cc;
};

/* Compares on until `wanted` bytes are equal, both operands end, or a unit is done: the CC. */
static bool cuse_compare(struct zf_cpu *cpu, struct cuse_state *s, uint64_t wanted, uint8_t pad) {
    s->cc = 2;
    for (unsigned done = 0; s->now[0].length || s->now[1].length; done++) {
        struct cuse_operand before[2] = {s->now[0], s->now[1]};
        uint8_t a = pad, b = pad;
        if (done >= ZF_PAGE_SIZE && !s->equal) {
            s->cc = 3;
            return true;
        }
        if (!cuse_byte(cpu, &s->now[0], ZF_ACCESS_READ_FIRST, &a) ||
            !cuse_byte(cpu, &s->now[1], ZF_ACCESS_READ, &b)) {
            return false;
        }
        if (a != b) {
            s->equal = 0;
            s->cc = 2;
            continue;
        }
        if (!s->equal++) {
            memcpy(s->start, before, sizeof before);
        }
        s->cc = 1;
        if (s->equal == wanted) {
            s->cc = 0;
            return true;
        }
    }
    return true;
}

/*
 * COMPARE UNTIL SUBSTRING EQUAL: CC 0 the bytes from the addresses on are equal for the length in
 * GR0; 1 the operands end while bytes are equal, 2 while they are not; 3 a unit is done.
 */
enum zf_next zf_do_cuse(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r[2] = {i->o.r1, i->o.r2};
    struct cuse_state s = {0};
    uint64_t wanted = cpu->gr[0] & 0xff;
    if ((r[0] | r[1]) & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned k = 0; k < 2; k++) {
        s.now[k].address = zf_gr_address(cpu, r[k]);
        s.now[k].length = zf_gr_length(cpu, r[k] + 1);
    }
    if (!wanted) {
        cpu->cc = 0;
        return ZF_NEXT;
    }
    if (!cuse_compare(cpu, &s, wanted, (uint8_t)cpu->gr[1])) {
        return ZF_NEXT_PGM;
    }
    const struct cuse_operand *result = s.cc < 2 ? s.start : s.now;
    cpu->cc = s.cc;
    cuse_set(cpu, r[0], result[0]);
    cuse_set(cpu, r[1], result[1]);
    return ZF_NEXT;
}
