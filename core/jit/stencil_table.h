/*
 * Stencils as data: written by stencil_table.c at build time, read by the emitter.
 */
#ifndef ZF_JIT_STENCIL_TABLE_H
#define ZF_JIT_STENCIL_TABLE_H

#include <stdint.h>

/* What is patched in. The names of the first ones are those of stencil.h's HOLE_... */
/* clang-format off */
#define ZF_HOLES(HOLE)                                                                             \
    HOLE(a) HOLE(b) HOLE(x) HOLE(c) HOLE(i16) HOLE(imm) HOLE(imm2) HOLE(disp) HOLE(imm64)          \
    HOLE(at) HOLE(mode) HOLE(helper) HOLE(next) HOLE(taken) HOLE(leave) HOLE(indirect)
/* clang-format on */
enum zf_hole {
#define HOLE(name) ZF_HOLE_##name,
    ZF_HOLES(HOLE)
#undef HOLE
        ZF_HOLES_NAMED,
    ZF_HOLE_HOT = ZF_HOLES_NAMED, /* the stencil's own parts */
    ZF_HOLE_COLD,
    ZF_HOLE_DATA,     /* `add` is a place in the table's data, less the 4 of relative ones */
    ZF_HOLE_FUNCTION, /* `add` is the number of a C function */
};

enum zf_patch_type {
    ZF_PATCH_32, /* low 32 bits */
    ZF_PATCH_64,
    ZF_PATCH_RELATIVE, /* 32 bits, from the place of the patch */
};

struct zf_patch {
    uint16_t at;  /* from the start of the part */
    uint8_t hole; /* enum zf_hole */
    uint8_t type; /* enum zf_patch_type */
    int32_t add;
};

struct zf_stencil_part {
    uint32_t code; /* where its bytes begin in the table's code */
    uint16_t size;
    uint16_t patches;
    uint32_t first; /* of its patches */
};

struct zf_stencil {
    struct zf_stencil_part hot, cold;
    uint16_t uses; /* places of the pool of host registers (hold.h), one bit each; USES_VECTORS */
};

/* The tier's own pieces. */
/* clang-format off */
#define ZF_PARTS(PART)                                                                             \
    PART(enter) PART(leave) PART(chain) PART(indirect) PART(entry) PART(out)
/* clang-format on */
enum zf_part {
#define PART(name) ZF_PART_##name,
    ZF_PARTS(PART)
#undef PART
        ZF_PART_COUNT
};

struct zf_stencil_table {
    const struct zf_stencil *ops; /* by enum zf_op */
    const struct zf_stencil *parts;
    const struct zf_patch *patches;
    const uint8_t *code;
    const uint8_t *data; /* constants, on a boundary of 32 bytes */
    uint32_t data_size;
    uint32_t functions;
    const void *const *function; /* C functions that stencils call */
};
extern const struct zf_stencil_table zf_stencils_linear, zf_stencils_tlb, zf_stencils_any;

#endif
