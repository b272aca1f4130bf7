#include "zfacet/implemented.h"
#include "zfacet/report.h"
#include "zfacet/symbol.h"

#include <criterion/criterion.h>
#include <link.h>

static struct zf_report *report_on(const char *text, enum zf_policy policy) {
    struct zf_model model;
    struct zf_gate gate;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_OK);
    struct zf_gate_config config = zf_gate_config_default(&model);
    config.policy = policy;
    zf_gate_compute(&config, &gate);
    return zf_report_create(&gate);
}

static struct zf_finding finding_of(uint64_t address, uint64_t word, enum zf_finding_kind kind) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    return (struct zf_finding){
        .kind = kind, .subject = zf_subject_row(insn.row), .address = address, .word = word};
}

#define AGR (UINT64_C(0xb9080000) << 32)
static const uint64_t vl = UINT64_C(0xe70000000006) << 16;
static const uint64_t selgr = UINT64_C(0xb9e30000) << 32;

Test(report, same_finding_is_one_entry) {
    struct zf_report *report = report_on("z196", ZF_POLICY_MODEL);
    struct zf_finding a = finding_of(0x1000, vl, ZF_FINDING_BLOCKED),
                      b = finding_of(0x1006, vl, ZF_FINDING_BLOCKED);
    for (unsigned i = 0; i < 10; i++) {
        zf_report_add(report, &a);
    }
    zf_report_add(report, &b);
    b.kind = ZF_FINDING_AUDIT;
    zf_report_add(report, &b);
    cr_assert_eq(zf_report_count(report), 3);
    cr_expect_eq(zf_report_at(report, 0)->count, 10);
    cr_expect_eq(zf_report_at(report, 1)->address, 0x1006);
    cr_expect_eq(zf_report_total(report, ZF_FINDING_BLOCKED), 11);
    cr_expect_null(zf_report_at(report, 3));
    zf_report_destroy(report);
}

Test(report, functions_of_one_instruction_are_apart) {
    struct zf_report *report = report_on("z13", ZF_POLICY_MODEL);
    struct zf_finding finding = finding_of(0x2000, UINT64_C(0xb93e0000) << 32, ZF_FINDING_BLOCKED);
    for (unsigned code = 32; code < 36; code++) {
        finding.subject = zf_subject_function(ZF_QUERY_KIMD, code);
        zf_report_add(report, &finding);
    }
    cr_expect_eq(zf_report_count(report), 4);
    zf_report_destroy(report);
}

Test(report, facilities_come_most_frequent_first) {
    struct zf_report *report = report_on("z196", ZF_POLICY_MODEL);
    struct zf_finding a = finding_of(0x1000, vl, ZF_FINDING_BLOCKED),
                      b = finding_of(0x2000, selgr, ZF_FINDING_BLOCKED),
                      c = finding_of(8, selgr, ZF_FINDING_BLOCKED);
    struct zf_report_facility facility;
    zf_report_add(report, &a);
    zf_report_add(report, &b);
    zf_report_add(report, &c);
    cr_assert(zf_report_facility_at(report, 0, &facility));
    cr_expect_eq(facility.facility, 61);
    cr_expect_eq(facility.findings, 2);
    cr_assert(zf_report_facility_at(report, 1, &facility));
    cr_expect_eq(facility.facility, 129);
    cr_expect(!zf_report_facility_at(report, 2, &facility));
    zf_report_destroy(report);
}

Test(report, oldest_machine_runs_all_of_it) {
    struct zf_report *report = report_on("z900", ZF_POLICY_AUDIT);
    bool full;
    cr_expect_null(zf_report_oldest(report, &full));
    struct zf_finding finding = finding_of(0x1000, vl, ZF_FINDING_AUDIT);
    zf_report_add(report, &finding);
    cr_expect_str_eq(zf_report_oldest(report, &full)->name, "z13");
    finding = finding_of(0x1006, selgr, ZF_FINDING_AUDIT);
    zf_report_add(report, &finding);
    cr_expect_str_eq(zf_report_oldest(report, &full)->name, "gen15a");
    zf_report_destroy(report);
}

Test(report, findings_are_bounded) {
    struct zf_report *report = report_on("z900", ZF_POLICY_AUDIT);
    for (uint64_t i = 0; i < 70000; i++) {
        struct zf_finding finding = finding_of(2 * i, vl, ZF_FINDING_AUDIT);
        zf_report_add(report, &finding);
    }
    cr_expect_eq(zf_report_count(report), 65536);
    cr_expect_eq(zf_report_others(report), 70000 - 65536);
    cr_expect_eq(zf_report_total(report, ZF_FINDING_AUDIT), 70000);
    zf_report_destroy(report);
}

/* What translated code tells, and what that is. */
Test(finding, policy_and_options_decide) {
    static const struct {
        uint64_t word;
        enum zf_finding_kind told, kind;
        enum zf_outcome outcome, judged;
        enum zf_policy policy;
        enum zf_on_blocked on_blocked;
        enum zf_on_unimplemented on_unimplemented;
    } cases[] = {
        {AGR, ZF_FINDING_LEAK, ZF_FINDING_LEAK, ZF_OUTCOME_EXECUTED_ANYWAY,
         ZF_OUTCOME_EXECUTED_ANYWAY, ZF_POLICY_IBC},
        {AGR, ZF_FINDING_LEAK, ZF_FINDING_AUDIT, ZF_OUTCOME_EXECUTED_ANYWAY,
         ZF_OUTCOME_EXECUTED_ANYWAY, ZF_POLICY_AUDIT},
        {AGR, ZF_FINDING_LEAK, ZF_FINDING_AUDIT, ZF_OUTCOME_EXECUTED_ANYWAY,
         ZF_OUTCOME_EXECUTED_ANYWAY, ZF_POLICY_MODEL, ZF_ON_BLOCKED_WARN},
        {AGR, ZF_FINDING_BLOCKED, ZF_FINDING_BLOCKED, ZF_OUTCOME_OPERATION, ZF_OUTCOME_OPERATION},
        {AGR, ZF_FINDING_BLOCKED, ZF_FINDING_BLOCKED, ZF_OUTCOME_OPERATION, ZF_OUTCOME_STOPPED,
         ZF_POLICY_MODEL, ZF_ON_BLOCKED_STOP},
        {AGR, ZF_FINDING_UNIMPLEMENTED, ZF_FINDING_UNIMPLEMENTED, ZF_OUTCOME_OPERATION,
         ZF_OUTCOME_STOPPED},
        {AGR, ZF_FINDING_UNIMPLEMENTED, ZF_FINDING_UNIMPLEMENTED, ZF_OUTCOME_OPERATION,
         ZF_OUTCOME_OPERATION, ZF_POLICY_MODEL, ZF_ON_BLOCKED_TRAP, ZF_ON_UNIMPLEMENTED_TRAP},
        {AGR, ZF_FINDING_IGNORED, ZF_FINDING_IGNORED, ZF_OUTCOME_EXECUTED_WITHOUT,
         ZF_OUTCOME_EXECUTED_WITHOUT, ZF_POLICY_MODEL, ZF_ON_BLOCKED_STOP},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_finding finding = finding_of(0, cases[i].word, cases[i].told);
        finding.outcome = cases[i].outcome;
        zf_finding_judge(&finding, cases[i].policy, cases[i].on_blocked, cases[i].on_unimplemented);
        cr_expect_eq(finding.kind, cases[i].kind, "case %u", i);
        cr_expect_eq(finding.outcome, cases[i].judged, "case %u", i);
    }
}

/* The gate lets a row through that zfacet does not execute, if there is still one. */
Test(finding, what_is_not_implemented_is_not_executed) {
    for (enum zf_row row = 1; row < ZF_ROW_COUNT; row++) {
        struct zf_finding finding = {.kind = ZF_FINDING_LEAK,
                                     .outcome = ZF_OUTCOME_EXECUTED_ANYWAY,
                                     .subject = zf_subject_row(row)};
        zf_finding_judge(&finding, ZF_POLICY_IBC, ZF_ON_BLOCKED_TRAP, ZF_ON_UNIMPLEMENTED_TRAP);
        cr_expect_eq(finding.outcome,
                     zf_row_implemented(row) ? ZF_OUTCOME_EXECUTED_ANYWAY : ZF_OUTCOME_OPERATION);
    }
}

Test(symbol, function_and_offset_are_found) {
    struct zf_symbols *symbols = zf_symbols_create();
    struct zf_symbol symbol;
    struct zf_error err;
    uint64_t address = (uint64_t)(uintptr_t)zf_report_create;
    const uint64_t moved = _r_debug.r_map->l_addr; /* the program */
    cr_assert_eq(zf_symbols_add(symbols, "self", "/proc/self/exe", moved, &err), ZF_OK, "%s",
                 err.message);
    cr_assert(zf_symbols_find(symbols, address + 4, &symbol));
    cr_expect_str_eq(symbol.function, "zf_report_create");
    cr_expect_eq(symbol.offset, 4);
    cr_expect_str_eq(symbol.image, "self");
    cr_expect(!zf_symbols_find(symbols, 16, &symbol));
    cr_expect_eq(zf_symbols_add(symbols, "none", "/nonexistent", 0, &err), ZF_ERROR_FORMAT);
    zf_symbols_destroy(symbols);
}
