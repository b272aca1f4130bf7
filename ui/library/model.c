/*
 * Models, and two of them compared.
 */
#include "library.h"

#include "zfacet/manage.h"

#include <stdlib.h>
#include <string.h>

struct zfacet_model *zfacet_model_new(const char *text, struct zfacet_error *error) {
    struct zf_error why;
    struct zfacet_model *model = calloc(1, sizeof *model);
    if (!model) {
        return zf_library_no_memory(error);
    }
    if (zf_model_parse(text, false, &model->model, NULL, &why) != ZF_OK) {
        free(model);
        return zf_library_fail(error, &why);
    }
    zf_model_name(&model->model, model->name);
    return model;
}

void zfacet_model_free(struct zfacet_model *model) {
    free(model);
}

const char *zfacet_model_name(const struct zfacet_model *model) {
    return model->name;
}

unsigned zfacet_model_ibc(const struct zfacet_model *model) {
    return zf_machine_ibc(model->model.machine);
}

unsigned zfacet_model_type(const struct zfacet_model *model) {
    return model->model.machine->type;
}

bool zfacet_model_has_facility(const struct zfacet_model *model, unsigned bit) {
    return zf_model_has_facility(&model->model, bit);
}

int zfacet_model_has_feature(const struct zfacet_model *model, const char *name,
                             struct zfacet_error *error) {
    struct zf_error why;
    enum zf_feature feature = zf_feature_by_name(name);
    if (feature == ZF_FEATURE_COUNT) {
        zf_fail(&why, ZF_ERROR_NOT_FOUND, "unknown feature '%s'", name);
        zf_library_fail(error, &why);
        return -1;
    }
    return zf_model_has_feature(&model->model, feature);
}

const char *zfacet_model_feature(const struct zfacet_model *model, unsigned i) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(&model->model, (enum zf_feature)f) && i-- == 0) {
            return zf_feature_info((enum zf_feature)f)->name;
        }
    }
    return NULL;
}

const char *zfacet_model_at(unsigned i) {
    const struct zf_machine_type *machine = zf_machine_at(i);
    return machine ? machine->name : NULL;
}

/* The lists follow the answer. */
struct comparison {
    struct zfacet_comparison answer;
    const char *only[2][ZF_FEATURE_COUNT];
};

static unsigned only(const struct zf_model *a, const struct zf_model *b, const char **list) {
    unsigned count = 0;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(a, (enum zf_feature)f) &&
            !zf_model_has_feature(b, (enum zf_feature)f)) {
            list[count++] = zf_feature_info((enum zf_feature)f)->name;
        }
    }
    return count;
}

const struct zfacet_comparison *zfacet_compare(const struct zfacet_model *first,
                                               const struct zfacet_model *second,
                                               struct zfacet_error *error) {
    struct zf_manage_model a, b;
    struct comparison *c = calloc(1, sizeof *c);
    struct zf_manage *manage = zf_manage_create();
    if (!c || !manage) {
        zf_manage_destroy(manage);
        free(c);
        return zf_library_no_memory(error);
    }
    zf_manage_from_model(&first->model, &a);
    zf_manage_from_model(&second->model, &b);
    enum zf_manage_result result = zf_manage_compare(manage, &a, &b, NULL);
    c->answer = (struct zfacet_comparison){
        .result = zf_manage_result_word(result),
        .may_move = result == ZF_MANAGE_IDENTICAL || result == ZF_MANAGE_SUBSET,
        .first_count = only(&first->model, &second->model, c->only[0]),
        .second_count = only(&second->model, &first->model, c->only[1]),
        .only_first = c->only[0],
        .only_second = c->only[1],
    };
    zf_manage_destroy(manage);
    return &c->answer;
}

void zfacet_comparison_free(const struct zfacet_comparison *comparison) {
    free((void *)comparison);
}
