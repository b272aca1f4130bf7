/*
 * /proc as the guest sees it.
 */
#ifndef ZF_GUEST_LINUX_PROC_H
#define ZF_GUEST_LINUX_PROC_H

#include "guest.h"

#include <stdio.h>

/* Writes what the file at `path` tells. */
typedef void zf_proc_text(struct zf_task *task, const char *path, FILE *out);

/** What a file says of the CPUs that the guest was given; NULL: it is another file. */
zf_proc_text *zf_processors_file(const struct zf_task *task, const char *path);

/** What one of /proc/net says, with addresses as the guest's kernel writes them; NULL: others. */
zf_proc_text *zf_proc_net_file(const char *path);

/* maps.c */
zf_proc_text zf_proc_maps, zf_proc_smaps, zf_proc_smaps_rollup;

enum { ZF_PROCMAP_QUERY = (int)0xc0686611 };
/** ioctl(PROCMAP_QUERY) of a descriptor: what there is at an address. */
int64_t zf_proc_query(struct zf_task *task, int fd, uint64_t address);

/** Whether a path is of what sysfs tells of the host's CPUs and not of the guest's. */
bool zf_processors_hidden(const struct zf_task *task, const char *path);

/**
 * Whether a path in `dir` is of what /proc and /sys have and the guest does not: the host's CPUs,
 * the numbers of zfacet's own files.
 */
bool zf_proc_hidden(const struct zf_task *task, int dir, const char *path);

/** Takes such names out of what the host's getdents64 gave for `fd`: the bytes that are left. */
size_t zf_proc_list(const struct zf_task *task, int fd, uint8_t *entries, size_t size);

/**
 * A file was opened as `fd`: when it tells of this process, the descriptor gets what it is to tell
 * of the guest. The descriptor, or -errno, and then it is closed.
 */
int64_t zf_proc_opened(struct zf_task *task, int fd);

/** Whether the path is that of the running program's own link to its file. */
bool zf_proc_is_own_exe(const struct zf_linux *process, const char *path);

struct zf_proc_transfer {
    uint8_t *buffer;
    size_t size;
    int64_t offset; /* -1: where the descriptor is */
    bool write;
    int64_t result; /* bytes, or -errno */
};

/** Makes the transfer when `fd` is the guest's memory as a file; false: it is something else. */
bool zf_proc_transfer(struct zf_task *task, int fd, struct zf_proc_transfer *transfer);

/** The process is called as the program is. */
void zf_proc_name(const struct zf_linux *process);

#endif
