/*
 * Finds and loads the module that has all that needs a graphics library.
 */
#include "gui/window.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Where it is installed, seen from the program; a build without the window has none. */
#ifndef ZF_MODULE_PATH
#define ZF_MODULE_PATH "../lib/zfacet"
#endif

/* Beside the program, or where it is installed; from tests in the build tree. */
static const char *const paths[] = {"%s/zfacet_window.so", "%s/" ZF_MODULE_PATH "/zfacet_window.so",
                                    "%s/../../ui/zfacet_window.so"};

/* The program's file; without /proc, as the kernel was told of it. */
static bool find_program(char path[static PATH_MAX]) {
    const char *told = (const char *)getauxval(AT_EXECFN);
    return realpath("/proc/self/exe", path) || (told && realpath(told, path));
}

const struct zf_window_module *zf_window_load(char *message, size_t size) {
    char program[PATH_MAX], path[PATH_MAX + 100];
    if (!find_program(program)) {
        snprintf(message, size, "cannot determine where the program is");
        return NULL;
    }
    const char *folder = dirname(program);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(path, sizeof path, paths[i], folder);
        if (access(path, R_OK) != 0) {
            continue;
        }
        void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        const struct zf_window_module *table = module ? dlsym(module, ZF_WINDOW_SYMBOL) : NULL;
        if (table && table->version == ZF_WINDOW_VERSION) {
            return table;
        }
        const char *why = module ? "it belongs to another version" : dlerror();
        snprintf(message, size, "cannot load %s: %s", path, why);
        return NULL;
    }
    snprintf(message, size,
             "no window: zfacet_window.so is not installed; install the package zfacet-inspect, or "
             "build it with 'cmake --build build/release --target zfacet_window', or use --text, "
             "--json or --csv");
    return NULL;
}
