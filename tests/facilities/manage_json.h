#ifndef ZFACET_TESTS_MANAGE_JSON_H
#define ZFACET_TESTS_MANAGE_JSON_H

#include "zfacet/manage.h"

#include <jansson.h>

/**
 * The reply to one of the CPU-model queries, as a client would get it: the thinnest layer of JSON
 * over zfacet/manage.h that the recorded cases need.
 */
json_t *manage_json_reply(const struct zf_manage *manage, const char *execute,
                          const json_t *arguments);

#endif
