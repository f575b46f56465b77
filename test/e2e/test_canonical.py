"""The vectors of the canonical encoding are what the independent implementation gives, and that one is what its page says."""
import os
import re

import canonical

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VECTORS = os.path.join(ROOT, "test/unit/reconcile/canonical_vectors.jsonl")
PAGE = os.path.join(ROOT, "docs/canonical.md")


def page_bytes(notation):
    """`t` 01 `a` of the page as bytes."""
    out = b""
    for quoted, hexadecimal in re.findall(r"`([^`]+)`|([0-9a-f]{2})", notation):
        out += quoted.encode() or bytes.fromhex(hexadecimal)
    return out


def test_the_vectors_are_up_to_date():
    with open(VECTORS, encoding="ascii") as file:
        assert file.read().splitlines() == list(canonical.vectors())


def test_the_examples_of_the_page_hold():
    with open(PAGE, encoding="utf-8") as file:
        exact, semantic = file.read().split("## semantic")
    examples = [("exact", *row) for row in re.findall(r"^\| ([A-Z][^|]*) \| (`[a-zA-Z]` [^|]*) \|$", exact, re.MULTILINE)]
    examples += [("semantic", *row) for row in re.findall(r"^\| ([A-Z][^|]*) \| (`[NJ]` [^|]*) \|$", semantic, re.MULTILINE)]
    checked = 0
    for level, values, notation in examples:
        for kind, given in re.findall(r"(NULL|INT|BOOL|DECIMAL|DOUBLE|TEXT|JSON)(?: (\"[^\"]*\"|`[^`]*`|-?[0-9.]+))?", values):
            text = given.strip('"`').encode()
            parsed = {"INT": int, "BOOL": int, "DOUBLE": float, "NULL": lambda _: None}.get(kind, lambda text: text)(text)
            assert canonical.canonical(level, "stored", kind, parsed) == page_bytes(notation), (level, kind, given)
            checked += 1
    assert checked == 14


def test_the_hash_is_siphash():
    """The first published vector of SipHash-2-4-128."""
    assert canonical.siphash(bytes(range(16)), b"").hex() == "a3817f04ba25a8e66df67214c7550293"
