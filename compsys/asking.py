"""The context of one decision: the call, the time, fresh ids, the making of lines; shared by all deciders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from compsys.events import AnyEvent, Call, Closed, Command, Drafted, Refused
from compsys.state import GroupRules, Sheet, State, Stream, Unit
from compsys.state_acceptance import VOID

Touched = tuple[tuple[str, ...], ...]
"""The keys a line touched: ("sheet", stream, unit, sub[, aspect]), ("unit", stream, unit), ("stream",
stream), ("setup", kind, key), ("result", trade, stage, group), ("device", id), ("late", stream),
("session", stream, id), ("incident", stream), ("word", n[, seat]): an announcement (was read by a seat),
("kept",): a copy elsewhere reaches further. A
sheet's key with an aspect: nothing else on the sheet changed; with "": no aspect did, only what stands above
them (its signatures)."""

Decided = list[Drafted] | Refused
Decider = Callable[["Ask", Any], Decided]
APPLY = Callable[[State, Any, int, Any, Closed], Touched]


class Ask(NamedTuple):
    """One call being decided."""

    state: State
    call: Call
    now: str
    fresh: Callable[[], str]
    digest: str

    def line(
        self, stream: str, event: AnyEvent, *, secret: Any = None, text: str = "", files: tuple[str, ...] = ()
    ) -> Drafted:
        """The first line of a decision: it carries the call's key."""
        call = self.call
        closed = Closed(
            salt=self.fresh(),
            actor=call.actor.id,
            device=call.device,
            key=call.key,
            h=self.digest,
            claimed=call.claimed,
            brought=call.brought,
            text=text,
            files=files,
            secret=secret,
        )
        return Drafted(stream, event, closed)

    def more(self, stream: str, event: AnyEvent, *, secret: Any = None, text: str = "") -> Drafted:
        """A further line of the same decision (a reveal, say): no key, same actor."""
        return Drafted(
            stream, event, Closed(salt=self.fresh(), actor=self.call.actor.id, text=text, secret=secret)
        )

    @property
    def stamp(self) -> dict[str, Any]:
        """The fields every event has: time and the competition line this decision used."""
        return {"t": self.now, "c": self.state.n}


class Place(NamedTuple):
    """A unit and its sheet in an open stream."""

    stream: Stream
    unit: Unit
    rules: GroupRules
    sheet: Sheet


def open_stream(ask: Ask, name: str) -> Stream | Refused:
    """The stream if marking was opened in it: else unknown_stream or not_open."""
    stream = ask.state.streams.get(name)
    if stream is None or not stream.frozen:
        return Refused("not_open", {"stream": name})
    return stream


def find_sheet(ask: Ask, command: Command, unit_id: str, sub: str) -> Place | Refused:
    """The sheet (unit, sub) of the command's stream: else not_open, unknown_unit, unknown_sheet."""
    stream = open_stream(ask, command.stream)  # type: ignore[attr-defined]  # only Marking commands come here
    if isinstance(stream, Refused):
        return stream
    unit = stream.units.get(unit_id)
    if unit is None:
        return Refused("unknown_unit", {"unit": unit_id})
    sheet = stream.sheets.get((unit_id, sub))
    if sheet is None:
        return Refused("unknown_sheet", {"unit": unit.code, "sub": sub})
    return Place(stream, unit, stream.groups[unit.group], sheet)


def locked(stream: Stream, sheet: Sheet) -> bool:
    """Whether any lock covers the sheet."""
    locks = stream.locks
    if not locks:
        return False
    return (
        "stage" in locks
        or f"sheet:{sheet.unit}.{sheet.sub}" in locks
        or f"session:{sheet.session}" in locks
        or f"component:{stream.sessions[sheet.session].component}" in locks
    )


OUT = ("absent", "withdrawn", "excluded", "zeroed")
"""Statuses under which nothing more is marked."""


def out(unit: Unit, component: str) -> str:
    """The status that takes the unit out of a component (or of the whole stage), "" when none does."""
    for scope in ("stage", f"component:{component}"):
        fact = unit.statuses.get(scope)
        if fact is not None and fact.status in OUT:
            return fact.status
    return ""


def unaccept(sheet: Sheet) -> None:
    """A sheet changed: neither its acceptance nor the competitor's signature holds for what it says now."""
    if sheet.acceptance:
        sheet.acceptance = sheet.acceptance._replace(state=VOID)
    if sheet.heard:
        sheet.heard = sheet.heard._replace(outcome=VOID)


def touch_sheet(stream: Stream, sheet: Sheet, n: int, *aspect: str) -> Touched:
    """Drop what was computed from a sheet and say that it changed (``aspect``: nothing else on it did).
    Unless only what stands above its aspects did (an empty one), what was accepted of it is void."""
    sheet.touched = n
    if (sheet.acceptance or sheet.heard) and aspect != ("",):
        unaccept(sheet)
    sheet.scores.clear()
    stream.units[sheet.unit].scores.clear()
    stream.dirty.add(sheet.unit)
    return (("sheet", stream.name, sheet.unit, sheet.sub, *aspect), ("unit", stream.name, sheet.unit))


def touch_unit(stream: Stream, unit: Unit) -> Touched:
    """Drop what was computed from a unit and say that it changed."""
    unit.scores.clear()
    stream.dirty.add(unit.id)
    return (("unit", stream.name, unit.id),)


def touch_all(stream: Stream) -> Touched:
    """Drop everything computed in the stream (a void, a lock)."""
    for sheet in stream.sheets.values():
        sheet.scores.clear()
    for unit in stream.units.values():
        unit.scores.clear()
        stream.dirty.add(unit.id)
    return (("stream", stream.name),)
