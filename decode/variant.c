/*
 * Forms and extended mnemonics: what a row's field values mean beyond the row.
 */
#include "table.h"

static const struct zf_form *first_match(const struct zf_insn *insn, unsigned i) {
    for (unsigned end = zf_table_form_first[insn->row + 1]; i < end; i++) {
        if (zf_condition_holds(&zf_table_form[i].when, insn->word)) {
            return &zf_table_form[i];
        }
    }
    return NULL;
}

const struct zf_form *zf_insn_form(const struct zf_insn *insn) {
    return first_match(insn, zf_table_form_first[insn->row]);
}

bool zf_row_has_forms(enum zf_row row) {
    unsigned i = zf_table_form_first[row];
    return i < ZF_FORM_COUNT && zf_table_form[i].row == row;
}

const struct zf_form *zf_insn_next_form(const struct zf_insn *insn, const struct zf_form *form) {
    return first_match(insn, (unsigned)(form - zf_table_form) + 1);
}

const struct zf_form *zf_form_at(unsigned i) {
    ZF_ASSERT(i < ZF_FORM_COUNT);
    return &zf_table_form[i];
}

unsigned zf_form_index(const struct zf_form *form) {
    return (unsigned)(form - zf_table_form);
}

/* They stand in the order of preference, synonyms last. */
const struct zf_alias *zf_insn_alias(const struct zf_insn *insn) {
    const struct zf_alias *end = &zf_table_alias[zf_table_alias_first[insn->row + 1]];
    for (const struct zf_alias *a = &zf_table_alias[zf_table_alias_first[insn->row]];
         a < end && !a->synonym; a++) {
        if (zf_condition_holds(&a->when, insn->word)) {
            return a;
        }
    }
    return NULL;
}

const struct zf_alias *zf_alias_find(const char *mnemonic) {
    size_t low = 0;
    size_t high = zf_table_alias_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct zf_alias *a = &zf_table_alias[zf_table_alias_order[middle]];
        int order = strcmp(mnemonic, a->mnemonic);
        if (order == 0) {
            return a;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
