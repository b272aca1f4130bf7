#!/bin/sh
# shellcheck disable=SC2016 # gdb has dollars too
# gdb debugs a bare-metal guest and a Linux program: sessions.sh ZFACET IMAGES
set -u
zfacet=$1
images=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
input=/dev/null
s390x-linux-gnu-gcc -g -O0 -static -o "$work/subject" "$here/subject.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -pthread -o "$work/threads" "$here/threads.c" || exit 1
s390x-linux-gnu-gcc -g -O1 -static -pthread -o "$work/crowd" "$here/crowd.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -pthread -o "$work/signals" "$here/signals.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -pthread -o "$work/signal_thread" "$here/signal_thread.c" || exit 1
s390x-linux-gnu-gcc -g -O0 -static -o "$work/past" "$here/past.c" || exit 1
s390x-linux-gnu-gcc -march=z14 -nostdlib -static -Wl,--omagic,--no-warn-rwx-segments -o "$work/watched" "$here/watched.S" || exit 1
s390x-linux-gnu-gcc -march=z14 -nostdlib -static -no-pie -DBARE -Wl,-T"$here/../system/bare.ld" -o "$work/watched-bare" \
    "$here/watched.S" || exit 1

fail() {
    echo "FAIL $name: $*"
    failures=$((failures + 1))
}

s390x-linux-gnu-gcc -g -O2 -march=z14 -mno-vx -msoft-float -ffreestanding -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -nostdlib -static -Wl,-T"$here/../system/bare.ld" -o "$work/smp" "$here/../system/smp.c" || exit 1

# session NAME STATUS 'RUN ARGUMENTS' FILE [extended-]: gdb gets the commands of standard input
session() {
    name=$1
    wanted=$2
    cat >"$work/commands"
    # shellcheck disable=SC2086 # words
    timeout -k 5 60 "$zfacet" run -S --gdb "unix:$work/socket" $3 >"$work/out" 2>"$work/err" <"$input" &
    guest=$!
    tries=0
    while [ ! -S "$work/socket" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    timeout -k 5 50 gdb-multiarch -nx -batch -ex 'set pagination off' -ex 'set confirm off' -ex 'set width 0' \
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

session bare 0 "--quiet --model z14 --cpus 2 $images/hello.elf" "$images/hello.elf" <<'EOF'
info threads
break print
continue
bt
print/x $r15
print $cr0
print/x $prefix
print $v17.uint128
set var *(long *)0x30000 = 42
print *(long *)0x30000
set $r7 = 0x1234
stepi
print/x $r7
x/i $pc
delete
continue
EOF
said gdb '2 .*CPU 1, stopped' 'Breakpoint 1, .* in print' '#1 .* in main' '\$2 = 224' '\$5 = 42' '\$6 = 0x1234' 'exited normally'
said out 'Hello from z/Architecture'

# A repeatable guest goes back, through waits and interruptions, and forth again; it writes nothing twice.
session back 0 "--quiet --deterministic --model z14 $images/timer.elf" "$images/timer.elf" <<'EOF'
break on_external
continue
print *(int *)&rom_externals
continue
continue
print *(int *)&rom_externals
stepi 4
reverse-stepi 4
print $pc == 0x200bc
reverse-continue
print *(int *)&rom_externals
delete
watch *(int *)&rom_externals
reverse-continue
reverse-continue
print *(int *)&rom_externals
reverse-continue
delete
continue
EOF
said gdb '\$1 = 0' '\$2 = 2' '\$3 = 1' '\$4 = 1' 'Old value = 1' 'New value = 0' '\$5 = 0' 'No more reverse-execution history' \
    'exited normally'
[ "$(grep -c PASS "$work/out")" = 1 ] || fail "it wrote something twice"

# Of several CPUs as well: each at its breakpoint, in the order in which they came there.
session 'back with CPUs' 0 "--quiet --deterministic --bare --cpus 4 --model z14 $work/smp" "$work/smp" <<'EOF'
break count
continue
continue
continue
reverse-continue
print self
reverse-continue
print self
info threads
delete
thread 2
awatch counted
continue
reverse-continue
reverse-stepi
stepi
x/i $pc
delete
continue
EOF
said gdb 'Thread 2 hit Breakpoint 1, count (self=1)' 'Thread 3 hit Breakpoint 1, count (self=2)' '\$1 = 1' '\$2 = 0' \
    '\* 1 .*CPU 0, operating) count' 'hit Hardware access' 'exited normally'

# From its failure, too: the end comes when it goes on.
session 'back from its end' 112 "--quiet --deterministic --model z13 --on-blocked stop $images/z14-on-z13.elf" "$images/z14-on-z13.elf" <<'EOF'
continue
reverse-stepi
x/i $pc
stepi
reverse-continue
print $pc == 0x20000
continue
continue
EOF
said gdb 'received signal SIGILL' 'brasl' 'No more reverse-execution history' '\$1 = 1' 'exited with code 0160'

session 'no way back' 0 "--quiet --model z14 $images/hello.elf" "$images/hello.elf" <<'EOF'
break print
continue
stepi
reverse-stepi
delete
continue
EOF
said gdb 'only a repeatable run can go back: give --deterministic' 'exited normally'

# The registers of a guest that failed can be looked at before its end is told.
session blocked 112 "--quiet --model z13 --on-blocked stop $images/z14-on-z13.elf" "$images/z14-on-z13.elf" <<'EOF'
continue
x/i $pc
continue
EOF
said gdb 'received signal SIGILL' 'msgrkc' 'exited with code 0160'

session program 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
info auxv
break main
continue
set var knob = 4
break factorial if n == 1
continue
bt
finish
delete
break half
continue
print d
up
print p
print factorial(5)
continue
EOF
said gdb 'AT_PLATFORM.*z14' 'Breakpoint 2, factorial (n=1)' '#4 .* in main' 'Value returned is \$1 = 1' \
    'Breakpoint 3, half (d=5)' '\$3 = {x = 1, y = 7}' '\$4 = 120' 'exited with code 05'
said out 'factorial 24, point 1 7, half 2.5'

# A watchpoint stops after the instruction that changes what it watches, however far away that is.
session watch 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
break main
continue
watch knob
watch counter if counter == 300
continue
print counter
bt 1
delete
info proc
info proc mappings
continue
EOF
said gdb "exe = '$work/subject'" "cmdline = '$work/subject'" ' r-xp .*/subject' \
    'Hardware watchpoint 2: knob' 'Hardware watchpoint 3: counter' 'New value = 300' '\$1 = 300' '#0 .* count ()' \
    'exited with code 05'

# Watchpoints for reading and for any access: each instruction that makes one, and no other. The labels say which.
# accesses COMMAND LETTERS GUEST ['RUN ARGUMENTS']
accesses() {
    session "$1 $3 ${4-}" 0 "--quiet --model z14 ${4-} $work/$3" "$work/$3" <<EOT
$1 *(long *)&data
$1 *(long *)&edge
$1 *(char[16] *)&edge
while 1
continue
printf "AT "
output/a \$pc
echo \\n
end
EOT
    # the loop comes by three doublewords
    grep -o "^[$2]_[a-z_]*" "$here/watched.S" | sed 's/^r_near$/&\n&\n&/' >"$work/wanted"
    [ "$1" = rwatch ] || sed -i '1,/w_near/d; 5i r_near\nw_near\nr_near\nw_near\nr_near\nw_near' "$work/wanted"
    sed -n 's/^AT .*<\(.*\)>$/\1/p' "$work/gdb" >"$work/met"
    cmp -s "$work/wanted" "$work/met" || fail "$(diff "$work/wanted" "$work/met")"
}
engines="interpreter switch"
"$zfacet" --version | grep -q base && engines="$engines base auto,hot=2"
for program in watched watched-bare; do
    accesses rwatch ra $program
    for engine in $engines; do
        accesses awatch raw $program "--engine $engine"
    done
done

# They stop steps, too, and going back comes to before the access.
session 'accesses before' 0 "--quiet --deterministic --model z14 $work/watched-bare" "$work/watched-bare" <<'EOF'
break *(&r_again - 6)
continue
rwatch *(long *)&data
awatch *(char *)&data
stepi
stepi
reverse-continue
print $pc == (long)&r_again
reverse-continue
reverse-continue
print $pc == (long)&a_ni
delete
continue
EOF
said gdb 'read watchpoint 2' 'acc.* watchpoint 3' '\$1 = 1' '\$2 = 1' 'exited normally'

# A breakpoint in what a child executes does not stop it, and a program that becomes another goes on.
session fork 24 "--quiet --model z14 $work/subject exec" "$work/subject" <<'EOF'
break factorial if n == 4
continue
continue
EOF
said gdb 'exited with code 030'

session crash 139 "--quiet --model z14 $work/subject crash" "$work/subject" <<'EOF'
continue
bt
print p
continue
EOF
said gdb 'received signal SIGSEGV' 'main (argc=2' 'y = 7' 'terminated with signal SIGSEGV'

# Threads of a program are threads of gdb; a breakpoint stops whichever comes there.
session threads 0 "--quiet --model z14 $work/threads" "$work/threads" <<'EOF'
break work if n == 2
continue
info threads
print n
bt
delete
continue
EOF
said gdb 'Thread [0-9]*[.][2-4] .*CPU [1-3], operating' '\$1 = 2' '#1 .* in run' 'exited normally'
said out 'total 18'

# Each of them stops there each time: while one leaves the breakpoint, which gdb takes away for that, the others
# stand still, and who stood there, too, is told next.
for way in "" "--deterministic"; do
    session "crowd $way" 0 "--quiet $way --model z14 $work/crowd" "$work/crowd" <<'EOF'
break pass
ignore 1 1000
continue
info breakpoints
EOF
    said gdb 'already hit 100 times' 'exited normally'
    said out '25 25 25 25'
done
session "crowd with signals" 0 "--quiet --model z14 $work/crowd signals" "$work/crowd" <<'EOF'
break pass
while 1
continue
end
EOF
said out '25 25 25 25, signals 100'
[ "$(grep -c 'received signal SIGUSR1' "$work/gdb")" = 100 ] || fail "another number than 100 of signals"
# after a signal that comes while it steps over a breakpoint, gdb stops there once more
[ "$(grep -c 'hit Breakpoint 1, pass' "$work/gdb")" -ge 100 ] || fail "less than 100 stops at the breakpoint"

# Signals are told of before handlers get them, in whichever thread; some are kept from it, and some are not told of.
for way in "" "--deterministic"; do
    session "signals $way" 0 "--quiet $way --model z14 $work/signals" "$work/signals" <<'EOF'
continue
continue
signal 0
continue
info threads
continue
print got[12]
continue
handle SIGUSR1 nopass
continue
EOF
    said gdb 'SIG40, Real-time event 40' 'Thread 2 received signal SIGUSR2' '\* 2 .*CPU 1, operating' \
        'Thread 1 received signal SIGSEGV' '\$1 = 1' 'exited normally'
    [ "$(grep -c 'received signal SIGUSR1' "$work/gdb")" = 3 ] || fail "SIGUSR1 was told of another number of times"
    said out '^1 1 1 1 1 1, child 2$' '^1$'
done
session 'signals passed' 0 "--quiet --model z14 $work/signals" "$work/signals" <<'EOF'
handle SIGUSR1 SIGUSR2 SIGSEGV SIG40 nostop noprint pass
break note if number == 10
continue
signal SIGUSR2
delete
continue
EOF
said gdb 'note (number=10)' 'exited normally'
said out '^2 2 1 1 1 1, child 3$' '^3$'
# a thread's signal waits while another one is stepped alone
session 'signal of another thread' 0 "--quiet --model z14 $work/signal_thread" "$work/signal_thread" <<'EOF'
continue
thread 1
set scheduler-locking on
stepi
stepi
set scheduler-locking off
continue
EOF
said gdb 'Thread 2 received signal SIGUSR1' 'exited normally'
said out '^1 in the second, 0 in the first, by itself$'

# A client of "extended-remote" has the guest begin anew.
session 'begin anew' 0 "--quiet --model z14 $images/hello.elf" "$images/hello.elf" extended- <<'EOF'
set remote exec-file anything
break print
continue
run
print $pc == 0x20160
print *(char *)$r2
delete
continue
EOF
said gdb 'Breakpoint 1, .* in print' '\$1 = 1' 'exited normally'

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
reverse-continue
delete
break half
continue
print knob
delete
continue
EOF
said gdb '\$1 = 3' 'no: Cannot access memory' 'no: Could not write' '\$2 = 4' 'exited with code 05'

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
session 'back with shared storage' 0 "--quiet --deterministic --model z14 $work/past shared" "$work/past" <<'EOF'
handle SIGUSR1 nostop noprint pass
break mark if n == 80
continue
reverse-stepi
delete
continue
EOF
said gdb 'shares with other processes' 'exited normally'

# Who detaches leaves a guest that runs to its end; who kills ends it.
session detach 5 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
break factorial
continue
detach
EOF
said out 'factorial 6'
session kill 130 "--quiet --model z14 $work/subject" "$work/subject" <<'EOF'
kill
EOF

[ $failures -eq 0 ] && echo "gdb: all sessions as expected"
[ $failures -eq 0 ]
