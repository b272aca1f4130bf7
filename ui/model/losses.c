/*
 * What programs lose between two models: instructions, forms, function codes; counted, in a line,
 * as JSON.
 */
#include "model/losses.h"

#include "text/wrap.h"

#include <string.h>

void zf_subject_text(const struct zf_subject *subject, char text[ZF_SUBJECT_TEXT_LENGTH]) {
    const char *mnemonic = zf_row_get(subject->row)->mnemonic;
    enum zf_feature feature;
    switch (subject->kind) {
    case ZF_SUBJECT_FORM:
        snprintf(text, ZF_SUBJECT_TEXT_LENGTH, "%s(%s)", mnemonic, subject->form->text);
        break;
    case ZF_SUBJECT_FUNCTION:
        feature = zf_feature_of_function(subject->query, subject->code);
        snprintf(text, ZF_SUBJECT_TEXT_LENGTH, "%s %u (%s)", mnemonic, subject->code,
                 feature == ZF_FEATURE_COUNT ? "query" : zf_feature_info(feature)->name);
        break;
    case ZF_SUBJECT_ROW:
        snprintf(text, ZF_SUBJECT_TEXT_LENGTH, "%s", mnemonic);
        break;
    }
}

static bool needs(const struct zf_facility_need *need, int bit) {
    for (unsigned i = 0; i < need->count; i++) {
        if (need->bit[i] == bit) {
            return true;
        }
    }
    return bit == ZF_LOSS_ANY || (bit == ZF_LOSS_NO_FACILITY && !need->count);
}

static bool is_lost(const struct zf_loss_query *query, const struct zf_subject *subject) {
    return zf_model_runs(query->from, subject) && !zf_model_runs(query->to, subject);
}

static unsigned visit_if_lost(const struct zf_loss_query *query, struct zf_subject subject,
                              zf_loss_visit *visit, void *context) {
    if (!is_lost(query, &subject)) {
        return 0;
    }
    visit(context, &subject);
    return 1;
}

unsigned zf_each_loss(const struct zf_loss_query *query, zf_loss_visit *visit, void *context) {
    unsigned count = 0;
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (needs(&zf_row_get(row)->facility, query->bit)) {
            count += visit_if_lost(query, zf_subject_row(row), visit, context);
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        struct zf_subject row = zf_subject_row(form->row);
        if (needs(&form->facility, query->bit) && !is_lost(query, &row)) {
            count += visit_if_lost(query, zf_subject_form(form), visit, context);
        }
    }
    for (unsigned f = 0; query->set && f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (zf_bitmap_test(query->set, f) && (unsigned)info->kind < ZF_QUERY_COUNT &&
            info->bit < 128) {
            enum zf_query of = (enum zf_query)info->kind;
            count += visit_if_lost(query, zf_subject_function(of, info->bit), visit, context);
        }
    }
    return count;
}

static void count_subject(void *context, const struct zf_subject *subject) {
    struct zf_loss_count *count = context;
    count->instructions += subject->kind == ZF_SUBJECT_ROW;
    count->forms += subject->kind == ZF_SUBJECT_FORM;
    count->functions += subject->kind == ZF_SUBJECT_FUNCTION;
}

void zf_count_losses(const struct zf_model *from, const struct zf_model *to,
                     struct zf_loss_count *count) {
    struct zf_loss_query query = {from, to, ZF_LOSS_ANY, from->features};
    *count = (struct zf_loss_count){0, 0, 0};
    zf_each_loss(&query, count_subject, count);
}

/* The features of `lost` that the name of a group or feature stands for. */
static void members_of(const char *name, const uint64_t *lost, uint64_t *members) {
    enum zf_feature_group group = zf_feature_group_by_name(name);
    bool is_group = group != ZF_FEATURE_GROUP_NONE && !strcmp(zf_feature_group_name(group), name);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        bool of_name = is_group ? info->group == group : !strcmp(info->name, name);
        zf_bitmap_assign(members, f, of_name && zf_bitmap_test(lost, f));
    }
}

/* The facility bit among the features, or ZF_FACILITY_LIMIT. */
static int facility_in(const uint64_t *set) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_bitmap_test(set, f) && zf_feature_info(f)->kind == ZF_KIND_STFL) {
            return (int)zf_feature_info(f)->bit;
        }
    }
    return ZF_FACILITY_LIMIT;
}

struct lost {
    struct zf_manage_names names;
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
};

static bool find_lost(const struct zf_manage *manage, const struct zf_model *from,
                      const struct zf_model *to, struct lost *lost) {
    struct zf_manage_model a, b;
    zf_manage_from_model(from, &a);
    zf_manage_from_model(to, &b);
    bool any = zf_features_beyond(&a, &b, lost->set);
    zf_manage_name_features(manage, lost->set, &lost->names);
    return any;
}

static void put_subject(void *context, const struct zf_subject *subject) {
    char text[ZF_SUBJECT_TEXT_LENGTH];
    zf_subject_text(subject, text);
    zf_wrap_put(context, text);
}

/* A text, word by word. */
static void put_words(struct zf_wrap *line, const char *text) {
    while (*text) {
        char word[80];
        int length = (int)strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", length, text);
        zf_wrap_put(line, word);
        text += length;
        text += strspn(text, " ");
    }
}

bool zf_print_losses(FILE *out, const struct zf_manage *manage, const struct zf_model *from,
                     const struct zf_model *to) {
    struct lost lost;
    struct zf_wrap line = {out, 8, 0};
    bool any = find_lost(manage, from, to, &lost);
    for (unsigned i = 0; i < lost.names.count; i++) {
        char text[ZF_FEATURE_TEXT_LENGTH];
        uint64_t members[(ZF_FEATURE_COUNT + 63) / 64];
        members_of(lost.names.names[i], lost.set, members);
        struct zf_loss_query query = {from, to, facility_in(members), members};
        zf_feature_name_text(lost.names.names[i], text);
        fprintf(out, "    %-12s %s\n", lost.names.names[i], text);
        bool executed = zf_each_loss(&query, put_subject, &line);
        enum zf_feature feature = zf_feature_by_name(lost.names.names[i]);
        if (!executed && feature != ZF_FEATURE_COUNT &&
            zf_feature_info(feature)->kind == ZF_KIND_STFL) {
            put_words(&line, zf_feature_info(feature)->description);
        }
        zf_wrap_end(&line, NULL);
    }
    struct zf_loss_query newer = {from, to, ZF_LOSS_NO_FACILITY, NULL};
    if (zf_each_loss(&newer, put_subject, &line)) {
        zf_wrap_end(&line, NULL);
        fprintf(out, "    %-12s introduced without a facility bit\n", "");
        any = true;
    }
    return any;
}

struct loss_lists {
    json_t *rows, *forms, *functions;
};

static void add_subject(void *context, const struct zf_subject *subject) {
    const char *mnemonic = zf_row_get(subject->row)->mnemonic;
    struct loss_lists *lists = context;
    if (subject->kind == ZF_SUBJECT_ROW) {
        json_array_append_new(lists->rows, json_string(mnemonic));
    } else if (subject->kind == ZF_SUBJECT_FORM) {
        json_array_append_new(lists->forms, json_pack("{s:s, s:s}", "mnemonic", mnemonic, "when",
                                                      subject->form->text));
    } else {
        enum zf_feature feature = zf_feature_of_function(subject->query, subject->code);
        json_array_append_new(
            lists->functions,
            json_pack("{s:s, s:i, s:s}", "mnemonic", mnemonic, "code", (int)subject->code, "name",
                      feature == ZF_FEATURE_COUNT ? "query" : zf_feature_info(feature)->name));
    }
}

static json_t *loss_json(const struct zf_loss_query *query, const char *name, const char *text,
                         bool deprecated) {
    struct loss_lists lists = {json_array(), json_array(), json_array()};
    unsigned count = zf_each_loss(query, add_subject, &lists);
    json_t *value = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "name", name, "text", text,
                              "deprecated", deprecated, "instructions", lists.rows, "forms",
                              lists.forms, "functions", lists.functions);
    if (!count && query->bit < 0) {
        json_decref(value);
        return NULL;
    }
    return value;
}

json_t *zf_losses_json(const struct zf_manage *manage, const struct zf_model *from,
                       const struct zf_model *to) {
    struct lost lost;
    json_t *list = json_array();
    find_lost(manage, from, to, &lost);
    for (unsigned i = 0; i < lost.names.count; i++) {
        const char *name = lost.names.names[i];
        enum zf_feature feature = zf_feature_by_name(name);
        char text[ZF_FEATURE_TEXT_LENGTH];
        uint64_t members[(ZF_FEATURE_COUNT + 63) / 64];
        members_of(name, lost.set, members);
        struct zf_loss_query query = {from, to, facility_in(members), members};
        zf_feature_name_text(name, text);
        json_array_append_new(
            list, loss_json(&query, name, text,
                            feature != ZF_FEATURE_COUNT && zf_feature_is_deprecated(feature)));
    }
    struct zf_loss_query newer = {from, to, ZF_LOSS_NO_FACILITY, NULL};
    json_t *rest = loss_json(&newer, "type", "newer machine, no facility bit", false);
    if (rest) {
        json_array_append_new(list, rest);
    }
    return list;
}
