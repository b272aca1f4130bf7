/*
 * zfacet --complete: commands, options, and the values of both, from the tables and the help that
 * commands print; so shells' completions know nothing themselves.
 */
#define _GNU_SOURCE
#include "cli/complete.h"
#include "check/case.h"
#include "cli/command.h"
#include "cli/data.h"
#include "text/common.h"

#include "zfacet/decode.h"
#include "zfacet/model.h"
#include "zfacet/rom.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OPTIONS = 160 };
enum kind { ONE, LIST };

static const struct {
    const char *option, *command;
    enum kind kind;
    const char *words;
} values[] = {
#define VALUES(option, command, kind, words) {option, command, kind, words},
#include "cli/complete.def"
#undef VALUES
};

struct asked {
    const char *command;
    const char *kept;    /* what stands before the word, and stays */
    int kept_length;     /* of it */
    const char *current; /* the beginning of the word */
};

static void offer(const struct asked *a, const char *word, const char *end, const char *meaning) {
    if (!strncmp(word, a->current, strlen(a->current))) {
        printf("%.*s%s%s%s%s\n", a->kept_length, a->kept, word, end, meaning ? "\t" : "",
               meaning ? meaning : "");
    }
}

static void offer_words(const struct asked *a, const char *words) {
    char word[32];
    for (; *words; words += strspn(words, " ")) {
        size_t length = strcspn(words, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        offer(a, word, "", NULL);
        words += length;
    }
}

/* Of a list, only what stands after the last comma, or after the dots of a range, is completed. */
static struct asked last_of_list(const struct asked *a) {
    struct asked last = *a;
    for (const char *p = a->current; *p; p++) {
        if (*p == ',' || (p[0] == '.' && p[1] == '.')) {
            last.current = p + (*p == ',' ? 1 : 2);
        }
    }
    /* what is kept is before the word, in the same text */
    last.kept_length = a->kept_length + (int)(last.current - a->current);
    return last;
}

static void offer_models(const struct asked *a) {
    for (unsigned i = 0; i < zf_machine_count(); i++) {
        offer(a, zf_machine_short_name(zf_machine_at(i)), "", NULL);
    }
    offer_words(a, "recommended max qemu");
}

/* A model; after a comma its features; after @ a file that describes one. */
static void offer_model(const struct asked *a) {
    struct asked last = last_of_list(a);
    if (*a->current == '@') {
        puts("\tfiles");
    } else if (last.current == a->current) {
        offer_models(a);
    } else {
        for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
            offer(&last, zf_feature_info(i)->name, "=on", NULL);
            offer(&last, zf_feature_info(i)->name, "=off", NULL);
        }
    }
}

static void offer_roms(const struct asked *a) {
    struct zf_rom rom;
    char name[64];
    for (unsigned i = 0; zf_rom_at(i, &rom); i++) {
        snprintf(name, sizeof name, "rom:%s", rom.name);
        offer(a, name, "", NULL);
    }
}

static void offer_meanings(const struct asked *a) {
    static const char *const aliases[] = {
#define ALIAS(mnemonic, ID, condition, syntax) mnemonic,
#define SYNONYM ALIAS
#include "isa/alias.def"
    };
    const struct zf_facility *facility;
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        offer(a, zf_row_get(r)->mnemonic, "", zf_row_get(r)->name);
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(aliases); i++) {
        if (!i || strcmp(aliases[i], aliases[i - 1]) != 0) {
            offer(a, aliases[i], "", "extended mnemonic");
        }
    }
    for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
        offer(a, zf_feature_info(i)->name, "", zf_feature_info(i)->description);
    }
    for (unsigned i = 0; (facility = zf_facility_at(i)); i++) {
        offer(a, facility->name, "", "facility");
    }
}

static void offer_commands(const struct asked *a) {
    const struct zf_command *command;
    for (unsigned i = 0; (command = zf_command_at(i)); i++) {
        offer(a, command->name, "", command->summary);
    }
}

/* What a command prints when it is asked for help; the caller frees it. */
static char *help_of(const char *name) {
    const struct zf_command *command = zf_command_find(name);
    char copy[32], option[] = "--help", *words[] = {copy, option, NULL};
    int out = dup(STDOUT_FILENO), file = memfd_create("help", MFD_CLOEXEC);
    snprintf(copy, sizeof copy, "%s", name);
    if (command && out >= 0 && file >= 0 && fflush(stdout) == 0 && dup2(file, STDOUT_FILENO) >= 0) {
        command->run(2, words);
        fflush(stdout);
        dup2(out, STDOUT_FILENO);
    }
    off_t size = file >= 0 ? lseek(file, 0, SEEK_END) : 0;
    char *text = calloc(1, size > 0 ? (size_t)size + 1 : 1);
    if (text && size > 0 && pread(file, text, (size_t)size, 0) != size) {
        *text = 0;
    }
    close(out);
    close(file);
    return text;
}

/* The helps that say which options a command has: its own, and of some that of run. */
static void each_help(const struct asked *a, void (*look)(const char *help, void *context),
                      void *context) {
    char *help = help_of(a->command);
    if (help) {
        look(help, context);
        if (strstr(help, "RUN-OPTION") || strstr(help, "options of 'zfacet run'")) {
            char *run = help_of("run");
            look(run ? run : "", context);
            free(run);
        }
    }
    free(help);
}

static size_t name_length(const char *option) {
    size_t length = strspn(option, "-");
    while (isalnum((unsigned char)option[length]) || option[length] == '-') {
        length++;
    }
    return length;
}

struct offered {
    const struct asked *asked;
    bool of_command; /* not those of run */
    unsigned count;
    char name[OPTIONS][32];
};

/* Whether the text describes the option there, and does not only mention it: at the beginning of a
 * line, in a usage, or with its value. */
static bool is_described(const char *help, const char *at, size_t length) {
    const char *line = at;
    while (line > help && line[-1] != '\n') {
        line--;
    }
    bool usage = !strncmp(line, "usage:", 6) || strspn(line, " ") > 6;
    return line + strspn(line, " ") == at || (usage && strchr("[| ", at[-1])) ||
           (at[-1] == ' ' && at[length] == ' ' && isupper((unsigned char)at[length + 1]));
}

/* Each option once, though helps name them many times. */
static void offer_options_of(const char *help, void *context) {
    struct offered *o = context;
    for (const char *at = help; (at = strstr(at, "--"));) {
        size_t length = name_length(at);
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        unsigned before = 0;
        while (before < o->count && strcmp(o->name[before], name) != 0) {
            before++;
        }
        if (length > 2 && before == o->count && before < OPTIONS &&
            is_described(help, at, length) && (o->of_command || zf_case_takes_option(name))) {
            strcpy(o->name[o->count++], name);
            offer(o->asked, name, "", NULL);
        }
        at += length;
    }
    o->of_command = false; /* the next help is that of run */
}

struct wanted {
    const char *option;
    char value[24]; /* what the help calls it */
};

static void find_value(const char *help, void *context) {
    struct wanted *w = context;
    size_t length = strlen(w->option);
    for (const char *at = help; !w->value[0] && (at = strstr(at, w->option)); at += length) {
        if (name_length(at) == length && at[length] == ' ' &&
            isupper((unsigned char)at[length + 1]) && isupper((unsigned char)at[length + 2])) {
            snprintf(w->value, sizeof w->value, "%.*s", (int)strcspn(at + length + 1, " ]\n.,"),
                     at + length + 1);
        }
    }
}

static bool is_any(const char *word, const char *words) {
    size_t length = strlen(word);
    for (const char *at = words; length && (at = strstr(at, word)); at += length) {
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

/* The value of an option; false: it takes none that is known. */
static bool offer_value(const struct asked *a, const char *option) {
    struct asked last = last_of_list(a);
    struct wanted w = {.option = option};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (!strcmp(values[i].option, option) &&
            (!*values[i].command || !strcmp(values[i].command, a->command))) {
            offer_words(values[i].kind == LIST ? &last : a, values[i].words);
            return true;
        }
    }
    if (!strcmp(option, "--view")) {
#define VIEW(id, key, title, summary) offer(a, #id, "", summary);
#include "inspect/view.def"
#undef VIEW
        return true;
    }
    each_help(a, find_value, &w);
    if (!strcmp(option, "--models")) {
        offer_models(&last);
    } else if (is_any(w.value, "MODEL HOST MACHINE LEVEL") || !strcmp(option, "--ibc")) {
        offer_model(a);
    } else if (is_any(w.value, "FILE PLACE GUEST PATH")) {
        puts("\tfiles");
    } else if (is_any(w.value, "DIRECTORY FOLDER")) {
        puts("\tfolders");
    }
    return w.value[0];
}

static void offer_argument(const struct asked *a) {
    const struct zf_data_table *table;
    if (!strcmp(a->command, "help")) {
        offer_commands(a);
    } else if (!strcmp(a->command, "explain") && *a->current != '@') {
        offer_meanings(a);
        offer_model(a);
    } else if (is_any(a->command, "models explain expand compare baseline migrate check-model "
                                  "deprecated diverge")) {
        offer_model(a);
        offer_words(a, strcmp(a->command, "expand") ? "" : "static full");
    } else if (!strcmp(a->command, "data")) {
        for (unsigned i = 0; (table = zf_data_table_at(i)); i++) {
            offer(a, table->name, "", NULL);
        }
    } else if (strcmp(a->command, "qmp") && strcmp(a->command, "inspect") &&
               strcmp(a->command, "isa")) {
        if (is_any(a->command, "run check minimum bisect mix")) {
            offer_roms(a);
        }
        puts("\tfiles");
    }
}

/* Whether a word before the last one ends the options: then comes a program, and what it takes. */
static bool is_program(int count, char **words) {
    int i = 0;
    while (i < count - 1 && strcmp(words[i], "--") != 0) {
        i++;
    }
    return i < count - 1;
}

int zf_complete(int count, char **words) {
    struct asked a = {.command = count > 1 ? words[0] : ""};
    const char *last = count ? words[count - 1] : "", *equals = strchr(last, '=');
    bool is_option = *last == '-';
    a.kept = a.current = last;
    if (count <= 1) {
        offer_commands(&a);
        offer_words(&a, is_option ? "--help --version" : "");
    } else if (is_program(count, words)) {
        offer_roms(&a);
        puts("\tfiles");
    } else if (is_option && equals) {
        char option[48];
        snprintf(option, sizeof option, "%.*s", (int)(equals - last), last);
        a.current = equals + 1;
        a.kept_length = (int)(a.current - last);
        offer_value(&a, option);
    } else if (count > 2 && words[count - 2][0] == '-' && offer_value(&a, words[count - 2])) {
        return ZF_EXIT_OK;
    } else if (is_option) {
        struct offered offered = {.asked = &a, .of_command = true};
        each_help(&a, offer_options_of, &offered);
    } else {
        offer_argument(&a);
    }
    return ZF_EXIT_OK;
}
