/*
 * PERFORM RANDOM NUMBER OPERATION: true random numbers (function code 114) fill the first operand
 * with raw and the second with conditioned entropy; code 112 tells how many raw bytes make how many
 * conditioned ones. drbg.c has the deterministic generator.
 */
#include "assist/assist.h"
#include "general/operand.h"
#include "zfacet/cpus.h"

enum { PIECE = 256 };

/* The ratio that z14 and later tell. */
enum { RAW = 192, CONDITIONED = 32 };

/* Fills an operand; false on an access exception. */
static bool fill(struct zf_cpu *cpu, unsigned r, unsigned *done) {
    while (zf_gr_length(cpu, r + 1) && *done < ZF_ASSIST_UNIT) {
        uint8_t bytes[PIECE];
        uint64_t length = zf_gr_length(cpu, r + 1);
        size_t n = (size_t)zf_min(length, sizeof bytes);
        if (!zf_cpus_random(cpu->cpus, bytes, n) || !zf_store_by(cpu, r, cpu->gr[r], bytes, n)) {
            return false;
        }
        zf_gr_set_address(cpu, r, cpu->gr[r] + n);
        zf_gr_set_length(cpu, r + 1, length - n);
        *done += (unsigned)n;
    }
    return true;
}

enum zf_next zf_assist_random_ratio(const struct zf_assist *c) {
    uint8_t ratio[8];
    zf_put32(ratio, RAW);
    zf_put32(ratio + 4, CONDITIONED);
    if (!zf_store_by(c->cpu, 1, c->block, ratio, sizeof ratio)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(c, 0);
}

enum zf_next zf_assist_true_random(const struct zf_assist *c) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r1 = c->insn->o.r1, r2 = c->insn->o.r2, done = 0;
    if (!fill(cpu, r1, &done) || !fill(cpu, r2, &done)) {
        return ZF_NEXT_PGM;
    }
    return zf_gr_length(cpu, r1 + 1) || zf_gr_length(cpu, r2 + 1) ? zf_assist_partial(c)
                                                                  : zf_assist_end(c, 0);
}
