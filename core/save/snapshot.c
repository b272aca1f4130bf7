/*
 * Snapshots: CPUs as they are in memory, up to their caches; devices as they save themselves; pages
 * of storage, each counted by the snapshots that share it. Going back writes the pages that differ,
 * and drops their code alone.
 */
#include "zfacet/snapshot.h"

#include "zfacet/device.h"
#include "zfacet/linear_copy.h"

#include <stdlib.h>
#include <string.h>

/* What of a CPU goes before its caches. */
enum { CPU_SIZE = offsetof(struct zf_cpu, branch_cache) };
/* What each thread of a Linux program takes about, but for the first: a CPU, and the personality's
 * part. */
enum { THREAD_SIZE = 8192 };

struct page {
    unsigned users;
    uint8_t bytes[ZF_PAGE_SIZE];
};

struct device_state {
    uint8_t *bytes;
    size_t length;
};

enum { DEVICES = 8 };

struct zf_snapshot {
    unsigned cpus;
    uint8_t **cpu; /* CPU_SIZE bytes of each */
    uint32_t floating_pending, service_parameter;
    struct zf_turns turns;
    uint64_t random_state;
    struct zf_wrapping wrapping;
    struct device_state device[DEVICES];
    uint64_t pages;
    struct page **page; /* NULL: all zero */
    uint8_t *keys, *uses;
    uint64_t size;
    /* of a Linux program, in place of pages and keys */
    struct zf_linear_copy *linear;
    void *personality;
};

static bool all_zero(const uint8_t *page) {
    return !page[0] && !memcmp(page, page + 1, ZF_PAGE_SIZE - 1);
}

static bool is_same(const struct page *page, const uint8_t *now) {
    return page ? !memcmp(page->bytes, now, ZF_PAGE_SIZE) : all_zero(now);
}

static struct page *copy_page(const uint8_t *bytes) {
    struct page *page = malloc(sizeof *page);
    if (page) {
        page->users = 1;
        memcpy(page->bytes, bytes, ZF_PAGE_SIZE);
    }
    return page;
}

static bool take_storage(struct zf_snapshot *s, const struct zf_storage *storage,
                         const struct zf_snapshot *before) {
    s->pages = storage->size / ZF_PAGE_SIZE;
    s->page = calloc(s->pages, sizeof(struct page *));
    s->keys = malloc(s->pages);
    s->uses = malloc(s->pages);
    if (!s->page || !s->keys || !s->uses) {
        return false;
    }
    memcpy(s->keys, storage->keys, s->pages);
    memcpy(s->uses, storage->uses, s->pages);
    for (uint64_t i = 0; i < s->pages; i++) {
        const uint8_t *now = storage->ram + i * ZF_PAGE_SIZE;
        struct page *old = before ? before->page[i] : NULL;
        if (is_same(old, now)) {
            s->page[i] = old;
            if (old) {
                old->users++;
            }
        } else if (!all_zero(now)) {
            s->page[i] = copy_page(now);
            if (!s->page[i]) {
                return false;
            }
            s->size += ZF_PAGE_SIZE;
        }
    }
    return true;
}

static uint64_t size_of_threads(const struct zf_snapshot *s) {
    return s->linear && s->cpus ? (uint64_t)(s->cpus - 1) * THREAD_SIZE : 0;
}

static bool take_program(struct zf_snapshot *s, const struct zf_machine *machine,
                         const struct zf_snapshot *before) {
    const struct zf_personality *p = &machine->personality;
    s->linear = zf_linear_copy_take(&machine->storage, before ? before->linear : NULL);
    s->personality = p->take(p->context);
    s->size = s->linear ? zf_linear_copy_size(s->linear) + size_of_threads(s) : 0;
    return s->linear && s->personality;
}

static bool take_cpus(struct zf_snapshot *s, const struct zf_machine *machine) {
    s->cpus = machine->cpus.count;
    s->cpu = calloc(s->cpus, sizeof *s->cpu);
    s->floating_pending = machine->cpus.floating_pending;
    s->service_parameter = machine->cpus.service_parameter;
    s->turns = machine->cpus.turns;
    s->random_state = machine->cpus.random_state;
    for (unsigned i = 0; s->cpu && i < s->cpus; i++) {
        s->cpu[i] = malloc(CPU_SIZE);
        if (!s->cpu[i]) {
            return false;
        }
        memcpy(s->cpu[i], zf_machine_cpu(machine, i), CPU_SIZE);
    }
    return s->cpu;
}

static bool take_devices(struct zf_snapshot *s, const struct zf_machine *machine) {
    struct zf_section section;
    unsigned n = 0;
    if (!zf_section_create(&section)) {
        return false;
    }
    bool done = true;
    for (const struct zf_device *d = machine->devices; d && done; d = d->next) {
        ZF_ASSERT(n < DEVICES);
        struct device_state *state = &s->device[n++];
        zf_section_begin(&section, d->tag);
        d->save(d, &section.payload);
        state->length = section.payload.length;
        state->bytes = malloc(state->length + 1);
        done = state->bytes != NULL;
        if (done) {
            memcpy(state->bytes, section.payload.bytes, state->length);
        }
    }
    zf_section_destroy(&section);
    return done;
}

struct zf_snapshot *zf_snapshot_take(const struct zf_machine *machine,
                                     const struct zf_snapshot *before) {
    struct zf_snapshot *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->wrapping = machine->wrapping;
    bool taken = take_cpus(s, machine) && take_devices(s, machine) &&
                 (machine->config.linear ? take_program(s, machine, before)
                                         : take_storage(s, &machine->storage, before));
    if (!taken) {
        zf_snapshot_free(s);
        return NULL;
    }
    return s;
}

static void restore_storage(struct zf_storage *storage, const struct zf_snapshot *s) {
    memcpy(storage->keys, s->keys, s->pages);
    memcpy(storage->uses, s->uses, s->pages);
    for (uint64_t i = 0; i < s->pages; i++) {
        uint8_t *now = storage->ram + i * ZF_PAGE_SIZE;
        if (is_same(s->page[i], now)) {
            continue;
        }
        zf_code_changed(storage, i * ZF_PAGE_SIZE, ZF_PAGE_SIZE);
        if (s->page[i]) {
            memcpy(now, s->page[i]->bytes, ZF_PAGE_SIZE);
        } else {
            memset(now, 0, ZF_PAGE_SIZE);
        }
    }
}

/* What of a CPU is the host's and not the guest's. */
static void keep_host_part(struct zf_cpu *to, const struct zf_cpu *from) {
    to->code_base = from->code_base;
    to->tally = from->tally;
    to->tier = from->tier;
    to->transaction = from->transaction;
    to->requests = from->requests;
    to->space = from->space;
    to->thread = from->thread;
    to->has_thread = from->has_thread;
    to->ended = from->ended;
    to->spare = from->spare;
    to->turn.came = from->turn.came;
}

/* Of a thread that began later. */
static void restore_unborn(struct zf_cpu *cpu) {
    pthread_cond_t came = cpu->turn.came;
    cpu->state = ZF_CPU_STOPPED;
    cpu->task = NULL;
    cpu->insns_left = cpu->insns_beyond = 0;
    cpu->turn = (struct zf_turn){.most = INT64_MAX, .came = came};
}

static void restore_cpus(struct zf_machine *machine, const struct zf_snapshot *s) {
    struct zf_cpus *cpus = &machine->cpus;
    cpus->floating_pending = s->floating_pending;
    cpus->service_parameter = s->service_parameter;
    cpus->turns = s->turns;
    cpus->random_state = s->random_state;
    for (unsigned i = 0; i < s->cpus; i++) {
        struct zf_cpu *cpu = zf_machine_cpu(machine, i);
        keep_host_part((struct zf_cpu *)s->cpu[i], cpu);
        memcpy((void *)cpu, s->cpu[i], CPU_SIZE);
        zf_tlb_clear(cpu);
        zf_cpu_mode_changed(cpu);
    }
    for (unsigned i = s->cpus; i < cpus->count; i++) {
        restore_unborn(cpus->cpu[i]);
    }
}

static void restore_devices(struct zf_machine *machine, const struct zf_snapshot *s) {
    const struct device_state *state = s->device;
    for (struct zf_device *d = machine->devices; d; d = d->next, state++) {
        struct zf_payload payload = {
            .bytes = state->bytes, .length = state->length, .version = ZF_STREAM_VERSION};
        struct zf_error err;
        d->reset(d);
        enum zf_status status = d->load(d, &payload, &err);
        ZF_ASSERT(status == ZF_OK);
    }
}

void zf_snapshot_restore(struct zf_machine *machine, const struct zf_snapshot *s) {
    ZF_ASSERT(s->linear ||
              (s->cpus == machine->cpus.count && s->pages == machine->storage.size / ZF_PAGE_SIZE));
    machine->wrapping = s->wrapping;
    if (s->linear) {
        zf_linear_copy_restore(&machine->storage, s->linear);
    } else {
        restore_storage(&machine->storage, s);
    }
    restore_cpus(machine, s);    /* the time is that of the turns, */
    restore_devices(machine, s); /* which the watchdog asks for */
    if (s->linear) {
        machine->personality.restore(machine->personality.context, s->personality);
    }
    zf_mapping_changed(machine);
}

int64_t zf_snapshot_executed(const struct zf_snapshot *s, unsigned cpu) {
    return cpu < s->cpus ? zf_turn_total((const struct zf_cpu *)s->cpu[cpu]) : 0;
}

uint64_t zf_snapshot_size(const struct zf_snapshot *s) {
    return s->size;
}

static uint64_t free_page(struct page *page) {
    if (page && !--page->users) {
        free(page);
        return ZF_PAGE_SIZE;
    }
    return 0;
}

uint64_t zf_snapshot_free(struct zf_snapshot *s) {
    uint64_t freed = 0;
    if (!s) {
        return 0;
    }
    for (uint64_t i = 0; s->page && i < s->pages; i++) {
        freed += free_page(s->page[i]);
    }
    for (unsigned i = 0; s->cpu && i < s->cpus; i++) {
        free(s->cpu[i]);
    }
    free(s->cpu);
    for (unsigned i = 0; i < DEVICES; i++) {
        free(s->device[i].bytes);
    }
    freed += zf_linear_copy_free(s->linear) + size_of_threads(s);
    free(s->personality);
    free(s->page);
    free(s->keys);
    free(s->uses);
    free(s);
    return freed;
}
