/*
 * The window: passes events on, paints when the frame differs from the one that is shown, and
 * sleeps otherwise.
 */
#include "gui/pixel/canvas.h"
#include "gui/pixel/event.h"

#include <SDL.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct window {
    const struct zf_window_options *options;
    const struct zf_window_app *app;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    struct zf_canvas *canvas;
    struct zf_metrics metrics;
    double density; /* pixels for one of the window's units */
    uint64_t shown; /* hash of the frame that is on the screen */
    enum zf_theme theme;
    bool exposed; /* the screen has lost it */
};

static bool make_texture(struct window *w) {
    if (w->texture) {
        SDL_DestroyTexture(w->texture);
    }
    w->texture =
        SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING,
                          w->canvas->width, w->canvas->height);
    w->exposed = true;
    return w->texture != NULL;
}

/* Drivers that show nothing: SDL takes them when nothing else is there, we only when told to. */
static bool shows_nothing(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    return !getenv("SDL_VIDEODRIVER") && (!driver || !strcmp(driver, "offscreen") ||
                                          !strcmp(driver, "dummy") || !strcmp(driver, "evdev"));
}

/* Libraries below SDL complain on standard error when they are asked in vain. */
static bool can_show(void) {
    static const char *const names[] = {"DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET",
                                        "SDL_VIDEODRIVER"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) {
            return true;
        }
    }
    return false;
}

/* Without a wish, as large as it was the last time, or as the screen's work area is less a margin.
 */
static void choose_size(const struct window *w, int *width, int *height) {
    enum { MARGIN = 48, USUAL_WIDTH = 1280, USUAL_HEIGHT = 800 };
    const struct zf_window_options *o = w->options;
    SDL_Rect area;
    *width = (int)(o->width * o->scale);
    *height = (int)(o->height * o->scale);
    if (*width > 0 && *height > 0) {
        return;
    }
    bool known = SDL_GetDisplayUsableBounds(0, &area) == 0 && area.w > 0 && area.h > 0;
    int most_width = known ? area.w - (area.w > 4 * MARGIN ? MARGIN : 0) : USUAL_WIDTH;
    int most_height = known ? area.h - (area.h > 4 * MARGIN ? MARGIN : 0) : USUAL_HEIGHT;
    bool last = o->last_width > 0 && o->last_height > 0;
    *width = last && o->last_width < most_width ? o->last_width : most_width;
    *height = last && o->last_height < most_height ? o->last_height : most_height;
}

static void tell_crash(int signal) {
    static const char text[] =
        "zfacet: inspect: SDL crashed when it opened this display; try SDL_VIDEODRIVER=x11, or use "
        "--text or --screenshot FILE\n";
    bool written = write(STDERR_FILENO, text, sizeof text - 1) > 0;
    _exit(written ? 1 : 1 + signal);
}

/* SDL 2.26 crashes in its beginning where a compositor of Wayland has no keyboard and pointer. */
static bool begin_sdl(void) {
    struct sigaction own = {.sa_handler = tell_crash}, before;
    sigaction(SIGSEGV, &own, &before);
    bool begun = SDL_Init(SDL_INIT_VIDEO) == 0;
    sigaction(SIGSEGV, &before, NULL);
    return begun;
}

static bool open_window(struct window *w, char *message, size_t size) {
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    if (!can_show() || !begin_sdl() || shows_nothing()) {
        snprintf(
            message, size,
            "no display; use --text to print the view or --screenshot FILE to write a picture");
        return false;
    }
    int width, height;
    choose_size(w, &width, &height);
    w->window =
        SDL_CreateWindow(w->options->title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width,
                         height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    w->renderer = w->window ? SDL_CreateRenderer(w->window, -1, SDL_RENDERER_ACCELERATED) : NULL;
    if (w->window && !w->renderer) {
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    }
    if (!w->renderer) {
        snprintf(message, size, "no window: %s", SDL_GetError());
        return false;
    }
    SDL_StartTextInput();
    return true;
}

/* Screens differ in it, and sizes are rounded: their quotient is rounded to what screens have. */
static double density_of(const struct window *w) {
    int units, pixels, ignored;
    SDL_GetWindowSize(w->window, &units, &ignored);
    SDL_GetRendererOutputSize(w->renderer, &pixels, &ignored);
    return units > 0 && pixels > 0 ? round(20.0 * pixels / units) / 20 : 1;
}

static double scale_of(const struct window *w) {
    return w->options->scale * w->density * w->app->zoom(w->app->context) / 100.0;
}

static bool open_canvas(struct window *w, char *message, size_t size) {
    int width, height;
    SDL_GetRendererOutputSize(w->renderer, &width, &height);
    w->density = density_of(w);
    w->canvas = zf_canvas_open(w->options, scale_of(w), width, height, message, size);
    return w->canvas && make_texture(w);
}

/* Follows the window's size, its screen and the user's zoom. */
static void adapt(struct window *w) {
    int width, height;
    char message[200];
    SDL_GetRendererOutputSize(w->renderer, &width, &height);
    if ((width != w->canvas->width || height != w->canvas->height) && width > 0 && height > 0 &&
        zf_canvas_resize(w->canvas, width, height)) {
        make_texture(w);
    }
    w->density = density_of(w);
    if (scale_of(w) != w->canvas->scale) {
        zf_canvas_rescale(w->canvas, scale_of(w), message, sizeof message);
    }
    zf_canvas_metrics(w->canvas, &w->metrics);
}

static const struct zf_draw *pass(struct window *w, const struct zf_event *event) {
    return w->app->pass(w->app->context, &w->metrics, w->canvas->width, w->canvas->height, event);
}

static void show(struct window *w) {
    adapt(w);
    const struct zf_draw *draw = pass(w, NULL);
    enum zf_theme theme = w->app->theme(w->app->context);
    uint64_t hash = zf_draw_hash(draw);
    if (hash != w->shown || theme != w->theme || w->exposed) {
        zf_canvas_paint(w->canvas, draw, theme);
        SDL_UpdateTexture(w->texture, NULL, w->canvas->pixels, w->canvas->width * 4);
        SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
        SDL_RenderPresent(w->renderer);
        w->shown = hash;
        w->theme = theme;
        w->exposed = false;
    }
}

static void serve_session(struct window *w) {
    const struct zf_window_app *app = w->app;
    char *text = app->copied(app->context), *path = app->pictured(app->context);
    char message[400];
    if (text) {
        SDL_SetClipboardText(text);
    }
    if (path) {
        bool done = zf_canvas_save(w->canvas, path, message, sizeof message);
        app->saved(app->context, done, message);
    }
    free(text);
    free(path);
}

static bool take(struct window *w, const SDL_Event *from) {
    struct zf_event event;
    if (from->type == SDL_QUIT) {
        return false;
    }
    if (from->type == SDL_WINDOWEVENT || from->type == SDL_RENDER_TARGETS_RESET) {
        w->exposed = true;
    }
    if (zf_translate_event(from, w->density, &event)) {
        adapt(w);
        pass(w, &event);
        serve_session(w);
    }
    return !w->app->quit(w->app->context);
}

static void run(struct window *w) {
    SDL_Event event;
    bool on = true;
    while (on) {
        show(w);
        int wait = w->app->wait_ms(w->app->context);
        if (wait < 0 ? SDL_WaitEvent(&event) : SDL_WaitEventTimeout(&event, wait)) {
            /* a queue of events is worked off before the next frame is painted */
            do {
                on = take(w, &event);
            } while (on && SDL_PollEvent(&event));
        }
    }
}

static bool open_and_run(const struct zf_window_options *options, const struct zf_window_app *app,
                         char *message, size_t size) {
    struct window w = {.options = options, .app = app, .density = 1, .exposed = true};
    bool done = open_window(&w, message, size) && open_canvas(&w, message, size);
    if (done) {
        zf_canvas_metrics(w.canvas, &w.metrics);
        run(&w);
        int width, height;
        SDL_GetWindowSize(w.window, &width, &height);
        app->closed(app->context, width, height);
    }
    zf_canvas_close(w.canvas);
    if (w.texture) {
        SDL_DestroyTexture(w.texture);
    }
    if (w.renderer) {
        SDL_DestroyRenderer(w.renderer);
    }
    if (w.window) {
        SDL_DestroyWindow(w.window);
    }
    SDL_Quit();
    return done;
}

extern const struct zf_window_module zf_window_module;
const struct zf_window_module zf_window_module = {
    ZF_WINDOW_VERSION, zf_canvas_open, zf_canvas_close, zf_canvas_metrics,
    zf_canvas_paint,   zf_canvas_save, open_and_run};
