/*
 * One client of the protocol: bytes in, bytes out. Input may come in any pieces.
 */
#ifndef ZFACET_QMP_SESSION_H
#define ZFACET_QMP_SESSION_H

#include "qmp/json_input.h"
#include "qmp/qmp.h"

/* A client that lets more output than this wait gets no more answers until it reads, ... */
enum { ZF_QMP_OUTPUT_PAUSE = 1 << 20 };
/*
 * and one that lets even events pile up this far is given up. The longest answer is shorter: one to
 * an id as long as input may be, each byte of it written as \u00XX.
 */
enum { ZF_QMP_OUTPUT_LIMIT = ZF_QMP_OUTPUT_PAUSE + 7 * ZF_JSON_MAX_TEXT };

struct zf_qmp_session {
    struct zf_qmp *qmp;
    struct zf_json_input input;
    struct zf_buffer output;
    bool negotiated;
    bool oob; /* the client may send exec-oob */
};

/** Begins with the greeting in the output. */
void zf_qmp_session_open(struct zf_qmp_session *session, struct zf_qmp *qmp);
void zf_qmp_session_close(struct zf_qmp_session *session);

/**
 * Takes input and puts the answers into the output; returns how many bytes it took: fewer than
 * `length` when too much output waits, or the server is quitting.
 */
size_t zf_qmp_session_feed(struct zf_qmp_session *session, const char *bytes, size_t length);

/** Adds an event's line, if the client has negotiated. */
void zf_qmp_session_event(struct zf_qmp_session *session, const char *line, size_t length);

/** True when the client is to be given up: it does not read, or the host has no memory left. */
bool zf_qmp_session_failed(const struct zf_qmp_session *session);

#endif
