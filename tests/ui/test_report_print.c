#include "run/report_print.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct zf_report *sample(void) {
    struct zf_model model;
    struct zf_gate gate;
    cr_assert_eq(zf_model_parse("z13", false, &model, NULL, NULL), ZF_OK);
    struct zf_gate_config config = zf_gate_config_default(&model);
    zf_gate_compute(&config, &gate);
    struct zf_report *report = zf_report_create(&gate);
    struct zf_finding agh = {.outcome = ZF_OUTCOME_OPERATION,
                             .subject = zf_subject_row(ZF_ROW_agh),
                             .address = 0x100,
                             .word = UINT64_C(0xe31230000038) << 16};
    struct zf_finding kimd = {.outcome = ZF_OUTCOME_SPECIFICATION,
                              .subject = zf_subject_function(ZF_QUERY_KIMD, 32),
                              .address = 0x200,
                              .word = UINT64_C(0xb93e0024) << 32};
    zf_report_add(report, &agh);
    zf_report_add(report, &agh);
    zf_report_add(report, &kimd);
    return report;
}

Test(report_print, text) {
    static const char expected[] =
        "2 findings on model z13, policy model\n"
        "\n"
        "blocked at 0x100, 2 times\n"
        "    insn   e3 12 30 00 00 38  agh %r1,0(%r2,%r3)\n"
        "    needs  facility 58 (miscellaneous-instruction-extensions-2), first on z14\n"
        "    why    facility 58 (miscellaneous-instruction-extensions-2) is not in model z13\n"
        "    guest  operation exception (0001)\n"
        "\n"
        "blocked at 0x200, 1 time\n"
        "    insn   b9 3e 00 24  kimd %r2,%r4 (function 32, kimd-sha3-224)\n"
        "    needs  z14 or later\n"
        "    why    the function code is not in model z13\n"
        "    guest  specification exception (0006)\n"
        "\n"
        "Facilities\n"
        "     58  miscellaneous-instruction-extensions-2             1 finding             2 "
        "executions\n"
        "      -  machine level or function code                     1 finding             1 "
        "execution\n"
        "The oldest machine that runs all of it is z14 (z14 GA1).\n";
    struct zf_report *report = sample();
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    zf_print_report(out, report, NULL);
    fclose(out);
    cr_expect_str_eq(text, expected);
    free(text);
    zf_report_destroy(report);
}

Test(report_print, nothing_is_said_of_an_empty_report) {
    struct zf_report *report = sample(), *empty = zf_report_create(zf_report_gate(report));
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    zf_print_report(out, empty, NULL);
    fclose(out);
    cr_expect_str_empty(text);
    free(text);
    zf_report_destroy(empty);
    zf_report_destroy(report);
}

Test(report_print, json) {
    struct zf_report *report = sample();
    json_t *value = zf_report_json(report, NULL);
    json_t *place = json_array_get(json_object_get(value, "places"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(value, "model")), "z13");
    cr_expect_str_eq(json_string_value(json_object_get(place, "kind")), "blocked");
    cr_expect_str_eq(json_string_value(json_object_get(place, "address")), "0x100");
    cr_expect_str_eq(json_string_value(json_object_get(place, "mnemonic")), "agh");
    cr_expect_eq(json_integer_value(json_object_get(place, "facility")), 58);
    cr_expect_eq(json_integer_value(json_object_get(place, "count")), 2);
    cr_expect_str_eq(json_string_value(json_object_get(place, "reason")), "facility-off");
    cr_expect_null(json_object_get(place, "image"));
    cr_expect_str_eq(
        json_string_value(json_object_get(json_object_get(value, "oldest"), "machine")), "z14");
    json_decref(value);
    zf_report_destroy(report);
}
