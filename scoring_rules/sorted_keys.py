"""A sorted list in blocks: insert, remove and rank in logarithmic steps at hundreds of thousands of keys."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

Key = tuple[Any, ...]
"""Whole numbers, exact remainders and at the end a text; tuples of one list compare element by element."""

_FULL = 1024


class SortedKeys:
    """Distinct tuples in ascending order, in blocks small enough that inserting moves little memory."""

    __slots__ = ("_blocks", "_lasts", "_sizes")

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        ordered = sorted(keys)
        half = _FULL // 2
        self._blocks = [ordered[i : i + half] for i in range(0, len(ordered), half)]
        self._lasts = [block[-1] for block in self._blocks]
        self._sizes = [len(block) for block in self._blocks]

    def __len__(self) -> int:
        return sum(self._sizes)

    def insert(self, key: Key) -> None:
        """Put one more key in; the caller sees to it that it is not there yet."""
        if not self._blocks:
            self._blocks, self._lasts, self._sizes = [[key]], [key], [1]
            return
        at = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[at]
        insort(block, key)
        if len(block) > _FULL:
            half = len(block) // 2
            self._blocks.insert(at + 1, block[half:])
            del block[half:]
            self._lasts.insert(at + 1, self._blocks[at + 1][-1])
            self._sizes.insert(at + 1, len(self._blocks[at + 1]))
        self._lasts[at] = block[-1]
        self._sizes[at] = len(block)

    def remove(self, key: Key) -> None:
        """Take a key out; KeyError when it is not there."""
        at = bisect_left(self._lasts, key)
        block = self._blocks[at] if at < len(self._blocks) else []
        i = bisect_left(block, key)
        if i == len(block) or block[i] != key:
            raise KeyError(key)
        del block[i]
        if block:
            self._lasts[at] = block[-1]
            self._sizes[at] -= 1
        else:
            del self._blocks[at], self._lasts[at], self._sizes[at]

    def below(self, key: Key) -> int:
        """How many keys are smaller; a prefix of a key is smaller than the key."""
        at = bisect_left(self._lasts, key)
        if at == len(self._blocks):
            return len(self)
        return sum(self._sizes[:at]) + bisect_left(self._blocks[at], key)

    def find(self, key: Key) -> tuple[int, Key | None, Key | None]:
        """How many keys are smaller, and the two keys that come next, None past the end."""
        at = bisect_left(self._lasts, key)
        if at == len(self._blocks):
            return len(self), None, None
        block = self._blocks[at]
        i = bisect_left(block, key)
        second = None
        if i + 1 < len(block):
            second = block[i + 1]
        elif at + 1 < len(self._blocks):
            second = self._blocks[at + 1][0]
        return sum(self._sizes[:at]) + i, block[i], second

    def slice(self, start: int, stop: int) -> Iterator[Key]:
        """The keys at positions start..stop-1, as many as there are; start from 0."""
        ends = list(accumulate(self._sizes))
        at = bisect_right(ends, start)
        offset, left = start - (ends[at - 1] if at else 0), stop - start
        while left > 0 and at < len(self._blocks):
            part = self._blocks[at][offset : offset + left]
            yield from part
            left -= len(part)
            at, offset = at + 1, 0
