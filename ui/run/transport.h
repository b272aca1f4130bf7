/*
 * What saving and restoring a guest share: where to, and the answer that a target gives.
 */
#ifndef ZFACET_UI_RUN_TRANSPORT_H
#define ZFACET_UI_RUN_TRANSPORT_H

#include "run/part.h"

#include <sys/un.h>

enum { ZF_TRANSPORT_LENGTH = 512 };

/* Sections that a target sends back over a socket: the guest lives on there, or why not (text). */
static const uint32_t zf_tag_accepted = ZF_STREAM_TAG("YES "),
                      zf_tag_refused = ZF_STREAM_TAG("NO  ");

/** True for unix:PATH, with its path; else `*path` is the file. */
bool zf_transport_is_socket(const char *where, const char **path);

/** The socket's address; zf_run_transport_ok() has seen that it fits. */
void zf_transport_address(const char *path, struct sockaddr_un *address);

#endif
