/*
 * Counts and documents of them. All that is counted is a number at the end of a path of names, so
 * that putting two together needs to know no more.
 */
#include "mix/mix.h"

#include "text/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

json_t *zf_mix_create(void) {
    return json_pack("{s:i, s:{}, s:{}, s:{}, s:{}, s:{}}", "instructions", 0, "images", "forms",
                     "functions", "models", "guests");
}

static void add_number(json_t *object, const char *name, uint64_t n) {
    json_int_t before = json_integer_value(json_object_get(object, name));
    json_object_set_new(object, name, json_integer(before + (json_int_t)n));
}

/* The object in `object` of that name, made when there is none. */
static json_t *member(json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    if (!value) {
        value = json_object();
        json_object_set_new(object, name, value);
    }
    return value;
}

void zf_mix_add_name(json_t *counts, const char *what, const char *name, uint64_t n) {
    add_number(member(counts, what), name, n);
}

void zf_mix_add_insn(json_t *counts, const char *image, const char *function,
                     const struct zf_insn *insn, uint64_t n) {
    const char *mnemonic = zf_row_get((enum zf_row)insn->row)->mnemonic;
    add_number(counts, "instructions", n);
    add_number(member(member(member(counts, "images"), image), function), mnemonic, n);
    for (const struct zf_form *form = zf_insn_form(insn); form;
         form = zf_insn_next_form(insn, form)) {
        add_number(member(member(counts, "forms"), mnemonic), form->text, n);
    }
}

void zf_mix_add_function(json_t *counts, enum zf_query query, unsigned code, uint64_t n) {
    char text[12];
    snprintf(text, sizeof text, "%u", code);
    add_number(member(member(counts, "functions"), zf_query_mnemonic(query)), text, n);
}

void zf_mix_add(json_t *counts, const json_t *from) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)from, name, value) {
        if (json_is_integer(value) && json_integer_value(value) > 0) {
            add_number(counts, name, (uint64_t)json_integer_value(value));
        } else if (json_is_object(value)) {
            zf_mix_add(member(counts, name), value);
        }
    }
}

json_t *zf_mix_document(json_t *counts) {
    return json_pack("{s:s, s:i, s:o}", "format", "zfacet-mix", "version", ZF_MIX_VERSION, "counts",
                     counts);
}

static bool is_document(const json_t *value) {
    const char *format = json_string_value(json_object_get(value, "format"));
    return format && !strcmp(format, "zfacet-mix") &&
           json_integer_value(json_object_get(value, "version")) == ZF_MIX_VERSION &&
           json_is_object(json_object_get(value, "counts"));
}

enum zf_status zf_mix_begin(const char *path, struct zf_error *err) {
    FILE *out = fopen(path, "we");
    return out && fclose(out) == 0
               ? ZF_OK
               : zf_fail(err, ZF_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
}

enum zf_status zf_mix_read(const char *path, json_t *counts, struct zf_error *err) {
    FILE *in = zf_input_open(path, err);
    json_error_t wrong;
    json_t *value;
    unsigned documents = 0;
    if (!in) {
        return err->status;
    }
    while ((value = json_loadf(in, JSON_DISABLE_EOF_CHECK, &wrong)) && is_document(value)) {
        zf_mix_add(counts, json_object_get(value, "counts"));
        json_decref(value);
        documents++;
    }
    bool bad = value || json_error_code(&wrong) != json_error_premature_end_of_input || !documents;
    json_decref(value);
    if (in != stdin) {
        fclose(in);
    }
    return bad ? zf_fail(err, ZF_ERROR_FORMAT,
                         "%s: not what 'zfacet run --mix' or 'zfacet mix --output' writes", path)
               : ZF_OK;
}

uint64_t zf_mix_of_row(const json_t *by_mnemonic, enum zf_row row) {
    return (uint64_t)json_integer_value(json_object_get(by_mnemonic, zf_row_get(row)->mnemonic));
}

uint64_t zf_mix_of_function(const json_t *counts, enum zf_query query, unsigned code) {
    char text[12];
    snprintf(text, sizeof text, "%u", code);
    const json_t *functions = json_object_get(counts, "functions");
    return (uint64_t)json_integer_value(
        json_object_get(json_object_get(functions, zf_query_mnemonic(query)), text));
}

uint64_t zf_mix_of_form(const json_t *counts, const struct zf_form *form) {
    const json_t *forms = json_object_get(counts, "forms");
    const char *mnemonic = zf_row_get((enum zf_row)form->row)->mnemonic;
    return (uint64_t)json_integer_value(
        json_object_get(json_object_get(forms, mnemonic), form->text));
}
