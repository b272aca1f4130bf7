# shellcheck shell=bash disable=SC2154,SC2034,SC2153,SC2086,SC2046 # variables of `run`, which sources this; lists of words
# What `run` builds and how: for each program build_NAME, called in the folder of the build with the array `compiler`,
# and try_NAME, called in an empty folder with EMU, BUILT (that folder), HERE and DATA; it prints what must be the same.
programs=(lz4 bzip2 zlib zstd lua json jpeg linear sqlite strings)

# The source packages that a program needs
sources() {
    case $1 in
    zstd) echo libzstd ;;
    lua) echo lua5.4 ;;
    json) echo cjson ;;
    jpeg) echo libjpeg-turbo ;;
    sqlite) echo sqlite3 ;;
    linear | strings) ;;
    *) echo "$1" ;;
    esac
}

# What is packed: text, code, zeros and letters with repetitions; and a picture
make_data() {
    local data=$work/data
    [ ! -e "$data/.made" ] || return 0
    mkdir -p "$data"
    cat "$here"/../../../core/*/*.c "$here"/../../../*.md | head -c 250000 > "$data/text"
    head -c 500000 "$libc" > "$data/code"
    { head -c 70000 /dev/zero; awk 'BEGIN {for (i = 1; i < 20000; i++) printf "%d,%x\n", i * i % 7919, i * 17 % 251}'; } > "$data/mixed"
    awk 'BEGIN {print "P3 227 149 255"; for (y = 0; y < 149; y++) for (x = 0; x < 227; x++)
        print (x * y) % 256, (x * x + y * y) / 307 % 256, (x > y ? int(x + 20 * sin(y / 5)) : 255 - y)}' |
        awk 'NR == 1 {print} NR > 1 {print int($1), int($2), int($3)}' > "$data/image.ppm"
    touch "$data/.made"
}

run_it() {
    local program=$BUILT/$1
    shift
    $EMU "$program" "$@"
}

# packer PACK UNPACK LEVEL...: sizes and sums of what each level makes, and the way back; both are commands of a filter
packer() {
    local pack=$1 unpack=$2 file level
    shift 2
    for file in "$DATA"/{text,code,mixed}; do
        for level; do
            run_it $pack "$level" < "$file" > packed || echo "pack $?"
            cksum < packed
            run_it $unpack < packed > unpacked || echo "unpack $?"
            cmp "$file" unpacked && echo "$(basename "$file") $level"
        done
    done
}

build_lz4() {
    local s=$fetched/source/lz4
    "${compiler[@]}" -o lz4 -DXXH_NAMESPACE=LZ4_ -I"$s/lib" "$s"/lib/*.c "$s"/programs/{bench,lz4cli,lz4io,datagen}.c
}
try_lz4() {
    packer "lz4 -c" "lz4 -dc" -1 -9 -12
}

build_bzip2() {
    local s=$fetched/source/bzip2
    "${compiler[@]}" -o bzip2 "$s"/{blocksort,huffman,crctable,randtable,compress,decompress,bzlib,bzip2}.c
}
try_bzip2() {
    packer "bzip2 -c" "bzip2 -dc" -1 -9
}

build_zlib() {
    local s=$fetched/source/zlib f
    for f in minigzip example; do
        "${compiler[@]}" -DHAVE_UNISTD_H -D_LARGEFILE64_SOURCE=1 -I"$s" -o $f "$s"/*.c "$s/test/$f.c" || return 1
    done
}
try_zlib() {
    run_it example
    packer "minigzip" "minigzip -d" -1 -6 -9 -h -r
}

build_zstd() {
    local s=$fetched/source/libzstd
    "${compiler[@]}" -DZSTD_LEGACY_SUPPORT=0 -DXXH_NAMESPACE=ZSTD_ -DZSTD_DISABLE_ASM -o zstd -I"$s/lib" -I"$s/lib/common" \
        "$s"/lib/{common,compress,decompress,dictBuilder}/*.c "$s"/programs/*.c
}
try_zstd() {
    packer "zstd -c" "zstd -dc" -1 -5 -12 --ultra
    run_it zstd -q --train "$DATA"/* -B1000 --maxdict=5000 -o dictionary 2>&1
    cksum < dictionary
}

build_lua() {
    local s=$fetched/source/lua5.4/src
    echo '#define DEB_HOST_MULTIARCH "s390x-linux-gnu"' > lua5.4-deb-multiarch.h # which the package makes
    "${compiler[@]}" -I. -DLUA_USE_POSIX -o lua $(find "$s" -name "*.c" ! -name luac.c) -lm
}
try_lua() {
    run_it lua "$HERE/numbers.lua"
}

build_json() {
    local s=$fetched/source/cjson
    "${compiler[@]}" -I"$s" -o json "$here/json.c" "$s/cJSON.c" -lm &&
        "${compiler[@]}" -I"$s" -o test "$s/test.c" "$s/cJSON.c" -lm && cp -r "$s/tests" .
}
try_json() {
    run_it test
    run_it json "$BUILT"/tests/inputs/* "$BUILT"/tests/json-patch-tests/*.json
}

build_jpeg() {
    local s=$fetched/source/libjpeg-turbo
    cmake -S "$s" -B build -G "Unix Makefiles" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=s390x \
        -DCMAKE_C_COMPILER="${compiler[0]}" -DCMAKE_C_FLAGS="${compiler[*]:1}" -DCMAKE_BUILD_TYPE=None \
        -DWITH_SIMD=0 -DENABLE_SHARED=0 -DWITH_TURBOJPEG=0 &&
        make -C build cjpeg-static djpeg-static jpegtran-static && cp build/{cjpeg,djpeg,jpegtran}-static .
}
try_jpeg() {
    local dct how
    for dct in int fast float; do
        for how in "-quality 75" "-quality 95 -optimize -sample 1x1" "-progressive -smooth 20" "-arithmetic" "-grayscale"; do
            run_it cjpeg-static -dct $dct $how "$DATA/image.ppm" > image.jpg || echo "cjpeg $?"
            cksum < image.jpg
            run_it djpeg-static -dct $dct -ppm image.jpg | cksum
            run_it djpeg-static -dct $dct -bmp -scale 3/8 -nosmooth image.jpg | cksum
            run_it djpeg-static -dct $dct -gif -colors 64 -dither fs image.jpg | cksum
            run_it jpegtran-static -rotate 90 -optimize image.jpg | cksum
        done
    done
}

build_linear() {
    "${compiler[@]}" -o linear "$here/linear.c" -lm
}
try_linear() {
    run_it linear
}

build_sqlite() {
    local s=$work/sqlite/amalgamation
    if [ ! -e "$s/sqlite3.c" ]; then
        command -v tclsh || { echo "tclsh is missing: sqlite3.c is made by it"; return 1; }
        rm -rf "$s"
        cp -r "$fetched/source/sqlite3" "$s"
        (cd "$s" && ./configure --disable-tcl --disable-readline && make sqlite3.c shell.c) || return 1
    fi
    "${compiler[@]}" -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
        -DSQLITE_ENABLE_MATH_FUNCTIONS -I"$s" -o sqlite3 "$s/sqlite3.c" "$s/shell.c" -lm
}
try_sqlite() {
    run_it sqlite3 -batch test.db < "$HERE/queries.sql"
    run_it sqlite3 -batch test.db "pragma integrity_check; select count(*), sum(v) from t;"
    cksum < test.db
}

# The C library's string functions, at every alignment: dynamic, so that it chooses by the machine's HWCAP
build_strings() {
    "${compiler[@]}" -DSHORT=600 -fno-builtin -o strings "$here/../strings.c"
}
try_strings() {
    run_it strings
}
