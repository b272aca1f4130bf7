/*
 * The formats in which other tools tell a model, to a model.
 */
#ifndef ZFACET_UI_MODEL_FORMAT_H
#define ZFACET_UI_MODEL_FORMAT_H

#include "model/input.h"

/**
 * Reads a model out of `size` bytes of any kind: libvirt's <cpu>, domain, capabilities or domain
 * capabilities; JSON of the management interfaces; /proc/cpuinfo; a Linux kernel's "Missing
 * facilities"; what Hercules's facility query prints, or its configuration; a facility list in
 * hexadecimal; a model text. Errors: FORMAT when it is none of these or no model can be made of it.
 */
enum zf_status zf_model_from_bytes(const char *bytes, size_t size, struct zf_model *model,
                                   struct zf_model_notes *notes, struct zf_error *err);

/* The formats one by one. */
enum zf_status zf_model_from_xml(const char *bytes, size_t size, struct zf_model *model,
                                 struct zf_model_notes *notes, struct zf_error *err);
enum zf_status zf_model_from_json(const char *bytes, size_t size, struct zf_model *model,
                                  struct zf_model_notes *notes, struct zf_error *err);

/* What a Linux kernel says that needs more than its machine has. */
#define ZF_KERNEL_MISSING "Missing facilities:"

/* These take zero-terminated text. */
enum zf_status zf_model_from_cpuinfo(const char *text, struct zf_model *model,
                                     struct zf_model_notes *notes, struct zf_error *err);
enum zf_status zf_model_from_kernel(const char *text, struct zf_model *model,
                                    struct zf_model_notes *notes, struct zf_error *err);
enum zf_status zf_model_from_hercules(const char *text, struct zf_model *model,
                                      struct zf_model_notes *notes, struct zf_error *err);
enum zf_status zf_model_from_stfle(const char *text, struct zf_model *model,
                                   struct zf_model_notes *notes, struct zf_error *err);

/** True when the text looks like a facility list in hexadecimal. */
bool zf_is_stfle_text(const char *text);

/**
 * A model by a name and properties as management software has them. Names of models that only
 * zfacet knows, as "z15", are taken too.
 */
enum zf_status zf_model_from_info(const struct zf_manage_info *info, struct zf_model *model,
                                  struct zf_error *err);

/* Facility bits that some tool told, and perhaps the machine type (0: not told). */
struct zf_facility_list {
    unsigned type;
    bool complete; /* what is not in `told` is off */
    bool all_off;  /* only what is off is told */
    ZF_BITMAP(on, ZF_FACILITY_LIMIT);
    ZF_BITMAP(told, ZF_FACILITY_LIMIT);
};

/** The model with these facilities on the oldest machine of the type that can have them all. */
enum zf_status zf_model_from_facilities(const struct zf_facility_list *list, struct zf_model *model,
                                        struct zf_model_notes *notes, struct zf_error *err);

#endif
