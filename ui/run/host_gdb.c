/*
 * Native code as gdb on the host sees it (`gdb --args zfacet run --host-gdb ...`): a symbol file in
 * memory for each block, with the guest's function, handed over by gdb's JIT interface. gdb stops
 * at the function below, or reads the list when it attaches; names and layout are its own.
 *
 * When the room for code is emptied, code is made from its start again: what was there is
 * withdrawn.
 */
#include "run/part.h"

#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const void *symfile_addr;
    uint64_t symfile_size;
};
struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};
enum { REGISTER = 1, UNREGISTER = 2 };

/* NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): gdb looks for a variable of this
 * name, the one list of the process; so it has a lock. */
extern struct jit_descriptor __jit_debug_descriptor;
struct jit_descriptor __jit_debug_descriptor = {.version = 1};
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
/* NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables) */

void __jit_debug_register_code(void);
void __attribute__((noinline)) __jit_debug_register_code(void) {
    __asm__ volatile("" ::: "memory");
}

/* One string table, for the names of sections, too. */
enum { NONE, TEXT, SYMBOLS, STRINGS, SECTIONS };
static const char section_names[] = "\0.text\0.symtab\0.strtab";
enum { TEXT_NAME = 1, SYMBOLS_NAME = TEXT_NAME + 6, STRINGS_NAME = SYMBOLS_NAME + 8 };

struct symbol_file {
    Elf64_Ehdr header;
    Elf64_Shdr section[SECTIONS];
    Elf64_Sym symbol[2];
    char strings[];
};

struct zf_run_registered {
    struct jit_code_entry entry;
    struct zf_run_registered *older;
    struct symbol_file file;
};

static void fill_header(struct symbol_file *file) {
    const unsigned char ident[EI_NIDENT] = {ELFMAG0,    ELFMAG1,     ELFMAG2,   ELFMAG3,
                                            ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
    file->header = (Elf64_Ehdr){.e_type = ET_REL,
                                .e_machine = EM_X86_64,
                                .e_version = EV_CURRENT,
                                .e_ehsize = sizeof file->header,
                                .e_shoff = offsetof(struct symbol_file, section),
                                .e_shentsize = sizeof file->section[0],
                                .e_shnum = SECTIONS,
                                .e_shstrndx = STRINGS};
    memcpy(file->header.e_ident, ident, sizeof ident);
}

/* `strings`: so many bytes of them. */
static void fill(struct symbol_file *file, const void *code, size_t size, size_t strings) {
    fill_header(file);
    file->section[TEXT] = (Elf64_Shdr){.sh_name = TEXT_NAME,
                                       .sh_type = SHT_NOBITS,
                                       .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                       .sh_addr = (uintptr_t)code,
                                       .sh_size = size,
                                       .sh_addralign = 1};
    file->section[SYMBOLS] = (Elf64_Shdr){.sh_name = SYMBOLS_NAME,
                                          .sh_type = SHT_SYMTAB,
                                          .sh_offset = offsetof(struct symbol_file, symbol),
                                          .sh_size = sizeof file->symbol,
                                          .sh_link = STRINGS,
                                          .sh_info = 1, /* the first that is not local */
                                          .sh_addralign = 8,
                                          .sh_entsize = sizeof file->symbol[0]};
    file->section[STRINGS] = (Elf64_Shdr){.sh_name = STRINGS_NAME,
                                          .sh_type = SHT_STRTAB,
                                          .sh_offset = offsetof(struct symbol_file, strings),
                                          .sh_size = strings,
                                          .sh_addralign = 1};
    file->symbol[1] = (Elf64_Sym){.st_name = sizeof section_names,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                  .st_shndx = TEXT,
                                  .st_size = size};
}

static void tell(struct jit_code_entry *entry, uint32_t action) {
    __jit_debug_descriptor.relevant_entry = entry;
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_register_code();
}

static void enter(struct jit_code_entry *entry) {
    struct jit_code_entry *first = __jit_debug_descriptor.first_entry;
    entry->next_entry = first;
    if (first) {
        first->prev_entry = entry;
    }
    __jit_debug_descriptor.first_entry = entry;
    tell(entry, REGISTER);
}

static void withdraw(struct jit_code_entry *entry) {
    if (entry->prev_entry) {
        entry->prev_entry->next_entry = entry->next_entry;
    } else {
        __jit_debug_descriptor.first_entry = entry->next_entry;
    }
    if (entry->next_entry) {
        entry->next_entry->prev_entry = entry->prev_entry;
    }
    tell(entry, UNREGISTER);
}

void zf_run_host_gdb_close(struct zf_run *run) {
    struct zf_run_registered *registered = run->native.registered;
    pthread_mutex_lock(&list_lock);
    while (registered) {
        struct zf_run_registered *older = registered->older;
        withdraw(&registered->entry);
        free(registered);
        registered = older;
    }
    pthread_mutex_unlock(&list_lock);
    run->native.registered = NULL;
}

void zf_run_host_gdb_note(struct zf_run *run, const char *name, const void *code, size_t size) {
    size_t strings = sizeof section_names + strlen(name) + 1;
    if (run->native.registered && (const char *)code < run->native.last) {
        zf_run_host_gdb_close(run);
    }
    struct zf_run_registered *registered = calloc(1, sizeof *registered + strings);
    if (!registered) {
        return;
    }
    fill(&registered->file, code, size, strings);
    memcpy(registered->file.strings, section_names, sizeof section_names);
    memcpy(registered->file.strings + sizeof section_names, name, strlen(name) + 1);
    registered->entry.symfile_addr = &registered->file;
    registered->entry.symfile_size = sizeof registered->file + strings;
    registered->older = run->native.registered;
    run->native.registered = registered;
    run->native.last = code;
    pthread_mutex_lock(&list_lock);
    enter(&registered->entry);
    pthread_mutex_unlock(&list_lock);
}
