/*
 * What rows and forms need, by generation of machines, and the small things that all parts of the
 * scan use.
 */
#include "scan/scan.h"

#include "zfacet/ibc.h"

#include <stdlib.h>
#include <string.h>

uint8_t zf_scan_row_machine(enum zf_row row) {
    return (uint8_t)zf_since_generation(zf_row_get(row)->since);
}

uint8_t zf_scan_form_machine(unsigned form) {
    return (uint8_t)zf_since_generation(zf_form_at(form)->since);
}

const char *zf_scan_machine_name(unsigned machine) {
    enum { FIRST = 7 };
    return zf_generation_name(machine < FIRST ? FIRST : machine);
}

unsigned zf_scan_machine_of(const struct zf_model *model) {
    return zf_level_generation(model->machine->level);
}

int zf_scan_facility(const struct zf_scan_need *need) {
    const struct zf_facility_need *facility = need->form == ZF_SCAN_NO_FORM
                                                  ? &zf_row_get(need->row)->facility
                                                  : &zf_form_at(need->form)->facility;
    return facility->count ? facility->bit[0] : -1;
}

uint8_t zf_scan_promised_machine(uint8_t promise) {
    const struct zf_facility *facility =
        promise && promise != ZF_SCAN_UNKNOWN ? zf_facility_find(promise - 1u) : NULL;
    return promise == ZF_SCAN_UNKNOWN ? UINT8_MAX
           : facility                 ? (uint8_t)zf_level_generation(facility->since)
                                      : 0;
}

bool zf_scan_covers(uint8_t promise, const struct zf_scan_need *need) {
    return promise && (need->machine <= zf_scan_promised_machine(promise) ||
                       zf_scan_facility(need) == promise - 1);
}

uint8_t zf_scan_lesser_promise(uint8_t a, uint8_t b) {
    return !a || (b && zf_scan_promised_machine(a) <= zf_scan_promised_machine(b)) ? a : b;
}

bool zf_scan_is_beyond(const struct zf_scan_function *f, uint8_t machine) {
    return f->reach == ZF_SCAN_GUARDED && machine > zf_scan_promised_machine(f->promise);
}

const char *zf_scan_reach_name(enum zf_scan_reach reach) {
    static const char *const names[] = {"guarded", "pointer", "direct"};
    return names[reach];
}

void *zf_scan_grow(void *array, unsigned *count, size_t size) {
    unsigned n = *count;
    bool full = (n & (n - 1)) == 0; /* a power of two, or none yet */
    void *more = full ? realloc(array, (n ? 2 * (size_t)n : 1) * size) : array;
    if (more) {
        memset((char *)more + n * size, 0, size);
        ++*count;
    }
    return more;
}

unsigned zf_scan_up_to(const void *array, unsigned count, size_t size, uint64_t address) {
    unsigned low = 0, high = count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        uint64_t begin;
        memcpy(&begin, (const char *)array + middle * size, sizeof begin);
        if (begin <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct zf_scan_section *zf_scan_section_at(const struct zf_scan_file *file,
                                                 uint64_t address) {
    const struct zf_scan_section *list = file->sections;
    unsigned n = zf_scan_up_to(list, file->section_count, sizeof *list, address);
    return n && address - list[n - 1].address < list[n - 1].size ? &list[n - 1] : NULL;
}

struct zf_scan_function *zf_scan_function_of(const struct zf_scan_file *file, uint64_t address) {
    struct zf_scan_function *list = file->functions;
    unsigned n = zf_scan_up_to(list, file->function_count, sizeof *list, address);
    return n && address < list[n - 1].end ? &list[n - 1] : NULL;
}

struct zf_scan_function *zf_scan_function_at(const struct zf_scan_file *file, uint64_t address) {
    struct zf_scan_function *f = zf_scan_function_of(file, address);
    return f && f->address == address ? f : NULL;
}

const struct zf_scan_pointer *zf_scan_pointer_at(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_pointer *list = file->pointers;
    unsigned n = zf_scan_up_to(list, file->pointer_count, sizeof *list, place);
    return n && list[n - 1].place == place ? &list[n - 1] : NULL;
}

uint8_t zf_scan_needed(const struct zf_scan_file *file) {
    uint8_t direct = file->machine[ZF_SCAN_DIRECT];
    uint8_t pointer = file->queries ? file->counted : file->machine[ZF_SCAN_POINTER];
    return direct > pointer ? direct : pointer;
}

bool zf_scan_is_top(const struct zf_scan_file *file, const struct zf_scan_function *f) {
    return (f->reach != ZF_SCAN_GUARDED || zf_scan_is_beyond(f, f->machine)) &&
           f->machine == zf_scan_needed(file);
}

uint8_t zf_scan_guarded(const struct zf_scan_file *file) {
    uint8_t most = zf_scan_needed(file);
    for (unsigned i = 0; i < file->function_count; i++) {
        most =
            file->functions[i].guarded_machine > most ? file->functions[i].guarded_machine : most;
    }
    return most;
}

struct zf_scan_function *zf_scan_node(const struct zf_scan_file *file, uint32_t i) {
    return i < file->function_count ? &file->functions[i] : &file->tables[i - file->function_count];
}

uint32_t zf_scan_node_count(const struct zf_scan_file *file) {
    return file->function_count + file->table_count;
}

bool zf_scan_add_ref(struct zf_scan_file *file, const struct zf_scan_ref *ref) {
    struct zf_scan_ref *refs = zf_scan_grow(file->refs, &file->ref_count, sizeof *refs);
    if (refs) {
        file->refs = refs;
        refs[file->ref_count - 1] = *ref;
    }
    file->out_of_memory |= !refs;
    return refs != NULL;
}

bool zf_scan_add_place(struct zf_scan_places *places, uint64_t address) {
    uint64_t *list = zf_scan_grow(places->list, &places->count, sizeof *list);
    if (list) {
        places->list = list;
        list[places->count - 1] = address;
    }
    return list != NULL;
}

static int by_address(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void zf_scan_sort_places(struct zf_scan_places *places) {
    if (places->count) {
        qsort(places->list, places->count, sizeof *places->list, by_address);
    }
}

bool zf_scan_add_extent(struct zf_scan_file *file, uint64_t address, uint64_t size) {
    const struct zf_scan_section *s = zf_scan_section_at(file, address);
    if (!s || s->code || !size || size > s->size - (address - s->address)) {
        return true;
    }
    struct zf_scan_extent *extents =
        zf_scan_grow(file->extents, &file->extent_count, sizeof *extents);
    if (extents) {
        file->extents = extents;
        extents[file->extent_count - 1] = (struct zf_scan_extent){address, address + size};
    }
    return extents != NULL;
}

/* Of those that begin at the same place, the longest one is first. */
static int by_extent(const void *a, const void *b) {
    const struct zf_scan_extent *x = a, *y = b;
    int order = (x->address > y->address) - (x->address < y->address);
    return order ? order : (x->end < y->end) - (x->end > y->end);
}

void zf_scan_settle_extents(struct zf_scan_file *file) {
    struct zf_scan_extent *list = file->extents;
    unsigned kept = 0;
    if (file->extent_count) {
        qsort(list, file->extent_count, sizeof *list, by_extent);
    }
    for (unsigned i = 0; i < file->extent_count; i++) {
        if (!kept || list[i].address >= list[kept - 1].end) {
            list[kept++] = list[i];
        }
    }
    file->extent_count = kept;
}

const struct zf_scan_extent *zf_scan_data_at(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_extent *list = file->extents;
    unsigned n = zf_scan_up_to(list, file->extent_count, sizeof *list, place);
    return n && place < list[n - 1].end ? &list[n - 1] : NULL;
}

void zf_scan_free(struct zf_scan_file *file) {
    for (unsigned i = 0; i < file->function_count; i++) {
        free(file->functions[i].name);
        free(file->functions[i].needs);
        free(file->functions[i].edges);
        free(file->functions[i].seen);
    }
    for (unsigned i = 0; i < file->table_count; i++) {
        free(file->tables[i].edges);
    }
    for (unsigned i = 0; i < file->section_count; i++) {
        if (file->sections[i].own) {
            free((void *)(uintptr_t)file->sections[i].bytes);
        }
    }
    zf_scan_close(file);
    free(file->functions);
    free(file->tables);
    free(file->table_places);
    free(file->pointers);
    free(file->refs);
    free(file->data.list);
    free(file->extents);
    free(file->sections);
    *file = (struct zf_scan_file){0};
}

static enum zf_status follow(enum zf_status status, struct zf_scan_file *file,
                             struct zf_error *err) {
    if (status == ZF_OK && !(zf_scan_follow(file) && zf_scan_reach(file))) {
        status = zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    return status;
}

enum zf_status zf_scan_elf(const void *bytes, size_t size, struct zf_scan_file *file,
                           struct zf_error *err) {
    *file = (struct zf_scan_file){0};
    enum zf_status status = ZF_OK;
    if (zf_scan_is_elf(bytes, size)) {
        status = zf_scan_read(bytes, size, file, err);
    } else if (!zf_scan_read_image(bytes, size, file)) {
        status = zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    return follow(status, file, err);
}

enum zf_status zf_scan_library(struct zf_scan_object *objects, unsigned count,
                               struct zf_scan_file *file, struct zf_error *err) {
    *file = (struct zf_scan_file){0};
    return follow(zf_scan_link(objects, count, file, err), file, err);
}

static bool is_of(const struct zf_scan_object *object, const struct zf_scan_function *f) {
    return f->address >= object->start && f->address < object->end;
}

/* Addresses are the object's own from here on. */
static void move_function(struct zf_scan_function *from, struct zf_scan_function *to,
                          uint64_t start) {
    *to = *from;
    *from = (struct zf_scan_function){.address = from->address, .end = from->end};
    to->address -= start;
    to->end -= start;
    for (unsigned n = 0; n < to->need_count; n++) {
        to->needs[n].address -= start;
    }
}

bool zf_scan_take_part(struct zf_scan_file *library, const struct zf_scan_object *object,
                       struct zf_scan_file *part) {
    *part = (struct zf_scan_file){
        .relocatable = true, .kernel = library->kernel, .code_bytes = object->code_bytes};
    for (unsigned i = 0; i < library->function_count; i++) {
        part->function_count += is_of(object, &library->functions[i]);
    }
    part->functions = calloc(part->function_count + 1, sizeof *part->functions);
    unsigned moved = 0;
    for (unsigned i = 0; part->functions && i < library->function_count; i++) {
        if (is_of(object, &library->functions[i])) {
            struct zf_scan_function *f = &part->functions[moved++];
            move_function(&library->functions[i], f, object->start);
            part->insns += f->insns;
        }
    }
    part->function_count = moved;
    zf_scan_sum_up(part);
    return part->functions != NULL;
}
