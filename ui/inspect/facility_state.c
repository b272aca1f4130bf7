/*
 * What a facility is in a model, with its mark and a sentence that says why.
 */
#include "inspect/facility_state.h"

#include <stdarg.h>
#include <stdio.h>

static const struct zf_state_info states[] = {
#define STATE(id, mark, ink, name, meaning) [ZF_STATE_##id] = {mark, ZF_INK_##ink, name, meaning},
#include "inspect/state.def"
#undef STATE
};

const struct zf_state_info *zf_state_info(enum zf_facility_state state) {
    return &states[state];
}

/* The feature that `feature` needs and the model lacks, or ZF_FEATURE_COUNT. */
static enum zf_feature lacking(const struct zf_inspected *chosen, enum zf_feature feature) {
    for (unsigned i = 0; i < chosen->warnings.count; i++) {
        if (chosen->warnings.broken[i].feature == feature) {
            return chosen->warnings.broken[i].needs;
        }
    }
    return ZF_FEATURE_COUNT;
}

static enum zf_facility_state state_when_on(const struct zf_inspected *chosen, unsigned bit) {
    enum zf_feature feature = zf_feature_of_facility(bit);
    zf_level level = chosen->model.machine->level;
    if (feature == ZF_FEATURE_COUNT) {
        return zf_feature_of_facility(bit) == ZF_FEATURE_COUNT && bit != 2 && bit != 138
                   ? ZF_STATE_ADDED
                   : ZF_STATE_BASE;
    }
    if (lacking(chosen, feature) != ZF_FEATURE_COUNT) {
        return ZF_STATE_BROKEN;
    }
    return zf_feature_in_set(feature, ZF_MODEL_BASE, level)      ? ZF_STATE_BASE
           : zf_feature_in_set(feature, ZF_MODEL_DEFAULT, level) ? ZF_STATE_DEFAULT
                                                                 : ZF_STATE_ADDED;
}

static enum zf_facility_state state_when_off(const struct zf_inspected *chosen, unsigned bit) {
    enum zf_feature feature = zf_feature_of_facility(bit);
    if (feature == ZF_FEATURE_COUNT || !zf_model_can_have(&chosen->model, feature)) {
        return ZF_STATE_ABSENT;
    }
    return zf_feature_in_set(feature, chosen->model.set, chosen->model.machine->level)
               ? ZF_STATE_REMOVED
               : ZF_STATE_OPTIONAL;
}

enum zf_facility_state zf_facility_state_of(const struct zf_inspector *in,
                                            const struct zf_inspected *chosen, unsigned bit) {
    bool on = zf_model_has_facility(&chosen->model, bit);
    bool works = zf_gate_has_facility(&chosen->gate, bit);
    if (in->policy == ZF_POLICY_IBC && on != works && in->use[bit].instructions) {
        return on ? ZF_STATE_HIDDEN : ZF_STATE_LEAK;
    }
    return on ? state_when_on(chosen, bit) : state_when_off(chosen, bit);
}

const char *zf_facility_flags(const struct zf_inspector *in, const struct zf_inspected *chosen,
                              unsigned bit) {
    enum zf_feature feature = zf_feature_of_facility(bit);
    if (!zf_model_has_facility(&chosen->model, bit)) {
        return "";
    }
    if (feature != ZF_FEATURE_COUNT && zf_feature_is_deprecated(feature)) {
        return "!";
    }
    return in->use[bit].missing ? "?" : "";
}

__attribute__((format(printf, 4, 5))) static size_t append(char *text, size_t size, size_t used,
                                                           const char *format, ...) {
    va_list arguments;
    if (used >= size) {
        return used;
    }
    va_start(arguments, format);
    used += (size_t)vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
    return used;
}

void zf_facility_reason(const struct zf_inspector *in, const struct zf_inspected *chosen,
                        unsigned bit, char *text, size_t size) {
    enum zf_facility_state state = zf_facility_state_of(in, chosen, bit);
    enum zf_feature feature = zf_feature_of_facility(bit);
    const struct zf_facility *facility = zf_facility_find(bit);
    size_t used = append(text, size, 0, "%s, %u %s: %s (%s)", chosen->title, bit,
                         zf_facility_name(bit), states[state].name, states[state].meaning);
    if (facility &&
        (state == ZF_STATE_ABSENT || state == ZF_STATE_HIDDEN || state == ZF_STATE_LEAK)) {
        used = append(text, size, used, "; introduced with %s",
                      zf_generation_name(zf_level_generation(facility->since)));
    }
    if (state == ZF_STATE_BROKEN) {
        used = append(text, size, used, "; needs '%s'",
                      zf_feature_info(lacking(chosen, feature))->name);
    }
    if (zf_facility_has_own_control(bit)) {
        used = append(text, size, used, "; has a guest control");
    }
    if (feature != ZF_FEATURE_COUNT && zf_feature_is_deprecated(feature)) {
        used = append(text, size, used, "; deprecated");
    }
    if (in->use[bit].missing) {
        append(text, size, used, "; %u of its %u instructions not implemented",
               in->use[bit].missing, in->use[bit].instructions);
    }
}
