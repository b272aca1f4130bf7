/*
 * Models in the formats of other tools.
 */
#ifndef ZFACET_UI_MODEL_OUTPUT_H
#define ZFACET_UI_MODEL_OUTPUT_H

#include "model/input.h"

#include <jansson.h>
#include <stdio.h>

enum zf_model_format {
    ZF_MODEL_FORMAT_TEXT,
    ZF_MODEL_FORMAT_JSON,     /* {"name", "props"} of the management interfaces */
    ZF_MODEL_FORMAT_QEMU,     /* as -cpu takes it */
    ZF_MODEL_FORMAT_LIBVIRT,  /* <cpu> of a domain */
    ZF_MODEL_FORMAT_HERCULES, /* configuration lines */
    ZF_MODEL_FORMAT_STFLE,    /* the facility list in hexadecimal */
    ZF_MODEL_FORMAT_COUNT
};

/** The format of that name ("text", "json", …); NULL is text. */
enum zf_status zf_model_format_parse(const char *name, enum zf_model_format *format,
                                     struct zf_error *err);

/** {"name", "props"?}: as queries give it. */
json_t *zf_delta_json(const struct zf_manage_delta *delta);

/**
 * Writes `model` in any format but text; `notes` gets what the format cannot tell. `type`: what
 * differs from the base, or all of it.
 */
void zf_model_write(FILE *out, const struct zf_manage *manage, const struct zf_model *model,
                    enum zf_model_format format, enum zf_manage_type type,
                    struct zf_model_notes *notes);

#endif
