/*
 * Machines side by side in one process, of a bare machine and of a Linux program, of z13 and of
 * z17, each with code that changes itself and a store that faults. None may notice the others.
 */
#include "../assemble.h"
#include "../guest.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

enum { ROUNDS = 400, THREAD_ROUNDS = 5000, PARTIES = 4, LOOP_SVC = 7, NOWHERE = 0x200000 };

/* The sum in GR 1 grows by the immediate of AGHI, which the code itself increases each round. */
static const char *const code = "lghi 1,0;"     /* its immediate is at +2 */
                                "agr 7,1;"      /* the sum */
                                "lh 2,2(0,5);"  /* GR 5 is where the code begins */
                                "ahi 2,1;"      /* one more in the next round */
                                "sth 2,2(0,5);" /* drops this code */
                                "svc 7;"
                                "msgrkc 3,4,4;" /* came with z14 */
                                "stg 3,0(0,6)"; /* GR 6 is where nothing is */

/* A machine, and what it has to be like. */
struct party {
    struct guest *guest;
    bool newer, linear;
    uint64_t sum, rounds;
    const char *wrong; /* what must not be and was seen */
};

static void put_code(struct guest *guest) {
    char copy[256], error[128];
    uint8_t bytes[8];
    uint64_t at = GUEST_CODE;
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", code);
    for (char *insn; (insn = strsep(&rest, ";"));) {
        unsigned length = assemble(insn, bytes, error, sizeof error);
        cr_assert(length, "%s: %s", insn, error);
        guest_put_code(guest, at, bytes, length);
        at += length;
    }
}

static void party_open(struct party *p, bool newer, bool linear) {
    struct guest_state state;
    *p = (struct party){guest_create(ZF_ENGINE_GOTO, linear), newer, linear};
    cr_assert(guest_set_model(p->guest, newer ? "z17" : "z13"));
    guest_clear(p->guest);
    put_code(p->guest);
    guest_state_init(&state);
    state.gr[4] = 3;
    state.gr[5] = GUEST_CODE;
    state.gr[6] = NOWHERE;
    state.gr[7] = 0;
    guest_load(p->guest, &state);
}

static void expect_pgm(struct party *p, unsigned code_wanted, const char *wrong) {
    guest_run(p->guest);
    if (p->guest->end != GUEST_PGM || p->guest->pgm.code != code_wanted) {
        p->wrong = wrong;
    }
}

/* Once through the code: to the SVC, past MSGRKC where the model lacks it, to the store's fault. */
static void party_round(struct party *p) {
    struct zf_cpu *cpu = p->guest->machine->cpus.cpu[0];
    p->sum += p->rounds++ & 0x7fff;
    cpu->gr[3] = 0;
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, GUEST_CODE);
    guest_run(p->guest);
    if (p->guest->end != GUEST_SVC || p->guest->svc != LOOP_SVC || cpu->gr[7] != p->sum) {
        p->wrong = "the sum";
    }
    if (!p->newer) {
        expect_pgm(p, ZF_PGM_OPERATION, "the blocked instruction");
    }
    expect_pgm(p, p->linear ? ZF_PGM_PAGE_TRANSLATION : ZF_PGM_ADDRESSING, "the store's fault");
    if (cpu->gr[3] != (p->newer ? 9 : 0)) {
        p->wrong = "the product";
    }
}

static void open_all(struct party all[PARTIES]) {
    for (unsigned i = 0; i < PARTIES; i++) {
        party_open(&all[i], i & 1, i & 2);
    }
}

static void close_all(struct party all[PARTIES]) {
    for (unsigned i = 0; i < PARTIES; i++) {
        const struct party *p = &all[i];
        cr_expect_null(p->wrong, "%s %s: %s is wrong", p->newer ? "z17" : "z13",
                       p->linear ? "linear" : "system", p->wrong);
        guest_destroy(p->guest);
    }
}

Test(two_machines, take_turns_in_one_thread) {
    struct party all[PARTIES];
    open_all(all);
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned k = 0; k < PARTIES; k++) {
            party_round(&all[k]);
        }
    }
    close_all(all);
}

static void *run_party(void *party) {
    for (unsigned i = 0; i < THREAD_ROUNDS; i++) {
        party_round(party);
    }
    return NULL;
}

Test(two_machines, run_in_a_thread_each) {
    struct party all[PARTIES];
    pthread_t threads[PARTIES];
    open_all(all);
    for (unsigned i = 0; i < PARTIES; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, run_party, &all[i]), 0);
    }
    for (unsigned i = 0; i < PARTIES; i++) {
        pthread_join(threads[i], NULL);
    }
    close_all(all);
}
