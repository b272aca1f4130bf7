/*
 * What two machines have counted of each instruction. They need not have made the same blocks of
 * the same code, so that one instruction has several counts, in any order.
 */
#include "counts.h"

#include "zfacet/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct count {
    uint64_t address, word, count;
};

struct counts {
    struct count *list;
    size_t used, room;
};

static void add(void *context, const struct zf_tally_insn *insn, uint64_t count) {
    struct counts *c = context;
    if (c->used == c->room) {
        c->room = c->room ? 2 * c->room : 1024;
        c->list = realloc(c->list, c->room * sizeof *c->list);
        ZF_ASSERT(c->list);
    }
    c->list[c->used++] = (struct count){insn->address, insn->word, count};
}

static int compare(const void *a, const void *b) {
    const struct count *p = a, *q = b;
    return p->address != q->address ? (p->address > q->address) - (p->address < q->address)
                                    : (p->word > q->word) - (p->word < q->word);
}

static struct counts take(const struct zf_machine *machine) {
    struct counts c = {0};
    size_t kept = 0;
    zf_tally_each(machine->tally, &machine->cpus, add, &c);
    if (c.used) {
        qsort(c.list, c.used, sizeof *c.list, compare);
    }
    for (size_t i = 0; i < c.used; i++) {
        if (kept && !compare(&c.list[kept - 1], &c.list[i])) {
            c.list[kept - 1].count += c.list[i].count;
        } else {
            c.list[kept++] = c.list[i];
        }
    }
    c.used = kept;
    return c;
}

bool counts_equal(const struct zf_machine *a, const struct zf_machine *b, bool print) {
    struct counts one = take(a), other = take(b);
    bool equal = true;
    for (size_t i = 0, k = 0; i < one.used || k < other.used;) {
        int order = i == one.used     ? 1
                    : k == other.used ? -1
                                      : compare(&one.list[i], &other.list[k]);
        const struct count *insn = order <= 0 ? &one.list[i] : &other.list[k];
        uint64_t here = order <= 0 ? insn->count : 0, there = order >= 0 ? other.list[k].count : 0;
        if (here != there) {
            equal = false;
            if (print) {
                printf("  %#" PRIx64 " %016" PRIx64 ": %" PRIu64 " and %" PRIu64 " times\n",
                       insn->address, insn->word, here, there);
            }
        }
        i += order <= 0;
        k += order >= 0;
    }
    free(one.list);
    free(other.list);
    return equal;
}
