/*
 * The guests that zfacet has inside, as built images.
 */
#ifndef ZFACET_ROM_H
#define ZFACET_ROM_H

#include "zfacet/base.h"

struct zf_rom {
    const char *name;
    const uint8_t *bytes; /* a bare-metal ELF */
    size_t size;
    const char *summary;
    bool probes; /* it tries what may not be executed, and wants an exception then */
};

/** ROM `i` in the order of rom.def; false after the last one. */
bool zf_rom_at(unsigned i, struct zf_rom *rom);

/** The ROM called `name`; false when there is none. */
bool zf_rom_find(const char *name, struct zf_rom *rom);

/** The manifest that says what each ROM does on which models: see 'zfacet help suite'. */
const char *zf_rom_manifest(void);

#endif
