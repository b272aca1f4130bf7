/*
 * A frame's commands as pixels, in a surface of SDL.
 */
#include "gui/pixel/canvas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Height of text at a scale of 1, in pixels. */
static const double TEXT_SIZE = 13.0;

bool zf_canvas_resize(struct zf_canvas *canvas, int width, int height) {
    uint32_t *pixels = calloc((size_t)width * (size_t)height, sizeof *pixels);
    if (!pixels) {
        return false;
    }
    free(canvas->pixels);
    canvas->pixels = pixels;
    canvas->width = width;
    canvas->height = height;
    return true;
}

bool zf_canvas_rescale(struct zf_canvas *canvas, double scale, char *message, size_t size) {
    struct zf_fonts fonts;
    if (!zf_fonts_open(&fonts, canvas->family, canvas->mono, TEXT_SIZE * scale, message, size)) {
        zf_fonts_close(&fonts);
        return false;
    }
    zf_fonts_close(&canvas->fonts);
    canvas->fonts = fonts;
    canvas->scale = scale;
    return true;
}

struct zf_canvas *zf_canvas_open(const struct zf_window_options *options, double scale, int width,
                                 int height, char *message, size_t size) {
    struct zf_canvas *canvas = calloc(1, sizeof *canvas);
    if (!canvas) {
        snprintf(message, size, "out of memory");
        return NULL;
    }
    canvas->family = options->font;
    canvas->mono = options->mono;
    if (!zf_canvas_rescale(canvas, scale, message, size)) {
        zf_canvas_close(canvas);
        return NULL;
    }
    if (!zf_canvas_resize(canvas, width, height)) {
        snprintf(message, size, "out of memory for %d x %d pixels", width, height);
        zf_canvas_close(canvas);
        return NULL;
    }
    return canvas;
}

void zf_canvas_close(struct zf_canvas *canvas) {
    if (canvas) {
        zf_fonts_close(&canvas->fonts);
        free(canvas->pixels);
        free(canvas);
    }
}

void zf_canvas_metrics(struct zf_canvas *canvas, struct zf_metrics *metrics) {
    double s = canvas->scale;
    int text = canvas->fonts.of[ZF_FONT_TEXT].height;
    *metrics = (struct zf_metrics){.line = text + (int)(2 * s),
                                   .row = text + (int)(9 * s),
                                   .pad_x = (int)(8 * s + 0.5),
                                   .pad_y = (int)(4 * s + 0.5),
                                   .rule = s < 2 ? 1 : (int)s,
                                   .ring = s < 1 ? 2 : (int)(2 * s),
                                   .fonts = &canvas->fonts,
                                   .measure = zf_fonts_measure};
}

/* What is being painted. */
struct brush {
    struct zf_canvas *canvas;
    struct zf_box clip;
};

static void paint_rect(struct brush *brush, struct zf_box box, uint32_t colour) {
    box = zf_box_clip(box, brush->clip);
    for (int y = box.y; y < box.y + box.h; y++) {
        uint32_t *row = brush->canvas->pixels + (size_t)y * (size_t)brush->canvas->width + box.x;
        for (int x = 0; x < box.w; x++) {
            row[x] = colour;
        }
    }
}

static void paint_ring(struct brush *brush, struct zf_box box, int thick, uint32_t colour) {
    paint_rect(brush, (struct zf_box){box.x, box.y, box.w, thick}, colour);
    paint_rect(brush, (struct zf_box){box.x, box.y + box.h - thick, box.w, thick}, colour);
    paint_rect(brush, (struct zf_box){box.x, box.y, thick, box.h}, colour);
    paint_rect(brush, (struct zf_box){box.x + box.w - thick, box.y, thick, box.h}, colour);
}

/* Red and blue in one multiplication, green in another. */
static uint32_t blend(uint32_t under, uint32_t over, uint32_t coverage) {
    uint32_t a = coverage + (coverage >> 7);
    uint32_t rb = (under & 0xff00ff) + ((((over & 0xff00ff) - (under & 0xff00ff)) * a) >> 8);
    uint32_t g = (under & 0x00ff00) + ((((over & 0x00ff00) - (under & 0x00ff00)) * a) >> 8);
    return 0xff000000 | (rb & 0xff00ff) | (g & 0x00ff00);
}

static void paint_glyph(struct brush *brush, const struct zf_glyph *glyph, int x, int y,
                        uint32_t colour) {
    struct zf_box box = {x + glyph->x, y, glyph->width, glyph->height};
    struct zf_box seen = zf_box_clip(box, brush->clip);
    for (int row = seen.y; row < seen.y + seen.h; row++) {
        const uint8_t *from = glyph->pixels + (row - box.y) * glyph->width + (seen.x - box.x);
        uint32_t *to = brush->canvas->pixels + (size_t)row * (size_t)brush->canvas->width + seen.x;
        for (int i = 0; i < seen.w; i++) {
            if (from[i]) {
                to[i] = blend(to[i], colour, from[i]);
            }
        }
    }
}

static void paint_text(struct brush *brush, const struct zf_draw_command *c, const char *text,
                       uint32_t colour) {
    struct zf_fonts *fonts = &brush->canvas->fonts;
    const char *end = text + c->length;
    int x = c->box.x, y = c->box.y + (c->box.h - fonts->of[c->font].height) / 2;
    if (c->box.y >= brush->clip.y + brush->clip.h || c->box.y + c->box.h <= brush->clip.y) {
        return;
    }
    while (text < end) {
        const struct zf_glyph *glyph =
            zf_fonts_glyph(fonts, c->font, zf_next_character(&text, end));
        if (glyph) {
            paint_glyph(brush, glyph, x, y, colour);
            x += glyph->advance;
        }
    }
}

void zf_canvas_paint(struct zf_canvas *canvas, const struct zf_draw *draw, enum zf_theme theme) {
    struct zf_box all = {0, 0, canvas->width, canvas->height};
    struct brush brush = {canvas, all};
    struct zf_metrics metrics;
    zf_canvas_metrics(canvas, &metrics);
    for (size_t i = 0; i < draw->count; i++) {
        const struct zf_draw_command *c = &draw->commands[i];
        uint32_t colour = 0xff000000 | zf_palette_colour(theme, c->ink);
        switch ((enum zf_draw_kind)c->kind) {
        case ZF_DRAW_RECT:
        case ZF_DRAW_LINE:
            paint_rect(&brush, c->box, colour);
            break;
        case ZF_DRAW_RING:
            paint_ring(&brush, c->box, c->ink == ZF_INK_RULE ? metrics.rule : metrics.ring, colour);
            break;
        case ZF_DRAW_TEXT:
            paint_text(&brush, c, draw->text + c->text, colour);
            break;
        case ZF_DRAW_CLIP:
            brush.clip = zf_box_clip(c->box, all);
            break;
        }
    }
}
