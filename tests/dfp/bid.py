#!/usr/bin/env python3
"""Random DFP instructions, executed by CHECK_DFP and by Intel's decimal library in its five rounding modes.

usage: bid.py CHECK_DFP SEED COUNT [--verbose]

The library is fetched by tests/tools/peers to $ZFACET_PEERS/host. Exit status 77: not there.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))


def main():
    check, seed, count, *options = sys.argv[1:]
    host = os.path.join(os.environ.get("ZFACET_PEERS", "."), "host/usr")
    library = glob.glob(os.path.join(host, "lib/*/libbidgcc000.a"))
    gcc = shutil.which("gcc")
    if not library or not gcc:
        print("bid: no decimal library in $ZFACET_PEERS, or no compiler")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "bid_records")
        subprocess.run([gcc, "-O2", "-isystem", os.path.join(host, "include"), "-o", program,
                        os.path.join(here, "bid_records.c"), library[0], "-lm"], check=True)
        theirs = subprocess.Popen([program, seed, count], stdout=subprocess.PIPE)
        ours = subprocess.run([check, "--ignore-quantum", *options], stdin=theirs.stdout)
        theirs.stdout.close()
        return ours.returncode or theirs.wait()


sys.exit(main())
