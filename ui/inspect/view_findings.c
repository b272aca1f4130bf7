/*
 * A file of findings, as zfacet check writes it: what was found on which models, by function,
 * image, facility or model, and all about the one that has the cursor.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"
#include "text/common.h"

#include "check/case.h"
#include "check/document.h"
#include "gui/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4096, GROUPS = 1024, TEXT = 200 };
enum by { BY_FUNCTION, BY_IMAGE, BY_FACILITY, BY_MODEL, BYS };

struct finding {
    const json_t *group, *place;
};

/* Findings that have something in common; the first group is all of them. */
struct group {
    char name[TEXT];
    unsigned findings;
    long long executions;
};

struct findings {
    struct zf_inspector *in;
    enum by by;
    struct finding all[ROWS];
    int count;
    struct group groups[GROUPS];
    int group_count;
    int rows[ROWS]; /* of `all`, those that are shown */
    int row_count;
};

static void name_of(const struct finding *f, enum by by, size_t model, char name[TEXT]) {
    const json_t *place = f->place, *facility = json_object_get(place, "facility");
    const char *image = zf_base_name(zf_text_of(place, "image"));
    image = *image ? image : "code of no file";
    if (by == BY_IMAGE) {
        snprintf(name, TEXT, "%s", image);
    } else if (by == BY_FUNCTION) {
        const char *function = zf_text_of(place, "symbol");
        snprintf(name, TEXT, "%s%s%s", image, *function ? "!" : "", function);
    } else if (by == BY_MODEL) {
        const json_t *models = json_object_get(f->group, "models");
        snprintf(name, TEXT, "%s", json_string_value(json_array_get(models, model)));
    } else if (facility) {
        snprintf(name, TEXT, "%d %s", (int)json_integer_value(facility),
                 zf_text_of(place, "facility_name"));
    } else if (*zf_text_of(place, "first_machine")) {
        snprintf(name, TEXT, "machine %s", zf_text_of(place, "first_machine"));
    } else {
        snprintf(name, TEXT, "%s", zf_text_of(place, "kind"));
    }
}

static size_t names_of(const struct finding *f, enum by by) {
    return by == BY_MODEL ? json_array_size(json_object_get(f->group, "models")) : 1;
}

static void count_in(struct findings *list, const char *name, const struct finding *f) {
    int i = 1;
    while (i < list->group_count && strcmp(list->groups[i].name, name) != 0) {
        i++;
    }
    if (i == GROUPS) {
        return;
    }
    if (i == list->group_count) {
        list->groups[list->group_count++] = (struct group){0};
        snprintf(list->groups[i].name, TEXT, "%s", name);
    }
    list->groups[i].findings++;
    list->groups[i].executions += json_integer_value(json_object_get(f->group, "count"));
}

static bool matches(const struct findings *list, const struct finding *f) {
    static const char *const keys[] = {"kind",     "text",          "image",         "symbol",
                                       "mnemonic", "facility_name", "first_machine", "excused"};
    char text[1200];
    size_t used = (size_t)snprintf(text, sizeof text, "#%d %s",
                                   (int)json_integer_value(json_object_get(f->place, "facility")),
                                   zf_text_of(f->group, "case"));
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(keys) && used < sizeof text; i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, " %s", zf_text_of(f->place, keys[i]));
    }
    return zf_filter_matches(list->in->filter[ZF_VIEW_findings], text);
}

static void collect(struct findings *list) {
    json_t *group;
    size_t i;
    list->group_count = 1;
    snprintf(list->groups[0].name, TEXT, "all");
    json_array_foreach(list->in->findings, i, group) {
        struct finding f = {group, json_object_get(group, "place")};
        if (list->count == ROWS || !matches(list, &f)) {
            continue;
        }
        list->all[list->count++] = f;
        list->groups[0].findings++;
        list->groups[0].executions += json_integer_value(json_object_get(group, "count"));
        for (size_t n = 0; n < names_of(&f, list->by); n++) {
            char name[TEXT];
            name_of(&f, list->by, n, name);
            count_in(list, name, &f);
        }
    }
}

static void choose_rows(struct findings *list, int group) {
    for (int i = 0; i < list->count; i++) {
        bool in = group <= 0;
        for (size_t n = 0; !in && n < names_of(&list->all[i], list->by); n++) {
            char name[TEXT];
            name_of(&list->all[i], list->by, n, name);
            in = !strcmp(name, list->groups[group].name);
        }
        if (in) {
            list->rows[list->row_count++] = i;
        }
    }
}

static void group_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct group *group = &((const struct findings *)context)->groups[row];
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%s", group->name);
        cell->bold = row == 0;
    } else if (column == 1) {
        snprintf(cell->text, sizeof cell->text, "%u", group->findings);
    } else {
        snprintf(cell->text, sizeof cell->text, "%lld", group->executions);
        cell->ink = ZF_INK_MUTED;
    }
}

/* What there is no room for is told. */
static void models_text(const json_t *group, char *text, size_t size) {
    static const char more[] = " …";
    char *all = zf_models_text(json_object_get(group, "models"), ", ");
    snprintf(text, size, "%s", all ? all : "");
    if (all && strlen(all) >= size) {
        text[size - sizeof more] = 0;
        char *last = strrchr(text, ' ');
        memcpy(last ? last : text + strlen(text), more, sizeof more);
    }
    free(all);
}

enum { MARK, INSN, IMAGE, FUNCTION, FACILITY, SINCE, TIMES, MODELS, COLUMNS };

/* What counts, what is excused, and what zfacet does not know differ in shape, too. */
static void mark_cell(const json_t *place, struct zf_cell *cell) {
    bool unknown = !strcmp(zf_text_of(place, "kind"), "unimplemented");
    const char *excused = zf_text_of(place, "excused");
    snprintf(cell->text, sizeof cell->text, "%s", *excused ? "○" : unknown ? "?" : "✕");
    cell->ink = *excused ? ZF_INK_MUTED : unknown ? ZF_INK_YELLOW : ZF_INK_RED;
    cell->value = *excused ? excused : zf_text_of(place, "kind");
}

static void finding_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct findings *list = context;
    const struct finding *f = &list->all[list->rows[row]];
    char name[TEXT];
    cell->ink = column == INSN
    ? ZF_INK_TEXT : ZF_INK_MUTED;
    switch (column) {
    case MARK:
        mark_cell(f->place, cell);
        break;
    case INSN:
        snprintf(cell->text, sizeof cell->text, "%s", zf_text_of(f->place, "text"));
        break;
    case IMAGE:
        name_of(f, BY_IMAGE, 0, name);
        snprintf(cell->text, sizeof cell->text, "%.150s", name);
        break;
    case FUNCTION:
        snprintf(cell->text, sizeof cell->text, "%.100s%s%s", zf_text_of(f->place, "symbol"),
                 *zf_text_of(f->place, "symbol") ? "+" : "", zf_text_of(f->place, "offset"));
        break;
    case FACILITY:
        name_of(f, BY_FACILITY, 0, name);
        snprintf(cell->text, sizeof cell->text, "%.150s", name);
        break;
    case SINCE:
        snprintf(cell->text, sizeof cell->text, "%s", zf_text_of(f->place, "first_machine"));
        break;
    case TIMES:
        snprintf(cell->text, sizeof cell->text, "%lld",
                 (long long)json_integer_value(json_object_get(f->group, "count")));
        break;
    default:
        models_text(f->group, cell->text, sizeof cell->text);
        break;
    }
}

static void draw_finding(struct zf_gui *gui, struct zf_box box, const struct finding *f) {
    static const struct {
        const char *label, *key;
    } lines[] = {{"why", "why"},        {"outcome", "outcome"}, {"bytes", "bytes"},
                 {"file", "image"},     {"address", "address"}, {"source", "source"},
                 {"excused", "excused"}};
    char text[600];
    zf_place_text(f->place, text, sizeof text);
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    box = zf_gui_heading(gui, box, zf_text_of(f->place, "mnemonic"), text);
    box = zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, 0);
    models_text(f->group, text, sizeof text);
    zf_fact(gui, &box, "on", ZF_INK_TEXT, "%s: %s", zf_text_of(f->group, "case"), text);
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(lines); i++) {
        const char *value = zf_text_of(f->place, lines[i].key);
        if (*value) {
            zf_fact(gui, &box, lines[i].label, ZF_INK_TEXT, "%s", value);
        }
    }
}

static int draw_groups(struct findings *list, struct zf_gui *gui, struct zf_box box) {
    static const char *const titles[] = {"Function", "Image", "Facility", "Model"};
    static const struct zf_column columns[] = {{"findings in", "group", 24, ZF_LEFT, ZF_FONT_TEXT},
                                               {"findings", "findings", 4, ZF_RIGHT, ZF_FONT_MONO},
                                               {"times", "times", 5, ZF_RIGHT, ZF_FONT_MONO}};
    const struct zf_metrics *m = &gui->metrics;
    struct zf_table table = {.name = "groups",
                             .columns = columns,
                             .column_count = 3,
                             .rows = list->group_count,
                             .cell = group_cell,
                             .context = list};
    if (!m->paper) {
        struct zf_box tabs = zf_box_cut_top(&box, m->line + (m->cells ? 0 : m->pad_y));
        zf_gui_tabs(gui, "by", tabs, titles, BYS, &list->in->findings_by);
    }
    return zf_gui_table(gui, &table, box).row;
}

static void draw_lists(struct findings *list, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column columns[COLUMNS] = {
        [MARK] = {"", "kind", 2, ZF_CENTRE, ZF_FONT_MARK},
        [INSN] = {"instruction", "instruction", 20, ZF_LEFT, ZF_FONT_MONO},
        [IMAGE] = {"image", "image", 14, ZF_LEFT, ZF_FONT_TEXT},
        [FUNCTION] = {"function", "function", 16, ZF_LEFT, ZF_FONT_TEXT},
        [FACILITY] = {"facility", "facility", 14, ZF_LEFT, ZF_FONT_TEXT},
        [SINCE] = {"since", "since", 5, ZF_LEFT, ZF_FONT_TEXT},
        [TIMES] = {"times", "times", 5, ZF_RIGHT, ZF_FONT_MONO},
        [MODELS] = {"models", "models", 10, ZF_LEFT, ZF_FONT_TEXT}
    };
    static const int across[] = {30}, down[] = {62};
    struct zf_panes sides, right;
    zf_panes_begin(&sides, gui, "sides", box, true, across, 2);
    choose_rows(list, draw_groups(list, gui, zf_panes_next(&sides)));
    struct zf_table table = {.name = "findings",
                             .columns = columns,
                             .column_count = COLUMNS,
                             .sticky = 2,
                             .rows = list->row_count,
                             .empty = "no findings",
                             .cell = finding_cell,
                             .context = list};
    zf_panes_begin(&right, gui, "right", zf_panes_next(&sides), false, down, 2);
    struct zf_table_event event = zf_gui_table(gui, &table, zf_panes_next(&right));
    struct zf_box pane = zf_panes_next(&right);
    if (event.row >= 0 && event.row < list->row_count) {
        const struct finding *f = &list->all[list->rows[event.row]];
        draw_finding(gui, pane, f);
        if (event.activated) {
            list->in->view = ZF_VIEW_insns;
            snprintf(list->in->filter[ZF_VIEW_insns], sizeof list->in->filter[0], "%s",
                     zf_text_of(f->place, "mnemonic"));
        }
    }
}

bool zf_inspector_open_findings(struct zf_inspector *in, const char *path, struct zf_error *err) {
    json_t *document = zf_document_read(path, err);
    if (!document) {
        return false;
    }
    json_decref(in->findings);
    in->findings = zf_document_groups(document);
    json_decref(document);
    snprintf(in->findings_file, sizeof in->findings_file, "%s", path);
    return true;
}

void zf_view_findings(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    struct findings *list = in->findings ? calloc(1, sizeof *list) : NULL;
    struct zf_error err;
    char note[1200];
    if (!list) {
        if (zf_view_ask_file(gui, box, "No findings opened",
                             "Give a file that 'zfacet check --json' or '--output' wrote.",
                             in->findings_file, sizeof in->findings_file) &&
            !zf_inspector_open_findings(in, in->findings_file, &err)) {
            snprintf(in->message, sizeof in->message, "%.199s", err.message);
        }
        return;
    }
    list->in = in;
    list->by = (enum by)in->findings_by;
    collect(list);
    snprintf(note, sizeof note, "%s: %d of %zu finding%s", zf_base_name(in->findings_file),
             list->count, json_array_size(in->findings), zf_plural(json_array_size(in->findings)));
    box = zf_view_filter(in, gui, box, ZF_VIEW_findings,
                         "filter: instruction, image, function, #58", note);
    draw_lists(list, gui, box);
    free(list);
}
