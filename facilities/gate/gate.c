/*
 * The gate's verdict on one decoded instruction: the row's bit first, then those of the forms that
 * it is, whose fields are taken out where the machine would ignore them.
 */
#include "zfacet/gate.h"

static void add_form(struct zf_gate_verdict *verdict, const struct zf_form *form) {
    ZF_ASSERT(verdict->form_count < ZF_GATE_FORMS);
    verdict->form[verdict->form_count++] = form;
}

struct zf_gate_verdict zf_gate_check(const struct zf_gate *gate, struct zf_insn *insn) {
    struct zf_gate_verdict verdict = {
        ZF_OUTCOME_EXECUTED, zf_gate_flags(gate, insn->row), 0, {NULL}};
    if (!zf_gate_permits(gate, insn->row)) {
        return (struct zf_gate_verdict){ZF_OUTCOME_OPERATION, false, 0, {NULL}};
    }
    const struct zf_form *form = zf_insn_form(insn);
    while (form) {
        if (!zf_gate_ignores(gate, form)) {
            if (zf_bitmap_test(gate->form_flagged, zf_form_index(form))) {
                verdict.flagged = true;
                add_form(&verdict, form);
            }
        } else if (form->when_absent == ZF_ABSENT_IGNORE || form->when_absent == ZF_ABSENT_HINT) {
            /* A zero field is no form, so this one does not match again. */
            zf_decode(insn->word & ~form->when.mask, insn);
            add_form(&verdict, form);
        } else {
            bool operation = form->when_absent == ZF_ABSENT_OPERATION;
            return (struct zf_gate_verdict){
                operation ? ZF_OUTCOME_OPERATION : ZF_OUTCOME_SPECIFICATION, false, 1, {form}};
        }
        form = zf_insn_next_form(insn, form);
    }
    return verdict;
}
