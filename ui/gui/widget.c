/*
 * The small widgets: text field, tabs, button, panes.
 */
#include "gui/gui.h"

#include <stdio.h>
#include <string.h>

static size_t previous_character(const char *text, size_t at) {
    while (at > 0 && ((unsigned char)text[--at] & 0xc0) == 0x80) {
    }
    return at;
}

static size_t next_character(const char *text, size_t at) {
    const char *p = text + at;
    if (*p) {
        zf_next_character(&p, text + strlen(text));
    }
    return (size_t)(p - text);
}

static bool insert(struct zf_gui *gui, char *text, size_t size, int *cursor) {
    size_t length = strlen(text), added = strlen(gui->event.text), at = (size_t)*cursor;
    gui->event.kind = ZF_EVENT_NONE;
    if (length + added >= size) {
        return false;
    }
    memmove(text + at + added, text + at, length - at + 1);
    memcpy(text + at, gui->event.text, added);
    *cursor += (int)added;
    return true;
}

static bool erase(char *text, size_t from, size_t to, int *cursor) {
    memmove(text + from, text + to, strlen(text + to) + 1);
    *cursor = (int)from;
    return from != to;
}

static bool edit(struct zf_gui *gui, char *text, size_t size, int *cursor) {
    size_t at = (size_t)*cursor;
    if (gui->event.kind == ZF_EVENT_TEXT) {
        return insert(gui, text, size, cursor);
    }
    if (zf_gui_key(gui, ZF_KEY_BACKSPACE, 0)) {
        return erase(text, previous_character(text, at), at, cursor);
    }
    if (zf_gui_key(gui, ZF_KEY_DELETE, 0)) {
        return erase(text, at, next_character(text, at), cursor);
    }
    if (text[0] && zf_gui_key(gui, ZF_KEY_ESCAPE, 0)) {
        return erase(text, 0, strlen(text), cursor);
    }
    if (zf_gui_key(gui, ZF_KEY_LEFT, 0)) {
        *cursor = (int)previous_character(text, at);
    } else if (zf_gui_key(gui, ZF_KEY_RIGHT, 0)) {
        *cursor = (int)next_character(text, at);
    } else if (zf_gui_key(gui, ZF_KEY_HOME, 0)) {
        *cursor = 0;
    } else if (zf_gui_key(gui, ZF_KEY_END, 0)) {
        *cursor = (int)strlen(text);
    }
    return false;
}

bool zf_gui_field(struct zf_gui *gui, const char *name, struct zf_box box, char *text, size_t size,
                  const char *hint) {
    uint32_t id = zf_gui_id(gui, name);
    struct zf_widget *widget = zf_gui_widget(gui, id);
    bool focused = zf_gui_focusable(gui, id, box), changed = false;
    /* who comes into a field comes to its end */
    if (widget->column > (int)strlen(text) || (focused && !widget->row)) {
        widget->column = (int)strlen(text);
    }
    widget->row = focused;
    if (focused) {
        changed = edit(gui, text, size, &widget->column);
    }
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    zf_draw_shape(&gui->draw, ZF_DRAW_RING, box, ZF_INK_RULE);
    struct zf_box inner = zf_box_inset(box, gui->metrics.pad_x, 0);
    zf_gui_text(gui, inner, ZF_LEFT, ZF_FONT_TEXT, text[0] ? ZF_INK_TEXT : ZF_INK_MUTED,
                text[0] ? text : hint);
    if (focused) {
        int x = inner.x + gui->metrics.measure(gui->metrics.fonts, ZF_FONT_TEXT, text,
                                               (size_t)widget->column);
        zf_gui_ring(gui, box);
        if (gui->metrics.ring) {
            struct zf_box caret = {x, box.y + gui->metrics.pad_y, 2,
                                   box.h - 2 * gui->metrics.pad_y};
            zf_gui_fill(gui, caret, ZF_INK_TEXT);
        }
    }
    return changed;
}

static bool step_tabs(struct zf_gui *gui, int count, int *current) {
    int to = *current;
    if (zf_gui_key(gui, ZF_KEY_LEFT, 0)) {
        to--;
    } else if (zf_gui_key(gui, ZF_KEY_RIGHT, 0)) {
        to++;
    } else if (zf_gui_key(gui, ZF_KEY_HOME, 0)) {
        to = 0;
    } else if (zf_gui_key(gui, ZF_KEY_END, 0)) {
        to = count - 1;
    }
    bool changed = to != *current && to >= 0 && to < count;
    *current = changed ? to : *current;
    return changed;
}

bool zf_gui_tabs(struct zf_gui *gui, const char *name, struct zf_box box, const char *const *titles,
                 int count, int *current) {
    const struct zf_metrics *m = &gui->metrics;
    bool focused = zf_gui_focusable(gui, zf_gui_id(gui, name), box), changed = false;
    if (focused) {
        changed = step_tabs(gui, count, current);
    }
    for (int i = 0; i < count; i++) {
        int width = zf_gui_measure(gui, ZF_FONT_BOLD, titles[i]) + 3 * m->pad_x;
        struct zf_box tab = zf_box_cut_left(&box, width);
        if (zf_gui_clicked(gui, tab) && *current != i) {
            *current = i;
            changed = true;
        }
        bool here = i == *current;
        zf_gui_fill(gui, tab,
                    here                      ? ZF_INK_BACK
                    : zf_gui_hovers(gui, tab) ? ZF_INK_HOVER
                                              : ZF_INK_HEADER);
        zf_gui_text(gui, tab, ZF_CENTRE, here ? ZF_FONT_BOLD : ZF_FONT_TEXT,
                    here ? ZF_INK_TEXT : ZF_INK_MUTED, titles[i]);
        if (here && m->ring) {
            zf_gui_fill(gui, (struct zf_box){tab.x, tab.y, tab.w, m->ring}, ZF_INK_RING);
        }
        if (here && focused) {
            zf_gui_ring(gui, zf_box_inset(tab, m->ring, m->ring));
        }
    }
    return changed;
}

int zf_gui_button_width(const struct zf_gui *gui, const char *title) {
    return zf_gui_measure(gui, ZF_FONT_TEXT, title) + 3 * gui->metrics.pad_x;
}

bool zf_gui_button(struct zf_gui *gui, const char *name, struct zf_box box, const char *title) {
    bool focused = zf_gui_focusable(gui, zf_gui_id(gui, name), box);
    bool pressed = zf_gui_clicked(gui, box);
    if (focused) {
        pressed |= zf_gui_key(gui, ZF_KEY_ENTER, 0) || zf_gui_typed(gui, " ");
    }
    zf_gui_fill(gui, box, zf_gui_hovers(gui, box) ? ZF_INK_HOVER : ZF_INK_HEADER);
    zf_gui_text(gui, box, ZF_CENTRE, ZF_FONT_TEXT, ZF_INK_TEXT, title);
    if (focused) {
        zf_gui_ring(gui, box);
    }
    return pressed;
}

void zf_panes_begin(struct zf_panes *panes, struct zf_gui *gui, const char *name, struct zf_box box,
                    bool beside, const int *shares, int count) {
    *panes = (struct zf_panes){.gui = gui,
                               .rest = box,
                               .id = zf_gui_id(gui, name),
                               .beside = beside,
                               .total = beside ? box.w : box.h,
                               .shares = shares,
                               .count = count};
}

/* The border after pane `n`, `at` from the beginning of that: drawn, and moved by the pointer. */
static void border(struct zf_panes *panes, int n, struct zf_box line) {
    struct zf_gui *gui = panes->gui;
    struct zf_widget *widget = zf_gui_widget(gui, panes->id);
    int grip = gui->metrics.pad_x / 2, pointer = panes->beside ? gui->mouse_x : gui->mouse_y;
    struct zf_box hold =
        panes->beside ? zf_box_inset(line, -grip, 0) : zf_box_inset(line, 0, -grip);
    int at = panes->beside ? line.x : line.y;
    if (zf_gui_clicked(gui, hold)) {
        widget->drag = n + 1;
        widget->drag_from = pointer - at;
    }
    if (!gui->pressed) {
        widget->drag = 0;
    } else if (widget->drag == n + 1 && gui->event.kind == ZF_EVENT_MOVE) {
        int moved = widget->width[n] * panes->total / 1000 + pointer - widget->drag_from - at;
        widget->width[n] = (int16_t)(moved * 1000 / (panes->total > 0 ? panes->total : 1));
        gui->moving = true;
    }
    bool active = zf_gui_hovers(gui, hold) || widget->drag == n + 1;
    zf_gui_line(gui, line, active ? ZF_INK_RING : ZF_INK_RULE);
}

struct zf_box zf_panes_next(struct zf_panes *panes) {
    struct zf_gui *gui = panes->gui;
    int n = panes->next++;
    if (gui->metrics.paper) {
        panes->rest = zf_gui_below(gui, panes->rest);
        if (n > 0) {
            zf_box_cut_top(&panes->rest, 1);
        }
        return panes->rest;
    }
    if (n + 1 >= panes->count) {
        return panes->rest;
    }
    int moved = zf_gui_widget(gui, panes->id)->width[n];
    int size = panes->total * panes->shares[n] / 100 + panes->total * moved / 1000;
    int least = gui->metrics.row * 2,
        most = (panes->beside ? panes->rest.w : panes->rest.h) - least;
    size = size > most ? most : size;
    size = size < least ? least : size;
    struct zf_box pane =
        panes->beside ? zf_box_cut_left(&panes->rest, size) : zf_box_cut_top(&panes->rest, size);
    border(panes, n,
           panes->beside ? zf_box_cut_left(&panes->rest, gui->metrics.rule)
                         : zf_box_cut_top(&panes->rest, gui->metrics.rule));
    return pane;
}

struct zf_box zf_gui_heading(struct zf_gui *gui, struct zf_box box, const char *title,
                             const char *note) {
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box line = zf_box_cut_top(&box, m->row + 2 * m->pad_y);
    line = zf_box_inset(line, m->paper ? 0 : m->pad_x, 0);
    int width = zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_BOLD, ZF_INK_TEXT, title);
    if (note && note[0]) {
        zf_box_cut_left(&line, width + 2 * m->pad_x);
        zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_MUTED, note);
    }
    return box;
}

struct zf_box zf_gui_below(const struct zf_gui *gui, struct zf_box box) {
    if (gui->metrics.paper && gui->bottom > box.y) {
        box.y = gui->bottom;
    }
    return box;
}
