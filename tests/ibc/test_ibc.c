#include "zfacet/ibc.h"

#include <criterion/criterion.h>

static struct zf_model model_of(const char *text) {
    struct zf_model model;
    struct zf_error err;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, &err), ZF_OK, "%s", err.message);
    return model;
}

static struct zf_gate gate_of(const char *text, enum zf_policy policy, int ibc, const char *host) {
    struct zf_model model = model_of(text), host_model;
    struct zf_gate_config config = zf_gate_config_default(&model);
    struct zf_gate gate;
    config.policy = policy;
    config.ibc = ibc;
    if (host) {
        host_model = model_of(host);
        config.host = &host_model;
    }
    zf_gate_compute(&config, &gate);
    return gate;
}

Test(ibc, values_follow_generation_and_ga) {
    static const struct {
        const char *machine;
        unsigned ibc;
        unsigned lowest;
    } cases[] = {
        {"z900", 0, 0},         {"z9EC.3", 0, 0},      {"z10EC", 0x001, 0},
        {"z196.2", 0x012, 1},   {"zEC12", 0x021, 1},   {"z13.2", 0x032, 0x011},
        {"z13s", 0x032, 0x011}, {"z15", 0x051, 0x031}, {"z16", 0x061, 0x041},
        {"z17", 0x071, 0x051},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        const struct zf_machine_type *machine = zf_machine_by_name(cases[i].machine);
        cr_expect_eq(zf_machine_ibc(machine), cases[i].ibc, "%s", cases[i].machine);
        cr_expect_eq(zf_ibc_lowest(machine), cases[i].lowest, "%s", cases[i].machine);
    }
}

Test(ibc, requests_are_clamped_and_never_refused) {
    static const struct {
        unsigned request, lowest, unblocked, effective;
    } cases[] = {
        {0x031, 0x011, 0x041, 0x031}, {0x001, 0x011, 0x041, 0x011}, {0x071, 0x011, 0x041, 0x041},
        {0, 0x011, 0x041, 0},         {0x031, 0, 0x041, 0},         {0x031, 0, 0, 0},
        {0xfff, 0x011, 0x041, 0x041}, {0x011, 0x011, 0x041, 0x011}, {0x041, 0x011, 0x041, 0x041},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        cr_expect_eq(
            zf_ibc_clamp(cases[i].request, (uint16_t)cases[i].lowest, (uint16_t)cases[i].unblocked),
            cases[i].effective, "%#x", cases[i].request);
    }
}

Test(ibc, text_is_parsed) {
    int ibc = 0;
    cr_expect(zf_ibc_parse("0x31", &ibc, NULL) == ZF_OK && ibc == 0x31);
    cr_expect(zf_ibc_parse("z14", &ibc, NULL) == ZF_OK && ibc == 0x41);
    cr_expect(zf_ibc_parse("none", &ibc, NULL) == ZF_OK && ibc == 0);
    cr_expect_eq(zf_ibc_parse("0x1000", &ibc, NULL), ZF_ERROR_USAGE);
    cr_expect_eq(zf_ibc_parse("-1", &ibc, NULL), ZF_ERROR_USAGE);
    cr_expect_eq(zf_ibc_parse("pentium", &ibc, NULL), ZF_ERROR_NOT_FOUND);
}

Test(gate, model_blocks_what_the_model_lacks) {
    static const struct {
        const char *model;
        enum zf_row row;
        enum zf_gate_reason reason;
    } cases[] = {
        {"z13", ZF_ROW_vl, ZF_GATE_ALLOWED},
        {"z196", ZF_ROW_vl, ZF_GATE_FACILITY_OFF},
        {"z13,vx=off", ZF_ROW_vl, ZF_GATE_FACILITY_OFF},
        {"z900", ZF_ROW_lg, ZF_GATE_ALLOWED},
        {"z900", ZF_ROW_ay, ZF_GATE_FACILITY_OFF},
        {"z900.3,ldisp=on", ZF_ROW_ay, ZF_GATE_ALLOWED},
        {"z990", ZF_ROW_lptea, ZF_GATE_NEWER_THAN_IBC},
        {"z14", ZF_ROW_selgr, ZF_GATE_FACILITY_OFF},
        {"z15", ZF_ROW_selgr, ZF_GATE_ALLOWED},
        {"z13,cte=off", ZF_ROW_tbeginc, ZF_GATE_FACILITY_OFF},
        {"z13", ZF_ROW_tbeginc, ZF_GATE_ALLOWED},
        {"z196", ZF_ROW_rrbm, ZF_GATE_FACILITY_OFF},
        {"z196,66=on", ZF_ROW_rrbm, ZF_GATE_ALLOWED},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_gate gate = gate_of(cases[i].model, ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
        const char *name = zf_row_get(cases[i].row)->mnemonic;
        cr_expect_eq(gate.reason[cases[i].row], cases[i].reason, "%s on %s: %s", name,
                     cases[i].model, zf_gate_reason_name(gate.reason[cases[i].row]));
        cr_expect_eq(zf_gate_permits(&gate, cases[i].row), cases[i].reason == ZF_GATE_ALLOWED);
        cr_expect(!zf_gate_flags(&gate, cases[i].row));
    }
}

Test(gate, ibc_lets_a_cleared_bit_leak) {
    static const struct {
        const char *model;
        const char *host;
        int ibc;
        enum zf_row row;
        bool permitted, flagged;
        enum zf_gate_reason reason;
    } cases[] = {
        /* the bit is off, nothing blocks it: a leak */
        {"z15,minste2=off", "z15", -1, ZF_ROW_agh, true, true, ZF_GATE_FACILITY_OFF},
        {"z15", "z15", -1, ZF_ROW_agh, true, false, ZF_GATE_ALLOWED},
        /* lowest of z15 is z13: a z196 guest still meets z13's instructions */
        {"z196", "z15", -1, ZF_ROW_locghi, true, true, ZF_GATE_FACILITY_OFF},
        {"z196", "z15", -1, ZF_ROW_agh, false, false, ZF_GATE_NEWER_THAN_IBC},
        /* no request, no blocking */
        {"z196", "z15", 0, ZF_ROW_agh, true, true, ZF_GATE_FACILITY_OFF},
        {"z196", "z15", 0, ZF_ROW_vl, false, false, ZF_GATE_OWN_CONTROL_OFF},
        {"z15,vx=off", "z15", -1, ZF_ROW_vstrs, false, false, ZF_GATE_OWN_CONTROL_OFF},
        {"z15,te=off", "z15", -1, ZF_ROW_tbegin, false, false, ZF_GATE_OWN_CONTROL_OFF},
        {"z15", "z14", -1, ZF_ROW_selgr, false, false, ZF_GATE_NOT_ON_HOST},
        /* z9 has no IBC value: everything of the host runs */
        {"z9EC", "z15", -1, ZF_ROW_selgr, true, true, ZF_GATE_FACILITY_OFF},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_gate gate = gate_of(cases[i].model, ZF_POLICY_IBC, cases[i].ibc, cases[i].host);
        enum zf_row row = cases[i].row;
        cr_expect_eq(zf_gate_permits(&gate, row), cases[i].permitted, "case %u", i);
        cr_expect_eq(zf_gate_flags(&gate, row), cases[i].flagged, "case %u", i);
        cr_expect_eq(gate.reason[row], cases[i].reason, "case %u: %s", i,
                     zf_gate_reason_name(gate.reason[row]));
    }
}

Test(gate, audit_permits_and_flags) {
    struct zf_gate gate = gate_of("z900", ZF_POLICY_AUDIT, ZF_IBC_OF_MODEL, NULL);
    for (unsigned row = 1; row < ZF_ROW_COUNT; row++) {
        cr_expect(zf_gate_permits(&gate, row));
    }
    cr_expect(zf_gate_flags(&gate, ZF_ROW_vl));
    cr_expect(!zf_gate_flags(&gate, ZF_ROW_lg));
    cr_expect(zf_gate_has_function(&gate, ZF_QUERY_KM, 18));
    cr_expect(zf_gate_flags_function(&gate, ZF_QUERY_KM, 18));
    cr_expect(zf_gate_has_facility(&gate, ZF_FACILITY_EDAT_1));
    cr_expect(!zf_gate_permits(&gate, ZF_ROW_INVALID));
}

Test(gate, functions_follow_the_instruction_and_the_level) {
    struct zf_gate gate = gate_of("z13", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    cr_expect(zf_gate_has_function(&gate, ZF_QUERY_KM, 0));
    cr_expect(zf_gate_has_function(&gate, ZF_QUERY_KM, 18));
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_KIMD, 32), "SHA-3 is z14's");
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_KMA, 0), "KMA is not installed");
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_KM, 4000));
    gate = gate_of("z13", ZF_POLICY_IBC, ZF_IBC_OF_MODEL, "z15");
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_KIMD, 32), "newer than the IBC value");
    gate = gate_of("z13", ZF_POLICY_IBC, 0x041, "z15");
    cr_expect(zf_gate_has_function(&gate, ZF_QUERY_KIMD, 32));
    cr_expect(zf_gate_flags_function(&gate, ZF_QUERY_KIMD, 32));
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_PTFF, 73), "multiple epoch has its control");
    gate = gate_of("z14,msa=off", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    cr_expect(!zf_gate_has_function(&gate, ZF_QUERY_KM, 18), "KM itself is off");
}

Test(gate, effects_beyond_instructions) {
    struct zf_gate gate = gate_of("z14,edat=off,iacc2=off", ZF_POLICY_IBC, ZF_IBC_OF_MODEL, "z15");
    cr_expect(!zf_gate_has_facility(&gate, ZF_FACILITY_EDAT_1), "has its own control");
    cr_expect(zf_gate_has_facility(&gate, ZF_FACILITY_INTERLOCKED_ACCESS_2), "a cleared bit");
    cr_expect(!zf_gate_has_facility(&gate, ZF_FACILITY_MISC_EXTENSIONS_3), "newer than IBC");
    gate = gate_of("z14,edat=off", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    cr_expect(!zf_gate_has_facility(&gate, ZF_FACILITY_EDAT_1));
    cr_expect(zf_gate_has_facility(&gate, ZF_FACILITY_CZAM));
}

Test(gate, explanations_name_facility_and_machine) {
    struct zf_gate gate = gate_of("z196", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    struct zf_subject subject = zf_subject_row(ZF_ROW_vl);
    struct zf_explanation e;
    zf_gate_explain(&gate, &subject, &e);
    cr_expect(!e.permitted);
    cr_expect_eq(e.facility, 129);
    cr_expect_str_eq(e.facility_name, "vector");
    cr_expect_str_eq(e.first, "z13");
    bool full;
    cr_expect_str_eq(zf_oldest_of(&subject, 1, &full)->name, "z13");
    cr_expect(!full);
    cr_expect_eq(e.outcome, ZF_OUTCOME_OPERATION);
    cr_expect_str_eq(e.why, "facility 129 (vector) is not in model z196");
    subject = zf_subject_function(ZF_QUERY_SORTL, 1);
    cr_expect_str_eq(zf_oldest_of(&subject, 1, &full)->name, "gen15a");
    cr_expect(full, "no default set has it");
    subject = zf_subject_row(ZF_ROW_rrbm);
    cr_expect_eq(zf_oldest_of(&subject, 1, &full), NULL, "no set has facility 66");
    subject = zf_subject_function(ZF_QUERY_KIMD, 32);
    zf_gate_explain(&gate, &subject, &e);
    cr_expect(!e.permitted);
    cr_expect_str_eq(e.first, "z14");
    cr_expect_eq(e.outcome, ZF_OUTCOME_SPECIFICATION);
    cr_expect_str_eq(e.why, "the function code is not in model z196");
}

static struct zf_gate_verdict check(const struct zf_gate *gate, uint64_t word, uint64_t *left) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    struct zf_gate_verdict verdict = zf_gate_check(gate, &insn);
    *left = insn.word;
    return verdict;
}

Test(gate, forms_are_blocked_or_ignored_as_the_older_book_says) {
    struct zf_gate z13 = gate_of("z13", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    struct zf_gate z15 = gate_of("z15", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    struct zf_gate leak = gate_of("z15,vxeh=off", ZF_POLICY_IBC, ZF_IBC_OF_MODEL, "z15");
    const uint64_t vfasb = UINT64_C(0xe700000020e30000), vfadb = UINT64_C(0xe700000030e30000);
    const uint64_t popcnt_m3 = UINT64_C(0xb9e1800000000000);
    uint64_t left;
    cr_expect_eq(check(&z13, vfasb, &left).outcome, ZF_OUTCOME_SPECIFICATION);
    cr_expect_eq(check(&z13, vfadb, &left).outcome, ZF_OUTCOME_EXECUTED);
    cr_expect_eq(check(&z15, vfasb, &left).outcome, ZF_OUTCOME_EXECUTED);
    struct zf_gate_verdict verdict = check(&leak, vfasb, &left);
    cr_expect(verdict.outcome == ZF_OUTCOME_EXECUTED && verdict.flagged && verdict.form_count == 1);
    verdict = check(&z13, popcnt_m3, &left);
    cr_expect(verdict.outcome == ZF_OUTCOME_EXECUTED && verdict.form_count == 1 &&
              !verdict.flagged);
    cr_expect_eq(left, UINT64_C(0xb9e1000000000000), "the field is as if zero");
    verdict = check(&z15, popcnt_m3, &left);
    cr_expect(verdict.outcome == ZF_OUTCOME_EXECUTED && !verdict.form_count && left == popcnt_m3);
    cr_expect_eq(check(&z13, 0, &left).outcome, ZF_OUTCOME_OPERATION);

    /* SSKE with all of its options: a machine ignores each that it does not know */
    const uint64_t sske = UINT64_C(0xb22bf02400000000);
    static const struct {
        const char *model;
        unsigned ignored;
        uint64_t left;
    } cases[] = {{"z900", 4, UINT64_C(0xb22b002400000000)},
                 {"z10EC", 1, UINT64_C(0xb22b702400000000)},
                 {"z14", 0, UINT64_C(0xb22bf02400000000)}};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_gate gate = gate_of(cases[i].model, ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
        verdict = check(&gate, sske, &left);
        cr_expect_eq(verdict.form_count, cases[i].ignored, "%s", cases[i].model);
        cr_expect_eq(left, cases[i].left, "%s", cases[i].model);
    }
}

Test(gate, forms_are_explained) {
    struct zf_gate gate = gate_of("z13", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    struct zf_insn insn;
    struct zf_explanation e;
    zf_decode(UINT64_C(0xe700000020e30000), &insn);
    struct zf_subject subject = zf_subject_form(zf_insn_form(&insn));
    zf_gate_explain(&gate, &subject, &e);
    cr_expect(!e.permitted && e.row_permitted);
    cr_expect_eq(e.facility, 135);
    cr_expect_str_eq(e.first, "z14");
    cr_expect_str_eq(zf_oldest_with(&subject, 1, ZF_MODEL_DEFAULT)->name, "z14");
    cr_expect_eq(e.outcome, ZF_OUTCOME_SPECIFICATION);
    gate = gate_of("z196", ZF_POLICY_MODEL, ZF_IBC_OF_MODEL, NULL);
    zf_gate_explain(&gate, &subject, &e);
    cr_expect_eq(e.facility, 129, "the instruction as such is blocked first");
    cr_expect_eq(e.outcome, ZF_OUTCOME_OPERATION);
}
