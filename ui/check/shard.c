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

struct timed {
    double seconds;
    unsigned run;
};

static int longest_first(const void *a, const void *b) {
    const struct timed *x = a, *y = b;
    return x->seconds != y->seconds ? (x->seconds < y->seconds ? 1 : -1)
                                    : (x->run > y->run) - (x->run < y->run);
}

/* Shards as a heap: the one that has least to do is the first; of equals, the first in number. */
struct load {
    double seconds;
    unsigned shard;
};

static bool comes_before(const struct load *a, const struct load *b) {
    return a->seconds != b->seconds ? a->seconds < b->seconds : a->shard < b->shard;
}

static void sink(struct load *heap, unsigned count) {
    for (unsigned at = 0, child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && comes_before(&heap[child + 1], &heap[child]);
        if (!comes_before(&heap[child], &heap[at])) {
            return;
        }
        struct load other = heap[at];
        heap[at] = heap[child];
        heap[child] = other;
    }
}

static double mean_of_known(const double *seconds, unsigned runs) {
    double sum = 0;
    unsigned known = 0;
    for (unsigned i = 0; i < runs; i++) {
        sum += seconds[i] >= 0 ? seconds[i] : 0;
        known += seconds[i] >= 0;
    }
    return known ? sum / known : 1;
}

/* The longest first, each to the shard that has least to do. */
static void assign_by_time(const double *seconds, struct timed *runs, unsigned count,
                           struct load *heap, unsigned shards, unsigned *shard_of) {
    double mean = mean_of_known(seconds, count);
    for (unsigned i = 0; i < count; i++) {
        runs[i] = (struct timed){seconds[i] >= 0 ? seconds[i] : mean, i};
    }
    for (unsigned i = 0; i < shards; i++) {
        heap[i] = (struct load){0, i};
    }
    qsort(runs, count, sizeof *runs, longest_first);
    for (unsigned i = 0; i < count; i++) {
        shard_of[runs[i].run] = heap[0].shard;
        heap[0].seconds += runs[i].seconds;
        sink(heap, shards);
    }
}

void zf_shard_assign(const double *seconds, unsigned runs, unsigned count, unsigned *shard_of) {
    struct timed *timed = seconds ? malloc((runs + 1) * sizeof *timed) : NULL;
    struct load *heap = seconds ? malloc(count * sizeof *heap) : NULL;
    for (unsigned i = 0; i < runs; i++) {
        shard_of[i] = i % count;
    }
    if (timed && heap) {
        assign_by_time(seconds, timed, runs, heap, count, shard_of);
    }
    free(timed);
    free(heap);
}
