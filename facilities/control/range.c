/*
 * Storage in a given address space, with a given key.
 */
#include "control/range.h"

bool zf_range_find(struct zf_cpu *cpu, const struct zf_end *end, size_t length,
                   enum zf_access access, struct zf_range *range) {
    bool cacheable;
    uint64_t mask = end->whole ? UINT64_MAX : cpu->address_mask, address = end->address & mask;
    size_t room = ZF_PAGE_SIZE - (address & ~ZF_PAGE_MASK);
    range->length[0] = length < room ? length : room;
    range->length[1] = length - range->length[0];
    for (unsigned i = 0; i < 2 && range->length[i]; i++) {
        if (!zf_translate_in(cpu, end->space, end->key, (struct zf_vaddr){address}, access,
                             &range->absolute[i], &cacheable)) {
            return false;
        }
        address = (address + range->length[i]) & mask;
    }
    return true;
}

void zf_range_changed(struct zf_cpu *cpu, const struct zf_range *range) {
    for (unsigned i = 0; i < 2 && range->length[i]; i++) {
        zf_code_changed(cpu->storage, range->absolute[i].v, range->length[i]);
    }
}

uint8_t *zf_range_byte(struct zf_cpu *cpu, const struct zf_range *range, size_t at) {
    unsigned second = at >= range->length[0];
    uint64_t offset = second ? at - range->length[0] : at;
    return cpu->storage->ram + range->absolute[second].v + offset;
}

void zf_range_get(struct zf_cpu *cpu, const struct zf_range *range, uint8_t *bytes) {
    for (size_t i = 0; i < range->length[0] + range->length[1]; i++) {
        bytes[i] = *zf_range_byte(cpu, range, i);
    }
}

void zf_range_put(struct zf_cpu *cpu, const struct zf_range *range, const uint8_t *bytes) {
    zf_range_changed(cpu, range);
    for (size_t i = 0; i < range->length[0] + range->length[1]; i++) {
        *zf_range_byte(cpu, range, i) = bytes[i];
    }
}
