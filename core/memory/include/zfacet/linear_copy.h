/*
 * The linear map of a Linux program as it was, kept in memory: what is mapped where, and what the
 * program has stored. For a process that has kept the files that it has mapped
 * (zf_linear_keep_files()).
 */
#ifndef ZFACET_LINEAR_COPY_H
#define ZFACET_LINEAR_COPY_H

#include "zfacet/linear.h"

struct zf_linear_copy;

/** Why what is mapped now cannot be put back; NULL: it can. */
const char *zf_linear_cannot_copy(const struct zf_storage *storage);

/** A number that is another one after each change of what is mapped. */
uint64_t zf_linear_changes(const struct zf_storage *storage);

/**
 * Nothing executes. Pages that are as in `before` (may be NULL) are kept once for both. NULL: out
 * of memory.
 */
struct zf_linear_copy *zf_linear_copy_take(const struct zf_storage *storage,
                                           const struct zf_linear_copy *before);
/** Puts everything back; code that was made of what has changed is dropped. */
void zf_linear_copy_restore(struct zf_storage *storage, const struct zf_linear_copy *copy);
/** Whether not all could be put back: the program cannot go on from there. */
bool zf_linear_is_broken(const struct zf_storage *storage);
/** Bytes that were copied when it was taken. */
uint64_t zf_linear_copy_size(const struct zf_linear_copy *copy);
/** Returns how many bytes of pages nobody has any more. */
uint64_t zf_linear_copy_free(struct zf_linear_copy *copy);

#endif
