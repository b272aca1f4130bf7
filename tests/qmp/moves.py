#!/usr/bin/env python3
"""Stops, saves and restores a guest at random times, by the management protocol.

usage: moves.py ZFACET [--moves N] [--seconds S] [--seed N] [--expect TEXT] -- RUN-ARGUMENT...
       moves.py ZFACET --built FOLDER          moved.S, which knows what is right, in two engines

The guest is stopped and let go some times, and migrated to a file that the next process restores, until it has ended or
has moved N times. It must end well, with TEXT somewhere on the console of all of them together. For a kernel:
    moves.py zfacet --expect "well done" -- --model z15 --cpus 4 --initrd RAMDISK --append console=ttyS0 KERNEL
"""
import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Guest:
    """A process of zfacet, and a client of its protocol."""

    def __init__(self, zfacet, folder, number, arguments):
        place = os.path.join(folder, f"qmp-{number}")
        self.console = open(os.path.join(folder, f"console-{number}"), "w+b")
        self.process = subprocess.Popen([zfacet, "run", "--qmp", f"unix:{place}", *arguments], stdin=subprocess.DEVNULL,
                                        stdout=self.console, stderr=subprocess.STDOUT)
        self.socket = socket.socket(socket.AF_UNIX)
        while self.process.poll() is None:
            try:
                self.socket.connect(place)
                break
            except OSError:
                time.sleep(0.01)
        self.file = self.socket.makefile("rw")
        self.receive()
        self.ask("qmp_capabilities")

    def receive(self):
        """The next message; nothing when the guest has ended."""
        try:
            return json.loads(self.file.readline() or "{}")
        except OSError:
            return {}

    def ask(self, command, **arguments):
        try:
            self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            self.file.flush()
        except OSError:
            return {}
        answer = self.receive()
        while "event" in answer:
            answer = self.receive()
        return answer.get("return", {})

    def disturb(self):
        for _ in range(random.randrange(4)):
            self.ask("stop")
            self.ask("query-cpus-fast")
            self.ask("cont")
            time.sleep(random.random() * 0.03)

    def migrate(self, place):
        """Whether it is there; else the guest has ended before."""
        self.ask("migrate", uri=f"file:{place}")
        while self.process.poll() is None:
            status = self.ask("query-migrate").get("status")
            if status == "completed":
                self.ask("quit")
                self.process.wait()
                return True
            if status == "failed":
                break
            time.sleep(0.01)
        return False

    def output(self):
        self.console.seek(0)
        return self.console.read().decode(errors="replace")


def run(zfacet, arguments, options):
    """An error, or nothing; and how often the guest moved."""
    with tempfile.TemporaryDirectory() as folder:
        consoles, moves = "", 0
        guest = Guest(zfacet, folder, 0, arguments)
        while moves < options.moves:
            time.sleep(random.random() * options.seconds)
            guest.disturb()
            place = os.path.join(folder, f"saved-{moves}")
            if not guest.migrate(place):
                break
            consoles += guest.output()
            moves += 1
            guest = Guest(zfacet, folder, moves, ["--restore", place])
        status = guest.process.wait()
        consoles += guest.output()
        wrong = f"status {status}" if status else "" if options.expect in consoles else f"no '{options.expect}'"
        return (wrong and f"{wrong}\n{consoles[-2000:]}"), moves


def build(folder):
    guest = os.path.join(folder, "moved")
    compiler = os.environ.get("ZFACET_S390X_CC", "s390x-linux-gnu-gcc")
    subprocess.run([compiler, "-march=z14", "-m64", "-no-pie", "-nostdlib", "-static", f"-Wl,-T{HERE}/../system/bare.ld",
                    "-Wl,--build-id=none", "-o", guest, f"{HERE}/moved.S"], check=True)
    return guest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zfacet")
    parser.add_argument("--moves", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--expect", default="")
    parser.add_argument("--built")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    random.seed(options.seed)
    ways = [options.arguments]
    if options.built:
        os.makedirs(options.built, exist_ok=True)
        guest = build(options.built)
        ways = [["--engine", engine, "--bare", guest] for engine in ("auto", "auto,hot=2")]
    for arguments in ways:
        wrong, moves = run(options.zfacet, arguments, options)
        print(f"{' '.join(arguments)}: {moves} moves, seed {options.seed}: {wrong or 'ends well'}")
        if wrong:
            return 1
    return 0


sys.exit(main())
