/*
 * CONVERT UTF-8, UTF-16 and UTF-32 into one another (CU12, CU14, CU21, CU24, CU41, CU42). CC 0 the
 * source is used up, or ends within a character; 1 the target is full; 2 the character at the
 * source address is invalid; 3 after a CPU-determined number of characters.
 */
#include "general/argument.h"
#include "general/operand.h"

enum { SOURCE_UNIT = 512, TARGET_UNIT = 4 * SOURCE_UNIT, MOST = 2048, CHARACTER_MAX = 4 };

/* What a decoder makes of the bytes at hand. */
enum decoded { DECODED, INCOMPLETE, INVALID };

struct character {
    uint32_t code;
    unsigned length; /* bytes of source; of an incomplete one: that it needs */
    bool pair;       /* two halves in UTF-16, whatever its code: it has four bytes in UTF-8 */
};

typedef enum decoded decoder(const uint8_t *p, size_t n, bool check, struct character *c);
typedef unsigned encoder(const struct character *c, uint8_t *p);

/* Continuation bytes and range, as well-formedness checking wants them. */
static bool utf8_well_formed(const uint8_t *p, const struct character *c) {
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    for (unsigned i = 1; i < c->length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return c->code >= lowest[c->length] && c->code <= 0x10ffff &&
           (c->code < 0xd800 || c->code > 0xdfff);
}

static enum decoded decode_utf8(const uint8_t *p, size_t n, bool check, struct character *c) {
    c->length = 1;
    if (!n) {
        return INCOMPLETE;
    }
    c->code = p[0];
    if (p[0] < 0x80) {
        return DECODED;
    }
    if (p[0] < (check ? 0xc2 : 0xc0) || p[0] > (check ? 0xf4 : 0xf7)) {
        return INVALID;
    }
    c->length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n < c->length) {
        return INCOMPLETE;
    }
    c->code = p[0] & (0x7f >> c->length);
    for (unsigned i = 1; i < c->length; i++) {
        c->code = c->code << 6 | (p[i] & 0x3f);
    }
    c->pair = c->length == 4;
    return check && !utf8_well_formed(p, c) ? INVALID : DECODED;
}

static enum decoded decode_utf16(const uint8_t *p, size_t n, bool check, struct character *c) {
    c->length = 2;
    if (n < 2) {
        return INCOMPLETE;
    }
    c->code = zf_get16(p);
    if ((c->code & 0xfc00) != 0xd800) {
        return DECODED;
    }
    c->length = 4;
    if (n < 4) {
        return INCOMPLETE;
    }
    uint32_t low = zf_get16(p + 2);
    c->code = ((c->code >> 6 & 0xf) + 1) << 16 | (c->code & 0x3f) << 10 | (low & 0x3ff);
    return check && (low & 0xfc00) != 0xdc00 ? INVALID : DECODED;
}

static enum decoded decode_utf32(const uint8_t *p, size_t n, bool check, struct character *c) {
    (void)check;
    c->length = 4;
    if (n < 4) {
        return INCOMPLETE;
    }
    c->code = zf_get32(p);
    return c->code > 0x10ffff || (c->code >= 0xd800 && c->code <= 0xdbff) ? INVALID : DECODED;
}

static unsigned encode_utf8(const struct character *c, uint8_t *p) {
    uint32_t code = c->code;
    if (code < 0x80) {
        p[0] = (uint8_t)code;
        return 1;
    }
    unsigned length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (unsigned i = length - 1; i; i--) {
        p[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    p[0] = (uint8_t)(0xf0 << (4 - length) | code);
    return length;
}

/* Of the plane less one, the low four bits, as the book has it: also beyond 10FFFF, and of plane 0.
 */
static unsigned encode_utf16(const struct character *c, uint8_t *p) {
    uint32_t code = c->code;
    if (code < 0x10000 && !c->pair) {
        zf_put16(p, (uint16_t)code);
        return 2;
    }
    uint32_t plane = ((code >> 16) - 1) & 0xf;
    zf_put16(p, (uint16_t)(0xd800 | plane << 6 | (code >> 10 & 0x3f)));
    zf_put16(p + 2, (uint16_t)(0xdc00 | (code & 0x3ff)));
    return 4;
}

static unsigned encode_utf32(const struct character *c, uint8_t *p) {
    zf_put32(p, c->code);
    return 4;
}

struct conversion {
    decoder *decode;
    encoder *encode;
};

static const struct conversion conversions[] = {
    [ZF_UTF8_TO_16] = {decode_utf8, encode_utf16}, [ZF_UTF8_TO_32] = {decode_utf8, encode_utf32},
    [ZF_UTF16_TO_8] = {decode_utf16, encode_utf8}, [ZF_UTF16_TO_32] = {decode_utf16, encode_utf32},
    [ZF_UTF32_TO_8] = {decode_utf32, encode_utf8}, [ZF_UTF32_TO_16] = {decode_utf32, encode_utf16},
};

/* One execution: what is left of both operands, and bytes of it in host storage. */
struct unicode {
    struct conversion convert;
    bool check;
    uint64_t from, from_length;
    uint64_t to, to_length;
    uint8_t source[SOURCE_UNIT];
    size_t available, used; /* bytes in source, and those converted */
    uint8_t target[TARGET_UNIT];
    size_t made; /* bytes in target */
};

/* Whether a character could be stored where a later one is still to be fetched. */
static bool overlap(const struct zf_cpu *cpu, const struct unicode *u) {
    return zf_wrap(cpu, u->to - u->from) < u->from_length ||
           zf_wrap(cpu, u->from - u->to) < u->to_length;
}

/*
 * Gets source bytes: to the end of the page, and all of a character that goes on after it. Bytes
 * that are not needed are not touched, nor are those that are too few for any character. Of
 * operands that overlap, a character is fetched when the one before is stored.
 */
static bool get_source(struct zf_cpu *cpu, struct unicode *u) {
    struct character c = {0};
    u->convert.decode(u->source, 0, u->check, &c);
    uint64_t unit = overlap(cpu, u) ? c.length : SOURCE_UNIT;
    size_t n = c.length <= u->from_length ? (size_t)zf_min(u->from_length, unit) : 0;
    const uint8_t *p = n ? zf_operand(cpu, u->from, &n, ZF_ACCESS_READ) : u->source;
    if (!p) {
        return false;
    }
    memcpy(u->source, p, n);
    u->available = n;
    while (u->convert.decode(u->source, u->available, u->check, &c) == INCOMPLETE &&
           c.length <= u->from_length && u->available < c.length) {
        if (!zf_load_bytes(cpu, u->from + u->available, u->source + u->available,
                           c.length - u->available)) {
            return false;
        }
        u->available = c.length;
    }
    return true;
}

/* Converts what is in `source`; gives the CC, 3 when there may be more. */
static uint32_t convert_source(struct unicode *u) {
    while (u->used < u->available || u->available == 0) {
        struct character c = {0};
        uint8_t bytes[CHARACTER_MAX];
        switch (u->convert.decode(u->source + u->used, u->available - u->used, u->check, &c)) {
        case INVALID:
            return 2;
        case INCOMPLETE:
            return c.length > u->from_length - u->used ? 0 : 3;
        case DECODED:
            break;
        }
        unsigned length = u->convert.encode(&c, bytes);
        if (length > u->to_length - u->made) {
            return 1;
        }
        memcpy(u->target + u->made, bytes, length);
        u->made += length;
        u->used += c.length;
    }
    return u->used == u->from_length ? 0 : 3;
}

/*
 * Converts what one page of source holds, with registers and CC, and counts its bytes; false on an
 * access exception.
 */
static bool convert_unit(struct zf_cpu *cpu, const struct zf_insn_call *i, size_t *converted) {
    unsigned r1 = i->o.r1, r2 = i->o.r2;
    struct unicode u;
    u.convert = conversions[i->argument];
    u.check = i->o.m3 & 1;
    u.from = zf_gr_address(cpu, r2);
    u.from_length = zf_gr_length(cpu, r2 + 1);
    u.to = zf_gr_address(cpu, r1);
    u.to_length = zf_gr_length(cpu, r1 + 1);
    u.used = u.made = 0;
    if (!get_source(cpu, &u)) {
        return false;
    }
    uint32_t cc = convert_source(&u);
    if (!zf_store_bytes(cpu, u.to, u.target, u.made)) {
        return false;
    }
    zf_gr_set_address(cpu, r1, u.to + u.made);
    zf_gr_set_length(cpu, r1 + 1, u.to_length - u.made);
    zf_gr_set_address(cpu, r2, u.from + u.used);
    zf_gr_set_length(cpu, r2 + 1, u.from_length - u.used);
    cpu->cc = cc;
    *converted += u.used;
    return true;
}

enum zf_next zf_do_convert_unicode(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    if ((i->o.r1 | i->o.r2) & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    size_t converted = 0;
    do {
        if (!convert_unit(cpu, i, &converted)) {
            return ZF_NEXT_PGM;
        }
    } while (cpu->cc == 3 && converted < MOST);
    return ZF_NEXT;
}
