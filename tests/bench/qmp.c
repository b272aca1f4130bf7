/*
 * How many questions about CPU models one connection gets answered in a second.
 * usage: bench_qmp ZFACET; one JSON line per figure.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUESTS = 50000 };

#define MODEL(name) "{\"name\": \"" name "\", \"props\": {\"te\": false, \"msa4\": true}}"

static const struct {
    const char *name, *request;
} benches[] = {
    {"comparisons",
     "{\"execute\": \"query-cpu-model-comparison\", \"arguments\": {\"modela\": " MODEL(
         "z13") ", \"modelb\": " MODEL("gen16a") "}}\n"},
    {"baselines", "{\"execute\": \"query-cpu-model-baseline\", \"arguments\": {\"modela\": " MODEL(
                      "z13") ", \"modelb\": " MODEL("gen16a") "}}\n"},
    {"full expansions", "{\"execute\": \"query-cpu-model-expansion\", \"arguments\": {\"type\": "
                        "\"full\", \"model\": " MODEL("gen17a") "}}\n"},
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Starts zfacet and, so that neither waits for the other, a process that asks. */
static FILE *start(const char *zfacet, const char *request) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) {
        return NULL;
    }
    if (!fork()) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        execl(zfacet, zfacet, "qmp", "--stdio", (char *)NULL);
        _exit(127);
    }
    if (!fork()) {
        FILE *out = fdopen(to[1], "w");
        fputs("{\"execute\": \"qmp_capabilities\"}\n", out);
        for (int i = 0; i < REQUESTS; i++) {
            fputs(request, out);
        }
        fclose(out);
        _exit(0);
    }
    close(to[0]);
    close(to[1]);
    close(from[1]);
    return fdopen(from[0], "r");
}

static int run(const char *zfacet, unsigned i) {
    FILE *in = start(zfacet, benches[i].request);
    char *line = NULL;
    size_t size = 0, bytes = 0;
    int answers = 0;
    double began = now();
    ssize_t length;
    while (in && (length = getline(&line, &size, in)) > 0) {
        bytes += (size_t)length;
        answers += !strncmp(line, "{\"return\"", 9);
    }
    double seconds = now() - began;
    printf("{\"bench\": \"qmp\", \"what\": \"%s\", \"count\": %d, \"per_second\": %.0f, "
           "\"bytes_each\": %zu}\n",
           benches[i].name, answers, answers / seconds, bytes / (size_t)(answers + 1));
    free(line);
    if (in) {
        fclose(in);
    }
    while (wait(NULL) > 0) {
    }
    return answers == REQUESTS + 1 ? 0 : 1;
}

int main(int argc, char **argv) {
    int status = argc == 2 ? 0 : 2;
    for (unsigned i = 0; argc == 2 && i < sizeof benches / sizeof benches[0]; i++) {
        status |= run(argv[1], i);
    }
    return status;
}
