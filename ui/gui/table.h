/*
 * The table: rows of cells that a function fills in, header and first columns always in sight, a
 * cursor by row or by cell. Columns take the room that is there; what is cut all the same is shown
 * whole of the row or cell that has the cursor. A click on a title sorts, a second one the other
 * way round; so do s, which takes one column after the other, and S. With a sink set, every cell
 * goes there too: that is how views are saved.
 */
#ifndef ZFACET_GUI_TABLE_H
#define ZFACET_GUI_TABLE_H

#include "gui/gui.h"

struct zf_column {
    const char *title;
    const char *key; /* in CSV and JSON; NULL: the title */
    int width;       /* in characters */
    enum zf_align align;
    enum zf_font font;
};

struct zf_cell {
    char text[160];
    enum zf_ink ink; /* ZF_INK_TEXT unless set */
    bool bold;
    bool group;        /* of column 0: the row is a heading over the following ones */
    const char *value; /* what is saved instead of the text, or NULL */
    char detail[300];  /* said of the cell that has the cursor or is pointed at */
};

struct zf_table {
    const char *name;
    const struct zf_column *columns;
    int column_count;
    int sticky; /* so many columns do not scroll */
    int rows;
    bool by_cell;      /* the cursor is on a cell, not on a row */
    bool ordered;      /* the order of the rows means something: the user cannot sort them */
    bool dense;        /* rows are as high as a line of text */
    const char *empty; /* said when there are no rows */
    void (*cell)(void *context, int row, int column, struct zf_cell *cell);
    void *context;
};

struct zf_table_event {
    int row, column; /* of the cursor, as zf_table.cell counts them; row -1: no rows */
    bool activated;  /* Enter or a double click */
    bool toggled;    /* Space */
    bool focused;
};

struct zf_table_event zf_gui_table(struct zf_gui *gui, const struct zf_table *table,
                                   struct zf_box box);

/** Puts the cursor of the table called `name`, which is `ordered`, on a row. */
void zf_gui_table_go(struct zf_gui *gui, const char *name, int row);

/**
 * The rows of a table in the order of `sort` (a column plus one, negative: downward), to be freed;
 * NULL: in their own.
 */
int *zf_table_order(const struct zf_table *table, int sort);

/* Gets what tables show, row by row. */
struct zf_sink {
    void (*begin)(struct zf_sink *sink, const struct zf_table *table);
    void (*row)(struct zf_sink *sink, const struct zf_table *table, int row);
    void (*end)(struct zf_sink *sink, const struct zf_table *table);
};

#endif
