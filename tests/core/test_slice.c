/*
 * Loops that run over many time slices: where a slice ends, the run goes on with the instruction
 * that the branch went to, even when the block's first op is one of a later instruction.
 */
#include "../assemble.h"
#include "../guest.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Without pointers: tests with parameters are processes that have the program elsewhere. */
struct loop {
    char what[40];
    char code[10][16]; /* ends with an illegal instruction; wrong turns are counted in r6 */
};

enum { TURNS = 300000 }; /* several slices, however long they are */

static struct loop loops[] = {
    {"compare moved down to its branch",
     {"cr 1,2", "lr 3,4", "je .+8", "aghi 6,1", "aghi 5,-1", "jne .-16", "=0000"}},
    {"copy folded into the next op",
     {"lr 3,1", "xr 3,2", "lr 7,3", "ltr 7,7", "je .+8", "aghi 6,1", "aghi 5,-1", "jne .-20",
      "=0000"}},
};

static void load_code(struct guest *guest, const struct loop *loop) {
    uint64_t at = GUEST_CODE;
    for (unsigned i = 0; i < 10 && loop->code[i][0]; i++) {
        uint8_t bytes[8];
        char error[80];
        unsigned length = assemble(loop->code[i], bytes, error, sizeof error);
        cr_assert(length, "%s: %s", loop->code[i], error);
        guest_put_code(guest, at, bytes, length);
        at += length;
    }
}

static void run_loop(const struct loop *loop, enum zf_engine engine, bool linear) {
    struct guest *guest = guest_create(engine, linear);
    struct guest_state state;
    guest_clear(guest);
    guest_state_init(&state);
    state.gr[1] = state.gr[2] = 0x1234;
    state.gr[5] = TURNS;
    state.gr[6] = 0;
    state.psw_addr = GUEST_CODE;
    load_code(guest, loop);
    guest_load(guest, &state);
    guest_run(guest);
    guest_save(guest, &state);
    cr_expect_eq(guest->end, GUEST_PGM);
    cr_expect_eq(state.gr[5], 0, "%s: %llu turns are left", loop->what,
                 (unsigned long long)state.gr[5]);
    cr_expect_eq(state.gr[6], 0, "%s: %llu wrong turns", loop->what,
                 (unsigned long long)state.gr[6]);
    guest_destroy(guest);
}

ParameterizedTestParameters(slice, goes_on_where_it_was) {
    return cr_make_param_array(struct loop, loops, ZF_ARRAY_LENGTH(loops));
}

ParameterizedTest(struct loop *loop, slice, goes_on_where_it_was) {
    for (unsigned variant = 0; variant < 2 * ZF_ENGINES; variant++) {
        run_loop(loop, (enum zf_engine)(variant / 2), variant & 1);
    }
}
