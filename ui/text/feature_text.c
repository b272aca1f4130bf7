/*
 * Features and groups of them in words.
 */
#include "text/feature_text.h"

#include <string.h>

void zf_feature_text(enum zf_feature feature, char text[ZF_FEATURE_TEXT_LENGTH]) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    const char *mark = zf_feature_is_deprecated(feature) ? " (deprecated)" : "";
    if (info->kind == ZF_KIND_STFL) {
        snprintf(text, ZF_FEATURE_TEXT_LENGTH, "facility %u (%s)%s", info->bit,
                 zf_facility_name(info->bit), mark);
    } else if ((unsigned)info->kind < ZF_QUERY_COUNT) {
        snprintf(text, ZF_FEATURE_TEXT_LENGTH, "function %u of %s: %s", info->bit,
                 zf_query_mnemonic((enum zf_query)info->kind), info->description);
    } else {
        snprintf(text, ZF_FEATURE_TEXT_LENGTH, "%s%s", info->description, mark);
    }
}

const char *zf_later_feature(const char *name) {
    static const struct {
        const char *name, *text;
    } later[] = {
        {"cstore", "certificate store: DIAGNOSE X'320' hands out certificates; bit 5 of byte 134 "
                   "of SCLP's information"},
        {"diag320", "an earlier name of cstore"},
        {"sipl", "secure IPL: signatures of what is loaded are checked; bit 1 of bytes 136 and 137 "
                 "of SCLP's information"},
        {"sclaf", "code loading attributes of secure IPL: what is signed says where it may be "
                  "loaded; bit 3 of bytes 136 and 137 of SCLP's information"},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(later); i++) {
        if (!strcmp(name, later[i].name)) {
            return later[i].text;
        }
    }
    return NULL;
}

void zf_feature_name_text(const char *name, char text[ZF_FEATURE_TEXT_LENGTH]) {
    enum zf_feature_group group = zf_feature_group_by_name(name);
    enum zf_feature feature = zf_feature_by_name(name);
    if (group != ZF_FEATURE_GROUP_NONE && !strcmp(zf_feature_group_name(group), name)) {
        snprintf(text, ZF_FEATURE_TEXT_LENGTH, "group: %s", zf_feature_group_description(group));
    } else if (feature != ZF_FEATURE_COUNT) {
        zf_feature_text(feature, text);
    } else {
        text[0] = 0;
    }
}

void zf_print_features(FILE *out, const struct zf_manage *manage, const uint64_t *set,
                       const char *mark) {
    struct zf_manage_names names;
    zf_manage_name_features(manage, set, &names);
    for (unsigned i = 0; i < names.count; i++) {
        char text[ZF_FEATURE_TEXT_LENGTH];
        zf_feature_name_text(names.names[i], text);
        fprintf(out, "%s%-22s %s\n", mark, names.names[i], text);
    }
}

json_t *zf_features_json(const struct zf_manage *manage, const uint64_t *set, bool words) {
    struct zf_manage_names names;
    json_t *list = json_array();
    zf_manage_name_features(manage, set, &names);
    for (unsigned i = 0; i < names.count; i++) {
        char text[ZF_FEATURE_TEXT_LENGTH];
        zf_feature_name_text(names.names[i], text);
        json_array_append_new(list,
                              words ? json_pack("{s:s, s:s}", "name", names.names[i], "text", text)
                                    : json_string(names.names[i]));
    }
    return list;
}

bool zf_features_beyond(const struct zf_manage_model *a, const struct zf_manage_model *b,
                        uint64_t set[(ZF_FEATURE_COUNT + 63) / 64]) {
    uint64_t any = 0;
    for (unsigned i = 0; i < (ZF_FEATURE_COUNT + 63) / 64; i++) {
        set[i] = a->features[i] & ~b->features[i];
        any |= set[i];
    }
    return any;
}
