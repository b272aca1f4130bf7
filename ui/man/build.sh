#!/bin/sh
# Writes the manual page from what the programs say of themselves: build.sh ZFACET ZFACET-QEMU [EMULATOR...] >zfacet.1
set -eu
zfacet=$1
qemu=$2
shift 2

# verbatim text: backslashes, and dots and quotes that begin a line, mean something to roff
verbatim() {
    echo ".nf"
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"
    echo ".fi"
}

version=$("$@" "$zfacet" --version | sed -n 1p) # the other lines are the build's
cat <<END_OF_HEAD
.\" Written by ui/man/build.sh from the program's own help.
.TH ZFACET 1 "" "$version" "User Commands"
.SH NAME
zfacet \- run and examine s390x programs on any z/Architecture CPU model
.SH SYNOPSIS
.B zfacet
.I COMMAND
.RI [ ARGUMENT ...]
.br
.B zfacet \-\-help
|
.B \-\-version
.SH DESCRIPTION
zfacet runs s390x programs and bare-metal guests on a CPU model from z900 to z17.
It blocks instructions, operand forms and function codes that the model, or the IBC value
(instruction blocking control) in force, does not have, as that machine would. It reports each
with the facility that it needs and the first machine that has it.
It also answers questions about models, facilities and instructions.
.SH COMMANDS
END_OF_HEAD
"$@" "$zfacet" --help | sed -n 's/^  \([a-z-]\{1,\}\)  .*/\1/p' | while read -r command; do
    [ "$command" != help ] || continue
    echo ".SS $command"
    "$@" "$zfacet" help "$command" | verbatim
done
echo ".SH ZFACET\\-QEMU"
"$@" "$qemu" -help | verbatim
cat <<'END_OF_TAIL'
.SH EXIT STATUS
0 success, 1 operation or output failed, 2 invalid command line, 3 something was blocked or the answer is no.
.B zfacet run
passes on the exit status of a Linux program; its own statuses are listed above.
.SH ENVIRONMENT
.TP
.B NO_COLOR
If set and not empty, output has no colour. Output that does not go to a terminal never has any.
.TP
.B ZFACET_MODEL
The model of
.B zfacet run
and
.B zfacet check
where none is given.
.SH EXAMPLES
.nf
zfacet check \-\-models z13,z14 \-\-sarif findings.sarif \-\- ./program
zfacet run \-\-model z13 \-\-check ./program
zfacet suite \-\-models z13..
zfacet explain vfasb
zfacet inspect \-\-text \-\-view matrix \-\-models z13,z16
.fi
END_OF_TAIL
