#!/bin/sh
# Sourced by tests of the command line: SCRIPT ZFACET IMAGES. Each case: expect NAME STATUS PATTERN [ARGUMENT...]; PATTERN is
# searched in both outputs, - stands for none.
# shellcheck disable=SC2034 # its variables are for the tests
set -u
zfacet=$1
images=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
cases=0

expect() {
    name=$1 status=$2 pattern=$3
    shift 3
    timeout -k 5 60 "$zfacet" "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    cases=$((cases + 1))
    if [ "$got" -ne "$status" ] || { [ "$pattern" != - ] && ! grep -q -- "$pattern" "$work/out"; }; then
        echo "FAIL $name: status $got (wanted $status), pattern '$pattern'"
        sed 's/^/    /' "$work/out" | head -10
        failures=$((failures + 1))
    fi
}

# refuse NAME PATTERN [ARGUMENT...]: it must not be said, nor may zfacet hang or crash
refuse() {
    name=$1 pattern=$2
    shift 2
    timeout -k 5 60 "$zfacet" "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    cases=$((cases + 1))
    if grep -- "$pattern" "$work/out" || [ $got = 124 ] || [ $got = 134 ] || [ $got = 139 ]; then
        echo "FAIL $name: has '$pattern', or hangs or crashes; status $got"
        failures=$((failures + 1))
    fi
}

finish() {
    echo "$cases cases, $failures failed"
    [ $failures -eq 0 ]
    exit
}
