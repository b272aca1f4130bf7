/* What one random vector floating-point operation is and does; all fields big-endian. */
#ifndef ZF_DIFF_VECTOR_FLOAT_RECORD_H
#define ZF_DIFF_VECTOR_FLOAT_RECORD_H

#include <stdint.h>

/* before: registers 16, 18, 3, 20, of which the first two are targets; after: these two */
enum { VECTOR_FLOAT_REGISTERS = 4 };
struct vector_float_record {
    uint8_t code[6];
    uint8_t length;
    uint8_t cc;
    uint32_t fpc_before, fpc_after;
    uint64_t before[VECTOR_FLOAT_REGISTERS][2], after[2][2];
};

#endif
