/*
 * Runs files of cases: every case cold and hot, in each engine, in a system and a linear machine,
 * in the addressing modes that it names, with its condition code alive and dead, and as the target
 * of an EXECUTE.
 */
#include "compare.h"

#include "zfacet/jit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    enum zf_engine engine;
} engines[] = {{"goto", ZF_ENGINE_GOTO},
               {"switch", ZF_ENGINE_SWITCH},
               {"base", ZF_ENGINE_BASE},
               {"auto", ZF_ENGINE_AUTO}};
enum { ENGINES = ZF_ARRAY_LENGTH(engines), WAYS = 3 * 3 * 2 };

struct runner {
    struct guest *guest[ENGINES][2]; /* by engine, by linear */
    unsigned engines;                /* of them, those that there are here */
    char model[64];                  /* of all of them */
    unsigned cases, failed, runs;
};

static void put_code(const struct run *r) {
    static const uint8_t set_cc[] = {0xa7, 0x01, 0x00, 0x00}; /* tmll 0,0 */
    uint8_t exrl[6] = {0xc6, 0x00};
    if (r->variant == EXECUTED) {
        zf_put32(exrl + 2, (GUEST_TARGET - GUEST_CODE) / 2);
        guest_put_code(r->guest, GUEST_CODE, exrl, sizeof exrl);
    }
    guest_put_code(r->guest, run_place(r), r->c->code, r->c->length);
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
        if (r->c->read_only) {
            guest_protect_last_page(r->guest);
        }
        guest_run(r->guest);
        guest_save(r->guest, &is);
        run_compare(r, &is, &after);
        runner->runs++;
    }
}

static bool expects_interruption(const struct insn_case *c) {
    return c->pgm || c->any_access_pgm || c->svc >= 0;
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
    for (unsigned i = 0; i < 2 * runner->engines; i++) {
        if (!guest_set_model(runner->guest[i / 2][i % 2], model)) {
            printf("%s:%d: no model '%s'\n", c->file, c->line, model);
            runner->failed++;
            return;
        }
    }
}

static bool run_case(struct runner *runner, const struct insn_case *c) {
    unsigned differences = 0;
    set_model(runner, c);
    for (unsigned i = 0; i < WAYS * runner->engines && !differences; i++) {
        struct run r = {
            .c = c,
            .variant = (enum variant)(i % 3),
            .mode = i / 3 % 3,
            .linear = i / 9 % 2,
            .engine = engines[i / WAYS].name,
        };
        r.guest = runner->guest[i / WAYS][r.linear];
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
    runner.engines = zf_jit_missing() ? 2 : ENGINES;
    for (unsigned i = 0; i < 2 * runner.engines; i++) {
        runner.guest[i / 2][i % 2] = guest_create(engines[i / 2].engine, i % 2 != 0);
    }
    for (int i = 1; i < argc; i++) {
        ok &= run_file(&runner, argv[i]);
    }
    for (unsigned i = 0; i < 2 * runner.engines; i++) {
        guest_destroy(runner.guest[i / 2][i % 2]);
    }
    printf("%u cases in %u runs, %u failed\n", runner.cases, runner.runs, runner.failed);
    return ok && runner.cases && !runner.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
