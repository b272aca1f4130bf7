/*
 * The model, policy and host of a guest in its saved stream, and back: every name and number is
 * checked, as the stream may come from anywhere. What a target lacks of it, in words.
 */
#include "zfacet/saved_model.h"

#include <stdio.h>

enum { FACILITY_DOUBLEWORDS = (ZF_FACILITY_LIMIT + 63) / 64, TEXT_LENGTH = 256 };

static const uint32_t tag_model = ZF_STREAM_TAG("MODL");

/* The model that the name alone stands for. */
static enum zf_status model_of_name(const char *name, struct zf_model *model,
                                    struct zf_error *err) {
    return zf_model_parse(name, false, model, NULL, err);
}

static void put_model(struct zf_payload *p, const struct zf_model *model) {
    char name[ZF_MODEL_NAME_LENGTH];
    struct zf_model plain;
    unsigned count = 0;
    zf_model_name(model, name);
    zf_put_text(p, name);
    p->bad |= model_of_name(name, &plain, NULL) != ZF_OK;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        count += zf_model_has_feature(model, f) != zf_model_has_feature(&plain, f);
    }
    zf_put_number(p, 2, count);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(model, f) != zf_model_has_feature(&plain, f)) {
            zf_put_text(p, zf_feature_info(f)->name);
            zf_put_number(p, 1, zf_model_has_feature(model, f));
        }
    }
    zf_put_number(p, 2, FACILITY_DOUBLEWORDS);
    for (unsigned i = 0; i < FACILITY_DOUBLEWORDS; i++) {
        zf_put_number(p, 8, model->facilities[i]);
    }
    zf_put_number(p, 1, ZF_QUERY_COUNT);
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        zf_put_text(p, zf_query_mnemonic(q));
        for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
            zf_put_number(p, 8, model->query[q][i]);
        }
    }
}

static enum zf_status bad_model(struct zf_error *err, const char *what, const char *name) {
    return zf_fail(err, ZF_ERROR_FORMAT, "unknown %s in the stream's CPU model: '%s'", what, name);
}

static enum zf_status take_features(struct zf_payload *p, struct zf_model *model,
                                    struct zf_error *err) {
    char name[TEXT_LENGTH];
    for (uint64_t count = zf_take_number(p, 2); count && !p->bad; count--) {
        zf_take_text(p, name, sizeof name);
        bool on = zf_take_number(p, 1) & 1;
        enum zf_feature feature = zf_feature_by_name(name);
        if (feature == ZF_FEATURE_COUNT) {
            return bad_model(err, "feature", name);
        }
        zf_model_set_feature(model, feature, on);
    }
    return ZF_OK;
}

/* The bits as they were: not all of them follow from features. */
static enum zf_status take_bits(struct zf_payload *p, struct zf_model *model,
                                struct zf_error *err) {
    char name[TEXT_LENGTH];
    uint64_t doublewords = zf_take_number(p, 2);
    for (uint64_t i = 0; i < doublewords && !p->bad; i++) {
        uint64_t bits = zf_take_number(p, 8);
        if (i < FACILITY_DOUBLEWORDS) {
            model->facilities[i] = bits;
        } else if (bits) {
            return zf_fail(err, ZF_ERROR_FORMAT,
                           "facility bits beyond %u in the stream's CPU model",
                           (unsigned)ZF_FACILITY_LIMIT);
        }
    }
    for (uint64_t count = zf_take_number(p, 1); count && !p->bad; count--) {
        zf_take_text(p, name, sizeof name);
        enum zf_query query = zf_query_by_mnemonic(name);
        if (query == ZF_QUERY_COUNT) {
            return bad_model(err, "query function", name);
        }
        for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
            model->query[query][i] = zf_take_number(p, 8);
        }
    }
    return ZF_OK;
}

static enum zf_status take_model(struct zf_payload *p, struct zf_model *model,
                                 struct zf_error *err) {
    char name[ZF_MODEL_NAME_LENGTH];
    zf_take_text(p, name, sizeof name);
    if (p->bad || model_of_name(name, model, NULL) != ZF_OK) {
        return bad_model(err, "name", name);
    }
    enum zf_status status = take_features(p, model, err);
    return status == ZF_OK ? take_bits(p, model, err) : status;
}

void zf_saved_model_put(const struct zf_saved_model *saved, struct zf_section *section) {
    struct zf_payload *p = &section->payload;
    zf_section_begin(section, tag_model);
    put_model(p, &saved->model);
    zf_put_text(p, zf_policy_name(saved->policy));
    zf_put_number(p, 1, saved->has_host);
    if (saved->has_host) {
        put_model(p, &saved->host);
    }
    zf_put_number(p, 4, (uint32_t)saved->ibc);
    zf_put_number(p, 4, (uint32_t)saved->lowest);
    zf_put_number(p, 1, saved->hidden);
    if (saved->hidden) {
        put_model(p, &saved->whole);
    }
    zf_put_text(p, saved->guest);
    zf_put_number(p, 8, saved->guest_size);
    zf_put_number(p, 4, saved->guest_crc);
}

static bool ibc_ok(int value) {
    return value >= -1 && value <= 0xfff;
}

enum zf_status zf_saved_model_take(struct zf_section *section, struct zf_saved_model *saved,
                                   struct zf_error *err) {
    struct zf_payload *p = &section->payload;
    char policy[TEXT_LENGTH];
    memset(saved, 0, sizeof *saved);
    if (section->tag != tag_model) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the stream does not begin with a CPU model");
    }
    enum zf_status status = take_model(p, &saved->model, err);
    if (status != ZF_OK) {
        return status;
    }
    zf_take_text(p, policy, sizeof policy);
    saved->has_host = zf_take_number(p, 1) & 1;
    if (saved->has_host && (status = take_model(p, &saved->host, err)) != ZF_OK) {
        return status;
    }
    saved->ibc = (int32_t)zf_take_number(p, 4);
    saved->lowest = (int32_t)zf_take_number(p, 4);
    saved->hidden = zf_take_number(p, 1) & 1;
    if (saved->hidden && (status = take_model(p, &saved->whole, err)) != ZF_OK) {
        return status;
    }
    zf_take_text(p, saved->guest, sizeof saved->guest);
    saved->guest_size = zf_take_number(p, 8);
    saved->guest_crc = (uint32_t)zf_take_number(p, 4);
    if (p->bad || zf_policy_parse(policy, &saved->policy, NULL) != ZF_OK || !ibc_ok(saved->ibc) ||
        !ibc_ok(saved->lowest)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid CPU model in the stream");
    }
    return ZF_OK;
}

static void describe_feature(enum zf_feature feature, char *text, size_t size) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    if (info->kind == ZF_KIND_STFL) {
        snprintf(text, size, "facility %u, '%s' (%s)", info->bit, info->name, info->description);
    } else if ((unsigned)info->kind < ZF_QUERY_COUNT) {
        snprintf(text, size, "function code %u of %s, '%s' (%s)", info->bit,
                 zf_query_mnemonic((enum zf_query)info->kind), info->name, info->description);
    } else {
        snprintf(text, size, "'%s' (%s)", info->name, info->description);
    }
}

unsigned zf_saved_model_missing(const struct zf_model *model, const struct zf_model *target,
                                void (*tell)(void *context, const char *text), void *context) {
    char text[TEXT_LENGTH];
    unsigned count = 0;
    if (model->machine->level > target->machine->level) {
        snprintf(text, sizeof text, "machine level of %s (%s is older)",
                 zf_machine_short_name(model->machine), zf_machine_short_name(target->machine));
        count++;
        if (tell) {
            tell(context, text);
        }
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(model, f) && !zf_model_has_feature(target, f)) {
            count++;
            describe_feature(f, text, sizeof text);
            if (tell) {
                tell(context, text);
            }
        }
    }
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        if (zf_feature_of_facility(bit) == ZF_FEATURE_COUNT && zf_model_has_facility(model, bit) &&
            !zf_model_has_facility(target, bit)) {
            count++;
            snprintf(text, sizeof text, "facility %u", bit);
            if (tell) {
                tell(context, text);
            }
        }
    }
    return count;
}
