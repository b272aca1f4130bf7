"""A model of the decimal-floating-point instructions, on Python's decimal: what each does with given registers,
storage and FPC. Rules are those of the Principles of Operation, "Decimal-Floating-Point Instructions"."""
import decimal
import struct
from decimal import Decimal

INVALID, DIVIDE, OVERFLOW, UNDERFLOW, INEXACT, QUANTUM, INCREMENTED = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x04
MODES = [decimal.ROUND_HALF_EVEN, decimal.ROUND_DOWN, decimal.ROUND_CEILING, decimal.ROUND_FLOOR,
         decimal.ROUND_HALF_UP, decimal.ROUND_HALF_DOWN, decimal.ROUND_UP, decimal.ROUND_05UP]
FINITE, INFINITE, QNAN, SNAN = range(4)


def _declet_of(v):
    """Of a number of three digits, by the equations that its inventor gives for the ten bits."""
    a, b, c, d = (v // 100 >> i & 1 for i in (3, 2, 1, 0))
    e, f, g, h = (v // 10 % 10 >> i & 1 for i in (3, 2, 1, 0))
    i, j, k, m = (v % 10 >> n & 1 for n in (3, 2, 1, 0))
    n = lambda x: 1 - x
    p = b | (a & j) | (a & f & i)
    q = c | (a & k) | (a & g & i)
    r = d
    s = (f & (n(a) | n(i))) | (n(a) & e & j) | (e & i)
    t = g | (n(a) & e & k) | (a & i)
    u = h
    v_ = a | e | i
    w = a | (e & i) | (n(e) & j)
    x = e | (a & i) | (n(a) & k)
    return int("".join(map(str, (p, q, r, s, t, u, v_, w, x, m))), 2)


DECLET = [_declet_of(v) for v in range(1000)]
VALUE = {}
for _v, _d in enumerate(DECLET):
    VALUE[_d] = _v
for _d in range(1024):  # redundant ones: both leftmost bits do not count
    if _d not in VALUE:
        VALUE[_d] = VALUE[_d & 0xff]


class Format:
    def __init__(self, name, bits, digits, declets, continued, bias, scale, narrow):
        self.name, self.bits, self.digits, self.declets, self.continued = name, bits, digits, declets, continued
        self.bias, self.scale, self.narrow = bias, scale, narrow
        self.qmin, self.qmax = -bias, (3 << continued) - 1 - bias
        self.emin, self.emax = self.qmin + digits - 1, self.qmax + digits - 1
        self.bounded = [decimal.Context(prec=digits, rounding=m, Emin=self.emin, Emax=self.emax, clamp=1, traps=[])
                        for m in MODES]
        self.unbounded = [decimal.Context(prec=digits, rounding=m, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX,
                                          traps=[]) for m in MODES]

    def unpack(self, bits):
        """(kind, sign, exponent, significand)"""
        sign = bits >> (self.bits - 1)
        combination = bits >> (self.bits - 6) & 31
        continued = bits >> (self.bits - 6 - self.continued) & ((1 << self.continued) - 1)
        trailing = 0
        for n in reversed(range(self.declets)):
            trailing = trailing * 1000 + VALUE[bits >> 10 * n & 1023]
        if combination == 31:
            return (SNAN if continued >> (self.continued - 1) else QNAN), sign, 0, trailing
        if combination == 30:
            return INFINITE, sign, 0, trailing
        if combination < 24:
            two, first = divmod(combination, 8)
        else:
            two, first = combination >> 1 & 3, 8 + (combination & 1)
        return FINITE, sign, (two << self.continued | continued) - self.bias, first * 1000 ** self.declets + trailing

    def pack(self, kind, sign, exp, significand):
        first, trailing = divmod(significand, 1000 ** self.declets)
        bits = sum(DECLET[trailing // 1000 ** n % 1000] << 10 * n for n in range(self.declets))
        if kind == FINITE:
            two, continued = divmod(exp + self.bias, 1 << self.continued)
            assert two < 3 and first < 10, (exp, significand)
            combination = two * 8 + first if first < 8 else 24 | two << 1 | first & 1
        else:
            combination, continued = (30, 0) if kind == INFINITE else (31, (kind == SNAN) << (self.continued - 1))
        return sign << (self.bits - 1) | combination << (self.bits - 6) | \
            continued << (self.bits - 6 - self.continued) | bits


SHORT = Format("short", 32, 7, 2, 6, 101, 0, 0)
LONG = Format("long", 64, 16, 5, 8, 398, 576, 192)
EXTENDED = Format("extended", 128, 34, 11, 12, 6176, 9216, 3072)


class Suppressed(Exception):
    """A program condition: nothing changes."""

    def __init__(self, dxc, pgm=7):
        super().__init__()
        self.pgm, self.dxc = pgm, dxc


class State:
    """What an instruction sees and leaves. Registers are integers of 128 bits: pairs of floating point."""

    def __init__(self, fpc=0, cc=1, f0=0, f4=0, f1=0, r=(0, 0), storage=bytes(40)):
        self.fpc, self.cc, self.f0, self.f4, self.f1, self.r, self.storage = fpc, cc, f0, f4, f1, list(r), bytearray(storage)
        self.pgm = self.dxc = self.flags = 0

    def masks(self):
        return self.fpc >> 24

    def get(self, register, fmt):
        return getattr(self, register) >> (128 - fmt.bits)

    def put(self, fmt, bits):
        keep = self.f0 & ((1 << (128 - fmt.bits)) - 1)
        self.f0 = bits << (128 - fmt.bits) | keep

    def invalid_or_divide(self, exception):
        if self.masks() & exception:
            raise Suppressed(exception)
        self.flags |= exception

    def inexact(self, incremented):
        if self.masks() & INEXACT:
            self.dxc = INEXACT | (INCREMENTED if incremented else 0)
        else:
            self.flags |= INEXACT


def method(fpc, m):
    if m & 8:
        return m & 7
    return {1: 4, 3: 7, 4: 0, 5: 1, 6: 2, 7: 3}.get(m, fpc >> 4 & 7)


def number(parts):
    """The Decimal of a finite number."""
    kind, sign, exp, significand = parts
    assert kind == FINITE
    return Decimal((sign, tuple(map(int, str(significand))), exp))


def parts_of(d):
    sign, digits, exp = d.as_tuple()
    return FINITE, sign, exp, int("".join(map(str, digits)))


def quiet(state, a):
    if a[0] == SNAN:
        state.invalid_or_divide(INVALID)
        return QNAN, a[1], 0, a[3]
    if a[0] == INFINITE:
        return INFINITE, a[1], 0, 0
    return a


def propagate(state, a, b):
    return quiet(state, a if a[0] == SNAN or (a[0] == QNAN and b[0] != SNAN) else b)


def default_nan(state):
    state.invalid_or_divide(INVALID)
    return QNAN, 0, 0, 0


def rounded(state, fmt, mode, operation, preferred, scale=None, scaled=None, suppress=False):
    """The finite result of operation(context): rounded, with its exceptions. A trapped result is in `scaled`."""
    scale = fmt.scale if scale is None else scale
    context = fmt.bounded[mode]
    context.clear_flags()
    r = operation(context)
    flags = context.flags
    tiny, over, inexact = flags[decimal.Subnormal], flags[decimal.Overflow], flags[decimal.Inexact]
    trap = OVERFLOW if over and state.masks() & OVERFLOW else UNDERFLOW if tiny and state.masks() & UNDERFLOW else 0
    if trap:
        free = fmt.unbounded[mode]
        free.clear_flags()
        r = operation(free)
        state.dxc = trap
        if free.flags[decimal.Inexact]:
            state.dxc |= INEXACT
            if r.copy_abs() > operation(fmt.unbounded[1]).copy_abs():
                state.dxc |= INCREMENTED
        _, sign, exp, significand = parts_of(r)
        if scaled and not free.flags[decimal.Inexact]:  # the source is exactly this: its own quantum
            significand *= 10 ** (exp - preferred)
            exp = preferred
        return FINITE, sign, exp + (scale if trap == UNDERFLOW else -scale), significand
    if over:
        state.flags |= OVERFLOW
        if not suppress:
            state.inexact(r.is_infinite())
    elif inexact:
        state.flags |= UNDERFLOW if tiny else 0
        if not suppress:
            state.inexact(r.copy_abs() > operation(fmt.bounded[1]).copy_abs())
    if r.is_infinite():
        return INFINITE, int(r.is_signed()), 0, 0
    parts = parts_of(r)
    if parts[2] != preferred and not state.dxc:
        if state.masks() & QUANTUM:
            state.dxc = QUANTUM
        else:
            state.flags |= QUANTUM
    return parts


def cc_of(parts):
    if parts[0] >= QNAN:
        return 3
    return 0 if parts[0] == FINITE and not parts[3] else 1 if parts[1] else 2


def is_zero(a):
    return a[0] == FINITE and not a[3]


def add(state, fmt, m, a, b):
    mode = method(state.fpc, m)
    if a[0] >= QNAN or b[0] >= QNAN:
        return propagate(state, a, b)
    if INFINITE in (a[0], b[0]):
        if a[0] == b[0] and a[1] != b[1]:
            return default_nan(state)
        return INFINITE, a[1] if a[0] == INFINITE else b[1], 0, 0
    x, y = number(a), number(b)
    return rounded(state, fmt, mode, lambda c: c.add(x, y), min(a[2], b[2]))


def subtract(state, fmt, m, a, b):
    return add(state, fmt, m, a, b if b[0] >= QNAN else (b[0], 1 - b[1], b[2], b[3]))


def multiply(state, fmt, m, a, b):
    mode = method(state.fpc, m)
    if a[0] >= QNAN or b[0] >= QNAN:
        return propagate(state, a, b)
    if INFINITE in (a[0], b[0]):
        return default_nan(state) if is_zero(a) or is_zero(b) else (INFINITE, a[1] ^ b[1], 0, 0)
    x, y = number(a), number(b)
    return rounded(state, fmt, mode, lambda c: c.multiply(x, y), a[2] + b[2])


def divide(state, fmt, m, a, b):
    mode = method(state.fpc, m)
    if a[0] >= QNAN or b[0] >= QNAN:
        return propagate(state, a, b)
    if a[0] == INFINITE:
        return default_nan(state) if b[0] == INFINITE else (INFINITE, a[1] ^ b[1], 0, 0)
    if b[0] == INFINITE:
        return FINITE, a[1] ^ b[1], fmt.qmin, 0
    if is_zero(b):
        if is_zero(a):
            return default_nan(state)
        state.invalid_or_divide(DIVIDE)
        return INFINITE, a[1] ^ b[1], 0, 0
    x, y = number(a), number(b)
    return rounded(state, fmt, mode, lambda c: c.divide(x, y), a[2] - b[2])


def drop_to(state, fmt, mode, a, exp, suppress=False):
    """a with a greater exponent; inexactness is its only exception."""
    x, unit = number(a), Decimal((0, (1,), exp))
    wide = decimal.Context(prec=60, rounding=MODES[mode], Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[])
    r = wide.quantize(x, unit)
    if wide.flags[decimal.Inexact] and not suppress:
        wide.rounding = decimal.ROUND_DOWN
        state.inexact(r.copy_abs() > wide.quantize(x, unit).copy_abs())
    return parts_of(r)


def quantize(state, fmt, m, b, a):
    """R3 (a) with the quantum of R2 (b)"""
    mode = method(state.fpc, m)
    if a[0] >= QNAN or b[0] >= QNAN:
        return propagate(state, a, b)
    if INFINITE in (a[0], b[0]):
        return (INFINITE, a[1], 0, 0) if a[0] == b[0] else default_nan(state)
    if a[2] >= b[2]:
        if a[3] and len(str(a[3])) + a[2] - b[2] > fmt.digits:
            return default_nan(state)
        return FINITE, a[1], b[2], a[3] * 10 ** (a[2] - b[2]) if a[3] else 0
    return drop_to(state, fmt, mode, a, b[2])


def reround(state, fmt, m, significance, a):
    mode = method(state.fpc, m)
    if a[0] != FINITE:
        return quiet(state, a)
    has, wanted = len(str(a[3])) if a[3] else 0, significance & 63
    if not wanted or has <= wanted:
        return a
    trial = State(state.fpc)
    r = drop_to(trial, fmt, mode, a, a[2] + has - wanted)
    if len(str(r[3])) > wanted:
        r = FINITE, r[1], r[2] + 1, r[3] // 10
    if r[2] > fmt.qmax:
        return default_nan(state)
    state.flags |= trial.flags
    state.dxc = trial.dxc
    return r


def compare(state, a, b, signaling):
    if a[0] >= QNAN or b[0] >= QNAN:
        if signaling or SNAN in (a[0], b[0]):
            state.invalid_or_divide(INVALID)
        return 3
    infinity = Decimal("Infinity")
    x, y = ((infinity.copy_negate() if v[1] else infinity) if v[0] == INFINITE else number(v) for v in (a, b))
    return 0 if x == y else 1 if x < y else 2


def integral(state, fmt, m3, m4, a):
    if a[0] != FINITE:
        return quiet(state, a)
    return a if a[2] >= 0 else drop_to(state, fmt, method(state.fpc, m3), a, 0, m4 & 4)


def to_integer(state, fmt, m3, m4, a, bits, is_signed):
    """(result, cc)"""
    least, most = (-1 << bits - 1, (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    trial = State(state.fpc)
    out = None
    if a[0] != FINITE:
        out = least if a[0] >= QNAN or a[1] else most
    elif len(str(a[3])) + a[2] > 40 and a[3]:
        out = least if a[1] else most
    else:
        v = drop_to(trial, fmt, method(state.fpc, m3), a, 0, m4 & 4) if a[2] < 0 else a
        v = (-1) ** v[1] * v[3] * 10 ** v[2] if v[3] else 0
        out = least if v < least else most if v > most else None
    if out is None:
        state.flags |= trial.flags
        state.dxc = trial.dxc
        return v, cc_of(a)
    state.invalid_or_divide(INVALID)
    if not m4 & 4:
        state.inexact(False)
    return out, 3


def from_integer(state, fmt, m3, m4, v):
    x = Decimal(v)
    return rounded(state, fmt, method(state.fpc, m3), lambda c: c.plus(x), 0, suppress=m4 & 4)


def narrow(state, to, source, m3, m4, a):
    """(format, parts)"""
    if not m4 & 8:
        a = quiet(state, a)
    if a[0] != FINITE:
        return to, (a[0], a[1], 0, a[3] % 1000 ** to.declets)
    x = number(a)
    r = rounded(state, to, method(state.fpc, m3), lambda c: c.plus(x) if a[3] else c.copy_sign(c.plus(x), x), a[2],
                source.narrow, True, m4 & 4)
    return (source if state.dxc & (OVERFLOW | UNDERFLOW) and not state.dxc & QUANTUM & ~INCREMENTED else to), r


FORMATS = {"d": LONG, "x": EXTENDED}
THREE = {"a": (0xB3D2, add), "s": (0xB3D3, subtract), "m": (0xB3D0, multiply), "d": (0xB3D1, divide)}


class Fields:
    """Of an instruction that are not registers."""

    def __init__(self, m3=0, m4=0, d2=0, l2=0):
        self.m3, self.m4, self.d2, self.l2 = m3, m4, d2, l2


class Instruction:
    """Code, and a function that changes a State. `operands` tells general registers, `fields` what is not zero:
    3 a third register, m and 4 the fields M3 and M4, d the displacement, l the length."""

    def __init__(self, name, opcode, run, operands="ff", fields="", fmt=LONG):
        self.name, self.opcode, self.run, self.operands, self.fields, self.fmt = name, opcode, run, operands, fields, fmt

    def code(self, p):
        high, low = divmod(self.opcode, 256)
        if "l" in self.fields:
            return struct.pack(">BBHBB", high, p.l2, 2 << 12 | p.d2, p.m3, low)
        if "d" in self.fields:
            third = 1 << 4 if "3" in self.fields else 0
            return struct.pack(">BBHBB", high, third, 2 << 12 | p.d2, 0, low)
        r1 = 6 if self.operands[0] == "g" else 0
        r2 = 6 if self.operands[1] == "g" else 4
        left = 1 if "3" in self.fields else p.m3
        return struct.pack(">HBB", self.opcode, left << 4 | p.m4, r1 << 4 | r2)


def _three(fmt, operation):
    def run(s, p):
        r = operation(s, fmt, p.m4, fmt.unpack(s.get("f4", fmt)), fmt.unpack(s.get("f1", fmt)))
        s.put(fmt, fmt.pack(*r))
        if operation in (add, subtract):
            s.cc = cc_of(r)
    return run


def _reround(fmt):
    def run(s, p):
        s.put(fmt, fmt.pack(*reround(s, fmt, p.m4, s.r[0], fmt.unpack(s.get("f1", fmt)))))
    return run


def _compare(fmt, signaling):
    def run(s, p):
        s.cc = compare(s, fmt.unpack(s.get("f0", fmt)), fmt.unpack(s.get("f4", fmt)), signaling)
    return run


def _load_test(fmt):
    def run(s, p):
        r = quiet(s, fmt.unpack(s.get("f4", fmt)))
        s.put(fmt, fmt.pack(*r))
        s.cc = cc_of(r)
    return run


def _integral(fmt):
    def run(s, p):
        s.put(fmt, fmt.pack(*integral(s, fmt, p.m3, p.m4, fmt.unpack(s.get("f4", fmt)))))
    return run


def _lengthen(to, source):
    def run(s, p):
        a = source.unpack(s.get("f4", source))
        s.put(to, to.pack(*(a if p.m4 & 8 else quiet(s, a))))
    return run


def _narrow(to, source):
    def run(s, p):
        fmt, r = narrow(s, to, source, p.m3, p.m4, source.unpack(s.get("f4", source)))
        s.put(fmt, fmt.pack(*r))
    return run


def _from_integer(fmt, bits, is_signed):
    def run(s, p):
        v = s.r[0] & ((1 << bits) - 1)
        if is_signed and v >> (bits - 1):
            v -= 1 << bits
        s.put(fmt, fmt.pack(*from_integer(s, fmt, p.m3, p.m4, v)))
    return run


def _to_integer(fmt, bits, is_signed):
    def run(s, p):
        v, s.cc = to_integer(s, fmt, p.m3, p.m4, fmt.unpack(s.get("f4", fmt)), bits, is_signed)
        keep = s.r[0] >> bits << bits
        s.r[0] = keep | v & ((1 << bits) - 1)
    return run


def _compare_exponent(fmt):
    def run(s, p):
        a, b = fmt.unpack(s.get("f0", fmt)), fmt.unpack(s.get("f4", fmt))
        kinds = min(a[0], QNAN), min(b[0], QNAN)
        s.cc = 3 if kinds[0] != kinds[1] else 0 if a[2] == b[2] else 1 if a[2] < b[2] else 2
    return run


def _extract_exponent(fmt):
    def run(s, p):
        a = fmt.unpack(s.get("f4", fmt))
        s.r[0] = {INFINITE: -1, QNAN: -2, SNAN: -3}.get(a[0], a[2] + fmt.bias) & WORD
    return run


def _extract_significance(fmt):
    def run(s, p):
        a = fmt.unpack(s.get("f4", fmt))
        digits = len(str(a[3])) if a[3] else 0
        s.r[0] = {INFINITE: -1, QNAN: -2, SNAN: -3}.get(a[0], digits) & WORD
    return run


def _insert_exponent(fmt):
    def run(s, p):
        _, sign, _, digits = fmt.unpack(s.get("f1", fmt))
        wanted = s.r[0] - (1 << 64) if s.r[0] >> 63 else s.r[0]
        if 0 <= wanted <= fmt.qmax + fmt.bias:
            r = FINITE, sign, wanted - fmt.bias, digits
        else:
            r = {-1: INFINITE, -3: SNAN}.get(wanted, QNAN), sign, 0, digits % 1000 ** fmt.declets
        s.put(fmt, fmt.pack(*r))
    return run


def _shift(fmt, right):
    def run(s, p):
        kind, sign, exp, digits = fmt.unpack(s.get("f1", fmt))
        places = fmt.digits if kind == FINITE else 3 * fmt.declets
        text = str(digits).zfill(places)
        n = p.d2 & 63
        text = (("0" * n + text)[:places] if right else (text + "0" * n)[-places:])
        s.put(fmt, fmt.pack(kind, sign, exp, int(text)))
    return run


def _test_class(fmt):
    def run(s, p):
        kind, sign, exp, digits = fmt.unpack(s.get("f0", fmt))
        if kind == FINITE:
            name = "zero" if not digits else "subnormal" if exp + len(str(digits)) - 1 < fmt.emin else "normal"
        else:
            name = {INFINITE: "infinity", QNAN: "qnan", SNAN: "snan"}[kind]
        names = "zero", "subnormal", "normal", "infinity", "qnan", "snan"
        s.cc = p.d2 >> (11 - 2 * names.index(name) - sign) & 1
    return run


def _test_group(fmt):
    def run(s, p):
        kind, sign, exp, digits = fmt.unpack(s.get("f0", fmt))
        extreme = exp in (fmt.qmin, fmt.qmax)
        if kind != FINITE:
            group = 5
        elif not digits:
            group = 1 if extreme else 0
        elif extreme:
            group = 2
        else:
            group = 4 if digits >= 10 ** (fmt.digits - 1) else 3
        s.cc = p.d2 >> (11 - 2 * group - sign) & 1
    return run


def from_digits(s, fmt, text, negative):
    """From hexadecimal digits."""
    if not text.isdigit() or int(text) >= 10 ** fmt.digits:
        raise Suppressed(0)
    s.put(fmt, fmt.pack(FINITE, negative, 0, int(text)))


def sign_of(code):
    """Whether a sign code means minus."""
    if code in "0123456789":
        raise Suppressed(0)
    return int(code in "bd")


def _from_register(fmt, signed):
    def run(s, p):
        text = f"{s.r[0]:016x}" if fmt is LONG else f"{s.r[0]:016x}{s.r[1]:016x}"
        if signed:
            from_digits(s, fmt, text[:-1], sign_of(text[-1]))
        else:
            from_digits(s, fmt, text, 0)
    return run


def _to_register(fmt, signed):
    def run(s, p):
        _, sign, _, digits = fmt.unpack(s.get("f4", fmt))
        width = 16 if fmt is LONG else 32
        code = ("d" if sign else "f" if p.m4 & 1 else "c") if signed else ""
        text = (str(digits).zfill(width) + code)[-width:]
        s.r[0] = int(text[:16], 16)
        if fmt is not LONG:
            s.r[1] = int(text[16:], 16)
    return run


def _from_zoned(fmt):
    def run(s, p):
        if p.l2 >= fmt.digits:
            raise Suppressed(0, 6)
        text = s.storage[:p.l2 + 1].hex()
        negative = sign_of(text[-2]) if p.m3 & 8 else 0
        from_digits(s, fmt, text[1::2], negative)
    return run


def _from_packed(fmt):
    def run(s, p):
        if p.l2 > fmt.digits // 2:
            raise Suppressed(0, 6)
        text = s.storage[:p.l2 + 1].hex()
        if p.m3 & 8:
            from_digits(s, fmt, text[:-1], 0 if p.m3 & 1 else sign_of(text[-1]))
        else:
            from_digits(s, fmt, text, 0)
    return run


def _to_storage(s, fmt, m3, places):
    """(digits, sign code); sets the CC"""
    a = fmt.unpack(s.get("f0", fmt))
    text = str(a[3]).zfill(places)
    s.cc = 3 if a[0] != FINITE or len(text) > places else cc_of(a)
    text = text[-places:]
    minus = a[1] and not (m3 & 1 and int(text) == 0)
    return text, "d" if minus else "f" if m3 & 2 else "c"


def _to_zoned(fmt):
    def run(s, p):
        if p.l2 >= fmt.digits:
            raise Suppressed(0, 6)
        digits, sign = _to_storage(s, fmt, p.m3, p.l2 + 1)
        zones = ["3" if p.m3 & 4 else "f"] * (p.l2 + 1)
        if p.m3 & 8:
            zones[-1] = sign
        s.storage[:p.l2 + 1] = bytes.fromhex("".join(map("".join, zip(zones, digits))))
    return run


def _to_packed(fmt):
    def run(s, p):
        if p.l2 > fmt.digits // 2:
            raise Suppressed(0, 6)
        signed = p.m3 >> 3
        digits, sign = _to_storage(s, fmt, p.m3, 2 * p.l2 + 2 - signed)
        s.storage[:p.l2 + 1] = bytes.fromhex(digits + sign * signed)
    return run


WORD = (1 << 64) - 1
INSTRUCTIONS = []


def _define(*arguments, **named):
    INSTRUCTIONS.append(Instruction(*arguments, **named))


for _n, (_letter, _fmt) in enumerate(FORMATS.items()):
    for _op, (_code, _function) in THREE.items():
        _define(_op + _letter + "tr", _code + 8 * _n, _three(_fmt, _function), fields="34", fmt=_fmt)
    _define("qa" + _letter + "tr", 0xB3F5 + 8 * _n, _three(_fmt, quantize), fields="34", fmt=_fmt)
    _define("rr" + _letter + "tr", 0xB3F7 + 8 * _n, _reround(_fmt), "fg", "34", _fmt)
    _define("c" + _letter + "tr", 0xB3E4 + 8 * _n, _compare(_fmt, False), fmt=_fmt)
    _define("k" + _letter + "tr", 0xB3E0 + 8 * _n, _compare(_fmt, True), fmt=_fmt)
    _define("lt" + _letter + "tr", 0xB3D6 + 8 * _n, _load_test(_fmt), fmt=_fmt)
    _define("fi" + _letter + "tr", 0xB3D7 + 8 * _n, _integral(_fmt), fields="m4", fmt=_fmt)
    _define("c" + _letter + "gtr", 0xB3F1 + 8 * _n, _from_integer(_fmt, 64, True), "fg", "m4", _fmt)
    _define("c" + _letter + "ftr", 0xB951 + 8 * _n, _from_integer(_fmt, 32, True), "fg", "m4", _fmt)
    _define("c" + _letter + "lgtr", 0xB952 + 8 * _n, _from_integer(_fmt, 64, False), "fg", "m4", _fmt)
    _define("c" + _letter + "lftr", 0xB953 + 8 * _n, _from_integer(_fmt, 32, False), "fg", "m4", _fmt)
    _define("cg" + _letter + "tr", 0xB3E1 + 8 * _n, _to_integer(_fmt, 64, True), "gf", "m4", _fmt)
    _define("cf" + _letter + "tr", 0xB941 + 8 * _n, _to_integer(_fmt, 32, True), "gf", "m4", _fmt)
    _define("clg" + _letter + "tr", 0xB942 + 8 * _n, _to_integer(_fmt, 64, False), "gf", "m4", _fmt)
    _define("clf" + _letter + "tr", 0xB943 + 8 * _n, _to_integer(_fmt, 32, False), "gf", "m4", _fmt)
    _define("ce" + _letter + "tr", 0xB3F4 + 8 * _n, _compare_exponent(_fmt), fmt=_fmt)
    _define("ee" + _letter + "tr", 0xB3E5 + 8 * _n, _extract_exponent(_fmt), "gf", fmt=_fmt)
    _define("es" + _letter + "tr", 0xB3E7 + 8 * _n, _extract_significance(_fmt), "gf", fmt=_fmt)
    _define("ie" + _letter + "tr", 0xB3F6 + 8 * _n, _insert_exponent(_fmt), "fg", "3", _fmt)
    _define("sl" + _letter + "t", 0xED40 + 8 * _n, _shift(_fmt, False), fields="3d", fmt=_fmt)
    _define("sr" + _letter + "t", 0xED41 + 8 * _n, _shift(_fmt, True), fields="3d", fmt=_fmt)
    _define("c" + _letter + "str", 0xB3F3 + 8 * _n, _from_register(_fmt, True), "fg", fmt=_fmt)
    _define("c" + _letter + "utr", 0xB3F2 + 8 * _n, _from_register(_fmt, False), "fg", fmt=_fmt)
    _define("cs" + _letter + "tr", 0xB3E3 + 8 * _n, _to_register(_fmt, True), "gf", "4", _fmt)
    _define("cu" + _letter + "tr", 0xB3E2 + 8 * _n, _to_register(_fmt, False), "gf", fmt=_fmt)
    _define("c" + _letter + "zt", 0xEDAA + _n, _from_zoned(_fmt), fields="lm", fmt=_fmt)
    _define("cz" + _letter + "t", 0xEDA8 + _n, _to_zoned(_fmt), fields="lm", fmt=_fmt)
    _define("c" + _letter + "pt", 0xEDAE + _n, _from_packed(_fmt), fields="lm", fmt=_fmt)
    _define("cp" + _letter + "t", 0xEDAC + _n, _to_packed(_fmt), fields="lm", fmt=_fmt)
for _letter, _n, _fmt in ("e", 0, SHORT), ("d", 4, LONG), ("x", 8, EXTENDED):
    _define("tdc" + _letter + "t", 0xED50 + _n, _test_class(_fmt), fields="d", fmt=_fmt)
    _define("tdg" + _letter + "t", 0xED51 + _n, _test_group(_fmt), fields="d", fmt=_fmt)
_define("ldetr", 0xB3D4, _lengthen(LONG, SHORT), fields="4", fmt=SHORT)
_define("lxdtr", 0xB3DC, _lengthen(EXTENDED, LONG), fields="4", fmt=LONG)
_define("ledtr", 0xB3D5, _narrow(SHORT, LONG), fields="m4", fmt=LONG)
_define("ldxtr", 0xB3DD, _narrow(LONG, EXTENDED), fields="m4", fmt=EXTENDED)
BY_NAME = {i.name: i for i in INSTRUCTIONS}

RECORD = struct.Struct(">6sBBBBB5xII16s16s16sQQ40s16sQQ40s")


def record(instruction, state, fields):
    """The bytes of a record: the state before, and after as the model has it. The state is used up."""
    s = state
    code = instruction.code(fields)
    before = (s.fpc, s.f0, s.f4, s.f1, tuple(s.r), bytes(s.storage), s.cc)
    try:
        instruction.run(s, fields)
        s.fpc |= s.flags << 16
        if s.dxc:
            s.pgm = 7
    except Suppressed as end:
        s.fpc, s.f0, s.f4, s.f1, s.r, s.storage, s.cc = before
        s.pgm, s.dxc = end.pgm, end.dxc
    wide = lambda v: v.to_bytes(16, "big")
    return RECORD.pack(code.ljust(6, b"\0"), len(code), before[6], s.cc, s.pgm, s.dxc, before[0], s.fpc, wide(before[1]),
                       wide(before[2]), wide(before[3]), *before[4], before[5], wide(s.f0), *s.r, bytes(s.storage))
