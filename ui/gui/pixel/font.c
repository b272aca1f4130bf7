/*
 * Fonts: found by fontconfig, drawn by SDL_ttf, measured once a glyph.
 */
#include "gui/pixel/font.h"

#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct {
    bool mono, bold;
    double factor; /* of the size of text */
} faces[ZF_FONT_COUNT] = {
    [ZF_FONT_TEXT] = {false, false, 1.0},  [ZF_FONT_BOLD] = {false, true, 1.0},
    [ZF_FONT_TITLE] = {false, true, 1.25}, [ZF_FONT_SMALL] = {false, false, 0.88},
    [ZF_FONT_MONO] = {true, false, 0.97},  [ZF_FONT_MONO_BOLD] = {true, true, 0.97},
    [ZF_FONT_MARK] = {true, false, 1.15},
};

/* Whether it is what was asked for; of names as "monospace" fontconfig makes what it likes. */
static bool is_family(FcPattern *found, const char *family) {
    static const char *const roles[] = {"monospace", "mono", "sans", "sans-serif", "serif"};
    FcChar8 *name = NULL;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (!strcasecmp(family, roles[i])) {
            return true;
        }
    }
    for (int i = 0; FcPatternGetString(found, FC_FAMILY, i, &name) == FcResultMatch; i++) {
        if (!strcasecmp((const char *)name, family)) {
            return true;
        }
    }
    return false;
}

/* The file of the family's face that fontconfig thinks best. With `strict` of no other family. */
static bool find_file(const char *family, bool strict, bool mono, bool bold, char *path,
                      size_t size) {
    FcConfig *config = FcInitLoadConfigAndFonts();
    FcPattern *wanted = FcPatternCreate(), *found = NULL;
    FcResult result;
    FcChar8 *file = NULL;
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)family);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)(mono ? "monospace" : "sans-serif"));
    FcPatternAddInteger(wanted, FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
    FcPatternAddInteger(wanted, FC_SLANT, FC_SLANT_ROMAN);
    FcPatternAddBool(wanted, FC_SCALABLE, FcTrue);
    FcConfigSubstitute(config, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    found = FcFontMatch(config, wanted, &result);
    bool done = found && (!strict || is_family(found, family)) &&
                FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch;
    if (done) {
        snprintf(path, size, "%s", (const char *)file);
    }
    if (found) {
        FcPatternDestroy(found);
    }
    FcPatternDestroy(wanted);
    FcConfigDestroy(config);
    return done;
}

static bool open_face(struct zf_glyphs *glyphs, enum zf_font which, const char *given,
                      double pixels, char *message, size_t size) {
    const char *usual = faces[which].mono ? "DejaVu Sans Mono" : "DejaVu Sans";
    const char *family = given ? given : usual;
    char path[4096];
    if (strchr(family, '/') && access(family, R_OK) == 0) {
        snprintf(path, sizeof path, "%s", family);
    } else if (!find_file(family, given, faces[which].mono, faces[which].bold, path, sizeof path)) {
        snprintf(message, size,
                 "font '%s' not found; install fonts-dejavu-core, or choose one with %s", family,
                 faces[which].mono ? "--mono" : "--font");
        return false;
    }
    glyphs->font = TTF_OpenFont(path, (int)(pixels * faces[which].factor + 0.5));
    if (!glyphs->font) {
        snprintf(message, size, "font %s: %s", path, TTF_GetError());
        return false;
    }
    TTF_SetFontHinting(glyphs->font, TTF_HINTING_LIGHT_SUBPIXEL);
    glyphs->height = TTF_FontHeight(glyphs->font);
    return true;
}

bool zf_fonts_open(struct zf_fonts *fonts, const char *family, const char *mono, double pixels,
                   char *message, size_t size) {
    *fonts = (struct zf_fonts){0};
    if (TTF_Init() != 0) {
        snprintf(message, size, "fonts: %s", TTF_GetError());
        return false;
    }
    fonts->started = true;
    for (int i = 0; i < ZF_FONT_COUNT; i++) {
        const char *given = faces[i].mono ? mono : family;
        if (!open_face(&fonts->of[i], i, given, pixels, message, size)) {
            return false;
        }
    }
    return true;
}

void zf_fonts_close(struct zf_fonts *fonts) {
    for (int i = 0; i < ZF_FONT_COUNT; i++) {
        struct zf_glyphs *glyphs = &fonts->of[i];
        for (unsigned n = 0; n < glyphs->capacity; n++) {
            free(glyphs->table[n].pixels);
        }
        free(glyphs->table);
        if (glyphs->font) {
            TTF_CloseFont(glyphs->font);
        }
    }
    if (fonts->started) {
        TTF_Quit();
    }
    *fonts = (struct zf_fonts){0};
}

static struct zf_glyph *place_of(struct zf_glyph *table, unsigned capacity, uint32_t code) {
    unsigned i = code * 2654435761u % capacity;
    while (table[i].code && table[i].code != code) {
        i = (i + 1) % capacity;
    }
    return &table[i];
}

static bool grow(struct zf_glyphs *glyphs) {
    unsigned capacity = glyphs->capacity ? glyphs->capacity * 2 : 256;
    struct zf_glyph *table = calloc(capacity, sizeof *table);
    if (!table) {
        return false;
    }
    for (unsigned i = 0; i < glyphs->capacity; i++) {
        if (glyphs->table[i].code) {
            *place_of(table, capacity, glyphs->table[i].code) = glyphs->table[i];
        }
    }
    free(glyphs->table);
    glyphs->table = table;
    glyphs->capacity = capacity;
    return true;
}

static void copy_coverage(struct zf_glyph *glyph, const SDL_Surface *surface) {
    glyph->pixels = malloc((size_t)surface->w * (size_t)surface->h);
    if (!glyph->pixels) {
        return;
    }
    glyph->width = surface->w;
    glyph->height = surface->h;
    for (int y = 0; y < surface->h; y++) {
        const uint32_t *row =
            (const uint32_t *)((const char *)surface->pixels + y * surface->pitch);
        for (int x = 0; x < surface->w; x++) {
            /* sixteen steps look the same, and leave pictures with few colours */
            glyph->pixels[y * surface->w + x] = (uint8_t)((row[x] >> 28) * 17);
        }
    }
}

static void draw_glyph(struct zf_glyphs *glyphs, struct zf_glyph *glyph) {
    int left = 0, right, bottom, top;
    if (TTF_GlyphMetrics32(glyphs->font, glyph->code, &left, &right, &bottom, &top,
                           &glyph->advance)) {
        glyph->advance = glyphs->height / 2;
        return;
    }
    SDL_Surface *surface =
        TTF_RenderGlyph32_Blended(glyphs->font, glyph->code, (SDL_Color){255, 255, 255, 255});
    if (surface) {
        /* the picture begins at the pen, or left of it where the glyph does */
        glyph->x = left < 0 ? left : 0;
        copy_coverage(glyph, surface);
        SDL_FreeSurface(surface);
    }
}

const struct zf_glyph *zf_fonts_glyph(struct zf_fonts *fonts, enum zf_font font, uint32_t code) {
    struct zf_glyphs *glyphs = &fonts->of[font];
    if (code == 0) {
        code = 0xfffd;
    }
    if (glyphs->used * 2 >= glyphs->capacity && !grow(glyphs)) {
        return NULL;
    }
    struct zf_glyph *glyph = place_of(glyphs->table, glyphs->capacity, code);
    if (!glyph->code) {
        glyph->code = code;
        glyphs->used++;
        draw_glyph(glyphs, glyph);
    }
    return glyph;
}

int zf_fonts_measure(void *context, enum zf_font font, const char *text, size_t bytes) {
    const char *end = text + bytes;
    int width = 0;
    while (text < end) {
        const struct zf_glyph *glyph = zf_fonts_glyph(context, font, zf_next_character(&text, end));
        width += glyph ? glyph->advance : 0;
    }
    return width;
}
