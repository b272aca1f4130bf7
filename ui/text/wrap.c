/* Words into lines of at most 80 columns, each line with the same indent. */
#include "text/wrap.h"

#include <string.h>

enum { WIDTH = 80 };

void zf_wrap_put(struct zf_wrap *wrap, const char *word) {
    unsigned length = (unsigned)strlen(word);
    if (wrap->column && wrap->column + 1 + length > WIDTH) {
        fputc('\n', wrap->out);
        wrap->column = 0;
    }
    int blanks = wrap->column ? 1 : (int)wrap->indent;
    wrap->column += (unsigned)fprintf(wrap->out, "%*s%s", blanks, "", word);
}

void zf_wrap_end(struct zf_wrap *wrap, const char *nothing) {
    if (wrap->column) {
        fputc('\n', wrap->out);
    } else if (nothing) {
        fprintf(wrap->out, "%*s%s\n", (int)wrap->indent, "", nothing);
    }
    wrap->column = 0;
}
