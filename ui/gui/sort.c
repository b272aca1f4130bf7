/*
 * Rows of a table by the text of one column. Numbers within text count as numbers (z9 before z10);
 * columns at the right are numbers without leading zeros, decimal or hexadecimal.
 */
#define _GNU_SOURCE /* strverscmp */
#include "gui/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct key {
    char text[sizeof((struct zf_cell *)0)->text];
    int row, sign;
    bool number;
};

static int compare_text(const struct key *a, const struct key *b) {
    size_t x = strlen(a->text), y = strlen(b->text);
    bool both = isxdigit((unsigned char)a->text[0]) && isxdigit((unsigned char)b->text[0]);
    return a->number && both && x != y ? (x < y ? -1 : 1) : strverscmp(a->text, b->text);
}

static int compare(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    int order = compare_text(a, b) * a->sign;
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* False: a row is a heading over others, and none can be moved. */
static bool get_keys(const struct zf_table *table, int sort, struct key *keys) {
    int column = abs(sort) - 1;
    for (int row = 0; row < table->rows; row++) {
        struct zf_cell cell = {0};
        table->cell(table->context, row, 0, &cell);
        if (cell.group) {
            return false;
        }
        cell = (struct zf_cell){0};
        table->cell(table->context, row, column, &cell);
        memcpy(keys[row].text, cell.text, sizeof cell.text);
        keys[row].row = row;
        keys[row].sign = sort < 0 ? -1 : 1;
        keys[row].number = table->columns[column].align == ZF_RIGHT;
    }
    return true;
}

int *zf_table_order(const struct zf_table *table, int sort) {
    if (!sort || table->ordered || abs(sort) > table->column_count || table->rows < 1) {
        return NULL;
    }
    struct key *keys = malloc((size_t)table->rows * sizeof *keys);
    int *order = malloc((size_t)table->rows * sizeof *order);
    if (keys && order && get_keys(table, sort, keys)) {
        qsort(keys, (size_t)table->rows, sizeof *keys, compare);
        for (int row = 0; row < table->rows; row++) {
            order[row] = keys[row].row;
        }
    } else {
        free(order);
        order = NULL;
    }
    free(keys);
    return order;
}
