#include "run/lockstep_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void zf_run_stream_open(struct zf_run_stream *s, int fd) {
    struct stat status;
    s->fd = fd;
    s->file = !fstat(fd, &status) && !S_ISSOCK(status.st_mode);
}

void zf_run_flush(struct zf_run_stream *s) {
    size_t done = 0;
    while (!s->ended && done < s->used) {
        size_t left = s->used - done;
        ssize_t sent = s->file ? write(s->fd, s->bytes + done, left)
                               : send(s->fd, s->bytes + done, left, MSG_NOSIGNAL);
        s->ended = sent <= 0 && errno != EINTR; /* threads wake each other by signals */
        done += sent > 0 ? (size_t)sent : 0;
    }
    s->used = 0;
}

void zf_run_put(struct zf_run_stream *s, const void *bytes, size_t size) {
    const uint8_t *from = bytes;
    while (size) {
        size_t room = sizeof s->bytes - s->used, here = size < room ? size : room;
        memcpy(s->bytes + s->used, from, here);
        s->used += here;
        from += here;
        size -= here;
        if (s->used == sizeof s->bytes) {
            zf_run_flush(s);
        }
    }
}

bool zf_run_get(struct zf_run_stream *s, void *bytes, size_t size) {
    uint8_t *to = bytes;
    while (size && !s->ended) {
        if (s->at == s->used) {
            ssize_t got = read(s->fd, s->bytes, sizeof s->bytes);
            s->ended = got == 0 || (got < 0 && errno != EINTR);
            s->used = got > 0 ? (size_t)got : 0;
            s->at = 0;
            continue;
        }
        size_t here = s->used - s->at < size ? s->used - s->at : size;
        memcpy(to, s->bytes + s->at, here);
        s->at += here;
        to += here;
        size -= here;
    }
    memset(to, 0, size);
    return !size;
}
