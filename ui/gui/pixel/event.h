/*
 * What SDL says the user did, in the layer's words.
 */
#ifndef ZFACET_GUI_PIXEL_EVENT_H
#define ZFACET_GUI_PIXEL_EVENT_H

#include "gui/event.h"

#include <SDL.h>
#include <stdbool.h>

/** False when it means nothing to a frame. `density`: pixels for one of the window's units. */
bool zf_translate_event(const SDL_Event *from, double density, struct zf_event *to);

#endif
