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

"$source/.ci/package" "$build" "$work/first" >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
"$source/.ci/package" "$build" "$work/second" >/dev/null
for deb in "$work"/first/*.deb; do
    cmp -s "$deb" "$work/second/${deb##*/}" || fail "${deb##*/} differs when it is made again"
done
lintian --fail-on error --suppress-tags bogus-mail-host "$work"/first/*.deb >"$work/lintian" 2>&1 || {
    fail "lintian"
    grep '^E:' "$work/lintian" || head "$work/lintian"
}

# a system without anything: dpkg's database and nothing else
root=$work/root
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
touch "$root"/var/lib/dpkg/{status,available}
in_root() {
    dpkg --root="$root" --force-depends --force-not-root --force-script-chrootless --log="$work/dpkg.log" "$@" >"$work/out" 2>&1 || {
        fail "dpkg $1"
        cat "$work/out"
    }
}
in_root --install "$work"/first/*.deb
# what they need beside each other is here
mapfile -t names < <(for deb in "$work"/first/*.deb; do dpkg-deb -f "$deb" Package; done)
while read -r package; do
    dpkg -s "$package" >/dev/null 2>&1 || [[ " ${names[*]} " == *" $package "* ]] || fail "$package is needed and not here"
done < <(for deb in "$work"/first/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/^ *//; s/[ :].*//' | sort -u | grep .)

"$root/usr/bin/zfacet" explain vfasb | grep -q 'VECTOR FP ADD' || fail "zfacet explain"
# what it links: a document of the known form, with packages by name and version
python3 - "$root/usr/share/doc/zfacet/zfacet.spdx.json" <<'EOF2' || fail "list of what is linked"
import json, sys
document = json.load(open(sys.argv[1]))
packages = {p["name"]: p for p in document["packages"]}
links = {r["relatedSpdxElement"] for r in document["relationships"] if r["relationshipType"] == "DYNAMIC_LINK"}
assert document["spdxVersion"] == "SPDX-2.3" and packages["libc6"]["versionInfo"] and "libjansson4" in packages
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
left=$(find "$root" -path "$root/var" -prune -o -type f -print)
[ -z "$left" ] || fail "left behind: $left"
echo "${#names[@]} packages, $failures failed"
[ $failures -eq 0 ]
