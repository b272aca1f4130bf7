/*
 * A model as a user gives it: a name with changes, or @FILE with one in another tool's format.
 */
#include "model/input.h"

#include "model/format.h"
#include "text/common.h"
#include "text/input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void zf_note(struct zf_model_notes *notes, const char *format, ...) {
    if (notes->count < ZF_MODEL_NOTES) {
        va_list args;
        va_start(args, format);
        vsnprintf(notes->text[notes->count++], ZF_MODEL_NOTE_LENGTH, format, args);
        va_end(args);
    }
}

/* More than any of the formats needs. */
enum { INPUT_LIMIT = 4 << 20 };

static enum zf_status read_all(FILE *file, const char *name, char **bytes, size_t *size,
                               struct zf_error *err) {
    *size = 0;
    *bytes = malloc(INPUT_LIMIT + 1);
    if (!*bytes) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    *size = fread(*bytes, 1, INPUT_LIMIT + 1, file);
    if (ferror(file)) {
        return zf_fail(err, ZF_ERROR_IO, "%s: %s", name, strerror(errno));
    }
    if (*size > INPUT_LIMIT) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: more than %d MiB", name, INPUT_LIMIT >> 20);
    }
    return ZF_OK;
}

static enum zf_status read_file(const char *name, struct zf_model_input *input,
                                struct zf_error *err) {
    struct zf_error inner;
    char *bytes = NULL;
    size_t size;
    FILE *file = zf_input_open(name, err);
    if (!file) {
        return err->status;
    }
    enum zf_status status = read_all(file, name, &bytes, &size, err);
    if (status == ZF_OK) {
        status = zf_model_from_bytes(bytes, size, &input->model, &input->notes, &inner);
        if (status != ZF_OK) {
            status = zf_fail(err, ZF_ERROR_FORMAT, "%s: %s",
                             file == stdin ? "standard input" : name, inner.message);
        }
    }
    free(bytes);
    if (file != stdin) {
        fclose(file);
    }
    return status;
}

/* @FILE[,NAME=on|off]...: a comma belongs to the file's name when there is such a file. */
static enum zf_status read_named_file(const char *name, struct zf_model_input *input,
                                      struct zf_error *err) {
    const char *comma = strchr(name, ',');
    char file[4096];
    if (!*name || *name == ',') {
        return zf_fail(err, ZF_ERROR_USAGE, "'@%s': file name missing after '@'", name);
    }
    if (!comma || !access(name, F_OK)) {
        return read_file(name, input, err);
    }
    snprintf(file, sizeof file, "%.*s", (int)(comma - name), name);
    enum zf_status status = read_file(file, input, err);
    return status == ZF_OK ? zf_model_apply(&input->model, comma + 1, err) : status;
}

/* HEXADECIMAL[,NAME=on|off]... */
static enum zf_status read_stfle(const char *word, struct zf_model_input *input,
                                 struct zf_error *err) {
    size_t length = strcspn(word, ",");
    char *list = strndup(word, length);
    if (!list) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    struct zf_error inner;
    enum zf_status status = zf_model_from_stfle(list, &input->model, &input->notes, &inner);
    free(list);
    if (status != ZF_OK) {
        return zf_fail(err, ZF_ERROR_USAGE, "%s", inner.message);
    }
    return word[length] ? zf_model_apply(&input->model, word + length + 1, err) : ZF_OK;
}

enum zf_status zf_model_read(const char *word, bool strict, struct zf_model_input *input,
                             struct zf_error *err) {
    static const char stfle[] = "stfle:";
    input->notes.count = 0;
    enum zf_status status;
    snprintf(input->label, sizeof input->label, "%s", word);
    if (!strcmp(word, "-") || (word[0] == '-' && word[1] == ',')) {
        status = read_named_file(word, input, err);
    } else if (word[0] == '@') {
        status = read_named_file(word + 1, input, err);
    } else if (!strncmp(word, stfle, strlen(stfle))) {
        status = read_stfle(word + strlen(stfle), input, err);
    } else {
        return zf_model_parse(word, strict, &input->model, &input->warnings, err);
    }
    if (status != ZF_OK) {
        return status;
    }
    zf_model_check(&input->model, &input->warnings);
    if (strict && input->warnings.count) {
        status = zf_fail(err, ZF_ERROR_USAGE, "%s: feature '%s' needs '%s', which is off", word,
                         zf_feature_info(input->warnings.broken[0].feature)->name,
                         zf_feature_info(input->warnings.broken[0].needs)->name);
    }
    return status;
}

void zf_notes_tell(const struct zf_model_notes *notes, const char *label) {
    for (unsigned i = 0; i < notes->count; i++) {
        zf_warn("%s%s%s", label ? label : "", label ? ": " : "", notes->text[i]);
    }
}

void zf_model_tell(const struct zf_model_input *input) {
    zf_notes_tell(&input->notes, input->label);
    for (unsigned i = 0; i < input->warnings.count; i++) {
        zf_warn("%s: feature '%s' needs '%s', which is off", input->label,
                zf_feature_info(input->warnings.broken[i].feature)->name,
                zf_feature_info(input->warnings.broken[i].needs)->name);
    }
}

int zf_model_take(const char *word, bool strict, struct zf_model_input *input) {
    struct zf_error err;
    if (zf_model_read(word, strict, input, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    zf_model_tell(input);
    return ZF_EXIT_OK;
}
