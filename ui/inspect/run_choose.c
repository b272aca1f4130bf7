/*
 * Which guest? A line in which a file, or rom:NAME, is typed, and below it what it can be: guests
 * that were loaded before, the built-in ones, and the files of the folder that is being typed.
 */
#include "inspect/run_view.h"

#include "gui/table.h"

#include "zfacet/rom.h"

#include <dirent.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHOICES = 400 };
enum kind { RECENT, BUILT_IN, FOLDER, A_FILE };

struct choice {
    enum kind kind;
    unsigned number; /* of RECENT and BUILT_IN */
    char name[300];
};

struct choices {
    const struct zf_inspector *in;
    char folder[1024]; /* with its final /, as it was typed; "" is where zfacet was started */
    struct choice list[CHOICES];
    int count;
};

static void add(struct choices *c, enum kind kind, unsigned number, const char *name) {
    if (c->count < CHOICES) {
        struct choice *choice = &c->list[c->count++];
        choice->kind = kind;
        choice->number = number;
        snprintf(choice->name, sizeof choice->name, "%s", name);
    }
}

static void add_known(struct choices *c) {
    const struct zf_inspector *in = c->in;
    struct zf_rom rom;
    char text[400];
    for (unsigned i = 0; i < in->recent_count; i++) {
        if (zf_filter_matches(in->guest, in->recent[i].guest)) {
            add(c, RECENT, i, in->recent[i].guest);
        }
    }
    for (unsigned i = 0; zf_rom_at(i, &rom); i++) {
        snprintf(text, sizeof text, "rom:%s %s", rom.name, rom.summary);
        if (zf_filter_matches(in->guest, text)) {
            snprintf(text, sizeof text, "rom:%s", rom.name);
            add(c, BUILT_IN, i, text);
        }
    }
}

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Folders, then files; hidden ones when that is typed. */
static void add_files(struct choices *c) {
    const char *slash = strrchr(c->in->guest, '/'), *begin = slash ? slash + 1 : c->in->guest;
    struct dirent **names;
    char path[1400];
    snprintf(c->folder, sizeof c->folder, "%.*s", (int)(begin - c->in->guest), c->in->guest);
    int count = scandir(c->folder[0] ? c->folder : ".", &names, NULL, alphasort);
    for (enum kind kind = FOLDER; kind <= A_FILE; kind++) {
        for (int i = 0; i < count; i++) {
            const char *name = names[i]->d_name;
            snprintf(path, sizeof path, "%s%s", c->folder, name);
            bool hidden = name[0] == '.' && strcmp(name, "..") != 0 && begin[0] != '.';
            if (!hidden && strcmp(name, ".") != 0 && strstr(name, begin) &&
                is_folder(path) == (kind == FOLDER)) {
                add(c, kind, 0, name);
            }
        }
    }
    for (int i = 0; i < count; i++) {
        free(names[i]);
    }
    if (count >= 0) {
        free(names);
    }
}

/* A word on what a file is. */
static const char *kind_of_file(const struct choices *c, const char *name) {
    char path[1400];
    unsigned char head[20] = {0};
    snprintf(path, sizeof path, "%s%s", c->folder, name);
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(head, 1, sizeof head, file) : 0;
    if (file) {
        fclose(file);
    }
    bool elf = length == sizeof head && !memcmp(head, ELFMAG, SELFMAG);
    return !elf                                                  ? ""
           : head[EI_DATA] == ELFDATA2MSB && head[19] == EM_S390 ? "s390x ELF"
                                                                 : "ELF of another machine";
}

static void choice_cell(void *context, int row, int column, struct zf_cell *cell) {
    static const char *const kinds[] = {"recent", "built-in", "folder", "file"};
    const struct choices *c = context;
    const struct choice *choice = &c->list[row];
    struct zf_rom rom;
    cell->ink = column == 1 ? ZF_INK_TEXT : ZF_INK_MUTED;
    if (column == 0) {
        snprintf(cell->text, sizeof cell->text, "%s", kinds[choice->kind]);
    } else if (column == 1) {
        snprintf(cell->text, sizeof cell->text, "%.150s%s", choice->name,
                 choice->kind == FOLDER ? "/" : "");
    } else if (choice->kind == RECENT) {
        snprintf(cell->text, sizeof cell->text, "%.150s", c->in->recent[choice->number].arguments);
    } else if (choice->kind == BUILT_IN && zf_rom_at(choice->number, &rom)) {
        snprintf(cell->text, sizeof cell->text, "%s", rom.summary);
    } else if (choice->kind == A_FILE) {
        const char *what = kind_of_file(c, choice->name);
        snprintf(cell->text, sizeof cell->text, "%s", what);
        cell->ink = what[0] == 's' ? ZF_INK_GREEN : ZF_INK_MUTED;
    }
}

/* Loads the guest that was typed; of a folder, shows what is in it. */
static void take_guest(struct zf_inspector *in, struct zf_gui *gui) {
    size_t length = strlen(in->guest);
    if (is_folder(in->guest) && length + 1 < sizeof in->guest) {
        snprintf(in->guest + length, sizeof in->guest - length,
                 in->guest[length - 1] == '/' ? "" : "/");
        return;
    }
    zf_inspector_load(in);
    if (in->watch) {
        gui->focus = 0;
    }
}

static void take_choice(struct zf_inspector *in, struct zf_gui *gui, const struct choices *c,
                        int row) {
    const struct choice *choice = &c->list[row];
    const char *folder = choice->kind >= FOLDER ? c->folder : "";
    char guest[sizeof in->guest];
    snprintf(guest, sizeof guest, "%s%s%s", folder, choice->name,
             choice->kind == FOLDER ? "/" : "");
    memcpy(in->guest, guest, sizeof in->guest);
    if (choice->kind == RECENT) {
        memcpy(in->arguments, in->recent[choice->number].arguments, sizeof in->arguments);
    } else if (choice->kind == BUILT_IN) {
        in->arguments[0] = 0;
    }
    zf_gui_table_go(gui, "choices", 0);
    take_guest(in, gui);
}

/* A field with its label before it; true: Enter. */
static bool labelled(struct zf_gui *gui, struct zf_box *box, const char *name, char *text,
                     size_t size, const char *hint) {
    const struct zf_metrics *m = &gui->metrics;
    struct zf_box line = zf_box_cut_top(box, m->row + m->pad_y);
    struct zf_box label = zf_box_cut_left(&line, zf_gui_measure(gui, ZF_FONT_TEXT, "0") * 11);
    zf_gui_text(gui, label, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_MUTED, name);
    bool enter = gui->focus == zf_gui_id(gui, name) && zf_gui_key(gui, ZF_KEY_ENTER, 0);
    zf_gui_field(gui, name, line, text, size, hint);
    zf_box_cut_top(box, m->pad_y);
    return enter;
}

static void leave_field(struct zf_inspector *in, struct zf_gui *gui) {
    if (gui->focus != zf_gui_id(gui, "guest") && gui->focus != zf_gui_id(gui, "arguments")) {
        return;
    }
    if (!in->guest[0] && in->watch && zf_gui_key(gui, ZF_KEY_ESCAPE, 0)) {
        zf_inspector_choose(in, false);
    } else if (zf_gui_key(gui, ZF_KEY_DOWN, 0) ||
               (!in->guest[0] && zf_gui_key(gui, ZF_KEY_ESCAPE, 0))) {
        zf_gui_focus(gui, zf_gui_id(gui, "choices"));
    }
}

/* Whether the guest's time is its own, so that it can go back. */
static void draw_clocks(struct zf_inspector *in, struct zf_gui *gui, struct zf_box *box) {
    struct zf_box line = zf_box_cut_top(box, gui->metrics.row + gui->metrics.pad_y);
    const char *title =
        in->real_time ? "Ctrl-R time: the host's clocks" : "Ctrl-R time: counted in instructions";
    struct zf_box button = zf_box_cut_left(&line, zf_gui_button_width(gui, title));
    if (zf_gui_button(gui, "clocks", button, title) || zf_gui_key(gui, 'r', ZF_CTRL)) {
        in->real_time = !in->real_time;
    }
    zf_box_cut_left(&line, gui->metrics.pad_x);
    zf_gui_text(gui, line, ZF_LEFT, ZF_FONT_TEXT, ZF_INK_MUTED,
                in->real_time ? "the guest cannot go back"
                              : "the guest can go back to any instruction");
    zf_box_cut_top(box, gui->metrics.pad_y);
}

static void draw_fields(struct zf_inspector *in, struct zf_gui *gui, struct zf_box *box) {
    if (gui->focus == 0) {
        zf_gui_focus(gui, zf_gui_id(gui, "guest"));
    }
    leave_field(in, gui);
    bool go =
        labelled(gui, box, "guest", in->guest, sizeof in->guest,
                 "file or rom:NAME, then Enter; Down: the list; Alt with a number: other views");
    go |= labelled(gui, box, "arguments", in->arguments, sizeof in->arguments,
                   "of a Linux program; quotes keep words together");
    draw_clocks(in, gui, box);
    if (go) {
        take_guest(in, gui);
    }
}

void zf_run_choose(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box) {
    static const struct zf_column columns[] = {
        {"kind", "kind", 9, ZF_LEFT, ZF_FONT_TEXT},
        {"guest", "guest", 30, ZF_LEFT, ZF_FONT_TEXT},
        {"about", "about", 50, ZF_LEFT, ZF_FONT_TEXT},
    };
    const struct zf_metrics *m = &gui->metrics;
    box = zf_box_inset(box, m->paper ? 0 : 2 * m->pad_x, m->paper ? 0 : 2 * m->pad_y);
    zf_gui_text(gui, zf_box_cut_top(&box, m->row), ZF_LEFT, ZF_FONT_TITLE, ZF_INK_TEXT,
                in->watch ? "Another guest" : "No guest loaded");
    int used = zf_gui_paragraph(
        gui, box, ZF_FONT_TEXT, ZF_INK_MUTED,
        "Give a bare-metal guest or a Linux program, or a built-in guest such as rom:z14-on-z13. "
        "It runs on the active model.");
    zf_box_cut_top(&box, used + m->pad_y);
    if (!m->paper) {
        draw_fields(in, gui, &box);
    }
    if (in->watch && !in->choosing) {
        return;
    }
    struct choices *c = calloc(1, sizeof *c);
    if (!c) {
        return;
    }
    c->in = in;
    add_known(c);
    if (!m->paper) { /* where it is printed is no matter of the view's */
        add_files(c);
    }
    struct zf_table table = {.name = "choices",
                             .columns = columns,
                             .column_count = 3,
                             .rows = c->count,
                             .ordered = true,
                             .empty = "nothing matches what is typed",
                             .cell = choice_cell,
                             .context = c};
    struct zf_table_event event = zf_gui_table(gui, &table, box);
    if (event.row >= 0 && event.activated) {
        take_choice(in, gui, c, event.row);
    }
    free(c);
}
