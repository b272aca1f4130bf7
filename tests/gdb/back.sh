#!/bin/sh
# shellcheck disable=SC2016 # gdb has dollars too
# gdb goes back in Linux programs, which are compiled here: back.sh ZFACET BACK_MEMORY
set -u
zfacet=$1
here=$(dirname "$0")
# shellcheck source=tests/gdb/session.sh
. "$here/session.sh"
compiled subject
compiled race -pthread
compiled past

# A repeatable program goes back, through calls and signals, and forth again to where it was: its registers and storage
# are the same then, and the host's files have been read and written once.
printf 'some input\n' >"$work/input"
input=$work/input
for engine in $engines; do
    session "back in a program, $engine" 0 "--quiet --deterministic --model z14 --engine $engine $work/past" "$work/past" <<EOT
handle SIGUSR1 nostop noprint pass
break mark
continue
dump memory $work/begin1 &got-100 &got+4000
continue 6
print sum
info registers
dump memory $work/end1 &got-100 &got+4000
dump memory $work/stack1 \$r15 \$r15+2000
reverse-continue
reverse-continue
print step
reverse-continue
reverse-stepi 20
stepi 20
print step
reverse-continue
reverse-continue
reverse-continue
dump memory $work/begin2 &got-100 &got+4000
reverse-continue
delete
break mark if n == 70
continue
print sum
info registers
dump memory $work/end2 &got-100 &got+4000
dump memory $work/stack2 \$r15 \$r15+2000
watch got
reverse-continue
print got
reverse-continue
print got
delete
continue
EOT
    said gdb '\$2 = 40' '\$3 = 30' 'No more reverse-execution history' '\$5 = 38' '\$6 = 24' 'exited normally'
    for what in begin end stack; do
        cmp -s "$work/${what}1" "$work/${what}2" || fail "$what is not what it was"
    done
    sed -n '/^r0 /,/^cc /p' "$work/gdb" >"$work/registers"
    n=$(($(wc -l <"$work/registers") / 2))
    head -$n "$work/registers" >"$work/registers1"
    [ $n -gt 16 ] || fail "there are no registers"
    tail -$n "$work/registers" | cmp -s - "$work/registers1" || fail "the registers differ"
    [ "$(sed -n 's/^\$[14] = //p' "$work/gdb" | sort -u | wc -l)" = 1 ] || fail "the sums differ"
    [ "$(wc -l <"$work/out")" = 3 ] || fail "it wrote something twice"
done
input=/dev/null

# What a debugger said of a signal stays as it was; who has gone back from one is told of it again.
session 'back over signals' 140 "--quiet --deterministic --model z14 $work/past" "$work/past" <<'EOF'
continue
reverse-stepi
reverse-continue
print got
continue
signal SIGUSR2
continue
EOF
said gdb 'No more reverse-execution history' 'terminated with signal SIGUSR2'
[ "$(grep -c 'received signal SIGUSR1' "$work/gdb")" = 2 ] || fail "SIGUSR1 was told of another number of times"

# One that comes while another one waits for the debugger's answer is delivered together with it, then and later.
mkfifo "$work/ready"
for handling in stop nostop; do
    READY=$work/ready session "back over a signal that waited, $handling" 0 "--quiet --deterministic --model z14 $work/past held" "$work/past" <<EOF
handle SIGUSR1 $handling pass
break mark
continue
shell : >$work/ready; cat $work/ready; sleep 0.1
while noted < 2
continue
end
continue
print order
reverse-continue
print order
reverse-continue
print noted
continue
print order
delete
continue
EOF
    said gdb '\$1 = {12, 10}' '\$2 = {12, 10}' '\$3 = 0' '\$4 = {12, 10}' 'exited normally'
done

# Nobody changes it in its past; changes that were made before are made again.
session 'change and back' 5 "--quiet --deterministic --model z14 $work/subject" "$work/subject" <<'EOF'
break factorial
continue
set var knob = 4
reverse-stepi
print knob
python
for change in "knob", "$r2":
    try:
        gdb.execute("set var " + change + " = 5")
    except gdb.error as e:
        print("no:", e)
end
maint packet s1000000
reverse-continue
delete
break half
continue
print knob
delete
continue
EOF
said gdb '\$1 = 3' 'no: Cannot access memory' 'no: Could not write' 'received: "E.the program is in its past' '\$2 = 4' 'exited with code 05'

# So does one with threads, to before they began and after they have ended: they have the same turns again.
for engine in $engines; do
    session "back among threads, $engine" 0 "--quiet --deterministic --model z14 --engine $engine $work/race" "$work/race" <<'EOF'
handle SIGUSR1 nostop noprint pass
break mark if n == 10
break mark if n == 70
continue
break add
set $i = 0
while $i < 20
continue
printf "forth %lx %d %lx %lx %d\n", sum, turn, $r15, $r2, got
set $i = $i + 1
end
continue
while $i > 0
reverse-continue
set $i = $i - 1
printf "back %lx %d %lx %lx %d\n", sum, turn, $r15, $r2, got
end
reverse-continue
info threads
print step
while $i < 15
continue
printf "again %lx %d %lx %lx %d\n", sum, turn, $r15, $r2, got
set $i = $i + 1
end
set $at = $pc
set $stack = $r15
reverse-stepi 15
stepi 15
print $pc == $at && $r15 == $stack
delete
break mark if n == 10
reverse-continue
break spin
continue
delete
set $i = 0
while $i < 140
reverse-stepi
set $i = $i + 1
end
info symbol $pc
break mark if n == 70
continue
print got
watch got
reverse-continue
print got
reverse-continue
delete
continue
EOF
    said gdb '\$1 = 0' '\$2 = 1' 'clone.* in section' '\$3 = 10' '\$4 = 0' 'No more reverse-execution history' 'exited normally'
    sed -n 's/^forth //p' "$work/gdb" >"$work/forth"
    sed -n 's/^back //p' "$work/gdb" | tac | cmp -s - "$work/forth" || fail "it was not the same on the way back"
    sed -n 's/^again //p' "$work/gdb" >"$work/again"
    head -15 "$work/forth" | cmp -s - "$work/again" || fail "it was not the same on the way forth again"
    [ "$(wc -l <"$work/out")" = 2 ] || fail "it wrote something twice"
    [ "$(grep -c 'Thread 2[.]' "$work/gdb")" -gt 15 ] || fail "there were no threads"
done

# Without memory for one of its allocations it says so, or does without it, and the program comes to its end.
allocation=-1
how=
while [ "${how#whole}" = "$how" ]; do
    name="back without memory for allocation $allocation"
    timeout -k 5 60 "$2" "$work/race" $allocation >"$work/out" 2>&1 || fail "exit status $?"
    how=$(tail -n 1 "$work/out")
    case $allocation:$how in
    -1:'whole, back, status 0') how= ;;
    [0-9]*:'failed, said, status 0' | [0-9]*:*', back, status 0') ;;
    *) fail "$how" && break ;;
    esac
    [ "$(sed -n '1,2s/[0-9a-f]*$//p' "$work/out" | tr -d '\n')" = 'signal sum ' ] || fail "it wrote something else"
    allocation=$((allocation + 1))
done
[ $allocation -gt 5 ] || fail "there were no allocations"

# What cannot be put back, is said.
session 'back to exec' 0 "--quiet --deterministic --model z14 $work/past exec" "$work/past" <<'EOF'
handle SIGUSR1 nostop noprint pass
break mark if n == 20
continue
continue
reverse-continue
delete
continue
EOF
said gdb 'it has executed another program' 'exited normally'
# cannot_step_back NAME MODE BREAKPOINT TEXT
cannot_step_back() {
    session "$1" 0 "--quiet --deterministic --model z14 $work/past $2" "$work/past" <<EOF
handle SIGUSR1 nostop noprint pass
break $3
continue
reverse-stepi
delete
continue
EOF
    said gdb "$4" 'exited normally'
}
cannot_step_back 'back with shared storage' shared 'mark if n == 80' 'shares with other processes'
cannot_step_back 'back with storage on nodes' bound mark 'it has bound storage to NUMA nodes'
session 'back from calls that end the record' 0 "--quiet --deterministic --model z14 $work/past lost" "$work/past" <<'EOF'
handle SIGUSR1 nostop noprint pass
break mark if n == 80
continue
reverse-continue
delete
break *&limit_svc
continue
set var $at = $pc + 2
stepi
reverse-stepi
print $pc == $at
delete
continue
EOF
said gdb 'process_madvise' 'a system call has changed what cannot be put back' '\$1 = 1' 'exited normally'

# Files that are mapped are kept, which the program does not notice; those that are no longer mapped need not be. Who has
# changed one cannot go back.
session 'files of a program that can go back' 0 "--quiet --deterministic --model z14 $work/past files" "$work/past" <<'EOF'
continue
EOF
said out '^lock kept' 'flock ended' 'memfd opened' 'numbers kept'
printf '#!/bin/sh\nulimit -n 24\nexec "%s" "$@"\n' "$(realpath "$zfacet")" >"$work/few"
chmod +x "$work/few"
all=$zfacet
zfacet=$work/few
session 'back where few files can be open' 0 "--quiet --deterministic --model z14 $work/past files" "$work/past" <<'EOF'
maint packet vFile:open:2f6465762f6e756c6c,0,0
maint packet vFile:close:0
break printf
continue
reverse-stepi
delete
continue
EOF
said gdb 'received: "F0"' 'more files than can be kept open'
said out '^lock kept' 'flock ended' 'memfd opened' 'numbers kept'
zfacet=$all
session 'back with many files' 0 "--quiet --deterministic --model z14 $work/past many" "$work/past" <<'EOF'
break mark if n == 91
continue
stepi
delete
break mark if n == 92
continue
set var $at = $pc
reverse-stepi 20
stepi 20
print $pc == $at
delete
continue
EOF
said gdb '\$1 = 1' 'exited normally'
session 'back with a file that has changed' 0 "--quiet --deterministic --model z14 $work/past changed" "$work/past" <<'EOF'
break mark
continue 3
reverse-continue
continue
continue
reverse-continue
continue
print n
continue
continue
reverse-continue
delete
continue
EOF
said gdb 'a file that it has mapped has changed' 'exited normally'

# Who changes one while the program is in its past, leaves it no way on.
head -c 4096 /dev/zero >"$work/shrunk"
SHRUNK=$work/shrunk session 'back with a file that becomes shorter' 110 "--deterministic --model z14 $work/past shrunk" "$work/past" <<EOT
break mark if n == 72
continue
set var sum = 9
delete
break mark if n == 74
continue
reverse-stepi
shell : >$work/shrunk
reverse-stepi
continue
continue
EOT
said err 'what the program had mapped cannot be put back'

# One that cannot do again what it did is in its present again, in whichever way it was to go.
for way in continue 'stepi 1000' 'tbreak mark if n == 72
reverse-continue' reverse-stepi; do
    back=reverse-continue
    [ "${way#*reverse}" = "$way" ] || back=
    READY=$work/ready session "back in a program that goes another way, $way" 0 "--quiet --deterministic --model z14 $work/past astray" "$work/past" <<EOT
break mark if n == 71
continue
delete
break mark if n == 73
continue
print sum
delete
break mark if n == 71
$back
delete
shell : >$work/ready; cat $work/ready
$way
print sum
delete
reverse-stepi
print sum
continue
EOT
    said gdb 'go back further: it does not repeat what it did' '\$1 = 2' '\$2 = 2' '\$3 = 2' 'exited normally'
    said out 'sum 2'
done
session 'back with storage that a child does not see' 0 "--quiet --deterministic --model z14 $work/past wiped" "$work/past" <<'EOF'
break mark if n == 75
continue
set var sum = 9
delete
break mark if n == 76
continue
reverse-stepi
stepi
delete
continue
EOF
said out 'the child has 0'

done_with "sessions that go back"
