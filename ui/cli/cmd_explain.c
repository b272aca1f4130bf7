/*
 * zfacet explain WORD: a mnemonic, a facility, a feature, a function code or a model, told in full.
 */
#include "cli/command.h"
#include "cli/explain.h"
#include "cli/explain_exception.h"
#include "cli/explain_try.h"
#include "model/input.h"
#include "text/args.h"
#include "text/common.h"
#include "text/feature_text.h"
#include "text/insn_print.h"
#include "text/operation.h"
#include "text/pseudo.h"
#include "text/wrap.h"

#include "zfacet/facility.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "usage: zfacet explain [--json | --try SETTINGS] WORD...\n"
    "\n"
    "Explains WORD: an instruction or extended mnemonic (with its format), "
    "a facility by number or\n"
    "name, a CPU feature or group, a CPU model, or an instruction in "
    "hexadecimal; what it needs and\n"
    "which machines have it. Exceptions of an instruction stand in the order of their priority;\n"
    "those of its operands are found by executing it with operands that are wrong in one way\n"
    "each, so that rare ones can be missing. docs/pseudo-code.md describes the pseudo-code.\n"
    "\n"
    "  --json          print JSON: a list of all meanings, each {word, kind, …}. Of an "
    "instruction:\n"
    "                  mnemonic, name, opcode, format, length, operands, since, facility, "
    "privilege,\n"
    "                  implemented, models, forms, functions, operation, pseudo_code (or "
    "null,\n"
    "                  and pseudo_code_absent says why), cc, exceptions, alias_of?, alias_fields?\n"
    "  --try SETTINGS  execute the instruction WORD once on the newest machine, and print what it\n"
    "                  changed. SETTINGS are NAME=NUMBER with commas between: r1, r1+1, v2: the\n"
    "                  registers that the instruction names; m3, i2, l1, d2: its fields; s1, s2:\n"
    "                  its storage operands, numbers of their length (else of 8 bytes); gr0,\n"
    "                  fr2; cc. Floating point: 1.5 or 2 where the instruction's name says the\n"
    "                  format, else with it: 1.5eb, db, lb (binary), ed, dd, ld (decimal), eh,\n"
    "                  dh, lh (hexadecimal; each short, long, extended); 0x... are the bits.\n"
    "                  Packed decimal: -123p\n"
    "\n"
    "examples:\n"
    "  zfacet explain vfasb e712300020e3\n"
    "  zfacet explain 129 kma-gcm-aes-128 z14\n"
    "  zfacet explain agr --try r1=-1,r2=1\n"
    "  zfacet explain l --try s2=0x12345678\n"
    "  zfacet explain sllg --try r3=1,d2=4\n"
    "  zfacet explain adtr --try r2=1.50,r3=2.25\n";

static void title(const char *text) {
    printf("%s%s%s", zf_colour(stdout, ZF_COLOUR_BOLD), text, zf_colour(stdout, ZF_COLOUR_NONE));
}

/* The name of the first model of a level, as in z9EC.2 and z15. */
static void level_text(zf_level level, char *text, size_t size) {
    unsigned generation = zf_level_generation(level), ga = zf_level_ga(level);
    if (level == ZF_LEVEL_NEVER) {
        snprintf(text, size, "none");
        return;
    }
    int used = snprintf(text, size, "%s%s", zf_generation_name(generation),
                        generation == 9 || generation == 10 ? "EC" : "");
    if (ga > 1 && used > 0 && (size_t)used < size) {
        snprintf(text + used, size - (size_t)used, ".%u", ga);
    }
}

/* "z13 and later (z13 by default)": the first machines whose default and full sets have it. */
static void print_machines(const struct zf_subject *subjects, unsigned count) {
    const struct zf_machine_type *able = zf_oldest_with(subjects, count, ZF_MODEL_FULL);
    const struct zf_machine_type *usual = zf_oldest_with(subjects, count, ZF_MODEL_DEFAULT);
    char from[32], first[32];
    level_text(usual ? usual->level : ZF_LEVEL_NEVER, from, sizeof from);
    level_text(able ? able->level : ZF_LEVEL_NEVER, first, sizeof first);
    if (able == NULL) {
        puts("  models      none has it");
    } else if (usual == NULL) {
        printf("  models      possible on %s and later, never by default\n", first);
    } else if (usual == able) {
        printf("  models      %s and later\n", from);
    } else {
        printf("  models      %s and later by default; possible from %s\n", from, first);
    }
}

/* As models are called on the same page. */
static const char *first_model(unsigned since) {
    return since == ZF_SINCE_Z9_109 ? "z9EC"
           : since == ZF_SINCE_Z9EC ? "z9EC.2"
           : since == ZF_SINCE_Z10  ? "z10EC"
                                    : zf_since_name((enum zf_since)since);
}

static void print_need(const struct zf_facility_need *need, unsigned since) {
    char text[128];
    if (zf_need_text(need, text, sizeof text)) {
        printf("  facility    %s\n", text);
    }
    printf("  since       %s\n", first_model(since));
}

/* One of a list, after the label or the words before it. */
static void put_listed(struct zf_wrap *line, const char *label, const char *word) {
    if (!line->column) {
        line->column = (unsigned)printf("  %-11s", label);
    }
    zf_wrap_put(line, word);
}

static void print_aliases(enum zf_row row) {
    static const char *const names[] = {
#define ALIAS(mnemonic, ID, condition, syntax) mnemonic,
#define SYNONYM ALIAS
#include "isa/alias.def"
    };
    struct zf_wrap line = {.out = stdout, .indent = 14};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        const struct zf_alias *alias = zf_alias_find(names[i]);
        bool again = i > 0 && strcmp(names[i], names[i - 1]) == 0;
        if (alias != NULL && alias->row == row && !again) {
            put_listed(&line, "also", names[i]);
        }
    }
    zf_wrap_end(&line, NULL);
}

static void print_forms(enum zf_row row) {
    static const char *const absent[] = {
        [ZF_ABSENT_SPECIFICATION] = "without it a specification exception",
        [ZF_ABSENT_IGNORE] = "without it the field is ignored",
        [ZF_ABSENT_OPERATION] = "without it an operation exception",
        [ZF_ABSENT_HINT] = "without it the field is ignored, with the same result",
    };
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        char need[128];
        if (form->row == row && zf_need_text(&form->facility, need, sizeof need)) {
            printf("  with %-7s since %s, facility %s; %s\n", form->text, first_model(form->since),
                   need, absent[form->when_absent]);
        }
    }
}

static void print_functions(const char *mnemonic) {
    enum zf_query query = zf_query_by_mnemonic(mnemonic);
    for (unsigned code = 0; query != ZF_QUERY_COUNT && code < ZF_QUERY_BITS; code++) {
        enum zf_feature feature = zf_feature_of_function(query, code);
        if (feature != ZF_FEATURE_COUNT) {
            printf("  function    %3u %s%s\n", code, zf_feature_info(feature)->name,
                   zf_function_implemented(query, code) ? "" : " (not implemented)");
        }
    }
}

/* Operand bits that make an instruction what the extended mnemonic says. */
static uint64_t alias_bits(const struct zf_alias *alias) {
    return alias == NULL ? 0 : alias->when.differs ? alias->when.mask : alias->when.value;
}

static void print_words(const char *label, const char *text) {
    char copy[512], *rest = NULL;
    struct zf_wrap wrap = {.out = stdout, .indent = 14};
    snprintf(copy, sizeof copy, "%s", text);
    wrap.column = (unsigned)printf("  %-11s", label);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        zf_wrap_put(&wrap, word);
    }
    zf_wrap_end(&wrap, NULL);
}

/* In the order of priority, one a line. */
static void print_exceptions(enum zf_row row) {
    json_t *list = zf_explain_exceptions(row), *text;
    size_t i;
    json_array_foreach(list, i, text) {
        print_words(i ? "" : "exceptions", json_string_value(text));
    }
    json_decref(list);
}

/* A line each, as it is: indentation counts. */
static void print_pseudo_code(enum zf_row row) {
    const char *line = zf_pseudo_code(row), *label = "pseudo-code";
    if (!line) {
        printf("  %-11s none: %s\n", label, zf_pseudo_absent(row));
    }
    while (line) {
        int length = (int)strcspn(line, "\n");
        printf("  %-11s %.*s\n", label, length, line);
        line = line[length] ? line + length + 1 : NULL;
        label = "";
    }
}

static void print_operation(enum zf_row row) {
    const struct zf_operation *operation = zf_operation(row);
    if (operation->what) {
        print_words("operation", operation->what);
        print_pseudo_code(row);
        print_words("cc", operation->cc);
        print_exceptions(row);
    } else {
        puts("  operation   no text yet");
    }
}

static bool explain_row(const char *word) {
    enum zf_row row = zf_row_find(word);
    const struct zf_alias *alias = row == ZF_ROW_INVALID ? zf_alias_find(word) : NULL;
    if (row == ZF_ROW_INVALID && alias == NULL) {
        return false;
    }
    row = alias != NULL ? alias->row : row;
    const struct zf_row_info *info = zf_row_get(row);
    struct zf_insn insn;
    char operands[64];
    title(word);
    if (alias != NULL) {
        zf_operands_text(alias->syntax, operands, sizeof operands);
        printf(": extended mnemonic, operands %s, of\n", operands);
        title(info->mnemonic);
    }
    printf(": %s\n\n", info->name);
    zf_print_format(stdout, info);
    zf_operands_text(info->syntax, operands, sizeof operands);
    printf("\n  format      %s, %d bytes, operands %s\n", zf_format_name(info->format),
           info->length, operands);
    if (alias != NULL) {
        zf_alias_fields_text(alias, operands, sizeof operands);
        printf("  %-11s %s%s\n", alias->mnemonic, operands[0] ? "implies " : "is another name of ",
               operands[0] ? operands : info->mnemonic);
    }
    print_operation(row);
    zf_decode(info->opcode | alias_bits(alias), &insn);
    const struct zf_form *form = alias != NULL ? zf_insn_form(&insn) : NULL;
    struct zf_subject subjects[] = {zf_subject_row(row), zf_subject_row(row)};
    if (form != NULL) {
        subjects[1] = zf_subject_form(form);
        print_need(&form->facility, form->since);
    } else {
        print_need(&info->facility, info->since);
    }
    printf("  state       %s\n", zf_privilege_name(info->privilege));
    print_machines(subjects, 2);
    printf("  zfacet      %s\n", zf_row_implemented(row) ? "implemented" : "not implemented");
    print_aliases(row);
    print_forms(row);
    print_functions(info->mnemonic);
    return true;
}

static void print_dependencies(enum zf_feature feature) {
    const struct zf_feature_dependency *d;
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)) != NULL; i++) {
        if (d->feature == feature) {
            printf("  needs       %s\n", zf_feature_info(d->needs)->name);
        }
    }
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)) != NULL; i++) {
        if (d->needs == feature) {
            printf("  needed by   %s\n", zf_feature_info(d->feature)->name);
        }
    }
}

static void print_feature(enum zf_feature feature) {
    static const char *const sets[] = {
        [ZF_MODEL_BASE] = "always      from",
        [ZF_MODEL_DEFAULT] = "by default  from",
        [ZF_MODEL_FULL] = "possible    from",
    };
    const struct zf_feature_info *info = zf_feature_info(feature);
    printf("  feature     %s: %s%s\n", info->name, info->description,
           zf_feature_is_deprecated(feature) ? " (deprecated)" : "");
    if (info->group != ZF_FEATURE_GROUP_NONE) {
        printf("  group       %s: %s\n", zf_feature_group_name(info->group),
               zf_feature_group_description(info->group));
    }
    if ((int)info->kind < ZF_QUERY_COUNT) {
        printf("  function    %u of %s\n", info->bit, zf_query_mnemonic((enum zf_query)info->kind));
    }
    for (int set = ZF_MODEL_FULL; set >= ZF_MODEL_BASE; set--) {
        char text[32];
        level_text(info->first[set], text, sizeof text);
        printf("  %s %s\n", sets[set], text);
    }
    print_dependencies(feature);
}

bool zf_explain_names_facility(const struct zf_facility_need *need, unsigned bit) {
    return memchr(need->bit, (int)bit, need->count) != NULL && bit < 256;
}

static void print_instructions(unsigned bit) {
    unsigned rows = 0;
    unsigned forms = 0;
    struct zf_wrap line = {.out = stdout, .indent = 14};
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *info = zf_row_get(r);
        if (zf_explain_names_facility(&info->facility, bit)) {
            rows++;
            put_listed(&line, "installs", info->mnemonic);
        }
    }
    zf_wrap_end(&line, NULL);
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        forms += zf_explain_names_facility(&zf_form_at(i)->facility, bit);
    }
    printf("  total       %u instruction%s, %u form%s of others\n", rows, zf_plural(rows), forms,
           zf_plural(forms));
}

const struct zf_facility *zf_explain_facility(const char *word) {
    char *end;
    const char *digits = strncasecmp(word, "stfle", 5) == 0 ? word + 5 : word;
    unsigned long number = strtoul(digits, &end, 10);
    const struct zf_facility *facility = zf_facility_by_name(word);
    bool numbered = isdigit((unsigned char)digits[0]) && *end == 0 && end - digits <= 3;
    if (facility == NULL && numbered && number < ZF_FACILITY_LIMIT) {
        facility = zf_facility_find((unsigned)number);
        facility = facility ? facility : zf_facility_unmodelled((unsigned)number);
    }
    return facility;
}

static bool explain_facility(const char *word) {
    const struct zf_facility *facility = zf_explain_facility(word);
    if (facility == NULL) {
        return false;
    }
    if (zf_facility_unmodelled(facility->bit)) {
        title(facility->name);
        printf(
            ": facility bit %u of STFLE\n\n  models      none; machines store it, but it is in no "
            "model's feature set\n",
            facility->bit);
        return true;
    }
    char since[32];
    level_text(facility->since, since, sizeof since);
    title(facility->name);
    printf(": facility bit %u of STFLE\n\n  since       %s\n", facility->bit, since);
    enum zf_feature feature = zf_feature_of_facility(facility->bit);
    if (feature != ZF_FEATURE_COUNT) {
        print_feature(feature);
    }
    print_instructions(facility->bit);
    return true;
}

static bool explain_feature(const char *word) {
    enum zf_feature feature = zf_feature_by_name(word);
    if (feature == ZF_FEATURE_COUNT) {
        return false;
    }
    if (zf_feature_info(feature)->kind == ZF_KIND_STFL) {
        char number[16];
        snprintf(number, sizeof number, "%u", zf_feature_info(feature)->bit);
        if (explain_facility(number)) {
            return true;
        }
    }
    title(zf_feature_info(feature)->name);
    puts(": CPU feature\n");
    print_feature(feature);
    return true;
}

static bool explain_group(const char *word) {
    enum zf_feature_group group = zf_feature_group_by_name(word);
    if (group == ZF_FEATURE_GROUP_NONE) {
        return false;
    }
    title(zf_feature_group_name(group));
    printf(": feature group: %s\n\n", zf_feature_group_description(group));
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->group == group) {
            printf("  %-24s %s\n", info->name, info->description);
        }
    }
    return true;
}

static void print_model(const char *word, const struct zf_model *model) {
    char ibc[64];
    unsigned rows = 0;
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        struct zf_subject subject = zf_subject_row(r);
        rows += zf_model_runs(model, &subject);
    }
    zf_ibc_text(zf_machine_ibc(model->machine), ibc, sizeof ibc);
    title(word);
    printf(": CPU model %s, %s, type %04x\n\n", zf_machine_short_name(model->machine),
           model->machine->title, model->machine->type);
    if (model->named) {
        printf("  this model  %s\n", model->named->title);
    }
    if (model->machine->announced[0]) {
        printf("  announced   %s\n", model->machine->announced);
    }
    printf("  IBC value   %s\n", ibc);
    printf("  features    %u on\n", zf_model_feature_count(model));
    printf("  instructions %u of %d\n", rows, ZF_ROW_COUNT - 1);
    printf("  more        'zfacet models %s', 'zfacet isa --model %s'\n", word, word);
}

static bool explain_model(const char *word) {
    struct zf_model model;
    struct zf_error err;
    if (zf_model_parse(word, false, &model, NULL, &err) != ZF_OK) {
        return false;
    }
    print_model(word, &model);
    return true;
}

static int explain_model_file(const char *word, json_t *list) {
    struct zf_model_input input;
    int status = zf_model_take(word, false, &input);
    if (status == ZF_EXIT_OK && list) {
        zf_explain_model_json(word, &input.model, list);
    } else if (status == ZF_EXIT_OK) {
        print_model(word, &input.model);
    }
    return status;
}

static bool explain_word(const char *text) {
    char needs[128];
    char assembler[128];
    struct zf_insn insn;
    if (!zf_explain_code(text, &insn)) {
        return false;
    }
    zf_insn_text(&insn, 0, assembler, sizeof assembler);
    title(assembler);
    printf(": instruction %s\n  needs       %s\n\n", text,
           zf_insn_needs_text(&insn, needs, sizeof needs) ? needs : "nothing");
    return explain_row(zf_row_get(insn.row)->mnemonic);
}

/* Candidates for "did you mean": mnemonics, facilities, features, machines, one after another. */
static const char *candidate(const void *context, unsigned i) {
    if (i < ZF_ROW_COUNT - 1) {
        return zf_row_get(i + 1)->mnemonic;
    }
    i -= ZF_ROW_COUNT - 1;
    if (i < ZF_FEATURE_COUNT) {
        return zf_feature_info(i)->name;
    }
    i -= ZF_FEATURE_COUNT;
    if (i < zf_machine_count()) {
        return zf_machine_at(i)->name;
    }
    const struct zf_facility *facility = zf_facility_at(i - zf_machine_count());
    return facility != NULL ? facility->name : NULL;
}

static bool explain_later_feature(const char *word) {
    const char *text = zf_later_feature(word);
    if (text) {
        printf("%s: feature of later management software, in no model of zfacet\n\n", word);
        print_words("meaning", text);
    }
    return text;
}

/* A word may be an instruction and a feature at once, as vx is: all its meanings are told. */
static bool explain_text(const char *word) {
    bool any = explain_row(word);
    if (!any || zf_feature_by_name(word) != ZF_FEATURE_COUNT) {
        fputs(any ? "\n" : "", stdout);
        any |= explain_facility(word) || explain_feature(word);
    }
    return any || explain_group(word) || explain_model(word) || explain_word(word) ||
           explain_later_feature(word);
}

static int unknown(const char *given, const char *word) {
    const char *code = word + (strncmp(word, "0x", 2) ? 0 : 2);
    char first[64]; /* as it may be followed by operands */
    snprintf(first, sizeof first, "%.*s", (int)strcspn(word, " \t"), word);
    const char *nearest = *first ? zf_nearest(first, candidate, NULL) : NULL;
    bool digits = strpbrk(code, "0123456789") || !nearest;
    if (digits && zf_explain_report_code(given, code)) {
        return ZF_EXIT_USAGE;
    }
    return zf_usage_error("explain: '%s' is not a mnemonic, instruction in hexadecimal, facility, "
                          "feature or model%s%s%s",
                          given, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                          nearest ? "'?" : "");
}

/* As text, or appended to `list`. */
static int explain(const char *given, json_t *list) {
    char word[64];
    if (given[0] == '@' || !strncmp(given, "stfle:", 6)) {
        return explain_model_file(given, list);
    }
    snprintf(word, sizeof word, "%s", given);
    for (char *p = word; *p != 0; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    zf_explain_join(word);
    bool whole = strlen(given) < sizeof word;
    if (whole && (list ? zf_explain_json(word, list) : explain_text(word))) {
        return ZF_EXIT_OK;
    }
    return unknown(given, whole ? word : "");
}

static int explain_all(const struct zf_args *args, bool json) {
    json_t *list = json ? json_array() : NULL;
    int status = ZF_EXIT_OK;
    char code[16];
    bool one = zf_explain_bytes(args, code, sizeof code);
    for (unsigned i = 0; i < (one ? 1 : args->count) && status == ZF_EXIT_OK; i++) {
        if (i && !json) {
            putchar('\n');
        }
        status = explain(one ? code : args->words[i], list);
    }
    if (json && status == ZF_EXIT_OK) {
        return zf_print_json(stdout, list);
    }
    json_decref(list);
    return status;
}

/* The instruction as always, then what it does with these operands. */
static int explain_and_try(const struct zf_args *args, const char *settings) {
    struct zf_error err;
    enum zf_row row = zf_row_find(args->words[0]);
    const struct zf_alias *alias = row == ZF_ROW_INVALID ? zf_alias_find(args->words[0]) : NULL;
    row = alias ? (enum zf_row)alias->row : row;
    if (args->count != 1 || row == ZF_ROW_INVALID) {
        return zf_usage_error("explain: --try is for one instruction, such as agr, not for '%s'",
                              args->words[args->count - 1]);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return zf_usage_error("out of memory");
    }
    enum zf_status status = zf_explain_try(out, row, alias, settings, &err);
    fclose(out);
    if (status == ZF_OK) {
        explain_row(args->words[0]);
        fputs(text, stdout);
    }
    free(text);
    return status == ZF_OK ? ZF_EXIT_OK : zf_report_error(&err);
}

int zf_cmd_explain(int argc, char **argv) {
    bool json = false;
    const char *settings = NULL;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--try", NULL, &settings}, {NULL, NULL, NULL}};
    struct zf_args args = {.usage = usage,
                           .options = options,
                           .least = 1,
                           .most = ZF_ARGS_WORDS,
                           .wanted = "a word to explain"};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    if (settings && json) {
        return zf_usage_error("explain: give either --json or --try");
    }
    return settings ? explain_and_try(&args, settings) : explain_all(&args, json);
}
