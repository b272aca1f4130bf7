/*
 * What kind of guest a file is, and how it gets into an empty machine: ELF segments, a kernel with
 * its RAM disk and command line, an image with an initial PSW, or plain bytes.
 */
#include "zfacet/load.h"

#include "zfacet/elf.h"

enum { KERNEL_ENTRY = 0x10000, KERNEL_MAGIC = 0x10008, PROGRAM_LOWEST = 1 << 20 };
/* In the header of a Linux kernel, by absolute address. */
enum {
    KERNEL_RAMDISK = 0x10408,
    KERNEL_RAMDISK_SIZE = 0x10410,
    KERNEL_COMMAND_LINE_SIZE = 0x10430, /* zero in old kernels, which take so many characters: */
    KERNEL_COMMAND_LINE_OLD_SIZE = 896,
    KERNEL_COMMAND_LINE = 0x10480,
    KERNEL_HEADER_LENGTH = 0x480,
};
#define RAMDISK_LOWEST UINT64_C(0x800000)
#define RAMDISK_GRAIN UINT64_C(0x100000)
/* Where the decompressed kernel begins: never a Linux program. */
enum { KERNEL_ELF_ENTRY = 0x100000 };

/* The short PSW of initial program loading: bit 12 is one, the address is in bits 33-63. */
#define SHORT_PSW_ADDRESS UINT64_C(0x7fffffff)
/* Bits that are zero in every valid z/Architecture PSW mask. */
#define PSW_ALWAYS_ZERO UINT64_C(0xb808007e7fffffff)

const char *zf_guest_kind_name(enum zf_guest_kind kind) {
    static const char *const names[ZF_GUEST_KIND_COUNT] = {
        [ZF_GUEST_PROGRAM] = "Linux program",     [ZF_GUEST_ELF] = "bare-metal ELF",
        [ZF_GUEST_KERNEL] = "Linux kernel image", [ZF_GUEST_IPL] = "image with an initial PSW",
        [ZF_GUEST_FLAT] = "flat binary",
    };
    return names[kind];
}

/*
 * Notes that only programs have, at whichever address they are: the C library's, of the oldest
 * Linux that will do, and Go's, whose linker begins at 64 KiB.
 */
static bool is_program_note(const struct zf_elf *elf, const struct zf_elf_segment *s) {
    enum { HEADER = 12, ABI = 1, LINUX = 0 };
    if (s->offset > elf->size || s->file_size > elf->size - s->offset) {
        return false;
    }
    const uint8_t *note = elf->bytes + s->offset;
    for (uint64_t left = s->file_size; left >= HEADER;) {
        uint64_t name = (zf_get32(note) + UINT64_C(3)) & ~UINT64_C(3);
        uint64_t size = HEADER + name + ((zf_get32(note + 4) + UINT64_C(3)) & ~UINT64_C(3));
        if (size > left) {
            return false;
        }
        bool abi = size >= HEADER + 8 && name == 4 && !memcmp(note + HEADER, "GNU", 4) &&
                   zf_get32(note + 8) == ABI && zf_get32(note + HEADER + 4) == LINUX;
        if (abi || (name == 4 && !memcmp(note + HEADER, "Go\0", 4))) {
            return true;
        }
        note += size;
        left -= size;
    }
    return false;
}

static enum zf_guest_kind elf_kind(const struct zf_elf *elf) {
    uint64_t lowest = UINT64_MAX;
    bool marked = false, says_program = false;
    for (unsigned i = 0; i < elf->segments; i++) {
        struct zf_elf_segment s = zf_elf_segment(elf, i);
        if (s.type == ZF_ELF_INTERP) {
            return ZF_GUEST_PROGRAM;
        }
        /* its own headers, which whoever starts a process points to: Go's linker, without notes */
        says_program |= s.type == ZF_ELF_HEADERS;
        says_program |= s.type == ZF_ELF_NOTE && is_program_note(elf, &s);
        marked |= s.type == ZF_ELF_STACK || s.type == ZF_ELF_TLS || s.type == ZF_ELF_NOTE;
        if (s.type == ZF_ELF_LOAD && s.vaddr < lowest) {
            lowest = s.vaddr;
        }
    }
    if (elf->type == ZF_ELF_DYN || says_program) {
        return ZF_GUEST_PROGRAM;
    }
    bool kernel = elf->entry == KERNEL_ENTRY || elf->entry == KERNEL_ELF_ENTRY;
    return lowest >= PROGRAM_LOWEST && marked && !kernel ? ZF_GUEST_PROGRAM : ZF_GUEST_ELF;
}

static bool is_kernel(const uint8_t *bytes, size_t size) {
    return size >= KERNEL_MAGIC + 6 && !memcmp(bytes + KERNEL_MAGIC, "S390EP", 6);
}

/* The PSW that an image begins with, the short or the long one. */
static bool initial_psw(const uint8_t *bytes, size_t size, struct zf_psw *psw) {
    if (size < 8) {
        return false;
    }
    uint64_t first = zf_get64(bytes);
    if (first & ZF_PSW_BIT12) {
        psw->mask = (first & ~ZF_PSW_BIT12 & ~SHORT_PSW_ADDRESS);
        psw->addr = first & SHORT_PSW_ADDRESS;
        return !(psw->mask & PSW_ALWAYS_ZERO) && !(psw->addr & 1) && psw->addr < size;
    }
    if (size < 16) {
        return false;
    }
    *psw = (struct zf_psw){first, zf_get64(bytes + 8)};
    return first && !(first & PSW_ALWAYS_ZERO) && !(psw->addr & 1) && psw->addr < size;
}

enum zf_status zf_guest_identify(const void *bytes, size_t size, enum zf_guest_kind *kind,
                                 struct zf_error *err) {
    struct zf_psw psw;
    if (!size) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the file is empty");
    }
    if (zf_elf_is(bytes, size)) {
        struct zf_elf elf;
        enum zf_status status = zf_elf_open(bytes, size, &elf, err);
        if (status == ZF_OK) {
            *kind = elf_kind(&elf);
        }
        return status;
    }
    if (size > 2 && !memcmp(bytes, "#!", 2)) {
        *kind = ZF_GUEST_PROGRAM;
    } else if (is_kernel(bytes, size)) {
        *kind = ZF_GUEST_KERNEL;
    } else if (initial_psw(bytes, size, &psw)) {
        *kind = ZF_GUEST_IPL;
    } else {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "not an ELF file, nor an image that begins with a PSW; give --base for code "
                       "without a header");
    }
    return ZF_OK;
}

/* Copies to absolute storage and clears what follows, up to memory_size. */
static enum zf_status place(struct zf_machine *machine, uint64_t address, const void *bytes,
                            uint64_t size, uint64_t memory_size, struct zf_error *err) {
    uint8_t *to = zf_absolute(&machine->storage, (struct zf_aaddr){address}, memory_size);
    if (!to) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "%#llx bytes at %#llx do not fit into %llu MiB of storage",
                       (unsigned long long)memory_size, (unsigned long long)address,
                       (unsigned long long)(machine->storage.size >> 20));
    }
    if (size) {
        memcpy(to, bytes, size);
    }
    memset(to + size, 0, memory_size - size);
    return ZF_OK;
}

static bool overlap(const struct zf_elf_segment *a, const struct zf_elf_segment *b) {
    return a->memory_size && b->memory_size && a->paddr - b->paddr < b->memory_size;
}

static enum zf_status check_segment(const struct zf_elf *elf, unsigned i,
                                    const struct zf_elf_segment *s, struct zf_error *err) {
    if (s->offset > elf->size || elf->size - s->offset < s->file_size) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "segment %u is truncated: %#llx bytes at offset %#llx in a file of %#zx", i,
                       (unsigned long long)s->file_size, (unsigned long long)s->offset, elf->size);
    }
    if (s->file_size > s->memory_size || s->paddr + s->memory_size < s->paddr) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "segment %u is invalid: %#llx bytes in the file, %#llx in storage", i,
                       (unsigned long long)s->file_size, (unsigned long long)s->memory_size);
    }
    for (unsigned j = 0; j < i; j++) {
        struct zf_elf_segment other = zf_elf_segment(elf, j);
        if (other.type == ZF_ELF_LOAD && (overlap(s, &other) || overlap(&other, s))) {
            return zf_fail(err, ZF_ERROR_FORMAT, "segments %u and %u overlap at %#llx", j, i,
                           (unsigned long long)s->paddr);
        }
    }
    return ZF_OK;
}

static enum zf_status load_elf(struct zf_machine *machine, const void *bytes, size_t size,
                               struct zf_error *err) {
    struct zf_elf elf;
    bool entry_inside = false;
    uint64_t entry = 0;
    if (zf_elf_open(bytes, size, &elf, err) != ZF_OK) {
        return ZF_ERROR_FORMAT;
    }
    if (elf.type != ZF_ELF_EXEC) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "position-independent ELF: link a bare-metal guest to fixed addresses");
    }
    for (unsigned i = 0; i < elf.segments; i++) {
        struct zf_elf_segment s = zf_elf_segment(&elf, i);
        if (s.type != ZF_ELF_LOAD) {
            continue;
        }
        if (check_segment(&elf, i, &s, err) != ZF_OK ||
            place(machine, s.paddr, elf.bytes + s.offset, s.file_size, s.memory_size, err) !=
                ZF_OK) {
            return ZF_ERROR_FORMAT;
        }
        if (elf.entry - s.vaddr < s.memory_size) {
            entry_inside = true;
            entry = elf.entry - s.vaddr + s.paddr;
        }
    }
    if (!entry_inside || elf.entry & 1) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the entry %#llx is %s", (unsigned long long)elf.entry,
                       entry_inside ? "odd" : "in no segment");
    }
    zf_psw_load(machine->cpus.cpu[0], ZF_PSW_EA | ZF_PSW_BA, entry);
    return ZF_OK;
}

/* Where the guest's bytes and zeroed data end in storage. */
static uint64_t end_in_storage(const void *bytes, size_t size) {
    struct zf_elf elf;
    struct zf_error err;
    uint64_t end = size;
    if (!zf_elf_is(bytes, size) || zf_elf_open(bytes, size, &elf, &err) != ZF_OK) {
        return end;
    }
    for (unsigned i = 0; i < elf.segments; i++) {
        struct zf_elf_segment s = zf_elf_segment(&elf, i);
        if (s.type == ZF_ELF_LOAD && s.paddr + s.memory_size > end) {
            end = s.paddr + s.memory_size;
        }
    }
    return end;
}

/* `header` is what lies at KERNEL_ENTRY. */
static bool is_kernel_header(const uint8_t *header) {
    return !memcmp(header + KERNEL_MAGIC - KERNEL_ENTRY, "S390EP", 6);
}

/*
 * Whether a guest is laid out as a Linux kernel: it says so, or is an ELF file with a kernel's
 * entry, which finds its command line where a kernel does.
 */
static bool has_kernel_layout(const uint8_t *header, const void *bytes, size_t size) {
    struct zf_elf elf;
    struct zf_error err;
    if (is_kernel_header(header)) {
        return true;
    }
    return zf_elf_is(bytes, size) && zf_elf_open(bytes, size, &elf, &err) == ZF_OK &&
           elf.entry == KERNEL_ENTRY;
}

static enum zf_status load_command_line(struct zf_machine *machine, uint8_t *header,
                                        const char *text, struct zf_error *err) {
    uint64_t room =
        is_kernel_header(header) ? zf_get64(header + KERNEL_COMMAND_LINE_SIZE - KERNEL_ENTRY) : 0;
    room = room ? room : KERNEL_COMMAND_LINE_OLD_SIZE;
    if (strlen(text) >= room) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "the command line has %zu characters; the kernel takes %llu", strlen(text),
                       (unsigned long long)room - 1);
    }
    return place(machine, KERNEL_COMMAND_LINE, text, strlen(text), strlen(text) + 1, err);
}

enum zf_status zf_guest_load_kernel_input(struct zf_machine *machine, const void *bytes,
                                          size_t size, const struct zf_kernel_input *input,
                                          struct zf_error *err) {
    uint8_t *header =
        zf_absolute(&machine->storage, (struct zf_aaddr){KERNEL_ENTRY}, KERNEL_HEADER_LENGTH);
    enum zf_status status = ZF_OK;
    if (!header || !has_kernel_layout(header, bytes, size) ||
        (input->ramdisk && !is_kernel_header(header))) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "not a Linux kernel: it takes no command line and no RAM disk");
    }
    if (input->command_line) {
        status = load_command_line(machine, header, input->command_line, err);
    }
    if (status == ZF_OK && input->ramdisk) {
        /* not before the kernel's usual place for it, and some way after the kernel */
        uint64_t at = end_in_storage(bytes, size) + RAMDISK_GRAIN;
        at = at < RAMDISK_LOWEST ? RAMDISK_LOWEST : (at + RAMDISK_GRAIN - 1) & -RAMDISK_GRAIN;
        status = place(machine, at, input->ramdisk, input->ramdisk_size, input->ramdisk_size, err);
        zf_put64(header + KERNEL_RAMDISK - KERNEL_ENTRY, at);
        zf_put64(header + KERNEL_RAMDISK_SIZE - KERNEL_ENTRY, input->ramdisk_size);
    }
    return status;
}

static enum zf_status load_image(struct zf_machine *machine, const void *bytes, size_t size,
                                 const struct zf_psw *psw, uint64_t base, struct zf_error *err) {
    if (base & 1) {
        return zf_fail(err, ZF_ERROR_USAGE, "the address %#llx is odd", (unsigned long long)base);
    }
    if (place(machine, base, bytes, size, size, err) != ZF_OK) {
        return ZF_ERROR_FORMAT;
    }
    zf_psw_load(machine->cpus.cpu[0], psw->mask, psw->addr);
    return ZF_OK;
}

enum zf_status zf_guest_load(struct zf_machine *machine, enum zf_guest_kind kind, const void *bytes,
                             size_t size, uint64_t base, struct zf_error *err) {
    struct zf_psw psw = {ZF_PSW_EA | ZF_PSW_BA, base};
    switch (kind) {
    case ZF_GUEST_ELF:
        return load_elf(machine, bytes, size, err);
    case ZF_GUEST_KERNEL:
        psw.addr = KERNEL_ENTRY;
        return load_image(machine, bytes, size, &psw, 0, err);
    case ZF_GUEST_IPL:
        if (!initial_psw(bytes, size, &psw)) {
            return zf_fail(err, ZF_ERROR_FORMAT, "the image does not begin with a valid PSW");
        }
        return load_image(machine, bytes, size, &psw, 0, err);
    case ZF_GUEST_FLAT:
        return load_image(machine, bytes, size, &psw, base, err);
    default:
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "a %s does not run on the bare machine",
                       zf_guest_kind_name(kind));
    }
}
