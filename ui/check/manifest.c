/*
 * Manifests: statements to cases. What they say of models is in models.c.
 */
#include "check/case.h"

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

static bool parse_exit(const char *value, struct zf_case *test) {
    char *end;
    for (unsigned i = 0; i < ZF_RUN_END_COUNT; i++) {
        if (!strcmp(value, zf_run_end_name(i))) {
            test->exit = zf_run_end_status(i);
            test->exit_is_end = true;
            return true;
        }
    }
    long number = strtol(value, &end, 10);
    test->exit = (int)number;
    test->exit_is_end = false;
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

/* Checks the options as 'zfacet run' does; the models are chosen otherwise. NULL, or what is wrong,
 * which may be in `err`. */
static const char *check_options(struct zf_case *test, struct zf_error *err) {
    char name[] = "run";
    char *words[ZF_CASE_WORDS + 2] = {name};
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
static const char *set_key(struct zf_case *test, const char *key, char *value,
                           struct zf_error *err) {
    unsigned count = 0;
    if (!strcmp(key, "guest")) {
        if (test->guest) {
            return "this test already has a guest";
        }
        if (!split(value, test->words, ZF_CASE_WORDS, &count) || !count) {
            return "no guest, or too many arguments";
        }
        test->guest = test->words[0];
    } else if (!strcmp(key, "models")) {
        test->models = value;
        return zf_models_check(value, err) == ZF_OK ? NULL : err->message;
    } else if (!strcmp(key, "options")) {
        return split(value, test->options, ZF_CASE_WORDS, &test->option_count)
                   ? check_options(test, err)
                   : "too many options";
    } else if (!strcmp(key, "exit")) {
        return parse_exit(value, test) ? NULL : "not an exit status or the name of one";
    } else if (!strcmp(key, "output")) {
        if (test->outputs == ZF_CASE_LINES) {
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

static enum zf_status add_test(struct zf_manifest *manifest, const char *name, unsigned line,
                               struct zf_error *err) {
    for (unsigned i = 0; i < manifest->count; i++) {
        if (!strcmp(manifest->cases[i].name, name)) {
            return zf_fail(err, ZF_ERROR_FORMAT, "line %u: second test with the name '%s'", line,
                           name);
        }
    }
    struct zf_case *cases =
        realloc(manifest->cases, (manifest->count + 1) * sizeof *manifest->cases);
    if (!cases) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the manifest");
    }
    manifest->cases = cases;
    cases[manifest->count++] = (struct zf_case){.name = name, .models = "all"};
    return ZF_OK;
}

/* One line without its newline. */
static enum zf_status parse_line(struct zf_manifest *manifest, char *line, unsigned number,
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
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "line %u: '%s' has no value; expected KEY VALUE, 'test NAME' first", number,
                       line);
    }
    if (!strcmp(line, "test")) {
        return add_test(manifest, value, number, err);
    }
    if (!manifest->count) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: '%s' before the first 'test'", number, line);
    }
    struct zf_error detail;
    const char *wrong = set_key(&manifest->cases[manifest->count - 1], line, value, &detail);
    if (wrong) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: %s: %s", number, line, wrong);
    }
    return ZF_OK;
}

enum zf_status zf_manifest_parse(const char *text, struct zf_manifest *manifest,
                                 struct zf_error *err) {
    unsigned number = 0;
    enum zf_status status = ZF_OK;
    *manifest = (struct zf_manifest){.text = strdup(text)};
    if (!manifest->text) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the manifest");
    }
    for (char *line = manifest->text, *next; line && status == ZF_OK; line = next) {
        next = strchr(line, '\n');
        if (next) {
            *next++ = 0;
        }
        status = parse_line(manifest, line, ++number, err);
    }
    for (unsigned i = 0; i < manifest->count && status == ZF_OK; i++) {
        if (!manifest->cases[i].guest) {
            status =
                zf_fail(err, ZF_ERROR_FORMAT, "test '%s' has no guest", manifest->cases[i].name);
        }
    }
    for (unsigned i = 0; i < manifest->count; i++) {
        manifest->cases[i].arguments = manifest->cases[i].words; /* they do not move any more */
    }
    if (status == ZF_OK && !manifest->count) {
        status = zf_fail(err, ZF_ERROR_FORMAT, "the manifest has no test");
    }
    return status;
}

void zf_manifest_free(struct zf_manifest *manifest) {
    free(manifest->text);
    free(manifest->cases);
}

bool zf_case_is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    bool found = !list;
    for (; list && !found; list = strchr(list, ','), list += list ? 1 : 0) {
        found = !strncmp(list, name, length) && (!list[length] || list[length] == ',');
    }
    return found;
}

bool zf_case_unknown(const char *list, const struct zf_case *cases, unsigned count, char *unknown,
                     size_t size) {
    for (bool more = list; more; list += more) {
        size_t length = strcspn(list, ",");
        bool known = false;
        snprintf(unknown, size, "%.*s", (int)length, list);
        for (unsigned i = 0; i < count && !known; i++) {
            known = strlen(cases[i].name) == length && !strncmp(cases[i].name, list, length);
        }
        if (!known) {
            return true;
        }
        list += length;
        more = *list == ',';
    }
    return false;
}
