/*
 * What saving and restoring a guest share: where to, and the answer that a target gives.
 */
#ifndef ZFACET_UI_RUN_PLACE_H
#define ZFACET_UI_RUN_PLACE_H

#include "run/run.h"

#include <sys/un.h>

enum { ZF_PLACE_LENGTH = 512 };

/* Sections that a target sends back over a socket: the guest lives on there, or why not (text). */
static const uint32_t zf_tag_accepted = ZF_STREAM_TAG("YES "),
                      zf_tag_refused = ZF_STREAM_TAG("NO  ");

/** True for unix:PATH, with its path; else `*path` is the file. */
bool zf_place_is_socket(const char *place, const char **path);

/** The socket's address; zf_run_place_ok() has seen that it fits. */
void zf_place_address(const char *path, struct sockaddr_un *address);

#endif
