/*
 * The guest's time line, in instructions: where it is, and back to each that it has executed.
 */
#include "inspect/run_view.h"

#include <stdio.h>

/* 1234567 as 1,234,567. */
static void group(int64_t number, char *text, size_t size) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i && (length - i) % 3 == 0) {
            text[used++] = ',';
        }
        text[used++] = digits[i];
    }
    text[used] = 0;
}

static void go(struct zf_run_view *v, int64_t to) {
    zf_control_go(zf_watch_control(v->in->watch), to);
    v->in->soon = 4;
}

void zf_run_time(struct zf_run_view *v, struct zf_box box) {
    const struct zf_shot *shot = v->shot;
    char at[32], last[32], text[80];
    int64_t to;
    if (!shot->goes_back) {
        zf_gui_print(v->gui, box, ZF_FONT_TEXT, ZF_INK_MUTED, "%s", shot->no_way_back);
        return;
    }
    group(shot->at, at, sizeof at);
    group(shot->last, last, sizeof last);
    snprintf(text, sizeof text, "instruction %s of %s", at, last);
    int width = zf_gui_measure(v->gui, ZF_FONT_TEXT, "instruction 999,999,999 of 999,999,999");
    int needed = zf_gui_measure(v->gui, ZF_FONT_TEXT, text);
    struct zf_box label =
        zf_box_cut_left(&box, v->gui->metrics.paper || needed > width ? needed : width);
    zf_gui_text(v->gui, label, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_TEXT, text);
    zf_box_cut_left(&box, v->gui->metrics.pad_x);
    const struct zf_slider slider = {shot->first, shot->last, shot->at};
    if (zf_gui_slider(v->gui, "time", box, &slider, &to)) {
        go(v, to);
    }
    zf_gui_tip(v->gui, box,
               "drag: back to any instruction; with the focus, Left and Right by one, Page Up and "
               "Page Down by a twentieth");
}
