/*
 * The command line of a command that takes words and options: --name, --name VALUE, --name=VALUE.
 */
#ifndef ZFACET_UI_ARGS_H
#define ZFACET_UI_ARGS_H

#include <getopt.h>
#include <stdbool.h>

/* An option: a flag, or one with a value. */
struct zf_option {
    const char *name; /* "--json" */
    bool *flag;
    const char **value; /* NULL: it is a flag */
};

enum { ZF_ARGS_WORDS = 256, ZF_ARGS_RUN = -1 };

struct zf_args {
    const char *usage;
    const struct zf_option *options; /* up to one without a name */
    unsigned least, most;            /* how many words there must be */
    const char *wanted;              /* what they are: "a model and its targets" */
    unsigned count;
    const char *words[ZF_ARGS_WORDS];
};

/**
 * Reads a command line whose first word is the command's name. ZF_ARGS_RUN: go on; else the exit
 * status, --help printed or the mistake told, with the nearest option where one is near.
 */
int zf_args_parse(struct zf_args *args, int argc, char **argv);

/** ZF_ARGS_RUN, or the exit status, the mistake told: --json beside another --format. */
int zf_args_one_format(const char *command, bool json, const char *format);

/** The same mistakes where getopt_long() found them: `c` as it returned it, the word `given`. */
int zf_args_getopt_error(const char *command, const struct option *table, int c, const char *given);

#endif
