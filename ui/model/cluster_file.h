/*
 * A file of hosts and their models.
 *
 * Text: a line a host, its name, blanks, a model (zfacet help models); from # on a comment.
 * JSON: {"hosts": {NAME: MODEL}} or {"hosts": [{"name": NAME, "model": MODEL}]}, MODEL being a
 * model as text, or an object as the management interface gives it. @FILE is looked for in the
 * folder of the file.
 */
#ifndef ZFACET_UI_CLUSTER_FILE_H
#define ZFACET_UI_CLUSTER_FILE_H

#include "model/list.h"

enum { ZF_CLUSTER_HOSTS = 1024, ZF_HOST_NAME_LENGTH = 64, ZF_HOST_MODEL_LENGTH = 4096 };

struct zf_host {
    char name[ZF_HOST_NAME_LENGTH];
    char model[ZF_HOST_MODEL_LENGTH]; /* the word, or JSON */
};

struct zf_cluster {
    char folder[ZF_HOST_MODEL_LENGTH]; /* of the file, with the last / ; "" for this one */
    unsigned count;
    struct zf_host *hosts; /* freed by the caller */
};

/** Reads the hosts; `name` - is standard input. Errors: FORMAT, with the line where it has one. */
enum zf_status zf_cluster_read(const char *name, struct zf_cluster *cluster, struct zf_error *err);

/** The same from text of `size` bytes, zero-terminated. */
enum zf_status zf_cluster_parse(const char *text, size_t size, struct zf_cluster *cluster,
                                struct zf_error *err);

/** Reads the model of a host. */
enum zf_status zf_host_model(const struct zf_cluster *cluster, const struct zf_host *host,
                             struct zf_model_input *input, struct zf_error *err);

#endif
