/*
 * A frame as a list of commands. Whoever draws appends to it; a back end makes cells, pixels or a
 * picture of it. Coordinates are in the back end's unit: see struct zf_metrics.
 */
#ifndef ZFACET_GUI_DRAW_H
#define ZFACET_GUI_DRAW_H

#include "gui/palette.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_box {
    int x, y, w, h;
};

enum zf_font {
    ZF_FONT_TEXT,
    ZF_FONT_BOLD,
    ZF_FONT_TITLE,
    ZF_FONT_SMALL,
    ZF_FONT_MONO,
    ZF_FONT_MONO_BOLD,
    ZF_FONT_MARK, /* symbols that stand for states */
    ZF_FONT_COUNT
};

enum zf_draw_kind {
    ZF_DRAW_RECT, /* filled */
    ZF_DRAW_RING, /* outlined, inside the box */
    ZF_DRAW_LINE, /* a box as thin as metrics.rule in one direction */
    ZF_DRAW_TEXT, /* from the left, in the middle of the height */
    ZF_DRAW_CLIP, /* what follows is seen inside the box only */
};

struct zf_draw_command {
    struct zf_box box;
    uint8_t kind, ink, font;
    uint32_t text;   /* where in zf_draw.text */
    uint32_t length; /* in bytes */
};

struct zf_draw {
    struct zf_draw_command *commands;
    size_t count, capacity;
    char *text;
    size_t text_used, text_capacity;
    bool failed; /* memory was short: the frame lacks something */
};

/* What a back end says of its unit, in which all boxes are. */
struct zf_metrics {
    int line;         /* height of a line of text */
    int row;          /* height of a table's row */
    int pad_x, pad_y; /* inside of boxes */
    int rule;         /* thickness of a line */
    int ring;         /* thickness of a focus ring; 0: none */
    bool cells;       /* the unit is a character cell */
    bool paper;       /* nothing is cut or scrolled: the page grows downward and to the right */
    void *fonts;
    /* Width of `bytes` of UTF-8. */
    int (*measure)(void *fonts, enum zf_font font, const char *text, size_t bytes);
};

void zf_draw_reset(struct zf_draw *draw);
void zf_draw_free(struct zf_draw *draw);
void zf_draw_shape(struct zf_draw *draw, enum zf_draw_kind kind, struct zf_box box,
                   enum zf_ink ink);
void zf_draw_text(struct zf_draw *draw, struct zf_box box, enum zf_font font, enum zf_ink ink,
                  const char *text, size_t length);

/** Equal frames have equal hashes; others hardly ever. */
uint64_t zf_draw_hash(const struct zf_draw *draw);

bool zf_box_has(struct zf_box box, int x, int y);
struct zf_box zf_box_clip(struct zf_box a, struct zf_box b);
struct zf_box zf_box_inset(struct zf_box box, int x, int y);

/** Cuts `size` off the top (left) of `*box` and returns what was cut. */
struct zf_box zf_box_cut_top(struct zf_box *box, int size);
struct zf_box zf_box_cut_bottom(struct zf_box *box, int size);
struct zf_box zf_box_cut_left(struct zf_box *box, int size);
struct zf_box zf_box_cut_right(struct zf_box *box, int size);

/** Decodes one character; never reads beyond `end`. Bad UTF-8 gives U+FFFD for each byte. */
uint32_t zf_next_character(const char **text, const char *end);

#endif
