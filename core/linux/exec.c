/* execve: another s390x program, or a script whose interpreter is one, takes over the machine. */
#include "record.h"
#include "signals.h"

#include "image.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* As on Linux: one string has 32 pages at most, all of them a quarter of the stack. */
enum { STRING_LIMIT = 32 * ZF_PAGE_SIZE, STACK_PART = 4, SCRIPT_DEPTH = 4, HEAD_SIZE = 256 };

/* A growing list of strings, ending with NULL. */
struct strings {
    char **list;
    size_t count;
};

static bool add(struct strings *s, const char *text) {
    char **list = realloc(s->list, (s->count + 2) * sizeof *list);
    if (!list) {
        return false;
    }
    s->list = list;
    list[s->count] = strdup(text);
    list[s->count + 1] = NULL;
    return list[s->count++];
}

static void clear(struct strings *s) {
    for (size_t i = 0; i < s->count; i++) {
        free(s->list[i]);
    }
    free(s->list);
    *s = (struct strings){0};
}

/* One string out of the guest; its size comes out of what is left of the limit. */
static int64_t get_string(struct zf_task *task, uint64_t address, struct strings *s,
                          uint64_t *left) {
    char text[STRING_LIMIT];
    int64_t error;
    if (!zf_guest_string(task, address, text, sizeof text, &error)) {
        return error == -ENAMETOOLONG ? -E2BIG : error;
    }
    uint64_t size = strlen(text) + 1 + sizeof(uint64_t);
    if (size > *left) {
        return -E2BIG;
    }
    *left -= size;
    return add(s, text) ? 0 : -ENOMEM;
}

/* An array of pointers to strings out of the guest. */
static int64_t get_strings(struct zf_task *task, uint64_t address, struct strings *s,
                           uint64_t *left) {
    s->list = calloc(1, sizeof *s->list);
    int64_t error = s->list ? 0 : -ENOMEM;
    for (; address && !error; address += 8) {
        const uint8_t *at = zf_guest_in(task, address, 8);
        if (at && !zf_get64(at)) {
            break;
        }
        error = at ? get_string(task, zf_get64(at), s, left) : -EFAULT;
    }
    return error;
}

/* What is to run: found by going through #! lines. */
struct target {
    char path[PATH_MAX]; /* as the guest names it */
    char host[PATH_MAX]; /* empty: to be found by that */
    int file;
    bool closes; /* the path begins with a descriptor that execve closes */
    struct strings argv, envp;
};

/* argv of a script becomes: interpreter, its one argument, the script, the script's arguments. */
static int64_t use_interpreter(struct target *t, char *line) {
    char *name = line + strspn(line, " \t");
    char *argument = name + strcspn(name, " \t");
    if (*argument) {
        *argument++ = '\0';
        argument += strspn(argument, " \t");
        for (char *end = argument + strlen(argument);
             end > argument && isspace((unsigned char)end[-1]);) {
            *--end = '\0';
        }
    }
    if (!*name) {
        return -ENOEXEC;
    }
    struct strings argv = {0};
    bool ok = add(&argv, name) && (!*argument || add(&argv, argument)) && add(&argv, t->path);
    for (size_t i = 1; i < t->argv.count && ok; i++) {
        ok = add(&argv, t->argv.list[i]);
    }
    clear(&t->argv);
    t->argv = argv;
    strncpy(t->path, name, sizeof t->path - 1);
    t->host[0] = '\0';
    return ok ? 0 : -ENOMEM;
}

static int64_t open_program(struct zf_task *task, struct target *t) {
    char buffer[PATH_MAX];
    struct stat st;
    const struct zf_path path = {ZF_GUEST_CWD, t->path, false};
    if (!t->host[0]) {
        strcpy(t->host, zf_host_path(task, &path, buffer));
    }
    zf_own_raise(task);
    t->file = zf_own_open(task, ZF_GUEST_CWD, t->host, O_RDONLY | O_CLOEXEC, 0);
    zf_own_lower(task);
    if (t->file < 0 || fstat(t->file, &st)) {
        return -errno;
    }
    if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, t->host, X_OK, AT_EACCESS)) {
        return -EACCES;
    }
    return 0;
}

/* From t->file, or the interpreter it names, on to an s390x program. */
static int64_t follow_interpreters(struct zf_task *task, struct target *t) {
    for (unsigned depth = 0; depth <= SCRIPT_DEPTH; depth++) {
        char head[HEAD_SIZE + 1] = "";
        ssize_t got = pread(t->file, head, HEAD_SIZE, 0);
        if (got < 2 || head[0] != '#' || head[1] != '!') {
            return got > 0 && zf_image_is_program((uint8_t *)head, (size_t)got) ? 0 : -ENOEXEC;
        }
        close(t->file);
        t->file = -1;
        if (t->closes) {
            return -ENOENT; /* as its interpreter would find */
        }
        head[strcspn(head, "\n")] = '\0';
        int64_t error = use_interpreter(t, head + 2);
        error = error ? error : open_program(task, t);
        if (error) {
            return error;
        }
    }
    return -ELOOP;
}

static int64_t find_program(struct zf_task *task, struct target *t) {
    int64_t error = open_program(task, t);
    return error ? error : follow_interpreters(task, t);
}

static void close_one(const struct zf_task *task, int fd, int keep) {
    int flags = fd == keep || zf_own_file(task, (uint64_t)fd) ? -1 : fcntl(fd, F_GETFD);
    if (flags >= 0 && flags & FD_CLOEXEC) {
        close(fd);
    }
}

/* All that are open, or can be, where /proc does not know this process. */
static void close_on_exec(struct zf_task *task, int keep) {
    enum { MANY = 1 << 16 };
    struct dirent *entry;
    if (task->process->shares_files) {
        unshare(CLONE_FILES);
        task->process->shares_files = false;
    }
    zf_own_raise(task);
    DIR *dir = opendir("/proc/self/fd");
    zf_own_lower(task);
    while (dir && (entry = readdir(dir))) {
        int fd = atoi(entry->d_name);
        if (isdigit((unsigned char)entry->d_name[0]) && fd != dirfd(dir)) {
            close_one(task, fd, keep);
        }
    }
    for (int fd = 0; !dir && fd < MANY; fd++) {
        close_one(task, fd, keep);
    }
    if (dir) {
        closedir(dir);
    }
}

/* A path may lead elsewhere than the link of /proc that it comes from. */
static bool is_file(const char *path, int fd) {
    struct stat at, st;
    return !stat(path, &at) && !fstat(fd, &st) && at.st_dev == st.st_dev && at.st_ino == st.st_ino;
}

/* Where its file is; of one without a name, what the kernel says instead, and the file is kept. */
static void set_exe(struct zf_linux *process, const struct target *t) {
    char link[32], text[PATH_MAX];
    free(process->exe);
    if (process->exe_file >= 0) {
        zf_own_drop(process, process->exe_file);
    }
    process->exe_file = -1;
    process->exe = realpath(t->host, NULL);
    if (!process->exe || !is_file(process->exe, t->file)) {
        free(process->exe);
        snprintf(link, sizeof link, "/proc/self/fd/%d", t->file);
        ssize_t size = readlink(link, text, sizeof text - 1);
        text[size > 0 ? size : 0] = '\0';
        process->exe = strdup(text);
        process->exe_file = zf_own_keep(process, t->file);
        snprintf(process->exe_link, sizeof process->exe_link, "/proc/self/fd/%d",
                 process->exe_file);
    }
}

/* Point of no return: the old program is gone. */
static int64_t replace(struct zf_task *task, void *context) {
    struct target *t = context;
    struct zf_error err;
    if (task->process->config.executes) {
        task->process->config.executes(task->process->config.context);
    }
    zf_frame_exec(task);
    zf_linux_end_vfork(task);
    zf_record_lose(task, "it has executed another program");
    task->process->binds_nodes = false;
    zf_linear_clear(&task->machine->storage);
    zf_machine_flush(task->machine);
    set_exe(task->process, t);
    task->clear_tid = 0;
    zf_timers_delete(task->process);
    zf_signal_exec(task);
    zf_rseq_exec(task);
    close_on_exec(task, t->file);
    if (zf_linux_load(task, t->file, t->path, (const char *const *)t->argv.list,
                      (const char *const *)t->envp.list, &err) != ZF_OK) {
        zf_linux_die(task, SIGKILL);
        snprintf(task->machine->stop_text, sizeof task->machine->stop_text, "%.200s", err.message);
    }
    return ZF_SYS_NO_RESULT;
}

static bool add_all(struct strings *s, const char *const *texts) {
    bool ok = true;
    for (; ok && *texts; texts++) {
        ok = add(s, *texts);
    }
    return ok;
}

/* `name`: what the guest knows the program by. */
static enum zf_status cannot_start(const char *program, const char *name, const struct target *t,
                                   int64_t error, struct zf_error *err) {
    if (!strcmp(name, t->path)) {
        return zf_fail(err, error == -ENOENT ? ZF_ERROR_NOT_FOUND : ZF_ERROR_IO, "%s: %s", program,
                       strerror((int)-error));
    }
    return zf_fail(err, ZF_ERROR_NOT_FOUND,
                   "%s: its interpreter %s cannot be executed (%s); give the directory of an s390x "
                   "system as --sysroot",
                   program, t->path, strerror((int)-error));
}

/* What the guest knows the program by that the user named: where it is in the sysroot, if it is. A
 * link to another program keeps its name. */
static const char *name_inside(const char *root, const char *program, char buffer[2 * PATH_MAX]) {
    const char *last = strrchr(program, '/'), *base = last ? last + 1 : program;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", last ? (int)(last + 1 - program) : 1,
             last ? program : ".");
    if (!root || !realpath(folder, buffer)) {
        return program;
    }
    size_t length = strlen(buffer);
    snprintf(buffer + length, 2 * PATH_MAX - length, "/%s", base);
    const char *name = zf_sysroot_name(root, buffer);
    return name == buffer ? program : name;
}

/* The program that the user named is where the host has it. */
static enum zf_status start(struct zf_task *task, const struct zf_linux_config *config,
                            struct target *t, struct zf_error *err) {
    const char *const alone[] = {config->program, NULL}, *const none[] = {NULL};
    char buffer[2 * PATH_MAX];
    const char *name = name_inside(task->process->config.sysroot, config->program, buffer);
    bool script = false;
    snprintf(t->path, sizeof t->path, "%s", name);
    snprintf(t->host, sizeof t->host, "%s", config->program);
    if (!add_all(&t->argv, config->argv ? config->argv : alone)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the program's arguments");
    }
    t->file = open(t->host, O_RDONLY | O_CLOEXEC);
    int64_t error = t->file < 0 ? -errno : 0;
    char head[2] = "";
    if (!error && pread(t->file, head, 2, 0) == 2) {
        script = head[0] == '#' && head[1] == '!';
    }
    error = script ? follow_interpreters(task, t) : error;
    if (error) {
        return cannot_start(config->program, name, t, error, err);
    }
    set_exe(task->process, t);
    return zf_linux_load(task, t->file, t->path, (const char *const *)t->argv.list,
                         config->envp ? config->envp : none, err);
}

static struct target *create_target(void) {
    struct target *t = calloc(1, sizeof *t);
    if (t) {
        t->file = -1;
    }
    return t;
}

static void free_target(struct target *t) {
    if (t->file >= 0) {
        close(t->file);
    }
    clear(&t->argv);
    clear(&t->envp);
    free(t);
}

enum zf_status zf_exec_start(struct zf_task *task, const struct zf_linux_config *config,
                             struct zf_error *err) {
    struct target *t = create_target();
    if (!t) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the program");
    }
    enum zf_status status = start(task, config, t, err);
    free_target(t);
    return status;
}

static int64_t get_arguments(struct zf_task *task, struct target *t, uint64_t argv, uint64_t envp) {
    uint64_t left = task->process->config.stack_size / STACK_PART;
    int64_t error = get_strings(task, argv, &t->argv, &left);
    if (!error && !t->argv.count && !add(&t->argv, "")) { /* no program goes without its name */
        error = -ENOMEM;
    }
    return error ? error : get_strings(task, envp, &t->envp, &left);
}

/* A program for another machine than s390x in 64-bit mode. */
static bool is_foreign(const struct target *t) {
    enum {
        CLASS_AT = 4,
        DATA_AT = 5,
        MACHINE_AT = 18,
        CLASS_64 = 2,
        BIG_ENDIAN_DATA = 2,
        S390 = 22
    };
    uint8_t head[20];
    if (t->file < 0 || pread(t->file, head, sizeof head, 0) != sizeof head ||
        memcmp(head, "\177ELF", 4) != 0) {
        return false;
    }
    return head[CLASS_AT] != CLASS_64 || head[DATA_AT] != BIG_ENDIAN_DATA ||
           zf_get16(head + MACHINE_AT) != S390;
}

static int64_t execute(struct zf_task *task, struct target *t) {
    int64_t error = find_program(task, t);
    if (error == -ENOEXEC && is_foreign(t)) {
        zf_absent_program(task, t->path);
    }
    return error ? error : zf_task_exec(task, replace, t);
}

int64_t zf_sys_execve(struct zf_task *task, const uint64_t *a) {
    struct target *t = create_target();
    int64_t error = t ? 0 : -ENOMEM;
    if (t && zf_guest_string(task, a[0], t->path, sizeof t->path, &error)) {
        error = get_arguments(task, t, a[1], a[2]);
        error = error ? error : execute(task, t);
    }
    if (t) {
        free_target(t);
    }
    return error;
}

/* A path that begins with a descriptor, or is one: the kernel names it so, too. */
static int64_t find_at(struct zf_task *task, struct target *t, int dir, int flags) {
    char path[PATH_MAX], buffer[PATH_MAX];
    const bool link = flags & AT_SYMLINK_NOFOLLOW;
    const struct zf_path at = {dir, path, link};
    struct stat st;
    strcpy(path, t->path);
    if (path[0] == '/' || dir == ZF_GUEST_CWD) {
        strcpy(t->host, zf_host_path(task, &at, buffer));
    } else if (!path[0] && !(flags & AT_EMPTY_PATH)) {
        return -ENOENT;
    } else if (fcntl(dir, F_GETFD) < 0) {
        return -EBADF;
    } else {
        const char *found = path[0] ? zf_host_path(task, &at, buffer) : path;
        t->closes = fcntl(dir, F_GETFD) & FD_CLOEXEC;
        snprintf(t->path, sizeof t->path, path[0] ? "/dev/fd/%d/%s" : "/dev/fd/%d", dir, path);
        if (found[0] == '/') {
            strcpy(t->host, found);
        } else {
            snprintf(t->host, sizeof t->host, path[0] ? "/proc/self/fd/%d/%s" : "/proc/self/fd/%d",
                     dir, path);
        }
    }
    return path[0] && link && !lstat(t->host, &st) && S_ISLNK(st.st_mode) ? -ELOOP : 0;
}

int64_t zf_sys_execveat(struct zf_task *task, const uint64_t *a) {
    const int flags = (int)a[4];
    struct target *t = create_target();
    int64_t error = t ? 0 : -ENOMEM;
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) {
        error = -EINVAL;
    }
    if (!error && zf_guest_string(task, a[1], t->path, sizeof t->path, &error)) {
        error = find_at(task, t, (int)a[0], flags);
        error = error ? error : get_arguments(task, t, a[2], a[3]);
        error = error ? error : execute(task, t);
    }
    if (t) {
        free_target(t);
    }
    return error;
}
