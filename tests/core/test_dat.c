#include "zfacet/dat.h"
#include "zfacet/facility.h"
#include "zfacet/machine.h"

#include <criterion/criterion.h>

enum {
    STORAGE = 16 << 20,
    SEGMENTS = 0x100000, /* tables in absolute storage */
    PAGES = 0x104000,
    REGIONS = 0x108000,
    FRAMES = 0x200000,
};

static unsigned long long facilities_off; /* bit n - 64 * (n / 64) of those that tests turn off */

static bool has_facility(const struct zf_machine *machine, unsigned bit) {
    (void)machine;
    return bit >= 64 || !(facilities_off >> bit & 1);
}

static void put(struct zf_machine *machine, uint64_t at, uint64_t value) {
    zf_put64(machine->storage.ram + at, value);
}

/* Segment 0: 256 pages in FRAMES; segment table of full length after a region-third table. */
static struct zf_machine *machine_with_tables(void) {
    struct zf_error err;
    struct zf_machine_config config = {.storage_size = STORAGE,
                                       .frontend = {.has_facility = has_facility}};
    struct zf_machine *machine = zf_machine_create(&config, &err);
    cr_assert_not_null(machine);
    facilities_off = 0;
    for (unsigned i = 0; i < 2048; i++) {
        put(machine, SEGMENTS + 8 * i, ZF_SEGMENT_INVALID);
        put(machine, REGIONS + 8 * i, ZF_REGION_INVALID | 4);
    }
    for (unsigned i = 0; i < 256; i++) {
        put(machine, PAGES + 8 * i, FRAMES + i * ZF_PAGE_SIZE);
    }
    put(machine, SEGMENTS, PAGES);
    put(machine, REGIONS, SEGMENTS | 4 | 3);
    machine->cpus.cpu[0]->cr[1] = SEGMENTS | 3;
    return machine;
}

static uint16_t translate(struct zf_machine *machine, uint64_t address, enum zf_access access,
                          uint64_t *absolute) {
    struct zf_aaddr to = {0};
    bool cacheable;
    machine->cpus.cpu[0]->pgm = (struct zf_pgm){0};
    bool ok = zf_translate_in(machine->cpus.cpu[0], ZF_SPACE_PRIMARY, machine->cpus.cpu[0]->key,
                              (struct zf_vaddr){address}, access, &to, &cacheable);
    cr_assert_eq(ok, !machine->cpus.cpu[0]->pgm.code);
    *absolute = to.v;
    return machine->cpus.cpu[0]->pgm.code;
}

/* One change of a table, and what an access gives then. */
struct dat_case {
    const char *name;
    uint64_t entry_at, entry;
    uint64_t asce;
    uint64_t address;
    enum zf_access access;
    uint16_t pgm;
    uint64_t expected; /* absolute address, or translation-exception identification */
};

static const struct dat_case cases[] = {
    {"page", PAGES, FRAMES, SEGMENTS, 0x5123, ZF_ACCESS_READ, 0, FRAMES + 0x5123},
    {"real space", PAGES, FRAMES, SEGMENTS | ZF_ASCE_REAL, 0x5123, ZF_ACCESS_READ, 0, 0x5123},
    {"region third", PAGES, FRAMES, REGIONS | 4, 0x5123, ZF_ACCESS_READ, 0, FRAMES + 0x5123},
    {"region third length", PAGES, FRAMES, REGIONS | 4, UINT64_C(512) << 31, ZF_ACCESS_READ,
     ZF_PGM_REGION_THIRD, (UINT64_C(512) << 31) | 0x800},
    {"region third invalid", PAGES, FRAMES, REGIONS | 4, UINT64_C(1) << 31, ZF_ACCESS_READ,
     ZF_PGM_REGION_THIRD, (UINT64_C(1) << 31) | 0x800},
    {"ASCE type", PAGES, FRAMES, SEGMENTS | 3, UINT64_C(1) << 31, ZF_ACCESS_WRITE, ZF_PGM_ASCE_TYPE,
     (UINT64_C(1) << 31) | 0x400},
    {"segment length", PAGES, FRAMES, SEGMENTS, 512 << 20, ZF_ACCESS_READ,
     ZF_PGM_SEGMENT_TRANSLATION, (512 << 20) | 0x800},
    {"segment invalid", PAGES, FRAMES, SEGMENTS, 1 << 20, ZF_ACCESS_FETCH,
     ZF_PGM_SEGMENT_TRANSLATION, (1 << 20) | 0x800},
    {"segment type", SEGMENTS, PAGES | 4, SEGMENTS, 0x5123, ZF_ACCESS_READ, ZF_PGM_TRANSLATION_SPEC,
     0x5800},
    {"common segment", SEGMENTS, PAGES | 0x10, SEGMENTS | 0x100, 0x5123, ZF_ACCESS_READ,
     ZF_PGM_TRANSLATION_SPEC, 0x5800},
    {"segment protected", SEGMENTS, PAGES | 0x200, SEGMENTS, 0x5123, ZF_ACCESS_WRITE,
     ZF_PGM_PROTECTION, 0x5404},
    {"page invalid", PAGES + 40, 0x400, SEGMENTS, 0x5123, ZF_ACCESS_WRITE, ZF_PGM_PAGE_TRANSLATION,
     0x5400},
    {"page reserved", PAGES + 40, 0x800, SEGMENTS, 0x5123, ZF_ACCESS_READ, ZF_PGM_TRANSLATION_SPEC,
     0x5800},
    {"page protected", PAGES + 40, FRAMES | 0x200, SEGMENTS, 0x5123, ZF_ACCESS_WRITE,
     ZF_PGM_PROTECTION, 0x5404},
    {"page protected, read", PAGES + 40, FRAMES | 0x200, SEGMENTS, 0x5123, ZF_ACCESS_READ, 0,
     FRAMES + 0x123},
    {"no execution", PAGES + 40, FRAMES | 0x100, SEGMENTS, 0x5123, ZF_ACCESS_FETCH,
     ZF_PGM_PROTECTION, 0x5884},
    {"no execution, read", PAGES + 40, FRAMES | 0x100, SEGMENTS, 0x5123, ZF_ACCESS_READ, 0,
     FRAMES + 0x123},
    {"frame not there", PAGES + 40, 0x7ffff000, SEGMENTS, 0x5123, ZF_ACCESS_READ, ZF_PGM_ADDRESSING,
     0x5800},
    {"table not there", SEGMENTS, 0x7ffff000, SEGMENTS, 0x5123, ZF_ACCESS_READ, ZF_PGM_ADDRESSING,
     0x5800},
    {"large page", SEGMENTS, 0x500400, SEGMENTS, 0x5123, ZF_ACCESS_READ, 0, 0x505123},
    {"huge page", REGIONS, 0x400 | 4, REGIONS | 4, 0x705123, ZF_ACCESS_READ, 0, 0x705123},
    {"region protected", REGIONS, SEGMENTS | 0x200 | 4 | 3, REGIONS | 4, 0x5123, ZF_ACCESS_WRITE,
     ZF_PGM_PROTECTION, 0x5404},
};

Test(dat, cases) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        const struct dat_case *c = &cases[i];
        struct zf_machine *machine = machine_with_tables();
        machine->cpus.cpu[0]->cr[0] = ZF_CR0_ENHANCED_DAT | ZF_CR0_EXECUTION_PROTECTION;
        machine->cpus.cpu[0]->cr[1] = c->asce;
        put(machine, c->entry_at, c->entry);
        uint64_t absolute;
        cr_expect_eq(translate(machine, c->address, c->access, &absolute), c->pgm, "%s: code %x",
                     c->name, machine->cpus.cpu[0]->pgm.code);
        uint64_t got = c->pgm ? machine->cpus.cpu[0]->pgm.address : absolute;
        cr_expect_eq(got, c->expected, "%s: %llx", c->name, (unsigned long long)got);
        zf_machine_destroy(machine);
    }
}

/* The large-page bit means nothing without the facility or the control. */
Test(dat, large_pages_are_gated) {
    struct zf_machine *machine = machine_with_tables();
    uint64_t absolute;
    put(machine, SEGMENTS, PAGES | 0x400);
    machine->cpus.cpu[0]->cr[0] = ZF_CR0_ENHANCED_DAT;
    cr_expect_eq(translate(machine, 0x5123, ZF_ACCESS_READ, &absolute), 0);
    cr_expect_eq(absolute, (PAGES & ~0xfffff) + 0x5123);
    facilities_off = 1 << ZF_FACILITY_EDAT_1;
    cr_expect_eq(translate(machine, 0x5123, ZF_ACCESS_READ, &absolute), 0);
    cr_expect_eq(absolute, FRAMES + 0x5123);
    facilities_off = 0;
    machine->cpus.cpu[0]->cr[0] = 0;
    cr_expect_eq(translate(machine, 0x5123, ZF_ACCESS_READ, &absolute), 0);
    cr_expect_eq(absolute, FRAMES + 0x5123);
    zf_machine_destroy(machine);
}

struct key_case {
    const char *name;
    uint8_t storage_key;
    unsigned key;
    uint64_t address;
    uint64_t cr0;
    bool read, write;
};

static const struct key_case key_cases[] = {
    {"key 0", 0x18, 0, 0x5000, 0, true, true},
    {"same key", 0x18, 1, 0x5000, 0, true, true},
    {"other key", 0x10, 2, 0x5000, 0, true, false},
    {"fetch protection", 0x18, 2, 0x5000, 0, false, false},
    {"fetch override", 0x18, 2, 0x123, ZF_CR0_FETCH_OVERRIDE, true, false},
    {"fetch override from 2048", 0x18, 2, 0x800, ZF_CR0_FETCH_OVERRIDE, false, false},
    {"storage override", 0x98, 2, 0x5000, ZF_CR0_STORAGE_OVERRIDE, true, true},
    {"low address", 0x00, 0, 0x1ff, ZF_CR0_LOW_ADDRESS_PROTECTION, true, false},
    {"low address, after", 0x00, 0, 0x200, ZF_CR0_LOW_ADDRESS_PROTECTION, true, true},
    {"low address, second page", 0x00, 0, 0x1000, ZF_CR0_LOW_ADDRESS_PROTECTION, true, false},
};

Test(dat, keys_and_low_addresses) {
    struct zf_machine *machine = machine_with_tables();
    uint64_t absolute;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(key_cases); i++) {
        const struct key_case *c = &key_cases[i];
        uint64_t frame = (FRAMES + c->address) / ZF_PAGE_SIZE;
        uint8_t *key = &machine->storage.keys[frame];
        machine->cpus.cpu[0]->key = c->key;
        machine->cpus.cpu[0]->cr[0] = c->cr0;
        *key = c->storage_key;
        bool read = !translate(machine, c->address, ZF_ACCESS_READ, &absolute);
        cr_expect_eq(read, c->read, "%s", c->name);
        cr_expect_eq(*key & 6, read ? 4 : 0, "%s: reference bit", c->name);
        bool write = !translate(machine, c->address, ZF_ACCESS_WRITE, &absolute);
        cr_expect_eq(write, c->write, "%s", c->name);
        cr_expect_eq(!!(*key & 2), write, "%s: change bit", c->name);
    }
    zf_machine_destroy(machine);
}

/* A private space has no low-address protection. */
Test(dat, private_space) {
    struct zf_machine *machine = machine_with_tables();
    uint64_t absolute;
    machine->cpus.cpu[0]->cr[0] = ZF_CR0_LOW_ADDRESS_PROTECTION;
    cr_expect_eq(translate(machine, 0x10, ZF_ACCESS_WRITE, &absolute), ZF_PGM_PROTECTION);
    machine->cpus.cpu[0]->cr[1] |= ZF_ASCE_PRIVATE;
    cr_expect_eq(translate(machine, 0x10, ZF_ACCESS_WRITE, &absolute), 0);
    zf_machine_destroy(machine);
}

/* The soft TLB must not hide what a page's first access let through. */
Test(dat, tlb_keeps_low_address_protection) {
    struct zf_machine *machine = machine_with_tables();
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    cpu->cr[0] = ZF_CR0_LOW_ADDRESS_PROTECTION;
    cr_expect(zf_store(cpu, 0x300, 8, 1));
    cr_expect_not(zf_store(cpu, 0x100, 8, 1));
    cr_expect_eq(cpu->pgm.code, ZF_PGM_PROTECTION);
    zf_machine_destroy(machine);
}
