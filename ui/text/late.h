/*
 * Libraries that few commands need are loaded when they are first called: with all that they need
 * in turn, they would take a third of the time of each start of zfacet. A room that uses one
 * defines its functions with ZF_LATE, and asks zf_late_load() before it calls the first.
 */
#ifndef ZFACET_UI_TEXT_LATE_H
#define ZFACET_UI_TEXT_LATE_H

#include "zfacet/error.h"

/** Loads the library, if it has not been. ZF_ERROR_IO: it is not installed; err says which. */
enum zf_status zf_late_load(const char *library, struct zf_error *err);

/** A function of a library that has been loaded, and of which it is known to be. */
void *zf_late_function(const char *library, const char *name);

/* Defines the function as a call of the library's: types are those of the library's header. */
#define ZF_LATE(library, type, name, parameters, arguments)                                        \
    type name parameters {                                                                         \
        return ((__typeof__(name) *)zf_late_function(library, #name))arguments;                    \
    }

#endif
