/*
 * GDB's remote protocol: one client at a time debugs a machine under control. CPUs are its threads.
 * A thread of its own waits for bytes and for halts; the machine has another.
 */
#ifndef ZFACET_GDB_GDB_H
#define ZFACET_GDB_GDB_H

#include "zfacet/control.h"

struct zf_gdb_config {
    struct zf_control *control; /* not yet executing */
    struct zf_linux *program;   /* of a Linux program, or NULL */
    const char *sysroot;        /* where its absolute paths are looked up first, or NULL */
    bool vector;                /* the model has vector registers */
    const char *no_way_back;    /* why the guest cannot go back, if so */
    /* The exit status that goes with an end. */
    int (*status)(void *context, const struct zf_halt *halt);
    void *context;
};

struct zf_gdb;

/**
 * Listens at `place`, "unix:PATH", "HOST:PORT" or ":PORT" (this host alone), and serves whoever
 * comes. NULL with `err` filled.
 */
struct zf_gdb *zf_gdb_create(const struct zf_gdb_config *config, const char *place,
                             struct zf_error *err);

#define ZF_GDB_PLACES "unix:PATH, :PORT or HOST:PORT"

/** Whether `place` can be one of these. */
bool zf_gdb_place_ok(const char *place);

/**
 * The machine has ended: waits until the client, if there is one, has seen that and goes; a failed
 * guest can be looked at as long as it likes.
 */
void zf_gdb_finish(struct zf_gdb *gdb);

void zf_gdb_destroy(struct zf_gdb *gdb);

#endif
