/*
 * zfacet merge: the results of shards become one, in any format.
 */
#include "cli/command.h"
#include "text/common.h"

#include <string.h>

static const char usage[] =
    "usage: zfacet merge [--json] [--output FILE] [--junit FILE] [--sarif FILE] [--html FILE]\n"
    "                    FILE...\n"
    "\n"
    "Joins what shards of 'zfacet check --shard I/N --output FILE' have written, and prints or\n"
    "writes it as one run of 'zfacet check' would have. The exit status is that of 'zfacet "
    "check'.\n"
    "\n"
    "  --json         print the result as JSON (docs/check.schema.json)\n"
    "  --output FILE  write the JSON to FILE\n"
    "  --junit FILE   write the result to FILE as JUnit\n"
    "  --sarif FILE   write the findings to FILE as SARIF 2.1.0\n"
    "  --html FILE    write a page with everything to FILE\n"
    "\n"
    "Counts of --mix are joined by 'cat'; 'zfacet coverage' and 'zfacet mix' read several files.\n"
    "\n"
    "examples:\n"
    "  zfacet check --shard 1/2 --output 1.json -- ./program\n"
    "  zfacet check --shard 2/2 --output 2.json -- ./program\n"
    "  zfacet merge --junit all.xml 1.json 2.json\n";

enum { WORDS = 4096 };

static const char *option_name(const void *context, unsigned i) {
    static const char *const names[] = {"--json", "--output", "--junit", "--sarif", "--html", NULL};
    (void)context;
    return names[i];
}

/* What is no option here may be one of 'zfacet check'. -1, or the exit status; *value: one follows.
 */
static int check_option(const char *word, bool *value) {
    size_t length = strcspn(word, "=");
    unsigned i = 0;
    const char *name;
    while ((name = option_name(NULL, i)) && (strncmp(name, word, length) != 0 || name[length])) {
        i++;
    }
    if (name) {
        *value = !word[length] && i > 0; /* but --json has none */
        return -1;
    }
    const char *nearest = zf_nearest(word, option_name, NULL);
    return nearest ? zf_usage_error("merge: unknown option '%s'; did you mean '%s'?", word, nearest)
                   : zf_usage_error(
                         "merge: unknown option '%s'; 'zfacet help merge' lists the options", word);
}

int zf_cmd_merge(int argc, char **argv) {
    char merge[] = "--merge";
    char *words[WORDS];
    int n = 0;
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        fputs(usage, stdout);
        return ZF_EXIT_OK;
    }
    if (argc < 2) {
        return zf_usage_error("merge: give the files that shards have written");
    }
    if (argc > WORDS - 2) {
        return zf_usage_error("merge: more than %d words", WORDS - 2);
    }
    words[n++] = argv[0];
    words[n++] = merge;
    bool value = false, options = true;
    for (int i = 1, status = -1; i < argc; i++) {
        options = options && (value || strcmp(argv[i], "--") != 0);
        bool is_option = options && !value && argv[i][0] == '-';
        value = false;
        if (is_option && (status = check_option(argv[i], &value)) >= 0) {
            return status;
        }
        words[n++] = argv[i];
    }
    if (value) {
        return zf_usage_error("merge: %s needs a value", words[n - 1]);
    }
    words[n] = NULL;
    return zf_cmd_check(n, words);
}
