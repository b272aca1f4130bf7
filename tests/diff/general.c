/*
 * Compares random general and decimal, or vector instructions with qemu-s390x. tests/diff/README.md
 * tells more.
 */
#include "diff.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BATCH = 16384,
    PROBES = 4,
    STOPS = 10,
    EXIT_SKIPPED = 77,
    ILLEGAL_OPCODE = 1,
    ILLEGAL_SIGNAL = 4
};

struct options {
    uint64_t seed;
    uint64_t count; /* instructions */
    unsigned mismatches;
    enum diff_chapter chapter;
    const char *only;
    bool verbose;
    struct diff_peers peers;
};

static int usage(void) {
    fprintf(stderr,
            "usage: diff_general --qemu FILE --zfacet FILE [--seed N] [--count INSTRUCTIONS]\n"
            "                    [--model MODEL] [--vector] [--only MNEMONIC] [--mismatches N] "
            "[--verbose]\n");
    return 2;
}

static bool parse(struct options *o, int argc, char **argv) {
    static const struct option names[] = {{"qemu", 1, NULL, 'q'},   {"zfacet", 1, NULL, 'z'},
                                          {"seed", 1, NULL, 's'},   {"count", 1, NULL, 'c'},
                                          {"only", 1, NULL, 'o'},   {"mismatches", 1, NULL, 'm'},
                                          {"model", 1, NULL, 'M'},  {"verbose", 0, NULL, 'v'},
                                          {"vector", 0, NULL, 'V'}, {0}};
    int c;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'q':
            o->peers.qemu = optarg;
            break;
        case 'z':
            o->peers.zfacet = optarg;
            break;
        case 's':
            o->seed = strtoull(optarg, NULL, 0);
            break;
        case 'c':
            o->count = strtoull(optarg, NULL, 0);
            break;
        case 'o':
            o->only = optarg;
            break;
        case 'm':
            o->mismatches = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'M':
            o->peers.model = optarg;
            break;
        case 'V':
            o->chapter = DIFF_CHAPTER_VECTOR;
            break;
        case 'v':
            o->verbose = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc && o->peers.qemu && o->peers.zfacet;
}

/* Takes out the rows that qemu does not execute. */
static bool drop_unknown(struct diff_rows *rows, const struct options *o,
                         const struct diff_template *templates, const char *path) {
    struct diff_random random = {o->seed};
    struct diff_sequence *s = calloc(rows->count * PROBES + 1, sizeof *s);
    struct diff_program program = {s, rows->count * PROBES, o->chapter == DIFF_CHAPTER_VECTOR,
                                   templates};
    struct diff_result result = {0};
    unsigned kept = 0;
    for (unsigned i = 0; s && i < program.count; i++) {
        struct diff_rows one = {.row = {rows->row[i / PROBES]}, .count = 1};
        diff_generate(&s[i], 1, &one, &random);
    }
    bool ok = s && diff_program_write(&program, path) &&
              diff_run(&o->peers, DIFF_QEMU, &program, &result) && result.scratch;
    for (unsigned r = 0; ok && r < rows->count; r++) {
        unsigned unknown = 0;
        for (unsigned i = 0; i < PROBES; i++) {
            const struct diff_state *state = &result.states[r * PROBES + i];
            unknown += state->signal == ILLEGAL_SIGNAL && state->code == ILLEGAL_OPCODE;
        }
        if (unknown == PROBES) {
            if (o->verbose) {
                printf("not in qemu: %s\n", zf_row_get(rows->row[r])->mnemonic);
            }
        } else {
            rows->row[kept++] = rows->row[r];
        }
    }
    rows->count = kept;
    if (!ok) {
        fprintf(stderr, "diff: qemu did not run the probes (status %x)\n", result.status);
    }
    diff_result_free(&result);
    free(s);
    return ok && kept;
}

/* The last sequence of the shortest part, from the first one on, that does not reach its end. */
static unsigned find_stop(const struct options *o, const struct diff_program *program,
                          enum diff_who who) {
    char path[128];
    unsigned good = 0, bad = program->count;
    snprintf(path, sizeof path, "%s/program", o->peers.folder);
    while (bad - good > 1) {
        struct diff_program part = *program;
        struct diff_result result = {0};
        part.count = good + (bad - good) / 2;
        bool ok = diff_program_write(&part, path) && diff_run(&o->peers, who, &part, &result);
        if (ok && result.scratch) {
            good = part.count;
        } else {
            bad = part.count;
        }
        diff_result_free(&result);
    }
    return bad - 1;
}

/* What the emulator said last. */
static void print_errors(const struct options *o) {
    char line[256];
    snprintf(line, sizeof line, "%s/errors", o->peers.folder);
    FILE *file = fopen(line, "r");
    for (int i = 0; file && i < 6 && fgets(line, sizeof line, file); i++) {
        printf("  | %s", line);
    }
    if (file) {
        fclose(file);
    }
}

/* Runs the program; takes out sequences that end it. Returns how many these are. */
static unsigned run_to_end(const struct options *o, struct diff_program *program, enum diff_who who,
                           struct diff_result *result) {
    char path[128];
    unsigned stops = 0;
    snprintf(path, sizeof path, "%s/program", o->peers.folder);
    while (diff_program_write(program, path) && diff_run(&o->peers, who, program, result) &&
           !result->scratch && stops < STOPS) {
        unsigned culprit = find_stop(o, program, who);
        if (program->sequences[culprit].skipped) {
            printf("--- %s ends (status %x) with sequence %u even without it\n", diff_who_name(who),
                   result->status, culprit);
            return stops + 1;
        }
        printf("--- %s ends (status %x) with sequence %u:\n", diff_who_name(who), result->status,
               culprit);
        diff_print_sequence(&program->sequences[culprit]);
        print_errors(o);
        fflush(stdout);
        program->sequences[culprit].skipped = true;
        diff_result_free(result);
        stops++;
    }
    return stops;
}

/* Compares one engine with qemu's result; returns the number of sequences that differ. */
static unsigned compare(const struct options *o, struct diff_program *program,
                        const struct diff_result *theirs, enum diff_who who, unsigned *left) {
    struct diff_result ours = {0};
    unsigned count = run_to_end(o, program, who, &ours);
    for (unsigned i = 0; i < theirs->count && i < ours.count && *left; i++) {
        struct diff_sequence *s = &program->sequences[i % program->count];
        if (s->skipped || s->told || diff_same(&theirs->states[i], &ours.states[i])) {
            continue;
        }
        s->told = true;
        if (diff_report(&o->peers, program, i, who, &theirs->states[i], &ours.states[i])) {
            fflush(stdout);
            count++;
            --*left;
        }
    }
    diff_result_free(&ours);
    return count;
}

/* One program of random sequences; returns how many differ. */
static unsigned run_batch(const struct options *o, const struct diff_rows *rows,
                          const struct diff_template *templates, struct diff_random *random,
                          uint64_t *done, unsigned *left) {
    struct diff_sequence *s = calloc(BATCH, sizeof *s);
    struct diff_program program = {s, 0, o->chapter == DIFF_CHAPTER_VECTOR, templates};
    struct diff_result theirs = {0};
    unsigned count = 1;
    while (s && program.count < BATCH && *done < o->count) {
        struct diff_sequence *next = &s[program.count++];
        diff_generate(next, 1 + (unsigned)diff_below(random, DIFF_ITEMS), rows, random);
        *done += next->count;
    }
    if (s) {
        run_to_end(o, &program, DIFF_QEMU, &theirs);
        count = 0;
        for (enum diff_who who = DIFF_GOTO; who < DIFF_WHO_COUNT; who++) {
            count += compare(o, &program, &theirs, who, left);
        }
    }
    diff_result_free(&theirs);
    free(s);
    return count;
}

static int run(struct options *o) {
    struct diff_rows rows;
    struct diff_random random = {o->seed};
    struct diff_template *templates = diff_templates(&random);
    char path[128];
    uint64_t done = 0;
    unsigned count = 0, left = o->mismatches;
    snprintf(path, sizeof path, "%s/program", o->peers.folder);
    diff_rows_init(&rows, o->chapter, o->only);
    if (!templates || !drop_unknown(&rows, o, templates, path)) {
        free(templates);
        return 1;
    }
    printf("%u instructions of the table, seed %" PRIu64 "\n", rows.count, o->seed);
    while (done < o->count && left) {
        count += run_batch(o, &rows, templates, &random, &done, &left);
    }
    printf("%" PRIu64 " instructions compared, cold and hot, in two engines: %u differences\n",
           done, count);
    free(templates);
    return count ? 1 : 0;
}

int main(int argc, char **argv) {
    struct options o = {.seed = 1, .count = 50000, .mismatches = 10, .peers = {.model = "z17"}};
    if (!parse(&o, argc, argv)) {
        return usage();
    }
    if (access(o.peers.qemu, X_OK) != 0) {
        printf("diff: %s is not there, nothing compared\n", o.peers.qemu);
        return EXIT_SKIPPED;
    }
    const char *folder = getenv("TMPDIR");
    snprintf(o.peers.folder, sizeof o.peers.folder, "%.40s/zfacet-diff-XXXXXX",
             folder ? folder : "/tmp");
    if (!mkdtemp(o.peers.folder)) {
        perror("diff: cannot make a folder");
        return 1;
    }
    int status = run(&o);
    char path[128];
    static const char *const files[] = {"program", "output", "errors"};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(files); i++) {
        snprintf(path, sizeof path, "%s/%s", o.peers.folder, files[i]);
        unlink(path);
    }
    rmdir(o.peers.folder);
    return status;
}
