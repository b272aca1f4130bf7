/*
 * PERFORM RANDOM NUMBER OPERATION, true random numbers (function code 114): fills the first operand
 * with raw and the second with conditioned entropy.
 */
#include "crypto/function.h"
#include "general/operand.h"

#include <sys/random.h>

enum { PIECE = 256 };

/* Fills an operand; false on an access exception. */
static bool fill(struct zf_cpu *cpu, unsigned r, unsigned *done) {
    while (zf_gr_length(cpu, r + 1) && *done < ZF_CRYPTO_UNIT) {
        uint8_t bytes[PIECE];
        uint64_t length = zf_gr_length(cpu, r + 1);
        size_t n = (size_t)zf_min(length, sizeof bytes);
        while (getrandom(bytes, n, 0) != (ssize_t)n) {
        }
        if (!zf_store_bytes(cpu, cpu->gr[r], bytes, n)) {
            return false;
        }
        zf_gr_set_address(cpu, r, cpu->gr[r] + n);
        zf_gr_set_length(cpu, r + 1, length - n);
        *done += (unsigned)n;
    }
    return true;
}

bool zf_random_function(const struct zf_crypto *c, enum zf_next *next) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r1 = c->insn->o.r1, r2 = c->insn->o.r2, done = 0;
    *next = zf_done(fill(cpu, r1, &done) && fill(cpu, r2, &done));
    if (*next == ZF_NEXT) {
        cpu->cc = zf_gr_length(cpu, r1 + 1) || zf_gr_length(cpu, r2 + 1) ? 3 : 0;
    }
    return true;
}
