#include "inspect/fact.h"

#include <stdarg.h>
#include <stdio.h>

void zf_fact(struct zf_gui *gui, struct zf_box *box, const char *label, enum zf_ink ink,
             const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int indent = zf_gui_measure(gui, ZF_FONT_TEXT, "0") * 13;
    struct zf_box line = *box;
    zf_gui_text(gui, (struct zf_box){line.x, line.y, indent, gui->metrics.line}, ZF_LEFT,
                ZF_FONT_TEXT, ZF_INK_MUTED, label);
    zf_box_cut_left(&line, indent);
    int used = zf_gui_paragraph(gui, line, ZF_FONT_TEXT, ink, text[0] ? text : "–");
    zf_box_cut_top(box, used + gui->metrics.pad_y / 2);
}

bool zf_view_ask_file(struct zf_gui *gui, struct zf_box box, const char *title, const char *text,
                      char *path, size_t size) {
    const struct zf_metrics *m = &gui->metrics;
    box = zf_box_inset(box, m->paper ? 0 : 2 * m->pad_x, m->paper ? 0 : 2 * m->pad_y);
    zf_gui_text(gui, zf_box_cut_top(&box, m->row), ZF_LEFT, ZF_FONT_TITLE, ZF_INK_TEXT, title);
    int used = zf_gui_paragraph(gui, box, ZF_FONT_TEXT, ZF_INK_MUTED, text);
    zf_box_cut_top(&box, used + m->pad_y);
    if (m->paper) {
        return false;
    }
    bool here = gui->focus == 0 || gui->focus == zf_gui_id(gui, "file");
    if (gui->focus == 0) {
        zf_gui_focus(gui, zf_gui_id(gui, "file"));
    }
    bool enter = here && zf_gui_key(gui, ZF_KEY_ENTER, 0);
    zf_gui_field(gui, "file", zf_box_cut_top(&box, m->row + m->pad_y), path, size,
                 "file, then Enter; Alt with a number: other views");
    return enter;
}
