/*
 * Any bytes from a client are answered or waited for, in lines that are JSON, in bounded memory.
 */
#include "qmp/session.h"

#include "zfacet/base.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const struct zf_buffer *output) {
    const char *line = output->data, *limit = output->data + output->length;
    while (line < limit) {
        const char *end = memchr(line, '\r', (size_t)(limit - line));
        ZF_ASSERT(end && end + 1 < limit && end[1] == '\n');
        json_t *value = json_loadb(line, (size_t)(end - line), JSON_ALLOW_NUL, NULL);
        ZF_ASSERT(json_is_object(value));
        json_decref(value);
        line = end + 2;
    }
}

static void talk(const uint8_t *data, size_t size, size_t piece) {
    static const char hello[] = "{\"execute\": \"qmp_capabilities\"}";
    struct zf_qmp qmp;
    struct zf_qmp_session session;
    if (!zf_qmp_open(&qmp, NULL)) {
        return;
    }
    zf_qmp_session_open(&session, &qmp);
    zf_qmp_session_feed(&session, hello, sizeof hello - 1);
    for (size_t i = 0; i < size && !qmp.quitting; i += piece) {
        size_t length = piece < size - i ? piece : size - i;
        char *bytes = malloc(length); /* of its own, so that a read past the end is seen */
        memcpy(bytes, data + i, length);
        size_t taken = zf_qmp_session_feed(&session, bytes, length);
        ZF_ASSERT(taken == length || qmp.quitting || session.output.length >= ZF_QMP_OUTPUT_PAUSE);
        check_lines(&session.output);
        zf_buffer_take(&session.output, session.output.length);
        free(bytes);
    }
    zf_qmp_session_close(&session);
    zf_qmp_close(&qmp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    talk(data, size, size ? size : 1);
    talk(data, size, 1 + size % 7);
    return 0;
}
