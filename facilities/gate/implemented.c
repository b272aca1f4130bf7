/*
 * What zfacet executes, read off the instruction table (semantics NONE or not) and function.def, so
 * that no list of instructions has to follow when one is added.
 */
#include "zfacet/implemented.h"

#include <stdio.h>

/* clang-format off */
static const char *const semantics[ZF_ROW_COUNT] = {
    [ZF_ROW_INVALID] = "NONE",
#define INSN(ID, mnemonic, opcode, format, syntax, since, facility, privilege, SEMANTICS, name) \
    [ZF_ROW_##ID] = #SEMANTICS,
#include "isa/all.def"
#undef INSN
};
/* clang-format on */

static const struct {
    uint8_t query; /* enum zf_query */
    uint8_t first, last;
} functions[] = {
#define FUNCTIONS(query, first, last) {ZF_QUERY_##query, first, last},
#define FUNCTION(query, code, ...) {ZF_QUERY_##query, code, code},
#include "function.def"
#undef FUNCTION
#undef FUNCTIONS
};

bool zf_row_implemented(enum zf_row row) {
    return (unsigned)row < ZF_ROW_COUNT && strcmp(semantics[row], "NONE") != 0;
}

bool zf_form_implemented(const struct zf_form *form) {
    return zf_row_implemented((enum zf_row)form->row);
}

bool zf_function_implemented(enum zf_query query, unsigned code) {
    if (!code && zf_query_has_query_function(query)) {
        return zf_row_implemented(zf_row_find(zf_query_mnemonic(query)));
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(functions); i++) {
        if (functions[i].query == query && code >= functions[i].first &&
            code <= functions[i].last) {
            return true;
        }
    }
    return false;
}

bool zf_row_useful(enum zf_row row) {
    enum zf_query query =
        zf_row_implemented(row) ? zf_query_by_mnemonic(zf_row_get(row)->mnemonic) : ZF_QUERY_COUNT;
    if (query == ZF_QUERY_COUNT) {
        return zf_row_implemented(row);
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(functions); i++) {
        if (functions[i].query == query) {
            return true;
        }
    }
    return false;
}

bool zf_function_missing(const struct zf_model *model, enum zf_query query, unsigned code) {
    return zf_model_has_function(model, query, code) && !zf_function_implemented(query, code);
}

bool zf_missing_functions_text(const struct zf_model *model, enum zf_query query, char *text,
                               size_t size) {
    size_t used = 0;
    for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
        unsigned first = code;
        if (!zf_function_missing(model, query, code)) {
            continue;
        }
        while (zf_function_missing(model, query, code + 1)) {
            code++;
        }
        if (used < size) {
            used += (size_t)snprintf(text + used, size - used, code > first ? "%s%u-%u" : "%s%u",
                                     used ? " " : "", first, code);
        }
    }
    return used > 0;
}

void zf_gate_hide_unimplemented(struct zf_gate *gate, const struct zf_model *whole) {
    gate->whole = *whole;
    /* Of a facility that is left, too: decimal instructions of the floating-point extension. */
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (zf_row_get((enum zf_row)row)->facility.count && zf_gate_permits(gate, row) &&
            !zf_row_implemented((enum zf_row)row)) {
            zf_bitmap_assign(gate->permitted, row, false);
            zf_bitmap_assign(gate->flagged, row, false);
            gate->reason[row] = ZF_GATE_FACILITY_OFF;
        }
    }
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            if (!zf_function_implemented((enum zf_query)q, code)) {
                zf_bitmap_assign(gate->function[q], code, false);
            }
        }
    }
}
