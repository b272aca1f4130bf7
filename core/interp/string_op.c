/*
 * Storage-to-storage ops whose operands are not plain: pages that end, operands that overlap. The
 * engines take the short way for the rest.
 */
#include "string_op.h"

#include "zfacet/dat.h"

/* How far the first operand begins into the second, in whose space it must be; 0: it does not. */
static uint64_t ahead_of(const struct zf_cpu *cpu, uint64_t to, uint64_t from) {
    enum zf_space reads = zf_access_space(cpu, ZF_ACCESS_READ);
    enum zf_space writes = zf_access_space(cpu, ZF_ACCESS_WRITE);
    bool apart = reads != writes && zf_space_asce(cpu, reads) != zf_space_asce(cpu, writes);
    return apart ? 0 : zf_wrap(cpu, to - from);
}

bool zf_guest_move(struct zf_cpu *cpu, uint64_t to, uint64_t from, unsigned length) {
    uint8_t source[256];
    uint64_t ahead = ahead_of(cpu, to, from);
    /* The fetch comes first, as in native code: of two faults, all engines report the same one. */
    if (!zf_load_bytes(cpu, from, source, length) || !zf_probe(cpu, to, length, ZF_ACCESS_WRITE)) {
        return false;
    }
    for (uint64_t i = ahead; ahead && i < length; i++) {
        source[i] = source[i - ahead];
    }
    return zf_store_bytes(cpu, to, source, length);
}

bool zf_guest_compare(struct zf_cpu *cpu, uint64_t first, uint64_t second, unsigned length) {
    uint8_t a[256], b[256];
    if (!zf_load_bytes(cpu, first, a, length) || !zf_load_bytes(cpu, second, b, length)) {
        return false;
    }
    cpu->cc = zf_host_compare(a, b, length);
    return true;
}

bool zf_guest_combine(struct zf_cpu *cpu, uint64_t first, uint64_t second, unsigned length,
                      enum zf_combine how) {
    uint8_t a[256], b[256];
    uint64_t ahead = zf_wrap(cpu, first - second);
    uint8_t any = 0;
    if (!zf_probe(cpu, first, length, ZF_ACCESS_WRITE) || !zf_load_bytes(cpu, first, a, length) ||
        !zf_load_bytes(cpu, second, b, length)) {
        return false;
    }
    for (unsigned i = 0; i < length; i++) {
        a[i] = (uint8_t)zf_combined(a[i], ahead && i >= ahead ? a[i - ahead] : b[i], how);
        any |= a[i];
    }
    if (!zf_store_bytes(cpu, first, a, length)) {
        return false;
    }
    cpu->cc = any != 0;
    return true;
}
