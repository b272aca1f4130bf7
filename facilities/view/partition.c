/*
 * What DIAGNOSE X'204' and X'224' say of the machine: one partition, this one, and its CPUs. The
 * layouts are those of Linux's asm/diag.h, simple and extended.
 */
#include "zfacet/guest_view.h"

#include "view/ebcdic.h"

enum { KIND_IFL = 1, NAME_LENGTH = 16, PARTITION = 1, WEIGHT = 100, PAGE = 4096 };

/* Lengths of the blocks in the two formats. */
static const struct layout {
    uint8_t header, partition, cpu;
} layouts[] = {{16, 16, 24}, {64, 96, 112}};

static size_t length_of(const struct zf_guest_config *config, bool extended) {
    const struct layout *l = &layouts[extended];
    return l->header + l->partition + (size_t)zf_guest_cpus(config) * l->cpu;
}

unsigned zf_guest_partition_pages(const struct zf_guest_config *config, bool extended) {
    return (unsigned)((length_of(config, extended) + PAGE - 1) / PAGE);
}

static void put_header(const struct zf_guest_config *config, bool extended, uint64_t tod,
                       uint8_t *block) {
    block[0] = 1; /* partitions */
    zf_put16(block + 4, (uint16_t)zf_guest_cpus(config));
    zf_put16(block + 6, layouts[extended].header); /* where this partition is */
    zf_put64(block + 8, tod);
    if (extended) {
        zf_put64(block + 16, tod);
    }
}

static void put_partition(const struct zf_guest_config *config, bool extended, uint8_t *block) {
    block[0] = PARTITION;
    block[1] = (uint8_t)zf_guest_cpus(config);
    zf_ebcdic_put(block + 8, 8, "ZFACET");
    if (extended) {
        block[2] = (uint8_t)zf_guest_cpus(config);
        zf_put64(block + 32, config->memory >> 20);
        block[48] = PARTITION;
    }
}

static void put_cpu(unsigned address, bool extended, uint8_t *block) {
    zf_put16(block, (uint16_t)address);
    block[4] = KIND_IFL;
    zf_put16(block + 6, WEIGHT);
    if (extended) {
        zf_put16(block + 24, WEIGHT);
        zf_put16(block + 26, WEIGHT);
        zf_put16(block + 28, WEIGHT);
    }
}

void zf_guest_partitions(const struct zf_guest_config *config, bool extended, uint64_t tod,
                         uint8_t *block) {
    const struct layout *l = &layouts[extended];
    memset(block, 0, (size_t)zf_guest_partition_pages(config, extended) * PAGE);
    put_header(config, extended, tod, block);
    put_partition(config, extended, block + l->header);
    block += l->header + l->partition;
    for (unsigned n = 0; n < zf_guest_cpus(config); n++, block += l->cpu) {
        put_cpu(n, extended, block);
    }
}

void zf_guest_cpu_names(uint8_t *block) {
    static const char *const names[] = {"CP", "IFL"};
    memset(block, 0, PAGE);
    block[0] = ZF_ARRAY_LENGTH(names);
    for (unsigned n = 0; n < ZF_ARRAY_LENGTH(names); n++) {
        zf_ebcdic_put(block + (n + 1) * NAME_LENGTH, NAME_LENGTH, names[n]);
    }
}
