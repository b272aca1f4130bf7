/*
 * Code that has run and is running, and may then no longer be fetched: its storage key, the PSW
 * key, or the override in control register 0 changes.
 */
#include "../assemble.h"
#include "../guest.h"

#include "zfacet/dat.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum { LOW_CODE = 0x600, PSW_KEY = 1, OTHER = 0x20 | ZF_KEY_FETCH, OWN = 0x10 | ZF_KEY_FETCH };

/* An instruction that changes it, and what makes it do so; after it "lr 6,7". Without pointers:
 * tests with parameters are processes that have the program elsewhere. */
struct change {
    char code[16];
    uint64_t address; /* of the code */
    uint8_t key;      /* of its page */
    uint64_t cr0;
    uint64_t r1_before, r1; /* what the first run has in r1, which changes nothing, and the other */
};

static struct change changes[] = {
    {"sske 1,2", GUEST_CODE, OWN, 0, OWN, OTHER},
    {"spka 0(1)", GUEST_CODE, OWN, 0, PSW_KEY << 4, 3 << 4},
    {"lctlg 0,0,0(1)", LOW_CODE, OTHER, ZF_CR0_FETCH_OVERRIDE, GUEST_DATA, GUEST_DATA + 8},
};

static unsigned put(struct guest *guest, const char *text, uint64_t at) {
    uint8_t bytes[8];
    char error[80];
    unsigned length = assemble(text, bytes, error, sizeof error);
    cr_assert(length, "%s: %s", text, error);
    memcpy(guest->machine->storage.ram + at, bytes, length);
    zf_code_changed(&guest->machine->storage, at, length);
    return length;
}

static void run(struct guest *guest, const struct change *change, uint64_t r1,
                struct guest_state *state) {
    guest_state_init(state);
    zf_put64(state->data, state->cr[0] | change->cr0);
    zf_put64(state->data + 8, state->cr[0]);
    state->cr[0] |= change->cr0;
    state->psw_mask |= (uint64_t)PSW_KEY << 52;
    state->psw_addr = change->address;
    state->gr[1] = r1;
    state->gr[2] = change->address;
    state->gr[6] = 0;
    state->gr[7] = 1;
    guest_load(guest, state);
    guest_run(guest);
    guest_save(guest, state);
    cr_assert_eq(guest->end, GUEST_PGM);
}

static void check(const struct change *change, enum zf_engine engine) {
    struct guest *guest = guest_create(engine, false);
    struct guest_state state;
    guest_clear(guest);
    unsigned length = put(guest, change->code, change->address);
    put(guest, "lr 6,7", change->address + length);
    put(guest, "=0000", change->address + length + 2);
    guest->machine->storage.keys[change->address / ZF_PAGE_SIZE] = change->key;
    run(guest, change, change->r1_before, &state);
    cr_expect_eq(guest->pgm.code, ZF_PGM_OPERATION, "%s: %x", change->code, guest->pgm.code);
    cr_expect_eq(state.gr[6], 1);
    run(guest, change, change->r1, &state);
    cr_expect_eq(guest->pgm.code, ZF_PGM_PROTECTION, "%s: %x", change->code, guest->pgm.code);
    cr_expect_eq(state.gr[6], 0, "%s: what is after it ran", change->code);
    guest_destroy(guest);
}

ParameterizedTestParameters(fetch_protection, ends_the_block) {
    return cr_make_param_array(struct change, changes, ZF_ARRAY_LENGTH(changes));
}

ParameterizedTest(struct change *change, fetch_protection, ends_the_block) {
    for (unsigned engine = 0; engine < ZF_ENGINES; engine++) {
        check(change, (enum zf_engine)engine);
    }
}
