#include "zfacet/gate.h"

struct zf_gate_verdict zf_gate_check(const struct zf_gate *gate, struct zf_insn *insn) {
    struct zf_gate_verdict verdict = {ZF_GATE_RUNS, zf_gate_flags(gate, insn->row), NULL};
    if (!zf_gate_permits(gate, insn->row)) {
        return (struct zf_gate_verdict){ZF_GATE_OPERATION, false, NULL};
    }
    const struct zf_form *form = zf_insn_form(insn);
    while (form) {
        unsigned i = zf_form_index(form);
        if (zf_bitmap_test(gate->form_permitted, i)) {
            if (zf_bitmap_test(gate->form_flagged, i)) {
                verdict.flagged = true;
                verdict.form = form;
            }
        } else if (form->when_absent == ZF_ABSENT_IGNORE) {
            /* A zero field is no form, so this one does not match again. */
            zf_decode(insn->word & ~form->when.mask, insn);
            verdict.form = form;
        } else {
            return (struct zf_gate_verdict){form->when_absent == ZF_ABSENT_OPERATION
                                                ? ZF_GATE_OPERATION
                                                : ZF_GATE_SPECIFICATION,
                                            false, form};
        }
        form = zf_insn_next_form(insn, form);
    }
    return verdict;
}
