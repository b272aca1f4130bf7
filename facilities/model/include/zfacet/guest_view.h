/*
 * What a guest sees of its model and configuration: STIDP, STFL, STFLE, STSI, and what SCLP reads.
 * Pure functions from a model and a description of the configuration to bytes.
 */
#ifndef ZFACET_GUEST_VIEW_H
#define ZFACET_GUEST_VIEW_H

#include "zfacet/model.h"

#include <stdint.h>

/* The levels at which STSI tells of the configuration. */
enum zf_config_level {
    ZF_CONFIG_MACHINE = 1,
    ZF_CONFIG_PARTITION = 2,
    ZF_CONFIG_VIRTUAL = 3,
    ZF_CONFIG_TOPOLOGY = 15, /* of the CPUs: no level of its own */
};

enum { ZF_CPU_LIMIT = 248 };

/* A configuration. Strings are ASCII; they are cut and padded with blanks as the block needs. */
struct zf_guest_config {
    const struct zf_model *model;
    uint32_t identification; /* 24 bits, the middle of what STIDP stores */
    uint8_t version;         /* the first byte of what STIDP stores; 0xff under a hypervisor */
    unsigned cpus;           /* configured, addresses 0 to cpus - 1; taken as 1 to ZF_CPU_LIMIT */
    uint64_t memory;         /* bytes of absolute storage */
    uint16_t lowest_ibc;     /* what SCLP tells as lowest; 0: IBC is not told at all */
    uint16_t unblocked_ibc;  /* what SCLP tells as unblocked */
    const char *sequence;    /* of the machine, up to 16 characters */
    const char *plant;       /* up to 4 characters */
    const char *name;        /* of the guest, up to 8 characters */
    const char *loadparm;    /* up to 8 characters */
    uint8_t uuid[16];        /* of the virtual machine; zero: none */
    const uint64_t *standby; /* CPUs that are not configured, a bit each; NULL: none */
    bool vertical;           /* polarization of the CPUs */
};

static inline unsigned zf_guest_cpus(const struct zf_guest_config *config) {
    return config->cpus < 1 ? 1 : config->cpus > ZF_CPU_LIMIT ? ZF_CPU_LIMIT : config->cpus;
}

/** Whether the CPU is on standby: known, but not configured. */
static inline bool zf_guest_is_standby(const struct zf_guest_config *config, unsigned cpu) {
    return config->standby && config->standby[cpu / 64] >> cpu % 64 & 1;
}

/** The doubleword that STORE CPU ID stores. */
uint64_t zf_guest_cpu_id(const struct zf_guest_config *config);

/** The word that STORE FACILITY LIST stores at real location 200. */
uint32_t zf_guest_facility_word(const struct zf_model *model);

/**
 * STORE FACILITY LIST EXTENDED with room for `offered` doublewords (1 to 256): writes big-endian
 * doublewords to `list`, the number needed to `*needed`, returns the condition code, 0 or 3.
 */
unsigned zf_guest_facility_list(const struct zf_model *model, unsigned offered, uint8_t *list,
                                unsigned *needed);

enum { ZF_SYSIB_LENGTH = 4096 };

/**
 * STORE SYSTEM INFORMATION: the block for function code `fc` with `selector1` and `selector2`, for
 * the CPU with address `cpu`. False when there is no such block (condition code 3).
 */
bool zf_guest_sysib(const struct zf_guest_config *config, enum zf_config_level fc,
                    unsigned selector1, unsigned selector2, unsigned cpu,
                    uint8_t block[ZF_SYSIB_LENGTH]);

/** How deep STSI 15.1 nests CPUs at most; SCLP says so, too. */
unsigned zf_guest_nesting(const struct zf_guest_config *config);

/** The highest level at which STSI has blocks: what function code 0 returns. */
enum zf_config_level zf_guest_config_level(const struct zf_guest_config *config);

/* A cache level as EXTRACT CPU ATTRIBUTE has it. */
struct zf_guest_cache {
    uint8_t topology; /* scope in bits 4-5, 1 private, 2 shared; type in bits 6-7, 3 unified */
    uint32_t kib[2];  /* data or unified, and instructions */
    uint8_t ways[2];
};
enum { ZF_CACHE_LEVELS = 4 };

/** The caches of a model's machine, by level; those that it does not have are all zero. */
const struct zf_guest_cache *zf_guest_caches(const struct zf_model *model);

/** DIAGNOSE X'204': pages that it takes, and what is in them; X'224': a page of names. */
unsigned zf_guest_partition_pages(const struct zf_guest_config *config, bool extended);
void zf_guest_partitions(const struct zf_guest_config *config, bool extended, uint64_t tod,
                         uint8_t *block);
void zf_guest_cpu_names(uint8_t *block);

/** STORE HYPERVISOR INFORMATION, function code 0. */
void zf_guest_hypervisor_info(const struct zf_guest_config *config, uint8_t block[ZF_SYSIB_LENGTH]);

/**
 * SCLP READ SCP INFO: fills `sccb` of `length` bytes (the caller's header field included) with the
 * response and its code. Returns the number of bytes that the response takes or would take.
 */
unsigned zf_guest_scp_info(const struct zf_guest_config *config, uint8_t *sccb, unsigned length);

/** SCLP READ CPU INFO, as above. */
unsigned zf_guest_cpu_info(const struct zf_guest_config *config, uint8_t *sccb, unsigned length);

/** Increment size in bytes of the storage that SCLP tells of: a power of two from 1 MiB up. */
uint64_t zf_guest_storage_increment(uint64_t memory);

/**
 * What Linux tells a program in AT_HWCAP: the model's facilities, without those whose instructions
 * zfacet does not execute.
 */
uint64_t zf_guest_hwcap(const struct zf_model *model);

/** Linux's name of a bit of AT_HWCAP, counted from the right; NULL after the last. */
const char *zf_guest_hwcap_name(unsigned shift);

/** The facilities that the bit stands for; how many: 2, which may be the same, or 0. */
unsigned zf_guest_hwcap_facilities(unsigned shift, uint8_t facilities[2]);

enum { ZF_CPUINFO_LENGTH = 5120 + 512 * 80 };

/** What Linux shows in /proc/cpuinfo; ZF_CPUINFO_LENGTH bytes are enough for every model and 512
 * CPUs. */
void zf_guest_cpuinfo(const struct zf_model *model, unsigned cpus, char *text, size_t size);

/** What Linux tells a program in AT_PLATFORM: "z900" to "z17". */
const char *zf_guest_platform(const struct zf_model *model);

#endif
