#include "check/share.h"

#include "check/campaign.h"
#include "mix/mix.h"
#include "text/common.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name;
    size_t member;
} share_options[] = {
#define OPTION(member)                                                                             \
    { "--" #member, offsetof(struct zf_share, member) }
    OPTION(shard), OPTION(journal), OPTION(times),  OPTION(mix),
    OPTION(on),    OPTION(shards),  OPTION(folder), OPTION(hosts),
#undef OPTION
};

const char *zf_share_option_name(unsigned i) {
    return i < ZF_ARRAY_LENGTH(share_options) ? share_options[i].name : NULL;
}

const char **zf_share_option(struct zf_share *share, const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(share_options); i++) {
        if (!strcmp(name, share_options[i].name)) {
            return (const char **)((char *)share + share_options[i].member);
        }
    }
    return NULL;
}

static int check_campaign(struct zf_share *share, const char *command) {
    char *end;
    if (!zf_campaign_has(share->on)) {
        return zf_usage_error("%s: unknown --on '%s'; give slurm or parallel", command, share->on);
    }
    if (share->shard || share->journal) {
        return zf_usage_error("%s: --on makes its own --shard and --journal", command);
    }
    if (!share->folder || !share->shards) {
        return zf_usage_error("%s: --on needs --shards N and --folder FOLDER", command);
    }
    unsigned long count = strtoul(share->shards, &end, 10);
    if (*share->shards < '0' || *share->shards > '9' || *end || !count ||
        count > ZF_CAMPAIGN_SHARDS) {
        return zf_usage_error("%s: invalid --shards '%s'; give 1 to %d", command, share->shards,
                              ZF_CAMPAIGN_SHARDS);
    }
    if (share->hosts && strcmp(share->on, "parallel") != 0) {
        return zf_usage_error("%s: --hosts is for --on parallel", command);
    }
    share->task_count = (unsigned)count;
    return -1;
}

int zf_share_check(struct zf_share *share, const char *command) {
    if (share->on) {
        share->part = (struct zf_shard){0, 1};
        return check_campaign(share, command);
    }
    if (share->shards || share->folder || share->hosts) {
        return zf_usage_error("%s: --shards, --folder and --hosts are for --on", command);
    }
    return zf_shard_take(share->shard, command, &share->part);
}

/* Journals of a campaign, or one. */
static struct zf_journal *read_times(const char *path, struct zf_error *err) {
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return zf_journal_read(path, folder ? ZF_CAMPAIGN_SHARDS : 0, err);
}

/* The shard of each job, among `shards`. */
static unsigned *assign(const struct zf_share *share, const struct zf_job *jobs, unsigned count,
                        unsigned shards, struct zf_error *err) {
    unsigned *shard_of = calloc(count + 1, sizeof *shard_of);
    double *seconds = calloc(count + 1, sizeof *seconds);
    struct zf_journal *times = share->times ? read_times(share->times, err) : NULL;
    bool good = shard_of && seconds && (times || !share->times);
    if (good) {
        for (unsigned i = 0; times && i < count; i++) {
            seconds[i] = zf_journal_seconds(times, &jobs[i]);
        }
        zf_shard_assign(times ? seconds : NULL, count, shards, shard_of);
    } else {
        free(shard_of);
    }
    zf_journal_close(times);
    free(seconds);
    return good ? shard_of : NULL;
}

static void keep_part(const struct zf_share *share, struct zf_job *jobs, unsigned *count,
                      const unsigned *shard_of) {
    unsigned kept = 0;
    for (unsigned i = 0; i < *count; i++) {
        if (shard_of[i] == share->part.at) {
            bool own = jobs[i].model == jobs[i].name;
            jobs[kept] = jobs[i];
            jobs[kept].model = own ? jobs[kept].name : jobs[kept].model;
            kept++;
        }
    }
    *count = kept;
}

static void identify(const struct zf_share *share, struct zf_job *jobs, unsigned count) {
    const char *file = "";
    uint64_t guest = 0;
    for (unsigned i = 0; i < count && (share->on || share->journal); i++) {
        const struct zf_case *test = jobs[i].test;
        if (strcmp(file, test->guest) != 0) {
            file = test->guest;
            guest = zf_identity_of_file(0, file);
        }
        jobs[i].identity = zf_identity_of_job(&jobs[i], guest, share->rules);
    }
}

/* The folder of a campaign may have results of the same runs, and no others. */
static enum zf_status check_folder(const struct zf_share *share, const struct zf_job *jobs,
                                   unsigned count, struct zf_error *err) {
    struct zf_journal *results = zf_journal_read(share->folder, share->task_count, err);
    bool stale = false;
    for (unsigned i = 0; results && i < count; i++) {
        stale |= zf_journal_is_stale(results, &jobs[i]);
    }
    zf_journal_close(results);
    return !results ? err->status
           : stale  ? zf_fail(err, ZF_ERROR_USAGE,
                              "%s: has results of other guests, options or rules; give another "
                               "--folder",
                              share->folder)
                    : ZF_OK;
}

static enum zf_status run_campaign(const struct zf_share *share, const unsigned *shard_of,
                                   unsigned count, char **words, int options,
                                   struct zf_error *err) {
    unsigned expected[ZF_CAMPAIGN_SHARDS] = {0};
    const struct zf_campaign campaign = {
        share->on,         share->folder, share->hosts, share->mix != NULL,
        share->task_count, expected,      words,        options};
    for (unsigned i = 0; i < count; i++) {
        expected[shard_of[i]]++;
    }
    enum zf_status status = zf_campaign_run(&campaign, err);
    return status == ZF_OK && share->mix ? zf_campaign_gather_mix(&campaign, share->mix, err)
                                         : status;
}

static enum zf_status open_results(struct zf_share *share, struct zf_error *err) {
    if (share->on) {
        share->results = zf_journal_read(share->folder, share->task_count, err);
    } else if (share->journal) {
        share->results = zf_journal_open(share->journal, err);
    }
    if (!share->results && (share->on || share->journal)) {
        return err->status;
    }
    return share->mix && !share->results ? zf_mix_begin(share->mix, err) : ZF_OK;
}

int zf_share_take(struct zf_share *share, struct zf_job *jobs, unsigned *count, char **words,
                  int options) {
    struct zf_error err = {0};
    unsigned shards = share->on ? share->task_count : share->part.count;
    unsigned *shard_of = assign(share, jobs, *count, shards, &err);
    enum zf_status status = shard_of ? ZF_OK : err.status ? err.status : ZF_ERROR_MEMORY;
    if (status == ZF_OK && share->on) {
        identify(share, jobs, *count);
        status = check_folder(share, jobs, *count, &err);
    }
    if (status == ZF_OK && share->on) {
        status = run_campaign(share, shard_of, *count, words, options, &err);
    } else if (status == ZF_OK) {
        keep_part(share, jobs, count, shard_of);
        identify(share, jobs, *count);
    }
    status = status == ZF_OK ? open_results(share, &err) : status;
    for (unsigned i = 0; i < *count && status == ZF_OK; i++) {
        jobs[i].mix = share->mix;
        jobs[i].known = zf_journal_find(share->results, &jobs[i]);
        jobs[i].state = jobs[i].known ? ZF_JOB_ENDED : ZF_JOB_WAITING;
    }
    free(shard_of);
    return status == ZF_OK ? -1 : zf_report_error(&err);
}

void zf_share_end(struct zf_share *share) {
    zf_journal_close(share->results);
    share->results = NULL;
}
