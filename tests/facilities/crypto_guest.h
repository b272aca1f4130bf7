/*
 * Executes instructions of the message-security assist on a small machine.
 */
#ifndef ZF_TEST_CRYPTO_GUEST_H
#define ZF_TEST_CRYPTO_GUEST_H

#include "guest.h"

/* Where the operands are: the parameter block, the second, the first and the third operand. */
enum { BLOCK = 0x8000, SOURCE = 0x9000, RESULT = 0xa000, COUNTER = 0xb000, ROOM = 0x1000 };

/* Second halves of opcodes. */
enum {
    KMAC = 0x1e,
    PCKMO = 0x28,
    KMA = 0x29,
    KMF = 0x2a,
    KMO = 0x2b,
    PCC = 0x2c,
    KMCTR = 0x2d,
    KM = 0x2e,
    KMC = 0x2f,
    KDSA = 0x3a,
    PRNO = 0x3c,
    KIMD = 0x3e,
    KLMD = 0x3f,
};

struct crypto {
    struct guest *guest;
    struct guest_state s; /* registers and storage, before and after */
    unsigned partial;     /* how often CC 3 was set */
};

void crypto_open(struct crypto *c);
void crypto_close(struct crypto *c);

/** Storage at an address. */
uint8_t *crypto_at(struct crypto *c, uint64_t address);

/** Sets registers for `length` bytes of the second operand, from the operands' begins. */
void crypto_operands(struct crypto *c, uint64_t length);

/**
 * Executes until the condition code is not 3 and returns it. General register 0 is `code` for the
 * first execution. A program interruption fails the test.
 */
unsigned crypto_run(struct crypto *c, unsigned opcode, uint64_t code);

/** The same, of an instruction that must be a specification exception. */
void crypto_refused(struct crypto *c, unsigned opcode, uint64_t code);

/** Puts the key at BLOCK + at, wrapped, with its pattern after it; tells the pattern's length. */
unsigned crypto_wrap(struct crypto *c, unsigned code, unsigned at, const uint8_t *key,
                     unsigned bytes);

/** Bytes that look random and are always the same. */
void crypto_fill(uint8_t *bytes, size_t count, unsigned seed);

#endif
