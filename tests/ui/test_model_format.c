/*
 * Models to the formats of other tools and back: nothing is lost, or it is told.
 */
#include "model/format.h"
#include "model/output.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct zf_model parsed(const char *text) {
    struct zf_model model;
    struct zf_error err;
    cr_assert_eq(zf_model_parse(text, false, &model, NULL, &err), ZF_OK, "%s: %s", text,
                 err.message);
    return model;
}

/* What becomes of `model` that was written and read again. */
static struct zf_model there_and_back(const struct zf_manage *manage, const struct zf_model *model,
                                      enum zf_model_format format, struct zf_model_notes *lost) {
    struct zf_model back;
    struct zf_model_notes notes = {0};
    struct zf_error err;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    lost->count = 0;
    zf_model_write(out, manage, model, format, ZF_MANAGE_STATIC, lost);
    fclose(out);
    cr_assert_eq(zf_model_from_bytes(text, size, &back, &notes, &err), ZF_OK, "%s: %s", text,
                 err.message);
    free(text);
    return back;
}

static bool same_features(const struct zf_model *a, const struct zf_model *b) {
    return a->machine == b->machine && !memcmp(a->features, b->features, sizeof a->features);
}

static bool same_facilities(const struct zf_model *a, const struct zf_model *b) {
    return !memcmp(a->facilities, b->facilities, sizeof a->facilities);
}

static void check_all_formats(const struct zf_manage *manage, const struct zf_model *model,
                              const char *name) {
    struct zf_model_notes lost;
    for (unsigned f = ZF_MODEL_FORMAT_JSON; f < ZF_MODEL_FORMAT_COUNT; f++) {
        struct zf_model back = there_and_back(manage, model, (enum zf_model_format)f, &lost);
        bool list = f == ZF_MODEL_FORMAT_HERCULES || f == ZF_MODEL_FORMAT_STFLE;
        cr_expect(list ? same_facilities(model, &back) : same_features(model, &back),
                  "%s in format %u", name, f);
        cr_expect_eq(lost.count > 0, list, "%s in format %u", name, f);
        cr_expect(f != ZF_MODEL_FORMAT_HERCULES || back.machine->type == model->machine->type,
                  "%s: type %04x", name, back.machine->type);
    }
}

Test(model_format, round_trips) {
    static const char *const more[] = {"z13,te=off,kma-gcm-aes-128=off", "gen17a-full",
                                       "z900,plo-cl=off", "recommended", "z14,vx=off,iep=off"};
    struct zf_manage *manage = zf_manage_create();
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        zf_model_name_at(i, name);
        struct zf_model model = parsed(name);
        check_all_formats(manage, &model, name);
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(more); i++) {
        struct zf_model model = parsed(more[i]);
        check_all_formats(manage, &model, more[i]);
    }
    zf_manage_destroy(manage);
}

/* Facilities without a CPU feature are in JSON and in facility lists; the others tell. */
Test(model_format, facilities_without_feature) {
    struct zf_manage *manage = zf_manage_create();
    struct zf_model model = parsed("z13,68=on");
    struct zf_model_notes lost;
    for (unsigned f = ZF_MODEL_FORMAT_JSON; f < ZF_MODEL_FORMAT_COUNT; f++) {
        bool names_only = f == ZF_MODEL_FORMAT_QEMU || f == ZF_MODEL_FORMAT_LIBVIRT;
        struct zf_model back = there_and_back(manage, &model, (enum zf_model_format)f, &lost);
        cr_expect_eq(zf_model_has_facility(&back, 68), !names_only, "format %u", f);
        cr_expect(!names_only || strstr(lost.text[0], "facility 68"), "format %u", f);
    }
    zf_manage_destroy(manage);
}

/* Facility bits tell the machine's level, and with it what functions there are. */
Test(model_format, facility_lists_imply_functions) {
    struct zf_manage *manage = zf_manage_create();
    const struct zf_machine_type *machine;
    struct zf_model_notes lost;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        struct zf_model model;
        zf_model_init(&model, machine, ZF_MODEL_DEFAULT);
        struct zf_model back = there_and_back(manage, &model, ZF_MODEL_FORMAT_STFLE, &lost);
        unsigned generation = zf_level_generation(machine->level);
        if (generation > 12) { /* before, machines differ in what has no bit */
            cr_expect_eq(zf_level_generation(back.machine->level), generation, "%s is taken for %s",
                         machine->name, back.machine->name);
            cr_expect_eq(memcmp(model.query, back.query, sizeof model.query), 0, "%s",
                         machine->name);
        }
    }
    struct zf_model without = parsed("z14,msa8=off,msa4=off");
    struct zf_model back = there_and_back(manage, &without, ZF_MODEL_FORMAT_STFLE, &lost);
    cr_expect(!zf_model_has_function(&back, ZF_QUERY_KMA, 18));
    cr_expect(!zf_model_has_function(&back, ZF_QUERY_KMAC, 18), "of msa4, which has kmac as well");
    cr_expect(zf_model_has_function(&back, ZF_QUERY_KM, 18));
    zf_manage_destroy(manage);
}

static void expect_refused(const char *text, const char *message) {
    struct zf_model model;
    struct zf_model_notes notes = {0};
    struct zf_error err = {0};
    cr_expect_neq(zf_model_from_bytes(text, strlen(text), &model, &notes, &err), ZF_OK, "%s", text);
    cr_expect(strstr(err.message, message), "%s: %s", text, err.message);
}

Test(model_format, refusals) {
    expect_refused("", "empty");
    expect_refused("<cpu>", "not well formed");
    expect_refused("<!DOCTYPE cpu [<!ENTITY a 'z13'>]><cpu><model>z13</model></cpu>", "DOCTYPE");
    expect_refused("<cpu><model>z13</model><feature name='vx' policy='on'/></cpu>", "policy");
    expect_refused("<cpu><model>z13</model><feature name='vxx' policy='require'/></cpu>",
                   "unknown feature or facility 'vxx'; did you mean 'vx'?");
    expect_refused("<cpu><arch>i686</arch><model>z13</model></cpu>", "architecture");
    expect_refused("[1,", "JSON:");
    expect_refused("[1]", "no model");
    expect_refused("{\"name\":\"z13\",\"props\":[]}", "expected: object");
    expect_refused("{\"name\":\"z15\",\"props\":{\"vx\":1}}", "not a boolean");
    expect_refused("{\"name\":\"z31\"}", "did you mean");
    expect_refused("facilities : none", "no numbers");
    expect_refused("FACILITY ENABLE", "no facilities");
    expect_refused("CPUMODEL 1234\nFACILITY ENABLE BIT000", "no machine has type 1234");
    expect_refused("0 1 2 3 4 5 6 7 8", "unknown format");
    expect_refused("z13,vxx=on", "unknown feature");
    expect_refused("z13 z14", "unknown format");
}

/* Names deeper than any real document, wide ones, and many features. */
Test(model_format, abuse) {
    enum { MANY = 100000 };
    struct zf_model model;
    struct zf_model_notes notes = {0};
    struct zf_error err;
    char *text = malloc(64 * MANY);
    size_t size = 0;
    for (unsigned i = 0; i < MANY; i++) {
        size += (size_t)sprintf(text + size, "<cpu>");
    }
    cr_expect_neq(zf_model_from_bytes(text, size, &model, &notes, &err), ZF_OK);
    size = (size_t)sprintf(text, "<cpu><model>z13</model>");
    for (unsigned i = 0; i < MANY; i++) {
        size += (size_t)sprintf(text + size, "<feature name='vx' policy='require'/>");
    }
    size += (size_t)sprintf(text + size, "</cpu>");
    cr_expect_neq(zf_model_from_bytes(text, size, &model, &notes, &err), ZF_OK);
    memset(text, '[', 64 * MANY);
    cr_expect_neq(zf_model_from_bytes(text, 64 * MANY, &model, &notes, &err), ZF_OK);
    memset(text, 'f', 64 * MANY);
    cr_expect_neq(zf_model_from_bytes(text, 64 * MANY, &model, &notes, &err), ZF_OK);
    free(text);
}
