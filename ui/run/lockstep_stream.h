/*
 * Bytes through a socket, or to and from a file, many at a time.
 */
#ifndef ZFACET_UI_LOCKSTEP_STREAM_H
#define ZFACET_UI_LOCKSTEP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_run_stream {
    int fd;
    bool file;  /* not a socket */
    bool ended; /* the other side is gone, or has said all */
    size_t used, at;
    uint8_t bytes[1 << 16];
};

void zf_run_stream_open(struct zf_run_stream *s, int fd);
void zf_run_put(struct zf_run_stream *s, const void *bytes, size_t size);
void zf_run_flush(struct zf_run_stream *s);
/** False, with `bytes` zero: the stream has ended. */
bool zf_run_get(struct zf_run_stream *s, void *bytes, size_t size);

#endif
