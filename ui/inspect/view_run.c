/*
 * A guest on the active model, from copies: buttons and keys, how it fares, and the panes.
 */
#include "inspect/run_view.h"

#include <stdio.h>

typedef void request(struct zf_control *control);

static void step(struct zf_control *control) {
    zf_control_step(control, 1);
}

/* Where it cannot go back, the line of its time says why. */
static void ask_back(struct zf_run_view *v, request *what) {
    if (v->shot->goes_back) {
        what(zf_watch_control(v->in->watch));
        v->in->soon = 4;
    } else {
        snprintf(v->in->message, sizeof v->in->message, "%s", v->shot->no_way_back);
    }
}

static void ask(struct zf_run_view *v, request *what) {
    if (v->shot->state == ZF_WATCH_ENDED) {
        snprintf(v->in->message, sizeof v->in->message, "ended; Ctrl-F5 restarts");
        return;
    }
    what(zf_watch_control(v->in->watch));
    v->in->soon = 4;
}

static void take_keys(struct zf_run_view *v, bool running) {
    if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, 0)) {
        ask(v, running ? zf_control_pause : zf_control_run);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, ZF_SHIFT)) {
        ask(v, zf_control_pause);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 4, ZF_CTRL)) {
        zf_inspector_load(v->in);
    } else if (zf_gui_key(v->gui, 'o', ZF_CTRL)) {
        zf_inspector_choose(v->in, true);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 10, ZF_SHIFT)) {
        ask_back(v, zf_control_step_back);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 9, ZF_SHIFT)) {
        ask_back(v, zf_control_run_back);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 9, 0)) {
        ask(v, zf_control_step_over);
    } else if (zf_gui_key(v->gui, ZF_KEY_F1 + 10, 0)) {
        ask(v, step);
    }
}

static void draw_buttons(struct zf_run_view *v, struct zf_box *line, bool running) {
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
    zf_box_cut_left(line, v->gui->metrics.pad_x);
    box = zf_box_cut_left(line, zf_gui_button_width(v->gui, "Ctrl-O other"));
    if (zf_gui_button(v->gui, "other", box, "Ctrl-O other")) {
        zf_inspector_choose(v->in, true);
    }
    zf_box_cut_left(line, 2 * v->gui->metrics.pad_x);
}

/* In words, by a mark of its own shape, and in colour. */
static void draw_state(struct zf_run_view *v, struct zf_box line) {
    static const struct {
        const char *mark, *text;
        enum zf_ink ink;
    } states[] = {[ZF_WATCH_PAUSED] = {"■", "paused", ZF_INK_TEXT},
                  [ZF_WATCH_RUNNING] = {"▶", "running", ZF_INK_BLUE}},
      ends[] = {[ZF_WATCH_GOOD] = {"●", "completed", ZF_INK_GREEN},
                [ZF_WATCH_FOUND] = {"▲", "completed, with findings", ZF_INK_YELLOW},
                [ZF_WATCH_FAILED] = {"✕", "failed", ZF_INK_RED},
                [ZF_WATCH_CUT_OFF] = {"◇", "stopped before its end", ZF_INK_ORANGE}};
    const struct zf_shot *shot = v->shot;
    bool ended = shot->state == ZF_WATCH_ENDED;
    const char *mark = ended ? ends[shot->outcome].mark : states[shot->state].mark;
    const char *text = ended ? ends[shot->outcome].text : states[shot->state].text;
    const struct zf_recent *recent = v->in->recent;
    zf_gui_print(v->gui, line, ZF_FONT_BOLD,
                 ended ? ends[shot->outcome].ink : states[shot->state].ink, "%s %s%s%s  %s%s%s",
                 mark, text, shot->why[0] ? ": " : "", shot->why, shot->guest,
                 recent->arguments[0] ? " " : "", recent->arguments);
}

static void draw_psw(struct zf_run_view *v, struct zf_box line) {
    const struct zf_shot *shot = v->shot;
    char cpu[40] = "";
    if (shot->cpu_count > 1) {
        snprintf(cpu, sizeof cpu, "CPU %u of %u  ", shot->cpu, shot->cpu_count);
    }
    zf_gui_print(v->gui, line, ZF_FONT_MONO, ZF_INK_TEXT, "%sPSW %016lx %016lx  cc %u  FPC %08x%s",
                 cpu, (unsigned long)shot->psw_mask, (unsigned long)shot->psw_addr,
                 (unsigned)zf_bits64(shot->psw_mask, 18, 19),
                 (unsigned)shot->registers[ZF_REGISTER_FPC][0],
                 shot->psw_mask & ZF_PSW_WAIT ? "  wait state" : "");
}

/* What is not looked at all the time is behind tabs; all of it on paper. */
static void draw_tabs(struct zf_run_view *v, struct zf_box box) {
    static const char *const titles[] = {"Storage", "Blocks", "Ops", "CPUs"};
    static void (*const draw[])(struct zf_run_view *, struct zf_box) = {
        zf_run_storage, zf_run_blocks, zf_run_ops, zf_run_cpus};
    const struct zf_metrics *m = &v->gui->metrics;
    if (m->paper) {
        for (int i = 0; i < 4 - (v->shot->cpu_count < 2); i++) {
            box = zf_gui_below(v->gui, box);
            zf_box_cut_top(&box, 1);
            draw[i](v, box);
        }
        return;
    }
    zf_gui_tabs(v->gui, "tabs", zf_box_cut_top(&box, m->line + (m->cells ? 0 : m->pad_y)), titles,
                4, &v->in->pane);
    draw[v->in->pane](v, box);
}

static void draw_panes(struct zf_run_view *v, struct zf_box box) {
    static const int across[] = {57}, down[] = {56, 18};
    const int registers = zf_run_registers_share(v->gui, box);
    struct zf_panes columns, left, right;
    zf_panes_begin(&columns, v->gui, "columns", box, true, across, 2);
    zf_panes_begin(&left, v->gui, "left", zf_panes_next(&columns), false, down, 3);
    zf_run_code(v, zf_panes_next(&left));
    zf_run_findings(v, zf_panes_next(&left));
    zf_run_console(v, zf_panes_next(&left));
    zf_panes_begin(&right, v->gui, "right", zf_panes_next(&columns), false, &registers, 2);
    zf_run_registers(v, zf_panes_next(&right));
    draw_tabs(v, zf_panes_next(&right));
}

void zf_view_run(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    const struct zf_metrics *m = &gui->metrics;
    if (!in->watch || in->choosing) {
        zf_run_choose(in, gui, box);
        return;
    }
    struct zf_run_view v = {in, gui, zf_watch_shot(in->watch), &zf_inspector_active(in)->gate};
    bool running = v.shot->state == ZF_WATCH_RUNNING;
    take_keys(&v, running);
    struct zf_box line = {0};
    if (!m->paper) {
        line = zf_box_inset(zf_box_cut_top(&box, m->row + 3 * m->pad_y), m->pad_x, m->pad_y);
        draw_buttons(&v, &line, running);
    }
    if (!in->watch || in->choosing) {
        return;
    }
    v.shot = zf_watch_shot(in->watch);
    draw_state(&v, m->paper ? zf_box_cut_top(&box, 1) : line);
    draw_psw(&v,
             zf_box_inset(zf_box_cut_top(&box, m->line + m->pad_y), m->paper ? 0 : m->pad_x, 0));
    zf_run_time(&v,
                zf_box_inset(zf_box_cut_top(&box, m->line + m->pad_y), m->paper ? 0 : m->pad_x, 0));
    struct zf_box strips = m->paper ? box : zf_box_cut_bottom(&box, 2 * m->line + 2 * m->pad_y);
    draw_panes(&v, box);
    zf_run_strips(&v, strips);
}
