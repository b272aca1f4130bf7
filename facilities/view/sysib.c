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

bool zf_guest_sysib(const struct zf_guest_config *config, enum zf_config_level fc,
                    unsigned selector1, unsigned selector2, unsigned cpu,
                    uint8_t block[ZF_SYSIB_LENGTH]) {
    memset(block, 0, ZF_SYSIB_LENGTH);
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
