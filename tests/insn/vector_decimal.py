#!/usr/bin/env python3
"""Cases of the vector-decimal instructions from a model in Python's integers.

usage: vector_decimal.py > vector_decimal.case     a sample
       vector_decimal.py long SEED | run_cases /dev/stdin     all signs, M fields, counts and boundary digits

A register is 32 hexadecimal digits as text: 31 decimal digits and a sign code. Each group of cases begins with the
rule that it checks.
"""
import random
import sys

LONG = len(sys.argv) > 1 and sys.argv[1] == "long"
random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

PLUS, MINUS, UNSIGNED = "c", "d", "f"
SIGNS = "abcdef"
DATA, OVERFLOW, DIVIDE, FIXED_OVERFLOW, SPECIFICATION = "7 dxc=0", "a", "b", "8", "6"


def negative(sign):
    return sign in "bd"


def boundary_magnitudes():
    yield from (0, 1, 5, 9)
    for n in range(1, 32):
        yield 10**n - 1
        if n < 31:
            yield 10**n
            yield 5 * 10**n
    yield int("1234567890" * 3 + "1")


BOUNDARY = list(boundary_magnitudes())


def magnitude():
    """Mostly short numbers, so that results fit as often as not."""
    kind = random.randrange(4)
    if kind == 0:
        return random.choice(BOUNDARY)
    return random.randrange(10 ** random.randint(0, 31 if kind == 1 else 16))


def packed(number, sign):
    return f"{number:031d}"[-31:] + sign


def unpacked(text, positive=False):
    """Value of a valid operand, or None when a digit or (unless taken as positive) the sign is not valid."""
    if not text[:31].isdigit() or not (positive or text[31] in SIGNS):
        return None
    number = int(text[:31])
    return -number if negative(text[31]) and not positive else number


def operand():
    """A packed number; now and then with an invalid digit or sign."""
    text = packed(magnitude(), random.choice(SIGNS))
    if random.randrange(12) == 0:
        k = random.choice((0, 15, 16, 30, 31))
        text = text[:k] + random.choice("0123456789" if k == 31 else SIGNS) + text[k + 1 :]
    return text


# Every case is printed from here: registers and masks before, registers and CC or the exception after.


def case(insn, before, after=None, cc=None, pgm=None, mask=0, facility=""):
    before = " ".join([f"{name}={value}" for name, value in before.items()] + ([f"pm={mask:x}"] if mask else []))
    shown = [f"{name}={value}" for name, value in (after or {}).items()]
    if cc is not None:
        shown.append(f"cc={cc}")
    if pgm:
        shown.append(f"pgm={pgm}")
        if "dxc" in pgm:
            shown.append("fpc=0")
    print(f"{insn} | {before} {facility}| {' '.join(shown)}")


def rule(text):
    print(f"# {text}")


def finish(insn, before, number, count, m, iom, mask, cc_of_overflow_alone=False):
    """The rightmost digits; P1: sign 1111; else preferred signs, zero positive; CC 3 and interruption for overflow."""
    limit = 10**count
    digits, overflow = abs(number) % limit, abs(number) >= limit
    minus = number < 0 and digits and not m & 2
    sign = UNSIGNED if m & 2 else MINUS if minus else PLUS
    cc = 3 if overflow else 0 if digits == 0 or cc_of_overflow_alone else 1 if minus else 2
    interrupts = overflow and not iom and mask & 4
    case(insn, before, {"v1": packed(digits, sign)}, cc if m & 1 else None, OVERFLOW if interrupts else None, mask)


# Arithmetic


def truncated_quotient(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def remainder(a, b):
    return a - b * truncated_quotient(a, b)


ARITHMETIC = {
    "vap": lambda a, b, n: a + b,
    "vsp": lambda a, b, n: a - b,
    "vmp": lambda a, b, n: a * b,
    "vdp": lambda a, b, n: truncated_quotient(a, b),
    "vrp": lambda a, b, n: remainder(a, b),
    "vmsp": lambda a, b, n: truncated_quotient(a * b, 10**n),
    "vsdp": lambda a, b, n: truncated_quotient(a * 10**n, b),
}
DIVIDING = ("vdp", "vrp", "vsdp")
SHIFTING = ("vmsp", "vsdp")


def arithmetic(name, a, b, count, m, iom, mask):
    insn = f"{name} 1,2,3,{count | iom << 7},{m}"
    before = {"v2": a, "v3": b}
    if name not in SHIFTING and count == 0:
        return case(insn, before, pgm=SPECIFICATION, mask=mask)
    x, y = unpacked(a, m & 8), unpacked(b, m & 4)
    if x is None or y is None:
        return case(insn, before, pgm=DATA, mask=mask)
    if name in DIVIDING and y == 0:
        return case(insn, before, pgm=DIVIDE, mask=mask)
    number = ARITHMETIC[name](x, y, count)
    finish(insn, before, number, 31 if name in SHIFTING else count, m, iom, mask)


def arithmetic_cases(times):
    rule("VECTOR ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, MULTIPLY AND SHIFT, SHIFT AND DIVIDE DECIMAL")
    for name in ARITHMETIC:
        rule(f"{name}: every sign code of either operand, P2, P3, P1, CS")
        pairs = [(x, y, m) for x in SIGNS for y in SIGNS for m in range(16)]
        for x, y, m in pairs if LONG else random.sample(pairs, 24):
            a, b = (random.choice((0, 1, 7, 99, 10**15, 10**31 - 1)) for _ in "ab")
            arithmetic(name, packed(a, x), packed(b, y), 31, m, 0, 0)
        rule(f"{name}: boundary digits; every count or shift amount; overflow and its two masks")
        for _ in range(times):
            count = random.choice((0, 1, 2, 15, 16, 30, 31, random.randrange(32)))
            arithmetic(name, operand(), operand(), count, random.randrange(16), random.randrange(2),
                       random.choice((0, 4, 11)))
        if LONG:
            for a in BOUNDARY:
                for b in BOUNDARY:
                    arithmetic(name, packed(a, random.choice(SIGNS)), packed(b, random.choice(SIGNS)),
                               random.randrange(32), random.randrange(16), random.randrange(2), random.choice((0, 4)))
    rule("reserved bits 1 and 2 of the count's immediate: specification, before operands are looked at")
    for name in ARITHMETIC:
        case(f"{name} 1,2,3,{31 + 32},1", {"v2": "0" * 32, "v3": "0" * 32}, pgm=SPECIFICATION)
        case(f"{name} 1,2,3,{31 + 64},1", {"v2": "0" * 32, "v3": "0" * 32}, pgm=SPECIFICATION)
    rule("the result may replace an operand")
    case("vap 2,2,2,31,1", {"v2": packed(21, "c")}, {"v2": packed(42, "c")}, 2)
    case("vmp 18,18,3,31,1", {"v18": packed(21, "c"), "v3": packed(2, "b")}, {"v18": packed(42, "d")}, 1)


# Shifts and comparison


def shift(insn, before, text, amount, rounding, count, m, iom, mask):
    if count == 0:
        return case(insn, before, pgm=SPECIFICATION, mask=mask)
    x = unpacked(text, m & 8)
    if x is None:
        return case(insn, before, pgm=DATA, mask=mask)
    if amount >= 0:
        number = abs(x) * 10**amount
    else:
        number = (abs(x) + (5 * 10 ** (-amount - 1) if rounding else 0)) // 10**-amount
    finish(insn, before, -number if x < 0 else number, count, m, iom, mask)


def shift_cases(times):
    rule("VECTOR SHIFT AND ROUND DECIMAL: to the left by a positive amount, else to the right, rounding the magnitude")
    for k in range(-64, 64) if LONG else (-64, -33, -32, -31, -16, -1, 0, 1, 15, 30, 31, 32, 63):
        for text in (packed(10**31 - 1, "d"), packed(int("4950" + "5" * 27), "c"), packed(5, "a")):
            for rounding in (0, 1):
                shift(f"vsrp 1,2,31,{(k & 127) | rounding << 7},1", {"v2": text}, text, k, rounding, 31, 1, 0, 0)
    for _ in range(times):
        text, k, rounding = operand(), random.randint(-35, 35), random.randrange(2)
        count, m, iom, mask = random.randrange(32), random.randrange(16), random.randrange(2), random.choice((0, 4))
        shift(f"vsrp 1,2,{count | iom << 7},{(k & 127) | rounding << 7},{m}", {"v2": text}, text, k, rounding, count,
              m, iom, mask)
    rule("VECTOR SHIFT AND ROUND DECIMAL REGISTER: the amount is byte 7 of V3, taken as -32 to 31")
    for _ in range(times):
        text, k, rounding = operand(), random.choice((-128, 127, random.randint(-35, 35))), random.randrange(2)
        count, m, iom, mask = random.randrange(32), random.randrange(16), random.randrange(2), random.choice((0, 4))
        amount = "aaaaaaaaaaaaaa" + f"{k & 255:02x}" + "b" * 16
        shift(f"vsrpr 1,2,3,{count | rounding << 6 | iom << 7},{m}", {"v2": text, "v3": amount}, text,
              max(-32, min(31, k)), rounding, count, m, iom, mask)
    case("vsrpr 1,2,3,63,1", {"v2": packed(1, "c")}, pgm=SPECIFICATION)


def compare_cases(times):
    rule("VECTOR COMPARE DECIMAL: P1 and P2 stand for the first and second operand; zeros of either sign are equal")
    pairs = [(a, x, b, y, m) for a in (0, 1, 10**30) for x in SIGNS for b in (0, 1, 10**30) for y in SIGNS
             for m in (0, 4, 8, 12)]
    texts = [(packed(a, x), packed(b, y), m) for a, x, b, y, m in (pairs if LONG else random.sample(pairs, 40))]
    texts += [(operand(), operand(), random.choice((0, 4, 8, 12))) for _ in range(times)]
    for a, b, m in texts:
        x, y = unpacked(a, m & 8), unpacked(b, m & 4)
        if x is None or y is None:
            case(f"vcp 1,2,{m}", {"v1": a, "v2": b}, pgm=DATA)
        else:
            case(f"vcp 1,2,{m}", {"v1": a, "v2": b}, cc=0 if x == y else 1 if x < y else 2)


# Conversions from and to binary


def to_binary_cases(times):
    rule("VECTOR CONVERT TO BINARY (32, 64): LB: the magnitude; what does not fit is CC 3, and zero when M4 says so")
    for name, bits in (("vcvb", 32), ("vcvbg", 64)):
        edges = [(2 ** (bits - k) + d, s) for k in (0, 1) for d in (-1, 0, 1) for s in "cd"] + [(0, "d")]
        texts = [packed(n, s) for n, s in edges] * (16 if LONG else 2) + [operand() for _ in range(times)]
        for text in texts:
            m, m4, mask = random.choice((0, 1, 2, 3, 8, 9, 10, 11)), random.choice((0, 4, 8, 12)), random.choice((0, 8))
            insn, x = f"{name} 1,2,{m},{m4}", unpacked(text, m & 8)
            if x is None:
                case(insn, {"v2": text}, pgm=DATA, mask=mask)
                continue
            x = abs(x) if m & 2 else x
            low, high = (0, 2**bits - 1) if m & 2 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
            overflow = not low <= x <= high
            value = 0 if overflow and m4 & 4 else x % 2**bits
            pgm = FIXED_OVERFLOW if overflow and mask and not m4 & 8 else None
            register = {"l1" if bits == 32 else "r1": f"{value:x}"}
            case(insn, {"v2": text}, register, (3 if overflow else 0) if m & 1 else None, pgm, mask)
    rule("VECTOR CONVERT TO BINARY (128)")
    for text in [operand() for _ in range(times)] + [packed(10**31 - 1, s) for s in SIGNS]:
        m = random.choice((0, 2, 8, 10))
        x = unpacked(text, m & 8)
        if x is None:
            case(f"vcvbq 1,2,{m}", {"v2": text}, pgm=DATA)
        else:
            x = abs(x) if m & 2 else x
            case(f"vcvbq 1,2,{m}", {"v2": text}, {"v1": f"{x % 2**128:032x}"})


def from_binary_cases(times):
    rule("VECTOR CONVERT TO DECIMAL (32, 64, 128): CC 3 tells of overflow, else 0; LB in M4: an unsigned operand")
    for name, bits in (("vcvd", 32), ("vcvdg", 64), ("vcvdq", 128)):
        edges = [0, 1, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2**bits - 1]
        edges += [n % 2**bits for k in (1, 9, 15, 19, 30, 31) for n in (10**k, -(10**k), 10**k - 1)]
        for raw in edges * (20 if LONG else 1) + [random.getrandbits(random.randint(1, bits)) for _ in range(times)]:
            m, iom, mask = random.choice((0, 1, 2, 3, 8, 9, 10, 11)), random.randrange(2), random.choice((0, 4))
            count = random.choice((31, 31, random.randrange(32)))
            value = raw if m & 8 or raw < 2 ** (bits - 1) else raw - 2**bits
            insn = f"{name} 1,2,{count | iom << 7},{m}"
            before = {"v2": f"{raw:032x}"} if bits == 128 else {"r2": f"{raw:x}"}
            if count == 0:
                case(insn, before, pgm=SPECIFICATION, mask=mask)
            else:
                finish(insn, before, value, count, m, iom, mask, True)
    case("vcvd 1,2,63,1", {"r2": 1}, pgm=SPECIFICATION)


# Signs and tests


def sign_operation(text, count, control, cs, iom, mask):
    """VPSOP, its controls from the left: NV, NZ, -, PS, SO, SO, PC, SV."""
    insn, before = f"vpsop 1,2,{count | iom << 7},{control},{cs}", {"v2": text}
    operation, sign = control >> 2 & 3, text[31]
    if count == 0:
        return case(insn, before, pgm=SPECIFICATION, mask=mask)
    checks_sign = (not control & 128, True, control & 1, control & 1)[operation]
    if not control & 128 and not text[:31].isdigit() or checks_sign and sign not in SIGNS:
        return case(insn, before, pgm=DATA, mask=mask)
    digits = "0" * (31 - count) + text[31 - count : 31]
    zero, overflow = digits == "0" * 31, digits != text[:31]
    minus = (negative(sign), not negative(sign), False, True)[operation]
    if operation == 0 and (control & 16 or sign not in SIGNS):
        result = sign
    elif minus and (not zero or control & 64):
        result = MINUS
    else:
        result = UNSIGNED if control & 2 else PLUS
    cc = 3 if overflow else 0 if zero else 1 if negative(result) else 2
    pgm = OVERFLOW if overflow and not iom and mask & 4 else None
    case(insn, before, {"v1": digits + result}, cc if cs else None, pgm, mask)


def sign_cases(times):
    rule("VECTOR PERFORM SIGN OPERATION DECIMAL: maintain, complement, force positive, force negative; by sign code,")
    rule("zero or not, NZ (negative zero), PC (positive code 1111), SV and NV (validation), PS (preserve)")
    controls = [nv | nz | ps | so | pc | sv for nv in (0, 128) for nz in (0, 64) for ps in (0, 16)
                for so in (0, 4, 8, 12) for pc in (0, 2) for sv in (0, 1)]
    everything = [(n, s, c) for n in (0, 7, 10**15) for s in SIGNS + "09" for c in controls]
    for n, s, c in everything if LONG else random.sample(everything, 160):
        sign_operation(packed(n, s), 15, c, 1, 0, 0)
    for _ in range(times):
        sign_operation(operand(), random.randrange(32), random.choice(controls), random.randrange(2),
                       random.randrange(2), random.choice((0, 4)))


def count_cases(times):
    rule("VECTOR COUNT LEADING ZERO DIGITS: NV, NZ, CS in M3; NZ: negative zero is less than zero")
    texts = [packed(n, s) for n in BOUNDARY for s in (SIGNS if LONG else random.choice(SIGNS))]
    for text in texts + [operand() for _ in range(times)]:
        m = random.randrange(8)
        valid = unpacked(text) is not None
        if not valid and not m & 4:
            case(f"vclzdp 1,2,{m}", {"v2": text}, pgm=DATA)
            continue
        digits = text[:31].lstrip("0")
        minus, zero = negative(text[31]), not digits
        cc = 3 if not valid else 0 if zero and not (minus and m & 2) else 1 if minus else 2
        case(f"vclzdp 1,2,{m}", {"v2": text}, {"v1": f"{31 - len(digits):016x}" + "0" * 16}, cc if m & 1 else None)


STC = ["abcdef", "abcdef", "cd", "cd", "f", "f", "cdf", "cdf"]


def sign_valid(stc, sign, zero):
    """Sign-test control: which codes; an odd one takes a zero with a minus sign as invalid."""
    return sign in STC[stc] and not (stc & 1 and zero and negative(sign))


def test_decimal_cases(times):
    rule("VECTOR TEST DECIMAL: 1 invalid sign, 2 invalid digit, 3 both")
    for text in [operand() for _ in range(times)] + [packed(1, f"{s:x}") for s in range(16)]:
        case("vtp 1", {"v1": text}, cc=(text[31] not in SIGNS) + 2 * (not text[:31].isdigit()))
    rule("with ET: the rightmost digits alone, the padding digit of an even count, sign-test controls")
    for stc in range(8):
        for sign in "0123456789abcdef" if LONG else "9abcdef":
            for _ in range(12 if LONG else 1):
                count, bpt = random.randrange(32), random.randrange(2)
                digits = packed(random.choice((0, 0, magnitude())), "c")[:31]
                digits = "".join(random.choice((c, c, c, "e")) for c in digits[: 31 - count]) + digits[31 - count :]
                tested = digits[31 - count :] if count else ""
                padded = not bpt or count % 2 or not count or digits[30 - count] == "0"
                valid = (tested.isdigit() or not count) and padded
                good = sign_valid(stc, sign, count and not tested.strip("0"))
                case(f"vtp 1,{0x8000 | bpt << 14 | stc << 5 | count}", {"v1": digits + sign},
                     cc=2 * (not valid) + (not good))


def zoned_byte(text_digit, sign="f"):
    return sign + text_digit


def test_zoned(number, count, ssc, ls, dsc, stc, spoil):
    digits = f"{number:031d}"[-count:]
    sign = random.choice("abcdef4")
    data = [zoned_byte(d) for d in digits]
    allowed = count - dsc if not ssc and not ls else 0  # leftmost bytes that may be spaces
    for k in range(min(allowed, len(digits) - len(digits.lstrip("0")), count - 1)):
        data[k] = "40"
    if spoil:
        data[random.randrange(count)] = random.choice(("fa", "e1", "40", "c0"))
    at = 0 if ls else count - 1
    valid = all(b[0] == "f" and b[1].isdigit() or k == at and not ssc and b[1].isdigit()
                or b == "40" and k < allowed and k != at for k, b in enumerate(data))
    if ssc:
        byte = random.choice(("4e", "60", "c0"))
        zero = valid and not any(b[1] != "0" for b in data)
        good = byte == "4e" or byte == "60" and not (stc & 1 and zero)
        data.insert(0 if ls else count, byte)
    else:
        if not spoil:
            data[at] = sign + data[at][1]
        zero = valid and not any(b[1] != "0" for b in data)
        good = sign_valid(stc, data[at][0], zero)
    text = ("e9" * 32 + "".join(data))[-64:]
    immediate = ssc << 14 | ls << 13 | dsc << 8 | stc << 5 | count
    case(f"vtz 1,2,{immediate}", {"v1": text[:32], "v2": text[32:]}, cc=2 * (not valid) + (not good))


def test_zoned_cases(times):
    rule("VECTOR TEST ZONED: embedded or separate sign, leading or trailing, leading spaces, sign-test controls")
    for _ in range(times):
        count, ssc, ls = random.randint(1, 31), random.randrange(2), random.randrange(2)
        number = random.choice((0, random.randrange(10 ** random.randint(1, count))))
        dsc = random.randint(1, count) if not ssc and not ls else 0
        test_zoned(number, count, ssc, ls, dsc, random.choice((2, 3)) if ssc else random.randrange(8),
                   random.randrange(4) == 0)
    case("vtz 1,2,0", {}, pgm=SPECIFICATION)


# Zoned numbers


def zoned(n):
    return "".join(random.choice(("f", "f", "f", f"{random.randrange(16):x}")) + random.choice("0123456789" * 3 + "ae")
                   for _ in range(n - 1)) + random.choice("abcdeff7") + random.choice("0123456789" * 4 + "c")


def zoned_cases(times):
    rule("VECTOR PACK ZONED: digits and the last zone as they are, unchecked; more than 31 bytes: specification")
    for n in range(1, 33):
        z = zoned(n)
        if n == 32:
            case("vpkz 1,0(4),31", {"r4": "8000"}, pgm=SPECIFICATION)
            case("vupkz 1,0(4),31", {"r4": "8000"}, pgm=SPECIFICATION)
            continue
        case(f"vpkz 1,0(4),{n - 1}", {"r4": "8ffd", "@8ffd": z}, {"v1": (z[1::2] + z[-2]).rjust(32, "0")})
        text = operand()
        digits = text[31 - n : 31]
        case(f"vupkz 1,0(4),{n - 1}", {"r4": "8ffd", "v1": text},
             {"@8ffd": "".join("f" + d for d in digits[:-1]) + text[31] + digits[-1]})
    case("vpkz 1,0(4),1", {"r4": "fffff"}, pgm="access")
    case("vupkz 1,0(4),1", {"r4": "fffff"}, pgm="access")
    rule("VECTOR PACK ZONED REGISTER: 32 bytes; NSV, NV, P1, CS in M5; CC 3: overflow, or not valid")
    for _ in range(2 * times):
        z = "".join("f" + d for d in f"{random.randrange(10 ** random.randint(1, 32)):032d}")
        z = z[:-2] + random.choice("abcdef" * 3 + "17") + z[-1]
        if random.randrange(5) == 0:
            k = random.randrange(32)
            z = z[: 2 * k + 1] + "b" + z[2 * k + 2 :]
        count, iom, m, mask = random.randrange(32), random.randrange(2), random.randrange(16), random.choice((0, 4))
        insn, before = f"vpkzr 1,2,3,{count | iom << 7},{m}", {"v2": z[:32], "v3": z[32:]}
        digits_good, sign_good = z[1::2].isdigit(), z[-2] in SIGNS
        if count == 0:
            case(insn, before, pgm=SPECIFICATION, mask=mask)
        elif not m & 4 and not (digits_good and (sign_good or m & 8)):
            case(insn, before, pgm=DATA, mask=mask)
        else:
            kept = z[1::2][32 - count :]
            overflow = z[1::2][: 32 - count].strip("0") != ""
            sign = UNSIGNED if m & 2 else z[-2]
            cc = 3 if overflow or not (digits_good and sign_good) else 0 if not kept.strip("0") else 1 if negative(sign) else 2
            case(insn, before, {"v1": (kept + sign).rjust(32, "0")}, cc if m & 1 else None,
                 OVERFLOW if overflow and mask and not iom else None, mask)
    rule("VECTOR UNPACK ZONED HIGH: 15 digits after a zero; LOW: 16 digits and the sign, with P1 1111; NSV, NV")
    for _ in range(times):
        text, m = operand(), random.randrange(16)
        good = m & 4 or (text[:31].isdigit() and (m & 8 or text[31] in SIGNS))
        high = "f0" + "".join("f" + d for d in text[:15])
        sign = UNSIGNED if m & 2 else text[31]
        low = "".join("f" + d for d in text[15:30]) + sign + text[30]
        for name, result in (("vupkzh", high), ("vupkzl", low)):
            case(f"{name} 1,2,{m}", {"v2": text}, {"v1": result} if good else {}, pgm=None if good else DATA)


def load_cases():
    rule("VECTOR LOAD and STORE RIGHTMOST WITH LENGTH: zeros on the left; a register's length counts up to 16")
    data = "0123456789abcdeffedcba9876543210"
    for n in range(16):
        piece = data[: 2 * n + 2]
        case(f"vlrl 17,0(4),{n}", {"r4": "8ffa", "@8ffa": data}, {"v17": piece.rjust(32, "0")})
        case(f"vstrl 17,0(4),{n}", {"r4": "8ffa", "v17": data}, {"@8ffa": data[-2 * n - 2 :]})
        case(f"vlrlr 17,3,0(4)", {"r3": f"a5a5a5a5{n:08x}", "r4": "8ffa", "@8ffa": data}, {"v17": piece.rjust(32, "0")})
        case(f"vstrlr 17,3,0(4)", {"r3": f"a5a5a5a5{n:08x}", "r4": "8ffa", "v17": data}, {"@8ffa": data[-2 * n - 2 :]})
    for n in ("10", "ffffffff"):
        case("vlrlr 1,3,0(4)", {"r3": n, "r4": "8000", "@8000": data}, {"v1": data})
        case("vstrlr 1,3,0(4)", {"r3": n, "r4": "8000", "v1": data}, {"@8000": data})
    case("vlrl 1,0(4),16", {"r4": "8000"}, pgm=SPECIFICATION)
    case("vstrl 1,0(4),16", {"r4": "8000"}, pgm=SPECIFICATION)
    case("vlrl 1,0(4),1", {"r4": "fffff"}, pgm="access")
    case("vstrlr 1,3,0(4)", {"r3": 1, "r4": "fffff"}, pgm="access")
    rule("VECTOR LOAD IMMEDIATE DECIMAL: four digits, all of them checked, shifted by up to seven; sign control")
    for control in range(16):
        text = random.choice(("0000", "1234", "9999"))
        result = (text + "0" * (control & 7) + ("d" if control & 8 else "c")).rjust(32, "0")
        case(f"vlip 1,{int(text, 16)},{control}", {}, {"v1": result})
    for text in ("a000", "0a00", "00a0", "000a"):
        case(f"vlip 1,{int(text, 16)},0", {}, pgm=DATA)


# Hexadecimal floating point


def hfp(number, digits, rounding):
    """Characteristic and fraction of a positive integer in so many digits, the rest of it truncated or rounded."""
    length = (number.bit_length() + 3) // 4
    drop = max(length - digits, 0)
    fraction = (number + (8 * 16 ** (drop - 1) if rounding and drop else 0)) >> 4 * drop
    if fraction >= 16**digits:
        fraction, length = fraction >> 4, length + 1
    return 64 + length, fraction << 4 * max(digits - length, 0)


def hfp_cases(times):
    rule("DECIMAL SCALE AND CONVERT TO HFP: times ten to the scale in byte 7 of V3; short, long, extended; rounding")
    for text in [packed(n, random.choice(SIGNS)) for n in BOUNDARY] + [operand() for _ in range(times)]:
        scale, m4, m5 = random.randrange(8), random.choice((2, 3, 4)), random.randrange(2)
        before = {"v2": text, "v3": f"{scale:016x}" + "0" * 16}
        number = unpacked(text)
        if number is None:
            case(f"vschp 1,2,3,{m4},{m5}", before, pgm=DATA)
            continue
        value = abs(number) * 10**scale
        sign = 128 * (number < 0)
        if not value:
            case(f"vschp 1,2,3,{m4},{m5}", before, {"v1": "0" * 32})
        elif m4 == 4:
            exponent, fraction = hfp(value, 28, m5)
            f = f"{fraction:028x}"
            case(f"vschp 1,2,3,4,{m5}", before,
                 {"v1": f"{sign | exponent:02x}{f[:14]}{sign | (exponent - 14) & 127:02x}{f[14:]}"})
        else:
            digits = 6 if m4 == 2 else 14
            exponent, fraction = hfp(value, digits, m5)
            case(f"vschp 1,2,3,{m4},{m5}", before, {"v1": f"{sign | exponent:02x}{fraction:0{digits}x}".ljust(32, "0")})
        rule_split(text, value, sign, before)
    case("vschp 1,2,3,1,0", {"v2": packed(1, "c")}, pgm=SPECIFICATION)
    case("vschp 1,2,3,5,0", {"v2": packed(1, "c")}, pgm=SPECIFICATION)
    scaled_cases(times)


def rule_split(text, value, sign, before):
    """DECIMAL SCALE AND CONVERT AND SPLIT TO HFP: six digits, and of the rest fourteen."""
    if not value:
        return case("vscshp 1,2,3", before, {"v1": "0" * 32})
    exponent, fraction = hfp(value, 6, 0)
    rest = value % 16 ** max(exponent - 64 - 6, 0)
    low = "0" * 16
    if rest:
        low_exponent, low_fraction = hfp(rest, 14, 0)
        low = f"{sign | low_exponent:02x}{low_fraction:014x}"
    case("vscshp 1,2,3", before, {"v1": f"{sign | exponent:02x}{fraction:06x}" + "0" * 8 + low})


def scaled_cases(times):
    rule("VECTOR CONVERT HFP TO SCALED DECIMAL: times ten to the scale, truncated or rounded half away from zero")
    for _ in range(2 * times):
        digits, scale, rm = random.choice((1, 6, 14, 28)), random.randrange(32), random.randrange(2)
        fraction = random.randrange(16**digits) << 4 * (28 - digits)
        exponent, sign = random.choice((0, 40, 60, 63, 64, 65, 70, 90, 127)), random.randrange(2)
        if random.randrange(4) == 0:  # one half, and next to it
            fraction, exponent, scale = (8 << 108) + random.choice((-1, 0, 1)), 64, 0
        scaled = fraction * 10**scale
        power = 4 * (exponent - 64 - 28)
        if power >= 0:
            number = scaled << power
        else:
            number = (scaled + ((1 << -power - 1) if rm else 0)) >> -power
        number %= 10**31
        f = f"{fraction:028x}"
        text = f"{sign << 7 | exponent:02x}{f[:14]}{random.randrange(256):02x}{f[14:]}"
        case(f"vcsph 1,2,3,{rm}", {"v2": text, "v3": f"{scale:016x}" + "0" * 16},
             {"v1": packed(number, MINUS if sign and number else PLUS)})


def older_machine_cases():
    rule("fields that came later: reserved before enhancement 1, or ignored")
    plus = packed(12, PLUS)
    case(f"vap 1,2,3,{128 | 31},1", {"v2": plus, "v3": plus}, pgm=SPECIFICATION, facility="model=z14 ")
    case(f"vap 1,2,3,{128 | 31},1", {"v2": plus, "v3": plus}, {"v1": packed(24, PLUS)}, 2, facility="model=gen15a ")
    case("vcvd 1,2,159,1", {"r2": 1}, pgm=SPECIFICATION, facility="model=z14 ")
    invalid = "b" + plus[1:]
    case("vpsop 1,2,31,128,1", {"v2": invalid}, pgm=DATA, facility="model=z14 ")
    case("vpsop 1,2,31,128,1", {"v2": invalid}, {"v1": invalid}, 2, facility="model=gen15a ")
    case("vpsop 1,2,31,16,1", {"v2": packed(12, "a")}, {"v1": plus}, 2, facility="model=gen16a ")
    large = {"v2": packed(2**32, PLUS)}
    case("vcvb 1,2,1,8", large, {"l1": 0}, 3, FIXED_OVERFLOW, 8, facility="model=z14 ")
    case("vcvb 1,2,1,12", {"v2": packed(2**32 + 5, PLUS)}, {"l1": 5}, 3, mask=8, facility="model=gen15a ")
    case(f"vtp 1,{0x8000 | 5 << 5 | 2}", {"v1": plus}, cc=0, facility="model=gen16a ")
    case("vsrpr 1,2,3,31,1", {"v2": plus}, pgm="1", facility="model=gen15a ")
    case("vap 1,2,3,31,1", {"v2": plus}, pgm="1", facility="model=z13 ")


def main():
    times = 3000 if LONG else 30
    print("# Vector decimal instructions: vector_decimal.py > vector_decimal.case")
    arithmetic_cases(times)
    shift_cases(times)
    compare_cases(times)
    to_binary_cases(times)
    from_binary_cases(times)
    sign_cases(times)
    count_cases(times)
    test_decimal_cases(times)
    test_zoned_cases(3 * times)
    zoned_cases(times)
    load_cases()
    hfp_cases(times)
    older_machine_cases()


main()
