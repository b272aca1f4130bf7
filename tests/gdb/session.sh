# shellcheck shell=sh
# shellcheck disable=SC2154 # set by who sources this
# What the sessions of gdb share: sourced with $zfacet, $images and $here set.
cc=${ZFACET_S390X_CC:-s390x-linux-gnu-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
input=/dev/null
engines="interpreter switch"
"$zfacet" --version | grep -q base && engines="$engines base auto,hot=2"

# compiled NAME FLAGS...: a program for the sessions, of NAME.c
compiled() {
    name=$1
    shift
    "$cc" -g -O0 -static "$@" -o "$work/$name" "$here/$name.c" || exit 1
}

fail() {
    echo "FAIL $name: $*"
    failures=$((failures + 1))
}

# session NAME STATUS 'RUN ARGUMENTS' FILE [extended-]: gdb gets the commands of standard input
session() {
    name=$1
    wanted=$2
    cat >"$work/commands"
    # shellcheck disable=SC2086 # words
    timeout -k 5 200 "$zfacet" run -S --gdb "unix:$work/socket" $3 >"$work/out" 2>"$work/err" <"$input" &
    guest=$!
    tries=0
    while [ ! -S "$work/socket" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    timeout -k 5 180 gdb-multiarch -nx -batch -ex 'set pagination off' -ex 'set confirm off' -ex 'set width 0' \
        -ex "set sysroot /" -ex "file $4" -ex "target ${5-}remote $work/socket" -x "$work/commands" >"$work/gdb" 2>&1
    wait $guest
    got=$?
    [ $got -eq "$wanted" ] || fail "exit status $got, wanted $wanted"
}

# said FILE TEXT...: lines that must be there
said() {
    file=$1
    shift
    for text; do
        grep -q -- "$text" "$work/$file" || {
            fail "'$text' is not in $file:"
            sed 's/^/    /' "$work/$file" | head -30
        }
    done
}

done_with() {
    [ $failures -eq 0 ] && echo "gdb: all $1 as expected"
    [ $failures -eq 0 ]
}
