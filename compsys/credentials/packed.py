"""A register of a million credentials in memory: the same mappings as dicts of objects, at an eighth of it.

An object with its texts and its place in three dicts takes 2.8 KB; here a credential is some 330 bytes in a
few large blocks, found by open addressing. What is taken out is a copy: who changes it puts it back.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, MutableMapping, MutableSet, Sequence
from typing import Any, overload

import msgspec

from compsys.facts_credentials import Row

EMPTY = 0xFFFFFFFF
BLOCK = 4096
"""Records to a block: a bytearray that stays small enough to grow where it is."""
ROWS = 32
"""Rows that are packed together: one of them costs unpacking so many."""
KEPT = 64
"""Packs of rows that stay unpacked, over all batches."""


class Index:
    """From the hash of a key to numbers of records, by open addressing; the keys stand in the records."""

    __slots__ = ("_count", "_hashes", "_mask", "_slots")

    def __init__(self) -> None:
        self._slots, self._hashes = array("I", [EMPTY]) * 64, array("I", [0]) * 64
        self._mask, self._count = 63, 0

    def candidates(self, hashed: int) -> list[int]:
        """The records that have this hash (of which 32 bits count): all that have the key, and few others."""
        slots, hashes, mask = self._slots, self._hashes, self._mask
        hashed &= EMPTY
        at, many = hashed & mask, list[int]()
        while (found := slots[at]) != EMPTY:
            if hashes[at] == hashed:
                many.append(found)
            at = (at + 1) & mask
        return many

    def add(self, hashed: int, record: int) -> None:
        """Add a record whose key is in none yet."""
        if self._count * 5 >= self._mask * 3:
            slots, hashes, size = self._slots, self._hashes, 2 * self._mask + 2
            self._slots, self._hashes = array("I", [EMPTY]) * size, array("I", [0]) * size
            self._mask = size - 1
            for old, there in zip(hashes, slots, strict=True):
                if there != EMPTY:
                    self._put(old, there)
        self._put(hashed & EMPTY, record)
        self._count += 1

    def replace(self, hashed: int, old: int, new: int) -> None:
        """Let the key of this hash that leads to one record lead to another."""
        slots, mask = self._slots, self._mask
        at = hashed & mask
        while slots[at] != old:
            at = (at + 1) & mask
        slots[at] = new

    def _put(self, hashed: int, record: int) -> None:
        slots, mask = self._slots, self._mask
        at = hashed & mask
        while slots[at] != EMPTY:
            at = (at + 1) & mask
        slots[at], self._hashes[at] = record, hashed


class Heap:
    """Byte strings by number, never taken out; a fixed part of one can be written over."""

    __slots__ = ("_blocks", "_starts")

    def __init__(self) -> None:
        self._blocks: list[bytearray] = []
        self._starts = array("I")

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, data: bytes) -> int:
        """Its number."""
        number = len(self._starts)
        if not number % BLOCK:
            self._blocks.append(bytearray())
        block = self._blocks[-1]
        self._starts.append(len(block))
        block += data
        return number

    def block(self, number: int) -> tuple[bytearray, int]:
        """Where one is: its block, and from where on."""
        return self._blocks[number // BLOCK], self._starts[number]

    def get(self, number: int) -> bytes:
        """One of them."""
        block, start = self.block(number)
        last = number + 1 == len(self._starts) or (number + 1) % BLOCK == 0
        return bytes(block[start : None if last else self._starts[number + 1]])


def _bytes(text: str) -> bytes:
    """A text as a key, whatever somebody typed."""
    return text.encode("utf-8", "surrogatepass")


_LENGTH = struct.Struct("<H")
_LONGEST = 0xFFFF


class Numbers(MutableMapping[str, str]):
    """Certificate numbers -> ids (32 hex digits).

    >>> numbers = Numbers()
    >>> numbers["S1"] = "0" * 32
    >>> numbers["S1"], "S2" in numbers, len(numbers)
    ('00000000000000000000000000000000', False, 1)
    """

    __slots__ = ("_heap", "_index")

    def __init__(self) -> None:
        self._heap, self._index = Heap(), Index()

    def _find(self, key: bytes) -> int:
        if len(key) > _LONGEST:
            return EMPTY
        for record in self._index.candidates(hash(key)):
            block, start = self._heap.block(record)
            if block.startswith(_LENGTH.pack(len(key)) + key, start + 16):
                return record
        return EMPTY

    def __getitem__(self, key: str) -> str:
        found: str | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict, without an exception for a number that is not there."""
        record = self._find(_bytes(key))
        if record == EMPTY:
            return default
        block, start = self._heap.block(record)
        return block[start : start + 16].hex()

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(_bytes(key)) != EMPTY

    def __setitem__(self, key: str, value: str) -> None:
        text, ident = _bytes(key), bytes.fromhex(value)
        record = self._find(text)
        if record != EMPTY:
            block, start = self._heap.block(record)
            block[start : start + 16] = ident
        else:
            self._index.add(hash(text), self._heap.add(ident + _LENGTH.pack(len(text)) + text))

    def __delitem__(self, key: str) -> None:
        raise TypeError("a number is never free again")

    def __iter__(self) -> Iterator[str]:
        for record in range(len(self._heap)):
            yield self._heap.get(record)[18:].decode("utf-8", "surrogatepass")

    def __len__(self) -> int:
        return len(self._heap)


class Issued(MutableMapping[int, str]):
    """Rows of a batch -> ids (32 hex digits), 16 bytes a row.

    >>> issued = Issued()
    >>> issued[2] = "ab" * 16
    >>> 1 in issued, list(issued.items())[0][0], issued.pop(2, None) is None, len(issued)
    (False, 2, False, 0)
    """

    __slots__ = ("_ids", "_there")

    def __init__(self) -> None:
        self._ids, self._there = bytearray(), Done()

    def __getitem__(self, row: int) -> str:
        if row not in self._there:
            raise KeyError(row)
        return self._ids[16 * row : 16 * row + 16].hex()

    def __setitem__(self, row: int, value: str) -> None:
        if len(self._ids) < 16 * (row + 1):
            self._ids += bytes(16 * (row + 1) - len(self._ids))
        self._ids[16 * row : 16 * row + 16] = bytes.fromhex(value)
        self._there.add(row)

    def __delitem__(self, row: int) -> None:
        if row not in self._there:
            raise KeyError(row)
        self._there.discard(row)

    def __iter__(self) -> Iterator[int]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)


class Done(MutableSet[int]):
    """Numbers of rows, a bit each.

    >>> done = Done()
    >>> done |= {3, 8}
    >>> 3 in done, 4 in done, 99 in done, sorted(done), done == {3, 8}
    (True, False, False, [3, 8], True)
    """

    __slots__ = ("_bits",)

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, int) or row >> 3 >= len(self._bits):
            return False
        return bool(self._bits[row >> 3] & 1 << (row & 7))

    def add(self, value: int) -> None:
        """One more."""
        if len(self._bits) <= value >> 3:
            self._bits += bytes((value >> 3) + 1 - len(self._bits))
        self._bits[value >> 3] |= 1 << (value & 7)

    def discard(self, value: int) -> None:
        """One less."""
        if value in self:
            self._bits[value >> 3] &= ~(1 << (value & 7))

    def __iter__(self) -> Iterator[int]:
        for at, byte in enumerate(self._bits):
            yield from (8 * at + bit for bit in range(8) if byte & 1 << bit)

    def __len__(self) -> int:
        return sum(byte.bit_count() for byte in self._bits)


class Unpacked:
    """The packs of rows that were asked for last, of all batches."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, int], list[Row]] = OrderedDict()

    def get(self, rows: Rows, at: int) -> list[Row]:
        """A pack."""
        key = (id(rows), at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = rows.pack(at)
            if len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found

    def forget(self, rows: Rows, at: int) -> None:
        """A pack is another one now."""
        self._found.pop((id(rows), at), None)


_DECODER = msgspec.msgpack.Decoder(list[Row])
_ENCODER = msgspec.msgpack.Encoder()


class Rows(Sequence[Row]):
    """What a batch proposes, packed; only ever longer."""

    __slots__ = ("_count", "_packs", "_unpacked")

    def __init__(self, unpacked: Unpacked | None = None, rows: Iterable[Row] = ()) -> None:
        self._packs: list[bytes] = []
        self._count = 0
        self._unpacked = unpacked or Unpacked()
        self.extend(rows)

    def pack(self, at: int) -> list[Row]:
        """The rows of a pack, unpacked anew."""
        return _DECODER.decode(zlib.decompress(self._packs[at]))

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows at the end."""
        coming = list(rows)
        if coming and self._count % ROWS:
            coming = self.pack(len(self._packs) - 1) + coming
            self._packs.pop()
            self._count -= self._count % ROWS
            self._unpacked.forget(self, len(self._packs))
        for start in range(0, len(coming), ROWS):
            self._packs.append(zlib.compress(_ENCODER.encode(coming[start : start + ROWS]), 1))
        self._count += len(coming)

    def __iadd__(self, rows: Iterable[Row]) -> Rows:
        self.extend(rows)
        return self

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(self._count))]
        if at < 0:
            at += self._count
        if not 0 <= at < self._count:
            raise IndexError(at)
        return self._unpacked.get(self, at // ROWS)[at % ROWS]

    def __iter__(self) -> Iterator[Row]:
        for at in range(len(self._packs)):
            yield from self._unpacked.get(self, at)

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_same, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of a list


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


_FIXED = struct.Struct("<16s16sIIIHIBHHHHH32s")
"""id, subject, slice, row, index, achievement, moved, status; the lengths of number, person, rdfc, jcs and
awarded; SHA-256. The texts follow."""
_MOVED, _TAIL = struct.calcsize("<16s16sIIIH"), struct.calcsize("<16s16sIIIHIB")
_LENGTHS = struct.Struct("<HH")
"""Where what may change in place begins and ends."""


class Parts(msgspec.Struct, frozen=True):
    """One credential as it is packed; ``slice`` and ``status`` as numbers of what its owner knows."""

    id: str
    subject: str
    slice: int
    row: int
    index: int
    achievement: int
    moved: int
    status: int
    sha: str
    number: str
    person: str
    rdfc: str
    jcs: str
    awarded: str


class Records:
    """Credentials by id, in the order in which they first came; and the ids of each person."""

    __slots__ = ("_before", "_heap", "_ids", "_newest", "_persons")

    def __init__(self) -> None:
        self._heap = Heap()
        self._newest: array[int] = array("I")
        """place in the order -> its newest record"""
        self._before: array[int] = array("I")
        """place -> the place before it of the same person, EMPTY for the first"""
        self._ids, self._persons = Index(), Index()
        """leads to the newest place of a person"""

    def __len__(self) -> int:
        return len(self._newest)

    def _id(self, place: int) -> bytes:
        block, start = self._heap.block(self._newest[place])
        return bytes(block[start : start + 16])

    def key(self, place: int) -> str:
        """The id at a place."""
        return self._id(place).hex()

    def find(self, key: str) -> int:
        """The place of an id, EMPTY when it has none."""
        try:
            ident = bytes.fromhex(key)
        except ValueError:
            return EMPTY
        if len(ident) == 16:
            for place in self._ids.candidates(hash(ident)):
                block, start = self._heap.block(self._newest[place])
                if block.startswith(ident, start):
                    return place
        return EMPTY

    def take(self, place: int) -> Parts:
        """What stands at a place."""
        data = self._heap.get(self._newest[place])
        ident, subject, *fixed, sha = _FIXED.unpack_from(data)
        piece, row, index, achievement, moved, status = fixed[:6]
        texts, at = list[str](), _FIXED.size
        for length in fixed[6:]:
            texts.append(data[at : at + length].decode())
            at += length
        number, person, rdfc, jcs, awarded = texts
        return Parts(
            ident.hex(), subject.hex(), piece, row, index, achievement, moved, status,
            sha.hex() if any(sha) else "", number, person, rdfc, jcs, awarded,
        )  # fmt: skip

    def put(self, parts: Parts) -> None:
        """Put one in, or in the place of the one with its id."""
        data, place = _packed(parts), self.find(parts.id)
        if place == EMPTY:
            self._add(data, parts.person)
            return
        block, start = self._heap.block(self._newest[place])
        same = block[start : start + len(data)]
        same[_MOVED:_TAIL] = data[_MOVED:_TAIL]
        if same == data:  # nothing but its state is another one
            block[start + _MOVED : start + _TAIL] = data[_MOVED:_TAIL]
        else:
            self._newest[place] = self._heap.add(data)

    def _add(self, data: bytes, person: str) -> None:
        place = len(self._newest)
        self._newest.append(self._heap.add(data))
        self._ids.add(hash(data[:16]), place)
        key = person.encode()
        before = self._last_of(key)
        self._before.append(before)
        if before == EMPTY:
            self._persons.add(hash(key), place)
        else:
            self._persons.replace(hash(key), before, place)

    def _last_of(self, person: bytes) -> int:
        for place in self._persons.candidates(hash(person)):
            block, start = self._heap.block(self._newest[place])
            numbers, persons = _LENGTHS.unpack_from(block, start + _TAIL)
            if persons == len(person) and block.startswith(person, start + _FIXED.size + numbers):
                return place
        return EMPTY

    def of(self, person: str) -> list[int]:
        """The places of a person's, the oldest first."""
        found, place = [], self._last_of(person.encode())
        while place != EMPTY:
            found.append(place)
            place = self._before[place]
        return found[::-1]


def _packed(parts: Parts) -> bytes:
    texts = [text.encode() for text in (parts.number, parts.person, parts.rdfc, parts.jcs, parts.awarded)]
    fixed = _FIXED.pack(
        bytes.fromhex(parts.id), bytes.fromhex(parts.subject), parts.slice, parts.row, parts.index,
        parts.achievement, parts.moved, parts.status, *map(len, texts), bytes.fromhex(parts.sha),
    )  # fmt: skip
    return b"".join((fixed, *texts))
