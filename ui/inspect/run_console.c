/*
 * What a guest has written, and a line for what it is to read.
 */
#include "inspect/run_view.h"

#include "gui/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Line `row` of the console, counted from its beginning. */
static const char *console_line(const struct zf_shot *shot, int row, size_t *length) {
    const char *text = shot->console, *end = text + shot->console_length;
    for (; row > 0 && text < end; row--) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        text = newline ? newline + 1 : end;
    }
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    *length = (size_t)((newline ? newline : end) - text);
    return text;
}

static void console_cell(void *context, int row, int column, struct zf_cell *cell) {
    size_t length;
    const char *line = console_line(((const struct zf_run_view *)context)->shot, row, &length);
    for (size_t i = 0; i < length && i + 1 < sizeof cell->text; i++) {
        cell->text[i] = isprint((unsigned char)line[i]) ? line[i] : ' ';
        cell->text[i + 1] = 0;
    }
}

/* A line for the guest. It is sent, with the end of the line, by Enter. */
static void draw_input(struct zf_run_view *v, struct zf_box box) {
    struct zf_inspector *in = v->in;
    bool focused = v->gui->focus == zf_gui_id(v->gui, "input");
    if (focused && zf_gui_key(v->gui, ZF_KEY_ENTER, 0)) {
        char line[sizeof in->input + 1];
        snprintf(line, sizeof line, "%s\n", in->input);
        if (zf_control_input(zf_watch_control(in->watch), line, strlen(line))) {
            in->input[0] = 0;
        } else {
            snprintf(in->message, sizeof in->message, "the guest has not read the input");
        }
        in->soon = 4;
    }
    zf_gui_field(v->gui, "input", box, in->input, sizeof in->input, "input, then Enter");
}

void zf_run_console(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column columns[] = {{"console", "console", 120, ZF_LEFT, ZF_FONT_MONO}};
    int lines = v->shot->console_length > 0;
    for (size_t i = 0; i + 1 < v->shot->console_length; i++) {
        lines += v->shot->console[i] == '\n';
    }
    struct zf_table table = {.name = "console",
                             .columns = columns,
                             .column_count = 1,
                             .rows = lines,
                             .ordered = true,
                             .dense = true,
                             .empty =
                                 v->shot->state == ZF_WATCH_ENDED ? "no output" : "no output yet",
                             .cell = console_cell,
                             .context = v};
    struct zf_box field = {0};
    if (!v->gui->metrics.paper) {
        field = zf_box_cut_bottom(&box, v->gui->metrics.row + v->gui->metrics.pad_y);
    }
    zf_gui_table(v->gui, &table, box);
    if (!v->gui->metrics.paper) {
        draw_input(v, field);
    }
}
