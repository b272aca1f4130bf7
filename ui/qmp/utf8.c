/*
 * UTF-8 checked character by character, as QEMU does.
 */
#include "qmp/utf8.h"

bool zf_utf8_valid(int32_t code) {
    return code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) &&
           !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) != 0xfffe;
}

/* Number of bytes that the first one announces: 0 when it cannot be a first one. */
static unsigned announced(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc0 || first > 0xf7) {
        return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

int32_t zf_utf8_next(const char **text, const char *end) {
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const unsigned char *p = (const unsigned char *)*text;
    unsigned length = announced(p[0]), i = 1;
    int32_t code = length ? p[0] & bits[length] : -1;
    while (i < length && p + i < (const unsigned char *)end && (p[i] & 0xc0) == 0x80) {
        code = code << 6 | (p[i++] & 0x3f);
    }
    *text += i;
    if (i < length || (code < least[length] && !(length == 2 && !code)) || !zf_utf8_valid(code)) {
        return -1;
    }
    return code;
}

size_t zf_utf8_put(int32_t code, char bytes[ZF_UTF8_LENGTH]) {
    size_t length = code && code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; --i > 0; code >>= 6) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
    }
    bytes[0] = (char)(mark[length] | code);
    return length;
}
