/*
 * zfacet disasm: code of a file with the machine and the facilities that each instruction needs,
 * and how much of it a model would run.
 */
#include "cli/code_file.h"
#include "cli/command.h"
#include "text/args.h"
#include "text/common.h"
#include "text/insn_print.h"

#include "zfacet/decode.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: zfacet disasm [OPTION]... FILE\n"
    "\n"
    "Disassembles the code of an s390x ELF file, or any file as plain bytes, in the format of\n"
    "objdump -d.\n"
    "\n"
    "  --base ADDRESS     address of the first plain byte (default: 0)\n"
    "  --raw              treat an ELF file as plain bytes, too\n"
    "  --section NAME     only this section\n"
    "  --start ADDRESS    start here\n"
    "  --stop ADDRESS     stop before this address\n"
    "  --facilities       after each instruction that needs a facility, print it and the first\n"
    "                     machine that has it\n"
    "  --no-bytes         do not print the bytes of the instructions\n"
    "\n"
    "examples:\n"
    "  zfacet disasm --facilities a.out\n"
    "  zfacet disasm --base 0x10000 kernel.img\n";

struct options {
    const char *path;
    const char *section;
    uint64_t base, start, stop;
    bool raw, facilities, no_bytes;
};

struct view {
    const struct zf_code_file *file;
    const struct options *options;
    int width; /* of addresses */
};

/* As objdump: leading zeros of the end address go in groups of four while a fifth is there. */
static int address_width(uint64_t end) {
    int skip = 0;
    while (skip < 12 && end >> (64 - 4 * (skip + 5)) == 0) {
        skip += 4;
    }
    return 16 - skip;
}

/* Writes `text` with each target of a relative operand as "address <symbol+offset>". */
static void print_text(const struct view *view, const char *text) {
    const char *target;
    while ((target = strstr(text, "0x")) != NULL && text[0] != '.') {
        char *end;
        uint64_t address = strtoull(target, &end, 16);
        const struct zf_code_symbol *symbol = zf_code_symbol_at(view->file, address);
        if (symbol == NULL) {
            break;
        }
        printf("%.*s%" PRIx64 " <%s", (int)(target - text), text, address, symbol->name);
        if (address != symbol->address) {
            printf("+0x%" PRIx64, address - symbol->address);
        }
        putchar('>');
        text = end;
    }
    fputs(text, stdout);
}

static void print_line(const struct view *view, uint64_t address, const uint8_t *bytes,
                       size_t count, const char *text) {
    printf("%*" PRIx64 ":\t", view->width, address);
    for (size_t i = 0; i < 6 && !view->options->no_bytes; i++) {
        if (i < count) {
            printf("%02x ", bytes[i]);
        } else {
            fputs("   ", stdout);
        }
    }
    if (!view->options->no_bytes) {
        putchar('\t');
    }
    print_text(view, text);
}

/* What is no instruction: four bytes as data, as much as there is. Returns how many. */
static size_t print_data(const struct view *view, uint64_t address, const uint8_t *bytes,
                         size_t left) {
    char text[32];
    size_t count = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    if (count == 4) {
        snprintf(text, sizeof text, ".long\t0x%08x", zf_get32(bytes));
    } else if (count == 2) {
        snprintf(text, sizeof text, ".short\t0x%04x", zf_get16(bytes));
    } else {
        snprintf(text, sizeof text, ".byte\t0x%02x", bytes[0]);
    }
    print_line(view, address, bytes, count, text);
    putchar('\n');
    return count;
}

static size_t print_insn(const struct view *view, uint64_t address, const uint8_t *bytes,
                         size_t left) {
    struct zf_insn insn;
    char text[128];
    if (!zf_decode_bytes(bytes, left, &insn) || insn.row == ZF_ROW_INVALID) {
        return print_data(view, address, bytes, left);
    }
    zf_disasm(&insn, address, text, sizeof text);
    print_line(view, address, bytes, insn.length, text);
    if (view->options->facilities) {
        char needs[128];
        if (zf_insn_needs_text(&insn, needs, sizeof needs)) {
            printf("\t# %s%s%s", zf_colour(stdout, ZF_COLOUR_DIM), needs,
                   zf_colour(stdout, ZF_COLOUR_NONE));
        }
    }
    putchar('\n');
    return insn.length;
}

/* The length of a run of zeros that is shown as "...": at least 8, whole words. */
static size_t zero_run(const uint8_t *bytes, size_t left) {
    size_t n = 0;
    while (n < left && bytes[n] == 0) {
        n++;
    }
    n = n == left ? n : n & ~(size_t)3;
    return n >= 8 ? n : 0;
}

/* Where a symbol begins, or the section's part that is shown. */
static void print_label(const struct view *view, const struct zf_code_section *section,
                        const struct zf_code_symbol *symbol, uint64_t address, bool first) {
    int digits = view->file->is_31 ? 8 : 16;
    bool begins = symbol != NULL && symbol->address == address;
    if (!first && !begins) {
        return;
    }
    printf("\n%0*" PRIx64 " <%s", digits, address, symbol != NULL ? symbol->name : section->name);
    if (symbol != NULL && !begins) {
        printf("+0x%" PRIx64, address - symbol->address);
    }
    puts(">:");
}

static void print_section(struct view *view, const struct zf_code_section *section) {
    const struct options *o = view->options;
    size_t i = o->start > section->address ? o->start - section->address : 0;
    size_t end =
        o->stop - section->address < section->size ? o->stop - section->address : section->size;
    if (o->stop < section->address || i >= end) {
        return;
    }
    printf("\nDisassembly of section %s:\n", section->name);
    view->width = address_width(section->address + end);
    for (bool first = true; i < end; first = false) {
        uint64_t address = section->address + i;
        const struct zf_code_symbol *symbol = zf_code_symbol_at(view->file, address);
        print_label(view, section, symbol, address, first);
        size_t zeros = zero_run(section->bytes + i, end - i);
        if (zeros != 0) {
            puts("\t...");
        }
        i += zeros ? zeros : print_insn(view, address, section->bytes + i, end - i);
    }
}

static int disassemble(const struct options *options) {
    struct zf_error err;
    struct zf_code_file file;
    struct view view = {&file, options, 0};
    bool any = false;
    if (zf_code_file_open(options->path, options->raw, options->base, &file, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    printf("\n%s:     file format %s\n\n", options->path,
           !file.is_elf ? "binary"
           : file.is_31 ? "elf32-s390"
                        : "elf64-s390");
    for (size_t i = 0; i < file.section_count; i++) {
        if (options->section == NULL || strcmp(options->section, file.section[i].name) == 0) {
            print_section(&view, &file.section[i]);
            any = true;
        }
    }
    zf_code_file_close(&file);
    if (!any && options->section != NULL) {
        return zf_usage_error("disasm: %s has no code section '%s'", options->path,
                              options->section);
    }
    return ZF_EXIT_OK;
}

static bool parse_address(const char *text, uint64_t *address) {
    char *end;
    errno = 0;
    *address = strtoull(text, &end, 0);
    return errno == 0 && end != text && *end == 0 && text[0] != '-';
}

enum { OPT_BASE = 256, OPT_SECTION, OPT_START, OPT_STOP };

static int parse(int argc, char **argv, struct options *o) {
    struct option table[] = {
        {"base", required_argument, NULL, OPT_BASE},
        {"section", required_argument, NULL, OPT_SECTION},
        {"start", required_argument, NULL, OPT_START},
        {"stop", required_argument, NULL, OPT_STOP},
        {"raw", no_argument, NULL, 'r'},
        {"facilities", no_argument, NULL, 'f'},
        {"no-bytes", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int c;
    *o = (struct options){.stop = UINT64_MAX};
    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        uint64_t *number = c == OPT_BASE ? &o->base : c == OPT_START ? &o->start : &o->stop;
        if (c == '?' || c == ':') {
            return zf_args_getopt_error("disasm", table, c, argv[optind - 1]);
        }
        if (c == 'h') {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        o->raw |= c == 'r' || c == OPT_BASE;
        o->facilities |= c == 'f';
        o->no_bytes |= c == 'n';
        if (c == OPT_SECTION) {
            o->section = optarg;
        } else if (c >= OPT_BASE && !parse_address(optarg, number)) {
            return zf_usage_error("disasm: invalid address '%s'; examples: 4096, 0x1000", optarg);
        }
    }
    if (optind + 1 != argc) {
        return zf_usage_error("disasm: give one file; see 'zfacet help disasm'");
    }
    if (o->start >= o->stop) {
        return zf_usage_error("disasm: --start 0x%" PRIx64 " is not before --stop 0x%" PRIx64,
                              o->start, o->stop);
    }
    o->path = argv[optind];
    return -1;
}

int zf_cmd_disasm(int argc, char **argv) {
    struct options options;
    int status = parse(argc, argv, &options);
    return status >= 0 ? status : disassemble(&options);
}
