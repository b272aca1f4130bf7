/*
 * A copy of the process of a machine with native code has code of its own, also where the host
 * gives it no address space beside what it has.
 */
#include "../assemble.h"
#include "../guest.h"

#include "zfacet/tb.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t run(struct guest *guest, const char *insn) {
    struct guest_state state;
    uint8_t bytes[8];
    char error[80];
    unsigned length = assemble(insn, bytes, error, sizeof error);
    cr_assert(length, "%s: %s", insn, error);
    guest_clear(guest);
    guest_put_code(guest, GUEST_CODE, bytes, length);
    guest_state_init(&state);
    state.psw_addr = GUEST_CODE;
    guest_load(guest, &state);
    guest_run(guest);
    guest_save(guest, &state);
    return state.gr[1];
}

/* The address space that the process has is all that there may be. */
static bool limit(void) {
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    bool read = statm && fscanf(statm, "%lu", &pages) == 1;
    if (statm) {
        fclose(statm);
    }
    rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    return read && !setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes});
}

Test(forked, has_native_code_of_its_own) {
    struct guest *guest = guest_create(ZF_ENGINE_BASE, true);
    int status;
    cr_assert_eq(run(guest, "lghi 1,5"), 5);
    pid_t child = fork();
    if (!child) {
        if (!limit()) {
            _exit(2);
        }
        zf_tb_forked(guest->machine->tbs);
        _exit(run(guest, "lghi 1,6") != 6);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "the copy ended with wait status %#x", (unsigned)status);
    cr_expect_eq(run(guest, "lghi 1,7"), 7);
    guest_destroy(guest);
}
