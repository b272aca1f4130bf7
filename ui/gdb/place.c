#define _GNU_SOURCE
/*
 * Where clients connect: a socket of the file system or a TCP port; without a host that of this
 * machine alone, because whoever connects has the guest in hand.
 */
#include "gdb/state.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char unix_prefix[] = "unix:";

static const char *unix_path(const char *place) {
    size_t n = sizeof unix_prefix - 1;
    return !strncmp(place, unix_prefix, n) ? place + n : NULL;
}

/* "HOST:PORT", "[::1]:PORT", ":PORT". */
static bool split(const char *place, char host[256], char port[8]) {
    const char *colon = strrchr(place, ':');
    char *end;
    if (!colon || strlen(colon + 1) > 5 || !colon[1] || (size_t)(colon - place) >= 256) {
        return false;
    }
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (*end || colon[1] == '+' || colon[1] == '-' || !number || number > 65535) {
        return false;
    }
    size_t length = (size_t)(colon - place);
    bool brackets = length > 1 && place[0] == '[' && place[length - 1] == ']';
    memcpy(host, place + brackets, length - 2 * (size_t)brackets);
    host[length - 2 * (size_t)brackets] = '\0';
    strcpy(port, colon + 1);
    return true;
}

bool zf_gdb_place_ok(const char *place) {
    char host[256], port[8];
    const char *path = unix_path(place);
    return path ? *path && strlen(path) < sizeof((struct sockaddr_un *)NULL)->sun_path
                : split(place, host, port);
}

/* A socket whose server is gone is in the way; a file that is no socket, or is served, stays. */
static void remove_stale(const struct sockaddr_un *address) {
    struct stat st;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && !lstat(address->sun_path, &st) && S_ISSOCK(st.st_mode) &&
        connect(fd, (const struct sockaddr *)address, sizeof *address) && errno == ECONNREFUSED) {
        unlink(address->sun_path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static int bound(int domain, const struct sockaddr *address, socklen_t size) {
    int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    if (fd >= 0 && domain != AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    }
    if (fd >= 0 && (bind(fd, address, size) || listen(fd, 1))) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

static int listen_unix(struct zf_gdb *g, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    remove_stale(&address);
    int fd = bound(AF_UNIX, (const struct sockaddr *)&address, sizeof address);
    if (fd >= 0) {
        g->is_unix = true;
        strcpy(g->path, path);
    }
    return fd;
}

static int listen_tcp(const char *host, const char *port, const char **why) {
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int fd = -1;
    int status = getaddrinfo(*host ? host : "127.0.0.1", port, &hints, &list);
    if (status) {
        *why = gai_strerror(status);
        return -1;
    }
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = bound(a->ai_family, a->ai_addr, a->ai_addrlen);
    }
    *why = strerror(errno);
    freeaddrinfo(list);
    return fd;
}

int zf_gdb_listen(struct zf_gdb *g, const char *place, struct zf_error *err) {
    char host[256], port[8];
    const char *path = unix_path(place), *why = NULL;
    int fd;
    if (!zf_gdb_place_ok(place)) {
        zf_fail(err, ZF_ERROR_USAGE, "invalid place '%s'; give " ZF_GDB_PLACES, place);
        return -1;
    }
    if (path) {
        fd = listen_unix(g, path);
        why = strerror(errno);
    } else {
        split(place, host, port);
        fd = listen_tcp(host, port, &why);
    }
    if (fd < 0) {
        zf_fail(err, ZF_ERROR_IO, "cannot listen for gdb at %s: %s", place, why);
    }
    return fd;
}
