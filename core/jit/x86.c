/*
 * Encodes instructions of x86-64 hosts.
 */
#include "x86.h"

#include <string.h>

enum { CACHE_LINE = 64 };

void zf_x86_bytes(struct emitter *e, uint64_t value, unsigned size) {
    memcpy(e->jit->write + e->at, &value, sizeof value); /* what is too much is written over */
    e->at += size;
}

static bool needs_rex_for_byte(unsigned reg) {
    return reg >= RSP && reg <= RDI;
}

/* An instruction without its displacement and immediate: at most 8 bytes, written all at once. */
struct start {
    uint64_t bytes;
    unsigned size;
};

static void add(struct start *start, unsigned byte) {
    start->bytes |= (uint64_t)byte << start->size++ * 8;
}

static void put(struct emitter *e, const struct start *start) {
    memcpy(e->jit->write + e->at, &start->bytes, sizeof start->bytes);
    e->at += start->size;
}

/* Prefixes and opcode. */
static struct start begin(uint32_t op, unsigned reg, unsigned index, unsigned rm) {
    struct start start = {0, 0};
    unsigned rex = (op & X_64 ? 8u : 0) | (reg >> 3) << 2 | (index >> 3) << 1 | rm >> 3;
    if (op & X_16) {
        add(&start, 0x66);
    }
    if (rex || (op & X_BYTE && needs_rex_for_byte(reg))) {
        add(&start, 0x40 | rex);
    }
    if (op & 0xff0000) {
        add(&start, 0x0f);
    }
    if (op & 0xffff00) {
        add(&start, op >> 8 & 0xff);
    }
    add(&start, op & 0xff);
    return start;
}

static unsigned modrm(unsigned mode, unsigned reg, unsigned rm) {
    return mode << 6 | (reg & 7) << 3 | (rm & 7);
}

void zf_x86_rr(struct emitter *e, uint32_t op, unsigned reg, unsigned rm) {
    if (op & X_RM_BYTE && needs_rex_for_byte(rm) && !(op & X_64) && reg < R8) {
        zf_x86_bytes(e, 0x40, 1); /* alone: neither register is one of the new ones */
    }
    struct start start = begin(op, reg, 0, rm);
    add(&start, modrm(3, reg, rm));
    put(e, &start);
}

/* What follows the opcode: base, index and displacement. */
static void put_address(struct emitter *e, struct start *start, unsigned reg,
                        const struct zf_host_address *at) {
    bool near = at->disp == (int8_t)at->disp;
    unsigned mode = near ? 1 : 2;
    if (at->index != RSP || (at->base & 7) == RSP) {
        add(start, modrm(mode, reg, RSP));
        add(start, modrm(at->scale, at->index, at->base));
    } else {
        add(start, modrm(mode, reg, at->base));
    }
    put(e, start);
    zf_x86_bytes(e, (uint32_t)at->disp, near ? 1 : 4);
}

/* Neither base nor index. */
static void put_absolute(struct emitter *e, struct start *start, unsigned reg, uint32_t address) {
    add(start, modrm(0, reg, RSP));
    add(start, modrm(0, RSP, RBP));
    put(e, start);
    zf_x86_bytes(e, address, 4);
}

static unsigned index_of(const struct zf_host_address *at) {
    return at->index == RSP ? 0 : at->index;
}

void zf_x86_rm(struct emitter *e, uint32_t op, unsigned reg, const struct zf_host_address *at) {
    struct start start = begin(op, reg, index_of(at), at->base);
    put_address(e, &start, reg, at);
}

void zf_x86_cpu(struct emitter *e, uint32_t op, unsigned reg, size_t offset) {
    struct zf_host_address at = {HOST_CPU, RSP, (int32_t)offset};
    zf_x86_rm(e, op, reg, &at);
}

void zf_x86_absolute(struct emitter *e, uint32_t op, unsigned reg, uint32_t address) {
    struct start start = begin(op, reg, 0, 0);
    put_absolute(e, &start, reg, address);
}

void zf_x86_immediate(struct emitter *e, uint32_t wide, unsigned number, unsigned rm,
                      int32_t value) {
    bool near = value == (int8_t)value;
    zf_x86_rr(e, (near ? 0x83u : 0x81u) | wide, number, rm);
    zf_x86_bytes(e, (uint32_t)value, near ? 1 : 4);
}

void zf_x86_constant(struct emitter *e, unsigned reg, uint64_t value) {
    bool low = value == (uint32_t)value, negative = !low && value == (uint64_t)(int32_t)value;
    if (negative) {
        zf_x86_rr(e, 0xc7 | X_64, 0, reg);
        zf_x86_bytes(e, value, 4);
        return;
    }
    struct start start = begin((0xb8u | (reg & 7)) | (low ? 0 : X_64), 0, 0, reg);
    put(e, &start);
    zf_x86_bytes(e, value, low ? 4 : 8);
}

void zf_x86_cpu_constant(struct emitter *e, size_t offset, uint32_t value) {
    zf_x86_cpu(e, X_SET, 0, offset);
    zf_x86_bytes(e, value, 4);
}

void zf_x86_count_slice(struct emitter *e) {
    zf_x86_cpu(e, 0xff, 1, offsetof(struct zf_cpu, slice));
}

/* The three bytes of VEX and the opcode; the prefix: 1 is 66, 2 f3, 3 f2. */
static struct start begin_vex(uint32_t op, unsigned reg, unsigned second, unsigned index,
                              unsigned rm) {
    struct start start = {0, 0};
    unsigned prefix = op >> 16, map = op >> 12 & 15, wide = op >> 8 & 1;
    add(&start, 0xc4);
    add(&start, (~reg >> 3 & 1) << 7 | (~index >> 3 & 1) << 6 | (~rm >> 3 & 1) << 5 | map);
    add(&start, wide << 7 | (~second & 15) << 3 | prefix);
    add(&start, op & 0xff);
    return start;
}

void zf_x86_vex(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm) {
    struct start start = begin_vex(op, reg, second, 0, rm);
    add(&start, modrm(3, reg, rm));
    put(e, &start);
}

void zf_x86_vex_rm(struct emitter *e, uint32_t op, unsigned reg, unsigned second,
                   const struct zf_host_address *at) {
    struct start start = begin_vex(op, reg, second, index_of(at), at->base);
    put_address(e, &start, reg, at);
}

void zf_x86_vex_absolute(struct emitter *e, uint32_t op, unsigned reg, unsigned second,
                         uint32_t address) {
    struct start start = begin_vex(op, reg, second, 0, 0);
    put_absolute(e, &start, reg, address);
}

void zf_x86_vex_cpu(struct emitter *e, uint32_t op, unsigned reg, unsigned second, size_t offset) {
    struct start start = begin_vex(op, reg, second, 0, HOST_CPU);
    add(&start, modrm(2, reg, HOST_CPU));
    put(e, &start);
    zf_x86_bytes(e, offset, 4);
}

void zf_x86_shift_by(struct emitter *e, uint32_t wide, unsigned how, unsigned reg, unsigned rm,
                     unsigned by) {
    zf_x86_vex(e, X_VEX(how, 2, wide != 0, 0xf7), reg, by, rm);
}

void zf_x86_rorx(struct emitter *e, uint32_t wide, unsigned reg, unsigned rm, unsigned bits) {
    zf_x86_vex(e, X_VEX(3, 3, wide != 0, 0xf0), reg, 0, rm);
    zf_x86_bytes(e, bits, 1);
}

bool zf_x86_crosses_line(uint32_t site) {
    return site % CACHE_LINE > CACHE_LINE - sizeof(uint32_t);
}

uint32_t zf_x86_jump(struct emitter *e, int condition) {
    unsigned before = condition == ALWAYS ? 1 : 2;
    while (zf_x86_crosses_line(e->at + before)) {
        zf_x86_bytes(e, NO_OPERATION, 1);
    }
    zf_x86_bytes(e, condition == ALWAYS ? (unsigned)X_JUMP : 0x800fu | (unsigned)condition << 8,
                 before);
    zf_x86_bytes(e, 0, sizeof(uint32_t));
    return e->at - (uint32_t)sizeof(uint32_t);
}

void zf_x86_land(const struct emitter *e, uint32_t site, uint32_t target) {
    uint32_t distance = target - (site + (uint32_t)sizeof distance);
    memcpy(e->jit->write + site, &distance, sizeof distance);
}

void zf_x86_call(struct emitter *e, uint32_t target) {
    zf_x86_bytes(e, 0xe8, 1);
    zf_x86_bytes(e, 0, sizeof(uint32_t));
    zf_x86_land(e, e->at - (uint32_t)sizeof(uint32_t), target);
}
