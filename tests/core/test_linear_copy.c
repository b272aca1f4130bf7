/* Copies of the linear map: what is put back with it, and what cannot be. */
#define _GNU_SOURCE
#include "zfacet/linear_copy.h"
#include "zfacet/machine.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, FIRST = 0x100000, OTHER = 0x200000, FLAGS = 512 };

static int keep(void *context, int fd) {
    (void)context;
    return dup(fd);
}

static void drop(void *context, int fd) {
    (void)context;
    close(fd);
}

static struct zf_machine *open_machine(void) {
    const struct zf_machine_config config = {.linear = true};
    const struct zf_linear_keeper keeper = {.keep = keep, .drop = drop};
    struct zf_error err;
    struct zf_machine *machine = zf_machine_create(&config, &err);
    cr_assert(machine);
    cr_assert(zf_linear_keep_files(&machine->storage, &keeper));
    return machine;
}

static void map(struct zf_machine *machine, uint64_t at, int fd) {
    cr_assert(zf_linear_map(&machine->storage, at, PAGE, ZF_PROT_READ | ZF_PROT_WRITE, fd, 0));
}

/* What the host says of the page. */
static void get_flags(const struct zf_machine *machine, uint64_t at, char flags[FLAGS]) {
    char line[FLAGS];
    uintptr_t wanted = (uintptr_t)machine->storage.ram + at, start = 0, end = 0;
    FILE *file = fopen("/proc/self/smaps", "r");
    cr_assert(file);
    flags[0] = 0;
    while (!flags[0] && fgets(line, sizeof line, file)) {
        uintptr_t a, b;
        if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
            start = a, end = b;
        } else if (start <= wanted && wanted < end && !strncmp(line, "VmFlags:", 8)) {
            strcpy(flags, line + 8);
        }
    }
    fclose(file);
}

Test(linear_copy, keeps_what_the_host_was_advised_of) {
    static const struct {
        int advice;
        unsigned prot;
        const char *flag;
    } advised[] = {
        {MADV_DONTDUMP, ZF_PROT_NOT_DUMPED, " dd"}, {MADV_HUGEPAGE, ZF_PROT_HUGE, " hg"},
        {MADV_NOHUGEPAGE, ZF_PROT_NOT_HUGE, " nh"}, {MADV_RANDOM, ZF_PROT_RANDOM, " rr"},
        {MADV_MERGEABLE, ZF_PROT_MERGED, " mg"},    {MADV_SEQUENTIAL, ZF_PROT_SEQUENTIAL, " sr"}};
    char before[FLAGS], after[FLAGS];
    unsigned known = 0;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(advised); i++) {
        struct zf_machine *machine = open_machine();
        struct zf_storage *storage = &machine->storage;
        const struct zf_linear_range page = {.start = FIRST, .end = FIRST + PAGE};
        map(machine, FIRST, -1);
        if (!madvise(storage->ram + FIRST, PAGE, advised[i].advice)) { /* else the host has none */
            cr_assert(zf_linear_mark(storage, &page, advised[i].prot, 0));
        }
        get_flags(machine, FIRST, before);
        known += strstr(before, advised[i].flag) != NULL;
        struct zf_linear_copy *copy = zf_linear_copy_take(storage, NULL);
        cr_assert(copy);
        map(machine, OTHER, -1);
        zf_linear_copy_restore(storage, copy);
        cr_assert(!zf_linear_is_broken(storage));
        get_flags(machine, FIRST, after);
        cr_expect_str_eq(after, before, "%s", advised[i].flag);
        zf_linear_copy_free(copy);
        zf_machine_destroy(machine);
    }
    cr_expect(known >= 3);
}

/* A file of two kinds: one whose bytes are compared, and one that is too large. */
struct file {
    struct zf_machine *machine;
    char path[32];
    int fd;
};

static void open_file(struct file *f, off_t size) {
    f->machine = open_machine();
    strcpy(f->path, "/tmp/copyXXXXXX");
    f->fd = mkstemp(f->path);
    cr_assert(f->fd >= 0 && !ftruncate(f->fd, size));
    map(f->machine, FIRST, f->fd);
    cr_expect(!zf_linear_cannot_copy(&f->machine->storage));
}

static const char *obstacle(const struct file *f) {
    const char *text = zf_linear_cannot_copy(&f->machine->storage);
    return text ? text : "";
}

static void close_file(struct file *f) {
    unlink(f->path);
    close(f->fd);
    zf_linear_drop_files(&f->machine->storage, false);
    zf_machine_destroy(f->machine);
}

static void change_unseen(const struct file *f) {
    struct stat st;
    cr_assert(!fstat(f->fd, &st) && pwrite(f->fd, "x", 1, 100) == 1);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    cr_assert(!futimens(f->fd, times));
}

Test(linear_copy, notices_files_that_have_changed) {
    static const off_t sizes[] = {PAGE, 32 << 20};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(sizes); i++) {
        struct file f;
        open_file(&f, sizes[i]);
        cr_assert(!fchmod(f.fd, 0400) && !unlink(f.path));
        cr_expect_str_empty(obstacle(&f));
        change_unseen(&f);
        cr_expect_str_eq(obstacle(&f), "a file that it has mapped has changed");
        zf_linear_files_anew(&f.machine->storage);
        cr_expect_str_empty(obstacle(&f));
        close_file(&f);
    }
}
