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
    "summary{cursor:pointer}.wide{overflow-x:auto;max-height:80vh;margin-bottom:1em}.wide "
    "th:first-child{position:sticky;"
    "left:0;background:Canvas}\n"
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

/* A case a row, in a box that scrolls. */
static void print_cases(FILE *out, json_t *cases, json_t *models) {
    json_t *one, *value;
    const char *model;
    size_t c;
    fputs("<tr><th>case</th>", out);
    json_object_foreach(models, model, value) {
        print(out, "<th>", model, "</th>");
    }
    fputs("</tr>\n", out);
    json_array_foreach(cases, c, one) {
        print(out, "<tr><th>", zf_text_of(one, "name"), "</th>");
        json_object_foreach(models, model, value) {
            print_cell(out, result_on(one, model));
        }
        fputs("</tr>\n", out);
    }
}

/* A model a row. */
static void print_models(FILE *out, json_t *cases, json_t *models) {
    json_t *one, *value;
    const char *model;
    size_t c;
    fputs("<tr><th>model</th>", out);
    json_array_foreach(cases, c, one) {
        print(out, "<th>", zf_text_of(one, "name"), "</th>");
    }
    fputs("</tr>\n", out);
    json_object_foreach(models, model, value) {
        print(out, "<tr><th>", model, "</th>");
        json_array_foreach(cases, c, one) {
            print_cell(out, result_on(one, model));
        }
        fputs("</tr>\n", out);
    }
}

/* What there is more of goes down the page. */
static void print_matrix(FILE *out, const json_t *document) {
    json_t *cases = json_object_get(document, "cases"), *models = all_models(document);
    fputs("<div class=\"wide\"><table>", out);
    if (json_array_size(cases) < json_object_size(models)) {
        print_models(out, cases, models);
    } else {
        print_cases(out, cases, models);
    }
    fputs("</table></div>\n", out);
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

/* All of a few models, else how many, the first and the last, and all of them when the pointer is
 * there. */
static void print_models_of(FILE *out, const json_t *models) {
    enum { FEW = 6 };
    size_t i, count = json_array_size(models);
    json_t *model;
    if (count > FEW) {
        fprintf(out, "%zu models, ", count);
        print(out, "", json_string_value(json_array_get(models, 0)), " to ");
        print(out, "", json_string_value(json_array_get(models, count - 1)), " <span title=\"");
    }
    json_array_foreach(models, i, model) {
        print(out, i ? " " : "", json_string_value(model), "");
    }
    fputs(count > FEW ? "\">(all)</span>" : "", out);
}

static bool same_function(const json_t *one, const json_t *other) {
    const json_t *a = json_object_get(one, "place"), *b = json_object_get(other, "place");
    return other && !strcmp(zf_text_of(one, "case"), zf_text_of(other, "case")) &&
           !strcmp(zf_text_of(a, "image"), zf_text_of(b, "image")) &&
           !strcmp(zf_text_of(a, "symbol"), zf_text_of(b, "symbol"));
}

/* A finding, below the function's name unless that is the one of the finding before. */
static void print_group(FILE *out, const json_t *group, const json_t *before) {
    const json_t *place = json_object_get(group, "place");
    char text[256];
    zf_place_text(place, text, sizeof text);
    if (!same_function(group, before)) {
        print(out, "<h3>", zf_base_name(zf_text_of(place, "image")), " ");
        print(out, "", zf_text_of(place, "symbol"), "</h3>\n");
    }
    fprintf(out, "<section class=\"%s\">", *zf_text_of(place, "excused") ? "excused" : "finding");
    print(out, "<p><code>", text, "</code><br>\n");
    print(out, "at <code>", zf_text_of(place, "address"), "</code>, bytes ");
    print(out, "<code>", zf_text_of(place, "bytes"), "</code>, ");
    json_int_t count = json_integer_value(json_object_get(group, "count"));
    fprintf(out, "%lld time%s on ", (long long)count, zf_plural((uint64_t)count));
    print_models_of(out, json_object_get(group, "models"));
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
        if (verdict != ZF_VERDICT_FINDINGS) { /* which says how many there are */
            print(out, "", zf_verdict_text(verdict), ": ");
        }
        print(out, "", zf_text_of(result, "why"), "</summary>\n");
        print(out, "<pre>", zf_text_of(result, "output"), "");
        print(out, "", zf_text_of(result, "messages"), "</pre></details>\n");
    }
}

/* What it is about, in a line: the case, or how many. */
static void print_subject(FILE *out, const json_t *document) {
    const json_t *cases = json_object_get(document, "cases");
    size_t count = json_array_size(cases);
    json_t *models = all_models(document);
    if (count == 1) {
        print(out, "<p><code>", zf_text_of(json_array_get(cases, 0), "name"), "</code> on ");
    } else {
        fprintf(out, "<p>%zu cases on ", count);
    }
    fprintf(out, "%zu model%s</p>\n", json_object_size(models),
            zf_plural(json_object_size(models)));
    json_decref(models);
}

void zf_document_html(FILE *out, const json_t *document) {
    json_t *groups = zf_document_groups(document), *item;
    size_t i;
    fputs(head, out);
    print(out, "<h1>zfacet check: ", zf_verdict_text(zf_document_verdict(document)), "</h1>\n");
    print_subject(out, document);
    print_matrix(out, document);
    json_array_foreach(json_object_get(document, "cases"), i, item) {
        print_results(out, item);
    }
    fputs(json_array_size(groups) ? "<h2>Findings</h2>\n" : "", out);
    json_array_foreach(groups, i, item) {
        print_group(out, item, i ? json_array_get(groups, i - 1) : NULL);
    }
    json_decref(groups);
    print(out, "<p><small>zfacet ", zf_text_of(document, "zfacet"),
          "</small></p>\n</body></html>\n");
}
