/*
 * Our text against objdump's, where it is installed.
 */
#include "sample.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OBJDUMP "s390x-linux-gnu-objdump"

static bool objdump_is_installed(void) {
    return system("command -v " OBJDUMP " >/dev/null 2>&1") == 0;
}

/* "je\t2b546 <f+0x12>" becomes "je 0x2b546"; blanks at the end go. */
static void normalise(const char *text, char *out, size_t size) {
    const char *symbol = strstr(text, " <");
    size_t end = symbol != NULL ? (size_t)(symbol - text) : strcspn(text, "\n");
    size_t hex = end;
    size_t n = 0;
    while (symbol != NULL && hex > 0 && isxdigit((unsigned char)text[hex - 1])) {
        hex--;
    }
    bool bare = symbol != NULL && text[hex] != 'x' && (hex == 0 || text[hex - 1] != 'x');
    for (size_t i = 0; i < end && n + 4 < size; i++) {
        if (bare && i == hex) {
            out[n++] = '0';
            out[n++] = 'x';
        }
        out[n++] = text[i] == '\t' ? ' ' : text[i];
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = 0;
}

/* Splits "  addr:\tbytes \ttext"; false for other lines. */
static bool split(char *line, uint64_t *address, uint8_t bytes[8], size_t *count, char **text) {
    char *end;
    *address = strtoull(line, &end, 16);
    if (end == line || end[0] != ':' || end[1] != '\t') {
        return false;
    }
    *count = 0;
    for (char *p = end + 2; isxdigit((unsigned char)*p) && *count < 6; p += 3) {
        bytes[(*count)++] = (uint8_t)strtoul(p, NULL, 16);
    }
    *text = strchr(end + 2, '\t');
    return *text != NULL && *++*text != '.';
}

/* objdump 2.40 forgets ")" after an index register in "nop"; extended mnemonics of the z17 are new
 * to it. */
static bool is_known_difference(const struct zf_insn *insn, const char *theirs) {
    const struct zf_form *form = zf_insn_form(insn);
    return (strchr(theirs, '(') != NULL && strchr(theirs, ')') == NULL) ||
           (form != NULL && form->since == ZF_SINCE_Z17);
}

static unsigned compare(const char *command) {
    char line[512];
    unsigned compared = 0;
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    while (fgets(line, sizeof line, pipe) != NULL) {
        uint64_t address;
        uint8_t bytes[8];
        size_t count;
        char *text;
        char theirs[256];
        char ours[256];
        char buffer[256];
        struct zf_insn insn;
        if (!split(line, &address, bytes, &count, &text)) {
            continue;
        }
        cr_assert(zf_decode_bytes(bytes, count, &insn), "%s", line);
        zf_disasm(&insn, address, buffer, sizeof buffer);
        normalise(buffer, ours, sizeof ours);
        normalise(text, theirs, sizeof theirs);
        if (!is_known_difference(&insn, theirs)) {
            cr_expect_str_eq(ours, theirs, "%016lx: %s, not %s", insn.word, ours, theirs);
            compared++;
        }
    }
    pclose(pipe);
    return compared;
}

static void put_word(FILE *file, uint64_t word) {
    uint8_t bytes[8];
    zf_put64(bytes, word);
    fwrite(bytes, 1, zf_insn_length(word), file);
}

/* Words that objdump does not know it may leave at another length than ours: they are not asked. */
static bool objdump_knows(enum zf_row row) {
    return zf_row_get(row)->since != ZF_SINCE_Z17 && row != ZF_ROW_stcctm && row < ZF_ROW_servc;
}

static void put_samples(FILE *file) {
    uint64_t seed = 390;
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *row = zf_row_get((enum zf_row)r);
        for (int i = 0; i < 16 && objdump_knows((enum zf_row)r); i++) {
            struct zf_insn insn;
            zf_decode(sample_word((enum zf_row)r, row->syntax, &seed), &insn);
            const struct zf_form *form = zf_insn_form(&insn);
            if (form == NULL || form->since != ZF_SINCE_Z17) {
                put_word(file, insn.word);
            }
        }
    }
}

static void put_aliases(FILE *file) {
    static const char *const names[] = {
#define ALIAS(mnemonic, ID, condition, syntax) mnemonic,
#define SYNONYM ALIAS
#include "isa/alias.def"
    };
    uint64_t seed = 64;
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        const struct zf_alias *alias = zf_alias_find(names[i]);
        cr_assert_not_null(alias, "%s", names[i]);
        for (int n = 0; n < 4 && objdump_knows((enum zf_row)alias->row); n++) {
            uint64_t word = sample_word((enum zf_row)alias->row, alias->syntax, &seed);
            uint64_t value = alias->when.differs ? alias->when.mask : alias->when.value;
            put_word(file, (word & ~alias->when.mask) | value);
        }
    }
}

Test(disasm_objdump, rows_and_aliases) {
    char path[] = "/tmp/zf_objdump_XXXXXX";
    char command[128];
    if (!objdump_is_installed()) {
        cr_skip_test(OBJDUMP " is not installed");
    }
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    put_samples(file);
    put_aliases(file);
    fclose(file);
    snprintf(command, sizeof command, OBJDUMP " -D -z -b binary -m s390:64-bit %s", path);
    unsigned compared = compare(command);
    unlink(path);
    cr_expect_gt(compared, 20000, "%u", compared);
}

Test(disasm_objdump, real_code) {
    static const char *const files[] = {
        "/usr/s390x-linux-gnu/lib/libc.so.6",
        "/usr/s390x-linux-gnu/lib/libm.so.6",
        "/usr/s390x-linux-gnu/lib/ld64.so.1",
        "/usr/s390x-linux-gnu/lib/libgcc_s.so.1",
    };
    char command[256];
    unsigned compared = 0;
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(files); i++) {
        if (objdump_is_installed() && access(files[i], R_OK) == 0) {
            snprintf(command, sizeof command, OBJDUMP " -d -j .text %s", files[i]);
            compared += compare(command);
        }
    }
    if (compared == 0) {
        cr_skip_test("neither " OBJDUMP " nor s390x libraries are installed");
    }
    cr_expect_gt(compared, 100000, "%u", compared);
}
