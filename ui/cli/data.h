/*
 * What zfacet knows as tables that other programs read: zfacet data. docs/data.md publishes the
 * columns; a column is never renamed, a table may get more at its end.
 */
#ifndef ZFACET_CLI_DATA_H
#define ZFACET_CLI_DATA_H

#include <jansson.h>

/* Counted up when a column changes its meaning. */
enum { ZF_DATA_SCHEMA = 1 };

enum { ZF_DATA_COLUMNS = 16 };

struct zf_data_table {
    const char *name;
    const char *columns[ZF_DATA_COLUMNS + 1]; /* up to the first NULL */
    json_t *(*rows)(void);                    /* an array of objects with these keys */
};

/** Table `i`, or NULL after the last one. */
const struct zf_data_table *zf_data_table_at(unsigned i);

#endif
