/*
 * Encodes instructions of x86-64 hosts.
 */
#include "x86.h"

#include <string.h>

enum { CACHE_LINE = 64 };

void zf_x86_bytes(struct emitter *e, uint64_t value, unsigned size) {
    memcpy(e->jit->write + e->at, &value, size);
    e->at += size;
}

static bool needs_rex_for_byte(unsigned reg) {
    return reg >= RSP && reg <= RDI;
}

/* Prefixes and opcode. */
static void opcode(struct emitter *e, uint32_t op, unsigned reg, unsigned index, unsigned rm) {
    unsigned rex = (op & X_64 ? 8u : 0) | (reg >> 3) << 2 | (index >> 3) << 1 | rm >> 3;
    if (op & X_16) {
        zf_x86_bytes(e, 0x66, 1);
    }
    if (rex || (op & X_BYTE && needs_rex_for_byte(reg))) {
        zf_x86_bytes(e, 0x40 | rex, 1);
    }
    if (op & 0xff0000) {
        zf_x86_bytes(e, 0x0f, 1);
    }
    if (op & 0xffff00) {
        zf_x86_bytes(e, op >> 8 & 0xff, 1);
    }
    zf_x86_bytes(e, op & 0xff, 1);
}

static void modrm(struct emitter *e, unsigned mode, unsigned reg, unsigned rm) {
    zf_x86_bytes(e, mode << 6 | (reg & 7) << 3 | (rm & 7), 1);
}

void zf_x86_rr(struct emitter *e, uint32_t op, unsigned reg, unsigned rm) {
    if (op & X_RM_BYTE && needs_rex_for_byte(rm) && !(op & X_64) && reg < R8) {
        zf_x86_bytes(e, 0x40, 1); /* alone: neither register is one of the new ones */
    }
    opcode(e, op, reg, 0, rm);
    modrm(e, 3, reg, rm);
}

void zf_x86_rm(struct emitter *e, uint32_t op, unsigned reg, const struct zf_host_address *at) {
    bool near = at->disp == (int8_t)at->disp;
    unsigned mode = near ? 1 : 2;
    opcode(e, op, reg, at->index == RSP ? 0 : at->index, at->base);
    if (at->index != RSP || (at->base & 7) == RSP) {
        modrm(e, mode, reg, RSP);
        modrm(e, 0, at->index, at->base);
    } else {
        modrm(e, mode, reg, at->base);
    }
    zf_x86_bytes(e, (uint32_t)at->disp, near ? 1 : 4);
}

void zf_x86_cpu(struct emitter *e, uint32_t op, unsigned reg, size_t offset) {
    struct zf_host_address at = {HOST_CPU, RSP, (int32_t)offset};
    zf_x86_rm(e, op, reg, &at);
}

void zf_x86_absolute(struct emitter *e, uint32_t op, unsigned reg, uint32_t address) {
    opcode(e, op, reg, 0, 0);
    modrm(e, 0, reg, RSP);
    modrm(e, 0, RSP, RBP); /* neither index nor base */
    zf_x86_bytes(e, address, 4);
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
    opcode(e, (0xb8u | (reg & 7)) | (low ? 0 : X_64), 0, 0, reg);
    zf_x86_bytes(e, value, low ? 4 : 8);
}

void zf_x86_cpu_constant(struct emitter *e, size_t offset, uint32_t value) {
    zf_x86_cpu(e, X_SET, 0, offset);
    zf_x86_bytes(e, value, 4);
}

void zf_x86_count_slice(struct emitter *e) {
    zf_x86_cpu(e, 0xff, 1, offsetof(struct zf_cpu, slice));
}

/* The three bytes of VEX; `prefix`: 1 is 66, 2 f3, 3 f2. */
static void vex(struct emitter *e, uint32_t wide, unsigned map, unsigned prefix, unsigned reg,
                unsigned rm, unsigned second) {
    zf_x86_bytes(e, 0xc4, 1);
    zf_x86_bytes(e, (~reg >> 3 & 1) << 7 | 1 << 6 | (~rm >> 3 & 1) << 5 | map, 1);
    zf_x86_bytes(e, (wide ? 0x80u : 0) | (~second & 15) << 3 | prefix, 1);
}

void zf_x86_shift_by(struct emitter *e, uint32_t wide, unsigned how, unsigned reg, unsigned rm,
                     unsigned by) {
    vex(e, wide, 2, how, reg, rm, by);
    zf_x86_bytes(e, 0xf7, 1);
    modrm(e, 3, reg, rm);
}

void zf_x86_rorx(struct emitter *e, uint32_t wide, unsigned reg, unsigned rm, unsigned bits) {
    vex(e, wide, 3, 3, reg, rm, 0);
    zf_x86_bytes(e, 0xf0, 1);
    modrm(e, 3, reg, rm);
    zf_x86_bytes(e, bits, 1);
}

static void vex_opcode(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm) {
    vex(e, op >> 8 & 1, op >> 12 & 15, op >> 16, reg, rm, second);
    zf_x86_bytes(e, op & 0xff, 1);
}

void zf_x86_vex(struct emitter *e, uint32_t op, unsigned reg, unsigned second, unsigned rm) {
    vex_opcode(e, op, reg, second, rm);
    modrm(e, 3, reg, rm);
}

void zf_x86_vex_cpu(struct emitter *e, uint32_t op, unsigned reg, unsigned second, size_t offset) {
    vex_opcode(e, op, reg, second, HOST_CPU);
    modrm(e, 2, reg, HOST_CPU);
    zf_x86_bytes(e, offset, 4);
}

bool zf_x86_crosses_line(uint32_t site) {
    return site % CACHE_LINE > CACHE_LINE - sizeof(uint32_t);
}

uint32_t zf_x86_jump(struct emitter *e, int condition) {
    unsigned before = condition == ALWAYS ? 1 : 2;
    while (zf_x86_crosses_line(e->at + before)) {
        zf_x86_bytes(e, NO_OPERATION, 1);
    }
    zf_x86_bytes(e, condition == ALWAYS ? 0xe9u : 0x800fu | (unsigned)condition << 8, before);
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
