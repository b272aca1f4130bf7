/*
 * A journal of results: a line is written at once when a job has ended, so that a run that is
 * killed loses only what was running.
 */
#include "check/document.h"

#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct zf_journal {
    int fd;
    json_t *lines;
};

static enum zf_status read_lines(struct zf_journal *journal, const char *path,
                                 struct zf_error *err) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    off_t good = 0;
    while (file && (length = getline(&line, &size, file)) > 0 && line[length - 1] == '\n') {
        json_t *value = json_loads(line, 0, NULL);
        if (!json_is_string(json_object_get(value, "case")) ||
            !json_is_object(json_object_get(value, "result"))) {
            json_decref(value);
            break;
        }
        json_array_append_new(journal->lines, value);
        good += length;
    }
    bool other = file && !good && length > 0; /* its first line is none of a journal */
    free(line);
    if (file) {
        fclose(file);
    }
    if (other) {
        return zf_fail(err, ZF_ERROR_FORMAT, "%s: not a journal of zfacet check", path);
    }
    return ftruncate(journal->fd, good) == 0
               ? ZF_OK
               : zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno));
}

struct zf_journal *zf_journal_open(const char *path, struct zf_error *err) {
    struct zf_journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    journal->lines = json_array();
    journal->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (journal->fd < 0 || flock(journal->fd, LOCK_EX | LOCK_NB) != 0) {
        zf_fail(err, ZF_ERROR_IO, "%s: %s", path,
                errno == EWOULDBLOCK ? "in use by another run" : strerror(errno));
    } else if (read_lines(journal, path, err) == ZF_OK) {
        return journal;
    }
    zf_journal_close(journal);
    return NULL;
}

json_t *zf_journal_find(const struct zf_journal *journal, const struct zf_job *job) {
    size_t i;
    json_t *line;
    json_array_foreach(journal ? journal->lines : NULL, i, line) {
        json_t *result = json_object_get(line, "result");
        if (!strcmp(zf_text_of(line, "case"), job->test->name) &&
            !strcmp(zf_text_of(result, "model"), job->model)) {
            return json_incref(result);
        }
    }
    return NULL;
}

void zf_journal_add(struct zf_journal *journal, const struct zf_job *job) {
    json_t *line = journal ? json_pack("{s:o, s:O}", "case", zf_json_text(job->test->name),
                                       "result", job->known)
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
        json_decref(journal->lines);
        free(journal);
    }
}
