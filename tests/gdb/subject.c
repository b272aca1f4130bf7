/* A Linux program to be debugged. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct point {
    int x, y;
};

volatile int knob = 3;

__attribute__((noinline)) int factorial(int n) {
    return n < 2 ? 1 : n * factorial(n - 1);
}

__attribute__((noinline)) double half(double d) {
    return d / 2;
}

long counter;

__attribute__((noinline)) void count(void) {
    for (int i = 0; i < 1000; i++) {
        counter++;
    }
}

static int in_child(void) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(factorial(4));
    }
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
    struct point p = {argc, 7};
    printf("factorial %d, point %d %d, half %g\n", factorial(knob), p.x, p.y, half(5));
    fflush(stdout);
    count();
    if (argc > 1 && !strcmp(argv[1], "crash")) {
        *(volatile int *)8 = 1;
    }
    if (argc > 1 && !strcmp(argv[1], "exec")) {
        char *again[] = {argv[0], "fork", NULL};
        execv(argv[0], again);
    }
    return argc > 1 ? in_child() : 5;
}
