/* What reading an ELF file (elf.c) and linking several (link.c) share. */
#ifndef ZFACET_UI_SCAN_READER_H
#define ZFACET_UI_SCAN_READER_H

#include "scan/scan.h"

#include <gelf.h>

struct zf_scan_reader {
    Elf *elf;
    struct zf_scan_file *file;
    uint64_t *base; /* what is added to the addresses of each section */
    size_t sections, names;
    bool failed; /* out of memory */
};

typedef void zf_scan_visit_section(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header,
                                   const char *name);

/** The file keeps what is opened. Errors: FORMAT, MEMORY. */
enum zf_status zf_scan_reader_open(struct zf_scan_reader *r, const void *bytes, size_t size,
                                   GElf_Ehdr *ehdr, struct zf_error *err);
void zf_scan_each_section(struct zf_scan_reader *r, zf_scan_visit_section *visit);
/** Whether it is in storage when the program runs, in its own right. */
bool zf_scan_is_storage(const GElf_Shdr *header);
zf_scan_visit_section zf_scan_read_storage;
void zf_scan_read_symbols(struct zf_scan_reader *r, Elf_Scn *scn, const GElf_Shdr *header);
bool zf_scan_add_section(struct zf_scan_file *file, const struct zf_scan_section *section);
bool zf_scan_add_pointer(struct zf_scan_file *file, const struct zf_scan_pointer *pointer);
void zf_scan_sort_sections(struct zf_scan_file *file);
/* What is longer of a name is left out: in a damaged file, one text may be the name of all. */
enum { ZF_SCAN_NAME = 1024 };

/** A function; with size 0 it ends where the next one begins. NULL: out of memory. */
struct zf_scan_function *zf_scan_add_function(struct zf_scan_reader *r, uint64_t address,
                                              uint64_t size, const char *name);
/** Functions of a Go program, by its section .gopclntab; the pointers of relocations are known.
 */
void zf_scan_read_go(struct zf_scan_reader *r, const struct zf_scan_section *s);
/** Once all sections, symbols and pointers are there. */
void zf_scan_settle(struct zf_scan_reader *r);

#endif
