/*
 * Counts as tables.
 */
#include "mix/mix.h"
#include "text/common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sum {
    const char *name;
    json_int_t count;
};

static int by_count(const void *a, const void *b) {
    const struct sum *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                                : strcmp(x->name, y->name);
}

static void print_rows(FILE *out, struct sum *list, size_t count, unsigned top) {
    json_int_t total = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        total += list[i].count;
    }
    for (size_t i = 0; i < count; i++) {
        if (top && i >= top) {
            rest += list[i].count;
        } else {
            fprintf(out, "%15" JSON_INTEGER_FORMAT " %6.2f %%  %s\n", list[i].count,
                    100 * (double)list[i].count / (double)total, list[i].name);
        }
    }
    if (rest) {
        fprintf(out, "%15" JSON_INTEGER_FORMAT " %6.2f %%  %zu more\n", rest,
                100 * (double)rest / (double)total, count - top);
    }
}

void zf_mix_print(FILE *out, const json_t *counts, enum zf_mix_key key, unsigned top) {
    json_t *sums = zf_mix_sums(counts, key), *number;
    size_t count = 0, size = json_object_size(sums);
    struct sum *list = calloc(size + 1, sizeof *list);
    const char *name;
    if (list) {
        json_object_foreach(sums, name, number) {
            list[count++] = (struct sum){name, json_integer_value(number)};
        }
        qsort(list, count, sizeof *list, by_count);
        fprintf(out, "%s%15s %8s  %s%s\n", zf_colour(out, ZF_COLOUR_BOLD),
                key == ZF_MIX_CODE ? "CALLS" : "INSTRUCTIONS", "SHARE", zf_mix_key_name(key),
                zf_colour(out, ZF_COLOUR_NONE));
        print_rows(out, list, count, top);
        free(list);
    }
    json_decref(sums);
}

static void print_names(FILE *out, const json_t *names) {
    enum { WIDTH = 92 };
    size_t i, column = 0;
    json_t *name;
    json_array_foreach(names, i, name) {
        char number[24];
        const char *text = json_string_value(name);
        if (!text) {
            snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(name));
            text = number;
        }
        if (column + strlen(text) >= WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += (size_t)fprintf(out, "%s%s", column ? " " : "          ", text);
    }
    fputs(json_array_size(names) ? "\n" : "", out);
}

static void print_part(FILE *out, const json_t *part, const char *name, bool never) {
    json_int_t total = json_integer_value(json_object_get(part, "total"));
    json_int_t executed = json_integer_value(json_object_get(part, "executed"));
    fprintf(out, "%5" JSON_INTEGER_FORMAT " of %4" JSON_INTEGER_FORMAT " %4.0f %%  %s%s%s\n",
            executed, total, total ? 100 * (double)executed / (double)total : 0,
            zf_colour(out, executed == total ? ZF_COLOUR_GREEN
                           : executed        ? ZF_COLOUR_NONE
                                             : ZF_COLOUR_YELLOW),
            name, zf_colour(out, ZF_COLOUR_NONE));
    if (never) {
        print_names(out, json_object_get(part, "never"));
    }
}

static void print_list(FILE *out, const json_t *coverage, const char *list, bool never) {
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(coverage, list), i, part) {
        char name[160];
        const char *text = json_string_value(json_object_get(part, "name"));
        const json_t *facility = json_object_get(part, "facility");
        if (json_is_integer(facility)) {
            snprintf(name, sizeof name, "%3" JSON_INTEGER_FORMAT "  %s",
                     json_integer_value(facility), text);
        } else {
            snprintf(name, sizeof name, "%s", text);
        }
        print_part(out, part, name, never);
    }
}

void zf_mix_print_coverage(FILE *out, const json_t *coverage, bool never) {
    fprintf(out, "%s   EXECUTED          FACILITY%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            zf_colour(out, ZF_COLOUR_NONE));
    print_list(out, coverage, "facilities", never);
    fprintf(out, "%s\n   EXECUTED          FUNCTION CODES%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            zf_colour(out, ZF_COLOUR_NONE));
    print_list(out, coverage, "functions", never);
    fputc('\n', out);
    print_part(out, json_object_get(coverage, "instructions"), "instructions", false);
    print_part(out, json_object_get(coverage, "forms"), "forms (later values of fields)", never);
}
