/*
 * What a scan says, as JSON: docs/scan.schema.json. Text, JUnit and SARIF are made from it.
 */
#ifndef ZFACET_UI_SCAN_RESULT_H
#define ZFACET_UI_SCAN_RESULT_H

#include "scan/scan.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>

enum { ZF_SCAN_VERSION = 1 };

struct zf_scan_question {
    bool has_against;
    struct zf_model against; /* functions that need what it lacks are listed */
    bool functions;          /* list all functions that need more than every machine has */
};

/** A file's result; `name` is its path, that of an archive's member after a colon. */
json_t *zf_scan_result(const char *name, const struct zf_scan_file *file,
                       const struct zf_scan_question *question);

/** Whether the file needs, unguarded, what the model of the question lacks. */
bool zf_scan_fails(const json_t *result);

/** Why what it needs is not known: less than an eighth of its code was found, calls led too deep,
 * or nothing says where its functions are. NULL: it is. */
const char *zf_scan_partial(const struct zf_scan_file *file);

void zf_scan_print(FILE *out, const json_t *document);
void zf_scan_junit(FILE *out, const json_t *document);
json_t *zf_scan_sarif(const json_t *document);

/* A file, or what is in it: ELF files, and archives, packages and images that contain them. */
struct zf_scan_visitor {
    void (*found)(void *context, const char *name, const void *bytes, size_t size);
    /* objects to be linked: those of an archive, or one alone */
    void (*library)(void *context, struct zf_scan_object *objects, unsigned count);
    void (*failed)(void *context, const char *name, const char *why);
    void *context;
    pthread_mutex_t *large; /* held while a file takes much storage */
};
/** Opens a file, or a folder with an image of a container. */
void zf_scan_open(const char *path, const struct zf_scan_visitor *visitor);

/** Whether the folder is an image of a container, in OCI's layout. */
bool zf_scan_is_layout(const char *path);

#endif
