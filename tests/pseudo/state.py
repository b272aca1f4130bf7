"""What pseudo-code acts on: registers, storage and the PSW, and the functions of docs/pseudo-code.md."""

from hfp import fraction, half_up, hfp, hfp_cut, hfp_of, hfp_sum, truncated
import dfp
from bfp import Real, bfp, bfp_class, root, rounded, whole as whole_binary


class Stop(Exception):
    pass


class Bits(int):
    """A number that knows how many bits it has; & | ^ ~ keep that."""

    def __new__(cls, value, width):
        self = super().__new__(cls, int(value) & (1 << width) - 1)
        self.width = width
        return self

    def _keep(self, value, other):
        return Bits(value, self.width) if getattr(other, "width", self.width) == self.width else value

    def __and__(self, other):
        return self._keep(int(self) & int(other), other)

    def __or__(self, other):
        return self._keep(int(self) | int(other), other)

    def __xor__(self, other):
        return self._keep(int(self) ^ int(other), other)

    def __invert__(self):
        return Bits(~int(self), self.width)


UNPREDICTABLE = object()
WIDTH = {"GR": 64, "FPR": 64, "AR": 32, "VR": 128, "CR": 64, "PSW": 128}
OTHERS = {"prefix": ("prefix", 32), "clock_comparator": ("ckc", 64), "tod_programmable": ("todpr", 16), "breaking_event": ("bea", 64),
          "guarded_designation": ("gsd", 64), "guarded_sections": ("gssm", 64), "guarded_parameters": ("gsepla", 64)}


class State:
    """Registers are read as they were before the instruction; storage and other names as they are."""

    def __init__(self, fields, old, storage, pc, length):
        """fields: r1, i2, address2 ...; old: {("GR", 1): value}, CC, FPC and OTHERS among it; storage: a dictionary of bytes."""
        self.names = {**fields, "CC": Bits(old["CC"], 2), "FPC": Bits(old["FPC"], 32), "program_mask": Bits(0, 4), "cpu_address": 0, "interlocked": True, "unpredictable": UNPREDICTABLE, "next": pc + length}
        self.old, self.new, self.was, self.stored, self.free = old, dict(old), storage, {}, {}
        self.names.update({name: Bits(old.get(short, 0), width) for name, (short, width) in OTHERS.items()})
        self.pc, self.raised, self.size, self.loops = pc + length, None, None, 0
        self.keys = {}
        self.old_psw = Bits(old["PSW", 0] << 64 | old["CC"] << 108 | self.pc, 128)
        self.new["PSW", 0] = self.old_psw

    def __getitem__(self, name):
        return self.old_psw if name == "PSW" else self.names[name]

    def part(self, value, first, last):
        if not 0 <= first <= last < value.width:
            raise IndexError(f"bits {first} to {last} of {value.width}")
        return Bits(value >> value.width - 1 - last, last - first + 1)

    def register(self, kind, number):
        if not 0 <= number < (32 if kind == "VR" else 16):
            raise IndexError(f"{kind} {number}")
        if kind == "FPR":
            return Bits(self.old["VR", number] >> 64, 64)
        return Bits(self.old[kind, number], WIDTH[kind])

    def element(self, name, index, size=None):
        size = size or self.size
        value = self.register("VR", self[name])
        return self.part(value, index * size, index * size + size - 1)

    def storage(self, address, length):
        value = 0
        for i in range(length):
            at = address + i & (1 << 64) - 1
            value = value << 8 | self.stored.get(at, self.was.get(at, 0))
        return Bits(value, 8 * length)

    def key(self, address):
        frame = address >> 12
        return Bits(self.keys.get(frame, self.old.get(("key", frame), 0)) >> 1, 7)

    def join(self, left, right):
        return Bits(int(left) << right.width | int(right), left.width + right.width)

    def _put(self, kind, number, first, last, value):
        if kind == "FPR":
            kind, first, last = "VR", first, last
        if not 0 <= first <= last < WIDTH[kind] or not 0 <= number < (32 if kind == "VR" else 16):
            raise IndexError(f"{kind} {number} bits {first} to {last}")
        shift, mask = WIDTH[kind] - 1 - last, (1 << last - first + 1) - 1
        if value is UNPREDICTABLE:
            self.free[kind, number] = self.free.get((kind, number), 0) | mask << shift
            value = self.old[kind, number] >> shift
        self.new[kind, number] = self.new[kind, number] & ~(mask << shift) | (int(value) & mask) << shift
        if kind == "PSW":
            self._parts_of_psw(first, last)

    def _parts_of_psw(self, first, last):
        psw = Bits(self.new["PSW", 0], 128)
        for name, at, to in (("CC", 18, 19), ("program_mask", 20, 23)):
            if first <= to and last >= at:
                self.names[name] = self.part(psw, at, to)
        if last >= 64:
            self.pc = int(self.part(psw, 64, 127))

    def psw(self):
        """Its left half, without the condition code."""
        return self.new["PSW", 0] >> 64 & ~(15 << 40 | 3 << 44) | self["program_mask"] << 40

    def _width(self, target):
        kind = target[0]
        if kind == "storage":
            return 8 * target[2]
        if kind == "element":
            return target[3] if len(target) > 3 else self.size
        return target[3] - target[2] + 1 if len(target) > 2 else WIDTH[kind]

    def assign(self, value, *targets):
        if len(targets) > 1:
            for target in reversed(targets):
                self.assign(Bits(value, self._width(target)), target)
                value = value >> self._width(target)
            return
        target = targets[0]
        kind = target[0]
        value = value.value if isinstance(value, Real) and kind != "name" else value
        if kind == "name":
            self.names[target[1]] = Bits(value, 2) if target[1] == "CC" else Bits(value, 32) if target[1] == "FPC" else Bits(value, OTHERS[target[1]][1]) if target[1] in OTHERS else value
        elif kind == "key":
            self.keys[target[1] >> 12] = (int(value) & 127) << 1
        elif kind == "storage":
            for i in range(target[2]):
                self.stored[target[1] + i & (1 << 64) - 1] = int(value) >> 8 * (target[2] - 1 - i) & 255
        elif kind == "element":
            size = self._width(target)
            self._put("VR", self[target[1]], target[2] * size, target[2] * size + size - 1, value)
        else:
            first, last = target[2:] if len(target) > 2 else (0, WIDTH[kind] - 1)
            self._put(kind, target[1], first, last, value)

    def branch(self, address):
        self.pc = address

    def stop(self, why=None):
        raise Stop(why)

    def again(self, condition):
        self.loops += 1
        if self.loops > 10000:
            raise RecursionError("a loop that does not end")
        return condition

    def count(self, name, first, last):
        for i in range(first, last + 1):
            self.names[name] = i
            yield

    def elements(self, size, name):
        outer, self.size = self.size, size
        for i in range(128 // size):
            self.names[name] = i
            yield
        self.size = outer

    def run(self, function):
        try:
            function(self)
        except Stop as stop:
            self.raised = stop.args[0]


# The functions: each is named and described in docs/pseudo-code.md, which the test compares.
def signed(_, x, n=None):
    n = n or x.width
    return ((x & (1 << n) - 1) ^ 1 << n - 1) - (1 << n - 1)


def right(_, x, n):
    return Bits(x, n)


def sign(_, x):
    return 3 if isinstance(x, Real) and x.nan else (x < 0) + 2 * (x > 0)


def signed_cc(_, x, n):
    return 3 if not -1 << n - 1 <= x < 1 << n - 1 else sign(_, x)


def carry_cc(_, x, n):
    return 2 * (x >> n != 0) + (x & (1 << n) - 1 != 0)


def borrow_cc(_, x, n):
    return 2 * (x >= 0) + (x & (1 << n) - 1 != 0)


def nonzero(_, x):
    return int(x != 0)


def compare(_, a, b):
    return 3 if isinstance(a, Real) and (a.nan or b.nan) else (a < b) + 2 * (a > b)


def test_cc(_, x, mask):
    chosen = x & mask
    left = 1 << int(mask).bit_length() - 1 if mask else 0
    return 0 if not chosen else 3 if chosen == mask else 2 if chosen & left else 1


def packed(_, x, n):
    return Bits(int(f"{abs(x)}{'d' if x < 0 else 'c'}", 16), 8 * n)


def digits(_, x):
    return len(str(abs(x)))


def decimal(_, x):
    text = f"{int(x):0{x.width // 4}x}"
    if not text[:-1].isdigit() or text[-1].isdigit():
        raise Stop("data")
    return -int(text[:-1]) if text[-1] in "bd" else int(text[:-1])


def minus(_, x):
    return int(x & 15 in (11, 13))


def rotate(_, x, n):
    n %= x.width
    return Bits(int(x) << n | int(x) >> x.width - n, x.width)


def reverse(_, x):
    return Bits(int.from_bytes(int(x).to_bytes(x.width // 8, "big"), "little"), x.width)


def span(_, first, last, n):
    return Bits(sum(1 << n - 1 - i for i in range(n) if (i - first) % n <= (last - first) % n), n)


def ones(_, x):
    return bin(x).count("1")


def leading_zeros(_, x):
    return x.width - int(x).bit_length()


def trailing_zeros(_, x):
    return (int(x) & -int(x)).bit_length() - 1 if x else x.width


def quotient(_, a, b):
    return abs(a) // abs(b) * (-1 if (a < 0) != (b < 0) else 1)


def remainder(_, a, b):
    return a - b * quotient(_, a, b)


def smaller(_, a, b):
    return min(a, b)


def larger(_, a, b):
    return max(a, b)


def clamp(_, x, low, high):
    return x if low <= x <= high else high if x > high else low


def utf8(_, c):
    encoded = chr(c).encode("utf-8", "surrogatepass")
    return Bits(int.from_bytes(encoded, "big"), 8 * len(encoded))


def utf16(_, c):
    encoded = chr(c).encode("utf-16-be", "surrogatepass")
    return Bits(int.from_bytes(encoded, "big"), 8 * len(encoded))


def power(_, a, n):
    return int(a) ** int(n)


def whole(state, x, mask=None):
    return dfp.whole(state, x, mask) if isinstance(x, dfp.Dfp) else whole_binary(state, x, mask)


def carryless(_, a, b):
    product = 0
    for i in range(int(b).bit_length()):
        product ^= int(a) << i if b >> i & 1 else 0
    return product


FUNCTIONS = {"signed": signed, "right": right, "sign": sign, "signed_cc": signed_cc, "carry_cc": carry_cc,
             "borrow_cc": borrow_cc, "nonzero": nonzero, "compare": compare, "test_cc": test_cc, "rotate": rotate,
             "reverse": reverse, "packed": packed, "digits": digits, "decimal": decimal, "span": span, "ones": ones, "leading_zeros": leading_zeros, "trailing_zeros": trailing_zeros,
             "quotient": quotient, "remainder": remainder, "smaller": smaller, "larger": larger, "clamp": clamp, "carryless": carryless,
             "abs": lambda _, x: abs(x) if isinstance(x, Real) else abs(int(x)), "bfp": bfp, "hfp": hfp, "half_up": half_up, "root": root, "truncated": truncated, "rounded": rounded, "whole": whole,
             "storage": State.storage, "real_storage": State.storage, "key": State.key, "bfp_class": bfp_class, "fraction": fraction, "hfp_cut": hfp_cut, "hfp_of": hfp_of, "hfp_sum": hfp_sum, "power": power, "minus": minus, "utf8": utf8, "utf16": utf16, **dfp.FUNCTIONS}
for name, function in FUNCTIONS.items():
    setattr(State, name, function)
