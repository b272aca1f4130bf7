#!/usr/bin/env bash
# shellcheck disable=SC2034 # its variables are for the tests
# Sourced by the tests of Linux programs. Arguments of each: RUNNER WORK-FOLDER PEERS-FOLDER [ENGINES]
# ENGINES (all if not given) are letters that guest_runner knows: each does all that the other emulator does once.
runner=$(realpath "$1")
work=$(realpath -m "$2")
peers=${ZFACET_PEERS:-$3}
engines=${4:-g b a}
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

# alone FOLDER COMMAND...: runs COMMAND in FOLDER, which is empty then; its output lies beside that
alone() {
    local folder=$work/$1
    shift
    rm -rf "$folder"
    mkdir "$folder"
    (cd "$folder" && timeout -k 5 60 "$@" > "$folder.out" 2> "$folder.err" < /dev/null)
    echo "exit status $?" >> "$folder.out"
    sed -i '/^qemu: uncaught target signal/d' "$folder.err"
}

# same NAME COMMAND...: runs COMMAND with EMU set to each emulator, each in an empty folder of its own, and compares
# output, error output, exit status and the files left behind.
same() {
    local name=$1 engine
    shift
    EMU=$peer alone theirs "$@"
    for engine in $engines; do
        EMU=$runner ZFACET_TEST_ENGINE=$engine alone ours "$@"
        ran=$((ran + 1))
        if ! cmp -s "$work/ours.out" "$work/theirs.out" || ! cmp -s "$work/ours.err" "$work/theirs.err" ||
            ! diff -r "$work/ours" "$work/theirs" > "$work/files.diff"; then
            echo "FAILED: $name, engine $engine"
            diff -a "$work/theirs.out" "$work/ours.out" | head -8
            diff -a "$work/theirs.err" "$work/ours.err" | head -8
            head -8 "$work/files.diff"
            failed=$((failed + 1))
        fi
    done
}

finish() {
    echo "$ran cases, $failed failed"
    [ $ran -gt 0 ] && [ $failed = 0 ]
    exit
}
