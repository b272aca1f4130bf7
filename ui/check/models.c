/*
 * Lists of models: names, ranges, all.
 */
#include "check/case.h"

#include <stdio.h>
#include <stdlib.h>
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

/* A model that a range can have. */
static bool is_plain(const char *name, struct zf_model *model) {
    return !strchr(name, ',') && zf_model_parse(name, false, model, NULL, NULL) == ZF_OK &&
           !model->named && (model->set == ZF_MODEL_DEFAULT || model->set == ZF_MODEL_BASE);
}

static size_t machines_between(zf_level from, zf_level to) {
    size_t count = 0;
    for (unsigned i = 0; i < zf_machine_count(); i++) {
        zf_level level = zf_machine_at(i)->level;
        count += level >= from && level <= to;
    }
    return count;
}

size_t zf_models_range(const char *const *names, size_t count) {
    enum { LEAST = 3 };
    struct zf_model first, model;
    size_t longest = 1;
    if (count < LEAST || !is_plain(names[0], &first)) {
        return 1;
    }
    zf_level highest = first.machine->level;
    for (size_t n = 1; n < count && is_plain(names[n], &model); n++) {
        zf_level level = model.machine->level; /* z14ZR1's is below that of z14.2 before it */
        if (model.set != first.set || level < first.machine->level) {
            break;
        }
        highest = level > highest ? level : highest;
        if (n + 1 >= LEAST && level == highest &&
            machines_between(first.machine->level, level) == n + 1) {
            longest = n + 1;
        }
    }
    return longest;
}

bool zf_models_is_base(const char *name) {
    const char *end = strstr(name, "-base");
    return end && !end[strlen("-base")];
}

/* Models as they are before base models. */
static size_t collect(const json_t *names, const char **all) {
    size_t count = 0, length = json_array_size(names);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < length; i++) {
            const char *name = json_string_value(json_array_get(names, i));
            if (zf_models_is_base(name) == pass) {
                all[count++] = name;
            }
        }
    }
    return count;
}

char *zf_models_text(const json_t *names, const char *between) {
    char *text = NULL;
    size_t size, count = json_array_size(names);
    const char **all = malloc((count + 1) * sizeof *all);
    FILE *out = all ? open_memstream(&text, &size) : NULL;
    count = out ? collect(names, all) : 0;
    for (size_t i = 0; i < count;) {
        size_t n = zf_models_range(all + i, count - i);
        fprintf(out, "%s%s%s%s", i ? between : "", all[i], n > 1 ? ".." : "",
                n > 1 ? all[i + n - 1] : "");
        i += n;
    }
    if (out) {
        fclose(out);
    }
    free(all);
    return text;
}
