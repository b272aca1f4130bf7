/*
 * The protocol on sockets and standard input: one thread, any number of clients up to a limit.
 */
#ifndef ZFACET_QMP_SERVER_H
#define ZFACET_QMP_SERVER_H

#include "qmp/qmp.h"

#include "zfacet/error.h"

struct zf_qmp_server;

/** NULL when the host has no memory left. */
struct zf_qmp_server *zf_qmp_server_create(struct zf_qmp *qmp);

/** Closes what is open, and removes the socket. */
void zf_qmp_server_destroy(struct zf_qmp_server *server);

/** Waits for clients at a unix socket; one that nobody serves any more is replaced. */
enum zf_status zf_qmp_server_listen(struct zf_qmp_server *server, const char *path,
                                    struct zf_error *err);

/** Standard input and output become a client; when it has left, the server ends. */
enum zf_status zf_qmp_server_use_stdio(struct zf_qmp_server *server, struct zf_error *err);

/** The server ends when `fd` can be read, and tells its clients why: "host-signal". */
void zf_qmp_server_end_on(struct zf_qmp_server *server, int fd, const char *cause);

/** The guest has panicked: clients are told before the server ends. Before what ends it. */
void zf_qmp_server_panic(struct zf_qmp_server *server, const struct zf_qmp_panic *panic);

/** Whenever the eventfd `fd` can be read, the clients are told that the guest has restarted itself.
 */
void zf_qmp_server_reset_on(struct zf_qmp_server *server, int fd);

/** A descriptor that can be read after SIGINT or SIGTERM, which are held back from now on; or -1.
 */
int zf_qmp_open_signals(void);

/** Serves until it is to end. */
void zf_qmp_server_run(struct zf_qmp_server *server);

#endif
