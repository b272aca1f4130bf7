#include "zfacet/report.h"
#include "zfacet/symbol.h"

#include <criterion/criterion.h>

static struct zf_report *report_on(const char *text, enum zf_policy policy) {
    struct zf_model model;
    struct zf_gate gate;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_OK);
    struct zf_gate_config config = zf_gate_config_default(&model);
    config.policy = policy;
    zf_gate_compute(&config, &gate);
    return zf_report_create(&gate);
}

static struct zf_place place_of(uint64_t address, uint64_t word) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    return (struct zf_place){address, word, zf_subject_row(insn.row)};
}

static const uint64_t vl = UINT64_C(0xe70000000006) << 16;
static const uint64_t selgr = UINT64_C(0xb9e30000) << 32;

Test(report, same_place_is_one_entry) {
    struct zf_report *report = report_on("z196", ZF_POLICY_MODEL);
    struct zf_place a = place_of(0x1000, vl), b = place_of(0x1006, vl);
    for (unsigned i = 0; i < 10; i++) {
        zf_report_hit(report, &a, ZF_HIT_BLOCKED, ZF_OUTCOME_OPERATION);
    }
    zf_report_hit(report, &b, ZF_HIT_BLOCKED, ZF_OUTCOME_OPERATION);
    zf_report_hit(report, &b, ZF_HIT_AUDIT, ZF_OUTCOME_RAN);
    cr_assert_eq(zf_report_count(report), 3);
    cr_expect_eq(zf_report_at(report, 0)->count, 10);
    cr_expect_eq(zf_report_at(report, 1)->place.address, 0x1006);
    cr_expect_eq(zf_report_total(report, ZF_HIT_BLOCKED), 11);
    cr_expect_null(zf_report_at(report, 3));
    zf_report_destroy(report);
}

Test(report, functions_of_one_instruction_are_apart) {
    struct zf_report *report = report_on("z13", ZF_POLICY_MODEL);
    struct zf_place place = {0x2000, UINT64_C(0xb93e0000) << 32, zf_subject_row(ZF_ROW_kimd)};
    for (unsigned code = 32; code < 36; code++) {
        place.subject = zf_subject_function(ZF_QUERY_KIMD, code);
        zf_report_hit(report, &place, ZF_HIT_BLOCKED, ZF_OUTCOME_SPECIFICATION);
    }
    cr_expect_eq(zf_report_count(report), 4);
    zf_report_destroy(report);
}

Test(report, facilities_come_most_frequent_first) {
    struct zf_report *report = report_on("z196", ZF_POLICY_MODEL);
    struct zf_place a = place_of(0x1000, vl), b = place_of(0x2000, selgr), c = place_of(8, selgr);
    struct zf_report_facility facility;
    zf_report_hit(report, &a, ZF_HIT_BLOCKED, ZF_OUTCOME_OPERATION);
    zf_report_hit(report, &b, ZF_HIT_BLOCKED, ZF_OUTCOME_OPERATION);
    zf_report_hit(report, &c, ZF_HIT_BLOCKED, ZF_OUTCOME_OPERATION);
    cr_assert(zf_report_facility_at(report, 0, &facility));
    cr_expect_eq(facility.facility, 61);
    cr_expect_eq(facility.places, 2);
    cr_assert(zf_report_facility_at(report, 1, &facility));
    cr_expect_eq(facility.facility, 129);
    cr_expect(!zf_report_facility_at(report, 2, &facility));
    zf_report_destroy(report);
}

Test(report, oldest_machine_runs_all_of_it) {
    struct zf_report *report = report_on("z900", ZF_POLICY_AUDIT);
    bool full;
    cr_expect_null(zf_report_oldest(report, &full));
    struct zf_place place = place_of(0x1000, vl);
    zf_report_hit(report, &place, ZF_HIT_AUDIT, ZF_OUTCOME_RAN);
    cr_expect_str_eq(zf_report_oldest(report, &full)->name, "z13");
    place = place_of(0x1006, selgr);
    zf_report_hit(report, &place, ZF_HIT_AUDIT, ZF_OUTCOME_RAN);
    cr_expect_str_eq(zf_report_oldest(report, &full)->name, "gen15a");
    zf_report_destroy(report);
}

Test(report, places_are_bounded) {
    struct zf_report *report = report_on("z900", ZF_POLICY_AUDIT);
    for (uint64_t i = 0; i < 70000; i++) {
        struct zf_place place = place_of(2 * i, vl);
        zf_report_hit(report, &place, ZF_HIT_AUDIT, ZF_OUTCOME_RAN);
    }
    cr_expect_eq(zf_report_count(report), 65536);
    cr_expect_eq(zf_report_others(report), 70000 - 65536);
    cr_expect_eq(zf_report_total(report, ZF_HIT_AUDIT), 70000);
    zf_report_destroy(report);
}

Test(symbol, function_and_offset_are_found) {
    struct zf_symbols *symbols = zf_symbols_create();
    struct zf_symbol symbol;
    struct zf_error err;
    uint64_t address = (uint64_t)(uintptr_t)zf_report_create;
    cr_assert_eq(zf_symbols_add(symbols, "self", "/proc/self/exe", 0, &err), ZF_OK, "%s",
                 err.message);
    cr_assert(zf_symbols_find(symbols, address + 4, &symbol));
    cr_expect_str_eq(symbol.function, "zf_report_create");
    cr_expect_eq(symbol.offset, 4);
    cr_expect_str_eq(symbol.image, "self");
    cr_expect(!zf_symbols_find(symbols, 16, &symbol));
    cr_expect_eq(zf_symbols_add(symbols, "none", "/nonexistent", 0, &err), ZF_ERROR_FORMAT);
    zf_symbols_destroy(symbols);
}
