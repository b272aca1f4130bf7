/*
 * One case of an instruction: what runs, what it finds, what it must leave behind. See README.md.
 */
#ifndef ZF_TEST_CASE_H
#define ZF_TEST_CASE_H

#include "../guest.h"

enum { CASE_CODE_SIZE = 64 };

struct insn_case {
    const char *file;
    int line;
    char text[1024]; /* for messages */
    uint8_t code[CASE_CODE_SIZE];
    unsigned length;       /* of all its instructions */
    unsigned first_length; /* of the first one, or of the only one */
    bool single;           /* one instruction only */

    struct guest_state before;
    struct guest_state after; /* psw_addr is set by the runner, who knows where the code lies */
    char model[64];           /* "" for all that zfacet has */
    bool modes[3];            /* addressing modes to run in: 64, 31, 24 */
    bool not_linear, not_system;
    bool read_only;  /* the last page, of a linear machine */
    bool no_execute; /* not as the target of an EXECUTE */
    bool no_peer;    /* not on another emulator, see tests/diff */
    bool no_dead_cc; /* not with an instruction after it that sets the CC again */

    uint16_t pgm;        /* expected program condition, or 0 */
    bool any_access_pgm; /* `pgm` is an access exception, whose code depends on the storage */
    int dxc;             /* expected, or -1 */
    int monitor_class;
    bool has_pgm_address;
    uint64_t pgm_address;
    int svc;     /* expected supervisor call, or -1 */
    bool has_to; /* expected branch, to the instruction's address + to_distance or to to_address */
    bool to_is_distance;
    int64_t to_distance;
    uint64_t to_address;

    /* what is not compared */
    uint16_t any_gr;
    uint32_t any_vr;
    uint32_t any_single; /* bit n: of zf_register n */
    bool any_cc, any_mask;
    bool has_amode;                    /* the addressing mode afterwards is given */
    uint8_t any_data[GUEST_DATA_SIZE]; /* bits of each byte */
};

/**
 * Parses one line. False with `error` filled when it is none; for blank and comment lines too,
 * then with an empty `error`.
 */
bool case_parse(struct insn_case *c, const char *line, char *error, size_t error_size);

#endif
