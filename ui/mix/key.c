/*
 * The same counts, put together by one thing or another.
 */
#include "mix/mix.h"

#include "text/feature_text.h"

#include <string.h>

static const char *const names[ZF_MIX_KEYS] = {
#define MIX_KEY(id, name) name,
#include "mix/key.def"
#undef MIX_KEY
};

enum zf_mix_key zf_mix_key_find(const char *name) {
    unsigned key = 0;
    while (key < ZF_MIX_KEYS && strcmp(names[key], name) != 0) {
        key++;
    }
    return (enum zf_mix_key)key;
}

const char *zf_mix_key_name(enum zf_mix_key key) {
    return names[key];
}

/* Where a number comes from. */
struct source {
    const char *image, *function, *mnemonic;
};

/* The facility that decides: the first that the row needs. */
static void facility_of(const struct zf_row_info *row, char *text, size_t size) {
    if (!row->facility.count) {
        snprintf(text, size, "-");
        return;
    }
    snprintf(text, size, "%u (%s)", row->facility.bit[0], zf_facility_name(row->facility.bit[0]));
}

static void key_of(const struct source *source, enum zf_mix_key key, char *text, size_t size) {
    const struct zf_row_info *row = zf_row_get(zf_row_find(source->mnemonic));
    const char *base = strrchr(source->image, '/');
    switch (key) {
    case ZF_MIX_FACILITY:
        facility_of(row, text, size);
        break;
    case ZF_MIX_FORMAT:
        snprintf(text, size, "%s", zf_format_name((enum zf_format)row->format));
        break;
    case ZF_MIX_MACHINE:
        snprintf(text, size, "%s", zf_since_name((enum zf_since)row->since));
        break;
    case ZF_MIX_FUNCTION:
        snprintf(text, size, "%s!%s", base ? base + 1 : source->image, source->function);
        break;
    case ZF_MIX_IMAGE:
        snprintf(text, size, "%s", *source->image ? source->image : "?");
        break;
    default:
        snprintf(text, size, "%s", source->mnemonic);
    }
}

static void add(json_t *sums, const char *key, json_int_t n) {
    json_int_t before = json_integer_value(json_object_get(sums, key));
    json_object_set_new(sums, key, json_integer(before + n));
}

static json_t *sums_of_codes(const json_t *counts) {
    json_t *sums = json_object(), *codes, *number;
    const char *mnemonic, *code;
    json_object_foreach(json_object_get(counts, "functions"), mnemonic, codes) {
        json_object_foreach(codes, code, number) {
            char key[64];
            snprintf(key, sizeof key, "%.40s %.16s", mnemonic, code);
            add(sums, key, json_integer_value(number));
        }
    }
    return sums;
}

json_t *zf_mix_sums(const json_t *counts, enum zf_mix_key key) {
    json_t *sums = json_object(), *functions, *mnemonics, *number;
    struct source source;
    char text[512];
    if (key == ZF_MIX_CODE) {
        json_decref(sums);
        return sums_of_codes(counts);
    }
    json_object_foreach(json_object_get(counts, "images"), source.image, functions) {
        json_object_foreach(functions, source.function, mnemonics) {
            json_object_foreach(mnemonics, source.mnemonic, number) {
                key_of(&source, key, text, sizeof text);
                add(sums, text, json_integer_value(number));
            }
        }
    }
    return sums;
}
