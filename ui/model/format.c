/*
 * Which format it is; models by name and properties.
 */
#include "model/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

/* A model of zfacet's own name: the properties from left to right. */
static enum zf_status parse_own(const struct zf_manage_info *info, struct zf_model *model,
                                struct zf_error *err) {
    enum zf_status status = zf_model_parse(info->name, false, model, NULL, err);
    for (size_t i = 0; status == ZF_OK && i < info->prop_count; i++) {
        char setting[96];
        if (info->props[i].kind != ZF_MANAGE_BOOL) {
            return zf_fail(err, ZF_ERROR_FORMAT, "the value of '%s' is not a boolean",
                           info->props[i].name);
        }
        snprintf(setting, sizeof setting, "%.80s=%s", info->props[i].name,
                 info->props[i].on ? "on" : "off");
        status = zf_model_apply(model, setting, err);
    }
    return status;
}

/* `model` as `from` tells it, beginning from the model called `name` where that is of the same
 * machine: what a model began from is its name in texts. */
static void become(const char *name, const struct zf_manage_model *from, struct zf_model *model) {
    if (zf_model_parse(name, false, model, NULL, NULL) != ZF_OK ||
        model->machine != from->machine) {
        zf_manage_to_model(from, model);
        return;
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_bitmap_test(from->features, f) != zf_model_has_feature(model, f)) {
            zf_model_set_feature(model, f, zf_bitmap_test(from->features, f));
        }
    }
}

/* The refusal in zfacet's words where a name is unknown, else in those of the protocol. */
static enum zf_status refuse_info(const struct zf_manage_info *info,
                                  const struct zf_manage_error *refusal, struct zf_error *err) {
    char text[400];
    struct zf_model model;
    const char *const *parts = refusal->parts; /* Property 'z14-s390x-cpu.foo' not found */
    bool unknown = parts[2] && parts[3] && parts[4] && !strcmp(parts[2], "-s390x-cpu.") &&
                   !strcmp(parts[4], "' not found");
    if (unknown && zf_model_parse(info->name, false, &model, NULL, NULL) == ZF_OK) {
        struct zf_error inner;
        zf_model_unknown_setting(&model, parts[3], &inner);
        return zf_fail(err, ZF_ERROR_FORMAT, "%s", inner.message);
    }
    zf_manage_error_text(refusal, text, sizeof text);
    return zf_fail(err, ZF_ERROR_FORMAT, "%s", text);
}

enum zf_status zf_model_from_info(const struct zf_manage_info *info, struct zf_model *model,
                                  struct zf_error *err) {
    struct zf_manage_info name_alone = {.name = info->name};
    struct zf_manage_model from;
    struct zf_manage_error refusal;
    struct zf_manage *manage = zf_manage_create();
    enum zf_status status = ZF_OK;
    if (!manage) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    if (!zf_manage_resolve(manage, &name_alone, "model", &from, &refusal)) {
        status = parse_own(info, model, err);
    } else if (!zf_manage_resolve(manage, info, "model", &from, &refusal)) {
        status = refuse_info(info, &refusal, err);
    } else {
        become(info->name, &from, model);
    }
    zf_manage_destroy(manage);
    return status;
}

static bool has_line(const char *text, const char *word) {
    size_t length = strlen(word);
    while (*text) {
        text += strspn(text, " \t");
        if (!strncasecmp(text, word, length)) {
            return true;
        }
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return false;
}

/* /proc/cpuinfo, of whatever architecture. */
static bool is_cpuinfo(const char *text) {
    return has_line(text, "processor\t") || has_line(text, "processor ");
}

/* A model text, alone in its line; perhaps as QEMU's option. */
static enum zf_status from_text(const char *text, struct zf_model *model, struct zf_error *err) {
    char word[4096];
    text += strncmp(text, "-cpu", 4) ? 0 : 4;
    text += strspn(text, " \t");
    size_t length = strcspn(text, " \t\r\n");
    if (text[length + strspn(text + length, " \t\r\n")] || length >= sizeof word || !length) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "unknown format; known are libvirt XML, JSON of the management interfaces, "
                       "/proc/cpuinfo, \"" ZF_KERNEL_MISSING
                       "\", Hercules, a facility list in hexadecimal, a model");
    }
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    return zf_model_parse(word, false, model, NULL, err);
}

static enum zf_status from_text_of_any_kind(const char *text, struct zf_model *model,
                                            struct zf_model_notes *notes, struct zf_error *err) {
    if (strstr(text, "HHC0089") || has_line(text, "FACILITY ") || has_line(text, "CPUMODEL ")) {
        return zf_model_from_hercules(text, model, notes, err);
    }
    if (strstr(text, ZF_KERNEL_MISSING)) {
        return zf_model_from_kernel(text, model, notes, err);
    }
    if (has_line(text, "facilities") || has_line(text, "features")) {
        return zf_model_from_cpuinfo(text, model, notes, err);
    }
    if (zf_is_stfle_text(text)) {
        return zf_model_from_stfle(text, model, notes, err);
    }
    if (is_cpuinfo(text)) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "/proc/cpuinfo of another architecture, without facilities or features of "
                       "s390x");
    }
    return from_text(text, model, err);
}

enum zf_status zf_model_from_bytes(const char *bytes, size_t size, struct zf_model *model,
                                   struct zf_model_notes *notes, struct zf_error *err) {
    if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        bytes += 3;
        size -= 3;
    }
    while (size && isspace((unsigned char)*bytes)) {
        bytes++;
        size--;
    }
    if (!size) {
        return zf_fail(err, ZF_ERROR_FORMAT, "it is empty");
    }
    if (*bytes == '<') {
        return zf_model_from_xml(bytes, size, model, notes, err);
    }
    if (*bytes == '{' || *bytes == '[') {
        return zf_model_from_json(bytes, size, model, notes, err);
    }
    char *text = memchr(bytes, 0, size) ? NULL : strndup(bytes, size);
    if (!text) {
        return zf_fail(err, ZF_ERROR_FORMAT, "not text");
    }
    enum zf_status status = from_text_of_any_kind(text, model, notes, err);
    free(text);
    return status;
}
