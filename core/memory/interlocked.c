/*
 * Interlocked updates and quadword accesses with the host's own atomics.
 */
#include "zfacet/watching.h"

#ifdef __x86_64__
#include <emmintrin.h>
#endif

uint8_t *zf_interlocked(struct zf_cpu *cpu, uint64_t address, unsigned size) {
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_WATCHED)) {
        zf_watching_note(cpu, zf_access_space(cpu, ZF_ACCESS_READ_FIRST), zf_wrap(cpu, address),
                         size, false);
    }
    return zf_operand_whole(cpu, address, size, ZF_ACCESS_WRITE);
}

static bool swap4(uint8_t *host, uint8_t *expected, const uint8_t *replacement) {
    uint32_t old, new;
    memcpy(&old, expected, sizeof old);
    memcpy(&new, replacement, sizeof new);
    bool same = __atomic_compare_exchange_n((uint32_t *)host, &old, new, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST);
    memcpy(expected, &old, sizeof old);
    return same;
}

static bool swap8(uint8_t *host, uint8_t *expected, const uint8_t *replacement) {
    uint64_t old, new;
    memcpy(&old, expected, sizeof old);
    memcpy(&new, replacement, sizeof new);
    bool same = __atomic_compare_exchange_n((uint64_t *)host, &old, new, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST);
    memcpy(expected, &old, sizeof old);
    return same;
}

/* The older builtin: the newer one is a library call for 16 bytes. */
static bool swap16(uint8_t *host, uint8_t *expected, const uint8_t *replacement) {
    zf_u128 old, new;
    memcpy(&old, expected, sizeof old);
    memcpy(&new, replacement, sizeof new);
    zf_u128 found = __sync_val_compare_and_swap((zf_u128 *)host, old, new);
    memcpy(expected, &found, sizeof found);
    return found == old;
}

bool zf_interlocked_swap(uint8_t *host, unsigned size, uint8_t *expected,
                         const uint8_t *replacement) {
    return size == 4   ? swap4(host, expected, replacement)
           : size == 8 ? swap8(host, expected, replacement)
                       : swap16(host, expected, replacement);
}

#ifdef __x86_64__
/* One access on every host that has AVX. */
void zf_quadword_get(const uint8_t *host, uint8_t bytes[16]) {
    _mm_storeu_si128((__m128i *)bytes, _mm_load_si128((const __m128i *)host));
}

void zf_quadword_put(uint8_t *host, const uint8_t bytes[16]) {
    _mm_store_si128((__m128i *)host, _mm_loadu_si128((const __m128i *)bytes));
}
#else
/* NOTE: two accesses where the host has no 16-byte one; a fetch must not need leave to store. */
void zf_quadword_get(const uint8_t *host, uint8_t bytes[16]) {
    memcpy(bytes, host, 16);
}

void zf_quadword_put(uint8_t *host, const uint8_t bytes[16]) {
    uint8_t old[16];
    memcpy(old, host, 16);
    while (!swap16(host, old, bytes)) {
    }
}
#endif
