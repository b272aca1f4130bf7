/*
 * Prints verdicts of the gate for an independent checker: gate_dump FORM-WORDS, with one question
 * a line on standard input, "POLICY MODEL HOST", HOST "-" for the newest.
 *
 * First a line of all mnemonics; then for each question a line of
 *   rows       one letter each: . permitted, f flagged, x blocked
 *   forms      for each word of the file: R runs, F flagged, I ignored, S or O exception
 *   functions  for each multi-function instruction MNEMONIC:MASK:FLAGGED in hexadecimal
 */
#include "zfacet/ibc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_WORDS = 512 };

static bool parse(const char *text, struct zf_model *model) {
    struct zf_error err;
    if (zf_model_parse(text, false, model, NULL, &err) != ZF_OK) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    return true;
}

static void dump_rows(const struct zf_gate *gate) {
    for (unsigned row = 1; row < ZF_ROW_COUNT; row++) {
        putchar(!zf_gate_permits(gate, row) ? 'x' : zf_gate_flags(gate, row) ? 'f' : '.');
    }
}

static void dump_forms(const struct zf_gate *gate, const uint64_t *words, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct zf_insn insn;
        zf_decode(words[i], &insn);
        struct zf_gate_verdict verdict = zf_gate_check(gate, &insn);
        putchar(verdict.outcome == ZF_OUTCOME_OPERATION       ? 'O'
                : verdict.outcome == ZF_OUTCOME_SPECIFICATION ? 'S'
                : insn.word != words[i]                       ? 'I'
                : verdict.flagged                             ? 'F'
                                                              : 'R');
    }
}

static void dump_mask(const uint64_t mask[ZF_QUERY_BITS / 64]) {
    putchar(':');
    for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
        printf("%016" PRIx64, mask[i]);
    }
}

static void dump(const struct zf_gate *gate, const uint64_t *words, unsigned count) {
    dump_rows(gate);
    putchar(' ');
    dump_forms(gate, words, count);
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        printf(" %s", zf_query_mnemonic(q));
        dump_mask(gate->function[q]);
        dump_mask(gate->function_flagged[q]);
    }
    putchar('\n');
}

static unsigned read_words(const char *path, uint64_t *words) {
    FILE *in = fopen(path, "r");
    unsigned count = 0;
    while (in && count < MAX_WORDS && fscanf(in, "%" SCNx64, &words[count]) == 1) {
        words[count++] <<= 16;
    }
    if (in) {
        fclose(in);
    }
    return count;
}

int main(int argc, char **argv) {
    static struct zf_gate gate;
    static struct zf_model model, host;
    uint64_t words[MAX_WORDS];
    char policy[32], model_text[64], host_text[64];
    unsigned count = argc > 1 ? read_words(argv[1], words) : 0;
    for (unsigned row = 1; row < ZF_ROW_COUNT; row++) {
        printf("%s ", zf_row_get(row)->mnemonic);
    }
    putchar('\n');
    while (scanf("%31s %63s %63s", policy, model_text, host_text) == 3) {
        bool has_host = host_text[0] != '-';
        struct zf_gate_config config = zf_gate_config_default(&model);
        if (!parse(model_text, &model) || (has_host && !parse(host_text, &host)) ||
            zf_policy_parse(policy, &config.policy, NULL) != ZF_OK) {
            return 1;
        }
        config.host = has_host ? &host : NULL;
        zf_gate_compute(&config, &gate);
        dump(&gate, words, count);
    }
    return 0;
}
