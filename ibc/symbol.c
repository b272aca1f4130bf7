/*
 * Addresses to image, function and source line, through libdw: one ELF file a module, at the bias
 * at which the guest has it.
 */
#include "symbol_state.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find_no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                       char **file, Elf **elf) {
    return -1;
}

struct zf_symbols *zf_symbols_create(void) {
    struct zf_symbols *symbols = calloc(1, sizeof *symbols);
    if (!symbols) {
        return NULL;
    }
    symbols->callbacks = (Dwfl_Callbacks){
        .find_elf = find_no_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
    };
    symbols->dwfl = dwfl_begin(&symbols->callbacks);
    if (!symbols->dwfl) {
        free(symbols);
        return NULL;
    }
    dwfl_report_begin(symbols->dwfl);
    symbols->reporting = true;
    return symbols;
}

void zf_symbols_debug_folder(struct zf_symbols *symbols, const char *folder) {
    static const char places[] = ":.debug:/usr/lib/debug:";
    char *whole = folder ? realpath(folder, NULL) : NULL; /* others are looked for beside files */
    size_t size = whole ? sizeof places + strlen(whole) : 0;
    char *path = whole ? malloc(size) : NULL;
    if (path) {
        snprintf(path, size, "%s%s", places, whole);
        free(symbols->debug_path);
        symbols->debug_path = path;
        symbols->callbacks.debuginfo_path = &symbols->debug_path;
    }
    free(whole);
}

void zf_symbols_move(struct zf_symbols *symbols, uint64_t offset) {
    symbols->moved = offset;
}

void zf_symbols_destroy(struct zf_symbols *symbols) {
    if (symbols) {
        dwfl_end(symbols->dwfl);
        free(symbols->debug_path);
        free(symbols);
    }
}

void zf_symbols_keep(struct zf_symbols *symbols, int (*keep)(void *context, int fd),
                     void *context) {
    symbols->keep = keep;
    symbols->context = context;
}

/* A Linux program that runs in this process expects its own files at the lowest numbers. */
static int open_away(const struct zf_symbols *symbols, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && symbols->keep ? symbols->keep(symbols->context, fd) : fd;
}

enum zf_status zf_symbols_add(struct zf_symbols *symbols, const char *name, const char *path,
                              uint64_t bias, struct zf_error *err) {
    if (!symbols->reporting) {
        dwfl_report_begin_add(symbols->dwfl);
        symbols->reporting = true;
    }
    if (!dwfl_report_elf(symbols->dwfl, name, path, open_away(symbols, path), bias, true)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "no symbols from %s: %s", path, dwfl_errmsg(-1));
    }
    return ZF_OK;
}

static void find_line(Dwfl_Module *module, uint64_t address, struct zf_symbol *symbol) {
    int line = 0;
    Dwfl_Line *source = dwfl_module_getsrc(module, address);
    const char *file = source ? dwfl_lineinfo(source, NULL, &line, NULL, NULL, NULL) : NULL;
    if (file) {
        snprintf(symbol->file, sizeof symbol->file, "%s", file);
        symbol->line = line > 0 ? (unsigned)line : 0;
    }
}

void zf_symbols_settle(struct zf_symbols *symbols) {
    if (symbols->reporting) {
        dwfl_report_end(symbols->dwfl, NULL, NULL);
        symbols->reporting = false;
    }
}

/* All but the line; the module, or NULL. */
static Dwfl_Module *find(struct zf_symbols *symbols, uint64_t address, struct zf_symbol *symbol) {
    memset(symbol, 0, sizeof *symbol);
    zf_symbols_settle(symbols);
    address -= symbols->moved;
    Dwfl_Module *module = dwfl_addrmodule(symbols->dwfl, address);
    if (!module) {
        return NULL;
    }
    Dwarf_Addr start = 0;
    const char *image = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    snprintf(symbol->image, sizeof symbol->image, "%s", image ? image : "");
    symbol->offset = address - start;
    GElf_Off offset = 0;
    GElf_Sym sym;
    const char *function = dwfl_module_addrinfo(module, address, &offset, &sym, NULL, NULL, NULL);
    if (function) {
        snprintf(symbol->function, sizeof symbol->function, "%s", function);
        symbol->offset = offset;
    }
    return module;
}

bool zf_symbols_find(struct zf_symbols *symbols, uint64_t address, struct zf_symbol *symbol) {
    Dwfl_Module *module = find(symbols, address, symbol);
    if (module) {
        find_line(module, address - symbols->moved, symbol);
    }
    return module;
}

bool zf_symbols_find_function(struct zf_symbols *symbols, uint64_t address,
                              struct zf_symbol *symbol) {
    return find(symbols, address, symbol);
}
