/**
 * Memory for large arrays of which few elements are used at first, and for others as they grow.
 */
#ifndef ZFACET_RESERVE_H
#define ZFACET_RESERVE_H

#include <stdbool.h>
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
/**
 * Room for one more element of `size` bytes than `count` in an array of malloc()'s with room for
 * `*room`. False: out of memory, and the array is as it was.
 */
bool zf_grow(void **array, size_t size, size_t count, size_t *room);

#endif
