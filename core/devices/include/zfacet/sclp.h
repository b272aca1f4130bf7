/*
 * The service-call logical processor (SCLP): what SERVICE CALL asks of it.
 */
#ifndef ZFACET_SCLP_H
#define ZFACET_SCLP_H

#include "zfacet/cpu.h"
#include "zfacet/error.h"
#include "zfacet/stream.h"

struct zf_sclp;

/* Fills in what a guest reads of its configuration; as zf_guest_scp_info() and its sister do. */
struct zf_sclp_information {
    const void *context;
    unsigned (*scp)(const void *context, uint8_t *sccb, unsigned length);
    unsigned (*cpu)(const void *context, uint8_t *sccb, unsigned length);
};

/** The SCLP of a machine; `cpu` gets its service signals. NULL: no memory. */
struct zf_sclp *zf_sclp_create(struct zf_cpu *cpu);
void zf_sclp_destroy(struct zf_sclp *sclp);
/** As it was created, but for the console's connection. */
void zf_sclp_reset(struct zf_sclp *sclp);
/** Looks for console input. */
void zf_sclp_poll(struct zf_sclp *sclp);
/** Sleeps, at most `ns` nanoseconds; false when no input can come that is wanted. */
bool zf_sclp_wait(struct zf_sclp *sclp, uint64_t ns, bool input_wanted);

/** Masks, waiting events and console input, for a saved guest; back: FORMAT when damaged. */
void zf_sclp_save(const struct zf_sclp *sclp, struct zf_payload *payload);
enum zf_status zf_sclp_load(struct zf_sclp *sclp, struct zf_payload *payload, struct zf_error *err);

/**
 * SERVICE CALL with the command word and the SCCB's absolute address. Returns the condition code,
 * or -1 with cpu->pgm set. The command is done at once; its service signal is pending then.
 */
int zf_sclp_service(struct zf_sclp *sclp, struct zf_cpu *cpu, uint32_t command, uint64_t sccb,
                    const struct zf_sclp_information *information);

#endif
