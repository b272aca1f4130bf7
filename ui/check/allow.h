/*
 * Findings that are allowed: a file with one entry a line, "KEY=VALUE... reason=TEXT". Keys: image,
 * function, mnemonic, model (patterns as of a shell), facility, address; until=YYYY-MM-DD.
 */
#ifndef ZFACET_UI_CHECK_ALLOW_H
#define ZFACET_UI_CHECK_ALLOW_H

#include "zfacet/error.h"

#include <jansson.h>
#include <stdbool.h>

struct zf_allow;

/** Reads `path`; NULL with `err` filled, which names the line. */
struct zf_allow *zf_allow_read(const char *path, struct zf_error *err);
void zf_allow_free(struct zf_allow *allow);

/** The reason why a finding on `model` is allowed, or NULL; counts the use. */
const char *zf_allow_find(struct zf_allow *allow, const json_t *place, const char *model);

/** What became of each entry: [{line, reason, until, used, expired}]. */
json_t *zf_allow_json(const struct zf_allow *allow);

#endif
