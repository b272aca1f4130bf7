/*
 * What Linux's perf calls native code: /tmp/perf-PID.map has a line for each block, with the
 * guest's function. Code that is dropped stays in it, as perf cannot know when that was.
 */
#include "run/part.h"

#include <fcntl.h>
#include <unistd.h>

/* For one line: a guest may close descriptors that are not its own. */
static FILE *open_map(struct zf_run_perf *perf) {
    char path[64];
    int begin = perf->pid != getpid() ? O_TRUNC : 0;
    perf->pid = getpid();
    snprintf(path, sizeof path, "/tmp/perf-%d.map", perf->pid);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | begin, 0600);
    return fd < 0 ? NULL : fdopen(fd, "a");
}

/* A Linux program maps images while it runs: where none is known, it is asked for them once. */
static bool find(struct zf_run *run, uint64_t pc, struct zf_symbol *symbol) {
    uint64_t page = pc & ZF_PAGE_MASK;
    if (!run->symbols) {
        return false;
    }
    bool found = zf_symbols_find(run->symbols, pc, symbol);
    if (!found && run->program && run->perf.nobody != page) {
        zf_run_find_images(run);
        found = zf_symbols_find(run->symbols, pc, symbol);
        run->perf.nobody = found ? run->perf.nobody : page;
    }
    return found;
}

void zf_run_perf_note(void *context, uint64_t pc, const void *code, size_t size) {
    struct zf_run *run = context;
    struct zf_symbol symbol = {.function = ""};
    FILE *file = open_map(&run->perf);
    if (!file) {
        return;
    }
    bool known = find(run, pc, &symbol) && symbol.function[0];
    fprintf(file, "%zx %zx ", (size_t)code, size);
    if (known) {
        fprintf(file, "%s\n", symbol.function);
    } else {
        fprintf(file, "guest %#llx%s%s\n", (unsigned long long)pc, symbol.image[0] ? " of " : "",
                symbol.image);
    }
    fclose(file);
}
