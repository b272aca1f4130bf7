/*
 * Dynamic address translation and access checks, for what is not an ordinary access: other keys,
 * other address spaces, and instructions that look at the translation itself.
 */
#ifndef ZFACET_DAT_H
#define ZFACET_DAT_H

#include "zfacet/cpus.h"
#include "zfacet/storage.h"

/* Bits of table entries and of address-space-control elements. */
#define ZF_ASCE_ORIGIN (~UINT64_C(0xfff))
#define ZF_ASCE_PRIVATE UINT64_C(0x100)
#define ZF_ASCE_REAL UINT64_C(0x20)
#define ZF_ASCE_TYPE UINT64_C(0xc)
#define ZF_TABLE_LENGTH UINT64_C(3)
#define ZF_REGION_INVALID UINT64_C(0x20)
#define ZF_SEGMENT_INVALID UINT64_C(0x20)
#define ZF_SEGMENT_COMMON UINT64_C(0x10)
#define ZF_SEGMENT_ORIGIN (~UINT64_C(0x7ff))
#define ZF_ENTRY_FORMAT UINT64_C(0x400) /* the entry describes a large frame */
#define ZF_ENTRY_PROTECTED UINT64_C(0x200)
#define ZF_ENTRY_NO_EXECUTE UINT64_C(0x100)
#define ZF_PAGE_INVALID UINT64_C(0x400)
#define ZF_PAGE_PROTECTED UINT64_C(0x200)
#define ZF_PAGE_FRAME (~UINT64_C(0xfff))

/* Bits of control register 0 that accesses depend on. */
#define ZF_CR0_LOW_ADDRESS_PROTECTION ZF_BIT64(35)
#define ZF_CR0_FETCH_OVERRIDE ZF_BIT64(38)
#define ZF_CR0_STORAGE_OVERRIDE ZF_BIT64(39)

/* Storage key, as zf_storage.keys and the key instructions have it. */
enum { ZF_KEY_ACC = 0xf0, ZF_KEY_FETCH = 8, ZF_KEY_REFERENCE = 4, ZF_KEY_CHANGE = 2 };

enum zf_space {
    ZF_SPACE_REAL,
    ZF_SPACE_PRIMARY,
    ZF_SPACE_SECONDARY,
    ZF_SPACE_HOME,
    ZF_SPACE_AR_READ, /* by an access list: zf_cpu.ar_space has it */
    ZF_SPACE_AR_WRITE,
};

/* How far a translation came. */
enum zf_dat_level { ZF_DAT_REGION, ZF_DAT_SEGMENT, ZF_DAT_PAGE };

/* The result of a walk through the tables. */
struct zf_dat {
    uint16_t pgm;            /* enum zf_pgm_code when there is no translation, else 0 */
    bool entry_invalid;      /* because the I bit is one in `entry` */
    uint64_t real;           /* the address */
    bool absolute;           /* it is absolute, not real: a large frame knows no prefixing */
    uint64_t entry_address;  /* of the last entry that was looked at, absolute */
    uint64_t entry;          /* and what it holds */
    enum zf_dat_level level; /* of that entry */
    bool write_protected;
    bool table_protected; /* by an entry above the page's */
    bool no_execute;
    bool has_key; /* `key` (access-control and fetch-protection bits) replaces the storage key */
    uint8_t key;
};

/** Translates a virtual address by `asce`; returns !dat->pgm. Makes no access, sets no condition.
 */
bool zf_dat_walk(struct zf_cpu *cpu, uint64_t asce, uint64_t address, struct zf_dat *dat);

/** The absolute address that a walk led to. */
struct zf_aaddr zf_dat_absolute(const struct zf_cpu *cpu, const struct zf_dat *dat);

/** The ASCE of a space other than ZF_SPACE_REAL. */
uint64_t zf_space_asce(const struct zf_cpu *cpu, enum zf_space space);

/** The space that the PSW asks for; in access-register mode that of the instruction's operands. */
enum zf_space zf_access_space(const struct zf_cpu *cpu, enum zf_access access);

/**
 * As zf_translate(), for a given space and access key. Instructions that move between keys and
 * spaces use it; a store through the result must be told to zf_code_changed().
 */
bool zf_translate_in(struct zf_cpu *cpu, enum zf_space space, unsigned key, struct zf_vaddr address,
                     enum zf_access access, struct zf_aaddr *absolute, bool *cacheable);

/** For program-event recording, and for who watches accesses: a store that is made. */
void zf_record_store(struct zf_cpu *cpu, enum zf_space space, uint64_t address, uint64_t length);

/** Whether key-controlled protection lets `key` make the access to storage with `storage_key`. */
bool zf_key_permits(const struct zf_cpu *cpu, unsigned key, uint8_t storage_key,
                    enum zf_access access);

/** Whether low-address protection forbids to store there. `asce`: 0 when DAT is off. */
bool zf_low_address_protected(const struct zf_cpu *cpu, uint64_t address, uint64_t asce);

#endif
