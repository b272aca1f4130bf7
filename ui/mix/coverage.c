/*
 * What of a machine was executed: each row that its gate lets through belongs to the facility that
 * it needs first, each form to its row's, each function code to its instruction.
 */
#include "mix/mix.h"

#include "zfacet/implemented.h"

/* Part of what there is: how much, how much of it was executed, and the names of the rest. */
static json_t *part_of(void) {
    return json_pack("{s:i, s:i, s:[], s:[]}", "total", 0, "executed", 0, "never",
                     "not_implemented");
}

static void add_one(json_t *part, const char *key) {
    json_object_set_new(part, key,
                        json_integer(json_integer_value(json_object_get(part, key)) + 1));
}

/* `name` is taken over. */
static void put(json_t *part, uint64_t executions, bool implemented, json_t *name) {
    add_one(part, "total");
    if (executions) {
        add_one(part, "executed");
    } else {
        json_array_append(json_object_get(part, implemented ? "never" : "not_implemented"), name);
    }
    json_decref(name);
}

enum { NO_FACILITY = ZF_FACILITY_LIMIT, PARTS };

static unsigned facility_of(const struct zf_row_info *row, const struct zf_gate *gate) {
    for (unsigned i = 0; i < row->facility.count; i++) {
        if (zf_gate_has_facility(gate, row->facility.bit[i])) {
            return row->facility.bit[i];
        }
    }
    return NO_FACILITY;
}

static void put_rows(const json_t *counts, const struct zf_gate *gate, json_t **parts,
                     json_t *all) {
    json_t *by_mnemonic = zf_mix_sums(counts, ZF_MIX_MNEMONIC);
    for (unsigned r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        enum zf_row row = (enum zf_row)r;
        const struct zf_row_info *info = zf_row_get(row);
        if (!zf_gate_permits(gate, row)) {
            continue;
        }
        unsigned f = facility_of(info, gate);
        parts[f] = parts[f] ? parts[f] : part_of();
        uint64_t n = zf_mix_of_row(by_mnemonic, row);
        put(parts[f], n, zf_row_implemented(row), json_string(info->mnemonic));
        put(all, n, zf_row_implemented(row), json_string(info->mnemonic));
    }
    json_decref(by_mnemonic);
}

static json_t *facilities_of(json_t **parts) {
    json_t *list = json_array();
    for (unsigned f = 0; f < PARTS; f++) {
        if (!parts[f]) {
            continue;
        }
        bool known = f != NO_FACILITY;
        json_object_set_new(parts[f], "facility", known ? json_integer(f) : json_null());
        json_object_set_new(parts[f], "name",
                            json_string(known ? zf_facility_name(f) : "no facility of their own"));
        json_array_append_new(list, parts[f]);
    }
    return list;
}

static json_t *functions_of(const json_t *counts, const struct zf_gate *gate) {
    json_t *list = json_array();
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        enum zf_query query = (enum zf_query)q;
        json_t *part = part_of();
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            if (zf_gate_has_function(gate, query, code)) {
                put(part, zf_mix_of_function(counts, query, code),
                    zf_function_implemented(query, code), json_integer(code));
            }
        }
        json_object_set_new(part, "name", json_string(zf_query_mnemonic(query)));
        if (json_integer_value(json_object_get(part, "total"))) {
            json_array_append(list, part);
        }
        json_decref(part);
    }
    return list;
}

static json_t *forms_of(const json_t *counts, const struct zf_gate *gate) {
    json_t *part = part_of();
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (zf_bitmap_test(gate->form_permitted, i) &&
            zf_gate_permits(gate, (enum zf_row)form->row)) {
            put(part, zf_mix_of_form(counts, form), zf_form_implemented(form),
                json_sprintf("%s %s", zf_row_get((enum zf_row)form->row)->mnemonic, form->text));
        }
    }
    return part;
}

json_t *zf_mix_coverage(const json_t *counts, const struct zf_gate *gate) {
    json_t *parts[PARTS] = {0}, *all = part_of();
    put_rows(counts, gate, parts, all);
    return json_pack("{s:o, s:o, s:o, s:o}", "facilities", facilities_of(parts), "functions",
                     functions_of(counts, gate), "forms", forms_of(counts, gate), "instructions",
                     all);
}
