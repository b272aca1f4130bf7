/*
 * The document as one HTML page that needs nothing else: the matrix of cases and models, and each
 * finding with the source around it where that can be read.
 */
#include "check/document.h"
#include "text/common.h"
#include "text/junit.h"

#include <stdlib.h>
#include <string.h>

enum { AROUND = 4 };

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>zfacet check</title>\n"
    "<style>\n"
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;"
    "max-width:75em;padding:0 1em}\n"
    "table{border-collapse:collapse}th,td{padding:.25em .7em;border:1px solid #8885;text-align:"
    "left;vertical-align:top}\n"
    "code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#8881;padding:.6em;overflow:"
    "auto}\n"
    ".passes{background:#2a93}.fails,.error,.findings{background:#d339}\n"
    ".not-executed,.no-system-call{background:#da16}.excused{opacity:.65}mark{background:#fd06;"
    "color:inherit}\n"
    "summary{cursor:pointer}\n"
    "</style></head><body>\n";

static void print(FILE *out, const char *before, const char *text, const char *after) {
    fputs(before, out);
    zf_print_xml(out, text);
    fputs(after, out);
}

/* The models of all cases, in the order in which they come first. */
static json_t *all_models(const json_t *document) {
    json_t *models = json_object(), *one, *result;
    size_t c, r;
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            json_object_set_new(models, zf_text_of(result, "model"), json_null());
        }
    }
    return models;
}

static const json_t *result_on(const json_t *one, const char *model) {
    size_t r;
    json_t *result;
    json_array_foreach(json_object_get(one, "results"), r, result) {
        if (!strcmp(zf_text_of(result, "model"), model)) {
            return result;
        }
    }
    return NULL;
}

static void print_cell(FILE *out, const json_t *result) {
    if (!result) {
        fputs("<td></td>", out);
        return;
    }
    enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
    fprintf(out, "<td class=\"%s\"", zf_verdict_name(verdict));
    print(out, " title=\"", zf_text_of(result, "why"), "\">");
    print(out, "", zf_verdict_text(verdict), "</td>");
}

static void print_matrix(FILE *out, const json_t *document) {
    json_t *models = all_models(document), *one, *value;
    const char *model;
    size_t c;
    fputs("<table><tr><th>case</th>", out);
    json_object_foreach(models, model, value) {
        print(out, "<th>", model, "</th>");
    }
    fputs("</tr>\n", out);
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        print(out, "<tr><th>", zf_text_of(one, "name"), "</th>");
        json_object_foreach(models, model, value) {
            print_cell(out, result_on(one, model));
        }
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
    json_decref(models);
}

/* The lines around one of a source file, which may not be there. */
static void print_source(FILE *out, const char *path, int wanted) {
    FILE *file = *path && wanted > 0 ? fopen(path, "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    if (!file) {
        return;
    }
    fputs("<pre>", out);
    for (int n = 1; n <= wanted + AROUND && getline(&line, &size, file) >= 0; n++) {
        if (n >= wanted - AROUND) {
            line[strcspn(line, "\n")] = 0;
            fprintf(out, "%s%5d  ", n == wanted ? "<mark>" : "", n);
            print(out, "", line, n == wanted ? "</mark>\n" : "\n");
        }
    }
    fputs("</pre>\n", out);
    free(line);
    fclose(file);
}

static void print_stack(FILE *out, const json_t *place) {
    size_t i;
    json_t *frame;
    if (json_array_size(json_object_get(place, "stack")) < 2) {
        return;
    }
    fputs("<details><summary>Calls</summary><ol>\n", out);
    json_array_foreach(json_object_get(place, "stack"), i, frame) {
        print(out, "<li><code>", zf_text_of(frame, "address"), "</code> ");
        print(out, "", zf_base_name(zf_text_of(frame, "image")), " ");
        print(out, "<b>", zf_text_of(frame, "symbol"), "</b> ");
        print(out, "", zf_text_of(frame, "file"), "");
        if (*zf_text_of(frame, "file")) {
            fprintf(out, ":%d", (int)json_integer_value(json_object_get(frame, "line")));
        }
        fputs("</li>\n", out);
    }
    fputs("</ol></details>\n", out);
}

static void print_group(FILE *out, const json_t *group) {
    const json_t *place = json_object_get(group, "place");
    char text[256];
    size_t i;
    json_t *model;
    zf_place_text(place, text, sizeof text);
    fprintf(out, "<section class=\"%s\">", *zf_text_of(place, "excused") ? "excused" : "finding");
    print(out, "<h3>", zf_base_name(zf_text_of(place, "image")), " ");
    print(out, "", zf_text_of(place, "symbol"), "</h3>\n");
    print(out, "<p><code>", text, "</code><br>\n");
    print(out, "at <code>", zf_text_of(place, "address"), "</code>, bytes ");
    print(out, "<code>", zf_text_of(place, "bytes"), "</code>, ");
    json_int_t count = json_integer_value(json_object_get(group, "count"));
    fprintf(out, "%lld time%s on", (long long)count, zf_plural((uint64_t)count));
    json_array_foreach(json_object_get(group, "models"), i, model) {
        print(out, " ", json_string_value(model), "");
    }
    print(out, ": ", zf_text_of(place, "outcome"), "</p>\n");
    if (*zf_text_of(place, "excused")) {
        print(out, "<p>Excused: ", zf_text_of(place, "excused"), " ");
        print(out, "", zf_text_of(place, "reason_allowed"), "</p>\n");
    }
    print_source(out, zf_text_of(place, "file"),
                 (int)json_integer_value(json_object_get(place, "line")));
    print_stack(out, place);
    fputs("</section>\n", out);
}

/* Why each result is what it is, with what the guest wrote. */
static void print_results(FILE *out, const json_t *one) {
    size_t r;
    json_t *result;
    json_array_foreach(json_object_get(one, "results"), r, result) {
        enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
        if (verdict == ZF_VERDICT_PASSES) {
            continue;
        }
        print(out, "<details><summary>", zf_text_of(one, "name"), " on ");
        print(out, "", zf_text_of(result, "model"), ": ");
        print(out, "", zf_verdict_text(verdict), ": ");
        print(out, "", zf_text_of(result, "why"), "</summary>\n");
        print(out, "<pre>", zf_text_of(result, "output"), "");
        print(out, "", zf_text_of(result, "messages"), "</pre></details>\n");
    }
}

void zf_document_html(FILE *out, const json_t *document) {
    json_t *groups = zf_document_groups(document), *item;
    size_t i;
    fputs(head, out);
    print(out, "<h1>zfacet check: ", zf_verdict_text(zf_document_verdict(document)), "</h1>\n");
    print_matrix(out, document);
    json_array_foreach(json_object_get(document, "cases"), i, item) {
        print_results(out, item);
    }
    fputs(json_array_size(groups) ? "<h2>Findings</h2>\n" : "", out);
    json_array_foreach(groups, i, item) {
        print_group(out, item);
    }
    json_decref(groups);
    print(out, "<p><small>zfacet ", zf_text_of(document, "zfacet"),
          "</small></p>\n</body></html>\n");
}
