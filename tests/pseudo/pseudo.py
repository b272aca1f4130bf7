#!/usr/bin/env python3
"""Whether the pseudo-code of 'zfacet explain' is what instructions do: pseudo.py ZFACET TRIES NOTATION [MNEMONIC...]

Each text is executed with random and edge operands, and so is the instruction (tries.c); all that either changes must
agree. Operands that are a specification exception do not count: the text leaves those to the list of exceptions.
"""
import json
import random
import re
import subprocess
import sys

from bfp import Unsure
from dfp import FORMATS, encoded
from notation import Wrong, compile_text
from state import FUNCTIONS, OTHERS, State

zfacet, tries, notation, *chosen = sys.argv[1:]
TRIES, ENOUGH, ROUNDS, WIDEST = 16, 10, 20, 66
CODE, STORAGE = 0x10000, {"1": 0x20000, "2": 0x21000}
BASE = {"1": 9, "2": 10, "3": 10, "4": 10}
GENERAL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14]
PAIRS = {"G": [0, 2, 4, 6, 12], "F": [0, 1, 4, 5, 8, 9, 12, 13]}
CONDITIONS = {"specification": 6, "data": 7, "fixed-point-divide": 9, "decimal-divide": 11, "hfp-exponent-overflow": 12, "vector-processing": 27}
EA_BA, DAT = 1 << 32 | 1 << 31, 1 << 58
TRANSLATED = {"iac", "sac", "sacf", "epar", "epair", "esar", "esair"}  # needs DAT, of a real space here
PROTECTED = {"mvcdk", "mvcsk", "mvck", "mvpg"}  # by keys that are not said in the text
UNPREDICTABLE = {"vlgv", "vlvg"}  # with an element that is not there
EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
         0x8000000000000000, 0xffffffffffffffff, 0xffffffff80000000, 0x7fffffff00000000, 0x8000000080000000]
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAIL", text)


def number(rng):
    """A doubleword; some are edges, some short, some have few ones."""
    kind = rng.randrange(6)
    value = rng.getrandbits(64)
    return (rng.choice(EDGES) if kind < 2 else value >> rng.randrange(64) if kind == 2 else
            (1 << 64) - (value >> rng.randrange(64)) & (1 << 64) - 1 if kind == 3 else value)


def character(rng):
    """In 32 bits; few are not valid."""
    return rng.choice((rng.getrandbits(7), rng.getrandbits(11), rng.getrandbits(16), 0x10000 + rng.getrandbits(20), rng.getrandbits(rng.randrange(1, 22)),
                       rng.choice((127, 128, 0x7ff, 0x800, 0xd7ff, 0xdc00, 0xffff, 0x10000, 0x10ffff, 0xd800, 0xdbff, 0x110000)) if rng.randrange(3) == 0 else 65))


def vector(rng):
    kind = rng.randrange(4)
    size = rng.choice((8, 16, 32, 64))
    if kind < 2:
        return number(rng) << 64 | number(rng)
    edges = (0, 1, (1 << size - 1) - 1, 1 << size - 1, (1 << size) - 1)
    value = 0
    for _ in range(128 // size):
        value = value << size | (rng.choice(edges) if kind == 2 else rng.getrandbits(size))
    return value


def floating(rng):
    """A quadword of BFP numbers of one format, whose exponents are not far from each other."""
    size, bits, bias = rng.choice(((32, 23, 127), (64, 52, 1023), (128, 112, 16383)))
    value = 0
    for _ in range(128 // size):
        exponent = bias + rng.choice((rng.randrange(-3, 4), rng.randrange(-40, 70)))
        fraction = rng.getrandbits(bits) & rng.choice((-1, -1 << rng.randrange(bits), 0))
        value = value << size | rng.randrange(2) << size - 1 | exponent << bits | fraction
    return value


def classes(rng):
    """A quadword of numbers of one format, of few values: zeros, infinities and not-a-numbers of either sign, equal ones."""
    size, bits, bias = rng.choice(((32, 23, 127), (64, 52, 1023), (128, 112, 16383)))
    infinity = 2 * bias + 1 << bits
    values = (0, 1, 1 << bits, bias << bits, bias + 1 << bits, infinity, infinity | 1, infinity | 1 << bits - 2, infinity | 1 << bits - 1, infinity | 3 << bits - 2)
    return sum((rng.choice(values) | rng.randrange(2) << size - 1) << at for at in range(0, 128, size))


def decimal_floating(rng):
    """Registers of DFP numbers of one format, whose exponents are not far from each other; specials are rare."""
    size = rng.choice((32, 64, 128, 128))
    digits, bias, continued = FORMATS[size]
    most, registers = (3 << continued) - 1, {}
    near = rng.choice((bias, bias, bias, 0, most))
    for n in (0, 1, 4, 5, 8, 9, 12, 13) if size == 128 else range(32):
        exponent = rng.choice((near + rng.randrange(-3, 4), near + rng.randrange(-digits, digits), rng.randrange(-3, most)))
        count = rng.choice((digits, rng.randrange(digits + 1), rng.randrange(1, 4)))
        value = rng.choice((rng.randrange(10 ** count), 10 ** count - 1, 5 * 10 ** count // 10, rng.randrange(10 ** count) * 10 ** (digits - count)))
        exponent = max(min(exponent, most), 0) if rng.randrange(24) else rng.randrange(-3, 0)
        bits = encoded(rng.randrange(2), exponent, value, size)
        registers["VR", n] = bits << 128 - size if size < 128 else bits
        if size == 128:
            registers["VR", n + 2] = bits << 64 & (1 << 128) - 1
    return registers


def hexadecimal(rng):
    """Two long HFP numbers, or what else has their bits."""
    value = 0
    for _ in range(2):
        exponent = 64 + rng.choice((rng.randrange(-2, 18), rng.randrange(-2, 9), rng.randrange(-12, 12)))
        fraction = rng.getrandbits(56) & (-1 << rng.randrange(56)) | rng.choice((0, 1 << 52))
        value = value << 64 | (rng.randrange(2) << 7 | exponent) << 56 | fraction
    return value


def bytes_of(make):
    """What `make` gives, one after the other, as doublewords."""
    rest = bytearray()
    while True:
        while len(rest) < 8:
            rest += make()
        yield int.from_bytes(rest[:8], "big")
        del rest[:8]


def encoded_character(rng, encoding):
    """Few are cut short, too long, or none."""
    kind, code = rng.randrange(30), character(rng)
    if kind == 0:
        return bytes([rng.getrandbits(8)])
    if kind == 1:  # in more bytes than it needs, or a number that is too large
        count = rng.randrange(2, 5)
        head = bytes([0xf00 >> count & 0xff & 0xff << 7 - count | rng.getrandbits(7 - count)])
        return head + bytes(128 | rng.getrandbits(6) for _ in range(count - 1))
    if kind == 3:
        code = 0xd800 | rng.getrandbits(11)
    whole = chr(code if code < 0x110000 else 65).encode(encoding, "surrogatepass")
    return whole[:-1] if kind == 2 else whole


class Image:
    """What storage holds: both windows."""

    def __init__(self, doublewords, signs=None):
        self.bytes, self.line = {}, ""
        for start in STORAGE.values():
            content = bytearray().join(next(doublewords).to_bytes(8, "big") for _ in range(128))
            for at, byte in (signs or {}).items():
                if start <= at < start + 1024:
                    content[at - start] = byte
            self.bytes.update({start + i: byte for i, byte in enumerate(content)})
            self.line += f" m{start:x}={content.hex()}"


RANDOM = random.Random("storage")
IMAGES = [Image(iter(lambda: number(RANDOM), None)) for _ in range(16)]
FLOATING = [Image(iter(lambda: floating(RANDOM) >> 64, None)) for _ in range(16)]
SMALL = Image(iter(lambda: RANDOM.getrandbits(20) << 32 | RANDOM.getrandbits(20), None))
CHARACTERS = Image(iter(lambda: character(RANDOM) << 32 | character(RANDOM), None))
ENCODED = {encoding: [Image(bytes_of(lambda: encoded_character(RANDOM, encoding))) for _ in range(16)] for encoding in ("utf-8", "utf-16-be")}
ADDRESSES = Image(iter(lambda: STORAGE["1"], None))


def psws(rng, short):
    """Valid PSWs at all quadwords."""
    def doublewords():
        while True:
            mode = rng.choice((0, 1, 3))
            mask = rng.getrandbits(2) << 56 | rng.getrandbits(4) << 52 | rng.randrange(2) << 50 | rng.getrandbits(9) << 40 | mode << 31
            address = 2 * rng.getrandbits(18)  # what is there is fetched
            yield mask | short << 51 | short * address
            yield address
    return Image(doublewords())


class Row:
    def __init__(self, row, formats, masks):
        self.masks = masks  # that can have a value, although operands do not name them
        self.mnemonic, self.text, self.syntax = row["mnemonic"], row["pseudo_code"], row["operands"]
        self.opcode, self.length = int(row["opcode"], 16), row["length"]
        self.format = formats[row["format"]]
        self.random, self.counted, self.wrong = random.Random(self.mnemonic), 0, False
        self.run = compile_text(self.text, FUNCTIONS)
        self.kinds = dict()
        for kind, n in re.findall(r"\b([gGfFav])(\d)", self.syntax):
            self.kinds[n] = kind
        used = " ".join(re.findall(r"(?:storage|branch|key)\(([^,)]*)[,)]", self.text))
        for name, value in re.findall(r"(\w+) = ([^;\n]*)", self.text):
            used += " " + value if re.search(rf"\b{name}\b", used) else ""
        self.addresses = sorted(set(re.findall(r"GR\[([^\]]*)\]", used)))
        self.stored = sorted(set(re.findall(r"address(\d)", used))) if "storage(" in self.text else []

    def field(self, rng, name, bits):
        kind, n = name[0], name[-1]
        if name.startswith("ri"):
            if n in self.stored:
                return (STORAGE["2"] + 16 * rng.randrange(32) - CODE) // 2
            return rng.choice((0, 1, 2, 0x40, rng.getrandbits(bits - 1) & 0x3fff))
        if self.mnemonic == "cksm" and name == "r1":
            return rng.choice((8, 11, 14))  # not of the pair
        if kind in "rv":
            kind = "v" if kind == "v" else self.kinds.get(n)
            return (rng.randrange(32) if kind == "v" else rng.choice(GENERAL["GR[0]" in self.text:]) if kind == "g" else
                    rng.choice(PAIRS[kind]) if kind in PAIRS else rng.randrange(16) if kind else 0)
        if kind == "b":
            return BASE[n]
        if kind == "d":
            return (16 * rng.randrange(32) if n in self.stored else 2 * rng.randrange(64) if "branch" in self.text else
                    rng.randrange(16) if rng.randrange(2) else rng.getrandbits(12))
        if kind == "x" and "GR[x2]" in self.text:
            return rng.choice(GENERAL)
        if kind == "m" and not re.search(rf"m{n}", self.syntax) and name not in self.masks or kind == "x":
            return 0
        if kind == "m" and rng.randrange(4):
            return rng.choice((0, 1, 2, 3, 4, 8))
        if kind == "l":
            return rng.choice((0, 1, 3, 7, rng.getrandbits(bits)))
        if kind == "i" and rng.randrange(3) == 0:
            return rng.randrange(16)
        edges = (0, 1, (1 << bits - 1) - 1, 1 << bits - 1, (1 << bits) - 1)
        return rng.choice(edges) if rng.randrange(3) == 0 and bits > 4 else rng.getrandbits(bits)


class Try:
    """One set of operands, and what either side makes of it."""

    def __init__(self, row, rng):
        self.row, self.fields, word = row, {}, row.opcode << 64 - 8 * row.length
        for text in row.format:
            name, first, bits = re.match(r"(\w+):(\d+)\+(\d+)", text).groups()
            first, bits = int(first), int(bits)
            value = row.field(rng, name, bits)
            if name[0] == "r" and rng.randrange(6) == 0 and "r1" in self.fields and row.kinds.get(name[-1]) == row.kinds.get("1"):
                value = self.fields["r1"]
            self.fields[name] = value
            if name[0] == "v":
                word |= (value >> 4) << 63 - {8: 36, 12: 37, 16: 38, 32: 39}[first]
                value &= 15
            word |= (value & (1 << bits) - 1) << 64 - first - bits
        self.word = word
        self.registers(rng)
        self.names(row)

    def registers(self, rng):
        self.old = {("GR", n): number(rng) for n in range(16)}
        self.old.update({("AR", n): rng.getrandbits(32) for n in range(16)})
        fill = next((f for word, f in (("abs(bfp(", classes), ("bfp(", floating), ("hfp", hexadecimal)) if word in self.row.text and rng.randrange(3)), vector)
        self.old.update({("VR", n): fill(rng) for n in range(32)})
        if re.search("dfp|biased", self.row.text):
            self.old.update(decimal_floating(rng))
            if "e = signed(GR[r2])" in self.row.text:  # an exponent, a code, or neither
                self.old["GR", self.fields["r2"]] = rng.choice((rng.randrange(-5, 3), rng.choice((767, 12287)) + rng.randrange(-2, 4), number(rng))) % (1 << 64)
        if "v2" in self.fields and "v3" in self.fields and rng.randrange(4) == 0:
            self.old["VR", self.fields["v3"]] = self.old["VR", self.fields["v2"]] ^ rng.choice((0, 1 << rng.randrange(128)))
        if "v3" in self.fields and rng.randrange(3) == 0:  # an element of zero, such as a divisor
            size = rng.choice((32, 64))
            self.old["VR", self.fields["v3"]] &= ~((1 << size) - 1 << size * rng.randrange(128 // size))
        if "+ v2[" in self.row.text:  # an index
            self.old["VR", self.fields["v2"]] = sum(rng.randrange(64) << shift for shift in (0, 64) + ((32, 96) if "32" in self.row.text else ()))
        self.old["GR", 9], self.old["GR", 10] = STORAGE["1"], STORAGE["2"]
        if "address2 + i" in self.row.text and rng.randrange(3) == 0:
            self.old["GR", 10] = STORAGE["1"] + rng.randrange(-8, 8) + 256
        for text in self.row.addresses:
            n = eval(text, {}, self.fields)
            self.old["GR", n] = STORAGE[rng.choice("12")] + 16 * rng.randrange(8) + rng.choice((0, 0, 8, rng.randrange(16)))
            if "branch" in self.row.text:
                self.old["GR", n] &= ~1
            if "while" in self.row.text and f"GR[{text}+1]" in self.row.text:
                self.old["GR", n + 1] = rng.choice((0, 1, rng.randrange(40), 2 * rng.randrange(20), 2 * rng.randrange(20)))
        self.image = ADDRESSES if "branch(storage" in self.row.text else rng.choice(FLOATING if fill is floating else IMAGES)
        if "decimal(" in self.row.text:
            self.decimals(rng)
            for text in re.findall(r"(?:digits = |decimal\()(GR\[.*\])", self.row.text):
                self.packed_registers(rng, "+1" in text)
        if "decimal(VR" in self.row.text:
            self.packed_vectors(rng)
        if "p == 0x22" in self.row.text:
            self.pattern(rng)
        if "v4[7, 8]" in self.row.text:
            self.substring(rng)
        if "; end = " in self.row.text:
            self.strings(rng)
        elif "while" in self.row.text and "r1+1" in self.row.text:
            self.long(rng)
        self.old["CC"], self.old["FPC"] = rng.randrange(4), rng.choice((0, 0, 1, 2, 3, 7)) if re.search("rounded|whole|FPC", self.row.text) else 0
        if "dfp" in self.row.text:
            self.old["FPC"] = rng.randrange(8) << 4
        self.control(rng)

    def control(self, rng):
        """The PSW, control registers and what there is one of."""
        text, psw = self.row.text, EA_BA
        if "PSW" in text:
            psw |= rng.getrandbits(2) << 46 | (0 if self.row.mnemonic in TRANSLATED else rng.getrandbits(2) << 56)
            psw |= 0 if "storage" in text else rng.getrandbits(4) << 52
        if "CR[" in text or self.row.mnemonic in TRANSLATED or "guarded" in text:
            self.old.update({("CR", n): number(rng) for n in range(16)})
            self.old["CR", 0] |= 3 << 17 | 1 << 26  # floating-point and vector registers, the secondary space
            self.old["CR", 2] |= 16  # guarded storage
        if self.row.mnemonic in TRANSLATED:
            psw |= DAT
            self.old.update({("CR", n): 0x20 for n in (1, 7, 13)})
            self.old["CR", 14] = 1 << 19
        if "PSW = " in text:
            self.image = psws(rng, "x(0:32)" in text)
        if "prefix =" in text:
            self.image = SMALL
        self.old.update({short: number(rng) & (1 << width) - 1 for name, (short, width) in OTHERS.items() if name in text and name != "prefix"})
        self.old["PSW", 0] = psw
        if "key(" in text:
            self.old.update({("key", frame): rng.getrandbits(7) << 1 for frame in range(32, 256)})
            if "0x3ffff" in text:
                self.old["GR", self.fields["r2"]] = 0x40000 + rng.getrandbits(18)

    def decimals(self, rng):
        """Digits, with signs where operands end; few are not valid."""
        signs = {}
        for n in self.row.stored:
            length = self.fields.get(f"l{n}", 15 if "16)" in self.row.text else 7)
            last = STORAGE[n] + self.fields[f"d{n}"] + length
            if rng.randrange(3) == 0:  # a number that only just fits, or does not
                value = rng.choice((1 << 31, 1 << 63, 10 ** (2 * length + 1))) - rng.randrange(-2, 3)
                digits = f"{value % 10 ** (2 * length + 1)}{rng.choice('cd')}".rjust(2 * length + 2, "0")
                signs.update({last - length + i: int(digits[2 * i:2 * i + 2], 16) for i in range(length + 1)})
                continue
            signs[last] = rng.randrange(10) << 4 | rng.choice((10, 11, 12, 12, 13, 13, 14, 15) if rng.randrange(8) else range(10))
        high = rng.choice((1 << 64, 1 << 60, 1 << 20))
        doublewords = iter(lambda: int(str(rng.randrange(10 ** 16) % high), 16), None)
        self.image = Image(doublewords, signs)

    def pattern(self, rng):
        """What edits, and digits that have few signs; few are not valid."""
        def edits():
            return bytes([rng.choice((0x20, 0x20, 0x20, 0x20, 0x21, 0x22, 0x40, 0x6b, rng.getrandbits(8)))])

        def digits():
            right = rng.choice((0, rng.randrange(10), rng.randrange(10), rng.randrange(10), rng.randrange(10, 16)))
            return bytes([rng.choice((0, rng.randrange(10), rng.randrange(10 if rng.randrange(40) else 16))) << 4 | right])
        both = [d for make in (edits, digits) for _, d in zip(range(128), bytes_of(make))]
        self.image = Image(iter(both))

    def substring(self, rng):
        """Elements of few values, and a length that is said for."""
        for n in ("v2", "v3"):
            self.old["VR", self.fields[n]] = sum(rng.choice((0, 1, 1, 1, 2)) << shift for shift in range(0, 128, 8 << min(self.fields["m5"], 2)))
        length = rng.randrange(17) & -1 << min(self.fields["m5"], 2)
        self.old["VR", self.fields["v4"]] = self.old["VR", self.fields["v4"]] & ~(255 << 64) | length << 64

    def packed_registers(self, rng, pair):
        """Digits in operand 2, few of which are not valid."""
        for n in range(1 + pair):
            value = int(str(rng.randrange(10 ** rng.randrange(17))), 16)
            if n == pair and rng.randrange(8):
                value = value & ~15 | (rng.randrange(10, 16) if "minus" in self.row.text else rng.randrange(10))
            self.old["GR", self.fields["r2"] + n & 15] = value

    def packed_vectors(self, rng):
        """Digits and a sign in each, few of which are not valid."""
        for name in (n for n in ("v1", "v2", "v3") if f"VR[{n}]" in self.row.text):
            value = int(str(rng.randrange(10 ** rng.choice((0, 3, 10, 19, rng.randrange(32), 31)))), 16)
            self.old["VR", self.fields[name]] = value << 4 | (rng.randrange(10, 16) if rng.randrange(12) else rng.randrange(16))
        if "v3[7, 8]" in self.row.text:  # how far, beside it
            self.old["VR", self.fields["v3"]] = rng.choice((rng.randrange(-40, 40), rng.randrange(-128, 128))) % 256 << 64

    def strings(self, rng):
        """An end that is near."""
        if "storage(a, 1) =" in self.row.text:  # what overlaps has no end
            self.old["GR", self.fields["r1"]], self.old["GR", self.fields["r2"]] = STORAGE["1"], STORAGE["2"] + rng.randrange(64)
        start, wide = self.old["GR", self.fields["r2"]], "storage(a, 2)" in self.row.text
        at = start + 2 * rng.randrange(20)
        self.old["GR", 0] = self.image.bytes[at] << 8 * wide | (self.image.bytes[at + 1] if wide else 0)
        if "GR[r1]:" in self.row.text or "!= GR[r1]" in self.row.text:
            self.old["GR", self.fields["r1"]] = start + 2 * rng.randrange(20)

    def long(self, rng):
        """Operands with lengths: apart from each other if they are stored, and a character that is tested for."""
        text, windows = self.row.text, iter(STORAGE.values())
        if "storage(a, 1) =" in text or "storage(a, 2) =" in text:
            for n in (self.fields[r] for r in ("r1", "r2", "r3") if f"GR[{r}+1]" in text or f"b = GR[{r}]" in text or f"GR[{r}] +" in text):
                self.old["GR", n] = next(windows) + rng.randrange(64)
        if "40:63" in text and rng.randrange(3) == 0:  # a move may overlap
            r1, r2 = self.fields["r1"], self.fields["r2"]
            length = min(self.old["GR", r1 + 1], self.old["GR", r2 + 1]) & 0xffffff
            self.old["GR", r2] = self.old["GR", r1] + rng.choice((rng.randrange(-40, 40), rng.randrange(-1, 2), rng.randrange(-1, 2) - length))
        if "32:39" in text:
            self.old["GR", self.fields["r2"] + 1] |= rng.getrandbits(8) << 24
        if "GR[1]" in text:
            self.old["GR", 1] = STORAGE["2"] + rng.choice((0, 0x410, rng.randrange(128)))  # some tables are zero
        if "more = 1" in text:
            self.image = rng.choice(ENCODED["utf-8" if "x = storage(b, 1)" in text else "utf-16-be"])
            self.old["GR", self.fields["r2"]] = STORAGE["2"] + 2 * rng.randrange(128)
        if "c = storage(b, 4)" in text:
            self.image, self.old["GR", self.fields["r2"]] = CHARACTERS, STORAGE["2"] + 4 * rng.randrange(64)
        at = STORAGE["2"] + rng.randrange(256)
        if "GR[0]" in text:
            self.old["GR", 0] = self.image.bytes[at] << 8 * rng.randrange(2) | self.image.bytes[at + 1]

    def overlaps(self):
        """Whether a register has two parts in what is not said of such."""
        used = [n for n in (0, 1) if f"GR[{n}]" in self.row.text]
        for r in (r for r in ("r1", "r2", "r3") if f"GR[{r}]" in self.row.text):
            used += [self.fields[r]] + [self.fields[r] + 1] * (f"GR[{r}+1]" in self.row.text)
        return len(used) != len(set(used))

    def names(self, row):
        for n in "1234":
            if f"d{n}" in self.fields:
                self.fields[f"address{n}"] = self.old["GR", BASE[n]] + self.fields[f"d{n}"]
            elif f"ri{n}" in self.fields:
                self.fields[f"address{n}"] = CODE + 2 * self.fields[f"ri{n}"]
        for name, value in list(self.fields.items()):
            bits = next((int(t.split("+")[1].split(":")[0]) for t in row.format if t.startswith(name + ":")), 64)
            if name[0] == "i" and f"s{name[1]}" in row.syntax:
                self.fields[name] = State.signed(None, value, bits)
            elif name[0] in "im" or name.startswith("address"):
                self.fields[name] = State.right(None, value, bits)

    def line(self):
        parts = [self.row.mnemonic, f"w={self.word:x}", f"fpc={self.old['FPC']:x}"]
        parts += [f"{kind[0].lower()}{n}={self.old[kind, n]:x}" for kind, n in (k for k in self.old if isinstance(k, tuple)) if kind not in ("PSW", "key")]
        parts += [f"k{n:x}={self.old[kind, n]:x}" for kind, n in (k for k in self.old if isinstance(k, tuple)) if kind == "key"]
        parts += [f"{short}={self.old[short]:x}" for short, _ in OTHERS.values() if short in self.old]
        parts += [f"psw={self.old['PSW', 0]:x}", f"cc={self.old['CC']:x}"]
        return " ".join(parts) + self.image.line

    def expected(self):
        state = State(self.fields, self.old, self.image.bytes, CODE, self.row.length)
        state.run(self.row.run)
        self.free = {f"{kind[0].lower()}{n}": bits for (kind, n), bits in state.free.items()}
        found = {f"{kind[0].lower()}{n}": state.new[kind, n] for kind, n in (k for k in self.old if isinstance(k, tuple))
                 if kind not in ("PSW", "key") and state.new[kind, n] != self.old[kind, n]}
        found.update({short: int(state[name]) for name, (short, _) in OTHERS.items() if state[name] != self.old.get(short, 0)})
        found.update({f"k{frame:x}": key for frame, key in state.keys.items() if key != self.old.get(("key", frame), 0)})
        if state.psw() != self.old["PSW", 0]:
            found["psw"] = state.psw()
        found.update({f"m{a:x}": byte for a, byte in state.stored.items() if byte != state.was.get(a, 0)})
        if state.raised:
            return {**found, "pgm": CONDITIONS[state.raised]}
        return {**found, "pgm": 0, "cc": int(state["CC"]), "pc": state.pc & (1 << 64) - 1, "fpc": int(state["FPC"])}


def differs(one, line):
    """Empty, or how the two differ; None: it does not count."""
    actual = {}
    for part in line.split():
        name, _, value = part.partition("=")
        if not re.match(r"k[0-9a-f]", name) or ("key", int(name[1:], 16)) in one.old:
            actual[name] = int(value, 16) if value else name
    actual.setdefault("fpc", one.old["FPC"])
    if "breaking_event" not in one.row.text:
        actual.pop("bea", None)
    if actual.get("pgm") in (4, 5) and one.row.mnemonic in PROTECTED:
        return None
    if actual.get("pgm") == CONDITIONS["specification"] and "raise specification" not in one.row.text:
        return None
    if "while" in one.row.text and one.overlaps():
        return None
    try:
        expected = one.expected()
    except Unsure:
        return None
    except IndexError as error:
        return None if one.row.mnemonic in UNPREDICTABLE else f"IndexError: {error}"
    except Exception as error:  # whatever is wrong with a text, its row fails
        return f"{type(error).__name__}: {error}"
    if actual.get("pgm"):
        for name in ("cc", "pc", "fpc", "psw"):
            actual.pop(name, None)
    if "bfp(" in one.row.text or "dfp" in one.row.text or "rounded(" in one.row.text:  # flags of IEEE exceptions
        for values in (actual, expected):
            values["fpc"] = values.get("fpc", 0) & ~0xfcfc00
    for name, bits in one.free.items():  # unpredictable: as it is
        expected[name] = expected.get(name, one_old(one, name)) & ~bits | actual.get(name, one_old(one, name)) & bits
        if expected[name] == one_old(one, name):
            expected.pop(name)
    names = sorted(k for k in expected.keys() | actual.keys() if expected.get(k) != actual.get(k))
    return ", ".join(f"{k} {actual.get(k, one_old(one, k))} not {expected.get(k, one_old(one, k))}" for k in names[:4])


def one_old(one, name):
    kinds = {"g": "GR", "a": "AR", "v": "VR"}
    return one.old[kinds[name[0]], int(name[1:])] if name[0] in kinds and name[1:].isdigit() else "as it was"


def check_text(row):
    for line in row["pseudo_code"].split("\n"):
        if len(line) > WIDEST:
            fail(f"{row['mnemonic']}: a line of {len(line)} characters, more than {WIDEST}: {line}")


def read(tables):
    formats = {f["format"]: f["fields"] for f in tables["formats"]}
    masks = {}
    for form in tables["forms"]:
        masks.setdefault(form["mnemonic"], set()).update(re.findall(r"\bm\d", form["when"]))
    rows = []
    for row in tables["instructions"]:
        if (row["pseudo_code"] is None) == (row["pseudo_code_absent"] is None):
            fail(f"{row['mnemonic']}: either pseudo-code or a reason for having none is wanted")
        if row["pseudo_code"] and (not chosen or row["mnemonic"] in chosen):
            check_text(row)
            try:
                rows.append(Row(row, formats, masks.get(row["mnemonic"], set())))
            except (Wrong, SyntaxError) as error:
                fail(f"{row['mnemonic']}: {error}")
    return rows


def compare(rows):
    """Tries each row some times, and counts in it what counted."""
    made = [Try(row, row.random) for row in rows for _ in range(TRIES)]
    ran = subprocess.run([tries], input="\n".join(t.line() for t in made) + "\n", capture_output=True, text=True, check=True)
    for one, line in zip(made, ran.stdout.split("\n")):
        row = one.row
        text = differs(one, line)
        row.counted += text is not None
        if text and not row.wrong:
            row.wrong = True
            fields = " ".join(f"{k}={int(v):x}" for k, v in one.fields.items())
            fail(f"{row.mnemonic} {one.word:x} ({fields} CC={one.old['CC']}): {text}\n{row.text}")


def check_functions():
    with open(notation, encoding="utf-8") as file:
        described = set(re.findall(r"^\| `(\w+)\(", file.read().split("## Functions")[1], re.M))
    if described != set(FUNCTIONS):
        fail(f"functions that only one of {notation} and the test has: {sorted(described ^ set(FUNCTIONS))}")


def main():
    tables = json.loads(subprocess.run([zfacet, "data"], capture_output=True, text=True, check=True).stdout)["tables"]
    rows = read(tables)
    few = rows
    for _ in range(ROUNDS):
        compare(few)
        few = [row for row in few if row.counted < ENOUGH]
        if not few:
            break
    for row in few:
        fail(f"{row.mnemonic}: {row.counted} tries counted, {ENOUGH} are wanted")
    check_functions()
    print(f"{len(rows)} texts, {sum(row.counted for row in rows)} executions compared, {failures} failed")
    sys.exit(failures != 0)


main()
