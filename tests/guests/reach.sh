#!/usr/bin/env bash
# What a guest reaches of the host, and what of zfacet: descriptors, storage, paths, CPUs.
# Arguments: ZFACET WORK-FOLDER PEERS-FOLDER
set -u
zfacet=$(realpath "$1")
work=$(realpath -m "$2")
peers=${ZFACET_PEERS:-$3}
here=$(cd "$(dirname "$0")" && pwd)
busybox=$peers/s390x/bin/busybox
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
[ -x "$busybox" ] || { echo "$busybox is missing: run tests/tools/peers $peers"; exit 1; }
rm -rf "$work"
mkdir -p "$work/root/a" "$work/root/x" "$work/root/bin" "$work/here"
ran=0
failed=0

# expect NAME OUTPUT COMMAND...
expect() {
    local name=$1 output=$2 got
    shift 2
    got=$(cd "$work/here" && timeout -k 5 120 "$@" 2>&1 < /dev/null)
    ran=$((ran + 1))
    if [ "$got" != "$output" ]; then
        printf 'FAILED: %s\n%s\n' "$name" "$got"
        failed=$((failed + 1))
    fi
}

# its own files, in the open and contained; then they are as they were
"$cc" -O2 -static -o "$work/root/bin/reach" "$here/reach.c" || exit 1
outputs=(--check --report "$work/report" --trace calls --trace-file "$work/trace")
for engine in auto,hot=2 switch; do
    for contained in "" "--contain --sysroot $work/root"; do
        # shellcheck disable=SC2086 # two words, or none
        expect "reach $contained $engine" right "$zfacet" run --quiet --engine $engine $contained "${outputs[@]}" "$work/root/bin/reach"
        python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/report" || failed=$((failed + 1))
        grep -q '^execve\|^mmap\|^brk' "$work/trace" || { echo "FAILED: the trace is gone"; failed=$((failed + 1)); }
    done
done

# a contained guest changes nothing of the host's as a whole, not even root's
cp "$busybox" "$work/root/bin/busybox"
# shellcheck disable=SC2016 # the guest expands it
expect "/proc of the host" "" "$zfacet" run --quiet --contain --sysroot "$work/root" "$work/root/bin/busybox" sh -c \
    'for f in /proc/sys/kernel/core_pattern /proc/sys/vm/overcommit_memory /proc/irq/default_smp_affinity; do
        if [ -e $f ] && ( : >> $f ) 2> /dev/null; then echo "$f can be written"; fi
    done; cat /proc/keys /proc/timer_list 2> /dev/null; true'

expect "a given folder" "" "$zfacet" run --quiet --contain --sysroot "$work/root" "$work/root/bin/busybox" sh -c \
    '[ ! -e /proc/self/fd/10 ] || ls /proc/self/fd/10/' 10< /
expect "mounts, namespaces and names" $'mount: permission denied (are you root?)\nunshare: unshare(0x20000): Operation not permitted\nhostname: sethostname: Operation not permitted' \
    "$zfacet" run --quiet --contain --sysroot "$work/root" "$work/root/bin/busybox" sh -c \
    '{ /bin/busybox mount -t tmpfs x /tmp; /bin/busybox unshare -m true; /bin/busybox hostname x; } 2>&1'
"$cc" -static -x c -o "$work/root/bin/mounts" - << 'END' || exit 1
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#define DO(...) printf("%d ", syscall(__VA_ARGS__) < 0 ? errno : 0)
int main(void) {
    static char none[32];
    DO(SYS_fsopen, "tmpfs", 0), DO(SYS_fsconfig, 0, 0, 0, 0, 0), DO(SYS_fsmount, 0, 0, 0), DO(SYS_fspick, -100, "/", 0);
    DO(SYS_open_tree, -100, "/", 1), DO(SYS_open_tree, -100, "/", 0), DO(SYS_move_mount, -100, "/", -100, "/", 0);
    DO(SYS_mount_setattr, -100, "/", 0, none, sizeof none);
}
END
expect "mounts by descriptors" "1 1 1 1 1 0 1 1 " "$zfacet" run --quiet --contain --sysroot "$work/root" "$work/root/bin/mounts"
expect "an owner's identity" 755 "$zfacet" run --quiet --contain --sysroot "$work/root" "$work/root/bin/busybox" sh -c \
    'touch /own; chmod 6755 /own; stat -c %a /own'

# links of the sysroot lead to the sysroot, or to what only the host has
root=$work/root
cp "$busybox" "$root/bin/busybox"
echo inside > "$root/a/file"
echo outside > "$work/outside"
ln -s /a/file "$root/absolute"
ln -s /a "$root/folder"
ln -s ../absolute "$root/x/relative"
ln -s /folder/../folder/file "$root/long"
ln -s "$work/outside" "$root/outside"
ln -s "$work" "$root/out"
ln -s /bin/busybox "$root/bin/cat"
cat > "$work/in_root" << END
#!/bin/sh
exec "$zfacet" run --quiet --model z13 --sysroot "$root" "$root/bin/busybox" "\$@"
END
chmod +x "$work/in_root"
in_root=$work/in_root
expect "absolute links" $'inside\ninside\ninside' "$in_root" cat /absolute /folder/file /long
expect "relative paths" $'inside\ninside\ninside' \
    "$in_root" sh -c "cd $root/x; exec cat relative ../absolute ../folder/file"
expect "the host's path" inside "$in_root" cat "$root/absolute"
expect "links to a file and a folder of the host's" $'outside\noutside' "$in_root" cat /outside /out/outside
expect "the host's folders from the sysroot's" $'outside\nmade' "$in_root" sh -c \
    "cd /; cat ${work#/}/outside; echo made >${work#/}/made; cat ${work#/}/made"
[ -e "$work/made" ] || { echo "FAILED: made at the host"; failed=$((failed + 1)); }
ln -s made_inside "$root/dangling"
expect "what a link does not lead to yet is made in the sysroot" made "$in_root" sh -c "echo made >/dangling; cat /made_inside"
[ -e "$root/made_inside" ] || { echo "FAILED: made elsewhere"; failed=$((failed + 1)); }
expect "what is below a file is nowhere" $'cat: can\'t open \'/a/file/x\': No such file or directory\ncat: can\'t open \'/a/file/\': Not a directory' \
    "$in_root" cat /a/file/x /a/file/
expect "names that are no names" $'inside\ninside\ninside' "$in_root" cat /./a/./file //a//file /../x/../folder/file
# as on the system that the sysroot is of; the folder that it leads to is the same
expect "the working directory" $'/\n/x\n/x\n/x\n'"$work"$'\n/\ninside' "$in_root" sh -c \
    "cd /; /bin/busybox pwd -P; cd /x; /bin/busybox pwd -P; readlink /proc/self/cwd; cd $root/x; /bin/busybox pwd -P
     cd $work; /bin/busybox pwd -P; cd /x; cd ..; /bin/busybox pwd -P; cd /folder; cat \$(/bin/busybox pwd -P)/file"
expect "the links themselves" $'/a/file\n/a' "$in_root" sh -c 'readlink /absolute; readlink /folder'
expect "a program" inside "$in_root" sh -c 'exec /bin/cat /x/relative'
expect "a link is removed" inside "$in_root" sh -c "rm /absolute; [ -L $root/absolute ] || cat /a/file"
# what links of /proc lead to has the name that it has there: of the program, by any path, and of what is open
"$cc" -static -x c -o "$root/bin/names" - << 'END' || exit 1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
static void show(int folder, const char *path) {
    char text[4096];
    ssize_t length = readlinkat(folder, path, text, sizeof text);
    printf("%.*s\n", length < 0 ? 1 : (int)length, length < 0 ? "-" : text);
}
int main(int argc, char **argv) {
    char path[64], line[4096];
    if (argc > 1) {
        return puts("executed") < 0;
    }
    show(AT_FDCWD, "/proc/self/exe");
    snprintf(path, sizeof path, "/proc/%d/task/%d/exe", getpid(), getpid());
    show(AT_FDCWD, path);
    show(open("/proc/self", O_PATH), "exe");
    show(open("/proc", O_PATH), "self/exe");
    snprintf(path, sizeof path, "%d", open("/a/file", O_RDONLY));
    show(open("/proc/self/fd", O_PATH), path);
    puts(realpath("/proc/self/exe", NULL));
    puts((const char *)getauxval(AT_EXECFN));
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) && !strstr(line, "/bin/names")) {
    }
    printf("%s", strchr(line, '/'));
    show(AT_FDCWD, "/proc//self/./exe");
    chdir("/");
    show(AT_FDCWD, "proc/self/exe");
    chdir("/proc/self");
    show(AT_FDCWD, "task/../exe");
    show(AT_FDCWD, "exe");
    fflush(stdout);
    execl("exe", "exe", "again", NULL);
}
END
ln -sfn "$root" "$work/link-to-root"
names=$(printf '/bin/names\n%.0s' 1 2 3 4)$'\n/a/file\n'$(printf '/bin/names\n%.0s' 1 2 3 4 5 6 7)$'\nexecuted'
for contained in "" --contain; do
    # shellcheck disable=SC2086 # one word, or none
    expect "names of files that links of /proc lead to $contained" \
        "$names" "$zfacet" run --quiet $contained --sysroot "$root" "$root/bin/names"
    # shellcheck disable=SC2086
    expect "the same of a program named by a link to the sysroot $contained" \
        "$names" "$zfacet" run --quiet $contained --sysroot "$work/link-to-root" "$work/link-to-root/bin/names"
    # shellcheck disable=SC2086,SC2016 # the other shell expands them
    expect "the same of one named by a relative path $contained" \
        "$names" sh -c 'cd "$2" && exec "$1" run --quiet $3 --sysroot . bin/names' sh "$zfacet" "$root" "$contained"
done
# a limit of storage that a program sets for its child is none for the zfacet that executes it
"$cc" -static -x c -o "$root/bin/limits" - << 'END' || exit 1
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
static void *limit(void *unused) {
    struct rlimit set = {1 << 30, 1 << 30}, got;
    int error = prlimit(gettid(), RLIMIT_DATA, &set, NULL) | getrlimit(RLIMIT_DATA, &got);
    printf(" %s", !error && got.rlim_cur == set.rlim_cur ? "same" : "another");
    return NULL;
}
int main(void) {
    static const int resources[] = {RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_RSS};
    struct rlimit small = {64 << 20, 64 << 20}, wrong = {2, 1};
    int pipes[2], status, byte = 0;
    pipe(pipes);
    pid_t child = fork();
    if (!child) {
        read(pipes[0], &byte, 1);
        _exit(malloc(1 << 20) ? 7 : 1);
    }
    for (int i = 0; i < 4; i++) {
        printf("%d ", prlimit(child, resources[i], &small, NULL));
    }
    printf("%d ", prlimit(child, RLIMIT_AS, &wrong, NULL) ? errno : 0);
    printf("%d ", prlimit(child, RLIMIT_CORE, &small, &wrong) ? errno : 0);
    printf("%d ", prlimit(child, RLIMIT_CORE, NULL, &wrong) ? errno : wrong.rlim_cur == small.rlim_cur);
    fflush(stdout);
    write(pipes[1], &byte, 1);
    waitpid(child, &status, 0);
    printf("%d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    pthread_t thread;
    pthread_create(&thread, NULL, limit, NULL);
    pthread_join(thread, NULL);
}
END
expect "limits of another process, and by a thread" "0 0 0 0 22 0 1 7 same" "$zfacet" run --quiet "$root/bin/limits"
mkdir -p "$root/proc" "$root/sys" "$root/dev"
expect "what a system mounts is no empty folder of it" $'devices\n/dev/null\n/proc/self\nproc/version\nsystem' "$in_root" sh -c \
    'ls /sys | grep devices; ls -d /proc/self /dev/null; cd /; ls -d proc/version; cd /sys/devices; ls -d system'
ln -s ../proc/self/comm "$root/a/mounted"
ln -s / "$root/a/root"
# shellcheck disable=SC2016 # the guest expands it
expect "nor over links" $'busybox\nbusybox\nproc' "$in_root" sh -c 'cat /a/mounted /a/root/proc/self/comm; basename $(ls -d /folder/root/proc)'
mkdir -p "$root/below/bin"
cp "$busybox" "$root/below/bin/ls"
# that root has no /proc, which a sanitizer's search for leaks needs
as_root=()
[ "$(id -u)" = 0 ] || as_root=(unshare -r /bin/busybox)
expect "a root below the sysroot" bin env ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
    "$in_root" "${as_root[@]}" chroot /below /bin/ls /
# as many CPUs in calls and files
cpus() {
    expect "CPUs $*" $'4\n4\n0-3\n4\n4' "$zfacet" run --quiet --cpus 4 "$@" "$root/bin/busybox" sh -c \
        'nproc; grep -c ^processor.*version /proc/cpuinfo; cat /sys/devices/system/cpu/online
         grep -c "^cpu[0-9]" /proc/stat; grep processors /proc/cpuinfo | sed "s/.* //"'
}
cpus --model z14
cpus --deterministic
expect "one CPU" $'1\n0' "$zfacet" run --quiet --deterministic "$root/bin/busybox" sh -c \
    'nproc; cat /sys/devices/system/cpu/present'
# shellcheck disable=SC2016 # the guest expands it
expect "the host's CPUs" "$(nproc) $(grep -c ^processor /proc/cpuinfo)" "$zfacet" run --quiet "$root/bin/busybox" sh -c \
    'echo $(nproc) $(grep -c "^processor.*version" /proc/cpuinfo)'
expect "a choice of CPUs" 2 "$zfacet" run --quiet --cpus 4 "$root/bin/busybox" taskset 6 "$root/bin/busybox" nproc
expect "nothing else of the host's CPUs" $'cpu0\nonline\npresent\n1' "$zfacet" run --quiet --cpus 1 "$root/bin/busybox" sh -c \
    'cd /sys/devices/system/cpu; ls | grep -E "^cpu|^online|^present|^vuln"; cat /sys/devices/system/cpu/cpu0/cache/index0/level 2>&1 | grep -c "No such"'
# threads with one CPU between them never lose it in a restartable sequence unnoticed
"$cc" -O2 -march=zEC12 -static -o "$work/rseq" "$here/rseq.c" || exit 1
for how in "--engine auto,hot=2" "--engine goto" "--engine switch" "--engine base" --deterministic; do
    # shellcheck disable=SC2086 # two words
    expect "rseq $how" right "$zfacet" run --quiet --cpus 1 $how "$work/rseq"
done
echo "$ran cases, $failed failed"
[ $failed = 0 ]
