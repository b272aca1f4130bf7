/*
 * Cases for another emulator: `write RECORDS FILE...` writes one record for each case and
 * addressing mode that it can run, `check RECORDS FILE...` compares what came back.
 */
#include "case_records.h"

#include "../insn/compare.h"

#include <stdio.h>
#include <stdlib.h>

struct records {
    FILE *file;
    bool check;
    unsigned count, failed;
};

static uint64_t mode_bits(unsigned mode) {
    return mode == 0 ? ZF_PSW_EA | ZF_PSW_BA : mode == 1 ? ZF_PSW_BA : 0;
}

static bool applies(const struct insn_case *c) {
    return !c->any_access_pgm && !c->model[0] && !c->not_system && !c->no_peer;
}

static void write_record(struct records *records, const struct insn_case *c, unsigned mode) {
    uint8_t r[RECORD_SIZE] = {0};
    const struct guest_state *s = &c->before;
    uint64_t mask = (s->psw_mask & ~(ZF_PSW_EA | ZF_PSW_BA)) | mode_bits(mode);
    zf_put64(r + RECORD_PSW, mask | (uint64_t)s->cc << 44);
    zf_put64(r + RECORD_PSW + 8, GUEST_CODE);
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(r + RECORD_GR + 8 * i, s->gr[i]);
        zf_put32(r + RECORD_AR + 4 * i, s->ar[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        zf_put64(r + RECORD_VR + 16 * i, s->vr[i][0]);
        zf_put64(r + RECORD_VR + 16 * i + 8, s->vr[i][1]);
    }
    zf_put64(r + RECORD_CR0, s->cr[0]);
    zf_put64(r + RECORD_CR8, s->cr[8]);
    zf_put32(r + RECORD_FPC, s->fpc);
    memcpy(r + RECORD_CODE, c->code, c->length);
    memcpy(r + RECORD_DATA, s->data, GUEST_DATA_SIZE);
    records->failed += fwrite(r, sizeof r, 1, records->file) != 1;
}

static void take_state(const uint8_t *r, struct guest_state *s, struct guest *guest) {
    uint64_t mask = zf_get64(r + RECORD_PSW);
    s->cc = mask >> 44 & 3;
    s->psw_mask = mask & ~ZF_PSW_CC;
    s->psw_addr = zf_get64(r + RECORD_PSW + 8);
    for (unsigned i = 0; i < 16; i++) {
        s->gr[i] = zf_get64(r + RECORD_GR + 8 * i);
        s->ar[i] = zf_get32(r + RECORD_AR + 4 * i);
    }
    for (unsigned i = 0; i < 32; i++) {
        s->vr[i][0] = zf_get64(r + RECORD_VR + 16 * i);
        s->vr[i][1] = zf_get64(r + RECORD_VR + 16 * i + 8);
    }
    s->fpc = zf_get32(r + RECORD_FPC);
    memcpy(s->data, r + RECORD_DATA, GUEST_DATA_SIZE);
    bool call = zf_get32(r + RECORD_KIND) == 2;
    guest->end = call ? GUEST_SVC : GUEST_PGM;
    guest->svc = r[RECORD_PGM + 3];
    guest->pgm = (struct zf_pgm){
        .code = zf_get16(r + RECORD_PGM + 2),
        .dxc = r[RECORD_DXC + 3],
        .monitor_class = r[RECORD_MONITOR_CLASS + 1],
        .address = zf_get64(r + RECORD_MONITOR_CODE),
    };
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
    take_state(r, &is, &guest);
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
    printf("%u records, %u differ\n", records.count, records.failed);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
