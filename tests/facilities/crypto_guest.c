#include "crypto_guest.h"

#include <criterion/criterion.h>
#include <stdlib.h>

void crypto_open(struct crypto *c) {
    memset(c, 0, sizeof *c);
    c->guest = guest_create(ZF_ENGINE_SWITCH, false);
    cr_assert(c->guest && guest_set_model(c->guest, "z17-full"));
    guest_state_init(&c->s);
}

void crypto_close(struct crypto *c) {
    guest_destroy(c->guest);
}

uint8_t *crypto_at(struct crypto *c, uint64_t address) {
    return c->s.data + guest_data_index(address);
}

void crypto_operands(struct crypto *c, uint64_t length) {
    c->s.gr[1] = BLOCK;
    c->s.gr[2] = RESULT;
    c->s.gr[3] = 0;
    c->s.gr[4] = SOURCE;
    c->s.gr[5] = length;
    c->s.gr[6] = COUNTER;
    c->s.gr[7] = 0;
}

static void execute(struct crypto *c, unsigned opcode) {
    /* operands 2, 4 and, where there is a third, 6 */
    uint8_t code[4] = {0xb9, (uint8_t)opcode, opcode == KMCTR || opcode == KMA ? 0x60 : 0, 0x24};
    guest_clear(c->guest);
    guest_put_code(c->guest, GUEST_CODE, code, sizeof code);
    c->s.psw_addr = GUEST_CODE;
    guest_load(c->guest, &c->s);
    guest_run(c->guest);
    guest_save(c->guest, &c->s);
}

unsigned crypto_run(struct crypto *c, unsigned opcode, uint64_t code) {
    c->s.gr[0] = code;
    c->partial = 0;
    while (true) {
        execute(c, opcode);
        /* the illegal instruction after it */
        cr_assert(c->guest->end == GUEST_PGM && c->guest->pgm.code == ZF_PGM_OPERATION,
                  "B9%02X, code %u: condition %u", opcode, (unsigned)code & 0x7f,
                  c->guest->pgm.code);
        if (c->s.cc != 3) {
            return c->s.cc;
        }
        c->partial++;
    }
}

void crypto_refused(struct crypto *c, unsigned opcode, uint64_t code) {
    c->s.gr[0] = code;
    execute(c, opcode);
    cr_assert(c->guest->end == GUEST_PGM && c->guest->pgm.code == ZF_PGM_SPECIFICATION,
              "B9%02X, code %u: condition %u", opcode, (unsigned)code & 0x7f, c->guest->pgm.code);
}

unsigned crypto_wrap(struct crypto *c, unsigned code, unsigned at, const uint8_t *key,
                     unsigned bytes) {
    uint64_t block = c->s.gr[1];
    uint32_t cc = c->s.cc;
    memcpy(crypto_at(c, BLOCK + at), key, bytes);
    c->s.gr[1] = BLOCK + at;
    c->s.gr[0] = code;
    execute(c, PCKMO);
    cr_assert(c->guest->pgm.code == ZF_PGM_OPERATION && c->s.cc == cc);
    cr_assert(memcmp(crypto_at(c, BLOCK + at), key, bytes) != 0, "the key is still clear");
    c->s.gr[1] = block;
    return code < 18 ? 24 : 32;
}

void crypto_fill(uint8_t *bytes, size_t count, unsigned seed) {
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (uint8_t)(x >> 24);
    }
}
