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

/* Sorted by row, the table's order kept within one; those of row r are [first[r], first[r + 1]). */
extern const struct zf_form zf_table_form[];
extern const uint16_t zf_table_form_first[ZF_ROW_COUNT + 1];
extern const struct zf_alias zf_table_alias[];
extern const uint16_t zf_table_alias_first[ZF_ROW_COUNT + 1];

static inline bool zf_condition_holds(const struct zf_condition *c, uint64_t word) {
    return ((word & c->mask) == c->value) != c->differs;
}

#endif
