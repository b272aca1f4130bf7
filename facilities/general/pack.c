/*
 * Conversions between binary, packed and zoned (or ASCII, or Unicode) decimal numbers.
 */
#include "decimal/packed.h"
#include "general/operand.h"

/* CONVERT TO BINARY of 32 bits: what does not fit is stored truncated, then interrupts */
enum zf_next zf_do_cvb(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_packed value;
    if (!zf_packed_load(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), 8, &value)) {
        return ZF_NEXT_PGM;
    }
    int64_t number = (int64_t)value.magnitude;
    number = value.negative ? -number : number;
    zf_set_low(cpu, i->o.r1, (uint32_t)number);
    return number == (int32_t)number ? ZF_NEXT : zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
}

/* CONVERT TO BINARY of 64 bits: what does not fit changes nothing */
enum zf_next zf_do_cvbg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_packed value;
    uint64_t address = zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2);
    if (!zf_packed_load(cpu, address, 16, &value)) {
        return ZF_NEXT_PGM;
    }
    if (value.magnitude > (uint64_t)INT64_MAX + value.negative) {
        return zf_raise(cpu, ZF_PGM_FIXED_DIVIDE);
    }
    uint64_t number = (uint64_t)value.magnitude;
    cpu->gr[i->o.r1] = value.negative ? -number : number;
    return ZF_NEXT;
}

/* CONVERT TO DECIMAL: the argument is the size of the number in bytes */
enum zf_next zf_do_cvd(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[16];
    bool wide = i->argument == 8;
    int64_t number = wide ? (int64_t)cpu->gr[i->o.r1] : (int32_t)zf_low(cpu, i->o.r1);
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    zf_packed_encode(bytes, wide ? 16 : 8, magnitude, number < 0);
    return zf_done(
        zf_store_bytes(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), bytes, wide ? 16 : 8));
}

/*
 * Two operands that are processed from right to left and may overlap: each result byte is stored
 * before the next source byte is fetched. `source` holds the second operand as it is at that time.
 */
struct right_to_left {
    uint64_t to, from;
    unsigned to_length, from_length;
    unsigned to_left, from_left; /* bytes still to do */
    uint8_t source[256], target[256];
};

static bool open_right_to_left(struct zf_cpu *cpu, const struct zf_operands *operands,
                               struct right_to_left *o) {
    o->to = zf_ea(cpu, operands->b1, operands->d1);
    o->from = zf_ea(cpu, operands->b2, operands->d2);
    o->to_left = o->to_length = operands->l1 + 1u;
    o->from_left = o->from_length = operands->l2 + 1u;
    return zf_probe(cpu, o->to, o->to_length, ZF_ACCESS_WRITE) &&
           zf_load_bytes(cpu, o->from, o->source, o->from_length);
}

/* The next source byte to the left; zero when there is none. */
static uint8_t next_source(struct right_to_left *o) {
    return o->from_left ? o->source[--o->from_left] : 0;
}

static void put_target(struct zf_cpu *cpu, struct right_to_left *o, uint8_t byte) {
    if (!o->to_left) {
        return;
    }
    o->target[--o->to_left] = byte;
    uint64_t shared = zf_wrap(cpu, o->to + o->to_left - o->from);
    if (shared < o->from_length) {
        o->source[shared] = byte;
    }
}

static enum zf_next close_right_to_left(struct zf_cpu *cpu, struct right_to_left *o) {
    return zf_done(zf_store_bytes(cpu, o->to, o->target, o->to_length));
}

static uint8_t swapped(uint8_t byte) {
    return (uint8_t)(byte << 4 | byte >> 4);
}

/* PACK: digits are not checked */
enum zf_next zf_do_pack(struct zf_cpu *cpu, const struct zf_call *call) {
    struct right_to_left o;
    if (!open_right_to_left(cpu, &zf_insn_call(call)->o, &o)) {
        return ZF_NEXT_PGM;
    }
    put_target(cpu, &o, swapped(next_source(&o)));
    while (o.to_left) {
        uint8_t right = next_source(&o), left = next_source(&o);
        put_target(cpu, &o, (uint8_t)(left << 4 | (right & 0xf)));
    }
    return close_right_to_left(cpu, &o);
}

/* UNPACK: digits are not checked */
enum zf_next zf_do_unpk(struct zf_cpu *cpu, const struct zf_call *call) {
    struct right_to_left o;
    if (!open_right_to_left(cpu, &zf_insn_call(call)->o, &o)) {
        return ZF_NEXT_PGM;
    }
    put_target(cpu, &o, swapped(next_source(&o)));
    while (o.to_left) {
        uint8_t byte = next_source(&o);
        put_target(cpu, &o, 0xf0 | (byte & 0xf));
        put_target(cpu, &o, 0xf0 | byte >> 4);
    }
    return close_right_to_left(cpu, &o);
}

/* PACK ASCII, PACK UNICODE, by the size of a character: 31 digits and a plus sign from the last
 * halves of the characters */
enum zf_next zf_do_pka(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned size = (unsigned)i->argument, length = i->o.l2 + 1u;
    uint8_t source[64], target[ZF_PACKED_BYTES] = {0};
    if (length > 32 * size || length % size) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), source, length)) {
        return ZF_NEXT_PGM;
    }
    target[ZF_PACKED_BYTES - 1] = 0xc;
    for (unsigned digit = 1; digit <= length / size && digit <= ZF_PACKED_DIGITS; digit++) {
        unsigned value = source[length - (digit - 1) * size - 1] & 0xf;
        target[ZF_PACKED_BYTES - 1 - digit / 2] |= (uint8_t)(digit & 1 ? value << 4 : value);
    }
    return zf_done(zf_store_bytes(cpu, zf_ea(cpu, i->o.b1, i->o.d1), target, sizeof target));
}

/* UNPACK ASCII, UNPACK UNICODE, by the size of a character: the sign goes into the CC: 0 plus, 1
 * minus, 3 invalid */
enum zf_next zf_do_unpka(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned size = (unsigned)i->argument, length = i->o.l1 + 1u;
    uint8_t source[ZF_PACKED_BYTES], target[64] = {0};
    if (length > 32 * size || length % size) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), source, sizeof source)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned digit = 1; digit <= length / size; digit++) {
        unsigned value = 0;
        if (digit <= ZF_PACKED_DIGITS) {
            unsigned byte = source[ZF_PACKED_BYTES - 1 - digit / 2];
            value = digit & 1 ? byte >> 4 : byte & 0xf;
        }
        target[length - (digit - 1) * size - 1] = (uint8_t)(0x30 | value);
    }
    if (!zf_store_bytes(cpu, zf_ea(cpu, i->o.b1, i->o.d1), target, length)) {
        return ZF_NEXT_PGM;
    }
    unsigned sign = source[ZF_PACKED_BYTES - 1] & 0xf;
    cpu->cc = !zf_sign_valid(sign) ? 3 : zf_sign_negative(sign) ? 1 : 0;
    return ZF_NEXT;
}
