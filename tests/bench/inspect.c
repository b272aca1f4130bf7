/*
 * What a frame of zfacet inspect costs, and what a guest pays for being watched. One JSON object a
 * line; nothing passes or fails here. bench_inspect ZFACET_WINDOW_MODULE
 */
#include "../inspect/loader.h"
#include "inspect/session.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *name, const char *unit, double value, double limit) {
    printf("{\"figure\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", \"limit\": %.3f}\n", name,
           value, unit, limit);
}

enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 200 };

/* Frames while the wheel turns: the pass for the event, the pass for the picture, the picture. */
static void bench_view(struct zf_session *s, const struct zf_window_module *module,
                       struct zf_canvas *canvas, enum zf_view view) {
    double cost[FRAMES];
    struct zf_metrics metrics;
    char name[40];
    module->metrics(canvas, &metrics);
    s->in.view = view;
    zf_session_pass(s, &metrics, WIDTH, HEIGHT, NULL);
    for (int i = 0; i < FRAMES; i++) {
        struct zf_event event = {.kind = ZF_EVENT_WHEEL,
                                 .x = WIDTH / 2,
                                 .y = HEIGHT / 2,
                                 .wheel_y = i / 20 % 2 ? 1 : -1};
        double start = seconds(CLOCK_THREAD_CPUTIME_ID);
        zf_session_pass(s, &metrics, WIDTH, HEIGHT, &event);
        module->paint(canvas, zf_session_pass(s, &metrics, WIDTH, HEIGHT, NULL), s->in.theme);
        cost[i] = (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1000;
    }
    qsort(cost, FRAMES, sizeof cost[0], compare);
    snprintf(name, sizeof name, "inspect-frame-%s-median", zf_view_name(view));
    tell(name, "ms", cost[FRAMES / 2], 8);
    snprintf(name, sizeof name, "inspect-frame-%s-p95", zf_view_name(view));
    tell(name, "ms", cost[FRAMES * 95 / 100], 8);
}

/* Seconds until the guest has ended; somebody looks ten times a second, or nobody. */
static double run_guest(struct zf_session *s, bool watched) {
    zf_inspector_load(&s->in);
    if (!s->in.watch) {
        return 0;
    }
    zf_watch_shot(s->in.watch);
    double start = seconds(CLOCK_MONOTONIC);
    zf_control_run(zf_watch_control(s->in.watch));
    while (zf_control_busy(zf_watch_control(s->in.watch))) {
        struct timespec moment = {.tv_nsec = 20000000};
        nanosleep(&moment, NULL);
        if (watched) {
            zf_watch_shot(s->in.watch);
        }
    }
    return seconds(CLOCK_MONOTONIC) - start;
}

static void bench_guest(struct zf_session *s) {
    double alone = 1e9, watched = 1e9;
    snprintf(s->in.guest, sizeof s->in.guest, "loop");
    for (int i = 0; i < 5; i++) {
        double a = run_guest(s, false), b = run_guest(s, true);
        alone = a < alone ? a : alone;
        watched = b < watched ? b : watched;
    }
    if (alone > 0) {
        tell("inspect-watched-slowdown", "%", (watched / alone - 1) * 100, 2);
    }
}

int main(int argc, char **argv) {
    void *handle = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    const struct zf_window_module *module = handle ? dlsym(handle, ZF_WINDOW_SYMBOL) : NULL;
    struct zf_window_options options = {.title = "bench", .scale = 1};
    struct zf_session s;
    char message[200] = "no module";
    if (!zf_session_open(&s) || zf_inspector_add(&s.in, "z900..z17", NULL) != ZF_OK) {
        return 1;
    }
    s.in.load = load_rom;
    struct zf_canvas *canvas =
        module ? module->open(&options, 1, WIDTH, HEIGHT, message, sizeof message) : NULL;
    if (!canvas) {
        fprintf(stderr, "bench_inspect: %s\n", message);
        return 1;
    }
    for (int view = 0; view < ZF_VIEW_run; view++) {
        bench_view(&s, module, canvas, view);
    }
    module->close(canvas);
    bench_guest(&s);
    zf_session_close(&s);
    return 0;
}
