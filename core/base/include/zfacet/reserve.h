/**
 * Memory for large arrays of which few elements are used at first.
 */
#ifndef ZFACET_RESERVE_H
#define ZFACET_RESERVE_H

#include <stddef.h>

/** Bytes of a huge page of the host. */
enum { ZF_HUGE_PAGE = 1 << 21 };

/** Blocks of code, from which on arrays of them are not small. Programs of the shell have fewer. */
enum { ZF_RESERVE_MANY = 1 << 12 };

/**
 * `size` bytes of zeros, for the caller, that take storage where they are touched. `where`: flags
 * of mmap(), as MAP_32BIT, or 0. NULL: there is no address space for it.
 */
void *zf_reserve(size_t size, int where);
/** Gives it back; NULL: nothing. */
void zf_reserve_end(void *p, size_t size);
/**
 * For an array that is no longer small, of which `used` bytes are in use: the host is asked for
 * huge pages, where it has them. What the array holds stays.
 */
void zf_reserve_widen(void *p, size_t size, size_t used);
/** Whole huge pages, at a boundary of theirs, become such if the host has them. */
void zf_reserve_collapse(void *p, size_t size);

#endif
