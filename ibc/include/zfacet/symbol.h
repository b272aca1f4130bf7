/*
 * From guest addresses to image, function and source line, by the ELF files that a guest has
 * mapped.
 */
#ifndef ZFACET_SYMBOL_H
#define ZFACET_SYMBOL_H

#include "zfacet/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Strings are empty where nothing is known. */
struct zf_symbol {
    char image[256];    /* path of the file */
    char function[256]; /* as the symbol table spells it */
    uint64_t offset;    /* from the function, or from the image where there is none */
    char file[256];     /* of the source */
    unsigned line;
};

struct zf_symbols;

struct zf_symbols *zf_symbols_create(void);
/**
 * Separate files of debug information are also looked for in `folder`, by build id
 * (.build-id/ab/cd...debug) and by name; before the first zf_symbols_find(). NULL: not.
 */
void zf_symbols_debug_folder(struct zf_symbols *symbols, const char *folder);
/** Files that are opened from now on are given to `keep`, which returns the number to use. */
void zf_symbols_keep(struct zf_symbols *symbols, int (*keep)(void *context, int fd), void *context);
/** Addresses that are looked for are this far behind those of the files, also of files that are
 * linked to fixed ones: a kernel moves itself. Not for calls. */
void zf_symbols_move(struct zf_symbols *symbols, uint64_t offset);
void zf_symbols_destroy(struct zf_symbols *symbols);

/**
 * Tells that the ELF file at host path `path` is loaded with `bias` added to its addresses (0 for
 * a program that is linked to fixed ones). `name` is what the guest calls it.
 */
enum zf_status zf_symbols_add(struct zf_symbols *symbols, const char *name, const char *path,
                              uint64_t bias, struct zf_error *err);

/** Finds what is at `address`; false, with empty strings, when no image covers it. */
bool zf_symbols_find(struct zf_symbols *symbols, uint64_t address, struct zf_symbol *symbol);
/** The same without file and line, for which no debug information is read. */
bool zf_symbols_find_function(struct zf_symbols *symbols, uint64_t address,
                              struct zf_symbol *symbol);

/* Who called whom, as a CPU that stands in the middle of it shows. */
struct zf_unwind {
    const uint64_t *gr; /* 16 */
    uint64_t address;   /* of the instruction */
    /* The doubleword at `address` of the guest's storage; false when there is none. */
    bool (*read)(void *context, uint64_t address, uint64_t *value);
    void *context;
};

/**
 * The addresses of the instruction and of the calls that lead to it, innermost first, by the unwind
 * tables of the images, or where these do not help by the back chain. Returns how many, at most
 * `limit`; the first is always there.
 */
unsigned zf_symbols_unwind(struct zf_symbols *symbols, const struct zf_unwind *from,
                           uint64_t *frames, unsigned limit);

/* Where a thread begins: its first instruction, with this stack pointer. */
struct zf_unwind_begin {
    uint64_t address, stack;
};

/**
 * Whether the unwind tables lead all the way to the code and the stack that a thread begins with,
 * and through no call that returns to `back`. Where they do not say, it is false.
 */
bool zf_symbols_reach_begin(struct zf_symbols *symbols, const struct zf_unwind *from,
                            const struct zf_unwind_begin *begin, uint64_t back);

#endif
