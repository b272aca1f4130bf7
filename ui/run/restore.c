/*
 * Restoring a guest: whose stream it is, whether this target can have it, and the machine.
 */
#include "run/transport.h"
#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

bool zf_transport_is_socket(const char *where, const char **path) {
    static const char unix_prefix[] = "unix:", file_prefix[] = "file:";
    bool is_socket = !strncmp(where, unix_prefix, sizeof unix_prefix - 1);
    bool is_file = !strncmp(where, file_prefix, sizeof file_prefix - 1);
    *path = where + (is_socket || is_file ? sizeof unix_prefix - 1 : 0);
    return is_socket;
}

void zf_transport_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
}

bool zf_run_transport_ok(const char *where, struct zf_error *err) {
    struct sockaddr_un address;
    const char *path;
    size_t limit =
        zf_transport_is_socket(where, &path) ? sizeof address.sun_path : ZF_TRANSPORT_LENGTH;
    if (!*path || strlen(path) >= limit) {
        zf_fail(err, ZF_ERROR_USAGE, "'%.100s': give a file or unix:PATH of at most %zu characters",
                where, limit - 1);
        return false;
    }
    return true;
}

/* As poll() and sockets count it. 0: --timeout was not given. */
static int64_t timeout_ms(const struct zf_run *run) {
    return (int64_t)((run->options->timeout_ns + 999999) / 1000000);
}

/* Waits for one source, --timeout at most; the same then for each part of what it sends. */
static int accept_in_time(const struct zf_run *run, int listening) {
    int64_t ms = timeout_ms(run);
    struct pollfd source = {.fd = listening, .events = POLLIN};
    int limit = ms && ms < INT_MAX ? (int)ms : -1;
    if (poll(&source, 1, limit) == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    int fd = accept(listening, NULL, NULL);
    struct timeval patience = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (fd >= 0 && ms) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    return fd;
}

static int accept_source(const struct zf_run *run, const char *path, bool *late,
                         struct zf_error *err) {
    struct sockaddr_un address;
    struct stat st;
    zf_transport_address(path, &address);
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        unlink(path); /* left behind by another */
    }
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1;
    if (listening >= 0 && bind(listening, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(listening, 1) == 0) {
        fd = accept_in_time(run, listening);
    }
    *late = fd < 0 && errno == ETIMEDOUT;
    if (*late) {
        zf_fail(err, ZF_ERROR_IO, "no guest came within --timeout");
    } else if (fd < 0) {
        zf_fail(err, ZF_ERROR_IO, "cannot listen on %s: %s", path, strerror(errno));
    }
    if (listening >= 0) {
        close(listening);
    }
    unlink(path);
    return fd;
}

static int open_file(const char *path, struct zf_error *err) {
    enum { LEAST = 12 }; /* a stream's header */
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        zf_fail(err, ZF_ERROR_NOT_FOUND, "%s", strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        zf_fail(err, ZF_ERROR_NOT_FOUND, "%s", strerror(EISDIR));
    } else if (S_ISREG(st.st_mode) && st.st_size < LEAST) {
        zf_fail(err, ZF_ERROR_FORMAT, "not a saved guest: it has %lld bytes",
                (long long)st.st_size);
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static int open_incoming(struct zf_run *run, bool *late, struct zf_error *err) {
    const char *path;
    *late = false;
    if (zf_transport_is_socket(run->options->restore, &path)) {
        run->incoming =
            (struct zf_stream){.fd = accept_source(run, path, late, err), .is_socket = true};
        return run->incoming.fd;
    }
    run->incoming = (struct zf_stream){.fd = open_file(path, err)};
    return run->incoming.fd;
}

/* Tells the source, which may be gone. */
static void answer(struct zf_run *run, uint32_t tag, const char *text) {
    if (run->incoming.is_socket) {
        zf_section_begin(&run->section, tag);
        zf_put_text(&run->section.payload, text);
        zf_stream_write(&run->incoming, &run->section, NULL);
        shutdown(run->incoming.fd, SHUT_WR);
        /* What the source has sent meanwhile is taken, or it would lose the answer. */
        char rest[4096];
        while (tag == zf_tag_refused && read(run->incoming.fd, rest, sizeof rest) > 0) {
        }
    }
    close(run->incoming.fd);
    run->incoming.fd = -1;
}

static enum zf_run_end refuse(struct zf_run *run, enum zf_run_end end, const char *message) {
    answer(run, zf_tag_refused, message);
    return zf_run_fail(run, end, "%s: %s", run->options->restore, message);
}

/* What the target does not have: told, and the first of it for the source. */
struct missing {
    const char *option; /* the target as it was named */
    bool allowed;
    unsigned count;
    char first[256];
};

static void tell_missing(void *context, const char *text) {
    struct missing *missing = context;
    if (!missing->count++) {
        snprintf(missing->first, sizeof missing->first, "%s", text);
    }
    if (missing->allowed) {
        zf_warn("%s lacks what the guest may use: %s", missing->option, text);
    } else {
        fprintf(stderr, "zfacet: %s lacks: %s\n", missing->option, text);
    }
}

/* The level that a hypervisor has to imitate for the guest must be one that the target can. */
static void compare_ibc(const struct zf_saved_model *identity, const struct zf_model *target,
                        struct missing *missing) {
    struct zf_gate before, after;
    struct zf_gate_config config = {.policy = identity->policy,
                                    .model = &identity->model,
                                    .ibc = identity->ibc,
                                    .lowest = identity->lowest};
    if (identity->policy != ZF_POLICY_IBC) {
        return;
    }
    config.host = identity->has_host ? &identity->host : NULL;
    zf_gate_compute(&config, &before);
    config.host = target;
    zf_gate_compute(&config, &after);
    if (before.ibc != after.ibc) {
        char was[48], would[48], text[160];
        zf_ibc_text(before.ibc, was, sizeof was);
        zf_ibc_text(after.ibc, would, sizeof would);
        snprintf(text, sizeof text, "IBC value %s, which would be %s there", was, would);
        tell_missing(missing, text);
    }
}

/* Compares the guest's model with --model or --host, and makes that its host. */
static enum zf_run_end compare_target(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    struct zf_saved_model *identity = &run->identity;
    struct missing missing = {.option = o->host ? o->host : o->model, .allowed = o->allow_missing};
    struct zf_model target;
    char text[512];
    if (!missing.option) {
        return ZF_RUN_OK;
    }
    if (zf_model_parse(missing.option, o->strict, &target, NULL, &run->err) != ZF_OK) {
        answer(run, zf_tag_refused, run->err.message);
        return zf_run_failed(run);
    }
    zf_saved_model_missing(&identity->model, &target, tell_missing, &missing);
    compare_ibc(identity, &target, &missing);
    if (missing.count && !missing.allowed) {
        snprintf(text, sizeof text,
                 "%s cannot run the guest, which needs %s%s; --allow-missing restores it anyway",
                 missing.option, missing.first, missing.count > 1 ? " and more" : "");
        return refuse(run, ZF_RUN_REFUSED, text);
    }
    identity->has_host = true;
    identity->host = target;
    return ZF_RUN_OK;
}

enum zf_run_end zf_run_restore_begin(struct zf_run *run) {
    struct zf_error err;
    bool late;
    if (!zf_section_create(&run->section)) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory restoring the guest");
    }
    if (open_incoming(run, &late, &err) < 0) {
        return zf_run_fail(run, late ? ZF_RUN_TIMEOUT : ZF_RUN_BAD_GUEST, "%s: %s",
                           run->options->restore, err.message);
    }
    if (zf_stream_open(&run->incoming, &err) != ZF_OK ||
        zf_stream_read(&run->incoming, &run->section, &err) != ZF_OK ||
        zf_saved_model_take(&run->section, &run->identity, &err) != ZF_OK) {
        return refuse(run, ZF_RUN_BAD_GUEST, err.message);
    }
    return compare_target(run);
}

enum zf_run_end zf_run_restore_config(struct zf_run *run, struct zf_machine_config *config) {
    struct zf_error err;
    if (zf_stream_read(&run->incoming, &run->section, &err) != ZF_OK ||
        zf_machine_restore_config(&run->section, config, &err) != ZF_OK) {
        return refuse(run, ZF_RUN_BAD_GUEST, err.message);
    }
    return ZF_RUN_OK;
}

enum zf_run_end zf_run_restore_end(struct zf_run *run) {
    struct zf_error err;
    char more;
    if (zf_machine_restore(run->machine, &run->incoming, &run->section, &err) != ZF_OK) {
        return refuse(run, ZF_RUN_BAD_GUEST, err.message);
    }
    if (!run->incoming.is_socket && read(run->incoming.fd, &more, 1) > 0) {
        return refuse(run, ZF_RUN_BAD_GUEST, "data after the end of the stream");
    }
    answer(run, zf_tag_accepted, NULL);
    return ZF_RUN_OK;
}
