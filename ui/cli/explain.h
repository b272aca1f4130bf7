/*
 * zfacet explain, in parts: text (cmd_explain.c) and JSON (explain_json.c) of the same meanings.
 *
 * The JSON is a list with an object for each meaning of each word. It has word, as given, and kind;
 * keys whose value is not known are left out. `models` is {default, full}: the first machine whose
 * set has it, or null; `base` the same for what can never be off. By kind:
 *
 * - instruction: what zfacet isa tells (insn_json.h); models, forms: [form], functions: [{code,
 *   name, implemented}]; operation, cc: what it does and what the condition code becomes;
 *   pseudo_code: the same in lines (docs/pseudo-code.md), or null, and pseudo_code_absent says why;
 *   exceptions: [text]; alias_of, alias_fields ("m1=12") when the word is an extended mnemonic
 * - facility: bit, name, since, feature (null or as below), instructions: [mnemonic], forms: how
 *   many of other instructions
 * - feature: name, description, deprecated, group, function: {of, code}, models, base, needs:
 *   [name], needed_by: [name]
 * - group: name, description, features: [name]
 * - model: what zfacet models tells of one (model/print.h)
 * - code: text, needs, instruction: the instruction of these hexadecimal digits
 * - later-feature: of management software that is newer
 */
#ifndef ZFACET_UI_EXPLAIN_H
#define ZFACET_UI_EXPLAIN_H

#include "zfacet/decode.h"
#include "zfacet/facility.h"
#include "zfacet/model.h"

#include <jansson.h>

struct zf_args;

/** The facility by number, "stfle" and number, or name; or NULL. */
const struct zf_facility *zf_explain_facility(const char *word);

/** The instruction of 4, 8 or 12 hexadecimal digits; false when they are none. */
bool zf_explain_code(const char *word, struct zf_insn *insn);

/** Says, as an error, how many hexadecimal digits the instruction has that begins with these, or
 * that none does; false if they are no digits. `given` is what the user wrote. */
bool zf_explain_report_code(const char *given, const char *code);

/** Takes the blanks out of digits such as "b9 ed 40 33"; other words stay. */
void zf_explain_join(char *word);

/** Whether the words are the bytes of one instruction, the first of which means nothing else: then
 * it is in `code`. */
bool zf_explain_bytes(const struct zf_args *args, char *code, size_t size);

/** True when needing it means needing facility `bit`. */
bool zf_explain_names_facility(const struct zf_facility_need *need, unsigned bit);

/** Appends all meanings of `word`, in lower case; false when there is none. */
bool zf_explain_json(const char *word, json_t *list);

/** Appends a model that was read from elsewhere. */
void zf_explain_model_json(const char *word, const struct zf_model *model, json_t *list);

#endif
