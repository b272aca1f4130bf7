/* What reading containers (container.c) and images of containers (image.c) share. */
#ifndef ZFACET_UI_SCAN_CONTAINER_H
#define ZFACET_UI_SCAN_CONTAINER_H

#include <archive.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What a file's members take of storage while they are open. Of files that need much, one is open
 * at a time. */
struct zf_scan_held {
    size_t bytes;
    bool alone; /* has the lock */
    pthread_mutex_t *lock;
};

/** Not all that libarchive has: some of its formats are text, which much else looks like. */
struct archive *zf_scan_open_archive(const void *bytes, size_t size, int *status);
/** Whether these are the first bytes of a file that contains others. */
bool zf_scan_is_container(const uint8_t *bytes, size_t size);
/** All of a member; NULL when it is too large or damaged. What it takes is held until it is
 * dropped.
 */
uint8_t *zf_scan_read_member(struct archive *archive, size_t *size, struct zf_scan_held *held);
void zf_scan_drop_member(uint8_t *bytes, size_t size, struct zf_scan_held *held);
/** Without what stands before the first name and after the last. */
void zf_scan_clean_path(const char *path, char *clean, size_t size);

/**
 * The files in the layers of an image that are not in the container: {name of the layer: {path:
 * null}}. NULL: it is no image, or it is not known.
 */
json_t *zf_scan_hidden(const void *bytes, size_t size, struct zf_scan_held *held);
/** The same of an image that lies in a folder. */
json_t *zf_scan_hidden_in_folder(const char *path);

/** A regular file in storage; NULL: errno says why not, or 0: there is nothing in it. */
uint8_t *zf_scan_map(const char *path, size_t *size);

#endif
