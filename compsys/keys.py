"""What every key was answered with, held in a few dozen bytes each: there is one per mark, for ever.

A key is 128 bits and what it was answered with some more: both are kept as whole numbers, which cost a third
of the texts they stand for, and are texts again when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, MutableMapping

import msgspec

_KEY = re.compile(r"[0-9a-f]{32}\Z")
_DIGEST = re.compile(r"[0-9a-f]{16}\Z")
_ANSWERS = ("accepted", "conflict", "late", "refused")


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What a key was answered with: digest of the content, stream and line, answer, revision."""

    h: str
    stream: str
    n: int
    a: str
    rev: int


class Keys(MutableMapping[str, Kept]):
    """key -> what it was answered with; equal to another that holds the same, in whatever order.

    >>> keys, kept = Keys(), Kept("00ff00ff00ff00ff", "a.b.c", 7, "late", 0)
    >>> keys["0" * 32] = kept
    >>> keys["0" * 32] == kept, "1" * 32 in keys, list(keys) == ["0" * 32]
    (True, False, True)
    """

    __slots__ = ("_held", "_last", "_names", "_others", "_places", "_twins")

    def __init__(self) -> None:
        self._held: dict[int, int] = {}
        """key -> revision, line (32 bits), stream (16), answer (2), digest (64), the last in the low bits"""
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._others: dict[str, Kept] = {}
        """what does not fit: no key or digest of ours"""
        self._last: tuple[str, Kept] | None = None
        """the newest: whoever put it asks for it at once, to answer"""
        self._twins: dict[str, frozenset[Kept]] = {}
        """a key that was used in several streams, each at a time when the other was not folded yet"""

    def __setitem__(self, key: str, kept: Kept) -> None:
        before = self._held.get(int(key, 16)) if _KEY.match(key) else None
        if before is not None and self._names[before >> 66 & 0xFFFF] != kept.stream:
            kept = self._twin(key, kept, self._kept(before))
        self._last = (key, kept)
        place = self._places.get(kept.stream)
        if place is None:
            place = self._places[kept.stream] = len(self._names)
            self._names.append(kept.stream)
        fits = kept.a in _ANSWERS and 0 <= kept.n < 1 << 32 and kept.rev >= 0 and place < 1 << 16
        if not (fits and _KEY.match(key) and _DIGEST.match(kept.h)):
            self._others[key] = kept
            return
        found = (((kept.rev << 32 | kept.n) << 16 | place) << 2 | _ANSWERS.index(kept.a)) << 64
        self._held[int(key, 16)] = found | int(kept.h, 16)

    def _twin(self, key: str, kept: Kept, before: Kept) -> Kept:
        """Hold both; the one that stands for them, whichever came first."""
        twins = self._twins[key] = self._twins.get(key, frozenset((before,))) | {kept}
        return min(twins, key=lambda each: (each.stream, each.n))

    def __getitem__(self, key: str) -> Kept:
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        if key in self._others:
            return self._others[key]
        if not _KEY.match(key):
            raise KeyError(key)
        return self._kept(self._held[int(key, 16)])

    def find(self, key: str, h: str = "") -> Kept | None:
        """What a key was answered with, None when it is new (``get``, without an exception each time).

        ``h``: the content it comes with now: decides where it was used in several streams.
        """
        if self._twins and key in self._twins:
            return next((kept for kept in self._twins[key] if kept.h == h), self[key])
        if self._others and key in self._others:
            return self._others[key]
        found = self._held.get(int(key, 16)) if _KEY.match(key) else None
        return None if found is None else self._kept(found)

    def _kept(self, found: int) -> Kept:
        h, found = found & 0xFFFFFFFFFFFFFFFF, found >> 64
        a, found = found & 3, found >> 2
        place, found = found & 0xFFFF, found >> 16
        return Kept(f"{h:016x}", self._names[place], found & 0xFFFFFFFF, _ANSWERS[a], found >> 32)

    def keep(self, streams: Container[str]) -> None:
        """Forget the keys that were used in other streams than these."""
        twins, self._twins, self._last = self._twins, {}, None
        gone = {place for place, name in enumerate(self._names) if name not in streams}
        self._held = {key: found for key, found in self._held.items() if found >> 66 & 0xFFFF not in gone}
        self._others = {key: kept for key, kept in self._others.items() if kept.stream in streams}
        for key, each in twins.items():
            for kept in each:
                if kept.stream in streams:
                    self[key] = kept

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        return (_KEY.match(key) is not None and int(key, 16) in self._held) or key in self._others

    def __delitem__(self, key: str) -> None:
        self._twins.pop(key, None)
        self._last = None
        if key in self._others:
            del self._others[key]
        elif _KEY.match(key):
            del self._held[int(key, 16)]
        else:
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        yield from (f"{key:032x}" for key in self._held)
        yield from self._others

    def __len__(self) -> int:
        return len(self._held) + len(self._others)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Keys):
            return NotImplemented
        if self._twins != other._twins:
            return False
        if self._names == other._names:
            return self._held == other._held and self._others == other._others
        return len(self) == len(other) and all(key in other and other[key] == self[key] for key in self)

    __hash__ = None  # type: ignore[assignment]  # it changes
