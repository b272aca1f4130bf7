#include "ir_text.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKEN_LENGTH = 48 };

static bool find_op(const char *name, uint16_t *op) {
    if (strcmp(name, "?") == 0) {
        *op = ZF_OP_COUNT;
        return true;
    }
    for (uint16_t i = 0; i < ZF_OP_COUNT; i++) {
        if (strcmp(zf_op_specs[i].name, name) == 0) {
            *op = i;
            return true;
        }
    }
    return false;
}

static uint8_t *operand_at(struct zf_ir *ir, unsigned index) {
    uint8_t *const operands[4] = {&ir->a, &ir->b, &ir->x, &ir->c};
    return operands[index];
}

/* imm=, imm2=, imm64=, i16=, and a= b= x= c= for a byte as it is; false: none of them. */
static bool parse_field(const char *token, struct zf_ir *ir) {
    const char *value = strchr(token, '=');
    if (!value) {
        return false;
    }
    size_t length = (size_t)(value - token);
    long long number = strtoll(value + 1, NULL, 0);
    if (length == 1 && strchr("abxc", *token)) {
        *operand_at(ir, (unsigned)(strchr("abxc", *token) - "abxc")) = (uint8_t)number;
    } else if (length == 3 && memcmp(token, "imm", 3) == 0) {
        ir->imm = (int32_t)number;
    } else if (length == 4 && memcmp(token, "imm2", 4) == 0) {
        ir->imm2 = (int32_t)number;
    } else if (length == 5 && memcmp(token, "imm64", 5) == 0) {
        ir->imm64 = strtoull(value + 1, NULL, 0);
    } else if (length == 3 && memcmp(token, "i16", 3) == 0) {
        ir->i16 = (int16_t)number;
    } else {
        return false;
    }
    return true;
}

static bool parse_operand(const char *token, const struct zf_operand_spec *o, uint8_t *value) {
    static const char letter[] = {
        [ZF_OPERAND_GR] = 'r',  [ZF_OPERAND_GR_LOW] = 'r',    [ZF_OPERAND_GR_HIGH] = 'r',
        [ZF_OPERAND_FPR] = 'f', [ZF_OPERAND_FPR_SHORT] = 'f', [ZF_OPERAND_VR] = 'v',
        [ZF_OPERAND_AR] = 'a',
    };
    if (o->kind == ZF_OPERAND_NUMBER) {
        *value = (uint8_t)strtoul(token, NULL, 0);
        return true;
    }
    if (letter[o->kind] == 'r' && (strcmp(token, "zero") == 0 || strcmp(token, "tmp") == 0)) {
        *value = *token == 'z' ? ZF_REG_ZERO : ZF_REG_SCRATCH;
        return true;
    }
    *value = zf_register_operand(o, (unsigned)strtoul(token + 1, NULL, 10));
    return *token == letter[o->kind];
}

/* The next operand that the specification has; 4: none. */
static unsigned next_operand(const struct zf_op_spec *spec, unsigned index) {
    while (index < (spec->i16 ? 2 : 4) && spec->operand[index].kind == ZF_OPERAND_NONE) {
        index++;
    }
    return spec->i16 && index >= 2 ? 4 : index;
}

const char *ir_parse(const char *line, struct zf_ir *ir) {
    char token[TOKEN_LENGTH];
    unsigned address, bytes, index = 0;
    int n = 0;
    *ir = (struct zf_ir){0};
    if (sscanf(line, " %i+%u %47s%n", (int *)&address, &bytes, token, &n) != 3) { // NOLINT
        return "no address, length and name";
    }
    ir->place = (uint16_t)(address << 1 | bytes >> 1);
    if (!find_op(token, &ir->op)) {
        return "no such op";
    }
    static const struct zf_op_spec nothing;
    const struct zf_op_spec *spec = ir->op < ZF_OP_COUNT ? &zf_op_specs[ir->op] : &nothing;
    for (line += n; sscanf(line, " %47s%n", token, &n) == 1; line += n) {
        if (strcmp(token, "->") == 0) {
            ir->target = strtoull(line + n, (char **)&line, 0);
            n = 0;
        } else if (!parse_field(token, ir)) {
            index = next_operand(spec, index);
            if (index == 4 || !parse_operand(token, &spec->operand[index], operand_at(ir, index))) {
                return "an operand that does not fit";
            }
            index++;
        }
    }
    return NULL;
}

void ir_print_uses(const struct zf_ir *ir, char *buffer, size_t size) {
    static const char *const sign[] = {"?", "", "=", "+"};
    static const char *const file[] = {"r", "v", "a", "fpc", "cc"};
    struct zf_register_use uses[ZF_REGISTER_USES];
    unsigned count = zf_ir_uses(ir, uses);
    size_t used = 0;
    buffer[0] = 0;
    for (unsigned i = 0; i < count && used < size; i++) {
        const struct zf_register_use *u = &uses[i];
        used += (size_t)snprintf(buffer + used, size - used, " %s%s", sign[u->access & 3],
                                 file[u->file]);
        if (u->file <= ZF_FILE_AR && used < size) {
            used += (size_t)snprintf(buffer + used, size - used, "%u[%u-%u]", u->number, u->first,
                                     u->first + u->size - 1u);
        }
    }
}
