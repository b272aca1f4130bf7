/*
 * What the tables of a frame show, as CSV or JSON.
 */
#ifndef ZFACET_GUI_EXPORT_H
#define ZFACET_GUI_EXPORT_H

#include "gui/table.h"

#include <jansson.h>
#include <stdio.h>

struct zf_export {
    struct zf_sink sink; /* what zf_gui.sink points to */
    FILE *csv;           /* written as it comes; tables are apart by an empty line; or NULL */
    json_t *json;        /* {"table": [{"column": "cell"}]}; or NULL */
    json_t *rows;        /* of the table in hand */
    unsigned tables;
};

/** `csv` may be NULL, which means JSON; then `export->json` is the caller's to release. */
void zf_export_init(struct zf_export *export, FILE *csv);

#endif
