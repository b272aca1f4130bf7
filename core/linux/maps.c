/*
 * /proc/self/maps and smaps: the host's, at guest addresses. The host knows what is mapped there
 * and how much of it is in memory; the linear map knows what is the guest's, and with which access.
 * Where the host has several mappings for one of the guest's, for the sake of translated code, they
 * are put together again.
 */
#include "proc.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What smaps says of a mapping, in its order. */
static const char *const counters[] = {
    "Rss",           "Pss",           "Pss_Dirty",  "Shared_Clean", "Shared_Dirty",
    "Private_Clean", "Private_Dirty", "Referenced", "Anonymous",    "KSM",
    "LazyFree",      "AnonHugePages", "Swap",       "SwapPss",      "Locked",
};

/* What ioctl(PROCMAP_QUERY) asks for. */
struct query {
    uint64_t address, flags;
    struct mapping *found; /* its length is 0 until one is */
};

/* A mapping of the host's, or part of one, at guest addresses. */
struct mapping {
    uint64_t start, end, offset;
    unsigned prot;
    char device[32], path[PATH_MAX];
    uint64_t kilobytes[ZF_ARRAY_LENGTH(counters)];
};

/* Where mappings go, one after the other. */
struct output {
    const struct zf_task *task;
    FILE *file;
    void (*put)(struct output *out, const struct mapping *m);
    struct mapping last; /* that the next one may be more of */
    struct mapping sum;
    struct query *query;
};

static const char *name_of(const struct zf_task *task, const struct mapping *m) {
    const struct zf_linux *process = task->process;
    if (m->path[0]) {
        return zf_sysroot_name(task->process->config.sysroot, m->path);
    }
    if (m->start < process->places.stack_end && m->end > process->places.stack) {
        return "[stack]";
    }
    return m->start < process->brk && m->end > process->brk_start ? "[heap]" : "";
}

static void put_line(struct output *out, const struct mapping *m) {
    char text[128];
    const char *name = name_of(out->task, m);
    snprintf(text, sizeof text, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %s ", m->start,
             m->end, m->prot & ZF_PROT_READ ? 'r' : '-', m->prot & ZF_PROT_WRITE ? 'w' : '-',
             m->prot & ZF_PROT_EXEC ? 'x' : '-', m->prot & ZF_PROT_SHARED ? 's' : 'p', m->offset,
             m->device);
    fprintf(out->file, "%-*s%s\n", *name ? 73 : 0, text, name);
}

static void put_counters(FILE *file, const struct mapping *m) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(counters); i++) {
        char name[24];
        snprintf(name, sizeof name, "%s:", counters[i]);
        fprintf(file, "%-16s%8" PRIu64 " kB\n", name, m->kilobytes[i]);
    }
}

static void put_flags(FILE *file, unsigned prot) {
    enum { MAY_READ = 1 << 24, MAY_WRITE = 1 << 25, MAY_EXEC = 1 << 26, MAY_SHARE = 1 << 27 };
    static const struct {
        unsigned bit;
        char name[3];
    } flags[] = {{ZF_PROT_READ, "rd"},   {ZF_PROT_WRITE, "wr"},      {ZF_PROT_EXEC, "ex"},
                 {ZF_PROT_SHARED, "sh"}, {MAY_READ, "mr"},           {MAY_WRITE, "mw"},
                 {MAY_EXEC, "me"},       {MAY_SHARE, "ms"},          {ZF_PROT_GROWS, "gd"},
                 {ZF_PROT_LOCKED, "lo"}, {ZF_PROT_NOT_FORKED, "dc"}, {ZF_PROT_ONFAULT, "lf"},
                 {ZF_PROT_WIPED, "wf"},  {ZF_PROT_SEALED, "sl"},     {ZF_PROT_NOT_DUMPED, "dd"},
                 {ZF_PROT_MERGED, "mg"}, {ZF_PROT_HUGE, "hg"},       {ZF_PROT_NOT_HUGE, "nh"},
                 {ZF_PROT_RANDOM, "rr"}, {ZF_PROT_SEQUENTIAL, "sr"}};
    prot |= MAY_READ | MAY_EXEC | (prot & ZF_PROT_SHARED ? MAY_SHARE : MAY_WRITE) |
            (prot & ZF_PROT_WRITE ? MAY_WRITE : 0);
    fputs("VmFlags: ", file);
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(flags); i++) {
        if (prot & flags[i].bit) {
            fprintf(file, "%s ", flags[i].name);
        }
    }
    fputc('\n', file);
}

static void put_all(struct output *out, const struct mapping *m) {
    put_line(out, m);
    fprintf(out->file, "Size:           %8" PRIu64 " kB\n", (m->end - m->start) / 1024);
    fputs("KernelPageSize:        4 kB\nMMUPageSize:           4 kB\n", out->file);
    put_counters(out->file, m);
    fputs("THPeligible:           0\n", out->file);
    put_flags(out->file, m->prot);
}

static void add_up(struct output *out, const struct mapping *m) {
    out->sum.start = out->sum.end ? out->sum.start : m->start;
    out->sum.end = m->end;
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(counters); i++) {
        out->sum.kilobytes[i] += m->kilobytes[i];
    }
}

static void put_sum(struct output *out) {
    fprintf(out->file, "%08" PRIx64 "-%08" PRIx64 " ---p 00000000 00:00 0 %*s[rollup]\n",
            out->sum.start, out->sum.end, 23, "");
    put_counters(out->file, &out->sum);
}

static void finish(struct output *out) {
    if (out->last.end > out->last.start) {
        out->put(out, &out->last);
    }
    out->last.start = out->last.end = 0;
}

/* Adds a piece: pages of a mapping that differ only by translated code are one to the guest. */
static void add_piece(struct output *out, const struct mapping *m) {
    struct mapping *last = &out->last;
    bool file = m->path[0];
    if (last->end == m->start && last->prot == m->prot && !strcmp(last->path, m->path) &&
        !strcmp(last->device, m->device) &&
        (!file || last->offset + (last->end - last->start) == m->offset)) {
        last->end = m->end;
        for (size_t i = 0; i < ZF_ARRAY_LENGTH(counters); i++) {
            last->kilobytes[i] += m->kilobytes[i];
        }
        return;
    }
    finish(out);
    *last = *m;
}

/* A line that begins a mapping of the host's, at guest addresses; false: it is none of the guest's.
 */
static bool read_mapping(const struct zf_task *task, const char *line, struct mapping *m) {
    const struct zf_storage *storage = &task->machine->storage;
    uint64_t ram = (uint64_t)(uintptr_t)storage->ram;
    char major_minor[16], inode[16];
    int path = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %15s %15s %n", &m->start, &m->end,
               &m->offset, major_minor, inode, &path) < 5 ||
        m->end <= ram || m->start >= ram + storage->size) {
        return false;
    }
    m->start = m->start > ram ? m->start - ram : 0;
    m->end = m->end - ram < storage->size ? m->end - ram : storage->size;
    snprintf(m->device, sizeof m->device, "%s %s", major_minor, inode);
    snprintf(m->path, sizeof m->path, "%s", path && line[path] == '/' ? line + path : "");
    m->path[strcspn(m->path, "\n")] = '\0';
    m->offset = m->path[0] ? m->offset : 0;
    return true;
}

/*
 * The ranges that the guest has in a mapping of the host's, which has more where there are none.
 * The host has not counted them one by one: what it has counted is the first one's.
 */
static void add_ranges(struct output *out, struct mapping *m) {
    struct zf_linear_range range = {.end = m->start};
    while (zf_linear_next(&out->task->machine->storage, range.end, &range) &&
           range.start < m->end) {
        struct mapping piece = *m;
        piece.start = range.start > m->start ? range.start : m->start;
        piece.end = range.end < m->end ? range.end : m->end;
        piece.offset += m->path[0] ? piece.start - m->start : 0;
        piece.prot = range.prot & ~(unsigned)(ZF_PROT_FILE | ZF_PROT_GUARD);
        add_piece(out, &piece);
        memset(m->kilobytes, 0, sizeof m->kilobytes);
    }
    m->start = m->end = 0;
}

/* A line of smaps that is about the mapping. */
static void read_counter(const char *line, struct mapping *m) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(counters); i++) {
        size_t length = strlen(counters[i]);
        if (!strncmp(line, counters[i], length) && line[length] == ':') {
            m->kilobytes[i] = strtoull(line + length + 1, NULL, 10);
        }
    }
}

/* Through all of the host's file, maps or smaps. */
static void read_all(struct output *out, struct mapping *m, const char *path) {
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    while (in && getline(&line, &room, in) > 0) {
        uint64_t start, end;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &start, &end) < 2) {
            read_counter(line, m);
            continue;
        }
        add_ranges(out, m);
        memset(m->kilobytes, 0, sizeof m->kilobytes);
        if (!read_mapping(out->task, line, m)) {
            m->start = m->end = 0;
        }
    }
    if (in) {
        add_ranges(out, m);
        finish(out);
        fclose(in);
    }
    free(line);
}

/* The host's file, mapping by mapping to out->put. */
static void tell(struct output *out, const char *path) {
    struct mapping *m = calloc(1, sizeof *m);
    if (m) {
        read_all(out, m, path);
    }
    free(m);
}

static void put_file(struct zf_task *task, FILE *file, const char *path,
                     void (*put)(struct output *out, const struct mapping *m)) {
    struct output *out = calloc(1, sizeof *out);
    if (out) {
        *out = (struct output){.task = task, .file = file, .put = put};
        tell(out, path);
        if (put == add_up) {
            put_sum(out);
        }
    }
    free(out);
}

void zf_proc_maps(struct zf_task *task, const char *path, FILE *file) {
    (void)path;
    put_file(task, file, "/proc/self/maps", put_line);
}

void zf_proc_smaps(struct zf_task *task, const char *path, FILE *file) {
    (void)path;
    put_file(task, file, "/proc/self/smaps", put_all);
}

void zf_proc_smaps_rollup(struct zf_task *task, const char *path, FILE *file) {
    (void)path;
    put_file(task, file, "/proc/self/smaps", add_up);
}

/* PROCMAP_QUERY: which mapping holds an address, or is the next one. */

enum {
    QUERY_ACCESS = 7,
    QUERY_SHARED = 8,
    QUERY_OR_NEXT = 16,
    QUERY_FILE = 32,
    QUERY_FLAGS = 63,
    QUERY_SIZE = 104,
};

static uint64_t query_flags_of(const struct mapping *m) {
    return (m->prot & ZF_PROT_ACCESS) | (m->prot & ZF_PROT_SHARED ? QUERY_SHARED : 0);
}

static void look_at(struct output *out, const struct mapping *m) {
    const struct query *q = out->query;
    const uint64_t wanted = q->flags & (QUERY_ACCESS | QUERY_SHARED);
    bool near = m->end > q->address && (m->start <= q->address || q->flags & QUERY_OR_NEXT);
    bool suits = (query_flags_of(m) & wanted) == wanted && (!(q->flags & QUERY_FILE) || m->path[0]);
    if (!q->found->end && near && suits) {
        *q->found = *m;
    }
}

static int64_t put_found(struct zf_task *task, uint8_t *argument, const struct mapping *m) {
    unsigned major = 0, minor = 0;
    uint64_t inode = 0, flags = query_flags_of(m);
    const char *name = name_of(task, m);
    uint32_t size = *name ? (uint32_t)strlen(name) + 1 : 0, room = zf_get32(argument + 80);
    sscanf(m->device, "%x:%x %" SCNu64, &major, &minor, &inode);
    if (room && size > room) {
        return -ENAMETOOLONG;
    }
    uint8_t *to = room && size ? zf_guest_out(task, zf_get64(argument + 88), size) : NULL;
    if (room && size && !to) {
        return -EFAULT;
    }
    if (to) {
        memcpy(to, name, size);
    }
    const uint64_t words[] = {m->start, m->end, flags, ZF_PAGE_SIZE, m->offset, inode};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        zf_put64(argument + 24 + 8 * i, words[i]);
    }
    zf_put32(argument + 72, major);
    zf_put32(argument + 76, minor);
    zf_put32(argument + 80, room ? size : 0);
    zf_put32(argument + 84, 0); /* no build ID is looked for */
    return 0;
}

static int64_t check_query(const uint8_t *argument) {
    const uint64_t size = zf_get64(argument);
    bool name = zf_get64(argument + 88), id = zf_get64(argument + 96);
    if (size > ZF_PAGE_SIZE) {
        return -E2BIG;
    }
    bool valid = size >= QUERY_SIZE && !(zf_get64(argument + 8) & ~(uint64_t)QUERY_FLAGS) &&
                 name == !!zf_get32(argument + 80) && id == !!zf_get32(argument + 84);
    return valid ? 0 : -EINVAL;
}

/* Whether the descriptor is of maps, as it was opened, and the host's kernel knows the request. */
static bool takes_queries(int fd) {
    char link[40], target[PATH_MAX] = "";
    uint8_t nothing[QUERY_SIZE] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, target, sizeof target - 1) < 0 ||
        strcmp(target, "/memfd:maps (deleted)") != 0) {
        return false;
    }
    int host = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    bool known = ioctl(host, ZF_PROCMAP_QUERY, nothing) == 0 || errno != ENOTTY;
    close(host);
    return known;
}

int64_t zf_proc_query(struct zf_task *task, int fd, uint64_t address) {
    if (!takes_queries(fd)) {
        return fcntl(fd, F_GETFD) < 0 ? -EBADF : -ENOTTY;
    }
    uint8_t *argument = zf_guest_out(task, address, QUERY_SIZE);
    int64_t error = argument ? check_query(argument) : -EFAULT;
    struct output *out = error ? NULL : calloc(1, sizeof *out);
    struct mapping *found = out ? calloc(1, sizeof *found) : NULL;
    if (found) {
        struct query query = {zf_get64(argument + 16), zf_get64(argument + 8), found};
        *out = (struct output){.task = task, .put = look_at, .query = &query};
        tell(out, "/proc/self/maps");
        error = found->end ? put_found(task, argument, found) : -ENOENT;
    } else if (!error) {
        error = -ENOMEM;
    }
    free(found);
    free(out);
    return error;
}
