#!/usr/bin/env bash
# Sourced by the tests of findings. Arguments of each: ZFACET WORK-FOLDER
# shellcheck disable=SC2034 # its variables are for the tests
set -u
zfacet=$(realpath "$1")
work=$(realpath -m "$2")
here=$(cd "$(dirname "$0")" && pwd)
sysroot=/usr/s390x-linux-gnu
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
failed=0
ran=0
mkdir -p "$work"
export LC_ALL=C
unset ZFACET_MODEL

# The program of slip.c with a library beside it; and a static one.
build() {
    if ! "$cc" -march=z13 -O1 -g -shared -fPIC -o "$work/libslip.so" "$here/slip_library.c" ||
        ! "$cc" -march=z13 -O1 -g -o "$work/slip" "$here/slip.c" -L"$work" -lslip "-Wl,-rpath,\$ORIGIN" ||
        ! "$cc" -march=z13 -O1 -g -static -o "$work/slip-static" "$here/slip.c" "$here/slip_library.c"; then
        echo "cannot build the programs"
        exit 1
    fi
}

# expect NAME STATUS PATTERN ARGUMENT...: PATTERN (extended) is searched in both outputs; - stands for none
expect() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    timeout -k 5 60 "$zfacet" "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    ran=$((ran + 1))
    if [ "$got" -ne "$status" ] || { [ "$pattern" != - ] && ! grep -Eq -- "$pattern" "$work/out"; }; then
        echo "FAILED $name: status $got, expected $status; pattern '$pattern'"
        head -20 "$work/out"
        failed=$((failed + 1))
    fi
}

# lacks NAME PATTERN: the last output must not have it
lacks() {
    ran=$((ran + 1))
    if grep -Eq -- "$2" "$work/out"; then
        echo "FAILED $1: has '$2'"
        failed=$((failed + 1))
    fi
}

# has NAME PATTERN: the last output must have it
has() {
    ran=$((ran + 1))
    if ! grep -Eq -- "$2" "$work/out"; then
        echo "FAILED $1: lacks '$2'"
        failed=$((failed + 1))
    fi
}

# passes NAME COMMAND...
passes() {
    local name=$1
    shift
    ran=$((ran + 1))
    if ! "$@" >"$work/out" 2>&1; then
        echo "FAILED $name"
        head -20 "$work/out"
        failed=$((failed + 1))
    fi
}

finish() {
    echo "$ran cases, $failed failed"
    [ $ran -gt 0 ] && [ $failed = 0 ]
    exit
}
