/*
 * Instructions that are executed again, where CPUs take turns, because the machine stopped before
 * they were complete: they count once, take time once, and take as much of a turn as without that.
 */
#ifndef ZFACET_TURN_AGAIN_H
#define ZFACET_TURN_AGAIN_H

#include <stdint.h>

struct zf_cpu;

/** The one that the CPU executed last is. How many are so in its next turn, because that which they
 * were executed in is over: 0 or 1. By the thread that executes it, outside guest code. */
int64_t zf_turn_undo(struct zf_cpu *cpu);
/** The CPU has that turn. */
void zf_turn_redo(struct zf_cpu *cpu, int64_t count);

#endif
