/*
 * An ELF file as the scan sees it: sections, where functions begin and end by symbols, unwind
 * tables and Go's own table, and pointers. A relocatable file is what link.c makes of it.
 */
#include "scan/reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    MACHINE_S390 = 22,
    RELOC_64 = 22,
    RELOC_GLOB_DAT = 10,
    RELOC_JMP_SLOT = 11,
    RELOC_RELATIVE = 12,
    RELOC_IRELATIVE = 61,
};

bool zf_scan_is_elf(const uint8_t *bytes, size_t size) {
    return size > 64 && !memcmp(bytes, ELFMAG, SELFMAG) && bytes[EI_CLASS] == ELFCLASS64 &&
           bytes[EI_DATA] == ELFDATA2MSB && bytes[18] == 0 && bytes[19] == MACHINE_S390;
}

bool zf_scan_is_relocatable(const uint8_t *bytes, size_t size) {
    return zf_scan_is_elf(bytes, size) && bytes[16] == 0 && bytes[17] == ET_REL;
}

static struct zf_scan_function *append(struct zf_scan_file *file, uint64_t address, uint64_t size) {
    struct zf_scan_function *functions =
        zf_scan_grow(file->functions, &file->function_count, sizeof *functions);
    if (!functions) {
        return NULL;
    }
    file->functions = functions;
    struct zf_scan_function *f = &functions[file->function_count - 1];
    f->address = address;
    f->end = address + size;
    f->named_size = size != 0;
    return f;
}

struct zf_scan_function *zf_scan_add_function(struct zf_scan_reader *r, uint64_t address,
                                              uint64_t size, const char *name) {
    struct zf_scan_function *f = append(r->file, address, size);
    r->failed |= !f;
    if (f) {
        f->name = name && *name ? strndup(name, ZF_SCAN_NAME) : NULL;
    }
    return f;
}

bool zf_scan_add_pointer(struct zf_scan_file *file, const struct zf_scan_pointer *pointer) {
    struct zf_scan_pointer *pointers =
        zf_scan_grow(file->pointers, &file->pointer_count, sizeof *pointers);
    if (pointers) {
        file->pointers = pointers;
        pointers[file->pointer_count - 1] = *pointer;
    }
    return pointers != NULL;
}

static void add_pointer(struct zf_scan_reader *r, uint64_t place, uint64_t value,
                        const char *symbol, bool resolver) {
    const struct zf_scan_pointer pointer = {place, value, symbol, resolver};
    r->failed |= !zf_scan_add_pointer(r->file, &pointer);
}

bool zf_scan_add_section(struct zf_scan_file *file, const struct zf_scan_section *section) {
    struct zf_scan_section *sections =
        zf_scan_grow(file->sections, &file->section_count, sizeof *sections);
    if (sections) {
        file->sections = sections;
        sections[file->section_count - 1] = *section;
    }
    return sections != NULL;
}

static int by_place_of_section(const void *a, const void *b) {
    const struct zf_scan_section *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

void zf_scan_sort_sections(struct zf_scan_file *file) {
    if (file->section_count) {
        qsort(file->sections, file->section_count, sizeof *file->sections, by_place_of_section);
    }
}

bool zf_scan_is_storage(const GElf_Shdr *header) {
    return header->sh_flags & SHF_ALLOC && !(header->sh_flags & SHF_TLS) && header->sh_size;
}

/* Which features of the CPU a module of Linux is loaded for: "alias=cpu:type:*:feature:*0001*". */
static uint64_t features_of_module(const char *text, size_t size) {
    static const char alias[] = "alias=cpu:type:*:feature:*";
    uint64_t features = 0;
    for (const char *end = text + size, *line = text, *next; line < end; line = next) {
        size_t length = strnlen(line, (size_t)(end - line));
        next = line + length + 1;
        if (length > sizeof alias && line + length < end &&
            !strncmp(line, alias, sizeof alias - 1)) {
            unsigned long number = strtoul(line + sizeof alias - 1, NULL, 16);
            features |= number < 64 ? UINT64_C(1) << number : 0;
        }
    }
    return features;
}

void zf_scan_read_storage(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header,
                          const char *name) {
    if (!zf_scan_is_storage(header) || (r->file->relocatable && !r->base[elf_ndxscn(scn)])) {
        return;
    }
    Elf_Data *data = header->sh_type == SHT_NOBITS ? NULL : elf_rawdata(scn, NULL);
    const struct zf_scan_section section = {
        .name = name,
        .address = header->sh_addr + r->base[elf_ndxscn(scn)],
        .bytes = data ? data->d_buf : NULL,
        .size = data && data->d_buf ? data->d_size : header->sh_size,
        .code = header->sh_flags & SHF_EXECINSTR && data && data->d_buf,
        .writable = header->sh_flags & SHF_WRITE,
    };
    r->failed |= !zf_scan_add_section(r->file, &section);
    r->file->kernel |= !strcmp(name, ".altinstructions");
    if (!strcmp(name, ".modinfo") && section.bytes) {
        r->file->cpu_features |= features_of_module((const char *)section.bytes, section.size);
    }
    r->file->code_bytes += header->sh_flags & SHF_EXECINSTR ? header->sh_size : 0;
}

static void note_telling(struct zf_scan_file *file, const char *name, uint64_t address,
                         uint64_t size) {
    if (zf_scan_tells_by_name(name) && file->telling_count < ZF_SCAN_TELLING) {
        file->telling[file->telling_count++] =
            (struct zf_scan_variable){address, size, zf_scan_source_by_name(name)};
    }
}

static void read_symbol(struct zf_scan_reader *r, const GElf_Sym *symbol, const char *name,
                        bool dynamic) {
    unsigned type = GELF_ST_TYPE(symbol->st_info), bind = GELF_ST_BIND(symbol->st_info);
    bool hidden = GELF_ST_VISIBILITY(symbol->st_other) == STV_HIDDEN ||
                  GELF_ST_VISIBILITY(symbol->st_other) == STV_INTERNAL;
    if (name && !strcmp(name, "_rtld_global_ro")) {
        r->file->queries = true; /* the dynamic linker's, which has AT_HWCAP */
    }
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE ||
        symbol->st_shndx >= r->sections ||
        (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_OBJECT &&
         !(type == STT_NOTYPE && bind != STB_LOCAL))) {
        return;
    }
    uint64_t address = symbol->st_value + r->base[symbol->st_shndx];
    if (type == STT_OBJECT) {
        note_telling(r->file, name, address, symbol->st_size);
        r->failed |= !zf_scan_add_ref(r->file, &(struct zf_scan_ref){.address = address}) ||
                     !zf_scan_add_extent(r->file, address, symbol->st_size);
        return;
    }
    const struct zf_scan_section *section = zf_scan_section_at(r->file, address);
    struct zf_scan_function *f = section && section->code && !(address & 1)
                                     ? zf_scan_add_function(r, address, symbol->st_size, name)
                                     : NULL;
    if (f) {
        f->resolver = type == STT_GNU_IFUNC;
        f->exported =
            bind != STB_LOCAL && !hidden && (dynamic || r->file->relocatable) && !f->resolver;
    }
}

void zf_scan_read_symbols(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count && !r->failed; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol)) {
            read_symbol(r, &symbol, elf_strptr(r->elf, header->sh_link, symbol.st_name),
                        header->sh_type == SHT_DYNSYM);
        }
    }
}

static void read_relocation(struct zf_scan_reader *r, const GElf_Rela *rela, const GElf_Sym *symbol,
                            const char *name) {
    unsigned type = GELF_R_TYPE(rela->r_info);
    if (type == RELOC_RELATIVE || type == RELOC_IRELATIVE) {
        add_pointer(r, rela->r_offset, (uint64_t)rela->r_addend, NULL, type == RELOC_IRELATIVE);
    } else if (type == RELOC_64 || type == RELOC_GLOB_DAT || type == RELOC_JMP_SLOT) {
        bool defined = symbol && symbol->st_shndx != SHN_UNDEF;
        add_pointer(r, rela->r_offset, defined ? symbol->st_value + (uint64_t)rela->r_addend : 0,
                    name, defined && GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC);
    }
}

/* Those that the loader applies. */
static void read_relocations(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(scn, NULL);
    Elf_Scn *symbols = elf_getscn(r->elf, header->sh_link);
    GElf_Shdr symbols_header;
    Elf_Data *symbol_data =
        symbols && gelf_getshdr(symbols, &symbols_header) ? elf_getdata(symbols, NULL) : NULL;
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count && !r->failed; i++) {
        GElf_Rela rela;
        GElf_Sym symbol, *there = NULL;
        if (!gelf_getrela(data, (int)i, &rela)) {
            continue;
        }
        if (symbol_data && GELF_R_SYM(rela.r_info)) {
            there = gelf_getsym(symbol_data, (int)GELF_R_SYM(rela.r_info), &symbol);
        }
        read_relocation(r, &rela, there,
                        there ? elf_strptr(r->elf, symbols_header.sh_link, symbol.st_name) : NULL);
    }
}

static int32_t word_at(const uint8_t *bytes) {
    return (int32_t)zf_get32(bytes);
}

/* .eh_frame: a CIE has 0 where an FDE has how far back its CIE is. */
static void read_unwind_table(struct zf_scan_reader *r, const struct zf_scan_section *s) {
    for (size_t at = 0; at + 16 <= s->size && !r->failed;) {
        uint32_t length = zf_get32(s->bytes + at), cie = zf_get32(s->bytes + at + 4);
        if (length < 8 || length > s->size - at - 4) {
            return;
        }
        if (cie && length >= 12) {
            uint64_t place = s->address + at + 8;
            uint64_t address = place + (uint64_t)(int64_t)word_at(s->bytes + at + 8);
            uint32_t size = zf_get32(s->bytes + at + 12);
            const struct zf_scan_section *code = zf_scan_section_at(r->file, address);
            if (code && code->code && !(address & 1)) {
                zf_scan_add_function(r, address, size, NULL);
            }
        }
        at += length + 4;
    }
}

/* The pointers that lie in the data of a program linked to fixed addresses. */
static void read_fixed_pointers(struct zf_scan_reader *r, const struct zf_scan_section *s) {
    for (size_t at = 0; at + 8 <= s->size && !r->failed; at += 8) {
        uint64_t value = zf_get64(s->bytes + at);
        const struct zf_scan_section *code = value ? zf_scan_section_at(r->file, value) : NULL;
        if (code && code->code) {
            add_pointer(r, s->address + at, value, NULL, false);
        }
    }
}

void zf_scan_each_section(struct zf_scan_reader *r, zf_scan_visit_section *visit) {
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn && !r->failed;
         scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr header;
        if (gelf_getshdr(scn, &header)) {
            const char *name = elf_strptr(r->elf, r->names, header.sh_name);
            visit(r, scn, &header, name ? name : "");
        }
    }
}

static void visit_symbols(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header,
                          const char *name) {
    if (header->sh_type == SHT_SYMTAB || header->sh_type == SHT_DYNSYM) {
        zf_scan_read_symbols(r, scn, header);
    } else if (header->sh_type == SHT_RELA && header->sh_flags & SHF_ALLOC) {
        read_relocations(r, scn, header);
    }
}

static int by_place(const void *a, const void *b) {
    const struct zf_scan_pointer *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int by_address(const void *a, const void *b) {
    const struct zf_scan_function *x = a, *y = b;
    return x->address != y->address         ? (x->address < y->address ? -1 : 1)
           : x->named_size != y->named_size ? (x->named_size ? -1 : 1)
                                            : 0;
}

/* Two of the same address. */
static void merge(struct zf_scan_function *into, struct zf_scan_function *f) {
    into->exported |= f->exported;
    into->resolver |= f->resolver;
    into->entry |= f->entry;
    into->noted |= f->noted;
    if (!into->name) {
        into->name = f->name;
    } else {
        free(f->name);
    }
    free(f->seen);
}

/* What is reached depends on where it ends. */
static void set_end(struct zf_scan_function *f, uint64_t limit) {
    uint64_t end = f->named_size && f->end < limit && f->end > f->address ? f->end : limit;
    if (end != f->end) {
        f->end = end;
        free(f->seen);
        f->seen = NULL;
    }
}

/* One function an address; each ends where the next one begins, at the latest. */
static void settle_functions(struct zf_scan_file *file) {
    unsigned kept = 0;
    for (unsigned i = 0; i < file->function_count; i++) { /* of damaged files: not in code */
        const struct zf_scan_section *s = zf_scan_section_at(file, file->functions[i].address);
        if (s && s->code) {
            file->functions[kept++] = file->functions[i];
        } else {
            free(file->functions[i].name);
        }
    }
    file->function_count = kept;
    kept = 0;
    if (file->function_count) {
        qsort(file->functions, file->function_count, sizeof *file->functions, by_address);
    }
    for (unsigned i = 0; i < file->function_count; i++) {
        struct zf_scan_function *f = &file->functions[i];
        struct zf_scan_function *before = kept ? &file->functions[kept - 1] : NULL;
        if (before && before->address == f->address) {
            merge(before, f);
        } else {
            file->functions[kept++] = *f;
        }
    }
    file->function_count = kept;
    for (unsigned i = 0; i < kept; i++) {
        struct zf_scan_function *f = &file->functions[i];
        const struct zf_scan_section *s = zf_scan_section_at(file, f->address);
        uint64_t limit = s->address + s->size;
        if (i + 1 < kept && file->functions[i + 1].address < limit) {
            limit = file->functions[i + 1].address;
        }
        set_end(f, limit);
    }
}

bool zf_scan_add_functions(struct zf_scan_file *file, const struct zf_scan_places *starts) {
    for (unsigned i = 0; i < starts->count; i++) {
        if (!append(file, starts->list[i], 0)) {
            return false;
        }
    }
    if (starts->count) {
        settle_functions(file);
    }
    return true;
}

static void add_pointed_functions(struct zf_scan_reader *r) {
    for (unsigned i = 0; i < r->file->pointer_count; i++) {
        const struct zf_scan_pointer *p = &r->file->pointers[i];
        const struct zf_scan_section *s =
            p->resolver ? zf_scan_section_at(r->file, p->value) : NULL;
        struct zf_scan_function *f =
            s && s->code && !(p->value & 1) ? zf_scan_add_function(r, p->value, 0, NULL) : NULL;
        if (f) {
            f->resolver = true;
        }
    }
    const struct zf_scan_section *s = zf_scan_section_at(r->file, r->file->entry);
    struct zf_scan_function *f =
        r->file->entry && s && s->code ? zf_scan_add_function(r, r->file->entry, 0, NULL) : NULL;
    if (f) {
        f->entry = true;
    }
}

/* Whether symbols and tables say where hardly any of the code belongs. */
static bool is_little_known(const struct zf_scan_file *file) {
    enum { FEW = 8 };
    uint64_t known = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        known += f->named_size ? f->end - f->address : 0;
    }
    return known < file->code_bytes / FEW;
}

/* What data points to begins a function, for want of anything better: virtual ones of C++. */
static void add_pointed_code(struct zf_scan_reader *r) {
    for (unsigned i = 0; i < r->file->pointer_count && !r->failed; i++) {
        const struct zf_scan_pointer *p = &r->file->pointers[i];
        const struct zf_scan_section *s = zf_scan_section_at(r->file, p->value);
        if (s && s->code && !(p->value & 1)) {
            zf_scan_add_function(r, p->value, 0, NULL);
        }
    }
}

static void add_section_starts(struct zf_scan_reader *r) {
    for (unsigned i = 0; i < r->file->section_count; i++) {
        const struct zf_scan_section *s = &r->file->sections[i];
        if (s->code && !r->file->function_count) {
            zf_scan_add_function(r, s->address, s->size, NULL);
        }
    }
}

void zf_scan_settle(struct zf_scan_reader *r) {
    struct zf_scan_file *file = r->file;
    add_pointed_functions(r);
    if (is_little_known(file) && !file->kernel && !file->relocatable) {
        add_pointed_code(r);
    }
    add_section_starts(r);
    zf_scan_settle_extents(file);
    if (file->pointer_count) {
        qsort(file->pointers, file->pointer_count, sizeof *file->pointers, by_place);
    }
    if (!r->failed) {
        settle_functions(file);
    }
}

/* In a program that can lie anywhere, it is among what the loader changes. */
static bool is_go_table(const char *name) {
    return !strcmp(name, ".gopclntab") || !strcmp(name, ".data.rel.ro.gopclntab");
}

static void read_all(struct zf_scan_reader *r) {
    struct zf_scan_file *file = r->file;
    zf_scan_each_section(r, zf_scan_read_storage);
    zf_scan_sort_sections(file);
    zf_scan_each_section(r, visit_symbols);
    for (unsigned i = 0; i < file->section_count && !r->failed; i++) {
        const struct zf_scan_section *s = &file->sections[i];
        if (!strcmp(s->name, ".eh_frame") && s->bytes) {
            read_unwind_table(r, s);
        } else if (is_go_table(s->name) && s->bytes && !file->go) {
            zf_scan_read_go(r, s);
            file->go = true;
        } else if (s->bytes && !s->code && s->writable && file->executable) {
            read_fixed_pointers(r, s);
        }
    }
    zf_scan_settle(r);
}

void zf_scan_close(struct zf_scan_file *file) {
    for (unsigned i = 0; i < file->elf_count; i++) {
        elf_end(file->elves[i]);
    }
    free(file->elves);
}

static bool keep(struct zf_scan_file *file, Elf *elf) {
    void **elves = zf_scan_grow(file->elves, &file->elf_count, sizeof *elves);
    if (elves) {
        file->elves = elves;
        elves[file->elf_count - 1] = elf;
    } else {
        elf_end(elf);
    }
    return elves != NULL;
}

enum zf_status zf_scan_reader_open(struct zf_scan_reader *r, const void *bytes, size_t size,
                                   GElf_Ehdr *ehdr, struct zf_error *err) {
    elf_version(EV_CURRENT);
    r->elf = elf_memory((char *)(uintptr_t)bytes, size);
    if (r->elf && !keep(r->file, r->elf)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    if (!r->elf || !gelf_getehdr(r->elf, ehdr) || elf_getshdrstrndx(r->elf, &r->names) ||
        elf_getshdrnum(r->elf, &r->sections)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "damaged ELF file: %s", elf_errmsg(-1));
    }
    if (!r->sections || ehdr->e_shoff > size ||
        (size - ehdr->e_shoff) / sizeof(Elf64_Shdr) < r->sections) {
        return zf_fail(err, ZF_ERROR_FORMAT, "damaged ELF file: truncated, or without sections");
    }
    r->base = calloc(r->sections + 1, sizeof *r->base);
    return r->base ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
}

enum zf_status zf_scan_read(const void *bytes, size_t size, struct zf_scan_file *file,
                            struct zf_error *err) {
    GElf_Ehdr ehdr;
    struct zf_scan_reader r = {.file = file};
    enum zf_status status = zf_scan_reader_open(&r, bytes, size, &ehdr, err);
    if (status == ZF_OK) {
        file->executable = ehdr.e_type == ET_EXEC;
        file->entry = ehdr.e_entry;
        read_all(&r);
        status = r.failed ? zf_fail(err, ZF_ERROR_MEMORY, "out of memory") : ZF_OK;
    }
    free(r.base);
    return status;
}
