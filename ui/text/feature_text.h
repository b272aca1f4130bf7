/*
 * Features and groups in words, for tables and JSON.
 */
#ifndef ZFACET_UI_FEATURE_TEXT_H
#define ZFACET_UI_FEATURE_TEXT_H

#include "zfacet/manage.h"

#include <jansson.h>
#include <stdio.h>

enum { ZF_FEATURE_TEXT_LENGTH = 192 };

/** What a feature is: "facility 129 (vector)", "function 18 of kma: GCM AES 128", … */
void zf_feature_text(enum zf_feature feature, char text[ZF_FEATURE_TEXT_LENGTH]);

/** What a feature is that later management software knows and no model here has; or NULL. */
const char *zf_later_feature(const char *name);

/** The same for the name of a feature or group. */
void zf_feature_name_text(const char *name, char text[ZF_FEATURE_TEXT_LENGTH]);

/** Lines "NAME  what it is" of the features in `set`, groups first, each after `mark`. */
void zf_print_features(FILE *out, const struct zf_manage *manage, const uint64_t *set,
                       const char *mark);

/** Their names; with `words`, objects {name, text}. */
json_t *zf_features_json(const struct zf_manage *manage, const uint64_t *set, bool words);

/** What is in `a` and not in `b`; true when there is anything. */
bool zf_features_beyond(const struct zf_manage_model *a, const struct zf_manage_model *b,
                        uint64_t set[(ZF_FEATURE_COUNT + 63) / 64]);

#endif
