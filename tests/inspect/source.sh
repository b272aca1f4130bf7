#!/usr/bin/env bash
# Functions and lines of the source beside the code of a guest: source.sh ZFACET
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
cat >"$folder/start.c" <<'END'
int turns;
void _start(void) {
    turns = 1;
    for (;;) {
        turns++;
    }
}
END
cat >"$folder/hello.c" <<'END'
#include <stdio.h>
int main(int argc, char **argv) { return puts(argv[argc - 1]) < 0; }
END
cat >"$folder/threads.c" <<'END'
#include <pthread.h>
static volatile int turns;
static void *spin(void *unused) {
    for (;;) {
        turns++;
    }
    return unused;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, spin, 0);
    spin(0);
    return 0;
}
END
cat >"$folder/shared.c" <<'END'
#include <sys/mman.h>
int main(void) {
    volatile char *p = mmap(0, 4096, PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (;;) {
        ++*p;
    }
}
END

# shows NAME PATTERN ARGUMENT...: a line of the view, with blanks as they come
shows() {
    local name=$1 pattern=$2
    shift 2
    timeout -k 5 60 "$zfacet" inspect --text --view run --models z14 --guest "$@" >"$folder/text" 2>&1
    grep -qE "$pattern" "$folder/text" || {
        failures=$((failures + 1))
        echo "FAIL $name: no $pattern in:"
        head -n 12 "$folder/text"
    }
}

zfacet=$1
s390x-linux-gnu-gcc -g -O0 -static -nostdlib -o "$folder/start" "$folder/start.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -o "$folder/hello" "$folder/hello.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -pthread -o "$folder/threads" "$folder/threads.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -o "$folder/shared" "$folder/shared.c" || exit 1
shows 'a line' '^ *▶.*_start  start[.]c:2' "$folder/start"
shows 'another' '^ *▶.*_start[+].*  start[.]c:[35]' "$folder/start" --after 7
shows 'back' '^instruction 5 of 9$' "$folder/start" --after 9 --back-to 5
shows 'back over calls' '^instruction 5,000 of 2.,...$' "$folder/hello" --after 22000 --back-to 5000
back=$(grep '^PSW' "$folder/text")
shows 'there at once' '^instruction 5,000 of 5,000$' "$folder/hello" --after 5000
[ "$back" = "$(grep '^PSW' "$folder/text")" ] || {
    failures=$((failures + 1))
    echo "FAIL back: $back"
}
shows 'no way back' 'cannot go back further: it has storage that it shares' "$folder/shared" --after 40000
shows 'back among threads' '^instruction 30,000 of 1..,...$' "$folder/threads" --after 90000 --back-to 30000
shows 'arguments' 'completed: exit status 0 .*hello two words' "$folder/hello" --after 100000 -- two words
shows 'output' '^ *words$' "$folder/hello" --after 100000 -- two words
shows 'threads' '^ +1  operating +[0-9a-f]+  [0-9a-f]{16}' "$folder/threads" --after 40000
echo "$failures failed"
[ $failures -eq 0 ]
