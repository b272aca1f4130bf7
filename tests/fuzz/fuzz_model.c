/*
 * Any bytes are a model in some tool's format or are refused, with a message; and what was read can
 * be written. The same bytes are a cluster of hosts, or are refused.
 */
#include "model/cluster_file.h"
#include "model/format.h"
#include "model/output.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_cluster(const uint8_t *data, size_t size) {
    struct zf_cluster cluster = {0};
    struct zf_error err = {0};
    char *text = calloc(1, size + 1);
    ZF_ASSERT(text);
    memcpy(text, data, size);
    bool read = zf_cluster_parse(text, strlen(text), &cluster, &err) == ZF_OK;
    ZF_ASSERT(read ? cluster.count > 0 : err.message[0] != 0);
    free(cluster.hosts);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct zf_model model;
    struct zf_model_notes notes = {0};
    struct zf_error err = {0};
    char *bytes = malloc(size ? size : 1);
    ZF_ASSERT(bytes);
    memcpy(bytes, data, size);
    if (zf_model_from_bytes(bytes, size, &model, &notes, &err) == ZF_OK) {
        struct zf_manage *manage = zf_manage_create();
        FILE *out = fopen("/dev/null", "w");
        ZF_ASSERT(manage && out && model.machine);
        for (unsigned f = ZF_MODEL_FORMAT_JSON; f < ZF_MODEL_FORMAT_COUNT; f++) {
            zf_model_write(out, manage, &model, (enum zf_model_format)f, ZF_MANAGE_FULL, &notes);
        }
        fclose(out);
        zf_manage_destroy(manage);
    } else {
        ZF_ASSERT(err.message[0]);
    }
    free(bytes);
    parse_cluster(data, size);
    return 0;
}
