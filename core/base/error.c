#include "zfacet/error.h"

#include "zfacet/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

_Noreturn void zf_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "zfacet: bug: assertion '%s' failed at %s:%d\n", condition, file, line);
    abort();
}

enum zf_status zf_fail(struct zf_error *err, enum zf_status status, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
        err->status = status;
    }
    return status;
}

enum { NEAREST_LENGTH = 63 };

static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Levenshtein distance with case folded; words are at most NEAREST_LENGTH long. */
static unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    unsigned row[NEAREST_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned replaced = diagonal + (folded(a[i - 1]) != folded(b[j - 1]));
            unsigned shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[b_length];
}

const char *zf_nearest(const char *word, const char *(*next)(const void *context, unsigned i),
                       const void *context) {
    const char *best = NULL;
    size_t length = strnlen(word, NEAREST_LENGTH + 1);
    unsigned limit = (unsigned)(length / 3 + 1);
    if (length > NEAREST_LENGTH) {
        return NULL;
    }
    const char *candidate;
    for (unsigned i = 0; (candidate = next(context, i)); i++) {
        size_t candidate_length = strnlen(candidate, NEAREST_LENGTH + 1);
        if (candidate_length > NEAREST_LENGTH) {
            continue;
        }
        unsigned distance = edit_distance(word, length, candidate, candidate_length);
        if (distance <= limit) {
            best = candidate;
            limit = distance ? distance - 1 : 0;
            if (!distance) {
                break;
            }
        }
    }
    return best;
}
