/*
 * Storage-to-storage moves of parts of bytes, and in reverse.
 */
#include "translator.h"

/* XC: of an operand with itself clears it */
void zf_tr_xc(const struct zf_tr *t) {
    if (t->o->b1 != t->o->b2 || t->o->d1 != t->o->d2) {
        zf_tr_ss(t);
        return;
    }
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_xc0);
    ir->b = zf_base_reg(t->o->b1);
    ir->c = t->o->l1;
    ir->imm = t->o->d1;
}

/* MVN, MVZ: byte by byte from left to right; the argument has the bits that are moved */
enum zf_next zf_do_move_part(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    uint8_t moved = (uint8_t)i->argument;
    uint64_t to = zf_ea(cpu, o->b1, o->d1), from = zf_ea(cpu, o->b2, o->d2);
    uint64_t ahead = zf_spaces_differ(cpu) ? 0 : zf_wrap(cpu, to - from);
    unsigned length = o->l1 + 1u;
    uint8_t first[256], second[256];
    if (!zf_probe(cpu, to, length, ZF_ACCESS_WRITE) || !zf_load_first(cpu, to, first, length) ||
        !zf_load_bytes(cpu, from, second, length)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < length; n++) {
        uint8_t byte = ahead && n >= ahead ? first[n - ahead] : second[n];
        first[n] = (uint8_t)((first[n] & ~moved) | (byte & moved));
    }
    return zf_done(zf_store_bytes(cpu, to, first, length));
}

static uint8_t combined(enum zf_row row, uint8_t a, uint8_t b) {
    return row == ZF_ROW_nc ? a & b : row == ZF_ROW_oc ? a | b : row == ZF_ROW_xc ? a ^ b : b;
}

/* NC, OC, XC, MVC, CLC in access-register mode, where they may be in two spaces; elsewhere they are
 * ops. */
enum zf_next zf_do_storage_and_storage(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    enum zf_row row = (enum zf_row)i->insn.row;
    uint64_t first = zf_ea(cpu, i->o.b1, i->o.d1), second = zf_ea(cpu, i->o.b2, i->o.d2);
    uint64_t ahead = zf_spaces_differ(cpu) ? 0 : zf_wrap(cpu, first - second);
    unsigned length = i->o.l1 + 1u;
    uint8_t a[256], b[256], set = 0;
    if ((row != ZF_ROW_clc && !zf_probe(cpu, first, length, ZF_ACCESS_WRITE)) ||
        (row != ZF_ROW_mvc && !zf_load_first(cpu, first, a, length)) ||
        !zf_load_bytes(cpu, second, b, length)) {
        return ZF_NEXT_PGM;
    }
    if (row == ZF_ROW_clc) {
        int order = memcmp(a, b, length);
        cpu->cc = !order ? 0 : order < 0 ? 1 : 2;
        return ZF_NEXT;
    }
    for (unsigned n = 0; n < length; n++) {
        a[n] = combined(row, a[n], ahead && n >= ahead ? a[n - ahead] : b[n]);
        set |= a[n];
    }
    if (row != ZF_ROW_mvc) {
        cpu->cc = set != 0;
    }
    return zf_done(zf_store_bytes(cpu, first, a, length));
}

/* MVCIN: the second operand is addressed by its rightmost byte */
enum zf_next zf_do_mvcin(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    unsigned length = o->l1 + 1u;
    uint8_t source[256], result[256];
    if (!zf_load_bytes(cpu, zf_ea(cpu, o->b2, (int64_t)o->d2 - o->l1), source, length)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < length; n++) {
        result[n] = source[length - 1 - n];
    }
    return zf_done(zf_store_bytes(cpu, zf_ea(cpu, o->b1, o->d1), result, length));
}

/*
 * MVO: from right to left, each byte stored before the next is fetched. The sign stays, the second
 * operand's digits come left of it, zeros fill the rest.
 */
enum zf_next zf_do_mvo(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t to = zf_ea(cpu, o->b1, o->d1), from = zf_ea(cpu, o->b2, o->d2);
    uint64_t source = 0;
    uint8_t low;
    if (!zf_probe(cpu, to, o->l1 + 1u, ZF_ACCESS_WRITE) ||
        !zf_probe(cpu, from, o->l2 + 1u, ZF_ACCESS_READ) ||
        !zf_load_first(cpu, to + o->l1, &low, 1)) {
        return ZF_NEXT_PGM;
    }
    for (int to_index = o->l1, from_index = o->l2; to_index >= 0; to_index--, from_index--) {
        source = 0;
        if (from_index >= 0 && !zf_load(cpu, from + (unsigned)from_index, 1, &source)) {
            return ZF_NEXT_PGM;
        }
        if (!zf_store(cpu, to + (unsigned)to_index, 1, (low & 0xfu) | (source & 0xf) << 4)) {
            return ZF_NEXT_PGM;
        }
        low = (uint8_t)(source >> 4);
    }
    return ZF_NEXT;
}

/* MVCRL: the length is in general register 0; byte by byte from right to left */
enum zf_next zf_do_mvcrl(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t to = zf_ea(cpu, o->b1, o->d1), from = zf_ea(cpu, o->b2, o->d2);
    uint64_t after = zf_wrap(cpu, from - to);
    unsigned length = (unsigned)(cpu->gr[0] & 0xff) + 1;
    uint8_t bytes[256];
    if (!zf_probe(cpu, to, length, ZF_ACCESS_WRITE) || !zf_load_bytes(cpu, from, bytes, length)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = length; n-- > 0;) {
        bytes[n] = after && after < length - n ? bytes[n + after] : bytes[n];
    }
    return zf_done(zf_store_bytes(cpu, to, bytes, length));
}
