/*
 * What differs: all prefixes of the sequence run as sequences of their own; the first that differs
 * ends with the instruction to blame, and the one before it gives the state to run that one alone.
 */
#include "diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_item(const struct diff_item *item) {
    char text[128];
    struct zf_insn insn;
    zf_decode(item->word, &insn);
    zf_disasm(&insn, 0, text, sizeof text);
    for (char *c = text; *c; c++) {
        *c = *c == '\t' ? ' ' : *c;
    }
    printf("  %0*" PRIx64 "  %s", (int)insn.length * 2, item->word >> (64 - 8 * insn.length), text);
    if (item->executed) {
        printf("  (EXRL %u)", item->execute_gr);
    }
    if (item->fix == DIFF_FIX_DATA) {
        printf("  (operand at scratch+0x%x)", item->target);
    }
    printf("%s\n", item->again ? "  (again on CC 3)" : "");
}

static void print_before(const struct diff_sequence *s) {
    printf("before: cc=%u pm=%x template %u", s->cc, s->program_mask, s->template);
    for (unsigned i = 0; i < 16; i++) {
        printf("%sr%u=%" PRIx64, i % 4 ? " " : "\n  ", i, s->gr[i]);
    }
    printf("\n");
}

void diff_print_sequence(const struct diff_sequence *s) {
    for (unsigned i = 0; i < s->count; i++) {
        print_item(&s->items[i]);
    }
    print_before(s);
}

static void print_differences(enum diff_who who, const struct diff_state *theirs,
                              const struct diff_state *ours) {
    printf("qemu != %s:\n", diff_who_name(who));
    for (unsigned i = 0; i < 16; i++) {
        if (theirs->gr[i] != ours->gr[i]) {
            printf("  r%u  %016" PRIx64 " %016" PRIx64 "\n", i, theirs->gr[i], ours->gr[i]);
        }
        if (theirs->ar[i] != ours->ar[i]) {
            printf("  a%u  %08x %08x\n", i, theirs->ar[i], ours->ar[i]);
        }
    }
    printf("  cc %u %u, pm %x %x, fpc %08x %08x\n", (unsigned)(theirs->ipm >> 28 & 3),
           (unsigned)(ours->ipm >> 28 & 3), (unsigned)(theirs->ipm >> 24 & 15),
           (unsigned)(ours->ipm >> 24 & 15), theirs->fpc, ours->fpc);
    printf("  signal %u/%u %u/%u at %" PRIx64 " %" PRIx64 ", address %" PRIx64 " %" PRIx64 "\n",
           theirs->signal, theirs->code, ours->signal, ours->code, theirs->psw, ours->psw,
           theirs->fault, ours->fault);
    if (theirs->scratch != ours->scratch) {
        printf("  scratch storage differs\n");
    }
}

static void print_bytes(const char *who, const uint8_t *bytes, size_t from, size_t to) {
    printf("  scratch+0x%zx %-13s ", from, who);
    for (size_t i = from; i < to; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

static void print_scratch(enum diff_who who, const uint8_t *before, const uint8_t *theirs,
                          const uint8_t *ours) {
    if (!theirs || !ours) {
        return;
    }
    for (size_t i = 0; i < DIFF_AFTER; i++) {
        if (theirs[i] != ours[i]) {
            size_t from = i < 8 ? 0 : i - 8, to = i + 24 < DIFF_AFTER ? i + 24 : DIFF_AFTER;
            print_bytes("before", before, from, to);
            print_bytes("qemu", theirs, from, to);
            print_bytes(diff_who_name(who), ours, from, to);
            return;
        }
    }
}

/* The vector registers that the instruction names. */
static void print_vectors(const struct diff_item *item, const uint8_t *before,
                          const uint8_t *theirs, const uint8_t *ours) {
    struct zf_insn insn;
    struct zf_operands o;
    zf_decode(item->word, &insn);
    zf_insn_operands(&insn, &o);
    const uint8_t names[] = {o.v1, o.v2, o.v3, o.v4};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        const uint8_t *from[] = {before, theirs, ours};
        printf("  v%-2u", names[i]);
        for (unsigned n = 0; n < ZF_ARRAY_LENGTH(from) && from[n]; n++) {
            printf(" ");
            for (unsigned b = 0; b < 16; b++) {
                printf("%02x", from[n][DIFF_SCRATCH + 16 * names[i] + b]);
            }
        }
        printf("\n");
    }
}

/* Runs `program` under both. */
static bool run_both(const struct diff_peers *peers, enum diff_who who,
                     const struct diff_program *program, struct diff_result *theirs,
                     struct diff_result *ours) {
    char path[128];
    snprintf(path, sizeof path, "%s/program", peers->folder);
    *theirs = *ours = (struct diff_result){0};
    return diff_program_write(program, path) && diff_run(peers, DIFF_QEMU, program, theirs) &&
           diff_run(peers, who, program, ours) && theirs->count == ours->count;
}

/* The first instruction whose prefix differs, or the count. */
static unsigned find_item(const struct diff_peers *peers, const struct diff_program *whole,
                          const struct diff_sequence *s, enum diff_who who,
                          struct diff_state *before) {
    struct diff_sequence prefixes[DIFF_ITEMS + 1];
    struct diff_program program = {prefixes, s->count + 1, whole->vectors, whole->templates};
    struct diff_result theirs, ours;
    unsigned found = s->count;
    for (unsigned i = 0; i <= s->count; i++) {
        prefixes[i] = *s;
        prefixes[i].count = i;
    }
    if (run_both(peers, who, &program, &theirs, &ours)) {
        for (unsigned i = 0; i <= s->count; i++) {
            if (!diff_same(&theirs.states[i], &ours.states[i])) {
                found = i ? i - 1 : s->count;
                *before = theirs.states[i ? i - 1 : 0];
                break;
            }
        }
    }
    diff_result_free(&theirs);
    diff_result_free(&ours);
    return found;
}

/* The scratch storage after the first `count` instructions, as qemu has it. */
static bool scratch_behind(const struct diff_peers *peers, const struct diff_program *whole,
                           struct diff_sequence s, unsigned count, uint8_t *scratch) {
    struct diff_program program = {&s, 1, whole->vectors, whole->templates};
    struct diff_result result = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/program", peers->folder);
    s.count = count;
    bool ok = diff_program_write(&program, path) && diff_run(peers, DIFF_QEMU, &program, &result) &&
              result.scratch;
    if (ok) {
        memcpy(scratch, result.scratch, DIFF_AFTER);
    }
    diff_result_free(&result);
    return ok;
}

enum verdict { NOT_ALONE, EXCUSED, DIFFERENT };

/* Runs instruction `item` alone from the state after those before it. */
static enum verdict report_alone(const struct diff_peers *peers, const struct diff_program *whole,
                                 const struct diff_sequence *s, unsigned item, enum diff_who who,
                                 const struct diff_state *before) {
    struct diff_sequence one = *s;
    struct diff_template *templates = calloc(DIFF_TEMPLATES, sizeof *templates);
    struct diff_program program = {&one, 1, whole->vectors, templates};
    struct diff_result theirs = {0}, ours = {0};
    enum verdict verdict = NOT_ALONE;
    if (templates && scratch_behind(peers, whole, *s, item, templates[s->template].scratch)) {
        one.items[0] = s->items[item];
        one.count = 1;
        one.cc = before->ipm >> 28 & 3;
        one.program_mask = before->ipm >> 24 & 15;
        memcpy(one.gr, before->gr, sizeof one.gr);
        for (unsigned gr = 0; gr < 16; gr++) { /* addresses of code are others in this program */
            bool moved = s->code >> gr & 1 && !diff_is_code(before->gr[gr]);
            one.code &= (uint16_t) ~(moved << gr);
        }
        memcpy(templates[s->template].ar, before->ar, sizeof before->ar);
        if (run_both(peers, who, &program, &theirs, &ours) && theirs.scratch && ours.scratch &&
            !diff_same(&theirs.states[0], &ours.states[0])) {
            verdict = diff_excused(&one, &theirs.states[0], &ours.states[0]) ? EXCUSED : DIFFERENT;
        }
    }
    if (verdict == DIFFERENT) {
        printf("--- %s differs:\n", diff_who_name(who));
        print_item(&one.items[0]);
        print_before(&one);
        print_differences(who, &theirs.states[0], &ours.states[0]);
        if (program.vectors) {
            print_vectors(&one.items[0], templates[s->template].scratch, theirs.scratch,
                          ours.scratch);
        }
        print_scratch(who, templates[s->template].scratch, theirs.scratch, ours.scratch);
    }
    diff_result_free(&theirs);
    diff_result_free(&ours);
    free(templates);
    return verdict;
}

bool diff_report(const struct diff_peers *peers, const struct diff_program *program, unsigned index,
                 enum diff_who who, const struct diff_state *theirs,
                 const struct diff_state *ours) {
    struct diff_sequence s = program->sequences[index % program->count];
    struct diff_state before = {0};
    unsigned item = find_item(peers, program, &s, who, &before);
    enum verdict verdict = NOT_ALONE;
    if (item < s.count) {
        verdict = report_alone(peers, program, &s, item, who, &before);
    }
    for (unsigned i = 0; verdict == NOT_ALONE && i < s.count; i++) {
        verdict = diff_excused_behind(&s.items[i], theirs, ours) ? EXCUSED : NOT_ALONE;
    }
    if (verdict == NOT_ALONE) {
        printf("--- %s differs in sequence %u, %s, though no instruction does alone:\n",
               diff_who_name(who), index % program->count, index < program->count ? "cold" : "hot");
        diff_print_sequence(&s);
        print_differences(who, theirs, ours);
    }
    return verdict != EXCUSED;
}
