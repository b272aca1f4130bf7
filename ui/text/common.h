/*
 * What all commands share: exit statuses, error messages, colour, JSON on standard output.
 */
#ifndef ZFACET_UI_COMMON_H
#define ZFACET_UI_COMMON_H

#include "zfacet/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What the shell sees. `zfacet run` adds its own above these. */
enum zf_exit {
    ZF_EXIT_OK = 0,
    ZF_EXIT_FAILURE = 1, /* it could not be done: file, host, guest input */
    ZF_EXIT_USAGE = 2,   /* the command line makes no sense */
    ZF_EXIT_BLOCKED = 3, /* it was done, and something was blocked that should not have been */
};

enum zf_colour {
    ZF_COLOUR_NONE,
    ZF_COLOUR_BOLD,
    ZF_COLOUR_DIM,
    ZF_COLOUR_RED,
    ZF_COLOUR_GREEN,
    ZF_COLOUR_YELLOW,
};

/** Prints "zfacet: message" and returns the exit status that goes with the error's kind. */
int zf_report_error(const struct zf_error *err);

/** Prints "zfacet: …" as printf does and returns ZF_EXIT_USAGE. */
int zf_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Prints "zfacet: warning: …". */
void zf_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** "s" behind a number that is not 1, else "". */
const char *zf_plural(uint64_t count);

/** True when `out` is a terminal, NO_COLOR is unset or empty, and TERM is not "dumb". */
bool zf_colour_wanted(FILE *out);

/** The escape sequence that begins `colour` (ZF_COLOUR_NONE ends any), or "" when not wanted. */
const char *zf_colour(FILE *out, enum zf_colour colour);

/** A string; bytes that are no UTF-8, as file names may have, become question marks. */
json_t *zf_json_text(const char *text);

/** Writes `value` to `out`, indented, keys in insertion order; takes over the reference.
 * An exit status; that writing failed is left to the caller, for standard output to main(). */
int zf_print_json(FILE *out, json_t *value);

#endif
