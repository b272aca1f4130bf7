/*
 * A back end without pixels: the tables of a frame as CSV or JSON.
 */
#include "gui/export.h"

#include <string.h>

static const char *key_of(const struct zf_column *column) {
    return column->key ? column->key : column->title;
}

static void get_cell(const struct zf_table *table, int row, int column, struct zf_cell *cell) {
    *cell = (struct zf_cell){.ink = ZF_INK_TEXT};
    table->cell(table->context, row, column, cell);
}

static void write_csv(FILE *out, const char *text, bool last) {
    if (strpbrk(text, ",\"\n")) {
        fputc('"', out);
        for (; *text; text++) {
            fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
        }
        fputc('"', out);
    } else {
        fputs(text, out);
    }
    fputc(last ? '\n' : ',', out);
}

static void begin(struct zf_sink *sink, const struct zf_table *table) {
    struct zf_export *export = (struct zf_export *)sink;
    if (export->csv) {
        fputs(export->tables ? "\n" : "", export->csv);
        for (int i = 0; i < table->column_count; i++) {
            write_csv(export->csv, key_of(&table->columns[i]), i + 1 == table->column_count);
        }
    } else {
        export->rows = json_array();
    }
    export->tables++;
}

static void add_row(struct zf_sink *sink, const struct zf_table *table, int row) {
    struct zf_export *export = (struct zf_export *)sink;
    json_t *object = export->csv ? NULL : json_object();
    for (int i = 0; i < table->column_count; i++) {
        struct zf_cell cell;
        get_cell(table, row, i, &cell);
        const char *text = cell.value ? cell.value : cell.text;
        if (export->csv) {
            write_csv(export->csv, text, i + 1 == table->column_count);
        } else {
            json_object_set_new(object, key_of(&table->columns[i]), json_string(text));
        }
    }
    if (object) {
        json_array_append_new(export->rows, object);
    }
}

static void end(struct zf_sink *sink, const struct zf_table *table) {
    struct zf_export *export = (struct zf_export *)sink;
    if (!export->csv) {
        json_object_set_new(export->json, table->name, export->rows);
        export->rows = NULL;
    }
}

void zf_export_init(struct zf_export *export, FILE *csv) {
    *export = (struct zf_export){
        .sink = {begin, add_row, end}, .csv = csv, .json = csv ? NULL : json_object()};
}
