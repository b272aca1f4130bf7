#include "zfacet/load.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { HEADER = 64, SEGMENT = 56, FILE_SIZE = 0x400, STORAGE = 1 << 20 };

/* Where fields of the file are, for cases that change one. */
enum { E_TYPE = 16, E_MACHINE = 18, E_ENTRY = 24, E_SEGMENTS = 56, FIRST = HEADER };
enum { P_TYPE = 0, P_OFFSET = 8, P_VADDR = 16, P_PADDR = 24, P_FILE = 32, P_MEMORY = 40 };
enum { SECOND = FIRST + SEGMENT };

static void put_segment(uint8_t *p, uint32_t type, uint64_t offset, uint64_t address,
                        uint64_t in_file, uint64_t in_memory) {
    zf_put32(p + P_TYPE, type);
    zf_put64(p + P_OFFSET, offset);
    zf_put64(p + P_VADDR, address);
    zf_put64(p + P_PADDR, address);
    zf_put64(p + P_FILE, in_file);
    zf_put64(p + P_MEMORY, in_memory);
}

/* Two segments: 0x100 bytes at 0x10000, and 0x80 bytes with zeros up to 0x1000 at 0x20000. */
static void make_elf(uint8_t file[FILE_SIZE]) {
    memset(file, 0, FILE_SIZE);
    memcpy(file, "\177ELF\2\2\1", 7);
    zf_put16(file + E_TYPE, 2);
    zf_put16(file + E_MACHINE, 22);
    zf_put64(file + E_ENTRY, 0x10010);
    zf_put64(file + 32, HEADER);
    zf_put16(file + 54, SEGMENT);
    zf_put16(file + E_SEGMENTS, 2);
    put_segment(file + FIRST, 1, 0x200, 0x10000, 0x100, 0x100);
    put_segment(file + SECOND, 1, 0x300, 0x20000, 0x80, 0x1000);
    memset(file + 0x200, 0x11, 0x100);
    memset(file + 0x300, 0x22, 0x80);
}

static struct zf_machine *machine(void) {
    struct zf_machine_config config = {.storage_size = STORAGE};
    struct zf_error err;
    struct zf_machine *m = zf_machine_create(&config, &err);
    cr_assert_not_null(m, "%s", err.message);
    return m;
}

Test(load, segments_and_zeros_and_entry) {
    uint8_t file[FILE_SIZE];
    struct zf_error err;
    enum zf_guest_kind kind;
    struct zf_machine *m = machine();
    make_elf(file);
    memset(m->storage.ram, 0x99, STORAGE);
    cr_assert_eq(zf_guest_identify(file, sizeof file, &kind, &err), ZF_OK, "%s", err.message);
    cr_expect_eq(kind, ZF_GUEST_ELF);
    cr_assert_eq(zf_guest_load(m, kind, file, sizeof file, 0, &err), ZF_OK, "%s", err.message);
    cr_expect_eq(m->storage.ram[0xffff], 0x99);
    cr_expect_eq(m->storage.ram[0x10000], 0x11);
    cr_expect_eq(m->storage.ram[0x100ff], 0x11);
    cr_expect_eq(m->storage.ram[0x2007f], 0x22);
    cr_expect_eq(m->storage.ram[0x20080], 0);
    cr_expect_eq(m->storage.ram[0x20fff], 0);
    cr_expect_eq(m->storage.ram[0x21000], 0x99);
    cr_expect_eq(m->cpus.cpu[0]->psw.addr, 0x10010);
    zf_machine_destroy(m);
}

/* A file with one field changed, and what must be said of it. */
static const struct {
    const char *name;
    unsigned at, size;
    uint64_t value;
    const char *message; /* part of it */
} bad[] = {
    {"machine", E_MACHINE, 2, 62, "ELF machine is 62 (x86-64), not 22 (s390)"},
    {"class", 4, 1, 1, "31-bit files are not supported"},
    {"byte order", 5, 1, 1, "ELF machine is 5632"},
    {"object file", E_TYPE, 2, 1, "object and core files"},
    {"no segments", E_SEGMENTS, 2, 0, "no ELF program headers"},
    {"too many segments", E_SEGMENTS, 2, 300, "the limit is 256"},
    {"table beyond the file", E_SEGMENTS, 2, 20, "lie beyond the file's 1024 bytes"},
    {"table wraps", 32, 8, UINT64_MAX, "lie beyond the file"},
    {"size of headers", 54, 2, 32, "no ELF program headers of 56 bytes"},
    {"odd entry", E_ENTRY, 8, 0x10011, "is odd"},
    {"entry outside", E_ENTRY, 8, 0x30000, "is in no segment"},
    {"cut off", FIRST + P_OFFSET, 8, 0x301, "segment 0 is truncated"},
    {"offset wraps", FIRST + P_OFFSET, 8, UINT64_MAX, "segment 0 is truncated"},
    {"smaller than in the file", FIRST + P_MEMORY, 8, 0xff, "segment 0 is invalid"},
    {"address wraps", FIRST + P_PADDR, 8, UINT64_MAX - 0x10, "segment 0 is invalid"},
    {"beyond storage", SECOND + P_PADDR, 8, STORAGE - 0xfff, "do not fit into 1 MiB"},
    {"huge", SECOND + P_MEMORY, 8, UINT64_C(1) << 62, "do not fit into 1 MiB"},
    {"overlap from below", SECOND + P_PADDR, 8, 0xf001, "segments 0 and 1 overlap"},
    {"overlap from above", SECOND + P_PADDR, 8, 0x100ff, "segments 0 and 1 overlap"},
};

Test(load, bad_files_are_told) {
    struct zf_machine *m = machine();
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(bad); i++) {
        uint8_t file[FILE_SIZE], value[8];
        struct zf_error err = {0};
        make_elf(file);
        zf_put64(value, bad[i].value << (64 - 8 * bad[i].size));
        memcpy(file + bad[i].at, value, bad[i].size);
        cr_expect_eq(zf_guest_load(m, ZF_GUEST_ELF, file, sizeof file, 0, &err), ZF_ERROR_FORMAT,
                     "%s is accepted", bad[i].name);
        cr_expect(strstr(err.message, bad[i].message), "%s: '%s'", bad[i].name, err.message);
    }
    zf_machine_destroy(m);
}

/* The kind of an ELF by its type, lowest address and further segments. */
Test(load, programs_for_linux_are_recognized) {
    static const struct {
        uint16_t type;
        uint64_t address, entry;
        uint32_t mark; /* type of the second segment */
        enum zf_guest_kind kind;
    } cases[] = {
        {2, 0x1000000, 0x1000010, 0x6474e551, ZF_GUEST_PROGRAM},
        {2, 0x1000000, 0x1000010, 7, ZF_GUEST_PROGRAM},
        {2, 0x1000000, 0x1000010, 4, ZF_GUEST_PROGRAM},
        {2, 0x1000000, 0x1000010, 0, ZF_GUEST_ELF},
        {2, 0x20000, 0x20000, 0x6474e551, ZF_GUEST_ELF},
        {2, 0x20000, 0x20000, 3, ZF_GUEST_PROGRAM},
        {2, 0x10000, 0x20000, 6, ZF_GUEST_PROGRAM}, /* a stripped one of Go's */
        {2, 0x100000, 0x100000, 4, ZF_GUEST_ELF},   /* a kernel */
        {3, 0, 0x10, 0, ZF_GUEST_PROGRAM},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        uint8_t file[FILE_SIZE];
        enum zf_guest_kind kind;
        make_elf(file);
        zf_put16(file + E_TYPE, cases[i].type);
        zf_put64(file + E_ENTRY, cases[i].entry);
        put_segment(file + FIRST, 1, 0x200, cases[i].address, 0x100, 0x100);
        zf_put32(file + SECOND + P_TYPE, cases[i].mark);
        cr_assert_eq(zf_guest_identify(file, sizeof file, &kind, NULL), ZF_OK);
        cr_expect_eq(kind, cases[i].kind, "case %u: %s", i, zf_guest_kind_name(kind));
    }
}

Test(load, initial_psws) {
    static const struct {
        uint64_t first, second;
        bool valid;
        uint64_t mask, address;
    } cases[] = {
        {UINT64_C(0x0008000080000010), 0, true, ZF_PSW_BA, 0x10},
        {UINT64_C(0x0008000180000010), 0, true, ZF_PSW_EA | ZF_PSW_BA, 0x10},
        {UINT64_C(0x0000000180000000), 0x10, true, ZF_PSW_EA | ZF_PSW_BA, 0x10},
        {UINT64_C(0x0008000080000011), 0, false, 0, 0},
        {UINT64_C(0x0000000180000000), 0x11, false, 0, 0},
        {UINT64_C(0x0000000180000001), 0x10, false, 0, 0},
        {UINT64_C(0x8000000180000000), 0x10, false, 0, 0},
        {0, 0, false, 0, 0},
        {UINT64_C(0x0000000180000000), 0x100000, false, 0, 0},
    };
    struct zf_machine *m = machine();
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        uint8_t file[0x40] = {0};
        enum zf_guest_kind kind;
        struct zf_error err;
        zf_put64(file, cases[i].first);
        zf_put64(file + 8, cases[i].second);
        cr_expect_eq(zf_guest_identify(file, sizeof file, &kind, &err) == ZF_OK, cases[i].valid,
                     "case %u", i);
        if (cases[i].valid) {
            cr_expect_eq(kind, ZF_GUEST_IPL);
            cr_expect_eq(zf_guest_load(m, kind, file, sizeof file, 0, &err), ZF_OK);
            cr_expect_eq(zf_psw_mask(m->cpus.cpu[0]), cases[i].mask, "case %u", i);
            cr_expect_eq(m->cpus.cpu[0]->psw.addr, cases[i].address, "case %u", i);
        }
    }
    zf_machine_destroy(m);
}

Test(load, kernel_images) {
    enum { SIZE = 0x11000 };
    uint8_t *file = calloc(1, SIZE);
    enum zf_guest_kind kind;
    struct zf_error err;
    struct zf_machine *m = machine();
    memcpy(file + 0x10008, "S390EP", 6);
    cr_assert_eq(zf_guest_identify(file, SIZE, &kind, &err), ZF_OK);
    cr_expect_eq(kind, ZF_GUEST_KERNEL);
    cr_assert_eq(zf_guest_load(m, kind, file, SIZE, 0, &err), ZF_OK);
    cr_expect_eq(m->cpus.cpu[0]->psw.addr, 0x10000);
    cr_expect_eq(m->storage.ram[0x1000d], 'P');
    zf_machine_destroy(m);
    free(file);
}

/* A kernel of 0x11000 bytes in 16 MiB, given `input`; what came of it. */
static enum zf_status give(const struct zf_kernel_input *input, bool kernel, uint64_t limit,
                           uint8_t header[0x500], struct zf_error *err) {
    enum { SIZE = 0x11000, ROOM = 16 << 20 };
    struct zf_machine_config config = {.storage_size = ROOM};
    struct zf_machine *m = zf_machine_create(&config, err);
    uint8_t *file = calloc(1, SIZE);
    memcpy(file + 0x10008, kernel ? "S390EP" : "other!", 6);
    zf_put64(file + 0x10430, limit);
    cr_assert_eq(zf_guest_load(m, ZF_GUEST_KERNEL, file, SIZE, 0, err), ZF_OK);
    enum zf_status status = zf_guest_load_kernel_input(m, file, SIZE, input, err);
    memcpy(header, m->storage.ram + 0x10000, 0x500);
    if (status == ZF_OK && input->ramdisk) {
        uint64_t at = zf_get64(header + 0x408);
        cr_assert(at >= 0x800000 && at % 4096 == 0);
        cr_expect_arr_eq(m->storage.ram + at, input->ramdisk, input->ramdisk_size);
    }
    zf_machine_destroy(m);
    free(file);
    return status;
}

Test(load, kernel_input) {
    uint8_t header[0x500];
    struct zf_error err;
    struct zf_kernel_input input = {"root=here", "DISK", 4};
    char text[1024];
    cr_assert_eq(give(&input, true, 0, header, &err), ZF_OK, "%s", err.message);
    cr_expect_str_eq((char *)header + 0x480, "root=here");
    cr_expect_eq(zf_get64(header + 0x410), 4);
    cr_expect_eq(give(&input, false, 0, header, &err), ZF_ERROR_FORMAT);
    input.ramdisk_size = 16 << 20;
    cr_expect_eq(give(&input, true, 0, header, &err), ZF_ERROR_FORMAT);
    input = (struct zf_kernel_input){.command_line = text};
    memset(text, 'x', sizeof text);
    text[896] = 0;
    cr_expect_eq(give(&input, true, 0, header, &err), ZF_ERROR_FORMAT);
    cr_expect_eq(give(&input, true, 897, header, &err), ZF_OK);
    cr_expect_eq(zf_get64(header + 0x408), 0);
    text[895] = 0;
    cr_expect_eq(give(&input, true, 0, header, &err), ZF_OK);
}
