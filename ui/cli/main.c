/*
 * zfacet COMMAND …: finds the command in the table and hands over, and looks in the end whether all
 * that was printed could be written.
 */
#include "cli/command.h"
#include "cli/complete.h"
#include "text/common.h"

#include "zfacet/base.h"
#include "zfacet/jit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

static const struct zf_command commands[] = {
#define COMMAND(name, summary) {#name, summary, zf_cmd_##name},
#define COMMAND2(a, b, summary) {#a "-" #b, summary, zf_cmd_##a##_##b},
#include "cli/command.def"
#undef COMMAND2
#undef COMMAND
};

const struct zf_command *zf_command_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(commands) ? &commands[i] : NULL;
}

const struct zf_command *zf_command_find(const char *name) {
    const struct zf_command *command;
    for (unsigned i = 0; (command = zf_command_at(i)); i++) {
        if (!strcmp(command->name, name)) {
            return command;
        }
    }
    return NULL;
}

static const char *command_name(const void *context, unsigned i) {
    const struct zf_command *command = zf_command_at(i);
    return command ? command->name : NULL;
}

int zf_unknown_command(const char *name) {
    const char *nearest = zf_nearest(name, command_name, NULL);
    if (nearest) {
        return zf_usage_error("unknown command '%s'; did you mean '%s'?", name, nearest);
    }
    return zf_usage_error("unknown command '%s'; 'zfacet --help' lists the commands", name);
}

void zf_print_usage(FILE *out) {
    const struct zf_command *command;
    fputs("usage: zfacet COMMAND [ARGUMENT...]\n"
          "       zfacet --help | --version\n"
          "\n"
          "Runs and examines s390x programs on any z/Architecture CPU model from z900 to z17.\n"
          "\n"
          "commands:\n",
          out);
    for (unsigned i = 0; (command = zf_command_at(i)); i++) {
        fprintf(out, "  %-11s  %s\n", command->name, command->summary);
    }
    fputs("\n'zfacet help COMMAND' describes a command.\n"
          "Exit status: 0 success, 1 operation or output failed, 2 invalid command line,\n"
          "3 something was blocked, or the answer is no.\n",
          out);
}

/*
 * A standard stream that is closed would be the next file that is opened. It is opened for what it
 * is not used for, so that using it fails.
 */
static void open_standard_streams(void) {
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) {
            _exit(ZF_EXIT_FAILURE);
        }
    }
}

/*
 * What was printed must have arrived. A reader that went away knows that itself. That a Linux
 * program closed the file does not matter, where nothing was printed since.
 */
static int check_output(int status) {
    errno = 0;
    bool failed = ferror(stdout), pending = __fpending(stdout) != 0;
    int error = fflush(stdout) != 0 || (fclose(stdout) != 0 && errno) ? errno : 0;
    if (error == EBADF && !pending) {
        error = 0;
    }
    if (!failed && !error) {
        return status;
    }
    if (error != EPIPE) {
        fprintf(stderr, "zfacet: cannot write standard output%s%s\n", error ? ": " : "",
                error ? strerror(error) : "");
    }
    return ZF_EXIT_FAILURE;
}

/* For zf_nearest(). */
static const char *option_name(const void *context, unsigned i) {
    static const char *const names[] = {"--help", "--version"};
    return i < ZF_ARRAY_LENGTH(names) ? names[i] : NULL;
}

static int run_command(int argc, char **argv) {
    if (argc < 2) {
        zf_print_usage(stderr);
        return ZF_EXIT_USAGE;
    }
    bool one =
        !strcmp(argv[1], "--version") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h");
    if (one && argc > 2) {
        return zf_usage_error("unexpected argument '%s' after %s", argv[2], argv[1]);
    }
    if (!strcmp(argv[1], "--version")) {
        const char *missing = zf_jit_missing();
        printf("zfacet " ZFACET_VERSION "\nengines: interpreter, %s%s\n",
               missing ? "no native code: " : "auto, base", missing ? missing : "");
        return ZF_EXIT_OK;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        zf_print_usage(stdout);
        return ZF_EXIT_OK;
    }
    if (!strcmp(argv[1], "--complete")) {
        return zf_complete(argc - 2, argv + 2);
    }
    if (argv[1][0] == '-') {
        const char *nearest = strlen(argv[1]) > 2 ? zf_nearest(argv[1], option_name, NULL) : NULL;
        return zf_usage_error("unknown option '%s'; %s%s%s", argv[1],
                              nearest ? "did you mean '" : "see 'zfacet --help'",
                              nearest ? nearest : "", nearest ? "'?" : "");
    }
    const struct zf_command *command = zf_command_find(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : zf_unknown_command(argv[1]);
}

int main(int argc, char **argv) {
    open_standard_streams();
    return check_output(run_command(argc, argv));
}
