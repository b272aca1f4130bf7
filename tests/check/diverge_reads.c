/*
 * A program whose argument says what it asks about its machine, without a branch by the answer:
 * list writes the facility list, status ends with its bit 58, platform writes AT_PLATFORM; else it
 * is a file, which it reads and writes.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static unsigned long list[4];

static void store_list(void) {
    register unsigned long last __asm__("0") = 3;
    __asm__ volatile("stfle %0" : "=Q"(list), "+d"(last) : : "cc", "memory");
}

int main(int argc, char **argv) {
    static char bytes[1 << 14];
    const char *what = argv[1];
    const void *from = list;
    long length = sizeof list;
    store_list();
    if (!strcmp(what, "status")) {
        return (int)(list[0] >> 5 & 1);
    }
    if (!strcmp(what, "platform")) {
        from = (const char *)getauxval(AT_PLATFORM);
        length = 3;
    } else if (strcmp(what, "list") != 0) {
        from = bytes;
        length = read(open(what, O_RDONLY), bytes, sizeof bytes);
    }
    return write(1, from, (size_t)length) != length;
}
