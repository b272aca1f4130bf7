/*
 * Lists of models: names, ranges, all.
 */
#include "check/case.h"

#include <string.h>

/* Item of a list: "z13", "z13..", "..z13", "z13..z15"; the ends are NULL where open. */
struct item {
    char text[2 * ZF_MODEL_NAME_LENGTH + 4];
    const char *from, *to;
    bool range;
};

static const char *next_item(const char *list, struct item *item) {
    size_t length = strcspn(list, ",");
    snprintf(item->text, sizeof item->text, "%.*s", (int)length, list);
    char *dots = strstr(item->text, "..");
    item->range = dots;
    item->from = item->text;
    item->to = dots ? dots + 2 : item->text;
    if (dots) {
        *dots = 0;
    }
    return list + length + (list[length] == ',');
}

/* Ranges are of the models of machines as they are; of base models if an end is one. */
static bool in_range(const struct item *item, const struct zf_model *model) {
    enum zf_model_set set = ZF_MODEL_DEFAULT;
    struct zf_model from, to;
    if ((*item->from && zf_model_parse(item->from, false, &from, NULL, NULL) != ZF_OK) ||
        (*item->to && zf_model_parse(item->to, false, &to, NULL, NULL) != ZF_OK)) {
        return false;
    }
    if ((*item->from && from.set == ZF_MODEL_BASE) || (*item->to && to.set == ZF_MODEL_BASE)) {
        set = ZF_MODEL_BASE;
    }
    return model->set == set && (!*item->from || model->machine->level >= from.machine->level) &&
           (!*item->to || model->machine->level <= to.machine->level);
}

static bool item_has(const struct item *item, const char *name) {
    struct zf_model a, model;
    if (!item->range) {
        return !strcmp(item->from, name) ||
               (zf_model_parse(item->from, false, &a, NULL, NULL) == ZF_OK &&
                zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK &&
                a.machine == model.machine && a.named == model.named && a.set == model.set);
    }
    return zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK && !model.named &&
           in_range(item, &model);
}

bool zf_models_same(const char *a, const char *b) {
    const struct item item = {.from = a, .to = a};
    return !strcmp(a, b) || (!strchr(a, ',') && !strchr(b, ',') && item_has(&item, b));
}

bool zf_models_have(const char *list, const char *name) {
    struct item item;
    if (!strcmp(list, "all")) {
        return true;
    }
    while (*list) {
        list = next_item(list, &item);
        if (item_has(&item, name)) {
            return true;
        }
    }
    return false;
}

enum zf_status zf_models_check(const char *list, struct zf_error *err) {
    struct item item;
    struct zf_model model[2];
    if (!strcmp(list, "all")) {
        return ZF_OK;
    }
    if (!*list || list[strlen(list) - 1] == ',') {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s': empty entry in the list of models", list);
    }
    while (*list) {
        if (strcspn(list, ",") >= sizeof item.text) {
            return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown CPU model '%.40s...'", list);
        }
        list = next_item(list, &item);
        const char *ends[] = {item.from, item.to};
        for (unsigned i = 0; i < 2; i++) {
            if (*ends[i] || !item.range) {
                enum zf_status status = zf_model_parse(ends[i], false, &model[i], NULL, err);
                if (status != ZF_OK) {
                    return status;
                }
            }
        }
        if (item.range && *item.from && *item.to &&
            model[0].machine->level > model[1].machine->level) {
            return zf_fail(err, ZF_ERROR_USAGE,
                           "invalid range '%s..%s'; give the older model first", item.from,
                           item.to);
        }
    }
    return ZF_OK;
}
