/*
 * A model in the formats of other tools.
 */
#include "model/output.h"

#include "text/common.h"

#include <string.h>

static const char *const format_names[ZF_MODEL_FORMAT_COUNT] = {
    [ZF_MODEL_FORMAT_TEXT] = "text",         [ZF_MODEL_FORMAT_JSON] = "json",
    [ZF_MODEL_FORMAT_QEMU] = "qemu",         [ZF_MODEL_FORMAT_LIBVIRT] = "libvirt",
    [ZF_MODEL_FORMAT_HERCULES] = "hercules", [ZF_MODEL_FORMAT_STFLE] = "stfle",
};

static const char *format_name(const void *context, unsigned i) {
    return i < ZF_MODEL_FORMAT_COUNT ? format_names[i] : NULL;
}

enum zf_status zf_model_format_parse(const char *name, enum zf_model_format *format,
                                     struct zf_error *err) {
    *format = ZF_MODEL_FORMAT_TEXT;
    for (unsigned i = 0; name && i < ZF_MODEL_FORMAT_COUNT; i++) {
        if (!strcmp(name, format_names[i])) {
            *format = (enum zf_model_format)i;
            return ZF_OK;
        }
    }
    if (!name) {
        return ZF_OK;
    }
    const char *nearest = zf_nearest(name, format_name, NULL);
    return zf_fail(err, ZF_ERROR_USAGE,
                   "unknown --format '%s'; give text, json, qemu, libvirt, hercules or stfle%s%s%s",
                   name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?" : "");
}

json_t *zf_delta_json(const struct zf_manage_delta *delta) {
    json_t *model = json_pack("{s:s}", "name", delta->name);
    json_t *props = json_object();
    for (unsigned i = 0; i < delta->count; i++) {
        json_object_set_new(props, delta->props[i].name, json_boolean(delta->props[i].on));
    }
    if (delta->count) {
        json_object_set(model, "props", props);
    }
    json_decref(props);
    return model;
}

static void write_qemu(FILE *out, const struct zf_manage_delta *delta) {
    fputs(delta->name, out);
    for (unsigned i = 0; i < delta->count; i++) {
        fprintf(out, ",%s=%s", delta->props[i].name, delta->props[i].on ? "on" : "off");
    }
    fputc('\n', out);
}

static void write_libvirt(FILE *out, const struct zf_manage_delta *delta) {
    fprintf(out,
            "<cpu mode='custom' match='exact' check='partial'>\n"
            "  <model fallback='forbid'>%s</model>\n",
            delta->name);
    for (unsigned i = 0; i < delta->count; i++) {
        fprintf(out, "  <feature policy='%s' name='%s'/>\n",
                delta->props[i].on ? "require" : "disable", delta->props[i].name);
    }
    fputs("</cpu>\n", out);
}

/* 1, 2 and 138 come with the architecture level. */
static bool is_architecture(unsigned bit) {
    return bit == ZF_FACILITY_ZARCH || bit == ZF_FACILITY_ZARCH_ACTIVE || bit == ZF_FACILITY_CZAM;
}

/*
 * What needs others has the higher bit nearly everywhere, and Hercules minds the order: on from the
 * lowest, off from the highest.
 */
static void write_hercules(FILE *out, const struct zf_model *model) {
    const struct zf_facility *facility;
    unsigned count = 0;
    fprintf(out, "# %s\nCPUMODEL %04X\nARCHLVL z/Arch\n", model->machine->title,
            model->machine->type);
    for (; (facility = zf_facility_at(count)); count++) {
        if (zf_model_has_facility(model, facility->bit) && !is_architecture(facility->bit)) {
            fprintf(out, "FACILITY ENABLE BIT%03u z/Arch # %s\n", facility->bit, facility->name);
        }
    }
    while (count-- > 0) {
        facility = zf_facility_at(count);
        if (!zf_model_has_facility(model, facility->bit) && !is_architecture(facility->bit)) {
            fprintf(out, "FACILITY DISABLE BIT%03u z/Arch # %s\n", facility->bit, facility->name);
        }
    }
}

static void write_stfle(FILE *out, const struct zf_model *model) {
    unsigned count = zf_model_facility_doublewords(model);
    for (unsigned i = 0; i < count; i++) {
        fprintf(out, "%016lx", (unsigned long)model->facilities[i]);
    }
    fputc('\n', out);
}

/* The next facility, from number `*i` on, that the model has and no CPU feature describes. */
static const struct zf_facility *next_without_feature(const struct zf_model *model, unsigned *i) {
    const struct zf_facility *facility;
    while ((facility = zf_facility_at((*i)++))) {
        if (zf_model_has_facility(model, facility->bit) && !is_architecture(facility->bit) &&
            zf_feature_of_facility(facility->bit) == ZF_FEATURE_COUNT) {
            return facility;
        }
    }
    return NULL;
}

static void note_without_feature(const struct zf_model *model, const char *format,
                                 struct zf_model_notes *notes) {
    const struct zf_facility *facility;
    for (unsigned i = 0; (facility = next_without_feature(model, &i));) {
        zf_note(notes, "%s has no name for facility %u (%s); omitted", format, facility->bit,
                facility->name);
    }
}

static void write_json(FILE *out, const struct zf_model *model, const struct zf_manage_delta *delta,
                       const struct zf_manage_names *deprecated) {
    const struct zf_facility *facility;
    json_t *names = json_array(), *facilities = json_array();
    for (unsigned i = 0; i < deprecated->count; i++) {
        json_array_append_new(names, json_string(deprecated->names[i]));
    }
    for (unsigned i = 0; (facility = next_without_feature(model, &i));) {
        json_array_append_new(facilities, json_integer(facility->bit));
    }
    json_t *value =
        json_pack("{s:o, s:o}", "model", zf_delta_json(delta), "deprecated-props", names);
    if (json_array_size(facilities)) {
        json_object_set(value, "x-facilities", facilities);
    }
    json_decref(facilities);
    zf_print_json(out, value);
}

/* What a facility list does not tell, when it is not what the machine has by default. */
static void note_facilities_alone(const struct zf_model *model, const char *format,
                                  struct zf_model_notes *notes) {
    struct zf_model usual;
    unsigned count = 0;
    char names[96] = "";
    zf_model_init(&usual, model->machine, ZF_MODEL_DEFAULT);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->kind != ZF_KIND_STFL &&
            zf_model_has_feature(model, f) != zf_model_has_feature(&usual, f) && count++ < 3) {
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                     count > 1 ? ", " : "", info->name);
        }
    }
    zf_note(notes, "%s cannot express function codes and SCLP bits%s%s%s%s", format,
            count ? "; lost here: " : "; these are the machine's defaults", names,
            count > 3 ? ", and more" : "",
            count ? " (they differ from the machine's defaults)" : "");
}

void zf_model_write(FILE *out, const struct zf_manage *manage, const struct zf_model *model,
                    enum zf_model_format format, enum zf_manage_type type,
                    struct zf_model_notes *notes) {
    struct zf_manage_model from;
    struct zf_manage_delta delta;
    struct zf_manage_names deprecated;
    zf_manage_from_model(model, &from);
    zf_manage_expand(manage, &from, type, &delta, &deprecated);
    if (format == ZF_MODEL_FORMAT_HERCULES || format == ZF_MODEL_FORMAT_STFLE) {
        note_facilities_alone(model, format_names[format], notes);
        if (format == ZF_MODEL_FORMAT_STFLE) {
            zf_note(notes, "stfle does not name the machine (%s)",
                    zf_machine_short_name(model->machine));
            write_stfle(out, model);
        } else {
            write_hercules(out, model);
        }
        return;
    }
    if (format == ZF_MODEL_FORMAT_JSON) {
        write_json(out, model, &delta, &deprecated);
        return;
    }
    note_without_feature(model, format_names[format], notes);
    if (format == ZF_MODEL_FORMAT_QEMU) {
        write_qemu(out, &delta);
    } else {
        write_libvirt(out, &delta);
    }
}
