/*
 * Maps an ELF program into the guest's address space as a kernel does: views of the file, zeroed
 * storage after it, the interpreter beside it; files that say impossible things are refused.
 */
#include "image.h"

#include "zfacet/elf.h"
#include "zfacet/linear.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { HEADER_SIZE = 64, SEGMENT_SIZE = 56 };

/* The file in host memory while it is loaded. */
struct file {
    const char *name;
    int fd;
    const uint8_t *bytes;
    uint64_t size;
    struct zf_elf elf;
};

bool zf_image_is_program(const uint8_t *head, size_t length) {
    return length >= HEADER_SIZE && zf_elf_is(head, length) && head[4] == 2 && head[5] == 2 &&
           zf_get16(head + 18) == 22 &&
           (zf_get16(head + 16) == ZF_ELF_EXEC || zf_get16(head + 16) == ZF_ELF_DYN);
}

static enum zf_status check_segment(const struct zf_machine *machine, const struct file *file,
                                    uint64_t base, const struct zf_elf_segment *s,
                                    struct zf_error *err) {
    uint64_t limit = machine->storage.size - base - ZF_PAGE_SIZE;
    if (s->offset > file->size || file->size - s->offset < s->file_size) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: truncated: a segment of %llu bytes at offset %llu, but the file has "
                       "%llu bytes",
                       file->name, (unsigned long long)s->file_size, (unsigned long long)s->offset,
                       (unsigned long long)file->size);
    }
    if (s->file_size > s->memory_size) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: segment at %#llx has %llu bytes in the file, but only %llu in storage",
                       file->name, (unsigned long long)s->vaddr, (unsigned long long)s->file_size,
                       (unsigned long long)s->memory_size);
    }
    if (s->vaddr > limit || s->memory_size > limit - s->vaddr) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: segment at %#llx of %#llx bytes does not fit; addresses end at %#llx",
                       file->name, (unsigned long long)s->vaddr, (unsigned long long)s->memory_size,
                       (unsigned long long)limit);
    }
    if ((s->vaddr ^ s->offset) & ~ZF_PAGE_MASK) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: segment at %#llx has file offset %#llx; both must be equal modulo 4096",
                       file->name, (unsigned long long)s->vaddr, (unsigned long long)s->offset);
    }
    return ZF_OK;
}

/* Maps the file's part as a view of the file, zeroed storage after it. */
static bool place_bytes(struct zf_machine *machine, const struct file *file,
                        const struct zf_elf_segment *s, uint64_t start, uint64_t length) {
    const unsigned prot = ZF_PROT_READ | ZF_PROT_WRITE;
    uint64_t before = s->vaddr & ~ZF_PAGE_MASK;
    uint64_t used = before + s->file_size;
    uint64_t view = s->file_size ? (used + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK : 0;
    if (view && !zf_linear_map(&machine->storage, start, view, prot, file->fd,
                               (int64_t)(s->offset - before))) {
        return false;
    }
    if (view && s->memory_size > s->file_size) {
        memset(machine->storage.ram + start + used, 0, view - used);
    }
    return view == length ||
           zf_linear_map(&machine->storage, start + view, length - view, prot, -1, 0);
}

static enum zf_status map_segment(struct zf_machine *machine, const struct file *file,
                                  uint64_t base, const struct zf_elf_segment *s,
                                  struct zf_error *err) {
    uint64_t address = base + s->vaddr;
    uint64_t start = address & ZF_PAGE_MASK;
    uint64_t length = ((address + s->memory_size + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK) - start;
    unsigned prot = (s->flags & 4 ? ZF_PROT_READ : 0) | (s->flags & 2 ? ZF_PROT_WRITE : 0) |
                    (s->flags & 1 ? ZF_PROT_EXEC : 0);
    if (zf_linear_find(&machine->storage, start, NULL) ||
        zf_linear_free(&machine->storage, start, length) != start) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: segment at %#llx shares a page with another one; segments must not "
                       "overlap",
                       file->name, (unsigned long long)s->vaddr);
    }
    if (!place_bytes(machine, file, s, start, length)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "%s: out of memory for a segment of %#llx bytes",
                       file->name, (unsigned long long)length);
    }
    zf_linear_protect(&machine->storage, start, length, prot);
    return ZF_OK;
}

static enum zf_status note_interpreter(const struct file *file, const struct zf_elf_segment *s,
                                       struct zf_image *image, struct zf_error *err) {
    if (s->file_size < 2 || s->file_size > sizeof image->interpreter || s->offset > file->size ||
        file->size - s->offset < s->file_size || file->bytes[s->offset + s->file_size - 1]) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: the interpreter's name (offset %llu, %llu bytes) is not a string of 1 "
                       "to %zu characters in the file",
                       file->name, (unsigned long long)s->offset, (unsigned long long)s->file_size,
                       sizeof image->interpreter - 1);
    }
    memcpy(image->interpreter, file->bytes + s->offset, s->file_size);
    return ZF_OK;
}

/* A segment is in place: does it hold the program headers, where does it end? */
static void note_segment(const struct file *file, const struct zf_elf_segment *s,
                         struct zf_image *image) {
    uint64_t headers = file->elf.table;
    uint64_t end = (image->base + s->vaddr + s->memory_size + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (headers >= s->offset && headers - s->offset < s->file_size) {
        image->headers = image->base + s->vaddr + (headers - s->offset);
    }
    if (end > image->end) {
        image->end = end;
    }
}

static enum zf_status load_segment(struct zf_machine *machine, const struct file *file,
                                   const struct zf_elf_segment *s, struct zf_image *image,
                                   struct zf_error *err) {
    if (s->type == ZF_ELF_INTERP) {
        return note_interpreter(file, s, image, err);
    }
    if (s->type == ZF_ELF_STACK) {
        image->executable_stack = s->flags & 1;
    }
    if (s->type != ZF_ELF_LOAD || !s->memory_size) {
        return ZF_OK;
    }
    enum zf_status status = check_segment(machine, file, image->base, s, err);
    if (status == ZF_OK) {
        status = map_segment(machine, file, image->base, s, err);
    }
    note_segment(file, s, image);
    return status;
}

static enum zf_status load(struct zf_machine *machine, struct file *file, uint64_t base,
                           struct zf_image *image, struct zf_error *err) {
    struct zf_error inner;
    if (zf_elf_open(file->bytes, file->size, &file->elf, &inner) != ZF_OK) {
        return zf_fail(err, inner.status, "%s: %.400s", file->name, inner.message);
    }
    *image = (struct zf_image){.base = file->elf.type == ZF_ELF_DYN ? base : 0,
                               .header_count = file->elf.segments};
    image->entry = image->base + file->elf.entry;
    for (unsigned i = 0; i < file->elf.segments; i++) {
        struct zf_elf_segment s = zf_elf_segment(&file->elf, i);
        enum zf_status status = load_segment(machine, file, &s, image, err);
        if (status != ZF_OK) {
            return status;
        }
    }
    if (image->entry & 1 || !zf_linear_allows(&machine->storage, image->entry, 2, ZF_PROT_EXEC)) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%s: entry point %#llx is not an even address in an executable segment",
                       file->name, (unsigned long long)(image->entry - image->base));
    }
    return ZF_OK;
}

enum zf_status zf_image_load(struct zf_machine *machine, int fd, const char *name, uint64_t base,
                             struct zf_image *image, struct zf_error *err) {
    struct stat st;
    if (fstat(fd, &st)) {
        return zf_fail(err, ZF_ERROR_IO, "%s: %s", name, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: not a regular file; an s390x program is needed",
                       name);
    }
    if (!st.st_size) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: empty; an s390x program is needed", name);
    }
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return zf_fail(err, ZF_ERROR_IO, "%s: cannot be mapped: %s", name, strerror(errno));
    }
    struct file file = {.name = name, .fd = fd, .bytes = bytes, .size = (uint64_t)st.st_size};
    enum zf_status status = load(machine, &file, base, image, err);
    munmap(bytes, (size_t)st.st_size);
    return status;
}
