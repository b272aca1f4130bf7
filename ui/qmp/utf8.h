#ifndef ZFACET_QMP_UTF8_H
#define ZFACET_QMP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The code point at `*text`, which moves past it; -1 for what is none, after at least one byte.
 * C0 80 is taken for U+0000.
 */
int32_t zf_utf8_next(const char **text, const char *end);

/** True for Unicode scalar values that are no noncharacters. */
bool zf_utf8_valid(int32_t code);

enum { ZF_UTF8_LENGTH = 4 };

/** Writes a valid code point, U+0000 as C0 80, so that strings end at no zero but their own. */
size_t zf_utf8_put(int32_t code, char bytes[ZF_UTF8_LENGTH]);

#endif
