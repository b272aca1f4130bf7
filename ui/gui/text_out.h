/*
 * The back end that makes lines of characters of a frame: for terminals, scripts, screen readers
 * and tests.
 */
#ifndef ZFACET_GUI_TEXT_OUT_H
#define ZFACET_GUI_TEXT_OUT_H

#include "gui/draw.h"

/** One unit is a character cell. `paper`: everything is shown, however long. */
struct zf_metrics zf_text_metrics(bool paper);

/**
 * The frame as UTF-8 with a newline after each line and no blanks at their ends; the caller frees
 * it. NULL when memory is short. Empty lines at the end are left out.
 */
char *zf_text_out(const struct zf_draw *draw);

#endif
