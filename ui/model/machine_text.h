/*
 * What is said of a machine in lists.
 */
#ifndef ZFACET_UI_MACHINE_TEXT_H
#define ZFACET_UI_MACHINE_TEXT_H

#include "zfacet/model.h"

/** Makes gen15a-base z15-base, as people call it; the name is a model's own, without features. */
void zf_model_name_shorten(char name[ZF_MODEL_NAME_LENGTH]);

/**
 * The model's short name and the switches that it differs by from what that means:
 * "z14,vx=off,vxpd=off", of a whole group its name; of many their number: "z14 (12 switches
 * changed)".
 */
enum { ZF_MODEL_TEXT_LENGTH = 160 };
void zf_model_text(const struct zf_model *model, char text[ZF_MODEL_TEXT_LENGTH]);

/** Its names beside the short one, with blanks between. */
void zf_machine_aliases(const struct zf_machine_type *machine, char *text, size_t size);

/** How many features one of its sets has. */
unsigned zf_machine_set_size(const struct zf_machine_type *machine, enum zf_model_set set);

#endif
