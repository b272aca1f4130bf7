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
