/*
 * How the commands write about instructions: what they need, and their format drawn.
 */
#ifndef ZFACET_UI_INSN_PRINT_H
#define ZFACET_UI_INSN_PRINT_H

#include "zfacet/decode.h"

#include <stdio.h>

/** Writes "129 (vector)", "73 (…) and 50 (…)", …; returns false when there is no need. */
bool zf_need_text(const struct zf_facility_need *need, char *text, size_t size);

/**
 * Writes "z13, facility 129 (vector), privileged": what a machine or program needs for this very
 * instruction, its form included. Returns false, with an empty text, when every machine runs it.
 */
bool zf_insn_needs_text(const struct zf_insn *insn, char *text, size_t size);

/** "problem", "privileged", "semiprivileged". */
const char *zf_privilege_name(enum zf_privilege privilege);

/** The opcode as the book prints it: "A7A", "E306". */
void zf_opcode_text(const struct zf_row_info *row, char text[8]);

/** Writes a syntax of the instruction table as the book does: "R1,D2(X2,B2)", "R1,R2[,M3]". */
void zf_operands_text(const char *syntax, char *text, size_t size);

/* A field of a format, a piece of the opcode, or what the machine does not look at. */
struct zf_format_cell {
    const char *name; /* of the field, or NULL */
    int first, bits;
};

/** Disassembles as zf_disasm() does, with a blank after the mnemonic if there are operands. */
void zf_insn_text(const struct zf_insn *insn, uint64_t address, char *text, size_t size);

/** Whether the instruction has an operand in that field of its format, or ignores it. */
bool zf_row_uses_field(const struct zf_row_info *row, const char *name);

/** The one that begins at `bit`. */
struct zf_format_cell zf_format_cell_at(const struct zf_row_info *row, int bit);

/** The number of the last operand that the instruction has and the mnemonic has not, being the same
 * register as the one before ('3': NOT is NOR of a register with itself); else 0. */
char zf_alias_repeats(const struct zf_alias *alias);

/** The field values that the extended mnemonic stands for: "m1=12", "m5&8=8,m4=2", "m3!=0",
 * "r3=r2"; empty when it is another name of the instruction alone. */
void zf_alias_fields_text(const struct zf_alias *alias, char *text, size_t size);

/** Draws the row's format as boxes with the fields' names and bit positions. */
void zf_print_format(FILE *out, const struct zf_row_info *row);

#endif
