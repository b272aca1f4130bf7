/*
 * Tables of functions, as functions that call all that are in them: however many functions use one,
 * it is there once.
 */
#include "scan/walk.h"

#include <string.h>

uint64_t zf_scan_address_at(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_pointer *p = zf_scan_pointer_at(file, place);
    const struct zf_scan_section *s =
        p || !file->executable ? NULL : zf_scan_section_at(file, place);
    uint64_t at = s ? place - s->address : 0;
    if (p) {
        return p->resolver ? 0 : p->value;
    }
    return s && s->bytes && s->size >= 8 && at <= s->size - 8 ? zf_get64(s->bytes + at) : 0;
}

bool zf_scan_call_at(struct zf_scan_file *file, struct zf_scan_function *f, uint64_t place,
                     uint8_t promise) {
    uint64_t address = zf_scan_address_at(file, place);
    const struct zf_scan_function *to = address ? zf_scan_function_at(file, address) : NULL;
    if (to && to != f) {
        zf_scan_add_edge(file, f,
                         (struct zf_scan_edge){.to = (uint32_t)(to - file->functions),
                                               .guarded = promise != 0,
                                               .promise = promise});
    }
    return to != NULL;
}

/* All functions from a place on: as a symbol says, or up to where other data begins, or where no
 * more of them are. */
static void fill_table(struct zf_scan_file *file, struct zf_scan_function *table) {
    enum { NEAR = 256 };
    uint64_t place = table->address, last = place;
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    const struct zf_scan_extent *named = zf_scan_data_at(file, place);
    uint64_t end = named ? named->end : s ? zf_scan_end_of_data(file, s, place) : place;
    for (; place + 8 <= end && (named || place - last <= NEAR); place += 8) {
        if (zf_scan_call_at(file, table, place, 0)) {
            last = place;
        }
    }
}

/* A new one, before which `i` others lie. */
static void add_table(struct zf_scan_file *file, uint64_t place, unsigned i) {
    unsigned count = file->table_count;
    struct zf_scan_table *places = zf_scan_grow(file->table_places, &count, sizeof *places);
    file->table_places = places ? places : file->table_places;
    struct zf_scan_function *tables =
        places ? zf_scan_grow(file->tables, &file->table_count, sizeof *tables) : NULL;
    file->out_of_memory |= !tables;
    if (tables) {
        file->tables = tables;
        memmove(&places[i + 1], &places[i], (count - 1 - i) * sizeof *places);
        places[i] = (struct zf_scan_table){place, count - 1};
        tables[count - 1].address = place;
        fill_table(file, &tables[count - 1]);
    }
}

void zf_walk_call_all(struct zf_walk *w, uint64_t place, uint8_t promise) {
    struct zf_scan_file *file = w->file;
    const struct zf_scan_extent *named = zf_scan_data_at(file, place);
    place = named ? (named->address + 7) & ~UINT64_C(7) : place;
    unsigned i =
        zf_scan_up_to(file->table_places, file->table_count, sizeof *file->table_places, place);
    if (!i || file->table_places[i - 1].place != place) {
        add_table(file, place, i++);
    }
    if (!file->out_of_memory) {
        uint32_t to = file->function_count + file->table_places[i - 1].table;
        zf_scan_add_edge(
            file, w->f,
            (struct zf_scan_edge){.to = to, .guarded = promise != 0, .promise = promise});
    }
}
