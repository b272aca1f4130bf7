/*
 * Cases for another emulator: `write RECORDS FILE...` writes one record for each case and
 * addressing mode that it can run, `check RECORDS FILE...` compares what came back.
 */
#include "case_excuse.h"
#include "record.h"

#include "../insn/compare.h"

#include <stdio.h>
#include <stdlib.h>

struct records {
    FILE *file;
    bool check;
    unsigned count, failed, missing, excused;
};

static uint64_t mode_bits(unsigned mode) {
    return mode == 0 ? ZF_PSW_EA | ZF_PSW_BA : mode == 1 ? ZF_PSW_BA : 0;
}

/* A record has control registers 0 and 8 alone. */
static bool has_control_registers(const struct insn_case *c) {
    struct guest_state usual;
    guest_state_init(&usual);
    for (unsigned i = 0; i < 16; i++) {
        if (i != 0 && i != 8 && c->before.cr[i] != usual.cr[i]) {
            return true;
        }
    }
    return false;
}

static bool applies(const struct insn_case *c) {
    return !has_control_registers(c) && !c->any_access_pgm && !c->model[0] && !c->not_system &&
           !c->no_peer;
}

static void write_record(struct records *records, const struct insn_case *c, unsigned mode) {
    static uint8_t record[RECORD_SIZE];
    static struct guest_state before;
    before = c->before;
    before.psw_mask = (before.psw_mask & ~(ZF_PSW_EA | ZF_PSW_BA)) | mode_bits(mode);
    record_pack(record, &before, c->code, c->length);
    records->failed += fwrite(record, sizeof record, 1, records->file) != 1;
}

/* The other emulator does not execute the instruction: an operation exception after it. */
static bool is_missing(const struct insn_case *c, const struct guest_state *is,
                       const struct guest *guest) {
    return guest->pgm.code == ZF_PGM_OPERATION && is->psw_addr == GUEST_CODE + c->length &&
           c->pgm != ZF_PGM_OPERATION;
}

static void check_record(struct records *records, const struct insn_case *c, unsigned mode) {
    static uint8_t r[RECORD_SIZE];
    static struct guest_state is, after;
    struct guest guest = {0};
    struct run run = {.c = c, .guest = &guest, .engine = "the other emulator", .mode = mode};
    if (fread(r, sizeof r, 1, records->file) != 1) {
        records->failed++;
        return;
    }
    after = c->after;
    if (!c->has_amode) {
        after.psw_mask = (after.psw_mask & ~(ZF_PSW_EA | ZF_PSW_BA)) | mode_bits(mode);
    }
    is = after; /* control registers do not come back */
    record_unpack(r, &is, &guest);
    if (is_missing(c, &is, &guest)) {
        records->missing++;
        return;
    }
    const char *excuse = case_excuse(&(struct case_result){c, &is, &after, &guest, mode});
    if (excuse) {
        records->excused++;
        return;
    }
    run_compare(&run, &is, &after);
    records->failed += run.differences != 0;
}

static void do_file(struct records *records, const char *path) {
    static struct insn_case c;
    char line[8192], error[256];
    const char *slash = strrchr(path, '/');
    FILE *file = fopen(path, "r");
    if (!file) {
        records->failed++;
        return;
    }
    for (int n = 1; fgets(line, sizeof line, file); n++) {
        if (!case_parse(&c, line, error, sizeof error) || !applies(&c)) {
            continue;
        }
        c.file = slash ? slash + 1 : path;
        c.line = n;
        for (unsigned mode = 0; mode < 3; mode++) {
            if (c.modes[mode]) {
                records->count++;
                (records->check ? check_record : write_record)(records, &c, mode);
            }
        }
    }
    fclose(file);
}

int main(int argc, char **argv) {
    struct records records = {.check = argc > 3 && !strcmp(argv[1], "check")};
    if (argc < 4) {
        fprintf(stderr, "usage: case_records write|check RECORDS FILE...\n");
        return 2;
    }
    records.file = fopen(argv[2], records.check ? "r" : "w");
    if (!records.file) {
        fprintf(stderr, "cannot open %s\n", argv[2]);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        do_file(&records, argv[i]);
    }
    bool ok = !fclose(records.file) && !records.failed && records.count;
    printf("%u records, %u differ, %u as explained, %u that the other emulator does not execute\n",
           records.count, records.failed, records.excused, records.missing);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
