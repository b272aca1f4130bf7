/*
 * Accesses that a debugger watches: zfacet/watching.h.
 */
#include "zfacet/watching.h"

void zf_watching_set(struct zf_cpu *cpu, const struct zf_watching *watching) {
    if (cpu->watching == watching) {
        return;
    }
    cpu->watching = watching;
    cpu->watch_hits = 0;
    cpu->linear_last = watching ? 0 : cpu->storage->size - 1;
    zf_tlb_clear(cpu);
    zf_cpu_mode_changed(cpu);
}

/* As the debugger sees storage, which is where instructions come from. */
static bool is_seen(const struct zf_cpu *cpu, enum zf_space space) {
    enum zf_space fetched = zf_access_space(cpu, ZF_ACCESS_FETCH);
    if (space == fetched || space == ZF_SPACE_REAL || fetched == ZF_SPACE_REAL) {
        return space == fetched;
    }
    return zf_space_asce(cpu, space) == zf_space_asce(cpu, fetched);
}

static bool overlaps(const struct zf_watched_range *r, uint64_t address, uint64_t length) {
    return address <= r->last && r->first <= address + (length - 1);
}

void zf_watching_note(struct zf_cpu *cpu, enum zf_space space, uint64_t address, uint64_t length,
                      bool store) {
    const struct zf_watching *w = cpu->watching;
    for (unsigned i = 0; i < w->count; i++) {
        const struct zf_watched_range *r = &w->range[i];
        if ((r->stores || !store) && overlaps(r, address, length) && is_seen(cpu, space)) {
            cpu->watch_hits |= 1u << i;
        }
    }
}

size_t zf_watching_before(const struct zf_cpu *cpu, uint64_t address, size_t length) {
    const struct zf_watching *w = cpu->watching;
    for (unsigned i = 0; i < w->count; i++) {
        const struct zf_watched_range *r = &w->range[i];
        if (r->first > address && r->first - address < length) {
            length = (size_t)(r->first - address);
        }
    }
    return length;
}
