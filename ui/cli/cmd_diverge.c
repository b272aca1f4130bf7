/*
 * zfacet diverge: where a program takes another way on one model than on another, and what told it
 * which machine it is on. The runs are processes in lockstep (run/lockstep.h).
 */
#define _GNU_SOURCE /* memfd_create */
#include "check/case.h"
#include "check/document.h"
#include "cli/command.h"
#include "model/input.h"
#include "run/lockstep.h"
#include "run/run.h"
#include "text/common.h"
#include "zfacet/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet diverge FIRST SECOND [OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "       zfacet diverge --save FILE FIRST [OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "       zfacet diverge --saved FILE SECOND [OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs a Linux program on two models in lockstep and says where their control flow differs\n"
    "first, or what they write or send or end with, or which system call they make:\n"
    "the last instruction that both executed, the next ones of each, the registers that\n"
    "differ there and since when, and the queries that answered differently before (STFLE, query\n"
    "functions, AT_HWCAP, AT_PLATFORM, /proc/cpuinfo). Of other system calls and of clocks the\n"
    "second run gets the first one's results.\n"
    "The runs are repeatable (--deterministic): threads take turns. Programs that get signals "
    "from\n"
    "outside are not compared, nor the processes that a program starts.\n"
    "The program's output is not shown.\n"
    "\n"
    "  --first OPTION   an option of 'zfacet run' for the first run alone: "
    "--first=--engine=switch\n"
    "  --second OPTION  the same for the second one\n"
    "  --save FILE      run the first model alone, and write what it does to FILE, to compare\n"
    "                   with later, also on another machine: some 30 bytes an instruction\n"
    "  --saved FILE     compare with such a run; the program gets its environment, too, which is\n"
    "                   in FILE: only you can read it\n"
    "  --json           {first_model, second_model, diverged, instructions, processes (that were\n"
    "                   started), hwcap, platform: {first, second}, queries: [{address, text,\n"
    "                   symbol, …, instruction, bits, read? (a file)}], last?: {…},\n"
    "                   differs? (of a system call), first?: [{address, text, …}], second?,\n"
    "                   registers: [{register, first, second, since: {…}}]}\n"
    "\n"
    "Any option of 'zfacet run' that concerns the guest can be given for both, such as --sysroot.\n"
    "\n"
    "Exit status: 0 the same to the end, 3 if they differ, 1 if that cannot be said.\n"
    "\n"
    "examples:\n"
    "  zfacet diverge z13 z14 --sysroot /usr/s390x-linux-gnu -- ./program\n"
    "  zfacet diverge --save run.z13 z13 -- ./program; zfacet diverge --saved run.z13 z14 -- "
    "./program\n";

enum { SIDES = 2, ENVIRONMENT_MOST = 16 << 20 };

struct side {
    struct zf_model_input model;
    struct zf_case test; /* program and options */
    pid_t pid;
};

/* Of a file with a saved run: what is before the run itself. */
struct header {
    char magic[16];
    uint32_t order;       /* 1 where hosts have the same order of bytes */
    uint32_t environment; /* bytes of the program's environment, which come next */
    char model[sizeof((struct zf_model_input *)NULL)->label];
};
static const char magic[] = "zfacet-run 2\n";

struct diverge {
    struct side side[SIDES];
    const char *save, *saved; /* a file, or NULL */
    bool json;
    int result;
};

static int take_model(struct diverge *d, unsigned *models, const char *word) {
    if (*models == SIDES || (*models && (d->save || d->saved))) {
        return zf_usage_error("diverge: '%s' is a model too many; give %s, then -- and a program",
                              word, d->save || d->saved ? "one" : "two");
    }
    int status = zf_model_take(word, false, &d->side[*models].model);
    ++*models;
    return status == ZF_EXIT_OK ? -1 : status;
}

/* --first OPTION and --second OPTION; NULL: it is another word. */
static char *option_of_side(char **argv, int *i, const char *name) {
    size_t length = strlen(name);
    if (strncmp(argv[*i], name, length) != 0 || (argv[*i][length] && argv[*i][length] != '=')) {
        return NULL;
    }
    return argv[*i][length] ? argv[*i] + length + 1 : argv[*i + 1] ? argv[++*i] : NULL;
}

static int take_word(struct diverge *d, unsigned *models, char **argv, int *i) {
    static const char *const names[SIDES] = {"--first", "--second"};
    for (unsigned s = 0; s < SIDES; s++) {
        char *words[] = {option_of_side(argv, i, names[s]), NULL};
        int first = 0;
        if (words[0]) {
            return zf_case_take_option(&d->side[s].test, "diverge", words, &first);
        }
    }
    if (!strcmp(argv[*i], "--json")) {
        d->json = true;
        return -1;
    }
    if ((!strcmp(argv[*i], "--save") || !strcmp(argv[*i], "--saved")) && argv[*i + 1]) {
        const char **file = argv[*i][strlen("--save")] ? &d->saved : &d->save;
        *file = argv[++*i];
        return -1;
    }
    if (argv[*i][0] != '-') {
        return take_model(d, models, argv[*i]);
    }
    int again = *i, status = zf_case_take_option(&d->side[0].test, "diverge", argv, i);
    return status >= 0 ? status : zf_case_take_option(&d->side[1].test, "diverge", argv, &again);
}

static int parse(struct diverge *d, char **argv) {
    unsigned models = 0;
    int i = 1, status = -1;
    for (; argv[i] && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if ((status = take_word(d, &models, argv, &i)) >= 0) {
            return status;
        }
    }
    if (d->save && d->saved) {
        return zf_usage_error("diverge: give --save or --saved");
    }
    bool alone = d->save || d->saved;
    if (models != (alone ? 1 : SIDES) || !argv[i] || !argv[i + 1]) {
        return zf_usage_error("diverge: give %s, then -- and a program",
                              alone ? "one model" : "two models");
    }
    if (!strncmp(argv[i + 1], "rom:", 4)) {
        return zf_usage_error("diverge: '%s' is a built-in guest; give a Linux program",
                              argv[i + 1]);
    }
    for (unsigned s = 0; s < SIDES && status < 0; s++) {
        zf_case_take_program(&d->side[s].test, &argv[i + 1]);
        status = zf_case_prepare(&d->side[s].test, "diverge");
    }
    if (d->saved) {
        d->side[1].model = d->side[0].model;
    }
    if (status < 0) {
        zf_case_warn_of_host(&d->side[0].test);
    }
    return status;
}

static int run_side(struct diverge *d, unsigned s, int socket) {
    static char name[] = "run";
    const struct zf_case *test = &d->side[s].test;
    char *words[ZF_CASE_WORDS + 2] = {name};
    struct zf_run_options options;
    struct zf_run run;
    struct zf_error err;
    int result = zf_aside_fd(d->result);
    memcpy(words + 1, test->options, test->option_count * sizeof *words);
    zf_run_options_init(&options);
    if (zf_run_options_parse(&options, (int)test->option_count + 1, words, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    options.model = d->side[s].model.label;
    options.guest = test->guest;
    options.arguments = test->arguments;
    options.fixed_random = options.deterministic = true;
    options.as = ZF_RUN_AS_LINUX;
    options.lockstep = zf_lockstep_create(zf_aside_fd(socket), result, s == 0);
    if (!options.lockstep) {
        return ZF_EXIT_FAILURE;
    }
    enum zf_run_end end = zf_run_open(&run, &options);
    int status = end ? zf_run_refuse(&run, end) : zf_run_go(&run);
    if (!end) {
        zf_lockstep_finish(options.lockstep);
    }
    return status;
}

/* A run in a process; its output goes nowhere, its messages when it cannot begin are shown. */
static bool start(struct diverge *d, unsigned s, const int sockets[SIDES]) {
    fflush(NULL);
    d->side[s].pid = fork();
    if (!d->side[s].pid) {
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDOUT_FILENO);
        if (s) {
            dup2(nowhere, STDIN_FILENO);
        }
        close(nowhere);
        if (sockets[0] != sockets[1]) {
            close(sockets[!s]);
        }
        int own = zf_aside_fd(sockets[s]);
        close(sockets[s]);
        _exit(run_side(d, s, own));
    }
    return d->side[s].pid > 0;
}

static json_t *take_result(const struct diverge *d) {
    lseek(d->result, 0, SEEK_SET);
    return json_loadfd(d->result, 0, NULL);
}

static json_t *run_both(struct diverge *d) {
    int sockets[SIDES], status;
    d->result = memfd_create("result", MFD_CLOEXEC);
    if (d->result < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets)) {
        return NULL;
    }
    bool started = start(d, 0, sockets) && start(d, 1, sockets);
    close(sockets[0]);
    close(sockets[1]);
    if (started) {
        waitpid(d->side[1].pid, &status, 0);
    }
    if (d->side[0].pid > 0) {
        kill(d->side[0].pid, SIGKILL); /* it may wait for input */
        waitpid(d->side[0].pid, &status, 0);
    }
    json_t *result = take_result(d);
    close(d->result);
    return result;
}

static int fail_on(const char *file, const char *why) {
    fprintf(stderr, "zfacet: diverge: %s: %s\n", file, why);
    return ZF_EXIT_FAILURE;
}

/* One side alone, to or from a file. */
static void run_alone(struct diverge *d, unsigned s, int file) {
    int status, files[SIDES] = {file, file};
    d->result = memfd_create("result", MFD_CLOEXEC);
    if (d->result >= 0 && start(d, s, files)) {
        waitpid(d->side[s].pid, &status, 0);
    }
}

/* The environment as the program gets it: NAME=VALUE with a zero after each. The caller frees it.
 */
static char *environment(uint32_t *size) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    for (char **entry = environ; out && *entry; entry++) {
        fwrite(*entry, 1, strlen(*entry) + 1, out);
    }
    bool good = out && fclose(out) == 0 && length <= ENVIRONMENT_MOST;
    *size = good ? (uint32_t)length : 0;
    return text;
}

/* The program gets the environment of the saved run, as shells and hosts give it another one. It
 * stays as long as the process. */
static bool take_environment(int file, uint32_t size) {
    char *text = size <= ENVIRONMENT_MOST ? malloc((size_t)size + 1) : NULL;
    bool right = text && read(file, text, size) == (ssize_t)size && !(size && text[size - 1]);
    if (!right || !size) {
        free(text);
        return right && clearenv() == 0;
    }
    clearenv();
    for (char *entry = text; entry < text + size; entry += strlen(entry) + 1) {
        if (putenv(entry)) {
            return false;
        }
    }
    return true;
}

static int save(struct diverge *d) {
    struct header header = {.order = 1};
    char *own = environment(&header.environment);
    char last = 0;
    int file = open(d->save, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    memcpy(header.magic, magic, sizeof magic);
    snprintf(header.model, sizeof header.model, "%s", d->side[0].model.label);
    bool begun = file >= 0 && write(file, &header, sizeof header) == sizeof header &&
                 write(file, own, header.environment) == (ssize_t)header.environment;
    free(own);
    if (!begun) {
        return fail_on(d->save, strerror(errno));
    }
    run_alone(d, 0, file);
    off_t end = lseek(file, 0, SEEK_END);
    bool complete = end > (off_t)(sizeof header + header.environment) &&
                    pread(file, &last, 1, end - 1) == 1 && last == ZF_LOCKSTEP_COMPLETE;
    close(file);
    close(d->result);
    return complete ? ZF_EXIT_OK : fail_on(d->save, "the run could not be saved");
}

/* -1, with a file from which the saved run can be read; or the exit status. */
static int open_saved(struct diverge *d, int *file) {
    struct header header;
    *file = open(d->saved, O_RDONLY | O_CLOEXEC);
    if (*file < 0) {
        return fail_on(d->saved, strerror(errno));
    }
    bool right = read(*file, &header, sizeof header) == sizeof header &&
                 !memcmp(header.magic, magic, sizeof magic) && header.order == 1 &&
                 memchr(header.model, 0, sizeof header.model) &&
                 take_environment(*file, header.environment);
    int status = right ? zf_model_take(header.model, false, &d->side[0].model)
                       : fail_on(d->saved, "not what 'zfacet diverge --save' writes");
    return status == ZF_EXIT_OK ? -1 : status;
}

/* "0x3fc0  brc 8,…  libc.so.6!init+0x12 (file:line)" */
static void print_place(const char *indent, const json_t *place) {
    printf("%s%-14s  %-36s", indent, zf_text_of(place, "address"), zf_text_of(place, "text"));
    if (*zf_text_of(place, "image")) {
        printf("  %s", zf_base_name(zf_text_of(place, "image")));
        if (*zf_text_of(place, "symbol")) {
            printf("!%s", zf_text_of(place, "symbol"));
        }
        printf("+%#llx", (unsigned long long)json_integer_value(json_object_get(place, "offset")));
    }
    if (*zf_text_of(place, "file")) {
        printf(" (%s:%" JSON_INTEGER_FORMAT ")", zf_base_name(zf_text_of(place, "file")),
               json_integer_value(json_object_get(place, "line")));
    }
    putchar('\n');
}

static void print_steps(const json_t *steps, const char *model) {
    size_t i;
    json_t *step;
    printf("\n%s%s\n", model, json_array_size(steps) ? " continues" : ": the program ended");
    json_array_foreach(steps, i, step) {
        print_place("    ", step);
    }
}

static void print_query(const json_t *query) {
    size_t b;
    json_t *bit;
    const char *file = zf_text_of(query, "read");
    bool facilities = !strncmp(zf_text_of(query, "text"), "stfle", 5);
    print_place("    ", query);
    printf("        at instruction %" JSON_INTEGER_FORMAT ", %s%s",
           json_integer_value(json_object_get(query, "instruction")),
           *file ? "what it read of " : "bits", file);
    json_array_foreach(json_object_get(query, "bits"), b, bit) {
        unsigned number = (unsigned)json_integer_value(bit);
        const char *name = facilities ? zf_facility_name(number) : NULL;
        printf("%s %u", b ? "," : "", number);
        if (name) {
            printf(" (%s)", name);
        }
    }
    putchar('\n');
}

static void print_queries(const struct diverge *d, const json_t *result) {
    const struct zf_model *first = &d->side[0].model.model, *second = &d->side[1].model.model;
    uint64_t hwcap[SIDES] = {zf_guest_hwcap(first), zf_guest_hwcap(second)};
    const char *platform[SIDES] = {zf_guest_platform(first), zf_guest_platform(second)};
    const json_t *queries = json_object_get(result, "queries");
    bool named = strcmp(platform[0], platform[1]) != 0;
    puts("\nWhat answered differently before, the last one first");
    for (size_t i = json_array_size(queries); i-- > 0;) {
        print_query(json_array_get(queries, i));
    }
    if (hwcap[0] != hwcap[1]) {
        printf("    AT_HWCAP        %#" PRIx64 ", %#" PRIx64 ":", hwcap[0], hwcap[1]);
        const char *name;
        for (unsigned n = 0; (name = zf_guest_hwcap_name(n)); n++) {
            if ((hwcap[0] ^ hwcap[1]) >> n & 1) {
                printf(" %s", name);
            }
        }
        putchar('\n');
    }
    if (named) {
        printf("    AT_PLATFORM     %s, %s\n", platform[0], platform[1]);
    }
    if (hwcap[0] == hwcap[1] && !named && !json_array_size(queries)) {
        puts("    nothing");
    }
}

/* "the same 1000 instructions", as far as that is all. */
static void print_same(const struct diverge *d, const json_t *result) {
    json_int_t processes = json_integer_value(json_object_get(result, "processes"));
    json_int_t count = json_integer_value(json_object_get(result, "instructions"));
    printf("%s and %s execute the same %" JSON_INTEGER_FORMAT " instruction%s\n",
           d->side[0].model.label, d->side[1].model.label, count, zf_plural((uint64_t)count));
    if (processes) {
        printf("Not compared: %" JSON_INTEGER_FORMAT " process%s that the program started\n",
               processes, processes == 1 ? "" : "es");
    }
}

static void print(const struct diverge *d, const json_t *result) {
    const char *first = d->side[0].model.label, *second = d->side[1].model.label;
    json_int_t count = json_integer_value(json_object_get(result, "instructions"));
    size_t i;
    json_t *r;
    if (!json_is_true(json_object_get(result, "diverged"))) {
        print_same(d, result);
        return;
    }
    printf("%s and %s diverge after %" JSON_INTEGER_FORMAT " instruction%s, the last one\n", first,
           second, count, zf_plural((uint64_t)count));
    print_place("    ", json_object_get(result, "last"));
    if (*zf_text_of(result, "differs")) {
        printf("\nThere, %s differs\n", zf_text_of(result, "differs"));
    } else {
        print_steps(json_object_get(result, "first"), first);
        print_steps(json_object_get(result, "second"), second);
    }
    puts("\nRegisters that differ there");
    json_array_foreach(json_object_get(result, "registers"), i, r) {
        printf("    r%-2" JSON_INTEGER_FORMAT " %s %s  since",
               json_integer_value(json_object_get(r, "register")), zf_text_of(r, "first"),
               zf_text_of(r, "second"));
        print_place(" ", json_object_get(r, "since"));
    }
    if (!json_array_size(json_object_get(result, "registers"))) {
        puts("    none");
    }
    print_queries(d, result);
}

static void complete(const struct diverge *d, json_t *result) {
    json_t *hwcap = json_object(), *platform = json_object();
    static const char *const names[SIDES] = {"first", "second"};
    for (unsigned s = 0; s < SIDES; s++) {
        json_object_set_new(hwcap, names[s],
                            json_integer((json_int_t)zf_guest_hwcap(&d->side[s].model.model)));
        json_object_set_new(platform, names[s],
                            json_string(zf_guest_platform(&d->side[s].model.model)));
    }
    json_object_set_new(result, "hwcap", hwcap);
    json_object_set_new(result, "platform", platform);
    json_object_set_new(result, "first_model", json_string(d->side[0].model.label));
    json_object_set_new(result, "second_model", json_string(d->side[1].model.label));
    json_object_del(result, "signal");
    json_object_del(result, "cut");
}

static int tell(const struct diverge *d, json_t *result) {
    bool diverged = json_is_true(json_object_get(result, "diverged"));
    int signal = (int)json_integer_value(json_object_get(result, "signal"));
    bool cut = json_is_true(json_object_get(result, "cut"));
    if (!result || signal || cut) {
        fprintf(stderr, "zfacet: diverge: %s\n",
                signal ? "the first run got a signal from outside, such as SIGCHLD"
                : cut  ? "the saved run has no end"
                       : "the runs could not be compared");
        json_decref(result);
        return ZF_EXIT_FAILURE;
    }
    if (d->json) {
        complete(d, result);
        zf_print_json(stdout, result);
    } else {
        print(d, result);
        json_decref(result);
    }
    return diverged ? ZF_EXIT_BLOCKED : ZF_EXIT_OK;
}

static int compare_saved(struct diverge *d) {
    int file, status = open_saved(d, &file);
    if (status < 0) {
        run_alone(d, 1, file);
        status = tell(d, take_result(d));
        close(d->result);
    }
    close(file);
    return status;
}

int zf_cmd_diverge(int argc, char **argv) {
    struct diverge *d = calloc(1, sizeof *d);
    (void)argc;
    if (!d) {
        return ZF_EXIT_FAILURE;
    }
    int status = parse(d, argv);
    if (status < 0) {
        status = d->save ? save(d) : d->saved ? compare_saved(d) : tell(d, run_both(d));
    }
    free(d);
    return status;
}
