/*
 * Instructions as JSON.
 *
 * An instruction is {mnemonic, name, opcode, format, length, operands, since, facility, privilege,
 * implemented}; a form, which is a field value that came later than its instruction, {mnemonic,
 * when, since, facility, absent}. In both
 *   opcode      hexadecimal text          length     bytes
 *   since       "esa390", "z900", …       operands   as the instruction table spells them
 *   facility    {need, bits}: of the facilities by number, "all", "any" or "none" are needed
 *   privilege   "problem", "privileged", "semiprivileged"
 *   implemented true when zfacet executes it
 *   absent      without the facility: "specification" or "operation" exception, or "ignore"
 *
 * What zfacet isa prints is {instructions: [...], forms: [...]}, forms being empty without --forms.
 */
#ifndef ZFACET_UI_INSN_JSON_H
#define ZFACET_UI_INSN_JSON_H

#include "zfacet/decode.h"

#include <jansson.h>

json_t *zf_row_json(enum zf_row row);
json_t *zf_form_json(const struct zf_form *form);

#endif
