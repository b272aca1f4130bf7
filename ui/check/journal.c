/*
 * A journal of results: a line is written at once when a job has ended, so that a run that is
 * killed loses only what was running.
 */
#define _GNU_SOURCE /* asprintf */
#include "check/document.h"

#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct zf_journal {
    int fd;
    json_t *known; /* lines by case and model */
};

/* A case and a model as one text, which the caller frees; NULL: no storage. */
static char *key_of(const char *test, const char *model) {
    char *key;
    return asprintf(&key, "%s\n%s", test, model) < 0 ? NULL : key;
}

static void keep(struct zf_journal *journal, json_t *line) {
    char *key =
        key_of(zf_text_of(line, "case"), zf_text_of(json_object_get(line, "result"), "model"));
    json_object_set_new(journal->known, key, line); /* without a key, it is not known */
    free(key);
}

/* The whole lines of a file, and their length in `good`; false: it is no journal. */
static bool read_lines(struct zf_journal *journal, const char *path, off_t *good) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t length = 0;
    *good = 0;
    while (file && (length = getline(&line, &size, file)) > 0 && line[length - 1] == '\n') {
        json_t *value = json_loads(line, 0, NULL), *result = json_object_get(value, "result");
        if (!json_is_string(json_object_get(value, "case")) || !json_is_object(result)) {
            json_decref(value);
            break;
        }
        keep(journal, value);
        *good += length;
    }
    bool other = file && !*good && length > 0; /* its first line is none of a journal */
    free(line);
    if (file) {
        fclose(file);
    }
    return !other;
}

static enum zf_status read_own(struct zf_journal *journal, const char *path, struct zf_error *err) {
    off_t good;
    if (!read_lines(journal, path, &good)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: not a journal of zfacet", path);
    }
    return ftruncate(journal->fd, good) == 0
               ? ZF_OK
               : zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno));
}

struct zf_journal *zf_journal_read(const char *path, unsigned shards, struct zf_error *err) {
    struct zf_journal *journal = calloc(1, sizeof *journal);
    enum zf_status status = ZF_OK;
    if (!journal || !(journal->known = json_object())) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
        free(journal);
        return NULL;
    }
    journal->fd = -1;
    for (unsigned i = 0; i < (shards ? shards : 1) && status == ZF_OK; i++) {
        char name[4096];
        off_t good;
        snprintf(name, sizeof name, shards ? "%s/%u.journal" : "%s", path, i + 1);
        if (!shards && access(name, R_OK) != 0) {
            status = zf_fail(err, ZF_ERROR_IO, "%s: %s", name, strerror(errno));
        } else if (!read_lines(journal, name, &good)) {
            status = zf_fail(err, ZF_ERROR_FORMAT, "%s: not a journal of zfacet", name);
        }
    }
    if (status != ZF_OK) {
        zf_journal_close(journal);
        return NULL;
    }
    return journal;
}

struct zf_journal *zf_journal_open(const char *path, struct zf_error *err) {
    struct zf_journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    journal->known = json_object();
    journal->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (journal->fd < 0 || flock(journal->fd, LOCK_EX | LOCK_NB) != 0) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", path,
                errno == EWOULDBLOCK ? "in use by another run" : strerror(errno));
    } else if (read_own(journal, path, err) == ZF_OK) {
        return journal;
    }
    zf_journal_close(journal);
    return NULL;
}

static void identity_text(const struct zf_job *job, char *text, size_t size) {
    snprintf(text, size, "%016" PRIx64, job->identity);
}

static const json_t *line_of(const struct zf_journal *journal, const struct zf_job *job) {
    char *key = journal ? key_of(job->test->name, job->model) : NULL;
    const json_t *line = key ? json_object_get(journal->known, key) : NULL;
    free(key);
    return line;
}

bool zf_journal_is_stale(const struct zf_journal *journal, const struct zf_job *job) {
    const json_t *line = line_of(journal, job);
    char identity[24];
    identity_text(job, identity, sizeof identity);
    return line && strcmp(zf_text_of(line, "identity"), identity) != 0;
}

json_t *zf_journal_find(const struct zf_journal *journal, const struct zf_job *job) {
    bool stale = zf_journal_is_stale(journal, job);
    return stale ? NULL : json_incref(json_object_get(line_of(journal, job), "result"));
}

double zf_journal_seconds(const struct zf_journal *journal, const struct zf_job *job) {
    const json_t *result = json_object_get(line_of(journal, job), "result");
    return result ? json_number_value(json_object_get(result, "seconds")) : -1;
}

void zf_journal_add(struct zf_journal *journal, const struct zf_job *job) {
    bool written = journal && journal->fd >= 0;
    char identity[24];
    identity_text(job, identity, sizeof identity);
    json_t *line = written ? json_pack("{s:o, s:s, s:O}", "case", zf_json_text(job->test->name),
                                       "identity", identity, "result", job->known)
                           : NULL;
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text && dprintf(journal->fd, "%s\n", text) < 0) {
        zf_warn("cannot write the journal: %s", strerror(errno));
    }
    free(text);
    json_decref(line);
}

void zf_journal_close(struct zf_journal *journal) {
    if (journal) {
        if (journal->fd >= 0) {
            close(journal->fd);
        }
        json_decref(journal->known);
        free(journal);
    }
}
