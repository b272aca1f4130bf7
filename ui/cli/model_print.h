#ifndef ZFACET_UI_MODEL_PRINT_H
#define ZFACET_UI_MODEL_PRINT_H

#include "zfacet/model.h"

#include <jansson.h>
#include <stdio.h>

/** A line for each machine. */
void zf_print_machines(FILE *out);
json_t *zf_machines_json(void);

/** All about one model. */
void zf_print_model(FILE *out, const struct zf_model *model);
json_t *zf_model_json(const struct zf_model *model, const struct zf_model_warnings *warnings);

#endif
