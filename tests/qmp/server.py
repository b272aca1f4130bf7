#!/usr/bin/env python3
"""The management protocol on real sockets: server.py ZFACET RECORDED-CASES.gz

Replays the recorded queries, several clients at once, and clients that do not behave."""
import atexit
import gzip
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

LIMIT_KB = 160 * 1024


class Client:
    def __init__(self, path, negotiate=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()
        if negotiate:
            assert self.ask("qmp_capabilities") == {"return": {}}

    def line(self):
        text = self.file.readline()
        assert text.endswith(b"\r\n"), text
        return json.loads(text)

    def send(self, text):
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def ask(self, command, **arguments):
        self.send(json.dumps({"execute": command, "arguments": arguments}))
        return self.line()

    def close(self):
        self.file.close()
        self.socket.close()


class Server:
    """zfacet qmp, or with a guest zfacet run."""

    def __init__(self, zfacet, *arguments, guest=None):
        self.path = os.path.join(tempfile.mkdtemp(), "socket")
        command = [zfacet, "qmp", "--socket", self.path, *arguments]
        if guest:
            command = [zfacet, "run", "--quiet", "--qmp", "unix:" + self.path, *arguments, guest]
        self.process = subprocess.Popen(command)
        atexit.register(self.process.kill)
        for _ in range(1000):
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(self.path)
                break
            except OSError:  # there is no socket yet, or nobody listens yet
                time.sleep(0.01)

    def client(self, **options):
        return Client(self.path, **options)

    def memory_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1])

    def seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as status:
            return int(status.read().split()[13]) / os.sysconf("SC_CLK_TCK")

    def lives(self):
        client = self.client()
        assert client.ask("query-status")["return"]["status"] == "prelaunch"
        client.close()
        assert self.memory_kb() < LIMIT_KB, self.memory_kb()

    def end(self):
        client = self.client()
        client.send('{"execute": "quit"}')
        assert client.line()["event"] == "SHUTDOWN"
        assert client.line() == {"return": {}}
        assert self.process.wait(10) == 0
        assert not os.path.exists(self.path)


def replay(server, cases):
    """All in one go: the server must not mind that answers are read late."""
    client = server.client()
    entries = [json.loads(line) for line in gzip.open(cases, "rt")]
    entries = [e for e in entries if e["execute"] != "query-cpu-definitions"]  # definitions() looks at those
    for start in range(0, len(entries), 50):
        part = entries[start : start + 50]
        for e in part:
            request = {"execute": e["execute"], "id": e["case"]}
            if e.get("arguments") is not None:
                request["arguments"] = e["arguments"]
            client.send(json.dumps(request))
        for e in part:
            reply = client.line()
            assert reply.pop("id") == e["case"]
            assert reply == e["reply"], f"{e['case']}: {reply}\n  not {e['reply']}"
    assert len(entries) > 1900
    client.close()


def events(server):
    """Every client that has negotiated gets each event, and before its answer."""
    one, two, early = server.client(), server.client(), server.client(negotiate=False)
    names = []
    for command in ("cont", "stop", "system_reset"):
        one.send(json.dumps({"execute": command}))
        event, answer = one.line(), one.line()
        assert answer == {"return": {}} and event["timestamp"]["seconds"] > 1e9
        names.append(event["event"])
        assert two.line() == event
    assert names == ["RESUME", "STOP", "RESET"], names
    assert early.ask("qmp_capabilities") == {"return": {}}
    for client in (one, two, early):
        client.close()


def definitions(server):
    client = server.client()
    rows = {row["name"]: row for row in client.ask("query-cpu-definitions")["return"]}
    assert len(rows) == 83 and "recommended" in rows, len(rows)
    for name, row in rows.items():
        assert row["typename"] == name + "-s390x-cpu" and row["unavailable-features"] == []
        assert isinstance(row["x-unimplemented-features"], list)
        assert row["static"] == name.endswith("-base")
    assert len(client.ask("qom-list-types", implements="s390x-cpu")["return"]) == 83
    client.close()


def schema(server):
    """The schema names each command, and each type that it speaks of."""
    client = server.client()
    entries = client.ask("query-qmp-schema")["return"]
    known = {e["name"] for e in entries if e["meta-type"] not in ("command", "event")}
    commands = {e["name"] for e in entries if e["meta-type"] == "command"}
    assert commands == {c["name"] for c in client.ask("query-commands")["return"]}
    for e in entries:
        used = [e.get(key) for key in ("arg-type", "ret-type", "element-type")]
        used += [member.get("type") for member in e.get("members", [])]
        assert known.issuperset(name for name in used if name), e
    objects = {e["name"]: e for e in entries if e["meta-type"] == "object"}
    for e in entries:  # an answer has the members that the schema promises, and no others
        required = [m for m in objects.get(e.get("arg-type"), {}).get("members", []) if "default" not in m]
        if e["meta-type"] != "command" or not e["name"].startswith("query-") or required:
            continue
        value = client.ask(e["name"])["return"]
        kind = e["ret-type"].strip("[]")
        for row in value if isinstance(value, list) else [value]:
            if kind in objects:
                members = {m["name"]: "default" in m for m in objects[kind]["members"]}
                assert set(row) <= set(members), (e["name"], row)
                assert all(name in row for name, optional in members.items() if not optional)
    client.close()


def nesting(server):
    client = server.client()
    client.send("[" * 100000 + "\n")
    assert client.line()["error"]["desc"] == "JSON nesting depth limit exceeded"
    client.close()
    server.lives()


def long_string(server):
    """Far beyond the limit; what comes after it is answered."""
    client = server.client()
    client.send('{"execute": "')
    for _ in range(256):
        client.send(b"a" * (1 << 20))
    client.send('"}\n{"execute": "query-status", "id": "after"}')
    assert client.line()["error"]["desc"] == "JSON token size limit exceeded"
    while (answer := client.line()).get("id") != "after":
        assert "error" in answer
    client.close()
    server.lives()


def half_closed(server):
    client = server.client()
    client.send('{"execute": "query-status"}' * 100)
    client.socket.shutdown(socket.SHUT_WR)
    assert sum(1 for _ in client.file) == 100
    client.close()


def never_reads(server):
    """Its answers pile up to a limit, then its input waits; others are served."""
    client = server.client()
    client.socket.settimeout(1)
    try:
        for _ in range(10000):
            client.send('{"execute": "query-qmp-schema"}' * 10)
        assert False, "all input was taken"
    except socket.timeout:
        pass
    server.lives()
    client.close()
    server.lives()


def leaves_early(server):
    for text in ('{"execute": "query-q', '{"execute": "query-qmp-schema"}' * 50, "", "\xff{"):
        client = server.client(negotiate=False)
        client.send(text)
        client.close()
    server.lives()


def too_many(server):
    clients = [server.client() for _ in range(30)]
    for client in clients:
        client.close()
    server.lives()


def cpu_model(zfacet):
    server = Server(zfacet, "--model", "z14,vx=off")
    client = server.client()
    cpu = client.ask("query-cpus-fast")["return"][0]
    assert cpu["target"] == "s390x" and cpu["x-model"]["name"] == "z14-base"
    assert cpu["x-model"]["props"].get("vx", False) is False
    server.end()


def running_guest(zfacet):
    """An endless loop is stopped, goes on, and is ended; its CPUs are told."""
    with tempfile.NamedTemporaryFile() as loop:
        loop.write(b"\xa7\xf4\0\0")  # j .
        loop.flush()
        server = Server(zfacet, "--model", "z13", "--cpus", "2", "--base", "0x1000", guest=loop.name)
        client = server.client()
        assert client.ask("query-status")["return"] == {"running": True, "status": "running"}
        cpus = client.ask("query-cpus-fast")["return"]
        assert [cpu["cpu-state"] for cpu in cpus] == ["operating", "stopped"]
        assert [cpu["cpu-index"] for cpu in cpus] == [0, 1]
        assert all(cpu["x-model"]["name"] == "z13-base" for cpu in cpus)
        for _ in range(3):
            client.send('{"execute": "stop"}')
            assert client.line()["event"] == "STOP" and client.line() == {"return": {}}
            assert client.ask("query-status")["return"]["status"] == "paused"
            before = server.seconds()
            time.sleep(0.3)
            assert server.seconds() - before < 0.1, "it runs on"
            client.send('{"execute": "cont"}')
            assert client.line()["event"] == "RESUME" and client.line() == {"return": {}}
        before = server.seconds()
        while server.seconds() - before < 0.1:
            time.sleep(0.01)
        for _ in range(500):  # as fast as it gets
            client.send('{"execute": "stop"}{"execute": "cont"}')
        assert [client.line().get("event") for _ in range(2000)] == ["STOP", None, "RESUME", None] * 500
        client.send('{"execute": "system_reset"}')
        assert client.line()["event"] == "RESET" and client.line() == {"return": {}}
        loop.write(b"\0\0")
        loop.flush()
        assert "cannot be restarted" in client.ask("system_reset")["error"]["desc"]
        loop.truncate(4)
        client.send('{"execute": "stop"}{"execute": "quit"}')
        assert [client.line().get("event") for _ in range(4)] == ["STOP", None, "SHUTDOWN", None]
        server.process.wait(10)
        server = Server(zfacet, "--base", "0x1000", guest=loop.name)
        client = server.client()
        client.ask("stop")
        server.process.send_signal(signal.SIGTERM)
        while "event" not in (event := client.line()) or event["event"] != "SHUTDOWN":
            pass
        assert event["data"] == {"guest": False, "reason": "host-signal"}, event
        server.process.wait(10)
        assert not os.path.exists(server.path)


def migration(zfacet):
    """A counting loop moves to a file and to another zfacet; where it cannot, it goes on."""
    with tempfile.TemporaryDirectory() as work:
        loop, saved, target = (os.path.join(work, name) for name in ("loop", "saved", "target"))
        with open(loop, "wb") as code:
            code.write(b"\xa7\x1b\0\1\xa7\xf4\xff\xfe")  # aghi 1,1; j .-4
        server = Server(zfacet, "--model", "z14", "--base", "0x1000", guest=loop)
        client = server.client()
        assert client.ask("query-migrate") == {"return": {}}
        assert "no paused migration" in client.ask("migrate", uri="file:x", resume=True)["error"]["desc"]
        assert "unknown migration protocol: tcp:x" in client.ask("migrate", uri="tcp:x")["error"]["desc"]
        for uri, why in (("file:/nowhere/x", "cannot write"), ("unix:" + target, "cannot connect")):
            client.send(json.dumps({"execute": "migrate", "arguments": {"uri": uri}}))
            assert [client.line().get("event") for _ in range(3)] == ["STOP", "RESUME", None]
            answer = client.ask("query-migrate")["return"]
            assert answer["status"] == "failed" and why in answer["error-desc"], answer
            assert client.ask("query-status")["return"]["status"] == "running"
        # as libvirt asks
        arguments = {"detach": True, "resume": False, "uri": "file:" + saved}
        client.send(json.dumps({"execute": "migrate", "arguments": arguments}))
        assert [client.line().get("event") for _ in range(2)] == ["STOP", None]
        assert client.ask("query-migrate")["return"]["status"] == "completed"
        assert client.ask("query-status")["return"]["status"] == "postmigrate"
        assert "continues on the target" in client.ask("migrate", uri="file:" + saved)["error"]["desc"]
        client.send('{"execute": "cont"}')
        assert [client.line().get("event") for _ in range(2)] == ["RESUME", None]
        restored = [zfacet, "run", "--quiet", "--max-insns", "1M", "--restore"]
        assert subprocess.run(restored + [saved], check=False).returncode == 116
        refusing = subprocess.Popen(restored + ["unix:" + target, "--model", "z13"], stderr=subprocess.DEVNULL)
        wait_for(target)
        client.send(json.dumps({"execute": "migrate", "arguments": {"uri": "unix:" + target}}))
        assert [client.line().get("event") for _ in range(3)] == ["STOP", "RESUME", None]
        answer = client.ask("query-migrate")["return"]
        assert "the target refused the guest: z13" in answer["error-desc"], answer
        assert refusing.wait(10) == 117
        taking = subprocess.Popen(restored + ["unix:" + target])
        wait_for(target)
        client.send(json.dumps({"execute": "migrate", "arguments": {"uri": "unix:" + target}}))
        assert [client.line().get("event") for _ in range(2)] == ["STOP", None]
        assert taking.wait(10) == 116
        client.send('{"execute": "quit"}')
        assert server.process.wait(10) == 0


def wait_for(path):
    """Until somebody listens there, who must not be asked: it takes one source alone."""
    for _ in range(3000):
        with open("/proc/net/unix", encoding="utf-8") as sockets:
            lines = [line.split() for line in sockets]
        if any(words[-1] == path and int(words[3], 16) & 0x10000 for words in lines if len(words) == 8):
            return
        time.sleep(0.01)
    raise TimeoutError(path)


def end_of(zfacet, last, psw=b""):
    """The events at the end of a guest that counts for a while, executes `last`, and has a PSW after it, at X'1018'."""
    with tempfile.NamedTemporaryFile() as code:
        code.write(b"\xa7\x18\x27\x10\xa7\x28\x7f\xff\xa7\x26\0\0\xa7\x16\xff\xfc" + last + psw)
        code.flush()
        server = Server(zfacet, "--base", "0x1000", guest=code.name)
        client = server.client()
        events = [client.line()]
        while events[-1]["event"] != "SHUTDOWN":
            events.append(client.line())
        server.process.wait(10)
        return [(event["event"], event["data"]) for event in events]


def guest_ends(zfacet):
    """The guest's own end is told, and whether it is one that it wanted."""
    load = b"\x0d\x20\xb2\xb2\x20\x06\0\0"  # basr 2,0; lpswe 6(2)
    wait = 0x2000180000000
    ends = end_of(zfacet, load, struct.pack(">QQ", wait, 0xfff))
    assert ends == [("SHUTDOWN", {"guest": True, "reason": "guest-shutdown"})], ends
    for last, psw, mask, address, reason in [
            (load, struct.pack(">QQ", wait, 0x8000000000000abc), wait, 0x8000000000000abc, "disabled-wait"),
            (b"\xb2\xb2\0\0", b"", 0, None, "pgmint-loop")]:
        (panic, data), end = end_of(zfacet, last, psw)
        info = {"type": "s390", "core": 0, "psw-mask": mask, "psw-addr": address, "reason": reason}
        if address is None:
            info["psw-addr"] = data["info"]["psw-addr"]
        assert (panic, data) == ("GUEST_PANICKED", {"action": "poweroff", "info": info}), data
        assert end == ("SHUTDOWN", {"guest": True, "reason": "guest-panic"}), end


def guest_resets(zfacet):
    """A guest that asks to be loaded again is; clients hear of it as from qemu-system-s390x."""
    with tempfile.NamedTemporaryFile() as code:
        # lgfi 1,10000000; brctg 1,.; lghi 3,3; diag 2,3,0x308
        code.write(b"\xc0\x11\0\x98\x96\x80\xa7\x17\0\0\xa7\x39\0\3\x83\x23\3\x08")
        code.flush()
        server = Server(zfacet, "--base", "0x1000", guest=code.name)
        client = server.client()
        for _ in range(2):
            event = client.line()
            assert event["event"] == "RESET", event
            assert event["data"] == {"guest": True, "reason": "guest-reset"}, event
        client.send('{"execute": "quit"}')
        server.process.wait(10)


def reset(zfacet):
    """A stopped guest starts again: all that it says comes twice."""
    path = os.path.join(tempfile.mkdtemp(), "socket")
    command = [zfacet, "run", "--quiet", "--qmp", "unix:" + path, "rom:timer"]
    once = subprocess.run([zfacet, "run", "--quiet", "rom:timer"], capture_output=True, check=True).stdout
    assert b"PASS" in once
    for _ in range(20):  # the guest may be too quick for us
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            while not os.path.exists(path) and process.poll() is None:
                pass
            client = Client(path)
            client.send('{"execute": "stop"}{"execute": "system_reset"}{"execute": "cont"}')
            events_seen = [client.line().get("event") for _ in range(6)]
        except (OSError, AssertionError, ValueError):
            events_seen = None
        output = process.communicate(timeout=60)[0]
        assert process.returncode == 0 and output.endswith(once), output
        if events_seen and "SHUTDOWN" not in events_seen:
            assert events_seen == ["STOP", None, "RESET", None, "RESUME", None], events_seen
            return
    assert False, "never in time"


def signals_and_sockets(zfacet):
    server = Server(zfacet)
    client = server.client()
    second = subprocess.run([zfacet, "qmp", "--socket", server.path], capture_output=True, check=False)
    assert second.returncode == 1 and b"cannot listen" in second.stderr, second
    server.process.send_signal(signal.SIGTERM)
    event = client.line()
    assert event["event"] == "SHUTDOWN" and event["data"]["reason"] == "host-signal"
    assert server.process.wait(10) == 0
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(server.path)
    again = subprocess.Popen([zfacet, "qmp", "--socket", server.path])
    for _ in range(500):
        try:
            Client(server.path).ask("quit")
            break
        except OSError:
            time.sleep(0.01)
    assert again.wait(10) == 0


def main():
    zfacet, cases = sys.argv[1:]
    server = Server(zfacet)
    replay(server, cases)
    for test in (definitions, schema, nesting, long_string, half_closed, never_reads, leaves_early, too_many, events):
        started = time.monotonic()
        test(server)
        print(f"{test.__name__}: {time.monotonic() - started:.1f} s, peak {server.memory_kb()} KiB")
    server.end()
    cpu_model(zfacet)
    running_guest(zfacet)
    migration(zfacet)
    guest_ends(zfacet)
    guest_resets(zfacet)
    reset(zfacet)
    signals_and_sockets(zfacet)


main()
