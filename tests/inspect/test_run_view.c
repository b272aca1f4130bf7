/* A person with a guest: it is chosen, stepped, run, stopped, and taken back. */
#include "person.h"

#include "zfacet/rom.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

Test(run_view, a_guest_is_stepped_and_run) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_run;
    snprintf(s->in.guest, sizeof s->in.guest, "rom:z14-on-z13");
    zf_inspector_load(&s->in);
    cr_assert(s->in.watch);
    zf_watch_advance(s->in.watch, 8);
    cr_expect_eq(zf_watch_shot(s->in.watch)->psw_addr, 0x2004cu);
    cr_expect(shows(s, "msgrkc"));
    press(s, ZF_KEY_F1 + 4, 0);
    for (int i = 0; i < 2000 && zf_watch_shot(s->in.watch)->state != ZF_WATCH_ENDED; i++) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
    cr_expect_eq(zf_watch_shot(s->in.watch)->state, ZF_WATCH_ENDED);
    cr_expect_eq(zf_watch_shot(s->in.watch)->findings_total, 1u);
    close_session(s);
}

static struct zf_control *control(struct zf_session *s) {
    return zf_watch_control(s->in.watch);
}

/* Keys that come quicker than the engine are all heard. */
Test(run_view, no_step_is_lost) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_run;
    snprintf(s->in.guest, sizeof s->in.guest, "loop");
    for (unsigned turn = 1; turn <= 20; turn++) {
        zf_inspector_load(&s->in);
        cr_assert(s->in.watch);
        for (unsigned i = 0; i < turn; i++) {
            zf_control_step(control(s), 1);
        }
        zf_watch_advance(s->in.watch, turn);
        cr_expect_not(zf_control_busy(control(s)));
        cr_expect_eq(zf_watch_shot(s->in.watch)->steps, 2 * turn);
        zf_control_run(control(s));
        zf_watch_look(s->in.watch, 0x800 + 16 * turn); /* while it runs */
        for (int i = 0; i < 2000 && zf_watch_shot(s->in.watch)->look != 0x800 + 16 * turn; i++) {
            struct timespec moment = {.tv_nsec = 1000000};
            nanosleep(&moment, NULL);
        }
        cr_expect_eq(zf_watch_shot(s->in.watch)->look, 0x800 + 16 * turn);
        zf_control_pause(control(s));
        zf_watch_advance(s->in.watch, 1);
        cr_expect_eq(zf_watch_shot(s->in.watch)->state, ZF_WATCH_PAUSED);
    }
    close_session(s);
}

static void settle(struct zf_session *s) {
    for (int i = 0; i < 5000 && zf_control_busy(control(s)); i++) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
    cr_expect_not(zf_control_busy(control(s)));
}

static void load(struct zf_session *s, const char *guest) {
    s->in.view = ZF_VIEW_run;
    snprintf(s->in.guest, sizeof s->in.guest, "%s", guest);
    zf_inspector_load(&s->in);
    cr_assert(s->in.watch, "%s", guest);
}

/* The field has the focus: what is typed goes there and nowhere else, and the list follows. */
Test(run_view, a_guest_is_chosen) {
    struct zf_session *s = open_session("z13,z14");
    pass(s, NULL);
    type(s, "6");
    cr_expect_eq(s->in.view, ZF_VIEW_run);
    type(s, "rom:z14");
    cr_expect_eq(s->in.view, ZF_VIEW_run);
    cr_expect_str_eq(s->in.guest, "rom:z14");
    cr_expect(shows(s, "a loop in which a z13 fails"));
    cr_expect_not(shows(s, "rom:hello"));
    press(s, ZF_KEY_DOWN, 0);
    press(s, ZF_KEY_ENTER, 0);
    cr_assert(s->in.watch);
    cr_expect(shows(s, "paused"));
    press(s, 'o', ZF_CTRL);
    cr_expect(shows(s, "recent"));
    cr_expect(shows(s, "rom:hello"));
    press(s, ZF_KEY_ESCAPE, 0);
    cr_expect(shows(s, "paused"));
    cr_expect_str_eq(s->in.guest, "rom:z14-on-z13");
    close_session(s);
}

/* A path that is typed lists what its folder has. */
Test(run_view, a_file_is_chosen) {
    char folder[] = "/tmp/zfacet-guests-XXXXXX", path[64];
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/kernel.elf", folder);
    FILE *file = fopen(path, "w");
    cr_assert(file);
    fclose(file);
    struct zf_session *s = open_session("z13");
    pass(s, NULL);
    type(s, "6");
    type(s, folder);
    type(s, "/ker");
    cr_expect(shows(s, "kernel.elf"));
    press(s, ZF_KEY_DOWN, 0);
    press(s, ZF_KEY_ENTER, 0);
    cr_expect_str_eq(s->in.guest, path);
    close_session(s);
    unlink(path);
    rmdir(folder);
}

/* Of the text that begins so; -1: there is none. */
static int ink_of(struct zf_session *s, const char *what) {
    const struct zf_draw *draw = pass(s, NULL);
    size_t length = strlen(what);
    for (size_t i = 0; i < draw->count; i++) {
        const struct zf_draw_command *c = &draw->commands[i];
        if (c->kind == ZF_DRAW_TEXT && c->length >= length &&
            memcmp(draw->text + c->text, what, length) == 0) {
            return c->ink;
        }
    }
    return -1;
}

/* By words, by the shape of the mark, and by colour. */
Test(run_view, outcomes_differ) {
    static const struct {
        const char *guest, *text;
        int ink;
    } cases[] = {{"rom:hello", "● completed: disabled wait at fff", ZF_INK_GREEN},
                 {"rom:z14-on-z13", "✕ failed: disabled wait at bad0001", ZF_INK_RED}};
    struct zf_session *s = open_session("z13");
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        load(s, cases[i].guest);
        zf_control_run(control(s));
        settle(s);
        cr_expect(shows(s, cases[i].text), "%s", cases[i].text);
        cr_expect_eq(ink_of(s, cases[i].text), cases[i].ink, "%s", cases[i].text);
    }
    close_session(s);
}

/* A copy with so many comes soon after they were set. */
static bool breakpoints_become(struct zf_session *s, unsigned count) {
    for (int i = 0; i < 2000 && zf_watch_shot(s->in.watch)->breakpoint_count != count; i++) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
    return zf_watch_shot(s->in.watch)->breakpoint_count == count;
}

/* Code before the PSW stays in sight, and so do all registers. */
Test(run_view, code_stays_and_breakpoints_stop) {
    struct zf_session *s = open_session("z13");
    load(s, "rom:z14-on-z13");
    cr_expect(shows(s, " 20000"));
    for (int i = 0; i < 3; i++) {
        press(s, ZF_KEY_F1 + 10, 0);
    }
    settle(s);
    pass(s, NULL);
    const struct zf_shot *shot = zf_watch_shot(s->in.watch);
    cr_expect_eq(shot->code_from, 0x20000u);
    cr_expect_eq(shot->code[shot->code_at].address, 0x20012u);
    cr_expect(shows(s, "15  0000000000000000"));
    for (int i = 0; i < 3; i++) {
        press(s, ZF_KEY_DOWN, 0);
    }
    press(s, ZF_KEY_F1 + 8, 0);
    cr_expect(breakpoints_become(s, 1));
    cr_expect(zf_watch_stops_at(zf_watch_shot(s->in.watch), 0x20022u));
    press(s, ZF_KEY_F1 + 4, 0);
    settle(s);
    cr_expect_eq(zf_watch_shot(s->in.watch)->psw_addr, 0x20022u);
    press(s, ZF_KEY_F1 + 4, ZF_CTRL); /* loaded anew: the breakpoint is still there */
    press(s, ZF_KEY_F1 + 4, 0);
    settle(s);
    cr_expect_eq(zf_watch_shot(s->in.watch)->psw_addr, 0x20022u);
    zf_inspector_breakpoint(&s->in, 0x20022);
    cr_expect(breakpoints_become(s, 0));
    close_session(s);
}

Test(run_view, arguments_are_split) {
    char text[] = "  one 'two words' th\\ ree \"f\\\"our\" ''  ", *words[8];
    cr_assert_eq(zf_split_words(text, words, 8), 5u);
    cr_expect_str_eq(words[0], "one");
    cr_expect_str_eq(words[1], "two words");
    cr_expect_str_eq(words[2], "th ree");
    cr_expect_str_eq(words[3], "f\"our");
    cr_expect_str_eq(words[4], "");
}

/* Also to where it is already: then it comes round once. */
Test(run_view, a_guest_runs_to_an_address) {
    struct zf_session *s = open_session("z13");
    enum { LOOP = 0x806 };
    s->in.view = ZF_VIEW_run;
    snprintf(s->in.guest, sizeof s->in.guest, "loop");
    zf_inspector_load(&s->in);
    cr_assert(s->in.watch);
    uint64_t begin = 0;
    for (unsigned i = 0; i < 10; i++) {
        zf_control_run_to(control(s), LOOP);
        settle(s);
        const struct zf_shot *shot = zf_watch_shot(s->in.watch);
        cr_expect_eq(shot->psw_addr, (uint64_t)LOOP);
        cr_expect_eq(shot->state, ZF_WATCH_PAUSED);
        begin = i ? begin : shot->registers[ZF_REGISTER_GR][1];
        cr_expect_eq(shot->registers[ZF_REGISTER_GR][1], begin - i, "turn %u", i);
    }
    zf_control_step_over(control(s)); /* no call: one step */
    settle(s);
    cr_expect_eq(zf_watch_shot(s->in.watch)->registers[ZF_REGISTER_GR][1], begin - 10);
    zf_control_run(control(s));
    struct timespec moment = {.tv_nsec = 300000000};
    nanosleep(&moment, NULL);
    zf_control_pause(control(s));
    settle(s);
    cr_expect_eq(zf_watch_shot(s->in.watch)->state, ZF_WATCH_PAUSED);
    cr_expect_eq(zf_watch_shot(s->in.watch)->psw_addr, (uint64_t)LOOP);
    snprintf(s->in.input, sizeof s->in.input, "to nobody");
    cr_expect(zf_control_input(control(s), s->in.input,
                               strlen(s->in.input))); /* who does not read is not disturbed */
    const struct zf_watch_block *hottest = &zf_watch_shot(s->in.watch)->blocks[0];
    cr_expect_eq(hottest->pc, (uint64_t)LOOP);
    cr_expect_gt(hottest->seen, 10u);
    close_session(s);
}

static void run_to(struct zf_control *guest) {
    zf_control_run_to(guest, 0x20010);
}

/* Guests of all kinds can be left at any time: running, waiting, between two steps. */
Test(run_view, any_guest_can_be_left, .timeout = 120) {
    static void (*const requests[])(struct zf_control *) = {zf_control_run, zf_control_pause,
                                                            zf_control_step_over, run_to};
    struct zf_rom rom;
    struct zf_session *s = open_session("z14");
    s->in.view = ZF_VIEW_run;
    for (unsigned i = 0; zf_rom_at(i, &rom); i++) {
        snprintf(s->in.guest, sizeof s->in.guest, "rom:%s", rom.name);
        for (unsigned request = 0; request < ZF_ARRAY_LENGTH(requests); request++) {
            zf_inspector_load(&s->in);
            cr_assert(s->in.watch, "%s", rom.name);
            requests[request](control(s));
            pass(s, NULL);
            struct timespec moment = {.tv_nsec = 20000000};
            nanosleep(&moment, NULL);
            zf_control_step(control(s), 1);
            pass(s, NULL);
        }
    }
    close_session(s);
}

static int64_t place(struct zf_session *s) {
    settle(s);
    pass(s, NULL);
    return zf_watch_shot(s->in.watch)->at;
}

static void point(struct zf_session *s, enum zf_event_kind kind, int x, int y) {
    struct zf_event event = {.kind = kind, .x = x, .y = y, .clicks = 1};
    pass(s, &event);
    pass(s, NULL);
}

/* Where on the screen a text is; its line, and its column in characters. */
static bool find(struct zf_session *s, const char *what, int *x, int *y) {
    char *text = zf_session_text(s, WIDTH, HEIGHT), *at = text ? strstr(text, what) : NULL;
    *x = *y = 0;
    for (const char *p = text; at && p < at; p++) {
        *x = *p == '\n' ? 0 : *x + ((*p & 0xc0) != 0x80);
        *y += *p == '\n';
    }
    free(text);
    return at;
}

/* By keys, and by dragging the knob of the time line; after its end, too. */
Test(run_view, time_goes_back) {
    struct zf_session *s = open_session("z13");
    int x, y;
    load(s, "rom:hello");
    for (int i = 0; i < 5; i++) {
        press(s, ZF_KEY_F1 + 10, 0);
    }
    cr_expect_eq(place(s), 5);
    uint64_t there = zf_watch_shot(s->in.watch)->psw_addr;
    press(s, ZF_KEY_F1 + 10, ZF_SHIFT);
    cr_expect_eq(place(s), 4);
    press(s, ZF_KEY_F1 + 10, ZF_SHIFT);
    cr_expect_eq(place(s), 3);
    cr_expect(shows(s, "instruction 3 of 5"));
    press(s, ZF_KEY_F1 + 10, 0);
    press(s, ZF_KEY_F1 + 10, 0);
    cr_expect_eq(place(s), 5);
    cr_expect_eq(zf_watch_shot(s->in.watch)->psw_addr, there);
    press(s, ZF_KEY_F1 + 4, 0);
    int64_t end = place(s);
    cr_expect_gt(end, 100);
    cr_expect(shows(s, "completed"));
    cr_assert(find(s, "●", &x, &y)); /* that of the outcome */
    cr_assert(find(s, "━●", &x, &y));
    point(s, ZF_EVENT_PRESS, x + 1, y);
    point(s, ZF_EVENT_MOVE, x - 20, y);
    point(s, ZF_EVENT_RELEASE, x - 20, y);
    int64_t dragged = place(s);
    cr_expect(dragged > 5 && dragged < end, "%lld", (long long)dragged);
    cr_expect(shows(s, "paused"));
    press(s, ZF_KEY_LEFT, 0);
    cr_expect_lt(place(s), dragged);
    press(s, ZF_KEY_END, 0);
    cr_expect_eq(place(s), end);
    press(s, ZF_KEY_HOME, 0);
    cr_expect_eq(place(s), 0);
    press(s, ZF_KEY_F1 + 4, 0);
    cr_expect_eq(place(s), end);
    cr_expect(shows(s, "completed"));
    close_session(s);
}

/* The program new PSW's line of storage, which the guest stores to in two parts. */
Test(run_view, changes_of_storage_stop) {
    struct zf_session *s = open_session("z13");
    load(s, "rom:z14-on-z13");
    snprintf(s->in.filter[ZF_VIEW_run], sizeof s->in.filter[0], "1d0");
    for (int i = 0; i < 2000 && !shows(s, " 1d0  "); i++) {
        struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
    }
    for (int i = 0; i < 12 && !shows(s, "F9: stop when these bytes change"); i++) {
        press(s, ZF_KEY_TAB, 0);
    }
    press(s, ZF_KEY_F1 + 8, 0);
    press(s, ZF_KEY_F1 + 4, 0);
    cr_expect_eq(place(s), 3);
    cr_expect(shows(s, "storage at 1d0 changed"));
    cr_expect(shows(s, "■ 1d0"));
    press(s, ZF_KEY_F1 + 4, 0);
    cr_expect_eq(place(s), 5);
    press(s, ZF_KEY_F1 + 9, ZF_SHIFT);
    cr_expect_eq(place(s), 4); /* before that change */
    press(s, ZF_KEY_F1 + 8, 0);
    press(s, ZF_KEY_F1 + 4, 0);
    place(s);
    cr_expect(shows(s, "failed: disabled wait"));
    close_session(s);
}

/* Who can not go back says why. */
Test(run_view, no_way_back) {
    struct zf_session *s = open_session("z13");
    s->in.view = ZF_VIEW_run;
    pass(s, NULL);
    cr_expect(shows(s, "time: counted in instructions"));
    press(s, 'r', ZF_CTRL);
    cr_expect(shows(s, "time: the host's clocks"));
    load(s, "rom:hello");
    cr_expect(shows(s, "only a repeatable run can go back"));
    press(s, ZF_KEY_F1 + 10, ZF_SHIFT);
    cr_expect(shows(s, "only a repeatable run can go back"));
    close_session(s);
}
