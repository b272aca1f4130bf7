/*
 * The document as text: nothing but one line when all is well; else a table, then each finding once
 * with the models on which it was met, by image and function.
 */
#define _GNU_SOURCE /* asprintf */

#include "check/document.h"

#include "text/common.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 12, VERDICT_WIDTH = 29, CALLS = 6, TAIL = 1500 };

static enum zf_colour colour_of(enum zf_verdict verdict) {
    return verdict == ZF_VERDICT_PASSES                                          ? ZF_COLOUR_GREEN
           : verdict == ZF_VERDICT_NO_CALL || verdict == ZF_VERDICT_NOT_EXECUTED ? ZF_COLOUR_YELLOW
                                                                                 : ZF_COLOUR_RED;
}

/* One result, or those of a range of models that are alike. */
static void print_row(FILE *out, const char *name, const char *models, const json_t *result) {
    enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
    if (name) {
        fprintf(out, "%-20s ", name);
    }
    const char *why = zf_text_of(result, "why"), *text = zf_verdict_text(verdict);
    int over = (int)strlen(models) - NAME_WIDTH; /* what a long name takes of the next column */
    int space = VERDICT_WIDTH - (int)strlen(text) - (over > 0 ? over : 0);
    fprintf(out, "%-*s %s%s%s", NAME_WIDTH, models, zf_colour(out, colour_of(verdict)), text,
            zf_colour(out, ZF_COLOUR_NONE));
    if (*why) {
        fprintf(out, "%*s%s", space > 1 ? space : 1, "", why);
    }
    fputc('\n', out);
}

static bool is_alike(const json_t *a, const json_t *b) {
    return !strcmp(zf_text_of(a, "verdict"), zf_text_of(b, "verdict")) &&
           !strcmp(zf_text_of(a, "why"), zf_text_of(b, "why"));
}

static char *models_of(const char *const *names, size_t n, bool all) {
    char *text = NULL;
    int length =
        all ? asprintf(&text, "all %zu", n)
            : asprintf(&text, "%s%s%s", names[0], n > 1 ? ".." : "", n > 1 ? names[n - 1] : "");
    return length < 0 ? NULL : text;
}

/* A row of the first result, and of those after it that are alike and in a range with it, or are
 * `whole`, all that there are. Returns how many. `names` has room for all. */
static size_t print_alike(FILE *out, const char *name, const json_t *const *results, size_t count,
                          bool whole, const char **names) {
    enum { FEW = 6 };
    size_t alike = 0;
    for (; alike < count && is_alike(results[0], results[alike]); alike++) {
        names[alike] = zf_text_of(results[alike], "model");
    }
    size_t n = zf_models_range(names, alike);
    bool all = whole && alike == count && n < count && count > FEW;
    n = all ? count : n;
    char *models = models_of(names, n, all);
    print_row(out, name, models ? models : names[0], results[0]);
    free(models);
    return n;
}

/* Of one case all results; of many those that do not pass. Base models are last, since in a list
 * of all they stand between the others. */
static void print_case(FILE *out, const json_t *one, bool many) {
    const json_t *results = json_object_get(one, "results");
    size_t length = json_array_size(results), count = 0;
    const json_t **listed = calloc(length + 1, sizeof *listed);
    const char **names = calloc(length + 1, sizeof *names);
    for (size_t i = 0; listed && names && i < 2 * length; i++) {
        const json_t *result = json_array_get(results, i % length);
        bool told = !many || strcmp(zf_text_of(result, "verdict"), "passes") != 0;
        if (told && zf_models_is_base(zf_text_of(result, "model")) == (i >= length)) {
            listed[count++] = result;
        }
    }
    for (size_t i = 0; i < count;) {
        i += print_alike(out, many ? zf_text_of(one, "name") : NULL, listed + i, count - i,
                         count == length, names);
    }
    free(names);
    free(listed);
}

static void print_table(FILE *out, const json_t *document) {
    const json_t *cases = json_object_get(document, "cases");
    bool many = json_array_size(cases) > 1;
    size_t c;
    json_t *one;
    fprintf(out, "%s%s%-*s %-28s %s%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            many ? "CASE                 " : "", NAME_WIDTH, "MODEL", "VERDICT", "WHY",
            zf_colour(out, ZF_COLOUR_NONE));
    json_array_foreach(cases, c, one) {
        print_case(out, one, many);
    }
}

static void print_line(FILE *out, const json_t *place) {
    if (*zf_text_of(place, "file")) {
        fprintf(out, " (%s:%d)", zf_text_of(place, "file"),
                (int)json_integer_value(json_object_get(place, "line")));
    }
}

/* The calls that led there, the nearest first, as far as functions are known. */
static void print_calls(FILE *out, const json_t *place) {
    unsigned printed = 0;
    const json_t *before = NULL; /* a function that calls itself is named once */
    size_t i;
    json_t *frame;
    json_array_foreach(json_object_get(place, "stack"), i, frame) {
        bool same = before && !strcmp(zf_text_of(before, "symbol"), zf_text_of(frame, "symbol"));
        before = frame;
        if (i && *zf_text_of(frame, "symbol") && printed < CALLS && (!same || i == 1)) {
            fprintf(out, "%s%s", printed++ ? ", " : "        called from ",
                    zf_text_of(frame, "symbol"));
            print_line(out, frame);
        }
    }
    if (printed) {
        fputc('\n', out);
    }
}

static void print_group(FILE *out, const json_t *group) {
    const json_t *place = json_object_get(group, "place");
    char text[256], *models = zf_models_text(json_object_get(group, "models"), " ");
    json_int_t count = json_integer_value(json_object_get(group, "count"));
    zf_place_text(place, text, sizeof text);
    fprintf(out, "    %s\n        at %s", text, zf_text_of(place, "address"));
    if (*zf_text_of(place, "symbol")) {
        fprintf(out, ", %s+%s", zf_text_of(place, "symbol"), zf_text_of(place, "offset"));
    }
    print_line(out, place);
    fprintf(out, ", %lld time%s on %s: %s\n", (long long)count, count == 1 ? "" : "s",
            models ? models : "?", zf_text_of(place, "outcome"));
    free(models);
    print_calls(out, place);
    if (*zf_text_of(place, "excused")) {
        fprintf(out, "        excused: %s%s%s\n", zf_text_of(place, "excused"),
                *zf_text_of(place, "reason_allowed") ? ": " : "",
                zf_text_of(place, "reason_allowed"));
    }
}

static void print_groups(FILE *out, const json_t *document) {
    json_t *groups = zf_document_groups(document), *group;
    const char *image = "", *function = "";
    size_t i;
    json_array_foreach(groups, i, group) {
        const json_t *place = json_object_get(group, "place");
        bool other = !i || strcmp(image, zf_text_of(place, "image")) != 0;
        if (other || strcmp(function, zf_text_of(place, "symbol")) != 0) {
            image = zf_text_of(place, "image");
            function = zf_text_of(place, "symbol");
            fprintf(out, "\n%s%s%s%s%s\n", zf_colour(out, ZF_COLOUR_BOLD),
                    *image ? image : "code of no file", *function ? "!" : "", function,
                    zf_colour(out, ZF_COLOUR_NONE));
        }
        print_group(out, group);
    }
    json_decref(groups);
}

static void print_call(FILE *out, const json_t *call) {
    char name[ZF_CALL_TEXT];
    zf_call_text(call, name, sizeof name);
    json_int_t count = json_integer_value(json_object_get(call, "count"));
    fprintf(out, "    %s, %lld time%s, first at %s in %s", name, (long long)count,
            zf_plural((uint64_t)count), zf_text_of(call, "address"), zf_text_of(call, "image"));
    if (*zf_text_of(call, "symbol")) {
        fprintf(out, "!%s+%s", zf_text_of(call, "symbol"), zf_text_of(call, "offset"));
    }
    fputc('\n', out);
}

/* The system calls of one result that zfacet does not have; false when there are none. */
static bool print_calls_of(FILE *out, const json_t *one, const json_t *result) {
    bool any = false;
    size_t i;
    json_t *call;
    json_array_foreach(json_object_get(result, "system_calls"), i, call) {
        if (!json_is_true(json_object_get(call, "optional"))) {
            if (!any) {
                fprintf(
                    out,
                    "\nSystem calls of %s that are not implemented (it got ENOSYS, or ENOEXEC)\n",
                    zf_text_of(one, "name"));
            }
            print_call(out, call);
            any = true;
        }
    }
    return any;
}

/* They hardly differ from model to model: those of the first one that has any. */
static void print_system_calls(FILE *out, const json_t *document) {
    size_t c, r;
    json_t *one, *result;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            if (print_calls_of(out, one, result)) {
                break;
            }
        }
    }
}

static void print_tail(FILE *out, const char *title, const char *text) {
    if (*text) {
        const char *tail = zf_last_lines(text, TAIL);
        fprintf(out, "\n%s\n%s%s", title, tail, tail[strlen(tail) - 1] == '\n' ? "" : "\n");
    }
}

/* What a guest wrote that failed by itself, once a case. */
static void print_outputs(FILE *out, const json_t *document) {
    size_t c, r;
    json_t *one, *result;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            char title[128];
            if (strcmp(zf_text_of(result, "verdict"), "fails") != 0) {
                continue;
            }
            snprintf(title, sizeof title, "Output of %s on %s:", zf_text_of(one, "name"),
                     zf_text_of(result, "model"));
            print_tail(out, title, zf_text_of(result, "output"));
            print_tail(out, "Messages:", zf_text_of(result, "messages"));
            break;
        }
    }
}

static unsigned count_results(const json_t *document, bool *excused) {
    unsigned count = 0;
    size_t c, r;
    json_t *one, *result;
    *excused = false;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            count++;
            *excused |= *zf_text_of(result, "why") != 0;
        }
    }
    return count;
}

static void print_well(FILE *out, const json_t *document) {
    const json_t *cases = json_object_get(document, "cases");
    bool excused;
    unsigned count = count_results(document, &excused);
    if (json_array_size(cases) == 1) {
        fprintf(out, "%s passes on %u model%s\n", zf_text_of(json_array_get(cases, 0), "guest"),
                count, zf_plural(count));
    } else {
        fprintf(out, "%zu case%s pass: %u run%s\n", json_array_size(cases),
                zf_plural(json_array_size(cases)), count, zf_plural(count));
    }
    if (excused) {
        print_groups(out, document);
    }
}

static void print_allow(const json_t *document) {
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(document, "allow"), i, entry) {
        int line = (int)json_integer_value(json_object_get(entry, "line"));
        if (json_is_true(json_object_get(entry, "expired"))) {
            zf_warn("--allow, line %d: expired on %s (%s)", line, zf_text_of(entry, "until"),
                    zf_text_of(entry, "reason"));
        } else if (!json_integer_value(json_object_get(entry, "used"))) {
            zf_warn("--allow, line %d: not needed (%s)", line, zf_text_of(entry, "reason"));
        }
    }
}

void zf_document_print(FILE *out, const json_t *document) {
    if (zf_document_verdict(document) == ZF_VERDICT_PASSES) {
        print_well(out, document);
    } else {
        print_table(out, document);
        print_groups(out, document);
        print_system_calls(out, document);
        print_outputs(out, document);
    }
    fflush(out);
    print_allow(document);
}
