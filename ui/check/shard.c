#include "check/shard.h"

#include "text/common.h"
#include "zfacet/base.h"

#include <stdlib.h>
#include <string.h>

/* Variables by which services tell, and what the first shard's index is there. */
static const struct service {
    const char *index, *count, *first_index;
    unsigned long first;
} services[] = {
    {"CI_NODE_INDEX", "CI_NODE_TOTAL", NULL, 1},
    {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", NULL, 0},
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", 0},
};

static int take_of_service(const char *command, struct zf_shard *shard) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(services); i++) {
        const struct service *s = &services[i];
        const char *index = getenv(s->index), *count = getenv(s->count);
        const char *least = s->first_index ? getenv(s->first_index) : NULL;
        if (index && count) {
            unsigned long at = strtoul(index, NULL, 10), all = strtoul(count, NULL, 10);
            unsigned long first = least ? strtoul(least, NULL, 10) : s->first;
            *shard = (struct zf_shard){(unsigned)(at - first), (unsigned)all};
            return at >= first && at - first < all
                       ? -1
                       : zf_usage_error("%s: --shard auto: %s=%s of %s=%s", command, s->index,
                                        index, s->count, count);
        }
    }
    return -1;
}

int zf_shard_take(const char *text, const char *command, struct zf_shard *shard) {
    int used = 0;
    *shard = (struct zf_shard){0, 1};
    if (text && !strcmp(text, "auto")) {
        return take_of_service(command, shard);
    }
    if (text && (sscanf(text, "%u/%u%n", &shard->at, &shard->count, &used) != 2 || text[used] ||
                 !shard->at || shard->at > shard->count)) {
        return zf_usage_error("%s: invalid --shard '%s'; give I/N, such as 1/4", command, text);
    }
    shard->at -= shard->at > 0;
    return -1;
}

bool zf_shard_has(const struct zf_shard *shard, unsigned run) {
    return run % shard->count == shard->at;
}
