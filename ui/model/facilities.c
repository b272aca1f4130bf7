/*
 * A model from its facility bits alone: the machine that it may be, and its function codes as far
 * as bits tell them.
 */
#include "model/format.h"

/* The facility bits that the machine cannot have, counted. */
static unsigned beyond(const struct zf_facility_list *list, const struct zf_machine_type *machine,
                       unsigned *first) {
    unsigned count = 0;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->kind == ZF_KIND_STFL && zf_bitmap_test(list->on, info->bit) &&
            !zf_feature_in_set(f, ZF_MODEL_FULL, machine->level) && count++ == 0) {
            *first = info->bit;
        }
    }
    return count;
}

/* The facility bits that are off, but on by default on the machine. */
static unsigned unlike(const struct zf_facility_list *list, const struct zf_machine_type *machine) {
    unsigned count = 0;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        count += info->kind == ZF_KIND_STFL && zf_bitmap_test(list->told, info->bit) &&
                 !zf_bitmap_test(list->on, info->bit) &&
                 zf_feature_in_set(f, ZF_MODEL_DEFAULT, machine->level);
    }
    return count;
}

/*
 * The oldest machine, of the type if it is told, that can have all; else the one that lacks least.
 * From bits that are off alone, the newest machine that lacks them by default.
 */
static const struct zf_machine_type *choose(const struct zf_facility_list *list, unsigned *lacks,
                                            unsigned *first) {
    const struct zf_machine_type *machine, *best = NULL;
    *lacks = ZF_FACILITY_LIMIT;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        unsigned bit = 0;
        unsigned count = list->all_off ? unlike(list, machine) : beyond(list, machine, &bit);
        if ((!list->type || machine->type == list->type) &&
            (count < *lacks || (list->all_off && count == *lacks))) {
            best = machine;
            *lacks = count;
            *first = bit;
        }
    }
    return best;
}

static bool is_told(const struct zf_facility_list *list, unsigned bit) {
    return list->complete || zf_bitmap_test(list->told, bit);
}

static void apply_bits(const struct zf_facility_list *list, struct zf_model *model) {
    const struct zf_facility *facility;
    for (unsigned i = 0; (facility = zf_facility_at(i)); i++) {
        unsigned bit = facility->bit;
        if (is_told(list, bit) && bit != ZF_FACILITY_ZARCH_ACTIVE && bit != ZF_FACILITY_CZAM) {
            zf_model_set_facility(model, bit, zf_bitmap_test(list->on, bit));
        }
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->kind == ZF_KIND_STFL && is_told(list, info->bit)) {
            zf_model_set_feature(model, f, zf_bitmap_test(list->on, info->bit));
        }
    }
}

/* Names the bits that are on and have no place in a model, one note for all of a kind. */
static void note_ignored(const struct zf_facility_list *list, bool known,
                         struct zf_model_notes *notes) {
    char text[160];
    size_t used = 0;
    unsigned count = 0;
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT && used < sizeof text - 8; bit++) {
        if (zf_bitmap_test(list->on, bit) && !zf_facility_find(bit) &&
            (zf_facility_unmodelled(bit) != NULL) == known) {
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%u", count++ ? ", " : "", bit);
        }
    }
    if (count) {
        zf_note(notes,
                known ? "ignoring facility %s, which no model has" : "ignoring unknown facility %s",
                text);
    }
}

/* The facility bit that stands for a group, or -1: most groups have one among their features. */
static int facility_of_group(enum zf_feature_group group) {
    for (unsigned f = 0; group != ZF_FEATURE_GROUP_NONE && f < ZF_FEATURE_COUNT; f++) {
        if (zf_feature_info(f)->group == group && zf_feature_info(f)->kind == ZF_KIND_STFL) {
            return (int)zf_feature_info(f)->bit;
        }
    }
    return -1;
}

/* Function codes are those of the machine's default set whose facilities are on. */
static void fit_functions(struct zf_model *model) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if ((unsigned)info->kind >= ZF_QUERY_COUNT) {
            continue;
        }
        unsigned installs = zf_query_facility((enum zf_query)info->kind);
        int group = facility_of_group(info->group);
        bool installed = !installs || zf_model_has_facility(model, installs);
        if (!installed || (group >= 0 && !zf_model_has_facility(model, (unsigned)group))) {
            zf_model_set_feature(model, f, false);
        } else if (group >= 0 && zf_model_can_have(model, f)) {
            zf_model_set_feature(model, f, true);
        }
    }
}

/*
 * What bits do not tell follows from those they do: what a facility needs is on, what needs one
 * that is off is off.
 */
static void fit_others(struct zf_model *model) {
    struct zf_model_warnings warnings;
    bool changed = true;
    while (changed) {
        changed = false;
        zf_model_check(model, &warnings);
        for (unsigned i = 0; i < warnings.count; i++) {
            const struct zf_feature_dependency *broken = &warnings.broken[i];
            bool told = zf_feature_info(broken->feature)->kind == ZF_KIND_STFL;
            if (!told) {
                zf_model_set_feature(model, broken->feature, false);
            } else if (zf_feature_info(broken->needs)->kind != ZF_KIND_STFL) {
                zf_model_set_feature(model, broken->needs, true);
            } else {
                continue;
            }
            changed = true;
        }
    }
}

enum zf_status zf_model_from_facilities(const struct zf_facility_list *list, struct zf_model *model,
                                        struct zf_model_notes *notes, struct zf_error *err) {
    unsigned lacks, first = 0;
    const struct zf_machine_type *machine = choose(list, &lacks, &first);
    if (!machine) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "no machine has type %04x", list->type);
    }
    zf_model_init(model, machine, ZF_MODEL_DEFAULT);
    apply_bits(list, model);
    note_ignored(list, true, notes);
    note_ignored(list, false, notes);
    fit_functions(model);
    fit_others(model);
    if (list->all_off) {
        zf_note(notes, "assuming %s, the newest machine%s that lacks %s of them",
                zf_machine_short_name(machine), list->type ? " of its type" : "",
                lacks ? "most" : "all");
    } else {
        zf_note(notes, "assuming %s, the oldest machine%s that can have %s of it",
                zf_machine_short_name(machine), list->type ? " of its type" : "",
                lacks ? "most" : "all");
    }
    if (lacks && !list->all_off) {
        zf_note(notes, "%s never had %u of the facilities; the first is %u (%s)",
                zf_machine_short_name(machine), lacks, first, zf_facility_name(first));
    }
    zf_note(notes, "facility bits do not include function codes or SCLP bits; assuming those of %s",
            zf_machine_short_name(machine));
    return ZF_OK;
}
