#include "compare.h"

#include <stdio.h>

static void differ(struct run *r, const char *what, uint64_t is, uint64_t expected) {
    static const char *const modes[] = {"64", "31", "24"};
    static const char *const variants[] = {"", " dead CC", " executed"};
    if (!r->differences++) {
        printf("%s:%d: %s\n  in %s, %s, %s-bit, %s%s:\n", r->c->file, r->c->line, r->c->text,
               r->engine, r->linear ? "linear" : "system", modes[r->mode], r->hot ? "hot" : "cold",
               variants[r->variant]);
    }
    if (r->differences <= 8) {
        printf("    %s is %llx, expected %llx\n", what, (unsigned long long)is,
               (unsigned long long)expected);
    }
}

static void compare(struct run *r, const char *what, uint64_t is, uint64_t expected) {
    if (is != expected) {
        differ(r, what, is, expected);
    }
}

static void compare_numbered(struct run *r, const char *kind, unsigned n, uint64_t is,
                             uint64_t expected) {
    if (is != expected) {
        char name[24];
        snprintf(name, sizeof name, "%s%u", kind, n);
        differ(r, name, is, expected);
    }
}

static void compare_data(struct run *r, const struct guest_state *is,
                         const struct guest_state *to) {
    for (unsigned i = 0; i < GUEST_DATA_SIZE; i++) {
        if ((is->data[i] ^ to->data[i]) & ~r->c->any_data[i]) {
            uint64_t address = i < GUEST_DATA_END - GUEST_DATA
                                   ? GUEST_DATA + i
                                   : GUEST_LAST_PAGE + i - (GUEST_DATA_END - GUEST_DATA);
            char name[24];
            snprintf(name, sizeof name, "@%llx", (unsigned long long)address);
            differ(r, name, is->data[i], to->data[i]);
        }
    }
}

static void compare_state(struct run *r, const struct guest_state *is,
                          const struct guest_state *to) {
    for (unsigned i = 0; i < 16; i++) {
        if (!(r->c->any_gr >> i & 1)) {
            compare_numbered(r, "r", i, is->gr[i], to->gr[i]);
        }
        compare_numbered(r, "a", i, is->ar[i], to->ar[i]);
        compare_numbered(r, "c", i, is->cr[i], to->cr[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        if (!(r->c->any_vr >> i & 1)) {
            compare_numbered(r, "left half of v", i, is->vr[i][0], to->vr[i][0]);
            compare_numbered(r, "right half of v", i, is->vr[i][1], to->vr[i][1]);
        }
    }
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        if (!(r->c->any_single >> id & 1)) {
            compare(r, zf_register_info((enum zf_register)id)->name, is->single[id],
                    to->single[id]);
        }
    }
    if (!r->c->any_cc || r->variant == DEAD_CC) {
        compare(r, "cc", is->cc, r->variant == DEAD_CC ? 0 : to->cc);
    }
    if (!r->c->any_mask) {
        compare(r, "psw mask", is->psw_mask, to->psw_mask);
    }
    compare_data(r, is, to);
}

static bool is_access(uint16_t code) {
    return code == ZF_PGM_PROTECTION || code == ZF_PGM_ADDRESSING ||
           code == ZF_PGM_SEGMENT_TRANSLATION || code == ZF_PGM_PAGE_TRANSLATION;
}

/* Where the instruction itself lies, and the address after it or its EXECUTE. */
uint64_t run_place(const struct run *r) {
    return r->variant == EXECUTED ? GUEST_TARGET : GUEST_CODE;
}

static uint64_t after(const struct run *r) {
    return GUEST_CODE + (r->variant == EXECUTED ? 6 : r->c->length);
}

/* Where the last instruction, or its EXECUTE, lies: it is the one that a condition is expected at.
 */
static uint64_t last(const struct run *r) {
    unsigned at = 0, next = 0;
    while (r->variant != EXECUTED && next < r->c->length) {
        at = next;
        next += zf_insn_length((uint64_t)r->c->code[at] << 56);
    }
    return GUEST_CODE + at;
}

static void compare_condition(struct run *r) {
    const struct insn_case *c = r->c;
    const struct zf_pgm *pgm = &r->guest->pgm;
    if (c->any_access_pgm) {
        if (!is_access(pgm->code)) {
            differ(r, "pgm", pgm->code, ZF_PGM_ADDRESSING);
        }
        return;
    }
    compare(r, "pgm", pgm->code, c->pgm);
    if (c->dxc >= 0) {
        compare(r, "dxc", pgm->dxc, (uint64_t)c->dxc);
    }
    if (c->monitor_class >= 0) {
        compare(r, "class", pgm->monitor_class, (uint64_t)c->monitor_class);
    }
    if (c->has_pgm_address) {
        compare(r, "address", pgm->address, c->pgm_address);
    }
}

/* Conditions that leave the PSW at the instruction. */
static bool nullifies(unsigned pgm) {
    return pgm == ZF_PGM_PAGE_TRANSLATION || pgm == ZF_PGM_SEGMENT_TRANSLATION ||
           pgm == ZF_PGM_TRACE_TABLE || (pgm >= 0x20 && pgm <= 0x34 && pgm != ZF_PGM_ALET_SPEC);
}

static uint64_t target(const struct run *r) {
    const struct insn_case *c = r->c;
    return c->to_is_distance ? run_place(r) + (uint64_t)c->to_distance : c->to_address;
}

/*
 * The run ended as expected: a condition at the instruction, or none of it: then the illegal
 * instruction after it, or where it branches to, ended the run, two bytes further.
 */
static void compare_end(struct run *r, const struct guest_state *is) {
    const struct insn_case *c = r->c;
    if (c->svc >= 0 && r->guest->end == GUEST_SVC) {
        compare(r, "svc", r->guest->svc, (uint64_t)c->svc);
        compare(r, "psw address", is->psw_addr, after(r));
    } else if (r->guest->end != GUEST_PGM) {
        differ(r, "stop", r->guest->stop, ZF_STOP_REQUESTED);
        printf("    %s\n", r->guest->machine ? r->guest->machine->stop_text : "");
    } else if (c->pgm || c->any_access_pgm) {
        bool at = nullifies(r->guest->pgm.code);
        compare_condition(r);
        compare(r, "psw address", is->psw_addr, c->has_to ? target(r) : at ? last(r) : after(r));
    } else {
        uint64_t to = after(r) + (r->variant == DEAD_CC ? 4 : 0);
        if (c->has_to) {
            to = target(r);
        }
        compare(r, "pgm at the end", r->guest->pgm.code, ZF_PGM_OPERATION);
        compare(r, "psw address", is->psw_addr, to + 2);
    }
}

void run_compare(struct run *r, const struct guest_state *is, const struct guest_state *expected) {
    compare_end(r, is);
    compare_state(r, is, expected);
}
