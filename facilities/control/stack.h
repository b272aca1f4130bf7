/*
 * The linkage stack, in the home address space: state entries of 296 bytes in sections that begin
 * with a header entry and end with a trailer entry.
 */
#ifndef ZF_CONTROL_STACK_H
#define ZF_CONTROL_STACK_H

#include "control/linkage.h"

/* Entry types. */
enum {
    ZF_STACK_HEADER = 9,
    ZF_STACK_TRAILER = 10,
    ZF_STACK_BRANCH = 12,
    ZF_STACK_CALL = 13,
};

/* A state entry: offsets of what is in it. */
enum {
    ZF_STATE_GR = 0,
    ZF_STATE_AUTHORITY = 128, /* PSW-key mask, secondary ASN, EAX, primary ASN */
    ZF_STATE_PSW = 136,       /* left half */
    ZF_STATE_TARGET = 144,    /* branch address; or called-space identification and PC number */
    ZF_STATE_MODIFIABLE = 152,
    ZF_STATE_ADDRESS = 168, /* the PSW's right half */
    ZF_STATE_INSTANCE = 176,
    ZF_STATE_AR = 224,
    ZF_STATE_DESCRIPTOR = 288,
    ZF_STATE_LENGTH = 296,
};

/* What a new state entry says that is not in registers. */
struct zf_stack_new {
    unsigned type;
    uint64_t mask, address; /* PSW to return to */
    uint64_t target;
};

/** The stacking process; `l` gets the new control register 15. */
bool zf_stack_push(struct zf_cpu *cpu, const struct zf_stack_new *entry, struct zf_linkage *l);

/* A state entry that is there. */
struct zf_stack_entry {
    uint64_t descriptor; /* address of its entry descriptor */
    unsigned type;
};

/** The current state entry; `unstacking` is PROGRAM RETURN, which an entry may forbid. */
bool zf_stack_locate(struct zf_cpu *cpu, bool unstacking, struct zf_stack_entry *entry);

/** Part of a state entry, from one of the offsets above. */
bool zf_stack_get(struct zf_cpu *cpu, const struct zf_stack_entry *entry, unsigned offset,
                  uint8_t *bytes, size_t length);

/** Where the descriptor of the entry before it lies, to be stored to. */
bool zf_stack_before(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                     struct zf_range *before);

/** After unstacking: the entry before it is the last one. */
void zf_stack_pop(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                  const struct zf_range *before, struct zf_linkage *l);

#endif
