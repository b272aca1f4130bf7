/* The loader of Linux programs: what it maps, what it refuses, and that no file can harm it. */
#define _GNU_SOURCE
#include "linux/image.h"
#include "zfacet/linear.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_SIZE = 0x3000, SEGMENTS = 3, CODE = 0x1000000, BSS_SIZE = 0x5000 };

/* A program with code at CODE, data with zeroed storage after it, and a stack segment. */
static void put_segment(uint8_t *file, unsigned i, uint32_t type, uint32_t flags, uint64_t offset,
                        uint64_t address, uint64_t file_size, uint64_t memory_size) {
    uint8_t *p = file + 64 + 56 * i;
    zf_put32(p, type);
    zf_put32(p + 4, flags);
    zf_put64(p + 8, offset);
    zf_put64(p + 16, address);
    zf_put64(p + 24, address);
    zf_put64(p + 32, file_size);
    zf_put64(p + 40, memory_size);
    zf_put64(p + 48, 4096);
}

static void build(uint8_t file[FILE_SIZE]) {
    memset(file, 0, FILE_SIZE);
    memcpy(file, "\177ELF\2\2\1", 7);
    zf_put16(file + 16, 2);
    zf_put16(file + 18, 22);
    zf_put32(file + 20, 1);
    zf_put64(file + 24, CODE + 0x200);
    zf_put64(file + 32, 64);
    zf_put16(file + 52, 64);
    zf_put16(file + 54, 56);
    zf_put16(file + 56, SEGMENTS);
    put_segment(file, 0, 1, 5, 0, CODE, 0x1000, 0x1000);
    put_segment(file, 1, 1, 6, 0x1800, CODE + 0x2800, 0x1000, BSS_SIZE);
    put_segment(file, 2, 0x6474e551, 6, 0, 0, 0, 0);
    memset(file + 0x1800, 0xdd, FILE_SIZE - 0x1800);
}

struct fixture {
    struct zf_machine *machine;
    uint8_t file[FILE_SIZE];
    size_t size;
    struct zf_image image;
    struct zf_error err;
};

static void open_fixture(struct fixture *f) {
    struct zf_machine_config config = {.linear = true};
    f->machine = zf_machine_create(&config, &f->err);
    cr_assert(f->machine);
    f->size = FILE_SIZE;
    build(f->file);
}

static enum zf_status load(struct fixture *f) {
    int fd = memfd_create("program", MFD_CLOEXEC);
    cr_assert_eq(write(fd, f->file, f->size), (ssize_t)f->size);
    f->err.message[0] = '\0';
    enum zf_status status = zf_image_load(f->machine, fd, "program", 0x2000000, &f->image, &f->err);
    close(fd);
    return status;
}

Test(linux_image, segments_are_mapped) {
    struct fixture f;
    open_fixture(&f);
    cr_assert_eq(load(&f), ZF_OK, "%s", f.err.message);
    const uint8_t *ram = f.machine->storage.ram;
    cr_expect_eq(f.image.entry, CODE + 0x200);
    cr_expect_eq(f.image.headers, CODE + 64);
    cr_expect_eq(f.image.header_count, SEGMENTS);
    cr_expect_eq(f.image.end, CODE + 0x8000);
    cr_expect_not(f.image.executable_stack);
    cr_expect(!memcmp(ram + CODE, f.file, 0x1000));
    cr_expect_eq(ram[CODE + 0x37ff], 0xdd);
    cr_expect_eq(ram[CODE + 0x3800], 0, "storage after the file's part is not zero");
    cr_expect_eq(ram[CODE + 0x77ff], 0);
    cr_expect(zf_linear_allows(&f.machine->storage, CODE, 0x1000, ZF_PROT_READ | ZF_PROT_EXEC));
    cr_expect_not(zf_linear_allows(&f.machine->storage, CODE, 1, ZF_PROT_WRITE));
    cr_expect(
        zf_linear_allows(&f.machine->storage, CODE + 0x2000, 0x6000, ZF_PROT_READ | ZF_PROT_WRITE));
    cr_expect_not(zf_linear_allows(&f.machine->storage, CODE + 0x1000, 1, 0));
    zf_machine_destroy(f.machine);
}

Test(linux_image, position_independent_goes_to_the_base) {
    struct fixture f;
    open_fixture(&f);
    zf_put16(f.file + 16, 3);
    cr_assert_eq(load(&f), ZF_OK, "%s", f.err.message);
    cr_expect_eq(f.image.base, 0x2000000);
    cr_expect_eq(f.image.entry, 0x2000000 + CODE + 0x200);
    cr_expect(zf_linear_find(&f.machine->storage, 0x2000000 + CODE, NULL));
    cr_expect_not(zf_linear_find(&f.machine->storage, CODE, NULL));
    zf_machine_destroy(f.machine);
}

/* What is wrong: `size` bytes of value at an offset; what the message must say. */
static const struct {
    const char *what;
    unsigned at, size;
    uint64_t value;
    const char *message;
} bad[] = {
    {"not an ELF", 0, 1, 'M', "not an ELF file"},
    {"class", 4, 1, 1, "class is 1"},
    {"byte order", 5, 1, 1, "machine"},
    {"machine", 18, 2, 62, "x86-64"},
    {"type", 16, 2, 1, "type is 1"},
    {"header size", 54, 2, 32, "headers of 56"},
    {"no headers", 56, 2, 0, "no ELF program headers"},
    {"too many headers", 56, 2, 400, "400 ELF program headers"},
    {"headers after the end", 32, 8, FILE_SIZE - 10, "beyond the file"},
    {"odd entry", 24, 8, CODE + 0x201, "0x1000201 is not an even address"},
    {"entry outside", 24, 8, 0x5000, "0x5000 is not an even address"},
    {"entry in data", 24, 8, CODE + 0x2900, "executable segment"},
    {"offset after the end", 64 + 56 + 8, 8, FILE_SIZE + 0x800, "truncated"},
    {"file part too long", 64 + 56 + 32, 8, 0x1801, "truncated"},
    {"file part above memory part", 64 + 56 + 40, 8, 0xfff, "only 4095 in storage"},
    {"overlap", 64 + 56 + 16, 8, CODE + 0x800, "shares a page"},
    {"not congruent", 64 + 56 + 16, 8, CODE + 0x2900, "equal modulo 4096"},
    {"address too high", 64 + 56 + 16, 8, UINT64_C(0xfffffffffffff800), "does not fit"},
    {"too large", 64 + 56 + 40, 8, UINT64_C(1) << 62, "does not fit"},
};

Test(linux_image, bad_files_are_refused) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(bad); i++) {
        struct fixture f;
        open_fixture(&f);
        for (unsigned b = 0; b < bad[i].size; b++) {
            f.file[bad[i].at + b] = (uint8_t)(bad[i].value >> 8 * (bad[i].size - 1 - b));
        }
        cr_expect_eq(load(&f), ZF_ERROR_FORMAT, "%s: %s", bad[i].what, f.err.message);
        cr_expect(strstr(f.err.message, bad[i].message), "%s: %s", bad[i].what, f.err.message);
        zf_machine_destroy(f.machine);
    }
}

Test(linux_image, cut_off_files_are_refused) {
    static const size_t sizes[] = {0, 1, 4, 15, 63, 64, 100, 0x1000, FILE_SIZE - 0x801};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(sizes); i++) {
        struct fixture f;
        open_fixture(&f);
        f.size = sizes[i];
        cr_expect_eq(load(&f), ZF_ERROR_FORMAT, "%zu bytes: %s", sizes[i], f.err.message);
        zf_machine_destroy(f.machine);
    }
}

/* No byte of the headers, whatever it is, may do more than make loading fail. */
Test(linux_image, changed_headers_do_no_harm) {
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct fixture f;
    open_fixture(&f);
    for (unsigned at = 0; at < 64 + 56 * SEGMENTS; at++) {
        for (unsigned v = 0; v < ZF_ARRAY_LENGTH(values); v++) {
            uint8_t old = f.file[at];
            f.file[at] = values[v];
            if (load(&f) != ZF_OK) {
                cr_expect(f.err.message[0]);
            }
            f.file[at] = old;
            zf_linear_clear(&f.machine->storage);
        }
    }
    zf_machine_destroy(f.machine);
}
