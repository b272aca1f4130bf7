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

/* Byte `at` of it; `*length`: how many follow in one piece, that one included. */
static uint8_t *piece(struct zf_cpu *cpu, const struct zf_range *range, size_t at, size_t *length) {
    bool second = at >= range->length[0];
    uint64_t offset = second ? at - range->length[0] : at;
    *length = range->length[second] - offset;
    return cpu->storage->ram + range->absolute[second].v + offset;
}

/* Left to right, byte by byte, as overlapping operands show. */
static void move_piece(uint8_t *to, const uint8_t *from, size_t length) {
    if ((uintptr_t)to - (uintptr_t)from >= length) { /* nothing that is read was stored */
        memmove(to, from, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        to[i] = from[i];
    }
}

void zf_range_move(struct zf_cpu *cpu, const struct zf_range *to, const struct zf_range *from) {
    size_t room, here;
    zf_range_changed(cpu, to);
    for (size_t at = 0; at < to->length[0] + to->length[1]; at += here) {
        uint8_t *target = piece(cpu, to, at, &room);
        const uint8_t *source = piece(cpu, from, at, &here);
        here = room < here ? room : here;
        move_piece(target, source, here);
    }
}

void zf_range_get(struct zf_cpu *cpu, const struct zf_range *range, uint8_t *bytes) {
    size_t here;
    for (size_t at = 0; at < range->length[0] + range->length[1]; at += here) {
        const uint8_t *source = piece(cpu, range, at, &here);
        memcpy(bytes + at, source, here);
    }
}

void zf_range_put(struct zf_cpu *cpu, const struct zf_range *range, const uint8_t *bytes) {
    size_t here;
    zf_range_changed(cpu, range);
    for (size_t at = 0; at < range->length[0] + range->length[1]; at += here) {
        uint8_t *target = piece(cpu, range, at, &here);
        memcpy(target, bytes + at, here);
    }
}
