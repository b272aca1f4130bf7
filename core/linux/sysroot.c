/*
 * Where a path of the guest's leads in --sysroot: from one name to the next, since the host's
 * kernel would look for the target of an absolute link, as /etc/alternatives is full of, at the
 * host. What is not in the sysroot is the host's, and what a system mounts, of which a sysroot has
 * only empty folders, always is.
 */
#include "guest.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 };

struct walk {
    const char *root;
    char *at; /* a host path, PATH_MAX bytes: as far as it is looked up */
    size_t root_length, length;
    char rest[PATH_MAX]; /* what is not yet looked up */
    unsigned links;
};

static void go_up(struct walk *w) {
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
    strcpy(w->rest, rest);
    go_up(w);
    if (target[0] == '/') {
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

/* Whether what is looked up so far is where a system mounts a file system of the kernel's. */
static bool is_mounted(const struct walk *w) {
    static const char *const places[] = {"/proc", "/sys", "/dev"};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(places); i++) {
        if (!strcmp(w->at + w->root_length, places[i])) {
            return true;
        }
    }
    return false;
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

/* Looks up all names; `link`: a link at the end is what is meant. False: something is not there. */
static bool look_up(struct walk *w, bool link) {
    char target[PATH_MAX];
    const char *name = w->rest;
    while (*(name += strspn(name, "/"))) {
        size_t length = strcspn(name, "/");
        const char *after = name + length;
        if (is_up(name, length)) {
            go_up(w);
        } else if (!is_dot(name, length)) {
            bool fits = append(w, name, length);
            if (fits && is_mounted(w)) {
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
            }
        }
        name = after;
    }
    bool folder = name > w->rest && name[-1] == '/';
    return !folder || append(w, "", 0);
}

/* The path as it is in the sysroot; NULL: it does not begin there. */
static const char *inside(const char *root, size_t length, const char *path) {
    bool begins = !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
    return begins ? path + length : NULL;
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
    /* a relative path would lead on in the sysroot, where an absolute one leads to the host */
    bool leaves = path->text[0] != '/' && is_at_host(root, whole);
    if (leaves) {
        strcpy(buffer, whole);
    }
    return leaves;
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
