/*
 * CIPHER MESSAGE WITH CHAINING, PRNG (function code 67): the pseudorandom-number generator of ANSI
 * X9.17 on TDEA with three keys. The parameter block is the seed, which changes, and the keys; the
 * second operand is the time or whatever else stands for it.
 */
#include "crypto/function.h"
#include "general/operand.h"

/* the library's other interface allocates memory for each key */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/des.h>

enum { BLOCK = 8, PARAMETERS = 32 };

struct generator {
    DES_key_schedule key[3];
    uint8_t seed[BLOCK];
};

static bool open_generator(struct generator *g, const struct zf_crypto *c) {
    uint8_t p[PARAMETERS];
    if (!zf_load_bytes(c->cpu, c->block, p, sizeof p) ||
        !zf_probe(c->cpu, c->block, BLOCK, ZF_ACCESS_WRITE)) {
        return false;
    }
    memcpy(g->seed, p, BLOCK);
    for (unsigned i = 0; i < 3; i++) {
        DES_set_key_unchecked((const_DES_cblock *)(p + BLOCK + BLOCK * i), &g->key[i]);
    }
    OPENSSL_cleanse(p, sizeof p);
    return true;
}

/* to <- the encrypted (a xor b) */
static void encrypt_sum(struct generator *g, uint8_t *to, const uint8_t *a, const uint8_t *b) {
    uint8_t sum[BLOCK];
    zf_put64(sum, zf_get64(a) ^ zf_get64(b));
    DES_ecb3_encrypt((const_DES_cblock *)sum, (DES_cblock *)to, &g->key[0], &g->key[1], &g->key[2],
                     DES_ENCRYPT);
}

static bool run_blocks(struct generator *g, const struct zf_crypto *c) {
    static const uint8_t zero[BLOCK];
    struct zf_cpu *cpu = c->cpu;
    unsigned r1 = c->insn->o.r1, r2 = c->insn->o.r2;
    uint64_t length = zf_gr_length(cpu, r2 + 1u);
    for (unsigned done = 0; length && done < ZF_CRYPTO_UNIT; done += BLOCK) {
        uint8_t time[BLOCK], result[BLOCK];
        if (!zf_load_bytes(cpu, cpu->gr[r2], time, BLOCK)) {
            return false;
        }
        encrypt_sum(g, time, time, zero);
        encrypt_sum(g, result, time, g->seed);
        encrypt_sum(g, g->seed, result, time);
        if (!zf_store_bytes(cpu, cpu->gr[r1], result, BLOCK) ||
            !zf_store_bytes(cpu, c->block, g->seed, BLOCK)) {
            return false;
        }
        length -= BLOCK;
        zf_gr_set_address(cpu, r2, cpu->gr[r2] + BLOCK);
        zf_gr_set_length(cpu, r2 + 1u, length);
        if (r1 != r2) {
            zf_gr_set_address(cpu, r1, cpu->gr[r1] + BLOCK);
        }
    }
    cpu->cc = length ? 3 : 0;
    return true;
}

bool zf_prng_function(const struct zf_crypto *c, enum zf_next *next) {
    struct generator g;
    if (c->modifier || zf_gr_length(c->cpu, c->insn->o.r2 + 1u) % BLOCK) {
        *next = zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
        return true;
    }
    *next = zf_done(open_generator(&g, c) && run_blocks(&g, c));
    OPENSSL_cleanse(&g, sizeof g);
    return true;
}
