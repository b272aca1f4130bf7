/*
 * --mix: how often each instruction and function code was executed, a document (mix/mix.h) for each
 * process. Addresses become images and functions before a process executes another program, and
 * when it ends.
 */
#include "mix/mix.h"

#include "run/part.h"
#include "text/common.h"
#include "zfacet/aside.h"
#include "zfacet/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct zf_run_mix {
    int fd;
    json_t *counts; /* without what the tally has */
    uint64_t functions[ZF_QUERY_COUNT][ZF_QUERY_BITS];
};

enum zf_run_end zf_run_mix_open(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    if (!o->mix) {
        return ZF_RUN_OK;
    }
    run->mix = calloc(1, sizeof *run->mix);
    if (!run->mix || !(run->mix->counts = zf_mix_create())) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for --mix");
    }
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (o->collect > 0 ? 0 : O_TRUNC);
    int fd = open(o->mix, flags, 0666);
    run->mix->fd = fd < 0 ? fd : zf_aside_fd(fd);
    if (fd < 0 || run->mix->fd < 0) {
        return zf_run_fail(run, ZF_RUN_ERROR, "cannot write %s: %s", o->mix, strerror(errno));
    }
    close(fd);
    run->facilities.functions = run->mix->functions;
    return ZF_RUN_OK;
}

void zf_run_mix_close(struct zf_run *run) {
    if (run->mix) {
        json_decref(run->mix->counts);
        close(run->mix->fd);
        free(run->mix);
        run->mix = NULL;
    }
}

/* While counts become names. */
struct taking {
    struct zf_run *run;
    struct zf_symbol symbol;
};

/* A run is in one function: it has no branch but at its end. */
static void take_insn(void *context, const struct zf_tally_insn *insn, uint64_t count) {
    struct taking *t = context;
    struct zf_insn decoded;
    if (insn->begins && (!t->run->symbols ||
                         !zf_symbols_find_function(t->run->symbols, insn->address, &t->symbol))) {
        t->symbol = (struct zf_symbol){0};
    }
    zf_decode(insn->word, &decoded);
    if (decoded.row != ZF_ROW_INVALID) {
        zf_mix_add_insn(t->run->mix->counts, t->symbol.image, t->symbol.function, &decoded, count);
    }
}

void zf_run_mix_take(struct zf_run *run) {
    struct taking t = {.run = run};
    if (run->program) {
        zf_run_follow_program(run);
    }
    zf_tally_each(run->machine->tally, &run->machine->cpus, take_insn, &t);
    zf_tally_clear(run->machine->tally, &run->machine->cpus);
}

void zf_run_mix_forked(struct zf_run *run) {
    json_decref(run->mix->counts);
    run->mix->counts = zf_mix_create();
    memset(run->mix->functions, 0, sizeof run->mix->functions);
    zf_tally_clear(run->machine->tally, &run->machine->cpus);
}

static void take_functions(struct zf_run_mix *mix) {
    for (unsigned query = 0; query < ZF_QUERY_COUNT; query++) {
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            if (mix->functions[query][code]) {
                zf_mix_add_function(mix->counts, (enum zf_query)query, code,
                                    mix->functions[query][code]);
            }
        }
    }
}

static bool write_all(int fd, const char *text, size_t size) {
    ssize_t written = write(fd, text, size); /* at once: others append, too */
    while (written > 0 && (size_t)written < size) {
        text += written;
        size -= (size_t)written;
        written = write(fd, text, size);
    }
    return written >= 0;
}

bool zf_run_mix_write(struct zf_run *run) {
    if (!run->mix) {
        return true;
    }
    char model[ZF_MODEL_NAME_LENGTH];
    zf_run_mix_take(run);
    take_functions(run->mix);
    zf_model_name(&run->identity.model, model);
    zf_mix_add_name(run->mix->counts, "models", model, 1);
    zf_mix_add_name(run->mix->counts, "guests", run->identity.guest, 1);
    json_t *document = zf_mix_document(json_incref(run->mix->counts));
    char *text = json_dumps(document, JSON_COMPACT);
    size_t length = text ? strlen(text) : 0;
    json_decref(document);
    if (text) {
        text[length] = '\n'; /* in place of the final zero */
    }
    bool done = text && write_all(run->mix->fd, text, length + 1);
    if (!done) {
        zf_warn("cannot write %s: %s", run->options->mix, strerror(errno));
    }
    free(text);
    return done;
}
