/*
 * What a guest does: findings, blocks of code that were translated, their ops, what was at work.
 */
#include "inspect/run_view.h"

#include "gui/table.h"

#include <stdio.h>

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

static void heat_cell(const struct zf_run_view *v, const struct zf_watch_block *block,
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
    const struct zf_run_view *v = context;
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
    snprintf(cell->text, sizeof cell->text, "%s",
             ((const struct zf_run_view *)context)->shot->ops[row]);
}

static void hit_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_finding *finding = &((const struct zf_run_view *)context)->shot->finding[row];
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

void zf_run_findings(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"finding", "hit", 9, ZF_LEFT, ZF_FONT_TEXT},
        {"address", "address", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"insn", "mnemonic", 7, ZF_LEFT, ZF_FONT_MONO},
        {"times", "count", 5, ZF_RIGHT, ZF_FONT_MONO},
        {"outcome", "outcome", 24, ZF_LEFT, ZF_FONT_TEXT},
    };
    struct zf_table table = {.name = "hits",
                             .columns = columns,
                             .column_count = 5,
                             .rows = (int)v->shot->findings,
                             .dense = true,
                             .empty = "no findings",
                             .cell = hit_cell,
                             .context = v};
    zf_gui_table(v->gui, &table, box);
}

void zf_run_blocks(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"block", "block", 8, ZF_RIGHT, ZF_FONT_MONO},
        {"seen", "seen", 5, ZF_RIGHT, ZF_FONT_MONO},
        {"last 10 s", "heat", ZF_WATCH_HEAT, ZF_LEFT, ZF_FONT_MONO},
        {"facility: insns", "facilities", 18, ZF_LEFT, ZF_FONT_MONO},
        {"insns", "insns", 5, ZF_RIGHT, ZF_FONT_MONO},
    };
    struct zf_table table = {.name = "blocks",
                             .columns = columns,
                             .column_count = BLOCK_COLUMNS,
                             .sticky = 1,
                             .rows = (int)v->shot->block_count,
                             .dense = true,
                             .empty = "no code translated yet",
                             .cell = block_cell,
                             .context = v};
    zf_gui_table(v->gui, &table, box);
}

void zf_run_ops(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"ops of this block (after a step)", "op", 60, ZF_LEFT, ZF_FONT_MONO}};
    struct zf_table table = {.name = "ops",
                             .columns = columns,
                             .column_count = 1,
                             .rows = (int)v->shot->op_count,
                             .ordered = true,
                             .dense = true,
                             .empty = "F11 shows them",
                             .cell = op_cell,
                             .context = v};
    zf_gui_table(v->gui, &table, box);
}

/* A tenth of a second a character, the newest at the right. */
void zf_run_strips(struct zf_run_view *v, struct zf_box box) {
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
