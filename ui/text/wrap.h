/*
 * Words separated by blanks, wrapped at 80 columns and indented.
 */
#ifndef ZFACET_UI_WRAP_H
#define ZFACET_UI_WRAP_H

#include <stdio.h>

struct zf_wrap {
    FILE *out;
    unsigned indent;
    unsigned column; /* 0: nothing in the line yet */
};

/** Writes a word after those before it, or in a line of its own. */
void zf_wrap_put(struct zf_wrap *wrap, const char *word);

/** Ends the last line; without any word writes `nothing`, if it is not NULL, in a line. */
void zf_wrap_end(struct zf_wrap *wrap, const char *nothing);

#endif
