/*
 * Functions that are chosen by facilities: their addresses are taken behind a test of facilities,
 * or stand in a table whose address is. That they are exported, too, for the files of a library to
 * share, or that a user may choose the table by name, does not make them needed.
 */
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

static int by_address(const void *a, const void *b) {
    const struct zf_scan_ref *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

/* The least that is promised; where nothing is promised for one, it is not known by what. */
static void join(struct zf_scan_ref *ref, const struct zf_scan_ref *other) {
    uint8_t promise = !ref->promise     ? other->promise
                      : !other->promise ? ref->promise
                                        : zf_scan_lesser_promise(ref->promise, other->promise);
    ref->used |= other->used;
    ref->guarded |= other->guarded;
    ref->promise = ref->guarded && ref->used ? ZF_SCAN_UNKNOWN : promise;
}

/* One an address, which is guarded when any is. */
static void settle_refs(struct zf_scan_file *file) {
    unsigned kept = 0;
    if (file->ref_count) {
        qsort(file->refs, file->ref_count, sizeof *file->refs, by_address);
    }
    for (unsigned i = 0; i < file->ref_count; i++) {
        if (kept && file->refs[kept - 1].address == file->refs[i].address) {
            join(&file->refs[kept - 1], &file->refs[i]);
        } else {
            file->refs[kept++] = file->refs[i];
        }
    }
    file->ref_count = kept;
}

/* What guards the table in which `place` lies, when it is chosen by facilities; 0: nothing does. A
 * table that has a symbol ends where that says, any other one where the next one that code refers
 * to begins: what such a one has may as well be of something else. */
static uint8_t promise_of_table(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_ref *refs = file->refs;
    unsigned n = zf_scan_up_to(refs, file->ref_count, sizeof *refs, place);
    const struct zf_scan_ref *ref = n ? &refs[n - 1] : NULL;
    if (!ref || !ref->guarded ||
        zf_scan_section_at(file, ref->address) != zf_scan_section_at(file, place)) {
        return 0;
    }
    const struct zf_scan_extent *named = zf_scan_data_at(file, place);
    return named && named->address <= ref->address ? ref->promise : ZF_SCAN_UNKNOWN;
}

static void mark_listed(const struct zf_scan_file *file, struct zf_scan_function *f,
                        uint64_t place) {
    uint8_t promise = promise_of_table(file, place);
    f->pointed = true;
    if (promise && !f->resolver) {
        f->chosen = f->dispatched = true;
        f->listed = f->listed ? zf_scan_lesser_promise(f->listed, promise) : promise;
    }
}

static void mark_chosen(struct zf_scan_file *file) {
    for (unsigned i = 0; i < file->pointer_count; i++) {
        struct zf_scan_function *f = zf_scan_function_at(file, file->pointers[i].value);
        if (f) {
            mark_listed(file, f, file->pointers[i].place);
        }
    }
    for (unsigned i = 0; i < file->function_count; i++) {
        struct zf_scan_function *f = &file->functions[i];
        f->chosen |= f->rival && f->machine > file->functions[f->rival - 1].machine;
        f->dispatched |= f->chosen;
        for (unsigned e = 0; e < f->edge_count; e++) {
            struct zf_scan_function *to = zf_scan_node(file, f->edges[e].to);
            to->chosen |= f->edges[e].taken && f->edges[e].guarded && !to->resolver;
            to->dispatched |= to->chosen;
            to->pointed |= f->edges[e].taken && !f->edges[e].guarded;
        }
    }
}

static const char *suffix_of(const struct zf_scan_function *f) {
    const char *last = f->name ? strrchr(f->name, '_') : NULL;
    return last && last[1] && last != f->name ? last : NULL;
}

static unsigned count_named_so(const struct zf_scan_file *file, const char *suffix) {
    unsigned count = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        const char *other = file->functions[i].dispatched ? suffix_of(&file->functions[i]) : NULL;
        count += other && !strcmp(other, suffix);
    }
    return count;
}

/* What nobody refers to, and is named like many that are chosen: a kernel that the table has not.
 */
static void mark_unused(struct zf_scan_file *file) {
    enum { MANY = 32, Z13 = 11 };
    for (unsigned i = 0; i < file->function_count; i++) {
        struct zf_scan_function *f = &file->functions[i];
        const char *suffix =
            f->exported && !f->dispatched && !f->called && !f->referred && f->machine >= Z13
                ? suffix_of(f)
                : NULL;
        f->dispatched |= suffix && count_named_so(file, suffix) >= MANY;
    }
}

static bool deepen(struct zf_scan_file *file) {
    bool changed = false;
    for (uint32_t i = 0; i < zf_scan_node_count(file); i++) {
        struct zf_scan_function *f = zf_scan_node(file, i);
        for (unsigned e = 0; e < f->edge_count; e++) {
            uint8_t called = zf_scan_node(file, f->edges[e].to)->deep_machine;
            if (!f->edges[e].taken && !f->edges[e].guarded && called > f->deep_machine) {
                f->deep_machine = called;
                changed = true;
            }
        }
    }
    return changed;
}

static void find_deep_machines(struct zf_scan_file *file) {
    bool chooses = false;
    for (unsigned i = 0; i < file->function_count; i++) {
        struct zf_scan_function *f = &file->functions[i];
        f->deep_machine = f->machine;
        chooses |= f->resolver;
    }
    while (chooses && deepen(file)) {
    }
}

/* A resolver returns something on every machine: where it is not known what it tests, what needs
 * least of all that it chooses from is as good as called. */
static void call_fallback(const struct zf_scan_file *file, struct zf_scan_function *resolver) {
    struct zf_scan_edge *least = NULL;
    uint8_t machine = UINT8_MAX;
    for (unsigned e = 0; e < resolver->edge_count; e++) {
        struct zf_scan_edge *edge = &resolver->edges[e];
        const struct zf_scan_function *to = zf_scan_node(file, edge->to);
        if (edge->taken && !to->resolver && to->deep_machine < machine) {
            least = edge;
            machine = to->deep_machine;
        }
    }
    if (least) {
        least->taken = least->guarded = false;
    }
}

static void call_fallbacks(struct zf_scan_file *file) {
    for (unsigned i = 0; i < file->function_count; i++) {
        if (file->functions[i].resolver && !file->functions[i].clear) {
            call_fallback(file, &file->functions[i]);
        }
    }
}

/* Tables come last: by then it is known whether they are called themselves. */
static void note_calls(struct zf_scan_file *file) {
    uint32_t count = zf_scan_node_count(file);
    for (uint32_t i = 0; i < count; i++) {
        struct zf_scan_function *f = zf_scan_node(file, i);
        f->called = f->referred = f->calls_come = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct zf_scan_function *f = zf_scan_node(file, i);
        f->dispatched = i < file->function_count ? f->dispatched : !f->called;
        for (unsigned e = 0; e < f->edge_count; e++) {
            struct zf_scan_function *to = zf_scan_node(file, f->edges[e].to);
            to->referred = true;
            to->calls_come |= !f->edges[e].taken;
            to->called |= !f->edges[e].taken && !f->edges[e].guarded && !f->dispatched;
        }
    }
}

/* Who is called all the same is not chosen; who is called by such alone is one of them. */
static bool settle(struct zf_scan_file *file) {
    bool changed = false;
    note_calls(file);
    for (unsigned i = 0; i < file->function_count; i++) {
        struct zf_scan_function *f = &file->functions[i];
        bool alone = f->calls_come && (f->exported || !f->pointed);
        bool is = !f->called && (f->dispatched || alone);
        changed |= is != f->dispatched;
        f->dispatched = is;
    }
    return changed;
}

void zf_scan_find_dispatched(struct zf_scan_file *file) {
    enum { ROUNDS = 8 };
    settle_refs(file);
    find_deep_machines(file);
    call_fallbacks(file);
    mark_chosen(file);
    for (unsigned round = 0; round < ROUNDS && settle(file); round++) {
    }
    mark_unused(file);
}
