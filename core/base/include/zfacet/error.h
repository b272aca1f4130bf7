/*
 * Errors of a user or of the host: a scalar status and a message that says what was wrong, with
 * which value, and what would be right. Guest conditions are not errors; see zfacet/cpu.h.
 */
#ifndef ZFACET_ERROR_H
#define ZFACET_ERROR_H

enum zf_status {
    ZF_OK = 0,
    ZF_ERROR_USAGE,       /* what was asked for makes no sense: option, name, value */
    ZF_ERROR_NOT_FOUND,   /* a name or file that does not exist */
    ZF_ERROR_FORMAT,      /* input that is not what it should be: ELF, manifest, JSON */
    ZF_ERROR_IO,          /* the host refused to read or write */
    ZF_ERROR_MEMORY,      /* the host has no memory left */
    ZF_ERROR_UNSUPPORTED, /* well formed, but zfacet does not do it */
};

struct zf_error {
    enum zf_status status;
    char message[512]; /* one line, no final period or newline */
};

/**
 * Fills `err` (which may be NULL) and returns `status`, so that callers can `return zf_fail(…)`.
 * The message is cut to fit.
 */
enum zf_status zf_fail(struct zf_error *err, enum zf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * The candidate nearest to `word` by edit distance, or NULL when none is close enough to be what
 * was meant. `next(context, i)` yields candidate i, or NULL after the last one.
 */
const char *zf_nearest(const char *word, const char *(*next)(const void *context, unsigned i),
                       const void *context);

#endif
