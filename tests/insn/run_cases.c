/*
 * Runs files of cases: every case cold and hot, in each engine, in a system and a linear machine,
 * in the addressing modes that it names, with its condition code alive and dead, and as the target
 * of an EXECUTE.
 */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>

enum variant { PLAIN, DEAD_CC, EXECUTED };

struct run {
    const struct insn_case *c;
    struct guest *guest;
    const char *engine;
    bool linear;
    unsigned mode; /* index: 64, 31, 24 */
    enum variant variant;
    bool hot;
    unsigned differences;
};

struct runner {
    struct guest *guest[2][2]; /* by engine, by linear */
    char model[64];            /* of all of them */
    unsigned cases, failed, runs;
};

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
    if (!r->c->any_fpc) {
        compare(r, "fpc", is->fpc, to->fpc);
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

static bool expects_interruption(const struct insn_case *c) {
    return c->pgm || c->any_access_pgm || c->svc >= 0;
}

/* Where the instruction itself lies, and the address behind it or its EXECUTE. */
static uint64_t place(const struct run *r) {
    return r->variant == EXECUTED ? GUEST_TARGET : GUEST_CODE;
}

static uint64_t behind(const struct run *r) {
    return GUEST_CODE + (r->variant == EXECUTED ? 6 : r->c->length);
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

/*
 * The run ended as expected: a condition at the instruction, or none of it: then the illegal
 * instruction behind it, or where it branches to, ended the run, two bytes further.
 */
static void compare_end(struct run *r, const struct guest_state *is) {
    const struct insn_case *c = r->c;
    if (c->svc >= 0 && r->guest->end == GUEST_SVC) {
        compare(r, "svc", r->guest->svc, (uint64_t)c->svc);
        compare(r, "psw address", is->psw_addr, behind(r));
    } else if (r->guest->end != GUEST_PGM) {
        differ(r, "stop", r->guest->stop, ZF_STOP_REQUESTED);
        printf("    %s\n", r->guest->machine->stop_text);
    } else if (c->pgm || c->any_access_pgm) {
        bool at = r->guest->pgm.code == ZF_PGM_PAGE_TRANSLATION ||
                  r->guest->pgm.code == ZF_PGM_SEGMENT_TRANSLATION;
        compare_condition(r);
        compare(r, "psw address", is->psw_addr, at ? GUEST_CODE : behind(r));
    } else {
        uint64_t to = behind(r) + (r->variant == DEAD_CC ? 4 : 0);
        if (c->has_to) {
            to = c->to_is_distance ? place(r) + (uint64_t)c->to_distance : c->to_address;
        }
        compare(r, "pgm at the end", r->guest->pgm.code, ZF_PGM_OPERATION);
        compare(r, "psw address", is->psw_addr, to + 2);
    }
}

static void put_code(const struct run *r) {
    static const uint8_t set_cc[] = {0xa7, 0x01, 0x00, 0x00}; /* tmll 0,0 */
    uint8_t exrl[6] = {0xc6, 0x00};
    if (r->variant == EXECUTED) {
        zf_put32(exrl + 2, (GUEST_TARGET - GUEST_CODE) / 2);
        guest_put_code(r->guest, GUEST_CODE, exrl, sizeof exrl);
    }
    guest_put_code(r->guest, place(r), r->c->code, r->c->length);
    if (r->variant == DEAD_CC) {
        guest_put_code(r->guest, GUEST_CODE + r->c->length, set_cc, sizeof set_cc);
    }
}

static uint64_t mode_bits(unsigned mode) {
    return mode == 0 ? ZF_PSW_EA | ZF_PSW_BA : mode == 1 ? ZF_PSW_BA : 0;
}

/* Cold, then hot. */
static void run_variant(struct run *r, struct runner *runner) {
    static struct guest_state before, is, after;
    before = r->c->before;
    after = r->c->after;
    before.psw_mask &= ~(ZF_PSW_EA | ZF_PSW_BA);
    before.psw_mask |= mode_bits(r->mode);
    if (!r->c->has_amode) {
        after.psw_mask &= ~(ZF_PSW_EA | ZF_PSW_BA);
        after.psw_mask |= mode_bits(r->mode);
    }
    guest_clear(r->guest);
    put_code(r);
    for (int hot = 0; hot < 2; hot++) {
        r->hot = hot;
        guest_load(r->guest, &before);
        guest_run(r->guest);
        guest_save(r->guest, &is);
        compare_end(r, &is);
        compare_state(r, &is, &after);
        runner->runs++;
    }
}

static bool applies(const struct insn_case *c, enum variant variant) {
    if (variant == EXECUTED) {
        /* EXRL came with z10 */
        return c->single && !c->no_execute && !c->model[0];
    }
    return variant == PLAIN || (!expects_interruption(c) && !c->has_to && !c->no_dead_cc);
}

static void set_model(struct runner *runner, const struct insn_case *c) {
    const char *model = c->model[0] ? c->model : "z17-full";
    if (!strcmp(model, runner->model)) {
        return;
    }
    snprintf(runner->model, sizeof runner->model, "%s", model);
    for (unsigned i = 0; i < 4; i++) {
        if (!guest_set_model(runner->guest[i / 2][i % 2], model)) {
            printf("%s:%d: no model '%s'\n", c->file, c->line, model);
            runner->failed++;
            return;
        }
    }
}

static bool run_case(struct runner *runner, const struct insn_case *c) {
    static const char *const engines[] = {"goto", "switch"};
    unsigned differences = 0;
    set_model(runner, c);
    for (unsigned i = 0; i < 2 * 2 * 3 * 3 && !differences; i++) {
        struct run r = {
            .c = c,
            .variant = (enum variant)(i % 3),
            .mode = i / 3 % 3,
            .linear = i / 9 % 2,
            .engine = engines[i / 18],
        };
        r.guest = runner->guest[i / 18][r.linear];
        if (c->modes[r.mode] && applies(c, r.variant) &&
            !(r.linear ? c->not_linear : c->not_system)) {
            run_variant(&r, runner);
        }
        differences += r.differences;
    }
    return !differences;
}

static bool run_file(struct runner *runner, const char *path) {
    static struct insn_case c;
    char line[8192], error[256];
    const char *slash = strrchr(path, '/');
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("cannot open %s\n", path);
        return false;
    }
    for (int n = 1; fgets(line, sizeof line, file); n++) {
        if (case_parse(&c, line, error, sizeof error)) {
            c.file = slash ? slash + 1 : path;
            c.line = n;
            runner->cases++;
            runner->failed += !run_case(runner, &c);
        } else if (error[0]) {
            printf("%s:%d: %s\n", path, n, error);
            runner->failed++;
        }
    }
    fclose(file);
    return true;
}

int main(int argc, char **argv) {
    struct runner runner = {.model = "z17-full"};
    bool ok = argc > 1;
    for (unsigned i = 0; i < 4; i++) {
        runner.guest[i / 2][i % 2] =
            guest_create(i / 2 ? ZF_ENGINE_SWITCH : ZF_ENGINE_GOTO, i % 2 != 0);
    }
    for (int i = 1; i < argc; i++) {
        ok &= run_file(&runner, argv[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        guest_destroy(runner.guest[i / 2][i % 2]);
    }
    printf("%u cases in %u runs, %u failed\n", runner.cases, runner.runs, runner.failed);
    return ok && runner.cases && !runner.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
