/* A person at the keyboard: what keys and the pointer do, and that no sequence of them does harm.
 */
#include "person.h"

#include "gui/text_out.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(inspector, keys_go_to_views) {
    struct zf_session *s = open_session("z13,z14");
    pass(s, NULL);
    type(s, "3");
    cr_expect_eq(s->in.view, ZF_VIEW_model);
    press(s, ZF_KEY_PAGE_DOWN, ZF_CTRL);
    cr_expect_eq(s->in.view, ZF_VIEW_insns);
    press(s, '1', ZF_ALT);
    cr_expect_eq(s->in.view, ZF_VIEW_models);
    press(s, 'q', ZF_CTRL);
    cr_expect(s->in.quit);
    close_session(s);
}

Test(inspector, filter_narrows_and_escape_clears) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_insns;
    pass(s, NULL);
    type(s, "/");
    type(s, "vfae");
    cr_expect_str_eq(s->in.filter[ZF_VIEW_insns], "vfae");
    cr_expect(shows(s, "1 instruction, "));
    press(s, ZF_KEY_BACKSPACE, 0);
    cr_expect_str_eq(s->in.filter[ZF_VIEW_insns], "vfa");
    press(s, ZF_KEY_ESCAPE, 0);
    cr_expect_str_eq(s->in.filter[ZF_VIEW_insns], "");
    close_session(s);
}

Test(inspector, space_switches_a_facility) {
    struct zf_session *s = open_session("z13,z14");
    s->in.view = ZF_VIEW_matrix;
    snprintf(s->in.filter[ZF_VIEW_matrix], 64, "129 vx");
    pass(s, NULL);
    press(s, ZF_KEY_END, 0); /* the last column: z14 */
    type(s, " ");
    cr_expect_not(zf_model_has_facility(&s->in.chosen[1].model, 129));
    cr_expect_str_eq(s->in.chosen[1].text, "z14,vx=off");
    cr_expect(shows(s, "z14*"));
    type(s, " ");
    cr_expect_str_eq(s->in.chosen[1].text, "z14");
    close_session(s);
}

Test(inspector, p_changes_the_policy) {
    struct zf_session *s = open_session("z13,dfp=off");
    s->in.view = ZF_VIEW_insns;
    snprintf(s->in.filter[ZF_VIEW_insns], 64, "adtr");
    pass(s, NULL);
    cr_expect(shows(s, "✕"));
    type(s, "p");
    cr_expect_eq(s->in.policy, ZF_POLICY_IBC);
    cr_expect(shows(s, "↯"));
    close_session(s);
}

Test(inspector, tab_reaches_everything) {
    struct zf_session *s = open_session("z13,z14");
    for (int view = 0; view < ZF_VIEW_COUNT; view++) {
        s->in.view = view;
        s->gui.focus = 0;
        pass(s, NULL);
        if (s->gui.focus == 0) { /* a page without a table */
            press(s, ZF_KEY_TAB, 0);
        }
        uint32_t first = s->gui.focus;
        unsigned count = s->gui.order_count;
        cr_expect_geq(count, 2u);
        for (unsigned i = 0; i < count; i++) {
            press(s, ZF_KEY_TAB, 0);
            cr_expect_neq(s->gui.focus, 0u);
            cr_expect(i + 1 == count || s->gui.focus != first);
        }
        cr_expect_eq(s->gui.focus, first, "view %d: Tab does not come round", view);
        press(s, ZF_KEY_TAB, ZF_SHIFT);
        press(s, ZF_KEY_TAB, 0);
        cr_expect_eq(s->gui.focus, first);
    }
    close_session(s);
}

Test(inspector, nothing_changes_while_nothing_happens) {
    struct zf_session *s = open_session("z900..z17");
    for (int view = 0; view < ZF_VIEW_COUNT; view++) {
        s->in.view = view;
        pass(s, NULL);
        uint64_t hash = zf_draw_hash(pass(s, NULL));
        cr_expect_eq(zf_draw_hash(pass(s, NULL)), hash, "view %d", view);
    }
    close_session(s);
}

Test(inspector, ctrl_c_copies_the_view) {
    struct zf_session *s = open_session("z13,z14");
    struct zf_window_app app = zf_session_app(s);
    s->in.view = ZF_VIEW_matrix;
    pass(s, NULL);
    cr_expect_null(app.copied(s));
    press(s, 'c', ZF_CTRL);
    char *text = app.copied(s);
    cr_assert(text);
    cr_expect(strstr(text, "Facilities: z13, z14"));
    cr_expect(strstr(text, "201  concurrent-functions"));
    free(text);
    close_session(s);
}

static void point(struct zf_session *s, enum zf_event_kind kind, int x, int y) {
    struct zf_metrics metrics = zf_text_metrics(false);
    struct zf_event event = {.kind = kind, .x = x, .y = y, .clicks = 1};
    metrics.cells = false;
    zf_session_pass(s, &metrics, WIDTH, HEIGHT, &event);
}

/* The border right of "facility" is somewhere in the head of the table. */
Test(inspector, a_column_is_dragged) {
    struct zf_session *s = open_session("z13,z14");
    enum { HEAD = 2, FACILITY = 1 };
    s->in.view = ZF_VIEW_matrix;
    point(s, ZF_EVENT_MOVE, 0, HEAD);
    const struct zf_widget *table = zf_gui_widget(&s->gui, s->gui.focus);
    for (int x = 10; x < 70 && !table->width[FACILITY]; x++) {
        point(s, ZF_EVENT_PRESS, x, HEAD);
        point(s, ZF_EVENT_MOVE, x + 7, HEAD);
        point(s, ZF_EVENT_RELEASE, x + 7, HEAD);
    }
    int needed = table->widest[FACILITY], said = 38 + 2;
    cr_expect_eq(table->width[FACILITY], (needed > said ? needed : said) + 7);
    close_session(s);
}

static int first_row(struct zf_session *s, const char *a, const char *b) {
    char *text = zf_session_text(s, WIDTH, HEIGHT);
    const char *x = text ? strstr(text, a) : NULL, *y = text ? strstr(text, b) : NULL;
    int order = (x > y) - (x < y);
    cr_expect(x && y, "%s, %s", a, b);
    free(text);
    return order;
}

/* A click on a title, and the keys for it. What has the cursor is still what is acted on. */
Test(inspector, a_title_sorts) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_insns;
    snprintf(s->in.filter[ZF_VIEW_insns], 64, "add halfword");
    pass(s, NULL);
    cr_expect_lt(first_row(s, " agh ", " ahy "), 0);
    point(s, ZF_EVENT_PRESS, 8, 2); /* mnemonic */
    point(s, ZF_EVENT_RELEASE, 8, 2);
    cr_expect(shows(s, "mnemonic ▲"));
    point(s, ZF_EVENT_PRESS, 8, 2);
    point(s, ZF_EVENT_RELEASE, 8, 2);
    cr_expect(shows(s, "mnemonic ▼"));
    cr_expect_gt(first_row(s, " agh ", " ahy "), 0);
    type(s, "S");
    cr_expect_lt(first_row(s, " agh ", " ahy "), 0);
    type(s, "s"); /* by code */
    cr_expect(shows(s, "code ▲"));
    cr_expect_gt(first_row(s, " aghi ", " ahi "), 0);
    close_session(s);
}

/* Wherever the focus is, and the cursor's row shows whole what its cells cut. */
Test(inspector, escape_clears_and_the_cursor_shows_all) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_insns;
    snprintf(s->in.filter[ZF_VIEW_insns], 64, "vpkzr");
    pass(s, NULL);
    press(s, ZF_KEY_ESCAPE, 0);
    cr_expect_str_eq(s->in.filter[ZF_VIEW_insns], "");
    s->in.view = ZF_VIEW_models;
    s->gui.focus = 0;
    char *text = zf_session_text(s, 60, HEIGHT);
    cr_expect(text && strstr(text, "2000-10"), "announced"); /* its column is cut */
    free(text);
    close_session(s);
}

/* Goes to a view that asks for a file: first one that is not there, as `error` says, then `text`.
 */
static void give_file(struct zf_session *s, const char *key, const char *error, char *path,
                      const char *text) {
    ssize_t size = (ssize_t)strlen(text);
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, text, (size_t)size) == size);
    close(file);
    pass(s, NULL);
    type(s, key);
    type(s, "/nowhere");
    press(s, ZF_KEY_ENTER, 0);
    cr_expect(shows(s, error));
    press(s, ZF_KEY_ESCAPE, 0);
    type(s, path);
    press(s, ZF_KEY_ENTER, 0);
}

/* Counts of another model count for what each model has. */
Test(inspector, coverage_by_model) {
    static char path[] = "/tmp/zfacet-counts-XXXXXX";
    static const char text[] = "{\"format\": \"zfacet-mix\", \"version\": 1, \"counts\": "
                               "{\"instructions\": 8, \"images\": "
                               "{\"\": {\"\": {\"agr\": 7, \"exrl\": 1}}}, \"forms\": {}, "
                               "\"functions\": {\"km\": {\"0\": 1}}, "
                               "\"models\": {\"z13\": 1}, \"guests\": {}}}\n";
    struct zf_session *s = open_session("z9ec,z13");
    give_file(s, "8", "/nowhere: No such file", path, text);
    cr_expect(shows(s, "all instructions") && shows(s, "◐ 2/"));
    cr_expect(shows(s, "● 1/1") && shows(s, "·"));
    unlink(path);
    close_session(s);
}

/* Enter on a cell compares the two; what the map knows is found anew when a model changes. */
Test(inspector, migration_map) {
    struct zf_session *s = open_session("z13,z14");
    pass(s, NULL);
    type(s, "9");
    cr_expect(shows(s, "●") && shows(s, "✕"));
    s->gui.focus = 0;
    pass(s, NULL);
    press(s, ZF_KEY_DOWN, 0);
    press(s, ZF_KEY_RIGHT, 0);
    press(s, ZF_KEY_ENTER, 0);
    cr_expect_eq(s->in.view, ZF_VIEW_compare);
    cr_expect_eq(s->in.active, 1u);
    cr_expect_eq(s->in.moves[1][0].verdict, ZF_MOVES_NOT);
    unsigned lost = s->in.moves[1][0].lost;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) { /* z14 becomes what z13 is */
        if (zf_model_has_feature(&s->in.chosen[1].model, f) &&
            !zf_model_has_feature(&s->in.chosen[0].model, f)) {
            zf_inspector_switch(&s->in, 1, (enum zf_feature)f, false);
        }
    }
    s->in.view = ZF_VIEW_migration;
    pass(s, NULL);
    cr_expect_lt(s->in.moves[1][0].lost, lost);
    close_session(s);
}

/* A group's row narrows the findings; Enter on a finding goes to its instruction. */
Test(inspector, findings_are_grouped) {
    static char path[] = "/tmp/zfacet-findings-XXXXXX";
    static const char text[] =
        "{\"format\": \"zfacet-check\", \"version\": 1, \"cases\": [{\"name\": \"x\", \"results\": "
        "[{\"model\": \"z13\", \"findings\": [{\"kind\": \"blocked\", \"text\": \"agh one\", "
        "\"mnemonic\": \"agh\", \"image\": \"/a\"}, {\"kind\": \"blocked\", \"text\": \"vl two\", "
        "\"mnemonic\": \"vl\", \"image\": \"/b\"}]}]}]}";
    struct zf_session *s = open_session("z13");
    give_file(s, "7", "/nowhere: No such file", path, text);
    cr_expect(shows(s, "agh one") && shows(s, "vl two"));
    press(s, ZF_KEY_TAB, 0);
    s->gui.focus = 0;
    pass(s, NULL);
    press(s, ZF_KEY_DOWN, 0);
    cr_expect(shows(s, "agh one") && !shows(s, "vl two"));
    press(s, ZF_KEY_TAB, 0);
    press(s, ZF_KEY_ENTER, 0);
    cr_expect_eq(s->in.view, ZF_VIEW_insns);
    cr_expect_str_eq(s->in.filter[ZF_VIEW_insns], "agh");
    unlink(path);
    close_session(s);
}

/* At two sizes, of which the smaller one has room for two columns only. */
Test(inspector, help_fits) {
    static const char *const lines[] = {"next policy; under policy ibc: next host, next IBC value",
                                        "save the view: name.csv, .json, .txt or .png", "Ctrl-Q"};
    struct zf_session *s = open_session("z13");
    pass(s, NULL);
    type(s, "?");
    for (int height = 26; height <= HEIGHT; height += HEIGHT - 26) {
        char *text = zf_session_text(s, WIDTH, height);
        for (unsigned i = 0; i < ZF_ARRAY_LENGTH(lines); i++) {
            cr_expect(text && strstr(text, lines[i]), "%d lines: %s", height, lines[i]);
        }
        free(text);
    }
    close_session(s);
}

enum { CHARACTER = 7 };

static int measure_pixels(void *fonts, enum zf_font font, const char *text, size_t bytes) {
    int width = 0;
    for (const char *end = text + bytes; text < end; width += CHARACTER) {
        zf_next_character(&text, end);
    }
    return width;
}

/* A frame in a window of that width, in pixels. */
static const struct zf_draw *pass_pixels(struct zf_session *s, int width) {
    const struct zf_metrics metrics = {.line = 18,
                                       .row = 25,
                                       .pad_x = 8,
                                       .pad_y = 4,
                                       .rule = 1,
                                       .ring = 1,
                                       .measure = measure_pixels};
    return zf_session_pass(s, &metrics, width, 600, NULL);
}

/* How many texts are in the lines of that text's height, none over another or beyond the end. */
static unsigned count_apart(const struct zf_draw *draw, const char *mark, int width) {
    int y = -1, end = 0;
    unsigned count = 0;
    for (size_t i = 0; i < draw->count; i++) {
        const struct zf_draw_command *c = &draw->commands[i];
        const char *text = draw->text + c->text;
        if (c->kind != ZF_DRAW_TEXT) {
            continue;
        }
        if (y < 0 && c->length == strlen(mark) && !memcmp(text, mark, c->length)) {
            y = c->box.y;
        }
        if (c->box.y == y) {
            int last = c->box.x + measure_pixels(NULL, c->font, text, c->length);
            cr_expect_geq(c->box.x, end, "%d: '%.*s'", width, (int)c->length, text);
            cr_expect_leq(last, width, "%d: '%.*s'", width, (int)c->length, text);
            end = last;
            count++;
        }
    }
    return count;
}

/* Names and years of the line of time stand side by side in narrow windows, too. */
Test(inspector, time_line_fits) {
    struct zf_session *s = open_session("z13,z15,z17");
    for (int width = 700; width <= 2000; width += 50) {
        const struct zf_draw *draw = pass_pixels(s, width);
        cr_expect_gt(count_apart(draw, "large", width), 10u);
        cr_expect_gt(count_apart(draw, "small", width), 10u);
        cr_expect_gt(count_apart(draw, "2000", width), 5u);
    }
    close_session(s);
}

/* All switches of a host would leave no room for anything else. */
Test(inspector, a_host_is_active_by_its_name) {
    struct zf_session *s = open_session("z13");
    struct zf_error err;
    struct zf_model model;
    cr_assert_eq(zf_model_parse("z14", false, &model, NULL, &err), ZF_OK);
    cr_assert_eq(zf_inspector_add_model(&s->in, "web1", &model, &err), ZF_OK);
    s->in.active = 1;
    pass(s, NULL);
    cr_expect(shows(s, "active: web1"));
    close_session(s);
}

/* Under policy ibc it matters on what host, and with which IBC value. */
Test(inspector, host_and_ibc_are_chosen) {
    struct zf_session *s = open_session("z13,z14,z16");
    type(s, "p");
    type(s, "h");
    cr_expect(s->in.has_host);
    cr_expect(shows(s, "host z16"));
    type(s, "h");
    cr_expect(shows(s, "host z14"));
    type(s, "hh");
    cr_expect_not(s->in.has_host);
    type(s, "i");
    cr_expect_eq(s->in.ibc, 0);
    type(s, "i");
    cr_expect_gt(s->in.ibc, 0);
    for (int i = 0; i < 100 && s->in.ibc != ZF_IBC_OF_MODEL; i++) {
        type(s, "i");
    }
    cr_expect_eq(s->in.ibc, ZF_IBC_OF_MODEL);
    close_session(s);
}

/* What a cat on the keyboard does; the same each time. */
static void random_event(unsigned *seed, struct zf_event *event) {
    static const char *const texts[] = {" ", "/", "v", "1",    "2",        "3",
                                        "4", "5", "6", "[",    "]",        ".",
                                        ",", "?", "é", "#129", "\xff\xfe", "zzzzzzzzzzzzzz"};
    unsigned n = (unsigned)rand_r(seed);
    *event = (struct zf_event){.kind = ZF_EVENT_KEY + n % 6};
    n = (unsigned)rand_r(seed);
    if (event->kind == ZF_EVENT_KEY) {
        event->key =
            n % 3 ? ZF_KEY_TAB + (int)(n / 3 % (ZF_KEY_LIMIT - ZF_KEY_TAB)) : (int)(n / 3 % 128);
        event->modifiers = n % 5 ? 0 : n / 5 % 8;
    } else if (event->kind == ZF_EVENT_TEXT) {
        snprintf(event->text, sizeof event->text, "%s",
                 texts[n % (sizeof texts / sizeof texts[0])]);
    }
    event->x = rand_r(seed) % (WIDTH + 10) - 5;
    event->y = rand_r(seed) % (HEIGHT + 10) - 5;
    event->wheel_y = rand_r(seed) % 7 - 3;
    event->wheel_x = rand_r(seed) % 3 - 1;
    event->clicks = 1 + rand_r(seed) % 2;
}

static void play(unsigned seed, int events, bool pixels) {
    struct zf_session *s = open_session("z13,z14,vx=off,z16-full,z900");
    struct zf_metrics metrics = zf_text_metrics(false);
    snprintf(s->in.guest, sizeof s->in.guest, "rom:z14-on-z13");
    zf_inspector_load(&s->in);
    if (pixels) { /* the geometry of pixels without a font */
        metrics.cells = false;
        metrics.ring = 1;
    }
    for (int i = 0; i < events; i++) {
        struct zf_event event;
        int width = i % 97 ? WIDTH : rand_r(&seed) % 200,
            height = i % 89 ? HEIGHT : rand_r(&seed) % 90;
        random_event(&seed, &event);
        zf_session_pass(s, &metrics, width, height, &event);
        zf_session_pass(s, &metrics, width, height, NULL);
        cr_assert_not(s->gui.failed);
        s->in.save[0] = 0; /* no files here */
        s->in.copy = false;
    }
    char *text = zf_session_text(s, 0, 0);
    cr_assert(text);
    free(text);
    close_session(s);
}

Test(inspector, a_thousand_inputs, .timeout = 300) {
    play(1, 1000, false);
}

Test(inspector, a_thousand_inputs_in_pixels, .timeout = 300) {
    play(2, 1000, true);
}

Test(inspector, other_thousands, .timeout = 300) {
    for (unsigned seed = 3; seed < 7; seed++) {
        play(seed, 300, seed & 1);
    }
}
