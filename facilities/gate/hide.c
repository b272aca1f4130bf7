/*
 * Models without what zfacet does not execute, for guests that ask before they use something.
 */
#include "zfacet/implemented.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_LENGTH = 256 };

struct hiding {
    struct zf_model *model;
    zf_hidden *hidden;
    void *context;
};

__attribute__((format(printf, 2, 3))) static void tell(const struct hiding *h, const char *format,
                                                       ...) {
    char text[TEXT_LENGTH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (h->hidden) {
        h->hidden(h->context, text);
    }
}

static void hide_feature(const struct hiding *h, enum zf_feature feature, const char *why,
                         const char *what) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    zf_model_set_feature(h->model, feature, false);
    if (info->kind == ZF_KIND_STFL) {
        tell(h, "facility %u (%s), %s %s", info->bit, info->name, why, what);
    } else {
        tell(h, "%s, %s %s", info->name, why, what);
    }
}

static void hide_facility(const struct hiding *h, unsigned bit, const char *why, const char *what) {
    enum zf_feature feature = zf_feature_of_facility(bit);
    if (feature != ZF_FEATURE_COUNT) {
        hide_feature(h, feature, why, what);
        return;
    }
    zf_model_set_facility(h->model, bit, false);
    tell(h, "facility %u (no feature), %s %s", bit, why, what);
}

static void hide_functions(const struct hiding *h, enum zf_query query) {
    char codes[TEXT_LENGTH / 2];
    if (!zf_missing_functions_text(h->model, query, codes, sizeof codes)) {
        return;
    }
    for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
        if (zf_function_missing(h->model, query, code)) {
            enum zf_feature feature = zf_feature_of_function(query, code);
            if (feature != ZF_FEATURE_COUNT) {
                zf_model_set_feature(h->model, feature, false);
            }
            zf_bitmap_assign(h->model->query[query], code, false);
        }
    }
    tell(h, "%s function codes %s", zf_query_mnemonic(query), codes);
}

static bool needs_bit(const struct zf_facility_need *need, unsigned bit) {
    for (unsigned i = 0; i < need->count && !need->any; i++) {
        if (need->bit[i] == bit) {
            return true;
        }
    }
    return false;
}

/*
 * Instructions of decimal floating point that a later facility adds are there with both facilities
 * only: they go with the decimal one.
 */
static bool is_decimal_float(enum zf_row row) {
    static const uint16_t rows[] = {
#define INSN(id, ...) ZF_ROW_##id,
/* clang-format off */
#include "isa/dfp.def"
/* clang-format on */
#undef INSN
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

static bool goes_with_another(enum zf_row row, unsigned bit) {
    return bit == ZF_FACILITY_FLOATING_POINT_EXT && is_decimal_float(row);
}

/* An instruction of facility `bit` that zfacet does not execute, or not with a form, or NULL. */
static const char *missing_of(unsigned bit) {
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        const struct zf_row_info *info = zf_row_get((enum zf_row)row);
        if (needs_bit(&info->facility, bit) && !zf_row_implemented((enum zf_row)row) &&
            !goes_with_another((enum zf_row)row, bit)) {
            return info->mnemonic;
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (needs_bit(&form->facility, bit) && !zf_form_implemented(form) &&
            !goes_with_another((enum zf_row)form->row, bit)) {
            return zf_row_get((enum zf_row)form->row)->mnemonic;
        }
    }
    return NULL;
}

/* Takes away the feature, when it is on and what it needs is off. */
static bool hide_dependent(const struct hiding *h, const struct zf_feature_dependency *d) {
    if (!zf_model_has_feature(h->model, d->feature) || zf_model_has_feature(h->model, d->needs)) {
        return false;
    }
    hide_feature(h, d->feature, "which needs", zf_feature_info(d->needs)->name);
    return true;
}

static bool hide_dependents(const struct hiding *h) {
    const struct zf_feature_dependency *d;
    bool hidden = false;
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)); i++) {
        hidden |= hide_dependent(h, d);
    }
    for (unsigned i = 0; (d = zf_feature_extension_at(i)); i++) {
        hidden |= hide_dependent(h, d);
    }
    return hidden;
}

/* A feature that is on and needs `feature`? */
static bool is_needed(const struct zf_model *model, enum zf_feature feature) {
    const struct zf_feature_dependency *d;
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)); i++) {
        if (d->needs == feature && zf_model_has_feature(model, d->feature)) {
            return true;
        }
    }
    return false;
}

/* A facility that installs an instruction of which nothing but the query is left. */
static bool hide_if_empty(const struct hiding *h, unsigned bit) {
    const char *empty = NULL;
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        const char *mnemonic = zf_query_mnemonic((enum zf_query)q);
        if (bit && zf_query_facility((enum zf_query)q) == bit) {
            if (zf_row_useful(zf_row_find(mnemonic))) {
                return false;
            }
            empty = mnemonic;
        }
    }
    if (!empty || is_needed(h->model, zf_feature_of_facility(bit))) {
        return false;
    }
    hide_facility(h, bit, "no function is left of", empty);
    return true;
}

static bool hide_empty(const struct hiding *h) {
    bool hidden = false;
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        hidden |= zf_model_has_facility(h->model, bit) && hide_if_empty(h, bit);
    }
    return hidden;
}

void zf_model_hide_unimplemented(struct zf_model *model, zf_hidden *hidden, void *context) {
    struct hiding h = {model, hidden, context};
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        hide_functions(&h, (enum zf_query)q);
    }
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        const char *missing = zf_model_has_facility(model, bit) ? missing_of(bit) : NULL;
        if (missing) {
            hide_facility(&h, bit, "because of", missing);
        }
    }
    /* What goes may leave others without what they need, until nothing more is found. */
    while (hide_dependents(&h) || hide_empty(&h)) {
    }
}
