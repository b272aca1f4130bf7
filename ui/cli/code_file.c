/*
 * The code in a file: the executable sections of an ELF file, or all of any other, with symbols.
 */
#include "cli/code_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef EM_S390
#define EM_S390 22
#endif

/* Appends room for one more element of `size` bytes; NULL when the host has no memory left. */
static void *grow(void **array, size_t *count, size_t size) {
    size_t capacity = *count < 16 ? 16 : *count;
    if (*count == 0 || (*count >= 16 && (*count & (*count - 1)) == 0)) {
        void *more = realloc(*array, (capacity == 16 && *count == 0 ? 16 : 2 * capacity) * size);
        if (more == NULL) {
            return NULL;
        }
        *array = more;
    }
    return (char *)*array + (*count)++ * size;
}

static bool add_section(struct zf_code_file *file, const char *name, uint64_t address,
                        const void *bytes, size_t size) {
    void **array = (void **)&file->section;
    struct zf_code_section *section = grow(array, &file->section_count, sizeof *section);
    if (section == NULL) {
        return false;
    }
    *section = (struct zf_code_section){strdup(name), address, malloc(size ? size : 1), size};
    if (section->name == NULL || section->bytes == NULL) {
        return false;
    }
    memcpy(section->bytes, bytes, size);
    return true;
}

static unsigned rank_of(const GElf_Sym *symbol) {
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    unsigned bind = GELF_ST_BIND(symbol->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC ? 8
            : type == STT_OBJECT                      ? 4
                                                      : 0) +
           (bind == STB_GLOBAL ? 2
            : bind == STB_WEAK ? 1
                               : 0);
}

static bool add_symbols(struct zf_code_file *file, Elf *elf, Elf_Scn *scn,
                        const GElf_Shdr *header) {
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data != NULL && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) == NULL || symbol.st_shndx == SHN_UNDEF ||
            symbol.st_shndx == SHN_ABS || GELF_ST_TYPE(symbol.st_info) >= STT_SECTION) {
            continue;
        }
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name == NULL || name[0] == 0) {
            continue;
        }
        void **array = (void **)&file->symbol;
        struct zf_code_symbol *s = grow(array, &file->symbol_count, sizeof *s);
        if (s == NULL) {
            return false;
        }
        *s = (struct zf_code_symbol){strdup(name), symbol.st_value, rank_of(&symbol)};
        if (s->name == NULL) {
            return false;
        }
    }
    return true;
}

static int compare_symbols(const void *a, const void *b) {
    const struct zf_code_symbol *x = a;
    const struct zf_code_symbol *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    return x->rank != y->rank ? (x->rank > y->rank ? -1 : 1) : strcmp(x->name, y->name);
}

/* Sorts, and keeps the best symbol of each address. */
static void settle_symbols(struct zf_code_file *file) {
    size_t kept = 0;
    if (file->symbol_count == 0) {
        return;
    }
    qsort(file->symbol, file->symbol_count, sizeof *file->symbol, compare_symbols);
    for (size_t i = 0; i < file->symbol_count; i++) {
        if (kept > 0 && file->symbol[kept - 1].address == file->symbol[i].address) {
            free(file->symbol[i].name);
        } else {
            file->symbol[kept++] = file->symbol[i];
        }
    }
    file->symbol_count = kept;
}

static enum zf_status read_elf(Elf *elf, const char *path, struct zf_code_file *file,
                               struct zf_error *err) {
    GElf_Ehdr ehdr;
    size_t names, sections;
    if (gelf_getehdr(elf, &ehdr) == NULL || elf_getshdrstrndx(elf, &names) != 0 ||
        elf_getshdrnum(elf, &sections) != 0) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: damaged ELF file: %s", path, elf_errmsg(-1));
    }
    if (ehdr.e_machine != EM_S390) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: ELF machine is %u%s, not 22 (s390)", path,
                       ehdr.e_machine, ehdr.e_machine == EM_X86_64 ? " (x86-64)" : "");
    }
    for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn != NULL; scn = elf_nextscn(elf, scn)) {
        GElf_Shdr header;
        bool fine = true;
        if (gelf_getshdr(scn, &header) == NULL) {
            continue;
        }
        if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) {
            fine = add_symbols(file, elf, scn, &header);
        } else if (header.sh_type == SHT_PROGBITS && (header.sh_flags & SHF_EXECINSTR)) {
            Elf_Data *data = elf_rawdata(scn, NULL);
            const char *name = elf_strptr(elf, names, header.sh_name);
            fine = data == NULL || data->d_buf == NULL ||
                   add_section(file, name ? name : "", header.sh_addr, data->d_buf, data->d_size);
        }
        if (!fine) {
            return zf_fail(err, ZF_ERROR_MEMORY, "%s: out of memory", path);
        }
    }
    if (file->section_count == 0) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: no section with code in this ELF file of %zu sections; --raw takes all "
                       "bytes",
                       path, sections);
    }
    settle_symbols(file);
    file->is_elf = true;
    file->is_31 = gelf_getclass(elf) == ELFCLASS32;
    return ZF_OK;
}

/* The whole file, as a view of it: it may be larger than storage. */
static enum zf_status read_raw(int fd, const char *path, uint64_t base, struct zf_code_file *file,
                               struct zf_error *err) {
    struct stat st;
    void *view = MAP_FAILED;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        view = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (view == MAP_FAILED && st.st_size > 0) {
        return zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno));
    }
    if (!add_section(file, ".data", base, "", 0)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "%s: out of memory", path);
    }
    if (view != MAP_FAILED) {
        free(file->section[0].bytes);
        file->section[0].bytes = view;
        file->section[0].size = (size_t)st.st_size;
        file->is_view = true;
    }
    return ZF_OK;
}

/* Opens a regular file only: any other may have no end, or wait for one that writes. */
static int open_regular(const char *path, struct zf_error *err) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno));
    } else if (S_ISREG(st.st_mode) && st.st_size == 0) {
        zf_fail(err, ZF_ERROR_FORMAT, "%s: the file is empty", path);
    } else if (!S_ISREG(st.st_mode)) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", path,
                S_ISDIR(st.st_mode) ? strerror(EISDIR) : "not a regular file");
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

enum zf_status zf_code_file_open(const char *path, bool raw, uint64_t base,
                                 struct zf_code_file *file, struct zf_error *err) {
    enum zf_status status;
    *file = (struct zf_code_file){0};
    int fd = open_regular(path, err);
    if (fd < 0) {
        return err->status;
    }
    Elf *elf = !raw && elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    if (elf != NULL && elf_kind(elf) == ELF_K_ELF) {
        status = read_elf(elf, path, file, err);
    } else {
        status = read_raw(fd, path, base, file, err);
    }
    elf_end(elf);
    close(fd);
    if (status != ZF_OK) {
        zf_code_file_close(file);
    }
    return status;
}

void zf_code_file_close(struct zf_code_file *file) {
    for (size_t i = 0; i < file->section_count; i++) {
        free(file->section[i].name);
        if (file->is_view) {
            munmap(file->section[i].bytes, file->section[i].size);
        } else {
            free(file->section[i].bytes);
        }
    }
    for (size_t i = 0; i < file->symbol_count; i++) {
        free(file->symbol[i].name);
    }
    free(file->section);
    free(file->symbol);
    *file = (struct zf_code_file){0};
}

const struct zf_code_symbol *zf_code_symbol_at(const struct zf_code_file *file, uint64_t address) {
    size_t low = 0;
    size_t high = file->symbol_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (file->symbol[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? &file->symbol[low - 1] : NULL;
}
