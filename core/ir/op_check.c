/*
 * Holds each op's body against its operands and effects: whoever compiles or reorders ops believes
 * the letters, so a body that reads, writes or does more than they say must not build. It knows the
 * names that bodies use (core/interp/engine.h), not C: of an operand that is written first, later
 * mentions are taken for its new value.
 */
#include "op_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* How a body names the register of an operand, the letters for which it may, and which of the
 * letters it names all of: what is written with '=' is written whole. */
static const struct {
    const char *name, *letters;
    char whole;
} registers[] = {
    {"G", "g", 'g'},      {"GD", "g", 'g'},  {"L", "gl", 'l'},  {"GE", "gl", 'l'}, {"B", "gl", 0},
    {"H", "gh", 'h'},     {"GP", "g", 'g'},  {"LP", "gl", 'l'}, {"FR", "d", 'd'},  {"FD", "d", 'd'},
    {"FR_LOW", "d", 'd'}, {"FS", "de", 'e'}, {"FE", "de", 'e'}, {"V", "v", 'v'},
};

/* Names that read operands without showing them. */
static const struct {
    const char *name, *operands;
} addresses[] = {{"EA_B", "b"}, {"EA_BX", "bx"}, {"EA_X2", "x"}, {"SHIFT", "x"}};

/* Names in a body, and the effects of which the op must have one. */
static const struct {
    const char *name, *effects;
} doings[] = {
    {"CC_NOW", "C"},        {"SELECTED", "C"},      {"CC_SIGN", "c"},   {"CC_OVERFLOW", "c"},
    {"CC_COMPARE", "c"},    {"COMBINE", "c"},       {"HELPER", "l"},    {"EXECUTE", "l"},
    {"HOST_OK", "P"},       {"FAULT", "m"},         {"LD8", "m"},       {"LD16", "m"},
    {"LD32", "m"},          {"LD64", "m"},          {"LD128", "m"},     {"ST8", "s"},
    {"ST16", "s"},          {"ST32", "s"},          {"ST64", "s"},      {"ST128", "s"},
    {"SPAN_READ", "m"},     {"SPAN_WRITE", "s"},    {"MOVE", "s"},      {"COMBINE", "s"},
    {"COMPARE_BYTES", "m"}, {"COMPARE_BYTES", "c"}, {"BRANCH_IF", "b"}, {"GO_ON", "b"},
};

enum { OPERANDS = 4, ROWS = sizeof registers / sizeof registers[0] };

/* An operand's letters, and what the body has done to it. */
struct operand {
    char access, letter;
    bool many; /* a pair or several */
    bool mentioned, read, written, written_whole;
};

static void parse_operands(const char *text, struct operand o[OPERANDS]) {
    memset(o, 0, OPERANDS * sizeof *o);
    for (unsigned i = 0; i < OPERANDS && *text; i++) {
        o[i].access = *text == '=' || *text == '+' ? *text++ : ' ';
        o[i].letter = *text++;
        if (o[i].letter == 'i' && i + 1 < OPERANDS) {
            o[i + 1].letter = 'i';
            return;
        }
        if (*text == '2' || *text == '*') {
            o[i].many = true;
            text++;
        }
    }
}

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_name(const char *p) {
    while (is_name(*p)) {
        p++;
    }
    return p;
}

/* After a register's name: whether it is assigned, whole or an element of it, or changed. */
struct assignment {
    bool writes, part, also_reads;
};

static struct assignment assignment_at(const char *p) {
    struct assignment a = {false, false, false};
    while (*p == '.' || *p == '[') {
        a.part |= *p == '[';
        p = *p == '[' && strchr(p, ']') ? strchr(p, ']') + 1 : skip_name(p + 1);
    }
    while (*p == ' ') {
        p++;
    }
    a.also_reads = strchr("+-*/&|^", *p) && p[1] == '=';
    a.writes = a.also_reads || (*p == '=' && p[1] != '=');
    return a;
}

static const char *mention(struct operand *o, unsigned row, const char *after) {
    struct assignment a = assignment_at(after);
    if (!strchr(registers[row].letters, o->letter)) {
        return "the body uses an operand as another kind than its letter";
    }
    o->mentioned = true;
    if (!a.writes || a.also_reads || a.part) {
        o->read |= !o->written || a.also_reads;
    }
    o->written |= a.writes;
    o->written_whole |= a.writes && !a.part && registers[row].whole == o->letter;
    return NULL;
}

/* A name in the body with its operand in parentheses, or one that stands for operands. */
static const char *look_at_name(const char *name, size_t length, struct operand o[OPERANDS],
                                const char **about) {
    static const char operands[] = "abxc";
    const char *p = name + length, *which;
    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        if (strlen(addresses[i].name) == length && !memcmp(name, addresses[i].name, length)) {
            for (which = addresses[i].operands; *which; which++) {
                struct operand *at = &o[strchr(operands, *which) - operands];
                at->mentioned = at->read = true;
            }
        }
    }
    if (length == 1 && *name == 'u' && !strncmp(p, "->", 2) && strchr(operands, p[2]) &&
        !is_name(p[3])) {
        o[strchr(operands, p[2]) - operands].mentioned = true;
        return NULL;
    }
    if (*p != '(' || !p[1] || !strchr(operands, p[1]) || !strchr("),", p[2])) {
        return NULL;
    }
    for (unsigned row = 0; row < ROWS; row++) {
        if (strlen(registers[row].name) == length && !memcmp(name, registers[row].name, length)) {
            *about = name;
            return mention(&o[strchr(operands, p[1]) - operands], row, strchr(p, ')') + 1);
        }
    }
    return NULL;
}

static const char *check_effects(const struct op_row *row, const char *name, size_t length) {
    for (unsigned i = 0; i < sizeof doings / sizeof doings[0]; i++) {
        if (strlen(doings[i].name) == length && !memcmp(name, doings[i].name, length) &&
            !strpbrk(row->effects, doings[i].effects)) {
            return "the body does what no effect letter says";
        }
    }
    bool assigns = length == 2 && !memcmp(name, "CC", 2) && assignment_at(name + 2).writes;
    return assigns && !strchr(row->effects, 'c') ? "the body sets the CC without effect c" : NULL;
}

static const char *check_operand(const struct operand *o) {
    bool is_register = o->letter && strchr("glhdeva", o->letter);
    if (!is_register) {
        return o->letter == '-' && o->mentioned ? "the body uses an operand that has no letter"
                                                : NULL;
    }
    if (!o->mentioned) {
        return "the body does not use the operand";
    }
    if (o->written && o->access == ' ') {
        return "the body writes an operand without = or +";
    }
    if (o->many || o->letter == 'a') {
        return NULL; /* the body reaches these through register numbers */
    }
    if (o->access == '=' && !o->written_whole) {
        return "the body does not write all of an operand with =";
    }
    return o->access == '=' && o->read ? "the body reads an operand with = before it writes it"
                                       : NULL;
}

/* What stands in sizeof and typeof is not accessed. */
static const char *skip_unevaluated(const char *name, size_t length) {
    bool is_one = (length == 6 && !memcmp(name, "sizeof", 6)) ||
                  (length == 10 && !memcmp(name, "__typeof__", 10));
    const char *p = name + length;
    if (!is_one || *p != '(') {
        return p;
    }
    unsigned depth = 0;
    do {
        depth += *p == '(';
        depth -= *p == ')';
        p++;
    } while (*p && depth);
    return p;
}

const char *op_check(const struct op_row *row, const char **about) {
    struct operand o[OPERANDS];
    const char *fault = NULL;
    parse_operands(row->operands, o);
    for (const char *p = row->body; *p && !fault;) {
        if (!is_name(*p)) {
            p++;
            continue;
        }
        size_t length = (size_t)(skip_name(p) - p);
        *about = p;
        fault = look_at_name(p, length, o, about);
        fault = fault ? fault : check_effects(row, p, length);
        p = skip_unevaluated(p, length);
    }
    for (unsigned i = 0; i < OPERANDS && !fault; i++) {
        *about = &"abxc"[i];
        fault = check_operand(&o[i]);
    }
    return fault;
}
