/*
 * What the host's tools call native code: by the guest's function. Linux's perf reads a line for
 * each block in /tmp/perf-PID.map; code that is dropped stays in it, as perf cannot know when that
 * was. The host's gdb is told by host_gdb.c.
 */
#include "run/part.h"

#include <fcntl.h>
#include <unistd.h>

/* For one line: a guest may close descriptors that are not its own. */
static FILE *open_map(struct zf_run_native *native) {
    char path[64];
    int begin = native->pid != getpid() ? O_TRUNC : 0;
    native->pid = getpid();
    snprintf(path, sizeof path, "/tmp/perf-%d.map", native->pid);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | begin, 0600);
    return fd < 0 ? NULL : fdopen(fd, "a");
}

static void note_for_perf(struct zf_run *run, const char *name, const void *code, size_t size) {
    FILE *file = open_map(&run->native);
    if (file) {
        fprintf(file, "%zx %zx %s\n", (size_t)code, size, name);
        fclose(file);
    }
}

void zf_run_native_note(void *context, uint64_t pc, const void *code, size_t size) {
    struct zf_run *run = context;
    struct zf_symbol symbol = {.function = ""};
    char name[sizeof symbol.function + sizeof symbol.image];
    if (zf_run_symbol(run, pc, &symbol) && symbol.function[0]) {
        snprintf(name, sizeof name, "%s", symbol.function);
    } else {
        snprintf(name, sizeof name, "guest %#llx%s%s", (unsigned long long)pc,
                 symbol.image[0] ? " of " : "", symbol.image);
    }
    if (run->options->perf_map) {
        note_for_perf(run, name, code, size);
    }
    if (run->options->host_gdb) {
        zf_run_host_gdb_note(run, name, code, size);
    }
}
