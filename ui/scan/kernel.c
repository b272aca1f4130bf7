/*
 * Kernels. A boot image has the kernel compressed behind the code that unpacks it, and that is
 * neither ELF nor has symbols: functions begin where code calls, and where what compilers write at
 * a beginning stands. The kernel knows what it needs (it stops without), and asks for the rest in
 * ways of its own, by instructions that are replaced at boot; so all functions count as reached by
 * pointers: what few of them need is chosen at run time.
 */
#include "scan/scan.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE_AT = 0x10008, LEAST = 1 << 20, BLOCK = 1 << 20 };

bool zf_scan_is_kernel(const uint8_t *bytes, size_t size) {
    return size > SIGNATURE_AT + 8 && !memcmp(bytes + SIGNATURE_AT, "S390EP", 6);
}

/* All that can be unpacked; what follows it is not part of it. */
static uint8_t *read_all(struct archive *archive, size_t *size) {
    uint8_t *bytes = NULL, *more;
    la_ssize_t got = 1;
    for (*size = 0; got > 0; *size += got > 0 ? (size_t)got : 0) {
        more = realloc(bytes, *size + BLOCK);
        if (!more) {
            break;
        }
        bytes = more;
        got = archive_read_data(archive, bytes + *size, BLOCK);
    }
    return bytes;
}

static uint8_t *unpack(const uint8_t *bytes, size_t size, size_t *unpacked) {
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    uint8_t *all = NULL;
    archive_read_support_filter_all(archive);
    archive_read_support_format_raw(archive);
    if (archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK &&
        archive_read_next_header(archive, &entry) >= ARCHIVE_WARN) {
        all = read_all(archive, unpacked);
    }
    archive_read_free(archive);
    if (all && *unpacked < LEAST) {
        free(all);
        all = NULL;
    }
    return all;
}

uint8_t *zf_scan_unpack_kernel(const uint8_t *bytes, size_t size, size_t *unpacked) {
    static const struct {
        const char *text;
        size_t length;
    } kinds[] = {{"\x1f\x8b\x08", 3},
                 {"\xfd"
                  "7zXZ\0",
                  6},
                 {"\x28\xb5\x2f\xfd", 4},
                 {"\x02\x21\x4c\x18", 4},
                 {"BZh", 3}};
    uint8_t *all = NULL;
    for (size_t at = SIGNATURE_AT; at + 8 < size && !all; at++) {
        for (unsigned k = 0; k < ZF_ARRAY_LENGTH(kinds) && !all; k++) {
            if (!memcmp(bytes + at, kinds[k].text, kinds[k].length)) {
                all = unpack(bytes + at, size - at, unpacked);
            }
        }
    }
    return all;
}

/* A branch that never branches, which tracing replaces; or registers stored into a frame. */
static bool begins_function(const uint8_t *code) {
    static const uint8_t traced[6] = {0xc0, 0x04};
    bool saves = code[0] == 0xeb && code[1] >= 0x60 && (code[1] & 15) == 15 && code[2] >> 4 == 15 &&
                 code[4] == 0 && code[5] == 0x24;
    return !memcmp(code, traced, sizeof traced) || saves;
}

bool zf_scan_read_image(const void *bytes, size_t size, struct zf_scan_file *file) {
    enum { APART = 8, ALIGNED = 8 };
    struct zf_scan_section *section =
        zf_scan_grow(file->sections, &file->section_count, sizeof *section);
    struct zf_scan_places starts = {0};
    bool good = true;
    if (!section) {
        return false;
    }
    *section = (struct zf_scan_section){0, ".image", bytes, size, .code = true};
    file->sections = section;
    file->kernel = true;
    for (size_t at = 0; at + 2 * ALIGNED <= size && good; at += ALIGNED) {
        bool known = starts.count && at - starts.list[starts.count - 1] < APART + 1;
        if (!known && begins_function((const uint8_t *)bytes + at)) {
            good = zf_scan_add_place(&starts, at);
        }
    }
    good = good && zf_scan_add_functions(file, &starts);
    for (unsigned i = 0; i < file->function_count; i++) {
        file->code_bytes += file->functions[i].end - file->functions[i].address;
    }
    free(starts.list);
    return good;
}
