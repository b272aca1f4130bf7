/* Text can be read on every surface, in both themes; rings can be seen. */
#include "gui/palette.h"

#include <criterion/criterion.h>

static double least_contrast(enum zf_ink ink) {
    switch (zf_palette_kind(ink)) {
    case ZF_INK_TEXT_KIND:
        return 4.5;
    case ZF_INK_MARK:
        return 3.0;
    default:
        return 1.0;
    }
}

static void check_ink(enum zf_theme theme, enum zf_ink ink) {
    for (int under = 0; under < ZF_INK_COUNT; under++) {
        if (zf_palette_kind(under) == ZF_INK_SURFACE) {
            double contrast =
                zf_palette_contrast(zf_palette_colour(theme, ink), zf_palette_colour(theme, under));
            cr_expect_geq(contrast, least_contrast(ink), "theme %d: %s on %s has only %.2f:1",
                          theme, zf_palette_name(ink), zf_palette_name(under), contrast);
        }
    }
}

Test(palette, contrast) {
    for (int theme = 0; theme < ZF_THEME_COUNT; theme++) {
        for (int ink = 0; ink < ZF_INK_COUNT; ink++) {
            check_ink(theme, ink);
        }
    }
}

Test(palette, formula) {
    cr_assert_float_eq(zf_palette_contrast(0x000000, 0xffffff), 21.0, 0.01);
    cr_assert_float_eq(zf_palette_contrast(0x777777, 0xffffff), 4.48, 0.01);
}
