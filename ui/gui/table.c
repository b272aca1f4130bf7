/*
 * The table: columns that are dragged, rows that are scrolled and chosen, sticky columns; what is
 * in the cells is asked for one by one, of those that are seen.
 */
#include "gui/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where things are in this frame. */
struct layout {
    struct zf_gui *gui;
    const struct zf_table *table;
    struct zf_widget *widget;
    struct zf_box head, body; /* body: without the bar */
    int width[ZF_GUI_COLUMNS];
    int sticky_width, scrolled_width; /* sums */
    int row;                          /* height of one */
    int visible;                      /* whole rows */
    int *order;                       /* rows as they are shown; NULL: as they are */
    bool focused;
};

static int columns_of(const struct zf_table *table) {
    return table->column_count < ZF_GUI_COLUMNS ? table->column_count : ZF_GUI_COLUMNS;
}

static int row_at(const struct layout *l, int row) {
    return l->order ? l->order[row] : row;
}

/* Of the row that is shown as `row`. */
static void get_cell(const struct layout *l, int row, int column, struct zf_cell *cell) {
    cell->text[0] = 0;
    cell->detail[0] = 0;
    cell->value = NULL;
    cell->ink = ZF_INK_TEXT;
    cell->bold = cell->group = false;
    l->table->cell(l->table->context, row_at(l, row), column, cell);
}

static enum zf_font font_of(const struct zf_column *column, bool bold) {
    if (!bold) {
        return column->font;
    }
    return column->font == ZF_FONT_MONO ? ZF_FONT_MONO_BOLD : ZF_FONT_BOLD;
}

/* A column's title with the mark of the sorted one. */
static void title_of(const struct layout *l, int column, char title[64]) {
    int sort = l->widget->sort;
    snprintf(title, 64, "%s%s", l->table->columns[column].title,
             sort == column + 1    ? " ▲"
             : sort == -column - 1 ? " ▼"
                                   : "");
}

/* What the cells of rows from `first` to `last` need. */
static int natural_width(const struct layout *l, int column, int first, int last) {
    struct zf_cell cell;
    char title[64];
    title_of(l, column, title);
    enum zf_font head = l->gui->metrics.paper ? ZF_FONT_TEXT : ZF_FONT_BOLD;
    int width = zf_gui_measure(l->gui, head, title);
    for (int row = first; row < last && row < l->table->rows; row++) {
        get_cell(l, row, column, &cell);
        enum zf_font font = font_of(&l->table->columns[column], cell.bold);
        int w = cell.group ? 0 : zf_gui_measure(l->gui, font, cell.text);
        width = w > width ? w : width;
    }
    return width + 2 * l->gui->metrics.pad_x;
}

/* Gives `room` to the columns that want to be wider, to each alike; returns what is left. */
static int grow(struct layout *l, const int *want, int room) {
    int wanting = columns_of(l->table);
    while (wanting > 0 && room >= wanting) {
        int share = room / wanting;
        wanting = 0;
        for (int i = 0; i < columns_of(l->table); i++) {
            int more = want[i] - l->width[i];
            more = more < 0 ? 0 : more < share ? more : share;
            l->width[i] += more;
            room -= more;
            wanting += l->width[i] < want[i];
        }
    }
    return room;
}

/*
 * Columns begin as narrow as their cells in sight allow, at most as wide as the application says;
 * then they take what room there is, first for text that would be cut. What a column needed once
 * is remembered, so that scrolling does not move it.
 */
static void fit_columns(struct layout *l, int room) {
    int natural[ZF_GUI_COLUMNS], said[ZF_GUI_COLUMNS], first = l->widget->scroll_y;
    bool same = l->widget->rows == l->table->rows;
    l->widget->rows = l->table->rows;
    for (int i = 0; i < columns_of(l->table); i++) {
        const struct zf_column *column = &l->table->columns[i];
        int now = natural_width(l, i, first, first + l->visible + 1);
        int before = same ? l->widget->widest[i] : 0;
        natural[i] = now > before ? now : before;
        l->widget->widest[i] = (int16_t)(natural[i] < INT16_MAX ? natural[i] : INT16_MAX);
        said[i] =
            column->width * zf_gui_measure(l->gui, column->font, "0") + 2 * l->gui->metrics.pad_x;
        l->width[i] = natural[i] < said[i] ? natural[i] : said[i];
        if (l->widget->width[i]) {
            l->width[i] = natural[i] = said[i] = l->widget->width[i];
        }
        room -= l->width[i];
    }
    grow(l, said, grow(l, natural, room));
}

static void measure_columns(struct layout *l, int room) {
    if (!l->gui->metrics.paper) {
        fit_columns(l, room);
    }
    for (int i = 0; i < columns_of(l->table); i++) {
        if (l->gui->metrics.paper) {
            l->width[i] = natural_width(l, i, 0, l->table->rows);
        }
        *(i < l->table->sticky ? &l->sticky_width : &l->scrolled_width) += l->width[i];
    }
}

static int limited(int value, int low, int high) {
    return value > high ? (high < low ? low : high) : value < low ? low : value;
}

static void move_cursor(struct layout *l) {
    struct zf_gui *gui = l->gui;
    struct zf_widget *w = l->widget;
    int row = w->row, column = w->column, page = l->visible > 1 ? l->visible - 1 : 1;
    bool cells = l->table->by_cell;
    if (zf_gui_key(gui, ZF_KEY_UP, 0)) {
        w->row--;
    } else if (zf_gui_key(gui, ZF_KEY_DOWN, 0)) {
        w->row++;
    } else if (zf_gui_key(gui, ZF_KEY_PAGE_UP, 0)) {
        w->row -= page;
    } else if (zf_gui_key(gui, ZF_KEY_PAGE_DOWN, 0)) {
        w->row += page;
    } else if (zf_gui_key(gui, ZF_KEY_HOME, cells ? ZF_CTRL : 0)) {
        w->row = 0;
    } else if (zf_gui_key(gui, ZF_KEY_END, cells ? ZF_CTRL : 0)) {
        w->row = l->table->rows - 1;
    } else if (zf_gui_key(gui, ZF_KEY_LEFT, 0)) {
        *(cells ? &w->column : &w->scroll_x) -= cells ? 1 : 4 * gui->metrics.pad_x;
    } else if (zf_gui_key(gui, ZF_KEY_RIGHT, 0)) {
        *(cells ? &w->column : &w->scroll_x) += cells ? 1 : 4 * gui->metrics.pad_x;
    } else if (cells && zf_gui_key(gui, ZF_KEY_HOME, 0)) {
        w->column = 0;
    } else if (cells && zf_gui_key(gui, ZF_KEY_END, 0)) {
        w->column = l->table->column_count - 1;
    }
    if (w->row != row || w->column != column) {
        w->seen = false;
        gui->moving = true;
    }
}

static void scroll_by_wheel(struct layout *l) {
    struct zf_gui *gui = l->gui;
    if (gui->event.kind == ZF_EVENT_WHEEL && zf_gui_hovers(gui, l->body)) {
        bool sideways = gui->event.modifiers & ZF_SHIFT;
        l->widget->scroll_y -= sideways ? 0 : gui->event.wheel_y * 3;
        l->widget->scroll_x += (gui->event.wheel_x - (sideways ? gui->event.wheel_y : 0)) * 40;
        gui->event.kind = ZF_EVENT_NONE;
        gui->moving = true;
    }
}

/* Left edge of a column on the page. */
static int column_x(const struct layout *l, int column) {
    int x = l->body.x - (column >= l->table->sticky ? l->widget->scroll_x : 0);
    for (int i = 0; i < column; i++) {
        x += l->width[i];
    }
    return x;
}

/* Brings the cursor into sight after it was moved; after scrolling it may stay out of sight. */
static void show_cursor(struct layout *l) {
    struct zf_widget *w = l->widget;
    int last = l->table->rows - 1;
    w->row = limited(w->row, 0, last < 0 ? 0 : last);
    w->column = limited(w->column, 0, l->table->column_count - 1);
    if (!w->seen) {
        w->scroll_y = limited(w->scroll_y, w->row - l->visible + 1, w->row);
        if (l->table->by_cell && w->column >= l->table->sticky) {
            int x = column_x(l, w->column) + w->scroll_x - l->body.x - l->sticky_width;
            int room = l->body.w - l->sticky_width;
            w->scroll_x = limited(w->scroll_x, x + l->width[w->column] - room, x);
        }
        w->seen = true;
    }
    w->scroll_y = limited(w->scroll_y, 0, l->table->rows - l->visible);
    w->scroll_x = limited(w->scroll_x, 0, l->scrolled_width + l->sticky_width - l->body.w);
}

/* The border right of column `i` can be dragged. */
static void drag_border(struct layout *l, int i, struct zf_box cell) {
    struct zf_gui *gui = l->gui;
    struct zf_widget *w = l->widget;
    int grip = gui->metrics.pad_x / 2 + 1;
    struct zf_box hold = {cell.x + cell.w - grip, cell.y, 2 * grip, cell.h};
    if (gui->metrics.cells) {
        return;
    }
    if (zf_gui_clicked(gui, hold)) {
        w->drag = i + 1;
        w->drag_from = gui->mouse_x - l->width[i];
    }
    if (!gui->pressed) {
        w->drag = 0;
    } else if (w->drag == i + 1 && gui->event.kind == ZF_EVENT_MOVE) {
        w->width[i] = (int16_t)limited(gui->mouse_x - w->drag_from, gui->metrics.line, 2000);
        gui->moving = true;
    }
    if (zf_gui_hovers(gui, hold) || w->drag == i + 1) {
        zf_gui_fill(gui, (struct zf_box){cell.x + cell.w - 2, cell.y, 2, cell.h}, ZF_INK_RING);
    }
}

/* The part of a box for text within the table: so that one sees that the text goes on. */
static struct zf_box seen_part(const struct layout *l, int column, struct zf_box box) {
    int edge = l->body.x + l->body.w - l->gui->metrics.pad_x;
    if (!l->gui->metrics.paper && l->table->columns[column].align == ZF_LEFT &&
        box.x + box.w > edge) {
        box.w = edge - box.x;
    }
    return box;
}

/* By that column or, when it is so already, the other way round. The rows move at the next pass. */
static void sort_by(struct layout *l, int column) {
    l->widget->sort = l->widget->sort == column + 1 ? -column - 1 : column + 1;
    l->widget->row = 0;
    l->widget->seen = false;
    l->gui->moving = true;
}

static void draw_head(struct layout *l, int from, int to) {
    struct zf_gui *gui = l->gui;
    for (int i = from; i < to; i++) {
        const struct zf_column *column = &l->table->columns[i];
        struct zf_box cell = {column_x(l, i), l->head.y, l->width[i], l->head.h};
        if (cell.x > l->head.x + l->head.w) {
            break;
        }
        bool here = l->table->by_cell && l->focused && i == l->widget->column;
        char title[64];
        drag_border(l, i, cell);
        if (!l->table->ordered && zf_gui_clicked(gui, cell)) {
            sort_by(l, i);
        }
        struct zf_box text = seen_part(l, i, zf_box_inset(cell, gui->metrics.pad_x, 0));
        title_of(l, i, title);
        zf_gui_text(gui, text, column->align, ZF_FONT_BOLD, here ? ZF_INK_ACCENT : ZF_INK_MUTED,
                    title);
        if (zf_gui_measure(gui, ZF_FONT_BOLD, title) > text.w) {
            zf_gui_tip(gui, cell, column->title);
        }
    }
}

static void click_cell(struct layout *l, int row, int column, struct zf_box box,
                       struct zf_table_event *event) {
    struct zf_gui *gui = l->gui;
    int clicks = gui->event.clicks;
    if (zf_gui_clicked(gui, box)) {
        l->widget->row = row;
        l->widget->column = column;
        event->activated |= clicks == 2;
        gui->moving = true;
    }
}

static void draw_cell(struct layout *l, int row, int column, struct zf_box box,
                      struct zf_table_event *event) {
    struct zf_gui *gui = l->gui;
    struct zf_cell cell;
    click_cell(l, row, column, box, event);
    bool cursor = row == l->widget->row && (!l->table->by_cell || column == l->widget->column);
    bool hovered = gui->mouse_x >= 0 && zf_gui_hovers(gui, box);
    get_cell(l, row, column, &cell);
    struct zf_box inner = seen_part(l, column, zf_box_inset(box, gui->metrics.pad_x, 0));
    enum zf_font font = font_of(&l->table->columns[column], cell.bold);
    bool cut = !cell.group && zf_gui_measure(gui, font, cell.text) > inner.w;
    if (!cell.group) {
        zf_gui_text(gui, inner, l->table->columns[column].align, font, cell.ink, cell.text);
    }
    if (cursor && l->focused) {
        zf_gui_detail(gui, cut ? cell.text : "");
        zf_gui_detail(gui, cell.detail);
    }
    if (hovered) {
        char tip[sizeof cell.text + sizeof cell.detail + 2];
        snprintf(tip, sizeof tip, "%s%s%s", cut ? cell.text : "", cut && cell.detail[0] ? "; " : "",
                 cell.detail);
        zf_gui_tip(gui, box, tip);
    }
    if (cursor && l->table->by_cell && l->focused) {
        zf_gui_ring(gui, box);
    }
}

static void draw_row(struct layout *l, int row, int from, int to, struct zf_table_event *event) {
    struct zf_box line = {l->body.x, 0, l->body.w, l->row};
    line.y = l->body.y + (row - l->widget->scroll_y) * l->row;
    int x = column_x(l, from);
    for (int i = from; i < to && x < line.x + line.w; i++) {
        struct zf_box box = {x, line.y, l->width[i], line.h};
        x += l->width[i];
        if (x > l->body.x) {
            draw_cell(l, row, i, box, event);
        }
    }
}

static void draw_row_back(struct layout *l, int row) {
    struct zf_gui *gui = l->gui;
    struct zf_box line = {l->body.x, 0, l->body.w, l->row};
    line.y = l->body.y + (row - l->widget->scroll_y) * l->row;
    if (row == l->widget->row) {
        zf_gui_fill(gui, line, l->focused ? ZF_INK_SELECT : ZF_INK_HOVER);
    } else if (zf_gui_hovers(gui, line)) {
        zf_gui_fill(gui, line, ZF_INK_HOVER);
    } else if (row & 1) {
        zf_gui_fill(gui, line, ZF_INK_STRIPE);
    }
    struct zf_cell cell;
    get_cell(l, row, 0, &cell);
    if (cell.group) {
        zf_gui_text(gui, zf_box_inset(line, gui->metrics.pad_x, 0), ZF_LEFT, ZF_FONT_BOLD, cell.ink,
                    cell.text);
    }
}

/* The columns from `from` to `to`, seen in `area` only. */
static void draw_columns(struct layout *l, struct zf_box area, int from, int to,
                         struct zf_table_event *event) {
    struct zf_gui *gui = l->gui;
    struct zf_box before = zf_gui_clip(gui, area);
    draw_head(l, from, to);
    zf_gui_unclip(gui, before);
    area.h -= l->head.h;
    area.y += l->head.h;
    before = zf_gui_clip(gui, area);
    int first = l->widget->scroll_y, last = first + l->visible + 1;
    for (int row = first; row < l->table->rows && row < last; row++) {
        draw_row(l, row, from, to, event);
    }
    zf_gui_unclip(gui, before);
}

static int bar_width(const struct zf_gui *gui) {
    return gui->metrics.pad_x * 3 / 4;
}

static void draw_bar(struct layout *l) {
    struct zf_gui *gui = l->gui;
    int rows = l->table->rows, width = bar_width(gui);
    if (gui->metrics.cells || rows <= l->visible || l->body.h <= 0) {
        return;
    }
    struct zf_box rail = {l->body.x + l->body.w - width, l->body.y, width, l->body.h};
    struct zf_box thumb = rail;
    thumb.h = limited(rail.h * l->visible / rows, gui->metrics.line, rail.h);
    thumb.y += (rail.h - thumb.h) * l->widget->scroll_y / (rows - l->visible);
    uint32_t id = l->widget->id;
    if (gui->event.kind == ZF_EVENT_PRESS && zf_gui_hovers(gui, rail)) {
        gui->event.kind = ZF_EVENT_NONE;
        l->widget->drag = -1;
        gui->capture = id;
    }
    if (!gui->pressed && l->widget->drag == -1) {
        l->widget->drag = 0;
    }
    if (l->widget->drag == -1 && rail.h > thumb.h) {
        int at = gui->mouse_y - rail.y - thumb.h / 2;
        l->widget->scroll_y =
            limited(at * (rows - l->visible) / (rail.h - thumb.h), 0, rows - l->visible);
        gui->moving = true;
    }
    zf_gui_fill(gui, zf_box_inset(thumb, 1, 1), ZF_INK_BAR);
}

static void tell_sink(struct zf_sink *sink, const struct layout *l) {
    sink->begin(sink, l->table);
    for (int row = 0; row < l->table->rows; row++) {
        sink->row(sink, l->table, row_at(l, row));
    }
    sink->end(sink, l->table);
}

static void lay_out(struct layout *l, struct zf_box box) {
    const struct zf_metrics *m = &l->gui->metrics;
    l->row = l->table->dense ? m->line : m->row;
    l->head = zf_box_cut_top(&box, m->row + (m->cells || l->table->dense ? 0 : m->pad_y));
    l->visible = m->paper ? l->table->rows : box.h / l->row;
    l->visible = l->visible < 1 ? 1 : l->visible;
    bool bar = !m->cells && l->table->rows > l->visible;
    measure_columns(l, box.w - (bar ? bar_width(l->gui) : 0));
    if (m->paper) {
        box.w = l->head.w = l->sticky_width + l->scrolled_width;
    }
    l->body = box;
    if (m->paper) {
        l->body.h = l->table->rows;
        l->widget->scroll_x = l->widget->scroll_y = 0;
    }
}

static void sort_by_key(struct layout *l) {
    int sort = l->widget->sort, columns = columns_of(l->table);
    if (l->table->ordered) {
        return;
    }
    if (zf_gui_typed(l->gui, "s")) {
        sort = (sort < 0 ? -sort : sort) + 1;
        l->widget->sort = sort > columns ? 0 : sort;
    } else if (zf_gui_typed(l->gui, "S")) {
        l->widget->sort = -sort;
    }
}

static void handle_event(struct layout *l, struct zf_table_event *event) {
    if (l->focused) {
        move_cursor(l);
        event->activated = zf_gui_key(l->gui, ZF_KEY_ENTER, 0);
        event->toggled = zf_gui_typed(l->gui, " ");
        sort_by_key(l);
    }
    scroll_by_wheel(l);
    show_cursor(l);
}

static void draw_table(struct layout *l, struct zf_table_event *event) {
    struct zf_gui *gui = l->gui;
    const struct zf_table *table = l->table;
    struct zf_box all = {l->head.x, l->head.y, l->body.w, l->head.h + l->body.h};
    zf_gui_fill(gui, l->head, ZF_INK_HEADER);
    draw_bar(l);
    struct zf_box before = zf_gui_clip(gui, l->body);
    for (int i = 0; i <= l->visible && l->widget->scroll_y + i < table->rows; i++) {
        draw_row_back(l, l->widget->scroll_y + i);
    }
    zf_gui_unclip(gui, before);
    int sticky = table->sticky < columns_of(table) ? table->sticky : columns_of(table);
    struct zf_box left = all, right = all;
    left.w = l->sticky_width < all.w ? l->sticky_width : all.w;
    right.x += left.w;
    right.w -= left.w;
    draw_columns(l, left, 0, sticky, event);
    draw_columns(l, right, sticky, columns_of(table), event);
    if (sticky && l->widget->scroll_x > 0) {
        zf_gui_line(gui, (struct zf_box){right.x, all.y, gui->metrics.rule, all.h}, ZF_INK_BAR);
    }
    if (table->rows == 0 && table->empty) {
        struct zf_box line = {l->body.x, l->body.y, l->body.w, gui->metrics.row};
        zf_gui_text(gui, zf_box_inset(line, gui->metrics.pad_x, 0), ZF_LEFT, ZF_FONT_TEXT,
                    ZF_INK_MUTED, table->empty);
    }
    draw_bar(l);
    if (l->focused) {
        zf_gui_ring(gui, all);
    }
}

struct zf_table_event zf_gui_table(struct zf_gui *gui, const struct zf_table *table,
                                   struct zf_box box) {
    uint32_t id = zf_gui_id(gui, table->name);
    struct layout l = {.gui = gui, .table = table, .widget = zf_gui_widget(gui, id)};
    struct zf_table_event event = {.row = -1};
    box = zf_gui_below(gui, box);
    l.order = zf_table_order(table, l.widget->sort);
    if (gui->sink) {
        tell_sink(gui->sink, &l);
    }
    lay_out(&l, box);
    if (gui->focus == 0) {
        gui->focus = id; /* a view begins at its first table */
    }
    l.focused = zf_gui_focusable(gui, id, box);
    handle_event(&l, &event);
    draw_table(&l, &event);
    event.focused = l.focused;
    event.row = table->rows ? row_at(&l, l.widget->row) : -1;
    event.column = l.widget->column;
    free(l.order);
    return event;
}

void zf_gui_table_go(struct zf_gui *gui, const char *name, int row) {
    struct zf_widget *widget = zf_gui_widget(gui, zf_gui_id(gui, name));
    widget->row = row;
    widget->seen = false;
}
