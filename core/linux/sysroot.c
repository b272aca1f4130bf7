/*
 * Where a path of the guest's leads in --sysroot: from one name to the next, since the host's
 * kernel would look for the target of an absolute link, as /etc/alternatives is full of, at the
 * host. As far as there are no links, the kernel is asked about all names at once. What is not in
 * the sysroot is the host's, and what a system mounts, of which a sysroot has only empty folders,
 * always is.
 */
#include "guest.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 };

struct walk {
    const char *root;
    char *at; /* a host path, PATH_MAX bytes: as far as it is looked up */
    size_t root_length, length;
    char rest[PATH_MAX]; /* what is not yet looked up */
    unsigned links;
    bool differs; /* the host's kernel may find something at `root` and the path all the same */
};

static void go_up(struct walk *w) {
    w->differs |= w->length == w->root_length;
    while (w->length > w->root_length && w->at[--w->length] != '/') {
    }
    w->at[w->length] = '\0';
}

static bool append(struct walk *w, const char *name, size_t length) {
    if (w->length + 1 + length >= PATH_MAX) {
        return false;
    }
    w->at[w->length++] = '/';
    memcpy(w->at + w->length, name, length);
    w->length += length;
    w->at[w->length] = '\0';
    return true;
}

/* The link at the end of `at` gives way to its target; `after` is what comes after its name. */
static bool follow(struct walk *w, const char *target, size_t size, const char *after) {
    char rest[PATH_MAX];
    if (++w->links > LINKS_LIMIT ||
        (size_t)snprintf(rest, sizeof rest, "%.*s%s", (int)size, target, after) >= sizeof rest) {
        return false;
    }
    w->differs |= !*after;
    strcpy(w->rest, rest);
    go_up(w);
    if (target[0] == '/') {
        w->differs = true;
        w->length = w->root_length;
        w->at[w->length] = '\0';
    }
    return true;
}

static bool is_dot(const char *name, size_t length) {
    return length == 1 && name[0] == '.';
}

static bool is_up(const char *name, size_t length) {
    return length == 2 && name[0] == '.' && name[1] == '.';
}

/* The path as it is below the folder; NULL: it does not begin there. */
static const char *inside(const char *folder, size_t length, const char *path) {
    bool begins = !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
    return begins ? path + length : NULL;
}

static bool is_in_one(const char *const *folders, size_t count, const char *path) {
    for (size_t i = 0; i < count; i++) {
        if (path[0] == '/' && path[1] == folders[i][1] &&
            inside(folders[i], strlen(folders[i]), path)) {
            return true;
        }
    }
    return false;
}

/* Whether a path of the guest's begins where a system mounts a file system of the kernel's. */
static bool is_mounted(const char *path) {
    static const char *const places[] = {"/proc", "/sys", "/dev"};
    return is_in_one(places, ZF_ARRAY_LENGTH(places), path);
}

/* `at` becomes what it is at the host, and so does what comes after. */
static bool leave(struct walk *w, const char *after) {
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s%s", w->at + w->root_length, after) >= sizeof path) {
        return false;
    }
    strcpy(w->at, path);
    return true;
}

enum answer { THERE, MISSING, UNKNOWN };

/* What the host's kernel knows of a path without links. Nothing is opened: a folder cannot be
 * opened for writing, nor anything else as a folder. */
static enum answer ask(const char *path) {
    struct open_how how = {.flags = O_WRONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS};
    struct stat st;
    int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (fd >= 0) {
        close(fd);
        return UNKNOWN;
    }
    if (errno == ENOTDIR) {
        return lstat(path, &st) ? UNKNOWN : THERE;
    }
    return errno == EISDIR ? THERE : errno == ENOENT ? MISSING : UNKNOWN;
}

/* All names that are left at once: then `at` has them. UNKNOWN: nothing has changed. */
static enum answer look_up_all(struct walk *w, const char *names) {
    const size_t before = w->length, length = strlen(names);
    bool plain =
        names[0] != '.' && names[length - 1] != '/' && !strstr(names, "/.") && !strstr(names, "//");
    if (!plain || !append(w, names, length)) {
        return UNKNOWN;
    }
    enum answer answer = is_mounted(w->at + w->root_length) ? UNKNOWN : ask(w->at);
    if (answer == UNKNOWN) {
        w->length = before;
        w->at[before] = '\0';
    }
    return answer;
}

/* On most systems these are links, so that to ask about all names would be in vain. */
static bool begins_with_link(const char *path) {
    static const char *const places[] = {"/lib", "/lib64", "/bin", "/sbin"};
    return is_in_one(places, ZF_ARRAY_LENGTH(places), path);
}

/* Looks up all names; `link`: a link at the end is what is meant. False: something is not there. */
static bool look_up(struct walk *w, bool link) {
    char target[PATH_MAX];
    const char *name = w->rest;
    bool asks = !begins_with_link(w->rest);
    while (*(name += strspn(name, "/"))) {
        enum answer answer = asks ? look_up_all(w, name) : UNKNOWN;
        if (answer != UNKNOWN) {
            return answer == THERE;
        }
        asks = false;
        size_t length = strcspn(name, "/");
        const char *after = name + length;
        if (is_up(name, length)) {
            go_up(w);
        } else if (!is_dot(name, length)) {
            bool fits = append(w, name, length);
            if (fits && is_mounted(w->at + w->root_length)) {
                return leave(w, after);
            }
            ssize_t size = fits ? readlink(w->at, target, sizeof target) : 0;
            if (!size || (size < 0 && errno != EINVAL)) {
                return false;
            }
            if (size > 0 && (*after || !link)) {
                if (!follow(w, target, (size_t)size, after)) {
                    return false;
                }
                after = w->rest;
                asks = true;
            }
        }
        name = after;
    }
    bool folder = name > w->rest && name[-1] == '/';
    return !folder || append(w, "", 0);
}

/* A relative path begins in the folder that `dir` is. */
static bool begin(struct walk *w, int dir, const char *path) {
    char folder[PATH_MAX], link[32];
    if (path[0] == '/') {
        const char *part = inside(w->root, w->root_length, path);
        return (size_t)snprintf(w->rest, PATH_MAX, "%s", part ? part : path) < PATH_MAX;
    }
    if (dir == ZF_GUEST_CWD) {
        snprintf(link, sizeof link, "/proc/self/cwd");
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    }
    ssize_t size = readlink(link, folder, sizeof folder - 1);
    folder[size > 0 ? size : 0] = '\0';
    const char *part = size > 0 ? inside(w->root, w->root_length, folder) : NULL;
    return part && (size_t)snprintf(w->rest, PATH_MAX, "%s/%s", part, path) < PATH_MAX;
}

static bool has_folder(const char *root, const char *path, size_t length) {
    char folder[PATH_MAX];
    struct stat st;
    return (size_t)snprintf(folder, sizeof folder, "%s%.*s/", root, (int)length, path) <
               sizeof folder &&
           !stat(folder, &st);
}

/* Whether what is not in the sysroot is at the host, or may be made there but not in the sysroot.
 */
static bool is_at_host(const char *root, const char *path) {
    struct stat st;
    const char *last = strrchr(path, '/');
    size_t length = (size_t)(last - path);
    return !lstat(path, &st) || (!has_folder(root, path, length) && has_folder("", path, length));
}

/* Whether a link of the sysroot leads to a file of the host's, or to nothing yet. */
static bool is_link_out(const char *root, const char *path, char buffer[PATH_MAX]) {
    struct stat st;
    return (size_t)snprintf(buffer, PATH_MAX, "%s%s", root, path) < PATH_MAX && !lstat(buffer, &st);
}

bool zf_sysroot_find(const char *root, const struct zf_path *path, char buffer[PATH_MAX]) {
    struct walk w = {.root = root, .at = buffer, .root_length = strlen(root)};
    char whole[PATH_MAX];
    w.length = w.root_length;
    memcpy(buffer, root, w.length + 1);
    if (!path->text[0] || !begin(&w, path->dir, path->text)) {
        return false;
    }
    strcpy(whole, w.rest);
    if (look_up(&w, path->link)) {
        return true;
    }
    if (path->text[0] == '/') {
        return w.differs && is_link_out(root, path->text, buffer);
    }
    /* a relative path would lead on in the sysroot, where an absolute one leads to the host */
    bool leaves = is_at_host(root, whole);
    if (leaves) {
        strcpy(buffer, whole);
    }
    return leaves;
}

const char *zf_sysroot_name(const char *root, const char *path) {
    const char *part = root ? inside(root, strlen(root), path) : NULL;
    return !part || is_mounted(part) ? path : *part ? part : "/";
}

/* Other threads may be looking at its text: it stays. */
int zf_sysroot_left(struct zf_task *task, int result) {
    struct zf_linux *process = task->process;
    if (!result && process->config.sysroot) {
        process->left_sysroot = process->config.sysroot;
        process->config.sysroot = NULL;
    }
    return result;
}
