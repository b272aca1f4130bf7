/* Loads ROMs for the view run: what zfacet inspect does with files, without files. */
#ifndef TESTS_INSPECT_LOADER_H
#define TESTS_INSPECT_LOADER_H

#include "inspect/inspector.h"

/** For zf_inspector.load: "rom:NAME", or "loop", which takes its time and ends. */
bool load_rom(const struct zf_inspector *in, struct zf_watch_guest *guest, char *message,
              size_t size);

#endif
