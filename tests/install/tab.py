#!/usr/bin/env python3
"""Presses the tab key in the shells that there are: tab.py PREFIX, where zfacet is installed."""
import os
import pty
import re
import select
import shutil
import sys
import tempfile
import time

prefix = sys.argv[1]
START = {
    "bash": (["bash", "--norc", "-i"], f". '{prefix}/share/bash-completion/completions/zfacet'\n"),
    "zsh": (["zsh", "-f", "-i"], f"fpath=('{prefix}/share/zsh/vendor-completions' $fpath); autoload -U compinit; compinit -D -u\n"),
    "fish": (["fish", "-N", "-i"], f"set fish_complete_path '{prefix}/share/fish/vendor_completions.d'\n"),
}
# what is typed, and what stands there after tab
CASES = [("zfacet expl", "zfacet explain"), ("zfacet run --mod", "run --model"), ("zfacet run --model=z19", "--model=z196"),
         ("zfacet run --engine int", "--engine interpreter"), ("zfacet check --models z13,z15-", "z13,z15-t02"),
         ("zfacet run --trace insn,exc", "insn,exceptions"), ("zfacet run rom:z14", "rom:z14-on-z13"), ("zfacet data instr", "data instructions"),
         ("zfacet check --on sl", "--on slurm"), ("zfacet explain msgrk", "explain msgrkc"), ("zfacet inspect --view cov", "--view coverage"),
         ("zfacet run --initrd ./ram", "./ramdisk"), ("zfacet expand @./host", "@./hosts.xml"), ("zfacet run --sysroot=./gue", "--sysroot=./guests/")]


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x07\x0f]", "", text)


def read_until(fd, wanted, seconds):
    text, end = "", time.time() + seconds
    while time.time() < end and not (wanted and wanted in plain(text)):
        if select.select([fd], [], [], 0.1)[0]:
            try:
                text += os.read(fd, 65536).decode(errors="replace")
            except OSError:
                break
        elif not wanted and text:
            break
    return plain(text)


def press(shell, home):
    words, setup = START[shell]
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(home)
        os.execvpe(words[0], words, dict(os.environ, TERM="dumb" if shell != "fish" else "xterm", HOME=home, COLUMNS="200", LINES="60",
                                         PATH=f"{prefix}/bin:/usr/bin:/bin", XDG_DATA_DIRS="/usr/share"))
    read_until(fd, None, 30)
    os.write(fd, (setup + "echo rea''dy\n").encode())
    read_until(fd, "ready", 60)
    wrong = 0
    for typed, wanted in CASES:
        read_until(fd, None, 1)
        os.write(fd, typed.encode() + b"\t")
        text = read_until(fd, wanted, 60)
        if wanted not in text:
            wrong += 1
            print(f"FAIL {shell}: '{typed}' and tab: {text[-300:]!r}")
        os.write(fd, b"\x15")
    os.close(fd)
    os.waitpid(pid, 0)
    return wrong


failed = 0
with tempfile.TemporaryDirectory() as place:
    for name in ("ramdisk", "hosts.xml"):
        with open(os.path.join(place, name), "w", encoding="ascii"):
            pass
    os.mkdir(os.path.join(place, "guests"))
    for one in sys.argv[2:] or START:
        if shutil.which(one):
            failed += press(one, place)
print(f"{failed} failed")
sys.exit(failed != 0)
