/*
 * An immediate-mode layer: each frame, the application calls a function for each thing that it
 * shows, and the same call handles the event. It knows nothing of what is shown.
 *
 * Everything that can be used is reached by Tab; the one that has the focus gets the keys. Widgets
 * keep what they must (scroll position, cursor) under an id made of their name and the names pushed
 * around it.
 */
#ifndef ZFACET_GUI_GUI_H
#define ZFACET_GUI_GUI_H

#include "gui/draw.h"
#include "gui/event.h"

enum { ZF_GUI_DEPTH = 16, ZF_GUI_ORDER = 64, ZF_GUI_WIDGETS = 128, ZF_GUI_COLUMNS = 64 };

/* What one widget remembers from frame to frame. */
struct zf_widget {
    uint32_t id; /* 0: free */
    int row, column, scroll_x, scroll_y;
    bool seen;                      /* the cursor has been put into sight since it moved */
    int drag;                       /* what is dragged, plus one */
    int drag_from;                  /* where that began */
    int16_t width[ZF_GUI_COLUMNS];  /* set by the user; 0: as the application says */
    int sort;                       /* a column plus one, negative: downward; 0: not sorted */
    int16_t widest[ZF_GUI_COLUMNS]; /* what the cells in sight need, and needed so far */
    int rows;                       /* of which `widest` is */
};

struct zf_sink;

struct zf_gui {
    struct zf_draw draw;
    struct zf_metrics metrics;
    struct zf_event event; /* of this pass; kind NONE once someone has used it */
    int mouse_x, mouse_y;  /* -1: no pointer */
    bool pressed;          /* the button is down */
    struct zf_box page;
    struct zf_box clip;
    int bottom; /* on paper: below the lowest thing drawn */
    uint32_t path[ZF_GUI_DEPTH];
    unsigned depth;
    uint32_t focus;               /* id of the widget with the focus */
    uint32_t capture;             /* id of the widget that the button went down on */
    uint32_t order[ZF_GUI_ORDER]; /* what can have the focus, as it was drawn */
    unsigned order_count;
    struct zf_widget *widgets;
    char detail[600];     /* about what has the cursor */
    char tip[600];        /* about what is under the pointer */
    struct zf_box tip_of; /* where that is */
    struct zf_sink *sink; /* gets all cells of all tables; or NULL */
    bool moving;          /* something was scrolled or dragged in this pass */
    bool failed;          /* memory was short */
};

bool zf_gui_init(struct zf_gui *gui);
void zf_gui_free(struct zf_gui *gui);

/** Begins a pass on a page of the size; `event` may be NULL. */
void zf_gui_begin(struct zf_gui *gui, int width, int height, const struct zf_event *event);

/** Ends it: moves the focus, draws the tip. */
void zf_gui_end(struct zf_gui *gui);

/* Ids: push names around what may occur twice. */
void zf_gui_push(struct zf_gui *gui, const char *name);
void zf_gui_pop(struct zf_gui *gui);
uint32_t zf_gui_id(const struct zf_gui *gui, const char *name);
struct zf_widget *zf_gui_widget(struct zf_gui *gui, uint32_t id);

/** Puts `id` into the order of Tab; true when it has the focus. A click into `box` gives it that.
 */
bool zf_gui_focusable(struct zf_gui *gui, uint32_t id, struct zf_box box);
void zf_gui_focus(struct zf_gui *gui, uint32_t id);

/** True, and the event is used up, when it is that key with exactly these modifiers. */
bool zf_gui_key(struct zf_gui *gui, int key, unsigned modifiers);

/** As above for a character typed without Ctrl. */
bool zf_gui_typed(struct zf_gui *gui, const char *text);

bool zf_gui_hovers(const struct zf_gui *gui, struct zf_box box);

/** True, and the event is used up, when the button went down in `box`. */
bool zf_gui_clicked(struct zf_gui *gui, struct zf_box box);

/* Drawing */
void zf_gui_fill(struct zf_gui *gui, struct zf_box box, enum zf_ink ink);
void zf_gui_line(struct zf_gui *gui, struct zf_box box, enum zf_ink ink);
void zf_gui_ring(struct zf_gui *gui, struct zf_box box);

enum zf_align { ZF_LEFT, ZF_CENTRE, ZF_RIGHT };

/** Writes `text` into `box`, cut with an ellipsis where it does not fit; returns its width. */
int zf_gui_text(struct zf_gui *gui, struct zf_box box, enum zf_align align, enum zf_font font,
                enum zf_ink ink, const char *text);

/** As above from printf arguments, at the left. */
int zf_gui_print(struct zf_gui *gui, struct zf_box box, enum zf_font font, enum zf_ink ink,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Writes text over several lines, broken at blanks; returns the height used. `ink` of
 * ZF_INK_COUNT: only measures. */
int zf_gui_paragraph(struct zf_gui *gui, struct zf_box box, enum zf_font font, enum zf_ink ink,
                     const char *text);
int zf_gui_measure(const struct zf_gui *gui, enum zf_font font, const char *text);

/** Clips what follows to `box` and returns the clip so far, to be given to zf_gui_unclip(). */
struct zf_box zf_gui_clip(struct zf_gui *gui, struct zf_box box);
void zf_gui_unclip(struct zf_gui *gui, struct zf_box before);

/** Says something (more) about what has the cursor, or (when the pointer is on `box`) is pointed
 * at. */
void zf_gui_detail(struct zf_gui *gui, const char *text);
void zf_gui_tip(struct zf_gui *gui, struct zf_box box, const char *text);

/* Widgets */

/** A line of text that the user edits; true when it has changed. `hint` is shown when empty. */
bool zf_gui_field(struct zf_gui *gui, const char *name, struct zf_box box, char *text, size_t size,
                  const char *hint);

/** A row of tabs; true when `*current` has changed. */
bool zf_gui_tabs(struct zf_gui *gui, const char *name, struct zf_box box, const char *const *titles,
                 int count, int *current);

/** True when it was pressed: click, Enter or Space. */
bool zf_gui_button(struct zf_gui *gui, const char *name, struct zf_box box, const char *title);
int zf_gui_button_width(const struct zf_gui *gui, const char *title);

/**
 * A line from `first` to `last` with a knob at `at`, which is dragged, or moved by keys: by one, by
 * a twentieth, to either end. True when it was: `*to` is where. On paper there is none.
 */
struct zf_slider {
    int64_t first, last, at;
};
bool zf_gui_slider(struct zf_gui *gui, const char *name, struct zf_box box,
                   const struct zf_slider *slider, int64_t *to);

/*
 * Panes beside or below each other with borders that can be dragged. On paper they follow each
 * other downward.
 */
struct zf_panes {
    struct zf_gui *gui;
    struct zf_box rest;
    uint32_t id;
    bool beside;
    int next, total;
    const int *shares; /* in percent of the whole; the last pane gets the rest */
    int count;
};
void zf_panes_begin(struct zf_panes *panes, struct zf_gui *gui, const char *name, struct zf_box box,
                    bool beside, const int *shares, int count);
struct zf_box zf_panes_next(struct zf_panes *panes);

/** A pane's heading; returns what is left below it. */
struct zf_box zf_gui_heading(struct zf_gui *gui, struct zf_box box, const char *title,
                             const char *note);

/** On paper: what is below all that was drawn so far; else `box`. */
struct zf_box zf_gui_below(const struct zf_gui *gui, struct zf_box box);

#endif
