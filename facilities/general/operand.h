/*
 * Long operands in registers: an address in an even register, a length in the odd one after it,
 * and the bounded unit of operation that one execution does.
 */
#ifndef ZF_GENERAL_OPERAND_H
#define ZF_GENERAL_OPERAND_H

#include "translator.h"

/* Bytes after which an interruptible instruction looks up: the CPU-determined amount. */
enum { ZF_UNIT = 65536 };

/** The address in a register. */
static inline uint64_t zf_gr_address(const struct zf_cpu *cpu, unsigned r) {
    return zf_wrap(cpu, cpu->gr[r]);
}

/** A length in a register: 64 bits in the 64-bit addressing mode, else 32. */
static inline uint64_t zf_gr_length(const struct zf_cpu *cpu, unsigned r) {
    return cpu->mode & ZF_MODE_64 ? cpu->gr[r] : (uint32_t)cpu->gr[r];
}

static inline void zf_gr_set_length(struct zf_cpu *cpu, unsigned r, uint64_t length) {
    if (cpu->mode & ZF_MODE_64) {
        cpu->gr[r] = length;
    } else {
        zf_set_low(cpu, r, (uint32_t)length);
    }
}

/**
 * Address result of the instructions that scan storage (TRT, EDMK): unlike zf_gr_set_address it
 * leaves bits 32-39 alone in the 24-bit addressing mode.
 */
static inline void zf_gr_set_scan_address(struct zf_cpu *cpu, unsigned r, uint64_t address) {
    if (cpu->mode & ZF_MODE_64) {
        cpu->gr[r] = address;
    } else if (cpu->mode & ZF_MODE_31) {
        zf_set_low(cpu, r, (uint32_t)address & 0x7fffffff);
    } else {
        cpu->gr[r] = (cpu->gr[r] & ~UINT64_C(0xffffff)) | (address & 0xffffff);
    }
}

static inline uint64_t zf_min(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/** Index of the first byte that differs, or `length`. */
size_t zf_mismatch(const uint8_t *a, const uint8_t *b, size_t length);
/**
 * Index of the first byte that differs from the pattern of one or two bytes repeated (`pad` holds
 * it twice or once, the first byte in the left half), or `length`.
 */
size_t zf_mismatch_pad(const uint8_t *a, uint16_t pad, size_t length);
/** Moves as memmove() does, and stores also what lies there already: storage may be read-only. */
void zf_move(uint8_t *to, const uint8_t *from, size_t length);
/** Fills with a pattern of two bytes, the left one first. */
void zf_fill(uint8_t *to, uint16_t pad, size_t length);

#endif
