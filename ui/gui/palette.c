/*
 * Colours by role, from palette.def, for each theme.
 */
#include "gui/palette.h"

#include <math.h>

#define ZF_INK_KIND_SURFACE ZF_INK_SURFACE
#define ZF_INK_KIND_TEXT ZF_INK_TEXT_KIND
#define ZF_INK_KIND_MARK ZF_INK_MARK
#define ZF_INK_KIND_LINE ZF_INK_LINE

static const struct {
    const char *name;
    enum zf_ink_kind kind;
    uint32_t colour[ZF_THEME_COUNT];
} inks[ZF_INK_COUNT] = {
#define INK(id, kind, dark, light) [ZF_INK_##id] = {#id, ZF_INK_KIND_##kind, {dark, light}},
#include "gui/palette.def"
#undef INK
};

uint32_t zf_palette_colour(enum zf_theme theme, enum zf_ink ink) {
    return inks[ink].colour[theme];
}

enum zf_ink_kind zf_palette_kind(enum zf_ink ink) {
    return inks[ink].kind;
}

const char *zf_palette_name(enum zf_ink ink) {
    return inks[ink].name;
}

static double channel(unsigned value) {
    double c = value / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t colour) {
    return 0.2126 * channel(colour >> 16 & 255) + 0.7152 * channel(colour >> 8 & 255) +
           0.0722 * channel(colour & 255);
}

double zf_palette_contrast(uint32_t a, uint32_t b) {
    double la = luminance(a), lb = luminance(b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}
