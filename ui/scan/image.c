/*
 * Images of containers (OCI, and what docker save writes): a tar file or a folder with a tar file
 * of each layer. Layers lie one over the other, so that a file may be replaced or taken away by a
 * later one. What is not in the container is found first; an image whose order of layers is not
 * clear, or a file with several images, hides nothing.
 */
#include "scan/container.h"
#include "scan/result.h"

#include <archive_entry.h>
#include <ctype.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { PATH = 4096, MOST_JSON = 1 << 22 };
static const char whiteout[] = ".wh.", opaque[] = ".wh..wh..opq";

/* Paths of files that layers above have or take away, folders that they empty, and folders. */
struct above {
    json_t *files, *emptied, *folders;
};

static void add(json_t *set, const char *path) {
    json_object_set_new_nocheck(set, path, json_null());
}

void zf_scan_clean_path(const char *path, char *clean, size_t size) {
    while (*path == '/' || (*path == '.' && path[1] == '/')) {
        path++;
    }
    snprintf(clean, size, "%s", path);
    for (size_t length = strlen(clean); length && clean[length - 1] == '/';) {
        clean[--length] = 0;
    }
}

static bool is_first_of_image(const char *name) {
    static const char *const names[] = {"blobs/", "oci-layout", "index.json", "manifest.json",
                                        "repositories"};
    unsigned digits = 0;
    bool is = false;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        is |= !strncmp(name, names[i], strlen(names[i]));
    }
    while (isxdigit((unsigned char)name[digits])) {
        digits++;
    }
    return is || !strcmp(name, "blobs") || digits == 64; /* a SHA-256 */
}

static bool looks_like_image(const void *bytes, size_t size) {
    int status;
    char name[PATH] = "";
    struct archive_entry *entry;
    struct archive *archive = zf_scan_open_archive(bytes, size, &status);
    if (status == ARCHIVE_OK && archive_read_next_header(archive, &entry) == ARCHIVE_OK &&
        archive_entry_pathname(entry)) {
        zf_scan_clean_path(archive_entry_pathname(entry), name, sizeof name);
    }
    archive_read_free(archive);
    return is_first_of_image(name);
}

/* What a layer has: [path, whether it is a folder, what it is a link to or null]. */
static json_t *list_layer(const void *bytes, size_t size) {
    int status;
    struct archive_entry *entry;
    json_t *list = json_array();
    struct archive *archive = zf_scan_open_archive(bytes, size, &status);
    while (status >= ARCHIVE_WARN && status != ARCHIVE_EOF &&
           (status = archive_read_next_header(archive, &entry)) >= ARCHIVE_WARN &&
           status != ARCHIVE_EOF) {
        char path[PATH], link[PATH];
        const char *name = archive_entry_pathname(entry), *target = archive_entry_hardlink(entry);
        if (!name) {
            break;
        }
        zf_scan_clean_path(name, path, sizeof path);
        zf_scan_clean_path(target ? target : "", link, sizeof link);
        json_t *item = json_array();
        json_array_append_new(item, json_string_nocheck(path));
        json_array_append_new(item, json_boolean(archive_entry_filetype(entry) == AE_IFDIR));
        json_array_append_new(item, target ? json_string_nocheck(link) : json_null());
        json_array_append_new(list, item);
    }
    archive_read_free(archive);
    return list;
}

/* A document or a layer, by its name. */
static void note_member(const char *name, const uint8_t *member, size_t length, json_t *documents,
                        json_t *layers) {
    if (length && (*member == '{' || *member == '[')) {
        json_t *document = length < MOST_JSON ? json_loadb((char *)member, length, 0, NULL) : NULL;
        if (document) {
            json_object_set_new_nocheck(documents, name, document);
        }
    } else if (zf_scan_is_container(member, length)) {
        json_object_set_new_nocheck(layers, name, list_layer(member, length));
    }
}

static void read_image(const void *bytes, size_t size, struct zf_scan_held *held, json_t *documents,
                       json_t *layers) {
    int status;
    struct archive_entry *entry;
    struct archive *archive = zf_scan_open_archive(bytes, size, &status);
    while (status == ARCHIVE_OK && archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
        char name[PATH];
        size_t length = 0;
        uint8_t *member = archive_entry_filetype(entry) == AE_IFREG && archive_entry_pathname(entry)
                              ? zf_scan_read_member(archive, &length, held)
                              : NULL;
        if (member) {
            zf_scan_clean_path(archive_entry_pathname(entry), name, sizeof name);
            note_member(name, member, length, documents, layers);
            zf_scan_drop_member(member, length, held);
        }
    }
    archive_read_free(archive);
}

/* "sha256:0123" as the name of the file with it. */
static const json_t *blob(const json_t *documents, const json_t *descriptor, char *name,
                          size_t size) {
    const char *digest = json_string_value(json_object_get(descriptor, "digest"));
    const char *colon = digest ? strchr(digest, ':') : NULL;
    snprintf(name, size, "blobs/%.*s/%s", colon ? (int)(colon - digest) : 0, digest ? digest : "",
             colon ? colon + 1 : "");
    return json_object_get(documents, name);
}

/* The names of the layers, the lowest first; NULL: not one image. */
static json_t *order_of(const json_t *documents) {
    enum { DEEP = 4 };
    char name[PATH];
    const json_t *list = json_object_get(documents, "manifest.json");
    if (list) {
        return json_array_size(list) == 1
                   ? json_deep_copy(json_object_get(json_array_get(list, 0), "Layers"))
                   : NULL;
    }
    const json_t *at = json_object_get(documents, "index.json"), *layers = NULL;
    for (int i = 0; i < DEEP && at && !(layers = json_object_get(at, "layers")); i++) {
        const json_t *manifests = json_object_get(at, "manifests");
        at = json_array_size(manifests) == 1
                 ? blob(documents, json_array_get(manifests, 0), name, sizeof name)
                 : NULL;
    }
    json_t *order = layers ? json_array() : NULL;
    for (size_t i = 0; i < json_array_size(layers); i++) {
        blob(documents, json_array_get(layers, i), name, sizeof name);
        json_array_append_new(order, json_string_nocheck(name));
    }
    return order;
}

static bool is_hidden(const struct above *above, const char *path) {
    char part[PATH];
    if (json_object_get(above->folders, path) || json_object_get(above->files, path)) {
        return true;
    }
    snprintf(part, sizeof part, "%s", path);
    for (char *slash; (slash = strrchr(part, '/'));) {
        *slash = 0;
        if (json_object_get(above->files, part) || json_object_get(above->emptied, part)) {
            return true;
        }
    }
    return json_object_get(above->emptied, "");
}

/* Which files of a layer those above hide; one that a link of its own keeps is there. */
static json_t *hidden_of(const struct above *above, const json_t *layer) {
    json_t *hidden = json_object(), *item;
    size_t i;
    json_array_foreach(layer, i, item) {
        const char *path = json_string_value(json_array_get(item, 0));
        if (!json_is_true(json_array_get(item, 1)) && is_hidden(above, path)) {
            add(hidden, path);
        }
    }
    json_array_foreach(layer, i, item) {
        const char *link = json_string_value(json_array_get(item, 2));
        if (link && !json_object_get(hidden, json_string_value(json_array_get(item, 0)))) {
            json_object_del(hidden, link);
        }
    }
    return hidden;
}

/* What the layer hides of those below. */
static void put_above(const struct above *above, const json_t *layer) {
    json_t *item;
    size_t i;
    json_array_foreach(layer, i, item) {
        char path[PATH];
        snprintf(path, sizeof path, "%s", json_string_value(json_array_get(item, 0)));
        char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        if (json_is_true(json_array_get(item, 1))) {
            add(above->folders, path);
        } else if (!strcmp(base, opaque)) {
            *(slash ? slash : path) = 0;
            add(above->emptied, path);
        } else if (!strncmp(base, whiteout, sizeof whiteout - 1)) {
            memmove(base, base + sizeof whiteout - 1, strlen(base + sizeof whiteout - 1) + 1);
            add(above->files, path);
        } else {
            add(above->files, path);
        }
    }
}

static json_t *hide(const json_t *order, const json_t *layers) {
    struct above above = {json_object(), json_object(), json_object()};
    json_t *all = json_object();
    for (size_t i = json_array_size(order); all && i--;) {
        const char *name = json_string_value(json_array_get(order, i));
        const json_t *layer = name ? json_object_get(layers, name) : NULL;
        if (!layer) {
            json_decref(all);
            all = NULL;
        } else if (!json_object_get(all, name)) { /* else its files were in sight further up */
            json_object_set_new_nocheck(all, name, hidden_of(&above, layer));
            put_above(&above, layer);
        }
    }
    json_decref(above.files);
    json_decref(above.emptied);
    json_decref(above.folders);
    return all;
}

/* Takes both. */
static json_t *hide_all(json_t *documents, json_t *layers) {
    json_t *order = order_of(documents), *all = order ? hide(order, layers) : NULL;
    json_decref(order);
    json_decref(documents);
    json_decref(layers);
    return all;
}

json_t *zf_scan_hidden(const void *bytes, size_t size, struct zf_scan_held *held) {
    if (!looks_like_image(bytes, size)) {
        return NULL;
    }
    json_t *documents = json_object(), *layers = json_object();
    read_image(bytes, size, held, documents, layers);
    return hide_all(documents, layers);
}

static bool has(const char *folder, const char *name, mode_t type) {
    char path[PATH];
    struct stat st;
    return (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path &&
           stat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

bool zf_scan_is_layout(const char *path) {
    return has(path, "oci-layout", S_IFREG) && has(path, "index.json", S_IFREG) &&
           has(path, "blobs", S_IFDIR);
}

json_t *zf_scan_hidden_in_folder(const char *path) {
    json_t *documents = json_object(), *layers = json_object();
    char *paths[] = {(char *)(uintptr_t)path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    while (tree && (entry = fts_read(tree))) {
        size_t size;
        uint8_t *bytes = entry->fts_info == FTS_F ? zf_scan_map(entry->fts_path, &size) : NULL;
        if (bytes) {
            char name[PATH];
            zf_scan_clean_path(entry->fts_path + strlen(path), name, sizeof name);
            note_member(name, bytes, size, documents, layers);
            munmap(bytes, size);
        }
    }
    if (tree) {
        fts_close(tree);
    }
    return hide_all(documents, layers);
}
