/*
 * What the files of the library share: the handles, and errors on their way out.
 */
#ifndef ZFACET_LIBRARY_H
#define ZFACET_LIBRARY_H

#include "library/zfacet.h"

#include "zfacet/error.h"
#include "zfacet/ibc.h"
#include "zfacet/model.h"

struct zfacet_model {
    struct zf_model model;
    char name[ZF_MODEL_NAME_LENGTH];
};

struct zfacet_gate {
    struct zf_gate gate;
};

/** Hands an error on; `error` may be NULL. Returns NULL, so that callers can return it. */
void *zf_library_fail(struct zfacet_error *error, const struct zf_error *why);

/** The same when there is no memory. */
void *zf_library_no_memory(struct zfacet_error *error);

/** Decodes one instruction out of `size` bytes; false with `error` filled. */
bool zf_library_decode(const void *bytes, size_t size, struct zf_insn *insn,
                       struct zfacet_error *error);

#endif
