/*
 * The parameter block of DEFLATE CONVERSION CALL, format 0: fields by their bits.
 */
#ifndef ZF_DEFLATE_PARAMETER_H
#define ZF_DEFLATE_PARAMETER_H

#include "zfacet/base.h"

/* Bytes: of the block, of it without the continuation-state buffer, of the table. */
enum {
    ZF_PARAMETERS = 1536,
    ZF_PARAMETERS_TABLE = 384,
    ZF_TABLE_AT = 64,
    ZF_TABLE_BYTES = 288,
    ZF_STATE_AT = 384,
    ZF_STATE_BYTES = 1152,
};

/* First bit and how many. */
struct zf_parameter_field {
    uint16_t bit, bits;
};
#define ZF_PARAMETER(bit, bits) ((struct zf_parameter_field){bit, bits})

#define ZF_VERSION ZF_PARAMETER(0, 16)
#define ZF_CONTINUATION ZF_PARAMETER(63, 1)
#define ZF_NEW_TASK ZF_PARAMETER(128, 1)
#define ZF_CHECK_TYPE ZF_PARAMETER(130, 1)      /* Adler-32, else CRC-32 */
#define ZF_DYNAMIC ZF_PARAMETER(132, 1)         /* Huffman-table type */
#define ZF_OPEN ZF_PARAMETER(133, 1)            /* block continuation: there is no header */
#define ZF_CLOSE ZF_PARAMETER(134, 1)           /* block closing control */
#define ZF_FINAL ZF_PARAMETER(135, 1)           /* block header final */
#define ZF_TABLE_OF_SAMPLE ZF_PARAMETER(138, 1) /* only what occurs gets a code */
#define ZF_SUBBYTE ZF_PARAMETER(149, 3)         /* bits that a byte has already */
#define ZF_ENDING_CODE ZF_PARAMETER(152, 8)
#define ZF_INCOMPLETE ZF_PARAMETER(172, 20) /* status and length */
#define ZF_HISTORY_LENGTH ZF_PARAMETER(352, 16)
#define ZF_HISTORY_OFFSET ZF_PARAMETER(369, 15)
#define ZF_CHECK_VALUE ZF_PARAMETER(384, 32)
#define ZF_END_SYMBOL ZF_PARAMETER(416, 15) /* end of block, leftmost bit first */
#define ZF_END_LENGTH ZF_PARAMETER(432, 4)
#define ZF_TABLE_BITS ZF_PARAMETER(452, 12)

/* A field is in one doubleword. */
static inline uint32_t zf_parameter(const uint8_t *p, struct zf_parameter_field f) {
    uint64_t doubleword = zf_get64(p + f.bit / 64 * 8);
    return (uint32_t)(doubleword << f.bit % 64 >> (64 - f.bits));
}

static inline void zf_parameter_set(uint8_t *p, struct zf_parameter_field f, uint32_t value) {
    uint8_t *at = p + f.bit / 64 * 8;
    unsigned shift = 64u - f.bit % 64 - f.bits;
    uint64_t mask = (UINT64_MAX >> (64 - f.bits)) << shift;
    zf_put64(at, (zf_get64(at) & ~mask) | ((uint64_t)value << shift & mask));
}

#endif
