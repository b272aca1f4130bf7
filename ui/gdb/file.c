/*
 * vFile: files of the guest's system, read only, so that GDB finds a Linux program's libraries
 * where the program does. Numbers of errors are the protocol's own.
 */
#include "gdb/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned error_number(int number) {
    switch (number) {
    case EPERM:
    case ENOENT:
    case EINTR:
    case EBADF:
    case EACCES:
    case EFAULT:
    case EBUSY:
    case EEXIST:
    case ENODEV:
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case ENFILE:
    case EMFILE:
    case EFBIG:
    case ENOSPC:
    case ESPIPE:
    case EROFS:
        return (unsigned)number; /* these are the same */
    case ENAMETOOLONG:
        return 91;
    default:
        return 9999;
    }
}

static void fail(struct zf_gdb *g, int number) {
    zf_gdb_add(&g->reply, "F-1,%x", error_number(number));
}

static bool take_path(const char **at, char path[PATH_MAX]) {
    size_t length = strspn(*at, "0123456789abcdefABCDEF") / 2;
    if (!length || length >= PATH_MAX || !zf_gdb_take_bytes(at, path, length)) {
        return false;
    }
    path[length] = '\0';
    return strlen(path) == length;
}

/* Where it is on the host: below the sysroot if it is there. */
static const char *locate(const struct zf_gdb *g, const char *path, char buffer[PATH_MAX]) {
    int length = *path == '/' && g->config.sysroot
                     ? snprintf(buffer, PATH_MAX, "%s%s", g->config.sysroot, path)
                     : -1;
    return length > 0 && length < PATH_MAX && !access(buffer, F_OK) ? buffer : path;
}

struct opening {
    struct zf_gdb *gdb;
    int fd;
};

static void see_as_guest(void *context, struct zf_machine *machine) {
    struct opening *o = context;
    o->fd = zf_linux_proc_file(zf_machine_cpu(machine, o->gdb->cpu), o->fd);
}

/* Files of /proc that tell of this process tell of the guest. */
static int open_for_reading(struct zf_gdb *g, const char *path) {
    struct opening o = {g, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (o.fd >= 0 && !strncmp(path, "/proc/", 6)) {
        zf_control_call(g->config.control, see_as_guest, &o);
    }
    return zf_gdb_keep_file(g, o.fd);
}

static void open_file(struct zf_gdb *g, const char *at) {
    char path[PATH_MAX], buffer[PATH_MAX];
    uint64_t flags, mode;
    unsigned i = 0;
    while (i < ZF_GDB_FILES && g->files[i].open) {
        i++;
    }
    if (!take_path(&at, path) || !zf_gdb_take_hex_after(&at, ',', &flags) ||
        !zf_gdb_take_hex_after(&at, ',', &mode)) {
        fail(g, EINVAL);
    } else if (flags) { /* 0: reading */
        fail(g, EROFS);
    } else if (i == ZF_GDB_FILES) {
        fail(g, EMFILE);
    } else {
        int fd = open_for_reading(g, locate(g, path, buffer));
        if (fd < 0) {
            fail(g, errno);
            return;
        }
        g->files[i] = (struct zf_gdb_file){true, fd};
        zf_gdb_add(&g->reply, "F%x", i);
    }
}

static struct zf_gdb_file *take_file(struct zf_gdb *g, const char **at) {
    uint64_t number;
    bool known = zf_gdb_take_hex(at, &number) && number < ZF_GDB_FILES && g->files[number].open;
    return known ? &g->files[number] : NULL;
}

static void read_file(struct zf_gdb *g, const char *at) {
    char bytes[ZF_GDB_MEMORY];
    uint64_t count, offset;
    const struct zf_gdb_file *file = take_file(g, &at);
    if (!file || !zf_gdb_take_hex_after(&at, ',', &count) ||
        !zf_gdb_take_hex_after(&at, ',', &offset)) {
        fail(g, file ? EINVAL : EBADF);
        return;
    }
    ssize_t length =
        pread(file->fd, bytes, count < sizeof bytes ? (size_t)count : sizeof bytes, (off_t)offset);
    if (length < 0) {
        fail(g, errno);
        return;
    }
    zf_gdb_add(&g->reply, "F%zx;", (size_t)length);
    zf_gdb_add_binary(&g->reply, bytes, (size_t)length);
}

static void close_file(struct zf_gdb *g, const char *at) {
    struct zf_gdb_file *file = take_file(g, &at);
    if (!file) {
        fail(g, EBADF);
        return;
    }
    zf_gdb_drop_file(g, file->fd);
    file->open = false;
    zf_gdb_add(&g->reply, "F0");
}

static void put(uint8_t **to, uint64_t value, unsigned bytes) {
    while (bytes-- > 0) {
        *(*to)++ = (uint8_t)(value >> 8 * bytes);
    }
}

/* The protocol's struct stat. */
static void describe_file(struct zf_gdb *g, const char *at) {
    const struct zf_gdb_file *file = take_file(g, &at);
    uint8_t bytes[64], *to = bytes;
    struct stat st;
    if (!file || fstat(file->fd, &st)) {
        fail(g, EBADF);
        return;
    }
    const uint64_t words[] = {st.st_dev, st.st_ino, st.st_mode, st.st_nlink,
                              st.st_uid, st.st_gid, st.st_rdev};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        put(&to, words[i], 4);
    }
    put(&to, (uint64_t)st.st_size, 8);
    put(&to, (uint64_t)st.st_blksize, 8);
    put(&to, (uint64_t)st.st_blocks, 8);
    put(&to, (uint64_t)st.st_atime, 4);
    put(&to, (uint64_t)st.st_mtime, 4);
    put(&to, (uint64_t)st.st_ctime, 4);
    zf_gdb_add(&g->reply, "F%zx;", sizeof bytes);
    zf_gdb_add_binary(&g->reply, bytes, sizeof bytes);
}

static void read_link(struct zf_gdb *g, const char *at) {
    char path[PATH_MAX], buffer[PATH_MAX], target[PATH_MAX];
    if (!take_path(&at, path)) {
        fail(g, EINVAL);
        return;
    }
    ssize_t length = readlink(locate(g, path, buffer), target, sizeof target);
    if (zf_linux_is_own_exe(g->config.program, path)) {
        length = snprintf(target, sizeof target, "%s", zf_linux_program(g->config.program));
    }
    if (length < 0) {
        fail(g, errno);
        return;
    }
    zf_gdb_add(&g->reply, "F%zx;", (size_t)length);
    zf_gdb_add_binary(&g->reply, target, (size_t)length);
}

static void set_system(struct zf_gdb *g, const char *at) {
    zf_gdb_add(&g->reply, "F0"); /* all processes have the same */
}

void zf_gdb_file(struct zf_gdb *g, const char *arguments, size_t length) {
    static const struct {
        const char *name;
        void (*function)(struct zf_gdb *g, const char *at);
    } calls[] = {
        {"open:", open_file},      {"pread:", read_file},    {"close:", close_file},
        {"fstat:", describe_file}, {"readlink:", read_link}, {"setfs:", set_system},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(calls) && g->config.program; i++) {
        size_t n = strlen(calls[i].name);
        if (!strncmp(arguments, calls[i].name, n)) {
            calls[i].function(g, arguments + n);
            return;
        }
    }
}

void zf_gdb_close_files(struct zf_gdb *g) {
    for (unsigned i = 0; i < ZF_GDB_FILES; i++) {
        if (g->files[i].open) {
            zf_gdb_drop_file(g, g->files[i].fd);
            g->files[i].open = false;
        }
    }
}
