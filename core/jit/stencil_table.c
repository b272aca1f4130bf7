/*
 * Build-time program: `stencil_table NAME FILE.o` writes the stencils of an object file as the C
 * table zf_stencils_NAME.
 */
#include "stencil_table.h"

#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE = 1 << 24, FUNCTIONS = 256, DATA_SIZE = 1 << 16 };

static const char *const holes[] = {
#define HOLE(name) "HOLE_" #name,
    ZF_HOLES(HOLE)
#undef HOLE
};
struct object {
    uint8_t *bytes;
    const Elf64_Shdr *sections;
    unsigned count;
    const char *names; /* of sections */
    const Elf64_Sym *symbols;
    unsigned symbol_count;
    const char *strings;
};

struct table {
    const char *functions[FUNCTIONS];
    unsigned function_count;
    uint32_t code_size, patch_count;
    uint8_t data[DATA_SIZE];
    uint32_t data_size;
    uint32_t *data_of; /* by section: where its bytes stand, plus 1 */
};

static void fail(const char *what, const char *about) {
    fprintf(stderr, "stencil_table: %s: %s\n", what, about);
    exit(EXIT_FAILURE);
}

static void read_object(struct object *o, const char *path) {
    FILE *file = fopen(path, "rb");
    o->bytes = malloc(FILE_SIZE);
    if (!file || !o->bytes || fread(o->bytes, 1, FILE_SIZE, file) < sizeof(Elf64_Ehdr)) {
        fail("cannot read", path);
    }
    fclose(file);
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)o->bytes;
    o->sections = (const Elf64_Shdr *)(o->bytes + head->e_shoff);
    o->count = head->e_shnum;
    o->names = (const char *)o->bytes + o->sections[head->e_shstrndx].sh_offset;
    for (unsigned i = 0; i < o->count; i++) {
        const Elf64_Shdr *s = &o->sections[i];
        if (s->sh_type == SHT_SYMTAB) {
            o->symbols = (const Elf64_Sym *)(o->bytes + s->sh_offset);
            o->symbol_count = (unsigned)(s->sh_size / sizeof *o->symbols);
            o->strings = (const char *)o->bytes + o->sections[s->sh_link].sh_offset;
        }
    }
}

static const char *section_name(const struct object *o, unsigned section) {
    return o->names + o->sections[section].sh_name;
}

static int find_section(const struct object *o, const char *prefix, const char *name) {
    size_t length = strlen(prefix);
    for (unsigned i = 0; i < o->count; i++) {
        const char *found = section_name(o, i);
        if (!strncmp(found, prefix, length) && !strcmp(found + length, name)) {
            return (int)i;
        }
    }
    return -1;
}

static unsigned function_number(struct table *t, const char *name) {
    for (unsigned i = 0; i < t->function_count; i++) {
        if (!strcmp(t->functions[i], name)) {
            return i;
        }
    }
    if (t->function_count == FUNCTIONS) {
        fail("too many functions", name);
    }
    t->functions[t->function_count] = name;
    return t->function_count++;
}

/* Where the bytes of a section with constants stand in the table's data. */
static uint32_t data_of_section(struct table *t, const struct object *o, unsigned section) {
    const Elf64_Shdr *s = &o->sections[section];
    if (!t->data_of[section]) {
        t->data_size = (t->data_size + 31) & ~31u;
        if (t->data_size + s->sh_size > sizeof t->data) {
            fail("too many constants", section_name(o, section));
        }
        memcpy(t->data + t->data_size, o->bytes + s->sh_offset, s->sh_size);
        t->data_of[section] = t->data_size + 1;
        t->data_size += (uint32_t)s->sh_size;
    }
    return t->data_of[section] - 1;
}

/* What a relocation's symbol stands for. */
static void resolve(struct table *t, const struct object *o, const Elf64_Sym *symbol,
                    const char *own, struct zf_patch *patch) {
    const char *name = o->strings + symbol->st_name;
    if (symbol->st_shndx == SHN_UNDEF) {
        for (unsigned i = 0; i < ZF_HOLES_NAMED; i++) {
            if (!strcmp(name, holes[i])) {
                patch->hole = (uint8_t)i;
                return;
            }
        }
        if (patch->type != ZF_PATCH_RELATIVE || patch->add != -4) {
            fail("not a call", name);
        }
        patch->hole = ZF_HOLE_FUNCTION;
        patch->add = (int32_t)function_number(t, name);
        return;
    }
    const char *section = section_name(o, symbol->st_shndx);
    bool cold = !strncmp(section, ".text.cold.", 11);
    patch->add += (int32_t)symbol->st_value;
    if (cold || !strncmp(section, ".text.", 6)) {
        if (strcmp(section + (cold ? 11 : 6), own) != 0) {
            fail("jumps elsewhere", own);
        }
        patch->hole = cold ? ZF_HOLE_COLD : ZF_HOLE_HOT;
        return;
    }
    patch->hole = ZF_HOLE_DATA;
    patch->add += (int32_t)data_of_section(t, o, symbol->st_shndx);
}

static uint8_t patch_type(unsigned type, const char *own, const Elf64_Sym *symbol,
                          const struct object *o) {
    switch (type) {
    case R_X86_64_32:
        if (!strcmp(o->strings + symbol->st_name, "HOLE_disp")) {
            fail("a displacement whose sign is lost", own);
        }
        return ZF_PATCH_32;
    case R_X86_64_32S:
        return ZF_PATCH_32;
    case R_X86_64_64:
        return ZF_PATCH_64;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        return ZF_PATCH_RELATIVE;
    default:
        fail("unknown relocation", own);
        return 0;
    }
}

/* One part of a stencil: its patches are written, what describes it is returned. */
static struct zf_stencil_part write_patches(struct table *t, const struct object *o, int section,
                                            const char *own) {
    struct zf_stencil_part part = {.code = t->code_size, .first = t->patch_count};
    if (section < 0) {
        return part;
    }
    part.size = (uint16_t)o->sections[section].sh_size;
    t->code_size += part.size;
    for (unsigned i = 0; i < o->count; i++) {
        const Elf64_Shdr *s = &o->sections[i];
        if (s->sh_type != SHT_RELA || s->sh_info != (unsigned)section) {
            continue;
        }
        const Elf64_Rela *r = (const Elf64_Rela *)(o->bytes + s->sh_offset);
        for (unsigned n = 0; n < s->sh_size / sizeof *r; n++) {
            const Elf64_Sym *symbol = &o->symbols[ELF64_R_SYM(r[n].r_info)];
            struct zf_patch patch = {
                .at = (uint16_t)r[n].r_offset,
                .type = patch_type((unsigned)ELF64_R_TYPE(r[n].r_info), own, symbol, o),
                .add = (int32_t)r[n].r_addend};
            resolve(t, o, symbol, own, &patch);
            printf("    {%u, %u, %u, %d},\n", patch.at, patch.hole, patch.type, patch.add);
            part.patches++;
        }
    }
    t->patch_count += part.patches;
    return part;
}

/* All stencils: patches first, then (`described`) what describes them. */
static bool is_stencil(const struct object *o, const Elf64_Sym *symbol) {
    const char *name = o->strings + symbol->st_name;
    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
           (name[0] == 's' || name[0] == 'p') && name[1] == '_' &&
           ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL;
}

static void write_part(const struct zf_stencil_part *part) {
    printf("{%u, %u, %u, %u}", part->code, part->size, part->patches, part->first);
}

static void write_descriptions(const struct object *o, const struct zf_stencil *stencils,
                               char kind) {
    for (unsigned i = 0; i < o->symbol_count; i++) {
        const char *name = o->strings + o->symbols[i].st_name;
        if (is_stencil(o, &o->symbols[i]) && name[0] == kind) {
            printf("    [ZF_%s_%s] = {", kind == 's' ? "OP" : "PART", name + 2);
            write_part(&stencils[i].hot);
            printf(", ");
            write_part(&stencils[i].cold);
            printf(", %u},\n", stencils[i].uses);
        }
    }
}

static void write_bytes(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        printf("%u,%s", bytes[i], i % 32 == 31 ? "\n" : "");
    }
}

static void write_code(const struct object *o) {
    for (unsigned i = 0; i < o->symbol_count; i++) {
        if (is_stencil(o, &o->symbols[i])) {
            const char *name = o->strings + o->symbols[i].st_name;
            const Elf64_Shdr *hot = &o->sections[o->symbols[i].st_shndx];
            int cold = find_section(o, ".text.cold.", name);
            write_bytes(o->bytes + hot->sh_offset, hot->sh_size);
            if (cold >= 0) {
                write_bytes(o->bytes + o->sections[cold].sh_offset, o->sections[cold].sh_size);
            }
            puts("");
        }
    }
}

static void write_rest(const struct object *o, const struct table *t,
                       const struct zf_stencil *stencils, const char *name) {
    puts("};\nstatic const struct zf_stencil ops[ZF_OP_COUNT] = {");
    write_descriptions(o, stencils, 's');
    puts("};\nstatic const struct zf_stencil parts[ZF_PART_COUNT] = {");
    write_descriptions(o, stencils, 'p');
    puts("};\nstatic const uint8_t code[] = {");
    write_code(o);
    puts("};\nstatic const uint8_t data[] __attribute__((aligned(32))) = {");
    write_bytes(t->data, t->data_size);
    puts("0};");
    for (unsigned i = 0; i < t->function_count; i++) {
        printf("extern const char function_%u[] __asm__(\"%s\");\n", i, t->functions[i]);
    }
    puts("static const void *const function[] = {");
    for (unsigned i = 0; i < t->function_count; i++) {
        printf("    function_%u,\n", i);
    }
    printf("};\nconst struct zf_stencil_table zf_stencils_%s = {\n"
           "    ops, parts, patches, code, data, %u, %u, function};\n",
           name, t->data_size, t->function_count);
}

/* What stencil_split.c found out of a stencil. */
static uint16_t uses_of(const struct object *o, const char *name) {
    for (unsigned i = 0; i < o->symbol_count; i++) {
        const char *found = o->strings + o->symbols[i].st_name;
        if (!strncmp(found, "uses_", 5) && !strcmp(found + 5, name)) {
            return (uint16_t)o->symbols[i].st_value;
        }
    }
    fail("no registers known of", name);
    return 0;
}

int main(int argc, char **argv) {
    static struct object o;
    static struct table t;
    if (argc != 3) {
        fail("usage", "stencil_table NAME FILE.o");
    }
    read_object(&o, argv[2]);
    t.data_of = calloc(o.count, sizeof *t.data_of);
    struct zf_stencil *stencils = calloc(o.symbol_count, sizeof *stencils);
    if (!t.data_of || !stencils) {
        fail("no memory", argv[2]);
    }
    puts("/* Written by stencil_table.c. */\n#include \"stencil_table.h\"\n\n"
         "#include \"zfacet/op.h\"\n\nstatic const struct zf_patch patches[] = {");
    for (unsigned i = 0; i < o.symbol_count; i++) {
        if (is_stencil(&o, &o.symbols[i])) {
            const char *name = o.strings + o.symbols[i].st_name;
            stencils[i].hot = write_patches(&t, &o, o.symbols[i].st_shndx, name);
            stencils[i].uses = uses_of(&o, name);
            stencils[i].cold = write_patches(&t, &o, find_section(&o, ".text.cold.", name), name);
        }
    }
    write_rest(&o, &t, stencils, argv[1]);
    free(stencils);
    free(t.data_of);
    free(o.bytes);
    return EXIT_SUCCESS;
}
