/*
 * Runs a program under one of the emulators and reads what it wrote.
 */
#include "diff.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 40, SECONDS_EACH = 5 };

const char *diff_who_name(enum diff_who who) {
    static const char *const names[] = {"qemu", "zfacet/goto", "zfacet/switch"};
    return names[who];
}

static void child(const struct diff_peers *peers, enum diff_who who, const char *program,
                  unsigned seconds, int output) {
    const char *engine = who == DIFF_SWITCH ? "--engine=switch" : "--engine=goto";
    char errors[128];
    snprintf(errors, sizeof errors, "%s/errors", peers->folder);
    dup2(output, STDOUT_FILENO);
    dup2(open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    alarm(seconds); /* it lasts over exec */
    if (who == DIFF_QEMU) {
        execl(peers->qemu, peers->qemu, "-cpu", "max", program, (char *)NULL);
    } else {
        execl(peers->zfacet, peers->zfacet, "run", "--linux", engine, "--model", peers->model,
              program, (char *)NULL);
    }
    perror("diff: cannot run the emulator");
    _exit(126);
}

static bool read_all(const char *path, struct diff_result *result) {
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status) != 0) {
        return false;
    }
    result->size = (size_t)status.st_size;
    result->bytes = malloc(result->size + 1);
    bool ok = result->bytes && fread(result->bytes, 1, result->size, file) == result->size;
    fclose(file);
    return ok;
}

static void to_host(struct diff_state *s) {
    for (unsigned i = 0; i < 16; i++) {
        s->gr[i] = be64toh(s->gr[i]);
        s->ar[i] = be32toh(s->ar[i]);
    }
    s->ipm = be64toh(s->ipm);
    s->signal = be32toh(s->signal);
    s->code = be32toh(s->code);
    s->psw = be64toh(s->psw);
    s->scratch = be64toh(s->scratch);
    s->fpc = be32toh(s->fpc);
    s->fault = be64toh(s->fault);
    if (s->signal) {
        s->ipm = s->ipm >> 16 & 0x3f000000; /* where IPM has CC and program mask of a PSW */
    }
}

static void take_apart(const struct diff_program *program, struct diff_result *result) {
    size_t whole = (size_t)DIFF_ROUNDS * program->count * DIFF_STATE;
    result->states = (struct diff_state *)result->bytes;
    result->count = (unsigned)(result->size / DIFF_STATE);
    result->scratch = NULL;
    if (result->size == whole + DIFF_AFTER) {
        result->count = DIFF_ROUNDS * program->count;
        result->scratch = result->bytes + whole;
    }
    for (unsigned i = 0; i < result->count; i++) {
        to_host(&result->states[i]);
    }
}

bool diff_run(const struct diff_peers *peers, enum diff_who who, const struct diff_program *program,
              struct diff_result *result) {
    char path[128], out[128];
    *result = (struct diff_result){0};
    snprintf(path, sizeof path, "%s/program", peers->folder);
    snprintf(out, sizeof out, "%s/output", peers->folder);
    int fd = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) {
        perror(out);
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        child(peers, who, path, program->count > 1000 ? SECONDS : SECONDS_EACH, fd);
    }
    close(fd);
    while (pid > 0 && waitpid(pid, &result->status, 0) < 0 && errno == EINTR) {
    }
    if (pid < 0 || !read_all(out, result)) {
        perror("diff: no output");
        return false;
    }
    take_apart(program, result);
    return true;
}

void diff_result_free(struct diff_result *result) {
    free(result->bytes);
    *result = (struct diff_result){0};
}
