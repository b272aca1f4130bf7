/*
 * The migration map: which guest can move to which host, of the chosen models or of a file of
 * hosts, and what a guest would lose where it cannot.
 */
#include "inspect/fact.h"
#include "inspect/inspector.h"

#include "gui/table.h"
#include "model/cluster_file.h"
#include "model/losses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUEST, FIXED };

static struct zf_move find_move(const struct zf_inspector *in, const struct zf_inspected *guest,
                                const struct zf_inspected *host) {
    struct zf_move move = {.known = true};
    struct zf_loss_count lost;
    struct zf_model without = guest->model;
    if (zf_inspector_fits(in, &guest->model, &host->model)) {
        move.verdict = ZF_MOVES;
        return move;
    }
    zf_model_drop_deprecated(&without);
    move.verdict =
        zf_inspector_fits(in, &without, &host->model) ? ZF_MOVES_WITHOUT_DEPRECATED : ZF_MOVES_NOT;
    zf_count_losses(&guest->model, &host->model, &lost);
    move.lost = lost.instructions + lost.forms + lost.functions;
    return move;
}

/* Each is found once, until models change. */
static const struct zf_move *move_of(struct zf_inspector *in, int guest, int host) {
    if (in->moves_revision != in->revision) {
        memset(in->moves, 0, sizeof in->moves);
        in->moves_revision = in->revision;
    }
    struct zf_move *move = &in->moves[guest][host];
    if (!move->known) {
        *move = find_move(in, &in->chosen[guest], &in->chosen[host]);
    }
    return move;
}

/* The marks differ in shape, so that colour is not needed to tell them apart. */
static void move_cell(void *context, int row, int column, struct zf_cell *cell) {
    static const struct {
        const char *mark, *value, *detail;
        enum zf_ink ink;
    } looks[] = {
        [ZF_MOVES] = {"●", "moves", "can move", ZF_INK_GREEN},
        [ZF_MOVES_WITHOUT_DEPRECATED] = {"◐", "without deprecated features",
                                         "can move with deprecated-features=off", ZF_INK_YELLOW},
        [ZF_MOVES_NOT] = {"✕", "no", "cannot move", ZF_INK_RED},
    };
    struct zf_inspector *in = context;
    const struct zf_inspected *guest = &in->chosen[row];
    if (column == GUEST) {
        snprintf(cell->text, sizeof cell->text, "%s", guest->title);
        snprintf(cell->detail, sizeof cell->detail, "%s", guest->text);
        return;
    }
    const struct zf_move *move = move_of(in, row, column - FIXED);
    if (row == column - FIXED) {
        snprintf(cell->text, sizeof cell->text, "=");
        cell->ink = ZF_INK_MUTED;
    } else if (move->lost) {
        snprintf(cell->text, sizeof cell->text, "%s %u", looks[move->verdict].mark, move->lost);
        cell->ink = looks[move->verdict].ink;
    } else {
        snprintf(cell->text, sizeof cell->text, "%s", looks[move->verdict].mark);
        cell->ink = looks[move->verdict].ink;
    }
    cell->value = looks[move->verdict].value;
    snprintf(cell->detail, sizeof cell->detail, "a guest of %s %s to %s", guest->title,
             looks[move->verdict].detail, in->chosen[column - FIXED].title);
}

static void draw_lacks(const struct zf_inspector *in, struct zf_gui *gui, struct zf_box *box,
                       const struct zf_inspected *guest, const struct zf_inspected *host) {
    char text[4000];
    size_t used = 0;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (used < sizeof text - 40 && zf_model_has_feature(&guest->model, f) &&
            !zf_model_has_feature(&host->model, f)) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.30s", used ? " " : "",
                                     zf_feature_info(f)->name);
        }
    }
    if (host->model.machine->level < guest->model.machine->level) {
        zf_fact(gui, box, "machine", ZF_INK_TEXT, "%s is older than %s", host->model.machine->title,
                guest->model.machine->title);
    }
    if (used) {
        zf_fact(gui, box, "lacks", ZF_INK_TEXT, "%s", text);
    }
}

/* The newest model that runs on all that are chosen. */
static void draw_common(struct zf_inspector *in, struct zf_gui *gui, struct zf_box *box) {
    struct zf_manage_model common, next;
    struct zf_manage_error error;
    char text[ZF_INSPECT_TEXT];
    zf_manage_from_model(&in->chosen[0].model, &common);
    for (unsigned i = 1; i < in->count; i++) {
        struct zf_manage_model before = common;
        zf_manage_from_model(&in->chosen[i].model, &next);
        if (!zf_manage_baseline(in->manage, &before, &next, &common, &error)) {
            zf_fact(gui, box, "on all", ZF_INK_RED, "no model runs on all of them");
            return;
        }
    }
    zf_inspector_text(in, &common, text, sizeof text);
    zf_fact(gui, box, "on all", ZF_INK_TEXT, "%s", text);
}

static void draw_move(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box, int guest,
                      int host) {
    const struct zf_inspected *from = &in->chosen[guest], *to = &in->chosen[host];
    const struct zf_move *move = move_of(in, guest, host);
    char title[2 * ZF_MODEL_NAME_LENGTH + 8];
    struct zf_cell cell = {0};
    snprintf(title, sizeof title, "%s → %s", from->title, to->title);
    move_cell(in, guest, host + FIXED, &cell);
    zf_gui_fill(gui, box, ZF_INK_PANEL);
    box = zf_gui_heading(gui, box, title, cell.detail);
    box = zf_box_inset(box, gui->metrics.paper ? 0 : gui->metrics.pad_x, 0);
    if (move->lost) {
        zf_fact(gui, &box, "loses", ZF_INK_TEXT, "%u instructions, operand values and functions",
                move->lost);
    }
    draw_lacks(in, gui, &box, from, to);
    draw_common(in, gui, &box);
}

enum zf_status zf_inspector_add_hosts(struct zf_inspector *in, const char *path,
                                      struct zf_error *err) {
    struct zf_cluster cluster;
    enum zf_status status = zf_cluster_read(path, &cluster, err);
    for (unsigned i = 0; status == ZF_OK && i < cluster.count; i++) {
        struct zf_model_input input;
        status = zf_host_model(&cluster, &cluster.hosts[i], &input, err);
        if (status == ZF_OK) {
            status = zf_inspector_add_model(in, cluster.hosts[i].name, &input.model, err);
        }
    }
    free(cluster.hosts);
    return status;
}

void zf_view_migration(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const int down[] = {70};
    struct zf_column columns[FIXED + ZF_INSPECT_MODELS] = {
        [GUEST] = {"guest of", "guest", 16, ZF_LEFT, ZF_FONT_TEXT}};
    struct zf_panes panes;
    for (unsigned i = 0; i < in->count; i++) {
        int width = (int)strlen(in->chosen[i].title);
        columns[FIXED + i] = (struct zf_column){in->chosen[i].title, NULL, width < 6 ? 6 : width,
                                                ZF_LEFT, ZF_FONT_MARK};
    }
    struct zf_table table = {.name = "migration",
                             .columns = columns,
                             .column_count = FIXED + (int)in->count,
                             .sticky = FIXED,
                             .rows = (int)in->count,
                             .by_cell = true,
                             .cell = move_cell,
                             .context = in};
    zf_panes_begin(&panes, gui, "migration", box, false, down, 2);
    struct zf_table_event event = zf_gui_table(gui, &table, zf_panes_next(&panes));
    box = zf_panes_next(&panes);
    if (event.row >= 0) {
        int host = event.column < FIXED ? 0 : event.column - FIXED;
        draw_move(in, gui, box, event.row, host);
        if (event.activated) {
            in->active = (unsigned)event.row;
            in->other = (unsigned)host;
            in->view = ZF_VIEW_compare;
        }
    }
}
