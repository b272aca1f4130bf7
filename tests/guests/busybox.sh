#!/usr/bin/env bash
# shellcheck disable=SC2016 # commands are for the guest's shell
# busybox's applets and shell scripts behave as under the other emulator.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
data=$work/data
mkdir -p "$data/dir/sub"
cp "$busybox" "$work/busybox"
seq 1 3000 | awk '{print $1 * 7919 % 3001, "line", $1, $1 % 7 ? "even" : "seven"}' > "$data/lines"
head -c 200000 "$busybox" > "$data/binary"
printf 'alpha\nBeta\n\ngamma  delta\n' > "$data/dir/sub/words"
ln -sf sub/words "$data/dir/link"
export data busybox

# Each line is a command for the shell; B is busybox under the emulator.
cases=$(cat << 'END'
B echo hello world
B printf '%s %5d %x %o %c|%-8s|\n' abc 42 255 8 xyz left
B cat $data/lines
B sort -n $data/lines | head -50
B sort -k3,3nr -k1 $data/lines
B sort -u -k4 $data/lines
B wc $data/lines $data/binary
B cut -d' ' -f1,3 $data/lines
B tr a-z A-Z < $data/lines
B sed -e 's/\(line\) \([0-9]*\)/\2-\1/; /seven/d' -n -e '/9/p' $data/lines
B grep -c '7.*seven' $data/lines
B grep -rn a $data/dir
B grep -E '^(1|2)[0-9]{2} ' $data/lines
B awk '{s += $1; t[$4]++} END {for (k in t) print k, t[k]; print s}' $data/lines
B awk 'BEGIN {for (i = 0; i < 20; i++) printf "%.6f %e %g\n", sin(i), exp(i), sqrt(i)}'
B awk 'BEGIN {srand(7); x = 1; for (i = 1; i < 40; i++) x = (x * 31 + 7) % 65537; print x, int(3.99), 2 ** 10, length("abc"), substr("hello", 2, 3), toupper("abc")}'
B md5sum $data/binary $data/lines
B sha1sum $data/binary
B sha256sum $data/binary
B sha512sum $data/binary
B sha3sum $data/binary
B cksum $data/binary
B sum $data/binary
B gzip -c $data/binary | gzip -dc | cmp - $data/binary && echo same
B gzip -c < $data/lines
gzip -nc $data/binary | B gunzip -c | md5sum
B bzip2 -c $data/lines | B bunzip2 -c | md5sum
xz -c $data/lines | B xz -dc
B tar cf - -C $data dir | tar tf -
tar cf - -C $data lines dir | B tar xvf - && ls -l lines dir | cut -c1-10
B find $data -type f -name '*n*'
B find $data -newer $data/none
B ls $data
B ls -la $data/dir/sub/words | cut -c1-10
B stat -c '%a %s %F %N' $data/lines $data/dir/link
B expr 17 '*' 3 - 4
B expr abcdef : 'ab\(.*\)'
B seq 1 3 20
B seq -w 8 11
B basename /a/b/c.txt .txt
B dirname /a/b/c.txt
B head -c 100 $data/binary | B od -A d -t x1z
B hexdump -C $data/binary | head -20
B base64 $data/binary | B base64 -d | md5sum
B uuencode x < $data/dir/sub/words
B uniq -c -f3 $data/lines | head -40
B comm $data/lines $data/lines | head -3
B diff $data/lines $data/dir/sub/words | tail -3
B dd if=$data/binary bs=1000 count=7 skip=3 2> /dev/null | md5sum
B tail -n 5 $data/lines
B tac $data/lines | head -3
B rev $data/dir/sub/words
B nl $data/dir/sub/words
B fold -w 7 $data/dir/sub/words
B paste $data/dir/sub/words $data/dir/sub/words
B split -l 1000 $data/lines && ls
B cp -r $data/dir copy && B mv copy moved && B ls -R moved
B mkdir -p a/b/c && B touch a/b/c/file && B rm -r a/b && B ls a
B ln -s file link; B readlink link; echo x > file
B chmod 640 $data/lines && B stat -c %a $data/lines
B test -f $data/lines && echo yes
B test 3 -lt 2 || echo no
B true; B false; echo $?
B env | B grep -c LC_ALL=C
B date -u -d @1000000000
B cal 9 1752
B factor 1234567890 97 600851475143
B bc -l < /dev/null
echo 'scale=20; 4*a(1); 2^100; sqrt(2)' | B bc -l
B dc -e '2 100 ^ p 3 k 10 7 / p'
B cat /nonexistent/file
B ls /nonexistent
B nosuchapplet
B unlzma < /dev/null
B xargs -n 2 echo < $data/dir/sub/words
B sh -c 'echo $((1 << 40)) $((7 / 2)) $((-7 % 3)); x=abcdef; echo ${x#ab} ${#x} ${x%%ef}'
B sh -c 'i=0; while [ $i -lt 500 ]; do i=$((i + 1)); done; echo $i'
B sh -c 'for f in $data/*; do [ -d $f ] && echo dir || echo file; done'
B sh -c 'f() { case $1 in a*) echo A;; *) echo other;; esac; }; f abc; f xyz'
B sh -c 'exit 42'
B sh -c 'echo out; echo err >&2; exit 3'
B sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo after'
B sh -c 'trap "echo bye" EXIT; echo hello'
B sh -c 'echo a | tr a b | cat'
B sh -c 'x=$(echo sub; echo shell); echo "$x"'
B sh -c 'cat < $data/dir/sub/words | while read a b; do echo "$b,$a"; done'
B sh -c 'sleep 0.1 & wait $!; echo $?'
B sh -c '(exit 5); echo $?'
B sh -c 'sh -c "kill -TERM \$\$"; echo $?'
B sh -c 'seq 1 2000 | sort -rn | head -3; printf "%d\n" 0x1f'
B sh -c 'set -- a b c; shift; echo $# $*; echo "$@"; unset x; echo ${x:-unset}'
B sh -c 'cat <<X
here $((2 + 3))
X'
B sh -c 'echo x > f; echo y >> f; cat f; ls -l f | cut -c1-10; [ f -nt /nonexistent ] && echo newer'
B sh -c 'ulimit -c; umask 077; touch g; stat -c %a g'
B sh -c 'read a < $data/dir/sub/words; echo $a; exec echo replaced'
B sh $data/script.sh one two
END
)
cat > "$data/script.sh" << 'END'
#!/bin/sh
# a script of its own
fib() { if [ $1 -lt 2 ]; then echo $1; else echo $(( $(fib $(($1 - 1))) + $(fib $(($1 - 2))) )); fi; }
fib 7
primes=
n=2
while [ $n -lt 100 ]; do
    p=1
    for d in $primes; do
        [ $((n % d)) = 0 ] && { p=0; break; }
    done
    [ $p = 1 ] && primes="$primes $n"
    n=$((n + 1))
done
echo $primes "$0" "$@" | sed 's,/.*/,,'
END
while IFS= read -r -d $'\n' line; do
    # a here document in a case goes on to its end
    while [ $(($(tr -cd "'" <<< "$line" | wc -c) % 2)) = 1 ] && IFS= read -r more; do
        line+=$'\n'$more
    done
    same "$line" bash -c "B() { \$EMU $work/busybox \"\$@\"; }
$line"
done <<< "$cases"

# Leaving blocks at every third branch changes nothing; the options say which engine.
for options in -q -qs; do
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$runner" $options > "$work/quick"
    chmod +x "$work/quick"
    all=$runner
    runner=$work/quick
    engines=g same "sort $options" sh -c '$EMU $busybox sort -k3,3nr -k1 $data/lines'
    engines=g same "sha512sum $options" sh -c '$EMU $busybox sha512sum $data/lines'
    runner=$all
done

# Programs that start programs: the other emulator would need the kernel's help for them.
gives() {
    local expected=$1 got
    shift
    ran=$((ran + 1))
    got=$("$runner" "$work/busybox" "$@" 2>&1 < /dev/null; echo "exit status $?")
    if [ "$got" != "$(printf '%b' "$expected")" ]; then
        printf 'FAILED: %s, engine %s\n--- expected:\n%b\n--- got:\n%s\n' "$*" "$ZFACET_TEST_ENGINE" "$expected" "$got"
        failed=$((failed + 1))
    fi
}
export B=$work/busybox
printf '#!%s sh\necho script "$@"\n' "$B" > "$work/data/script"
chmod +x "$work/data/script"
starts() {
    gives 'A=1\nB=2\nexit status 0' env -i A=1 B=2 "$busybox" env
    gives 'exit status 143' timeout 1 sleep 5
    gives 'nested\n7\nexit status 0' sh -c '$B sh -c "$B sh -c \"echo nested; exit 7\""; echo $?'
    gives 'sub\nexit status 0' sh -c 'x=$($B printf "%s" sub | $B cat); echo $x'
    gives '3\n2\n1\nexit status 0' sh -c '$B seq 3 | $B sort -r'
    gives 'one two\nthree\nexit status 0' sh -c '$B printf "one\ntwo\nthree\n" | $B xargs -n 2 $B echo'
    gives '128 + 15 = 143\nexit status 0' sh -c 'exec 2> /dev/null; $B sleep 10 & kill $!; wait $!; echo "128 + 15 = $?"'
    gives 'sh: /bin/zfacet-none: not found\nexit status 127' sh -c /bin/zfacet-none
    gives 'script arg\nexit status 0' sh -c '"$0" arg' "$work/data/script"
}
for ZFACET_TEST_ENGINE in $engines; do
    export ZFACET_TEST_ENGINE
    starts
done
finish
