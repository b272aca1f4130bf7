#!/usr/bin/env python3
"""What zfacet scan says, compared with what is known.

usage: scan.py guest JSON          of tests/check/scan_guest.c, scanned with --functions
       scan.py truth ZFACET OBJDUMP FILE STRIPPED
                                   instructions by function as objdump sees them in FILE, which has symbols, against a
                                   scan of STRIPPED, which has none: precision and recall
       scan.py many ARCHIVE        archives in archives, more than can be opened
       scan.py pack FORMAT ARCHIVE FILE
                                   an archive of one file, in a format as libarchive names it
       scan.py image KIND ARCHIVE FILE
                                   an image of a container with FILE in its layers: KIND is docker, oci, twice (two
                                   images in one archive) or unordered (no list of layers)
"""
import ctypes
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile

FIRST_TWO = {"SIL", "SSE"}


def check_guest(path):
    with open(path) as file:
        document = json.load(file)
    result, = document["files"]
    found = {f["name"]: f for f in result["found"] if "name" in f}

    def worst(name):
        insns = [i for i in found.get(name, {"insns": []})["insns"] if i["first_machine"] in ("z13", "z14", "z15")]
        return {(i["first_machine"], i["reach"]) for i in insns}

    expected = {
        "guarded_z13": {("z13", "guarded")}, "direct_z14": {("z14", "direct")}, "inside_z13": {("z13", "guarded")},
        "guarded_z15": {("z15", "guarded")}, "guarded_z14_chosen": {("z14", "guarded")},
        "guarded_z15_other": {("z15", "guarded")}, "direct_z14_other": {("z14", "direct")},
        "guarded_z13_attempted": {("z13", "guarded")}, "pointer_z13": {("z13", "pointer")},
        "switch_z14": {("z14", "direct")}, "direct_pool": set(), "direct_z196_tests": set(), "direct_z196_looks": set(),
    }
    wrong = {name: (worst(name), wanted) for name, wanted in expected.items() if worst(name) != wanted}
    assert not wrong, wrong
    assert (result["needs"], result["guarded"]) == ("z14", "z15"), (result["needs"], result["guarded"])


def opcode_table(zfacet):
    table = {}
    text = subprocess.run([zfacet, "isa", "--json"], capture_output=True, text=True, check=True).stdout
    for row in json.loads(text)["instructions"]:
        code, length = row["opcode"].lower(), row["length"]
        if len(code) == 4 and length == 6 and row["format"] not in FIRST_TWO:
            code = code[:2] + "?" + code[2:]
        table[code] = (row["mnemonic"], row["since"])
    return table


def find(table, word):
    for code in (word[:2], word[:3], word[:4], word[:2] + "?" + word[-2:]):
        if len(code) == 3 and "?" not in code:
            code = word[:2] + word[3]
        if code in table:
            return table[code]
    return None


def truth_of(table, objdump, path):
    lines = subprocess.run([objdump, "-d", path], capture_output=True, text=True, check=True).stdout.splitlines()
    pairs, function = set(), None
    for line in lines:
        head = re.match(r"([0-9a-f]+) <", line)
        if head:
            function = int(head.group(1), 16)
        insn = re.match(r" *[0-9a-f]+:\t((?:[0-9a-f]{2} )+) *\t", line)
        row = find(table, insn.group(1).replace(" ", "")) if insn else None
        if row and row[1] not in ("esa390", "z900"):
            pairs.add((function, row[0]))
    return pairs


def check_truth(zfacet, objdump, path, stripped):
    truth = truth_of(opcode_table(zfacet), objdump, path)
    text = subprocess.run([zfacet, "scan", "--functions", "--json", stripped], capture_output=True, text=True, check=True).stdout
    result, = json.loads(text)["files"]
    starts = sorted({f for f, _ in truth})
    known = set(starts)
    found = {(int(f["address"], 16), i["mnemonic"]) for f in result["found"] for i in f["insns"] if "form" not in i}
    found = {pair for pair in found if pair[0] in known}  # functions without symbols are not in the truth
    right = len(found & truth)
    precision, recall = right / len(found), right / len(truth)
    print(f"{len(truth)} pairs of function and instruction: precision {precision:.4f}, recall {recall:.4f}")
    for pair in sorted(found - truth)[:10]:
        print("not there: %#x %s" % pair)
    for pair in sorted(truth - found)[:10]:
        print("not seen: %#x %s" % pair)
    assert precision > 0.995 and recall > 0.97


def pack(kind, path, file):
    lib = ctypes.CDLL("libarchive.so.13")
    lib.archive_write_new.restype = lib.archive_entry_new.restype = ctypes.c_void_p
    archive, entry = ctypes.c_void_p(lib.archive_write_new()), ctypes.c_void_p(lib.archive_entry_new())
    with open(file, "rb") as source:
        content = source.read()
    assert lib.archive_write_set_format_by_name(archive, kind.encode()) == 0, kind
    assert lib.archive_write_open_filename(archive, path.encode()) == 0, path
    lib.archive_entry_set_pathname(entry, os.path.basename(file).encode())
    lib.archive_entry_set_size(entry, ctypes.c_int64(len(content)))
    lib.archive_entry_set_filetype(entry, 0o100000)
    assert lib.archive_write_header(archive, entry) == 0
    assert lib.archive_write_data(archive, content, ctypes.c_size_t(len(content))) == len(content)
    assert lib.archive_write_close(archive) == 0


def many(path):
    content = b"\0"
    for _ in range(12):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for i in range(6):
                archive.writestr(f"{i}.zip", content)
        content = file.getvalue()
    with open(path, "wb") as file:
        file.write(content)


def tar_of(members, mode="w"):
    """A tar file of {name: content}; None stands for a folder, a text for a hard link."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.LNKTYPE, content
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if info.size else None)
    return file.getvalue()


def image(kind, path, file):
    """What is called hidden is not in the container; what is called there is."""
    with open(file, "rb") as source:
        code = source.read()
    layers = [
        {"./usr/": None, "./usr/hidden-removed": code, "./usr/hidden-replaced": code, "./usr/there-first": code,
         "./gone/": None, "./gone/deep/": None, "./gone/deep/hidden-below": code, "./emptied/": None, "./emptied/hidden-old": code,
         "./hidden-original": code, "./there-link": "./hidden-original", "./folder/": None, "./folder/there-kept": code},
        {"usr/.wh.hidden-removed": b"", "usr/hidden-replaced": b"#!/bin/sh\n", ".wh.gone": b"", "emptied/": None,
         "emptied/.wh..wh..opq": b"", "emptied/there-new": code, ".wh.hidden-original": b"", "folder/": None,
         "usr/hidden-above": code},
        {"usr/.wh.hidden-above": b"", "usr/there-last": code},
    ]
    blobs = [tar_of(layer, "w:gz" if i else "w") for i, layer in enumerate(layers)]
    names = ["blobs/sha256/" + hashlib.sha256(blob).hexdigest() for blob in blobs]
    names.insert(1, names[1])  # as layers that change nothing are
    members = {"blobs/": None, "blobs/sha256/": None, **dict(reversed(list(zip(names[:1] + names[2:], blobs))))}
    if kind in ("docker", "twice"):
        one = {"Config": "none", "Layers": names}
        members["manifest.json"] = json.dumps([one] * (2 if kind == "twice" else 1)).encode()
    elif kind in ("oci", "folder"):
        manifest = json.dumps({"layers": [{"digest": "sha256:" + name[13:]} for name in names]}).encode()
        digest = hashlib.sha256(manifest).hexdigest()
        members["blobs/sha256/" + digest] = manifest
        members["index.json"] = json.dumps({"manifests": [{"digest": "sha256:" + digest}]}).encode()
    if kind == "folder":
        members["oci-layout"] = b"{}"
        for name, content in members.items():
            place = os.path.join(path, name)
            os.makedirs(place if content is None else os.path.dirname(place), exist_ok=True)
            if content is not None:
                with open(place, "wb") as out:
                    out.write(content)
        return
    with open(path, "wb") as out:
        out.write(tar_of(members))


def main():
    kind, *arguments = sys.argv[1:]
    {"guest": check_guest, "truth": check_truth, "pack": pack, "many": many, "image": image}[kind](*arguments)


main()
