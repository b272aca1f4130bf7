/*
 * The document of zfacet check: cases and their results; findings of many models put together.
 */
#include "check/document.h"

#include "text/common.h"
#include "text/input.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *zf_text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

const char *zf_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

json_t *zf_document_create(const char *version) {
    return json_pack("{s:s, s:i, s:s, s:[]}", "format", "zfacet-check", "version",
                     ZF_DOCUMENT_VERSION, "zfacet", version, "cases");
}

static json_t *case_json(const struct zf_case *test) {
    json_t *arguments = json_array();
    for (char **word = test->arguments; word && *word && word[1]; word++) {
        json_array_append_new(arguments, zf_json_text(word[1]));
    }
    return json_pack("{s:o, s:o, s:o, s:[]}", "name", zf_json_text(test->name), "guest",
                     zf_json_text(test->guest), "arguments", arguments, "results");
}

void zf_document_add(json_t *document, const struct zf_job *job, json_t *result) {
    json_t *cases = json_object_get(document, "cases");
    json_t *last = json_array_get(cases, json_array_size(cases) - 1);
    if (!last || strcmp(zf_text_of(last, "name"), job->test->name) != 0) {
        last = case_json(job->test);
        json_array_append_new(cases, last);
    }
    json_array_append_new(json_object_get(last, "results"), result);
}

enum zf_verdict zf_document_verdict(const json_t *document) {
    enum zf_verdict worst = ZF_VERDICT_PASSES;
    size_t c, r;
    json_t *one, *result;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
            worst = verdict > worst ? verdict : worst;
        }
    }
    return worst;
}

void zf_document_finish(json_t *document, const struct zf_check_rules *rules) {
    if (rules->allow) {
        json_object_set_new(document, "allow", zf_allow_json(rules->allow));
    }
    json_object_set_new(document, "verdict",
                        json_string(zf_verdict_name(zf_document_verdict(document))));
}

json_t *zf_document_read(const char *path, struct zf_error *err) {
    json_error_t error;
    FILE *file = zf_input_open(path, err);
    json_t *document = file ? json_loadf(file, 0, &error) : NULL;
    if (!file) {
        return NULL;
    }
    if (file != stdin) {
        fclose(file);
    }
    if (document &&
        (strcmp(zf_text_of(document, "format"), "zfacet-check") != 0 ||
         json_integer_value(json_object_get(document, "version")) != ZF_DOCUMENT_VERSION)) {
        json_decref(document);
        zf_fail(err, ZF_ERROR_FORMAT, "%s: not what 'zfacet check --json' writes", path);
        return NULL;
    }
    if (!document) {
        zf_fail(err, ZF_ERROR_FORMAT, "%s: not what 'zfacet check --json' writes: line %d: %s",
                path, error.line, error.text);
    }
    return document;
}

static bool same_text(const json_t *a, const json_t *b, const char *key) {
    return !strcmp(zf_text_of(a, key), zf_text_of(b, key));
}

static json_t *find_group(const json_t *groups, const json_t *place, const char *name) {
    size_t i;
    json_t *group;
    json_array_foreach(groups, i, group) {
        const json_t *other = json_object_get(group, "place");
        if (!strcmp(zf_text_of(group, "case"), name) && same_text(place, other, "image") &&
            same_text(place, other, "symbol") && same_text(place, other, "offset") &&
            same_text(place, other, "address") && same_text(place, other, "bytes") &&
            same_text(place, other, "kind") && same_text(place, other, "excused") &&
            json_integer_value(json_object_get(place, "function")) ==
                json_integer_value(json_object_get(other, "function"))) {
            return group;
        }
    }
    return NULL;
}

static int compare(const void *a, const void *b) {
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const json_t *p = json_object_get(x, "place"), *q = json_object_get(y, "place");
    int order = strcmp(zf_text_of(p, "image"), zf_text_of(q, "image"));
    return order ? order : strcmp(zf_text_of(p, "symbol"), zf_text_of(q, "symbol"));
}

/* By image and function, within each case. */
static json_t *sorted(json_t *groups) {
    size_t count = json_array_size(groups), i, begin = 0;
    json_t **list = calloc(count + 1, sizeof *list), *result = json_array();
    for (i = 0; list && i < count; i++) {
        list[i] = json_array_get(groups, i);
    }
    for (i = 1; list && i <= count; i++) {
        if (i == count || !same_text(list[i], list[begin], "case")) {
            qsort(list + begin, i - begin, sizeof *list, compare);
            begin = i;
        }
    }
    for (i = 0; list && i < count; i++) {
        json_array_append(result, list[i]);
    }
    free(list);
    json_decref(groups);
    return result;
}

/* A model of which several processes met it counts once. */
static void add_model(json_t *models, json_t *model) {
    size_t i;
    json_t *other;
    json_array_foreach(models, i, other) {
        if (json_equal(other, model)) {
            return;
        }
    }
    json_array_append(models, model);
}

static void add_to_groups(json_t *groups, const json_t *one, const json_t *result, json_t *place) {
    json_t *group = find_group(groups, place, zf_text_of(one, "name"));
    if (!group) {
        group = json_pack("{s:O, s:O, s:[], s:i}", "case", json_object_get(one, "name"), "place",
                          place, "models", "count", 0);
        json_array_append_new(groups, group);
    }
    json_int_t count = json_integer_value(json_object_get(group, "count")) +
                       json_integer_value(json_object_get(place, "count"));
    add_model(json_object_get(group, "models"), json_object_get(result, "model"));
    json_object_set_new(group, "count", json_integer(count));
}

json_t *zf_document_groups(const json_t *document) {
    json_t *groups = json_array(), *one, *result, *place;
    size_t c, r, p;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            json_array_foreach(json_object_get(result, "findings"), p, place) {
                add_to_groups(groups, one, result, place);
            }
        }
    }
    return sorted(groups);
}

void zf_place_text(const json_t *place, char *text, size_t size) {
    const json_t *facility = json_object_get(place, "facility");
    if (!strcmp(zf_text_of(place, "kind"), "unimplemented")) {
        snprintf(text, size, "%s is not implemented by zfacet", zf_text_of(place, "text"));
    } else if (facility) {
        snprintf(text, size, "%s needs facility %d (%s), first on %s", zf_text_of(place, "text"),
                 (int)json_integer_value(facility), zf_text_of(place, "facility_name"),
                 zf_text_of(place, "first_machine"));
    } else {
        snprintf(text, size, "%s needs %s or later", zf_text_of(place, "text"),
                 zf_text_of(place, "first_machine"));
    }
}

void zf_call_text(const json_t *call, char *text, size_t size) {
    const char *name = zf_text_of(call, "name"), *foreign = zf_text_of(call, "foreign_program");
    if (*foreign) {
        snprintf(text, size, "%s of %s, for another machine", name, foreign);
    } else if (*name) {
        snprintf(text, size, "%s", name);
    } else {
        snprintf(text, size, "number %lld",
                 (long long)json_integer_value(json_object_get(call, "number")));
    }
}

int zf_document_write(const char *path, const json_t *document,
                      void (*print)(FILE *, const json_t *)) {
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!path) {
        return ZF_EXIT_OK;
    }
    bool failed = !out;
    if (out) {
        print(out, document);
        failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
    }
    if (failed) {
        fprintf(stderr, "zfacet: cannot write %s: %s\n", path, strerror(errno));
    }
    return failed ? ZF_EXIT_FAILURE : ZF_EXIT_OK;
}

static bool is_writable(const char *path) {
    char folder[PATH_MAX];
    struct stat st;
    int wrong = 0;
    snprintf(folder, sizeof folder, "%s", path);
    if (stat(path, &st) == 0) {
        wrong = S_ISDIR(st.st_mode) ? EISDIR : access(path, W_OK) ? errno : 0;
    } else if (access(dirname(folder), W_OK)) {
        wrong = errno;
    }
    if (wrong) {
        fprintf(stderr, "zfacet: cannot write %s: %s\n", path, strerror(wrong));
    }
    return !wrong;
}

bool zf_documents_writable(const char *const *paths, unsigned count) {
    bool all = true;
    for (unsigned i = 0; i < count && all; i++) {
        all = !paths[i] || is_writable(paths[i]);
    }
    return all;
}
