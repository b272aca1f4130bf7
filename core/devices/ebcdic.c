#include "sclp_state.h"

/* clang-format off */
static const char ascii[] =
    ".....\t.......\r.."
    ".....\n.........."
    ".....\n.........."
    "................"
    " .........[.<(+!"
    "&.........]$*);^"
    "-/.........,%_>?"
    ".........`:#@'=\""
    ".abcdefghi......"
    ".jklmnopqr......"
    ".~stuvwxyz......"
    "...........|...."
    "{ABCDEFGHI......"
    "}JKLMNOPQR......"
    "\\.STUVWXYZ......"
    "0123456789......";
/* clang-format on */
_Static_assert(sizeof ascii == 257, "one character for each code");

char zf_ascii_of_ebcdic(uint8_t code) {
    return ascii[code];
}

uint8_t zf_ebcdic_of_ascii(char c) {
    enum { FULL_STOP = 0x4b };
    if (c != '.') {
        for (unsigned code = 0; code < 256; code++) {
            if (ascii[code] == c) {
                return (uint8_t)code;
            }
        }
    }
    return FULL_STOP;
}
