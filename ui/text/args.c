/*
 * Words and options of a command line, by a table that a command gives; the nearest option for one
 * that does not exist.
 */
#include "text/args.h"

#include "text/common.h"

#include <string.h>

static const char *option_name(const void *context, unsigned i) {
    return ((const struct zf_option *)context)[i].name;
}

static int unknown_option(const struct zf_args *args, const char *command, const char *given) {
    const char *nearest = zf_nearest(given, option_name, args->options);
    if (nearest) {
        return zf_usage_error("%s: unknown option '%s'; did you mean '%s'?", command, given,
                              nearest);
    }
    return zf_usage_error("%s: unknown option '%s'; 'zfacet help %s' lists the options", command,
                          given, command);
}

/* Whether `given` is the option, alone or with =VALUE, whose place `*value` then tells. */
static bool is_option(const struct zf_option *option, const char *given, const char **value) {
    size_t length = strlen(option->name);
    if (strncmp(given, option->name, length) != 0 || (given[length] && given[length] != '=')) {
        return false;
    }
    *value = given[length] ? given + length + 1 : NULL;
    return true;
}

/* Reads the option at argv[*i] and moves past it. */
static int read_option(const struct zf_args *args, int argc, char **argv, int *i) {
    const char *given = argv[*i], *value = NULL;
    const struct zf_option *option = args->options;
    while (option->name && !is_option(option, given, &value)) {
        option++;
    }
    if (!option->name) {
        return unknown_option(args, argv[0], given);
    }
    if (!option->value) {
        if (value) {
            return zf_usage_error("%s: %s takes no value", argv[0], option->name);
        }
        *option->flag = true;
        return ZF_ARGS_RUN;
    }
    if (!value && *i + 1 < argc && strcmp(argv[*i + 1], "--") != 0) {
        value = argv[++*i];
    }
    if (!value) {
        return zf_usage_error("%s: %s needs a value", argv[0], option->name);
    }
    *option->value = value;
    return ZF_ARGS_RUN;
}

int zf_args_one_format(const char *command, bool json, const char *format) {
    return json && format && strcmp(format, "json") != 0
               ? zf_usage_error("%s: give either --json or --format %s", command, format)
               : ZF_ARGS_RUN;
}

static const char *long_name(const void *context, unsigned i) {
    return ((const struct option *)context)[i].name;
}

int zf_args_getopt_error(const char *command, const struct option *table, int c,
                         const char *given) {
    if (c == ':') {
        return zf_usage_error("%s: %s needs a value", command, given);
    }
    const char *nearest = zf_nearest(given, long_name, table);
    if (nearest) {
        return zf_usage_error("%s: unknown option '%s'; did you mean '--%s'?", command, given,
                              nearest);
    }
    return zf_usage_error("%s: unknown option '%s'; 'zfacet help %s' lists the options", command,
                          given, command);
}

int zf_args_parse(struct zf_args *args, int argc, char **argv) {
    bool words_only = false;
    args->count = 0;
    for (int i = 1; i < argc; i++) {
        if (!words_only && !strcmp(argv[i], "--help")) {
            fputs(args->usage, stdout);
            return ZF_EXIT_OK;
        }
        if (!words_only && !strcmp(argv[i], "--")) {
            words_only = true;
        } else if (!words_only && argv[i][0] == '-' && argv[i][1]) {
            int status = read_option(args, argc, argv, &i);
            if (status != ZF_ARGS_RUN) {
                return status;
            }
        } else if (args->count == ZF_ARGS_WORDS && args->most >= ZF_ARGS_WORDS) {
            return zf_usage_error("%s: more than %d arguments, from '%s' on", argv[0],
                                  ZF_ARGS_WORDS, argv[i]);
        } else if (args->count == args->most) {
            return zf_usage_error("%s: unexpected argument '%s'; expected %s", argv[0], argv[i],
                                  args->wanted);
        } else {
            args->words[args->count++] = argv[i];
        }
    }
    if (args->count < args->least) {
        return zf_usage_error("%s: expected %s; see 'zfacet help %s'", argv[0], args->wanted,
                              argv[0]);
    }
    return ZF_ARGS_RUN;
}
