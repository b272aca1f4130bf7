/*
 * The active model: its features to be switched, what follows from that, and all that a guest sees.
 */
#include "inspect/fact.h"
#include "inspect/identity.h"
#include "inspect/inspector.h"
#include "text/common.h"

#include "gui/table.h"
#include "text/feature_text.h"

#include <stdio.h>
#include <string.h>

enum { MARK, NAME, SET, WHAT, COLUMNS };

struct switches {
    struct zf_inspector *in;
    struct zf_inspected *chosen;
    uint16_t rows[ZF_FEATURE_COUNT];
    int count;
};

static void find_rows(struct switches *list) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        char what[ZF_FEATURE_TEXT_LENGTH], text[400];
        bool on = zf_model_has_feature(&list->chosen->model, f);
        if (!on && !zf_model_can_have(&list->chosen->model, f)) {
            continue;
        }
        zf_feature_text(f, what);
        snprintf(text, sizeof text, "%s %s %s %s", zf_feature_info(f)->name, what,
                 zf_feature_info(f)->description, on ? "on" : "off");
        if (zf_filter_matches(list->in->filter[ZF_VIEW_model], text)) {
            list->rows[list->count++] = (uint16_t)f;
        }
    }
}

/* "kma needs vx; needed by …": the names of one side of all dependencies of a feature. */
static void relations(enum zf_feature feature, bool needed, char *text, size_t size) {
    const struct zf_feature_dependency *d;
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)) && used < size; i++) {
        if ((needed ? d->feature : d->needs) == feature) {
            enum zf_feature other = needed ? d->needs : d->feature;
            used += (size_t)snprintf(text + used, size - used, " %s", zf_feature_info(other)->name);
        }
    }
}

static const char *set_of(const struct zf_model *model, enum zf_feature feature) {
    zf_level level = model->machine->level;
    return zf_feature_in_set(feature, ZF_MODEL_BASE, level)      ? "base"
           : zf_feature_in_set(feature, ZF_MODEL_DEFAULT, level) ? "default"
                                                                 : "optional";
}

static bool is_broken(const struct zf_inspected *chosen, enum zf_feature feature) {
    for (unsigned i = 0; i < chosen->warnings.count; i++) {
        if (chosen->warnings.broken[i].feature == feature) {
            return true;
        }
    }
    return false;
}

static void mark_cell(const struct switches *list, enum zf_feature feature, struct zf_cell *cell) {
    bool on = zf_model_has_feature(&list->chosen->model, feature);
    bool broken = is_broken(list->chosen, feature);
    snprintf(cell->text, sizeof cell->text, "%s", broken ? "▲" : on ? "●" : "○");
    cell->ink = broken ? ZF_INK_YELLOW : on ? ZF_INK_GREEN : ZF_INK_MUTED;
    cell->value = on ? "on" : "off";
}

static void switch_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct switches *list = context;
    enum zf_feature feature = list->rows[row];
    const struct zf_feature_info *info = zf_feature_info(feature);
    char needs[ZF_FEATURE_TEXT_LENGTH], needed[ZF_FEATURE_TEXT_LENGTH];
    relations(feature, true, needs, sizeof needs);
    relations(feature, false, needed, sizeof needed);
    snprintf(cell->detail, sizeof cell->detail, "%s%s%s%s%s%s", info->description,
             zf_feature_is_deprecated(feature) ? "; deprecated" : "", needs[0] ? "; needs" : "",
             needs, needed[0] ? "; needed by" : "", needed);
    switch (column) {
    case MARK:
        mark_cell(list, feature, cell);
        break;
    case NAME:
        snprintf(cell->text, sizeof cell->text, "%s%s", info->name,
                 zf_feature_is_deprecated(feature) ? " !" : "");
        cell->bold = zf_model_has_feature(&list->chosen->model, feature);
        break;
    case SET:
        snprintf(cell->text, sizeof cell->text, "%s", set_of(&list->chosen->model, feature));
        cell->ink = ZF_INK_MUTED;
        break;
    default:
        zf_feature_text(feature, needs);
        snprintf(cell->text, sizeof cell->text, "%.159s", needs);
        cell->ink = ZF_INK_MUTED;
        break;
    }
}

static void delta_text(const struct zf_inspector *in, const struct zf_model *model, char *text,
                       size_t size) {
    struct zf_manage_model managed;
    struct zf_manage_delta delta;
    zf_manage_from_model(model, &managed);
    zf_manage_expand(in->manage, &managed, ZF_MANAGE_STATIC, &delta, NULL);
    size_t used = (size_t)snprintf(text, size, "-cpu %s", delta.name);
    for (unsigned i = 0; i < delta.count && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, ",%s=%s", delta.props[i].name,
                                 delta.props[i].on ? "on" : "off");
    }
}

static void broken_text(const struct zf_inspected *chosen, char *text, size_t size) {
    size_t used = 0;
    for (unsigned i = 0; i < chosen->warnings.count && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s needs %s", i ? "; " : "▲ ",
                                 zf_feature_info(chosen->warnings.broken[i].feature)->name,
                                 zf_feature_info(chosen->warnings.broken[i].needs)->name);
    }
    if (!chosen->warnings.count) {
        snprintf(text, size, "● every feature has what it needs");
    }
}

static unsigned runs_on(const struct zf_gate *gate) {
    unsigned count = 0;
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        count += zf_gate_permits(gate, row);
    }
    return count;
}

static struct zf_box facts(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    const struct zf_inspected *chosen = zf_inspector_active(in);
    const struct zf_machine_type *machine = chosen->model.machine;
    char text[2000], ibc[48], lowest[48];
    zf_ibc_text(zf_machine_ibc(machine), ibc, sizeof ibc);
    zf_ibc_text(zf_ibc_lowest(machine), lowest, sizeof lowest);
    box = zf_gui_heading(gui, box, chosen->title, machine->title);
    struct zf_box area = zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, 0);
    zf_fact(gui, &area, "model text", ZF_INK_ACCENT, "%s", chosen->text);
    delta_text(in, &chosen->model, text, sizeof text);
    zf_fact(gui, &area, "QEMU", ZF_INK_TEXT, "%s", text);
    broken_text(chosen, text, sizeof text);
    zf_fact(gui, &area, "check", chosen->warnings.count ? ZF_INK_YELLOW : ZF_INK_GREEN, "%s", text);
    zf_fact(gui, &area, "machine", ZF_INK_TEXT, "type %04x, %s, announced %s, %u address bits",
            machine->type, machine->class == ZF_MACHINE_EC ? "large" : "small",
            machine->announced[0] ? machine->announced : "not known", machine->mha_pow);
    zf_fact(gui, &area, "IBC value", ZF_INK_TEXT,
            zf_machine_ibc(machine) ? "%s; as a host supports %s and later" : "%s", ibc, lowest);
    zf_fact(gui, &area, "runs", ZF_INK_TEXT, "%u instructions under policy %s; %u features on",
            runs_on(&chosen->gate), zf_policy_name(in->policy),
            zf_model_feature_count(&chosen->model));
    zf_box_cut_top(&area, gui->metrics.pad_y);
    area.x = box.x;
    area.w = box.w;
    return area;
}

void zf_view_model(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column columns[COLUMNS] = {
        [MARK] = {"", "state", 2, ZF_CENTRE, ZF_FONT_MARK},
        [NAME] = {"feature", "feature", 16, ZF_LEFT, ZF_FONT_TEXT},
        [SET] = {"set", "set", 8, ZF_LEFT, ZF_FONT_TEXT},
        [WHAT] = {"description", "what", 44, ZF_LEFT, ZF_FONT_TEXT},
    };
    static const int shares[] = {36};
    struct switches list = {.in = in, .chosen = zf_inspector_active(in)};
    struct zf_identity identity;
    struct zf_panes panes;
    char note[80];
    find_rows(&list);
    snprintf(note, sizeof note, "Space switches  ·  %d feature%s", list.count,
             zf_plural((uint64_t)list.count));
    zf_panes_begin(&panes, gui, "split", box, true, shares, 2);
    struct zf_box left = zf_panes_next(&panes);
    left = zf_view_filter(in, gui, left, ZF_VIEW_model, "filter: feature, facility, on, off", note);
    struct zf_table table = {.name = "features",
                             .columns = columns,
                             .column_count = COLUMNS,
                             .sticky = 2,
                             .rows = list.count,
                             .empty = "no feature matches; Esc clears the filter",
                             .cell = switch_cell,
                             .context = &list};
    struct zf_table_event event = zf_gui_table(gui, &table, left);
    if (event.row >= 0 && (event.toggled || event.activated)) {
        enum zf_feature feature = list.rows[event.row];
        zf_inspector_switch(in, in->active, feature,
                            !zf_model_has_feature(&list.chosen->model, feature));
    }
    struct zf_box right = facts(in, gui, zf_panes_next(&panes));
    zf_identity_of(&list.chosen->model, &identity);
    zf_identity_table(gui, right, &identity);
}
