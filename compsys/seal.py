"""The seal: the hash that chains each line of a stream to the one before it, and the walk that checks it.

``seal(n) = SHA-256(seal(n-1) + SHA-256(open) + SHA-256(closed))``; what stands before line 1 is ``first``,
made of the competition's id and the stream's name, so that no line can move to another stream or
competition. Only the digest of the closed part enters the seal: a closed part can be erased and the chain
still verifies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple


class Line(NamedTuple):
    """One line as it stands in the journal; ``closed`` is None once it was withheld, its digest stays."""

    stream: str
    n: int
    open: bytes
    closed: bytes | None
    closed_digest: bytes
    seal: bytes


class BrokenChain(Exception):
    """A stored line does not follow the line before it. ``code``: gap, closed_digest, seal."""

    def __init__(self, code: str, stream: str, n: int) -> None:
        super().__init__(f"{code}: stream {stream!r}, line {n}")
        self.code, self.stream, self.n = code, stream, n


def first(competition: str | bytes, stream: str) -> bytes:
    """What stands as the seal before line 1 of a stream (32 bytes).

    >>> first("c1", "web").hex()[:16]
    '04f086bd47bf076d'
    """
    name = competition.encode() if isinstance(competition, str) else competition
    return sha256(b"compsys/1 " + name + b"/" + stream.encode()).digest()


def digest(closed: bytes) -> bytes:
    """The digest of a closed part (32 bytes): all that remains of it when it is withheld."""
    return sha256(closed).digest()


def seal(prev: bytes, open: bytes, closed_digest: bytes) -> bytes:
    """The seal of a line (32 bytes) after the seal ``prev`` of the line before it.

    >>> seal(first("c1", "web"), b"{}", digest(b"")).hex()[:16]
    'c037d25dd0c1079e'
    """
    return sha256(prev + sha256(open).digest() + closed_digest).digest()


def follow(competition: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Hand on the lines, each checked to follow the one before it in its stream.

    ``lines``: any number of streams mixed, each from its line 1. Raises BrokenChain at the first that does
    not follow.
    """
    heads: dict[str, tuple[int, bytes]] = {}
    for line in lines:
        last, prev = heads.get(line.stream) or (0, first(competition, str(line.stream)))
        check(last, prev, line)
        heads[line.stream] = (line.n, line.seal)
        yield line


def check(last: int, prev: bytes, line: Line) -> None:
    """Raise BrokenChain unless a line follows line number ``last`` of its stream, whose seal is ``prev``."""
    stream, n, open_part, closed, closed_digest, sealed = line
    if n != last + 1:
        raise BrokenChain("gap", stream, n)
    try:
        if closed is not None and sha256(closed).digest() != closed_digest:
            raise BrokenChain("closed_digest", stream, n)
        if sha256(prev + sha256(open_part).digest() + closed_digest).digest() != sealed:
            raise BrokenChain("seal", stream, n)
    except TypeError as damaged:  # a flipped byte can change a column's type
        raise BrokenChain("seal", str(stream), n) from damaged
