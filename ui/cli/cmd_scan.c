/*
 * zfacet scan: which machine the code of files needs, without running it.
 */
#include "check/document.h"
#include "cli/command.h"
#include "model/input.h"
#include "model/machine_text.h"
#include "model/world_level.h"
#include "scan/result.h"
#include "text/args.h"
#include "text/common.h"

#include <errno.h>
#include <fts.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet scan [OPTION...] FILE|FOLDER|PACKAGE...\n"
    "\n"
    "Says which machine the code of ELF files for s390x needs: programs, shared objects,\n"
    "object files, static archives, and those in Debian and RPM packages, tar files, images\n"
    "of containers and folders. Code is found by following control flow from entry points,\n"
    "symbols, unwind tables and Go's table of functions, so that data between functions is\n"
    "not taken for code. Objects of an archive are linked with one another. Of an image of a\n"
    "container, in a tar file or a folder (OCI layout), what a later layer replaces or\n"
    "removes does not count. A file of which less than an eighth of the code is found may\n"
    "need more than what is said.\n"
    "\n"
    "  --against MODEL  list the functions that need what MODEL lacks; exit with 3 if any does\n"
    "                   without testing for it\n"
    "  --functions      list all functions that need more than z900\n"
    "  --json           print the result as JSON (docs/scan.schema.json)\n"
    "  --output FILE    write the JSON to FILE\n"
    "  --junit FILE     write the result to FILE as JUnit\n"
    "  --sarif FILE     write the functions found to FILE as SARIF 2.1.0\n"
    "  --jobs N         number of files at a time (default: the number of processors)\n"
    "\n"
    "A function is reached directly (by calls from an entry point or an exported function, also\n"
    "through a table of functions in data, or because such code hands its address on), by\n"
    "pointers in data alone, or guarded: only where a test in an ifunc resolver, or a branch\n"
    "that depends on STFLE, getauxval() or a variable that was set from them, leads to it (in\n"
    "code without names, also a variable that is tested for STFLE before STFLE is used); also\n"
    "what a module of Linux is loaded for. NEEDS is what all that is not guarded needs, BY how\n"
    "many functions, GUARDED what is used beside where it is there. In a file that tests for\n"
    "facilities, what few functions (1 in 32) need that are reached by pointers alone counts as\n"
    "guarded: they may stand in a table that is filled according to the test.\n"
    "\n"
    "A branch that tests one known bit, or that several are ones, guards what the first\n"
    "machine with that facility, or the newest of them, has. With --against, it guards\n"
    "everything if MODEL lacks that facility, and nothing if MODEL has it. Where it is not\n"
    "known which bit is tested, the branch guards everything, and the result says\n"
    "'guard unknown'.\n"
    "\n"
    "Exit status: 0, 1 a file could not be read, too little of its code was found, or nothing is\n"
    "code for s390x, 2 invalid command line, 3 something needs more than MODEL.\n"
    "\n"
    "examples:\n"
    "  zfacet scan --against z13 ./program /usr/s390x-linux-gnu/lib\n"
    "  zfacet scan --against z14 --functions libfoo.so.1\n"
    "  zfacet scan --against z13 --junit scan.xml package_1.0_s390x.deb\n";

struct options {
    const char *against, *output, *junit, *sarif, *jobs_text;
    bool functions, json, help;
    unsigned jobs;
};

/* A file of the command line or a folder, and what was found in it. */
struct item {
    char *path;
    json_t *results;
    struct work *work;
    bool named; /* on the command line, and not found in a folder */
    bool failed;
};

struct work {
    struct zf_scan_question question;
    struct item *items;
    unsigned count;
    atomic_uint next, done;
    atomic_ullong bytes;
    atomic_bool failed;
    pthread_mutex_t large;
    double started;
    bool progress;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void failed(void *context, const char *name, const char *why) {
    struct item *item = context;
    fprintf(stderr, "zfacet: %s: %s\n", name, why ? why : "damaged");
    item->failed = true;
    atomic_store(&item->work->failed, true);
}

/* Of a file with code. */
static void add_result(struct item *item, const char *name, const struct zf_scan_file *file) {
    json_t *result = zf_scan_result(name, file, &item->work->question);
    const char *partial = zf_scan_partial(file);
    if (partial) {
        char why[128];
        snprintf(why, sizeof why, "%s, so it may need more", partial);
        failed(item, name, why);
    }
    json_array_append_new(item->results, result);
}

static void found(void *context, const char *name, const void *bytes, size_t size) {
    struct item *item = context;
    struct zf_scan_file file;
    struct zf_error err;
    if (zf_scan_elf(bytes, size, &file, &err) != ZF_OK) {
        failed(context, name, err.message);
    } else if (file.code_bytes) {
        add_result(item, name, &file);
    }
    zf_scan_free(&file);
    atomic_fetch_add(&item->work->bytes, size);
}

static void library(void *context, struct zf_scan_object *objects, unsigned count) {
    struct item *item = context;
    struct zf_scan_file all, part;
    struct zf_error err;
    bool good = zf_scan_library(objects, count, &all, &err) == ZF_OK;
    for (unsigned i = 0; good && i < count; i++) {
        good = zf_scan_take_part(&all, &objects[i], &part);
        if (objects[i].damaged) {
            failed(context, objects[i].name, "damaged ELF file");
        } else if (part.code_bytes) {
            add_result(item, objects[i].name, &part);
        }
        zf_scan_free(&part);
        atomic_fetch_add(&item->work->bytes, objects[i].size);
    }
    if (!good) {
        failed(context, item->path, "out of memory");
    }
    zf_scan_free(&all);
}

static void tell_progress(struct work *work, const struct item *item) {
    double seconds = now() - work->started;
    fprintf(stderr, "\r\033[K%u of %u, %.0f MB/s, %s", atomic_load(&work->done), work->count,
            (double)atomic_load(&work->bytes) / 1e6 / (seconds > 0 ? seconds : 1), item->path);
}

static void *scan_items(void *context) {
    struct work *work = context;
    unsigned i;
    while ((i = atomic_fetch_add(&work->next, 1)) < work->count) {
        struct item *item = &work->items[i];
        const struct zf_scan_visitor visitor = {found, library, failed, item, &work->large};
        zf_scan_open(item->path, &visitor);
        if (item->named && !item->failed && !json_array_size(item->results)) {
            failed(item, item->path, "not a program, package or image with code for s390x");
        }
        atomic_fetch_add(&work->done, 1);
        if (work->progress) {
            tell_progress(work, item);
        }
    }
    return NULL;
}

static bool add_item(struct work *work, const char *path, bool named) {
    struct item *items = zf_scan_grow(work->items, &work->count, sizeof *items);
    if (!items) {
        return false;
    }
    work->items = items;
    items[work->count - 1] = (struct item){strdup(path), json_array(), work, named, false};
    return true;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* All regular files below a path, each once; a folder with an image of a container is one. */
static int add_items(struct work *work, const char *path) {
    char *paths[] = {(char *)(uintptr_t)path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    FTSENT *entry;
    int status = tree ? -1 : ZF_EXIT_FAILURE;
    while (tree && status < 0 && (entry = fts_read(tree))) {
        bool image = entry->fts_info == FTS_D && zf_scan_is_layout(entry->fts_path);
        bool named = entry->fts_info == FTS_F && entry->fts_level == 0;
        if ((image || entry->fts_info == FTS_F) && !add_item(work, entry->fts_path, named)) {
            status = ZF_EXIT_FAILURE;
        } else if (image) {
            fts_set(tree, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR ||
                   entry->fts_info == FTS_ERR) {
            fprintf(stderr, "zfacet: %s: %s\n", entry->fts_path, strerror(entry->fts_errno));
            atomic_store(&work->failed, true);
        }
    }
    if (tree) {
        fts_close(tree);
    }
    return status;
}

static void run_work(struct work *work, unsigned jobs) {
    enum { THREADS = 64 };
    pthread_t threads[THREADS];
    unsigned started = 0;
    work->started = now();
    work->progress = isatty(2);
    while (started + 1 < jobs && started < THREADS && started + 1 < work->count &&
           pthread_create(&threads[started], NULL, scan_items, work) == 0) {
        started++;
    }
    scan_items(work);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    if (work->progress) {
        fputs("\r\033[K", stderr);
    }
}

static unsigned rank_of(const char *machine) {
    unsigned generation = 0;
    while (generation < 32 && strcmp(zf_scan_machine_name(generation), machine) != 0) {
        generation++;
    }
    return generation;
}

/* The oldest model of a generation, which QEMU and libvirt call the same. */
static void put_model(json_t *names, unsigned generation) {
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        struct zf_model model;
        zf_model_name_at(i, name);
        if (zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK &&
            zf_scan_machine_of(&model) == generation) {
            json_object_set_new(names, "qemu", json_string(name));
            json_object_set_new(names, "libvirt", json_string(name));
            return;
        }
    }
}

/* What others call the machine: an option of the compiler, a level of a library. */
static json_t *names_of(unsigned generation) {
    enum { OLDEST = 7 };
    generation = generation < OLDEST ? OLDEST : generation;
    json_t *names = json_object();
    const struct zf_world_level *level;
    for (unsigned i = 0; (level = zf_world_level_at(i)); i++) {
        const struct {
            const char *key, *name;
        } all[] = {{"march", level->march},
                   {"arch", level->arch},
                   {"rust", level->rust},
                   {"go", level->go},
                   {"glibc_hwcaps", level->hwcaps}};
        for (unsigned n = 0; level->generation == generation && n < ZF_ARRAY_LENGTH(all); n++) {
            if (all[n].name) {
                json_object_set_new(names, all[n].key, json_string(all[n].name));
            }
        }
    }
    put_model(names, generation);
    return names;
}

static json_t *document_of(const struct work *work) {
    json_t *files = json_array(), *result;
    unsigned most = 0, failures = 0;
    size_t r;
    for (unsigned i = 0; i < work->count; i++) {
        json_array_foreach(work->items[i].results, r, result) {
            unsigned rank = rank_of(zf_text_of(result, "needs"));
            most = rank > most ? rank : most;
            failures += zf_scan_fails(result);
            json_array_append(files, result);
        }
    }
    json_t *document =
        json_pack("{s:s, s:i, s:s, s:s, s:o, s:o}", "format", "zfacet-scan", "version",
                  ZF_SCAN_VERSION, "zfacet", ZFACET_VERSION, "needs", zf_scan_machine_name(most),
                  "names", names_of(most), "files", files);
    if (work->question.has_against) {
        char name[ZF_MODEL_NAME_LENGTH], text[ZF_MODEL_TEXT_LENGTH];
        zf_model_name(&work->question.against, name);
        zf_model_text(&work->question.against, text);
        json_object_set_new(document, "against", json_string(name));
        json_object_set_new(document, "against_text", json_string(text));
        json_object_set_new(document, "failed", json_integer(failures));
    }
    return document;
}

static void print_json(FILE *out, const json_t *document) {
    zf_print_json(out, json_incref((json_t *)document));
}

static void print_sarif(FILE *out, const json_t *document) {
    zf_print_json(out, zf_scan_sarif(document));
}

static int write_all(const struct options *o, const json_t *document) {
    if (o->json) {
        print_json(stdout, document);
    } else {
        zf_scan_print(stdout, document);
    }
    return zf_document_write(o->output, document, print_json) ||
                   zf_document_write(o->junit, document, zf_scan_junit) ||
                   zf_document_write(o->sarif, document, print_sarif)
               ? ZF_EXIT_FAILURE
               : ZF_EXIT_OK;
}

static int take_options(struct options *o, struct work *work) {
    char *end = NULL;
    unsigned long jobs = o->jobs_text ? strtoul(o->jobs_text, &end, 10) : o->jobs;
    if (o->jobs_text && (*end || jobs < 1 || jobs > 256)) {
        return zf_usage_error("scan: invalid --jobs '%s'; give 1 to 256", o->jobs_text);
    }
    const char *const files[] = {o->output, o->junit, o->sarif};
    if (!zf_documents_writable(files, ZF_ARRAY_LENGTH(files))) {
        return ZF_EXIT_FAILURE;
    }
    o->jobs = (unsigned)jobs;
    work->question.functions = o->functions;
    if (o->against) {
        struct zf_model_input input;
        int status = zf_model_take(o->against, false, &input);
        if (status != ZF_EXIT_OK) {
            return status;
        }
        work->question.has_against = true;
        work->question.against = input.model;
    }
    return -1;
}

static int finish(const struct options *o, const struct work *work) {
    json_t *document = document_of(work);
    int status = write_all(o, document);
    if (status == ZF_EXIT_OK && json_integer_value(json_object_get(document, "failed"))) {
        status = ZF_EXIT_BLOCKED;
    } else if (status == ZF_EXIT_OK && !json_array_size(json_object_get(document, "files"))) {
        fputs("zfacet: scan: found no code for s390x, so there is no verdict\n", stderr);
        status = ZF_EXIT_FAILURE;
    } else if (status == ZF_EXIT_OK && atomic_load(&work->failed)) {
        status = ZF_EXIT_FAILURE;
    }
    json_decref(document);
    return status;
}

int zf_cmd_scan(int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct options o = {.jobs = processors > 0 ? (unsigned)processors : 1};
    const struct zf_option options[] = {
        {"--against", NULL, &o.against}, {"--functions", &o.functions, NULL},
        {"--json", &o.json, NULL},       {"--output", NULL, &o.output},
        {"--junit", NULL, &o.junit},     {"--sarif", NULL, &o.sarif},
        {"--jobs", NULL, &o.jobs_text},  {0}};
    struct zf_args args = {.usage = usage,
                           .options = options,
                           .least = 1,
                           .most = ZF_ARGS_WORDS,
                           .wanted = "files, folders or packages"};
    struct work work = {.large = PTHREAD_MUTEX_INITIALIZER};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    status = take_options(&o, &work);
    for (unsigned i = 0; i < args.count && status < 0; i++) {
        status = add_items(&work, args.words[i]);
    }
    if (status < 0) {
        run_work(&work, o.jobs);
        status = finish(&o, &work);
    }
    for (unsigned i = 0; i < work.count; i++) {
        free(work.items[i].path);
        json_decref(work.items[i].results);
    }
    free(work.items);
    return status;
}
