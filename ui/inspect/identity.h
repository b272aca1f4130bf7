/*
 * All that a guest is told of its model, field by field: STIDP, STFL, STFLE, the query functions,
 * STSI.
 */
#ifndef ZFACET_INSPECT_IDENTITY_H
#define ZFACET_INSPECT_IDENTITY_H

#include "gui/table.h"

#include "zfacet/model.h"

enum { ZF_IDENTITY_ROWS = 160 };

struct zf_identity_row {
    char field[64], place[24], hex[80], text[160];
    bool group;
};

struct zf_identity {
    struct zf_identity_row rows[ZF_IDENTITY_ROWS];
    int count;
};

void zf_identity_of(const struct zf_model *model, struct zf_identity *identity);

/** The table of it, called "identity". */
void zf_identity_table(struct zf_gui *gui, struct zf_box box, struct zf_identity *identity);

#endif
