/*
 * The commands of zfacet: one row of command.def and one function each.
 */
#ifndef ZFACET_UI_COMMAND_H
#define ZFACET_UI_COMMAND_H

#include <stdio.h>

struct zf_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

/** Command `i` in the order of command.def, or NULL after the last one. */
const struct zf_command *zf_command_at(unsigned i);

/** The command called `name`, or NULL. */
const struct zf_command *zf_command_find(const char *name);

/** Writes the usage of zfacet as a whole. */
void zf_print_usage(FILE *out);

/** Says that there is no command `name`, with the nearest one; returns ZF_EXIT_USAGE. */
int zf_unknown_command(const char *name);

#define COMMAND(name, summary) int zf_cmd_##name(int argc, char **argv);
#define COMMAND2(a, b, summary) int zf_cmd_##a##_##b(int argc, char **argv);
#include "cli/command.def"
#undef COMMAND2
#undef COMMAND

#endif
