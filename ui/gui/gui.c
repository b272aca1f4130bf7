/*
 * The immediate-mode layer: ids, focus, keys and the pointer of one pass, and what widgets remember
 * from pass to pass.
 */
#include "gui/gui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool zf_gui_init(struct zf_gui *gui) {
    *gui = (struct zf_gui){.mouse_x = -1, .mouse_y = -1};
    gui->widgets = calloc(ZF_GUI_WIDGETS, sizeof *gui->widgets);
    return gui->widgets != NULL;
}

void zf_gui_free(struct zf_gui *gui) {
    zf_draw_free(&gui->draw);
    free(gui->widgets);
    gui->widgets = NULL;
}

static void take_event(struct zf_gui *gui, const struct zf_event *event) {
    gui->event = event ? *event : (struct zf_event){0};
    switch (gui->event.kind) {
    case ZF_EVENT_PRESS:
    case ZF_EVENT_RELEASE:
        gui->pressed = gui->event.kind == ZF_EVENT_PRESS;
        /* fall through */
    case ZF_EVENT_MOVE:
    case ZF_EVENT_WHEEL:
        gui->mouse_x = gui->event.x;
        gui->mouse_y = gui->event.y;
        break;
    default:
        break;
    }
}

void zf_gui_begin(struct zf_gui *gui, int width, int height, const struct zf_event *event) {
    zf_draw_reset(&gui->draw);
    take_event(gui, event);
    gui->page = (struct zf_box){0, 0, width, height};
    gui->clip = gui->page;
    gui->bottom = 0;
    gui->depth = 0;
    gui->order_count = 0;
    gui->detail[0] = 0;
    gui->tip[0] = 0;
    gui->moving = false;
    zf_draw_shape(&gui->draw, ZF_DRAW_CLIP, gui->page, ZF_INK_BACK);
}

static void move_focus(struct zf_gui *gui, int step) {
    int count = (int)gui->order_count, at = -1;
    for (int i = 0; i < count; i++) {
        if (gui->order[i] == gui->focus) {
            at = i;
        }
    }
    if (count > 0) {
        int next = at < 0 ? (step > 0 ? 0 : count - 1) : (at + step + count) % count;
        gui->focus = gui->order[next];
    }
}

static bool focus_is_there(const struct zf_gui *gui) {
    for (unsigned i = 0; i < gui->order_count; i++) {
        if (gui->order[i] == gui->focus) {
            return true;
        }
    }
    return false;
}

/* Below what it explains or, where there is no room, above. */
static void draw_tip(struct zf_gui *gui) {
    if (!gui->tip[0] || gui->metrics.paper) {
        return;
    }
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box of = zf_box_clip(gui->tip_of, gui->page), box = {gui->mouse_x, 0, 0, 0};
    int frame = 2 * m->pad_x + 2 * m->rule, most = gui->page.w * 2 / 3 - frame;
    int width = zf_gui_measure(gui, ZF_FONT_TEXT, gui->tip);
    struct zf_box text = {0, 0, width < most ? width : most, 0};
    box.w = text.w + frame;
    box.h = zf_gui_paragraph(gui, text, ZF_FONT_TEXT, ZF_INK_COUNT, gui->tip) + 2 * m->pad_y;
    box.x = box.x + box.w > gui->page.w ? gui->page.w - box.w : box.x;
    box.y = of.y + of.h + m->rule;
    if (box.y + box.h > gui->page.h) {
        box.y = of.y - box.h - m->rule;
    }
    struct zf_box before = zf_gui_clip(gui, gui->page);
    zf_gui_fill(gui, box, ZF_INK_HOVER);
    zf_draw_shape(&gui->draw, ZF_DRAW_RING, box, ZF_INK_RULE);
    text.x = box.x + frame / 2;
    text.y = box.y + m->pad_y;
    zf_gui_paragraph(gui, text, ZF_FONT_TEXT, ZF_INK_TEXT, gui->tip);
    zf_gui_unclip(gui, before);
}

void zf_gui_end(struct zf_gui *gui) {
    if (zf_gui_key(gui, ZF_KEY_TAB, 0)) {
        move_focus(gui, 1);
    } else if (zf_gui_key(gui, ZF_KEY_TAB, ZF_SHIFT)) {
        move_focus(gui, -1);
    } else if (!focus_is_there(gui)) {
        gui->focus = 0;
    }
    if (gui->event.kind == ZF_EVENT_RELEASE) {
        gui->capture = 0;
    }
    draw_tip(gui);
    gui->failed |= gui->draw.failed;
}

static uint32_t hash_name(uint32_t hash, const char *name) {
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 0x01000193u;
    }
    return hash ? hash : 1;
}

void zf_gui_push(struct zf_gui *gui, const char *name) {
    uint32_t id = zf_gui_id(gui, name);
    if (gui->depth < ZF_GUI_DEPTH) {
        gui->path[gui->depth] = id;
    }
    gui->depth++;
}

void zf_gui_pop(struct zf_gui *gui) {
    gui->depth--;
}

uint32_t zf_gui_id(const struct zf_gui *gui, const char *name) {
    unsigned depth = gui->depth < ZF_GUI_DEPTH ? gui->depth : ZF_GUI_DEPTH;
    return hash_name(depth ? gui->path[depth - 1] * 31u + 7u : 0x811c9dc5u, name);
}

struct zf_widget *zf_gui_widget(struct zf_gui *gui, uint32_t id) {
    /* when all are taken, the last serves several: it forgets, and nothing worse */
    struct zf_widget *widget = &gui->widgets[id % ZF_GUI_WIDGETS];
    for (unsigned i = 0; i < ZF_GUI_WIDGETS && widget->id && widget->id != id; i++) {
        widget = &gui->widgets[(id + i) % ZF_GUI_WIDGETS];
    }
    if (widget->id != id) {
        *widget = (struct zf_widget){.id = id};
    }
    return widget;
}

bool zf_gui_focusable(struct zf_gui *gui, uint32_t id, struct zf_box box) {
    if (gui->order_count < ZF_GUI_ORDER) {
        gui->order[gui->order_count++] = id;
    }
    if (gui->event.kind == ZF_EVENT_PRESS && zf_gui_hovers(gui, box)) {
        gui->focus = id;
        gui->capture = id;
    }
    return gui->focus == id;
}

void zf_gui_focus(struct zf_gui *gui, uint32_t id) {
    gui->focus = id;
}

bool zf_gui_key(struct zf_gui *gui, int key, unsigned modifiers) {
    if (gui->event.kind == ZF_EVENT_KEY && gui->event.key == key &&
        gui->event.modifiers == modifiers) {
        gui->event.kind = ZF_EVENT_NONE;
        return true;
    }
    return false;
}

bool zf_gui_typed(struct zf_gui *gui, const char *text) {
    if (gui->event.kind == ZF_EVENT_TEXT && !strcmp(gui->event.text, text)) {
        gui->event.kind = ZF_EVENT_NONE;
        return true;
    }
    return false;
}

bool zf_gui_hovers(const struct zf_gui *gui, struct zf_box box) {
    return zf_box_has(zf_box_clip(box, gui->clip), gui->mouse_x, gui->mouse_y);
}

bool zf_gui_clicked(struct zf_gui *gui, struct zf_box box) {
    if (gui->event.kind == ZF_EVENT_PRESS && zf_gui_hovers(gui, box)) {
        gui->event.kind = ZF_EVENT_NONE;
        return true;
    }
    return false;
}

static void reach(struct zf_gui *gui, struct zf_box box) {
    int bottom = box.y + box.h;
    gui->bottom = bottom > gui->bottom ? bottom : gui->bottom;
}

void zf_gui_fill(struct zf_gui *gui, struct zf_box box, enum zf_ink ink) {
    if (!gui->metrics.paper && box.w > 0 && box.h > 0) {
        zf_draw_shape(&gui->draw, ZF_DRAW_RECT, box, ink);
    }
}

void zf_gui_line(struct zf_gui *gui, struct zf_box box, enum zf_ink ink) {
    zf_draw_shape(&gui->draw, ZF_DRAW_LINE, box, ink);
    reach(gui, box);
}

void zf_gui_ring(struct zf_gui *gui, struct zf_box box) {
    if (gui->metrics.ring) {
        zf_draw_shape(&gui->draw, ZF_DRAW_RING, box, ZF_INK_RING);
    }
}

int zf_gui_measure(const struct zf_gui *gui, enum zf_font font, const char *text) {
    return gui->metrics.measure(gui->metrics.fonts, font, text, strlen(text));
}

/* Bytes of `text` that fit `width`, whole characters. */
static size_t fitting(const struct zf_gui *gui, enum zf_font font, const char *text, int width) {
    const char *end = text + strlen(text), *p = text, *fits = text;
    int used = 0;
    while (p < end) {
        const char *from = p;
        zf_next_character(&p, end);
        used += gui->metrics.measure(gui->metrics.fonts, font, from, (size_t)(p - from));
        if (used > width) {
            break;
        }
        fits = p;
    }
    return (size_t)(fits - text);
}

int zf_gui_text(struct zf_gui *gui, struct zf_box box, enum zf_align align, enum zf_font font,
                enum zf_ink ink, const char *text) {
    static const char ellipsis[] = "…";
    int width = zf_gui_measure(gui, font, text);
    if (width > box.w && !gui->metrics.paper) {
        int dots = zf_gui_measure(gui, font, ellipsis);
        size_t length = fitting(gui, font, text, box.w - dots);
        int x = gui->metrics.measure(gui->metrics.fonts, font, text, length);
        zf_draw_text(&gui->draw, box, font, ink, text, length);
        if (dots <= box.w) {
            struct zf_box rest = {box.x + x, box.y, box.w - x, box.h};
            zf_draw_text(&gui->draw, rest, font, ink, ellipsis, sizeof ellipsis - 1);
        }
        return box.w;
    }
    if (align != ZF_LEFT && width < box.w) {
        box.x += align == ZF_RIGHT ? box.w - width : (box.w - width) / 2;
    }
    zf_draw_text(&gui->draw, box, font, ink, text, strlen(text));
    reach(gui, (struct zf_box){box.x, box.y, box.w, gui->metrics.line});
    return width;
}

int zf_gui_print(struct zf_gui *gui, struct zf_box box, enum zf_font font, enum zf_ink ink,
                 const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return zf_gui_text(gui, box, ZF_LEFT, font, ink, text);
}

int zf_gui_paragraph(struct zf_gui *gui, struct zf_box box, enum zf_font font, enum zf_ink ink,
                     const char *text) {
    int width = gui->metrics.paper ? 96 : box.w, used = 0; /* lines of a book on paper */
    while (*text) {
        size_t length = strcspn(text, "\n");
        size_t fits = fitting(gui, font, text, width);
        if (fits < length) {
            length = fits ? fits : 1;
            for (size_t n = length; n > 0; n--) {
                if (text[n] == ' ' || text[n - 1] == ',') {
                    length = n;
                    break;
                }
            }
        }
        struct zf_box line = {box.x, box.y + used, box.w, gui->metrics.line};
        char part[512];
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (ink != ZF_INK_COUNT) {
            zf_gui_text(gui, line, ZF_LEFT, font, ink, part);
        }
        used += gui->metrics.line;
        text += length;
        text += *text == ' ' || *text == '\n';
    }
    return used;
}

struct zf_box zf_gui_clip(struct zf_gui *gui, struct zf_box box) {
    struct zf_box before = gui->clip;
    if (!gui->metrics.paper) {
        gui->clip = box.w == gui->page.w && box.h == gui->page.h ? box : zf_box_clip(box, before);
        zf_draw_shape(&gui->draw, ZF_DRAW_CLIP, gui->clip, ZF_INK_BACK);
    }
    return before;
}

void zf_gui_unclip(struct zf_gui *gui, struct zf_box before) {
    if (!gui->metrics.paper) {
        gui->clip = before;
        zf_draw_shape(&gui->draw, ZF_DRAW_CLIP, before, ZF_INK_BACK);
    }
}

void zf_gui_detail(struct zf_gui *gui, const char *text) {
    size_t used = strlen(gui->detail);
    if (!strstr(gui->detail, text)) {
        snprintf(gui->detail + used, sizeof gui->detail - used, "%s%s", used ? "; " : "", text);
    }
}

void zf_gui_tip(struct zf_gui *gui, struct zf_box box, const char *text) {
    if (text[0] && !gui->pressed && zf_gui_hovers(gui, box)) {
        snprintf(gui->tip, sizeof gui->tip, "%s", text);
        gui->tip_of = box;
    }
}
