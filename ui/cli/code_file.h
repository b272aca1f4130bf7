/*
 * A file with s390x code, as the commands that read code see it: sections of bytes, and symbols.
 */
#ifndef ZFACET_UI_CODE_FILE_H
#define ZFACET_UI_CODE_FILE_H

#include "zfacet/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_code_section {
    char *name;
    uint64_t address;
    uint8_t *bytes;
    size_t size;
};

struct zf_code_symbol {
    char *name;
    uint64_t address;
    unsigned rank; /* of those with one address, the highest is the one to show */
};

struct zf_code_file {
    struct zf_code_section *section; /* those with instructions, in file order */
    size_t section_count;
    struct zf_code_symbol *symbol; /* one per address, sorted */
    size_t symbol_count;
    bool is_elf;
    bool is_31;   /* an ELF file of 31-bit code: addresses have 8 digits */
    bool is_view; /* the bytes are those of the file, mapped */
};

/**
 * Reads `path`: an ELF file for s390x, or with `raw` (or when it is no ELF file) bytes at `base`.
 * Close what was opened. Errors: IO, FORMAT for an ELF file of another machine or without code.
 */
enum zf_status zf_code_file_open(const char *path, bool raw, uint64_t base,
                                 struct zf_code_file *file, struct zf_error *err);
void zf_code_file_close(struct zf_code_file *file);

/** The last symbol at or before `address`, or NULL. */
const struct zf_code_symbol *zf_code_symbol_at(const struct zf_code_file *file, uint64_t address);

#endif
