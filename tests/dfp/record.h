/*
 * What one DFP instruction is given and what is expected of it; all fields big-endian. The scripts
 * and programs of this folder write such records, check_dfp executes them.
 */
#ifndef ZF_TEST_DFP_RECORD_H
#define ZF_TEST_DFP_RECORD_H

#include <stdint.h>

/* R1 is 0, R2 is 4, R3 is 1: registers of floating point; general ones are 6 and 7, of PFPO 0
 * and 1. */
enum { DFP_STORAGE = 40 };
struct dfp_record {
    uint8_t code[6]; /* storage operands have base register 2 */
    uint8_t length;
    uint8_t cc_before, cc_after;
    uint8_t pgm, dxc; /* program condition and data-exception code, 0 when none is expected */
    uint8_t unused[5];
    uint32_t fpc_before, fpc_after;
    uint64_t f0[2], f4[2], f1[2]; /* pairs of registers: n and n + 2 */
    uint64_t r[2];
    uint8_t storage[DFP_STORAGE];
    uint64_t f0_after[2], r_after[2];
    uint8_t storage_after[DFP_STORAGE];
};
_Static_assert(sizeof(struct dfp_record) == 200, "the scripts write it so");

#endif
