/*
 * The vocabulary of facilities: bit, name, first level. What a model or machine *has* is told by
 * zfacet/model.h.
 */
#ifndef ZFACET_FACILITY_H
#define ZFACET_FACILITY_H

#include <stdint.h>

/*
 * A level is a generation (z900 = 7, z10 = 10, z17 = 17) and a GA (general availability, from 1) in
 * it. Levels compare as numbers. EC and BC machines of one level have the same one.
 */
typedef uint16_t zf_level;
#define ZF_LEVEL(generation, ga) ((zf_level)((generation) << 4 | (ga)))

static inline unsigned zf_level_generation(zf_level level) {
    return level >> 4;
}

static inline unsigned zf_level_ga(zf_level level) {
    return level & 15;
}

/* STFLE can tell of at most 256 doublewords. */
#define ZF_FACILITY_LIMIT 16384

enum zf_facility_bit {
#define FACILITY(bit, id, ...) ZF_FACILITY_##id = bit,
#include "zfacet/facility.def"
#undef FACILITY
};

struct zf_facility {
    unsigned bit;
    const char *name; /* lower case, words joined by hyphens */
    zf_level since;
    int16_t control; /* the facility whose control switches it off at any IBC value, or -1 */
};

/** A facility bit that machines store and that no model has (`since` is not known), or NULL. */
const struct zf_facility *zf_facility_unmodelled(unsigned bit);

/** Facility `i` in the order of their bits, or NULL after the last one. */
const struct zf_facility *zf_facility_at(unsigned i);

/** The facility with this bit, or NULL when no public source names it. */
const struct zf_facility *zf_facility_find(unsigned bit);

/** The facility called `name` (letter case does not matter), or NULL. */
const struct zf_facility *zf_facility_by_name(const char *name);

/** The name of facility `bit`, or "unassigned". */
const char *zf_facility_name(unsigned bit);

/** The EC machine that came first with `generation`, as in "z13"; "ESA/390" below z900's. */
const char *zf_generation_name(unsigned generation);

#endif
