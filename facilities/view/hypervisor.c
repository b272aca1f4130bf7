/*
 * What STORE HYPERVISOR INFORMATION has for function code 0, capacity of CPs and IFLs: a header,
 * the machine, the partition. The layout is that of Linux's uapi/asm/sthyi.h; the values are those
 * of STORE SYSTEM INFORMATION, as there is nothing else that could know of weights and caps.
 */
#include "zfacet/guest_view.h"

enum {
    HEADER_LENGTH = 48,
    MACHINE_LENGTH = 64,
    PARTITION_LENGTH = 56,
    NO_PERFORMANCE_DATA = 0x80,
    COUNTS_VALID = 0x80,
    IDENTIFICATION_VALID = 0x40,
    PARTITION_NAMED = 0x10,
};

static void put_header(uint8_t *header) {
    header[0] = NO_PERFORMANCE_DATA;
    zf_put16(header + 8, HEADER_LENGTH + MACHINE_LENGTH + PARTITION_LENGTH);
    zf_put16(header + 10, HEADER_LENGTH);
    zf_put16(header + 12, HEADER_LENGTH);
    zf_put16(header + 14, MACHINE_LENGTH);
    zf_put16(header + 16, HEADER_LENGTH + MACHINE_LENGTH);
    zf_put16(header + 18, PARTITION_LENGTH);
}

/* From block 1.1.1: type, manufacturer, sequence code, plant. */
static void put_machine(const struct zf_guest_config *config, uint8_t *machine) {
    uint8_t block[ZF_SYSIB_LENGTH];
    zf_guest_sysib(config, ZF_CONFIG_MACHINE, 1, 1, 0, block);
    machine[2] = COUNTS_VALID | IDENTIFICATION_VALID;
    zf_put16(machine + 4, (uint16_t)zf_guest_cpus(config));
    memcpy(machine + 20, block + 48, 4);
    memcpy(machine + 24, block + 32, 16);
    memcpy(machine + 40, block + 80, 16);
    memcpy(machine + 56, block + 96, 4);
}

/* From block 2.2.2: number, name, configured CPUs. */
static void put_partition(const struct zf_guest_config *config, uint8_t *partition) {
    uint8_t block[ZF_SYSIB_LENGTH];
    zf_guest_sysib(config, ZF_CONFIG_PARTITION, 2, 2, 0, block);
    partition[2] = COUNTS_VALID | PARTITION_NAMED;
    memcpy(partition + 4, block + 32, 2);
    memcpy(partition + 6, block + 38, 2);
    memcpy(partition + 16, block + 44, 8);
}

void zf_guest_hypervisor_info(const struct zf_guest_config *config,
                              uint8_t block[ZF_SYSIB_LENGTH]) {
    memset(block, 0, ZF_SYSIB_LENGTH);
    put_header(block);
    put_machine(config, block + HEADER_LENGTH);
    put_partition(config, block + HEADER_LENGTH + MACHINE_LENGTH);
}
