/*
 * The window around the views: tabs, the active model, the line at the bottom, keys that are valid
 * everywhere, help.
 */
#include "inspect/inspector.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *key, *title, *summary;
    void (*draw)(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box);
} views[] = {
#define VIEW(id, key, title, summary) {#id, key, title, summary, zf_view_##id},
#include "inspect/view.def"
#undef VIEW
};

const char *zf_view_name(enum zf_view view) {
    return views[view].name;
}

const char *zf_view_title(enum zf_view view) {
    return views[view].title;
}

const char *zf_view_summary(enum zf_view view) {
    return views[view].summary;
}

const char *zf_view_key(enum zf_view view) {
    return views[view].key;
}

static void draw_paper(struct zf_inspector *in, struct zf_gui *gui) {
    char models[400];
    size_t used = 0;
    struct zf_box box = gui->page;
    models[0] = 0;
    for (unsigned i = 0; i < in->count && used < sizeof models; i++) {
        used += (size_t)snprintf(models + used, sizeof models - used, "%s%s", i ? ", " : "",
                                 in->chosen[i].text);
    }
    zf_gui_print(gui, zf_box_cut_top(&box, 1), ZF_FONT_TITLE, ZF_INK_TEXT, "%s: %s",
                 views[in->view].title, models);
    zf_box_cut_top(&box, 1);
    views[in->view].draw(in, gui, box);
}

struct zf_box zf_view_filter(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box,
                             enum zf_view view, const char *hint, const char *note) {
    const struct zf_metrics *m = &gui->metrics;
    if (m->paper) {
        box = zf_gui_below(gui, box);
        zf_gui_print(gui, zf_box_cut_top(&box, 1), ZF_FONT_TEXT, ZF_INK_MUTED, "%s%s%s", note,
                     in->filter[view][0] ? ", filter: " : "", in->filter[view]);
        zf_box_cut_top(&box, 1);
        return box;
    }
    struct zf_box line = zf_box_cut_top(&box, m->row + 3 * m->pad_y);
    line = zf_box_inset(line, m->pad_x, m->pad_y);
    int usual = zf_gui_measure(gui, ZF_FONT_TEXT, "0") * 44;
    struct zf_box field = zf_box_cut_left(&line, usual < line.w / 2 ? usual : line.w / 2);
    if ((gui->focus != zf_gui_id(gui, "filter") && zf_gui_typed(gui, "/")) ||
        zf_gui_key(gui, 'f', ZF_CTRL)) {
        zf_gui_focus(gui, zf_gui_id(gui, "filter"));
    }
    zf_gui_field(gui, "filter", field, in->filter[view], sizeof in->filter[view], hint);
    zf_box_cut_left(&line, 2 * m->pad_x);
    zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_MUTED, note);
    return box;
}

static void gate_text(const struct zf_inspector *in, char *text, size_t size) {
    char ibc[64] = "of the model";
    if (in->policy != ZF_POLICY_IBC) {
        snprintf(text, size, "policy %s", zf_policy_name(in->policy));
        return;
    }
    if (in->ibc >= 0) {
        zf_ibc_text((uint16_t)in->ibc, ibc, sizeof ibc);
    }
    snprintf(text, size, "policy ibc, host %s, IBC %s", in->has_host ? in->host_text : "the newest",
             ibc);
}

/* With the gate that it is under; returns the width. */
static int active_text(const struct zf_inspector *in, const struct zf_gui *gui, const char *name,
                       char *text, size_t size) {
    char gate[300];
    gate_text(in, gate, sizeof gate);
    snprintf(text, size, "%s%sactive: %s", in->policy == ZF_POLICY_MODEL ? "" : gate,
             in->policy == ZF_POLICY_MODEL ? "" : "   ", name);
    return zf_gui_measure(gui, ZF_FONT_BOLD, text) + 2 * gui->metrics.pad_x;
}

static void draw_top(struct zf_inspector *in, struct zf_gui *gui, struct zf_box line) {
    const struct zf_metrics *m = &gui->metrics;
    const char *titles[ZF_VIEW_COUNT];
    int wide = 0;
    char title[ZF_VIEW_COUNT][40];
    zf_gui_fill(gui, line, ZF_INK_HEADER);
    for (int i = 0; i < ZF_VIEW_COUNT; i++) {
        snprintf(title[i], sizeof title[i], "%s %s", views[i].key, views[i].title);
        titles[i] = title[i];
        wide += zf_gui_measure(gui, ZF_FONT_BOLD, titles[i]) + 3 * m->pad_x;
    }
    struct zf_box model = line;
    char text[ZF_INSPECT_TEXT + 400];
    int width = active_text(in, gui, zf_inspector_active(in)->text, text, sizeof text);
    if (width > line.w / 2) { /* all switches of a host */
        width = active_text(in, gui, zf_inspector_active(in)->title, text, sizeof text);
    }
    model = zf_box_cut_right(&line, width < line.w / 2 ? width : line.w / 2);
    zf_gui_text(gui, zf_box_inset(model, m->pad_x, 0), ZF_RIGHT, ZF_FONT_BOLD, ZF_INK_ACCENT, text);
    zf_gui_tip(gui, model,
               "the active model; [ and ]: previous and next model; p, h, i: next policy, host, "
               "IBC value");
    for (int i = 0; i < ZF_VIEW_COUNT && wide > line.w; i++) {
        titles[i] = i == in->view ? titles[i] : views[i].key; /* little room: the others' keys */
    }
    bool pointed = gui->event.kind == ZF_EVENT_PRESS;
    if (zf_gui_tabs(gui, "views", line, titles, ZF_VIEW_COUNT, &in->view) && pointed) {
        gui->focus = 0; /* who clicks on a tab wants the page, not the next tab */
    }
}

/* What the line at the bottom says; it gets more lines when that is long. */
static const char *bottom_text(const struct zf_inspector *in, const struct zf_gui *gui) {
    return in->message[0] ? in->message : gui->detail[0] ? gui->detail : views[in->view].summary;
}

static void draw_bottom(struct zf_inspector *in, struct zf_gui *gui, struct zf_box line) {
    const struct zf_metrics *m = &gui->metrics;
    static const char keys[] = "Tab next  ·  / filter  ·  F1 help  ·  Ctrl-Q quit";
    enum zf_ink ink = in->message[0] ? ZF_INK_ORANGE : ZF_INK_TEXT;
    const char *text = bottom_text(in, gui);
    zf_gui_fill(gui, line, ZF_INK_HEADER);
    line = zf_box_inset(line, m->pad_x, 0);
    int room = zf_gui_measure(gui, ZF_FONT_SMALL, keys) + m->pad_x;
    int wide = zf_gui_measure(gui, ZF_FONT_TEXT, text);
    if (wide + room < line.w) {
        struct zf_box right = zf_box_cut_right(&line, room);
        zf_gui_text(gui, right, ZF_RIGHT, ZF_FONT_SMALL, ZF_INK_MUTED, keys);
    }
    in->bottom_lines = 1;
    if (wide > line.w && !m->paper) {
        int most = m->cells ? 3 : 4;
        int lines = zf_gui_paragraph(gui, line, ZF_FONT_TEXT, ZF_INK_COUNT, text) / m->line;
        in->bottom_lines = lines < most ? lines : most;
    }
    if (line.h >= 2 * m->line) {
        zf_gui_paragraph(gui, zf_box_inset(line, 0, m->pad_y / 2), ZF_FONT_TEXT, ink, text);
    } else {
        zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TEXT, ink, text);
    }
}

static void go_to(struct zf_inspector *in, struct zf_gui *gui, int view) {
    in->view = (view + ZF_VIEW_COUNT) % ZF_VIEW_COUNT;
    gui->focus = 0;
}

/* Keys that are valid whatever has the focus. */
static void take_early_keys(struct zf_inspector *in, struct zf_gui *gui) {
    for (int i = 0; i < ZF_VIEW_COUNT; i++) {
        if (zf_gui_key(gui, views[i].key[0], ZF_ALT)) {
            go_to(in, gui, i);
        }
    }
    if (zf_gui_key(gui, ZF_KEY_PAGE_DOWN, ZF_CTRL) || zf_gui_key(gui, ZF_KEY_TAB, ZF_CTRL)) {
        go_to(in, gui, in->view + 1);
    } else if (zf_gui_key(gui, ZF_KEY_PAGE_UP, ZF_CTRL) ||
               zf_gui_key(gui, ZF_KEY_TAB, ZF_CTRL | ZF_SHIFT)) {
        go_to(in, gui, in->view - 1);
    } else if (zf_gui_key(gui, 'q', ZF_CTRL)) {
        in->quit = true;
    } else if (zf_gui_key(gui, ZF_KEY_F1, 0)) {
        in->help = !in->help;
    } else if (zf_gui_key(gui, 'c', ZF_CTRL)) {
        in->copy = true;
        snprintf(in->message, sizeof in->message, "copied as text");
    } else if (zf_gui_key(gui, 's', ZF_CTRL)) {
        in->saving = true;
        snprintf(in->save_name, sizeof in->save_name, "%s.csv", views[in->view].name);
    } else if (zf_gui_key(gui, '+', ZF_CTRL) || zf_gui_key(gui, '=', ZF_CTRL)) {
        in->zoom = in->zoom < 300 ? in->zoom + 10 : 300;
    } else if (zf_gui_key(gui, '-', ZF_CTRL)) {
        in->zoom = in->zoom > 50 ? in->zoom - 10 : 50;
    } else if (zf_gui_key(gui, '0', ZF_CTRL)) {
        in->zoom = 100;
    } else if (zf_gui_key(gui, 't', ZF_CTRL)) {
        in->theme = in->theme == ZF_THEME_DARK ? ZF_THEME_LIGHT : ZF_THEME_DARK;
    } else if (in->help && zf_gui_key(gui, ZF_KEY_ESCAPE, 0)) {
        in->help = false;
    }
}

static void say_gate(struct zf_inspector *in) {
    gate_text(in, in->message, sizeof in->message);
    if (in->policy != ZF_POLICY_IBC) {
        size_t used = strlen(in->message);
        snprintf(in->message + used, sizeof in->message - used,
                 "; host and IBC value apply only to policy ibc (p)");
    }
}

/* Characters that no widget wanted. */
static void take_late_keys(struct zf_inspector *in, struct zf_gui *gui) {
    for (int i = 0; i < ZF_VIEW_COUNT; i++) {
        if (zf_gui_typed(gui, views[i].key)) {
            go_to(in, gui, i);
        }
    }
    if (zf_gui_typed(gui, "]")) {
        in->active = (in->active + 1) % in->count;
    } else if (zf_gui_typed(gui, "[")) {
        in->active = (in->active + in->count - 1) % in->count;
    } else if (zf_gui_typed(gui, "p")) {
        in->policy = (enum zf_policy)((in->policy + 1) % ZF_POLICY_COUNT);
        zf_inspector_update(in);
        say_gate(in);
    } else if (zf_gui_typed(gui, "h")) {
        zf_inspector_next_host(in);
        say_gate(in);
    } else if (zf_gui_typed(gui, "i")) {
        zf_inspector_next_ibc(in);
        say_gate(in);
    } else if (zf_gui_typed(gui, "?")) {
        in->help = true;
    } else if (zf_gui_key(gui, ZF_KEY_ESCAPE, 0)) {
        if (in->filter[in->view][0]) {
            in->filter[in->view][0] = 0;
        } else {
            gui->focus = 0;
        }
    }
}

/* As wide as the widest of column `column`. */
static int widest(const struct zf_gui *gui, const char *const keys[][2], int count, int column) {
    int width = 0;
    for (int i = 0; i < count; i++) {
        int w = zf_gui_measure(gui, column ? ZF_FONT_TEXT : ZF_FONT_MONO, keys[i][column]);
        width = w > width ? w : width;
    }
    return width;
}

/* In the middle of the page, in two columns where the page is low. */
static void help_box(struct zf_gui *gui, const char *const keys[][2], int count) {
    const struct zf_metrics *m = &gui->metrics;
    int left = widest(gui, keys, count, 0) + 2 * m->pad_x;
    int wide = left + widest(gui, keys, count, 1) + 2 * m->pad_x;
    int room = gui->page.h - 4 * m->pad_y;
    int row = (count + 1) * m->row > room ? m->line : m->row;
    int columns = (count + 1) * row > room ? 2 : 1, rows = (count + columns - 1) / columns;
    int width = columns * wide + 2 * m->pad_x, height = (rows + 1) * row + 4 * m->pad_y;
    width = width > gui->page.w ? gui->page.w : width;
    struct zf_box box = {(gui->page.w - width) / 2, (gui->page.h - height) / 2, width, height};
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    zf_gui_ring(gui, box);
    box = zf_box_inset(box, 2 * m->pad_x, 2 * m->pad_y);
    zf_gui_text(gui, zf_box_cut_top(&box, row), ZF_LEFT, ZF_FONT_TITLE, ZF_INK_TEXT, "Keys");
    for (int i = 0; i < count; i++) {
        struct zf_box line = {box.x + i / rows * (box.w / columns), box.y + i % rows * row,
                              box.w / columns, row};
        zf_gui_text(gui, zf_box_cut_left(&line, left), ZF_LEFT, ZF_FONT_MONO, ZF_INK_ACCENT,
                    keys[i][0]);
        zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_TEXT, keys[i][1]);
    }
}

static void draw_help(struct zf_gui *gui) {
    static const char *const keys[][2] = {
        {"1 2 3 …, Ctrl-PgDn, Ctrl-PgUp", "another view"},
        {"Tab, Shift-Tab", "next and previous element"},
        {"arrows, Home, End, PgUp, PgDn", "move the cursor"},
        {"Enter", "open; make a model active"},
        {"Space", "select a model; switch a facility"},
        {"[ and ]", "previous and next selected model"},
        {"/ or Ctrl-F, Esc", "filter; clear it"},
        {"s, S or a title clicked", "sort by the next column; the other way round"},
        {"p, h, i", "next policy; under policy ibc: next host, next IBC value"},
        {", and .", "in Compare: next second model"},
        {"F5, Shift-F5, Ctrl-F5", "run or pause, pause, restart"},
        {"F11, F10", "step, step over a call; Enter on code: run to it"},
        {"Shift-F11, Shift-F10", "step back, back to the last breakpoint"},
        {"F9", "breakpoint on or off; in storage, stop at changes"},
        {"Ctrl-O", "another guest"},
        {"Ctrl-C", "copy the view as text"},
        {"Ctrl-S", "save the view: name.csv, .json, .txt or .png"},
        {"Ctrl-T", "dark or light theme"},
        {"Ctrl +, Ctrl -, Ctrl 0", "larger, smaller, default size"},
        {"F1 or ?", "this help; Esc closes it"},
        {"Ctrl-Q", "quit"},
    };
    help_box(gui, keys, (int)(sizeof keys / sizeof keys[0]));
}

/* The line in the place of the bottom one in which the name of a file is given. */
static void ask_name(struct zf_inspector *in, struct zf_gui *gui, struct zf_box line) {
    const struct zf_metrics *m = &gui->metrics;
    static const char title[] = "Save as (.csv, .json, .txt, .png)";
    zf_gui_focus(gui, zf_gui_id(gui, "save"));
    if (zf_gui_key(gui, ZF_KEY_ESCAPE, 0)) {
        in->saving = false;
    } else if (zf_gui_key(gui, ZF_KEY_ENTER, 0)) {
        in->saving = false;
        memcpy(in->save, in->save_name, sizeof in->save);
    }
    zf_gui_fill(gui, line, ZF_INK_SELECT);
    struct zf_box label =
        zf_box_cut_left(&line, zf_gui_measure(gui, ZF_FONT_BOLD, title) + 2 * m->pad_x);
    zf_gui_text(gui, zf_box_inset(label, m->pad_x, 0), ZF_LEFT, ZF_FONT_BOLD, ZF_INK_TEXT, title);
    zf_gui_field(gui, "save", line, in->save_name, sizeof in->save_name, "name");
}

static void draw_window(struct zf_inspector *in, struct zf_gui *gui) {
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box box = gui->page;
    if (gui->event.kind != ZF_EVENT_NONE && gui->event.kind != ZF_EVENT_MOVE) {
        in->message[0] = 0;
    }
    take_early_keys(in, gui);
    zf_gui_fill(gui, box, ZF_INK_BACK);
    struct zf_box top = zf_box_cut_top(&box, m->row + 2 * m->pad_y);
    int more = in->bottom_lines > 1 ? (in->bottom_lines - 1) * m->line : 0;
    struct zf_box bottom = zf_box_cut_bottom(&box, m->row + m->pad_y + more);
    if (in->saving) {
        ask_name(in, gui, bottom);
    }
    draw_top(in, gui, top);
    zf_gui_push(gui, views[in->view].name);
    views[in->view].draw(in, gui, box);
    zf_gui_pop(gui);
    take_late_keys(in, gui);
    if (!in->saving) {
        draw_bottom(in, gui, bottom);
    }
    if (in->help) {
        gui->tip[0] = 0;
        draw_help(gui);
    }
}

void zf_inspector_frame(struct zf_inspector *in, struct zf_gui *gui) {
    if (gui->metrics.paper) {
        draw_paper(in, gui);
    } else {
        draw_window(in, gui);
    }
}
