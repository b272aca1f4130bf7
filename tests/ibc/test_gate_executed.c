/*
 * The gate in action: every instruction that zfacet executes is run on every model, as it is and
 * as the target of an EXECUTE. What the gate blocks must end in the exception with the right
 * length and old PSW; what it permits must not end in an operation exception.
 *
 * Operands are zero, and so are the registers: accesses hit the beginning of storage, which is
 * written anew before each run.
 */
#include "zfacet/guest_view.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"
#include "zfacet/machine.h"
#include "zfacet/translate.h"

#include <criterion/criterion.h>

enum {
    CODE = 0x2000,
    TARGET = 0x800, /* of the EXECUTE: reached without a base register */
    EXECUTE_LENGTH = 4,
    LOW_ILC = 0x8d,
    LOW_CODE = 0x8e,
    LOW_OLD_PSW = 0x150,
    LOW_NEW_PSW = 0x1d0,
    STORAGE = 1 << 20,
    INSNS = 4, /* per run: some instructions branch to themselves */
};

#define WAIT_MASK (ZF_PSW_WAIT | ZF_PSW_EA | ZF_PSW_BA)
#define EXECUTE_WORD (UINT64_C(0x44000000) << 32 | (uint64_t)TARGET << 32)

struct gated {
    struct zf_machine *machine;
    struct zf_facilities facilities;
    unsigned findings; /* blocked ones of the last run */
    unsigned ignored;  /* forms of the last run */
    unsigned hints;    /* of these */
    unsigned runs, blocked;
};

static void found(void *context, struct zf_cpu *cpu, const struct zf_finding *finding) {
    struct gated *g = context;
    g->findings += finding->kind == ZF_FINDING_BLOCKED &&
                   finding->subject.kind != ZF_SUBJECT_FUNCTION && finding->address == CODE;
    g->ignored += finding->kind == ZF_FINDING_IGNORED || finding->kind == ZF_FINDING_HINT;
    g->hints += finding->kind == ZF_FINDING_HINT;
}

static struct gated *gated_create(void) {
    struct gated *g = calloc(1, sizeof *g);
    struct zf_error err;
    struct zf_machine_config config = {
        .storage_size = STORAGE,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
        .max_insns = INT64_MAX / 2,
    };
    cr_assert_not_null(g);
    g->machine = zf_machine_create(&config, &err);
    cr_assert_not_null(g->machine, "%s", err.message);
    g->machine->facilities = &g->facilities;
    g->facilities.found_context = g;
    g->facilities.found = found;
    return g;
}

static void gated_destroy(struct gated *g) {
    zf_machine_destroy(g->machine);
    free(g);
}

static void put_word(struct gated *g, uint64_t address, uint64_t word) {
    uint8_t *p = zf_absolute(&g->machine->storage, (struct zf_aaddr){address}, 8);
    zf_put64(p, word);
    zf_code_changed(&g->machine->storage, address, 8);
}

/* Registers and the beginning of storage as every run finds them. */
static void reset(struct gated *g) {
    struct zf_cpu *cpu = g->machine->cpus.cpu[0];
    uint8_t *low = zf_absolute(&g->machine->storage, (struct zf_aaddr){0}, 0x1000);
    memset(low, 0, 0x400);
    zf_put64(low + LOW_NEW_PSW, WAIT_MASK);
    zf_code_changed(&g->machine->storage, 0, 0x400);
    memset(cpu->gr, 0, sizeof cpu->gr);
    memset(cpu->vr, 0, sizeof cpu->vr);
    memset(cpu->ar, 0, sizeof cpu->ar);
    memset(cpu->cr, 0, sizeof cpu->cr);
    cpu->fpc = 0;
    cpu->prefix = 0;
    cpu->external_pending = 0;
    cpu->clock_comparator = UINT64_MAX;
    cpu->state = ZF_CPU_OPERATING;
    cpu->insns_left = INSNS;
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, CODE);
    zf_tlb_clear(cpu);
    g->findings = 0;
    g->ignored = 0;
    g->hints = 0;
}

/* Runs the word; `length` is that of the instruction that the interruption must show. */
static void run(struct gated *g, const char *model, uint64_t word, unsigned length, bool execute) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    const char *name = zf_row_get((enum zf_row)insn.row)->mnemonic;
    enum zf_outcome outcome = zf_gate_check(&g->facilities.gate, &insn).outcome;
    reset(g);
    put_word(g, CODE, execute ? EXECUTE_WORD : word);
    put_word(g, TARGET, execute ? word : 0);
    enum zf_stop stop = zf_machine_run(g->machine);
    const uint8_t *low = zf_absolute(&g->machine->storage, (struct zf_aaddr){0}, 0x1000);
    unsigned code = zf_get16(low + LOW_CODE);
    bool here = zf_get64(low + LOW_OLD_PSW + 8) == CODE + length && low[LOW_ILC] == length;
    const char *how = execute ? " by EXECUTE" : "";
    g->runs++;
    cr_expect_neq(stop, ZF_STOP_UNIMPLEMENTED, "%s: %s%s is not implemented", model, name, how);
    if (outcome == ZF_OUTCOME_EXECUTED) {
        cr_expect_eq(g->findings, 0, "%s: %s%s counts as blocked", model, name, how);
        /* The word that a permitted EXECUTE finds is zero: an operation exception of its own. */
        if (insn.row != ZF_ROW_ex) {
            cr_expect(!here || code != ZF_PGM_OPERATION,
                      "%s: %s%s runs into an operation exception", model, name, how);
        }
        return;
    }
    g->blocked++;
    cr_expect_eq(g->findings, 1, "%s: %s%s is told %u times", model, name, how, g->findings);
    cr_expect_eq(code, outcome == ZF_OUTCOME_OPERATION ? ZF_PGM_OPERATION : ZF_PGM_SPECIFICATION,
                 "%s: %s%s gives exception %04x", model, name, how, code);
    cr_expect(here, "%s: %s%s: length code %u, old PSW %llx", model, name, how, low[LOW_ILC],
              (unsigned long long)zf_get64(low + LOW_OLD_PSW + 8));
}

static void run_model(struct gated *g, const char *text, enum zf_policy policy,
                      const char *host_text) {
    struct zf_model model, host;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_OK, "%s", text);
    struct zf_gate_config config = zf_gate_config_default(&model);
    config.policy = policy;
    if (host_text) {
        cr_assert_eq(zf_model_parse(host_text, false, &host, NULL, NULL), ZF_OK);
        config.host = &host;
    }
    zf_gate_compute(&config, &g->facilities.gate);
    zf_machine_flush(g->machine);
    for (unsigned row = 1; row < ZF_ROW_COUNT; row++) {
        const struct zf_row_info *info = zf_row_get((enum zf_row)row);
        if (zf_row_implemented((enum zf_row)row)) {
            run(g, text, info->opcode, info->length, false);
            if (row != ZF_ROW_ex && row != ZF_ROW_exrl) {
                run(g, text, info->opcode, EXECUTE_LENGTH, true);
            }
        }
    }
}

Test(gate_executed, all_models_under_policy_model) {
    struct gated *g = gated_create();
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        zf_model_name_at(i, name);
        run_model(g, name, ZF_POLICY_MODEL, NULL);
    }
    run_model(g, "recommended", ZF_POLICY_MODEL, NULL);
    cr_expect_gt(g->runs, 82 * 2 * 500);
    cr_expect_gt(g->blocked, 1000);
    gated_destroy(g);
}

Test(gate_executed, policies_ibc_and_audit) {
    static const char *const models[] = {"z900", "z10EC", "z13", "z14-base", "z15", "z16"};
    struct gated *g = gated_create();
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(models); i++) {
        run_model(g, models[i], ZF_POLICY_IBC, NULL);
        run_model(g, models[i], ZF_POLICY_IBC, "z15");
    }
    cr_expect_gt(g->blocked, 100);
    g->blocked = 0;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(models); i++) {
        run_model(g, models[i], ZF_POLICY_AUDIT, NULL);
    }
    cr_expect_eq(g->blocked, 0);
    gated_destroy(g);
}

/* Runs function `code` on no data; registers and parameters are zero but for the pairs. */
static enum zf_stop run_function(struct gated *g, enum zf_query query, unsigned code) {
    const struct zf_row_info *info = zf_row_get(zf_row_find(zf_query_mnemonic(query)));
    bool digest = query == ZF_QUERY_KIMD || query == ZF_QUERY_KLMD; /* M3 must be zero */
    uint64_t word = info->opcode;
    word |= info->length == 6   ? UINT64_C(0x0024040004000000)
            : info->length == 4 ? UINT64_C(0x6024) << 32
                                : 0;
    word &= digest ? ~(UINT64_C(0xf000) << 32) : ~UINT64_C(0);
    reset(g);
    put_word(g, CODE, word);
    g->machine->cpus.cpu[0]->gr[0] = code;
    g->machine->cpus.cpu[0]->gr[1] = 0x10000;
    g->machine->cpus.cpu[0]->insns_left = 1;
    g->machine->stop = (enum zf_stop)0;
    return zf_machine_run(g->machine);
}

Test(gate_executed, function_codes_run_as_the_table_says) {
    struct gated *g = gated_create();
    struct zf_model model;
    cr_assert_eq(zf_model_parse("max", false, &model, NULL, NULL), ZF_OK);
    struct zf_gate_config config = zf_gate_config_default(&model);
    zf_gate_compute(&config, &g->facilities.gate);
    unsigned executed = 0;
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        enum zf_query query = (enum zf_query)q;
        for (unsigned code = 0; code < (q == ZF_QUERY_PLO ? 256 : 128); code++) {
            bool implemented = zf_function_implemented(query, code);
            if (zf_model_has_function(&model, query, code)) {
                enum zf_stop stop = run_function(g, query, code);
                cr_expect_eq(stop == ZF_STOP_UNIMPLEMENTED, !implemented, "%s %u: stop %d, %s",
                             zf_query_mnemonic(query), code, stop, g->machine->stop_text);
                executed += implemented;
            } else {
                cr_expect(!implemented || (!code && zf_query_has_query_function(query)),
                          "%s %u: no machine has it", zf_query_mnemonic(query), code);
            }
        }
    }
    cr_expect_gt(executed, 60);
    gated_destroy(g);
}

/* What is left of a model is consistent, and wholly executed. */
Test(gate_executed, a_model_without_what_is_not_executed) {
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH], text[64];
        struct zf_model model;
        struct zf_model_warnings warnings;
        static struct zf_gate gate;
        zf_model_name_at(i, name);
        cr_assert_eq(zf_model_parse(name, false, &model, NULL, NULL), ZF_OK);
        uint64_t hwcap = zf_guest_hwcap(&model);
        const struct zf_model whole = model;
        zf_model_hide_unimplemented(&model, NULL, NULL);
        zf_model_check(&model, &warnings);
        cr_expect_eq(warnings.count, 0, "%s", name);
        struct zf_gate_config config = zf_gate_config_default(&model);
        zf_gate_compute(&config, &gate);
        zf_gate_hide_unimplemented(&gate, &whole);
        for (unsigned row = 1; row < ZF_ROW_COUNT; row++) {
            const struct zf_row_info *info = zf_row_get((enum zf_row)row);
            cr_expect(!zf_gate_permits(&gate, row) || zf_row_implemented((enum zf_row)row) ||
                          !info->facility.count || info->facility.any,
                      "%s: %s", name, info->mnemonic);
        }
        for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
            cr_expect(!zf_missing_functions_text(&model, (enum zf_query)q, text, sizeof text),
                      "%s: %s %s", name, zf_query_mnemonic((enum zf_query)q), text);
        }
        cr_expect_eq(zf_guest_hwcap(&model), hwcap, "%s: hwcap %llx, hidden %llx", name,
                     (unsigned long long)hwcap, (unsigned long long)zf_guest_hwcap(&model));
    }
}

struct told {
    char text[1 << 14];
    size_t used;
};

static void tell(void *context, const char *text) {
    struct told *told = context;
    told->used +=
        (size_t)snprintf(told->text + told->used, sizeof told->text - told->used, "[%s]", text);
}

/* Named itself, or as a function code in the list of its instruction's. */
static bool is_told(const struct told *told, enum zf_feature feature) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    char name[64];
    if (info->kind < ZF_KIND_STFL) {
        snprintf(name, sizeof name, "[%s function codes",
                 zf_query_mnemonic((enum zf_query)info->kind));
    } else if (info->kind == ZF_KIND_STFL) {
        snprintf(name, sizeof name, "[facility %u (%s), ", info->bit, info->name);
    } else {
        snprintf(name, sizeof name, "[%s, ", info->name);
    }
    if (strstr(told->text, name)) {
        return true;
    }
    snprintf(name, sizeof name, "[%s, ", info->name);
    return strstr(told->text, name) != NULL;
}

/* Nothing stays without what it needs or extends, and all that went is told. */
Test(gate_executed, what_is_hidden_takes_its_dependents_along) {
    for (unsigned i = 0; i < zf_model_count(); i++) {
        const struct zf_feature_dependency *d;
        char name[ZF_MODEL_NAME_LENGTH];
        struct zf_model model;
        struct told told = {.used = 0};
        zf_model_name_at(i, name);
        cr_assert_eq(zf_model_parse(name, false, &model, NULL, NULL), ZF_OK);
        const struct zf_model whole = model;
        zf_model_hide_unimplemented(&model, tell, &told);
        for (unsigned j = 0; (d = zf_feature_extension_at(j)); j++) {
            cr_expect(!zf_model_has_feature(&model, d->feature) ||
                          zf_model_has_feature(&model, d->needs) ||
                          !zf_model_has_feature(&whole, d->needs),
                      "%s: %s without %s", name, zf_feature_info(d->feature)->name,
                      zf_feature_info(d->needs)->name);
        }
        for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
            cr_expect(!zf_model_has_feature(&whole, f) || zf_model_has_feature(&model, f) ||
                          is_told(&told, (enum zf_feature)f),
                      "%s: %s is hidden untold", name, zf_feature_info(f)->name);
        }
    }
}

Test(gate_executed, every_ignored_form_is_told) {
    struct gated *g = gated_create();
    struct zf_model model;
    cr_assert_eq(zf_model_parse("z900", false, &model, NULL, NULL), ZF_OK);
    struct zf_gate_config config = zf_gate_config_default(&model);
    zf_gate_compute(&config, &g->facilities.gate);
    run(g, "z900", UINT64_C(0xb22bf02400000000), 4, false); /* SSKE with four options */
    cr_expect_eq(g->ignored, 4, "%u", g->ignored);
    cr_expect_eq(g->hints, 1, "%u", g->hints); /* M3 8: nonquiescing */
    gated_destroy(g);
}

/* A gate that changes under a running machine must be heeded at once, cold and hot. */
Test(gate_executed, changes_of_the_gate_drop_translated_code) {
    struct gated *g = gated_create();
    const struct zf_row_info *info = zf_row_get(zf_row_find("lgfi"));
    for (unsigned i = 0; i < 20; i++) {
        struct zf_model model;
        const char *text = i & 1 ? "z900" : "z10EC";
        cr_assert_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_OK);
        struct zf_gate_config config = zf_gate_config_default(&model);
        zf_gate_compute(&config, &g->facilities.gate);
        zf_machine_flush(g->machine);
        run(g, text, info->opcode, info->length, false);
        run(g, text, info->opcode, EXECUTE_LENGTH, true);
    }
    cr_expect_eq(g->blocked, 20);
    gated_destroy(g);
}
