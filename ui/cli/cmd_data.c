/*
 * zfacet data: what zfacet knows, as tables for other programs.
 */
#include "cli/command.h"
#include "cli/data.h"
#include "text/args.h"
#include "text/common.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: zfacet data [TABLE] [--format json|csv]\n"
    "\n"
    "Writes what zfacet knows, for other programs: instructions, formats, forms, facilities,\n"
    "features, dependencies, functions, models, levels, distributions. TABLE names one of them.\n"
    "docs/data.md describes the columns, docs/data.schema.json the JSON. Columns are never\n"
    "renamed; the schema's number increases when the meaning of one changes.\n"
    "\n"
    "  --format FORMAT  json (default): {schema, version, tables: {TABLE: [{COLUMN: value}]}};\n"
    "                   csv: a TABLE with a head line, lists separated by blanks\n"
    "\n"
    "examples:\n"
    "  zfacet data > zfacet.json\n"
    "  zfacet data instructions --format csv\n";

/* In quotes where it has to be. */
static void print_text(const char *text) {
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') {
            putchar('"');
        }
        putchar(*text);
    }
    putchar('"');
}

static void print_cell(const json_t *cell) {
    size_t i;
    json_t *item;
    switch (json_typeof(cell)) {
    case JSON_STRING:
        print_text(json_string_value(cell));
        break;
    case JSON_INTEGER:
        printf("%lld", (long long)json_integer_value(cell));
        break;
    case JSON_ARRAY:
        json_array_foreach(cell, i, item) {
            fputs(i ? " " : "", stdout);
            print_cell(item);
        }
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        fputs(json_is_true(cell) ? "true" : "false", stdout);
        break;
    default:
        break;
    }
}

static int print_csv(const struct zf_data_table *table) {
    json_t *rows = table->rows(), *row;
    size_t i;
    for (unsigned c = 0; table->columns[c]; c++) {
        printf("%s%s", c ? "," : "", table->columns[c]);
    }
    putchar('\n');
    json_array_foreach(rows, i, row) {
        for (unsigned c = 0; table->columns[c]; c++) {
            fputs(c ? "," : "", stdout);
            print_cell(json_object_get(row, table->columns[c]));
        }
        putchar('\n');
    }
    json_decref(rows);
    return ZF_EXIT_OK;
}

static int print_all(const struct zf_data_table *only) {
    const struct zf_data_table *table;
    json_t *all = json_object(), *tables = json_object();
    for (unsigned i = 0; (table = zf_data_table_at(i)); i++) {
        if (!only || table == only) {
            json_object_set_new(tables, table->name, table->rows());
        }
    }
    json_object_set_new(all, "schema", json_integer(ZF_DATA_SCHEMA));
    json_object_set_new(all, "version", json_string(ZFACET_VERSION));
    json_object_set_new(all, "tables", tables);
    return zf_print_json(stdout, all);
}

static const struct zf_data_table *find_table(const char *name) {
    const struct zf_data_table *table;
    for (unsigned i = 0; (table = zf_data_table_at(i)); i++) {
        if (!strcmp(table->name, name)) {
            return table;
        }
    }
    return NULL;
}

/* For zf_nearest(). */
static const char *table_name(const void *context, unsigned i) {
    const struct zf_data_table *table = zf_data_table_at(i);
    return table ? table->name : NULL;
}

int zf_cmd_data(int argc, char **argv) {
    const char *format = "json";
    const struct zf_option options[] = {{"--format", NULL, &format}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 0, 1, "at most one table", 0, {NULL}};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    const struct zf_data_table *table = args.count ? find_table(args.words[0]) : NULL;
    if (args.count && !table) {
        const char *nearest = zf_nearest(args.words[0], table_name, NULL);
        return zf_usage_error("data: unknown table '%s'; %s%s%s", args.words[0],
                              nearest ? "did you mean '" : "'zfacet help data' lists the tables",
                              nearest ? nearest : "", nearest ? "'?" : "");
    }
    if (!strcmp(format, "json")) {
        return print_all(table);
    }
    if (strcmp(format, "csv") != 0) {
        return zf_usage_error("data: invalid --format '%s'; give json or csv", format);
    }
    return table ? print_csv(table) : zf_usage_error("data: csv is one table; name it");
}
