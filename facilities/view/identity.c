/*
 * STIDP and STFL as bytes, and names in EBCDIC.
 */
#include "zfacet/guest_view.h"

#include "view/ebcdic.h"

uint64_t zf_guest_cpu_id(const struct zf_guest_config *config) {
    return (uint64_t)config->version << 56 | (uint64_t)(config->identification & 0xffffff) << 32 |
           (uint64_t)config->model->machine->type << 16;
}

uint32_t zf_guest_facility_word(const struct zf_model *model) {
    return (uint32_t)(model->facilities[0] >> 32);
}

unsigned zf_guest_facility_list(const struct zf_model *model, unsigned offered, uint8_t *list,
                                unsigned *needed) {
    *needed = zf_model_facility_doublewords(model);
    for (unsigned i = 0; i < *needed && i < offered; i++) {
        zf_put64(list + 8 * i, model->facilities[i]);
    }
    return *needed <= offered ? 0 : 3;
}

static uint8_t ebcdic_of(char c) {
    static const char upper[] = "ABCDEFGHI\0\0\0\0\0\0\0JKLMNOPQR\0\0\0\0\0\0\0\0STUVWXYZ";
    static const char marks[] = "-./_ ";
    static const uint8_t mark_codes[] = {0x60, 0x4b, 0x61, 0x6d, 0x40};
    if (c >= '0' && c <= '9') {
        return (uint8_t)(0xf0 + (c - '0'));
    }
    for (unsigned i = 0; i < sizeof upper - 1; i++) {
        if (c && upper[i] == c) {
            return (uint8_t)(0xc1 + i);
        }
        if (c && upper[i] && upper[i] + ('a' - 'A') == c) {
            return (uint8_t)(0x81 + i);
        }
    }
    for (unsigned i = 0; i < sizeof mark_codes; i++) {
        if (marks[i] == c) {
            return mark_codes[i];
        }
    }
    return 0x40;
}

void zf_ebcdic_put(uint8_t *field, size_t length, const char *text) {
    size_t given = text ? strnlen(text, length) : 0;
    for (size_t i = 0; i < length; i++) {
        field[i] = i < given ? ebcdic_of(text[i]) : 0x40;
    }
}
