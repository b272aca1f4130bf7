/*
 * What makes a result still true: the guest's file, how it is run, what is expected of it, and what
 * excuses findings. A result in a journal is that of one such identity.
 */
#include "check/document.h"

#include "zfacet/base.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t mix(uint64_t sum, uint64_t value) {
    sum = (sum ^ value) * odd;
    return sum ^ sum >> 29;
}

static uint64_t mix_text(uint64_t sum, const char *text) {
    for (; text && *text; text++) {
        sum = mix(sum, (unsigned char)*text);
    }
    return mix(sum, text ? 256 : 257);
}

uint64_t zf_identity_of_file(uint64_t sum, const char *path) {
    uint64_t block[1 << 13];
    struct stat st;
    ssize_t got = 1;
    bool regular = path && stat(path, &st) == 0 && S_ISREG(st.st_mode); /* else it is not opened */
    int fd = regular ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    regular = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    while (regular && got > 0) {
        memset(block, 0, sizeof block);
        got = read(fd, block, sizeof block);
        for (ssize_t i = 0; i * 8 < got; i++) {
            sum = mix(sum, block[i]);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return mix(sum, regular ? (uint64_t)st.st_size : ~UINT64_C(0));
}

/* Of a word of a command line, with the file that it may name. */
static uint64_t mix_word(uint64_t sum, const char *word) {
    const char *equals = *word == '-' ? strchr(word, '=') : NULL;
    return zf_identity_of_file(mix_text(sum, word), equals ? equals + 1 : word);
}

/* @FILE[,FEATURE=on|off]..., where a comma may be the file's; or a name. */
static uint64_t mix_model(uint64_t sum, const char *model) {
    char file[4096];
    sum = mix_text(sum, model);
    if (*model != '@') {
        return sum;
    }
    snprintf(file, sizeof file, "%.*s", (int)strcspn(model + 1, ","), model + 1);
    return zf_identity_of_file(zf_identity_of_file(sum, model + 1), file);
}

uint64_t zf_identity_of_job(const struct zf_job *job, uint64_t guest, uint64_t rules) {
    const struct zf_case *test = job->test;
    uint64_t sum = mix_model(mix_text(mix(rules, guest), test->guest), job->model);
    for (char **word = test->arguments; word && *word; word++) { /* the first is the guest's name */
        sum = word == test->arguments ? mix_text(sum, *word) : mix_word(sum, *word);
    }
    for (unsigned i = 0; i < test->option_count; i++) {
        sum = mix_word(sum, test->options[i]);
    }
    for (unsigned i = 0; i < test->outputs; i++) {
        sum = mix_text(sum, test->output[i]);
    }
    sum = mix_text(mix(mix(sum, (uint64_t)test->exit), test->exit_is_end), test->blocked);
    return zf_identity_of_file(sum, test->output_file);
}
