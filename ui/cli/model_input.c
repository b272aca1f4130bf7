#include "cli/model_input.h"

#include "cli/common.h"

#include <stdarg.h>
#include <stdio.h>

void zf_note(struct zf_model_notes *notes, const char *format, ...) {
    if (notes->count < ZF_MODEL_NOTES) {
        va_list args;
        va_start(args, format);
        vsnprintf(notes->text[notes->count++], ZF_MODEL_NOTE_LENGTH, format, args);
        va_end(args);
    }
}

enum zf_status zf_model_read(const char *word, struct zf_model_input *input, struct zf_error *err) {
    input->notes.count = 0;
    snprintf(input->label, sizeof input->label, "%s", word);
    return zf_model_parse(word, false, &input->model, &input->warnings, err);
}

int zf_model_take(const char *word, struct zf_model_input *input) {
    struct zf_error err;
    if (zf_model_read(word, input, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    for (unsigned i = 0; i < input->notes.count; i++) {
        zf_warn("%s: %s", input->label, input->notes.text[i]);
    }
    for (unsigned i = 0; i < input->warnings.count; i++) {
        zf_warn("%s: feature '%s' needs '%s', which is off", input->label,
                zf_feature_info(input->warnings.broken[i].feature)->name,
                zf_feature_info(input->warnings.broken[i].needs)->name);
    }
    return ZF_EXIT_OK;
}
