#define _GNU_SOURCE /* accept4 */
/*
 * Sockets and standard input, all in one poll(): bytes to sessions, their output back, events to
 * all; someone who does not read holds nobody up.
 */
#include "qmp/server.h"

#include "qmp/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CLIENTS = 32,
    CHUNK = 16 * 1024,
    /* A pipe that poll() calls writable takes so much without blocking. */
    PIPE_CHUNK = 4096,
    /* How long clients may take to read the last answers when the server ends. */
    GRACE_MS = 1000,
};

struct client {
    struct zf_qmp_session session;
    int in, out; /* the same for a socket */
    bool is_stdio;
    bool ended; /* no more input will come */
    size_t pending, taken;
    char chunk[CHUNK];
};

struct zf_qmp_server {
    struct zf_qmp *qmp;
    struct client *clients[MAX_CLIENTS];
    unsigned count;
    int listener, end_fd, reset_fd;
    const char *end_cause;
    struct zf_qmp_panic panic;
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

static void broadcast(void *context, const char *line, size_t length) {
    struct zf_qmp_server *server = context;
    for (unsigned i = 0; i < server->count; i++) {
        zf_qmp_session_event(&server->clients[i]->session, line, length);
    }
}

struct zf_qmp_server *zf_qmp_server_create(struct zf_qmp *qmp) {
    struct zf_qmp_server *server = calloc(1, sizeof *server);
    if (server) {
        server->qmp = qmp;
        server->listener = server->end_fd = server->reset_fd = -1;
        qmp->broadcast = broadcast;
        qmp->broadcast_context = server;
    }
    return server;
}

static void drop_client(struct zf_qmp_server *server, unsigned i) {
    struct client *client = server->clients[i];
    zf_qmp_session_close(&client->session);
    if (client->is_stdio) {
        server->qmp->quitting = true;
    } else {
        close(client->in);
    }
    free(client);
    server->clients[i] = server->clients[--server->count];
}

void zf_qmp_server_destroy(struct zf_qmp_server *server) {
    if (!server) {
        return;
    }
    while (server->count) {
        drop_client(server, 0);
    }
    if (server->listener >= 0) {
        close(server->listener);
        unlink(server->path);
    }
    server->qmp->broadcast = NULL;
    free(server);
}

static bool add_client(struct zf_qmp_server *server, int in, int out, bool is_stdio) {
    struct client *client = server->count < MAX_CLIENTS ? malloc(sizeof *client) : NULL;
    if (!client) {
        return false;
    }
    client->in = in;
    client->out = out;
    client->is_stdio = is_stdio;
    client->ended = false;
    client->pending = client->taken = 0;
    zf_qmp_session_open(&client->session, server->qmp);
    server->clients[server->count++] = client;
    return true;
}

enum zf_status zf_qmp_server_use_stdio(struct zf_qmp_server *server, struct zf_error *err) {
    if (!add_client(server, STDIN_FILENO, STDOUT_FILENO, true)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    return ZF_OK;
}

int zf_qmp_open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

void zf_qmp_server_end_on(struct zf_qmp_server *server, int fd, const char *cause) {
    server->end_fd = fd;
    server->end_cause = cause;
}

void zf_qmp_server_panic(struct zf_qmp_server *server, const struct zf_qmp_panic *panic) {
    server->panic = *panic;
}

void zf_qmp_server_reset_on(struct zf_qmp_server *server, int fd) {
    server->reset_fd = fd;
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

enum zf_status zf_qmp_server_listen(struct zf_qmp_server *server, const char *path,
                                    struct zf_error *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (!length || length >= sizeof address.sun_path) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "'%s' cannot be a socket: a path has 1 to %zu characters", path,
                       sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path, length);
    remove_stale(&address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
        listen(fd, MAX_CLIENTS)) {
        int reason = errno;
        if (fd >= 0) {
            close(fd);
        }
        return zf_fail(err, ZF_ERROR_IO, "cannot listen at %s: %s", path,
                       reason == EADDRINUSE
                           ? "it exists and is not a socket, or another process listens there"
                           : strerror(reason));
    }
    server->listener = fd;
    memcpy(server->path, address.sun_path, sizeof server->path);
    return ZF_OK;
}

static void accept_client(struct zf_qmp_server *server) {
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0 && !add_client(server, fd, fd, false)) {
        close(fd);
    }
}

static bool is_transient(void) {
    return errno == EAGAIN || errno == EINTR;
}

static void read_client(struct client *client) {
    ssize_t length = read(client->in, client->chunk, CHUNK);
    if (length > 0) {
        client->pending = (size_t)length;
        client->taken = 0;
    } else if (length == 0 || !is_transient()) {
        client->ended = true;
    }
}

/* False when the client is gone. */
static bool write_client(struct client *client) {
    struct zf_buffer *output = &client->session.output;
    ssize_t length;
    if (client->is_stdio) {
        length = write(client->out, output->data,
                       output->length < PIPE_CHUNK ? output->length : PIPE_CHUNK);
    } else {
        length = send(client->out, output->data, output->length, MSG_NOSIGNAL);
    }
    if (length < 0) {
        return is_transient();
    }
    zf_buffer_take(output, (size_t)length);
    return true;
}

static bool wants_input(const struct client *client) {
    return !client->ended && client->taken == client->pending &&
           client->session.output.length < ZF_QMP_OUTPUT_PAUSE;
}

static void work_on_input(struct client *client) {
    client->taken += zf_qmp_session_feed(&client->session, client->chunk + client->taken,
                                         client->pending - client->taken);
}

/* False when nothing is left to be done for the client. */
static bool serve_client(struct client *client, short in_events, short out_events) {
    if (in_events && wants_input(client)) {
        read_client(client);
    }
    work_on_input(client);
    if (out_events & (POLLERR | POLLHUP | POLLNVAL) && !(in_events & POLLIN)) {
        return false;
    }
    if (client->session.output.length && !write_client(client)) {
        return false;
    }
    bool done = client->ended && client->taken == client->pending;
    return !zf_qmp_session_failed(&client->session) && !(done && !client->session.output.length);
}

enum { FIXED_FDS = 3 };

/* What there is to wait for: the end, the listener, resets, then in and out of every client. */
static nfds_t fill_poll(const struct zf_qmp_server *server, struct pollfd *fds) {
    fds[0] = (struct pollfd){server->qmp->quitting ? -1 : server->end_fd, POLLIN, 0};
    bool accepts = server->count < MAX_CLIENTS && !server->qmp->quitting;
    fds[1] = (struct pollfd){accepts ? server->listener : -1, POLLIN, 0};
    fds[2] = (struct pollfd){server->reset_fd, POLLIN, 0};
    for (unsigned i = 0; i < server->count; i++) {
        const struct client *client = server->clients[i];
        struct pollfd *fd = fds + FIXED_FDS + (size_t)2 * i;
        fd[0] = (struct pollfd){wants_input(client) ? client->in : -1, POLLIN, 0};
        fd[1] = (struct pollfd){client->session.output.length ? client->out : -1, POLLOUT, 0};
    }
    return FIXED_FDS + (nfds_t)2 * server->count;
}

static void serve_clients(struct zf_qmp_server *server, const struct pollfd *fds) {
    for (unsigned i = server->count; i-- > 0;) {
        const struct pollfd *fd = fds + FIXED_FDS + (size_t)2 * i;
        struct client *client = server->clients[i];
        bool waits = client->taken < client->pending || client->session.output.length;
        if ((fd[0].revents || fd[1].revents || waits) &&
            !serve_client(client, fd[0].revents, fd[1].revents)) {
            drop_client(server, i);
        }
    }
}

static bool has_output(const struct zf_qmp_server *server) {
    for (unsigned i = 0; i < server->count; i++) {
        if (server->clients[i]->session.output.length) {
            return true;
        }
    }
    return false;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell_resets(struct zf_qmp_server *server) {
    uint64_t count = 0;
    if (read(server->reset_fd, &count, sizeof count) != sizeof count) {
        return;
    }
    while (count--) {
        zf_qmp_emit(server->qmp, ZF_QMP_EVENT_RESET, "guest-reset");
    }
}

/* False when the server has ended. */
static bool turn(struct zf_qmp_server *server, int timeout_ms) {
    struct pollfd fds[FIXED_FDS + 2 * MAX_CLIENTS];
    nfds_t count = fill_poll(server, fds);
    if (poll(fds, count, timeout_ms) < 0 && errno != EINTR) {
        return false;
    }
    serve_clients(server, fds);
    if (fds[2].revents) {
        tell_resets(server);
    }
    if (fds[0].revents) {
        server->qmp->quitting = true;
        if (server->panic.reason) {
            zf_qmp_emit_panic(server->qmp, &server->panic);
        }
        zf_qmp_emit(server->qmp, ZF_QMP_EVENT_SHUTDOWN, server->end_cause);
    }
    if (fds[1].revents) {
        accept_client(server);
    }
    return true;
}

void zf_qmp_server_run(struct zf_qmp_server *server) {
    while (!server->qmp->quitting && turn(server, -1)) {
    }
    int64_t end = now_ms() + GRACE_MS;
    while (has_output(server) && now_ms() < end && turn(server, (int)(end - now_ms()))) {
    }
}
