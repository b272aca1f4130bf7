/*
 * The watchdog that DIAGNOSE X'288' sets: when its time passes and the guest has not set it again,
 * the CPU is restarted.
 */
#ifndef ZFACET_WATCHDOG_H
#define ZFACET_WATCHDOG_H

#include "zfacet/cpus.h"
#include "zfacet/device.h"

struct zf_watchdog;

/** The watchdog of a machine, as a device of it; `bite` is called when the time has passed. NULL:
 * no memory. */
struct zf_watchdog *zf_watchdog_create(struct zf_cpus *cpus, void (*bite)(struct zf_cpus *cpus));
struct zf_device *zf_watchdog_device(struct zf_watchdog *dog);

/** So many seconds from now; 0: never. With the claim. */
void zf_watchdog_set(struct zf_watchdog *dog, uint32_t seconds);
bool zf_watchdog_is_set(const struct zf_watchdog *dog);

#endif
