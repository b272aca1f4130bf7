#!/usr/bin/env bash
# Installs into a folder and uses what is there: install.sh CMAKE BUILD [fixed]
# fixed: programs lie at fixed addresses, as those with sanitizers do
set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
failures=0

# expect NAME PATTERN TEXT
expect() {
    if ! grep -q -e "$2" <<<"$3"; then
        echo "FAIL $1: no '$2' in:"
        head -n 10 <<<"$3"
        failures=$((failures + 1))
    fi
}

# everything is under the prefix, and works when the whole folder is moved
"$1" --install "$2" --prefix "$prefix/first" >"$prefix/log" || exit 1
expect under_prefix '^0$' "$(grep '^-- Installing: ' "$prefix/log" | grep -vc "$prefix/first/")"
DESTDIR=$prefix/staged "$1" --install "$2" --prefix /opt/zfacet >/dev/null || exit 1
expect destdir '^staged$' "$(test -x "$prefix/staged/opt/zfacet/bin/zfacet" && echo staged)"
touch "$prefix/staged/opt/zfacet/share/doc/zfacet/of-the-user"
DESTDIR=$prefix/staged "$1" --build "$2" --target uninstall >/dev/null || exit 1
expect uninstalled '^/opt/zfacet/share/doc/zfacet/of-the-user$' "$(cd "$prefix/staged" && find . -type f -o -type l | sed 's/^.//')"
mv "$prefix/first"/* "$prefix"
cd /
export PATH=$prefix/bin:/usr/bin:/bin
expect version '^zfacet [0-9.]*\(-dev\)\?$' "$(zfacet --version)"
expect rom 'msgrkc' "$(zfacet run --model z13 rom:z14-on-z13 2>&1)"
place='Flags:.*\bPIE\b'
[ "${3-}" != fixed ] || place='Type: *EXEC'
for program in zfacet zfacet-qemu; do
    expect "place_$program" "$place" "$(readelf -hdW "$prefix/bin/$program")"
    expect "relro_$program" 'GNU_RELRO' "$(readelf -lW "$prefix/bin/$program")"
done
expect licence 'Apache License' "$(cat "$prefix"/share/doc/zfacet/LICENSE)"
if [ -e "$prefix"/include/zfacet.h ]; then
    module=$(find "$prefix" -name zfacet.py)
    expect python '^65$' "$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=${module%/*} python3 -c 'import zfacet; print(zfacet.Model("z14").ibc)' 2>&1)"
    expect pkg_config '-lzfacet' "$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name zfacet.pc)") pkg-config --libs zfacet 2>&1)"
fi

if [ -e "$2"/ui/zfacet_window.so ]; then
    expect picture '^saved$' "$(zfacet inspect --screenshot "$prefix/view.png" --size 300x200 2>&1 && test -s "$prefix/view.png" && echo saved)"
fi

page=$(cat "$prefix"/share/man/man1/zfacet.1)
expect man_head '^\.TH ZFACET 1 "" "zfacet [^"]*" "User Commands"$' "$page"
while read -r command; do
    [ "$command" = help ] || expect "man_$command" "^usage: zfacet ${command//-/..}" "$page"
done < <(zfacet --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
expect man_qemu '^usage: zfacet.*qemu' "$page"
expect qemu '^QEMU emulator version' "$(zfacet-qemu -version)"
expect man_option '^  .-.-model MODEL ' "$page"

# complete WORD...: what is offered for the last one
complete_words() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _zfacet
    echo "${COMPREPLY[*]}"
}
# shellcheck source=ui/completion/zfacet.bash
. "$prefix"/share/bash-completion/completions/zfacet
expect complete_command '^explain$' "$(complete_words zfacet expl)"
expect complete_help '^suite$' "$(complete_words zfacet help su)"
expect complete_option '^--model$' "$(complete_words zfacet run --mod)"
expect complete_model 'z13.*z13.2' "$(complete_words zfacet run --model z13)"
expect complete_equals '^z196 z196.2$' "$(complete_words zfacet run --model = z196)"
expect complete_recommended '^recommended$' "$(complete_words zfacet expand rec)"
expect complete_trace '^exceptions$' "$(complete_words zfacet run --trace exc)"
expect complete_restore 'zfacet-qemu$' "$(complete_words zfacet run --restore "$prefix"/bin/zfacet-q)"
expect complete_format '^tap$' "$(complete_words zfacet suite --format ta)"
expect complete_model_format '^qemu$' "$(complete_words zfacet expand z13 --format q)"
expect complete_compare 'z13.*z13.2' "$(complete_words zfacet compare z12 z13)"
expect complete_model_file '@/etc/passwd' "$(complete_words zfacet expand @/etc/passw)"
expect complete_rom 'z14-on-z13' "$(complete_words zfacet run rom : z14)"
expect complete_view 'models matrix' "$(complete_words zfacet inspect --view '')"
expect complete_policy '^audit$' "$(complete_words zfacet run --policy au)"
expect complete_file '/etc/passwd' "$(complete_words zfacet disasm /etc/passw)"

expect complete_engine '^interpreter$' "$(complete_words zfacet run --engine int)"
expect complete_list '^z13,z15-t02$' "$(complete_words zfacet check --models z13,z15-)"
expect complete_at '^@/etc/passwd' "$(complete_words zfacet expand @ /etc/passw)"
expect complete_folder '^/etc$' "$(complete_words zfacet run --sysroot = /et)"

# in the other shells, and on terminals
fish_says() {
    fish -N -c "set fish_complete_path $prefix/share/fish/vendor_completions.d; complete -C '$1'"
}
expect fish_command '^explain' "$(fish_says 'zfacet expl')"
expect fish_option '^--model$' "$(fish_says 'zfacet run --mod')"
expect fish_model '^z13s$' "$(fish_says 'zfacet expand z13')"
expect fish_model_option '^z196.2$' "$(fish_says 'zfacet run --model z19')"
expect tab '^0 failed$' "$(python3 "$source/tests/install/tab.py" "$prefix" 2>&1)"
expect zsh_syntax '^fine$' "$(zsh -n "$prefix"/share/zsh/vendor-completions/_zfacet && echo fine)"

# ./demo with a cmake that only says what it is asked for: what was built is taken
demo=$prefix/demo
mkdir -p "$demo/.ci" "$demo/tools" "$demo/build/release"
cp "$source/demo" "$demo"
printf '#!/bin/sh\n' >"$demo/.ci/packages"
# shellcheck disable=SC2016 # the variable is cmake's
printf '#!/bin/sh\necho "$*" >>calls\necho "[1/2] a part"\n! [ -e broken ]\n' >"$demo/tools/cmake"
chmod +x "$demo/.ci/packages" "$demo/tools/cmake"
ln -s "$2/ui" "$demo/build/release/ui"
run_demo() {
    (cd / && PATH=$demo/tools:$PATH timeout -k 5 60 "$demo/demo" "$@" 2>&1)
}
output=$(run_demo)
expect demo '^blocked at 0x2004c' "$output"
expect demo_progress '^\[1/2\] a part' "$output"
expect demo_next '^Try next:' "$output"
expect demo_builds '--target zfacet .*zfacet_window' "$(cat "$demo/calls")"
if [ -e "$2"/ui/zfacet_window.so ]; then
    expect demo_inspect '^saved$' "$(run_demo inspect --screenshot "$prefix/demo.png" --size 300x200 && test -s "$prefix/demo.png" && echo saved)"
fi
touch "$demo/broken"
output=$(run_demo)
expect demo_fails '^demo: failed: cmake --preset release' "$output"
expect demo_log '^2$' "$(grep -c '^\[1/2\] a part' <<<"$output")" # as progress, and what it said

echo "$failures failed"
[ $failures -eq 0 ]
