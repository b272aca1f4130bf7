/*
 * The command line of commands that run a program on several models: options of zfacet run that
 * concern the guest, then the program.
 */
#include "check/case.h"
#include "check/document.h"
#include "text/common.h"

#include <string.h>

/*
 * Options of the run that would take over what is the command's, or that only one run can have:
 * a place where it is served, saved or written to. One dash is enough for them, too.
 */
static bool is_not_for_guests(const char *word) {
    static const char *const names[] = {
        "report",   "quiet", "check",        "save",        "restore",
        "qmp",      "model", "incoming",     "help",        "save-at",
        "gdb",      "s",     "keep-running", "save-at-end", "allow-missing",
        "host-gdb", "S",     "trace-file",   "json",        "exit-status-file",
    };
    word += strspn(word, "-");
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        size_t length = strlen(names[i]);
        if (!strncmp(word, names[i], length) && (!word[length] || word[length] == '=')) {
            return true;
        }
    }
    return false;
}

bool zf_case_takes_option(const char *word) {
    return zf_run_option_words(word) && !is_not_for_guests(word);
}

static int unknown_option(const char *command, const char *given) {
    char option[80];
    if (!strncmp(given, "--json=", 7)) {
        return zf_usage_error("%s: --json takes no value", command);
    }
    if (zf_run_option_words(given)) {
        return zf_usage_error("%s: unknown option '%s'; it is for 'zfacet run', which has one run",
                              command, given);
    }
    const char *nearest = zf_run_option_near(given);
    snprintf(option, sizeof option, "--%s", nearest ? nearest : "");
    if (nearest && !is_not_for_guests(option)) {
        return zf_usage_error("%s: unknown option '%s'; did you mean '%s'?", command, given,
                              option);
    }
    return zf_usage_error("%s: unknown option '%s'; 'zfacet help %s' lists the options", command,
                          given, command);
}

int zf_case_take_option(struct zf_case *test, const char *command, char **argv, int *i) {
    int words = is_not_for_guests(argv[*i]) ? 0 : zf_run_option_words(argv[*i]);
    if (!words) {
        return unknown_option(command, argv[*i]);
    }
    for (int n = 0; n < words && argv[*i]; n++) {
        if (test->option_count == ZF_CASE_WORDS) {
            return zf_usage_error("%s: more than %d options of zfacet run", command, ZF_CASE_WORDS);
        }
        test->options[test->option_count++] = argv[(*i)++];
    }
    --*i;
    return -1;
}

void zf_case_take_program(struct zf_case *test, char **words) {
    test->guest = words[0];
    test->arguments = words;
    test->name = words[0] ? zf_base_name(words[0]) : "";
    test->models = "all";
}

/* What the runs are to be quiet about, since the command tells it. */
int zf_case_prepare(struct zf_case *test, const char *command) {
    static char quiet[] = "--quiet";
    char name[] = "run", *words[ZF_CASE_WORDS + 2] = {name};
    struct zf_run_options options;
    struct zf_error err;
    if (test->option_count == ZF_CASE_WORDS) {
        return zf_usage_error("%s: too many options of zfacet run", command);
    }
    test->options[test->option_count++] = quiet;
    memcpy(words + 1, test->options, test->option_count * sizeof *words);
    zf_run_options_init(&options);
    if (zf_run_options_parse(&options, (int)test->option_count + 1, words, &err) != ZF_OK) {
        return zf_run_report_options(command, &err);
    }
    return -1;
}

/* The value of --sysroot, in any way that zfacet run takes it; NULL: there is none. */
static const char *sysroot_of(const struct zf_case *test) {
    static const char name[] = "sysroot";
    size_t length = strlen(name);
    const char *sysroot = NULL;
    for (unsigned i = 0; i < test->option_count; i++) {
        const char *word = test->options[i] + strspn(test->options[i], "-");
        if (word == test->options[i] || strncmp(word, name, length) != 0) {
            continue;
        }
        if (word[length] == '=') {
            sysroot = word + length + 1;
        } else if (!word[length] && i + 1 < test->option_count) {
            sysroot = test->options[i + 1];
        }
    }
    return sysroot;
}

void zf_case_warn_of_host(const struct zf_case *test) {
    const char *sysroot = sysroot_of(test);
    zf_run_warn_of_host(test->guest, sysroot);
}

/* Of each guest once. */
void zf_cases_warn_of_host(const struct zf_manifest *manifest, const char *list) {
    for (unsigned i = 0; i < manifest->count; i++) {
        const struct zf_case *test = &manifest->cases[i];
        unsigned before = 0;
        while (before < i && strcmp(manifest->cases[before].guest, test->guest) != 0) {
            before++;
        }
        if (before == i && zf_case_is_listed(list, test->name)) {
            zf_case_warn_of_host(test);
        }
    }
}
