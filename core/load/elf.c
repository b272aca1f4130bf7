/*
 * Reads 64-bit big-endian s390x ELF headers. Nothing is believed before it is checked: a header or
 * segment that lies outside the file does not reach the caller.
 */
#include "zfacet/elf.h"

enum { HEADER_SIZE = 64, SEGMENT_SIZE = 56, MACHINE_S390 = 22, CLASS_64 = 2, DATA_BIG = 2 };
enum { SEGMENT_LIMIT = 256 };

bool zf_elf_is(const void *bytes, size_t size) {
    return size >= 4 && !memcmp(bytes, "\177ELF", 4);
}

static const char *machine_name(unsigned machine) {
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {{3, "i386"},    {20, "PowerPC"},  {21, "PowerPC64"}, {40, "Arm"},
                 {62, "x86-64"}, {183, "AArch64"}, {243, "RISC-V"},   {258, "LoongArch"}};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return "another architecture";
}

static enum zf_status check_ident(const uint8_t *b, struct zf_error *err) {
    unsigned machine = b[5] == DATA_BIG ? zf_get16(b + 18) : (unsigned)b[18] | (unsigned)b[19] << 8;
    if (machine != MACHINE_S390) {
        return zf_fail(err, ZF_ERROR_FORMAT, "ELF machine is %u (%s), not %u (s390)", machine,
                       machine_name(machine), MACHINE_S390);
    }
    if (b[5] != DATA_BIG) {
        return zf_fail(err, ZF_ERROR_FORMAT, "ELF byte order is %u, not %u (big-endian)", b[5],
                       DATA_BIG);
    }
    if (b[4] != CLASS_64) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "ELF class is %u, not %u: 31-bit files are not supported", b[4], CLASS_64);
    }
    return ZF_OK;
}

enum zf_status zf_elf_open(const void *bytes, size_t size, struct zf_elf *elf,
                           struct zf_error *err) {
    const uint8_t *b = bytes;
    if (!zf_elf_is(bytes, size)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "not an ELF file");
    }
    if (size < HEADER_SIZE) {
        return zf_fail(err, ZF_ERROR_FORMAT, "ELF header truncated: %zu of %d bytes", size,
                       HEADER_SIZE);
    }
    if (check_ident(b, err) != ZF_OK) {
        return ZF_ERROR_FORMAT;
    }
    *elf = (struct zf_elf){
        .bytes = b,
        .size = size,
        .type = zf_get16(b + 16),
        .segments = zf_get16(b + 56),
        .entry = zf_get64(b + 24),
        .table = zf_get64(b + 32),
    };
    if (elf->type != ZF_ELF_EXEC && elf->type != ZF_ELF_DYN) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "ELF type is %u, not a program: object and core files cannot be run",
                       elf->type);
    }
    if (elf->segments > SEGMENT_LIMIT) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%u ELF program headers; the limit is %d",
                       elf->segments, SEGMENT_LIMIT);
    }
    if (!elf->segments || zf_get16(b + 54) != SEGMENT_SIZE) {
        return zf_fail(err, ZF_ERROR_FORMAT, "no ELF program headers of %d bytes", SEGMENT_SIZE);
    }
    if (elf->table > size || size - elf->table < (uint64_t)elf->segments * SEGMENT_SIZE) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%u ELF program headers at offset %#llx lie beyond the file's %zu bytes",
                       elf->segments, (unsigned long long)elf->table, size);
    }
    return ZF_OK;
}

struct zf_elf_segment zf_elf_segment(const struct zf_elf *elf, unsigned i) {
    const uint8_t *p = elf->bytes + elf->table + (size_t)i * SEGMENT_SIZE;
    return (struct zf_elf_segment){
        .type = zf_get32(p),
        .flags = zf_get32(p + 4),
        .offset = zf_get64(p + 8),
        .vaddr = zf_get64(p + 16),
        .paddr = zf_get64(p + 24),
        .file_size = zf_get64(p + 32),
        .memory_size = zf_get64(p + 40),
    };
}
