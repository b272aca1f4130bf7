/*
 * Allocations that fail on purpose, in a program that is linked with --wrap=malloc, calloc and
 * realloc.
 */
#ifndef ZFACET_TESTS_ALLOCATION_H
#define ZFACET_TESTS_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

struct memory {
    long left; /* allocations until one fails; below 0: none does */
    bool failed;
};

static struct memory *memory(void) {
    static struct memory memory = {.left = -1};
    return &memory;
}

static bool fails(void) {
    struct memory *m = memory();
    bool now = __atomic_load_n(&m->left, __ATOMIC_SEQ_CST) >= 0 &&
               !__atomic_fetch_sub(&m->left, 1, __ATOMIC_SEQ_CST);
    if (now) {
        m->failed = true;
    }
    return now;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size) {
    return fails() ? NULL : __real_realloc(old, size);
}

#endif
