#include "case.h"

#include "../assemble.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct parse {
    struct insn_case *c;
    bool after; /* in the part after the second '|' */
    char *error;
    size_t error_size;
};

static bool fail(struct parse *p, const char *what, const char *token) {
    snprintf(p->error, p->error_size, "%s '%s'", what, token);
    return false;
}

/* Hexadecimal, perhaps negative; up to 16 digits. */
static bool hex(const char *text, uint64_t *value) {
    char *end;
    bool negative = *text == '-';
    text += negative;
    if (!isxdigit((unsigned char)*text)) {
        return false;
    }
    *value = strtoull(text, &end, 16);
    *value = negative ? -*value : *value;
    return *end == 0;
}

/* 32 hexadecimal digits, or fewer that stand left: a vector register. */
static bool hex_vector(const char *text, uint64_t value[2]) {
    size_t n = strlen(text);
    value[0] = value[1] = 0;
    for (size_t i = 0; i < n; i++) {
        const char digit[2] = {text[i], 0};
        if (i >= 32 || !isxdigit((unsigned char)text[i])) {
            return false;
        }
        value[i / 16] |= strtoull(digit, NULL, 16) << (60 - 4 * (i % 16));
    }
    return n > 0;
}

static int digit_value(char c, uint8_t *any) {
    *any = c == '?' ? 0xf : 0;
    if (c == '?') {
        return 0;
    }
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static void put_byte(struct parse *p, int index, const char *digits) {
    uint8_t high, low;
    int value = digit_value(digits[0], &high) << 4 | digit_value(digits[1], &low);
    p->c->after.data[index] = (uint8_t)value;
    p->c->any_data[index] = (uint8_t)(high << 4 | low);
    if (!p->after) {
        p->c->before.data[index] = (uint8_t)value;
    }
}

/* @8000=0011?2,40*16: bytes, runs of a repeated string with their decimal count */
static bool storage_token(struct parse *p, const char *token) {
    char *s;
    uint64_t address = strtoull(token + 1, &s, 16);
    if (*s++ != '=') {
        return fail(p, "no '=' in", token);
    }
    while (*s) {
        size_t n = strspn(s, "0123456789abcdefABCDEF?");
        char *next = s + n;
        unsigned long times = *next == '*' ? strtoul(next + 1, &next, 10) : 1;
        if (!n || n % 2) {
            return fail(p, "half bytes in", token);
        }
        for (unsigned long i = 0; i < times * n / 2; i++) {
            int index = guest_data_index(address++);
            if (index < 0) {
                return fail(p, "outside the data ranges:", token);
            }
            put_byte(p, index, s + 2 * i % n);
        }
        s = next + (*next == ',');
    }
    return true;
}

/* Where in the state a register's value goes. */
static struct guest_state *state_of(struct parse *p) {
    return p->after ? &p->c->after : &p->c->before;
}

/* r1= l1= h1= a1= c1= f1= v1= */
static bool register_token(struct parse *p, char kind, unsigned r, const char *value) {
    struct guest_state *s = state_of(p);
    uint64_t v = 0, vector[2] = {0, 0};
    bool any = *value == '?';
    if (r > (kind == 'v' ? 31u : 15u) ||
        (!any && !(kind == 'v' ? hex_vector(value, vector) : hex(value, &v)))) {
        return fail(p, "no register or value:", value);
    }
    switch (kind) {
    case 'r':
        s->gr[r] = v;
        p->c->any_gr |= (uint16_t)(any << r);
        break;
    case 'l':
        s->gr[r] = (s->gr[r] & ~UINT64_C(0xffffffff)) | (uint32_t)v;
        break;
    case 'h':
        s->gr[r] = (s->gr[r] & 0xffffffff) | v << 32;
        break;
    case 'a':
        s->ar[r] = (uint32_t)v;
        break;
    case 'c':
        s->cr[r] = v;
        break;
    case 'f':
        s->vr[r][0] = v;
        break;
    default:
        memcpy(s->vr[r], vector, sizeof vector);
        p->c->any_vr |= (uint32_t)any << r;
    }
    return true;
}

static bool modes(struct parse *p, const char *value) {
    static const char *const names[] = {"64", "31", "24"};
    memset(p->c->modes, 0, sizeof p->c->modes);
    for (unsigned i = 0; i < 3; i++) {
        p->c->modes[i] = strstr(value, names[i]) != NULL;
    }
    return p->c->modes[0] || p->c->modes[1] || p->c->modes[2] || fail(p, "mode", value);
}

/* to=8000, to=+8, to=-4 */
static bool branch_target(struct insn_case *c, const char *value) {
    c->has_to = true;
    c->to_is_distance = *value == '+' || *value == '-';
    if (c->to_is_distance) {
        uint64_t distance;
        bool ok = hex(value + 1, &distance);
        c->to_distance = *value == '-' ? -(int64_t)distance : (int64_t)distance;
        return ok;
    }
    return hex(value, &c->to_address);
}

/* Which zf_register the name is of, when there is one of it only; else -1. */
static int single_register(const char *name) {
    for (int id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        if (info->count == 1 && !strcmp(name, info->name)) {
            return id;
        }
    }
    return -1;
}

/* Tokens that are numbers of the state, in either part. */
static bool state_token(struct parse *p, const char *name, const char *value, bool *known) {
    struct guest_state *s = state_of(p);
    uint64_t v = 0;
    bool any = *value == '?';
    bool ok = any || hex(value, &v);
    int id = single_register(name);
    *known = true;
    if (id >= 0) {
        s->single[id] = v;
        p->c->any_single = (p->c->any_single & ~(1u << id)) | (uint32_t)any << id;
    } else if (!strcmp(name, "cc")) {
        s->cc = (uint32_t)v;
        p->c->any_cc = any;
    } else if (!strcmp(name, "pm")) {
        s->psw_mask = (s->psw_mask & ~ZF_PSW_PM) | v << 40;
    } else if (!strcmp(name, "key")) {
        s->psw_mask = (s->psw_mask & ~ZF_PSW_KEY) | v << 52;
    } else if (!strcmp(name, "as")) {
        s->psw_mask = (s->psw_mask & ~ZF_PSW_AS) | v << 46;
    } else if (!strcmp(name, "mask")) {
        s->psw_mask = (s->psw_mask & (ZF_PSW_EA | ZF_PSW_BA)) | v;
        p->c->any_mask = any;
    } else if (!strcmp(name, "amode")) {
        p->c->has_amode = true;
        s->psw_mask &= ~(ZF_PSW_EA | ZF_PSW_BA);
        s->psw_mask |= v == 0x64 ? ZF_PSW_EA | ZF_PSW_BA : v == 0x31 ? ZF_PSW_BA : 0;
    } else {
        *known = false;
    }
    return ok || !*known;
}

static bool before_token(struct parse *p, const char *name, const char *value) {
    struct insn_case *c = p->c;
    if (!strcmp(name, "mode")) {
        return modes(p, value);
    }
    if (!strcmp(name, "model")) {
        snprintf(c->model, sizeof c->model, "%s", value);
    } else if (!strcmp(name, "problem")) {
        c->before.psw_mask |= ZF_PSW_PROBLEM;
    } else if (!strcmp(name, "system")) {
        c->not_linear = true;
    } else if (!strcmp(name, "linear")) {
        c->not_system = true;
    } else if (!strcmp(name, "readonly")) {
        c->not_system = c->read_only = true;
    } else if (!strcmp(name, "noex")) {
        c->no_execute = true;
    } else if (!strcmp(name, "nopeer")) {
        c->no_peer = true;
    } else if (!strcmp(name, "nodead")) {
        c->no_dead_cc = true;
    } else {
        return fail(p, "unknown", name);
    }
    return true;
}

static bool after_token(struct parse *p, const char *name, const char *value) {
    struct insn_case *c = p->c;
    uint64_t v = 0;
    if (!strcmp(name, "to")) {
        return branch_target(c, value) || fail(p, "no address:", value);
    }
    if (!strcmp(name, "pgm") && !strcmp(value, "access")) {
        c->any_access_pgm = true;
        return true;
    }
    if (!hex(value, &v)) {
        return fail(p, "no number:", value);
    }
    if (!strcmp(name, "pgm")) {
        c->pgm = (uint16_t)v;
    } else if (!strcmp(name, "dxc")) {
        c->dxc = (int)v;
    } else if (!strcmp(name, "class")) {
        c->monitor_class = (int)v;
    } else if (!strcmp(name, "address")) {
        c->has_pgm_address = true;
        c->pgm_address = v;
    } else if (!strcmp(name, "svc")) {
        c->svc = (int)v;
    } else {
        return fail(p, "unknown", name);
    }
    return true;
}

static bool token(struct parse *p, char *text) {
    char *value = strchr(text, '=');
    char *end;
    bool known;
    if (*text == '@') {
        return storage_token(p, text);
    }
    if (value) {
        *value++ = 0;
    }
    if (value && strchr("rlhacfv", *text) && isdigit((unsigned char)text[1])) {
        unsigned r = (unsigned)strtoul(text + 1, &end, 10);
        return *end ? fail(p, "unknown", text) : register_token(p, *text, r, value);
    }
    if (value && !state_token(p, text, value, &known)) {
        return fail(p, "no number:", value);
    }
    if (value && known) {
        return true;
    }
    return p->after ? after_token(p, text, value ? value : "")
                    : before_token(p, text, value ? value : "");
}

static bool tokens(struct parse *p, char *text) {
    char *rest = NULL;
    for (char *t = strtok_r(text, " \t\n", &rest); t; t = strtok_r(NULL, " \t\n", &rest)) {
        if (!token(p, t)) {
            return false;
        }
    }
    return true;
}

static bool instructions(struct parse *p, char *text) {
    struct insn_case *c = p->c;
    char *rest = NULL;
    unsigned count = 0;
    for (char *t = strtok_r(text, ";", &rest); t; t = strtok_r(NULL, ";", &rest)) {
        uint8_t bytes[8];
        t += strspn(t, " \t");
        unsigned n = assemble(t, bytes, p->error, p->error_size);
        if (!n || c->length + n > sizeof c->code) {
            return false;
        }
        memcpy(c->code + c->length, bytes, n);
        c->length += n;
        c->first_length = count++ ? c->first_length : n;
    }
    c->single = count == 1;
    return count > 0;
}

bool case_parse(struct insn_case *c, const char *line, char *error, size_t error_size) {
    char text[8192];
    struct parse p = {.c = c, .error = error, .error_size = error_size};
    error[0] = 0;
    snprintf(text, sizeof text, "%s", line);
    text[strcspn(text, "#\n")] = 0;
    if (!text[strspn(text, " \t")]) {
        return false;
    }
    memset(c, 0, sizeof *c);
    snprintf(c->text, sizeof c->text, "%.1000s", text);
    c->dxc = c->svc = c->monitor_class = -1;
    c->modes[0] = true;
    c->any_single = 1u << ZF_REGISTER_BEA; /* only where a case says it */
    guest_state_init(&c->before);
    char *before = strchr(text, '|');
    char *after = before ? strchr(before + 1, '|') : NULL;
    if (!after) {
        return fail(&p, "not three parts:", text);
    }
    *before++ = 0;
    *after++ = 0;
    if (!instructions(&p, text) || !tokens(&p, before)) {
        return false;
    }
    c->after = c->before;
    p.after = true;
    return tokens(&p, after);
}
