/*
 * The machines on a line of time and as a table; Space chooses those that the other views show.
 */
#include "inspect/inspector.h"

#include "gui/table.h"
#include "model/machine_text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_YEAR = 2000, LAST_YEAR = 2026, MONTHS = (LAST_YEAR - FIRST_YEAR) * 12 };

static int months_of(const char *announced) {
    return announced[0] ? (atoi(announced) - FIRST_YEAR) * 12 + atoi(announced + 5) - 1 : -1;
}

/* First of its type: the others are GA levels of it. */
static bool is_first(const struct zf_machine_type *machine) {
    return machine->own_ga == 1;
}

static unsigned ga_levels(const struct zf_machine_type *machine) {
    unsigned levels = 0;
    const struct zf_machine_type *other;
    for (unsigned i = 0; (other = zf_machine_at(i)); i++) {
        levels += other->type == machine->type;
    }
    return levels;
}

static int place_of(struct zf_box lane, const struct zf_machine_type *machine) {
    return lane.x + lane.w * months_of(machine->announced) / MONTHS;
}

/* The name is cut, and the number of GA levels left out, where the next one at `end` needs it. */
static void draw_machine(struct zf_inspector *in, struct zf_gui *gui, struct zf_box lane,
                         const struct zf_machine_type *machine, int end) {
    const struct zf_metrics *m = &gui->metrics;
    char text[64];
    unsigned levels = ga_levels(machine);
    bool chosen = zf_inspector_find(in, machine) >= 0;
    snprintf(text, sizeof text, "%s %s", chosen ? "●" : "○", zf_machine_short_name(machine));
    struct zf_box box = {place_of(lane, machine), lane.y, zf_gui_measure(gui, ZF_FONT_BOLD, text),
                         m->line};
    box.w = end <= box.x || box.x + box.w < end ? box.w : end - box.x;
    zf_gui_text(gui, box, ZF_LEFT, chosen ? ZF_FONT_BOLD : ZF_FONT_TEXT,
                chosen ? ZF_INK_ACCENT : ZF_INK_TEXT, text);
    struct zf_box after = {box.x + box.w + (m->pad_x + 1) / 2, lane.y, 0, m->line};
    snprintf(text, sizeof text, "%u", levels);
    after.w = zf_gui_measure(gui, ZF_FONT_SMALL, text);
    if (levels > 1 && after.x + after.w < end - m->pad_x / 2) {
        zf_gui_text(gui, after, ZF_LEFT, ZF_FONT_SMALL, ZF_INK_MUTED, text);
    }
    char tip[160];
    snprintf(tip, sizeof tip, "%s, announced %s, %u GA level%s", machine->title, machine->announced,
             levels, levels == 1 ? "" : "s");
    zf_gui_tip(gui, box, tip);
}

/* How many years apart their numbers have room. */
static int years_apart(const struct zf_gui *gui, struct zf_box axis) {
    int width = zf_gui_measure(gui, ZF_FONT_SMALL, "2000 "), years = 1;
    while (years < LAST_YEAR - FIRST_YEAR && axis.w * years / (LAST_YEAR - FIRST_YEAR) < width) {
        years++;
    }
    return years;
}

static void draw_axis(struct zf_gui *gui, struct zf_box axis) {
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box line = {axis.x, axis.y, axis.w, m->rule};
    const int years = m->cells ? 2 : years_apart(gui, axis);
    zf_gui_line(gui, line, ZF_INK_BAR);
    for (int year = FIRST_YEAR; year < LAST_YEAR; year += years) {
        struct zf_box label = {axis.x + axis.w * (year - FIRST_YEAR) / (LAST_YEAR - FIRST_YEAR),
                               axis.y + m->rule, axis.w / (LAST_YEAR - FIRST_YEAR) * 2, m->line};
        if (!m->cells) {
            zf_gui_fill(gui, (struct zf_box){label.x, axis.y, m->rule, m->line / 3}, ZF_INK_BAR);
        }
        zf_gui_print(gui, label, ZF_FONT_SMALL, ZF_INK_MUTED, "%d", year);
    }
}

static void draw_lane(struct zf_inspector *in, struct zf_gui *gui, struct zf_box lane,
                      enum zf_machine_class class) {
    const struct zf_machine_type *machine, *last = NULL;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        if (machine->class == class && is_first(machine) && machine->announced[0]) {
            if (last) {
                draw_machine(in, gui, lane, last, place_of(lane, machine));
            }
            last = machine;
        }
    }
    draw_machine(in, gui, lane, last, INT_MAX);
}

/* So that the name of the newest machine has room. */
static int width_of_last(const struct zf_gui *gui, int width) {
    int name = zf_gui_measure(gui, ZF_FONT_BOLD, "● ") +
               zf_gui_measure(gui, ZF_FONT_BOLD, zf_machine_short_name(zf_machine_newest()));
    int months = MONTHS - months_of(zf_machine_newest()->announced);
    int room = width * months / MONTHS;
    return name > room ? name - room : 0;
}

static struct zf_box time_line(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box area = zf_box_cut_top(&box, 3 * m->line + 5 * m->pad_y + m->rule);
    zf_gui_fill(gui, area, ZF_INK_PANEL);
    area = zf_box_inset(area, m->paper ? 0 : 2 * m->pad_x, m->pad_y);
    if (m->paper) {
        area.w = 150;
    }
    struct zf_box names =
        zf_box_cut_left(&area, zf_gui_measure(gui, ZF_FONT_SMALL, "large ") + m->pad_x);
    area.w -= m->cells ? 0 : width_of_last(gui, area.w);
    struct zf_box large = zf_box_cut_top(&area, m->line + m->pad_y);
    zf_gui_text(gui, (struct zf_box){names.x, large.y, names.w, m->line}, ZF_LEFT, ZF_FONT_SMALL,
                ZF_INK_MUTED, "large");
    draw_lane(in, gui, large, ZF_MACHINE_EC);
    struct zf_box small = zf_box_cut_top(&area, m->line + m->pad_y);
    zf_gui_text(gui, (struct zf_box){names.x, small.y, names.w, m->line}, ZF_LEFT, ZF_FONT_SMALL,
                ZF_INK_MUTED, "small");
    draw_lane(in, gui, small, ZF_MACHINE_BC);
    draw_axis(gui, area);
    return box;
}

enum { CHOSEN, NAME, TYPE, CLASS, GA, IBC, BASE, DEFAULT, FULL, ANNOUNCED, TITLE, ALSO, COLUMNS };

struct list {
    struct zf_inspector *in;
    const struct zf_machine_type *rows[64];
    int count;
};

static void find_machines(struct list *list) {
    const struct zf_machine_type *machine;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        char also[128], text[256];
        zf_machine_aliases(machine, also, sizeof also);
        snprintf(text, sizeof text, "%s %04x %s %s %s", zf_machine_short_name(machine),
                 machine->type, machine->title, machine->announced, also);
        if (zf_filter_matches(list->in->filter[ZF_VIEW_models], text)) {
            list->rows[list->count++] = machine;
        }
    }
}

static void print_number(struct zf_cell *cell, const char *format, unsigned value) {
    snprintf(cell->text, sizeof cell->text, format, value);
}

static void choose_cell(const struct list *list, const struct zf_machine_type *machine,
                        struct zf_cell *cell) {
    int at = zf_inspector_find(list->in, machine);
    bool active = at >= 0 && (unsigned)at == list->in->active;
    snprintf(cell->text, sizeof cell->text, "%s", active ? "◉" : at >= 0 ? "●" : "○");
    cell->value = at >= 0 ? "yes" : "no";
    cell->ink = at >= 0 ? ZF_INK_ACCENT : ZF_INK_MUTED;
}

static void machine_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct list *list = context;
    const struct zf_machine_type *machine = list->rows[row];
    uint16_t ibc = zf_machine_ibc(machine);
    snprintf(cell->detail, sizeof cell->detail,
             "%s: Space selects it for the other views, Enter makes it active", machine->title);
    cell->ink = column == NAME || column == TITLE ? ZF_INK_TEXT : ZF_INK_MUTED;
    switch (column) {
    case CHOSEN:
        choose_cell(list, machine, cell);
        break;
    case NAME:
        snprintf(cell->text, sizeof cell->text, "%s", zf_machine_short_name(machine));
        cell->value = machine->name;
        cell->bold = zf_inspector_find(list->in, machine) >= 0;
        break;
    case TYPE:
        print_number(cell, "%04x", machine->type);
        break;
    case CLASS:
        snprintf(cell->text, sizeof cell->text, "%s",
                 machine->class == ZF_MACHINE_EC ? "large" : "small");
        break;
    case GA:
        print_number(cell, "%u", machine->own_ga);
        break;
    case IBC:
        print_number(cell, ibc ? "0x%03x" : "–", ibc);
        break;
    case BASE:
    case DEFAULT:
    case FULL:
        print_number(cell, "%u", zf_machine_set_size(machine, ZF_MODEL_BASE + (column - BASE)));
        break;
    case ANNOUNCED:
        snprintf(cell->text, sizeof cell->text, "%s",
                 machine->announced[0] ? machine->announced : "–");
        break;
    case TITLE:
        snprintf(cell->text, sizeof cell->text, "%s", machine->title);
        break;
    default:
        zf_machine_aliases(machine, cell->text, sizeof cell->text);
        break;
    }
}

static void toggle(struct zf_inspector *in, const struct zf_machine_type *machine) {
    int at = zf_inspector_find(in, machine);
    struct zf_error err = {0};
    if (at >= 0) {
        zf_inspector_remove(in, (unsigned)at);
    } else if (zf_inspector_add(in, zf_machine_short_name(machine), &err) != ZF_OK) {
        snprintf(in->message, sizeof in->message, "%.199s", err.message);
    }
}

static void activate(struct zf_inspector *in, const struct zf_machine_type *machine) {
    if (zf_inspector_find(in, machine) < 0) {
        toggle(in, machine);
    }
    int at = zf_inspector_find(in, machine);
    if (at >= 0) {
        in->active = (unsigned)at;
    }
}

void zf_view_models(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column columns[COLUMNS] = {
        [CHOSEN] = {"", "chosen", 2, ZF_CENTRE, ZF_FONT_MARK},
        [NAME] = {"model", "model", 9, ZF_LEFT, ZF_FONT_TEXT},
        [TYPE] = {"type", "type", 5, ZF_LEFT, ZF_FONT_MONO},
        [CLASS] = {"class", "class", 6, ZF_LEFT, ZF_FONT_TEXT},
        [GA] = {"GA", "ga", 3, ZF_RIGHT, ZF_FONT_MONO},
        [IBC] = {"IBC", "ibc", 6, ZF_RIGHT, ZF_FONT_MONO},
        [BASE] = {"base", "base", 5, ZF_RIGHT, ZF_FONT_MONO},
        [DEFAULT] = {"default", "default", 7, ZF_RIGHT, ZF_FONT_MONO},
        [FULL] = {"full", "full", 5, ZF_RIGHT, ZF_FONT_MONO},
        [ANNOUNCED] = {"announced", "announced", 9, ZF_LEFT, ZF_FONT_MONO},
        [TITLE] = {"machine", "machine", 25, ZF_LEFT, ZF_FONT_TEXT},
        [ALSO] = {"also called", "aliases", 22, ZF_LEFT, ZF_FONT_TEXT},
    };
    struct list list = {.in = in};
    char note[120];
    find_machines(&list);
    box = time_line(in, gui, box);
    box = zf_gui_below(gui, box);
    snprintf(note, sizeof note,
             "%u selected  ·  numbers on the line: GA levels; base, default, full: features in "
             "these sets",
             in->count);
    box = zf_view_filter(in, gui, box, ZF_VIEW_models, "filter: name, type, year", note);
    struct zf_table table = {.name = "machines",
                             .columns = columns,
                             .column_count = COLUMNS,
                             .sticky = 2,
                             .rows = list.count,
                             .empty = "no machine matches; Esc clears the filter",
                             .cell = machine_cell,
                             .context = &list};
    struct zf_table_event event = zf_gui_table(gui, &table, box);
    if (event.row >= 0 && event.toggled) {
        toggle(in, list.rows[event.row]);
    } else if (event.row >= 0 && event.activated) {
        activate(in, list.rows[event.row]);
    }
}
