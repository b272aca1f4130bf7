/*
 * The s390x program that runs sequences, as an ELF file: a small runtime, the sequences, their
 * registers, and a list of what to run. For each entry of the list it sets the scratch storage,
 * access registers and CC, runs the sequence, and appends the state to its output. A sequence loads
 * all general registers itself; whatever ends it finds its own data by relative addresses.
 */
#include "../assemble.h"
#include "diff.h"

#include <elf.h>
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Not the powers of two that random registers hold. */
enum {
    TEXT = 0x35800000, /* runtime and sequences */
    DATA = 0x36800000, /* list, registers, templates */
    AREA = 0x37800000, /* writable, in the middle of which is the scratch storage */
    AREA_SIZE = 0x2000,
    SCRATCH = AREA + AREA_SIZE / 2 - DIFF_SCRATCH / 2,
    WORK = 0x38800000,
    SAVE = WORK, /* struct diff_state of the sequence */
    NEXT = WORK + 0x200,
    OUTPUT_END = WORK + 0x208,
    ALTERNATE_STACK = WORK + 0x1000,
    ALTERNATE_STACK_SIZE = 0x8000,
    OUTPUT = WORK + 0x10000,
    ENTRY_SIZE = 32, /* of the list: code, template, CC and program mask, unused */
    TEMPLATE_SIZE = DIFF_AFTER + 64,
    IN_HEAD = 0x40, /* of the data: constants before the list */
    SIGNALS = 5,
    OFF_IPM = 128,
    OFF_SIGNAL = 136,
    OFF_PSW = 144,
    OFF_SCRATCH = 152,
    OFF_AR = 160,
    OFF_FPC = 224,
    OFF_FAULT = 232,
    /* Linux's ucontext and siginfo */
    UC_PSW = 40,
    UC_GR = 56,
    UC_AR = 184,
    UC_FPC = 248,
    SI_CODE = 8,
    SI_ADDRESS = 16,
    SA_FLAGS = 0x48000004, /* siginfo, alternate stack, not blocked meanwhile */
};

struct builder {
    uint8_t *text, *data;
    uint64_t text_size, data_size;
    uint64_t text_room, data_room;
    uint64_t finish, dispatch, common, exit, handler, start;
    bool failed;
};

uint64_t diff_scratch_address(void) {
    return SCRATCH;
}

uint64_t diff_code_address(void) {
    return TEXT;
}

bool diff_is_code(uint64_t address) {
    return address >= TEXT && address < DATA;
}

static void put(uint8_t *to, uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0; value >>= 8) {
        to[i] = (uint8_t)value;
    }
}

static void text_bytes(struct builder *b, const void *bytes, uint64_t size) {
    if (b->text_size + size > b->text_room) {
        b->failed = true;
        return;
    }
    memcpy(b->text + b->text_size, bytes, size);
    b->text_size += size;
}

static uint64_t here(const struct builder *b) {
    return TEXT + b->text_size;
}

/* One instruction; '@' stands for the relative operand `target`. */
static void op_to(struct builder *b, const char *text, uint64_t target) {
    char line[64], error[128];
    uint8_t bytes[8];
    const char *at = strchr(text, '@');
    int before = at ? (int)(at - text) : (int)strlen(text);
    snprintf(line, sizeof line, "%.*s.%+lld", before, text, (long long)(target - here(b)));
    unsigned n = assemble(at ? line : text, bytes, error, sizeof error);
    if (!n) {
        fprintf(stderr, "diff: %s: %s\n", text, error);
        b->failed = true;
        return;
    }
    text_bytes(b, bytes, n);
}

static void ops(struct builder *b, const char *const *lines) {
    for (; *lines; lines++) {
        op_to(b, *lines, 0);
    }
}

/* A line with a number in it, as printf has it. */
__attribute__((format(printf, 2, 3))) static void op(struct builder *b, const char *format, ...) {
    char line[64];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    op_to(b, line, 0);
}

/* Writes output and scratch storage, and exits. */
static void put_finish(struct builder *b) {
    b->finish = here(b);
    op_to(b, "lgrl 7,@", OUTPUT_END);
    op_to(b, "larl 3,@", OUTPUT);
    uint64_t loop = here(b);
    ops(b, (const char *const[]){"lgr 4,7", "sgr 4,3", "lghi 2,1", "svc 4", "ltgr 2,2", NULL});
    op(b, "brc 12,.+14"); /* an error: as if all were written */
    op(b, "agr 3,2");
    op_to(b, "clgrj 3,7,4,@", loop);
    op_to(b, "larl 3,@", SCRATCH);
    op(b, "lghi 4,%d", DIFF_AFTER);
    ops(b, (const char *const[]){"lghi 2,1", "svc 4", "lghi 2,0", "svc 1", NULL});
}

/* Takes the next entry of the list: sets storage and registers. */
static void put_dispatch(struct builder *b, bool vectors) {
    b->dispatch = here(b);
    op_to(b, "lgrl 1,@", NEXT);
    op(b, "lg 2,0(1)");
    op_to(b, "cgij 2,0,8,@", b->finish);
    op(b, "lg 3,8(1)");
    op(b, "lg 4,16(1)");
    op(b, "la 1,%d(1)", ENTRY_SIZE);
    op_to(b, "stgrl 1,@", NEXT);
    op_to(b, "larl 5,@", AREA);
    for (unsigned i = 0; i < AREA_SIZE / 256; i++) {
        op(b, "xc %u(256,5),%u(5)", i % 16 * 256, i % 16 * 256);
        if (i == 15) {
            op(b, "lay 5,4096(5)");
        }
    }
    op_to(b, "larl 5,@", SCRATCH);
    for (unsigned i = 0; i < DIFF_SCRATCH; i += 256) {
        op(b, "mvc %u(256,5),%u(3)", i, i);
    }
    if (vectors) {
        op(b, "vlm 0,15,%d(3)", DIFF_SCRATCH);
        op(b, "vlm 16,31,%d(3)", DIFF_SCRATCH + DIFF_VECTORS / 2);
    }
    op(b, "lam 0,15,%d(3)", DIFF_AFTER);
    op_to(b, "larl 6,@", SAVE);
    op(b, "xc 0(%d,6),0(6)", DIFF_STATE);
    op(b, "lfpc %d(6)", OFF_FPC);
    op(b, "spm 4");
    op(b, "bcr 15,2");
}

/* Behind a sequence: hashes the scratch storage and appends the state. */
static void put_common(struct builder *b, bool vectors) {
    b->common = here(b);
    op_to(b, "larl 1,@", SCRATCH);
    if (vectors) {
        op(b, "vstm 0,15,%d(1)", DIFF_SCRATCH);
        op(b, "vstm 16,31,%d(1)", DIFF_SCRATCH + DIFF_VECTORS / 2);
    }
    op(b, "lghi 2,%d", DIFF_AFTER / 8);
    op(b, "lghi 0,0");
    op_to(b, "lgrl 4,@", DATA);
    uint64_t loop = here(b);
    ops(b, (const char *const[]){"xg 0,0(1)", "msgr 0,4", "rllg 0,0,23", "la 1,8(1)", NULL});
    op_to(b, "brctg 2,@", loop);
    op_to(b, "larl 6,@", SAVE);
    op(b, "stg 0,%d(6)", OFF_SCRATCH);
    op_to(b, "lgrl 5,@", OUTPUT_END);
    op(b, "mvc 0(%d,5),0(6)", DIFF_STATE);
    op(b, "la 5,%d(5)", DIFF_STATE);
    op_to(b, "stgrl 5,@", OUTPUT_END);
    op_to(b, "brcl 15,@", b->dispatch);
}

/* Where sequences end. */
static void put_exit(struct builder *b) {
    b->exit = here(b);
    for (unsigned gr = 0; gr < 16; gr++) {
        char line[32];
        snprintf(line, sizeof line, "stgrl %u,@", gr);
        op_to(b, line, SAVE + 8 * gr);
    }
    op(b, "lghi 0,0");
    op(b, "ipm 0");
    op_to(b, "larl 6,@", SAVE);
    op(b, "stg 0,%d(6)", OFF_IPM);
    op(b, "stam 0,15,%d(6)", OFF_AR);
    op(b, "stfpc %d(6)", OFF_FPC);
    op_to(b, "brcl 15,@", b->common);
}

/* Signal r2 with siginfo r3 and ucontext r4; it does not return. */
static void put_handler(struct builder *b) {
    b->handler = here(b);
    op_to(b, "larl 6,@", SAVE);
    op(b, "mvc 0(128,6),%d(4)", UC_GR);
    op(b, "mvc %d(8,6),%d(4)", OFF_IPM, UC_PSW);
    op(b, "mvc %d(8,6),%d(4)", OFF_PSW, UC_PSW + 8);
    op(b, "mvc %d(64,6),%d(4)", OFF_AR, UC_AR);
    op(b, "mvc %d(4,6),%d(4)", OFF_FPC, UC_FPC);
    op(b, "st 2,%d(6)", OFF_SIGNAL);
    op(b, "mvc %d(4,6),%d(3)", OFF_SIGNAL + 4, SI_CODE);
    op(b, "mvc %d(8,6),%d(3)", OFF_FAULT, SI_ADDRESS);
    op_to(b, "brcl 15,@", b->common);
}

static void put_start(struct builder *b) {
    static const unsigned numbers[SIGNALS] = {4, 5, 7, 8, 11}; /* ILL TRAP BUS FPE SEGV */
    b->start = here(b);
    op_to(b, "larl 2,@", DATA + 0x28);
    ops(b, (const char *const[]){"lghi 3,0", "svc 186", NULL}); /* sigaltstack */
    for (unsigned i = 0; i < SIGNALS; i++) {
        op(b, "lghi 2,%u", numbers[i]);
        op_to(b, "larl 3,@", DATA + 8);
        ops(b, (const char *const[]){"lghi 4,0", "lghi 5,8", "svc 174", NULL}); /* rt_sigaction */
    }
    op_to(b, "larl 1,@", OUTPUT);
    op_to(b, "stgrl 1,@", OUTPUT_END);
    op_to(b, "larl 1,@", DATA + 2 * IN_HEAD);
    op_to(b, "stgrl 1,@", NEXT);
    op_to(b, "brcl 15,@", b->dispatch);
    /* constants: multiplier of the hash, struct sigaction, stack_t */
    put(b->data, UINT64_C(0x9e3779b97f4a7c15), 8);
    put(b->data + 8, b->handler, 8);
    put(b->data + 16, SA_FLAGS, 8);
    put(b->data + 0x28, ALTERNATE_STACK, 8);
    put(b->data + 0x38, ALTERNATE_STACK_SIZE, 8);
}

static unsigned item_size(const struct diff_item *item) {
    return (item->executed ? 6 : zf_insn_length(item->word)) + (item->again ? 4 : 0);
}

/* The item's word when it lies at `address`. */
static uint64_t fixed_word(const struct diff_item *item, uint64_t address, uint64_t target) {
    struct zf_insn insn;
    int first, bits;
    zf_decode(item->word, &insn);
    if (item->fix == DIFF_FIX_NONE || !diff_relative(&insn, &first, &bits)) {
        return item->word;
    }
    uint64_t mask = ((UINT64_C(1) << bits) - 1) << (64 - first - bits);
    uint64_t halfwords = (uint64_t)((int64_t)(target - address) >> 1);
    return (item->word & ~mask) | (halfwords << (64 - first - bits) & mask);
}

static uint64_t target_of(const struct diff_sequence *s, unsigned i, uint64_t code) {
    const struct diff_item *item = &s->items[i];
    if (item->fix == DIFF_FIX_DATA) {
        return SCRATCH + item->target;
    }
    for (unsigned n = 0; n < s->count && n < item->target; n++) {
        code += item_size(&s->items[n]);
    }
    return code;
}

static void put_word(struct builder *b, uint64_t word) {
    uint8_t bytes[8];
    put(bytes, word, 8);
    text_bytes(b, bytes, zf_insn_length(word));
}

/* The items at `code`, the branch to the exit, then targets of EXRL. Returns the items' end. */
static uint64_t put_items(struct builder *b, const struct diff_sequence *s) {
    uint64_t code = here(b), end = code;
    for (unsigned i = 0; i < s->count; i++) {
        end += item_size(&s->items[i]);
    }
    uint64_t literal = end + 6;
    for (unsigned i = 0; i < s->count; i++) {
        const struct diff_item *item = &s->items[i];
        uint64_t at = here(b);
        if (item->executed) {
            char line[24];
            snprintf(line, sizeof line, "exrl %u,@", item->execute_gr);
            op_to(b, line, literal);
            literal += zf_insn_length(item->word);
        } else {
            put_word(b, fixed_word(item, at, target_of(s, i, code)));
        }
        if (item->again) {
            op_to(b, "brc 1,@", at);
        }
    }
    op_to(b, "brcl 15,@", b->exit);
    for (unsigned i = 0; i < s->count; i++) {
        if (s->items[i].executed) {
            put_word(b, fixed_word(&s->items[i], here(b), target_of(s, i, code)));
        }
    }
    return end;
}

static void put_sequence(struct builder *b, const struct diff_program *p, unsigned index,
                         uint64_t records) {
    const struct diff_sequence *s = &p->sequences[index];
    uint64_t record = records + index * UINT64_C(128);
    uint64_t code = here(b);
    op_to(b, "larl 15,@", record);
    op(b, "lmg 0,15,0(15)");
    uint64_t end = put_items(b, s);
    for (unsigned gr = 0; gr < 16 && !b->failed; gr++) {
        put(b->data + (record - DATA) + 8 * gr, s->code >> gr & 1 ? end : s->gr[gr], 8);
    }
    for (unsigned round = 0; round < DIFF_ROUNDS; round++) {
        uint8_t *entry = b->data + 2 * IN_HEAD + (round * p->count + index) * UINT64_C(32);
        uint64_t templates = records + p->count * UINT64_C(128);
        put(entry, s->skipped ? end : code, 8);
        put(entry + 8, templates + s->template * (uint64_t)TEMPLATE_SIZE, 8);
        put(entry + 16, (uint64_t)s->cc << 28 | (uint64_t)s->program_mask << 24, 8);
    }
}

static void put_templates(uint8_t *to, const struct diff_template *templates) {
    for (unsigned i = 0; i < DIFF_TEMPLATES; i++, to += TEMPLATE_SIZE) {
        memcpy(to, templates[i].scratch, DIFF_AFTER);
        for (unsigned a = 0; a < 16; a++) {
            put(to + DIFF_AFTER + 4 * a, templates[i].ar[a], 4);
        }
    }
}

static void build(struct builder *b, const struct diff_program *p) {
    uint64_t records = DATA + 2 * IN_HEAD + (DIFF_ROUNDS * p->count + 1) * (uint64_t)ENTRY_SIZE;
    put_finish(b);
    put_dispatch(b, p->vectors);
    put_common(b, p->vectors);
    put_exit(b);
    put_handler(b);
    put_start(b);
    for (unsigned i = 0; i < p->count && !b->failed; i++) {
        put_sequence(b, p, i, records);
    }
    put_templates(b->data + (records - DATA) + p->count * UINT64_C(128), p->templates);
}

static void segment(Elf64_Phdr *to, uint32_t flags, uint64_t offset, uint64_t address,
                    uint64_t file_size, uint64_t size) {
    *to = (Elf64_Phdr){
        .p_type = htobe32(PT_LOAD),
        .p_flags = htobe32(flags),
        .p_offset = htobe64(offset),
        .p_vaddr = htobe64(address),
        .p_paddr = htobe64(address),
        .p_filesz = htobe64(file_size),
        .p_memsz = htobe64(size),
        .p_align = htobe64(0x1000),
    };
}

static bool write_elf(const struct builder *b, const struct diff_program *p, FILE *file) {
    struct {
        Elf64_Ehdr head;
        Elf64_Phdr segments[4];
        uint8_t fill[0x1000 - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
    } page = {
        .head = {
            .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2MSB, EV_CURRENT},
            .e_type = htobe16(ET_EXEC),
            .e_machine = htobe16(EM_S390),
            .e_version = htobe32(EV_CURRENT),
            .e_entry = htobe64(b->start),
            .e_phoff = htobe64(sizeof(Elf64_Ehdr)),
            .e_ehsize = htobe16(sizeof(Elf64_Ehdr)),
            .e_phentsize = htobe16(sizeof(Elf64_Phdr)),
            .e_phnum = htobe16(4),
        }};
    uint64_t text_end = 0x1000 + b->text_room;
    uint64_t output = 0x10000 + (uint64_t)DIFF_ROUNDS * p->count * DIFF_STATE;
    segment(&page.segments[0], PF_R | PF_X, 0x1000, TEXT, b->text_room, b->text_room);
    segment(&page.segments[1], PF_R, text_end, DATA, b->data_room, b->data_room);
    segment(&page.segments[2], PF_R | PF_W, 0, AREA, 0, AREA_SIZE);
    segment(&page.segments[3], PF_R | PF_W, 0, WORK, 0, (output + 0xfff) & ~UINT64_C(0xfff));
    return fwrite(&page, sizeof page, 1, file) == 1 &&
           fwrite(b->text, b->text_room, 1, file) == 1 &&
           fwrite(b->data, b->data_room, 1, file) == 1;
}

bool diff_program_write(const struct diff_program *p, const char *path) {
    struct builder b = {0};
    uint64_t data = 2 * IN_HEAD + (DIFF_ROUNDS * p->count + 1) * (uint64_t)ENTRY_SIZE +
                    p->count * UINT64_C(128) + DIFF_TEMPLATES * (uint64_t)TEMPLATE_SIZE;
    b.text_room = (p->count * UINT64_C(128) + 0x1fff) & ~UINT64_C(0xfff);
    b.data_room = (data + 0xfff) & ~UINT64_C(0xfff);
    b.text = calloc(1, b.text_room);
    b.data = calloc(1, b.data_room);
    b.failed = !b.text || !b.data;
    if (!b.failed) {
        build(&b, p);
    }
    FILE *file = b.failed ? NULL : fopen(path, "wb");
    bool ok = file && write_elf(&b, p, file);
    if (file && (fclose(file) || chmod(path, 0700))) {
        ok = false;
    }
    free(b.text);
    free(b.data);
    if (!ok) {
        fprintf(stderr, "diff: cannot write the program %s\n", path);
    }
    return ok;
}
