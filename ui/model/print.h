/*
 * Models as text and JSON.
 *
 * The list is {machines: [M...]}, M being {machine, aliases, title, type, ga, class, generation,
 * generation_ga, ibc, ibc_lowest, announced, address_bits, base_count, default_count, full_count};
 * ibc and ibc_lowest are null where there is none. One model is such an M without the counts, and
 *   name                        as given, in the machine's own spelling
 *   names                       what others call it: qemu, libvirt, hercules (its CPUMODEL); and
 *                               the newest code that it runs: march, arch, rust, go, each null
 *                               where there is none, glibc_hwcaps: [FOLDER], next_level_lacks: a
 *                               facility bit that the machine could have, or null
 *   warnings: [{feature, needs}]
 *   stidp, stfl, stfle          hexadecimal, as a guest gets them
 *   facilities: [{bit, name, since}]
 *   functions: {MNEMONIC: {query, codes}}    query: the doublewords that a query returns
 *   features, base, default, full            names, in the management interfaces' order
 *   instructions                how many the model installs
 *   not_implemented             mnemonics of those that zfacet does not execute
 */
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
