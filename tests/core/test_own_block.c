/*
 * Stores into the block that is running: the instruction after the store is the one that was
 * stored, also where the engine has one body for the two.
 */
#include "../assemble.h"
#include "../guest.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Each stores `ear 1,3` and an illegal instruction over `ear 1,2`, which follows it. */
static struct store {
    const char *insn;
} stores[] = {{"std 0,0(2)"}, {"stg 4,0(2)"}, {"ste 0,0(2)"}, {"st 5,0(2)"}};

static uint64_t put(struct guest *guest, uint64_t at, const char *insn) {
    uint8_t bytes[8];
    char error[80];
    unsigned length = assemble(insn, bytes, error, sizeof error);
    cr_assert(length, "%s: %s", insn, error);
    guest_put_code(guest, at, bytes, length);
    return at + length;
}

static void run(const char *insn, enum zf_engine engine, bool linear) {
    struct guest *guest = guest_create(engine, linear);
    struct guest_state state;
    guest_clear(guest);
    guest_state_init(&state);
    state.ar[2] = 5;
    state.ar[3] = 7;
    state.gr[4] = state.vr[0][0] = 0xb24f001300000000;
    state.gr[5] = 0xb24f0013;
    state.psw_addr = GUEST_CODE;
    state.gr[2] = put(guest, GUEST_CODE, insn);
    put(guest, put(guest, state.gr[2], "ear 1,2"), "=00000000");
    guest_load(guest, &state);
    guest_run(guest);
    guest_save(guest, &state);
    cr_expect_eq((uint32_t)state.gr[1], 7, "%s: the old instruction ran", insn);
    guest_destroy(guest);
}

ParameterizedTestParameters(own_block, runs_what_was_stored) {
    return cr_make_param_array(struct store, stores, ZF_ARRAY_LENGTH(stores));
}

ParameterizedTest(struct store *store, own_block, runs_what_was_stored) {
    for (unsigned variant = 0; variant < 2 * ZF_ENGINES; variant++) {
        run(store->insn, (enum zf_engine)(variant / 2), variant & 1);
    }
}
