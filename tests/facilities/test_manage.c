/*
 * The CPU-model queries: every recorded case, and what was added to them.
 */
#include "manage_json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Whether each entry of `part` is in `list`: definitions come in any order, and ours are more. */
static bool contains_all(const json_t *list, const json_t *part) {
    size_t i, k;
    json_t *wanted, *there;
    json_array_foreach((json_t *)part, i, wanted) {
        bool found = false;
        json_array_foreach((json_t *)list, k, there) {
            found |= json_equal(wanted, there);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool same_reply(const json_t *reply, const json_t *recorded) {
    const json_t *list = json_object_get(recorded, "return");
    if (json_is_array(list)) {
        return contains_all(json_object_get(reply, "return"), list);
    }
    return json_equal(reply, recorded);
}

/* One line of the recording; false when it is no query of a CPU model. */
static bool replay(const struct zf_manage *manage, const char *line) {
    json_t *entry = json_loads(line, 0, NULL);
    cr_assert(entry, "%s", line);
    const char *execute = json_string_value(json_object_get(entry, "execute"));
    const json_t *recorded = json_object_get(entry, "reply");
    json_t *reply = manage_json_reply(manage, execute, json_object_get(entry, "arguments"));
    if (reply) {
        char *text = json_dumps(reply, JSON_COMPACT);
        cr_expect(same_reply(reply, recorded), "%.300s\n  gives %.600s", line, text);
        free(text);
        json_decref(reply);
    }
    json_decref(entry);
    return reply != NULL;
}

Test(manage, recorded_cases) {
    enum { LINE = 1 << 16, QUERIES = 2125 };
    struct zf_manage *manage = zf_manage_create();
    gzFile file = gzopen(ZFACET_QMP_CASES, "rb");
    char *line = malloc(LINE);
    unsigned count = 0;
    cr_assert(manage && file && line);
    while (gzgets(file, line, LINE)) {
        count += replay(manage, line);
    }
    cr_expect_eq(count, QUERIES, "%u of %u queries", count, QUERIES);
    gzclose(file);
    free(line);
    zf_manage_destroy(manage);
}

static struct zf_manage_model resolved(const struct zf_manage *manage, const char *name,
                                       const char *prop, bool on) {
    struct zf_manage_property property = {prop, ZF_MANAGE_BOOL, on, 0, NULL};
    struct zf_manage_info info = {name, false, prop != NULL, &property};
    struct zf_manage_model model;
    struct zf_manage_error error;
    cr_assert(zf_manage_resolve(manage, &info, "model", &model, &error), "%s", name);
    return model;
}

/* "recommended" and "deprecated-features" become a static model that says what it is. */
Test(manage, without_deprecated) {
    struct zf_manage *manage = zf_manage_create();
    struct zf_manage_model recommended = resolved(manage, "recommended", NULL, false);
    struct zf_manage_model newest = resolved(manage, "gen17a", "deprecated-features", false);
    struct zf_manage_delta delta;
    struct zf_manage_names deprecated;
    cr_expect_eq(zf_manage_compare(manage, &recommended, &newest, NULL), ZF_MANAGE_IDENTICAL);
    zf_manage_expand(manage, &recommended, ZF_MANAGE_STATIC, &delta, &deprecated);
    cr_expect_str_eq(delta.name, "gen17a-base");
    cr_expect_eq(deprecated.count, 0);
    for (unsigned i = 0; i < delta.count; i++) {
        cr_expect_neq(zf_feature_by_name(delta.props[i].name), ZF_FEATURE_TE);
    }
    struct zf_manage_model z13 = resolved(manage, "z13-base", "deprecated-features", true);
    zf_manage_expand(manage, &z13, ZF_MANAGE_STATIC, &delta, &deprecated);
    cr_expect_eq(deprecated.count, 4);
    struct zf_manage_model z9 = resolved(manage, "z9EC.3-base", "deprecated-features", true);
    zf_manage_expand(manage, &z9, ZF_MANAGE_STATIC, &delta, &deprecated);
    cr_expect_eq(deprecated.count, 2, "%u: z9 can have csske and bpb", deprecated.count);
    zf_manage_destroy(manage);
}

Test(manage, error_text_is_cut_and_measured) {
    struct zf_manage *manage = zf_manage_create();
    struct zf_manage_info info = {.name = "nope"};
    struct zf_manage_model model;
    struct zf_manage_error error;
    char text[16];
    const char *whole = "The CPU definition 'nope' is unknown.";
    cr_assert(!zf_manage_resolve(manage, &info, "model", &model, &error));
    cr_expect_eq(zf_manage_error_text(&error, NULL, 0), strlen(whole));
    cr_expect_eq(zf_manage_error_text(&error, text, sizeof text), strlen(whole));
    cr_expect_eq(strlen(text), sizeof text - 1);
    cr_expect_eq(strncmp(text, whole, sizeof text - 1), 0);
    zf_manage_destroy(manage);
}

/* To a model that runs and back is the same; so is a delta set on its base. */
Test(manage, round_trips) {
    struct zf_manage *manage = zf_manage_create();
    struct zf_manage_definition definition;
    for (unsigned i = 0; zf_manage_definition_at(i, &definition); i++) {
        struct zf_manage_model from = resolved(manage, definition.name, NULL, false), back;
        struct zf_manage_property props[ZF_FEATURE_COUNT];
        struct zf_manage_delta delta;
        struct zf_manage_error error;
        struct zf_model model;
        zf_manage_to_model(&from, &model);
        zf_manage_from_model(&model, &back);
        cr_expect_eq(zf_manage_compare(manage, &from, &back, NULL), ZF_MANAGE_IDENTICAL);
        zf_manage_expand(manage, &from, ZF_MANAGE_FULL, &delta, NULL);
        for (unsigned k = 0; k < delta.count; k++) {
            props[k] = (struct zf_manage_property){delta.props[k].name, ZF_MANAGE_BOOL,
                                                   delta.props[k].on, 0, NULL};
        }
        struct zf_manage_info info = {delta.name, false, delta.count, props};
        cr_assert(zf_manage_resolve(manage, &info, "model", &back, &error));
        cr_expect_eq(zf_manage_compare(manage, &from, &back, NULL), ZF_MANAGE_IDENTICAL, "%s",
                     definition.name);
    }
    zf_manage_destroy(manage);
}
