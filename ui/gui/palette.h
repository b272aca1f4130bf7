/*
 * Colours by their role, for the dark and the light theme.
 */
#ifndef ZFACET_GUI_PALETTE_H
#define ZFACET_GUI_PALETTE_H

#include <stdint.h>

enum zf_ink {
#define INK(id, kind, dark, light) ZF_INK_##id,
#include "gui/palette.def"
#undef INK
    ZF_INK_COUNT
};

enum zf_ink_kind { ZF_INK_SURFACE, ZF_INK_TEXT_KIND, ZF_INK_MARK, ZF_INK_LINE };

enum zf_theme { ZF_THEME_DARK, ZF_THEME_LIGHT, ZF_THEME_COUNT };

/** The colour as 0xRRGGBB. */
uint32_t zf_palette_colour(enum zf_theme theme, enum zf_ink ink);

enum zf_ink_kind zf_palette_kind(enum zf_ink ink);

/** "TEXT", for messages. */
const char *zf_palette_name(enum zf_ink ink);

/** The contrast of two colours as WCAG 2 defines it: 1 to 21. */
double zf_palette_contrast(uint32_t a, uint32_t b);

#endif
