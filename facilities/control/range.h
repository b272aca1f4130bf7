/*
 * Storage in a given address space, with a given key: up to a page, in at most two pieces. Found
 * and checked as a whole before anything is changed.
 */
#ifndef ZF_CONTROL_RANGE_H
#define ZF_CONTROL_RANGE_H

#include "control/control.h"

/* Where an operand begins. */
struct zf_end {
    uint64_t address;
    enum zf_space space;
    unsigned key;
    bool whole; /* addresses have 64 bits, whatever the addressing mode */
};

struct zf_range {
    struct zf_aaddr absolute[2];
    size_t length[2];
};

/** Finds `length` bytes, allowed for `access`; false with cpu->pgm set. Addresses wrap as the mode
 * says. */
bool zf_range_find(struct zf_cpu *cpu, const struct zf_end *end, size_t length,
                   enum zf_access access, struct zf_range *range);

/** Before stores to a range: code made from it is dropped. */
void zf_range_changed(struct zf_cpu *cpu, const struct zf_range *range);

/** Moves as many bytes from one to the other, left to right; code made from that is dropped. */
void zf_range_move(struct zf_cpu *cpu, const struct zf_range *to, const struct zf_range *from);

/** All of it, out and in. */
void zf_range_get(struct zf_cpu *cpu, const struct zf_range *range, uint8_t *bytes);
void zf_range_put(struct zf_cpu *cpu, const struct zf_range *range, const uint8_t *bytes);

#endif
