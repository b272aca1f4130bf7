#include "text/input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files of /proc say that they have no bytes, and have some. */
static bool is_empty(FILE *file) {
    int first = getc(file);
    return first == EOF ? !ferror(file) : ungetc(first, file) == EOF;
}

FILE *zf_input_open(const char *name, struct zf_error *err) {
    if (!strcmp(name, "-")) {
        return stdin;
    }
    struct stat st;
    FILE *file = fopen(name, "re");
    if (!file || fstat(fileno(file), &st) != 0) {
        zf_fail(err, errno == ENOENT ? ZF_ERROR_NOT_FOUND : ZF_ERROR_IO, "%s: %s", name,
                strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", name, strerror(EISDIR));
    } else if (S_ISREG(st.st_mode) && st.st_size == 0 && is_empty(file)) {
        zf_fail(err, ZF_ERROR_FORMAT, "%s: the file is empty", name);
    } else {
        return file;
    }
    if (file) {
        fclose(file);
    }
    return NULL;
}

static bool is_text(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < ' ' && !strchr("\t\n\r\f", c)) || c == 0 || c == 0x7f) {
            return false;
        }
    }
    return true;
}

char *zf_input_text(const char *name, size_t most, struct zf_error *err) {
    FILE *file = zf_input_open(name, err);
    char *text = file ? malloc(most + 1) : NULL;
    if (!file) {
        return NULL;
    }
    size_t size = text ? fread(text, 1, most + 1, file) : 0;
    bool failed = true;
    if (!text) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    } else if (ferror(file)) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", name, strerror(errno));
    } else if (size > most) {
        zf_fail(err, ZF_ERROR_FORMAT, "%s: more than %zu MiB", name, most >> 20);
    } else if (!is_text(text, size)) {
        zf_fail(err, ZF_ERROR_FORMAT, "%s: not text", name);
    } else {
        text[size] = 0;
        failed = false;
    }
    if (file != stdin) {
        fclose(file);
    }
    if (failed) {
        free(text);
    }
    return failed ? NULL : text;
}
