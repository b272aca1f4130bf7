/*
 * Fonts of a canvas: found by family through fontconfig, drawn glyph by glyph, and kept.
 */
#ifndef ZFACET_GUI_PIXEL_FONT_H
#define ZFACET_GUI_PIXEL_FONT_H

#include "gui/draw.h"

#include <SDL_ttf.h>

/* A glyph's coverage, one byte a pixel, from the top of its font's line. */
struct zf_glyph {
    uint32_t code; /* 0: free */
    int advance;
    int x, width, height; /* of the picture, which begins `x` right of the pen */
    uint8_t *pixels;
};

struct zf_glyphs {
    TTF_Font *font;
    int height;
    struct zf_glyph *table;
    unsigned capacity, used;
};

struct zf_fonts {
    struct zf_glyphs of[ZF_FONT_COUNT];
    bool started;
};

/** `pixels`: the size of text. False with `message` filled when a font cannot be found. */
bool zf_fonts_open(struct zf_fonts *fonts, const char *family, const char *mono, double pixels,
                   char *message, size_t size);
void zf_fonts_close(struct zf_fonts *fonts);

/** The glyph, drawn when it is met first; NULL when memory is short. */
const struct zf_glyph *zf_fonts_glyph(struct zf_fonts *fonts, enum zf_font font, uint32_t code);

/** For zf_metrics.measure; the context is a struct zf_fonts. */
int zf_fonts_measure(void *context, enum zf_font font, const char *text, size_t bytes);

#endif
