/*
 * Facilities as users name them.
 */
#ifndef ZFACET_UI_FACILITY_TEXT_H
#define ZFACET_UI_FACILITY_TEXT_H

#include "zfacet/error.h"

/** A facility's number, its name, or the CPU feature that is one: 129, vector or vx. -1: `err` says
 * what is near. */
int zf_facility_parse(const char *text, struct zf_error *err);

#endif
