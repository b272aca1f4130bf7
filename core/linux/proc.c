/*
 * What /proc tells of the program is about the guest, not about the process of the host's that runs
 * it. A file is known by what was opened, whichever way led to it; then the descriptor gets other
 * contents: a text made now, or, of the program's memory, a file that is read and written by
 * zf_proc_read() and zf_proc_write(). What would show or change this process is refused, of any
 * process, for others may be the guest's, too.
 */
#include "proc.h"

#include "record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { COMMAND_LENGTH = 16, PIECE = 1 << 20 };

/* Bytes of the guest's, as they are now. */
static void copy_bytes(struct zf_task *task, FILE *out, uint64_t start, uint64_t end) {
    const uint8_t *from = end > start ? zf_guest_in(task, start, end - start) : NULL;
    if (from) {
        fwrite(from, 1, end - start, out);
    }
}

static void put_personality(struct zf_task *task, const char *path, FILE *out) {
    (void)path;
    fprintf(out, "%08x\n", task->process->personality);
}

static void put_cmdline(struct zf_task *task, const char *path, FILE *out) {
    const struct zf_stack_places *p = &task->process->places;
    copy_bytes(task, out, p->arguments, p->environment);
}

static void put_environ(struct zf_task *task, const char *path, FILE *out) {
    const struct zf_stack_places *p = &task->process->places;
    copy_bytes(task, out, p->environment, p->environment_end);
}

static void put_auxv(struct zf_task *task, const char *path, FILE *out) {
    const struct zf_segment *auxv = &task->process->auxv;
    copy_bytes(task, out, auxv->address, auxv->address + auxv->length);
}

/* Where a line of /proc/self/stat has the process's own addresses: fields from 1 on. */
static uint64_t stat_field(const struct zf_task *task, unsigned field, uint64_t host) {
    const struct zf_linux *process = task->process;
    const struct zf_stack_places *p = &process->places;
    switch (field) {
    case 23:
        return zf_mapped_bytes(task, 0, 0);
    case 28:
        return p->pointer;
    case 47:
        return process->brk_start;
    case 48:
        return p->arguments;
    case 49:
    case 50:
        return p->environment;
    case 51:
        return p->environment_end;
    default: /* code, registers, data */
        return (field >= 26 && field <= 30) || field == 45 || field == 46 ? 0 : host;
    }
}

static void put_stat(struct zf_task *task, const char *path, FILE *out) {
    char line[2048] = "";
    FILE *in = fopen(path, "re");
    if (!in || !fgets(line, sizeof line, in)) {
        line[0] = '\0';
    }
    if (in) {
        fclose(in);
    }
    char *rest = strrchr(line, ')'); /* of the command, which may have any characters */
    if (!rest) {
        return;
    }
    fprintf(out, "%.*s", (int)(rest + 1 - line), line);
    unsigned field = 3;
    for (char *save, *word = strtok_r(rest + 1, " \n", &save); word;
         word = strtok_r(NULL, " \n", &save), field++) {
        uint64_t host = strtoull(word, NULL, 10), own = stat_field(task, field, host);
        if (own == host) {
            fprintf(out, " %s", word);
        } else {
            fprintf(out, " %" PRIu64, own);
        }
    }
    fputc('\n', out);
}

static void put_statm(struct zf_task *task, const char *path, FILE *out) {
    uint64_t size, rest[6] = {0};
    FILE *in = fopen("/proc/self/statm", "re");
    if (in && fscanf(in, "%" SCNu64 "%" SCNu64 "%" SCNu64, &size, &rest[0], &rest[1]) == 3) {
        fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " 0 0 %" PRIu64 " 0\n",
                zf_mapped_bytes(task, 0, 0) / ZF_PAGE_SIZE, rest[0], rest[1],
                zf_mapped_bytes(task, 0, 0) / ZF_PAGE_SIZE);
    }
    if (in) {
        fclose(in);
    }
}

/* Sizes that are the guest's own; -1: what the host says is true of it. */
static int64_t status_bytes(const struct zf_task *task, const char *line) {
    if (!strncmp(line, "VmPeak:", 7) || !strncmp(line, "VmSize:", 7)) {
        return (int64_t)zf_mapped_bytes(task, 0, 0);
    }
    if (!strncmp(line, "VmData:", 7)) {
        return (int64_t)zf_data_bytes(task);
    }
    if (!strncmp(line, "VmStk:", 6)) {
        return (int64_t)zf_mapped_bytes(task, ZF_PROT_GROWS, ZF_PROT_GROWS);
    }
    return -1;
}

static void put_status(struct zf_task *task, const char *path, FILE *out) {
    char line[1024];
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in)) {
        int64_t bytes = status_bytes(task, line);
        if (bytes >= 0) {
            fprintf(out, "%.*s\t%8" PRId64 " kB\n", (int)strcspn(line, ":") + 1, line,
                    bytes / 1024);
        } else if (!strncmp(line, "Seccomp:", 8)) {
            fprintf(out, "Seccomp:\t%d\n", (int)zf_seccomp_get_mode(task));
        } else {
            fputs(line, out);
        }
    }
    if (in) {
        fclose(in);
    }
}

static void put_bound(FILE *out, rlim_t bound) {
    if (bound == RLIM_INFINITY) {
        fprintf(out, "%-20s ", "unlimited");
    } else {
        fprintf(out, "%-20" PRIu64 " ", (uint64_t)bound);
    }
}

/* Columns of text: what is limited, the soft limit, the hard one, and the unit. */
static void put_limits(struct zf_task *task, const char *path, FILE *out) {
    enum { NAME = 26, BOUNDS = 42 };
    static const struct {
        const char *name;
        int resource;
    } own[] = {{"Max open files ", RLIMIT_NOFILE},
               {"Max address space ", RLIMIT_AS},
               {"Max data size ", RLIMIT_DATA},
               {"Max stack size ", RLIMIT_STACK},
               {"Max resident set ", RLIMIT_RSS}};
    char line[128];
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in)) {
        struct rlimit limit;
        bool differs = false;
        for (size_t i = 0; i < ZF_ARRAY_LENGTH(own); i++) {
            differs |= !strncmp(line, own[i].name, strlen(own[i].name)) &&
                       zf_program_limit(task->process, own[i].resource, &limit);
        }
        if (differs && strlen(line) > NAME + BOUNDS) {
            fprintf(out, "%.*s", NAME, line);
            put_bound(out, limit.rlim_cur);
            put_bound(out, limit.rlim_max);
            fputs(line + NAME + BOUNDS, out);
        } else {
            fputs(line, out);
        }
    }
    if (in) {
        fclose(in);
    }
}

/* Memory that is a file: that of the guest, and what the host's page tables say of it. */
enum view { VIEW_NONE, VIEW_MEM, VIEW_PAGEMAP };

enum { REFUSED = -1 };

static const struct {
    const char *name;
    zf_proc_text *text;
    int view; /* enum view, or REFUSED */
} files[] = {
    {"personality", put_personality, 0},
    {"auxv", put_auxv, 0},
    {"cmdline", put_cmdline, 0},
    {"environ", put_environ, 0},
    {"limits", put_limits, 0},
    {"maps", zf_proc_maps, 0},
    {"smaps", zf_proc_smaps, 0},
    {"stat", put_stat, 0},
    {"statm", put_statm, 0},
    {"status", put_status, 0},
    {"mem", NULL, VIEW_MEM},
    {"pagemap", NULL, VIEW_PAGEMAP},
    {"numa_maps", NULL, REFUSED},
    {"smaps_rollup", zf_proc_smaps_rollup, 0},
    {"map_files", NULL, REFUSED},
    {"syscall", NULL, REFUSED},
    {"stack", NULL, REFUSED},
    {"clear_refs", NULL, REFUSED},
};

/* Of other processes these show no more than names and numbers. */
static bool is_public(const char *name) {
    return !strcmp(name, "cmdline") || !strcmp(name, "limits") || !strncmp(name, "stat", 4);
}

/* This process, as /proc numbers it, which in a namespace of its own is not as it is called there.
 */
static long own_number(void) {
    char link[24] = "";
    return readlink("/proc/self", link, sizeof link - 1) > 0 ? strtol(link, NULL, 10) : getpid();
}

/* The name after "/proc/PID/", or after "/proc/PID/task/TID/"; NULL: the path is another. */
static const char *name_in_process(const char *path, bool *own) {
    long pid, task;
    int at = 0;
    if (sscanf(path, "/proc/%ld/task/%ld/%n", &pid, &task, &at) < 2 || !at) {
        at = 0;
        if (sscanf(path, "/proc/%ld/%n", &pid, &at) < 1 || !at) {
            return NULL;
        }
    }
    *own = pid == getpid() || pid == own_number();
    return path + at;
}

/* The place in `files`, or -1. Of map_files, also what is in it. */
static int find_file(const char *name) {
    for (int i = 0; i < (int)ZF_ARRAY_LENGTH(files); i++) {
        size_t length = strlen(files[i].name);
        if (!strncmp(name, files[i].name, length) && (!name[length] || name[length] == '/')) {
            return i;
        }
    }
    return -1;
}

/* `with` takes the place of `fd`, which has its flags. */
static int64_t replace(int fd, int with) {
    int flags = fcntl(fd, F_GETFD);
    int64_t result = with < 0 ? -errno : fd;
    if (with >= 0 && dup3(with, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
        result = -errno;
    }
    if (with >= 0) {
        close(with);
    }
    if (result < 0) {
        close(fd);
    }
    return result;
}

/* `path`: the file in whose place the text comes. */
static int open_text(struct zf_task *task, const char *path, zf_proc_text *text) {
    int fd = memfd_create(strrchr(path, '/') + 1, MFD_CLOEXEC), copy = fd < 0 ? -1 : dup(fd);
    FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
    if (!out) {
        return -1;
    }
    text(task, path, out);
    fclose(out);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* A descriptor of the file that stands for memory: one file for all who open it. */
static int open_view(struct zf_linux *process, enum view view) {
    char path[32];
    int *fd = &process->views[view - 1];
    if (*fd < 0) {
        *fd = zf_linux_keep_file(process, memfd_create("memory", MFD_CLOEXEC));
    }
    if (*fd < 0) {
        return -1;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
    return open(path, O_RDWR | O_CLOEXEC);
}

static bool proc_path(int fd, char path[PATH_MAX]) {
    char link[32];
    struct statfs fs;
    if (fstatfs(fd, &fs) || (fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC)) {
        return false;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static void put_cpuinfo(struct zf_task *task, const char *path, FILE *out) {
    fputs(task->process->config.cpuinfo, out);
}

int64_t zf_proc_opened(struct zf_task *task, int fd) {
    char path[PATH_MAX];
    bool own = false;
    if (!proc_path(fd, path)) {
        return fd;
    }
    if (task->process->config.cpuinfo && !strcmp(path, "/proc/cpuinfo")) {
        return replace(fd, open_text(task, path, put_cpuinfo));
    }
    zf_proc_text *text = zf_processors_file(task, path);
    text = text ? text : zf_proc_net_file(path);
    if (text) {
        return replace(fd, open_text(task, path, text));
    }
    const char *name = name_in_process(path, &own);
    int i = name ? find_file(name) : -1;
    if (i < 0 || (!own && is_public(name))) {
        return fd;
    }
    if (!own || files[i].view == REFUSED) {
        close(fd);
        return -EACCES;
    }
    return replace(fd, files[i].text ? open_text(task, path, files[i].text)
                                     : open_view(task->process, (enum view)files[i].view));
}

/* The number of a file of zfacet's own, which this process has open and the guest does not. */
static bool is_own_number(const struct zf_task *task, const char *path) {
    static const char *const links[] = {"/proc/self/", "/proc/thread-self/"};
    bool own = false;
    const char *name = name_in_process(path, &own);
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(links) && !own; i++) {
        own = !strncmp(path, links[i], strlen(links[i]));
        name = path + strlen(links[i]);
    }
    unsigned fd;
    int end = 0;
    return own &&
           (sscanf(name, "fd/%u%n", &fd, &end) == 1 ||
            sscanf(name, "fdinfo/%u%n", &fd, &end) == 1) &&
           !name[end] && zf_own_file(task, fd);
}

static bool is_hidden(const struct zf_task *task, const char *path) {
    return zf_processors_hidden(task, path) || is_own_number(task, path);
}

static bool is_hidden_in(const struct zf_task *task, const char *folder, const char *name) {
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return is_hidden(task, path);
}

bool zf_proc_hidden(const struct zf_task *task, int dir, const char *path) {
    char folder[PATH_MAX];
    if (path[0] == '/') {
        return is_hidden(task, path);
    }
    return dir >= 0 && proc_path(dir, folder) && is_hidden_in(task, folder, path);
}

size_t zf_proc_list(const struct zf_task *task, int fd, uint8_t *entries, size_t size) {
    enum { LENGTH_AT = 16, NAME_AT = 19 };
    char folder[PATH_MAX];
    if (!proc_path(fd, folder)) {
        return size;
    }
    size_t kept = 0;
    uint16_t length;
    for (size_t at = 0; at < size; at += length) {
        memcpy(&length, entries + at + LENGTH_AT, sizeof length);
        if (!is_hidden_in(task, folder, (const char *)entries + at + NAME_AT)) {
            memmove(entries + kept, entries + at, length);
            kept += length;
        }
    }
    return kept;
}

int zf_linux_proc_file(struct zf_cpu *cpu, int fd) {
    if (!cpu || !cpu->task) {
        return fd;
    }
    int64_t opened = zf_proc_opened(cpu->task, fd);
    errno = opened < 0 ? (int)-opened : errno;
    return opened < 0 ? -1 : (int)opened;
}

bool zf_linux_is_own_exe(const struct zf_linux *process, const char *path) {
    return zf_proc_is_own_exe(process, path);
}

bool zf_proc_is_own_exe(const struct zf_linux *process, const char *path) {
    bool own = false;
    char number[PATH_MAX];
    if (strncmp(path, "/proc/", 6) != 0 || !process->exe) {
        return false;
    }
    const char *rest = path + 6;
    if (!strncmp(rest, "thread-self/", 12) || !strncmp(rest, "self/", 5)) {
        snprintf(number, sizeof number, "/proc/%d/%s", (int)getpid(), strchr(rest, '/') + 1);
        path = number;
    }
    const char *name = name_in_process(path, &own);
    return name && own && !strcmp(name, "exe");
}

/* Which view a descriptor is of. */
static enum view view_of(const struct zf_linux *process, int fd) {
    struct stat st, view;
    for (int i = 0; i < ZF_VIEWS; i++) {
        if (process->views[i] >= 0 && !fstat(fd, &st) && !fstat(process->views[i], &view) &&
            st.st_ino == view.st_ino && st.st_dev == view.st_dev) {
            return (enum view)(i + 1);
        }
    }
    return VIEW_NONE;
}

/* How much of [at, at + size) is mapped from its beginning. */
static size_t mapped_from(const struct zf_task *task, uint64_t at, size_t size) {
    struct zf_linear_range range;
    uint64_t end = at;
    while (end - at < size && zf_linear_next(&task->machine->storage, end, &range) &&
           range.start <= end) {
        end = range.end;
    }
    return end - at < size ? (size_t)(end - at) : size;
}

/* Going back, this stores only where the program itself could. */
static void note_store(struct zf_task *task, uint64_t at, size_t size) {
    if (zf_linear_allows(&task->machine->storage, at, size, ZF_PROT_WRITE)) {
        zf_record_stores(task, at, size);
    } else {
        zf_record_lose(task, "it has stored into storage that is protected, by /proc/self/mem");
    }
}

/* The host's file of this process, where the guest's address is not its own. */
static int64_t host_memory(struct zf_task *task, uint64_t at, uint8_t *buffer, size_t size,
                           bool write) {
    uint8_t *host = task->machine->storage.ram + at;
    int fd = open("/proc/self/mem", (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (write) {
        zf_code_changed(&task->machine->storage, at, size);
        note_store(task, at, size);
    }
    int64_t done = zf_host_result(write ? pwrite(fd, buffer, size, (off_t)(uintptr_t)host)
                                        : pread(fd, buffer, size, (off_t)(uintptr_t)host));
    close(fd);
    return done;
}

static int64_t read_pagemap(struct zf_task *task, uint64_t offset, uint8_t *buffer, size_t size) {
    enum { ENTRY = 8 };
    const struct zf_storage *storage = &task->machine->storage;
    uint64_t base = (uint64_t)(uintptr_t)storage->ram / ZF_PAGE_SIZE * ENTRY;
    if (offset % ENTRY || size % ENTRY) {
        return -EINVAL;
    }
    uint64_t end = storage->size / ZF_PAGE_SIZE * ENTRY;
    size = offset >= end ? 0 : size < end - offset ? size : (size_t)(end - offset);
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int64_t done = zf_host_result(pread(fd, buffer, size, (off_t)(base + offset)));
    close(fd);
    for (int64_t i = 0; i + ENTRY <= done; i += ENTRY) {
        uint64_t entry;
        memcpy(&entry, buffer + i, ENTRY);
        zf_put64(buffer + i, entry);
    }
    return done;
}

static int64_t transfer_at(struct zf_task *task, enum view view, uint64_t offset,
                           struct zf_proc_transfer *t) {
    size_t size = t->size < PIECE ? t->size : PIECE;
    if (view == VIEW_PAGEMAP) {
        return t->write ? -EBADF : read_pagemap(task, offset, t->buffer, size);
    }
    size = mapped_from(task, offset, size);
    return size ? host_memory(task, offset, t->buffer, size, t->write) : -EIO;
}

bool zf_proc_transfer(struct zf_task *task, int fd, struct zf_proc_transfer *t) {
    enum view view = view_of(task->process, fd);
    if (view == VIEW_NONE) {
        return false;
    }
    bool at_place = t->offset < 0;
    off_t offset = at_place ? lseek(fd, 0, SEEK_CUR) : (off_t)t->offset;
    t->result = transfer_at(task, view, (uint64_t)offset, t);
    if (at_place && t->result > 0) {
        lseek(fd, offset + t->result, SEEK_SET);
    }
    return true;
}

void zf_proc_name(const struct zf_linux *process) {
    const char *slash = process->exe ? strrchr(process->exe, '/') : NULL;
    char name[COMMAND_LENGTH];
    if (slash) {
        snprintf(name, sizeof name, "%s", slash + 1);
        prctl(PR_SET_NAME, name);
    }
}
