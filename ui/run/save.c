/*
 * Saving a guest: to a file, that appears only when it is whole, or to a target that listens at a
 * socket and says whether it takes the guest.
 */
#include "run/transport.h"
#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static enum zf_status write_guest(const struct zf_run *run, struct zf_stream *stream,
                                  struct zf_section *section, struct zf_error *err) {
    enum zf_status status = zf_stream_begin(stream, err);
    if (status == ZF_OK) {
        zf_saved_model_put(&run->identity, section);
        status = zf_stream_write(stream, section, err);
    }
    return status == ZF_OK ? zf_machine_save(run->machine, stream, section, err) : status;
}

/* A regular file gets its new contents all at once; a pipe or device as they come. */
static enum zf_status save_to_file(const struct zf_run *run, const char *path,
                                   struct zf_section *section, struct zf_error *err) {
    struct stat st;
    char part[ZF_TRANSPORT_LENGTH + 16];
    bool direct = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    snprintf(part, sizeof part, direct ? "%s" : "%s.XXXXXX", path);
    struct zf_stream stream = {.fd = direct ? open(part, O_WRONLY | O_CLOEXEC) : mkstemp(part)};
    if (stream.fd < 0) {
        return zf_fail(err, ZF_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    }
    enum zf_status status = write_guest(run, &stream, section, err);
    if (!direct && status == ZF_OK && fsync(stream.fd) < 0) {
        status = zf_fail(err, ZF_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    }
    close(stream.fd);
    if (!direct && status == ZF_OK && rename(part, path) < 0) {
        status = zf_fail(err, ZF_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    }
    if (!direct && status != ZF_OK) {
        unlink(part);
    }
    return status;
}

/* What the target makes of it; it may have refused before all was written. */
static enum zf_status read_answer(struct zf_stream *stream, struct zf_section *section,
                                  enum zf_status status, struct zf_error *err) {
    char text[ZF_TRANSPORT_LENGTH];
    struct zf_error lost;
    if (zf_stream_read(stream, section, &lost) != ZF_OK) {
        return status != ZF_OK
                   ? status
                   : zf_fail(err, ZF_ERROR_IO, "no answer from the target: %s", lost.message);
    }
    if (section->tag == zf_tag_accepted && status == ZF_OK) {
        return ZF_OK;
    }
    zf_take_text(&section->payload, text, sizeof text);
    return zf_fail(err, ZF_ERROR_UNSUPPORTED, "the target refused the guest: %s",
                   section->tag == zf_tag_refused && !section->payload.bad ? text : "no reason");
}

static enum zf_status save_to_socket(const struct zf_run *run, const char *path,
                                     struct zf_section *section, struct zf_error *err) {
    struct sockaddr_un address;
    /* A target that hangs must not keep the guest from going on. */
    const struct timeval patience = {.tv_sec = 30};
    zf_transport_address(path, &address);
    struct zf_stream stream = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                               .is_socket = true};
    if (stream.fd < 0 || connect(stream.fd, (struct sockaddr *)&address, sizeof address) < 0) {
        enum zf_status status =
            zf_fail(err, ZF_ERROR_IO, "cannot connect to %s: %s", path, strerror(errno));
        if (stream.fd >= 0) {
            close(stream.fd);
        }
        return status;
    }
    setsockopt(stream.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(stream.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    enum zf_status status = write_guest(run, &stream, section, err);
    status = read_answer(&stream, section, status, err);
    close(stream.fd);
    return status;
}

static enum zf_status save(const struct zf_run *run, const char *to, struct zf_error *err) {
    struct zf_section section;
    const char *path;
    if (!zf_run_transport_ok(to, err)) {
        return ZF_ERROR_USAGE;
    }
    if (!zf_section_create(&section)) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory saving the guest");
    }
    bool is_socket = zf_transport_is_socket(to, &path);
    enum zf_status status = is_socket ? save_to_socket(run, path, &section, err)
                                      : save_to_file(run, path, &section, err);
    zf_section_destroy(&section);
    return status;
}

enum zf_status zf_run_save(void *context, const char *to, struct zf_error *err) {
    struct zf_run *run = context;
    enum zf_status status = save(run, to, err);
    atomic_store(&run->saved, status == ZF_OK);
    run->saved_once |= status == ZF_OK;
    return status;
}

void zf_run_save_now(void *context, struct zf_machine *machine) {
    struct zf_run *run = context;
    const struct zf_run_options *o = run->options;
    struct zf_error err;
    if (save(run, o->save, &err) != ZF_OK) {
        zf_warn("guest not saved; it continues: %s", err.message);
        run->save_failed = true;
        return;
    }
    run->saved_once = true;
    if (!o->quiet && !o->json) {
        fprintf(stderr, "zfacet: guest saved to %s\n", o->save);
    }
    if (!o->keep_running) {
        atomic_store(&run->saved, true);
        zf_control_end(run->control);
    }
}

void zf_run_save_at(void *context, struct zf_machine *machine) {
    struct zf_run *run = context;
    run->save_at_done = true;
    zf_run_save_now(run, machine);
}
