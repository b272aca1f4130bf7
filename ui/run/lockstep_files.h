/*
 * Files that tell a program which model it is on: each side reads its own.
 */
#ifndef ZFACET_UI_LOCKSTEP_FILES_H
#define ZFACET_UI_LOCKSTEP_FILES_H

enum { ZF_LOCKSTEP_FILES = 16 };

struct zf_lockstep_files {
    struct {
        int fd;
        const char *name; /* NULL: free */
    } file[ZF_LOCKSTEP_FILES];
};

/** A descriptor was opened, or closed. */
void zf_lockstep_opened(struct zf_lockstep_files *files, int fd);
void zf_lockstep_closed(struct zf_lockstep_files *files, int fd);
/** The path of such a file, or NULL: it is another one. */
const char *zf_lockstep_file(const struct zf_lockstep_files *files, int fd);

#endif
