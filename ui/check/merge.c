/*
 * The results of shards, joined: cases in their order (of what older versions wrote, that of the
 * first shard that has them), models in the order of machines, so that the whole is what one run
 * would have printed.
 */
#include "check/document.h"

#include <stdio.h>
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
        if (zf_models_same(name, model)) {
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
        if (zf_models_same(zf_text_of(other, "model"), model)) {
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

void zf_document_set_shard(json_t *document, unsigned number, unsigned count) {
    json_object_set_new(document, "shards",
                        json_pack("{s:i, s:[i]}", "of", (int)count, "have", (int)number));
}

void zf_document_set_order(json_t *document, unsigned order) {
    json_t *cases = json_object_get(document, "cases");
    json_object_set_new(json_array_get(cases, json_array_size(cases) - 1), "order",
                        json_integer((json_int_t)order));
}

struct place {
    json_int_t order;
    size_t at;
    json_t *one;
};

static int by_order(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return x->order != y->order ? (x->order > y->order) - (x->order < y->order)
                                : (x->at > y->at) - (x->at < y->at);
}

/* Those that do not say where they belong come last. */
static void sort_cases(json_t *document) {
    const json_t *cases = json_object_get(document, "cases");
    size_t count = json_array_size(cases), i;
    struct place *places = calloc(count + 1, sizeof *places);
    json_t *one, *sorted = json_array();
    if (!places || !sorted) {
        free(places);
        json_decref(sorted);
        return;
    }
    json_array_foreach(cases, i, one) {
        const json_t *order = json_object_get(one, "order");
        places[i] = (struct place){order ? json_integer_value(order) : INT64_MAX, i, one};
    }
    qsort(places, count, sizeof *places, by_order);
    for (i = 0; i < count; i++) {
        json_array_append(sorted, places[i].one);
    }
    json_object_set_new(document, "cases", sorted);
    free(places);
}

/* False: they are not of as many. What an older version wrote does not say. */
static bool add_shards(json_t *document, const json_t *shard) {
    json_t *all = json_object_get(document, "shards"), *more = json_object_get(shard, "shards");
    if (!all && more) {
        json_object_set_new(document, "shards", json_deep_copy(more));
    } else if (all && more) {
        json_array_extend(json_object_get(all, "have"), json_object_get(more, "have"));
    }
    return !all || !more || json_equal(json_object_get(all, "of"), json_object_get(more, "of"));
}

static bool have(const json_t *numbers, json_int_t number) {
    size_t i;
    json_t *one;
    json_array_foreach(numbers, i, one) {
        if (json_integer_value(one) == number) {
            return true;
        }
    }
    return false;
}

static void add_missing(json_t *document, json_int_t number, json_int_t count) {
    char name[64];
    snprintf(name, sizeof name, "shard %lld/%lld", (long long)number, (long long)count);
    json_array_append_new(
        json_object_get(document, "cases"),
        json_pack("{s:s, s:s, s:[], s:[{s:s, s:s, s:s, s:f, s:[]}]}", "name", name, "guest", "",
                  "arguments", "results", "model", "-", "verdict", "error", "why",
                  "its results are not among those given", "seconds", 0.0, "findings"));
}

/* Whether a case stands for a shard that was missing when others were joined; it may come now. */
static bool is_missing_shard(const json_t *one) {
    return !*zf_text_of(one, "guest") && !strncmp(zf_text_of(one, "name"), "shard ", 6);
}

void zf_document_close_shards(json_t *document) {
    enum { MOST = 100000 };
    bool all = true;
    const json_t *shards = json_object_get(document, "shards");
    json_int_t count = json_integer_value(json_object_get(shards, "of"));
    for (json_int_t i = 1; i <= count && i <= MOST; i++) {
        if (!have(json_object_get(shards, "have"), i)) {
            add_missing(document, i, count);
            all = false;
        }
    }
    sort_cases(document);
    for (size_t c = 0; all && c < json_array_size(json_object_get(document, "cases")); c++) {
        json_object_del(json_array_get(json_object_get(document, "cases"), c), "order");
    }
    if (all) {
        json_object_del(document, "shards");
    }
}

bool zf_document_merge(json_t *document, const json_t *shard, struct zf_error *err) {
    size_t c, r;
    json_t *one, *result;
    if (!add_shards(document, shard)) {
        zf_fail(err, ZF_ERROR_USAGE, "the files are of different numbers of shards");
        return false;
    }
    json_array_foreach(json_object_get(shard, "cases"), c, one) {
        if (json_object_get(shard, "shards") && is_missing_shard(one)) {
            continue;
        }
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
