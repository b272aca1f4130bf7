#!/usr/bin/env python3
"""Compares random BFP operations, or vector floating-point operations, with qemu-s390x.

usage: bfp.py CHECK_BFP BFP_DEF SEED COUNT [switch]
       bfp.py CHECK_VECTOR_FLOAT vector SEED COUNT [switch]

Needs s390x-linux-gnu-gcc and qemu-s390x: in $ZFACET_PEERS/bin (see tests/tools/peers) or on the PATH. Exit status 77:
not there, nothing compared.
"""
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))


def main():
    check, rows, seed, count, *mode = sys.argv[1:]
    path = os.path.join(os.environ.get("ZFACET_PEERS", "."), "bin") + os.pathsep + os.environ["PATH"]
    gcc, qemu = (shutil.which(name, path=path) for name in ("s390x-linux-gnu-gcc", "qemu-s390x"))
    if not gcc or not qemu:
        print("bfp: no s390x compiler or no qemu-s390x")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        stubs, reference = os.path.join(folder, "stubs.S"), os.path.join(folder, "reference")
        name, march, arguments = ("vector_float", "z13", []) if rows == "vector" else ("bfp", "z196", [rows])
        with open(stubs, "w") as out:
            subprocess.run([sys.executable, os.path.join(here, name + "_stubs.py"), *arguments], stdout=out, check=True)
        subprocess.run([gcc, "-O2", "-march=" + march, "-nostdlib", "-static", "-Wa,--noexecstack", "-o", reference,
                        stubs, os.path.join(here, name + "_reference.c")], check=True)
        theirs = subprocess.Popen([qemu, "-cpu", "max", reference, seed, count], stdout=subprocess.PIPE)
        ours = subprocess.run([check, *mode], stdin=theirs.stdout)
        theirs.stdout.close()
        return ours.returncode or theirs.wait()


sys.exit(main())
