"""What the fold of the journal holds in memory: the set-up, and one stream per marking unit stream.

Only ``core.apply`` changes it. Everything else reads. No names of persons are here (they live in the vault).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from compsys.events import COMPETITION, Cut, ResultPublished
from compsys.keys import Keys
from compsys.records import (
    Competition,
    Component,
    Delegation,
    Entry,
    Group,
    Judge,
    Panel,
    Record,
    Seat,
    Session,
    Stage,
    Trade,
)
from compsys.state_acceptance import Acceptance as Acceptance
from compsys.state_acceptance import Heard as Heard
from compsys.state_access import Account as Account
from compsys.state_access import Device as Device
from compsys.state_access import Link as Link
from compsys.state_access import Pin as Pin
from compsys.state_assessment import Assessments
from compsys.state_credentials import Credentials
from compsys.state_day import Incident as Incident
from compsys.state_day import Pinned as Pinned
from compsys.state_day import Word as Word
from compsys.state_holder import Holders as Holders
from compsys.state_kept import Kept as Kept
from compsys.state_lists import Brought as Brought
from compsys.state_lists import Change as Change
from compsys.state_lists import Import as Import
from scoring_rules.profiles import Profile
from scoring_rules.scheme import Aspect, Scheme, SubCriterion

Held = TypeVar("Held")


class Other(NamedTuple):
    """A second value of a cell that waits for its judge's choice."""

    value: str | None
    n: int
    key: str
    by: str = ""


class Cell(msgspec.Struct, gc=False):
    """The newest accepted value of (unit, aspect, seat, round); ``rev`` counts accepted values; value None =
    cleared; ``n``: the line that says so.

    There is one per mark: it holds nothing that could lead back to it, so the collector need not visit it.
    """

    rev: int
    value: str | None
    n: int
    by: str = ""
    via: str = "own"
    note: str = ""
    files: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()


NOTHING: Mapping[Any, Any] = MappingProxyType({})
"""What most sheets hold of what is rare: one for all of them. Who changes a sheet gives it a new one."""


def without(held: Mapping[str, Held], key: str) -> Mapping[str, Held]:
    """What is held under the other keys.

    >>> without({"a": 1}, "a") is NOTHING, without({"a": 1}, "b")
    (True, {'a': 1})
    """
    return {other: value for other, value in held.items() if other != key} or NOTHING


@dataclass(slots=True)
class Sheet:
    """One sub-criterion of one unit: its roster, cells, rounds, reveals, signatures."""

    unit: str
    sub: str
    session: str
    roster: tuple[str, ...]
    cells: dict[tuple[str, str, int], Cell] = field(default_factory=dict)
    """(aspect, seat or ANY_SEAT, round) -> cell"""
    rounds: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    """aspect -> current round (absent = 1)"""
    revealed: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    """(aspect, round) -> seat -> value, for judgement; round 0 for points revealed with the sheet"""
    spread: frozenset[str] = frozenset()
    """aspects whose current round was revealed with too large a spread and is not settled"""
    apart_since: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """aspect -> time of its newest reveal with too large a spread"""
    resolved: Mapping[str, tuple[str, str]] = field(default_factory=lambda: NOTHING)
    """aspect -> (mark, reason) decided by the chief"""
    escalated: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: NOTHING)
    """aspect -> (outcome, function of its votes or "", reason) where the panel stayed apart"""
    excused: Mapping[tuple[str, str], str] = field(default_factory=lambda: NOTHING)
    """(aspect, seat) -> reason of the hole"""
    signed: dict[str, int] = field(default_factory=dict)
    """seat -> line n of its signature"""
    steps: Mapping[str, tuple[str, int]] = field(default_factory=lambda: NOTHING)
    """link of the signing chain after "seats" -> (actor, n)"""
    handed: str = ""
    """why the supervisor gave it back to the chief, until the chief acts on it"""
    acceptance: Acceptance | None = None
    """what the competitor's own expert said to it, or what followed"""
    heard: Heard | None = None
    """what the competitor said when it was read aloud"""
    complete: bool = False
    """all seats of the roster have signed and nothing fell since"""
    returned: str = ""
    returns: tuple[tuple[int, str], ...] = ()
    left: tuple[tuple[str, str, str], ...] = ()
    """(who left, who joined, reason)"""
    keyed: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """seat -> who keyed its paper last; removed once a second reader confirmed it"""
    keyers: Mapping[str, frozenset[str]] = field(default_factory=lambda: NOTHING)
    """seat -> all who keyed something of its paper since it was last confirmed"""
    touched: int = 0
    """line n of the last change a seat should hear of"""
    scores: dict[str, Any] = field(default_factory=dict)
    """feed level -> cached score; emptied by every change"""


@dataclass(slots=True)
class StatusFact:
    """A status with who decided, why, and the line that says so."""

    status: str
    reason: str
    by: str
    n: int


class Settled(NamedTuple):
    """A number that settles a tie, with who entered it, why, and the line that says so."""

    value: Fraction
    reason: str
    by: str
    n: int


@dataclass(slots=True)
class Unit:
    """What is marked: its code, group and stations; its statuses, check-ins, times, penalties, imported
    scores."""

    id: str
    code: str
    entry: str
    group: str = ""
    stations: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, StatusFact] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    """session -> minutes late"""
    identity: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """session -> what the look at the identity paper found"""
    seconds: dict[str, Fraction] = field(default_factory=dict)
    credit: dict[str, int] = field(default_factory=dict)
    adjustments: dict[str, tuple[str, Fraction, str, tuple[str, ...]]] = field(default_factory=dict)
    """adjustment id -> (component, amount, reason, signers)"""
    imported: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    """component -> (value, status), confirmed imports only"""
    carried: dict[str, str] = field(default_factory=dict)
    """component -> what is brought along: a number, or numerator/denominator"""
    settled: Mapping[str, Settled] = field(default_factory=lambda: NOTHING)
    """ranking key (play_off, decided) -> what settles a tie"""
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class SessionState:
    """A session's clock: planned, running, paused or stopped; when it started and how long it was paused
    (ms)."""

    id: str
    component: str
    batch: int
    stations: dict[str, str]
    """unit -> station"""
    name: dict[str, str] = field(default_factory=dict)
    state: str = "planned"
    started: str = ""
    paused_at: str = ""
    paused_ms: int = 0
    stopped: str = ""
    minutes: int = 0
    benches: dict[str, dict[str, Any]] = field(default_factory=dict)
    """station -> its bench's colour and word"""


@dataclass(slots=True)
class Late:
    """A late mark in the tray."""

    n: int
    unit: str
    aspect: str
    seat: str
    round: int
    value: str | None
    why: str
    at: str
    by: str = ""
    """the seat whose tablet sent it: it hears what became of it"""
    settled: str = ""
    """"", "applied" or "left_out" """
    reason: str = ""
    """why it was settled so"""


@dataclass(slots=True)
class SeatState:
    """A seat as frozen into the stream: role, label, panel, the affiliations that recuse it."""

    key: str
    role: str
    label: str
    panel: str
    affiliations: tuple[str, ...]
    judge: str = ""


@dataclass(slots=True)
class GroupRules:
    """What marks one group of a stream: scheme, profile and components as frozen, with look-ups made once."""

    id: str
    scheme: Scheme
    profile: Profile
    components: tuple[Component, ...]
    aspects: dict[str, Aspect] = field(default_factory=dict)
    sub_of: dict[str, str] = field(default_factory=dict)
    subs: dict[str, SubCriterion] = field(default_factory=dict)
    component_of: dict[str, str] = field(default_factory=dict)
    """sub-criterion -> component"""
    maxima: dict[str, Fraction] = field(default_factory=dict)
    """aspect -> its maximum"""
    carry: dict[str, dict[str, str]] = field(default_factory=dict)
    """carried component -> how, of which highest total, to which: where totals are not taken as they are"""


@dataclass(slots=True)
class Stream:
    """A marking unit stream: trade x stage x site."""

    name: str
    trade: str = ""
    stage: str = ""
    site: str = ""
    n: int = 0
    head: bytes = b""
    marking: str = "setup"
    """setup, drawn, open or locked"""
    blind: bool = True
    disclosure: str = "anonymous_live"
    feed: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)
    by_entry: dict[str, str] = field(default_factory=dict)
    groups: dict[str, GroupRules] = field(default_factory=dict)
    seats: dict[str, SeatState] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    """seats that left for good: sessions that start later open without them"""
    panels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """panel -> sub-criteria it marks (empty = all)"""
    panel_mode: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, SessionState] = field(default_factory=dict)
    sheets: dict[tuple[str, str], Sheet] = field(default_factory=dict)
    voided: dict[str, tuple[bool, str]] = field(default_factory=dict)
    locks: dict[str, int] = field(default_factory=dict)
    imports: dict[int, Import] = field(default_factory=dict)
    late: dict[int, Late] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    """line of its report -> what happened, and what was decided"""
    pictures: dict[str, tuple[Pinned, ...]] = field(default_factory=dict)
    """SHA-256 of a picture -> what it was ever pinned to"""
    frozen: bool = False
    digests: dict[str, str] = field(default_factory=dict)
    sealed: dict[tuple[str, str, int], list[int]] = field(default_factory=dict)
    """(unit, aspect, round) -> lines of its votes that are not yet revealed"""
    waiting: deque[int] = field(default_factory=deque)
    """lines of sealed votes in order; those no longer in ``unrevealed`` are dropped from the left"""
    unrevealed: set[int] = field(default_factory=set)
    seals: bytearray = field(default_factory=bytearray)
    """the first 8 bytes of each line's seal: what cursors are checked against"""
    dirty: set[str] = field(default_factory=set)
    """units whose standing must be recomputed before it is read"""
    history: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    """(n, t, kind, subject, text) of what the result book and the console tell: returns, re-votes, statuses,
    rulings"""
    standstill: dict[str, Any] = field(default_factory=dict)
    """what the public picture stood on at the freeze: level -> unit -> its score, "newest" -> the times;
    empty = it moves"""
    same: dict[Any, Any] = field(default_factory=dict, compare=False)
    """places of cells, seats, values as first heard: equal ones are held once"""
    newest: dict[str, str] = field(default_factory=dict)
    """feed level -> time of the newest line that may feed a picture of that level"""

    def safe_n(self) -> int:
        """The newest line that no unrevealed vote precedes: the only head that leaves for seats and
        console."""
        while self.waiting and self.waiting[0] not in self.unrevealed:
            self.waiting.popleft()
        return self.waiting[0] - 1 if self.waiting else self.n

    def prefix(self, n: int) -> str:
        """The first 16 hex of line n's seal ("" for n = 0)."""
        return self.seals[8 * n - 8 : 8 * n].hex() if n else ""


class NotFolded(Exception):
    """Somebody asked for a stream that is not folded yet and had not waited for it: a broken promise."""


class Partly(dict[str, Stream]):
    """The streams of a state while some are not folded yet: to ask for one of those is a mistake.

    >>> streams = Partly({}, {"a.final.main"})
    >>> streams.get("b.final.main") is None, list(streams.folded())
    (True, [])
    >>> streams.get("a.final.main")
    Traceback (most recent call last):
    compsys.state.NotFolded: a.final.main
    """

    def __init__(self, streams: Mapping[str, Stream], unfolded: Iterable[str]) -> None:
        super().__init__(streams)
        self.unfolded = set(unfolded)

    def folded(self) -> Iterable[Stream]:
        """Those that are folded."""
        return super().values()

    def must(self, start: str) -> None:
        """Raise NotFolded where a stream whose name begins so is not folded."""
        for name in self.unfolded:
            if name.startswith(start):
                raise NotFolded(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict; raises NotFolded."""
        if name in self.unfolded:
            raise NotFolded(name)
        return super().get(name, default)

    def __missing__(self, name: str) -> Stream:
        raise NotFolded(name) if name in self.unfolded else KeyError(name)

    def __contains__(self, name: object) -> bool:
        if name in self.unfolded:
            raise NotFolded(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.must("")
        return super().__iter__()

    def __len__(self) -> int:
        self.must("")
        return super().__len__()

    def keys(self) -> Any:
        """As of a dict; raises NotFolded."""
        self.must("")
        return super().keys()

    def values(self) -> Any:
        """As of a dict; raises NotFolded."""
        self.must("")
        return super().values()

    def items(self) -> Any:
        """As of a dict; raises NotFolded."""
        self.must("")
        return super().items()


@dataclass(slots=True)
class Result:
    """The versions of one (trade, stage, group)'s result and who may see which."""

    versions: list[ResultPublished] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    released: dict[str, int] = field(default_factory=dict)
    """audience -> index into versions"""
    reasons: list[str] = field(default_factory=list)
    annulled: str = ""

    @property
    def state(self) -> str:
        """none, provisional vN, official vN or annulled, as a pair of words."""
        if self.annulled:
            return "annulled"
        return self.versions[-1].rank if self.versions else "none"


@dataclass(slots=True)
class Setup:
    """The set-up records by kind and key (``records.key_of``)."""

    competition: Competition | None = None
    records: dict[str, dict[str, Record]] = field(default_factory=dict)

    def _all(self, kind: str) -> dict[str, Any]:
        return self.records.get(kind, {})

    @property
    def delegations(self) -> dict[str, Delegation]:
        """id -> delegation."""
        return self._all("delegation")

    @property
    def trades(self) -> dict[str, Trade]:
        """id -> trade."""
        return self._all("trade")

    @property
    def stages(self) -> dict[str, Stage]:
        """trade/stage -> stage."""
        return self._all("stage")

    @property
    def groups(self) -> dict[str, Group]:
        """trade/stage/group -> group."""
        return self._all("group")

    @property
    def entries(self) -> dict[str, Entry]:
        """id -> entry."""
        return self._all("entry")

    @property
    def judges(self) -> dict[str, Judge]:
        """id -> judge."""
        return self._all("judge")

    @property
    def seats(self) -> dict[str, Seat]:
        """trade/stage/seat -> seat."""
        return self._all("seat")

    @property
    def panels(self) -> dict[str, Panel]:
        """trade/stage/panel -> panel."""
        return self._all("panel")

    @property
    def sessions(self) -> dict[str, Session]:
        """trade/stage/session -> session."""
        return self._all("session")


@dataclass(slots=True)
class Advance:
    """Who goes on to a stage (entry -> why; "" in old lines): from which stage's official version, by which
    cut; who waits, the next to move up first; who withdrew and why."""

    stage: str
    version: int
    count: int
    ties: str
    entries: dict[str, str]
    cut: Cut = field(default_factory=Cut)
    reserve: list[str] = field(default_factory=list)
    withdrawn: dict[str, str] = field(default_factory=dict)
    moved: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(t, who withdrew, who moved up or "", the reason)"""


@dataclass(slots=True)
class State:
    """Everything: the competition stream's facts and the marking unit streams."""

    id: str = ""
    n: int = 0
    head: bytes = b""
    seals: bytearray = field(default_factory=bytearray)
    """as a stream's: the first 8 bytes of each line's seal"""
    setup: Setup = field(default_factory=Setup)
    streams: dict[str, Stream] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    accounts: dict[str, Account] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    """token digest -> link"""
    pins: dict[str, Pin] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    words: dict[int, Word] = field(default_factory=dict)
    """line of an announcement -> what was said to whom, and who has read it"""
    results: dict[tuple[str, str, str], Result] = field(default_factory=dict)
    advanced: dict[tuple[str, str, str], Advance] = field(default_factory=dict)
    """(trade, stage, group) -> who may be drawn there; absent = everybody who is entered"""
    commitments: dict[str, tuple[str, str]] = field(default_factory=dict)
    """person -> (commitment, salt; "" = derived from the person's key)"""
    bound: dict[str, list[int]] = field(default_factory=dict)
    """person -> lines of the competition stream that bind the person"""
    brought: dict[int, Brought] = field(default_factory=dict)
    """line of its import -> a list that was taken"""
    mappings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """shape of a list's header -> the meaning of its columns"""
    withheld: list[tuple[str, int]] = field(default_factory=list)
    """(stream, n) of lines whose closed part was erased"""
    credentials: Credentials = field(default_factory=Credentials)
    assessments: Assessments = field(default_factory=Assessments)
    ladders: dict[tuple[str, str, str, str], Any] = field(default_factory=dict)
    """(trade, stage, group, level) -> Ladder, kept by ``standing``"""
    holders: Holders = field(default_factory=Holders)
    prepared: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    """(trade, stage, group) -> Prepared, for a decision that is about to be made"""

    def stream(self, name: str) -> Stream | None:
        """The marking unit stream of that name, or None."""
        return self.streams.get(name)

    def streams_of(self, trade: str, stage: str) -> Iterator[Stream]:
        """The streams of a stage, one per site. Raises NotFolded."""
        if isinstance(self.streams, Partly):
            self.streams.must(f"{trade}.{stage}.")
        for stream in self.folded():
            if stream.trade == trade and stream.stage == stage:
                yield stream

    def folded(self) -> Iterable[Stream]:
        """The streams that are folded: all, once all are."""
        return self.streams.folded() if isinstance(self.streams, Partly) else self.streams.values()

    def position(self, name: str) -> tuple[int, bytes]:
        """(n, seal) of a stream as far as it is folded."""
        if name == COMPETITION:
            return self.n, self.head
        stream = self.streams.get(name)
        return (stream.n, stream.head) if stream else (0, b"")
