/*
 * The guest's code around its PSW, with what the gate says of each instruction.
 */
#include "inspect/run_view.h"

#include "gui/table.h"

#include "zfacet/implemented.h"

#include <stdio.h>
#include <string.h>

/* What the gate makes of an instruction, forms included. */
static const char *judge(const struct zf_gate *gate, struct zf_insn insn, enum zf_ink *ink,
                         char *why, size_t size) {
    struct zf_gate_verdict verdict = zf_gate_check(gate, &insn);
    struct zf_subject subject = verdict.form_count ? zf_subject_form(verdict.form[0])
                                                   : zf_subject_row((enum zf_row)insn.row);
    struct zf_explanation explanation;
    why[0] = 0;
    *ink = ZF_INK_TEXT;
    if (insn.row == ZF_ROW_INVALID) {
        snprintf(why, size, "not an instruction of any machine");
        *ink = ZF_INK_MUTED;
        return "";
    }
    if (verdict.outcome != ZF_OUTCOME_EXECUTED || verdict.flagged) {
        zf_gate_explain(gate, &subject, &explanation);
        snprintf(why, size, "%s", explanation.why);
        *ink = verdict.flagged ? ZF_INK_ORANGE : ZF_INK_RED;
        return verdict.flagged ? "↯" : "✕";
    }
    if (!zf_row_implemented((enum zf_row)insn.row)) {
        snprintf(why, size, "not implemented");
        *ink = ZF_INK_YELLOW;
        return "?";
    }
    return "";
}

enum { CODE_MARK, CODE_ADDRESS, CODE_BYTES, CODE_INSN, CODE_PLACE, CODE_GATE, CODE_COLUMNS };

/* A line of the source once, and where the PSW is. */
static void place_cell(const struct zf_shot *shot, int row, struct zf_cell *cell) {
    const struct zf_watch_place *place = &shot->code[row].place;
    bool same_line =
        row && row != shot->code_at && !strcmp(place->line, shot->code[row - 1].place.line);
    snprintf(cell->text, sizeof cell->text, "%s%s%s", place->function,
             place->function[0] && place->line[0] && !same_line ? "  " : "",
             same_line ? "" : place->line);
    cell->ink = ZF_INK_MUTED;
}

static void code_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_run_view *v = context;
    uint64_t address = v->shot->code[row].address, word = v->shot->code[row].word;
    unsigned length = v->shot->code[row].length;
    struct zf_insn insn;
    char why[160], *tab;
    enum zf_ink ink;
    zf_decode(word, &insn);
    const char *mark = length ? judge(v->gate, insn, &ink, why, sizeof why) : "";
    ink = length ? ink : ZF_INK_MUTED;
    bool next = row == v->shot->code_at, stop = zf_watch_stops_at(v->shot, address);
    if (column == CODE_MARK) {
        snprintf(cell->text, sizeof cell->text, "%s%s%s", stop ? "■" : " ", next ? "▶" : " ", mark);
        cell->ink = stop ? ZF_INK_RED : next ? ZF_INK_ACCENT : ink;
    } else if (column == CODE_ADDRESS) {
        snprintf(cell->text, sizeof cell->text, "%lx", (unsigned long)address);
        cell->ink = ZF_INK_MUTED;
    } else if (column == CODE_BYTES && length) {
        snprintf(cell->text, sizeof cell->text, "%0*lx", (int)length * 2,
                 (unsigned long)(word >> (64 - 8 * length)));
        cell->ink = ZF_INK_MUTED;
    } else if (column == CODE_INSN && length) {
        zf_disasm(&insn, address, cell->text, sizeof cell->text);
        tab = strchr(cell->text, '\t');
        if (tab) {
            *tab = ' ';
        }
        cell->ink = ink;
        cell->bold = next;
    } else if (column == CODE_PLACE && v->shot->code_known) {
        place_cell(v->shot, row, cell);
    } else if (column >= CODE_PLACE) {
        snprintf(cell->text, sizeof cell->text, "%s", length ? why : "not accessible");
        cell->ink = ink;
    }
    if (length && why[0]) {
        snprintf(cell->detail, sizeof cell->detail, "%s", why);
    }
}

/* The cursor goes with the PSW. */
static void follow(struct zf_run_view *v) {
    const struct zf_shot *shot = v->shot;
    struct zf_inspector *in = v->in;
    if (shot->code_at < 0 ||
        (shot->psw_addr == in->followed && shot->code_from == in->followed_from)) {
        return;
    }
    in->followed = shot->psw_addr;
    in->followed_from = shot->code_from;
    zf_gui_table_go(v->gui, "code", shot->code_at);
}

void zf_run_code(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column gate = {"gate", "gate", 50, ZF_LEFT, ZF_FONT_TEXT};
    struct zf_column columns[CODE_COLUMNS] = {
        [CODE_MARK] = {"", "mark", 3, ZF_LEFT, ZF_FONT_MONO},
        [CODE_ADDRESS] = {"address", "address", 8, ZF_RIGHT, ZF_FONT_MONO},
        [CODE_BYTES] = {"bytes", "bytes", 12, ZF_LEFT, ZF_FONT_MONO},
        [CODE_INSN] = {"instruction", "instruction", 28, ZF_LEFT, ZF_FONT_MONO},
        [CODE_PLACE] = {"function, line", "place", 20, ZF_LEFT, ZF_FONT_TEXT},
        [CODE_GATE] = gate,
    };
    if (!v->shot->code_known) {
        columns[CODE_PLACE] = gate;
    }
    struct zf_table table = {.name = "code",
                             .columns = columns,
                             .column_count = CODE_COLUMNS - !v->shot->code_known,
                             .sticky = 2,
                             .rows = ZF_WATCH_CODE,
                             .ordered = true,
                             .dense = true,
                             .cell = code_cell,
                             .context = v};
    follow(v);
    struct zf_table_event event = zf_gui_table(v->gui, &table, box);
    if (event.row < 0) {
        return;
    }
    uint64_t address = v->shot->code[event.row].address;
    if (event.activated) {
        zf_control_run_to(zf_watch_control(v->in->watch), address);
        v->in->soon = 4;
    } else if (v->gui->focus != zf_gui_id(v->gui, "storage") &&
               zf_gui_key(v->gui, ZF_KEY_F1 + 8, 0)) {
        zf_inspector_breakpoint(v->in, address);
    }
}
