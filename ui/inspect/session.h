/*
 * An inspector with the layer that draws it: one pass for each event, and the same view as text,
 * CSV or JSON.
 */
#ifndef ZFACET_INSPECT_SESSION_H
#define ZFACET_INSPECT_SESSION_H

#include "inspect/inspector.h"

#include "gui/window.h"

#include <jansson.h>
#include <stdio.h>

struct zf_session {
    struct zf_inspector in;
    struct zf_gui gui;
    bool remembers; /* the window's size and recent guests are written when it is closed */
};

/** False when memory is short; to be closed in any case. */
bool zf_session_open(struct zf_session *session);
void zf_session_close(struct zf_session *session);

/** As zf_window_app.pass. */
const struct zf_draw *zf_session_pass(struct zf_session *session, const struct zf_metrics *metrics,
                                      int width, int height, const struct zf_event *event);

/** The current view as text, all of it; with a size, what a window of so many cells shows. */
char *zf_session_text(struct zf_session *session, int width, int height);

/** Writes the tables of the current view. */
void zf_session_csv(struct zf_session *session, FILE *out);
json_t *zf_session_json(struct zf_session *session);

/** Writes the view to a file by its name's end: .csv, .json or .txt. `in.message` tells how. */
void zf_session_save(struct zf_session *session, const char *path);

/** What the window asks of a session. */
struct zf_window_app zf_session_app(struct zf_session *session);

#endif
