/*
 * A guest on the active model, from copies: code with what the gate says of it, registers, storage,
 * console, blocks, ops, findings.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"

#include "gui/table.h"

#include "zfacet/implemented.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view {
    struct zf_inspector *in;
    struct zf_gui *gui;
    const struct zf_shot *shot;
    const struct zf_gate *gate;
};

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

static void code_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct view *v = context;
    uint64_t address = v->shot->code[row].address, word = v->shot->code[row].word;
    unsigned length = v->shot->code[row].length;
    struct zf_insn insn;
    char why[160], *tab;
    enum zf_ink ink;
    zf_decode(word, &insn);
    const char *mark = length ? judge(v->gate, insn, &ink, why, sizeof why) : "";
    ink = length ? ink : ZF_INK_MUTED;
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%s%s", row ? "" : "▶", mark);
        cell->ink = row ? ink : ZF_INK_ACCENT;
    } else if (column == 1) {
        snprintf(cell->text, sizeof cell->text, "%lx", (unsigned long)address);
        cell->ink = ZF_INK_MUTED;
    } else if (column == 2 && length) {
        snprintf(cell->text, sizeof cell->text, "%0*lx", (int)length * 2,
                 (unsigned long)(word >> (64 - 8 * length)));
        cell->ink = ZF_INK_MUTED;
    } else if (column == 3 && length) {
        zf_disasm(&insn, address, cell->text, sizeof cell->text);
        tab = strchr(cell->text, '\t');
        if (tab) {
            *tab = ' ';
        }
        cell->ink = ink;
        cell->bold = row == 0;
    } else if (column == 4) {
        snprintf(cell->text, sizeof cell->text, "%s", length ? why : "not accessible");
        cell->ink = ink;
    }
    if (length && why[0]) {
        snprintf(cell->detail, sizeof cell->detail, "%s", why);
    }
}

static void draw_code(struct view *v, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"", "mark", 3, ZF_LEFT, ZF_FONT_MONO},
        {"address", "address", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"bytes", "bytes", 12, ZF_LEFT, ZF_FONT_MONO},
        {"instruction", "instruction", 28, ZF_LEFT, ZF_FONT_MONO},
        {"gate", "gate", 50, ZF_LEFT, ZF_FONT_TEXT},
    };
    struct zf_table table = {.name = "code",
                             .columns = columns,
                             .column_count = 5,
                             .sticky = 2,
                             .rows = v->shot->psw_mask & ZF_PSW_WAIT ? 0 : ZF_WATCH_CODE,
                             .empty = "wait state",
                             .cell = code_cell,
                             .context = v};
    struct zf_table_event event = zf_gui_table(v->gui, &table, box);
    if (event.activated && event.row >= 0) {
        zf_control_run_to(zf_watch_control(v->in->watch), v->shot->code[event.row].address);
        v->in->soon = 4;
    }
}

/* The registers of which there are sixteen have a column each; -1: no more. */
static int register_column(int column) {
    for (int id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        if (info->count == ZF_WATCH_REGISTERS && column-- == 0) {
            return id;
        }
    }
    return -1;
}

static void register_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_shot *shot = ((const struct view *)context)->shot;
    int id = column ? register_column(column - 1) : -1;
    if (id < 0) {
        snprintf(cell->text, sizeof cell->text, "%d", row);
        cell->ink = ZF_INK_MUTED;
        return;
    }
    uint64_t value = shot->registers[id][row];
    snprintf(cell->text, sizeof cell->text, "%0*lx",
             2 * zf_register_info((enum zf_register)id)->bytes, (unsigned long)value);
    cell->ink = value ? ZF_INK_TEXT : ZF_INK_MUTED;
}

static void draw_registers(struct view *v, struct zf_box box) {
    struct zf_column columns[1 + ZF_REGISTER_COUNT] = {{"", "number", 2, ZF_RIGHT, ZF_FONT_MONO}};
    int count = 1;
    for (int id; (id = register_column(count - 1)) >= 0; count++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        columns[count] =
            (struct zf_column){info->title, info->name, 2 * info->bytes, ZF_LEFT, ZF_FONT_MONO};
    }
    struct zf_table table = {.name = "registers",
                             .columns = columns,
                             .column_count = count,
                             .sticky = 1,
                             .rows = ZF_WATCH_REGISTERS,
                             .cell = register_cell,
                             .context = v};
    zf_gui_table(v->gui, &table, box);
}

static void storage_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_shot *shot = ((const struct view *)context)->shot;
    const uint8_t *bytes = shot->storage[row].bytes;
    cell->ink = column ? ZF_INK_TEXT : ZF_INK_MUTED;
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%lx",
                 (unsigned long)(shot->look + (uint64_t)row * 16));
    } else if (!shot->storage[row].there) {
        snprintf(cell->text, sizeof cell->text, "%s", column == 1 ? "not accessible" : "");
        cell->ink = ZF_INK_MUTED;
    } else if (column == 1) {
        for (int i = 0; i < 16; i += 4) {
            snprintf(cell->text + i / 4 * 9, 10, i < 12 ? "%08x " : "%08x", zf_get32(bytes + i));
        }
    } else {
        for (int i = 0; i < 16; i++) {
            cell->text[i] = isprint(bytes[i]) ? (char)bytes[i] : '.';
        }
        cell->text[16] = 0;
        cell->ink = ZF_INK_MUTED;
    }
}

static void draw_storage(struct view *v, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"storage", "address", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"hex", "hex", 35, ZF_LEFT, ZF_FONT_MONO},
        {"ASCII", "ascii", 16, ZF_LEFT, ZF_FONT_MONO},
    };
    struct zf_table table = {.name = "storage",
                             .columns = columns,
                             .column_count = 3,
                             .sticky = 1,
                             .rows = v->gui->metrics.paper ? 16 : ZF_WATCH_LINES,
                             .cell = storage_cell,
                             .context = v};
    char *filter = v->in->filter[ZF_VIEW_run];
    box = zf_view_filter(v->in, v->gui, box, ZF_VIEW_run, "storage at (hex address)", "");
    zf_gui_table(v->gui, &table, box);
    if (filter[0]) {
        zf_watch_look(v->in->watch, strtoull(filter, NULL, 16));
        v->in->soon = v->in->soon ? v->in->soon : 1;
    }
}

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
    const char *line = console_line(((const struct view *)context)->shot, row, &length);
    for (size_t i = 0; i < length && i + 1 < sizeof cell->text; i++) {
        cell->text[i] = isprint((unsigned char)line[i]) ? line[i] : ' ';
        cell->text[i + 1] = 0;
    }
}

/* A line for the guest. It is sent, with the end of the line, by Enter. */
static void draw_input(struct view *v, struct zf_box box) {
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

static void draw_console(struct view *v, struct zf_box box) {
    static const struct zf_column columns[] = {{"console", "console", 120, ZF_LEFT, ZF_FONT_MONO}};
    int lines = v->shot->console_length > 0;
    for (size_t i = 0; i + 1 < v->shot->console_length; i++) {
        lines += v->shot->console[i] == '\n';
    }
    struct zf_table table = {.name = "console",
                             .columns = columns,
                             .column_count = 1,
                             .rows = lines,
                             .empty = "no output yet",
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

/* Eighths, by the largest. */
static void bars(const uint32_t *values, int count, char *text, size_t size) {
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint32_t most = 1;
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < count; i++) {
        most = values[i] > most ? values[i] : most;
    }
    for (int i = 0; i < count && used < size; i++) {
        unsigned level = (unsigned)(((uint64_t)values[i] * 8 + most - 1) / most);
        used += (size_t)snprintf(text + used, size - used, "%s", bars[level]);
    }
}

static void facility_counts(const struct zf_watch_block *block, const char *between, char *text,
                            size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < block->needs && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%u: %u", i ? between : "",
                                 block->facility[i], block->count[i]);
    }
}

static void facility_detail(const struct zf_watch_block *block, char *text, size_t size) {
    size_t used =
        (size_t)snprintf(text, size, "%lx to %lx, seen %lu times", (unsigned long)block->pc,
                         (unsigned long)block->end, (unsigned long)block->seen);
    for (unsigned i = 0; i < block->needs && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%u instructions need %u (%s)",
                                 i ? ", " : "; ", block->count[i], block->facility[i],
                                 zf_facility_name(block->facility[i]));
    }
}

enum { BLOCK_ADDRESS, BLOCK_SEEN, BLOCK_HEAT, BLOCK_FACILITIES, BLOCK_INSNS, BLOCK_COLUMNS };

static void heat_cell(const struct view *v, const struct zf_watch_block *block,
                      struct zf_cell *cell) {
    uint32_t heat[ZF_WATCH_HEAT];
    for (int i = 0; i < ZF_WATCH_HEAT; i++) {
        heat[i] = block->heat[i];
    }
    if (!v->gui->metrics.paper) { /* time is not the same twice */
        bars(heat, ZF_WATCH_HEAT, cell->text, sizeof cell->text);
    }
    cell->ink = ZF_INK_GREEN;
}

static void block_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct view *v = context;
    const struct zf_watch_block *block = &v->shot->blocks[row];
    facility_detail(block, cell->detail, sizeof cell->detail);
    switch (column) {
    case BLOCK_ADDRESS:
        snprintf(cell->text, sizeof cell->text, "%lx", (unsigned long)block->pc);
        cell->ink = ZF_INK_MUTED;
        break;
    case BLOCK_SEEN:
        snprintf(cell->text, sizeof cell->text, "%lu", (unsigned long)block->seen);
        break;
    case BLOCK_HEAT:
        heat_cell(v, block, cell);
        break;
    case BLOCK_FACILITIES:
        facility_counts(block, "  ", cell->text, sizeof cell->text);
        break;
    default:
        snprintf(cell->text, sizeof cell->text, "%u", block->insns);
        break;
    }
}

static void op_cell(void *context, int row, int column, struct zf_cell *cell) {
    snprintf(cell->text, sizeof cell->text, "%s", ((const struct view *)context)->shot->ops[row]);
}

static void hit_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_finding *finding = &((const struct view *)context)->shot->finding[row];
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%s", zf_finding_kind_name(finding->kind));
        cell->ink = finding->kind == ZF_FINDING_BLOCKED ? ZF_INK_RED : ZF_INK_ORANGE;
    } else if (column == 1) {
        snprintf(cell->text, sizeof cell->text, "%lx", (unsigned long)finding->address);
        cell->ink = ZF_INK_MUTED;
    } else if (column == 2) {
        snprintf(cell->text, sizeof cell->text, "%s", zf_row_get(finding->subject.row)->mnemonic);
    } else if (column == 3) {
        snprintf(cell->text, sizeof cell->text, "%lu", (unsigned long)finding->count);
    } else {
        snprintf(cell->text, sizeof cell->text, "%s", zf_outcome_text(finding->outcome));
        cell->ink = ZF_INK_MUTED;
    }
}

static void draw_right(struct view *v, struct zf_box box) {
    static const struct zf_column hit_columns[] = {
        {"finding", "hit", 9, ZF_LEFT, ZF_FONT_TEXT},
        {"address", "address", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"insn", "mnemonic", 7, ZF_LEFT, ZF_FONT_MONO},
        {"times", "count", 5, ZF_RIGHT, ZF_FONT_MONO},
        {"outcome", "outcome", 24, ZF_LEFT, ZF_FONT_TEXT},
    };
    static const struct zf_column block_columns[] = {
        {"block", "block", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"seen", "seen", 5, ZF_RIGHT, ZF_FONT_MONO},
        {"last 10 s", "heat", ZF_WATCH_HEAT, ZF_LEFT, ZF_FONT_MONO},
        {"facility: insns", "facilities", 18, ZF_LEFT, ZF_FONT_MONO},
        {"insns", "insns", 5, ZF_RIGHT, ZF_FONT_MONO},
    };
    static const struct zf_column op_columns[] = {
        {"ops of this block (after a step)", "op", 60, ZF_LEFT, ZF_FONT_MONO}};
    static const int shares[] = {26, 34};
    struct zf_table hits = {.name = "hits",
                            .columns = hit_columns,
                            .column_count = 5,
                            .rows = (int)v->shot->findings,
                            .empty = "no findings",
                            .cell = hit_cell,
                            .context = v};
    struct zf_table blocks = {.name = "blocks",
                              .columns = block_columns,
                              .column_count = BLOCK_COLUMNS,
                              .sticky = 1,
                              .rows = (int)v->shot->block_count,
                              .empty = "no code translated yet",
                              .cell = block_cell,
                              .context = v};
    struct zf_table ops = {.name = "ops",
                           .columns = op_columns,
                           .column_count = 1,
                           .rows = (int)v->shot->op_count,
                           .empty = "F11 shows them",
                           .cell = op_cell,
                           .context = v};
    struct zf_panes panes;
    zf_panes_begin(&panes, v->gui, "right", box, false, shares, 3);
    zf_gui_table(v->gui, &hits, zf_panes_next(&panes));
    zf_gui_table(v->gui, &blocks, zf_panes_next(&panes));
    zf_gui_table(v->gui, &ops, zf_panes_next(&panes));
}

/* A tenth of a second a character, the newest at the right. */
static void draw_strips(struct view *v, struct zf_box box) {
    const struct zf_metrics *m = &v->gui->metrics;
    char text[ZF_WATCH_SLOTS * 4];
    int label = zf_gui_measure(v->gui, ZF_FONT_SMALL, "0") * 16;
    int unit = zf_gui_measure(v->gui, ZF_FONT_MONO, "█");
    const struct {
        const char *name;
        const uint32_t *values;
        enum zf_ink ink;
    } strips[] = {{"active code", v->shot->seen, ZF_INK_GREEN},
                  {"findings", v->shot->findings_seen, ZF_INK_RED}};
    if (m->paper) {
        return; /* time is not the same twice */
    }
    zf_gui_fill(v->gui, box, ZF_INK_PANEL);
    box = zf_box_inset(box, m->pad_x, m->pad_y);
    for (size_t i = 0; i < 2; i++) {
        struct zf_box line = zf_box_cut_top(&box, m->line);
        zf_gui_text(v->gui, zf_box_cut_left(&line, label), ZF_LEFT, ZF_FONT_SMALL, ZF_INK_MUTED,
                    strips[i].name);
        int fit = line.w < unit ? 0 : line.w / unit;
        fit = fit < ZF_WATCH_SLOTS ? fit : ZF_WATCH_SLOTS;
        bars(strips[i].values + (ZF_WATCH_SLOTS - fit), fit, text, sizeof text);
        zf_gui_text(v->gui, line, ZF_LEFT, ZF_FONT_MONO, strips[i].ink, text);
    }
}

typedef void request(struct zf_control *control);

static void step(struct zf_control *control) {
    zf_control_step(control, 1);
}

static void ask(struct view *v, request *what) {
    if (v->shot->state == ZF_WATCH_ENDED) {
        snprintf(v->in->message, sizeof v->in->message, "ended; Ctrl-F5 restarts");
        return;
    }
    what(zf_watch_control(v->in->watch));
    v->in->soon = 4;
}

static void take_keys(struct view *v, bool running) {
    if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, 0)) {
        ask(v, running ? zf_control_pause : zf_control_run);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, ZF_SHIFT)) {
        ask(v, zf_control_pause);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, ZF_CTRL)) {
        zf_inspector_load(v->in);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 9, 0)) {
        ask(v, zf_control_step_over);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 10, 0)) {
        ask(v, step);
    }
}

static void draw_buttons(struct view *v, struct zf_box *line, bool running) {
    const struct {
        const char *name, *title;
        request *request;
    } buttons[] = {
        {"run", running ? "F5 pause" : "F5 run", running ? zf_control_pause : zf_control_run},
        {"step", "F11 step", step},
        {"over", "F10 step over", zf_control_step_over}};
    for (size_t i = 0; i < 3; i++) {
        struct zf_box box = zf_box_cut_left(line, zf_gui_button_width(v->gui, buttons[i].title));
        if (zf_gui_button(v->gui, buttons[i].name, box, buttons[i].title)) {
            ask(v, buttons[i].request);
        }
        zf_box_cut_left(line, v->gui->metrics.pad_x);
    }
    struct zf_box box = zf_box_cut_left(line, zf_gui_button_width(v->gui, "Ctrl-F5 restart"));
    if (zf_gui_button(v->gui, "again", box, "Ctrl-F5 restart")) {
        zf_inspector_load(v->in);
    }
    zf_box_cut_left(line, 2 * v->gui->metrics.pad_x);
}

static void draw_state(struct view *v, struct zf_box line) {
    static const char *const states[] = {"", "paused", "running", "ended"};
    static const enum zf_ink inks[] = {ZF_INK_MUTED, ZF_INK_TEXT, ZF_INK_GREEN, ZF_INK_ORANGE};
    const struct zf_shot *shot = v->shot;
    unsigned cc = (unsigned)zf_bits64(shot->psw_mask, 18, 19);
    zf_gui_print(v->gui, line, ZF_FONT_MONO, inks[shot->state],
                 "%s %s%s%s  PSW %016lx %016lx  cc %u  FPC %08x", shot->guest, states[shot->state],
                 shot->why[0] ? ": " : "", shot->why, (unsigned long)shot->psw_mask,
                 (unsigned long)shot->psw_addr, cc, (unsigned)shot->registers[ZF_REGISTER_FPC][0]);
}

static void draw_panes(struct view *v, struct zf_box box) {
    static const int across[] = {33, 41}, down[] = {66}, middle[] = {54};
    struct zf_panes columns, left, centre;
    zf_panes_begin(&columns, v->gui, "columns", box, true, across, 3);
    zf_panes_begin(&left, v->gui, "left", zf_panes_next(&columns), false, down, 2);
    draw_code(v, zf_panes_next(&left));
    draw_console(v, zf_panes_next(&left));
    zf_panes_begin(&centre, v->gui, "middle", zf_panes_next(&columns), false, middle, 2);
    draw_registers(v, zf_panes_next(&centre));
    draw_storage(v, zf_panes_next(&centre));
    draw_right(v, zf_panes_next(&columns));
}

static void draw_nothing(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    const struct zf_metrics *m = &gui->metrics;
    box = zf_box_inset(box, 2 * m->pad_x, 3 * m->pad_y);
    struct zf_box line = zf_box_cut_top(&box, m->row);
    zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TITLE, ZF_INK_TEXT, "No guest loaded");
    zf_gui_paragraph(
        gui, zf_box_cut_top(&box, 2 * m->line), ZF_FONT_TEXT, ZF_INK_MUTED,
        "Give a bare-metal guest or a Linux program, or a built-in guest such as rom:z14-on-z13. "
        "It runs on the active model.");
    if (m->paper) {
        return;
    }
    zf_box_cut_top(&box, 2 * m->pad_y);
    line = zf_box_cut_top(&box, m->row + m->pad_y);
    struct zf_box field = zf_box_cut_left(&line, zf_gui_measure(gui, ZF_FONT_TEXT, "0") * 60);
    zf_gui_field(gui, "guest", field, in->guest, sizeof in->guest, "file or rom:NAME, then Enter");
    zf_box_cut_left(&line, m->pad_x);
    bool go = zf_gui_button(gui, "load", zf_box_cut_left(&line, zf_gui_button_width(gui, "Load")),
                            "Load");
    if (go || zf_gui_key(gui, ZF_KEY_ENTER, 0)) {
        zf_inspector_load(in);
    }
}

void zf_view_run(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    const struct zf_metrics *m = &gui->metrics;
    if (!in->watch) {
        draw_nothing(in, gui, box);
        return;
    }
    struct view v = {in, gui, zf_watch_shot(in->watch), &zf_inspector_active(in)->gate};
    bool running = v.shot->state == ZF_WATCH_RUNNING;
    take_keys(&v, running);
    if (!in->watch) {
        return;
    }
    v.shot = zf_watch_shot(in->watch);
    struct zf_box line = zf_box_cut_top(&box, m->paper ? 1 : m->row + 3 * m->pad_y);
    if (!m->paper) {
        line = zf_box_inset(line, m->pad_x, m->pad_y);
        draw_buttons(&v, &line, running);
    }
    if (!in->watch) {
        return;
    }
    v.shot = zf_watch_shot(in->watch);
    draw_state(&v, line);
    struct zf_box strips = m->paper ? box : zf_box_cut_bottom(&box, 2 * m->line + 2 * m->pad_y);
    draw_panes(&v, box);
    draw_strips(&v, strips);
}
