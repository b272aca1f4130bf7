/*
 * A guest as it was, kept in memory: for a machine of the same run that goes back to it. All that
 * the guest can notice is there, bit for bit, so that what it did then it does again, if its run is
 * repeatable (zfacet/turn.h).
 */
#ifndef ZFACET_SNAPSHOT_H
#define ZFACET_SNAPSHOT_H

#include "zfacet/machine.h"

struct zf_snapshot;

/**
 * The guest of a machine that does not run; a Linux program has to be recorded (zfacet/linux.h).
 * Pages that are as in `before` (may be NULL) are kept once for both. NULL when memory is short.
 */
struct zf_snapshot *zf_snapshot_take(const struct zf_machine *machine,
                                     const struct zf_snapshot *before);

/** Makes the machine's guest what it was. The machine does not run. */
void zf_snapshot_restore(struct zf_machine *machine, const struct zf_snapshot *snapshot);

/** How many instructions that CPU had executed, in a repeatable run. */
int64_t zf_snapshot_executed(const struct zf_snapshot *snapshot, unsigned cpu);
/** Bytes of storage that were copied when it was taken. */
uint64_t zf_snapshot_size(const struct zf_snapshot *snapshot);

/** Returns how many bytes of storage no snapshot has any more. */
uint64_t zf_snapshot_free(struct zf_snapshot *snapshot);

#endif
