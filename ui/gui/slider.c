/*
 * A slider: a place on a line of numbers that may be far more than the line has units. The pointer
 * takes it to about where it is, keys to each.
 */
#include "gui/gui.h"

static int64_t step(struct zf_gui *gui, const struct zf_slider *s) {
    int64_t page = (s->last - s->first) / 20;
    page = page > 1 ? page : 1;
    if (zf_gui_key(gui, ZF_KEY_LEFT, 0)) {
        return s->at - 1;
    }
    if (zf_gui_key(gui, ZF_KEY_RIGHT, 0)) {
        return s->at + 1;
    }
    if (zf_gui_key(gui, ZF_KEY_PAGE_UP, 0)) {
        return s->at - page;
    }
    if (zf_gui_key(gui, ZF_KEY_PAGE_DOWN, 0)) {
        return s->at + page;
    }
    if (zf_gui_key(gui, ZF_KEY_HOME, 0)) {
        return s->first;
    }
    return zf_gui_key(gui, ZF_KEY_END, 0) ? s->last : s->at;
}

/* Where the knob is, from the left end of a track of so many units. */
static int place(const struct zf_slider *s, int units) {
    int64_t length = s->last - s->first;
    return length > 0 ? (int)((double)(s->at - s->first) / (double)length * (units - 1)) : 0;
}

static int64_t pointed(const struct zf_gui *gui, struct zf_box track, const struct zf_slider *s) {
    double share = track.w > 1 ? (double)(gui->mouse_x - track.x) / (track.w - 1) : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return s->first + (int64_t)(share * (double)(s->last - s->first) + 0.5);
}

static void draw(struct zf_gui *gui, struct zf_box track, const struct zf_slider *s, bool focused) {
    const struct zf_metrics *m = &gui->metrics;
    int knob = m->cells ? 1 : m->line / 2, at = place(s, track.w - knob + 1);
    struct zf_box line = {track.x, track.y + track.h / 2, track.w, m->cells ? 1 : 2 * m->rule};
    struct zf_box passed = line, handle = {track.x + at, track.y, knob, track.h};
    passed.w = at;
    if (m->cells) {
        handle.y = passed.y = line.y = track.y;
        for (int i = 0; i < track.w; i++) {
            struct zf_box cell = {track.x + i, track.y, 1, 1};
            zf_gui_text(gui, cell, ZF_LEFT, ZF_FONT_MONO, i <= at ? ZF_INK_ACCENT : ZF_INK_MUTED,
                        i == at  ? "●"
                        : i < at ? "━"
                                 : "─");
        }
        return;
    }
    zf_gui_fill(gui, line, ZF_INK_BAR);
    zf_gui_fill(gui, passed, ZF_INK_RING);
    handle = zf_box_inset(handle, 0, m->pad_y);
    zf_gui_fill(gui, handle, focused ? ZF_INK_RING : ZF_INK_BAR);
}

bool zf_gui_slider(struct zf_gui *gui, const char *name, struct zf_box box,
                   const struct zf_slider *slider, int64_t *to) {
    uint32_t id = zf_gui_id(gui, name);
    struct zf_widget *widget = zf_gui_widget(gui, id);
    bool focused = zf_gui_focusable(gui, id, box);
    struct zf_slider now = *slider;
    if (gui->metrics.paper || box.w < 2) {
        return false;
    }
    *to = focused ? step(gui, &now) : now.at;
    if (zf_gui_clicked(gui, box)) {
        widget->drag = 1;
        *to = pointed(gui, box, &now);
    } else if (!gui->pressed) {
        widget->drag = 0;
    } else if (widget->drag && gui->event.kind == ZF_EVENT_MOVE) {
        *to = pointed(gui, box, &now);
        gui->moving = true;
    }
    *to = *to < now.first ? now.first : *to > now.last ? now.last : *to;
    bool moved = *to != now.at;
    now.at = *to;
    draw(gui, box, &now, focused || widget->drag);
    if (focused) {
        zf_gui_ring(gui, box);
    }
    return moved;
}
