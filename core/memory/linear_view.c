/*
 * Which files are mapped where, for a process that puts its map back as it was (linear_copy.c). A
 * file may have lost its name, and its number may be another's: a descriptor of each is kept.
 */
#include "linear_list.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool grow(void **array, size_t size, size_t count, size_t *room) {
    if (count < *room) {
        return true;
    }
    size_t more = *room ? *room * 2 : 32;
    void *grown = realloc(*array, more * size);
    *array = grown ? grown : *array;
    *room = grown ? more : *room;
    return grown;
}

bool zf_linear_keep_files(struct zf_storage *storage, zf_linear_keep *keep, void *context) {
    struct zf_views *views = calloc(1, sizeof *views);
    if (views) {
        views->keep = keep;
        views->context = context;
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

void zf_linear_drop_files(struct zf_storage *storage) {
    zf_views_destroy(storage->map);
}

static bool is_same(int a, int b) {
    struct stat one, other;
    return !fstat(a, &one) && !fstat(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino &&
           (fcntl(a, F_GETFL) & O_ACCMODE) == (fcntl(b, F_GETFL) & O_ACCMODE);
}

static int keep(struct zf_views *views, int fd) {
    for (size_t i = 0; i < views->file_count; i++) {
        if (is_same(views->files[i], fd)) {
            return views->files[i];
        }
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    int kept = copy < 0 || !grow((void **)&views->files, sizeof *views->files, views->file_count,
                                 &views->file_room)
                   ? -1
                   : views->keep(views->context, copy);
    if (kept >= 0) {
        views->files[views->file_count++] = kept;
    }
    return kept;
}

int zf_linear_kept_file(struct zf_storage *storage, int fd) {
    return keep(storage->map->views, fd);
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
    if (!grow((void **)&views->view, sizeof *views->view, views->count, &views->room)) {
        views->incomplete = true;
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
    views->incomplete |= view->flags & MAP_HUGETLB;
    if (view->fd >= 0) {
        int fd = keep(views, view->fd);
        bool fixed = (fcntl(view->fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
        views->incomplete |= fd < 0;
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
    views->incomplete |= count > 1; /* several files in one move */
    if (count) {
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
