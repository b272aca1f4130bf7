#define _GNU_SOURCE
/*
 * --contain: the guest's process and its children in namespaces of their own, whose root is the
 * sysroot. Namespaces alone give all of what is wanted, without privileges and on every kernel that
 * has them for users: other files, processes and networks are not refused but not there. Three
 * processes: this one waits outside; inside, one is the first of its processes, so that nothing
 * outlives it, and the other goes on as zfacet.
 */
#include "run/part.h"

#include "zfacet/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Beside the guest's own, data are zfacet's: translated code, and bits for all pages. */
enum { PROCESSES = 512, DATA_GIB = 16, SIGNAL_BASE = 128, SECOND = 1000000000 };

static bool put_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static enum zf_run_end refuse(struct zf_run *run, const char *what, const char *of) {
    return zf_run_fail(run, ZF_RUN_ERROR, "--contain: cannot %s%s%s: %s", what, of ? " " : "",
                       of ? of : "", strerror(errno));
}

/* The user stays who they are, and nobody else is known. */
static bool map_ids(uid_t uid, gid_t gid) {
    char users[48], groups[48];
    snprintf(users, sizeof users, "%u %u 1", uid, uid);
    snprintf(groups, sizeof groups, "%u %u 1", gid, gid);
    return put_text("/proc/self/setgroups", "deny") && put_text("/proc/self/uid_map", users) &&
           put_text("/proc/self/gid_map", groups);
}

static bool is_folder(const char *path) {
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool place(const char *root, const char *path, char to[PATH_MAX]) {
    return (size_t)snprintf(to, PATH_MAX, "%s%s", root, path) < PATH_MAX;
}

/* A file or folder of the host's inside. Read-only is what a second mount makes it. */
static bool bind(const char *host, const char *to, bool read_only) {
    const unsigned long flags = MS_BIND | MS_NOSUID | MS_NODEV;
    return !mount(host, to, NULL, MS_BIND | MS_REC, NULL) &&
           (!read_only || !mount(NULL, to, NULL, flags | MS_REMOUNT | MS_RDONLY, NULL));
}

/* The devices that every program may use, and no others. */
static bool make_devices(const char *root) {
    static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
    char folder[PATH_MAX], to[PATH_MAX + 16], from[32];
    if (!place(root, "/dev", folder) || (mkdir(folder, 0755) && errno != EEXIST) ||
        mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=1m")) {
        return false;
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        snprintf(from, sizeof from, "/dev/%s", names[i]);
        snprintf(to, sizeof to, "%s/%s", folder, names[i]);
        int fd = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        if (fd < 0 || (mount(from, to, NULL, MS_BIND, NULL) && errno != ENOENT)) {
            return false;
        }
        close(fd);
    }
    return true;
}

static bool make_proc(const char *root) {
    char to[PATH_MAX];
    return place(root, "/proc", to) && (!mkdir(to, 0555) || errno == EEXIST) &&
           !mount("proc", to, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/*
 * What /proc has of the host as a whole: who is root here is root for its files, without any rights
 * in the namespaces. The devices are there already.
 */
static bool mask_proc(const char *root) {
    static const char *const read_only[] = {
        "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus",
        "/proc/fs",  "/proc/acpi",          "/proc/scsi"};
    static const char *const hidden[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list",
                                         "/proc/latency_stats", "/proc/sched_debug"};
    char to[PATH_MAX], nothing[PATH_MAX];
    bool done = place(root, "/dev/null", nothing);
    for (size_t i = 0; done && i < ZF_ARRAY_LENGTH(read_only); i++) {
        done = place(root, read_only[i], to) && (bind(to, to, true) || errno == ENOENT);
    }
    for (size_t i = 0; done && i < ZF_ARRAY_LENGTH(hidden); i++) {
        done = place(root, hidden[i], to) && (bind(nothing, to, false) || errno == ENOENT);
    }
    return done;
}

static enum zf_run_end make_root(struct zf_run *run, const char *root) {
    const struct zf_run_options *o = run->options;
    char to[PATH_MAX];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount(root, root, NULL, MS_BIND | MS_REC, NULL)) {
        return refuse(run, "mount", root);
    }
    if (!make_proc(root)) {
        return refuse(run, "mount /proc in", root);
    }
    if (!make_devices(root)) {
        return refuse(run, "make /dev in", root);
    }
    if (!mask_proc(root)) {
        return refuse(run, "mask /proc in", root);
    }
    for (unsigned i = 0; i < o->bind_count; i++) {
        const struct zf_run_bind *b = &o->binds[i];
        if (!place(root, b->guest, to) || !bind(b->host, to, b->read_only)) {
            return refuse(run, "bind (it must be there in the sysroot)", b->guest);
        }
    }
    /* the new root comes over the old one, which is then taken away from under it */
    if (chdir(root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
        chdir("/")) {
        return refuse(run, "enter", root);
    }
    return ZF_RUN_OK;
}

/* Neither rights in the namespaces nor more than a share of the host. */
static bool limit(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}};
    const struct rlimit processes = {PROCESSES, PROCESSES};
#ifdef __SANITIZE_ADDRESS__
    const rlim_t bytes = RLIM_INFINITY; /* the sanitizer's shadow counts as data */
#else
    const rlim_t bytes = (rlim_t)DATA_GIB << 30;
#endif
    const struct rlimit data = {bytes, bytes};
    const struct rlimit core = {0, 0};
    return !setrlimit(RLIMIT_NPROC, &processes) && !setrlimit(RLIMIT_DATA, &data) &&
           !setrlimit(RLIMIT_CORE, &core) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !syscall(SYS_capset, &header, none);
}

static int status_of(int status) {
    return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits for `pid`, and for whoever is left behind to this process. */
static _Noreturn void await(pid_t pid) {
    int status = 0;
    pid_t ended;
    do {
        ended = wait(&status);
    } while (ended != pid && (ended > 0 || errno == EINTR));
    _exit(status_of(status));
}

static void ignore_terminal(void) {
    signal(SIGINT, SIG_IGN); /* it is for the guest, which gets it, too */
    signal(SIGQUIT, SIG_IGN);
}

/* In the first process inside. Comes back in the second. */
static enum zf_run_end become_guest(struct zf_run *run, const char *root) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    enum zf_run_end end = make_root(run, root);
    if (end) {
        return end;
    }
    if (!limit()) {
        return refuse(run, "limit the guest", NULL);
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        return refuse(run, "fork", NULL);
    }
    if (pid) {
        uint64_t seconds = run->options->timeout_ns / SECOND;
        ignore_terminal();
        if (run->options->timeout_ns) {
            alarm((unsigned)seconds + 2); /* after the guest's own, for its children */
            signal(SIGALRM, SIG_DFL);
        }
        await(pid);
    }
    return ZF_RUN_OK;
}

/* The guest's path as it is inside: of a program in the sysroot, the rest of its path. */
static bool find_guest(struct zf_run *run, const char *root) {
    char *path = realpath(run->options->guest, NULL);
    size_t length = strlen(root);
    length -= length == 1; /* the root itself */
    bool inside = path && !strncmp(path, root, length) && path[length] == '/';
    if (inside) {
        snprintf(run->contained_guest, sizeof run->contained_guest, "%s", path + length);
    } else {
        snprintf(run->contained_guest, sizeof run->contained_guest, "%s", run->options->guest);
    }
    free(path);
    return inside || run->options->guest[0] == '/';
}

/* Out of the way of the guest's own files. */
static FILE *open_away(const char *path) {
    int low = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int fd = low < 0 ? -1 : zf_aside_fd(low);
    if (low >= 0) {
        close(low);
    }
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static enum zf_run_end open_output(struct zf_run *run, const char *path, FILE **out) {
    *out = path ? open_away(path) : *out;
    return !path || *out
               ? ZF_RUN_OK
               : zf_run_fail(run, ZF_RUN_ERROR, "cannot write %s: %s", path, strerror(errno));
}

/* What is written outside is opened outside. */
static enum zf_run_end open_outputs(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    enum zf_run_end end = open_output(run, o->status_file, &run->status_out);
    run->no_status = end != ZF_RUN_OK;
    end = end ? end : open_output(run, o->report_file, &run->report_out);
    return end ? end : open_output(run, o->trace_file, &run->trace);
}

/* What this process was given beside its standard streams may lead out: a folder, a socket. */
static void close_given(void) {
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int fd = atoi(entry->d_name), flags = fcntl(fd, F_GETFD);
        if (fd > STDERR_FILENO && flags >= 0 && !(flags & FD_CLOEXEC)) {
            close(fd);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

static enum zf_run_end enter(struct zf_run *run, const char *root) {
    const int apart = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    uid_t uid = getuid();
    gid_t gid = getgid();
    close_given();
    if (unshare(apart | (run->options->net ? 0 : CLONE_NEWNET))) {
        return refuse(run, "make namespaces", NULL);
    }
    if (!map_ids(uid, gid)) {
        return refuse(run, "map the user", NULL);
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        return refuse(run, "fork", NULL);
    }
    if (pid) {
        ignore_terminal();
        await(pid);
    }
    return become_guest(run, root);
}

/*
 * In a repeatable run processes and threads have numbers that begin with 2 each time. Where that is
 * not to be had, they have the host's.
 */
void zf_run_number_anew(struct zf_run *run) {
    uid_t uid = getuid();
    gid_t gid = getgid();
    bool apart =
        !unshare(CLONE_NEWPID) || (!unshare(CLONE_NEWUSER | CLONE_NEWPID) && map_ids(uid, gid));
    if (!apart) {
        fprintf(stderr, "zfacet: --deterministic: process numbers are the host's: %s\n",
                strerror(errno));
    }
    fflush(NULL);
    for (int i = 0; i < 2 && apart; i++) {
        pid_t pid = fork();
        if (pid > 0) {
            ignore_terminal();
            await(pid);
        }
        if (pid < 0) {
            return;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    run->pid = getpid();
}

/* A program that is not at its path here, but in the sysroot, is that one, as for the programs
 * there. */
static void name_in_sysroot(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    char link[32];
    if (!o->sysroot || !o->guest || o->guest[0] != '/' || !access(o->guest, F_OK)) {
        return;
    }
    int root = open(o->sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int found = root < 0 ? -1 : (int)syscall(SYS_openat2, root, o->guest, &how, sizeof how);
    snprintf(link, sizeof link, "/proc/self/fd/%d", found);
    ssize_t length = readlink(link, run->contained_guest, sizeof run->contained_guest - 1);
    if (length > 0) {
        run->contained_guest[length] = 0;
        run->contained = *o;
        run->contained.guest = run->contained_guest;
        run->options = &run->contained;
    }
    if (found >= 0) {
        close(found);
    }
    if (root >= 0) {
        close(root);
    }
}

enum zf_run_end zf_run_contain(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    if (!o->contain) {
        name_in_sysroot(run);
        return o->bind_count || o->net
                   ? zf_run_fail(run, ZF_RUN_USAGE, "run: --bind and --net need --contain")
                   : ZF_RUN_OK;
    }
    if (!o->sysroot || !is_folder(o->sysroot)) {
        return zf_run_fail(run, ZF_RUN_USAGE, "run: --contain needs a --sysroot");
    }
    char *root = realpath(o->sysroot, NULL);
    if (!root) {
        return refuse(run, "find", o->sysroot);
    }
    enum zf_run_end end = open_outputs(run);
    if (!end && !find_guest(run, root)) {
        end = zf_run_fail(run, ZF_RUN_USAGE,
                          "run: --contain: %s is not in the sysroot; give its path inside, or "
                          "--bind it",
                          o->guest);
    }
    end = end ? end : enter(run, root);
    free(root);
    if (!end) {
        run->contained = *o;
        run->contained.guest = run->contained_guest;
        run->contained.sysroot = NULL;
        run->options = &run->contained;
        run->pid = getpid();
    }
    return end;
}
