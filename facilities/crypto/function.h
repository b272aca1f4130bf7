/*
 * The message-security assist: one execution of a function, for the files that execute some.
 */
#ifndef ZF_CRYPTO_FUNCTION_H
#define ZF_CRYPTO_FUNCTION_H

#include "translator.h"

/* Bytes after which a function ends with CC 3. */
enum { ZF_CRYPTO_UNIT = 16384 };

struct zf_crypto {
    struct zf_cpu *cpu;
    const struct zf_insn_call *insn;
    unsigned code;  /* bits 57-63 of general register 0 */
    bool modifier;  /* bit 56: decipher */
    uint64_t block; /* address of the parameter block */
};

/*
 * Each executes one family: the function codes that gate/function.def lists, and no other comes
 * here. Returns false, with nothing done, for an option that it does not have; else `*next` is what
 * the helper returns.
 */
bool zf_digest_function(const struct zf_crypto *c, enum zf_next *next); /* KIMD, KLMD */
bool zf_cipher_function(const struct zf_crypto *c, enum zf_next *next); /* AES but for KMA */
bool zf_gcm_function(const struct zf_crypto *c, enum zf_next *next);    /* KMA */
bool zf_prng_function(const struct zf_crypto *c, enum zf_next *next);   /* KMC, PRNG */
bool zf_random_function(const struct zf_crypto *c, enum zf_next *next); /* PRNO */
bool zf_drbg_function(const struct zf_crypto *c, enum zf_next *next);   /* its SHA-512-DRNG */

#endif
