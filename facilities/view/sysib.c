/*
 * The system-information blocks of STORE SYSTEM INFORMATION, at the offsets that the book gives.
 */
#include "zfacet/guest_view.h"

#include "view/ebcdic.h"

#include <stdio.h>

enum {
    CAPABILITY = 1000,          /* relative; a smaller number is a faster CPU */
    CAPACITY_ADJUSTMENT = 1000, /* thousandths of the capability that the configuration has */
};

enum zf_config_level zf_guest_config_level(const struct zf_guest_config *config) {
    return ZF_CONFIG_VIRTUAL;
}

static void put_sequence(const struct zf_guest_config *config, uint8_t *block) {
    zf_ebcdic_put(block + 80, 16, config->sequence ? config->sequence : "0000000000000000");
    zf_ebcdic_put(block + 96, 4, config->plant ? config->plant : "ZF");
}

/* 1.1.1: basic machine configuration. */
static void basic_machine(const struct zf_guest_config *config, uint8_t *block) {
    char type[8];
    snprintf(type, sizeof type, "%04x", config->model->machine->type);
    zf_ebcdic_put(block + 32, 16, "ZFACET");
    zf_ebcdic_put(block + 48, 4, type);
    zf_ebcdic_put(block + 64, 16, "ZFACET");
    put_sequence(config, block);
    zf_ebcdic_put(block + 100, 16, "ZFACET");
}

/* 1.2.1 and 2.2.1: one CPU of the machine or of the partition. */
static void one_cpu(const struct zf_guest_config *config, unsigned cpu, uint8_t *block) {
    put_sequence(config, block);
    zf_put16(block + 100, (uint16_t)cpu);
}

static void put_cpu_counts(uint8_t *counts, unsigned cpus) {
    zf_put16(counts, (uint16_t)cpus);     /* total */
    zf_put16(counts + 2, (uint16_t)cpus); /* configured; standby and reserved: none */
}

/* 1.2.2: the CPUs of the machine. */
static void machine_cpus(const struct zf_guest_config *config, uint8_t *block) {
    unsigned cpus = zf_guest_cpus(config);
    zf_put32(block + 32, CAPABILITY);
    put_cpu_counts(block + 36, cpus);
    for (unsigned i = 1; i < cpus; i++) {
        zf_put16(block + 44 + 2 * (i - 1), CAPACITY_ADJUSTMENT);
    }
}

/* 2.2.2: the CPUs of the partition. */
static void partition_cpus(const struct zf_guest_config *config, uint8_t *block) {
    enum { SHARED = 0x40 };
    unsigned cpus = zf_guest_cpus(config);
    zf_put16(block + 32, 1); /* number of the partition */
    block[35] = SHARED;
    put_cpu_counts(block + 36, cpus);
    zf_ebcdic_put(block + 44, 8, "ZFACET");
    zf_put32(block + 52, CAPACITY_ADJUSTMENT);
    zf_put16(block + 74, (uint16_t)cpus);
}

/* 3.2.2: the virtual machine; one level of virtualization. */
static void virtual_machine(const struct zf_guest_config *config, uint8_t *block) {
    uint8_t *machine = block + 32;
    block[31] = 1;
    put_cpu_counts(machine + 4, zf_guest_cpus(config));
    zf_ebcdic_put(machine + 12, 8, config->name ? config->name : "ZFACET");
    zf_put32(machine + 20, CAPACITY_ADJUSTMENT);
    zf_ebcdic_put(machine + 24, 16, "ZFACET");
    memcpy(machine + 48, config->uuid, sizeof config->uuid);
}

unsigned zf_guest_nesting(const struct zf_guest_config *config) {
    enum { WITH_DRAWERS = 13 };
    return zf_level_generation(config->model->machine->level) >= WITH_DRAWERS ? 4 : 3;
}

/*
 * 15.1.n: CPUs in n - 1 containers, one in the other: a socket, a book, and a drawer from z13 on.
 * There is one of each.
 */
static bool topology(const struct zf_guest_config *config, unsigned nesting, uint8_t *block) {
    enum {
        LENGTH = 2,
        COUNTS = 4,
        LEVELS = 6,
        NESTING = 11,
        FIRST = 16,
        MASK_BITS = 64,
        IFL = 3,    /* what KVM calls its CPUs */
        MEDIUM = 2, /* entitlement of CPUs with vertical polarization */
    };
    unsigned cpus = zf_guest_cpus(config), at = FIRST;
    if (nesting < 2 || nesting > zf_guest_nesting(config)) {
        return false;
    }
    block[NESTING] = (uint8_t)nesting;
    block[COUNTS + LEVELS - 1] = (uint8_t)cpus;
    /* containers of eight bytes, with their numbers */
    for (unsigned level = nesting - 1; level; level--) {
        block[COUNTS + LEVELS - 1 - level] = 1;
        block[at] = (uint8_t)level;
        block[at + 7] = 1;
        at += 8;
    }
    for (unsigned first = 0; first < cpus; first += MASK_BITS) {
        uint64_t mask = 0;
        for (unsigned n = first; n < cpus && n < first + MASK_BITS; n++) {
            mask |= zf_guest_is_standby(config, n) ? 0 : ZF_BIT64(n - first);
        }
        block[at + 4] = config->vertical ? MEDIUM : 0;
        block[at + 5] = IFL;
        zf_put16(block + at + 6, (uint16_t)first);
        zf_put64(block + at + 8, mask);
        at += 16;
    }
    zf_put16(block + LENGTH, (uint16_t)at);
    return true;
}

bool zf_guest_sysib(const struct zf_guest_config *config, enum zf_config_level fc,
                    unsigned selector1, unsigned selector2, unsigned cpu,
                    uint8_t block[ZF_SYSIB_LENGTH]) {
    memset(block, 0, ZF_SYSIB_LENGTH);
    if (fc == ZF_CONFIG_TOPOLOGY) {
        return selector1 == 1 && topology(config, selector2, block);
    }
    switch (fc << 8 | selector1 << 4 | selector2) {
    case 0x111:
        basic_machine(config, block);
        return true;
    case 0x121:
        one_cpu(config, cpu, block);
        return true;
    case 0x122:
        machine_cpus(config, block);
        return true;
    case 0x221:
        one_cpu(config, cpu, block);
        zf_put16(block + 102, (uint16_t)cpu);
        return true;
    case 0x222:
        partition_cpus(config, block);
        return true;
    case 0x322:
        virtual_machine(config, block);
        return true;
    default:
        return false;
    }
}
