#define _GNU_SOURCE /* accept4 */
/*
 * The thread that serves: it waits for clients, their bytes, and the machine's halts, which a
 * listener of its control announces. A client that does not read what it asked for is dropped.
 */
#include "gdb/state.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SEND_SECONDS = 10, CHUNK = 4096 };

static void announce(int eventfd) {
    static const uint64_t one = 1;
    ssize_t written = write(eventfd, &one, sizeof one);
    ZF_ASSERT(written == sizeof one || errno == EAGAIN);
}

int zf_gdb_keep_file(const struct zf_gdb *g, int fd) {
    return fd >= 0 && g->config.program ? zf_linux_keep_file(g->config.program, fd) : fd;
}

void zf_gdb_drop_file(const struct zf_gdb *g, int fd) {
    if (g->config.program) {
        zf_linux_drop_file(g->config.program, fd);
    } else {
        close(fd);
    }
}

/* Of the control; a guest that was forked is nobody's to debug. */
static void on_event(void *context, const struct zf_control_event *event) {
    struct zf_gdb *g = context;
    bool halts = event->kind == ZF_CONTROL_END ||
                 (event->kind == ZF_CONTROL_STATE && event->halt->state != ZF_CONTROL_RUNNING);
    if (halts && getpid() == g->owner) {
        announce(g->halted);
    }
}

static bool send_all(const struct zf_gdb *g, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(g->client, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool send_reply(const struct zf_gdb *g) {
    char frame[ZF_GDB_PACKET_SIZE + 4];
    return send_all(g, frame, zf_gdb_frame(&g->reply, frame));
}

void zf_gdb_say(struct zf_gdb *g, const char *text) {
    struct zf_gdb_reply told = g->reply;
    g->reply.length = 0;
    zf_gdb_add(&g->reply, "O");
    zf_gdb_add_hex(&g->reply, text, strlen(text));
    send_reply(g);
    g->reply = told;
}

static void drop_client(struct zf_gdb *g) {
    zf_gdb_leave(g);
    shutdown(g->client, SHUT_RDWR); /* a forked guest may have it open too */
    zf_gdb_drop_file(g, g->client);
    g->client = -1;
}

static void accept_client(struct zf_gdb *g) {
    struct timeval limit = {.tv_sec = SEND_SECONDS};
    int one = 1;
    g->client = zf_gdb_keep_file(g, accept4(g->listener, NULL, NULL, SOCK_CLOEXEC));
    if (g->client < 0) {
        return;
    }
    setsockopt(g->client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(g->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    g->input = (struct zf_gdb_input){0};
    zf_gdb_arrive(g);
}

/* What is asked for while the machine runs is not answered until it stands still. */
static bool take_packet(struct zf_gdb *g) {
    if (g->acks && !send_all(g, "+", 1)) {
        return false;
    }
    zf_gdb_command(g, g->input.text, g->input.length);
    if (g->running && !g->reply.length) {
        return true; /* the halt is the answer */
    }
    return send_reply(g) && !g->leaves;
}

static bool take_byte(struct zf_gdb *g, char byte) {
    switch (zf_gdb_input_feed(&g->input, byte)) {
    case ZF_GDB_INPUT_NOTHING:
        return true;
    case ZF_GDB_INPUT_BAD:
        return !g->acks || send_all(g, "-", 1);
    case ZF_GDB_INPUT_BREAK:
        if (g->running) {
            zf_control_pause(g->config.control);
        }
        return true;
    case ZF_GDB_INPUT_PACKET:
        break;
    }
    return take_packet(g);
}

static bool read_client(struct zf_gdb *g) {
    char bytes[CHUNK];
    ssize_t length = recv(g->client, bytes, sizeof bytes, 0);
    if (length <= 0) {
        return length < 0 && errno == EINTR;
    }
    for (ssize_t i = 0; i < length; i++) {
        if (!take_byte(g, bytes[i])) {
            return false;
        }
    }
    return true;
}

static bool tell_halt(struct zf_gdb *g) {
    uint64_t count;
    if (read(g->halted, &count, sizeof count) < 0) {
        return true;
    }
    g->reply.length = 0;
    g->reply.full = false;
    return !zf_gdb_take_halt(g) || send_reply(g);
}

static void *serve(void *context) {
    struct zf_gdb *g = context;
    bool finished = false;
    while (!finished || g->client >= 0) {
        struct pollfd fds[] = {
            {g->client >= 0 || finished ? -1 : g->listener, POLLIN, 0},
            {g->client, POLLIN, 0},
            {g->halted, POLLIN, 0},
            {finished ? -1 : g->finished, POLLIN, 0},
        };
        if (poll(fds, ZF_ARRAY_LENGTH(fds), -1) < 0 && errno != EINTR) {
            break;
        }
        finished |= fds[3].revents != 0;
        if (fds[0].revents) {
            accept_client(g);
        } else if (g->client >= 0 &&
                   ((fds[2].revents && !tell_halt(g)) || (fds[1].revents && !read_client(g)))) {
            drop_client(g);
        } else if (g->client < 0 && fds[2].revents) {
            tell_halt(g); /* to nobody */
        }
    }
    return NULL;
}

/* Signals are for the other threads. */
static bool start_thread(struct zf_gdb *g) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool started = pthread_create(&g->thread, NULL, serve, g) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct zf_gdb *zf_gdb_create(const struct zf_gdb_config *config, const char *place,
                             struct zf_error *err) {
    struct zf_gdb *g = calloc(1, sizeof *g);
    if (!g) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for --gdb");
        return NULL;
    }
    g->config = *config;
    g->owner = getpid();
    g->client = -1;
    zf_gdb_list_registers(g);
    g->listener = zf_gdb_keep_file(g, zf_gdb_listen(g, place, err));
    g->halted = zf_gdb_keep_file(g, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    g->finished = zf_gdb_keep_file(g, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (g->listener >= 0 && g->halted >= 0 && g->finished >= 0) {
        zf_control_listen(config->control, on_event, g);
        g->serving = start_thread(g);
        if (g->serving) {
            return g;
        }
    }
    if (g->listener >= 0) {
        zf_fail(err, ZF_ERROR_IO, "cannot serve gdb: %s", strerror(errno));
    }
    zf_gdb_destroy(g);
    return NULL;
}

void zf_gdb_finish(struct zf_gdb *g) {
    if (g && g->serving && getpid() == g->owner) {
        announce(g->finished);
        pthread_join(g->thread, NULL);
        g->serving = false;
    }
}

void zf_gdb_destroy(struct zf_gdb *g) {
    if (!g) {
        return;
    }
    zf_gdb_finish(g);
    int fds[] = {g->listener, g->halted, g->finished};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(fds); i++) {
        if (fds[i] >= 0) {
            zf_gdb_drop_file(g, fds[i]);
        }
    }
    if (g->is_unix && getpid() == g->owner) {
        unlink(g->path);
    }
    free(g);
}
