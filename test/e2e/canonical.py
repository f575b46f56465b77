"""Canonical bytes, written from docs/canonical.md alone: an implementation that shares nothing with src/reconcile/canonical*.c.

Run as a program it prints the vectors that the unit test compares with: one JSON object a line, with the value, the bytes and their
SipHash under the key 00..0f. test_canonical.py checks that test/unit/reconcile/canonical_vectors.jsonl is what this prints."""
import decimal
import hashlib
import json
import math
import re
import struct
import sys

KINDS = ["NULL", "BOOL", "INT", "UINT", "DECIMAL", "DOUBLE", "TEXT", "BYTES", "JSON", "UUID", "DATE", "TIME", "TIMESTAMP", "INSTANT",
         "ODD_DATE", "OTHER"]
WORD_TAGS = {"DATE": b"D", "TIME": b"T", "TIMESTAMP": b"s", "INSTANT": b"z"}
BYTE_TAGS = {"TEXT": b"t", "BYTES": b"x", "JSON": b"j", "UUID": b"u", "ODD_DATE": b"o", "OTHER": b"r"}
CLASSES = {b"NaN": 2, b"Infinity": 3, b"-Infinity": 4}
JSON_DEPTH = 128
LEAST, GREATEST = -2**63, 2**63 - 1


# ---- the definition ----

def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def zigzag(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


def value(tag, payload=b""):
    return tag + varint(len(payload)) + payload


def decimal_text(text):
    """(sign, digits, scale) of a decimal number, or None."""
    match = re.fullmatch(rb"([-+]?)(\d*)\.?(\d*)", text)
    if match is None or not match.group(2) + match.group(3):
        return None
    digits = (match.group(2) + match.group(3)).lstrip(b"0")
    return (1 if match.group(1) == b"-" and digits else 0), digits, len(match.group(3))


def exact_decimal(text):
    number = decimal_text(text)
    if number:
        return value(b"d", bytes([number[0]]) + varint(number[2]) + number[1])
    if text in CLASSES:
        return value(b"d", bytes([CLASSES[text]]))
    return value(b"d", b"\5" + text)


def number(text):
    """The semantic number of whatever Python's decimal module reads."""
    sign, digits, exponent = decimal.Decimal(text).as_tuple()
    digits = "".join(map(str, digits)).lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped:
        return value(b"N", b"\0\0")
    return value(b"N", bytes([sign]) + zigzag(exponent + len(digits) - len(stripped)) + stripped.encode())


def number_of_double(real):
    if math.isnan(real):
        return value(b"N", b"\2")
    if math.isinf(real):
        return value(b"N", b"\3" if real > 0 else b"\4")
    for count in range(1, 18):
        text = f"{real:.{count - 1}e}"
        if float(text) == real:
            return number(text)
    raise AssertionError(real)


class NotJson(Exception):
    pass


ESCAPED = 0x10ff00  # stands for a byte from 80 on, which need not be part of any UTF-8


def json_string(text):
    out = b""
    for char in text:
        code = ord(char)
        if 0xd800 <= code <= 0xdfff:
            raise NotJson
        out += bytes([code - ESCAPED]) if code >= ESCAPED else char.encode()
    return value(b"t", out)


class Number(str):
    pass


def json_number(text):
    exponent = re.search(r"[eE][-+]?(\d+)", text)
    if exponent and len(exponent.group(1).lstrip("0")) > 15:
        raise NotJson
    return Number(text)


def refuse(_):
    raise NotJson


def node(tree, depth=0):
    """`depth`: of the arrays and objects around it."""
    if isinstance(tree, (tuple, list)) and depth == JSON_DEPTH:
        raise NotJson
    if tree is None:
        return value(b"n")
    if isinstance(tree, bool):
        return value(b"b", bytes([tree]))
    if isinstance(tree, Number):
        return number(tree)
    if isinstance(tree, str):
        return json_string(tree)
    if isinstance(tree, tuple):  # an object's members
        members = {}
        for name, member in tree:
            members[json_string(name)] = node(member, depth + 1)
        ordered = sorted(members, key=lambda name: name[len(name) - text_size(name):])
        return b"{" + b"".join(name + members[name] for name in ordered) + b"}"
    return b"[" + b"".join(node(element, depth + 1) for element in tree) + b"]"


def text_size(text_value):
    size = shift = 0
    for byte in text_value[1:]:
        size |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return size
    raise AssertionError


def json_tree(text):
    """The JSON value, or None."""
    chars = "".join(chr(byte) if byte < 0x80 else chr(ESCAPED + byte) for byte in text)
    try:
        tree = json.loads(chars, object_pairs_hook=tuple, parse_int=json_number, parse_float=json_number, parse_constant=refuse)
        return value(b"J", node(tree))
    except (ValueError, NotJson, RecursionError):
        return None


def uuid(text):
    for pattern in (rb"[0-9a-fA-F]{32}", rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"):
        if re.fullmatch(pattern, text):
            return value(b"u", bytes.fromhex(text.replace(b"-", b"").decode()))
    return None


def exact(kind, given):
    if kind == "NULL":
        return value(b"n")
    if kind == "BOOL":
        return value(b"b", bytes([given]))
    if kind in ("INT", "UINT"):
        magnitude = abs(given)
        return value(b"i", bytes([given < 0]) + magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big"))
    if kind == "DECIMAL":
        return exact_decimal(given)
    if kind == "DOUBLE":
        return value(b"f", b"\x7f\xf8" + bytes(6) if math.isnan(given) else struct.pack(">d", given))
    if kind in WORD_TAGS:
        return value(WORD_TAGS[kind], struct.pack(">q", given))
    return value(BYTE_TAGS[kind], given)


def semantic(kind, given, reading):
    found = None
    if kind in ("BOOL", "INT", "UINT"):
        found = number(str(int(given)))
    elif kind == "DOUBLE":
        found = number_of_double(given)
    elif kind == "DECIMAL" and given in CLASSES:
        found = value(b"N", bytes([CLASSES[given]]))
    elif kind == "DECIMAL" and decimal_text(given):
        found = number(given.decode())
    elif kind == "JSON" or (kind == "TEXT" and reading == "json"):
        found = json_tree(given)
    elif kind == "INSTANT":
        found = exact("TIMESTAMP", given)
    elif reading == "uuid" and kind == "BYTES" and len(given) == 16:
        found = exact("UUID", given)
    elif reading == "uuid" and kind in ("TEXT", "BYTES"):
        found = uuid(given)
    return exact(kind, given) if found is None else found


def canonical(level, reading, kind, given):
    return exact(kind, given) if level == "exact" else semantic(kind, given, reading)


def siphash(key, data):
    """SipHash-2-4 with 128 bits of output, as the 16 bytes of the paper's reference code."""
    mask = 2**64 - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotate(x, b):
        return (x << b | x >> (64 - b)) & mask

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & mask
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xee
    rounds(4)
    low = v[0] ^ v[1] ^ v[2] ^ v[3]
    v[1] ^= 0xdd
    rounds(4)
    return struct.pack("<QQ", low, v[0] ^ v[1] ^ v[2] ^ v[3])


# ---- the vectors ----

class Chance:
    """The same numbers with every version of Python."""

    def __init__(self, seed):
        self.seed, self.drawn = seed, 0

    def below(self, limit):
        self.drawn += 1
        return int.from_bytes(hashlib.sha256(f"{self.seed} {self.drawn}".encode()).digest(), "big") % limit

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def bytes(self, size):
        return bytes(self.below(256) for _ in range(size))


INTS = [0, 1, -1, 127, 128, 255, 256, -128, -255, -256, -257, 65535, 65536, 2**31 - 1, 2**31, -2**31, 2**53, 2**53 + 1, 10**18, -10**18,
        GREATEST, LEAST, LEAST + 1, 1000000, -500]
UINTS = [2**63, 2**63 + 1, 2**64 - 1, 10**19]
DECIMALS = [b"0", b"0.00", b"-0.00", b"+0", b"1", b"1.0", b"1.50", b"1.5", b"-12.50", b"-12.5", b"500", b"500.00", b"0.05", b"0.050", b"5",
            b"5.00", b"-5.00", b".5", b"5.", b"-.5", b"000123.4500", b"9" * 65, b"-" + b"9" * 100 + b"." + b"8" * 60, b"0." + b"0" * 200 + b"1",
            b"1" + b"0" * 200, b"NaN", b"Infinity", b"-Infinity", b"nan", b"+Infinity", b"", b".", b"-", b"1e5", b"1.2.3", b" 1", b"1 ",
            b"0x10", b"1_000", b"12,5", b"--1", b"0.1", b"3.0000000000000004"]
DOUBLES = ["0000000000000000", "8000000000000000", "3ff0000000000000", "bff0000000000000", "3ff8000000000000", "3fb999999999999a",
           "3fd3333333333333", "3fd3333333333334", "7ff0000000000000", "fff0000000000000", "7ff8000000000000", "fff8000000000000",
           "7ff0000000000001", "7ff4dead0000beef", "0000000000000001", "8000000000000001", "000fffffffffffff", "0010000000000000",
           "7fefffffffffffff", "ffefffffffffffff", "4340000000000000", "4340000000000001", "433fffffffffffff", "43e0000000000000",
           "43f0000000000000", "3d30000000000000", "44b52d02c7e14af6", "4415af1d78b58c40", "41dfffffffc00000", "40f0000800000000",
           "3f847ae147ae147b", "c05ec00000000000", "40fe240c9fbe76c9", "3fb99999a0000000"]
TEXTS = [b"", b" ", b"a", b"A", b"a ", b"0", b"NULL", b"\0", b"a\0b", b"a|b", "\u00e9".encode(), "e\u0301".encode(), "\U0001f600".encode(),
         b"\xff\xfe", b"x" * 127, b"x" * 128, b"x" * 300, b"null", b"{}", b"[1,2]", b'{"a":1}',
         b"550e8400-e29b-41d4-a716-446655440000", b"550E8400-E29B-41D4-A716-446655440000", b"550e8400e29b41d4a716446655440000",
         b"550e8400-e29b-41d4-a716-44665544000", b"550e8400-e29b-41d4-a716-44665544000g", b"550e8400e-29b-41d4-a716-446655440000",
         b"0123456789abcdef", b"\0" * 16]
WORDS = [0, 1, -1, 19000, -719162, 86399999999, -3020399000000, 3020399999999, 1700000000123456, LEAST, GREATEST, LEAST + 1, GREATEST - 1]
DOCUMENTS = [
    b"null", b"true", b"false", b"0", b"-0", b"-0.0e5", b"1", b"1.0", b"1.50", b"1e2", b"1E+2", b"100", b"1e-2", b"0.01", b"0e99",
    b"12345678901234567890.123456789012345678901234567890", b"0.1", b"1e308", b"1e400", b"1e000000000000000000001", b"1e999999999999999",
    b"1e1000000000000000", b"1e-999999999999999", b'""', b'"a"', b'"\\u0061"', b'"\\n\\t\\r\\b\\f\\/\\\\\\""', b'"\\u0000"', b'"\\u00e9"',
    '"\u00e9"'.encode(), b'"\\ud83d\\ude00"', '"\U0001f600"'.encode(), b'"\\ud83d"', b'"\\ude00"', b'"\\ud83dx"', b'"\\ud83d\\u0061"',
    b'"\\uD83D\\uDE00"', b'"\xff"', b'"\xc3"', b"[]", b"[ ]", b"{}", b"{ }", b"[1, 2, 3]", b"[1,2,3]", b"[[[]]]", b'[{"a":[{"b":null}]}]',
    b'{"b": [1.0], "a": null}', b'{"a":1,"b":2}', b'{"b":2,"a":1}', b'{"a":1,"a":2}', b'{"a":2,"a":1}', b'{"a":{"z":1,"y":2},"a":[3]}',
    b'{"aa":1,"a":2,"b":3,"":4}', b'{"a":1,"\\u0061":2}', b'{"\\u00e9":1,"z":2}', b'{"A":1,"a":1}', b'{"x":{"b":1,"a":{"d":1,"c":2}},"a":0}',
    b" \t\r\n[ 1 ] \n", b"", b" ", b"nul", b"nulls", b"True", b"NaN", b"Infinity", b"-Infinity", b"01", b"-", b"-01", b"1.", b".5", b"+1",
    b"1e", b"1e+", b"0x1", b"[", b"]", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1 2]", b"{", b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b'{"a":1,}',
    b"{a:1}", b"{'a':1}", b'{"a" 1}', b'{1:2}', b'"', b'"a', b'"\\', b'"\\x"', b'"\\u12"', b'"\\u12g4"', b'"\\u 123"', b'"a\nb"', b'"\x00"',
    b'"a" "b"', b"1 2", b"[] []", b"//x\n1", b"\xef\xbb\xbf1", b"[" * 128 + b"]" * 128, b"[" * 129 + b"]" * 129,
    b'{"a":' * 128 + b"1" + b"}" * 128, b'{"a":' * 129 + b"1" + b"}" * 129, b'[{"a":' * 64 + b"1" + b"}]" * 64]


def random_json(chance, depth=0):
    kind = chance.below(6 if depth > 3 else 9)
    if kind < 3:
        return chance.pick(["null", "true", "false"])
    if kind == 3:
        return f"{chance.below(2000) - 1000}{chance.pick(['', '.0', '.50', '.' + str(chance.below(10**6))])}{chance.pick(['', 'e3', 'E-2'])}"
    if kind < 6:
        return chance.pick(['"a"', '"b c"', '"\\u0041"', '"\\u00fc"', '"\u00fc"', '"\\\\"', '""'])
    blank = chance.pick(["", " ", "\n\t"])
    count = chance.below(5)
    if kind == 6:
        return "[" + blank + ("," + blank).join(random_json(chance, depth + 1) for _ in range(count)) + "]"
    names = [chance.pick(['"a"', '"b"', '"c"', '"aa"', '"\\u0061"', '"\u00fc"', '""']) for _ in range(count)]
    return "{" + blank + ("," + blank).join(f"{name}{blank}:{random_json(chance, depth + 1)}" for name in names) + blank + "}"


def random_decimal(chance):
    text = "".join(str(chance.below(10)) for _ in range(1 + chance.below(25)))
    point = chance.below(len(text) + 1)
    return (chance.pick(["", "-"]) + text[:point] + chance.pick(["", "."]) + text[point:] + "0" * chance.below(4)).encode()


def cases():
    """(level, reading, kind, value), edges first."""
    chance = Chance("canonical")
    both = [("NULL", None), ("BOOL", 0), ("BOOL", 1)]
    both += [("INT", number) for number in INTS + [chance.below(2**(8 * chance.below(8) + 7)) - 2**30 for _ in range(15)]]
    both += [("UINT", number) for number in UINTS]
    both += [("DECIMAL", text) for text in DECIMALS + [random_decimal(chance) for _ in range(15)]]
    reals = [struct.unpack(">d", bytes.fromhex(bits))[0] for bits in DOUBLES]
    reals += [struct.unpack(">d", chance.bytes(8))[0] for _ in range(20)] + [chance.below(10**6) / 100 for _ in range(10)]
    both += [("DOUBLE", real) for real in reals]
    for level in ("exact", "semantic"):
        for kind, given in both:
            yield level, "stored", kind, given
    for kind in WORD_TAGS:
        for number in WORDS:
            yield "exact", "stored", kind, number
        for number in WORDS[::4]:
            yield "semantic", "stored", kind, number
    for kind in ("TEXT", "BYTES"):
        for text in TEXTS:
            yield "exact", "stored", kind, text
            yield "semantic", chance.pick(["stored", "json", "uuid"]), kind, text
        for text in TEXTS[-8:]:
            yield "semantic", "uuid", kind, text
    for kind in ("UUID", "OTHER", "ODD_DATE"):
        for level in ("exact", "semantic"):
            yield level, "stored", kind, b"0000-00-00" if kind == "ODD_DATE" else chance.bytes(16)
    for document in DOCUMENTS + [random_json(chance).encode() for _ in range(40)]:
        yield "semantic", "stored", "JSON", document
    for document in DOCUMENTS[::9]:
        yield "exact", "stored", "JSON", document
        yield "semantic", "json", "TEXT", document


def vectors():
    """The lines of the file. A double is given by its bits, a number as text, bytes as hexadecimal."""
    for level, reading, kind, given in cases():
        case = {"level": level, "reading": reading, "kind": kind}
        if kind == "DOUBLE":
            case["real"] = struct.pack(">d", given).hex()
        elif isinstance(given, int):
            case["number"] = str(given)
        elif given is not None:
            case["bytes"] = given.hex()
        written = canonical(level, reading, kind, given)
        case["canonical"] = written.hex()
        case["hash"] = siphash(bytes(range(16)), written).hex()
        yield json.dumps(case)


if __name__ == "__main__":
    sys.stdout.write("".join(line + "\n" for line in vectors()))
