/*
 * Files that contain others: static archives, Debian and RPM packages, tar, cpio, zip and 7z files,
 * images of containers and of disks (ISO 9660), compressed or not, each in the other.
 */
#include "scan/container.h"
#include "scan/result.h"
#include "text/late.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What lies in more than DEEP others is rare: so many of a file are opened, since few bytes can
 * hold any number of them. */
enum { DEPTH = 16, DEEP = 4, MOST_DEEP = 10000, NAME = 4096, FIRST = 1 << 12, BLOCK = 1 << 16 };
static const size_t member_limit = (size_t)1 << 30;

/* Members of an archive that are to be linked. */
struct objects {
    struct zf_scan_object *list;
    unsigned count;
};

/* Where in a file. */
struct nesting {
    unsigned depth;
    unsigned *deep; /* how many containers of the file were met that lie deep */
    struct zf_scan_held *held;
    const json_t *hidden; /* members that are not looked at, or NULL */
};

static void visit(const struct zf_scan_visitor *visitor, const char *name, const void *bytes,
                  size_t size, struct nesting nesting);

static bool begins(const uint8_t *bytes, size_t size, size_t at, const char *text, size_t length) {
    return size >= at + length && !memcmp(bytes + at, text, length);
}

bool zf_scan_is_container(const uint8_t *bytes, size_t size) {
    static const struct {
        unsigned at, length;
        const char *text;
    } kinds[] = {{0, 8, "!<arch>\n"},
                 {257, 5, "ustar"},
                 {0, 2, "\x1f\x8b"},
                 {0, 6,
                  "\xfd"
                  "7zXZ\0"},
                 {0, 4, "\x28\xb5\x2f\xfd"},
                 {0, 3, "BZh"},
                 {0, 4, "\xed\xab\xee\xdb"},
                 {0, 4, "\x04\x22\x4d\x18"},
                 {0, 5, "07070"},
                 {0, 4, "PK\x03\x04"},
                 {0, 6, "7z\xbc\xaf\x27\x1c"},
                 {0x8001, 5, "CD001"}};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (begins(bytes, size, kinds[i].at, kinds[i].text, kinds[i].length)) {
            return true;
        }
    }
    return false;
}

/* Whether so much more can be held. */
static bool hold(struct zf_scan_held *held, size_t more) {
    static const size_t much = (size_t)1 << 28, most = (size_t)1 << 32;
    if (held->bytes + more > much && !held->alone) {
        pthread_mutex_lock(held->lock);
        held->alone = true;
    }
    bool can = held->bytes + more <= most;
    held->bytes += can ? more : 0;
    return can;
}

void zf_scan_drop_member(uint8_t *bytes, size_t size, struct zf_scan_held *held) {
    held->bytes -= size;
    free(bytes);
}

uint8_t *zf_scan_read_member(struct archive *archive, size_t *size, struct zf_scan_held *held) {
    uint8_t *bytes = NULL;
    size_t room = 0;
    ssize_t got = 1;
    for (*size = 0; got > 0; *size += (size_t)got) {
        if (room == *size) { /* an archive may have very many small ones */
            size_t more = room < FIRST ? FIRST : room < BLOCK ? room : BLOCK;
            bool can = room + more < member_limit && hold(held, more);
            room += can ? more : 0;
            uint8_t *larger = can ? realloc(bytes, room) : NULL;
            if (!larger) {
                zf_scan_drop_member(bytes, room, held);
                return NULL;
            }
            bytes = larger;
        }
        got = archive_read_data(archive, bytes + *size, room - *size);
        if (got < 0) {
            zf_scan_drop_member(bytes, room, held);
            return NULL;
        }
    }
    held->bytes -= room - *size; /* about what is not used: it was never touched */
    return bytes;
}

/* The member belongs to the list from now on. */
static bool keep(struct objects *objects, const char *name, const void *bytes, size_t size) {
    struct zf_scan_object *list = zf_scan_grow(objects->list, &objects->count, sizeof *list);
    if (!list) {
        return false;
    }
    objects->list = list;
    list[objects->count - 1] =
        (struct zf_scan_object){.name = strdup(name), .bytes = bytes, .size = size};
    return true;
}

static void visit_objects(const struct zf_scan_visitor *visitor, struct objects *objects,
                          struct zf_scan_held *held) {
    if (objects->count) {
        visitor->library(visitor->context, objects->list, objects->count);
    }
    for (unsigned i = 0; i < objects->count; i++) {
        free((void *)(uintptr_t)objects->list[i].name);
        zf_scan_drop_member((uint8_t *)(uintptr_t)objects->list[i].bytes, objects->list[i].size,
                            held);
    }
    free(objects->list);
}

static bool is_library(struct archive *archive) {
    return (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR;
}

static const json_t *find_path(const json_t *set, const char *path) {
    char clean[NAME];
    zf_scan_clean_path(path ? path : "", clean, sizeof clean);
    return json_object_get(set, clean);
}

static bool is_hidden(const json_t *hidden, const char *path) {
    return hidden && find_path(hidden, path);
}

/* What of the member does not count, if it is the layer of an image. */
static const json_t *hidden_in(const json_t *layers, const char *path) {
    return layers ? find_path(layers, path) : NULL;
}

static void visit_member(const struct zf_scan_visitor *visitor, const char *name,
                         struct archive *archive, struct archive_entry *entry,
                         struct nesting nesting, const json_t *layers, struct objects *objects) {
    char inner[NAME];
    size_t size;
    const char *path = archive_entry_pathname(entry);
    if ((archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0) ||
        is_hidden(nesting.hidden, path)) {
        return;
    }
    uint8_t *bytes = zf_scan_read_member(archive, &size, nesting.held);
    bool only = path && !strcmp(path, "data"); /* what raw compressed files are said to have */
    snprintf(inner, sizeof inner, "%s%s%s", name, only ? "" : ":", only || !path ? "" : path);
    if (bytes && is_library(archive) && zf_scan_is_relocatable(bytes, size) &&
        keep(objects, inner, bytes, size)) {
        return;
    }
    if (bytes) {
        const json_t *hidden = hidden_in(layers, path);
        visit(visitor, inner, bytes, size,
              (struct nesting){nesting.depth + 1, nesting.deep, nesting.held, hidden});
    } else {
        const char *why = archive_error_string(archive);
        visitor->failed(visitor->context, inner, why ? why : "too large");
    }
    zf_scan_drop_member(bytes, bytes ? size : 0, nesting.held);
}

struct archive *zf_scan_open_archive(const void *bytes, size_t size, int *status) {
    struct archive *archive = archive_read_new();
    archive_read_support_filter_all(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_empty(archive);
    archive_read_support_format_raw(archive);
    *status = archive_read_open_memory(archive, bytes, size);
    return archive;
}

static void visit_container(const struct zf_scan_visitor *visitor, const char *name,
                            const void *bytes, size_t size, struct nesting nesting) {
    int status;
    struct archive *archive = zf_scan_open_archive(bytes, size, &status);
    struct archive_entry *entry;
    struct objects objects = {0};
    json_t *layers = zf_scan_hidden(bytes, size, nesting.held);
    while (status == ARCHIVE_OK &&
           (status = archive_read_next_header(archive, &entry)) <= ARCHIVE_OK &&
           status >= ARCHIVE_WARN && status != ARCHIVE_EOF) {
        visit_member(visitor, name, archive, entry, nesting, layers, &objects);
        status = ARCHIVE_OK;
    }
    if (status < ARCHIVE_WARN) {
        visitor->failed(visitor->context, name, archive_error_string(archive));
    }
    archive_read_free(archive);
    json_decref(layers);
    visit_objects(visitor, &objects, nesting.held);
}

/* What unpacks is loaded when it is needed. */
static bool can_unpack(const struct zf_scan_visitor *visitor, const char *name) {
    struct zf_error err;
    if (zf_late_load(ZF_ARCHIVE_LIBRARY, &err) != ZF_OK) {
        visitor->failed(visitor->context, name, err.message);
        return false;
    }
    return true;
}

static void visit_kernel(const struct zf_scan_visitor *visitor, const char *name, const void *bytes,
                         size_t size) {
    char inner[NAME];
    size_t unpacked;
    uint8_t *image = zf_scan_unpack_kernel(bytes, size, &unpacked);
    snprintf(inner, sizeof inner, "%s:kernel", name);
    if (image) {
        visitor->found(visitor->context, inner, image, unpacked);
    } else {
        visitor->failed(visitor->context, inner, "no compressed kernel in the boot image");
    }
    free(image);
}

/* Whether a container may be opened; else it is told why not, once of those that lie deep. */
static bool may_open(const struct zf_scan_visitor *visitor, const char *name,
                     struct nesting nesting) {
    if (nesting.depth >= DEPTH) {
        visitor->failed(visitor->context, name, "lies in more than 16 others");
        return false;
    }
    if (nesting.depth <= DEEP || *nesting.deep < MOST_DEEP) {
        *nesting.deep += nesting.depth > DEEP;
        return true;
    }
    if (*nesting.deep == MOST_DEEP) {
        visitor->failed(visitor->context, name, "one of more than 10000 that lie in 5 others");
        ++*nesting.deep;
    }
    return false;
}

static void visit(const struct zf_scan_visitor *visitor, const char *name, const void *bytes,
                  size_t size, struct nesting nesting) {
    if (zf_scan_is_relocatable(bytes, size)) {
        struct zf_scan_object object = {.name = name, .bytes = bytes, .size = size};
        visitor->library(visitor->context, &object, 1);
    } else if (zf_scan_is_elf(bytes, size)) {
        visitor->found(visitor->context, name, bytes, size);
    } else if (zf_scan_is_kernel(bytes, size)) {
        if (can_unpack(visitor, name)) {
            visit_kernel(visitor, name, bytes, size);
        }
    } else if (zf_scan_is_container(bytes, size) && may_open(visitor, name, nesting) &&
               can_unpack(visitor, name)) {
        visit_container(visitor, name, bytes, size, nesting);
    }
}

uint8_t *zf_scan_map(const char *path, size_t *size) {
    struct stat st;
    void *bytes = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        *size = (size_t)st.st_size;
        errno = 0;
        bytes = S_ISREG(st.st_mode) && *size
                    ? mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0)
                    : MAP_FAILED;
    }
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return bytes == MAP_FAILED ? NULL : bytes;
}

/* A file of the host, of which what is `hidden` does not count. */
static void open_file(const char *path, const struct zf_scan_visitor *visitor,
                      const json_t *hidden) {
    size_t size;
    uint8_t *bytes = zf_scan_map(path, &size);
    unsigned deep = 0;
    struct zf_scan_held held = {.lock = visitor->large};
    if (bytes) {
        visit(visitor, path, bytes, size, (struct nesting){0, &deep, &held, hidden});
        munmap(bytes, size);
    } else if (errno) {
        visitor->failed(visitor->context, path, strerror(errno));
    }
    if (held.alone) {
        pthread_mutex_unlock(held.lock);
    }
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void open_layout(const char *path, const struct zf_scan_visitor *visitor) {
    if (!can_unpack(visitor, path)) {
        return;
    }
    json_t *layers = zf_scan_hidden_in_folder(path);
    char *paths[] = {(char *)(uintptr_t)path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    FTSENT *entry;
    while (tree && (entry = fts_read(tree))) {
        if (entry->fts_info == FTS_F) {
            open_file(entry->fts_path, visitor, hidden_in(layers, entry->fts_path + strlen(path)));
        } else if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR ||
                   entry->fts_info == FTS_ERR) {
            visitor->failed(visitor->context, entry->fts_path, strerror(entry->fts_errno));
        }
    }
    if (tree) {
        fts_close(tree);
    } else {
        visitor->failed(visitor->context, path, strerror(errno));
    }
    json_decref(layers);
}

void zf_scan_open(const char *path, const struct zf_scan_visitor *visitor) {
    if (zf_scan_is_layout(path)) {
        open_layout(path, visitor);
    } else {
        open_file(path, visitor, NULL);
    }
}
