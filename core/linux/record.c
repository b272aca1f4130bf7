/*
 * The record of a repeatable program: what it is, and the calls in it.
 */
#include "record_event.h"

#include "zfacet/linear_copy.h"
#include "zfacet/reserve.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 30 };

/* Of what a call that is not made again has changed beside storage. */
struct after {
    uint64_t ns, random_state, blocked, suspend_saved, pending, processors, call_until;
    bool suspended;
};

struct effect {
    struct after after;
    bool maps;
    struct zf_linear_range range;
    struct zf_linear_view view;
    size_t count;
    struct zf_segment stores[]; /* and the bytes of each after the last one */
};

bool zf_record_create(struct zf_linux *process) {
    const struct zf_linear_keeper keeper = {zf_own_keep, zf_own_drop, process};
    process->record = calloc(1, sizeof *process->record);
    return process->record && zf_linear_keep_files(&process->machine->storage, &keeper);
}

static void cut(struct zf_record *r, size_t count) {
    while (r->count > count) {
        free(r->events[--r->count].data);
    }
}

void zf_record_forget(struct zf_record *r) {
    cut(r, 0);
    r->next = r->bytes = r->kept = 0;
    r->turn = NULL;
}

void zf_record_destroy(struct zf_linux *process) {
    struct zf_record *r = process->record;
    if (r) {
        zf_record_forget(r);
        free(r->events);
        free(r->again);
        free(r);
        process->record = NULL;
    }
}

void zf_record_forked(struct zf_linux *process) {
    zf_record_destroy(process);
    zf_linear_drop_files(&process->machine->storage, process->shares_files);
}

void zf_record_lose(struct zf_task *task, const char *reason) {
    struct zf_record *r = task->process->record;
    if (r && !r->lost) {
        r->lost = reason;
        zf_machine_stop(task->machine); /* whoever has snapshots looks */
    }
}

bool zf_record_is_lost(const struct zf_linux *process) {
    return process->record && process->record->lost;
}

bool zf_record_repeats(const struct zf_task *task) {
    return task->process->record && task->process->record->repeats;
}

struct zf_record *zf_record_writes(const struct zf_task *task) {
    struct zf_record *r = task->process->record;
    return r && !r->lost && !r->repeats ? r : NULL;
}

struct zf_event *zf_record_append(struct zf_linux *process, const struct zf_event *event) {
    struct zf_record *r = process->record;
    if (r->bytes > MOST_BYTES ||
        !zf_grow((void **)&r->events, sizeof *r->events, r->count, &r->room)) {
        zf_record_lose(process->leader,
                       r->bytes > MOST_BYTES ? "the record is full" : "out of memory");
        return NULL;
    }
    r->events[r->count] = *event;
    r->bytes += sizeof *event;
    r->next = r->count + 1;
    return &r->events[r->count++];
}

struct zf_event *zf_record_add(struct zf_task *task, const struct zf_event *event) {
    struct zf_event own = *event;
    own.cpu = task->cpu->address;
    return zf_record_append(task->process, &own);
}

static struct zf_uncovered uncovered(const struct zf_task *task) {
    struct zf_uncovered u = {.map = zf_linear_changes(&task->machine->storage),
                             .segments = task->process->segment_count,
                             .filter = task->filter,
                             .strict = task->strict,
                             .binds_nodes = task->process->binds_nodes};
    memcpy(u.limits, task->process->limits, sizeof u.limits);
    return u;
}

static bool is_covered(const struct zf_task *task, const struct zf_call_notes *n) {
    const struct zf_uncovered now = uncovered(task), *then = &n->before;
    return (n->maps || now.map == then->map) && now.segments == then->segments &&
           now.filter == then->filter && now.strict == then->strict &&
           now.binds_nodes == then->binds_nodes &&
           !memcmp(now.limits, then->limits, sizeof now.limits);
}

void zf_record_drop_notes(struct zf_task *task) {
    if (task->notes) {
        free(task->notes->stores);
        free(task->notes);
        task->notes = NULL;
    }
}

void zf_record_begin(struct zf_task *task) {
    if (!zf_record_writes(task)) {
        return;
    }
    struct zf_call_notes *n = task->notes ? task->notes : calloc(1, sizeof *n);
    task->notes = n;
    if (n) {
        n->in_call = true;
        n->maps = false;
        n->born = 0;
        n->store_count = 0;
        n->before = uncovered(task);
    } else {
        zf_record_lose(task, "out of memory");
    }
}

/* Of the call that is made, or NULL. */
static struct zf_call_notes *notes_of(const struct zf_task *task) {
    return zf_record_writes(task) && task->notes && task->notes->in_call ? task->notes : NULL;
}

void zf_record_stores(struct zf_task *task, uint64_t address, uint64_t length) {
    struct zf_call_notes *n = notes_of(task);
    if (!n) {
        return;
    }
    if (zf_grow((void **)&n->stores, sizeof *n->stores, n->store_count, &n->store_room)) {
        n->stores[n->store_count++] = (struct zf_segment){address, length};
    } else {
        zf_record_lose(task, "out of memory");
    }
}

void zf_record_mapping(struct zf_task *task, const struct zf_linear_range *range,
                       const struct zf_linear_view *view) {
    struct zf_call_notes *n = notes_of(task);
    if (n && view->fd >= 0) {
        n->maps = true;
        n->range = *range;
        n->view = *view;
        n->view.fd = zf_linear_kept_file(&task->machine->storage, view->fd);
    }
}

void zf_record_born(struct zf_task *task, const struct zf_task *child) {
    struct zf_call_notes *n = notes_of(task);
    if (n) {
        n->born = child->cpu->address;
    }
}

/* Calls that concern the program's own storage, signals and threads alone, and its end. */
static bool is_own(const struct zf_call_notes *n, uint64_t number, int64_t result) {
    static const uint16_t own[] = {1,   45,  48,  67,  91,  119, 125, 126, 136, 150, 151, 152, 153,
                                   158, 163, 173, 174, 175, 186, 219, 248, 252, 304, 374, 383, 462};
    enum { MMAP = 90 };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(own); i++) {
        if (own[i] == number) {
            return true;
        }
    }
    return n->born || (number == MMAP && !n->maps && result >= 0);
}

static struct after after_call(const struct zf_task *task) {
    return (struct after){.ns = zf_turn_time(task->cpu->cpus),
                          .random_state = task->process->random_state,
                          .blocked = task->blocked,
                          .suspend_saved = task->suspend_saved,
                          .pending = task->pending & task->seen,
                          .processors = task->processors,
                          .call_until = task->call_until,
                          .suspended = task->suspended};
}

/* How many of a call's stores are buffers that it has filled one after the other with as many bytes
 * as is its result; one that failed has filled none. Others tell by zf_record_filled(). */
static size_t count_buffers(const struct zf_call_notes *n, uint64_t number) {
    static const uint16_t reads[] = {3, 141, 180, 220}, vectors[] = {145, 328, 376};
    bool all = false, first = false;
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(vectors); i++) {
        all |= vectors[i] == number;
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(reads); i++) {
        first |= reads[i] == number;
    }
    return all ? n->store_count : first && n->store_count;
}

/* What a read has left of its buffers is as it was. */
static void shorten(struct zf_call_notes *n, size_t since, size_t count, int64_t result) {
    if (result == -EFAULT || result == -EIO) {
        return; /* after some of it, maybe */
    }
    uint64_t left = result > 0 ? (uint64_t)result : 0;
    for (size_t i = since; i < count; i++) {
        struct zf_segment *s = &n->stores[i];
        s->length = s->length < left ? s->length : left;
        left -= s->length;
    }
}

size_t zf_record_noted(const struct zf_task *task) {
    const struct zf_call_notes *n = notes_of(task);
    return n ? n->store_count : 0;
}

void zf_record_filled(struct zf_task *task, size_t since, int64_t result) {
    struct zf_call_notes *n = notes_of(task);
    if (n) {
        shorten(n, since, n->store_count, result);
    }
}

/* What could not be stored into was refused. */
static bool is_stored(const struct zf_task *task, const struct zf_segment *s) {
    return zf_linear_allows(&task->machine->storage, s->address, s->length, ZF_PROT_WRITE) &&
           zf_linear_present(task->cpu, s->address, s->length);
}

static struct effect *effect_of(struct zf_task *task, const struct zf_call_notes *n) {
    struct zf_storage *storage = &task->machine->storage;
    size_t size = 0;
    for (size_t i = 0; i < n->store_count; i++) {
        struct zf_segment *s = &n->stores[i];
        s->length = is_stored(task, s) ? s->length : 0;
        size += s->length;
    }
    size_t head = sizeof(struct effect) + n->store_count * sizeof *n->stores;
    struct effect *e = malloc(head + size);
    if (!e) {
        return NULL;
    }
    *e = (struct effect){.after = after_call(task), .maps = n->maps, .count = n->store_count};
    e->range = n->range;
    e->view = n->view;
    uint8_t *bytes = (uint8_t *)e + head;
    for (size_t i = 0; i < e->count; bytes += e->stores[i++].length) {
        e->stores[i] = n->stores[i];
        memcpy(bytes, storage->ram + e->stores[i].address, e->stores[i].length);
    }
    task->process->record->bytes += head + size;
    return e;
}

/* Why there is no way back over the call. What others have changed while it waited, their calls
 * have told of. */
static const char *obstacle(const struct zf_task *task, uint64_t number, int64_t result,
                            bool waited) {
    enum { MMAP = 90 };
    const struct zf_call_notes *n = task->notes;
    const char *lost =
        number == MMAP && result >= 0 ? zf_linear_cannot_copy(&task->machine->storage) : NULL;
    bool covered = waited || is_own(n, number, result) || is_covered(task, n);
    return lost || covered ? lost : "a system call has changed what cannot be put back";
}

void zf_record_waits(struct zf_task *task) {
    const struct zf_call_notes *n = notes_of(task);
    if (!n || zf_turn_is_lost(task->cpu)) {
        return;
    }
    zf_record_turn(task);
    struct zf_event *e = zf_record_add(
        task, &(struct zf_event){.kind = ZF_EVENT_STORE, .at = zf_turn_total(task->cpu) - 1});
    if (e && !(e->data = effect_of(task, n))) {
        zf_record_lose(task, "out of memory");
    }
}

void zf_record_call(struct zf_task *task, uint64_t number, int64_t result) {
    struct zf_record *r = zf_record_writes(task);
    struct zf_call_notes *n = notes_of(task);
    if (!n || zf_turn_is_lost(task->cpu)) {
        return;
    }
    bool waited = r->turn != task->cpu;
    const char *lost = obstacle(task, number, result, waited);
    zf_record_turn(task);
    n->in_call = false;
    if (lost) {
        zf_record_lose(task, lost);
        return;
    }
    shorten(n, 0, count_buffers(n, number), result);
    bool own = is_own(n, number, result);
    struct zf_event *e = zf_record_add(task, &(struct zf_event){.kind = ZF_EVENT_CALL,
                                                                .flag = own,
                                                                .number = (uint16_t)number,
                                                                .born = n->born,
                                                                .at = zf_turn_total(task->cpu),
                                                                .result = result});
    r->turn_ended = task->ended;
    if (e && !own && !(e->data = effect_of(task, n))) {
        zf_record_lose(task, "out of memory");
    }
}

static size_t size_of(const struct effect *e) {
    size_t size = sizeof *e + e->count * sizeof e->stores[0];
    for (size_t i = 0; i < e->count; i++) {
        size += e->stores[i].length;
    }
    return size;
}

static void free_effect(struct zf_record *r, struct effect *e) {
    r->bytes -= e ? size_of(e) : 0;
    free(e);
}

/* Signals that were noticed since came between instructions, then. */
void zf_record_undo(struct zf_task *task) {
    struct zf_record *r = task->process->record;
    if (!r) {
        return;
    }
    int64_t now = zf_turn_total(task->cpu);
    size_t i = r->count;
    while (i && r->events[i - 1].kind == ZF_EVENT_SIGNAL && r->events[i - 1].flag &&
           r->events[i - 1].at == now) {
        i--;
    }
    const struct zf_event *last = i ? &r->events[i - 1] : NULL;
    if (r->repeats || !last || last->kind != ZF_EVENT_CALL || last->at != now ||
        last->cpu != task->cpu->address) {
        return;
    }
    free_effect(r, r->events[i - 1].data);
    r->bytes -= sizeof *r->events;
    for (; i < r->count; i++) {
        r->events[i - 1] = r->events[i];
        r->events[i - 1].at--;
        r->events[i - 1].flag = false;
    }
    r->next = --r->count;
}

void zf_record_stray(struct zf_task *task) {
    struct zf_record *r = task->process->record;
    r->stray = r->again_missing ? "out of memory" : "it does not repeat what it did";
    zf_machine_end(task->machine, ZF_STOP_UNIMPLEMENTED, NULL);
}

const struct zf_event *zf_record_next(const struct zf_task *task, enum zf_event_kind kind,
                                      int number) {
    const struct zf_record *r = task->process->record;
    const struct zf_event *e = r->next < r->count ? &r->events[r->next] : NULL;
    bool own = e && e->cpu == task->cpu->address && e->at == zf_turn_total(task->cpu);
    return own && e->kind == kind && e->number == number ? e : NULL;
}

static void put_after(struct zf_task *task, const struct after *after) {
    zf_turns_set_time(task->cpu->cpus, after->ns);
    task->process->random_state = after->random_state;
    task->blocked = after->blocked;
    task->suspend_saved = after->suspend_saved;
    task->suspended = after->suspended;
    task->pending = task->seen = after->pending;
    task->processors = after->processors;
    task->call_until = after->call_until;
}

static bool put_stores(struct zf_task *task, const struct effect *e) {
    struct zf_storage *storage = &task->machine->storage;
    const uint8_t *bytes = (const uint8_t *)(e->stores + e->count);
    for (size_t i = 0; i < e->count; bytes += e->stores[i++].length) {
        uint64_t at = e->stores[i].address, length = e->stores[i].length;
        if (!zf_linear_allows(storage, at, length, ZF_PROT_WRITE)) {
            return false;
        }
        if (length) {
            memcpy(zf_linear_writable(storage, at, length), bytes, length);
        }
    }
    return true;
}

static bool put_effect(struct zf_task *task, const struct effect *e) {
    if ((e->maps && !zf_linear_map_view(&task->machine->storage, &e->range, &e->view)) ||
        !put_stores(task, e)) {
        return false;
    }
    put_after(task, &e->after);
    return true;
}

bool zf_record_store_again(struct zf_task *task, const struct zf_event *event) {
    return task && put_stores(task, event->data);
}

bool zf_record_repeat(struct zf_task *task, uint64_t number, int64_t *result) {
    struct zf_record *r = task->process->record;
    const struct zf_event *e = zf_record_next(task, ZF_EVENT_CALL, (int)number);
    *result = e ? e->result : -ENOSYS;
    if (!e || (!e->flag && !put_effect(task, e->data))) {
        zf_record_stray(task);
        return true;
    }
    r->next++;
    return !e->flag;
}

void zf_record_check(struct zf_task *task, uint64_t number, int64_t result) {
    const struct zf_record *r = task->process->record;
    const struct zf_event *e = &r->events[r->next - 1];
    if (e->kind != ZF_EVENT_CALL || e->number != number || e->result != result) {
        zf_record_stray(task);
    }
}
