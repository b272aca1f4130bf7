/*
 * What decode/ generates for itself: see table_gen.c.
 */
#ifndef ZF_DECODE_TABLE_H
#define ZF_DECODE_TABLE_H

#include "zfacet/decode.h"

/* The facility column of isa/all.def and isa/form.def as initializers of struct zf_facility_need.
 */
#define NO_FACILITY                                                                                \
    {                                                                                              \
        0, false, {                                                                                \
            0                                                                                      \
        }                                                                                          \
    }
#define BIT(n)                                                                                     \
    {                                                                                              \
        1, false, {                                                                                \
            n                                                                                      \
        }                                                                                          \
    }
#define ALL(n, m)                                                                                  \
    {                                                                                              \
        2, false, {                                                                                \
            n, m                                                                                   \
        }                                                                                          \
    }
#define ANY(...)                                                                                   \
    {                                                                                              \
        sizeof((uint8_t[]){__VA_ARGS__}), true, {                                                  \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* Rows in strcmp order of their mnemonics, and aliases likewise. */
extern const uint16_t zf_table_row_order[];
extern const uint16_t zf_table_alias_order[];
extern const size_t zf_table_alias_count;

/*
 * Sorted by row, and within one, forms in the order of their table, aliases in that of preference:
 * those with a condition on most bits first, synonyms last. Those of row r are [first[r], first[r +
 * 1]).
 */
extern const struct zf_form zf_table_form[];
extern const uint16_t zf_table_form_first[ZF_ROW_COUNT + 1];
extern const struct zf_alias zf_table_alias[];
extern const uint16_t zf_table_alias_first[ZF_ROW_COUNT + 1];

/*
 * Where zf_insn_operands finds and puts the fields of a shape; `at` are offsets in zf_operands. The
 * fields of four or eight bits come from a vector of sixteen bytes: four zeros, the instruction's
 * bits 32-39, 24-31, 16-23, 8-15, and then 36-39, 32-35, ..., 8-11.
 */
#define ZF_LANE_BYTE 7
#define ZF_LANE(first) (8 + (36 - (first)) / 4)
struct zf_field_place {
    uint64_t mask; /* after shifts to the left and arithmetically to the right */
    uint8_t left;
    uint8_t right;
    uint8_t at;
    uint8_t size;
};
struct zf_shape_place {
    uint8_t byte[16]; /* lanes of r1 ... l2 */
    uint8_t vr[4];    /* and of v1 ... v4 */
    uint8_t disp_at;
    uint8_t imm_at;
    uint8_t more;
    uint64_t imm_mask; /* zero if zf_insn.imm is a displacement */
    uint64_t rel_mask;
    struct zf_field_place field[2]; /* those that zf_decode did not extract */
};
extern const struct zf_shape_place zf_table_place[2 * ZF_FORMAT_COUNT];

static inline bool zf_condition_holds(const struct zf_condition *c, uint64_t word) {
    return ((word & c->mask) == c->value) != c->differs;
}

#endif
