/*
 * The program's standard streams, when someone else than this process has them: what is read from
 * and written to the files that they were at the beginning, under whatever number.
 */
#include "guest.h"

#include <unistd.h>

void zf_linux_set_streams(struct zf_linux *process, const struct zf_linux_streams *streams) {
    process->streams = streams ? *streams : (struct zf_linux_streams){0};
    process->has_streams = streams != NULL;
    for (int i = 0; i < 3; i++) {
        process->has_streams &= fstat(i, &process->stream[i]) == 0;
    }
}

static bool is_stream(const struct zf_linux *process, int fd, int stream) {
    const struct stat *then = &process->stream[stream];
    struct stat now;
    return fstat(fd, &now) == 0 && now.st_dev == then->st_dev && now.st_ino == then->st_ino;
}

bool zf_standard_read(struct zf_task *task, int fd, uint8_t *out, size_t size, int64_t *result) {
    const struct zf_linux *process = task->process;
    if (!process->has_streams || !is_stream(process, fd, STDIN_FILENO)) {
        return false;
    }
    *result = size ? process->streams.read(process->streams.context, (char *)out, size) : 0;
    *result = *result < 0 ? -EINTR : *result;
    return true;
}

bool zf_standard_write(struct zf_task *task, int fd, const uint8_t *in, size_t size) {
    const struct zf_linux *process = task->process;
    if (!process->has_streams ||
        !(is_stream(process, fd, STDOUT_FILENO) || is_stream(process, fd, STDERR_FILENO))) {
        return false;
    }
    process->streams.write(process->streams.context, (const char *)in, size);
    return true;
}
