/*
 * Runs cases of the passes and of the verifier: a block as text, and what it becomes. README.md
 * says how a case looks.
 */
#include "ir_text.h"

#include "zfacet/pass.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE = 160, NEEDED = 4 };

/* The block comes first: zf_cc_needed_at() gets a pointer to it. */
struct ir_case {
    struct zf_block block;
    uint64_t needed[NEEDED]; /* branch targets where the CC is needed */
    unsigned needed_count;
    char pass[16];
    char title[LINE];
    char expected[ZF_BLOCK_OPS][LINE];
    unsigned expected_count;
    bool after_arrow;
};

static bool needed_at(struct zf_block *block, uint64_t target) {
    const struct ir_case *c = (const struct ir_case *)block;
    for (unsigned i = 0; i < c->needed_count; i++) {
        if (c->needed[i] == target) {
            return true;
        }
    }
    return false;
}

/* Runs what the case is of and writes the outcome's lines; false: there is no such pass. */
static bool run(struct ir_case *c, char lines[ZF_BLOCK_OPS][LINE], unsigned *count) {
    struct zf_block *block = &c->block;
    bool uses = strcmp(c->pass, "uses") == 0;
    *count = 1;
    if (strcmp(c->pass, "verify") == 0) {
        const char *fault = zf_block_verify(block);
        snprintf(lines[0], LINE, " %s", fault ? fault : "fine");
        return true;
    }
    if (strcmp(c->pass, "copy") == 0) {
        zf_pass_copy(block);
    } else if (strcmp(c->pass, "sink") == 0) {
        zf_pass_sink(block);
    } else if (strcmp(c->pass, "cc") == 0) {
        zf_pass_cc(block, needed_at);
    } else if (strcmp(c->pass, "dead") == 0) {
        zf_pass_drop_dead(block);
    } else if (strcmp(c->pass, "all") == 0) {
        zf_optimise(block, needed_at);
    } else if (!uses) {
        return false;
    }
    *count = block->count;
    for (unsigned i = 0; i < block->count; i++) {
        if (uses) {
            ir_print_uses(&block->ops[i], lines[i], LINE);
        } else {
            zf_ir_print(block, &block->ops[i], lines[i], LINE);
        }
    }
    return true;
}

/* The expected line as the runner writes it; of ops that is what they print. */
static void normalise(const struct ir_case *c, char line[LINE]) {
    struct zf_ir ir;
    if (strcmp(c->pass, "verify") != 0 && strcmp(c->pass, "uses") != 0 && !ir_parse(line, &ir)) {
        zf_ir_print(&c->block, &ir, line, LINE);
    }
}

static bool finish(struct ir_case *c, const char *file) {
    static char lines[ZF_BLOCK_OPS][LINE];
    unsigned count, at = 0;
    if (!run(c, lines, &count)) {
        fprintf(stderr, "%s: no pass named '%s'\n", file, c->pass);
        return false;
    }
    for (unsigned i = 0; i < c->expected_count; i++) {
        normalise(c, c->expected[i]);
    }
    while (at < count && at < c->expected_count && strcmp(lines[at], c->expected[at]) == 0) {
        at++;
    }
    if (at == count && at == c->expected_count) {
        return true;
    }
    fprintf(stderr, "%s: %s: %s\n", file, c->pass, c->title);
    for (unsigned i = 0; i < count || i < c->expected_count; i++) {
        fprintf(stderr, "  %c %-60s expected %s\n", i == at ? '>' : ' ', i < count ? lines[i] : "",
                i < c->expected_count ? c->expected[i] : "nothing");
    }
    return false;
}

/* "pass needed=0x20,0x40: title" */
static void begin(struct ir_case *c, const char *line) {
    *c = (struct ir_case){.block = {.pc = 0}};
    const char *needed = strstr(line, "needed="), *colon = strchr(line, ':');
    sscanf(line, "%15[a-z]", c->pass);
    snprintf(c->title, sizeof c->title, "%s", colon ? colon + 2 : "");
    for (needed = needed && colon && needed < colon ? needed + 7 : NULL; needed;
         needed = *needed == ',' ? needed + 1 : NULL) {
        c->needed[c->needed_count++ % NEEDED] = strtoull(needed, (char **)&needed, 0);
    }
}

/* A line of the case; false when it cannot be read. */
static bool add(struct ir_case *c, const char *line) {
    if (strcmp(line, "=>") == 0) {
        c->after_arrow = true;
        return true;
    }
    if (c->after_arrow) {
        snprintf(c->expected[c->expected_count++ % ZF_BLOCK_OPS], LINE, " %s",
                 line + strspn(line, " "));
        return true;
    }
    const char *fault = ir_parse(line, &c->block.ops[c->block.count++]);
    if (fault) {
        fprintf(stderr, "%s: %s\n", line, fault);
    }
    return !fault;
}

static unsigned run_file(FILE *file, const char *name, unsigned *cases) {
    static struct ir_case c;
    char line[LINE];
    unsigned failed = 0;
    bool open = false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "#\n")] = 0;
        if (!line[strspn(line, " ")]) {
            continue;
        }
        if (*line != ' ' && *line != '=') {
            failed += open && !finish(&c, name);
            begin(&c, line);
            open = true;
            ++*cases;
        } else {
            failed += !add(&c, line);
        }
    }
    return failed + (open && !finish(&c, name));
}

int main(int argc, char **argv) {
    unsigned cases = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file) {
            perror(argv[i]);
            return 2;
        }
        failed += run_file(file, argv[i], &cases);
        fclose(file);
    }
    printf("%u cases, %u failed\n", cases, failed);
    return failed || !cases;
}
