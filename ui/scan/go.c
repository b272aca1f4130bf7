/*
 * Where functions of a Go program begin and what they are called: its own table, which it has for
 * traces of the stack and which stays when it is stripped. Such a program has no unwind tables, and
 * calls much through pointers.
 *
 * The table's addresses are distances from the first function, which the module's data has; that
 * begins with a pointer to the table.
 */
#include "scan/reader.h"

#include <string.h>

enum {
    MAGIC_1_2 = 0xfffffffb,
    MAGIC_1_16 = 0xfffffffa,
    MAGIC_1_18 = 0xfffffff0,
    MAGIC_1_20 = 0xfffffff1,
    HEADER = 72,
    ENTRY = 8,
    OLD_HEADER = 16,
    OLD_ENTRY = 16
};
enum { FIRST_IN_MODULE = 160 };

struct table {
    const struct zf_scan_section *section;
    uint64_t count, names, entries, functions; /* offsets in the section */
    uint64_t first;                            /* address that distances count from */
    bool old;                                  /* of Go before 1.18: it has addresses */
};

/* The number of eight bytes at an offset; 0: it is not in the section. */
static uint64_t number_at(const struct zf_scan_section *s, uint64_t at) {
    return s->bytes && s->size >= 8 && at <= s->size - 8 ? zf_get64(s->bytes + at) : 0;
}

static uint32_t word_at(const struct zf_scan_section *s, uint64_t at) {
    return s->size >= 4 && at <= s->size - 4 ? zf_get32(s->bytes + at) : 0;
}

/* The pointer at a place: as the loader makes it, or as it is in the file. */
static uint64_t pointer_at(const struct zf_scan_file *file, uint64_t place) {
    for (unsigned i = 0; i < file->pointer_count; i++) {
        if (file->pointers[i].place == place) {
            return file->pointers[i].value;
        }
    }
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    return s ? number_at(s, place - s->address) : 0;
}

/* Whether the module's data begins at `place`: it says where its first function is. */
static bool is_module(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_section *s =
        zf_scan_section_at(file, pointer_at(file, place + FIRST_IN_MODULE));
    return s && s->code;
}

/* Where a pointer to the table is that begins the module's data; 0: nowhere. */
static uint64_t find_module(const struct zf_scan_file *file, uint64_t table) {
    for (unsigned i = 0; i < file->pointer_count; i++) {
        const struct zf_scan_pointer *p = &file->pointers[i];
        if (p->value == table && is_module(file, p->place)) {
            return p->place;
        }
    }
    for (unsigned i = 0; i < file->section_count; i++) {
        const struct zf_scan_section *s = &file->sections[i];
        for (uint64_t at = 0; s->bytes && s->writable && at + 8 <= s->size; at += 8) {
            if (number_at(s, at) == table && is_module(file, s->address + at)) {
                return s->address + at;
            }
        }
    }
    return 0;
}

/* Before 1.16, all offsets count from the table's begin. */
static bool open_old_table(const struct zf_scan_section *s, struct table *t) {
    bool oldest = word_at(s, 0) == MAGIC_1_2;
    *t = (struct table){.section = s,
                        .count = number_at(s, 8),
                        .names = oldest ? 0 : number_at(s, 24),
                        .entries = oldest ? OLD_HEADER : number_at(s, 56),
                        .functions = oldest ? 0 : number_at(s, 56),
                        .old = true};
    return s->size >= HEADER && t->entries <= s->size && t->names <= s->size &&
           t->count <= (s->size - t->entries) / OLD_ENTRY;
}

static bool open_table(const struct zf_scan_file *file, const struct zf_scan_section *s,
                       struct table *t) {
    uint32_t magic = word_at(s, 0);
    if (magic == MAGIC_1_2 || magic == MAGIC_1_16) {
        return open_old_table(s, t);
    }
    *t = (struct table){.section = s,
                        .count = number_at(s, 8),
                        .names = number_at(s, 32),
                        .entries = number_at(s, 64),
                        .functions = number_at(s, 64)};
    if (s->size < HEADER || (magic != MAGIC_1_18 && magic != MAGIC_1_20) ||
        t->functions > s->size || t->names > s->size ||
        t->count > (s->size - t->functions) / ENTRY) {
        return false;
    }
    uint64_t module = find_module(file, s->address);
    t->first = module ? pointer_at(file, module + FIRST_IN_MODULE) : number_at(s, 24);
    t->first -= module ? word_at(s, t->functions) : 0;
    return true;
}

static uint64_t address_of(const struct zf_scan_file *file, const struct table *t, uint64_t entry) {
    return t->old ? pointer_at(file, t->section->address + entry)
                  : t->first + word_at(t->section, entry);
}

/* NULL: it is damaged, or too long. */
static const char *name_of(const struct table *t, uint64_t entry) {
    enum { NAME = 4, OLD_NAME = 8 };
    const struct zf_scan_section *s = t->section;
    uint64_t offset = t->old ? number_at(s, entry + 8) : word_at(s, entry + 4);
    uint64_t function = offset < s->size ? t->functions + offset : s->size;
    uint64_t at = t->names + word_at(s, function + (t->old ? OLD_NAME : NAME));
    uint64_t left = function < s->size && at < s->size ? s->size - at : 0;
    bool good = left && memchr(s->bytes + at, 0, left < ZF_SCAN_NAME ? left : ZF_SCAN_NAME);
    return good ? (const char *)s->bytes + at : NULL;
}

void zf_scan_read_go(struct zf_scan_reader *r, const struct zf_scan_section *s) {
    struct table t;
    if (!open_table(r->file, s, &t)) {
        return;
    }
    uint64_t before = 0;
    for (uint64_t i = 0; i < t.count && !r->failed; i++) {
        uint64_t entry = t.entries + i * (t.old ? OLD_ENTRY : ENTRY);
        uint64_t address = address_of(r->file, &t, entry);
        const struct zf_scan_section *code = zf_scan_section_at(r->file, address);
        if (code && code->code && !(address & 1) && address > before) { /* they ascend */
            zf_scan_add_function(r, address, 0, name_of(&t, entry));
            before = address;
            r->file->go_read = true;
        }
    }
}
