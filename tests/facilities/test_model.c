#include "zfacet/model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct golden {
    const char *name;
    unsigned type;
    unsigned ibc;
    unsigned on_count;
    uint64_t on_sum;
    unsigned full_count;
    uint64_t full_sum;
    const char *stfle; /* facility bits 0-207 in hexadecimal */
};

static const struct golden golden[] = {
#include "model_golden.inc"
};

static struct zf_model parsed(const char *text) {
    struct zf_model model;
    struct zf_error err;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, &err), ZF_OK, "%s: %s", text,
                 err.message);
    return model;
}

static uint64_t sum_of(const struct zf_model *model) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(model, f)) {
            char name[64];
            snprintf(name, sizeof name, "%s,", zf_feature_info(f)->name);
            for (const char *c = name; *c; c++) {
                sum = (sum ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
            }
        }
    }
    return sum;
}

Test(model, every_named_model_has_the_recorded_sets) {
    cr_assert_eq(ZF_ARRAY_LENGTH(golden), 82);
    cr_assert_eq(zf_model_count(), ZF_ARRAY_LENGTH(golden));
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(golden); i++) {
        const struct golden *g = &golden[i];
        char name[ZF_MODEL_NAME_LENGTH], stfle[53] = "";
        zf_model_name_at(i, name);
        cr_expect_str_eq(name, g->name);
        struct zf_model model = parsed(g->name), full;
        zf_model_init(&full, model.machine, ZF_MODEL_FULL);
        for (unsigned n = 0; n < 52; n++) {
            snprintf(stfle + n, 2, "%x",
                     (unsigned)(model.facilities[n / 16] >> (60 - n % 16 * 4)) & 15);
        }
        cr_expect_eq(model.machine->type, g->type, "%s", g->name);
        cr_expect_eq(zf_machine_ibc(model.machine), g->ibc, "%s", g->name);
        cr_expect_eq(zf_model_feature_count(&model), g->on_count, "%s", g->name);
        cr_expect_eq(sum_of(&model), g->on_sum, "%s", g->name);
        cr_expect_eq(zf_model_feature_count(&full), g->full_count, "%s", g->name);
        cr_expect_eq(sum_of(&full), g->full_sum, "%s", g->name);
        cr_expect_str_eq(stfle, g->stfle, "%s", g->name);
    }
}

Test(model, every_style_of_name_is_understood) {
    static const struct {
        const char *text;
        const char *name;
    } cases[] = {
        {"z196.2", "z196.2"},     {"2817-ga2", "z196.2"},
        {"2817", "z196"},         {"2817-GA2-base", "z196.2-base"},
        {"Z13S", "z13s"},         {"z15", "gen15a"},
        {"z15-t02", "gen15b"},    {"z16", "gen16a"},
        {"z16-a02", "gen16b"},    {"z17", "gen17a"},
        {"z17-ME1", "gen17a"},    {"z15-base", "gen15a-base"},
        {"z14.2", "z14.2"},       {"z14.1", "z14"},
        {"2818-ga1", "z114"},     {"z15-ga1", "gen15a"},
        {"z9-109", "z9EC"},       {"z10.3", "z10EC.3"},
        {"arch11", "z13"},        {"zec12", "zEC12"},
        {"z14ZR1", "z14ZR1"},     {"recommended", "gen17a"},
        {"z14-full", "z14-full"}, {"9175", "gen17a"},
        {"qemu", "qemu"},         {"MAX", "max"},
        {"qemu,vx=off", "qemu"},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        struct zf_model model = parsed(cases[i].text);
        zf_model_name(&model, name);
        cr_expect_str_eq(name, cases[i].name, "%s", cases[i].text);
    }
}

Test(model, every_machine_is_found_by_type_and_ga) {
    const struct zf_machine_type *machine;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        snprintf(name, sizeof name, "%04x-ga%u", machine->type, machine->own_ga);
        cr_expect_eq(zf_machine_by_name(name), machine, "%s", name);
    }
}

Test(model, wrong_text_is_refused_with_the_reason) {
    static const struct {
        const char *text;
        enum zf_status status;
        const char *message;
    } cases[] = {
        {"z12", ZF_ERROR_NOT_FOUND, "unknown CPU model 'z12'; did you mean 'z13'?"},
        {"gen15c", ZF_ERROR_NOT_FOUND, "unknown CPU model 'gen15c'; did you mean 'gen15a'?"},
        {"pentium", ZF_ERROR_NOT_FOUND,
         "unknown CPU model 'pentium'; 'zfacet models' lists the models"},
        {"z196.3", ZF_ERROR_NOT_FOUND, "unknown CPU model 'z196.3'; did you mean 'z196.2'?"},
        {"z13,vx", ZF_ERROR_USAGE, "'vx' needs a value: vx=on or vx=off"},
        {"z13,vx=maybe", ZF_ERROR_USAGE, "'vx=maybe': the value must be on or off"},
        {"z13,vxx=off", ZF_ERROR_NOT_FOUND,
         "unknown feature or facility 'vxx'; did you mean 'vx'?"},
        {"z196,vx=on", ZF_ERROR_USAGE, "'vx' cannot be on in z196: it was introduced with z13 GA1"},
        {"z17,idter=on", ZF_ERROR_USAGE, "'idter' cannot be on: no machine has it"},
        {"z13,2=off", ZF_ERROR_USAGE,
         "facility 2 (z-architecture-active) cannot be switched by itself: it follows facility 1, "
         "'zarch'"},
        {"z9BC,66=on", ZF_ERROR_USAGE,
         "'66' cannot be on in z9BC: it was introduced with z196 GA1"},
        {"z13,stfle99999=on", ZF_ERROR_NOT_FOUND, NULL},
        {"", ZF_ERROR_NOT_FOUND, "name of a CPU model missing"},
        {"z13..z14", ZF_ERROR_NOT_FOUND, "'z13..z14' is a range of CPU models; give one"},
        {"z13,", ZF_OK, NULL},
        {"z13,=on", ZF_ERROR_NOT_FOUND, "feature name missing before '=on'"},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_model model;
        struct zf_error err = {ZF_OK, ""};
        enum zf_status status = zf_model_parse(cases[i].text, false, &model, NULL, &err);
        cr_expect_eq(status, cases[i].status, "%s: %s", cases[i].text, err.message);
        if (cases[i].message) {
            cr_expect_str_eq(err.message, cases[i].message);
        }
    }
}

Test(model, long_text_is_refused) {
    char text[5000];
    struct zf_model model;
    memset(text, 'z', sizeof text - 1);
    text[sizeof text - 1] = 0;
    cr_expect_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_ERROR_NOT_FOUND);
    memcpy(text, "z13,", 4);
    cr_expect_eq(zf_model_parse(text, false, &model, NULL, NULL), ZF_ERROR_NOT_FOUND);
}

Test(model, settings_go_by_feature_number_name_and_group) {
    static const char *const off[] = {"z14,vx=off", "z14,129=off", "z14,stfle129=off",
                                      "z14,VECTOR=off", "z14,vx=on,vx=no"};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(off); i++) {
        struct zf_model model = parsed(off[i]);
        cr_expect(!zf_model_has_facility(&model, ZF_FACILITY_VECTOR), "%s", off[i]);
        cr_expect(!zf_model_has_feature(&model, ZF_FEATURE_VX), "%s", off[i]);
    }
    struct zf_model model = parsed("z14,msa=off,66=on");
    cr_expect(!zf_model_has_facility(&model, ZF_FACILITY_MSA));
    cr_expect(!zf_model_has_function(&model, ZF_QUERY_KM, 0));
    cr_expect(!zf_model_has_function(&model, ZF_QUERY_KM, 1));
    cr_expect(zf_model_has_function(&model, ZF_QUERY_KM, 18));
    cr_expect(zf_model_has_function(&model, ZF_QUERY_KMA, 0));
    cr_expect(zf_model_has_facility(&model, ZF_FACILITY_RESET_REFERENCE_MULTIPLE));
    model = parsed("z15,esort=on");
    cr_expect(zf_model_has_function(&model, ZF_QUERY_SORTL, 2));
    cr_expect(zf_model_has_function(&model, ZF_QUERY_SORTL, 192));
    model = parsed("z13,zarch=off");
    cr_expect(!zf_model_has_facility(&model, 2) && !zf_model_has_facility(&model, 138));
}

Test(model, plo_groups_and_facility_do_not_mix) {
    struct zf_model group = parsed("z17,plo_ext=off"), bit = parsed("z17,plo-ext=off");
    cr_expect(!zf_model_has_function(&group, ZF_QUERY_PLO, 24));
    cr_expect(zf_model_has_function(&bit, ZF_QUERY_PLO, 24));
    cr_expect(!zf_model_has_facility(&bit, ZF_FACILITY_PLO_EXTENSION));
}

Test(model, deprecated_features_go_off_together) {
    static const char *const texts[] = {"z14,deprecated-features=off", "recommended"};
    enum zf_feature feature;
    for (unsigned t = 0; t < ZF_ARRAY_LENGTH(texts); t++) {
        struct zf_model model = parsed(texts[t]);
        for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
            cr_expect(!zf_model_has_feature(&model, feature), "%s", texts[t]);
        }
    }
    struct zf_model model = parsed("z14");
    cr_expect(zf_model_has_feature(&model, ZF_FEATURE_TE));
}

Test(model, broken_dependencies_warn_or_refuse) {
    struct zf_model model;
    struct zf_model_warnings warnings;
    struct zf_error err;
    cr_assert_eq(zf_model_parse("z13,dfp=off", false, &model, &warnings, &err), ZF_OK);
    cr_assert_eq(warnings.count, 1);
    cr_expect_eq(warnings.broken[0].feature, ZF_FEATURE_DFPHP);
    cr_expect_eq(warnings.broken[0].needs, ZF_FEATURE_DFP);
    cr_expect_eq(zf_model_parse("z13,dfp=off", true, &model, &warnings, &err), ZF_ERROR_USAGE);
    cr_expect_str_eq(err.message, "z13,dfp=off: feature 'dfphp' needs 'dfp', which is off");
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        zf_model_name_at(i, name);
        cr_expect_eq(zf_model_parse(name, false, &model, &warnings, &err), ZF_OK);
        cr_expect_eq(warnings.count, 0, "%s: %s needs %s", name,
                     zf_feature_info(warnings.broken[0].feature)->name,
                     zf_feature_info(warnings.broken[0].needs)->name);
    }
}

Test(model, features_and_facilities_agree) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        cr_expect_eq(zf_feature_by_name(info->name), f);
        if (info->kind == ZF_KIND_STFL) {
            const struct zf_facility *facility = zf_facility_find(info->bit);
            cr_assert(facility, "%s", info->name);
            cr_expect(info->first[ZF_MODEL_FULL] == ZF_LEVEL_NEVER ||
                          info->first[ZF_MODEL_FULL] == facility->since ||
                          info->bit == ZF_FACILITY_MVCOS,
                      "%s", info->name);
        }
    }
}
