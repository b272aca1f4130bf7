/*
 * Instructions executed as 'zfacet explain --try' does it, many in one process: a line of standard
 * input each, "mnemonic name=hex ..."; what it changed is a line of standard output.
 *
 * Names: w the instruction, left-aligned; g0 to g15, a0, f0, v0, c0 registers; others by their name
 * in zfacet/registers.def; cc; psw its left half, after control registers; kFRAME a storage key;
 * mADDRESS bytes of storage. Of the result: pgm, the program-interruption code; pc, cc; psw without
 * the condition code, registers and keys that differ; bytes of the windows that differ.
 */
#include "cli/trial.h"

#include "zfacet/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE = 1 << 16,
    WINDOWS = ZF_TRIAL_STORAGE_1,
    WINDOWS_SIZE = 0x4000,
    FRAMES = ZF_TRIAL_SIZE / 4096
};

static zf_u128 number(const char *hex) {
    zf_u128 value = 0;
    for (; *hex; hex++) {
        value = value << 4 | (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
    }
    return value;
}

static void set_storage(struct zf_trial *t, uint64_t address, const char *hex) {
    for (; hex[0] && hex[1] && address < ZF_TRIAL_SIZE; hex += 2) {
        const char byte[] = {hex[0], hex[1], 0};
        t->machine->storage.ram[address++] = (uint8_t)number(byte);
    }
}

/* The register that there is one of, or ZF_REGISTER_COUNT. */
static enum zf_register single(const char *name) {
    unsigned id = 0;
    while (id < ZF_REGISTER_COUNT && (zf_register_info((enum zf_register)id)->count > 1 ||
                                      strcmp(zf_register_info((enum zf_register)id)->name, name))) {
        id++;
    }
    return (enum zf_register)id;
}

static void set(struct zf_trial *t, const char *name, const char *hex) {
    if (!strcmp(name, "w")) {
        t->word = (uint64_t)number(hex);
    } else if (!strcmp(name, "cc")) {
        t->cpu->cc = (uint32_t)number(hex);
    } else if (!strcmp(name, "psw")) {
        zf_psw_load(t->cpu, (uint64_t)number(hex), t->cpu->psw.addr);
    } else if (single(name) != ZF_REGISTER_COUNT) {
        zf_register_set(t->cpu, single(name), 0, number(hex));
    } else if (name[0] == 'm') {
        set_storage(t, (uint64_t)number(name + 1), hex);
    } else if (name[0] == 'k') {
        t->machine->storage.keys[number(name + 1) % FRAMES] = (uint8_t)number(hex);
    } else if (name[0] == 'c') {
        zf_register_set(t->cpu, ZF_REGISTER_CR, (unsigned)atoi(name + 1), number(hex));
    } else {
        zf_trial_set_register(t, name[0], (unsigned)atoi(name + 1), number(hex));
    }
}

static void print_registers(const struct zf_cpu *now, const struct zf_cpu *before) {
    static const struct {
        enum zf_register id;
        char letter;
    } kinds[] = {
        {ZF_REGISTER_GR, 'g'}, {ZF_REGISTER_AR, 'a'}, {ZF_REGISTER_VR, 'v'}, {ZF_REGISTER_CR, 'c'}};
    for (unsigned k = 0; k < ZF_ARRAY_LENGTH(kinds); k++) {
        for (unsigned n = 0; n < zf_register_info(kinds[k].id)->count; n++) {
            zf_u128 value = zf_register_get(now, kinds[k].id, n);
            if (value != zf_register_get(before, kinds[k].id, n)) {
                printf(" %c%u=%" PRIx64 "%016" PRIx64, kinds[k].letter, n, (uint64_t)(value >> 64),
                       (uint64_t)value);
            }
        }
    }
}

/* What there is one of, and the PSW. */
static void print_others(const struct zf_cpu *now, const struct zf_cpu *before) {
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        uint64_t value = (uint64_t)zf_register_get(now, (enum zf_register)id, 0);
        if (info->count == 1 && value != zf_register_get(before, (enum zf_register)id, 0)) {
            printf(" %s=%" PRIx64, info->name, value);
        }
    }
    if ((now->psw.mask ^ before->psw.mask) & ~ZF_PSW_CC) {
        printf(" psw=%" PRIx64, now->psw.mask & ~ZF_PSW_CC);
    }
}

static void print_keys(const uint8_t *now, const uint8_t *before) {
    for (unsigned i = 0; i < FRAMES; i++) {
        if (now[i] != before[i]) {
            printf(" k%x=%x", i, now[i]);
        }
    }
}

static void print_storage(const uint8_t *now, const uint8_t *before) {
    for (unsigned i = 0; i < WINDOWS_SIZE; i++) {
        if (now[i] != before[i]) {
            printf(" m%x=%02x", WINDOWS + i, now[i]);
        }
    }
}

static void run(struct zf_trial *t, char *line) {
    static uint8_t storage[WINDOWS_SIZE], keys[FRAMES];
    static _Alignas(struct zf_cpu) struct zf_cpu before;
    struct zf_error err;
    char *rest = NULL, *word = strtok_r(line, " \n", &rest);
    enum zf_row row = word ? zf_row_find(word) : ZF_ROW_INVALID;
    if (row == ZF_ROW_INVALID) {
        puts("unknown");
        return;
    }
    zf_trial_again(t, row);
    while ((word = strtok_r(NULL, " \n", &rest))) {
        char *sign = strchr(word, '=');
        *sign = 0;
        set(t, word, sign + 1);
    }
    memcpy(storage, t->machine->storage.ram + WINDOWS, sizeof storage);
    memcpy(keys, t->machine->storage.keys, sizeof keys);
    memcpy(&before, t->cpu, offsetof(struct zf_cpu, branch_cache));
    if (zf_trial_execute(t, &err) != ZF_OK || t->halt.why == ZF_STOP_UNIMPLEMENTED) {
        puts("unimplemented");
        return;
    }
    printf("pgm=%x pc=%" PRIx64 " cc=%x", zf_trial_condition(t), t->cpu->psw.addr, t->cpu->cc);
    print_registers(t->cpu, &before);
    print_others(t->cpu, &before);
    print_keys(t->machine->storage.keys, keys);
    print_storage(t->machine->storage.ram + WINDOWS, storage);
    putchar('\n');
}

int main(void) {
    static struct zf_trial trial;
    static char line[LINE];
    struct zf_error err;
    if (zf_trial_begin(&trial, zf_row_find("agr"), &err) != ZF_OK) {
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        run(&trial, line);
    }
    zf_trial_end(&trial);
    return 0;
}
