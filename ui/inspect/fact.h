/*
 * Lines of "what  how it is", as the views write them above and beside their tables; and the
 * question for a file.
 */
#ifndef ZFACET_INSPECT_FACT_H
#define ZFACET_INSPECT_FACT_H

#include "gui/gui.h"

/** Writes one fact at the top of `*box`, over several lines when it is long, and cuts them off. */
void zf_fact(struct zf_gui *gui, struct zf_box *box, const char *label, enum zf_ink ink,
             const char *format, ...) __attribute__((format(printf, 5, 6)));

/**
 * Asks for the name of a file, in `path`, where a view has nothing to show; `title` and `text` say
 * what for. True when it was given.
 */
bool zf_view_ask_file(struct zf_gui *gui, struct zf_box box, const char *title, const char *text,
                      char *path, size_t size);

#endif
