/*
 * zfacet inspect: options to a session of the inspector, which is shown in a window, or printed, or
 * painted into a file. Guests for its view `run` are loaded as zfacet run loads them.
 */
#include "check/document.h"
#include "cli/command.h"
#include "text/args.h"
#include "text/common.h"

#include "inspect/memory.h"
#include "inspect/session.h"
#include "run/run.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "usage: zfacet inspect [OPTION]...\n"
    "\n"
    "Opens a window with CPU models, facilities, instructions, what blocks them and why, and a\n"
    "guest that runs step by step. Prints the same views as text, CSV, JSON or PNG. F1 shows the\n"
    "keys.\n"
    "\n"
    "  --models LIST      models separated by commas, each with optional ,FEATURE=on|off, and\n"
    "                     ranges: z13..z16\n"
    "  --hosts FILE       also the hosts of a file as 'zfacet cluster' reads it, for the view\n"
    "                     migration\n"
    "  --view VIEW        models, matrix, model, insns, compare, run, findings,\n"
    "                     coverage, migration\n"
    "  --guest GUEST      for the view run: a file or rom:NAME, on the first model of the list;\n"
    "                     a Linux program's arguments after --\n"
    "  --cpus N           with --guest: CPUs of a bare-metal guest\n"
    "  --after N          with --guest: execute N instructions before printing the view\n"
    "  --back-to N        with --after: then go back to where N had been executed\n"
    "  --findings FILE    for the view findings: what 'zfacet check --json' wrote\n"
    "  --coverage FILE    for the view coverage: what '--mix' of run, check or suite wrote\n"
    "  --filter TEXT      show only rows that contain all of these words\n"
    "  --policy POLICY    model (default), ibc or audit; see 'zfacet help run'\n"
    "  --host MODEL       with policy ibc: the host machine\n"
    "  --ibc VALUE        with policy ibc: a number, a model or none (default: the model's own)\n"
    "\n"
    "  --text             print the view\n"
    "  --json, --csv      print the tables of the view\n"
    "  --screenshot FILE  write the view as a PNG file, FILE.png; needs no display\n"
    "\n"
    "  --size WxH         size of the window or picture in pixels, of --text in characters\n"
    "                     (default: of the window as last time, at first that of the screen)\n"
    "  --scale N          larger (2) or smaller (0.8)\n"
    "  --theme THEME      dark (default) or light\n"
    "  --font NAME        family or file of the proportional font; --mono NAME: the fixed-width "
    "one\n"
    "\n"
    "examples:\n"
    "  zfacet inspect --models z13,z14,z16\n"
    "  zfacet inspect --text --view matrix --models z13,z14,z15 --filter vector\n"
    "  zfacet inspect --text --view matrix --models z13 --policy ibc --host z16\n"
    "  zfacet inspect --view run --guest rom:z14-on-z13 --models z13\n"
    "  zfacet inspect --screenshot matrix.png --view matrix --models z13.. --size 1600x1000\n";

enum output { OUTPUT_WINDOW, OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_PICTURE };

struct options {
    enum output output;
    const char *models, *view, *filter, *policy, *host, *ibc, *picture, *size, *scale, *theme,
        *guest, *after, *back, *cpus, *findings, *counts, *hosts;
    const char *font, *mono;
    char **arguments; /* of the guest */
    int width, height;
    double factor;
};

/* Options with a value, and where that goes. */
static const struct {
    const char *name;
    size_t member;
} valued[] = {
#define VALUE(name, member)                                                                        \
    { name, offsetof(struct options, member) }
    VALUE("models", models),      VALUE("view", view),         VALUE("filter", filter),
    VALUE("policy", policy),      VALUE("host", host),         VALUE("ibc", ibc),
    VALUE("screenshot", picture), VALUE("guest", guest),       VALUE("after", after),
    VALUE("size", size),          VALUE("scale", scale),       VALUE("theme", theme),
    VALUE("font", font),          VALUE("mono", mono),         VALUE("cpus", cpus),
    VALUE("back-to", back),       VALUE("findings", findings), VALUE("coverage", counts),
    VALUE("hosts", hosts),
#undef VALUE
};

enum { VALUED = sizeof valued / sizeof valued[0] };

static int parse_options(struct options *o, int argc, char **argv) {
    struct option table[VALUED + 5] = {0};
    int c, at;
    for (at = 0; at < VALUED; at++) {
        table[at] = (struct option){valued[at].name, required_argument, NULL, at + 256};
    }
    table[at++] = (struct option){"text", no_argument, NULL, OUTPUT_TEXT};
    table[at++] = (struct option){"json", no_argument, NULL, OUTPUT_JSON};
    table[at++] = (struct option){"csv", no_argument, NULL, OUTPUT_CSV};
    table[at++] = (struct option){"help", no_argument, NULL, 'h'};
    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        if (c == '?' || c == ':') {
            return zf_args_getopt_error("inspect", table, c, argv[optind - 1]);
        }
        if (c == 'h') {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if (c >= 256) {
            *(const char **)((char *)o + valued[c - 256].member) = optarg;
        } else if (o->output != OUTPUT_WINDOW && o->output != (enum output)c) {
            return zf_usage_error("inspect: give one of --text, --json and --csv");
        } else {
            o->output = (enum output)c;
        }
    }
    if (optind < argc && !o->guest) {
        return zf_usage_error("inspect: unexpected argument '%s'", argv[optind]);
    }
    o->arguments = argv + optind;
    return -1;
}

/* For zf_nearest(). */
static const char *view_name(const void *context, unsigned i) {
    (void)context;
    return i < ZF_VIEW_COUNT ? zf_view_name((enum zf_view)i) : NULL;
}

static int take_view(struct zf_inspector *in, const struct options *o) {
    for (int i = 0; o->view && i < ZF_VIEW_COUNT; i++) {
        if (!strcmp(o->view, zf_view_name(i))) {
            in->view = i;
            break;
        }
        if (i + 1 == ZF_VIEW_COUNT) {
            const char *nearest = zf_nearest(o->view, view_name, NULL);
            return zf_usage_error("inspect: unknown view '%s'; %s%s%s", o->view,
                                  nearest ? "did you mean '" : "'zfacet help inspect' lists them",
                                  nearest ? nearest : "", nearest ? "'?" : "");
        }
    }
    if (o->filter) {
        snprintf(in->filter[in->view], sizeof in->filter[0], "%s", o->filter);
    }
    return -1;
}

static int take_files(struct zf_inspector *in, const struct options *o) {
    struct zf_error err;
    if (o->findings && !zf_inspector_open_findings(in, o->findings, &err)) {
        return zf_report_error(&err);
    }
    if (o->counts && !zf_inspector_open_counts(in, o->counts, &err)) {
        return zf_report_error(&err);
    }
    if (!o->view) {
        in->view = o->findings ? ZF_VIEW_findings
                   : o->counts ? ZF_VIEW_coverage
                   : o->hosts  ? ZF_VIEW_migration
                               : in->view;
    }
    return -1;
}

/* A name without an ending may be a device or a pipe. */
static bool is_picture_name(const char *path) {
    const char *dot = strrchr(zf_base_name(path), '.');
    return !dot || !strcasecmp(dot, ".png");
}

static int take_look(struct zf_inspector *in, struct options *o) {
    char rest;
    o->factor = 1;
    if (o->size && (sscanf(o->size, "%dx%d%c", &o->width, &o->height, &rest) != 2 || o->width < 1 ||
                    o->height < 1 || o->width > 16384 || o->height > 16384)) {
        return zf_usage_error("inspect: invalid --size '%s'; give WIDTHxHEIGHT, each 1 to 16384",
                              o->size);
    }
    if (o->scale &&
        (sscanf(o->scale, "%lf%c", &o->factor, &rest) != 1 || o->factor < 0.25 || o->factor > 8)) {
        return zf_usage_error("inspect: invalid --scale '%s'; give a number from 0.25 to 8",
                              o->scale);
    }
    if (o->picture && !is_picture_name(o->picture)) {
        return zf_usage_error("inspect: --screenshot writes a PNG file; '%s' does not end in .png",
                              o->picture);
    }
    if (o->theme && strcmp(o->theme, "dark") && strcmp(o->theme, "light")) {
        return zf_usage_error("inspect: unknown --theme '%s'; give dark or light", o->theme);
    }
    in->theme = o->theme && o->theme[0] == 'l' ? ZF_THEME_LIGHT : ZF_THEME_DARK;
    return -1;
}

static int take_models(struct zf_inspector *in, const struct options *o) {
    struct zf_error err;
    if ((o->policy && zf_policy_parse(o->policy, &in->policy, &err) != ZF_OK) ||
        (o->ibc && zf_ibc_parse(o->ibc, &in->ibc, &err) != ZF_OK) ||
        (o->host && zf_model_parse(o->host, false, &in->host, NULL, &err) != ZF_OK)) {
        return zf_report_error(&err);
    }
    in->has_host = o->host != NULL;
    snprintf(in->host_text, sizeof in->host_text, "%s", o->host ? o->host : "");
    if ((o->models && zf_inspector_add(in, o->models, &err) != ZF_OK) ||
        (o->hosts && zf_inspector_add_hosts(in, o->hosts, &err) != ZF_OK)) {
        return zf_report_error(&err);
    }
    if (in->count == 0) {
        zf_inspector_add_usual(in);
        in->active = in->count - 1;
    }
    return -1;
}

/* A run of which only the machine is used; the guest's console is the view's. */
struct loaded {
    struct zf_run run;
    struct zf_run_options options;
    char model[ZF_INSPECT_TEXT], host[ZF_INSPECT_TEXT], ibc[16];
    char guest[sizeof((struct zf_inspector *)0)->guest];
    char words[sizeof((struct zf_inspector *)0)->arguments];
    char *arguments[sizeof((struct zf_inspector *)0)->arguments / 2 + 2];
};

static void close_loaded(void *context) {
    zf_run_close(&((struct loaded *)context)->run);
    free(context);
}

static void choose_options(const struct zf_inspector *in, struct loaded *loaded) {
    struct zf_run_options *o = &loaded->options;
    zf_run_options_init(o);
    snprintf(loaded->model, sizeof loaded->model, "%s", zf_inspector_active(in)->text);
    snprintf(loaded->guest, sizeof loaded->guest, "%s", in->guest);
    snprintf(loaded->words, sizeof loaded->words, "%s", in->arguments);
    loaded->arguments[0] = loaded->guest;
    zf_split_words(loaded->words, loaded->arguments + 1,
                   sizeof loaded->arguments / sizeof loaded->arguments[0] - 2);
    o->model = loaded->model;
    o->guest = loaded->guest;
    o->arguments = loaded->arguments;
    o->policy = in->policy;
    o->cpus = in->cpus;
    o->quiet = true;
    o->watched = true;
    o->repeatable = !in->real_time;
    if (in->has_host) {
        snprintf(loaded->host, sizeof loaded->host, "%s", in->host_text);
        o->host = loaded->host;
    }
    if (in->ibc >= 0) {
        snprintf(loaded->ibc, sizeof loaded->ibc, "%d", in->ibc);
        o->ibc = loaded->ibc;
    }
}

static bool symbol(void *context, uint64_t address, struct zf_symbol *symbol) {
    return zf_run_symbol(&((struct loaded *)context)->run, address, symbol);
}

static bool load_guest(const struct zf_inspector *in, struct zf_watch_guest *guest, char *message,
                       size_t size) {
    struct loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded) {
        snprintf(message, size, "out of memory");
        return false;
    }
    choose_options(in, loaded);
    if (zf_run_open(&loaded->run, &loaded->options) != ZF_RUN_OK) {
        const char *kind = zf_run_host_kind(in->guest, NULL);
        snprintf(message, size,
                 kind ? "%s; it is a %s of this host, and a guest is an s390x file" : "%s",
                 loaded->run.err.message, kind);
        close_loaded(loaded);
        return false;
    }
    *guest = (struct zf_watch_guest){.control = loaded->run.control,
                                     .machine = loaded->run.machine,
                                     .report = loaded->run.report,
                                     .no_way_back = loaded->run.no_way_back,
                                     .symbol = symbol,
                                     .context = loaded,
                                     .close = close_loaded};
    return true;
}

static int fail(const char *message) {
    struct zf_error err;
    zf_fail(&err, ZF_ERROR_UNSUPPORTED, "inspect: %s", message);
    return zf_report_error(&err);
}

/* So that zf_split_words() takes them apart again. */
static bool join_words(char **words, char *text, size_t size) {
    size_t used = 0;
    for (; *words; words++) {
        for (const char *p = *words; *p && used + 4 < size; p++) {
            if (strchr(" \t\"'\\", *p)) {
                text[used++] = '\\';
            }
            text[used++] = *p;
        }
        if (used + 4 >= size) {
            return false;
        }
        if (!**words) {
            text[used++] = '"';
            text[used++] = '"';
        }
        text[used++] = ' ';
    }
    text[used ? used - 1 : 0] = 0;
    return true;
}

static int go_back(struct zf_inspector *in, const struct options *o) {
    char *end;
    long to = strtol(o->back, &end, 0);
    if (*end || to < 0) {
        return zf_usage_error("inspect: invalid --back-to '%s'; give a number of instructions",
                              o->back);
    }
    if (!zf_watch_shot(in->watch)->goes_back) {
        return fail(zf_watch_shot(in->watch)->no_way_back);
    }
    zf_control_go(zf_watch_control(in->watch), to);
    zf_control_wait(zf_watch_control(in->watch), 0, NULL);
    return -1;
}

static int take_guest(struct zf_inspector *in, const struct options *o) {
    char *end = NULL;
    long after = o->after ? strtol(o->after, &end, 0) : 0;
    if (o->after && (*end || after < 0 || after > 10000000)) {
        return zf_usage_error("inspect: invalid --after '%s'; give a number of instructions",
                              o->after);
    }
    in->load = load_guest;
    in->cpus = o->cpus ? (unsigned)strtoul(o->cpus, &end, 10) : 0;
    if (o->cpus && (*end || in->cpus < 1 || in->cpus > ZF_CPUS)) {
        return zf_usage_error("inspect: invalid --cpus '%s'; give 1 to %d", o->cpus, ZF_CPUS);
    }
    if (!o->guest) {
        const char *needs = o->after ? "--after" : o->back ? "--back-to" : NULL;
        return needs ? zf_usage_error("inspect: %s needs --guest", needs) : -1;
    }
    in->active = 0;
    snprintf(in->guest, sizeof in->guest, "%s", o->guest);
    if (!join_words(o->arguments, in->arguments, sizeof in->arguments)) {
        return zf_usage_error("inspect: the guest's arguments are too long");
    }
    zf_inspector_load(in);
    if (!in->watch) {
        return fail(in->message);
    }
    zf_watch_advance(in->watch, (uint64_t)after);
    return o->back ? go_back(in, o) : -1;
}

static int paint_picture(struct zf_session *session, const struct options *o,
                         const struct zf_window_module *module,
                         const struct zf_window_options *window) {
    char message[400];
    struct zf_metrics metrics;
    struct zf_canvas *canvas =
        module->open(window, o->factor, window->width, window->height, message, sizeof message);
    if (!canvas) {
        return fail(message);
    }
    module->metrics(canvas, &metrics);
    zf_session_pass(session, &metrics, window->width, window->height, NULL);
    module->paint(canvas, zf_session_pass(session, &metrics, window->width, window->height, NULL),
                  session->in.theme);
    bool done = module->save(canvas, o->picture, message, sizeof message);
    module->close(canvas);
    return done ? ZF_EXIT_OK : fail(message);
}

static int show(struct zf_session *session, const struct options *o) {
    char message[400];
    struct zf_window_options window = {.title = "zfacet inspect",
                                       .font = o->font,
                                       .mono = o->mono,
                                       .scale = o->factor,
                                       .width = o->width,
                                       .height = o->height,
                                       .last_width = session->in.last_width,
                                       .last_height = session->in.last_height};
    const struct zf_window_module *module = zf_window_load(message, sizeof message);
    if (!module) {
        return fail(message);
    }
    if (o->picture) {
        window.width = o->width ? o->width : 1280;
        window.height = o->height ? o->height : 800;
        return paint_picture(session, o, module, &window);
    }
    struct zf_window_app app = zf_session_app(session);
    return module->run(&window, &app, message, sizeof message) ? ZF_EXIT_OK : fail(message);
}

static int print(struct zf_session *session, const struct options *o) {
    if (o->output == OUTPUT_CSV) {
        zf_session_csv(session, stdout);
        return ZF_EXIT_OK;
    }
    if (o->output == OUTPUT_JSON) {
        return zf_print_json(stdout, zf_session_json(session));
    }
    char *text = zf_session_text(session, o->width, o->height);
    fputs(text ? text : "", stdout);
    free(text);
    return ZF_EXIT_OK;
}

int zf_cmd_inspect(int argc, char **argv) {
    struct options o = {0};
    struct zf_session session;
    int status = parse_options(&o, argc, argv);
    if (status >= 0) {
        return status;
    }
    if (!zf_session_open(&session)) {
        status = fail("out of memory");
    }
    if (status < 0) {
        status = take_look(&session.in, &o);
    }
    if (status < 0) {
        status = take_files(&session.in, &o);
    }
    if (status < 0) {
        status = take_view(&session.in, &o);
    }
    if (status < 0) {
        status = take_models(&session.in, &o);
    }
    session.remembers = o.output == OUTPUT_WINDOW && !o.picture;
    if (status < 0 && session.remembers) {
        zf_memory_read(&session.in);
    }
    if (status < 0) {
        status = take_guest(&session.in, &o);
    }
    if (status < 0) {
        status = o.output == OUTPUT_WINDOW || o.picture ? show(&session, &o) : ZF_EXIT_OK;
    }
    if (status == ZF_EXIT_OK && o.output != OUTPUT_WINDOW) {
        status = print(&session, &o);
    }
    zf_session_close(&session);
    return status;
}
