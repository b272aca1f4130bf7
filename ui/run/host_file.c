/*
 * Guests that are not for s390x at all: commands, programs and scripts of the host, as in 'zfacet
 * check -- make check'.
 */
#include "run/run.h"
#include "text/common.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 20, S390 = 22, BIG_ENDIAN_DATA = 2 };

/* The first bytes of the file, zeros where there are none; false if it cannot be read, or is a
 * pipe, which might have none for ever. */
static bool read_header(const char *path, unsigned char header[HEADER]) {
    struct stat st;
    memset(header, 0, HEADER);
    FILE *file = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rbe") : NULL;
    if (!file) {
        return false;
    }
    bool some = fread(header, 1, HEADER, file) > 0;
    fclose(file);
    return some;
}

static bool is_other_program(const unsigned char h[HEADER]) {
    unsigned machine = h[5] == BIG_ENDIAN_DATA ? h[18] << 8U | h[19] : h[19] << 8U | h[18];
    return !memcmp(h, "\177ELF", 4) && machine != S390;
}

static bool is_script(const unsigned char h[HEADER]) {
    return h[0] == '#' && h[1] == '!';
}

/* Whether the shell would find a command of that name. */
static bool is_command(const char *name) {
    const char *path = getenv("PATH");
    char file[PATH_MAX];
    while (path && *path && !strchr(name, '/')) {
        int length = (int)strcspn(path, ":");
        int used = snprintf(file, sizeof file, "%.*s/%s", length, path, name);
        if (length && used < (int)sizeof file && access(file, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':');
    }
    return false;
}

const char *zf_run_host_kind(const char *guest, const char *sysroot) {
    unsigned char header[HEADER];
    if (strncmp(guest, "rom:", 4) == 0) {
        return NULL;
    }
    if (access(guest, F_OK) != 0) {
        return is_command(guest) ? "command" : NULL;
    }
    if (!read_header(guest, header)) {
        return NULL;
    }
    return is_other_program(header) ? "program" : is_script(header) && !sysroot ? "script" : NULL;
}

/* A script is not run by what a build gives it to, either. */
static void warn_of_script(const char *guest) {
    fprintf(
        stderr,
        "zfacet: %s is a script of this host; a guest is an s390x file. Let the host's shell "
        "run it; the\n"
        "        s390x programs that it starts come under the gate through binfmt_misc, or by a "
        "variable that the\n"
        "        script has for them. docs/recipes.md shows both.\n",
        guest);
}

bool zf_run_warn_of_host(const char *guest, const char *sysroot) {
    const char *what = zf_run_host_kind(guest, sysroot);
    if (what && !strcmp(what, "script")) {
        warn_of_script(guest);
    } else if (what) {
        fprintf(stderr,
                "zfacet: %s is a %s of this host; a guest is an s390x file. To gate the s390x "
                "programs that a host's\n"
                "        command starts, register 'zfacet run --check' with binfmt_misc, or give "
                "it to the build as\n"
                "        its emulator: make check LOG_COMPILER='zfacet run --check'. "
                "docs/recipes.md shows both.\n",
                guest, what);
    }
    return what;
}
