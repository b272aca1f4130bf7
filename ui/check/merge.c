/*
 * The results of shards, joined: cases in the order of the first shard that has them, models in the
 * order of machines, so that the whole is what one run would have printed.
 */
#include "check/document.h"

#include <stdlib.h>
#include <string.h>

static json_t *find_case(const json_t *document, const char *name) {
    size_t c;
    json_t *one;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        if (!strcmp(zf_text_of(one, "name"), name)) {
            return one;
        }
    }
    return NULL;
}

/* The model's place among those with a name, or after them. */
static unsigned rank_of(const char *model) {
    char name[ZF_MODEL_NAME_LENGTH];
    unsigned i = 0;
    for (; i < zf_model_count(); i++) {
        zf_model_name_at(i, name);
        if (!strcmp(name, model)) {
            break;
        }
    }
    return i;
}

static bool add_result(json_t *results, json_t *result) {
    const char *model = zf_text_of(result, "model");
    unsigned rank = rank_of(model);
    size_t at = 0, r;
    json_t *other;
    json_array_foreach(results, r, other) {
        if (!strcmp(zf_text_of(other, "model"), model)) {
            return false;
        }
        at = rank_of(zf_text_of(other, "model")) <= rank ? r + 1 : at;
    }
    json_array_insert(results, at, result);
    return true;
}

static json_t *add_case(json_t *document, const json_t *one) {
    json_t *copy = json_copy((json_t *)one);
    json_object_set_new(copy, "results", json_array());
    json_array_append_new(json_object_get(document, "cases"), copy);
    return copy;
}

bool zf_document_merge(json_t *document, const json_t *shard, struct zf_error *err) {
    size_t c, r;
    json_t *one, *result;
    json_array_foreach(json_object_get(shard, "cases"), c, one) {
        json_t *whole = find_case(document, zf_text_of(one, "name"));
        whole = whole ? whole : add_case(document, one);
        json_array_foreach(json_object_get(one, "results"), r, result) {
            if (!add_result(json_object_get(whole, "results"), result)) {
                zf_fail(err, ZF_ERROR_USAGE, "two shards have %s on %s", zf_text_of(one, "name"),
                        zf_text_of(result, "model"));
                return false;
            }
        }
    }
    return true;
}
