/* Error messages with their kind, and the nearest known name for one that was misspelt. */
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

static bool swapped(const char *a, const char *b) {
    return folded(a[0]) == folded(b[-1]) && folded(a[-1]) == folded(b[0]);
}

/*
 * Characters to replace, insert, leave out or swap with their neighbour, case folded; words are at
 * most NEAREST_LENGTH long.
 */
static unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    unsigned rows[3][NEAREST_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned replaced = above[j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
            unsigned shorter = above[j] < row[j - 1] ? above[j] + 1 : row[j - 1] + 1;
            row[j] = replaced < shorter ? replaced : shorter;
            if (i > 1 && j > 1 && swapped(a + i - 1, b + j - 1) && before[j - 2] + 1 < row[j]) {
                row[j] = before[j - 2] + 1;
            }
        }
    }
    return rows[a_length % 3][b_length];
}

/* Of an option, neither its dashes count nor its value. */
static size_t counted(const char **word) {
    size_t dashes = strspn(*word, "-");
    *word += dashes;
    return dashes ? strcspn(*word, "=") : strlen(*word);
}

const char *zf_nearest(const char *word, const char *(*next)(const void *context, unsigned i),
                       const void *context) {
    const char *best = NULL;
    size_t length = counted(&word);
    unsigned limit = length < 5 ? 1 : (unsigned)(length / 3 + 1); /* of few letters many would do */
    if (!length || length > NEAREST_LENGTH) {
        return NULL;
    }
    const char *candidate;
    for (unsigned i = 0; (candidate = next(context, i)); i++) {
        const char *letters = candidate;
        size_t candidate_length = counted(&letters);
        if (candidate_length > NEAREST_LENGTH) {
            continue;
        }
        unsigned distance = edit_distance(word, length, letters, candidate_length);
        /* of a short one at least half has to be the same */
        if (distance <= limit && 2 * distance <= candidate_length) {
            best = candidate;
            limit = distance ? distance - 1 : 0;
            if (!distance) {
                break;
            }
        }
    }
    return best;
}
