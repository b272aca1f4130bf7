/*
 * A campaign: the shards of a check or suite as tasks of Slurm or GNU parallel. Each task is the
 * same command with --shard and --journal, so that nothing but a folder that all machines see is
 * between them: what a journal has is done, and a task that was lost is started again and continues
 * there.
 */
#ifndef ZFACET_UI_CHECK_CAMPAIGN_H
#define ZFACET_UI_CHECK_CAMPAIGN_H

#include "zfacet/error.h"

#include <stdbool.h>

enum { ZF_CAMPAIGN_SHARDS = 1000 }; /* what an array of Slurm can have, unless it is told */

struct zf_campaign {
    const char *on;     /* "slurm" or "parallel" */
    const char *folder; /* of journals and logs */
    const char *hosts;  /* parallel's --sshloginfile, or NULL */
    bool mix;           /* counts of executions go to the folder, too */
    unsigned shards;
    const unsigned *expected; /* runs of each shard */
    char **words;             /* zfacet's command line, up to NULL */
    int options;              /* so many of them can be options of the campaign */
};

/** Whether `on` names a way to run one. */
bool zf_campaign_has(const char *on);

/** Runs it until all shards have all results; lost tasks are started again, three times at most. */
enum zf_status zf_campaign_run(const struct zf_campaign *campaign, struct zf_error *err);

/** Puts the counts of all shards into one file. */
enum zf_status zf_campaign_gather_mix(const struct zf_campaign *campaign, const char *path,
                                      struct zf_error *err);

#endif
