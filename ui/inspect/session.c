/*
 * A session: an inspector with its drawing layer, a pass for each event, and the same view as text,
 * CSV and JSON, drawn on paper beside the window.
 */
#include "inspect/session.h"

#include "gui/export.h"
#include "gui/text_out.h"
#include "inspect/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAPER = 1 << 20 };

bool zf_session_open(struct zf_session *session) {
    bool done = zf_inspector_init(&session->in);
    session->remembers = false;
    return zf_gui_init(&session->gui) && done;
}

void zf_session_close(struct zf_session *session) {
    zf_inspector_free(&session->in);
    zf_gui_free(&session->gui);
}

const struct zf_draw *zf_session_pass(struct zf_session *session, const struct zf_metrics *metrics,
                                      int width, int height, const struct zf_event *event) {
    int lines;
    session->gui.metrics = *metrics;
    do { /* again when the line at the bottom has taken or given room */
        lines = session->in.bottom_lines;
        zf_gui_begin(&session->gui, width, height, event);
        zf_inspector_frame(&session->in, &session->gui);
        zf_gui_end(&session->gui);
        event = NULL;
    } while (session->in.bottom_lines > lines && !metrics->paper);
    return &session->gui.draw;
}

/* The view on paper, drawn beside the window's own layer, whose state it does not touch. */
static char *draw_paper(struct zf_session *session, struct zf_sink *sink) {
    struct zf_gui window = session->gui;
    struct zf_metrics metrics = zf_text_metrics(true);
    char *text = NULL;
    if (zf_gui_init(&session->gui)) {
        /* cursors decide what a view tells more of */
        memcpy(session->gui.widgets, window.widgets, ZF_GUI_WIDGETS * sizeof *window.widgets);
        session->gui.sink = sink;
        zf_session_pass(session, &metrics, PAPER, PAPER, NULL);
        text = zf_text_out(&session->gui.draw);
    }
    zf_gui_free(&session->gui);
    session->gui = window;
    return text;
}

char *zf_session_text(struct zf_session *session, int width, int height) {
    if (width <= 0) {
        return draw_paper(session, NULL);
    }
    struct zf_metrics metrics = zf_text_metrics(false);
    zf_session_pass(session, &metrics, width, height, NULL);
    return zf_text_out(&session->gui.draw);
}

void zf_session_csv(struct zf_session *session, FILE *out) {
    struct zf_export export;
    zf_export_init(&export, out);
    free(draw_paper(session, &export.sink));
}

json_t *zf_session_json(struct zf_session *session) {
    struct zf_export export;
    zf_export_init(&export, NULL);
    free(draw_paper(session, &export.sink));
    return export.json;
}

static bool ends_in(const char *path, const char *end) {
    size_t length = strlen(path), n = strlen(end);
    return length >= n && !strcmp(path + length - n, end);
}

static bool write_file(struct zf_session *session, const char *path, FILE *out) {
    if (ends_in(path, ".csv")) {
        zf_session_csv(session, out);
    } else if (ends_in(path, ".json")) {
        json_t *json = zf_session_json(session);
        json_dumpf(json, out, JSON_INDENT(2));
        fputc('\n', out);
        json_decref(json);
    } else {
        char *text = zf_session_text(session, 0, 0);
        fputs(text ? text : "", out);
        free(text);
    }
    return !ferror(out);
}

void zf_session_save(struct zf_session *session, const char *path) {
    char *message = session->in.message;
    size_t size = sizeof session->in.message;
    if (!ends_in(path, ".csv") && !ends_in(path, ".json") && !ends_in(path, ".txt")) {
        snprintf(message, size, "%.120s: the name must end in .csv, .json, .txt or .png", path);
        return;
    }
    FILE *out = fopen(path, "w");
    bool done = out && write_file(session, path, out);
    if (out) {
        done = fclose(out) == 0 && done;
    }
    snprintf(message, size, done ? "saved %.150s" : "%.120s: %s", path, strerror(errno));
}

static const struct zf_draw *pass(void *context, const struct zf_metrics *metrics, int width,
                                  int height, const struct zf_event *event) {
    struct zf_session *session = context;
    const struct zf_draw *draw = zf_session_pass(session, metrics, width, height, event);
    struct zf_inspector *in = &session->in;
    if (in->save[0]) {
        if (!ends_in(in->save, ".png")) {
            zf_session_save(session, in->save);
            in->save[0] = 0;
        }
        /* without the line in which the name was given */
        draw = zf_session_pass(session, metrics, width, height, NULL);
    }
    return draw;
}

static enum zf_theme theme(void *context) {
    return ((struct zf_session *)context)->in.theme;
}

static int zoom(void *context) {
    return ((struct zf_session *)context)->in.zoom;
}

static bool quit(void *context) {
    return ((struct zf_session *)context)->in.quit;
}

static char *copied(void *context) {
    struct zf_session *session = context;
    bool wanted = session->in.copy;
    session->in.copy = false;
    return wanted ? zf_session_text(session, 0, 0) : NULL;
}

static char *pictured(void *context) {
    struct zf_session *session = context;
    char *path = session->in.save[0] ? strdup(session->in.save) : NULL;
    session->in.save[0] = 0;
    return path;
}

static void saved(void *context, bool done, const char *message) {
    struct zf_inspector *in = &((struct zf_session *)context)->in;
    snprintf(in->message, sizeof in->message, "%s%.180s", done ? "saved " : "", message);
}

static void closed(void *context, int width, int height) {
    struct zf_session *session = context;
    if (session->remembers) {
        zf_memory_write(&session->in, width, height);
    }
}

static int wait_ms(void *context) {
    struct zf_inspector *in = &((struct zf_session *)context)->in;
    if (in->watch && zf_control_busy(zf_watch_control(in->watch))) {
        in->soon = 2; /* more looks when it is done */
        return in->view == ZF_VIEW_run ? 100 : -1;
    }
    if (in->view == ZF_VIEW_run && in->soon > 0) {
        in->soon--;
        return 30;
    }
    return -1;
}

struct zf_window_app zf_session_app(struct zf_session *session) {
    return (struct zf_window_app){session, pass,     theme, zoom,   quit,
                                  copied,  pictured, saved, closed, wait_ms};
}
