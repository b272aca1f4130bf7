/* Instructions and their forms as JSON, the same facts that insn_print.c tells in words. */
#include "text/insn_json.h"

#include "text/insn_print.h"

#include "zfacet/implemented.h"

static json_t *need_json(const struct zf_facility_need *need) {
    json_t *bits = json_array();
    for (unsigned i = 0; i < need->count; i++) {
        json_array_append_new(bits, json_integer(need->bit[i]));
    }
    return json_pack("{s:s, s:o}", "need",
                     need->count == 0 ? "none"
                     : need->any      ? "any"
                                      : "all",
                     "bits", bits);
}

json_t *zf_row_json(enum zf_row row) {
    const struct zf_row_info *info = zf_row_get(row);
    char opcode[8];
    char operands[64];
    zf_opcode_text(info, opcode);
    zf_operands_text(info->syntax, operands, sizeof operands);
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:s, s:b}", "mnemonic",
                     info->mnemonic, "name", info->name, "opcode", opcode, "format",
                     zf_format_name(info->format), "length", info->length, "operands", info->syntax,
                     "since", zf_since_name(info->since), "facility", need_json(&info->facility),
                     "privilege", zf_privilege_name(info->privilege), "implemented",
                     zf_row_implemented(row));
}

json_t *zf_form_json(const struct zf_form *form) {
    static const char *const absent[] = {"specification", "ignore", "operation", "hint"};
    return json_pack("{s:s, s:s, s:s, s:o, s:s}", "mnemonic", zf_row_get(form->row)->mnemonic,
                     "when", form->text, "since", zf_since_name(form->since), "facility",
                     need_json(&form->facility), "absent", absent[form->when_absent]);
}
