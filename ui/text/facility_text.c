#include "text/facility_text.h"

#include "zfacet/facility.h"
#include "zfacet/feature.h"

#include <stdlib.h>

static const char *facility_name(const void *context, unsigned i) {
    const struct zf_facility *facility = zf_facility_at(i);
    (void)context;
    return facility ? facility->name : NULL;
}

static const char *feature_name(const void *context, unsigned i) {
    (void)context;
    return i < ZF_FEATURE_COUNT ? zf_feature_info((enum zf_feature)i)->name : NULL;
}

int zf_facility_parse(const char *text, struct zf_error *err) {
    char *end;
    long number = strtol(text, &end, 10);
    const struct zf_facility *facility = zf_facility_by_name(text);
    enum zf_feature feature = zf_feature_by_name(text);
    if (end != text && !*end) {
        if (number >= 0 && number < ZF_FACILITY_LIMIT) {
            return (int)number;
        }
        zf_fail(err, ZF_ERROR_USAGE, "unknown facility '%s'; give 0 to %d, or a name", text,
                ZF_FACILITY_LIMIT - 1);
        return -1;
    }
    if (feature != ZF_FEATURE_COUNT && zf_feature_info(feature)->kind == ZF_KIND_STFL) {
        return (int)zf_feature_info(feature)->bit;
    }
    if (facility) {
        return (int)facility->bit;
    }
    const char *nearest = zf_nearest(text, facility_name, NULL);
    nearest = nearest ? nearest : zf_nearest(text, feature_name, NULL);
    zf_fail(err, ZF_ERROR_USAGE, "unknown facility '%s'%s%s%s", text,
            nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return -1;
}
