/*
 * Instructions executed as 'zfacet explain --try' does it, many in one process: a line of standard
 * input each, "mnemonic name=hex ..."; what it changed is a line of standard output.
 *
 * Names: w the instruction, left-aligned; g0 to g15, a0, f0, v0 registers; cc; fpc; mADDRESS bytes
 * of storage. Of the result: pgm, the program-interruption code; pc, cc, fpc; registers that
 * differ; bytes of the windows that differ.
 */
#include "cli/trial.h"

#include "zfacet/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1 << 16, WINDOWS = ZF_TRIAL_STORAGE_1, WINDOWS_SIZE = 0x4000 };

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

static void set(struct zf_trial *t, const char *name, const char *hex) {
    if (!strcmp(name, "w")) {
        t->word = (uint64_t)number(hex);
    } else if (!strcmp(name, "cc")) {
        t->cpu->cc = (uint32_t)number(hex);
    } else if (!strcmp(name, "fpc")) {
        t->cpu->fpc = (uint32_t)number(hex);
    } else if (name[0] == 'm') {
        set_storage(t, (uint64_t)number(name + 1), hex);
    } else {
        zf_trial_set_register(t, name[0], (unsigned)atoi(name + 1), number(hex));
    }
}

static void print_registers(const struct zf_cpu *now, const struct zf_cpu *before) {
    static const struct {
        enum zf_register id;
        char letter;
    } kinds[] = {{ZF_REGISTER_GR, 'g'}, {ZF_REGISTER_AR, 'a'}, {ZF_REGISTER_VR, 'v'}};
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

static void print_storage(const uint8_t *now, const uint8_t *before) {
    for (unsigned i = 0; i < WINDOWS_SIZE; i++) {
        if (now[i] != before[i]) {
            printf(" m%x=%02x", WINDOWS + i, now[i]);
        }
    }
}

static void run(struct zf_trial *t, char *line) {
    static uint8_t storage[WINDOWS_SIZE];
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
    memcpy(&before, t->cpu, offsetof(struct zf_cpu, branch_cache));
    if (zf_trial_execute(t, &err) != ZF_OK || t->halt.why == ZF_STOP_UNIMPLEMENTED) {
        puts("unimplemented");
        return;
    }
    printf("pgm=%x pc=%" PRIx64 " cc=%x fpc=%x", zf_trial_condition(t), t->cpu->psw.addr,
           t->cpu->cc, t->cpu->fpc);
    print_registers(t->cpu, &before);
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
