#!/usr/bin/env python3
"""Random accesses of a bare machine by few base registers, near the ends of pages: every engine must come to the
same end. Pages are invalid or protected, keys change in between, instructions store into what follows them.

usage: pages.py ZFACET FOLDER SEED COUNT    guests from SEED on; those that differ stay in FOLDER
"""
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILER = os.environ.get("ZFACET_S390X_CC", "s390x-linux-gnu-gcc")
ENGINES = ["switch", "interpreter", "base", "auto", "auto,hot=2"]
SNIPPETS, TURNS = 40, 20
DATA, PAGE, PAGES = 0x40000, 4096, 16
INVALID, PROTECTED = {3, 9}, {5, 12}
ENDS = [-8, -16, -64, -128, -300, -33, 0, 8, 40, 0x800]
NEAR = [0, 0, 0, 8, 8, 8, 4, 16, 16, 24, 100, 255, 490]
LOADS = """l:a ly:a lg:a llgc:a llgh:a lgh:a lgf:a llgf:a lgb:a ic:a a:a ag:a al:a n:a xg:a lt:a cl:a cg:a ms:a ah:a
    tm:i cli:i chsi:i vl:v ld:f le:f vleb:v:9 vleh:v:3 vlef:v:2 vleg:v:1""".split()
STORES = """st:a sty:a stg:a sth:a stc:a mvi:i mvhhi:i mvhi:i mvghi:i vst:v std:f ste:f vsteb:v:5 vsteh:v:7 vstef:v:1
    vsteg:v:0""".split()
OTHERS = ["agr %r{a},%r{c}", "xr %r{a},%r{c}", "srlg %r{a},%r{c},3", "lgr %r{a},%r{c}", "ipm %r{a}", "adbr %f0,%f2", "vag %v{v},%v1,%v2", "vx %v1,%v{v},%v2", "vuplhb %v2,%v{v}", "vpkf %v{v},%v2,%v1",
          "vsel %v1,%v2,%v{v},%v1", "mvc {near}(4,%r{b}),0(%r{d})",
          "mvc {near}(8,%r{b}),{near}(%r{d})", "clc {near}(4,%r{b}),{near}(%r{d})", "clc 0(8,%r{d}),{near}(%r{b})",
          "xc {near}(8,%r{b}),{near}(%r{b})", "stmg %r{a},%r5,{near}(%r{b})", "lmg %r{a},%r5,{near}(%r{b})",
          "lg %r{a},{near}(%r13,%r{b})", "stc %r{a},{near}(%r13,%r{b})", "vst %v{v},{near}(%r13,%r{b})"]
# what ends a row of accesses to one page
ENDING = ["aghi %r{b},{step}", "la %r{b},100(%r{b})", "lgr %r{b},%r{d}", "lhi %r5,{key}\n sske %r5,%r12"]
HEAD = """ .section .head,"ax"
 .org 0x1d0
 .quad 0x0400000180000000,condition
 .org 0x200
 .globl _start
_start: larl %r1,control
 lctlg %c0,%c1,0(%r1)
 lhi %r2,0x10
 lghi %r3,0
keys: sske %r2,%r3
 aghi %r3,4096
 tmlh %r3,0x10
 jz keys
 lghi %r11,0
 larl %r1,run
 lpswe 0(%r1)
# what it was, and where, into r11; on behind the instruction
condition: stg %r1,0x21000
 stg %r2,0x21008
 llgh %r1,0x8e
 lg %r2,0x158
 sllg %r11,%r11,1
 xgr %r11,%r1
 agr %r11,%r2
 tmll %r1,0x10
 jz suppressed
 llgc %r2,0x8d
 ag %r2,0x158
 stg %r2,0x158
suppressed: lg %r1,0x21000
 lg %r2,0x21008
 lpswe 0x150
"""
TABLES = """ .org 0x20000
control: .quad 0x60000,0x24000
run: .quad 0x0410000180000000,go
end: .quad 0x0002000180000000,0
 .org 0x24000
 .quad 0x28000
 .fill 2047,8,0x20
 .org 0x28000
"""


def frame_of(page):
    """Neighbours are not neighbours in storage."""
    return (page * 5 + 3) % PAGES


class Guest:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.bases = []

    def say(self, *lines):
        self.lines.extend(lines)

    def access(self, kind):
        """One by base and displacement."""
        name, operand, *element = kind.split(":")
        at = f"{self.random.choice(NEAR)}(%r{self.random.choice(self.bases)})"
        number = self.random.randrange(5)
        if operand == "i":
            return f" {name} {at},{self.random.randrange(120)}"
        return f" {name} %{'r' if operand == 'a' else operand}{number},{at}" + "".join(f",{e}" for e in element)

    def other(self, which=None):
        pick = self.random.choice
        return " " + pick(which or OTHERS).format(
            a=self.random.randrange(5), c=self.random.randrange(5), b=pick(self.bases),
            d=self.random.randrange(6, 9), v=self.random.randrange(5), near=pick(NEAR), step=pick([1, 2, 4, 16, -8, -1, 100, 4096]),
            key=pick([0x10, 0x10, 0x10, 0x18, 0x20, 0x28]))

    def body(self, number):
        """Accesses and others; now and then a way around one."""
        loads, stores = self.random.choice([(.6, .9), (.95, .95), (.4, .8), (0, .9)])
        self.bases = self.random.choices(range(6, 9), k=2)
        for i in range(self.random.randrange(3, 20)):
            which = self.random.random()
            kinds = LOADS if which < loads else STORES if which < stores else None
            self.say(self.access(self.random.choice(kinds)) if kinds else self.other())
            if self.random.random() < .15:
                self.say(self.other(ENDING))
            if self.random.random() < .08:
                self.say(f" jh around{number}_{i}", " lg %r0,8(%r6)", f"around{number}_{i}:")

    def snippet(self, number):
        loops, changes = self.random.random() < .5, self.random.random() < .3
        self.say(f"snippet{number}: stg %r14,0x21100")
        pages = self.random.choices([*range(PAGES - 1), 2, 3, 4, 5, 8, 9, 11, 12], k=3)
        for base, page in zip(range(6, 9), pages):
            self.say(f" lgfi %r{base},{DATA + page * PAGE + self.random.choice(ENDS)}")
        self.say(f" lgfi %r12,{DATA + frame_of(self.random.choice(pages)) * PAGE}",
                 f" lghi %r13,{self.random.choice([0, 8, 4000])}")
        if loops:
            self.say(f" lghi %r9,{self.random.choice([3, 20, 60])}", f"loop{number}:")
        if changes: # the immediate of an instruction that follows, by the base that is read, too
            self.say(f" larl %r4,changed{number}", " l %r3,0(%r4)", " lr %r1,%r10", " nill %r1,31", " stc %r1,3(%r4)",
                     " l %r2,0(%r4)")
        self.body(number)
        if changes:
            self.say(f"changed{number}: lhi %r5,0", " agfr %r11,%r5")
        if loops:
            self.say(f" brctg %r9,loop{number}")
        self.say(" sllg %r11,%r11,1", *(f" xgr %r11,%r{r}" for r in range(9)), " lg %r14,0x21100", " br %r14")

    def source(self):
        self.say(HEAD, f"go: lghi %r10,{TURNS}", "again:", *(f" brasl %r14,snippet{n}" for n in range(SNIPPETS)),
                 " brctg %r10,again", " larl %r1,end", " lpswe 0(%r1)")
        for n in range(SNIPPETS):
            self.snippet(n)
        self.say(TABLES)
        for n in range(256):
            number = n - DATA // PAGE
            frame = DATA // PAGE + frame_of(number) if 0 <= number < PAGES else n
            self.say(f" .quad {frame * PAGE + (number in INVALID) * 0x400 + (number in PROTECTED) * 0x200}")
        self.say(f" .org {DATA}", *(f" .quad {self.random.getrandbits(64)}" for _ in range(PAGES * PAGE // 8)))
        return "\n".join(self.lines) + "\n"


def build(path, seed):
    with open(path + ".S", "w") as file:
        file.write(Guest(seed).source())
    subprocess.run([COMPILER, "-march=z14", "-nostdlib", "-static", "-Wl,--build-id=none", "-o", path,
                    "-Wl,-T" + os.path.join(HERE, "../system/bare.ld"), path + ".S"], check=True)


def end_of(zfacet, guest, engine):
    """Registers and storage at the end, but for clocks."""
    command = [zfacet, "run", "--bare", "--engine", engine, "--dump-at-end", "all", guest]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, text=True)
    return done.returncode, re.sub(r"(?m)^ *(timer|tod) .*\n", "", done.stdout)


def main():
    zfacet, folder, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.makedirs(folder, exist_ok=True)
    failed = 0
    for seed in range(first, first + count):
        guest = os.path.join(folder, f"pages{seed}")
        build(guest, seed)
        ends = {engine: end_of(zfacet, guest, engine) for engine in ENGINES}
        wrong = [engine for engine in ENGINES if ends[engine] != ends[ENGINES[0]] or ends[engine][0]]
        failed += bool(wrong)
        if wrong:
            print(f"seed {seed}: {', '.join(wrong)} not as {ENGINES[0]}, or failed; the guest is {guest}")
        else:
            os.remove(guest)
            os.remove(guest + ".S")
    print(f"{count} guests, {failed} failed")
    return failed > 0


sys.exit(main())
