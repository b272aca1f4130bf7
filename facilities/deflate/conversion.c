/*
 * DEFLATE CONVERSION CALL: generate a dynamic Huffman table, compress, expand. One execution does a
 * bounded part; what the next needs besides the fields that software knows is in the parameter
 * block's continuation-state buffer, and the continuation flag says so.
 *
 * The history is what was uncompressed last. It is before the operand of uncompressed bytes, or in
 * a circular buffer that the third operand names. Storage is fetched first and stored last, when
 * nothing can go wrong any more, since an exception must leave all as it was.
 */
#include "assist/assist.h"
#include "deflate/compress.h"
#include "deflate/expand.h"
#include "deflate/parameter.h"
#include "general/operand.h"

#include <zlib.h>

/* Bytes of each operand that one execution takes at most. */
enum { UNIT = 65536, SAMPLE = 32768 };

/* Operation-ending supplemental codes: software only looks whether there is one. */
enum { NOT_DEFLATE = 0x02, BAD_TABLE = 0x22, NO_CODE = 0x40 };

/* One execution. */
struct conversion {
    const struct zf_assist *c;
    uint8_t p[ZF_PARAMETERS];
    bool circular;
    uint32_t history;                /* bytes */
    uint32_t taken, made;            /* bytes of the second and of the first operand */
    uint8_t text[ZF_HISTORY + UNIT]; /* history, then what is uncompressed */
    uint8_t bits[UNIT + 1];          /* what is compressed */
};

/* Of the operand that general register r has the address of, `bytes` from `offset` on. */
static bool load_long(struct zf_cpu *cpu, unsigned r, int64_t offset, uint8_t *to, uint64_t bytes) {
    uint64_t address = cpu->gr[r] + (uint64_t)offset;
    for (uint64_t at = 0, n; at < bytes; at += n) {
        n = zf_min(bytes - at, ZF_PAGE_SIZE);
        if (!zf_load_by(cpu, r, address + at, to + at, n)) {
            return false;
        }
    }
    return true;
}

static bool store_long(struct zf_cpu *cpu, unsigned r, uint32_t offset, const uint8_t *from,
                       uint64_t bytes) {
    uint64_t address = cpu->gr[r] + offset;
    for (uint64_t at = 0, n; at < bytes; at += n) {
        n = zf_min(bytes - at, ZF_PAGE_SIZE);
        if (!zf_store_by(cpu, r, address + at, from + at, n)) {
            return false;
        }
    }
    return true;
}

static bool probe_long(struct zf_cpu *cpu, unsigned r, uint64_t bytes) {
    for (uint64_t at = 0, n; at < bytes; at += n) {
        n = zf_min(bytes - at, ZF_PAGE_SIZE);
        if (!zf_probe_by(cpu, r, cpu->gr[r] + at, n)) {
            return false;
        }
    }
    return true;
}

/* The circular buffer from `offset` on, around its end. */
static bool load_circular(struct conversion *v, uint32_t offset, uint8_t *to, uint32_t bytes) {
    struct zf_cpu *cpu = v->c->cpu;
    unsigned r3 = v->c->insn->o.r3;
    uint32_t first = (uint32_t)zf_min(bytes, ZF_HISTORY - offset);
    return load_long(cpu, r3, offset, to, first) &&
           load_long(cpu, r3, 0, to + first, bytes - first);
}

static bool store_circular(struct conversion *v, uint32_t offset, const uint8_t *from,
                           uint32_t bytes) {
    struct zf_cpu *cpu = v->c->cpu;
    unsigned r3 = v->c->insn->o.r3;
    uint32_t first = (uint32_t)zf_min(bytes, ZF_HISTORY - offset);
    return store_long(cpu, r3, offset, from, first) &&
           store_long(cpu, r3, 0, from + first, bytes - first);
}

/* The history, so that it ends at text + ZF_HISTORY; `operand` is the uncompressed one. */
static bool load_history(struct conversion *v, unsigned operand) {
    struct zf_cpu *cpu = v->c->cpu;
    v->history = zf_parameter(v->p, ZF_NEW_TASK) ? 0 : zf_parameter(v->p, ZF_HISTORY_LENGTH);
    uint8_t *to = v->text + ZF_HISTORY - v->history;
    if (v->circular) {
        return load_circular(v, zf_parameter(v->p, ZF_HISTORY_OFFSET), to, v->history);
    }
    return load_long(cpu, operand, -(int64_t)v->history, to, v->history);
}

/* The history after `bytes` more. */
static bool store_history(struct conversion *v, uint32_t bytes) {
    uint32_t offset = zf_parameter(v->p, ZF_NEW_TASK) ? 0 : zf_parameter(v->p, ZF_HISTORY_OFFSET);
    uint32_t keep = (uint32_t)zf_min(v->history + bytes, ZF_HISTORY);
    if (v->circular) {
        uint32_t fresh = (uint32_t)zf_min(bytes, ZF_HISTORY);
        uint32_t at = (offset + v->history + bytes - fresh) % ZF_HISTORY;
        if (!store_circular(v, at, v->text + ZF_HISTORY + bytes - fresh, fresh)) {
            return false;
        }
        offset = (offset + v->history + bytes - keep) % ZF_HISTORY;
        zf_parameter_set(v->p, ZF_HISTORY_OFFSET, offset);
    }
    zf_parameter_set(v->p, ZF_HISTORY_LENGTH, keep);
    return true;
}

/* The check value of the uncompressed bytes: CRC-32 has its bytes in the other order. */
static void update_check(struct conversion *v, uint32_t bytes) {
    const uint8_t *from = v->text + ZF_HISTORY;
    bool fresh = zf_parameter(v->p, ZF_NEW_TASK);
    uint32_t value = zf_parameter(v->p, ZF_CHECK_VALUE);
    if (zf_parameter(v->p, ZF_CHECK_TYPE)) {
        value = (uint32_t)adler32(fresh ? 1 : value, from, bytes);
    } else {
        value =
            __builtin_bswap32((uint32_t)crc32(fresh ? 0 : __builtin_bswap32(value), from, bytes));
    }
    zf_parameter_set(v->p, ZF_CHECK_VALUE, value);
}

/* Fetches the parameter block; the continuation-state buffer only where there is one. */
static bool open_conversion(struct conversion *v, const struct zf_assist *c, unsigned bytes) {
    struct zf_cpu *cpu = c->cpu;
    v->c = c;
    v->circular = c->modifier;
    v->taken = v->made = 0;
    return zf_load_by(cpu, 1, v->c->block, v->p, bytes) &&
           zf_probe_by(cpu, 1, v->c->block, bytes) &&
           (!v->circular || bytes < ZF_PARAMETERS || probe_long(cpu, v->c->insn->o.r3, ZF_HISTORY));
}

static void step(struct zf_cpu *cpu, unsigned r, uint32_t bytes) {
    zf_gr_set_address(cpu, r, cpu->gr[r] + bytes);
    zf_gr_set_length(cpu, r + 1, zf_gr_length(cpu, r + 1) - bytes);
}

/*
 * Ends an execution: stores the first operand, a part of a byte with it, and the parameter block;
 * then the registers change.
 */
static enum zf_next close_conversion(struct conversion *v, const uint8_t *result, uint32_t more,
                                     unsigned cc) {
    struct zf_cpu *cpu = v->c->cpu;
    const struct zf_operands *o = &v->c->insn->o;
    zf_parameter_set(v->p, ZF_NEW_TASK, 0);
    if (!store_long(cpu, o->r1, 0, result, v->made + more) ||
        !zf_store_by(cpu, 1, v->c->block, v->p, ZF_PARAMETERS)) {
        return ZF_NEXT_PGM;
    }
    step(cpu, o->r1, v->made);
    step(cpu, o->r2, v->taken);
    return cc == 3 ? zf_assist_partial(v->c) : zf_assist_end(v->c, cc);
}

/* Nothing was done but to say why. */
static enum zf_next refuse(struct conversion *v, uint32_t why, unsigned bytes) {
    zf_parameter_set(v->p, ZF_ENDING_CODE, why);
    if (!zf_store_by(v->c->cpu, 1, v->c->block, v->p, bytes)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(v->c, 2);
}

/* Generates a table for the begin of the second operand. The registers stay. */
enum zf_next zf_assist_deflate_table(const struct zf_assist *c) {
    struct conversion v;
    struct zf_code_lengths lengths;
    struct zf_cpu *cpu = c->cpu;
    uint32_t bytes = (uint32_t)zf_min(zf_gr_length(cpu, c->insn->o.r2 + 1u), SAMPLE);
    if (!open_conversion(&v, c, ZF_PARAMETERS_TABLE) ||
        !load_long(cpu, c->insn->o.r2, 0, v.text, bytes)) {
        return ZF_NEXT_PGM;
    }
    zf_lengths_of_text(&lengths, (struct zf_text_window){v.text, 0, bytes},
                       !zf_parameter(v.p, ZF_TABLE_OF_SAMPLE));
    uint8_t *table = v.p + ZF_TABLE_AT;
    struct zf_bit_writer w = {.at = table, .end = table + ZF_TABLE_BYTES};
    memset(table, 0, ZF_TABLE_BYTES);
    zf_table_write(&w, &lengths);
    zf_parameter_set(v.p, ZF_TABLE_BITS, (uint32_t)(w.at - table) * 8 + w.count);
    if (w.count) {
        *w.at = (uint8_t)w.hold;
    }
    zf_parameter_set(v.p, ZF_ENDING_CODE, 0);
    if (!zf_store_by(cpu, 1, c->block, v.p, ZF_PARAMETERS_TABLE)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(c, 0);
}

/* What compressing keeps in the continuation-state buffer. */
struct compression {
    uint64_t hold; /* bits for which there was no room */
    uint32_t count;
    uint32_t header; /* bits of the block's header and table that are written */
    uint32_t closed; /* the end of the block is written */
};

/* The codes of the block, from the table of the parameter block or the fixed ones. */
static bool block_codes(struct conversion *v, struct zf_encoder *e) {
    struct zf_code_lengths lengths;
    struct zf_table_reader table = {.at = 0};
    uint32_t bits = zf_parameter(v->p, ZF_TABLE_BITS);
    struct zf_bit_reader r = {.at = v->p + ZF_TABLE_AT, .end = v->p + ZF_TABLE_AT + (bits + 7) / 8};
    if (!zf_parameter(v->p, ZF_DYNAMIC)) {
        zf_lengths_fixed(&lengths);
    } else if (bits > 8 * ZF_TABLE_BYTES || zf_table_read(&table, &r) != ZF_TABLE_DONE ||
               !zf_table_lengths(&table, &lengths)) {
        return false;
    }
    zf_encoder_make(e, &lengths);
    return true;
}

/* The block's header, type and table; false when the operand is full before that. */
static bool write_header(struct conversion *v, struct compression *x, struct zf_bit_writer *w) {
    bool dynamic = zf_parameter(v->p, ZF_DYNAMIC);
    uint32_t table = dynamic ? zf_parameter(v->p, ZF_TABLE_BITS) : 0;
    while (x->header < 3 + table && !zf_bits_full(w)) {
        if (!x->header) {
            zf_bits_put(w, zf_parameter(v->p, ZF_FINAL) | (dynamic ? 4u : 2u), 3);
            x->header = 3;
            continue;
        }
        uint32_t at = x->header - 3, bits = (uint32_t)zf_min(table - at, 8 - at % 8);
        unsigned byte = v->p[ZF_TABLE_AT + at / 8] >> at % 8;
        zf_bits_put(w, byte & ((1u << bits) - 1), bits);
        x->header += bits;
    }
    return x->header >= 3 + table;
}

static void tell_end_of_block(struct conversion *v, const struct zf_encoder *e) {
    unsigned bits = e->lengths.literal[ZF_END_OF_BLOCK], code = e->literal[ZF_END_OF_BLOCK];
    uint32_t symbol = 0;
    for (unsigned i = 0; i < bits; i++) {
        symbol = symbol << 1 | (code >> i & 1);
    }
    zf_parameter_set(v->p, ZF_END_SYMBOL, symbol << (ZF_CODE_BITS - bits));
    zf_parameter_set(v->p, ZF_END_LENGTH, bits);
}

/* Into the writer as much as there is room for; `all`: nothing comes after the part. */
static enum zf_compress_end compress_part(struct conversion *v, struct compression *x,
                                          const struct zf_encoder *e, struct zf_bit_writer *w,
                                          uint32_t bytes, bool all) {
    struct zf_text_window text = {v->text + ZF_HISTORY - v->history, v->history,
                                  v->history + bytes};
    zf_bits_put(w, 0, 0); /* what waited for room */
    if (zf_bits_full(w) || !write_header(v, x, w)) {
        return ZF_COMPRESS_OUTPUT;
    }
    enum zf_compress_end end = zf_compress(e, &text, w);
    v->taken = (uint32_t)text.at - v->history;
    if (end != ZF_COMPRESS_DONE || !all) {
        return end;
    }
    if (zf_parameter(v->p, ZF_CLOSE) && !x->closed && !zf_bits_full(w)) {
        zf_bits_put(w, e->literal[ZF_END_OF_BLOCK], e->lengths.literal[ZF_END_OF_BLOCK]);
        x->closed = 1;
    }
    return zf_bits_full(w) ? ZF_COMPRESS_OUTPUT : end;
}

/* Bits that were left: in the continuation-state buffer, or in the first byte of the operand. */
static bool open_compression(struct conversion *v, struct compression *x, struct zf_bit_writer *w) {
    struct zf_cpu *cpu = v->c->cpu;
    uint8_t byte;
    unsigned bits = zf_parameter(v->p, ZF_SUBBYTE);
    *x = (struct compression){.header = zf_parameter(v->p, ZF_OPEN) ? UINT32_MAX : 0};
    if (zf_parameter(v->p, ZF_CONTINUATION)) {
        memcpy(x, v->p + ZF_STATE_AT, sizeof *x);
    }
    w->hold = x->hold;
    w->count = x->count % 64;
    if (bits && !w->count) {
        if (!zf_load_by(cpu, v->c->insn->o.r1, cpu->gr[v->c->insn->o.r1], &byte, 1)) {
            return false;
        }
        w->hold = byte & ((1u << bits) - 1);
        w->count = bits;
    }
    return true;
}

/*
 * A part of a byte goes to the operand, if there is room, and else to the continuation-state buffer
 * with whole bytes that wait. Tells how many bytes of the operand are stored and not counted.
 */
static uint32_t put_rest(struct conversion *v, struct compression *x, struct zf_bit_writer *w,
                         uint64_t room) {
    bool fits = w->count < 8 && v->made < room;
    zf_parameter_set(v->p, ZF_SUBBYTE, fits ? w->count : 0);
    if (fits && w->count) {
        *w->at = (uint8_t)w->hold;
    }
    x->hold = fits ? 0 : w->hold;
    x->count = fits ? 0 : w->count;
    return fits && w->count;
}

static enum zf_next end_compression(struct conversion *v, struct compression *x,
                                    struct zf_bit_writer *w, enum zf_compress_end end) {
    struct zf_cpu *cpu = v->c->cpu;
    const struct zf_operands *o = &v->c->insn->o;
    uint64_t room = zf_gr_length(cpu, o->r1 + 1u);
    v->made = (uint32_t)(w->at - v->bits);
    uint32_t more = put_rest(v, x, w, room);
    bool all = end == ZF_COMPRESS_DONE && v->taken == zf_gr_length(cpu, o->r2 + 1u);
    unsigned cc = all && !x->count ? 0 : v->made == room ? 1 : 3;
    zf_parameter_set(v->p, ZF_CONTINUATION, cc != 0);
    zf_parameter_set(v->p, ZF_ENDING_CODE, 0);
    zf_parameter_set(v->p, ZF_INCOMPLETE, 0);
    memcpy(v->p + ZF_STATE_AT, x, sizeof *x);
    update_check(v, v->taken);
    if (!probe_long(cpu, o->r1, v->made + more) || !store_history(v, v->taken)) {
        return ZF_NEXT_PGM;
    }
    return close_conversion(v, v->bits, more, cc);
}

static bool circular_valid(const struct zf_assist *c) {
    return !c->modifier || !(c->cpu->gr[c->insn->o.r3] & (ZF_PAGE_SIZE - 1));
}

enum zf_next zf_assist_deflate_compress(const struct zf_assist *c) {
    struct conversion v;
    struct compression x;
    struct zf_encoder e;
    struct zf_cpu *cpu = c->cpu;
    const struct zf_operands *o = &c->insn->o;
    uint64_t room = zf_gr_length(cpu, o->r1 + 1u), length = zf_gr_length(cpu, o->r2 + 1u);
    uint32_t bytes = (uint32_t)zf_min(length, UNIT);
    struct zf_bit_writer w = {.at = v.bits, .end = v.bits + zf_min(room, UNIT)};
    if (!circular_valid(c)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!open_conversion(&v, c, ZF_PARAMETERS)) {
        return ZF_NEXT_PGM;
    }
    if (!length && !zf_parameter(v.p, ZF_CONTINUATION)) {
        return zf_assist_end(c, 0);
    }
    if (!room) {
        return zf_assist_end(c, 1);
    }
    if (!block_codes(&v, &e)) {
        return refuse(&v, BAD_TABLE, ZF_PARAMETERS);
    }
    if (!load_history(&v, o->r2) || !load_long(cpu, o->r2, 0, v.text + ZF_HISTORY, bytes) ||
        !open_compression(&v, &x, &w)) {
        return ZF_NEXT_PGM;
    }
    enum zf_compress_end end = compress_part(&v, &x, &e, &w, bytes, bytes == length);
    if (end == ZF_COMPRESS_NO_CODE) {
        return refuse(&v, NO_CODE, ZF_PARAMETERS);
    }
    tell_end_of_block(&v, &e);
    return end_compression(&v, &x, &w, end);
}

/* The first byte of the operand may be used in part. */
static void open_input(struct conversion *v, const struct zf_expansion *x,
                       struct zf_bit_reader *r) {
    unsigned bits = zf_parameter(v->p, ZF_SUBBYTE);
    r->hold = x->hold;
    r->count = x->count % 64;
    if (bits && r->at < r->end && r->count <= 48) {
        r->hold |= (uint64_t)(*r->at++ >> bits) << r->count;
        r->count += 8 - bits;
    }
}

/*
 * Gives back what was taken of the operand in this execution and not used; the rest stays in the
 * state.
 */
static void close_input(struct conversion *v, struct zf_expansion *x) {
    unsigned bits = 0;
    for (; x->count >= 8 && v->taken; x->count -= 8) {
        v->taken--;
    }
    if (x->count && x->count < 8 && v->taken) {
        v->taken--;
        bits = 8 - x->count;
        x->count = 0;
    }
    x->hold &= (UINT64_C(1) << x->count) - 1;
    zf_parameter_set(v->p, ZF_SUBBYTE, bits);
}

static enum zf_next end_expansion(struct conversion *v, struct zf_expansion *x,
                                  enum zf_expand_end end) {
    struct zf_cpu *cpu = v->c->cpu;
    const struct zf_operands *o = &v->c->insn->o;
    unsigned cc = end == ZF_EXPAND_DONE ? 0 : end == ZF_EXPAND_OUTPUT ? 1 : 2;
    zf_parameter_set(v->p, ZF_SUBBYTE, 0);
    if (end != ZF_EXPAND_INPUT) {
        close_input(v, x);
    }
    if ((end == ZF_EXPAND_INPUT && v->taken < zf_gr_length(cpu, o->r2 + 1u)) ||
        (end == ZF_EXPAND_OUTPUT && v->made < zf_gr_length(cpu, o->r1 + 1u))) {
        cc = 3;
    }
    zf_parameter_set(v->p, ZF_CONTINUATION, cc != 0);
    zf_parameter_set(v->p, ZF_ENDING_CODE, end == ZF_EXPAND_BAD ? NOT_DEFLATE : 0);
    zf_parameter_set(v->p, ZF_INCOMPLETE, 0);
    memcpy(v->p + ZF_STATE_AT, x, sizeof *x);
    update_check(v, v->made);
    if (!probe_long(cpu, o->r1, v->made) || !store_history(v, v->made)) {
        return ZF_NEXT_PGM;
    }
    return close_conversion(v, v->text + ZF_HISTORY, 0, cc);
}

enum zf_next zf_assist_deflate_expand(const struct zf_assist *c) {
    struct conversion v;
    struct zf_expansion x = {.step = 0};
    struct zf_cpu *cpu = c->cpu;
    const struct zf_operands *o = &c->insn->o;
    uint32_t bytes = (uint32_t)zf_min(zf_gr_length(cpu, o->r2 + 1u), UNIT);
    uint32_t room = (uint32_t)zf_min(zf_gr_length(cpu, o->r1 + 1u), UNIT);
    _Static_assert(sizeof x <= ZF_STATE_BYTES, "the continuation-state buffer");
    if (!circular_valid(c)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!open_conversion(&v, c, ZF_PARAMETERS) || !load_history(&v, o->r1) ||
        !load_long(cpu, o->r2, 0, v.bits, bytes)) {
        return ZF_NEXT_PGM;
    }
    if (zf_parameter(v.p, ZF_CONTINUATION)) {
        memcpy(&x, v.p + ZF_STATE_AT, sizeof x);
        if (!zf_expansion_valid(&x)) {
            return refuse(&v, NOT_DEFLATE, ZF_PARAMETERS);
        }
    }
    struct zf_bit_reader r = {.at = v.bits, .end = v.bits + bytes};
    struct zf_window window = {v.text + ZF_HISTORY - v.history, v.history, v.history + room};
    open_input(&v, &x, &r);
    enum zf_expand_end end = zf_expand(&x, &r, &window);
    v.taken = (uint32_t)(r.at - v.bits);
    v.made = (uint32_t)window.at - v.history;
    return end_expansion(&v, &x, end);
}
