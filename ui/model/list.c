/*
 * Several models at once, as the queries want them.
 */
#include "model/list.h"

#include "text/common.h"

#include <stdlib.h>

bool zf_model_list_allocate(struct zf_model_list *list, unsigned count) {
    *list =
        (struct zf_model_list){zf_manage_create(), count, calloc(count + 1, sizeof *list->inputs),
                               calloc(count + 1, sizeof *list->models)};
    return list->manage && list->inputs && list->models;
}

int zf_model_list_take(struct zf_model_list *list, const char *const *words, unsigned count) {
    if (!zf_model_list_allocate(list, count)) {
        fputs("zfacet: out of memory\n", stderr);
        return ZF_EXIT_FAILURE;
    }
    for (unsigned i = 0; i < count; i++) {
        int status = zf_model_take(words[i], false, &list->inputs[i]);
        if (status != ZF_EXIT_OK) {
            return status;
        }
        zf_manage_from_model(&list->inputs[i].model, &list->models[i]);
    }
    return ZF_EXIT_OK;
}

void zf_model_list_free(struct zf_model_list *list) {
    free(list->inputs);
    free(list->models);
    zf_manage_destroy(list->manage);
}

bool zf_model_list_baseline(const struct zf_model_list *list, unsigned first, unsigned without,
                            struct zf_manage_model *baseline, struct zf_manage_error *error) {
    unsigned i = first + (first == without);
    *baseline = list->models[i];
    while (++i < list->count) {
        struct zf_manage_model both;
        if (i == without) {
            continue;
        }
        if (!zf_manage_baseline(list->manage, baseline, &list->models[i], &both, error)) {
            return false;
        }
        *baseline = both;
    }
    return true;
}
