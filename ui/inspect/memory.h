/*
 * What the window remembers from one time to the next: its size and the guests that were loaded,
 * in $XDG_STATE_HOME/zfacet/inspect. Without a home, nothing is remembered.
 */
#ifndef ZFACET_INSPECT_MEMORY_H
#define ZFACET_INSPECT_MEMORY_H

#include "inspect/inspector.h"

/** Reads recent guests and the window's size into `in`, in which there are none yet. */
void zf_memory_read(struct zf_inspector *in);

/** Writes them; false: it cannot. */
bool zf_memory_write(const struct zf_inspector *in, int width, int height);

#endif
