/*
 * The C library's string functions, which choose vector code where the machine has it, against
 * plain loops: lengths 0 to 600 with the last byte at the end of storage, and at every alignment.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <wchar.h>

#ifndef SHORT
#define SHORT 80 /* longest at every alignment */
#endif
enum { PAGE = 4096, LONGEST = 600, ALIGNMENTS = 16 };

static size_t length, alignment;
static uint64_t state = 88172645463325252u;

static unsigned next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 32);
}

static void check(const char *what, int right) {
    if (!right) {
        printf("wrong: %s, length %zu, alignment %zu\n", what, length, alignment);
        exit(1);
    }
}

static int sign(int v) {
    return (v > 0) - (v < 0);
}

/* Letters a to d, and then the byte that ends the string. */
static void fill(char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        s[i] = (char)('a' + next() % 4);
    }
    s[n] = 0;
}

static size_t first_of(const char *s, size_t n, const char *set, int in) {
    size_t i = 0;
    for (; i < n; i++) {
        int found = 0;
        for (const char *p = set; *p; p++) {
            found |= *p == s[i];
        }
        if (found == in) {
            break;
        }
    }
    return i;
}

static void check_searches(const char *s, size_t n) {
    size_t last = n, at = first_of(s, n, "d", 1), rare = first_of(s, n, "\x01", 1);
    for (size_t i = 0; i < n; i++) {
        last = s[i] == 'd' ? i : last;
    }
    check("strlen", strlen(s) == n);
    check("strnlen", strnlen(s, n + 1) == n && strnlen(s, n / 2) == n / 2);
    check("strchr", strchr(s, 'd') == (at < n ? s + at : NULL) && strchr(s, 0) == s + n);
    check("strchrnul", strchrnul(s, 'd') == s + at && strchrnul(s, 1) == s + rare);
    check("strrchr", strrchr(s, 'd') == (last < n ? s + last : NULL));
    check("memchr", memchr(s, 'd', n) == (at < n ? s + at : NULL) && !memchr(s, 'd', at));
    check("memrchr", memrchr(s, 'd', n) == (last < n ? s + last : NULL));
    check("rawmemchr", rawmemchr(s, 0) == s + n);
    check("strspn", strspn(s, "abc") == first_of(s, n, "abc", 0));
    check("strcspn", strcspn(s, "d") == at && strcspn(s, "zyxd") == at && strcspn(s, "zyx") == n);
    check("strpbrk", strpbrk(s, "dz") == (at < n ? s + at : NULL));
}

static void check_substrings(const char *s, size_t n) {
    for (size_t k = 1; k <= 20 && k <= n; k += 3) {
        char wanted[24];
        memcpy(wanted, s + n - k, k);
        wanted[k] = 0;
        size_t i = 0;
        while (memcmp(s + i, wanted, k) != 0) {
            i++;
        }
        check("strstr", strstr(s, wanted) == s + i);
        check("memmem", memmem(s, n, wanted, k) == s + i);
        wanted[k - 1] = 'z';
        check("strstr of nothing", !strstr(s, wanted));
    }
}

static void check_compares(const char *s, char *t, size_t n) {
    for (size_t i = 0; i <= n; i++) {
        t[i] = s[i];
    }
    check("strcmp", !strcmp(s, t) && !strncmp(s, t, n + 1) && !memcmp(s, t, n + 1));
    if (n) {
        size_t i = next() % n;
        t[i] = (char)(s[i] + (next() & 1 ? 1 : -1));
        int order = s[i] < t[i] ? -1 : 1;
        check("strcmp", sign(strcmp(s, t)) == order);
        check("strncmp", sign(strncmp(s, t, n)) == order && !strncmp(s, t, i));
        check("memcmp", sign(memcmp(s, t, n)) == order && !memcmp(s, t, i));
        t[i] = s[i];
    }
}

/* `to` has n + 1 bytes, then nothing. */
static void check_copies(const char *s, char *to, size_t n) {
    memset(to, 'x', n + 1);
    check("memset", first_of(to, n + 1, "x", 0) == n + 1);
    check("stpcpy", stpcpy(to, s) == to + n && !memcmp(to, s, n + 1));
    memset(to, 0, n + 1);
    check("strcpy", strcpy(to, s) == to && !memcmp(to, s, n + 1));
    memset(to, 0, n + 1);
    check("memcpy", memcpy(to, s, n + 1) == to && !memcmp(to, s, n + 1));
    memset(to, 'x', n + 1);
    check("strncpy", strncpy(to, s, n + 1) == to && !memcmp(to, s, n + 1));
    memset(to, 'x', n + 1);
    check("stpncpy",
          stpncpy(to, s, n / 2) == to + n / 2 && !memcmp(to, s, n / 2) && to[n / 2] == 'x');
    to[0] = 0;
    check("strcat", strcat(to, s) == to && !memcmp(to, s, n + 1));
    to[n / 2] = 0;
    check("strncat", strncat(to, s + n / 2, n) == to && !memcmp(to, s, n + 1));
    check("memccpy", memccpy(to, s, 0, n + 1) == to + n + 1);
    if (n > 3) {
        memmove(to + 3, to, n - 3);
        check("memmove up", !memcmp(to + 3, s, n - 3));
        memmove(to, to + 3, n - 3);
        check("memmove down", !memcmp(to, s, n - 3));
    }
}

static void check_wide(wchar_t *s, wchar_t *t, size_t n) {
    size_t at = n;
    for (size_t i = 0; i <= n; i++) {
        s[i] = t[i] = i < n ? (wchar_t)(1000 + next() % 50) : 0;
        at = at == n && s[i] == 1007 ? i : at;
    }
    check("wcslen", wcslen(s) == n);
    check("wcschr", wcschr(s, 1007) == (at < n ? s + at : NULL));
    check("wmemchr", wmemchr(s, 1007, n) == (at < n ? s + at : NULL));
    check("wcscmp", !wcscmp(s, t) && !wmemcmp(s, t, n + 1));
    if (n) {
        t[n - 1]++;
        check("wcscmp", wcscmp(s, t) < 0 && wcsncmp(s, t, n - 1) == 0 && wmemcmp(t, s, n) > 0);
    }
    check("wcscpy", wcscpy(t, s) == t && !memcmp(s, t, 4 * (n + 1)));
    check("wmemset", wmemset(t, 7, n + 1) == t && t[0] == 7 && t[n] == 7);
}

static void check_at(char *s, char *t, size_t n) {
    length = n;
    alignment = (uintptr_t)s % ALIGNMENTS;
    fill(s, n);
    check_searches(s, n);
    check_substrings(s, n);
    check_compares(s, t, n);
    check_copies(s, t, n);
}

/* Two pages behind which there is none. */
static char *pages(void) {
    char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + 2 * PAGE, PAGE, PROT_NONE)) {
        exit(2);
    }
    return p;
}

int main(void) {
    char *s = pages(), *t = pages();
    for (size_t n = 0; n <= LONGEST; n++) {
        check_at(s + 2 * PAGE - n - 1, t + 2 * PAGE - n - 1, n);
        check_at(s + n % 7, t + 2 * PAGE - n - 1, n);
    }
    for (size_t n = 0; n <= SHORT; n++) {
        for (size_t a = 0; a < ALIGNMENTS; a++) {
            check_at(s + a, t + 5 * a % ALIGNMENTS, n);
        }
    }
    for (size_t n = 0; n <= LONGEST / 4; n++) {
        check_wide((wchar_t *)(s + 2 * PAGE) - n - 1, (wchar_t *)(t + 2 * PAGE) - n - 1, n);
    }
    puts("right");
    return 0;
}
