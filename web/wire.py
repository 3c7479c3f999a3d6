"""What a tablet may say on its socket, and what each word of refusal closes it with; no I/O here.

Every kind of message and every command in a ``do`` declares the seat roles that may use it; what is not in
these tables is refused. An item that cannot be read is refused by itself, under its own key; a frame that
cannot be read ends the connection.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from compsys import events as e
from web.access import CHIEF, CLERK, FLOOR, MARKING, SEATS

VERSION = 2
OLDEST = 1
"""The newest and the oldest version of a tablet's page that is understood; what 2 has more may be left
out."""

ITEMS = 50
HELLO_WITHIN = 5.0
SILENT_AFTER = 6.0
"""Seconds: the first frame must be a hello within so many; a tablet that said nothing for so long is
dropped."""

CLOSE = {
    "malformed": 4400,
    "not_enrolled": 4401,
    "not_allowed": 4403,
    "no_key": 4403,
    "device_revoked": 4403,
    "unknown_topic": 4404,
    "picture_not_yet": 4425,
    "silent": 4408,
    "old_connection": 4409,
    "too_large": 4413,
    "newer_page": 4426,
    "older_page": 4426,
    "throttled": 4429,
    "starting": 1012,
}
"""Word of a ``bye`` -> close code. Besides: 1009 a message over 16 KiB, 1008 more messages at once than are
queued, 1012 the server stops, HTTP 403 a foreign Origin or a Host that is not ours."""


class Bye(Exception):
    """End the connection with a word of CLOSE."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Skew = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Page = Annotated[str, msgspec.Meta(max_length=32)]


class Cursor(msgspec.Struct, frozen=True):
    """How far a tablet has read: line n and the first 16 hex of its seal."""

    n: Count
    seal: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{16})?\Z")]


class Hello(msgspec.Struct, frozen=True, tag_field="m", tag="hello", forbid_unknown_fields=True):
    """The first message of a connection.

    ``seq``: the number of the newest record in the tablet's database ``boot``. ``page``: which version of
    the page speaks (the hash in its files' address). ``proof``: what the device's own key made of the
    server's ``ask``, where it has one. ``brings``: nobody looks at this connection, it only brings the
    marks of a seat while another one of the same tablet is at work.
    """

    v: int
    boot: Annotated[str, msgspec.Meta(max_length=64)] = ""
    cursor: Cursor | None = None
    pending: Count = 0
    lang: Annotated[str, msgspec.Meta(max_length=16)] = "zh-CN"
    seq: Count = 0
    page: Page = ""
    proof: Annotated[str, msgspec.Meta(max_length=256)] = ""
    brings: bool = False


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command with the key made where the finger touched; read further only when its turn comes.

    ``seq``: its number in the tablet's database. ``ticket``: a one-use proof of who holds the tablet,
    beside the command and never in it: the same key means the same command, whoever proved themselves how.
    ``again``: it was accepted once, and the server's history has been replaced since.
    """

    k: Annotated[str, msgspec.Meta(max_length=64)]
    cmd: msgspec.Raw
    at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    seq: Count = 0
    ticket: Annotated[str, msgspec.Meta(max_length=64)] = ""
    again: bool = False


class Do(msgspec.Struct, frozen=True, tag_field="m", tag="do", forbid_unknown_fields=True):
    """Commands, in their order."""

    items: list[Item]


class Ping(msgspec.Struct, frozen=True, tag_field="m", tag="ping", forbid_unknown_fields=True):
    """I am here, and so many of my marks are not yet with you.

    ``battery``: percent, -1 = not known. ``skew``: milliseconds by which the server's clock is ahead of the
    tablet's. ``page``: as in ``Hello``. ``has``: what it was made ready with and has now (words of
    ``last_words.HAS``).
    """

    pending: Count = 0
    battery: Annotated[int, msgspec.Meta(ge=-1, le=100)] = -1
    skew: Skew | None = None
    page: Page = ""
    has: Annotated[str, msgspec.Meta(max_length=60)] | None = None


Said = Hello | Do | Ping

MESSAGES: dict[type[Said], frozenset[str]] = {Hello: SEATS, Do: SEATS, Ping: SEATS}
"""Message -> the seat roles that may send it."""

COMMANDS: dict[type[e.Command], frozenset[str]] = {
    e.Mark: MARKING | CLERK,
    e.Sign: MARKING | CLERK | CHIEF,
    e.Return: CHIEF,
    e.Revote: frozenset({"lead"}) | CHIEF,
    e.LetStand: frozenset({"lead"}) | CHIEF,
    e.Resolve: CHIEF,
    e.Excuse: CHIEF,
    e.SettleLate: CHIEF,
    e.ConfirmKeyed: CLERK | CHIEF,
    e.CheckIn: FLOOR | CHIEF,
    e.Finish: FLOOR | CHIEF,
    e.Credit: FLOOR | CHIEF,
    e.Session: FLOOR | CHIEF,
    e.Report: FLOOR | CHIEF | MARKING,
    e.CompetitorSigns: MARKING,
    e.ReadWord: SEATS,
}
"""Command -> the seat roles that may send it over a socket. All others (set-up, locks, publishing) go by
forms, where a password is asked for."""

_SAID: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)
_LOOSE = msgspec.json.Decoder(dict[str, Any])
_KEY = re.compile(r"[0-9a-f]{32}\Z")
MARK_TEXT = 500
"""Characters of a note or reason."""
WORDS = ("note", "reason", "text", "words")
"""Fields that hold free words."""
_WORDS = {kind: [name for name in WORDS if name in kind.__struct_fields__] for kind in COMMANDS}


def read(frame: str | bytes) -> Said:
    """A frame as a message; raises Bye (malformed, too_large, newer_page, older_page)."""
    try:
        said = _SAID.decode(frame)
    except msgspec.DecodeError as error:
        raise Bye("malformed") from error
    if isinstance(said, Do) and len(said.items) > ITEMS:
        raise Bye("too_large")
    if isinstance(said, Hello) and not OLDEST <= said.v <= VERSION:
        raise Bye("newer_page" if said.v > VERSION else "older_page")
    return said


def command(item: Item, role: str) -> e.AnyCommand | e.Refused:
    """The command of an item if its key is sound, it can be read and this role may send it; else why not."""
    if not _KEY.match(item.k):
        return e.Refused("bad_key")
    try:
        found = e.COMMAND_DECODER.decode(item.cmd)
    except msgspec.ValidationError as error:
        kind = _kind(item.cmd)
        if kind not in _KNOWN:
            return e.Refused("unknown_kind", {"kind": kind[:40]})
        return e.Refused("malformed", {"where": str(error).rpartition("`$")[2].rstrip("`")[:80]})
    except msgspec.DecodeError:
        return e.Refused("malformed")
    if role not in COMMANDS.get(type(found), ()):
        return e.Refused("not_allowed", {"role": role})
    for name in _WORDS[type(found)]:
        if len(getattr(found, name)) > MARK_TEXT:
            return e.Refused("too_large")
    return found


_KNOWN = frozenset(str(kind.__struct_config__.tag) for kind in e.Command.__subclasses__()) | frozenset(
    str(kind.__struct_config__.tag) for kind in e.Marking.__subclasses__()
)


def _kind(raw: msgspec.Raw) -> str:
    try:
        return str(_LOOSE.decode(raw).get("c", ""))
    except msgspec.DecodeError:
        return ""


class Bucket:
    """A rate limit: so many messages per second, so many at once after a pause."""

    __slots__ = ("burst", "left", "rate", "seen")

    def __init__(self, rate: int, burst: int, now: float) -> None:
        self.rate, self.burst, self.left, self.seen = rate, burst, float(burst), now

    def take(self, now: float) -> float:
        """Take one message out; what is left (below 0: too fast, by so many)."""
        self.left = min(self.burst, self.left + (now - self.seen) * self.rate) - 1
        self.seen = now
        return self.left
