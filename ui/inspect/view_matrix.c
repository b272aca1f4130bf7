/*
 * Facilities by models: what each has, and why.
 */
#include "inspect/facility_state.h"
#include "inspect/inspector.h"
#include "text/common.h"

#include "gui/table.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN_BIT, COLUMN_NAME, COLUMN_SINCE, COLUMN_CONTROL, FIXED, ROWS = 256 };

struct matrix {
    struct zf_inspector *in;
    const struct zf_facility *rows[ROWS];
    int count;
};

static void find_rows(struct matrix *matrix) {
    const struct zf_facility *facility;
    for (unsigned i = 0; (facility = zf_facility_at(i)) && matrix->count < ROWS; i++) {
        char text[160];
        enum zf_feature feature = zf_feature_of_facility(facility->bit);
        snprintf(text, sizeof text, "%u #%u %s %s %s", facility->bit, facility->bit, facility->name,
                 feature == ZF_FEATURE_COUNT ? "" : zf_feature_info(feature)->name,
                 zf_generation_name(zf_level_generation(facility->since)));
        if (zf_filter_matches(matrix->in->filter[ZF_VIEW_matrix], text)) {
            matrix->rows[matrix->count++] = facility;
        }
    }
}

static void describe(const struct zf_facility *facility, struct zf_cell *cell) {
    enum zf_feature feature = zf_feature_of_facility(facility->bit);
    if (feature != ZF_FEATURE_COUNT) {
        snprintf(cell->detail, sizeof cell->detail, "%u %s ('%s'): %s", facility->bit,
                 facility->name, zf_feature_info(feature)->name,
                 zf_feature_info(feature)->description);
    } else {
        snprintf(cell->detail, sizeof cell->detail,
                 "%u %s: no CPU feature of the management interfaces", facility->bit,
                 facility->name);
    }
}

static void fixed_cell(const struct zf_facility *facility, int column, struct zf_cell *cell) {
    describe(facility, cell);
    if (column == COLUMN_BIT) {
        snprintf(cell->text, sizeof cell->text, "%u", facility->bit);
        cell->ink = ZF_INK_MUTED;
    } else if (column == COLUMN_NAME) {
        snprintf(cell->text, sizeof cell->text, "%s", facility->name);
    } else if (column == COLUMN_SINCE) {
        cell->ink = ZF_INK_MUTED;
        snprintf(cell->text, sizeof cell->text, "%s",
                 zf_generation_name(zf_level_generation(facility->since)));
    } else if (zf_facility_has_own_control(facility->bit)) {
        cell->ink = ZF_INK_ACCENT;
        snprintf(cell->text, sizeof cell->text, "◎");
        cell->value = "own";
    }
}

static void matrix_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct matrix *matrix = context;
    const struct zf_facility *facility = matrix->rows[row];
    if (column < FIXED) {
        fixed_cell(facility, column, cell);
        return;
    }
    const struct zf_inspected *chosen = &matrix->in->chosen[column - FIXED];
    const struct zf_state_info *info =
        zf_state_info(zf_facility_state_of(matrix->in, chosen, facility->bit));
    const char *flags = zf_facility_flags(matrix->in, chosen, facility->bit);
    /* a flag does not move the mark */
    snprintf(cell->text, sizeof cell->text, " %s%s", info->mark, flags[0] ? flags : " ");
    cell->ink = info->ink;
    cell->value = info->name;
    zf_facility_reason(matrix->in, chosen, facility->bit, cell->detail, sizeof cell->detail);
}

static void put_key(struct zf_gui *gui, struct zf_box *line, struct zf_box *rest, const char *mark,
                    enum zf_ink ink, const char *name) {
    const struct zf_metrics *m = &gui->metrics;
    int mark_width = zf_gui_measure(gui, ZF_FONT_MARK, mark);
    int width = mark_width + zf_gui_measure(gui, ZF_FONT_SMALL, name) + 3 * m->pad_x;
    if (!m->paper && width > line->w) {
        *line = zf_box_inset(zf_box_cut_top(rest, m->line), m->pad_x, 0);
    }
    struct zf_box box = zf_box_cut_left(line, width);
    zf_gui_text(gui, box, ZF_LEFT, ZF_FONT_MARK, ink, mark);
    zf_box_cut_left(&box, mark_width + m->pad_x);
    zf_gui_text(gui, box, ZF_LEFT, ZF_FONT_SMALL, ZF_INK_MUTED, name);
}

static void legend(struct zf_gui *gui, struct zf_box box) {
    struct zf_box line = zf_box_cut_top(&box, gui->metrics.line);
    if (!gui->metrics.paper) {
        line = zf_box_inset(line, gui->metrics.pad_x, 0);
    }
    for (int i = 0; i < ZF_STATE_COUNT; i++) {
        const struct zf_state_info *info = zf_state_info(i);
        put_key(gui, &line, &box, info->mark, info->ink, info->name);
    }
    put_key(gui, &line, &box, "!", ZF_INK_TEXT, "deprecated");
    put_key(gui, &line, &box, "?", ZF_INK_TEXT, "not fully implemented");
    put_key(gui, &line, &box, "◎", ZF_INK_ACCENT, "has a guest control");
}

void zf_view_matrix(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column fixed[FIXED] = {
        [COLUMN_BIT] = {"bit", "bit", 4, ZF_RIGHT, ZF_FONT_MONO},
        [COLUMN_NAME] = {"facility", "facility", 38, ZF_LEFT, ZF_FONT_TEXT},
        [COLUMN_SINCE] = {"since", "since", 6, ZF_LEFT, ZF_FONT_TEXT},
        [COLUMN_CONTROL] = {"own", "own_control", 3, ZF_CENTRE, ZF_FONT_MARK},
    };
    struct zf_column columns[FIXED + ZF_INSPECT_MODELS];
    struct matrix matrix = {.in = in};
    char note[80];
    find_rows(&matrix);
    memcpy(columns, fixed, sizeof fixed);
    for (unsigned i = 0; i < in->count; i++) {
        int width = (int)strlen(in->chosen[i].title);
        columns[FIXED + i] = (struct zf_column){in->chosen[i].title, NULL, width < 5 ? 5 : width,
                                                ZF_CENTRE, ZF_FONT_MARK};
    }
    snprintf(note, sizeof note, "%d facilit%s, %u model%s, policy %s", matrix.count,
             matrix.count == 1 ? "y" : "ies", in->count, zf_plural(in->count),
             zf_policy_name(in->policy));
    box = zf_view_filter(in, gui, box, ZF_VIEW_matrix, "filter: bit, name, feature, machine", note);
    struct zf_box keys = box;
    if (!gui->metrics.paper) {
        int lines = box.w < 150 * zf_gui_measure(gui, ZF_FONT_SMALL, "0") ? 2 : 1;
        keys = zf_box_cut_bottom(&box, lines * gui->metrics.line + 2 * gui->metrics.pad_y);
        zf_gui_fill(gui, keys, ZF_INK_PANEL);
        keys = zf_box_inset(keys, 0, gui->metrics.pad_y);
    }
    struct zf_table table = {.name = "matrix",
                             .columns = columns,
                             .column_count = FIXED + (int)in->count,
                             .sticky = FIXED,
                             .rows = matrix.count,
                             .by_cell = true,
                             .empty = "no facility matches; Esc clears the filter",
                             .cell = matrix_cell,
                             .context = &matrix};
    struct zf_table_event event = zf_gui_table(gui, &table, box);
    if (event.row >= 0 && event.column >= FIXED && (event.activated || event.toggled)) {
        unsigned model = (unsigned)(event.column - FIXED);
        enum zf_feature feature = zf_feature_of_facility(matrix.rows[event.row]->bit);
        in->active = model;
        if (event.activated) {
            in->view = ZF_VIEW_insns;
            snprintf(in->filter[ZF_VIEW_insns], sizeof in->filter[0], "#%u",
                     matrix.rows[event.row]->bit);
        }
        if (event.toggled && feature != ZF_FEATURE_COUNT) {
            zf_inspector_switch(in, model, feature,
                                !zf_model_has_feature(&in->chosen[model].model, feature));
        }
    }
    keys = zf_gui_below(gui, keys);
    zf_box_cut_top(&keys, gui->metrics.paper);
    legend(gui, keys);
}
