/*
 * Which files are mapped where, for a process that puts its map back as it was (linear_copy.c). A
 * file may have lost its name, and its number may be another's: a descriptor of each is kept.
 */
#include "linear_list.h"
#include "zfacet/reserve.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 }; /* bytes of a file that are read at a time */

static const char no_memory[] = "out of memory";

bool zf_linear_keep_files(struct zf_storage *storage, const struct zf_linear_keeper *keeper) {
    struct zf_views *views = calloc(1, sizeof *views);
    if (views) {
        int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
        views->keeper = *keeper;
        views->pagemap = pagemap < 0 ? -1 : keeper->keep(keeper->context, pagemap);
        if (pagemap >= 0) {
            close(pagemap);
        }
    }
    storage->map->views = views;
    return views;
}

void zf_views_destroy(struct zf_linear *linear) {
    if (linear->views) {
        free(linear->views->view);
        free(linear->views->files);
        free(linear->views);
        linear->views = NULL;
    }
}

static void drop(const struct zf_views *views, int fd) {
    if (fd >= 0) {
        views->keeper.drop(views->keeper.context, fd);
    }
}

void zf_linear_drop_files(struct zf_storage *storage, bool shared) {
    struct zf_views *views = storage->map->views;
    for (size_t i = 0; views && !shared && i < views->file_count; i++) {
        drop(views, views->files[i].fd);
    }
    if (views && !shared) {
        drop(views, views->pagemap);
    }
    zf_views_destroy(storage->map);
}

/* A process that closes any descriptor of a file gives up its locks of it. */
static bool is_locked(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

static bool is_before(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static bool is_same(const struct timespec *a, const struct timespec *b) {
    return !is_before(a, b) && !is_before(b, a);
}

/* The sum of a small file's bytes. False: it is not small, or cannot be read. */
static bool add_up(int fd, const struct stat *st, uint64_t *sum) {
    enum { SMALL = 16 << 20 };
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t words[CHUNK / 8];
    off_t at = 0;
    ssize_t got = 0;
    *sum = 0;
    for (; S_ISREG(st->st_mode) && st->st_size <= SMALL && at < st->st_size; at += got) {
        memset(words, 0, sizeof words);
        got = pread(fd, words, sizeof words, at);
        for (ssize_t i = 0; i < got; i += 8) {
            *sum = (*sum ^ words[i / 8]) * factor;
            *sum ^= *sum >> 32;
        }
        if (got <= 0) {
            break;
        }
    }
    return S_ISREG(st->st_mode) && at >= st->st_size;
}

/* As it is now. The host's clock for files ticks rarely: a later change shall have another time. */
static void look_at(struct zf_kept *file) {
    const struct timespec tick = {.tv_nsec = 1000000};
    struct stat *st = &file->then;
    struct timespec now;
    bool done = !fstat(file->fd, st);
    for (unsigned i = 0; done && i < 20; i++) {
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        if (is_before(&st->st_mtim, &now) && is_before(&st->st_ctim, &now)) {
            break;
        }
        nanosleep(&tick, NULL);
    }
    file->summed = done && !fstat(file->fd, st) && add_up(file->fd, st, &file->sum);
}

/* Whoever stores into a file can say when that was, but not when he said so. That time is also of
 * names, rights and owners. */
static bool is_same_inside(const struct zf_kept *file, const struct stat *now) {
    const struct stat *then = &file->then;
    uint64_t sum;
    return is_same(&then->st_ctim, &now->st_ctim) ||
           (file->summed ? add_up(file->fd, now, &sum) && sum == file->sum
                         : then->st_nlink != now->st_nlink || then->st_mode != now->st_mode ||
                               then->st_uid != now->st_uid || then->st_gid != now->st_gid);
}

static bool has_changed(struct zf_kept *file) {
    struct stat now;
    if (!S_ISREG(file->then.st_mode)) {
        return false;
    }
    if (fstat(file->fd, &now) || now.st_size != file->then.st_size ||
        !is_same(&now.st_mtim, &file->then.st_mtim) || !is_same_inside(file, &now)) {
        return true;
    }
    file->then = now;
    return false;
}

bool zf_views_changed(struct zf_views *views) {
    for (size_t i = 0; i < views->file_count; i++) {
        if (has_changed(&views->files[i])) {
            return true;
        }
    }
    return false;
}

/* It is opened anew, so that locks of the program's own (flock) end when it closes its file. */
static int keep_regular(struct zf_views *views, int fd) {
    char path[32];
    if (is_locked(fd)) {
        views->incomplete = "it has mapped a file that is locked";
        return -1;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0) {
        views->incomplete = "it has mapped a file that cannot be opened again";
        return -1;
    }
    int kept = views->keeper.keep(views->keeper.context, opened);
    close(opened);
    return kept;
}

static int keep_new(struct zf_views *views, int fd, const struct stat *st) {
    views->incomplete = "it has mapped more files than can be kept open";
    if (!zf_grow((void **)&views->files, sizeof *views->files, views->file_count,
                 &views->file_room)) {
        return -1;
    }
    int kept = S_ISREG(st->st_mode) ? keep_regular(views, fd)
                                    : views->keeper.keep(views->keeper.context, fd);
    if (kept >= 0) {
        struct zf_kept *file = &views->files[views->file_count++];
        *file = (struct zf_kept){.fd = kept};
        look_at(file);
    }
    return kept;
}

static int keep(struct zf_views *views, int fd) {
    const char *incomplete = views->incomplete;
    struct stat st;
    if (fstat(fd, &st)) {
        views->incomplete = incomplete ? incomplete : "it has mapped an unknown file";
        return -1;
    }
    for (size_t i = 0; i < views->file_count; i++) {
        const struct stat *then = &views->files[i].then;
        if (then->st_dev == st.st_dev && then->st_ino == st.st_ino) {
            return views->files[i].fd;
        }
    }
    int kept = keep_new(views, fd, &st);
    views->incomplete = kept < 0 && !incomplete ? views->incomplete : incomplete;
    return kept;
}

int zf_linear_kept_file(struct zf_storage *storage, int fd) {
    return keep(storage->map->views, fd);
}

static bool is_viewed(const struct zf_views *views, int fd) {
    for (size_t i = 0; i < views->count; i++) {
        if (views->view[i].fd == fd) {
            return true;
        }
    }
    return false;
}

void zf_linear_files_anew(struct zf_storage *storage) {
    struct zf_views *views = storage->map->views;
    size_t count = 0;
    for (size_t i = 0; i < views->file_count; i++) {
        struct zf_kept *file = &views->files[i];
        if (is_viewed(views, file->fd) || is_locked(file->fd)) {
            if (has_changed(file)) {
                look_at(file);
            }
            views->files[count++] = *file;
        } else {
            drop(views, file->fd);
        }
    }
    views->file_count = count;
    if (views->incomplete != no_memory && !is_viewed(views, -1)) {
        views->incomplete = NULL;
    }
}

/* The first that ends after `address`. */
static size_t index_of(const struct zf_view *view, size_t count, uint64_t address) {
    size_t i = 0;
    while (i < count && view[i].end <= address) {
        i++;
    }
    return i;
}

static void insert(struct zf_views *views, const struct zf_view *new) {
    if (!zf_grow((void **)&views->view, sizeof *views->view, views->count, &views->room)) {
        views->incomplete = no_memory;
        return;
    }
    size_t i = index_of(views->view, views->count, new->start);
    memmove(&views->view[i + 1], &views->view[i], (views->count - i) * sizeof *new);
    views->view[i] = *new;
    views->count++;
}

/* Of a view what begins at `start`. */
static struct zf_view rest_of(struct zf_view view, uint64_t start) {
    view.offset += (int64_t)(start - view.start);
    view.start = start;
    return view;
}

void zf_views_cut(struct zf_linear *linear, uint64_t start, uint64_t end) {
    struct zf_views *views = linear->views;
    size_t i = views ? index_of(views->view, views->count, start) : 0;
    while (views && i < views->count && views->view[i].start < end) {
        struct zf_view *view = &views->view[i], whole = *view;
        if (whole.start < start) {
            view->end = start;
            i++;
        } else {
            views->count--;
            memmove(view, view + 1, (views->count - i) * sizeof *view);
        }
        if (whole.end > end) {
            struct zf_view right = rest_of(whole, end);
            insert(views, &right);
            i++;
        }
    }
}

void zf_views_map(struct zf_linear *linear, const struct zf_linear_range *range,
                  const struct zf_linear_view *view) {
    struct zf_views *views = linear->views;
    if (!views) {
        return;
    }
    zf_views_cut(linear, range->start, range->end);
    bool huge = view->flags & MAP_HUGETLB;
    if (huge && !views->incomplete) {
        views->incomplete = "it has mapped huge pages";
    }
    if (view->fd >= 0 || huge) {
        int fd = huge ? -1 : keep(views, view->fd);
        bool fixed = view->fd >= 0 && (fcntl(view->fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
        insert(views, &(struct zf_view){range->start, range->end, fd, view->offset,
                                        view->flags & (MAP_TYPE | MAP_NORESERVE), fixed});
    }
}

void zf_views_move(struct zf_linear *linear, const struct zf_linear_move *m) {
    struct zf_views *views = linear->views;
    struct zf_view moved;
    size_t count = 0;
    if (!views) {
        return;
    }
    size_t i = index_of(views->view, views->count, m->from);
    for (; i < views->count && views->view[i].start < m->from + m->old_length; i++) {
        moved = views->view[i];
        count++;
    }
    zf_views_cut(linear, m->to, m->to + m->length);
    if (!m->keep) {
        zf_views_cut(linear, m->from, m->from + m->old_length);
    }
    if (count > 1 && !views->incomplete) {
        views->incomplete = "it has moved several files at once";
    }
    if (count) {
        moved.fd = count > 1 ? -1 : moved.fd;
        moved = moved.start < m->from ? rest_of(moved, m->from) : moved;
        uint64_t start = m->to + (moved.start - m->from);
        moved = (struct zf_view){start,        m->to + m->length, moved.fd,
                                 moved.offset, moved.flags,       moved.fixed};
        insert(views, &moved);
    }
}

struct zf_linear_view zf_views_at(const struct zf_view *views, size_t count,
                                  struct zf_linear_range *range) {
    size_t i = index_of(views, count, range->start);
    if (i == count || views[i].start >= range->end) {
        return (struct zf_linear_view){-1, 0, MAP_PRIVATE | MAP_NORESERVE};
    }
    if (views[i].start > range->start) {
        range->end = views[i].start;
        return (struct zf_linear_view){-1, 0, MAP_PRIVATE | MAP_NORESERVE};
    }
    struct zf_view here = rest_of(views[i], range->start);
    range->end = here.end < range->end ? here.end : range->end;
    return (struct zf_linear_view){here.fd, here.offset, here.flags};
}
