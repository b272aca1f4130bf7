/*
 * What zfacet inspect shows: models, their gates, and where the user is. Views read it, and change
 * it only through the functions here.
 */
#ifndef ZFACET_INSPECT_INSPECTOR_H
#define ZFACET_INSPECT_INSPECTOR_H

#include "inspect/watch.h"

#include "gui/gui.h"

#include "zfacet/ibc.h"
#include "zfacet/manage.h"
#include "zfacet/model.h"

#include <jansson.h>

enum zf_view {
#define VIEW(id, ...) ZF_VIEW_##id,
#include "inspect/view.def"
#undef VIEW
    ZF_VIEW_COUNT
};

enum {
    ZF_INSPECT_MODELS = 48,
    ZF_INSPECT_TEXT = 2048,
    ZF_INSPECT_BITS = 256,
    ZF_INSPECT_RECENT = 8
};

/* A model that is looked at. */
struct zf_inspected {
    char text[ZF_INSPECT_TEXT];       /* by which it is named, changes included */
    char title[ZF_MODEL_NAME_LENGTH]; /* short, for columns */
    struct zf_model model;
    struct zf_model_warnings warnings;
    struct zf_gate gate;
};

/* What a facility has to do with instructions. */
struct zf_facility_use {
    unsigned instructions; /* and forms that need it */
    unsigned missing;      /* of these, those that zfacet does not execute */
};

/* Whether a guest of one model can move to a host of another. */
enum zf_move_verdict { ZF_MOVES, ZF_MOVES_WITHOUT_DEPRECATED, ZF_MOVES_NOT };
struct zf_move {
    bool known;
    uint8_t verdict; /* enum zf_move_verdict */
    unsigned lost;   /* instructions, forms and functions that a program could lose */
};

struct zf_recent {
    char guest[1024], arguments[512];
};

struct zf_inspector {
    struct zf_inspected *chosen; /* ZF_INSPECT_MODELS of them */
    unsigned count;              /* at least 1 */
    unsigned active;             /* the one that the views of one model show */
    enum zf_policy policy;
    struct zf_model host;
    bool has_host;
    unsigned host_index;             /* of the chosen model that it was taken from */
    char host_text[ZF_INSPECT_TEXT]; /* by which it is named */
    int ibc, lowest;                 /* as in struct zf_gate_config */
    struct zf_facility_use use[ZF_INSPECT_BITS];
    int view;
    char filter[ZF_VIEW_COUNT][64];
    enum zf_theme theme;
    int zoom;         /* percent */
    int bottom_lines; /* of the line at the bottom, since the last pass */
    bool help;
    bool quit;
    bool copy;      /* the view is wanted in the clipboard */
    bool saving;    /* a name is asked for */
    char save[256]; /* the view is wanted in this file */
    char save_name[256];
    char message[200]; /* said until the next event */
    unsigned other;    /* model that the active one is compared with */
    struct zf_manage *manage;
    char input[200];     /* being typed, for the guest's console */
    char guest[1024];    /* to be run: a file, or rom:NAME; empty: none */
    char arguments[512]; /* of a Linux program: words, maybe in quotes */
    unsigned cpus;       /* of a bare-metal guest; 0: one */
    bool real_time;      /* clocks are the host's: a guest cannot go back then */
    bool choosing;       /* another guest is wanted, although there is one */
    struct zf_recent recent[ZF_INSPECT_RECENT]; /* guests that were loaded, the newest first */
    unsigned recent_count;
    int last_width, last_height; /* of the window, the last time; 0: unknown */
    struct zf_watch *watch;
    uint64_t followed, followed_from; /* the PSW, and the code, to which the cursor was moved */
    int pane;                         /* the tab of the view run that is seen */
    /* Loads `guest` on the active model; false: told why. Set by who can. */
    bool (*load)(const struct zf_inspector *in, struct zf_watch_guest *guest, char *message,
                 size_t size);
    json_t *findings;         /* of the view findings: zf_document_groups(); or NULL */
    char findings_file[1024]; /* where they are from */
    int findings_by;          /* what they are grouped by */
    json_t *counts;           /* of the view coverage: zf_mix_read(); or NULL */
    char counts_file[1024];
    json_t *coverage[ZF_INSPECT_MODELS]; /* of the chosen models, where it was asked for */
    unsigned coverage_revision;          /* `revision` as it was then */
    struct zf_move moves[ZF_INSPECT_MODELS][ZF_INSPECT_MODELS]; /* from, to; as far as known */
    unsigned moves_revision;
    int soon;          /* passes that are due without an event */
    unsigned revision; /* grows when models, gates or policy change */
};

/** Nothing chosen yet; false when memory is short. */
bool zf_inspector_init(struct zf_inspector *in);
void zf_inspector_free(struct zf_inspector *in);

/**
 * Adds models: names with commas, each maybe with ,FEATURE=on|off, and ranges as in z13..z16 (the
 * large machines from one to the other). Errors as of zf_model_parse().
 */
enum zf_status zf_inspector_add(struct zf_inspector *in, const char *list, struct zf_error *err);

/** Adds a model as it is, with the title `name`. */
enum zf_status zf_inspector_add_model(struct zf_inspector *in, const char *name,
                                      const struct zf_model *model, struct zf_error *err);

/** Adds the hosts of a file (model/cluster_file.h) and their models. */
enum zf_status zf_inspector_add_hosts(struct zf_inspector *in, const char *path,
                                      struct zf_error *err);

/** A model as a base model and switches, as QEMU's -cpu takes it. */
void zf_inspector_text(const struct zf_inspector *in, const struct zf_manage_model *model,
                       char *text, size_t size);

/** Whether a guest of `from` runs on a host of `to`, as management software decides. */
bool zf_inspector_fits(const struct zf_inspector *in, const struct zf_model *from,
                       const struct zf_model *to);

/** The machines that are shown when none is named: the first of each generation. */
void zf_inspector_add_usual(struct zf_inspector *in);

/** Removes model `i`, unless it is the only one. */
void zf_inspector_remove(struct zf_inspector *in, unsigned i);

/** Index of the model that is this machine's default model, or -1. */
int zf_inspector_find(const struct zf_inspector *in, const struct zf_machine_type *machine);

/** Switches a facility of model `i` and all that follows. */
void zf_inspector_switch(struct zf_inspector *in, unsigned i, enum zf_feature feature, bool on);

/** To the next host: none, then each of the chosen models; the newest first. */
void zf_inspector_next_host(struct zf_inspector *in);

/** To the next IBC value: that of the model, none, then those of all machines that have one. */
void zf_inspector_next_ibc(struct zf_inspector *in);

/** After models, policy, host or IBC value have changed. */
void zf_inspector_update(struct zf_inspector *in);

static inline struct zf_inspected *zf_inspector_active(const struct zf_inspector *in) {
    return &in->chosen[in->active];
}

const char *zf_view_name(enum zf_view view);
const char *zf_view_title(enum zf_view view);
const char *zf_view_summary(enum zf_view view);
const char *zf_view_key(enum zf_view view);

/** Loads the guest anew, on the active model; `message` tells when that cannot be. */
void zf_inspector_load(struct zf_inspector *in);

/** Shows the findings of a file that zfacet check wrote. */
bool zf_inspector_open_findings(struct zf_inspector *in, const char *path, struct zf_error *err);

/** Shows the coverage of counts that a run wrote. */
bool zf_inspector_open_counts(struct zf_inspector *in, const char *path, struct zf_error *err);
void zf_inspector_forget_coverage(struct zf_inspector *in);

/** Begins to ask for another guest, or goes back to the one that is loaded. */
void zf_inspector_choose(struct zf_inspector *in, bool choosing);

/** A breakpoint there, or none any more; `message` tells when that cannot be. It stays when the
 * guest is loaded anew. */
void zf_inspector_breakpoint(struct zf_inspector *in, uint64_t address);

/**
 * Splits `arguments` into words, in place: at blanks, unless quoted by ' or " or escaped by \\.
 * Returns how many there are; at most `size`.
 */
unsigned zf_split_words(char *arguments, char **words, unsigned size);

/** One pass over the whole window, or on paper over the current view alone. */
void zf_inspector_frame(struct zf_inspector *in, struct zf_gui *gui);

#define VIEW(id, ...)                                                                              \
    void zf_view_##id(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box);
#include "inspect/view.def"
#undef VIEW

/** True when all blank-separated words of `filter` are in `text`, letter case aside. */
bool zf_filter_matches(const char *filter, const char *text);

/** The line above a view: its filter, and a note at the right. Returns what is left. */
struct zf_box zf_view_filter(struct zf_inspector *in, struct zf_gui *gui, struct zf_box box,
                             enum zf_view view, const char *hint, const char *note);

#endif
