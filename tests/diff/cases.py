"""Runs the cases of tests/insn on another emulator and says where it disagrees.

usage: cases.py CASE_RECORDS SYSTEM_EMULATOR FILE...
       cases.py RANDOM_RECORDS SYSTEM_EMULATOR SEED COUNT [print]
       cases.py MACHINE_RECORDS SYSTEM_EMULATOR SEED COUNT

Needs binutils for s390x. A difference is a question, not a verdict: the file may hold what the
book says and the emulator does not do. Access exceptions and cases for a model are left out.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BASE = 0x100000
END = 0x1fd00000  # of what is free in 512 MiB: the emulator's firmware comes then
TIMEOUT = 60


def command(qmp, name, **arguments):
    qmp.stdin.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    qmp.stdin.flush()
    while True:
        line = qmp.stdout.readline()
        if not line:
            sys.exit("the emulator went away")
        answer = json.loads(line)
        if "return" in answer or "error" in answer:
            return answer


def run(emulator, image, address, size, out):
    qmp = subprocess.Popen(
        [emulator, "-M", "s390-ccw-virtio", "-accel", "tcg", "-cpu", "max", "-m", "512M",
         "-display", "none", "-serial", "none", "-monitor", "none", "-qmp", "stdio",
         "-no-shutdown", "-action", "panic=pause", "-kernel", image],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        qmp.stdout.readline()
        command(qmp, "qmp_capabilities")
        end = time.time() + TIMEOUT
        while command(qmp, "query-status")["return"]["running"]:
            if time.time() > end:
                sys.exit("the emulator does not come to an end")
            time.sleep(0.05)
        command(qmp, "pmemsave", val=address, size=size, filename=out)
        command(qmp, "quit")
    finally:
        qmp.kill()
        qmp.wait()


def main():
    tool, emulator, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    files = [f for name in files for f in sorted(glob.glob(name + "/*.case")) or [name]]
    path = os.path.join(os.environ.get("ZFACET_PEERS", "."), "bin") + os.pathsep + os.environ["PATH"]
    emulator = shutil.which(emulator, path=path)
    mode = "check"
    if files[-1] == "print":
        mode = files.pop()
    assembler, linker = (shutil.which("s390x-linux-gnu-" + t) for t in ("as", "ld"))
    if not assembler or not linker or not emulator:
        sys.exit(77)
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        def at(name):
            return os.path.join(folder, name)
        subprocess.run([tool, "write", at("records.bin"), *files], check=True,
                       stdout=sys.stderr)
        size = os.path.getsize(at("records.bin"))
        if size > END - 2 * BASE:
            sys.exit("%d MiB of records do not fit in %d MiB: ask for fewer" %
                     (size >> 20, END - 2 * BASE >> 20))
        driver = "machine_driver.s" if "machine" in os.path.basename(tool) else "case_driver.s"
        subprocess.run([assembler, "-I", folder, "-o", at("driver.o"),
                        os.path.join(here, driver)], check=True)
        subprocess.run([linker, "-Ttext", hex(BASE), "-o", at("driver"), at("driver.o")],
                       check=True)
        symbols = subprocess.run([linker.replace("-ld", "-nm"), at("driver")], check=True,
                                 capture_output=True, text=True).stdout
        address = next(int(s.split()[0], 16) for s in symbols.splitlines()
                       if s.endswith(" records"))
        run(emulator, at("driver"), address, size, at("out.bin"))
        sys.exit(subprocess.run([tool, mode, at("out.bin"), *files], check=False).returncode)


main()
