/*
 * A small text file: "size WIDTH HEIGHT", then "guest NAME", each maybe followed by "arguments
 * TEXT", the newest first. Lines that it does not know are skipped.
 */
#include "inspect/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH = 4096, LARGEST = 16384 };

/* The path of the file; its folders are made when `make`. */
static bool get_path(char path[PATH], bool make) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool own = state && state[0] == '/';
    if (!own && !(home && home[0] == '/')) {
        return false;
    }
    int length =
        snprintf(path, PATH, "%s%s/zfacet/inspect", own ? state : home, own ? "" : "/.local/state");
    if (length >= PATH) {
        return false;
    }
    for (char *p = path + 1; make && (p = strchr(p, '/')); p++) {
        *p = 0;
        bool there = mkdir(path, 0700) == 0 || errno == EEXIST;
        *p = '/';
        if (!there) {
            return false;
        }
    }
    return true;
}

static const char *after(const char *line, const char *word) {
    size_t length = strlen(word);
    return !strncmp(line, word, length) && line[length] == ' ' ? line + length + 1 : NULL;
}

static void take_line(struct zf_inspector *in, const char *line) {
    const char *text;
    int w, h;
    if ((text = after(line, "size"))) {
        if (sscanf(text, "%d %d", &w, &h) == 2 && w > 0 && h > 0 && w <= LARGEST && h <= LARGEST) {
            in->last_width = w;
            in->last_height = h;
        }
    } else if ((text = after(line, "guest")) && in->recent_count < ZF_INSPECT_RECENT) {
        struct zf_recent *recent = &in->recent[in->recent_count++];
        snprintf(recent->guest, sizeof recent->guest, "%s", text);
        recent->arguments[0] = 0;
    } else if ((text = after(line, "arguments")) && in->recent_count) {
        struct zf_recent *recent = &in->recent[in->recent_count - 1];
        snprintf(recent->arguments, sizeof recent->arguments, "%s", text);
    }
}

void zf_memory_read(struct zf_inspector *in) {
    char path[PATH], line[2048];
    FILE *file = get_path(path, false) ? fopen(path, "r") : NULL;
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        take_line(in, line);
    }
    if (file) {
        fclose(file);
    }
}

bool zf_memory_write(const struct zf_inspector *in, int width, int height) {
    char path[PATH];
    FILE *file = get_path(path, true) ? fopen(path, "w") : NULL;
    if (!file) {
        return false;
    }
    if (width > 0 && height > 0) {
        fprintf(file, "size %d %d\n", width, height);
    }
    for (unsigned i = 0; i < in->recent_count; i++) {
        const struct zf_recent *recent = &in->recent[i];
        if (!strchr(recent->guest, '\n') && !strchr(recent->arguments, '\n')) {
            fprintf(file, "guest %s\n", recent->guest);
            fprintf(file, recent->arguments[0] ? "arguments %s\n" : "%s", recent->arguments);
        }
    }
    return fclose(file) == 0;
}
