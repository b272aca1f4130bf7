/* Libraries that are loaded when they are needed. */
#include "late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* One that has been loaded stays: loading it again only counts. */
static void *load(const char *library) {
    return dlopen(library, RTLD_LAZY | RTLD_LOCAL);
}

enum zf_status zf_late_load(const char *library, struct zf_error *err) {
    return load(library) ? ZF_OK
                         : zf_fail(err, ZF_ERROR_IO, "cannot load a library: %s", dlerror());
}

void *zf_late_function(const char *library, const char *name) {
    void *loaded = load(library), *function = loaded ? dlsym(loaded, name) : NULL;
    if (!function) {
        fprintf(stderr, "zfacet: %s is not the library that it was built with: %s\n", library,
                dlerror());
        abort();
    }
    return function;
}
