"""Draws large QR symbols fast: what is constant of a version is kept, only the data is worked out anew.

A batch of certificates needs a symbol of four to eight hundred bytes for each, and a general encoder takes
longer for that than typesetting the page. So the frame of a version (finders, timing, format) is taken once
from segno with a fixed mask; after that a symbol is its Reed-Solomon words and one permutation of bits. The
tests hold every version and level used here against segno itself, and read them with another's decoder.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from operator import itemgetter
from typing import Final

import segno

MASK: Final = 0
"""The data mask of all symbols. Any mask is legal; base64 text is random enough that none is bad for it."""

QUIET: Final = 4
"""Light modules around a symbol."""

FIRST, LAST = 11, 20
"""The versions used: with modules of 1/50 inch 35 mm and 53 mm wide, quiet zone included."""

WANTED_LAST: Final = 18
"""Up to this version the level is at least M; only what does not fit may be L, in a larger symbol."""

# ISO/IEC 18004, table 9: for each version and level the check words of a block, then (blocks, data words)
# of one or two groups.
BLOCKS: Final[dict[tuple[int, str], tuple[int, tuple[tuple[int, int], ...]]]] = {
    (11, "L"): (20, ((4, 81),)),
    (11, "M"): (30, ((1, 50), (4, 51))),
    (11, "Q"): (28, ((4, 22), (4, 23))),
    (12, "L"): (24, ((2, 92), (2, 93))),
    (12, "M"): (22, ((6, 36), (2, 37))),
    (12, "Q"): (26, ((4, 20), (6, 21))),
    (13, "L"): (26, ((4, 107),)),
    (13, "M"): (22, ((8, 37), (1, 38))),
    (13, "Q"): (24, ((8, 20), (4, 21))),
    (14, "L"): (30, ((3, 115), (1, 116))),
    (14, "M"): (24, ((4, 40), (5, 41))),
    (14, "Q"): (20, ((11, 16), (5, 17))),
    (15, "L"): (22, ((5, 87), (1, 88))),
    (15, "M"): (24, ((5, 41), (5, 42))),
    (15, "Q"): (30, ((5, 24), (7, 25))),
    (16, "L"): (24, ((5, 98), (1, 99))),
    (16, "M"): (28, ((7, 45), (3, 46))),
    (16, "Q"): (24, ((15, 19), (2, 20))),
    (17, "L"): (28, ((1, 107), (5, 108))),
    (17, "M"): (28, ((10, 46), (1, 47))),
    (17, "Q"): (28, ((1, 22), (15, 23))),
    (18, "L"): (30, ((5, 120), (1, 121))),
    (18, "M"): (26, ((9, 43), (4, 44))),
    (18, "Q"): (28, ((17, 22), (1, 23))),
    (19, "L"): (28, ((3, 113), (4, 114))),
    (19, "M"): (26, ((3, 44), (11, 45))),
    (19, "Q"): (26, ((17, 21), (4, 22))),
    (20, "L"): (28, ((3, 107), (5, 108))),
    (20, "M"): (26, ((3, 41), (13, 42))),
    (20, "Q"): (30, ((15, 24), (5, 25))),
}

# Table E.1: the centres of the alignment patterns.
ALIGNED: Final = {
    11: (6, 30, 54),
    12: (6, 32, 58),
    13: (6, 34, 62),
    14: (6, 26, 46, 66),
    15: (6, 26, 48, 70),
    16: (6, 26, 50, 74),
    17: (6, 30, 54, 78),
    18: (6, 30, 56, 82),
    19: (6, 30, 58, 86),
    20: (6, 34, 62, 90),
}


class TooLong(ValueError):
    """More text than the largest symbol holds. ``room``: bytes it holds."""

    def __init__(self, length: int, room: int) -> None:
        super().__init__(f"{length} bytes, {room} at most")
        self.length, self.room = length, room


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol: version, level, and its rows from top to bottom, one character "0" or "1" (dark) a module."""

    version: int
    level: str
    rows: tuple[str, ...]

    @property
    def modules(self) -> int:
        """Modules along one side, quiet zone included."""
        return len(self.rows) + 2 * QUIET

    def path(self) -> str:
        """The dark modules as one SVG path, one unit a module, the quiet zone not counted.

        A run reaches a little into the row below: without that a renderer leaves light seams between rows.
        """
        found = []
        for y, row in enumerate(self.rows):
            for run in re.finditer("1+", row):
                wide = run.end() - run.start()
                found.append(f"M{run.start()} {y}h{wide}v1.02h-{wide}z")
        return "".join(found)

    def svg(self) -> str:
        """The symbol with its quiet zone as an SVG of its own."""
        side = self.modules
        box = f'viewBox="-{QUIET} -{QUIET} {side} {side}" width="{side}" height="{side}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path d="{self.path()}"/></svg>'


def capacity(version: int, level: str) -> int:
    """Bytes of text that a symbol holds.

    >>> capacity(15, "M"), capacity(20, "L")
    (412, 858)
    """
    return sum(blocks * words for blocks, words in BLOCKS[version, level][1]) - 3


def symbol(text: str) -> Symbol:
    """The smallest symbol of at least level M, of L where it must be, for an ASCII text; raises TooLong.

    >>> one = symbol("https://c.example/v#1." + "x" * 390)
    >>> one.version, one.level, one.modules
    (15, 'M', 85)
    """
    return draw(text, *_size(len(text)))


def draw(text: str, version: int, level: str) -> Symbol:
    """A symbol of a given version and level for an ASCII text that fits into it (see ``capacity``)."""
    data = text.encode("ascii")
    order, mask = _plan(version, level)
    words = _words(data, version, level)
    stream = int.from_bytes(words, "big") ^ mask
    # bits of the stream, then what the frame points to: light and dark
    bits = format(stream, f"0{len(words) * 8}b") + "01"
    side = version * 4 + 17
    whole = "".join(order(bits))
    return Symbol(version, level, tuple(whole[i : i + side] for i in range(0, side * side, side)))


def _size(length: int) -> tuple[int, str]:
    for version in range(FIRST, WANTED_LAST + 1):
        for level in "QM":
            if length <= capacity(version, level):
                return version, level
    for version in range(FIRST, LAST + 1):
        if length <= capacity(version, "L"):
            return version, "L"
    raise TooLong(length, capacity(LAST, "L"))


def _words(data: bytes, version: int, level: str) -> bytes:
    """The interleaved data and check words of a symbol (ISO/IEC 18004, 7.4 to 7.6)."""
    checks, groups = BLOCKS[version, level]
    total = sum(blocks * words for blocks, words in groups)
    # mode "bytes" in 4 bits, the count in 16, the data, 4 bits of terminator: whole bytes again
    head = (0x4 << 16 | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    padded = bytearray((head << 4).to_bytes(len(data) + 3, "big"))
    padded += (b"\xec\x11" * total)[: total - len(padded)]
    blocks, at = [], 0
    for count, size in groups:
        for _ in range(count):
            blocks.append(bytes(padded[at : at + size]))
            at += size
    table, top, keep = _generator(checks), 8 * (checks - 1), (1 << 8 * (checks - 1)) - 1
    found = []
    for block in blocks:
        rest = 0
        for byte in block:
            rest = (rest & keep) << 8 ^ table[byte ^ rest >> top]
        found.append(rest.to_bytes(checks, "big"))
    woven = bytes(w for column in zip_longest(*blocks) for w in column if w is not None)
    return woven + bytes(w for column in zip(*found, strict=True) for w in column)


@cache
def _powers() -> tuple[list[int], list[int]]:
    """Powers of two in the field of 256 elements (x^8 + x^4 + x^3 + x^2 + 1), and their logarithms."""
    power, log, value = [0] * 512, [0] * 256, 1
    for i in range(255):
        power[i] = power[i + 255] = value
        log[value] = i
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return power, log


@cache
def _generator(checks: int) -> tuple[int, ...]:
    """For each byte: the generator polynomial of so many check words times it, as one number."""
    power, log = _powers()

    def times(a: int, b: int) -> int:
        return power[log[a] + log[b]] if a and b else 0

    poly = [1]
    for i in range(checks):
        grown = [*poly, 0]
        for k, word in enumerate(poly):
            grown[k + 1] ^= times(word, power[i])
        poly = grown
    return tuple(int.from_bytes(bytes(times(word, byte) for word in poly[1:]), "big") for byte in range(256))


@cache
def _plan(version: int, level: str) -> tuple[Callable[[str], tuple[str, ...]], int]:
    """For every module where its bit stands in the stream (light and dark of the frame stand behind it), and
    the mask laid over the stream."""
    drawn = segno.make(
        "x", version=version, error=level, mask=MASK, micro=False, boost_error=False, mode="byte"
    )
    side = version * 4 + 17
    checks, groups = BLOCKS[version, level]
    length = 8 * sum(blocks * (words + checks) for blocks, words in groups)
    frame = _frame(version)
    where = [[length + (drawn.matrix[y][x] & 1) for x in range(side)] for y in range(side)]
    mask = at = 0
    for right in range(side - 1, 0, -2):
        pair = right if right > 6 else right - 1  # the column of the timing pattern is passed over
        upwards = pair & 2 == 0
        for step in range(side):
            y = side - 1 - step if upwards ^ (pair < 6) else step
            for x in (pair, pair - 1):
                if frame(y, x):
                    continue
                dark = (y + x) % 2 == 0  # what mask 0 turns round
                if at < length:
                    where[y][x], mask = at, mask << 1 | dark
                else:
                    where[y][x] = length + dark  # remainder bits are zeros
                at += 1
    order: Callable[[str], tuple[str, ...]] = itemgetter(*(place for row in where for place in row))
    return order, mask


def _frame(version: int) -> Callable[[int, int], bool]:
    """Whether a module (row, column) belongs to the frame: finders, format, version, timing, alignment."""
    side, centres = version * 4 + 17, ALIGNED[version]
    corners = {(6, 6), (6, centres[-1]), (centres[-1], 6)}  # the finders stand there
    aligned = {
        (y + dy, x + dx)
        for y in centres
        for x in centres
        if (y, x) not in corners
        for dy in range(-2, 3)
        for dx in range(-2, 3)
    }

    def inside(y: int, x: int) -> bool:
        finders = (y < 9 and (x < 9 or x >= side - 8)) or (y >= side - 8 and x < 9)
        versions = (y < 6 and x >= side - 11) or (x < 6 and y >= side - 11)
        return finders or versions or 6 in (y, x) or (y, x) in aligned

    return inside
