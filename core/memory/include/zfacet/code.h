/*
 * Translated code as storage sees it: storage knows no blocks, but tells who has them what changes.
 */
#ifndef ZFACET_CODE_H
#define ZFACET_CODE_H

#include "zfacet/cpu.h"

/* Who owns the code translated from a storage. All NULL: there is none. */
struct zf_code_owner {
    void *context;
    /* whether any was made from these bytes of one page (absolute, or linear guest addresses) */
    bool (*has_code)(const void *context, uint64_t address, uint64_t length);
    /* with the claim: code of the page is about to be read, and counts as made from it until it is
     */
    void (*reads)(void *context, uint64_t page);
    /* around what makes, drops or hides code, or changes what is mapped: one thread at a time */
    void (*claim)(void *context);
    void (*release)(void *context);
    /* bytes in [address, address + length) change: code made from them must not run again */
    void (*changed)(void *context, uint64_t address, uint64_t length);
    /* with the claim: other processes store to the storage, too, from now on */
    void (*shared)(void *context);
    /*
     * Linear mode, in a signal handler: code running on this CPU had a host access fault.
     * `host_context` is the handler's third argument.
     */
    void (*faulted)(void *context, struct zf_cpu *cpu, const void *host_context);
    /* in a signal handler too: whether what it met is of its own making, and dealt with */
    bool (*trapped)(void *context, struct zf_cpu *cpu, void *host_context);
};

#endif
