/*
 * The few parts of an ELF file that loading needs, read from untrusted bytes.
 */
#ifndef ZF_GUEST_ELF_H
#define ZF_GUEST_ELF_H

#include "zfacet/base.h"
#include "zfacet/error.h"

enum { ZF_ELF_EXEC = 2, ZF_ELF_DYN = 3 };
enum zf_elf_segment_type {
    ZF_ELF_LOAD = 1,
    ZF_ELF_INTERP = 3,
    ZF_ELF_NOTE = 4,
    ZF_ELF_HEADERS = 6,
    ZF_ELF_TLS = 7,
    ZF_ELF_STACK = 0x6474e551,
};

struct zf_elf {
    const uint8_t *bytes;
    size_t size;
    uint16_t type;
    unsigned segments;
    uint64_t entry;
    uint64_t table; /* file offset of the program headers, which are all in the file */
};

struct zf_elf_segment {
    uint32_t type, flags; /* flags: 1 execute, 2 write, 4 read */
    uint64_t offset, vaddr, paddr, file_size, memory_size;
};

/** True when the bytes begin as an ELF file does. */
bool zf_elf_is(const void *bytes, size_t size);

/** Checks the header: 64-bit, big-endian, for this architecture, with program headers. */
enum zf_status zf_elf_open(const void *bytes, size_t size, struct zf_elf *elf,
                           struct zf_error *err);

/** Program header `i`, below elf->segments. */
struct zf_elf_segment zf_elf_segment(const struct zf_elf *elf, unsigned i);

#endif
