/*
 * Pixels on which frames are painted.
 */
#ifndef ZFACET_GUI_PIXEL_CANVAS_H
#define ZFACET_GUI_PIXEL_CANVAS_H

#include "gui/pixel/font.h"
#include "gui/window.h"

struct zf_canvas {
    struct zf_fonts fonts;
    const char *family, *mono;
    double scale;
    int width, height;
    uint32_t *pixels; /* 0xffRRGGBB, row by row */
};

struct zf_canvas *zf_canvas_open(const struct zf_window_options *options, double scale, int width,
                                 int height, char *message, size_t size);
void zf_canvas_close(struct zf_canvas *canvas);
void zf_canvas_metrics(struct zf_canvas *canvas, struct zf_metrics *metrics);
void zf_canvas_paint(struct zf_canvas *canvas, const struct zf_draw *draw, enum zf_theme theme);
bool zf_canvas_save(struct zf_canvas *canvas, const char *path, char *message, size_t size);

/** Other size, other scale: false when memory or fonts are missing; the canvas stays as it was. */
bool zf_canvas_resize(struct zf_canvas *canvas, int width, int height);
bool zf_canvas_rescale(struct zf_canvas *canvas, double scale, char *message, size_t size);

#endif
