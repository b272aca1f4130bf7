/*
 * Pixels: a canvas on which a frame is painted (PNG files come from it, without any display), and
 * the window. Both are in a module that is loaded when they are asked for, so that commands that
 * need neither do not load a graphics library. The module is a table of functions.
 */
#ifndef ZFACET_GUI_WINDOW_H
#define ZFACET_GUI_WINDOW_H

#include "gui/draw.h"
#include "gui/event.h"

/* Changes with any change of the structures here. */
enum { ZF_WINDOW_VERSION = 2 };
#define ZF_WINDOW_SYMBOL "zf_window_module"

struct zf_window_options {
    const char *title;
    const char *font, *mono;     /* families or files; NULL: the usual ones */
    double scale;                /* 1: as large as the screen wants it */
    int width, height;           /* in pixels of a scale of 1; 0: what the screen has room for */
    int last_width, last_height; /* instead of that, as far as there is room; 0: none */
};

/* Who draws. Functions get `context`. */
struct zf_window_app {
    void *context;
    /* A pass over the frame, with an event or NULL; the frame is valid until the next pass. */
    const struct zf_draw *(*pass)(void *context, const struct zf_metrics *metrics, int width,
                                  int height, const struct zf_event *event);
    enum zf_theme (*theme)(void *context);
    int (*zoom)(void *context); /* percent */
    bool (*quit)(void *context);
    char *(*copied)(void *context);   /* text for the clipboard, to be freed; or NULL */
    char *(*pictured)(void *context); /* name of a PNG file to write now, to be freed; or NULL */
    void (*saved)(void *context, bool done, const char *message); /* how that went */
    void (*closed)(void *context, int width, int height);         /* as in the options */
    int (*wait_ms)(void *context); /* until a pass is due without an event; -1: never */
};

struct zf_canvas;

struct zf_window_module {
    int version;
    /* All return false, or NULL, with `message` filled when they cannot. */
    struct zf_canvas *(*open)(const struct zf_window_options *options, double scale, int width,
                              int height, char *message, size_t size);
    void (*close)(struct zf_canvas *canvas);
    void (*metrics)(struct zf_canvas *canvas, struct zf_metrics *metrics);
    void (*paint)(struct zf_canvas *canvas, const struct zf_draw *draw, enum zf_theme theme);
    bool (*save)(struct zf_canvas *canvas, const char *path, char *message, size_t size);
    bool (*run)(const struct zf_window_options *options, const struct zf_window_app *app,
                char *message, size_t size);
};

/** Loads the module; NULL with `message` filled when it is not there. */
const struct zf_window_module *zf_window_load(char *message, size_t size);

#endif
