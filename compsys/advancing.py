"""From one stage to the next: who goes on, by the official result and the rule of the cut, as a fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import repeat
from typing import NamedTuple, Protocol

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.records import Entry, Stage
from compsys.state import Advance, Setup, State, Stream
from scoring_rules import cuts, shares
from scoring_rules.exact import is_number, parse
from scoring_rules.profiles import Profile

ROWS = 500
"""Entries of one line."""

POOLS = ("", "delegation", "pool")
"""By which entries are put together: not at all, by delegation, by the entry's own pool."""

BY_PLACE = ("cut", "tie", "rest", "pool", "pool_tie")
"""Ways that a place opens."""


class Ranked(Protocol):
    """An entry of a result as a cut sees it: place None when not ranked, total as text (None: none)."""

    @property
    def entry(self) -> str: ...
    @property
    def place(self) -> int | None: ...
    @property
    def total(self) -> str | None: ...
    @property
    def status(self) -> str: ...


class Chosen(NamedTuple):
    """Who would go on: of which version; each with its way, in place order; who waits; the total of the last
    who goes on by place; the groups that tie across an edge; the number of places that the rule comes to
    (None: it names none)."""

    version: int
    on: tuple[tuple[str, str], ...]
    reserve: tuple[str, ...]
    last: str
    edges: tuple[tuple[str, ...], ...]
    places: int | None

    @property
    def entries(self) -> tuple[str, ...]:
        """Those who go on."""
        return tuple(entry for entry, _ in self.on)


# ---------------------------------------------------------------- the rule


def from_rules(profile: Profile | None) -> tuple[int, str, e.Cut] | None:
    """(number of places, ties, the rest) of a profile's cut; None where it names none."""
    rule = profile.extras.cut if profile is not None else None
    if rule is None:
        return None
    rest = e.Cut(
        percent=rule.percent, base=rule.base, rounding=rule.rounding, minimum=rule.minimum, pool=rule.pool,
        per_pool=rule.per_pool, host=rule.host, reserve=rule.reserve, carry=rule.carry,
        points=rule.carry_points,
    )  # fmt: skip
    return rule.count or 0, rule.ties, rest


def profile_of(state: State, trade: str, stage: str, group: str) -> Profile | None:
    """The profile that a group is marked by; None before marking is open."""
    for stream in state.streams_of(trade, stage):
        if group in stream.groups:
            return stream.groups[group].profile
    return None


def _wrong(cmd: e.Advance) -> str:
    """The field in which a cut makes no sense, "" when it does."""
    cut = cmd.cut or e.Cut()
    percent = is_number(cut.percent) and 0 <= parse(cut.percent) <= 100
    checks = {
        "count": cmd.count >= 0 and (cmd.count or cut.percent or cut.per_pool or cut.minimum),
        "ties": cmd.ties in cuts.TIES,
        "percent": not cut.percent or (percent and not cmd.count),
        "base": cut.base in shares.BASES,
        "rounding": cut.rounding in shares.ROUNDINGS,
        "minimum": not cut.minimum or (is_number(cut.minimum) and parse(cut.minimum) >= 0),
        "pool": cut.pool in POOLS and bool(cut.pool) == (cut.per_pool > 0),
        "host": cut.host >= 0,
        "reserve": cut.reserve >= 0,
        "carry": cut.carry in cuts.CARRIES and (cut.carry == "points") == bool(cut.points),
        "points": all(is_number(value) for value in cut.points),
    }
    return next((field for field, right in checks.items() if not right), "")


# ---------------------------------------------------------------- who goes on


def chosen(state: State, cmd: e.Advance) -> Chosen | e.Refused:
    """Who goes on by an official result, to a later stage that is not drawn yet."""
    here, there = (state.setup.stages.get(f"{cmd.trade}/{stage}") for stage in (cmd.stage, cmd.to))
    if here is None or there is None or there.order <= here.order:
        return e.Refused("unknown_reference", {"key": f"{cmd.trade}/{cmd.to}"[:80]})
    if f"{cmd.trade}/{cmd.to}/{cmd.group}" not in state.setup.groups:
        return e.Refused("unknown_reference", {"key": f"{cmd.trade}/{cmd.to}/{cmd.group}"[:80]})
    if wrong := _wrong(cmd):
        return e.Refused("malformed", {"field": wrong})
    for stream in state.streams_of(cmd.trade, cmd.to):
        if stream.units:
            return e.Refused("already_drawn", {"stream": stream.name})
    result = state.results.get((cmd.trade, cmd.stage, cmd.group))
    if result is None or result.annulled or not result.versions or result.versions[-1].rank != "official":
        return e.Refused("not_official", {"key": f"{cmd.trade}/{cmd.stage}/{cmd.group}"[:80]})
    for entry in (*cmd.seeded, *cmd.wild_cards):
        known = state.setup.entries.get(entry)
        if known is None or (known.trade, known.group) != (cmd.trade, cmd.group):
            return e.Refused("unknown_reference", {"key": entry[:40]})
    if (cmd.seeded or cmd.wild_cards) and not cmd.reason.strip():
        return e.Refused("reason_missing")
    version = result.versions[-1]
    went = state.advanced.get((cmd.trade, cmd.to, cmd.group))
    gone = went.withdrawn.keys() - {*cmd.seeded, *cmd.wild_cards} if went is not None else ()
    return select(state.setup, cmd, version.rows, version.version, gone)


def select(
    setup: Setup, cmd: e.Advance, rows: Sequence[Ranked], version: int, gone: Iterable[str] = ()
) -> Chosen:
    """Who goes on by these rows, in place order; those who are ``gone`` have the next in their stead."""
    cut = cmd.cut or e.Cut()
    count = cmd.count or None
    if cut.percent:
        counts, _ = shares.field((_status(setup, row), 1) for row in rows)
        count = shares.count(parse(cut.percent), counts.of(cut.base), cut.rounding)
    candidates = _candidates(setup, cmd, rows)
    rule = cuts.CutRule(count, cut.minimum, cmd.ties, cut.per_pool, cut.host, cut.reserve)
    found = cuts.move_up(cuts.select(candidates, rule), gone)
    by_place = {entry for entry, way in found.on if way in BY_PLACE}
    last = next((row.total or "" for row in reversed(rows) if row.entry in by_place), "")
    return Chosen(version, found.on, found.reserve, last, found.edges, count)


def _status(setup: Setup, row: Ranked) -> str:
    """What a row counts as in the base of a percentage."""
    entry = setup.entries.get(row.entry)
    if entry is not None and entry.guest:
        return "guest"
    if row.place is not None:
        return "ranked"
    return row.status if row.status in ("absent", "withdrawn", "excluded") else "not_finished"


def _candidates(setup: Setup, cmd: e.Advance, rows: Sequence[Ranked]) -> list[cuts.Candidate]:
    """The ranked entries; then seeds and wild cards among the others. A guest takes nobody's place and only
    goes on as one of those."""
    known, cut = setup.entries, cmd.cut or e.Cut()
    named = {*cmd.seeded, *cmd.wild_cards}
    placed = [row for row in rows if row.place is not None]
    guests = {row.entry for row in placed if (x := known.get(row.entry)) is not None and x.guest}
    if guests:
        placed = [row for row in placed if row.entry not in guests]
    besides = {x.id for x in known.values() if x.seeded} | named
    besides -= {row.entry for row in placed}
    others = [x for x in sorted(besides) if (known[x].trade, known[x].group) == (cmd.trade, cmd.group)]
    names = [*(row.entry for row in placed), *others]
    entries = [known.get(name) for name in names]  # None: erased from the set-up since
    hosts = {delegation.id for delegation in setup.delegations.values() if delegation.host}
    # Columns first: 200,000 entries are then made into tuples in C.
    columns = (
        names,
        [*(row.place for row in placed), *([len(rows) + 1] * len(others))],
        [*map(_total, placed), *([None] * len(others))] if cut.minimum else repeat(None),
        [_pool(entry, cut.pool) for entry in entries] if cut.pool else repeat(""),
        [entry is not None and (entry.seeded or entry.id in cmd.seeded) for entry in entries],
        [entry is not None and entry.delegation in hosts for entry in entries] if hosts else repeat(False),
        [name in cmd.wild_cards for name in names] if cmd.wild_cards else repeat(False),
    )
    return list(map(cuts.Candidate._make, zip(*columns, strict=False)))


def _total(row: Ranked) -> Fraction | None:
    return parse(row.total) if row.total else None


def _pool(entry: Entry | None, by: str) -> str:
    return "" if entry is None else entry.delegation if by == "delegation" else entry.pool


# ---------------------------------------------------------------- as a fact


def decide_advance(ask: Ask, cmd: e.Advance) -> Decided:
    """Who goes on is a fact, in lines of bounded size."""
    found = chosen(ask.state, cmd)
    if isinstance(found, e.Refused):
        return found
    lines = []
    for start in range(0, max(1, len(found.on), len(found.reserve)), ROWS):
        rows = found.on[start : start + ROWS]
        event = e.Advanced(
            **ask.stamp,
            trade=cmd.trade,
            stage=cmd.stage,
            group=cmd.group,
            to=cmd.to,
            version=found.version,
            count=cmd.count,
            ties=cmd.ties,
            first=not start,
            rows=tuple(entry for entry, _ in rows),
            ways=tuple(way for _, way in rows),
            reserve=found.reserve[start : start + ROWS],
            cut=cmd.cut or e.Cut(),
        )
        line = ask.more if start else ask.line
        lines.append(line(e.COMPETITION, event, text=cmd.reason))
    return lines


def apply_advanced(
    state: State, stream: Stream | None, n: int, event: e.Advanced, closed: e.Closed
) -> Touched:
    """These entries may be drawn in the later stage; the first line of a cut takes the place of an earlier
    one, but who withdrew has withdrawn until somebody names him again."""
    place = (event.trade, event.to, event.group)
    if event.first:
        before = state.advanced.get(place)
        went = Advance(event.stage, event.version, event.count, event.ties, {}, event.cut or e.Cut())
        if before is not None and before.stage == event.stage:
            went.withdrawn, went.moved = before.withdrawn, before.moved
        state.advanced[place] = went
    went = state.advanced[place]
    ways = event.ways or ("",) * len(event.rows)
    went.entries.update(zip(event.rows, ways, strict=True))
    went.reserve += event.reserve or ()
    for entry in event.rows:
        went.withdrawn.pop(entry, None)
    return (("setup", "stage", f"{event.trade}/{event.to}"),)


# ---------------------------------------------------------------- moving up (递补)


def replacing(state: State, cmd: e.MoveUp) -> str | e.Refused:
    """Who would move up where an entry withdraws ("": nobody), as long as the later stage is not open."""
    went = state.advanced.get((cmd.trade, cmd.to, cmd.group))
    if went is None or went.stage != cmd.stage:
        return e.Refused("cut_missing", {"key": f"{cmd.trade}/{cmd.to}/{cmd.group}"[:80]})
    for stream in state.streams_of(cmd.trade, cmd.to):
        if stream.frozen:
            return e.Refused("already_open", {"stream": stream.name})
    result = state.results.get((cmd.trade, cmd.stage, cmd.group))
    newest = result.versions[-1].version if result is not None and result.versions else 0
    if went.version != newest or (result is not None and result.annulled):
        return e.Refused("cut_stale", {"version": f"v{newest}"})
    if cmd.entry not in went.entries and cmd.entry not in went.reserve:
        return e.Refused("not_advanced", {"entry": cmd.entry[:40], "stage": f"{cmd.trade}/{cmd.stage}"})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    return went.reserve[0] if cmd.entry in went.entries and went.reserve else ""


def decide_move_up(ask: Ask, cmd: e.MoveUp) -> Decided:
    """A withdrawal is a fact, and who moves up in that stead."""
    joins = replacing(ask.state, cmd)
    if isinstance(joins, e.Refused):
        return joins
    event = e.MovedUp(
        **ask.stamp, trade=cmd.trade, stage=cmd.stage, group=cmd.group, to=cmd.to, left=cmd.entry, joins=joins
    )
    return [ask.line(e.COMPETITION, event, text=cmd.reason)]


def apply_moved_up(
    state: State, stream: Stream | None, n: int, event: e.MovedUp, closed: e.Closed
) -> Touched:
    """One leaves, the next on the list goes on."""
    went = state.advanced[event.trade, event.to, event.group]
    went.entries.pop(event.left, None)
    went.reserve = [entry for entry in went.reserve if entry not in (event.left, event.joins)]
    if event.joins:
        went.entries[event.joins] = "moved_up"
    went.withdrawn[event.left] = closed.text
    went.moved.append((event.t, event.left, event.joins, closed.text))
    return (("setup", "stage", f"{event.trade}/{event.to}"),)


# ---------------------------------------------------------------- what was decided


class Ahead(NamedTuple):
    """A later stage of a group: who goes on to it as decided (None: nobody yet), whether its codes are drawn,
    and whether the result has another version since."""

    stage: Stage
    went: Advance | None
    drawn: bool
    stale: bool


def ahead(state: State, trade: str, stage: str, group: str) -> list[Ahead]:
    """The stages that this group's result may lead to, in their order."""
    here = state.setup.stages[f"{trade}/{stage}"]
    result = state.results.get((trade, stage, group))
    newest = result.versions[-1].version if result is not None and result.versions else 0
    found = []
    for there in sorted(state.setup.stages.values(), key=lambda s: s.order):
        later = there.trade == trade and there.order > here.order
        if not later or f"{trade}/{there.id}/{group}" not in state.setup.groups:
            continue
        went = state.advanced.get((trade, there.id, group))
        if went is not None and went.stage != stage:
            went = None
        drawn = any(stream.units for stream in state.streams_of(trade, there.id))
        found.append(Ahead(there, went, drawn, went is not None and went.version != newest))
    return found


def again(trade: str, to: str, group: str, went: Advance) -> e.Advance:
    """The command by which a cut that was decided would be asked again."""
    named = {way: tuple(x for x, w in went.entries.items() if w == way) for way in ("seeded", "wild_card")}
    return e.Advance(
        trade=trade, stage=went.stage, group=group, to=to, count=went.count, ties=went.ties, cut=went.cut,
        seeded=named["seeded"], wild_cards=named["wild_card"],
    )  # fmt: skip


DECIDE: dict[type[e.Command], Decider] = {e.Advance: decide_advance, e.MoveUp: decide_move_up}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Advanced: apply_advanced, e.MovedUp: apply_moved_up}
