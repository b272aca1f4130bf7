/*
 * Stores into the block that is running: the instruction after the store is the one that was
 * stored, also where the engine has one body for the two. And stores to the page of a block while
 * it is made.
 */
#include "../assemble.h"
#include "../guest.h"

#include "zfacet/tb.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Each stores `ear 1,3` and an illegal instruction over `ear 1,2`, which follows it. Without
 * pointers: tests with parameters are processes that have the program elsewhere. */
static struct store {
    char insn[16];
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

/* As another CPU may, while code is made of the page: stores to other bytes of it. */
static bool translate_and_store(void *context, struct zf_block *block) {
    const struct zf_frontend *frontend = context;
    bool translated = frontend->translate(frontend->context, block);
    cr_assert(zf_store(block->cpu, GUEST_CODE + ZF_PAGE_SIZE / 2, 8, 0));
    return translated;
}

static void store_while_made(enum zf_engine engine) {
    struct guest *guest = guest_create(engine, false);
    struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
    struct zf_tb_config config = *zf_tb_config(cpu->tbs);
    struct zf_frontend frontend = config.frontend;
    struct guest_state state;
    guest_clear(guest);
    guest_state_init(&state);
    state.psw_addr = GUEST_CODE;
    put(guest, put(guest, GUEST_CODE, "ear 1,2"), "=00000000");
    guest_load(guest, &state);
    config.frontend.context = &frontend;
    config.frontend.translate = translate_and_store;
    zf_tb_configure(cpu->tbs, &config);
    const struct zf_code *code = zf_tb_find(cpu, GUEST_CODE);
    cr_expect(code && zf_tb_find(cpu, GUEST_CODE) == code);
    cr_assert(zf_store(cpu, GUEST_CODE, 4, 0));
    cr_expect_neq(zf_tb_find(cpu, GUEST_CODE), code, "the old code is still there");
    guest_destroy(guest);
}

Test(own_block, is_dropped_by_stores_after_one_while_it_was_made) {
    for (unsigned engine = 0; engine < ZF_ENGINES; engine++) {
        store_while_made((enum zf_engine)engine);
    }
}
