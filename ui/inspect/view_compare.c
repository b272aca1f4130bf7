/*
 * The active model (A) and another (B): what each has alone, which of them a guest can move to, and
 * what leaks to a guest of A on B.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"

#include "gui/table.h"
#include "model/losses.h"
#include "text/feature_text.h"

#include <stdio.h>
#include <string.h>

enum { INSNS = 2 * (ZF_ROW_COUNT + ZF_FORM_COUNT) };
enum side { ONLY_A, ONLY_B, BOTH, LEAKS };

struct compare {
    struct zf_inspector *in;
    const struct zf_inspected *a, *b;
    uint16_t features[ZF_FEATURE_COUNT];
    int feature_count;
    struct {
        struct zf_subject subject;
        enum side side;
    } insns[INSNS];
    int insn_count;
    unsigned sides[4]; /* instructions and forms by side */
    unsigned feature_sides[4];
};

static enum side side_of(bool in_a, bool in_b) {
    return in_a && in_b ? BOTH : in_a ? ONLY_A : ONLY_B;
}

static enum side feature_side(const struct compare *c, enum zf_feature feature) {
    return side_of(zf_model_has_feature(&c->a->model, feature),
                   zf_model_has_feature(&c->b->model, feature));
}

/* What differs first: one alone, then the other, then what both have. */
static void find_features(struct compare *c) {
    for (enum side side = ONLY_A; side <= BOTH; side++) {
        for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
            bool any =
                zf_model_has_feature(&c->a->model, f) || zf_model_has_feature(&c->b->model, f);
            if (any && feature_side(c, f) == side) {
                char what[ZF_FEATURE_TEXT_LENGTH], text[300];
                c->feature_sides[side]++;
                zf_feature_text(f, what);
                snprintf(text, sizeof text, "%s %s", zf_feature_info(f)->name, what);
                if (zf_filter_matches(c->in->filter[ZF_VIEW_compare], text)) {
                    c->features[c->feature_count++] = (uint16_t)f;
                }
            }
        }
    }
}

static void add_insn(struct compare *c, struct zf_subject subject, enum side side) {
    char text[ZF_SUBJECT_TEXT_LENGTH];
    zf_subject_text(&subject, text);
    c->sides[side]++;
    if (c->insn_count < INSNS && zf_filter_matches(c->in->filter[ZF_VIEW_compare], text)) {
        c->insns[c->insn_count].subject = subject;
        c->insns[c->insn_count++].side = side;
    }
}

static bool differs(const struct compare *c, const struct zf_subject *subject, enum side side) {
    bool in_a = zf_model_runs(&c->a->model, subject), in_b = zf_model_runs(&c->b->model, subject);
    return in_a != in_b && side_of(in_a, in_b) == side;
}

static void find_insns(struct compare *c, enum side side) {
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        struct zf_subject subject = zf_subject_row(row);
        if (differs(c, &subject, side)) {
            add_insn(c, subject, side);
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        struct zf_subject subject = zf_subject_form(zf_form_at(i)),
                          row = zf_subject_row(subject.row);
        if (!differs(c, &row, side) && differs(c, &subject, side)) {
            add_insn(c, subject, side);
        }
    }
}

static void find_function_leaks(struct compare *c, const struct zf_gate *gate) {
    for (unsigned query = 0; query < ZF_QUERY_COUNT; query++) {
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            struct zf_subject subject = zf_subject_function(query, code);
            if (zf_gate_permits(gate, subject.row) && zf_gate_flags_function(gate, query, code)) {
                add_insn(c, subject, LEAKS);
            }
        }
    }
}

/* What a guest of A with its own IBC value runs on a host B although A does not have it. */
static void find_leaks(struct compare *c) {
    struct zf_gate_config config = {.policy = ZF_POLICY_IBC,
                                    .model = &c->a->model,
                                    .host = &c->b->model,
                                    .ibc = c->in->ibc,
                                    .lowest = c->in->lowest};
    struct zf_gate gate;
    zf_gate_compute(&config, &gate);
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (zf_gate_permits(&gate, row) && zf_gate_flags(&gate, row)) {
            add_insn(c, zf_subject_row(row), LEAKS);
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (zf_gate_permits(&gate, form->row) && !zf_gate_flags(&gate, form->row) &&
            zf_bitmap_test(gate.form_permitted, i) && zf_bitmap_test(gate.form_flagged, i)) {
            add_insn(c, zf_subject_form(form), LEAKS);
        }
    }
    find_function_leaks(c, &gate);
}

static void side_cell(const struct compare *c, enum side side, struct zf_cell *cell) {
    static const char *const marks[] = {"◀", "▶", "=", "↯"};
    static const enum zf_ink inks[] = {ZF_INK_ORANGE, ZF_INK_BLUE, ZF_INK_MUTED, ZF_INK_RED};
    static const char *const values[] = {"only A", "only B", "both", "leaks"};
    snprintf(cell->text, sizeof cell->text, "%s %s", marks[side],
             side == ONLY_A   ? c->a->title
             : side == ONLY_B ? c->b->title
                              : values[side]);
    cell->ink = inks[side];
    cell->value = values[side];
}

static void feature_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct compare *c = context;
    enum zf_feature feature = c->features[row];
    char what[ZF_FEATURE_TEXT_LENGTH];
    snprintf(cell->detail, sizeof cell->detail, "%s: %s", zf_feature_info(feature)->name,
             zf_feature_info(feature)->description);
    if (column == 0) {
        side_cell(c, feature_side(c, feature), cell);
    } else if (column == 1) {
        snprintf(cell->text, sizeof cell->text, "%s", zf_feature_info(feature)->name);
    } else {
        zf_feature_text(feature, what);
        snprintf(cell->text, sizeof cell->text, "%.150s", what);
        cell->ink = ZF_INK_MUTED;
    }
}

static void insn_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct compare *c = context;
    const struct zf_subject *subject = &c->insns[row].subject;
    char text[ZF_SUBJECT_TEXT_LENGTH];
    const struct zf_row_info *info = zf_row_get(subject->row);
    if (column == 0) {
        side_cell(c, c->insns[row].side, cell);
    } else if (column == 1) {
        zf_subject_text(subject, text);
        snprintf(cell->text, sizeof cell->text, "%s", text);
    } else {
        snprintf(cell->text, sizeof cell->text, "%s", info->name);
        cell->ink = ZF_INK_MUTED;
    }
}

static void move_fact(const struct compare *c, struct zf_gui *gui, struct zf_box *box,
                      const struct zf_inspected *from, const struct zf_inspected *to,
                      unsigned lost) {
    char label[ZF_MODEL_NAME_LENGTH * 2 + 8];
    struct zf_model without = from->model;
    bool yes = zf_inspector_fits(c->in, &from->model, &to->model);
    const char *remedy = "";
    zf_model_drop_deprecated(&without);
    if (!yes && zf_inspector_fits(c->in, &without, &to->model)) {
        remedy = "; with deprecated-features=off it can";
    }
    snprintf(label, sizeof label, "%s → %s", from->title, to->title);
    if (yes) {
        zf_fact(gui, box, label, ZF_INK_GREEN, "● a guest can move");
    } else {
        zf_fact(gui, box, label, ZF_INK_RED,
                "✕ a guest cannot move: it could lose %u instructions and forms%s", lost, remedy);
    }
}

static void baseline_fact(const struct compare *c, struct zf_gui *gui, struct zf_box *box) {
    struct zf_manage_model a, b, common;
    struct zf_manage_error error;
    struct zf_manage_delta delta;
    char text[1500];
    zf_manage_from_model(&c->a->model, &a);
    zf_manage_from_model(&c->b->model, &b);
    if (!zf_manage_baseline(c->in->manage, &a, &b, &common, &error)) {
        zf_manage_error_text(&error, text, sizeof text);
        zf_fact(gui, box, "baseline", ZF_INK_RED, "✕ %s", text);
        return;
    }
    zf_manage_expand(c->in->manage, &common, ZF_MANAGE_STATIC, &delta, NULL);
    size_t used = (size_t)snprintf(text, sizeof text, "-cpu %s", delta.name);
    for (unsigned i = 0; i < delta.count && used < sizeof text; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, ",%s=%s", delta.props[i].name,
                                 delta.props[i].on ? "on" : "off");
    }
    zf_fact(gui, box, "runs on both", ZF_INK_TEXT, "%s", text);
}

static struct zf_box facts(const struct compare *c, struct zf_gui *gui, struct zf_box box) {
    struct zf_manage_model a, b;
    struct zf_box area =
        zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, gui->metrics.pad_y);
    zf_manage_from_model(&c->a->model, &a);
    zf_manage_from_model(&c->b->model, &b);
    zf_fact(gui, &area, "A and B", ZF_INK_ACCENT,
            "%s and %s  (comma, period: next B; [ and ]: next A)", c->a->text, c->b->text);
    zf_fact(gui, &area, "verdict", ZF_INK_TEXT,
            "A to B: %s; only A: %u features, only B: %u, both: %u",
            zf_manage_result_word(zf_manage_compare(c->in->manage, &a, &b, NULL)),
            c->feature_sides[ONLY_A], c->feature_sides[ONLY_B], c->feature_sides[BOTH]);
    move_fact(c, gui, &area, c->a, c->b, c->sides[ONLY_A]);
    move_fact(c, gui, &area, c->b, c->a, c->sides[ONLY_B]);
    baseline_fact(c, gui, &area);
    zf_fact(gui, &area, "leaks", c->sides[LEAKS] ? ZF_INK_ORANGE : ZF_INK_GREEN,
            c->sides[LEAKS] ? "↯ a guest of %s on %s can execute %u instructions, forms and "
                              "functions that its model lacks"
                            : "● a guest of %s on %s can execute nothing that its model lacks",
            c->a->title, c->b->title, c->sides[LEAKS]);
    zf_box_cut_top(&area, gui->metrics.pad_y);
    area.x = box.x;
    area.w = box.w;
    return area;
}

static void draw_tables(struct compare *c, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column feature_columns[] = {
        {"model", "who", 10, ZF_LEFT, ZF_FONT_TEXT},
        {"feature", "feature", 19, ZF_LEFT, ZF_FONT_TEXT},
        {"description", "what", 40, ZF_LEFT, ZF_FONT_TEXT},
    };
    static const struct zf_column insn_columns[] = {
        {"model", "who", 10, ZF_LEFT, ZF_FONT_TEXT},
        {"instruction or form", "instruction", 20, ZF_LEFT, ZF_FONT_MONO},
        {"name", "name", 44, ZF_LEFT, ZF_FONT_TEXT},
    };
    static const int shares[] = {50};
    struct zf_table features = {.name = "features",
                                .columns = feature_columns,
                                .column_count = 3,
                                .sticky = 2,
                                .rows = c->feature_count,
                                .empty = "nothing",
                                .cell = feature_cell,
                                .context = c};
    struct zf_table insns = {.name = "instructions",
                             .columns = insn_columns,
                             .column_count = 3,
                             .sticky = 2,
                             .rows = c->insn_count,
                             .empty = "both run the same instructions",
                             .cell = insn_cell,
                             .context = c};
    struct zf_panes panes;
    zf_panes_begin(&panes, gui, "split", box, true, shares, 2);
    zf_gui_table(gui, &features, zf_panes_next(&panes));
    zf_gui_table(gui, &insns, zf_panes_next(&panes));
}

static void choose_other(struct zf_inspector *in, struct zf_gui *gui) {
    unsigned step = zf_gui_typed(gui, ".") ? 1 : zf_gui_typed(gui, ",") ? in->count - 1 : 0;
    if (step) {
        in->other = (in->other + step) % in->count;
        if (in->other == in->active) {
            in->other = (in->other + step) % in->count;
        }
    }
}

void zf_view_compare(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    struct compare c = {.in = in};
    char note[120];
    if (in->other >= in->count || in->other == in->active) {
        in->other = (in->active + 1) % in->count;
    }
    c.a = zf_inspector_active(in);
    c.b = &in->chosen[in->other];
    find_features(&c);
    find_insns(&c, ONLY_A);
    find_insns(&c, ONLY_B);
    find_leaks(&c);
    box = facts(&c, gui, box);
    snprintf(note, sizeof note, "instructions: %u only on %s, %u only on %s", c.sides[ONLY_A],
             c.a->title, c.sides[ONLY_B], c.b->title);
    box = zf_view_filter(in, gui, box, ZF_VIEW_compare, "filter: feature or mnemonic", note);
    draw_tables(&c, gui, box);
    choose_other(in, gui);
}
