/*
 * What a saved guest's stream says of its CPU model: the guest goes on with the model that it
 * began with, wherever it is. On a target that has less it can be refused, or go on and meet the
 * exceptions of what is lost.
 *
 *     "MODL"  model; policy (text), host known (1) and, when 1, the host's model; requested and
 *             lowest IBC value (4 each, signed); hidden (1) and, when 1, the whole model; guest
 *             (text), bytes of its file (8) and their CRC-32 (4)
 *
 * A model is its name, the features that differ from what the name says (2, then name and 0 or 1
 * each), doublewords of facility bits (2, then 8 each), and function codes (1, then mnemonic and
 * ZF_QUERY_BITS bits each).
 */
#ifndef ZFACET_SAVED_MODEL_H
#define ZFACET_SAVED_MODEL_H

#include "zfacet/ibc.h"
#include "zfacet/stream.h"

enum { ZF_SAVED_NAME_LENGTH = 512 };

/* A value: what zf_gate_config says, and of which guest. */
struct zf_saved_model {
    struct zf_model model;
    enum zf_policy policy;
    bool has_host;
    struct zf_model host;
    int ibc, lowest; /* as in zf_gate_config */
    bool hidden; /* what zfacet does not execute was taken out of the model, which was `whole` */
    struct zf_model whole;
    char guest[ZF_SAVED_NAME_LENGTH]; /* the file, for its symbols: the name, */
    uint64_t guest_size;              /* and how to see that it is still the same */
    uint32_t guest_crc;
};

/** Fills `section`, to be written first. */
void zf_saved_model_put(const struct zf_saved_model *saved, struct zf_section *section);

/** Reads it. Errors: FORMAT, for what is no such section or names what does not exist. */
enum zf_status zf_saved_model_take(struct zf_section *section, struct zf_saved_model *saved,
                                   struct zf_error *err);

/**
 * Compares with a target: tells each thing that the model has and the target does not, in words,
 * and returns how many there are. `tell` may be NULL.
 */
unsigned zf_saved_model_missing(const struct zf_model *model, const struct zf_model *target,
                                void (*tell)(void *context, const char *text), void *context);

#endif
