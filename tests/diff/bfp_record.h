/* What one random operation is and does; all fields big-endian. */
#ifndef ZF_DIFF_BFP_RECORD_H
#define ZF_DIFF_BFP_RECORD_H

#include <stdint.h>

/* registers 0 2 4 6 1 3 */
enum { BFP_REGISTERS = 6 };
struct bfp_record {
    uint8_t code[6];
    uint8_t length;
    uint8_t cc;
    uint32_t fpc_before, fpc_after;
    uint64_t before[BFP_REGISTERS], after[BFP_REGISTERS];
    uint64_t gr6_before, gr6_after;
    uint64_t storage, mask;
};

#endif
