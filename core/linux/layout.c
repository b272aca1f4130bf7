/*
 * Structures in the other byte order, by a text that says of what they consist. Fields in order,
 * each a letter, after a number that many of them: b a byte, h a halfword, w a word, d a
 * doubleword, a an address with room for all families, n two fields of 4 bits, f one of 1 bit and
 * one of 2. What comes after them stays; '*' repeats the letter to the end.
 */
#include "guest.h"

#include <stdlib.h>
#include <sys/socket.h>

static void reverse(uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

/* An address: the family, and of inet6 the scope. The other way when `to_guest`. */
static void swap_address(uint8_t *bytes, bool to_guest) {
    enum { SCOPE_AT = 24 };
    sa_family_t family;
    if (!to_guest) {
        reverse(bytes, sizeof family);
    }
    memcpy(&family, bytes, sizeof family);
    if (to_guest) {
        reverse(bytes, sizeof family);
    }
    if (family == AF_INET6) {
        reverse(bytes + SCOPE_AT, 4);
    }
}

/* The first field of a byte is the lowest here and the highest there. */
static uint8_t swap_flags(uint8_t byte, bool to_guest) {
    return to_guest ? (uint8_t)((byte & 1) << 7 | (byte & 6) << 4)
                    : (uint8_t)(byte >> 7 | (byte >> 4 & 6));
}

static size_t width_of(char letter) {
    switch (letter) {
    case 'h':
        return 2;
    case 'w':
        return 4;
    case 'd':
        return 8;
    case 'a':
        return sizeof(struct sockaddr_storage);
    default:
        return 1;
    }
}

static void swap_field(uint8_t *bytes, char letter, bool to_guest) {
    switch (letter) {
    case 'a':
        swap_address(bytes, to_guest);
        break;
    case 'n':
        *bytes = (uint8_t)(*bytes << 4 | *bytes >> 4);
        break;
    case 'f':
        *bytes = swap_flags(*bytes, to_guest);
        break;
    default:
        reverse(bytes, width_of(letter));
    }
}

void zf_layout_swap(const char *fields, uint8_t *bytes, size_t size, bool to_guest) {
    size_t at = 0;
    while (*fields) {
        char *letter = (char *)fields;
        bool all = *fields == '*';
        unsigned long count = all ? size : strtoul(fields, &letter, 10);
        count = !all && letter == fields ? 1 : count;
        letter += all;
        size_t width = width_of(*letter);
        for (; count && at + width <= size; count--, at += width) {
            swap_field(bytes + at, *letter, to_guest);
        }
        if (count) {
            return;
        }
        fields = letter + 1;
    }
}
