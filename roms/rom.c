#include "zfacet/rom.h"

/* The images are data of this unit; the assembler reads them in. */
#define ROM(id, name, probes, summary)                                                             \
    __asm__(".section .rodata\n"                                                                   \
            ".balign 16\n"                                                                         \
            "zf_rom_" #id "_begin:\n"                                                              \
            ".incbin \"" ZF_ROM_IMAGES "/" name ".elf\"\n"                                         \
            "zf_rom_" #id "_end:\n"                                                                \
            ".balign 8\n"                                                                          \
            "zf_rom_" #id "_size:\n"                                                               \
            ".quad zf_rom_" #id "_end - zf_rom_" #id "_begin\n"                                    \
            ".previous\n");                                                                        \
    extern const uint8_t zf_rom_##id##_begin[];                                                    \
    extern const uint64_t zf_rom_##id##_size;
#include "rom.def"
#undef ROM

static const struct {
    const char *name, *summary;
    bool probes;
    const uint8_t *bytes;
    const uint64_t *size;
} roms[] = {
#define ROM(id, name, probes, summary)                                                             \
    {name, summary, probes, zf_rom_##id##_begin, &zf_rom_##id##_size},
#include "rom.def"
#undef ROM
};

bool zf_rom_at(unsigned i, struct zf_rom *rom) {
    if (i >= ZF_ARRAY_LENGTH(roms)) {
        return false;
    }
    *rom = (struct zf_rom){
        .name = roms[i].name,
        .bytes = roms[i].bytes,
        .size = *roms[i].size,
        .summary = roms[i].summary,
        .probes = roms[i].probes,
    };
    return true;
}

bool zf_rom_find(const char *name, struct zf_rom *rom) {
    for (unsigned i = 0; zf_rom_at(i, rom); i++) {
        if (!strcmp(rom->name, name)) {
            return true;
        }
    }
    return false;
}

__asm__(".section .rodata\n"
        "zf_rom_manifest_text:\n"
        ".incbin \"" ZF_ROM_MANIFEST "\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char zf_rom_manifest_text[];

const char *zf_rom_manifest(void) {
    return zf_rom_manifest_text;
}
