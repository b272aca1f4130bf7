/*
 * The models that are looked at, their gates, and the changes that a user can make to them.
 */
#include "inspect/inspector.h"

#include "zfacet/implemented.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void count_need(struct zf_inspector *in, const struct zf_facility_need *need,
                       bool executed) {
    for (unsigned i = 0; i < need->count; i++) {
        in->use[need->bit[i]].instructions++;
        in->use[need->bit[i]].missing += !executed;
    }
}

bool zf_inspector_init(struct zf_inspector *in) {
    *in =
        (struct zf_inspector){.ibc = ZF_IBC_OF_MODEL, .lowest = ZF_IBC_LOWEST_DEFAULT, .zoom = 100};
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        count_need(in, &zf_row_get(row)->facility, zf_row_implemented(row));
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        count_need(in, &zf_form_at(i)->facility, zf_form_implemented(zf_form_at(i)));
    }
    in->chosen = calloc(ZF_INSPECT_MODELS, sizeof *in->chosen);
    in->manage = zf_manage_create();
    return in->chosen && in->manage;
}

void zf_inspector_free(struct zf_inspector *in) {
    zf_watch_close(in->watch);
    in->watch = NULL;
    free(in->chosen);
    in->chosen = NULL;
    zf_manage_destroy(in->manage);
    in->manage = NULL;
    json_decref(in->findings);
    in->findings = NULL;
    zf_inspector_forget_coverage(in);
    json_decref(in->counts);
    in->counts = NULL;
}

static void set_title(struct zf_inspected *chosen, const char *text) {
    const char *comma = strchr(text, ','), *suffix = strchr(text, '-');
    const char *name = zf_machine_short_name(chosen->model.machine);
    if (chosen->model.named) {
        name = chosen->model.named->name;
    }
    bool ends = suffix && (!comma || suffix < comma);
    bool base = ends && chosen->model.set == ZF_MODEL_BASE;
    bool full = ends && chosen->model.set == ZF_MODEL_FULL;
    snprintf(chosen->title, sizeof chosen->title, "%s%s%s", name,
             base   ? "-base"
             : full ? "-full"
                    : "",
             comma ? "*" : "");
}

static void update_one(struct zf_inspector *in, struct zf_inspected *chosen) {
    struct zf_gate_config config = {.policy = in->policy,
                                    .model = &chosen->model,
                                    .host = in->has_host ? &in->host : NULL,
                                    .ibc = in->ibc,
                                    .lowest = in->lowest};
    zf_model_check(&chosen->model, &chosen->warnings);
    zf_gate_compute(&config, &chosen->gate);
}

void zf_inspector_update(struct zf_inspector *in) {
    for (unsigned i = 0; i < in->count; i++) {
        update_one(in, &in->chosen[i]);
    }
    in->revision++;
}

void zf_inspector_next_host(struct zf_inspector *in) {
    unsigned next = in->has_host ? in->host_index : in->count;
    in->has_host = next > 0;
    if (in->has_host) {
        in->host_index = (next < in->count ? next : in->count) - 1;
        in->host = in->chosen[in->host_index].model;
        snprintf(in->host_text, sizeof in->host_text, "%s", in->chosen[in->host_index].text);
    }
    zf_inspector_update(in);
}

void zf_inspector_next_ibc(struct zf_inspector *in) {
    const struct zf_machine_type *machine;
    int next = ZF_IBC_OF_MODEL;
    if (in->ibc == ZF_IBC_OF_MODEL) {
        next = 0;
    }
    for (unsigned i = 0; in->ibc >= 0 && (machine = zf_machine_at(i)); i++) {
        int value = zf_machine_ibc(machine);
        if (value > in->ibc && (next == ZF_IBC_OF_MODEL || value < next)) {
            next = value;
        }
    }
    in->ibc = next;
    zf_inspector_update(in);
}

static enum zf_status add_one(struct zf_inspector *in, const char *text, struct zf_error *err) {
    if (in->count == ZF_INSPECT_MODELS) {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s': too many models; the limit is %d", text,
                       ZF_INSPECT_MODELS);
    }
    struct zf_inspected *chosen = &in->chosen[in->count];
    enum zf_status status = zf_model_parse(text, false, &chosen->model, NULL, err);
    if (status == ZF_OK) {
        snprintf(chosen->text, sizeof chosen->text, "%s", text);
        set_title(chosen, text);
        update_one(in, chosen);
        in->count++;
        in->revision++;
    }
    return status;
}

bool zf_inspector_fits(const struct zf_inspector *in, const struct zf_model *from,
                       const struct zf_model *to) {
    struct zf_manage_model a, b;
    zf_manage_from_model(from, &a);
    zf_manage_from_model(to, &b);
    enum zf_manage_result result = zf_manage_compare(in->manage, &a, &b, NULL);
    return result == ZF_MANAGE_IDENTICAL || result == ZF_MANAGE_SUBSET;
}

void zf_inspector_text(const struct zf_inspector *in, const struct zf_manage_model *model,
                       char *text, size_t size) {
    struct zf_manage_delta delta;
    zf_manage_expand(in->manage, model, ZF_MANAGE_STATIC, &delta, NULL);
    size_t used = (size_t)snprintf(text, size, "%s", delta.name);
    for (unsigned i = 0; i < delta.count && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, ",%s=%s", delta.props[i].name,
                                 delta.props[i].on ? "on" : "off");
    }
}

enum zf_status zf_inspector_add_model(struct zf_inspector *in, const char *name,
                                      const struct zf_model *model, struct zf_error *err) {
    if (in->count == ZF_INSPECT_MODELS) {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s': too many models; the limit is %d", name,
                       ZF_INSPECT_MODELS);
    }
    struct zf_inspected *chosen = &in->chosen[in->count++];
    struct zf_manage_model managed;
    zf_manage_from_model(model, &managed);
    chosen->model = *model;
    zf_inspector_text(in, &managed, chosen->text, sizeof chosen->text);
    snprintf(chosen->title, sizeof chosen->title, "%s", name);
    update_one(in, chosen);
    in->revision++;
    return ZF_OK;
}

static unsigned machine_index(const struct zf_machine_type *machine) {
    unsigned i = 0;
    while (zf_machine_at(i) != machine) {
        i++;
    }
    return i;
}

static const struct zf_machine_type *range_end(const char *name, bool first, struct zf_error *err) {
    if (!name[0]) {
        return first ? zf_machine_at(0) : zf_machine_newest();
    }
    struct zf_model model;
    return zf_model_parse(name, false, &model, NULL, err) == ZF_OK ? model.machine : NULL;
}

static enum zf_status add_range(struct zf_inspector *in, char *text, struct zf_error *err) {
    char *dots = strstr(text, "..");
    *dots = 0;
    const struct zf_machine_type *first = range_end(text, true, err);
    const struct zf_machine_type *last = first ? range_end(dots + 2, false, err) : NULL;
    if (!last) {
        return ZF_ERROR_NOT_FOUND;
    }
    if (machine_index(first) > machine_index(last)) {
        return zf_fail(err, ZF_ERROR_USAGE, "a range goes from older to newer: %s..%s",
                       zf_machine_short_name(last), zf_machine_short_name(first));
    }
    for (unsigned i = machine_index(first); i <= machine_index(last); i++) {
        const struct zf_machine_type *machine = zf_machine_at(i);
        if (machine->class == ZF_MACHINE_EC &&
            add_one(in, zf_machine_short_name(machine), err) != ZF_OK) {
            return err->status;
        }
    }
    return ZF_OK;
}

enum zf_status zf_inspector_add(struct zf_inspector *in, const char *list, struct zf_error *err) {
    if (!*list) {
        return zf_fail(err, ZF_ERROR_USAGE, "name of a CPU model missing");
    }
    while (*list) {
        char text[ZF_INSPECT_TEXT];
        size_t length = strcspn(list, ",");
        /* FEATURE=on belongs to the model before it */
        while (list[length] == ',') {
            size_t more = strcspn(list + length + 1, ",");
            if (!memchr(list + length + 1, '=', more)) {
                break;
            }
            length += more + 1;
        }
        if (length >= sizeof text) {
            return zf_fail(err, ZF_ERROR_USAGE, "a model is longer than %zu characters",
                           sizeof text);
        }
        snprintf(text, sizeof text, "%.*s", (int)length, list);
        enum zf_status status =
            strstr(text, "..") ? add_range(in, text, err) : add_one(in, text, err);
        if (status != ZF_OK) {
            return status;
        }
        list += length + (list[length] == ',');
    }
    return ZF_OK;
}

void zf_inspector_add_usual(struct zf_inspector *in) {
    const struct zf_machine_type *machine;
    unsigned generation = 0;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        if (zf_level_generation(machine->level) != generation) {
            generation = zf_level_generation(machine->level);
            add_one(in, zf_machine_short_name(machine), NULL);
        }
    }
}

void zf_inspector_remove(struct zf_inspector *in, unsigned i) {
    if (in->count > 1 && i < in->count) {
        memmove(&in->chosen[i], &in->chosen[i + 1], (in->count - i - 1) * sizeof *in->chosen);
        in->count--;
        in->active -= in->active > i || in->active == in->count;
        in->revision++;
    }
}

int zf_inspector_find(const struct zf_inspector *in, const struct zf_machine_type *machine) {
    for (unsigned i = 0; i < in->count; i++) {
        const struct zf_model *model = &in->chosen[i].model;
        if (model->machine == machine && !model->named && model->set == ZF_MODEL_DEFAULT) {
            return (int)i;
        }
    }
    return -1;
}

/* The text by which the model can be named: what it began from, and what differs from that. */
static void name_changes(struct zf_inspected *chosen) {
    struct zf_model began;
    char base[ZF_INSPECT_TEXT];
    snprintf(base, sizeof base, "%.*s", (int)strcspn(chosen->text, ","), chosen->text);
    if (zf_model_parse(base, false, &began, NULL, NULL) != ZF_OK) {
        return;
    }
    size_t used = (size_t)snprintf(chosen->text, sizeof chosen->text, "%s", base);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT && used < sizeof chosen->text; f++) {
        bool on = zf_model_has_feature(&chosen->model, f);
        if (on != zf_model_has_feature(&began, f)) {
            used += (size_t)snprintf(chosen->text + used, sizeof chosen->text - used, ",%s=%s",
                                     zf_feature_info(f)->name, on ? "on" : "off");
        }
    }
    set_title(chosen, chosen->text);
}

void zf_inspector_switch(struct zf_inspector *in, unsigned i, enum zf_feature feature, bool on) {
    struct zf_inspected *chosen = &in->chosen[i];
    if (on && !zf_model_can_have(&chosen->model, feature)) {
        snprintf(in->message, sizeof in->message,
                 "%s cannot have '%s': it was introduced with a later machine", chosen->title,
                 zf_feature_info(feature)->name);
        return;
    }
    zf_model_set_feature(&chosen->model, feature, on);
    name_changes(chosen);
    update_one(in, chosen);
    in->revision++;
}

static bool contains(const char *text, const char *word, size_t length) {
    for (; *text; text++) {
        size_t n = 0;
        while (n < length && tolower((unsigned char)text[n]) == tolower((unsigned char)word[n])) {
            n++;
        }
        if (n == length) {
            return true;
        }
    }
    return length == 0;
}

/* "#8" is the number 8, not the beginning of 84. */
static bool contains_number(const char *text, const char *word, size_t length) {
    for (const char *at = text; (at = strchr(at, '#')); at++) {
        if (!strncmp(at, word, length) && !isdigit((unsigned char)at[length])) {
            return true;
        }
    }
    return false;
}

static bool is_number(const char *word, size_t length) {
    return length > 1 && *word == '#' && isdigit((unsigned char)word[1]);
}

bool zf_filter_matches(const char *filter, const char *text) {
    while (*filter) {
        size_t length = strcspn(filter, " ");
        bool found = is_number(filter, length) ? contains_number(text, filter, length)
                                               : contains(text, filter, length);
        if (length && !found) {
            return false;
        }
        filter += length + (filter[length] == ' ');
    }
    return true;
}
