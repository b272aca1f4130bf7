/*
 * COMPRESSION CALL. Compression replaces the longest string that the dictionary's tree has by the
 * index of its entry, a symbol of 9 to 13 bits; expansion turns indexes into strings. One symbol
 * is a unit of operation: all registers are updated after each.
 */
#include "general/operand.h"

/* The book sets these bounds; beyond them the dictionary is invalid. */
enum { SYMBOL_MAX = 260, CHILDREN_MAX = 260, CHAIN_MAX = 127, SYMBOLS_A_UNIT = 2048 };
enum { ENTRY_BYTES = 8, ALPHABET = 256 };

/* General register 0. */
enum { TRANSLATE_SYMBOLS = 0x10000, FORMAT_1 = 0x200, EXPAND = 0x100 };

struct cmpsc {
    struct zf_cpu *cpu;
    unsigned bits;       /* of a symbol */
    uint64_t dictionary; /* of compression, or of expansion */
    uint64_t translation;
    bool format1, translate;
    unsigned r1, r2; /* what addresses the operands; general register 1, the dictionary */
    uint64_t to, to_length, from, from_length;
    unsigned bit; /* where in its first byte the next symbol starts */
};

static bool invalid_dictionary(struct zf_cpu *cpu) {
    return zf_pgm_data(cpu, ZF_DXC_DECIMAL);
}

static bool load_entry(const struct cmpsc *c, uint64_t dictionary, unsigned index,
                       uint8_t entry[ENTRY_BYTES]) {
    if (index >> c->bits) {
        return invalid_dictionary(c->cpu);
    }
    return zf_load_by(c->cpu, 1, dictionary + (uint64_t)index * ENTRY_BYTES, entry, ENTRY_BYTES);
}

/* A character entry of the compression dictionary. */
struct parent {
    unsigned index;
    unsigned child; /* index of the first child */
    unsigned extension_count, child_count;
    uint8_t extension[4], children[5];
    uint8_t examine;         /* a bit for each child, from the left */
    uint8_t examine_sibling; /* the same for the last two of the first sibling descriptor */
    bool more;               /* children are in sibling descriptors too */
};

static bool load_parent(const struct cmpsc *c, unsigned index, struct parent *p) {
    uint8_t entry[ENTRY_BYTES];
    if (!load_entry(c, c->dictionary, index, entry)) {
        return false;
    }
    unsigned count = entry[0] >> 5, doubled = entry[1] >> 5 & 1;
    p->index = index;
    p->child = (entry[1] & 0x1fu) << 8 | entry[2];
    p->examine = (uint8_t)(entry[0] << 3);
    p->examine_sibling = entry[1] & 0xc0;
    p->extension_count = count <= 1 ? entry[1] >> 5 : doubled;
    p->more = count + doubled == 6 && count > 1;
    p->child_count = p->more ? count - 1 : count;
    if (p->extension_count > 4 || (count > 1 && count + doubled > 6)) {
        return invalid_dictionary(c->cpu);
    }
    memcpy(p->extension, entry + 3, p->extension_count);
    memcpy(p->children, entry + 3 + p->extension_count, p->child_count);
    return true;
}

/* A sibling descriptor: up to 7 children, in format 1 up to 14. */
struct siblings {
    unsigned count;
    uint8_t characters[14];
    uint16_t examine; /* a bit for each, from the left */
    bool more;
};

/* `first` is the parent when this is its first descriptor, else NULL. */
static bool load_siblings(const struct cmpsc *c, unsigned index, const struct parent *first,
                          struct siblings *s) {
    uint8_t entry[2 * ENTRY_BYTES];
    uint16_t last = first ? first->examine_sibling : 0xc0;
    if (!load_entry(c, c->dictionary, index, entry)) {
        return false;
    }
    if (!c->format1) {
        s->count = entry[0] >> 5;
        s->more = !s->count;
        s->count = s->more ? 7 : s->count;
        s->examine = (uint16_t)((entry[0] & 0x1f) << 11 | last << 3);
        memcpy(s->characters, entry + 1, 7);
        return true;
    }
    /* the second half lies at the same place in the expansion dictionary */
    uint64_t half = c->dictionary + ((uint64_t)ENTRY_BYTES << c->bits);
    if (!load_entry(c, half, index, entry + ENTRY_BYTES)) {
        return false;
    }
    s->count = entry[0] >> 4;
    s->more = s->count == 15;
    s->count = s->more ? 14 : s->count;
    s->examine = (uint16_t)((entry[0] & 0xf) << 12 | entry[1] << 4 | last >> 4);
    memcpy(s->characters, entry + 2, 14);
    return s->count ? true : invalid_dictionary(c->cpu);
}

/* Progress of one string through the tree. */
struct match {
    struct parent at;
    uint64_t length;   /* source bytes matched */
    unsigned symbol;   /* the result, when done */
    unsigned children; /* compared so far under one parent */
};

enum step { STEP_DOWN, STEP_DONE, STEP_NO, STEP_FAILED };

/*
 * A child whose first character is equal: STEP_DONE it is the symbol, STEP_DOWN it is the new
 * parent, STEP_NO its further characters differ.
 */
static enum step try_child(const struct cmpsc *c, struct match *m, unsigned child, bool examine) {
    struct parent p;
    uint8_t ahead[4];
    if (++m->children > CHILDREN_MAX) {
        invalid_dictionary(c->cpu);
        return STEP_FAILED;
    }
    if (!examine) {
        m->symbol = child;
        m->length++;
        return STEP_DONE;
    }
    if (!load_parent(c, child, &p)) {
        return STEP_FAILED;
    }
    if (p.extension_count) {
        if (c->from_length - m->length < 1 + p.extension_count) {
            return STEP_NO;
        }
        if (!zf_load_by(c->cpu, c->r2, c->from + m->length + 1, ahead, p.extension_count)) {
            return STEP_FAILED;
        }
        if (memcmp(ahead, p.extension, p.extension_count)) {
            return STEP_NO;
        }
    }
    m->at = p;
    m->length += 1 + p.extension_count;
    m->children = 0;
    if (m->length > SYMBOL_MAX) {
        invalid_dictionary(c->cpu);
        return STEP_FAILED;
    }
    return STEP_DOWN;
}

static enum step search_siblings(const struct cmpsc *c, struct match *m, uint8_t next) {
    struct siblings s;
    unsigned index = m->at.child + m->at.child_count;
    const struct parent *first = &m->at;
    do {
        if (!load_siblings(c, index, first, &s)) {
            return STEP_FAILED;
        }
        for (unsigned k = 0; k < s.count; k++) {
            if (s.characters[k] == next) {
                return try_child(c, m, index + k + 1, s.examine >> (15 - k) & 1);
            }
        }
        index += s.count + 1;
        first = NULL;
    } while (s.more);
    return STEP_NO;
}

/* Looks for the child that the next source byte leads to. */
static enum step search_children(const struct cmpsc *c, struct match *m) {
    uint64_t next;
    bool all_equal = true;
    if (!m->at.child_count || m->length == c->from_length) {
        return STEP_NO;
    }
    if (!zf_use(c->cpu, c->r2) || !zf_load(c->cpu, c->from + m->length, 1, &next)) {
        return STEP_FAILED;
    }
    for (unsigned k = 0; k < m->at.child_count; k++) {
        if (m->at.children[k] != next) {
            all_equal = false;
            continue;
        }
        enum step step = try_child(c, m, m->at.child + k, m->at.examine >> (7 - k) & 1);
        if (step != STEP_NO || !all_equal) {
            return step;
        }
    }
    if (!m->at.more || all_equal) {
        return STEP_NO;
    }
    return search_siblings(c, m, (uint8_t)next);
}

/* Bytes that the next symbol lies in. */
static unsigned symbol_bytes(const struct cmpsc *c) {
    return (c->bit + c->bits + 7) / 8;
}

/* Steps an operand of symbols over one; the bit number is the dictionary register's. */
static void advance_symbol(struct cmpsc *c, uint64_t *address, uint64_t *length) {
    unsigned bits = c->bit + c->bits;
    *address += bits / 8;
    *length -= bits / 8;
    c->bit = bits % 8;
}

static void commit(const struct cmpsc *c, const struct zf_operands *o) {
    struct zf_cpu *cpu = c->cpu;
    zf_gr_set_address(cpu, o->r1, c->to);
    zf_gr_set_length(cpu, o->r1 + 1, c->to_length);
    zf_gr_set_address(cpu, o->r2, c->from);
    zf_gr_set_length(cpu, o->r2 + 1, c->from_length);
    cpu->gr[1] = (cpu->gr[1] & ~UINT64_C(7)) | c->bit;
}

/* Bits left of the symbol stay, those right of it become zero. */
static bool store_symbol(struct cmpsc *c, unsigned symbol) {
    unsigned n = symbol_bytes(c);
    uint8_t bytes[4] = {0};
    uint64_t value = symbol;
    if (c->translate && (!zf_use(c->cpu, 1) ||
                         !zf_load(c->cpu, c->translation + 2 * (uint64_t)symbol, 2, &value))) {
        return false;
    }
    if (c->bit && !zf_load_by(c->cpu, c->r1, c->to, bytes, 1)) {
        return false;
    }
    uint32_t kept = c->bit ? zf_get32(bytes) & ~(UINT32_MAX >> c->bit) : 0;
    uint32_t mask = (UINT32_C(1) << c->bits) - 1;
    zf_put32(bytes, kept | ((uint32_t)value & mask) << (32 - c->bit - c->bits));
    if (!zf_store_by(c->cpu, c->r1, c->to, bytes, n)) {
        return false;
    }
    advance_symbol(c, &c->to, &c->to_length);
    return true;
}

/* Compresses one string; false on an exception. The CC is 3 as long as there is more to do. */
static bool compress_one(struct cmpsc *c, uint32_t *cc) {
    struct match m = {0};
    uint64_t byte;
    enum step step;
    *cc = 3;
    if (!c->from_length || c->to_length < symbol_bytes(c)) {
        *cc = c->from_length ? 1 : 0;
        return true;
    }
    if (!zf_use(c->cpu, c->r2) || !zf_load(c->cpu, c->from, 1, &byte) ||
        !load_parent(c, (unsigned)byte, &m.at)) {
        return false;
    }
    m.length = 1;
    do {
        step = search_children(c, &m);
    } while (step == STEP_DOWN);
    if (step == STEP_FAILED) {
        return false;
    }
    if (!store_symbol(c, step == STEP_DONE ? m.symbol : m.at.index)) {
        return false;
    }
    c->from += m.length;
    c->from_length -= m.length;
    return true;
}

/* The string of a symbol, built from its end: entries lead from partial ones to a complete one. */
static bool expand_symbol(const struct cmpsc *c, unsigned index, uint8_t *string,
                          unsigned *length) {
    uint8_t entry[ENTRY_BYTES];
    *length = 0;
    for (unsigned chain = 0; chain < CHAIN_MAX; chain++) {
        if (index < ALPHABET && !chain) {
            string[0] = (uint8_t)index;
            *length = 1;
            return true;
        }
        if (!load_entry(c, c->dictionary, index, entry)) {
            return false;
        }
        unsigned partial = entry[0] >> 5, complete = entry[0] & 7;
        if (!partial) {
            memcpy(string, entry + 1, complete);
            *length = *length ? *length : complete;
            return complete && !(entry[0] & 0x18) ? true : invalid_dictionary(c->cpu);
        }
        unsigned offset = entry[7];
        if (partial > 5 || offset + partial > SYMBOL_MAX) {
            return invalid_dictionary(c->cpu);
        }
        memcpy(string + offset, entry + 2, partial);
        *length = *length ? *length : offset + partial;
        index = (entry[0] & 0x1fu) << 8 | entry[1];
    }
    return invalid_dictionary(c->cpu);
}

static bool expand_one(struct cmpsc *c, uint32_t *cc) {
    uint8_t bytes[4] = {0}, string[SYMBOL_MAX + ENTRY_BYTES];
    unsigned n = symbol_bytes(c), length;
    *cc = 3;
    if (c->from_length < n || !c->to_length) {
        *cc = c->from_length < n ? 0 : 1;
        return true;
    }
    if (!zf_load_by(c->cpu, c->r2, c->from, bytes, n)) {
        return false;
    }
    uint32_t symbol = zf_get32(bytes) << c->bit >> (32 - c->bits);
    memset(string, 0, sizeof string);
    if (!expand_symbol(c, symbol, string, &length)) {
        return false;
    }
    if (length > c->to_length) {
        *cc = 1;
        return true;
    }
    if (!zf_store_by(c->cpu, c->r1, c->to, string, length)) {
        return false;
    }
    c->to += length;
    c->to_length -= length;
    advance_symbol(c, &c->from, &c->from_length);
    return true;
}

/*
 * CC 0 the source is used up, 1 the target is full, 3 after a number of symbols. Of expansion the
 * source, of compression the target consists of symbols.
 */
enum zf_next zf_do_cmpsc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t control = zf_low(cpu, 0), cc = 3;
    unsigned size = control >> 12 & 0xf, r1 = i->o.r1, r2 = i->o.r2;
    if ((r1 | r2) & 1 || !size || size > 5) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct cmpsc c = {
        .cpu = cpu,
        .bits = size + 8,
        .dictionary = zf_gr_address(cpu, 1) & ZF_PAGE_MASK,
        .format1 = control & FORMAT_1,
        .translate = control & TRANSLATE_SYMBOLS,
        .r1 = r1,
        .r2 = r2,
        .to = zf_gr_address(cpu, r1),
        .to_length = zf_gr_length(cpu, r1 + 1),
        .from = zf_gr_address(cpu, r2),
        .from_length = zf_gr_length(cpu, r2 + 1),
        .bit = cpu->gr[1] & 7,
    };
    c.translation = c.dictionary + ((cpu->gr[1] & 0xff8) << 4);
    for (unsigned done = 0; done < SYMBOLS_A_UNIT && cc == 3; done++) {
        if (!(control & EXPAND ? expand_one(&c, &cc) : compress_one(&c, &cc))) {
            return ZF_NEXT_PGM;
        }
        commit(&c, &i->o);
    }
    cpu->cc = cc;
    return ZF_NEXT;
}
