/*
 * A small machine for tests: code at one place, data at another, run until something outside the
 * code is met.
 *
 * The map: code and EXECUTE targets in [GUEST_CODE, GUEST_CODE_END), data in [GUEST_DATA,
 * GUEST_DATA_END), one more data page up to GUEST_TOP. A system machine has storage up to
 * GUEST_TOP, a linear one has only these ranges mapped. What is not set is zero, so control that
 * runs on meets an illegal instruction, which ends the run.
 */
#ifndef ZF_TEST_GUEST_H
#define ZF_TEST_GUEST_H

#include "zfacet/ibc.h"
#include "zfacet/machine.h"
#include "zfacet/register.h"
#include "zfacet/translate.h"

enum {
    GUEST_CODE = 0x2000,
    GUEST_TARGET = 0x3000, /* of an EXECUTE */
    GUEST_CODE_END = 0x4000,
    GUEST_DATA = 0x8000,
    GUEST_DATA_END = 0xc000,
    GUEST_LAST_PAGE = 0xff000,
    GUEST_TOP = 0x100000,
    GUEST_DATA_SIZE = GUEST_DATA_END - GUEST_DATA + GUEST_TOP - GUEST_LAST_PAGE,
};

/* What an instruction sees and changes. */
struct guest_state {
    uint64_t gr[16];
    uint64_t vr[32][2];
    uint64_t cr[16];
    uint32_t ar[16];
    uint64_t single[ZF_REGISTER_COUNT]; /* registers that there is one of, by their row */
    uint32_t cc;
    uint64_t psw_mask; /* without the condition code */
    uint64_t psw_addr;
    uint8_t data[GUEST_DATA_SIZE]; /* both data ranges, one after the other */
};

enum guest_end { GUEST_PGM, GUEST_SVC, GUEST_STOPPED };

struct guest {
    struct zf_machine *machine;
    struct zf_facilities facilities;
    enum guest_end end;
    struct zf_pgm pgm; /* of GUEST_PGM, and its PSW in the state that guest_save() gives */
    uint8_t svc;
    enum zf_stop stop; /* of GUEST_STOPPED */
};

/** A machine of model z17 with all that zfacet has; `linear`: as for Linux programs. */
struct guest *guest_create(enum zf_engine engine, bool linear);
void guest_destroy(struct guest *guest);

/** Changes the model; false when there is none of that name. Drops translated code. */
bool guest_set_model(struct guest *guest, const char *model);

/** Clears code and data, drops translated code. */
void guest_clear(struct guest *guest);
/** Puts code at an address within the code range. */
void guest_put_code(struct guest *guest, uint64_t address, const void *code, size_t length);

/** Index of guest `address` in guest_state.data, or -1. */
int guest_data_index(uint64_t address);

/** The default state: patterns in the registers, supervisor state, 64-bit addressing. */
void guest_state_init(struct guest_state *state);
void guest_load(struct guest *guest, const struct guest_state *state);
/** In a linear machine: until the next guest_load(), no stores to the last page. */
void guest_protect_last_page(struct guest *guest);
void guest_save(struct guest *guest, struct guest_state *state);

/** Runs from the PSW until a program condition, a supervisor call, or a stop. */
void guest_run(struct guest *guest);

#endif
