/*
 * The runs of check or suite, or a part of them: one shard, what a journal does not have yet, or
 * all, executed by the tasks of a campaign.
 */
#ifndef ZFACET_UI_CHECK_SHARE_H
#define ZFACET_UI_CHECK_SHARE_H

#include "check/document.h"
#include "check/shard.h"

/* Options by their names, without --; NULL: not given. */
struct zf_share {
    const char *shard, *journal, *times, *mix;
    const char *on, *shards, *folder, *hosts;
    uint64_t rules; /* of the command: see zf_identity_of_job() */
    struct zf_shard part;
    unsigned task_count;
    struct zf_journal *results; /* known, and to which more are added; or NULL */
};

/** The value's place, when `name` (with --) is one of these options. */
const char **zf_share_option(struct zf_share *share, const char *name);

/** The name of option `i` of these, or NULL after the last: for zf_nearest(). */
const char *zf_share_option_name(unsigned i);

/** Checks them. -1, or the exit status, the mistake told for `command`. */
int zf_share_check(struct zf_share *share, const char *command);

/**
 * Leaves in `jobs` those that are this process's, with the results that are known already; the runs
 * of a campaign are done then. `words` is the command line, of which `options` words can be
 * options. -1, or the exit status.
 */
int zf_share_take(struct zf_share *share, struct zf_job *jobs, unsigned *count, char **words,
                  int options);

void zf_share_end(struct zf_share *share);

#endif
