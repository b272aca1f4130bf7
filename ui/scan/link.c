/*
 * Relocatable files, put together as a linker does: an archive of static code, or an object alone.
 * Sections get addresses, one object after the other; symbols stand for what another object has;
 * what refers to them leads there. What is nowhere, and what code loads from the global offset
 * table, gets a place in a section of its own, with a pointer that has the name.
 */
#include "scan/reader.h"

#include <stdlib.h>
#include <string.h>

/* Relocations: "ELF application binary interface, s390x supplement". */
enum {
    RELOC_PC32 = 5,
    RELOC_PC16DBL = 17,
    RELOC_PLT16DBL = 18,
    RELOC_PC32DBL = 19,
    RELOC_PLT32DBL = 20,
    RELOC_64 = 22,
    RELOC_PC64 = 23,
    RELOC_GOTENT = 26,
};
enum { FIRST = 0x10000, APART = 256, SLOT = 8 };

struct symbol {
    const char *name;
    uint64_t address;
    bool weak, resolver;
};

struct linker {
    struct zf_scan_file *file;
    struct zf_scan_reader *readers;
    struct symbol *symbols; /* that others may refer to, by name */
    unsigned symbol_count;
    uint64_t next;  /* address for a section */
    uint64_t slots; /* where the section of slots begins */
    uint64_t slot_count;
    bool failed;
};

static void place_sections(struct linker *l, struct zf_scan_reader *r) {
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr header;
        size_t number = elf_ndxscn(scn);
        if (gelf_getshdr(scn, &header) && zf_scan_is_storage(&header) && number < r->sections &&
            header.sh_size < UINT32_MAX) {
            r->base[number] = l->next - header.sh_addr;
            l->next = (l->next + header.sh_size + APART) & ~(uint64_t)(APART - 1);
        }
    }
}

/* Of a symbol that is defined here: where. */
static bool find_address(const struct zf_scan_reader *r, const GElf_Sym *symbol,
                         uint64_t *address) {
    size_t section = symbol->st_shndx;
    bool here = section != SHN_UNDEF && section < SHN_LORESERVE && section < r->sections &&
                r->base[section];
    *address = here ? r->base[section] + symbol->st_value : 0;
    return here;
}

static void offer_symbol(struct linker *l, const struct zf_scan_reader *r, const GElf_Sym *symbol,
                         const char *name) {
    uint64_t address;
    unsigned bind = GELF_ST_BIND(symbol->st_info);
    if (bind == STB_LOCAL || !name || !*name || !find_address(r, symbol, &address)) {
        return;
    }
    struct symbol *symbols = zf_scan_grow(l->symbols, &l->symbol_count, sizeof *symbols);
    l->failed |= !symbols;
    if (symbols) {
        l->symbols = symbols;
        symbols[l->symbol_count - 1] = (struct symbol){
            name, address, bind == STB_WEAK, GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC};
    }
}

/* Symbols of the table that relocations, or all, refer to. */
struct table {
    Elf_Data *data;
    size_t names, count;
};

static struct table table_of(Elf_Scn *scn) {
    GElf_Shdr header;
    struct table t = {0};
    if (scn && gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB && header.sh_entsize) {
        t.data = elf_getdata(scn, NULL);
        t.names = header.sh_link;
        t.count = t.data ? header.sh_size / header.sh_entsize : 0;
    }
    return t;
}

static void offer_symbols(struct linker *l, const struct zf_scan_reader *r) {
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        struct table t = table_of(scn);
        GElf_Sym symbol;
        for (size_t i = 0; i < t.count && gelf_getsym(t.data, (int)i, &symbol); i++) {
            offer_symbol(l, r, &symbol, elf_strptr(r->elf, t.names, symbol.st_name));
        }
    }
}

/* The first one that is not weak comes first. */
static int by_name(const void *a, const void *b) {
    const struct symbol *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order                ? order
           : x->weak != y->weak ? x->weak - y->weak
                                : (x->address > y->address) - (x->address < y->address);
}

static const struct symbol *find_symbol(const struct linker *l, const char *name) {
    unsigned low = 0, high = l->symbol_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (strcmp(l->symbols[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < l->symbol_count && !strcmp(l->symbols[low].name, name);
    return found ? &l->symbols[low] : NULL;
}

/* What a relocation refers to; `name` may be NULL. */
static struct symbol resolve(const struct linker *l, const struct zf_scan_reader *r,
                             const struct table *t, size_t number) {
    struct symbol found = {0};
    GElf_Sym symbol;
    if (number && number < t->count && gelf_getsym(t->data, (int)number, &symbol)) {
        const char *name = elf_strptr(r->elf, t->names, symbol.st_name);
        const struct symbol *offered = NULL;
        found.name = name && *name ? name : NULL;
        if (GELF_ST_BIND(symbol.st_info) != STB_LOCAL && found.name) {
            offered = find_symbol(l, found.name);
        }
        found.resolver = GELF_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC;
        if (offered) {
            found = *offered;
        } else {
            find_address(r, &symbol, &found.address);
        }
    }
    return found;
}

/* A place with a pointer to the symbol. */
static uint64_t add_slot(struct linker *l, const struct symbol *symbol) {
    uint64_t place = l->slots + SLOT * l->slot_count++;
    const struct zf_scan_pointer pointer = {place, symbol->address, symbol->name,
                                            symbol->resolver && symbol->address};
    l->failed |= !zf_scan_add_pointer(l->file, &pointer);
    return place;
}

static void add_pointer(struct linker *l, uint64_t place, const struct symbol *symbol,
                        uint64_t value) {
    const struct zf_scan_pointer pointer = {place, value, symbol->name, symbol->resolver};
    l->failed |= !zf_scan_add_pointer(l->file, &pointer);
}

static void store(uint8_t *to, unsigned size, uint64_t value) {
    for (unsigned i = 0; i < size; i++) {
        to[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    }
}

static unsigned width_of(unsigned type) {
    switch (type) {
    case RELOC_64:
    case RELOC_PC64:
        return 8;
    case RELOC_PC32:
    case RELOC_PC32DBL:
    case RELOC_PLT32DBL:
    case RELOC_GOTENT:
        return 4;
    case RELOC_PC16DBL:
    case RELOC_PLT16DBL:
        return 2;
    default:
        return 0;
    }
}

/* Has what is at `place` lead to the symbol. */
static void relocate(struct linker *l, uint64_t place, const GElf_Rela *rela,
                     const struct symbol *symbol) {
    unsigned type = GELF_R_TYPE(rela->r_info), width = width_of(type);
    const struct zf_scan_section *s = width ? zf_scan_section_at(l->file, place) : NULL;
    if (!s || !s->bytes || s->size - (place - s->address) < width ||
        (!symbol->address && !symbol->name)) {
        return;
    }
    uint64_t address = symbol->address;
    if (type == RELOC_GOTENT || (!address && width < 8) || zf_scan_tells_by_name(symbol->name)) {
        address = add_slot(l, symbol);
    }
    uint64_t value = address ? address + (uint64_t)rela->r_addend : 0;
    uint8_t *to = (uint8_t *)(uintptr_t)s->bytes + (place - s->address);
    if (type == RELOC_64) {
        add_pointer(l, place, symbol, value);
    } else {
        value -= place;
        value = type == RELOC_PC32 || type == RELOC_PC64 ? value : (uint64_t)((int64_t)value / 2);
    }
    store(to, width, value);
}

static void relocate_section(struct linker *l, struct zf_scan_reader *r, Elf_Scn *scn,
                             const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    struct table t = table_of(elf_getscn(r->elf, header->sh_link));
    uint64_t base = header->sh_info < r->sections ? r->base[header->sh_info] : 0;
    GElf_Rela rela;
    for (size_t i = 0; base && i < count && gelf_getrela(data, (int)i, &rela); i++) {
        struct symbol symbol = resolve(l, r, &t, GELF_R_SYM(rela.r_info));
        relocate(l, base + rela.r_offset, &rela, &symbol);
    }
}

static void read_symbols(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header,
                         const char *name) {
    (void)name;
    if (header->sh_type == SHT_SYMTAB) {
        zf_scan_read_symbols(r, scn, header);
    }
}

static void link_object(struct linker *l, struct zf_scan_reader *r) {
    zf_scan_each_section(r, read_symbols);
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr header;
        if (gelf_getshdr(scn, &header) && header.sh_type == SHT_RELA) {
            relocate_section(l, r, scn, &header);
        }
    }
    l->failed |= r->failed;
}

/* Sections of a damaged file may overlap with what is read of it. */
static bool copy_bytes(struct zf_scan_section *s) {
    uint8_t *bytes = s->bytes ? malloc(s->size) : NULL;
    if (bytes) {
        memcpy(bytes, s->bytes, s->size);
    }
    bool good = bytes || !s->bytes;
    s->own = bytes;
    s->bytes = bytes;
    return good;
}

static void open_object(struct linker *l, struct zf_scan_reader *r, struct zf_scan_object *object,
                        struct zf_error *err) {
    GElf_Ehdr ehdr;
    enum zf_status status = zf_scan_reader_open(r, object->bytes, object->size, &ehdr, err);
    object->damaged = status == ZF_ERROR_FORMAT;
    l->failed |= status == ZF_ERROR_MEMORY;
    object->start = object->end = l->next;
    if (status != ZF_OK) {
        free(r->base);
        r->base = NULL;
        return;
    }
    uint64_t before = l->file->code_bytes;
    unsigned first = l->file->section_count;
    place_sections(l, r);
    zf_scan_each_section(r, zf_scan_read_storage);
    for (unsigned i = first; i < l->file->section_count; i++) {
        l->failed |= !copy_bytes(&l->file->sections[i]);
    }
    offer_symbols(l, r);
    object->end = l->next;
    object->code_bytes = l->file->code_bytes - before;
    l->failed |= r->failed;
}

static void link_all(struct linker *l, unsigned count) {
    enum { MOST_SLOTS = 1 << 28 };
    const struct zf_scan_section slots = {
        .name = ".got", .address = l->slots = l->next, .size = (uint64_t)MOST_SLOTS * SLOT};
    l->failed |= !zf_scan_add_section(l->file, &slots);
    zf_scan_sort_sections(l->file);
    if (l->symbol_count) {
        qsort(l->symbols, l->symbol_count, sizeof *l->symbols, by_name);
    }
    for (unsigned i = 0; i < count && !l->failed; i++) {
        if (l->readers[i].base) {
            link_object(l, &l->readers[i]);
        }
    }
}

enum zf_status zf_scan_link(struct zf_scan_object *objects, unsigned count,
                            struct zf_scan_file *file, struct zf_error *err) {
    struct linker l = {.file = file, .next = FIRST};
    l.readers = calloc(count, sizeof *l.readers);
    l.failed = !l.readers;
    file->relocatable = true;
    for (unsigned i = 0; i < count && !l.failed; i++) {
        l.readers[i].file = file;
        open_object(&l, &l.readers[i], &objects[i], err);
    }
    if (!l.failed) {
        link_all(&l, count);
    }
    struct zf_scan_reader all = {.file = file};
    if (!l.failed) {
        zf_scan_settle(&all);
    }
    for (unsigned i = 0; l.readers && i < count; i++) {
        free(l.readers[i].base);
    }
    free(l.readers);
    free(l.symbols);
    return l.failed || all.failed ? zf_fail(err, ZF_ERROR_MEMORY, "out of memory") : ZF_OK;
}
