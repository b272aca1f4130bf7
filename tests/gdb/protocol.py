#!/usr/bin/env python3
"""What gdb sends and what it never would, to zfacet run --gdb: protocol.py ZFACET."""
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.dom.minidom

ZFACET = sys.argv[1]
failures = 0


def check(what, wanted, got):
    global failures
    if wanted != got:
        failures += 1
        print(f"FAIL {what}: wanted {wanted!r}, got {got!r}")


class Guest:
    def __init__(self, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "socket")
        self.process = subprocess.Popen(
            ["timeout", "60", ZFACET, "run", "--quiet", "--gdb", "unix:" + self.path, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def connect(self):
        for _ in range(200):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            try:
                client.connect(self.path)
                return client
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server does not listen")

    def end(self):
        return self.process.wait(30)


def frame(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"$" + data + b"#%02x" % (sum(data) & 255)


def receive(client):
    """The next packet's text."""
    data = b""
    while not re.search(rb"\$[^#]*#..", data):
        more = client.recv(4096)
        if not more:
            return None
        data += more
    return re.search(rb"\$([^#]*)#", data).group(1).decode("latin-1")


def ask(client, text):
    client.sendall(frame(text))
    return receive(client)


def description(client):
    text, answer = "", "m"
    while answer[0] == "m":
        answer = ask(client, f"qXfer:features:read:target.xml:{len(text):x},300")
        text += re.sub("}(.)", lambda m: chr(ord(m.group(1)) ^ 0x20), answer[1:])
    return xml.dom.minidom.parseString(text)


def plain():
    guest = Guest("-S", "--model", "z14", "rom:hello")
    client = guest.connect()
    offer = ask(client, "qSupported:swbreak+")
    check("offer", True, "qXfer:features:read+" in offer and "vContSupported+" in offer)
    check("attach", "T05thread:1;", ask(client, "vAttach;1"))
    check("attach to another", "E.", ask(client, "vAttach;63")[:2])
    check("no acknowledgements", "OK", ask(client, "QStartNoAckMode"))
    registers = description(client).getElementsByTagName("reg")
    bits = [int(r.getAttribute("bitsize")) for r in registers]
    names = [r.getAttribute("name") for r in registers]
    check("all registers", sum(bits) // 4, len(ask(client, "g")))
    check("order", ["pswm", "pswa", "r0"], names[:3])
    check("names", True, {"acr15", "fpc", "f15", "v15l", "v31", "cr15", "prefix", "last_break", "cputm"} <= set(names))
    last = ask(client, "p11")
    check("set", "OK", ask(client, "P11=0123456789abcdef"))
    check("get", "0123456789abcdef", ask(client, "p11"))
    check("set back", "OK", ask(client, "P11=" + last))
    check("storage", "OK", ask(client, "M30000,4:01020304"))
    check("binary", "OK", ask(client, b"X30002,2:}\x03\x07"))
    check("read", "01022307", ask(client, "m30000,4"))
    check("nowhere", "E0e", ask(client, "mfffffffffffff000,4"))
    check("step", "T05", ask(client, "vCont;s:1")[:3])
    check("breakpoint", "OK", ask(client, "Z0,200f0,2"))
    check("odd", "E16", ask(client, "Z0,200f1,2"))
    client.sendall(frame("bs"))
    answer = b""
    while b"begin;#" not in answer:
        answer += client.recv(4096)
    check("no way back", True, answer.startswith(b"$O") and b"$T05thread:1;replaylog:begin;#" in answer)
    check("reached", "T05thread:1;swbreak:;", ask(client, "c"))
    check("there", "00000000000200f0", ask(client, "p1"))
    check("all back", "OK", ask(client, "G" + ask(client, "g")))
    check("cleared", "OK", ask(client, "z0,200f0,2"))
    check("end", "W00", ask(client, "c"))
    client.close()
    check("status", 0, guest.end())


def moved():
    """Where it goes on elsewhere, it goes there again."""
    guest = Guest("-S", "--deterministic", "--model", "z14", "rom:hello")
    client = guest.connect()
    check("first", "T05thread:1;", ask(client, "s"))
    begin = int(ask(client, "p1"), 16)
    check("elsewhere", "T05thread:1;", ask(client, f"s{begin + 0x40:x}"))
    there = ask(client, "p1")
    check("back", "T05thread:1;", ask(client, "bs"))
    check("forth", "T05thread:1;", ask(client, "s"))
    check("the same", there, ask(client, "p1"))
    client.sendall(frame("k"))
    guest.end()


def interrupted():
    code = bytes.fromhex("a7f40000")  # branches to itself
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        guest = Guest("--base", "0x10000", file.name)
        client = guest.connect()
        check("arrival stops it", "T05", ask(client, "?")[:3])
        for _ in range(3):
            client.sendall(frame("c"))
            time.sleep(0.05)
            client.sendall(b"\x03")
            check("interrupt", "T02thread:1;", receive(client))
        check("detach", "OK", ask(client, "D"))
        client.close()
        client = guest.connect()  # the next one
        check("again", "T05", ask(client, "?")[:3])
        client.sendall(frame("k"))
        check("killed", 130, guest.end())


def garbage():
    guest = Guest("-S", "--model", "z14", "rom:hello")
    client = guest.connect()
    client.sendall(b"\x00\xff+--}}##$#$$$qSup")
    check("after noise", "T05thread:1;", ask(client, "?"))
    client.sendall(b"$g#00")
    client.settimeout(5)
    check("bad sum", b"-", client.recv(64)[-1:])
    client.sendall(b"$" + b"A" * 100000 + b"#00")
    check("too long", b"-", client.recv(64)[-1:])
    for text in ["", "m", "m,", "m0", "m1,", "mzz,4", "m" + "f" * 40 + ",4", "M0,4:1", "M0,ffffffff:00", "X0,9:1", "Z9,0,2",
                 "Z0", "Z0,", "z0,", "Hg77", "H", "T", "Tffffffffff", "p", "pffff", "P", "P0", "P0=", "P0=12", "G", "G00",
                 "vCont", "vCont;", "vCont;x", "vCont;s:99", "vCont;" + "s;" * 400, "vFile:open:", "vFile:pread:0,1,2",
                 "vFile:close:99", "bx", "b", "qXfer:features:read:", "qXfer:features:read:x:0,9", "qXfer:auxv:read::0,1",
                 "qXfer:features:read:target.xml:ffffffff,1", "qThreadExtraInfo,", "qThreadExtraInfo,99", "qRcmd,", "qRcmd,zz"]:
        if not text.startswith("vCont;s;"):
            check("answer to " + text[:20], True, ask(client, text) is not None)
    chance = random.Random(390)
    for _ in range(300):
        text = bytes(chance.choice(b"gGmMpPXZzHTqvQF?!,:;0123456789abcdef\x00\xff") for _ in range(chance.randrange(40)))
        if text[:1] not in (b"c", b"s", b"k", b"D", b"C", b"S"):
            check("answer", True, ask(client, text) is not None)
    check("still there", "OK", ask(client, "P1=0000000000020000"))
    client.close()  # without a word: the guest goes on
    check("status", True, guest.end() in (0, 1, 111, 112, 110))


def no_reader():
    guest = Guest("-S", "--model", "z14", "rom:hello")
    client = guest.connect()
    check("registers", True, ask(client, "g") is not None)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.sendall(frame("g") * 50)
    client.close()
    check("status", 0, guest.end())


def by_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    guest = subprocess.Popen(["timeout", "60", ZFACET, "run", "--quiet", "-S", "--gdb", f":{port}", "rom:hello"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            client = socket.create_connection(("127.0.0.1", port), 20)
            break
        except OSError:
            time.sleep(0.05)
    check("by port", "T05thread:1;", ask(client, "?"))
    client.sendall(frame("k"))
    check("killed by port", 130, guest.wait(30))
    # -s is port 1234: nobody else gets it
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for _ in range(200):
            try:
                taken.bind(("127.0.0.1", 1234))
                taken.listen()
                break
            except OSError:
                time.sleep(0.05)
        short = subprocess.run([ZFACET, "run", "-s", "rom:hello"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                               check=False)
        check("-s", True, "listen for gdb at :1234: Address already in use" in short.stderr)


signal.alarm(200)
plain()
moved()
interrupted()
garbage()
no_reader()
by_port()
print("gdb protocol:", "failed" if failures else "ok")
sys.exit(failures != 0)
