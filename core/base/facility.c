/*
 * The vocabulary of facilities as data.
 */
#include "zfacet/facility.h"

#include "zfacet/base.h"

#include <strings.h>

static const struct zf_facility facilities[] = {
#define G(generation, ga) ZF_LEVEL(generation, ga)
#define NONE (-1)
#define OWN (-2)
#define BY(id) ZF_FACILITY_##id
#define FACILITY(bit, id, name, since, control)                                                    \
    {bit, name, since, (control) == OWN ? (bit) : (control)},
#include "zfacet/facility.def"
#undef FACILITY
#undef NONE
#undef OWN
#undef BY
#undef G
};

enum { UNKNOWN = 0xffff };

/*
 * Bits that machines store and no model has: for IBM's internal use, or of no effect on programs in
 * z/Architecture mode.
 */
static const struct zf_facility unmodelled[] = {
    {46, "internal-use-46", UNKNOWN},      {55, "internal-use-55", UNKNOWN},
    {62, "internal-use-62", UNKNOWN},      {63, "internal-use-63", UNKNOWN},
    {70, "internal-use-70", UNKNOWN},      {128, "internal-use-128", UNKNOWN},
    {141, "internal-use-141", UNKNOWN},    {149, "move-page-and-set-key", UNKNOWN},
    {153, "internal-use-153", UNKNOWN},    {168, "esa390-compatibility-mode", UNKNOWN},
    {169, "storage-key-removal", UNKNOWN},
};

const struct zf_facility *zf_facility_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(facilities) ? &facilities[i] : NULL;
}

const struct zf_facility *zf_facility_find(unsigned bit) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(facilities); i++) {
        if (facilities[i].bit == bit) {
            return &facilities[i];
        }
    }
    return NULL;
}

const struct zf_facility *zf_facility_by_name(const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(facilities); i++) {
        if (!strcasecmp(facilities[i].name, name)) {
            return &facilities[i];
        }
    }
    return NULL;
}

const struct zf_facility *zf_facility_unmodelled(unsigned bit) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(unmodelled); i++) {
        if (unmodelled[i].bit == bit) {
            return &unmodelled[i];
        }
    }
    return NULL;
}

const char *zf_facility_name(unsigned bit) {
    const struct zf_facility *facility = zf_facility_find(bit);
    facility = facility ? facility : zf_facility_unmodelled(bit);
    return facility ? facility->name : "unassigned";
}

const char *zf_generation_name(unsigned generation) {
    static const char *const names[] = {"z900", "z990", "z9",  "z10", "z196", "zEC12",
                                        "z13",  "z14",  "z15", "z16", "z17"};
    enum { FIRST = 7 };
    if (generation < FIRST) {
        return "ESA/390";
    }
    return generation - FIRST < ZF_ARRAY_LENGTH(names) ? names[generation - FIRST]
                                                       : "later than z17";
}
