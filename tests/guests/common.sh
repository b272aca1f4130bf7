#!/usr/bin/env bash
# shellcheck disable=SC2034 # its variables are for the tests
# Sourced by the tests of Linux programs. Arguments of each: RUNNER WORK-FOLDER PEERS-FOLDER
runner=$(realpath "$1")
work=$(realpath -m "$2")
peers=${ZFACET_PEERS:-$3}
here=$(cd "$(dirname "$0")" && pwd)
peer=$peers/bin/qemu-s390x
busybox=$peers/s390x/bin/busybox
failed=0
ran=0
for needed in "$runner" "$peer" "$busybox"; do
    [ -x "$needed" ] || { echo "$needed is missing: run tests/tools/peers $peers"; exit 1; }
done
mkdir -p "$work"
export LC_ALL=C TZ=UTC

# same NAME COMMAND...: runs COMMAND with EMU set to each emulator, each in an empty folder of its
# own, and compares output, error output, exit status and the files left behind.
same() {
    local name=$1 emulator status
    shift
    for emulator in ours theirs; do
        rm -rf "${work:?}/$emulator"
        mkdir "$work/$emulator"
        if [ $emulator = ours ]; then EMU=$runner; else EMU=$peer; fi
        export EMU
        (cd "$work/$emulator" && timeout -k 5 60 "$@" > ../$emulator.out 2> ../$emulator.err < /dev/null)
        status=$?
        echo "exit status $status" >> "$work/$emulator.out"
        sed -i '/^qemu: uncaught target signal/d' "$work/$emulator.err"
    done
    ran=$((ran + 1))
    if ! cmp -s "$work/ours.out" "$work/theirs.out" || ! cmp -s "$work/ours.err" "$work/theirs.err" ||
        ! diff -r "$work/ours" "$work/theirs" > "$work/files.diff"; then
        echo "FAILED: $name"
        diff -a "$work/theirs.out" "$work/ours.out" | head -8
        diff -a "$work/theirs.err" "$work/ours.err" | head -8
        head -8 "$work/files.diff"
        failed=$((failed + 1))
    fi
}

finish() {
    echo "$ran cases, $failed failed"
    [ $ran -gt 0 ] && [ $failed = 0 ]
    exit
}
