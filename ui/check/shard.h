/*
 * A part of the runs of a campaign, which several machines share: the same index always gives the
 * same runs, and each run is in one shard.
 */
#ifndef ZFACET_UI_CHECK_SHARD_H
#define ZFACET_UI_CHECK_SHARD_H

#include <stdbool.h>

struct zf_shard {
    unsigned at, count; /* from 0 on */
};

/**
 * Reads I/N, or auto: from the environment of a CI service or of an array job. NULL: all runs. -1,
 * or the exit status, the mistake told for `command`.
 */
int zf_shard_take(const char *text, const char *command, struct zf_shard *shard);

/**
 * Says of each run in which of `count` shards it is. `seconds`: how long each takes, below 0 where
 * that is not known; shards then take about the same time. NULL: one after the other in turn.
 */
void zf_shard_assign(const double *seconds, unsigned runs, unsigned count, unsigned *shard_of);

#endif
