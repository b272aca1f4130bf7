/*
 * Messages, colour and JSON, the same for all commands.
 */
#include "text/common.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A message may have bytes of a file in it: none of them is to reach a terminal as a command. */
static void put_message(const char *format, va_list args) {
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (memory) {
        vfprintf(memory, format, args);
        fclose(memory);
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        fputc((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ? '?' : c, stderr);
    }
    fputc('\n', stderr);
    free(text);
}

static void put(const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_message(format, args);
    va_end(args);
}

int zf_report_error(const struct zf_error *err) {
    put("zfacet: %s", err->message);
    return err->status == ZF_ERROR_USAGE || err->status == ZF_ERROR_NOT_FOUND ? ZF_EXIT_USAGE
                                                                              : ZF_EXIT_FAILURE;
}

int zf_usage_error(const char *format, ...) {
    va_list args;
    fputs("zfacet: ", stderr);
    va_start(args, format);
    put_message(format, args);
    va_end(args);
    return ZF_EXIT_USAGE;
}

void zf_warn(const char *format, ...) {
    va_list args;
    fprintf(stderr, "zfacet: %swarning:%s ", zf_colour(stderr, ZF_COLOUR_YELLOW),
            zf_colour(stderr, ZF_COLOUR_NONE));
    va_start(args, format);
    put_message(format, args);
    va_end(args);
}

const char *zf_plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

bool zf_colour_wanted(FILE *out) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if ((no_color && *no_color) || !term || !strcmp(term, "dumb")) {
        return false;
    }
    return isatty(fileno(out));
}

const char *zf_colour(FILE *out, enum zf_colour colour) {
    static const char *const sequences[] = {
        [ZF_COLOUR_NONE] = "\033[0m",   [ZF_COLOUR_BOLD] = "\033[1m",
        [ZF_COLOUR_DIM] = "\033[2m",    [ZF_COLOUR_RED] = "\033[31m",
        [ZF_COLOUR_GREEN] = "\033[32m", [ZF_COLOUR_YELLOW] = "\033[33m",
    };
    return zf_colour_wanted(out) ? sequences[colour] : "";
}

json_t *zf_json_text(const char *text) {
    json_t *value = json_string(text);
    char *copy = value ? NULL : strdup(text);
    for (char *c = copy; c && *c; c++) {
        *c = (signed char)*c < 0 ? '?' : *c;
    }
    value = copy ? json_string(copy) : value;
    free(copy);
    return value;
}

int zf_print_json(FILE *out, json_t *value) {
    int failed = !value || json_dumpf(value, out, JSON_INDENT(2) | JSON_ENCODE_ANY) < 0;
    failed |= fputc('\n', out) == EOF;
    json_decref(value);
    if (failed && !ferror(out)) {
        fputs("zfacet: out of memory for the JSON\n", stderr);
    }
    return failed ? ZF_EXIT_FAILURE : ZF_EXIT_OK;
}
