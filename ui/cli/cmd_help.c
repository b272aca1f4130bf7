#include "cli/command.h"
#include "text/common.h"

#include <string.h>

int zf_cmd_help(int argc, char **argv) {
    if (argc < 2 || !strcmp(argv[1], "help") || !strcmp(argv[1], "--help")) {
        zf_print_usage(stdout);
        return ZF_EXIT_OK;
    }
    if (argc > 2) {
        return zf_usage_error("help: give one command; '%s' is a second one", argv[2]);
    }
    const struct zf_command *command = zf_command_find(argv[1]);
    if (!command) {
        return zf_unknown_command(argv[1]);
    }
    /* Every command answers --help itself, so its usage is written in one place. */
    char help[] = "--help";
    char *arguments[] = {argv[1], help, NULL};
    return command->run(2, arguments);
}
