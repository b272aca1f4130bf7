#!/bin/sh
# What the shells offer to complete: complete.sh ZFACET IMAGES
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

expect complete_engine 0 "^interpreter$" --complete run --engine int
expect complete_program 0 "^rom:z14-on-z13$" --complete check --engine base -- rom:z
expect complete_features 0 "^z14,vx=off$" --complete expand z14,vx
expect complete_range 0 "^--models=z13..z196$" --complete check --models=z13..z19
expect complete_alias 0 "^vfasb" --complete explain vfas
expect complete_shared 0 "^--shards$" --complete check --sh
expect complete_no_server 0 "^--good$" --complete bisect --g # of --gdb, there is one for one run
! grep -q gdb "$work/out" || { echo "FAIL complete_no_server: gdb" && failures=$((failures + 1)); }
# the words that are offered are taken
sed -n 's/^VALUES("\(--[a-z-]*\)", "", [A-Z]*, "\(.*\)")/\1 \2/p' "$(dirname "$0")/../../ui/cli/complete.def" >"$work/values"
while read -r option words; do
    for word in $words; do
        [ "$word" != storage= ] || word=storage=0+8
        case $option in
        --on | --by | --theme | --format) ;;
        *) expect "complete_taken$option" 0 "usage" run "$option" "$word" --help ;;
        esac
    done
done <"$work/values"
finish
