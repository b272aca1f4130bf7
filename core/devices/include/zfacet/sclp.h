/*
 * The service-call logical processor (SCLP): what SERVICE CALL asks of it.
 */
#ifndef ZFACET_SCLP_H
#define ZFACET_SCLP_H

#include "zfacet/cpus.h"
#include "zfacet/device.h"

struct zf_sclp;

/* What of the configuration changes while the guest runs, and the guest asks for. */
struct zf_configuration {
    uint64_t standby[ZF_CPUS / 64]; /* CPUs that are not configured, a bit each */
    bool vertical;                  /* the CPUs' polarization; else horizontal */
    bool topology_changed;          /* which the guest has not been told */
};

/* Fills in what a guest reads of its configuration; as zf_guest_scp_info() and its sister do. */
struct zf_sclp_information {
    const void *context;
    unsigned (*scp)(const void *context, uint8_t *sccb, unsigned length);
    unsigned (*cpu)(const void *context, uint8_t *sccb, unsigned length);
};

/** The SCLP of a machine, as a device of it; its service signals are for any CPU. NULL: no memory.
 */
struct zf_sclp *zf_sclp_create(struct zf_cpus *cpus);
struct zf_device *zf_sclp_device(struct zf_sclp *sclp);

/** The configuration; changed with the claim. */
struct zf_configuration *zf_sclp_configuration(struct zf_sclp *sclp);

static inline bool zf_cpu_is_standby(const struct zf_configuration *c, unsigned address) {
    return c->standby[address / 64] >> address % 64 & 1;
}

/**
 * SERVICE CALL with the command word and the SCCB's absolute address. Returns the condition code,
 * or -1 with cpu->pgm set. The command is done at once; its service signal is pending then.
 */
int zf_sclp_service(struct zf_sclp *sclp, struct zf_cpu *cpu, uint32_t command, uint64_t sccb,
                    const struct zf_sclp_information *information);

#endif
