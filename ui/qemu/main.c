/*
 * zfacet-qemu: what management software starts to ask an emulator what it can do, in QEMU's place.
 * It takes the command line of that question, and no other: guests are for zfacet run.
 */
#define _GNU_SOURCE /* pipe2 */
#include "qmp/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

struct options {
    const char *qmp, *pidfile;
    bool daemonize;
};

static const char usage[] =
    "usage: zfacet-qemu -machine none[,accel=tcg] -qmp CHANNEL [OPTION...]\n"
    "\n"
    "Replaces qemu-system-s390x where management software such as libvirt asks an emulator for\n"
    "its capabilities. It runs no guests; zfacet run does.\n"
    "\n"
    "  -machine none[,accel=LIST]  no machine; LIST must contain tcg and can contain kvm, which\n"
    "                              is not available\n"
    "  -qmp stdio                  the management protocol (zfacet help qmp) on standard input "
    "and\n"
    "                              output\n"
    "  -qmp unix:PATH,server=on[,wait=off]  the same on a unix socket\n"
    "  -pidfile FILE               write the process ID to FILE\n"
    "  -daemonize                  continue in the background once the socket exists\n"
    "  -S -no-user-config -nodefaults -nographic -display none\n"
    "                              accepted and ignored\n"
    "  -version, -help             print and exit\n"
    "\n"
    "example:\n"
    "  virsh domcapabilities --arch s390x --virttype qemu --emulatorbin "
    "/usr/local/bin/zfacet-qemu\n"
    "\n"
    "Exit status: 0 success, 1 failure, 2 invalid command line.\n";

static int refuse(const char *format, const char *what) __attribute__((format(printf, 1, 0)));

static int refuse(const char *format, const char *what) {
    fputs("zfacet-qemu: ", stderr);
    fprintf(stderr, format, what);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

/* Whether `word` is among those of `list`, separated by `separator`. */
static bool is_listed(const char *list, const char *word, char separator) {
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, separator), at += at ? 1 : 0) {
        if (!strncmp(at, word, length) && (!at[length] || at[length] == separator)) {
            return true;
        }
    }
    return false;
}

/* -1 when it is "none" with an accelerator that is there. */
static int check_machine(const char *value) {
    const char *accel = strstr(value, ",accel=");
    size_t length = strcspn(value, ",");
    const char *rest = value + length;
    if (strncmp(value, "none", length) || length != strlen("none")) {
        return refuse("'-machine %s': only none is supported; 'zfacet run' runs guests", value);
    }
    if (*rest && rest != accel) {
        return refuse("'-machine %s': only accel=LIST can follow", value);
    }
    if (accel && (strchr(accel + 1, ',') || !is_listed(accel + strlen(",accel="), "tcg", ':'))) {
        return refuse("'-machine %s': only accel=tcg is supported", value);
    }
    return -1;
}

/* Options without a meaning here. */
static bool is_ignored(const char *option) {
    static const char *const ignored[] = {"S", "no-user-config", "nodefaults", "nographic"};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(ignored); i++) {
        if (!strcmp(option, ignored[i])) {
            return true;
        }
    }
    return false;
}

/* An option with a value: -1 to go on, else an exit status. */
static int take_value(struct options *options, const char *option, const char *value,
                      bool *machine) {
    if (!strcmp(option, "machine") || !strcmp(option, "M")) {
        *machine = true;
        return check_machine(value);
    }
    if (!strcmp(option, "qmp")) {
        options->qmp = value;
        return -1;
    }
    if (!strcmp(option, "pidfile")) {
        options->pidfile = value;
        return -1;
    }
    return strcmp(value, "none") ? refuse("'-display %s': only none is supported", value) : -1;
}

static bool has_value(const char *option) {
    return is_listed("machine M qmp pidfile display", option, ' ');
}

static int parse(struct options *options, int argc, char **argv) {
    bool machine = false;
    int status = -1;
    for (int i = 1; i < argc && status < 0; i++) {
        const char *option = argv[i] + 1 + (argv[i][0] == '-' && argv[i][1] == '-');
        if (argv[i][0] != '-' || !*option) {
            return refuse("'%s': images and devices are not supported; 'zfacet run' runs guests",
                          argv[i]);
        }
        if (!strcmp(option, "help") || !strcmp(option, "h")) {
            fputs(usage, stdout);
            return 0;
        }
        if (!strcmp(option, "version")) {
            puts("QEMU emulator version 10.0.2 (zfacet " ZFACET_VERSION
                 "; speaks QEMU's protocol, is not QEMU)");
            return 0;
        }
        if (!strcmp(option, "daemonize")) {
            options->daemonize = true;
        } else if (has_value(option)) {
            status = i + 1 < argc ? take_value(options, option, argv[i + 1], &machine)
                                  : refuse("'-%s' needs a value", option);
            i++;
        } else if (!is_ignored(option)) {
            return refuse("unknown option '%s'; this program answers questions about CPU "
                          "models ('-help'), 'zfacet run' runs guests",
                          argv[i]);
        }
    }
    if (status < 0 && (!machine || !options->qmp)) {
        return refuse("%s is missing; see '-help'", machine ? "-qmp" : "-machine none");
    }
    return status;
}

/* The path of unix:PATH,server=on; NULL when the channel is another one. wait=off goes without
 * saying: nothing here waits for a client. */
static char *socket_path(const char *channel) {
    const char *path = channel + strlen("unix:");
    if (strncmp(channel, "unix:", strlen("unix:"))) {
        return NULL;
    }
    const char *rest = path + strcspn(path, ",");
    bool server = is_listed(rest, "server=on", ',') || is_listed(rest, "server", ',');
    return server ? strndup(path, (size_t)(rest - path)) : NULL;
}

static enum zf_status open_channel(struct zf_qmp_server *server, const struct options *options,
                                   struct zf_error *err) {
    if (!strcmp(options->qmp, "stdio")) {
        return options->daemonize
                   ? zf_fail(err, ZF_ERROR_USAGE, "-daemonize cannot be combined with -qmp stdio")
                   : zf_qmp_server_use_stdio(server, err);
    }
    char *path = socket_path(options->qmp);
    if (!path) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "'-qmp %s': supported are stdio and unix:PATH,server=on,wait=off",
                       options->qmp);
    }
    enum zf_status status = zf_qmp_server_listen(server, path, err);
    free(path);
    return status;
}

static enum zf_status write_pid(const struct options *options, struct zf_error *err) {
    FILE *file = options->pidfile ? fopen(options->pidfile, "w") : NULL;
    if (!options->pidfile) {
        return ZF_OK;
    }
    bool good = file && fprintf(file, "%d\n", getpid()) > 0;
    if ((file && fclose(file)) || !good) {
        return zf_fail(err, ZF_ERROR_IO, "cannot write %s: %s", options->pidfile, strerror(errno));
    }
    return ZF_OK;
}

/* The parent ends when the child is ready, with its status; only the child comes back. */
static int go_to_background(void) {
    int ready[2];
    char status = EXIT_FAILURE;
    if (pipe2(ready, O_CLOEXEC)) {
        return -1;
    }
    pid_t child = fork();
    if (child) {
        close(ready[1]);
        if (child < 0 || read(ready[0], &status, 1) != 1) {
            status = EXIT_FAILURE;
        }
        _exit(status);
    }
    close(ready[0]);
    setsid();
    return ready[1];
}

/* From here on messages would go nowhere. */
static void tell_ready(int ready) {
    char status = EXIT_SUCCESS;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++) {
        dup2(null, fd);
    }
    if (write(ready, &status, 1) < 0) {
        exit(EXIT_FAILURE);
    }
    close(ready);
}

static enum zf_status serve(const struct options *options, struct zf_qmp_server *server,
                            struct zf_error *err) {
    int ready = options->daemonize ? go_to_background() : -1;
    enum zf_status status = open_channel(server, options, err);
    if (status == ZF_OK) {
        status = write_pid(options, err);
    }
    if (status != ZF_OK) {
        return status;
    }
    if (ready >= 0) {
        tell_ready(ready);
    }
    zf_qmp_server_end_on(server, zf_qmp_open_signals(), "host-signal");
    zf_qmp_server_run(server);
    if (options->pidfile) {
        unlink(options->pidfile);
    }
    return ZF_OK;
}

int main(int argc, char **argv) {
    struct options options = {0};
    struct zf_qmp qmp;
    struct zf_error err;
    int usage_status = parse(&options, argc, argv);
    if (usage_status >= 0) {
        return usage_status;
    }
    struct zf_qmp_server *server = zf_qmp_open(&qmp, NULL) ? zf_qmp_server_create(&qmp) : NULL;
    enum zf_status status =
        server ? serve(&options, server, &err) : zf_fail(&err, ZF_ERROR_MEMORY, "out of memory");
    zf_qmp_server_destroy(server);
    zf_qmp_close(&qmp);
    if (status != ZF_OK) {
        fprintf(stderr, "zfacet-qemu: %s\n", err.message);
        return status == ZF_ERROR_USAGE ? EXIT_USAGE : EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
