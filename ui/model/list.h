/*
 * Several models, as commands take them, with what the queries need.
 */
#ifndef ZFACET_UI_MODEL_LIST_H
#define ZFACET_UI_MODEL_LIST_H

#include "model/input.h"

struct zf_model_list {
    struct zf_manage *manage;
    unsigned count;
    struct zf_model_input *inputs;
    struct zf_manage_model *models; /* the same, for the queries */
};

/**
 * Reads the models that `count` words name. ZF_EXIT_OK, or the exit status, the mistake told. Free
 * the list in either case.
 */
int zf_model_list_take(struct zf_model_list *list, const char *const *words, unsigned count);
void zf_model_list_free(struct zf_model_list *list);

/** Room for `count` models that are still to be filled; false without memory. */
bool zf_model_list_allocate(struct zf_model_list *list, unsigned count);

/**
 * The model that runs wherever models `first` to the last do, leaving out number `without`
 * (`count`: none), at least one of them; two at a time in their order, as libvirt asks for it.
 */
bool zf_model_list_baseline(const struct zf_model_list *list, unsigned first, unsigned without,
                            struct zf_manage_model *baseline, struct zf_manage_error *error);

#endif
