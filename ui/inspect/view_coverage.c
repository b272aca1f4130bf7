/*
 * Coverage: of which facilities' instructions, forms and function codes what share was executed,
 * by model, out of counts of executions; and what never was, of the cell that has the cursor.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"

#include "check/document.h"
#include "gui/table.h"
#include "mix/mix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256, COLUMN_BIT = 0, COLUMN_NAME, FIXED };

/* Members of what zf_mix_coverage() makes: lists of parts, or a part. */
enum part_of { INSTRUCTIONS, FACILITIES, FORMS, FUNCTIONS, PARTS };
static const char *const members[PARTS] = {"instructions", "facilities", "forms", "functions"};

struct coverage_row {
    enum part_of of;
    int bit;   /* of a facility; otherwise -1 */
    int order; /* of rows without one */
    char name[80];
};

struct coverage {
    struct zf_inspector *in;
    struct coverage_row rows[ROWS];
    int count;
};

static json_t *coverage_of(struct zf_inspector *in, unsigned model) {
    if (in->coverage_revision != in->revision) {
        zf_inspector_forget_coverage(in);
        in->coverage_revision = in->revision;
    }
    if (!in->coverage[model]) {
        in->coverage[model] = zf_mix_coverage(in->counts, &in->chosen[model].gate);
    }
    return in->coverage[model];
}

static int bit_of(const json_t *part) {
    const json_t *bit = json_object_get(part, "facility");
    return json_is_integer(bit) ? (int)json_integer_value(bit) : -1;
}

static int compare_rows(const void *a, const void *b) {
    const struct coverage_row *p = a, *q = b;
    int by_bit = p->bit != q->bit ? p->bit - q->bit : p->order - q->order;
    return p->of != q->of ? (int)p->of - (int)q->of : by_bit;
}

static void add_row(struct coverage *c, enum part_of of, int bit, const char *name) {
    char text[120];
    for (int i = 0; i < c->count; i++) {
        if (c->rows[i].of == of && !strcmp(c->rows[i].name, name)) {
            return;
        }
    }
    snprintf(text, sizeof text, "%d #%d %s", bit, bit, name);
    if (c->count < ROWS &&
        zf_filter_matches(c->in->filter[ZF_VIEW_coverage], bit < 0 ? name : text)) {
        struct coverage_row *row = &c->rows[c->count++];
        *row = (struct coverage_row){.of = of, .bit = bit, .order = c->count};
        snprintf(row->name, sizeof row->name, "%s", name);
    }
}

static void collect(struct coverage *c) {
    for (unsigned model = 0; model < c->in->count; model++) {
        const json_t *all = coverage_of(c->in, model);
        add_row(c, INSTRUCTIONS, -1, "all instructions");
        add_row(c, FORMS, -1, "values of fields that came later");
        for (int of = 0; of < PARTS; of++) {
            const json_t *list = json_object_get(all, members[of]);
            for (size_t i = 0; json_is_array(list) && i < json_array_size(list); i++) {
                const json_t *part = json_array_get(list, i);
                char name[80];
                snprintf(name, sizeof name, "%s%s", zf_text_of(part, "name"),
                         of == FUNCTIONS ? " function codes" : "");
                add_row(c, (enum part_of)of, bit_of(part), name);
            }
        }
    }
    qsort(c->rows, (size_t)c->count, sizeof c->rows[0], compare_rows);
}

/* What of a row a model has, or NULL: it has nothing of it. */
static const json_t *part_at(const struct coverage *c, int row, unsigned model) {
    const struct coverage_row *r = &c->rows[row];
    const json_t *found = json_object_get(coverage_of(c->in, model), members[r->of]);
    for (size_t i = 0; json_is_array(found) && i < json_array_size(found); i++) {
        const json_t *part = json_array_get(found, i);
        const char *name = zf_text_of(part, "name");
        if (r->of == FACILITIES
                ? bit_of(part) == r->bit
                : !strncmp(r->name, name, strlen(name)) && r->name[strlen(name)] == ' ') {
            return part;
        }
    }
    return json_is_object(found) ? found : NULL;
}

static int number_of(const json_t *part, const char *key) {
    return (int)json_integer_value(json_object_get(part, key));
}

/* The marks differ in shape, so that colour is not needed to tell them apart. */
static void share_cell(const json_t *part, struct zf_cell *cell) {
    int executed = number_of(part, "executed"), total = number_of(part, "total");
    if (!part || !total) {
        snprintf(cell->text, sizeof cell->text, "·");
        cell->ink = ZF_INK_MUTED;
        cell->value = "";
        return;
    }
    bool all = executed == total;
    snprintf(cell->text, sizeof cell->text, "%s %d/%d",
             all        ? "●"
             : executed ? "◐"
                        : "○",
             executed, total);
    cell->ink = all ? ZF_INK_GREEN : executed ? ZF_INK_BLUE : ZF_INK_ORANGE;
    snprintf(cell->detail, sizeof cell->detail, "%d of %d executed", executed, total);
}

static void coverage_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct coverage *c = context;
    const struct coverage_row *r = &c->rows[row];
    if (column == COLUMN_BIT) {
        snprintf(cell->text, sizeof cell->text, "%.0d", r->bit < 0 ? 0 : r->bit);
        cell->ink = ZF_INK_MUTED;
    } else if (column == COLUMN_NAME) {
        snprintf(cell->text, sizeof cell->text, "%s", r->name);
        cell->bold = r->of == INSTRUCTIONS;
    } else {
        share_cell(part_at(c, row, (unsigned)(column - FIXED)), cell);
    }
}

static void draw_names(struct zf_gui *gui, struct zf_box *box, const char *label,
                       const json_t *names) {
    char text[6000];
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(names) && used < sizeof text - 40; i++) {
        const json_t *name = json_array_get(names, i);
        const char *blank = i ? " " : "";
        used += json_is_integer(name) ? (size_t)snprintf(text + used, sizeof text - used, "%s%d",
                                                         blank, (int)json_integer_value(name))
                                      : (size_t)snprintf(text + used, sizeof text - used, "%s%.30s",
                                                         blank, json_string_value(name));
    }
    if (used) {
        zf_fact(gui, box, label, ZF_INK_TEXT, "%s", text);
    }
}

static void draw_part(const struct coverage *c, struct zf_gui *gui, struct zf_box box, int row,
                      unsigned model) {
    const json_t *part = part_at(c, row, model);
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    box = zf_gui_heading(gui, box, c->in->chosen[model].title, c->rows[row].name);
    box = zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, 0);
    if (!part) {
        zf_fact(gui, &box, "executed", ZF_INK_MUTED, "nothing of it is on this model");
        return;
    }
    zf_fact(gui, &box, "executed", ZF_INK_TEXT, "%d of %d", number_of(part, "executed"),
            number_of(part, "total"));
    draw_names(gui, &box, "never", json_object_get(part, "never"));
    draw_names(gui, &box, "not in zfacet", json_object_get(part, "not_implemented"));
}

/* Enter leads to the facility's instructions. */
static void follow(struct zf_inspector *in, const struct coverage_row *row, unsigned model) {
    in->active = model;
    if (row->bit >= 0) {
        in->view = ZF_VIEW_insns;
        snprintf(in->filter[ZF_VIEW_insns], sizeof in->filter[0], "#%d", row->bit);
    }
}

static void draw(struct coverage *c, struct zf_gui *gui, struct zf_box box) {
    static const int down[] = {70};
    struct zf_column columns[FIXED + ZF_INSPECT_MODELS] = {
        [COLUMN_BIT] = {"bit", "bit", 4, ZF_RIGHT, ZF_FONT_MONO},
        [COLUMN_NAME] = {"executed of", "part", 38, ZF_LEFT, ZF_FONT_TEXT},
    };
    struct zf_panes panes;
    for (unsigned i = 0; i < c->in->count; i++) {
        columns[FIXED + i] =
            (struct zf_column){c->in->chosen[i].title, NULL, 10, ZF_LEFT, ZF_FONT_MARK};
    }
    struct zf_table table = {.name = "coverage",
                             .columns = columns,
                             .column_count = FIXED + (int)c->in->count,
                             .sticky = FIXED,
                             .rows = c->count,
                             .by_cell = true,
                             .empty = "nothing matches; Esc clears the filter",
                             .cell = coverage_cell,
                             .context = c};
    zf_panes_begin(&panes, gui, "coverage", box, false, down, 2);
    struct zf_table_event event = zf_gui_table(gui, &table, zf_panes_next(&panes));
    box = zf_panes_next(&panes);
    if (event.row < 0 || event.row >= c->count) {
        return;
    }
    unsigned model = event.column < FIXED ? c->in->active : (unsigned)(event.column - FIXED);
    draw_part(c, gui, box, event.row, model);
    if (event.activated) {
        follow(c->in, &c->rows[event.row], model);
    }
}

void zf_inspector_forget_coverage(struct zf_inspector *in) {
    for (unsigned i = 0; i < ZF_INSPECT_MODELS; i++) {
        json_decref(in->coverage[i]);
        in->coverage[i] = NULL;
    }
}

bool zf_inspector_open_counts(struct zf_inspector *in, const char *path, struct zf_error *err) {
    json_t *counts = zf_mix_create();
    if (!counts || zf_mix_read(path, counts, err) != ZF_OK) {
        json_decref(counts);
        return false;
    }
    zf_inspector_forget_coverage(in);
    json_decref(in->counts);
    in->counts = counts;
    snprintf(in->counts_file, sizeof in->counts_file, "%s", path);
    return true;
}

void zf_view_coverage(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    struct coverage *c = in->counts ? calloc(1, sizeof *c) : NULL;
    struct zf_error err;
    char note[200];
    if (!c) {
        if (zf_view_ask_file(gui, box, "No counts opened",
                             "Give a file that '--mix' of zfacet run, check or suite wrote.",
                             in->counts_file, sizeof in->counts_file) &&
            !zf_inspector_open_counts(in, in->counts_file, &err)) {
            snprintf(in->message, sizeof in->message, "%.199s", err.message);
        }
        return;
    }
    c->in = in;
    collect(c);
    snprintf(note, sizeof note, "%.80s: ● all, ◐ some, ○ none executed, · not on the model",
             zf_base_name(in->counts_file));
    box = zf_view_filter(in, gui, box, ZF_VIEW_coverage, "filter: bit, name", note);
    draw(c, gui, box);
    free(c);
}
