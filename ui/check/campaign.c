/*
 * Submits tasks, looks every second how far the journals are and which tasks there are, and starts
 * what is neither complete nor there again.
 */
#include "check/campaign.h"

#include "text/common.h"

#include "zfacet/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS = 4, PATH_SIZE = 4096, LIST_SIZE = 8192 };

/* Where one is. */
struct state {
    const struct zf_campaign *campaign;
    char folder[PATH_SIZE - 64]; /* absolute */
    unsigned done[ZF_CAMPAIGN_SHARDS], attempts[ZF_CAMPAIGN_SHARDS];
    long read_to[ZF_CAMPAIGN_SHARDS]; /* of the journals */
    bool active[ZF_CAMPAIGN_SHARDS];
    pid_t child; /* of parallel */
    unsigned told;
};

/* Options that are the campaign's own, or say where the whole result goes; with and without value.
 */
static const char *const own_values[] = {"--on",     "--shards",  "--folder", "--hosts",
                                         "--output", "--junit",   "--sarif",  "--html",
                                         "--mix",    "--journal", "--shard",  "--format"};
static const char *const own_flags[] = {"--json"};

static bool is_option(const char *word, const char *name, bool *equals) {
    size_t length = strlen(name);
    *equals = word[0] && !strncmp(word, name, length) && word[length] == '=';
    return *equals || !strcmp(word, name);
}

/* How many words an option of the campaign's takes; 0: it is none. */
static unsigned own_words(const char *word) {
    bool equals;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(own_values); i++) {
        if (is_option(word, own_values[i], &equals)) {
            return equals ? 1 : 2;
        }
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(own_flags); i++) {
        if (is_option(word, own_flags[i], &equals)) {
            return 1;
        }
    }
    return 0;
}

static void put_quoted(FILE *out, const char *word) {
    fputs(" '", out);
    for (; *word; word++) {
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, 0}, out);
    }
    fputc('\'', out);
}

static void put_command(FILE *out, const struct state *s, const char *zfacet) {
    const struct zf_campaign *c = s->campaign;
    fputs("exec", out);
    put_quoted(out, zfacet);
    put_quoted(out, c->words[0]);
    fprintf(out, " --shard \"$i/%u\" --journal", c->shards);
    put_quoted(out, s->folder);
    fputs("/\"$i.journal\"", out);
    if (c->mix) {
        fputs(" --mix", out);
        put_quoted(out, s->folder);
        fputs("/\"$i.mix\"", out);
    }
    for (int i = 1; c->words[i]; i++) {
        unsigned own = i < c->options ? own_words(c->words[i]) : 0;
        if (own) {
            i += (int)own - 1;
        } else {
            put_quoted(out, c->words[i]);
        }
    }
    fputs(" >", out);
    put_quoted(out, s->folder);
    fputs("/\"$i.log\" 2>&1\n", out);
}

/* The script that is each task. */
static enum zf_status write_task(const struct state *s, struct zf_error *err) {
    char path[PATH_SIZE], here[PATH_SIZE], zfacet[PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", zfacet, sizeof zfacet - 1);
    snprintf(path, sizeof path, "%s/task", s->folder);
    FILE *out = length > 0 && getcwd(here, sizeof here) ? fopen(path, "w") : NULL;
    if (!out) {
        return zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno));
    }
    zfacet[length] = 0;
    fputs("#!/bin/sh\n# One shard of a campaign of zfacet. usage: task I\n"
          "i=${1:-$SLURM_ARRAY_TASK_ID}\ncd",
          out);
    put_quoted(out, here);
    fputs(" || exit 1\n", out);
    put_command(out, s, zfacet);
    bool bad = ferror(out) | fchmod(fileno(out), 0755);
    return fclose(out) || bad ? zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno)) : ZF_OK;
}

/* Whole lines of a file from `*from` on, which moves after them. */
static unsigned count_lines(const char *path, long *from) {
    FILE *file = fopen(path, "r");
    unsigned lines = 0;
    char block[1 << 14];
    size_t got;
    long at = *from;
    if (!file) {
        return 0;
    }
    fseek(file, at, SEEK_SET);
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        for (size_t i = 0; i < got; i++) {
            if (block[i] == '\n') {
                lines++;
                *from = at + (long)i + 1;
            }
        }
        at += (long)got;
    }
    fclose(file);
    return lines;
}

static bool is_complete(const struct state *s, unsigned shard) {
    return s->done[shard] >= s->campaign->expected[shard];
}

/* Looks at all journals; whether all are complete. */
static bool look(struct state *s) {
    unsigned runs = 0, all = 0, complete = 0;
    for (unsigned i = 0; i < s->campaign->shards; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%u.journal", s->folder, i + 1);
        s->done[i] += is_complete(s, i) ? 0 : count_lines(path, &s->read_to[i]);
        runs += s->done[i];
        all += s->campaign->expected[i];
        complete += is_complete(s, i);
    }
    bool end = complete == s->campaign->shards, screen = isatty(2);
    if (screen || runs * 10 / (all + !all) > s->told) {
        s->told = runs * 10 / (all + !all);
        fprintf(stderr, "%s%u of %u runs, %u of %u shards%s", screen ? "\r" : "", runs, all,
                complete, s->campaign->shards, screen && !end ? "" : "\n");
    }
    return end;
}

/* What a program of the host prints, at most `size`; its exit status, or -1. */
static int ask(char *const words[], char *text, size_t size) {
    int ends[2], status = -1;
    size_t used = 0;
    ssize_t got = 1;
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], words);
        _exit(127);
    }
    close(ends[1]);
    while (child > 0 && (got = read(ends[0], text + used, size - 1 - used)) > 0) {
        used += (size_t)got;
    }
    text[used] = 0;
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

/* Numbers of the shards that are to be started, with commas; how many. */
static unsigned list_lost(struct state *s, char *list, size_t size) {
    unsigned count = 0;
    size_t used = 0;
    for (unsigned i = 0; i < s->campaign->shards && used + 16 < size; i++) {
        if (!is_complete(s, i) && !s->active[i] && s->attempts[i] < ATTEMPTS) {
            used += (size_t)snprintf(list + used, size - used, "%s%u", count ? "," : "", i + 1);
            s->attempts[i]++;
            count++;
        }
    }
    return count;
}

/* The arrays that were submitted, from a run before too: FOLDER/arrays, with commas. */
static void read_arrays(const struct state *s, char *list, size_t size) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/arrays", s->folder);
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(list, 1, size - 1, file) : 0;
    list[got] = 0;
    if (file) {
        fclose(file);
    }
}

static enum zf_status submit(struct state *s, const char *list, struct zf_error *err) {
    char array[LIST_SIZE + 16], task[PATH_SIZE], answer[256], path[PATH_SIZE];
    snprintf(array, sizeof array, "--array=%s", list);
    snprintf(task, sizeof task, "%s/task", s->folder);
    char *words[] = {"sbatch",          "--parsable",         "--requeue", array, "-J",
                     "zfacet-campaign", "--output=/dev/null", task,        NULL};
    if (ask(words, answer, sizeof answer) != 0 || !*answer) {
        return zf_fail(err, ZF_ERROR_IO, "sbatch failed: no array was submitted");
    }
    answer[strcspn(answer, ";\n")] = 0;
    snprintf(path, sizeof path, "%s/arrays", s->folder);
    FILE *file = fopen(path, "a");
    bool bad = !file || fseek(file, 0, SEEK_END) != 0 ||
               fprintf(file, "%s%s", ftell(file) > 0 ? "," : "", answer) < 0;
    bad |= file && fclose(file) != 0;
    return bad ? zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno)) : ZF_OK;
}

/* Tasks of our arrays that wait, run, or are being ended. */
static void find_tasks(struct state *s) {
    char arrays[LIST_SIZE];
    static const size_t size = 1 << 16;
    char *text = malloc(size);
    read_arrays(s, arrays, sizeof arrays);
    memset(s->active, 0, sizeof s->active);
    char *words[] = {"squeue", "-h", "-r", "-o", "%K", "-j", arrays, NULL};
    if (text && *arrays && ask(words, text, size) == 0) {
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
            unsigned long shard = strtoul(line, NULL, 10);
            if (shard >= 1 && shard <= s->campaign->shards) {
                s->active[shard - 1] = true;
            }
        }
    }
    free(text);
}

/* Starts parallel for these tasks; it ends when all have. */
static enum zf_status start_parallel(struct state *s, char *list, struct zf_error *err) {
    char task[PATH_SIZE];
    char *words[ZF_CAMPAIGN_SHARDS + 16];
    unsigned n = 0;
    snprintf(task, sizeof task, "%s/task", s->folder);
    words[n++] = "parallel";
    words[n++] = "--will-cite";
    if (s->campaign->hosts) {
        words[n++] = "--sshloginfile";
        words[n++] = (char *)(uintptr_t)s->campaign->hosts;
    }
    words[n++] = task;
    words[n++] = ":::";
    for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) {
        words[n++] = word;
        s->active[strtoul(word, NULL, 10) - 1] = true;
    }
    words[n] = NULL;
    s->child = fork();
    if (s->child == 0) {
        execvp(words[0], words);
        _exit(127);
    }
    return s->child > 0 ? ZF_OK : zf_fail(err, ZF_ERROR_IO, "fork: %s", strerror(errno));
}

static void look_for_parallel(struct state *s) {
    if (s->child > 0 && waitpid(s->child, NULL, WNOHANG) == s->child) {
        s->child = 0;
        memset(s->active, 0, sizeof s->active);
    }
}

static enum zf_status start_lost(struct state *s, bool slurm, struct zf_error *err) {
    char list[LIST_SIZE];
    if (slurm) {
        find_tasks(s);
    } else {
        look_for_parallel(s);
    }
    look(s); /* what has ended meanwhile is not lost */
    if (list_lost(s, list, sizeof list)) {
        return slurm ? submit(s, list, err) : start_parallel(s, list, err);
    }
    for (unsigned i = 0; i < s->campaign->shards; i++) {
        if (!s->active[i] && !is_complete(s, i)) {
            return zf_fail(err, ZF_ERROR_IO,
                           "shard %u ended %d times without all its results; see %s/%u.log", i + 1,
                           ATTEMPTS, s->folder, i + 1);
        }
    }
    return ZF_OK;
}

bool zf_campaign_has(const char *on) {
    return !strcmp(on, "slurm") || !strcmp(on, "parallel");
}

enum zf_status zf_campaign_run(const struct zf_campaign *campaign, struct zf_error *err) {
    struct state *s = calloc(1, sizeof *s);
    char folder[PATH_SIZE];
    enum zf_status status = ZF_OK;
    if (!s) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    s->campaign = campaign;
    if ((mkdir(campaign->folder, 0777) != 0 && errno != EEXIST) ||
        !realpath(campaign->folder, folder) || strlen(folder) >= sizeof s->folder) {
        status = zf_fail(err, ZF_ERROR_IO, "%s: %s", campaign->folder, strerror(errno));
    } else {
        strcpy(s->folder, folder);
        status = write_task(s, err);
    }
    while (status == ZF_OK && !look(s)) {
        status = start_lost(s, !strcmp(campaign->on, "slurm"), err);
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    free(s);
    return status;
}

enum zf_status zf_campaign_gather_mix(const struct zf_campaign *campaign, const char *path,
                                      struct zf_error *err) {
    FILE *out = fopen(path, "w");
    bool bad = !out;
    for (unsigned i = 0; i < campaign->shards && !bad; i++) {
        char from[PATH_SIZE], block[1 << 14];
        size_t got;
        snprintf(from, sizeof from, "%s/%u.mix", campaign->folder, i + 1);
        FILE *in = fopen(from, "r");
        while (in && (got = fread(block, 1, sizeof block, in)) > 0) {
            bad |= fwrite(block, 1, got, out) != got;
        }
        if (in) {
            fclose(in);
        } else if (campaign->expected[i]) { /* all its guests were killed, or somebody removed it */
            fprintf(stderr, "zfacet: no counts of shard %u: %s: %s\n", i + 1, from,
                    strerror(errno));
        }
    }
    bad |= out && fclose(out) != 0;
    return bad ? zf_fail(err, ZF_ERROR_IO, "%s: %s", path, strerror(errno)) : ZF_OK;
}
