/*
 * IBC values as text and back, and what is in force when a host is asked for one: a request is
 * moved to what the host can imitate, never refused.
 */
#include "zfacet/ibc.h"

#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    FIRST_GENERATION = 10,      /* z10 is the oldest that a value can name */
    FIRST_HOST_GENERATION = 11, /* z196 brought IBC */
    GENERATIONS_BACK = 2,
    IBC_MAX = 0xfff,
};

uint16_t zf_ibc_lowest(const struct zf_machine_type *host) {
    unsigned generation = zf_level_generation(host->level);
    if (generation < FIRST_HOST_GENERATION) {
        return 0;
    }
    unsigned lowest = generation - GENERATIONS_BACK;
    lowest = lowest < FIRST_GENERATION ? FIRST_GENERATION : lowest;
    return (uint16_t)((lowest - FIRST_GENERATION) << 4 | 1);
}

uint16_t zf_ibc_clamp(unsigned request, uint16_t lowest, uint16_t unblocked) {
    if (request == 0 || lowest == 0 || unblocked == 0) {
        return 0;
    }
    if (request < lowest) {
        return lowest;
    }
    return request > unblocked ? unblocked : (uint16_t)request;
}

uint16_t zf_ibc_of_level(zf_level level) {
    unsigned generation = zf_level_generation(level);
    if (generation < FIRST_GENERATION) {
        return 0;
    }
    return (uint16_t)((generation - FIRST_GENERATION) << 4 | zf_level_ga(level));
}

void zf_ibc_text(uint16_t ibc, char *text, size_t size) {
    if (ibc == 0) {
        snprintf(text, size, "none");
    } else {
        snprintf(text, size, "0x%03x (%s GA%u)", ibc,
                 zf_generation_name((ibc >> 4) + FIRST_GENERATION), ibc & 15u);
    }
}

enum zf_status zf_ibc_parse(const char *text, int *ibc, struct zf_error *err) {
    char *end;
    unsigned long value = strtoul(text, &end, 0);
    if (end != text && !*end) {
        if (text[0] == '-' || value > IBC_MAX) {
            return zf_fail(err, ZF_ERROR_USAGE, "IBC value '%s' is not in the range 0 to 0xfff",
                           text);
        }
        *ibc = (int)value;
        return ZF_OK;
    }
    if (!strcasecmp(text, "none")) {
        *ibc = 0;
        return ZF_OK;
    }
    struct zf_model model;
    if (zf_model_parse(text, false, &model, NULL, NULL) != ZF_OK) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND,
                       "invalid IBC value '%s'; give a number, 'none', or a model such as z14",
                       text);
    }
    *ibc = zf_machine_ibc(model.machine);
    return ZF_OK;
}

static const char *const policy_names[ZF_POLICY_COUNT] = {
    [ZF_POLICY_MODEL] = "model", [ZF_POLICY_IBC] = "ibc", [ZF_POLICY_AUDIT] = "audit"};

const char *zf_policy_name(enum zf_policy policy) {
    return policy < ZF_POLICY_COUNT ? policy_names[policy] : "?";
}

enum zf_status zf_policy_parse(const char *text, enum zf_policy *policy, struct zf_error *err) {
    for (unsigned i = 0; i < ZF_POLICY_COUNT; i++) {
        if (!strcasecmp(text, policy_names[i])) {
            *policy = (enum zf_policy)i;
            return ZF_OK;
        }
    }
    return zf_fail(err, ZF_ERROR_USAGE, "unknown policy '%s'; give model, ibc or audit", text);
}

unsigned zf_since_generation(enum zf_since since) {
    static const uint8_t generations[ZF_SINCE_COUNT] = {
        [ZF_SINCE_Z900] = 7, [ZF_SINCE_Z990] = 8,  [ZF_SINCE_Z9_109] = 9, [ZF_SINCE_Z9EC] = 9,
        [ZF_SINCE_Z10] = 10, [ZF_SINCE_Z196] = 11, [ZF_SINCE_ZEC12] = 12, [ZF_SINCE_Z13] = 13,
        [ZF_SINCE_Z14] = 14, [ZF_SINCE_Z15] = 15,  [ZF_SINCE_Z16] = 16,   [ZF_SINCE_Z17] = 17,
    };
    return since < ZF_SINCE_COUNT ? generations[since] : 0;
}
