/*
 * The few things every folder uses: book-order bits, big-endian access, bitmaps, assertions.
 */
#ifndef ZFACET_BASE_H
#define ZFACET_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 zf_u128;
__extension__ typedef __int128 zf_i128;

/* Bits are numbered as in the Principles of Operation: 0 is the leftmost. */
#define ZF_BIT64(n) (UINT64_C(1) << (63 - (n)))
#define ZF_BIT32(n) (UINT32_C(1) << (31 - (n)))
#define ZF_BIT16(n) ((uint16_t)(1u << (15 - (n))))
#define ZF_BIT8(n) ((uint8_t)(1u << (7 - (n))))

#define ZF_LIKELY(x) __builtin_expect(!!(x), 1)
#define ZF_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ZF_ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/** Ends the process with place and condition: a bug of ours, never reached by guest bytes. */
_Noreturn void zf_assert_failed(const char *condition, const char *file, int line);
#define ZF_ASSERT(c) (ZF_LIKELY(c) ? (void)0 : zf_assert_failed(#c, __FILE__, __LINE__))

/** Bits `first` to `last` (book order, inclusive) of a 64-bit value, right-aligned. */
static inline uint64_t zf_bits64(uint64_t value, unsigned first, unsigned last) {
    return value << first >> (first + 63 - last);
}

static inline uint16_t zf_get16(const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}

static inline uint32_t zf_get32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

static inline uint64_t zf_get64(const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}

static inline void zf_put16(void *p, uint16_t v) {
    v = __builtin_bswap16(v);
    memcpy(p, &v, sizeof v);
}

static inline void zf_put32(void *p, uint32_t v) {
    v = __builtin_bswap32(v);
    memcpy(p, &v, sizeof v);
}

static inline void zf_put64(void *p, uint64_t v) {
    v = __builtin_bswap64(v);
    memcpy(p, &v, sizeof v);
}

/*
 * Bitmaps in book order, as STFLE stores them: bit n is bit n % 64 from the left of doubleword n
 * / 64.
 */
#define ZF_BITMAP(name, bits) uint64_t name[((bits) + 63) / 64]

static inline bool zf_bitmap_test(const uint64_t *map, unsigned n) {
    return map[n / 64] >> (63 - n % 64) & 1;
}

static inline void zf_bitmap_set(uint64_t *map, unsigned n) {
    map[n / 64] |= ZF_BIT64(n % 64);
}

static inline void zf_bitmap_clear(uint64_t *map, unsigned n) {
    map[n / 64] &= ~ZF_BIT64(n % 64);
}

static inline void zf_bitmap_assign(uint64_t *map, unsigned n, bool on) {
    if (on) {
        zf_bitmap_set(map, n);
    } else {
        zf_bitmap_clear(map, n);
    }
}

/** The length in bytes of the instruction at the left of `word`, from its first two bits: 2, 4, 6.
 */
static inline unsigned zf_insn_length(uint64_t word) {
    return 2 + (((unsigned)(word >> 62) + 1) >> 1) * 2;
}

/** The instruction at `bytes`, of which eight can be read: left-aligned, zeros after it; its
 * length.
 */
static inline uint64_t zf_insn_word(const uint8_t *bytes, unsigned *length) {
    uint64_t word = zf_get64(bytes);
    *length = zf_insn_length(word);
    return word & ~UINT64_C(0) << (64 - 8 * *length);
}

#endif
