/*
 * Files that a user names as input: what is wrong with one is said the same way by all commands.
 */
#ifndef ZFACET_UI_INPUT_H
#define ZFACET_UI_INPUT_H

#include "zfacet/error.h"

#include <stdio.h>

/** Opens a file to be read, "-" being standard input. NULL, with a message that begins with the
 * name: it cannot be opened, or it is a directory or empty. The caller closes, but for stdin. */
FILE *zf_input_open(const char *name, struct zf_error *err);

/** A text file as a string of at most `most` bytes, which the caller frees. NULL also for more, and
 * for bytes that no text has. */
char *zf_input_text(const char *name, size_t most, struct zf_error *err);

#endif
