/*
 * Manifests of zfacet suite: statements to tests, and lists of models with ranges.
 */
#include "cli/suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Splits `text` at blanks, in place; false when there are too many words. */
static bool split(char *text, char **words, unsigned limit, unsigned *count) {
    for (char *word = strtok_r(text, " \t", &text); word; word = strtok_r(NULL, " \t", &text)) {
        if (*count >= limit) {
            return false;
        }
        words[(*count)++] = word;
    }
    words[*count] = NULL;
    return true;
}

static bool parse_exit(const char *value, int *status) {
    char *end;
    for (unsigned i = 0; i < ZF_RUN_END_COUNT; i++) {
        if (!strcmp(value, zf_run_end_name(i))) {
            *status = zf_run_end_status(i);
            return true;
        }
    }
    long number = strtol(value, &end, 10);
    *status = (int)number;
    return end != value && !*end && number >= 0 && number <= 255;
}

/* The words of `list` must be mnemonics, or the one word "none". */
static bool are_mnemonics(const char *list) {
    char word[32];
    for (list += strspn(list, " \t"); *list && strcmp(list, "none") != 0;
         list += strspn(list, " \t")) {
        size_t length = strcspn(list, " \t");
        snprintf(word, sizeof word, "%.*s", (int)length, list);
        if (length >= sizeof word || zf_row_find(word) == ZF_ROW_INVALID) {
            return false;
        }
        list += length;
    }
    return true;
}

/* Checks the options as 'zfacet run' does; --model is the suite's. NULL, or what is wrong, which
 * may be in `err`. */
static const char *check_options(struct zf_suite_test *test, struct zf_error *err) {
    char name[] = "run";
    char *words[ZF_SUITE_WORDS + 2] = {name};
    struct zf_run_options options;
    for (unsigned i = 0; i < test->option_count; i++) {
        if (!strncmp(test->options[i], "--model", 7) || !strcmp(test->options[i], "--help")) {
            return "--model and --help are not allowed; 'models' and --models choose the models";
        }
        words[i + 1] = test->options[i];
    }
    zf_run_options_init(&options);
    options.guest = NULL;
    if (zf_run_options_parse(&options, (int)test->option_count + 1, words, err) != ZF_OK) {
        return err->message;
    }
    return options.guest ? "contains more than options" : NULL;
}

/* Sets one key of a test; NULL, or what is wrong, which may be in `err`. */
static const char *set_key(struct zf_suite_test *test, const char *key, char *value,
                           struct zf_error *err) {
    unsigned count = 0;
    if (!strcmp(key, "guest")) {
        if (test->guest) {
            return "this test already has a guest";
        }
        if (!split(value, test->arguments, ZF_SUITE_WORDS, &count) || !count) {
            return "no guest, or too many arguments";
        }
        test->guest = test->arguments[0];
    } else if (!strcmp(key, "models")) {
        test->models = value;
        return zf_suite_check_models(value, err) == ZF_OK ? NULL : err->message;
    } else if (!strcmp(key, "options")) {
        return split(value, test->options, ZF_SUITE_WORDS, &test->option_count)
                   ? check_options(test, err)
                   : "too many options";
    } else if (!strcmp(key, "exit")) {
        return parse_exit(value, &test->exit) ? NULL : "not an exit status or the name of one";
    } else if (!strcmp(key, "output")) {
        if (test->outputs == ZF_SUITE_LINES) {
            return "too many output lines";
        }
        test->output[test->outputs++] = value;
    } else if (!strcmp(key, "output-file")) {
        test->output_file = value;
        return access(value, R_OK) ? "cannot read this file" : NULL;
    } else if (!strcmp(key, "blocked")) {
        test->blocked = value;
        return are_mnemonics(value) ? NULL : "give mnemonics separated by blanks, or none";
    } else {
        return "unknown statement; known are test, guest, models, options, exit, output, "
               "output-file, blocked";
    }
    return NULL;
}

static enum zf_status add_test(struct zf_suite *suite, const char *name, unsigned line,
                               struct zf_error *err) {
    for (unsigned i = 0; i < suite->count; i++) {
        if (!strcmp(suite->tests[i].name, name)) {
            return zf_fail(err, ZF_ERROR_FORMAT, "line %u: second test with the name '%s'", line,
                           name);
        }
    }
    struct zf_suite_test *tests = realloc(suite->tests, (suite->count + 1) * sizeof *suite->tests);
    if (!tests) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the manifest");
    }
    suite->tests = tests;
    tests[suite->count++] = (struct zf_suite_test){.name = name, .models = "all"};
    return ZF_OK;
}

/* One line without its newline. */
static enum zf_status parse_line(struct zf_suite *suite, char *line, unsigned number,
                                 struct zf_error *err) {
    line += strspn(line, " \t");
    if (!*line || *line == '#') {
        return ZF_OK;
    }
    char *value = line + strcspn(line, " \t");
    if (*value) {
        *value++ = 0;
        value += strspn(value, " \t");
    }
    if (!*value) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: '%s' has no value", number, line);
    }
    if (!strcmp(line, "test")) {
        return add_test(suite, value, number, err);
    }
    if (!suite->count) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: '%s' before the first 'test'", number, line);
    }
    struct zf_error detail;
    const char *wrong = set_key(&suite->tests[suite->count - 1], line, value, &detail);
    if (wrong) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: %s: %s", number, line, wrong);
    }
    return ZF_OK;
}

enum zf_status zf_suite_parse(const char *text, struct zf_suite *suite, struct zf_error *err) {
    unsigned number = 0;
    enum zf_status status = ZF_OK;
    *suite = (struct zf_suite){.text = strdup(text)};
    if (!suite->text) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the manifest");
    }
    for (char *line = suite->text, *next; line && status == ZF_OK; line = next) {
        next = strchr(line, '\n');
        if (next) {
            *next++ = 0;
        }
        status = parse_line(suite, line, ++number, err);
    }
    for (unsigned i = 0; i < suite->count && status == ZF_OK; i++) {
        if (!suite->tests[i].guest) {
            status = zf_fail(err, ZF_ERROR_FORMAT, "test '%s' has no guest", suite->tests[i].name);
        }
    }
    if (status == ZF_OK && !suite->count) {
        status = zf_fail(err, ZF_ERROR_FORMAT, "the manifest has no test");
    }
    return status;
}

void zf_suite_free(struct zf_suite *suite) {
    free(suite->text);
    free(suite->tests);
}

/* Item of a list: "z13", "z13..", "..z13", "z13..z15"; the ends are NULL where open. */
struct item {
    char text[2 * ZF_MODEL_NAME_LENGTH + 4];
    const char *from, *to;
    bool range;
};

static const char *next_item(const char *list, struct item *item) {
    size_t length = strcspn(list, ",");
    snprintf(item->text, sizeof item->text, "%.*s", (int)length, list);
    char *dots = strstr(item->text, "..");
    item->range = dots;
    item->from = item->text;
    item->to = dots ? dots + 2 : item->text;
    if (dots) {
        *dots = 0;
    }
    return list + length + (list[length] == ',');
}

static bool item_has(const struct item *item, const char *name) {
    struct zf_model a, model;
    if (!item->range) {
        return !strcmp(item->from, name) ||
               (zf_model_parse(item->from, false, &a, NULL, NULL) == ZF_OK &&
                zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK &&
                a.machine == model.machine && a.named == model.named && a.set == model.set);
    }
    if (zf_model_parse(name, false, &model, NULL, NULL) != ZF_OK || model.named) {
        return false;
    }
    if (*item->from && (zf_model_parse(item->from, false, &a, NULL, NULL) != ZF_OK ||
                        model.machine->level < a.machine->level)) {
        return false;
    }
    return !*item->to || (zf_model_parse(item->to, false, &a, NULL, NULL) == ZF_OK &&
                          model.machine->level <= a.machine->level);
}

bool zf_suite_has_model(const char *list, const char *name) {
    struct item item;
    if (!strcmp(list, "all")) {
        return true;
    }
    while (*list) {
        list = next_item(list, &item);
        if (item_has(&item, name)) {
            return true;
        }
    }
    return false;
}

enum zf_status zf_suite_check_models(const char *list, struct zf_error *err) {
    struct item item;
    struct zf_model model;
    if (!strcmp(list, "all")) {
        return ZF_OK;
    }
    if (!*list || list[strlen(list) - 1] == ',') {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s': empty entry in the list of models", list);
    }
    while (*list) {
        if (strcspn(list, ",") >= sizeof item.text) {
            return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown CPU model '%.40s...'", list);
        }
        list = next_item(list, &item);
        const char *ends[] = {item.from, item.to};
        for (unsigned i = 0; i < 2; i++) {
            if (*ends[i] || !item.range) {
                enum zf_status status = zf_model_parse(ends[i], false, &model, NULL, err);
                if (status != ZF_OK) {
                    return status;
                }
            }
        }
    }
    return ZF_OK;
}
