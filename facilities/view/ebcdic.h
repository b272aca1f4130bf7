#ifndef ZFACET_GUEST_EBCDIC_H
#define ZFACET_GUEST_EBCDIC_H

#include <stddef.h>
#include <stdint.h>

/**
 * Writes `text` (letters, digits, blank and -./_ in ASCII; anything else becomes a blank) in
 * EBCDIC to `field`, cut to `length` bytes and padded with blanks. NULL is all blanks.
 */
void zf_ebcdic_put(uint8_t *field, size_t length, const char *text);

#endif
