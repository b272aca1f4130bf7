/*
 * Files of zfacet's own while it runs a Linux program, whose descriptors are the process's: they
 * have numbers that the program cannot get, so that it finds all numbers below its limit free, and
 * as many files as the limit says can be opened.
 */
#ifndef ZF_BASE_ASIDE_H
#define ZF_BASE_ASIDE_H

#include <sys/resource.h>

enum { ZF_ASIDE_ROOM = 128 };

/* Numbers from `first` to before `end`: the last ones below the hard limit, which are left to the
 * program where they would make the kernel's table of files long. */
struct zf_aside {
    int first, end;
};

/** As it follows from the hard limit of open files: ask before a program can change that. */
struct zf_aside zf_aside_range(void);
/** What is left for the program of this process's limits. */
struct rlimit zf_aside_limits(struct zf_aside aside);
/**
 * A second descriptor of `fd`, closed on exec, with one of these numbers; -1 and errno: there is
 * none. The soft limit, which may be lower, changes meanwhile.
 */
int zf_aside_dup(struct zf_aside aside, int fd);
/** The same with the range that follows from the limit now. */
int zf_aside_fd(int fd);
/** The same with a certain number, which is closed before. */
int zf_aside_fd_at(int fd, int number);

#endif
