/*
 * Every instruction: whether it runs on the active model and why, and its encoding bit by bit.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"
#include "text/common.h"

#include "gui/table.h"
#include "text/insn_print.h"

#include "zfacet/implemented.h"

#include <stdio.h>
#include <string.h>

enum { MARK, MNEMONIC, OPCODE, FORMAT, SINCE, FACILITY, STATE, NAME, COLUMNS };

struct insns {
    struct zf_inspector *in;
    const struct zf_gate *gate;
    uint16_t rows[ZF_ROW_COUNT];
    int count;
    int inner;          /* of these, those that the book does not describe */
    unsigned permitted; /* of the rows */
};

static void need_bits(const struct zf_facility_need *need, char *text, size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < need->count && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%u",
                                 i == 0      ? ""
                                 : need->any ? "|"
                                             : "&",
                                 need->bit[i]);
    }
}

/* What the filter looks at: "#129" is the facility by number. */
static void search_text(const struct zf_row_info *info, char *text, size_t size) {
    size_t used;
    char opcode[8];
    zf_opcode_text(info, opcode);
    used = (size_t)snprintf(text, size, "%s %s %s %s %s %s", info->mnemonic, info->name, opcode,
                            zf_format_name(info->format), zf_since_name(info->since),
                            zf_privilege_name(info->privilege));
    for (unsigned i = 0; i < info->facility.count && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, " #%u %s", info->facility.bit[i],
                                 zf_facility_name(info->facility.bit[i]));
    }
}

static void find_rows(struct insns *insns) {
    const char *filter = insns->in->filter[ZF_VIEW_insns];
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        char text[300];
        if (filter[0]) {
            search_text(zf_row_get(row), text, sizeof text);
        }
        if (!filter[0] || zf_filter_matches(filter, text)) {
            insns->rows[insns->count++] = (uint16_t)row;
            insns->inner += zf_row_has((enum zf_row)row, ZF_ROW_FIRMWARE);
            insns->permitted += zf_gate_permits(insns->gate, row);
        }
    }
}

struct verdict {
    const char *mark, *name;
    enum zf_ink ink;
};

static struct verdict verdict_on(const struct zf_gate *gate, enum zf_row row) {
    if (!zf_gate_permits(gate, row)) {
        return (struct verdict){"✕", "blocked", ZF_INK_RED};
    }
    if (zf_gate_flags(gate, row)) {
        return (struct verdict){"↯", gate->policy == ZF_POLICY_IBC ? "leaks" : "beyond the model",
                                ZF_INK_ORANGE};
    }
    if (!zf_row_implemented(row)) {
        return (struct verdict){"?", "permitted, not implemented", ZF_INK_YELLOW};
    }
    return (struct verdict){"●", "permitted", ZF_INK_GREEN};
}

static void explain(const struct insns *insns, enum zf_row row, char *text, size_t size) {
    struct zf_subject subject = zf_subject_row(row);
    struct zf_explanation why;
    zf_gate_explain(insns->gate, &subject, &why);
    snprintf(text, size, "%s on %s: %s; %s", verdict_on(insns->gate, row).name,
             zf_inspector_active(insns->in)->title, why.why,
             !why.permitted            ? zf_outcome_text(why.outcome)
             : zf_row_implemented(row) ? "executed"
                                       : "a guest that uses it ends");
}

static void insn_cell(void *context, int at, int column, struct zf_cell *cell) {
    const struct insns *insns = context;
    enum zf_row row = insns->rows[at];
    const struct zf_row_info *info = zf_row_get(row);
    struct verdict verdict = verdict_on(insns->gate, row);
    char opcode[8];
    cell->ink = ZF_INK_MUTED;
    switch (column) {
    case MARK:
        snprintf(cell->text, sizeof cell->text, "%s", verdict.mark);
        cell->ink = verdict.ink;
        cell->value = verdict.name;
        explain(insns, row, cell->detail, sizeof cell->detail);
        break;
    case MNEMONIC:
        snprintf(cell->text, sizeof cell->text, "%s", info->mnemonic);
        cell->ink = ZF_INK_TEXT;
        cell->bold = zf_gate_permits(insns->gate, row);
        break;
    case OPCODE:
        zf_opcode_text(info, opcode);
        snprintf(cell->text, sizeof cell->text, "%s", opcode);
        break;
    case FORMAT:
        snprintf(cell->text, sizeof cell->text, "%s", zf_format_name(info->format));
        break;
    case SINCE:
        snprintf(cell->text, sizeof cell->text, "%s", zf_since_name(info->since));
        break;
    case FACILITY:
        need_bits(&info->facility, cell->text, sizeof cell->text);
        break;
    case STATE:
        snprintf(cell->text, sizeof cell->text, "%s", zf_privilege_name(info->privilege));
        break;
    default:
        snprintf(cell->text, sizeof cell->text, "%s", info->name);
        cell->ink = ZF_INK_TEXT;
        break;
    }
}

/* One bit after the other: the opcode's as 0 and 1, the fields by their names. */
static void draw_encoding(struct zf_gui *gui, struct zf_box *box, const struct zf_row_info *info) {
    const struct zf_metrics *m = &gui->metrics;
    int bits = info->length * 8, unit = m->cells ? 2 : (box->w - m->rule) / 48;
    struct zf_box numbers = zf_box_cut_top(box, m->line);
    struct zf_box fields = zf_box_cut_top(box, m->cells ? m->line : m->row + m->pad_y);
    zf_box_cut_top(box, m->cells ? m->line : 2 * m->pad_y);
    for (int bit = 0; bit < bits;) {
        struct zf_format_cell cell = zf_format_cell_at(info, bit);
        bool opcode = !cell.name && info->mask << bit >> 63;
        struct zf_box part = {fields.x + bit * unit, fields.y, cell.bits * unit, fields.h};
        zf_gui_print(gui, (struct zf_box){part.x, numbers.y, unit * 4, numbers.h}, ZF_FONT_SMALL,
                     ZF_INK_MUTED, "%d", bit);
        zf_gui_fill(gui, part, opcode ? ZF_INK_SELECT : cell.name ? ZF_INK_HEADER : ZF_INK_BACK);
        if (m->cells) {
            zf_gui_text(gui, part, ZF_LEFT, ZF_FONT_MONO, ZF_INK_MUTED, "│");
        } else {
            zf_draw_shape(&gui->draw, ZF_DRAW_RING, part, ZF_INK_RULE);
        }
        for (int i = 0; opcode && i < cell.bits; i++) {
            struct zf_box one = {part.x + i * unit + m->cells, part.y, unit - m->cells, part.h};
            zf_gui_text(gui, one, ZF_CENTRE, ZF_FONT_MONO, ZF_INK_TEXT,
                        info->opcode << (bit + i) >> 63 ? "1" : "0");
        }
        if (cell.name) {
            part.x += m->cells;
            part.w -= m->cells;
            zf_gui_text(gui, part, ZF_CENTRE, ZF_FONT_TEXT, ZF_INK_ACCENT, cell.name);
        }
        bit += cell.bits;
    }
    if (m->cells) {
        struct zf_box edge = {fields.x + bits * unit, fields.y, 1, 1};
        zf_gui_text(gui, edge, ZF_LEFT, ZF_FONT_MONO, ZF_INK_MUTED, "│");
    }
}

static void draw_forms(const struct insns *insns, struct zf_gui *gui, struct zf_box *box,
                       enum zf_row row) {
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (form->row == row) {
            struct zf_subject subject = zf_subject_form(form);
            struct zf_explanation why;
            zf_gate_explain(insns->gate, &subject, &why);
            zf_fact(gui, box, form->text, why.permitted ? ZF_INK_TEXT : ZF_INK_RED, "%s %s%s%s",
                    why.permitted ? "●" : "✕", why.why, why.permitted ? "" : "; ",
                    why.permitted ? "" : zf_outcome_text(why.outcome));
        }
    }
}

/* Codes of functions that can be there, with their features' names: those that are, or are not. */
static void list_functions(const struct zf_gate *gate, enum zf_query query, bool there, char *text,
                           size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (unsigned code = 0; code < ZF_QUERY_BITS && used < size; code++) {
        enum zf_feature feature = zf_feature_of_function(query, code);
        bool has = zf_gate_has_function(gate, query, code);
        bool known = has || feature < ZF_FEATURE_COUNT;
        if (known && has == there) {
            used +=
                (size_t)snprintf(text + used, size - used, "%s%u%s%s", used ? ", " : "", code,
                                 feature < ZF_FEATURE_COUNT ? ":" : "",
                                 feature < ZF_FEATURE_COUNT ? zf_feature_info(feature)->name : "");
        }
    }
}

static void draw_functions(const struct insns *insns, struct zf_gui *gui, struct zf_box *box,
                           enum zf_row row) {
    char text[2000];
    enum zf_query query = zf_query_by_mnemonic(zf_row_get(row)->mnemonic);
    if (query >= ZF_QUERY_COUNT) {
        return;
    }
    list_functions(insns->gate, query, true, text, sizeof text);
    zf_fact(gui, box, "functions", ZF_INK_TEXT, "● %s", text[0] ? text : "none");
    list_functions(insns->gate, query, false, text, sizeof text);
    if (text[0]) {
        zf_fact(gui, box, "absent", ZF_INK_RED, "✕ %s", text);
    }
}

static void draw_insn(const struct insns *insns, struct zf_gui *gui, struct zf_box box,
                      enum zf_row row) {
    const struct zf_row_info *info = zf_row_get(row);
    char title[40], text[400];
    struct verdict verdict = verdict_on(insns->gate, row);
    snprintf(title, sizeof title, "%s", info->mnemonic);
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    box = zf_gui_heading(gui, box, title, info->name);
    box = zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, 0);
    draw_encoding(gui, &box, info);
    explain(insns, row, text, sizeof text);
    zf_fact(gui, &box, "verdict", verdict.ink, "%s %s", verdict.mark, text);
    zf_operands_text(info->syntax, text, sizeof text);
    zf_fact(gui, &box, "operands", ZF_INK_TEXT, "%s", text);
    zf_need_text(&info->facility, text, sizeof text);
    zf_fact(gui, &box, "facility", ZF_INK_TEXT, "%s", text);
    zf_fact(gui, &box, "since", ZF_INK_TEXT, "%s, format %s, %d bytes, %s",
            zf_since_name(info->since), zf_format_name(info->format), info->length,
            zf_privilege_name(info->privilege));
    zf_fact(gui, &box, "zfacet", ZF_INK_TEXT, "%s",
            zf_row_implemented(row) ? "implemented" : "not implemented");
    draw_functions(insns, gui, &box, row);
    draw_forms(insns, gui, &box, row);
}

void zf_view_insns(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column columns[COLUMNS] = {
        [MARK] = {"", "verdict", 2, ZF_CENTRE, ZF_FONT_MARK},
        [MNEMONIC] = {"mnemonic", "mnemonic", 9, ZF_LEFT, ZF_FONT_MONO},
        [OPCODE] = {"code", "opcode", 5, ZF_LEFT, ZF_FONT_MONO},
        [FORMAT] = {"format", "format", 6, ZF_LEFT, ZF_FONT_TEXT},
        [SINCE] = {"since", "since", 6, ZF_LEFT, ZF_FONT_TEXT},
        [FACILITY] = {"facility", "facility", 9, ZF_LEFT, ZF_FONT_MONO},
        [STATE] = {"state", "state", 14, ZF_LEFT, ZF_FONT_TEXT},
        [NAME] = {"name", "name", 60, ZF_LEFT, ZF_FONT_TEXT},
    };
    static const int shares[] = {54};
    struct insns insns = {.in = in, .gate = &zf_inspector_active(in)->gate};
    struct zf_panes panes;
    char note[160], inner[40] = "";
    find_rows(&insns);
    if (insns.inner) {
        snprintf(inner, sizeof inner, " + %d system opcodes", insns.inner);
    }
    snprintf(note, sizeof note, "%d instruction%s%s, %u run on %s, policy %s",
             insns.count - insns.inner, zf_plural((uint64_t)(insns.count - insns.inner)), inner,
             insns.permitted, zf_inspector_active(in)->title, zf_policy_name(in->policy));
    box = zf_view_filter(in, gui, box, ZF_VIEW_insns,
                         "filter: mnemonic, name, #129, format, machine", note);
    struct zf_table table = {.name = "insns",
                             .columns = columns,
                             .column_count = COLUMNS,
                             .sticky = 2,
                             .rows = insns.count,
                             .empty = "no instruction matches; Esc clears the filter",
                             .cell = insn_cell,
                             .context = &insns};
    zf_panes_begin(&panes, gui, "split", box, false, shares, 2);
    struct zf_table_event event = zf_gui_table(gui, &table, zf_panes_next(&panes));
    struct zf_box pane = zf_panes_next(&panes);
    if (event.row >= 0 && event.row < insns.count) {
        draw_insn(&insns, gui, pane, insns.rows[event.row]);
    }
}
