/*
 * What a guest consists of: registers, storage, CPUs.
 */
#include "inspect/run_view.h"

#include "gui/table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

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
    const struct zf_shot *shot = ((const struct zf_run_view *)context)->shot;
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

void zf_run_registers(struct zf_run_view *v, struct zf_box box) {
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
                             .ordered = true,
                             .dense = true,
                             .cell = register_cell,
                             .context = v};
    zf_gui_table(v->gui, &table, box);
}

int zf_run_registers_share(const struct zf_gui *gui, struct zf_box box) {
    int all = gui->metrics.row + ZF_WATCH_REGISTERS * gui->metrics.line;
    return box.h > 0 ? (all * 100 + box.h - 1) / box.h : 0;
}

static void storage_cell(void *context, int row, int column, struct zf_cell *cell) {
    const struct zf_shot *shot = ((const struct zf_run_view *)context)->shot;
    const uint8_t *bytes = shot->storage[row].bytes;
    uint64_t address = shot->look + (uint64_t)row * ZF_WATCH_LINE;
    bool watched = zf_watch_has(shot->watched, shot->watched_count, address);
    cell->ink = column ? ZF_INK_TEXT : ZF_INK_MUTED;
    snprintf(cell->detail, sizeof cell->detail, "F9: %s when these bytes change",
             watched ? "no longer stop" : "stop");
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%s%lx", watched ? "■ " : "",
                 (unsigned long)address);
        cell->ink = watched ? ZF_INK_RED : ZF_INK_MUTED;
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

void zf_run_storage(struct zf_run_view *v, struct zf_box box) {
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
                             .ordered = true,
                             .dense = true,
                             .cell = storage_cell,
                             .context = v};
    char *filter = v->in->filter[ZF_VIEW_run];
    box = zf_view_filter(v->in, v->gui, box, ZF_VIEW_run, "storage at (hex address)", "");
    struct zf_table_event event = zf_gui_table(v->gui, &table, box);
    if (event.row >= 0 && event.focused && zf_gui_key(v->gui, ZF_KEY_F1 + 8, 0)) {
        uint64_t address = v->shot->look + (uint64_t)event.row * ZF_WATCH_LINE;
        if (!zf_watch_storage(v->in->watch, address)) {
            snprintf(v->in->message, sizeof v->in->message, "no room to watch storage at %lx",
                     (unsigned long)address);
        }
        v->in->soon = 4;
    }
    if (filter[0]) {
        zf_watch_look(v->in->watch, strtoull(filter, NULL, 16));
        v->in->soon = v->in->soon ? v->in->soon : 1;
    }
}

enum { CPU_NUMBER, CPU_STATE, CPU_ADDRESS, CPU_MASK, CPU_COLUMNS };

static void cpu_cell(void *context, int row, int column, struct zf_cell *cell) {
    static const char *const states[] = {[ZF_WATCH_CPU_RUNS] = "operating",
                                         [ZF_WATCH_CPU_WAITS] = "waits",
                                         [ZF_WATCH_CPU_STOPPED] = "stopped"};
    const struct zf_shot *shot = ((const struct zf_run_view *)context)->shot;
    const struct zf_watch_cpu *cpu = &shot->cpus[row];
    bool own = cpu->address == shot->cpu;
    cell->bold = own;
    cell->ink = cpu->state == ZF_WATCH_CPU_RUNS ? ZF_INK_TEXT : ZF_INK_MUTED;
    if (column == CPU_NUMBER) {
        snprintf(cell->text, sizeof cell->text, "%s%u", own ? "▶" : "", cpu->address);
        cell->ink = own ? ZF_INK_ACCENT : cell->ink;
    } else if (column == CPU_STATE) {
        snprintf(cell->text, sizeof cell->text, "%s", states[cpu->state]);
    } else {
        snprintf(cell->text, sizeof cell->text, column == CPU_ADDRESS ? "%lx" : "%016lx",
                 (unsigned long)(column == CPU_ADDRESS ? cpu->psw_addr : cpu->psw_mask));
    }
    snprintf(cell->detail, sizeof cell->detail, "Enter: registers, code and steps are of this one");
}

void zf_run_cpus(struct zf_run_view *v, struct zf_box box) {
    static const struct zf_column columns[CPU_COLUMNS] = {
        [CPU_NUMBER] = {"CPU", "cpu", 4, ZF_RIGHT, ZF_FONT_MONO},
        [CPU_STATE] = {"state", "state", 10, ZF_LEFT, ZF_FONT_TEXT},
        [CPU_ADDRESS] = {"at", "address", 16, ZF_RIGHT, ZF_FONT_MONO},
        [CPU_MASK] = {"PSW mask", "mask", 16, ZF_LEFT, ZF_FONT_MONO},
    };
    struct zf_table table = {.name = "cpus",
                             .columns = columns,
                             .column_count = CPU_COLUMNS,
                             .rows = (int)v->shot->cpu_count,
                             .dense = true,
                             .cell = cpu_cell,
                             .context = v};
    struct zf_table_event event = zf_gui_table(v->gui, &table, box);
    if (event.activated && event.row >= 0) {
        zf_watch_select(v->in->watch, v->shot->cpus[event.row].address);
        v->in->soon = 4;
    }
}
