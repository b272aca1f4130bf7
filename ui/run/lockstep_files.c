#include "run/lockstep_files.h"

#include "zfacet/base.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As the host names what stands in for them. */
static const struct {
    const char *link, *name;
} telling[] = {
    {"/memfd:cpuinfo (deleted)", "/proc/cpuinfo"},
    {"/memfd:auxv (deleted)", "/proc/self/auxv"},
};

static const char *find(int fd) {
    char path[32], link[PATH_MAX];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, link, sizeof link - 1);
    link[length > 0 ? length : 0] = '\0';
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(telling); i++) {
        if (!strcmp(link, telling[i].link)) {
            return telling[i].name;
        }
    }
    return NULL;
}

void zf_lockstep_opened(struct zf_lockstep_files *files, int fd) {
    const char *name = find(fd);
    zf_lockstep_closed(files, fd);
    for (unsigned i = 0; name && i < ZF_LOCKSTEP_FILES; i++) {
        if (!files->file[i].name) {
            files->file[i].fd = fd;
            files->file[i].name = name;
            return;
        }
    }
}

void zf_lockstep_closed(struct zf_lockstep_files *files, int fd) {
    for (unsigned i = 0; i < ZF_LOCKSTEP_FILES; i++) {
        if (files->file[i].fd == fd) {
            files->file[i].name = NULL;
        }
    }
}

const char *zf_lockstep_file(const struct zf_lockstep_files *files, int fd) {
    const char *name = NULL;
    for (unsigned i = 0; i < ZF_LOCKSTEP_FILES; i++) {
        name = files->file[i].fd == fd && files->file[i].name ? files->file[i].name : name;
    }
    return name;
}
