#!/usr/bin/env bash
# The Debian packages of a build: made twice, looked at by lintian, installed into an empty system, used, removed:
# packages.sh SOURCE BUILD
set -u
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
export PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "FAIL $*"
    failures=$((failures + 1))
}

# pages of few instructions: all are made, twice, by tests/install/reproducible
isa=agr,msgrkc,vfa
"$source/.ci/package" "$build" "$work/first" $isa >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
"$source/.ci/package" "$build" "$work/second" $isa >/dev/null
for deb in "$work"/first/*.deb; do
    cmp -s "$deb" "$work/second/${deb##*/}" || fail "${deb##*/} differs when it is made again"
done
lintian --fail-on error,warning --suppress-tags bogus-mail-host "$work"/first/*.deb >"$work/lintian" 2>&1 || {
    fail "lintian"
    head "$work/lintian"
}

# a system of what they depend on, and nothing else; dpkg there knows those as installed
root=$work/root
"$source"/tests/install/clean_root "$root" "$work"/first/*.deb || fail "what they depend on is not here"
in_root() {
    dpkg --root="$root" --force-not-root --force-script-chrootless --log="$work/dpkg.log" "$@" >"$work/out" 2>&1 || {
        fail "dpkg $1"
        cat "$work/out"
    }
}
find "$root" | sort >"$work/before"
in_root --install "$work"/first/*.deb
mapfile -t names < <(for deb in "$work"/first/*.deb; do dpkg-deb -f "$deb" Package; done)
[ "$(printf '%s\n' "${names[@]}" | LC_ALL=C sort | xargs)" = "libzfacet-dev libzfacet0 python3-zfacet zfacet zfacet-doc zfacet-inspect" ] ||
    fail "packages: ${names[*]}"
find "$root" -type f | sort | comm -13 "$work/before" - | grep -v "^$root/var/" >"$work/added"
named=$(xargs -d '\n' grep -lF -e "$source/" -e "$build/" <"$work/added")
[ -z "$named" ] || fail "these name the folder in which they were built: $named"
for completion in bash-completion/completions/zfacet zsh/vendor-completions/_zfacet fish/vendor_completions.d/zfacet.fish; do
    [ -s "$root/usr/share/$completion" ] || fail "no $completion"
done

# inside COMMAND...: as in a machine that has only this
inside() {
    local enter=()
    [ "$(id -u)" -eq 0 ] || enter=(unshare -r)
    env -i PATH=/usr/sbin:/usr/bin HOME=/ "${enter[@]}" chroot "$root" "$@"
}
inside zfacet run --model z13 rom:z14-on-z13 2>&1 | grep -q 'msgrkc' || fail "zfacet run in the clean system"
inside zfacet-qemu -version | grep -q 'QEMU emulator version' || fail "zfacet-qemu in the clean system"
# libraries that are loaded when they are needed: there, and missed with a word
tar -cf "$root/hello.tar" -C "$source/roms/image" hello.elf
cp "$source/tests/cli/input/domain.xml" "$root/domain.xml"
inside zfacet scan /hello.tar 2>&1 | grep -q '/hello.tar:hello.elf' || fail "zfacet scan of a container in the clean system"
inside zfacet models @/domain.xml 2>&1 | grep -q 'IBC value' || fail "a model out of XML in the clean system"
for library in archive xml2; do
    found=$(find "$root/usr/lib" -name "lib$library.so.*" -type l -print -quit)
    mv "$found" "$found.away"
    command=(scan /hello.tar)
    [ "$library" = archive ] || command=(models @/domain.xml)
    if inside zfacet "${command[@]}" >"$work/out" 2>&1; then
        fail "without lib$library: status 0"
    fi
    grep -q "cannot load a library: lib$library.so" "$work/out" || { fail "without lib$library" && cat "$work/out"; }
    mv "$found.away" "$found"
done
rm -f "$root/hello.tar" "$root/domain.xml"
if [[ " ${names[*]} " == *" zfacet-inspect "* ]]; then
    inside zfacet inspect --screenshot /view.png --size 300x200 >"$work/out" 2>&1
    [ -s "$root/view.png" ] || { fail "the window in the clean system" && cat "$work/out"; }
    rm -f "$root/view.png"
fi
if [[ " ${names[*]} " == *" python3-zfacet "* ]]; then
    for example in decode:b9ed4033 permitted:z14 compare:z13,z14 run:z13,rom:z14-on-z13; do
        IFS=, read -ra words <<<"${example#*:}"
        inside python3 -B "/usr/share/doc/libzfacet-dev/examples/${example%%:*}.py" "${words[@]}" >"$work/out" 2>&1 ||
            { fail "example ${example%%:*}.py in the clean system" && cat "$work/out"; }
    done
fi
if [[ " ${names[*]} " == *" zfacet-doc "* ]]; then
    pages=$root/usr/share/doc/zfacet-doc/html
    for page in index tutorials/gate reference/commands/run isa/{index,aliases,agr,msgrkc,vfa} facility/129; do
        [ -s "$pages/$page.html" ] || fail "no page $page"
    done
    gzip -dc "$root/usr/share/doc/zfacet-doc/zfacet.json.gz" | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "zfacet.json.gz"
else
    fail "no zfacet-doc"
fi

for program in zfacet zfacet-qemu; do
    readelf -dW "$root/usr/bin/$program" | grep -q 'Flags:.*\bPIE\b' || fail "$program is not position-independent"
done
"$root/usr/bin/zfacet" explain vfasb | grep -q 'VECTOR FP ADD' || fail "zfacet explain"
# what it links: a document of the known form, with packages by name and version
python3 - "$root/usr/share/doc/zfacet/zfacet.spdx.json" <<'EOF2' || fail "list of what is linked"
import json, sys
document = json.load(open(sys.argv[1]))
packages = {p["name"]: p for p in document["packages"]}
links = {r["relatedSpdxElement"] for r in document["relationships"] if r["relationshipType"] == "DYNAMIC_LINK"}
assert document["spdxVersion"] == "SPDX-2.3" and packages["libc6"]["versionInfo"] and "libjansson4" in packages
assert "libarchive13" in packages and "libxml2" in packages
assert links == {p["SPDXID"] for p in document["packages"]} - {"SPDXRef-zfacet"}
EOF2
"$root/usr/bin/zfacet-qemu" -version | grep -q 'QEMU emulator version' || fail "zfacet-qemu"
man -l "$root/usr/share/man/man1/zfacet.1.gz" 2>/dev/null | grep -q ZFACET || [ -s "$root/usr/share/man/man1/zfacet.1.gz" ] || fail "manual page"
if ls "$work"/first/zfacet-inspect_* >/dev/null 2>&1; then
    "$root/usr/bin/zfacet" inspect --screenshot "$work/view.png" --size 300x200 >/dev/null 2>&1
    [ -s "$work/view.png" ] || fail "the window"
    desktop-file-validate "$root/usr/share/applications/zfacet.desktop" || fail "desktop file"
    [ -s "$root/usr/share/icons/hicolor/scalable/apps/zfacet.svg" ] || fail "icon"
fi
library=$(find "$root" -name 'libzfacet.so.0')
if [ -n "$library" ]; then
    export PKG_CONFIG_PATH
    PKG_CONFIG_PATH=$(dirname "$(find "$root" -name zfacet.pc)")
    # shellcheck disable=SC2046 # words
    cc -o "$work/decode" "$root"/usr/share/doc/libzfacet-dev/examples/decode.c $(pkg-config --cflags --libs zfacet) || fail "pkg-config"
    export LD_LIBRARY_PATH=${library%/*}
    "$work/decode" b9ed4033 | grep -q MULTIPLY || fail "libzfacet"
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(dirname "$(find "$root" -name zfacet.py)") python3 -c 'import zfacet; print(zfacet.Model("z14").ibc)' |
        grep -q '^65$' || fail "Python"
fi

in_root --purge "${names[@]}"
left=$(find "$root" | sort | comm -13 "$work/before" - | grep -v "^$root/var/")
[ -z "$left" ] || fail "left behind: $left"
echo "${#names[@]} packages, $failures failed"
[ $failures -eq 0 ]
