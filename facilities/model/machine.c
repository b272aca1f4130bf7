/*
 * The machines as data: finding one by its name, its aliases, or type and GA; its IBC value.
 */
#include "zfacet/model.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "model/names.h"

static const struct zf_machine_type machines[] = {
#define MACHINE(name, type, own_ga, generation, ec_ga, class, mha, hmfai, title, announced)        \
    {name,  type,  own_ga,   ZF_LEVEL(generation, ec_ga), ZF_MACHINE_##class, mha,                 \
     hmfai, title, announced},
#include "model/machine.def"
#undef MACHINE
};

static const struct {
    const char *alias;
    const char *name;
} aliases[] = {
#define ALIAS(alias, name) {alias, name},
#include "model/machine.def"
#undef ALIAS
};

const struct zf_machine_type *zf_machine_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(machines) ? &machines[i] : NULL;
}

unsigned zf_machine_count(void) {
    return ZF_ARRAY_LENGTH(machines);
}

const struct zf_machine_type *zf_machine_newest(void) {
    const struct zf_machine_type *newest = &machines[0];
    for (unsigned i = 1; i < ZF_ARRAY_LENGTH(machines); i++) {
        if (machines[i].class == ZF_MACHINE_EC && machines[i].level > newest->level) {
            newest = &machines[i];
        }
    }
    return newest;
}

uint16_t zf_machine_ibc(const struct zf_machine_type *machine) {
    enum { FIRST_GENERATION = 10 };
    unsigned generation = zf_level_generation(machine->level);
    if (generation < FIRST_GENERATION) {
        return 0;
    }
    return (uint16_t)((generation - FIRST_GENERATION) << 4 | zf_level_ga(machine->level));
}

const char *zf_machine_alias(const struct zf_machine_type *machine, unsigned i) {
    for (unsigned a = 0; a < ZF_ARRAY_LENGTH(aliases); a++) {
        if (!strcmp(aliases[a].name, machine->name) && i-- == 0) {
            return aliases[a].alias;
        }
    }
    return NULL;
}

const char *zf_machine_short_name(const struct zf_machine_type *machine) {
    const char *best = machine->name, *alias;
    if (strncmp(best, "gen", 3)) {
        return best;
    }
    for (unsigned i = 0; (alias = zf_machine_alias(machine, i)); i++) {
        if (alias[0] == 'z' && (best[0] != 'z' || strlen(alias) < strlen(best))) {
            best = alias;
        }
    }
    return best;
}

const char *zf_machine_known_name(const void *context, unsigned i) {
    if (i < ZF_ARRAY_LENGTH(machines)) {
        return machines[i].name;
    }
    i -= ZF_ARRAY_LENGTH(machines);
    return i < ZF_ARRAY_LENGTH(aliases) ? aliases[i].alias : NULL;
}

static const struct zf_machine_type *by_exact_name(const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(aliases); i++) {
        if (!strcasecmp(aliases[i].alias, name)) {
            name = aliases[i].name;
            break;
        }
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(machines); i++) {
        if (!strcasecmp(machines[i].name, name)) {
            return &machines[i];
        }
    }
    return NULL;
}

static const struct zf_machine_type *by_type(unsigned type, unsigned own_ga) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(machines); i++) {
        if (machines[i].type == type && machines[i].own_ga == own_ga) {
            return &machines[i];
        }
    }
    return NULL;
}

/* Splits the GA off "z196.2", "2817-ga2": its place in `name`, or NULL when there is none. */
static const char *find_ga(const char *name, unsigned *ga) {
    size_t length = strlen(name);
    if (length < 3 || !isdigit((unsigned char)name[length - 1])) {
        return NULL;
    }
    const char *end = NULL;
    if (name[length - 2] == '.') {
        end = name + length - 2;
    } else if (length > 4 && !strncasecmp(name + length - 4, "-ga", 3)) {
        end = name + length - 4;
    }
    if (end) {
        *ga = (unsigned)(name[length - 1] - '0');
    }
    return end;
}

const struct zf_machine_type *zf_machine_by_name(const char *name) {
    const struct zf_machine_type *machine = by_exact_name(name);
    if (machine) {
        return machine;
    }
    char stem[ZF_MODEL_NAME_LENGTH];
    unsigned ga = 1;
    const char *end = find_ga(name, &ga);
    size_t length = end ? (size_t)(end - name) : strlen(name);
    if (length >= sizeof stem) {
        return NULL;
    }
    memcpy(stem, name, length);
    stem[length] = 0;
    if (length == 4 && strspn(stem, "0123456789") == 4) {
        return by_type((unsigned)strtoul(stem, NULL, 16), ga);
    }
    machine = end ? by_exact_name(stem) : NULL;
    return machine ? by_type(machine->type, ga) : NULL;
}
