/*
 * Dynamic address translation and access checks: virtual to absolute.
 */
#include "zfacet/dat.h"

#include "zfacet/facility.h"
#include "zfacet/per.h"
#include "zfacet/watching.h"

/* Translation-exception identification beside the address. */
enum {
    TEID_FETCH = 0x800,
    TEID_STORE = 0x400,
    TEID_B56 = 0x80,
    TEID_B60 = 8,
    TEID_B61 = 4,
    PROTECTED_LOW_ADDRESS = TEID_B56,
    PROTECTED_NO_EXECUTE = TEID_B56 | TEID_B61,
    PROTECTED_KEY = TEID_B60,
    PROTECTED_DAT = TEID_B61,
    PROTECTED_ACCESS_LIST = TEID_B60 | TEID_B61,
};

enum { STORAGE_OVERRIDE_KEY = 9, FETCH_OVERRIDE_END = 2048 };

/* Table levels by the designation type: 3 to 1 regions first to third, 0 segments. */
enum { LEVEL_SEGMENT, LEVEL_REGION_THIRD, LEVEL_REGION_SECOND, LEVEL_REGION_FIRST };

uint64_t zf_space_asce(const struct zf_cpu *cpu, enum zf_space space) {
    if (space >= ZF_SPACE_AR_READ) {
        return cpu->ar_space[space - ZF_SPACE_AR_READ].asce;
    }
    return cpu->cr[space == ZF_SPACE_HOME ? 13 : space == ZF_SPACE_SECONDARY ? 7 : 1];
}

enum zf_space zf_access_space(const struct zf_cpu *cpu, enum zf_access access) {
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return ZF_SPACE_REAL;
    }
    switch (cpu->psw.mask & ZF_PSW_AS) {
    case ZF_PSW_AS_HOME:
        return ZF_SPACE_HOME;
    case ZF_PSW_AS_AR: {
        bool first = access == ZF_ACCESS_WRITE || access == ZF_ACCESS_READ_FIRST;
        enum zf_space space = (enum zf_space)cpu->ar_space[first].space;
        return access == ZF_ACCESS_FETCH || !space ? ZF_SPACE_PRIMARY : space;
    }
    case ZF_PSW_AS_SECONDARY:
        return access == ZF_ACCESS_FETCH ? ZF_SPACE_PRIMARY : ZF_SPACE_SECONDARY;
    default:
        return ZF_SPACE_PRIMARY;
    }
}

bool zf_spaces_differ(const struct zf_cpu *cpu) {
    return (cpu->psw.mask & (ZF_PSW_DAT | ZF_PSW_AS)) == (ZF_PSW_DAT | ZF_PSW_AS_AR) &&
           cpu->ar_differ;
}

void zf_record_store(struct zf_cpu *cpu, enum zf_space space, uint64_t address, uint64_t length) {
    static const enum zf_per_space spaces[] = {ZF_PER_PRIMARY, ZF_PER_PRIMARY, ZF_PER_SECONDARY,
                                               ZF_PER_HOME,    ZF_PER_AR,      ZF_PER_AR};
    if (cpu->mode & ZF_MODE_WATCHED) {
        zf_watching_note(cpu, space, address, length, true);
    }
    if (cpu->mode & ZF_MODE_PER) {
        zf_per_store(cpu, address, length, spaces[space],
                     space == ZF_SPACE_REAL ? 0 : zf_space_asce(cpu, space));
    }
}

static bool no_translation(struct zf_dat *dat, unsigned pgm) {
    dat->pgm = (uint16_t)pgm;
    return false;
}

/* The exception of a level whose entry cannot be used. */
static unsigned level_pgm(unsigned level) {
    static const uint8_t pgm[] = {ZF_PGM_SEGMENT_TRANSLATION, ZF_PGM_REGION_THIRD,
                                  ZF_PGM_REGION_SECOND, ZF_PGM_REGION_FIRST};
    return pgm[level];
}

/* 11 bits of the address; the segment index ends at bit 43. */
static unsigned table_index(uint64_t address, unsigned level) {
    return (unsigned)(address >> (20 + 11 * level)) & 0x7ff;
}

static bool fetch_entry(struct zf_cpu *cpu, uint64_t address, enum zf_dat_level level,
                        struct zf_dat *dat) {
    const uint8_t *p = zf_absolute(cpu->storage, (struct zf_aaddr){address}, 8);
    if (!p) {
        return no_translation(dat, ZF_PGM_ADDRESSING);
    }
    dat->entry = zf_get64(p);
    dat->entry_address = address;
    dat->level = level;
    return true;
}

/* A region or segment entry that describes a frame of its own. */
static bool large_frame(struct zf_dat *dat, uint64_t address, uint64_t size) {
    enum { KEY_VALID = 0x10000, KEY_SHIFT = 8 };
    dat->real = (dat->entry & ~(size - 1)) | (address & (size - 1));
    dat->absolute = true;
    dat->has_key = dat->entry & KEY_VALID;
    dat->key = (uint8_t)(dat->entry >> KEY_SHIFT) & (ZF_KEY_ACC | ZF_KEY_FETCH);
    dat->no_execute = dat->entry & ZF_ENTRY_NO_EXECUTE;
    return true;
}

static bool walk_page(struct zf_cpu *cpu, uint64_t address, struct zf_dat *dat) {
    enum { RESERVED = 0x800 };
    uint64_t at = (dat->entry & ZF_SEGMENT_ORIGIN) + (address >> 12 & 0xff) * 8;
    dat->table_protected = dat->write_protected;
    if (!fetch_entry(cpu, at, ZF_DAT_PAGE, dat)) {
        return false;
    }
    if (dat->entry & ZF_PAGE_INVALID) {
        dat->entry_invalid = true;
        return no_translation(dat, ZF_PGM_PAGE_TRANSLATION);
    }
    if (dat->entry & RESERVED) {
        return no_translation(dat, ZF_PGM_TRANSLATION_SPEC);
    }
    dat->write_protected |= (dat->entry & ZF_PAGE_PROTECTED) != 0;
    dat->no_execute = dat->entry & ZF_ENTRY_NO_EXECUTE;
    dat->real = (dat->entry & ZF_PAGE_FRAME) | (address & ~ZF_PAGE_MASK);
    return true;
}

/* What the entry of one level says: whether the walk goes on below it. */
static bool check_entry(struct zf_dat *dat, unsigned level, uint64_t asce) {
    if (dat->entry & ZF_REGION_INVALID) {
        dat->entry_invalid = true;
        return no_translation(dat, level_pgm(level));
    }
    if ((dat->entry & ZF_ASCE_TYPE) >> 2 != level ||
        (level == LEVEL_SEGMENT && dat->entry & ZF_SEGMENT_COMMON && asce & ZF_ASCE_PRIVATE)) {
        return no_translation(dat, ZF_PGM_TRANSLATION_SPEC);
    }
    return true;
}

static bool walk_tables(struct zf_cpu *cpu, uint64_t asce, uint64_t address, struct zf_dat *dat) {
    bool edat = cpu->cr[0] & ZF_CR0_ENHANCED_DAT && zf_cpu_has_facility(cpu, ZF_FACILITY_EDAT_1);
    unsigned level = (unsigned)(asce & ZF_ASCE_TYPE) >> 2;
    uint64_t origin = asce & ZF_ASCE_ORIGIN;
    unsigned first = 0, last = asce & ZF_TABLE_LENGTH;
    for (;; level--) {
        unsigned index = table_index(address, level);
        if (index >> 9 < first || index >> 9 > last) {
            return no_translation(dat, level_pgm(level));
        }
        if (!fetch_entry(cpu, origin + index * 8,
                         level == LEVEL_SEGMENT ? ZF_DAT_SEGMENT : ZF_DAT_REGION, dat) ||
            !check_entry(dat, level, asce)) {
            return false;
        }
        dat->write_protected |= edat && dat->entry & ZF_ENTRY_PROTECTED;
        if (level == LEVEL_REGION_THIRD && edat && dat->entry & ZF_ENTRY_FORMAT &&
            zf_cpu_has_facility(cpu, ZF_FACILITY_EDAT_2)) {
            return large_frame(dat, address, UINT64_C(1) << 31);
        }
        if (level == LEVEL_SEGMENT) {
            dat->write_protected |= (dat->entry & ZF_ENTRY_PROTECTED) != 0;
            return edat && dat->entry & ZF_ENTRY_FORMAT
                       ? large_frame(dat, address, UINT64_C(1) << 20)
                       : walk_page(cpu, address, dat);
        }
        origin = dat->entry & ZF_ASCE_ORIGIN;
        first = (unsigned)(dat->entry >> 6) & 3;
        last = dat->entry & ZF_TABLE_LENGTH;
    }
}

bool zf_dat_walk(struct zf_cpu *cpu, uint64_t asce, uint64_t address, struct zf_dat *dat) {
    *dat = (struct zf_dat){0};
    if (asce & ZF_ASCE_REAL) {
        dat->real = address;
        return true;
    }
    unsigned covered = 31 + 11 * ((unsigned)(asce & ZF_ASCE_TYPE) >> 2);
    if (covered < 64 && address >> covered) {
        return no_translation(dat, ZF_PGM_ASCE_TYPE);
    }
    return walk_tables(cpu, asce, address, dat);
}

struct zf_aaddr zf_dat_absolute(const struct zf_cpu *cpu, const struct zf_dat *dat) {
    return dat->absolute ? (struct zf_aaddr){dat->real}
                         : zf_prefix(cpu, (struct zf_raddr){dat->real});
}

bool zf_low_address_protected(const struct zf_cpu *cpu, uint64_t address, uint64_t asce) {
    const uint64_t protected_ranges = 0x11ff; /* 0-511 and 4096-4607 */
    return cpu->cr[0] & ZF_CR0_LOW_ADDRESS_PROTECTION && !(address & ~protected_ranges) &&
           !(asce & ZF_ASCE_PRIVATE);
}

bool zf_key_permits(const struct zf_cpu *cpu, unsigned key, uint8_t storage_key,
                    enum zf_access access) {
    unsigned acc = storage_key >> 4;
    if (!key || key == acc ||
        (acc == STORAGE_OVERRIDE_KEY && cpu->cr[0] & ZF_CR0_STORAGE_OVERRIDE)) {
        return true;
    }
    return access != ZF_ACCESS_WRITE && !(storage_key & ZF_KEY_FETCH);
}

/* One access that is being checked. */
struct attempt {
    struct zf_cpu *cpu;
    enum zf_space space;
    uint64_t address;
    enum zf_access access;
};

static bool access_exception(const struct attempt *a, unsigned pgm, unsigned details) {
    static const uint8_t space_id[] = {0, 0, 2, 3, 1, 1};
    bool by_list = a->space >= ZF_SPACE_AR_READ;
    uint64_t teid = (a->address & ZF_PAGE_MASK) | space_id[a->space];
    if (zf_cpu_has_facility(a->cpu, ZF_FACILITY_ACCESS_FETCH_STORE)) {
        teid |= a->access == ZF_ACCESS_WRITE ? TEID_STORE : TEID_FETCH;
    }
    if (!zf_cpu_has_facility(a->cpu, ZF_FACILITY_SIDE_EFFECT_ACCESS)) {
        details &= details == PROTECTED_DAT || details == PROTECTED_ACCESS_LIST ? TEID_B61 : 0;
    }
    a->cpu->pgm.address = teid | details;
    a->cpu->pgm.access_id = by_list ? a->cpu->ar_space[a->space - ZF_SPACE_AR_READ].ar : 0;
    return zf_pgm(a->cpu, (enum zf_pgm_code)pgm);
}

/* Key-controlled protection, and the reference and change bits when it permits the access. */
static bool check_key(const struct attempt *a, unsigned key, const struct zf_dat *dat,
                      uint64_t asce, uint64_t absolute, bool *cacheable) {
    struct zf_cpu *cpu = a->cpu;
    uint8_t *storage_key = &cpu->storage->keys[absolute / ZF_PAGE_SIZE];
    const uint8_t page_key = __atomic_load_n(storage_key, __ATOMIC_RELAXED);
    if (!zf_key_permits(cpu, key, dat->has_key ? dat->key : page_key, a->access)) {
        if (a->access == ZF_ACCESS_WRITE || !(cpu->cr[0] & ZF_CR0_FETCH_OVERRIDE) ||
            a->address >= FETCH_OVERRIDE_END || asce & ZF_ASCE_PRIVATE) {
            return access_exception(a, ZF_PGM_PROTECTION, PROTECTED_KEY);
        }
        *cacheable = false;
    }
    uint8_t bits = ZF_KEY_REFERENCE | (a->access == ZF_ACCESS_WRITE ? ZF_KEY_CHANGE : 0);
    if (~page_key & bits) {
        __atomic_fetch_or(storage_key, bits, __ATOMIC_RELAXED);
    }
    return true;
}

bool zf_translate_in(struct zf_cpu *cpu, enum zf_space space, unsigned key, struct zf_vaddr address,
                     enum zf_access access, struct zf_aaddr *absolute, bool *cacheable) {
    const struct attempt a = {cpu, space, address.v, access};
    uint64_t asce = space == ZF_SPACE_REAL ? 0 : zf_space_asce(cpu, space);
    bool write = access == ZF_ACCESS_WRITE;
    struct zf_dat dat = {.real = address.v};
    *cacheable = true;
    if (write && cpu->cr[0] & ZF_CR0_LOW_ADDRESS_PROTECTION && address.v < 2 * ZF_PAGE_SIZE) {
        *cacheable = false;
        if (zf_low_address_protected(cpu, address.v, asce)) {
            return access_exception(&a, ZF_PGM_PROTECTION, PROTECTED_LOW_ADDRESS);
        }
    }
    if (space != ZF_SPACE_REAL && !zf_dat_walk(cpu, asce, address.v, &dat)) {
        return access_exception(&a, dat.pgm, 0);
    }
    if (write && dat.write_protected) {
        return access_exception(&a, ZF_PGM_PROTECTION, PROTECTED_DAT);
    }
    if (write && space == ZF_SPACE_AR_WRITE && cpu->ar_space[1].fetch_only) {
        return access_exception(&a, ZF_PGM_PROTECTION, PROTECTED_ACCESS_LIST);
    }
    if (access == ZF_ACCESS_FETCH && dat.no_execute && cpu->cr[0] & ZF_CR0_EXECUTION_PROTECTION &&
        zf_cpu_has_facility(cpu, ZF_FACILITY_EXECUTION_PROTECTION)) {
        return access_exception(&a, ZF_PGM_PROTECTION, PROTECTED_NO_EXECUTE);
    }
    *absolute = zf_dat_absolute(cpu, &dat);
    if (!cpu->storage->keys || absolute->v >= cpu->storage->size) {
        return access_exception(&a, ZF_PGM_ADDRESSING, 0);
    }
    return check_key(&a, key, &dat, asce, absolute->v, cacheable);
}

bool zf_translate(struct zf_cpu *cpu, struct zf_vaddr address, enum zf_access access,
                  struct zf_aaddr *absolute, bool *cacheable) {
    return zf_translate_in(cpu, zf_access_space(cpu, access), cpu->key, address, access, absolute,
                           cacheable);
}
