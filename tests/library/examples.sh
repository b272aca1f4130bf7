#!/bin/sh
# Builds and runs the examples of libzfacet, and all.c and all.py: examples.sh CC LIBRARY-FOLDER SOURCE TESTS
set -u
cc=$1 library=$2 source=$3 tests=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
export LD_LIBRARY_PATH="$library" PYTHONPATH="$source/python" PYTHONDONTWRITEBYTECODE=1

build() {
    "$cc" -std=c11 -Wall -Wextra -Werror -Wno-unused-parameter -I"$source" -o "$work/$(basename "$1" .c)" "$1" -L"$library" -lzfacet || {
        echo "FAIL $1 does not compile"
        exit 1
    }
}

# example NAME STATUS PATTERN ARGUMENT...: in C and in Python, which must say the same
example() {
    name=$1 status=$2 pattern=$3
    shift 3
    timeout -k 5 60 "$work/$name" "$@" >"$work/c" 2>&1
    got=$?
    timeout -k 5 60 python3 "$source/examples/$name.py" "$@" >"$work/python" 2>&1
    python=$?
    if [ $got -ne "$status" ] || [ $python -ne "$status" ] || ! grep -q -- "$pattern" "$work/c" || ! cmp -s "$work/c" "$work/python"; then
        echo "FAIL $name $*: status $got"
        head -n 20 "$work/c" "$work/python"
        failures=$((failures + 1))
    fi
}

for file in "$source"/examples/*.c "$tests"/all.c; do
    build "$file"
done
example decode 0 '^msgrkc %r3,%r3,%r4: MULTIPLY SINGLE .* format RRF-a, since z14$' b9ed4033
example decode 0 '^no instruction of 4 bytes$' b9ff0000
example decode 1 'are no whole instruction' b9
example permitted 3 'facility 58 .* is not in model z13; first on z14$' z13
example permitted 0 '^z14: executed$' z14
example permitted 1 "did you mean\|unknown" z99
example compare 0 '^z13 is subset to z14; a guest may move$' z13 z14
example compare 0 '^only z14: minste2$' z13 z14
example compare 0 'incompatible\|superset' z14 z13
example run 0 '^blocked at 0x2004c: msgrkc' z13 rom:z14-on-z13
example run 0 '^success, r2 = ' z14 rom:hello
example run 1 'unknown ROM' z14 rom:nothing
timeout -k 5 60 "$work/all" || failures=$((failures + 1))
# nothing else is exported
others=$(nm -D --defined-only "$library/libzfacet.so" | grep -v ' zfacet_[a-z_]*@@ZFACET_1$\| ZFACET_1$')
[ -z "$others" ] || {
    echo "FAIL exported: $others"
    failures=$((failures + 1))
}
echo "$failures failed"
[ $failures -eq 0 ]
