"""Decides what may feed a picture: for a stage, a result and an audience, and nothing else opens that gate.

The setting of the stage says from when on: ``revealed`` (an aspect is complete and its spread legal),
``signed`` (its sheet is signed), ``released`` (a version is released to this audience), ``published`` (an
official version is). A version released to an audience goes before the live standing: it was decided, the
standing only is.

Architecture Invariant: whatever a board says about marks has passed ``source``; nothing derived from a mark
that is not fed, no count, time, order or size, is read elsewhere in ``boards``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compsys.events import (
    Adjusted,
    AnyEvent,
    Drawn,
    Escalated,
    Excused,
    Finished,
    LateSettled,
    Marked,
    Opened,
    Resolved,
    ResultPublished,
    Returned,
    Revealed,
    RosterChanged,
    ScoresConfirmed,
    SheetRevealed,
    Signed,
    StatusSet,
    TieSettled,
    Voided,
)
from compsys.records import Stage
from compsys.state import Result, State, Stream

Kind = Literal["none", "live", "frozen", "provisional", "official", "annulled"]

_ANY_LEVEL = (
    Adjusted, Drawn, Finished, Opened, Returned, RosterChanged, ScoresConfirmed, StatusSet, TieSettled,
    Voided,
)  # fmt: skip
_AS_REVEALED = (Escalated, Excused, Resolved, SheetRevealed)
_REVEALED = ("revealed",)
_BOTH = ("revealed", "signed")
"""The live levels, the earlier first: what feeds a later one feeds the earlier ones too."""
_ALWAYS: dict[type, tuple[str, ...]] = {
    **dict.fromkeys(_ANY_LEVEL, _BOTH),
    **dict.fromkeys(_AS_REVEALED, _REVEALED),
}


def fed_by(event: AnyEvent) -> tuple[str, ...]:
    """The live feed levels whose pictures a line may change; ``core.apply`` keeps its time as theirs.

    A sealed vote, a conflict, a late mark and an illegal reveal feed nothing: no clock of a board moves with
    them.
    """
    found = _ALWAYS.get(type(event))
    if found is not None:
        return found
    if isinstance(event, Marked):
        return _REVEALED if isinstance(event.value, str) or event.value is None else ()
    if isinstance(event, Signed):
        return _BOTH if event.complete or event.step != "seats" else ()
    if isinstance(event, Revealed):
        return _REVEALED if event.legal else ()
    if isinstance(event, LateSettled):
        return _REVEALED if event.accept else ()
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a board of one (stage, group) shows one audience.

    ``level``: the live standing to show ("" = none); ``cut``: as of the freeze; ``version``: the stored
    version to show instead; ``named``: whether names and delegations may stand beside it; ``coded``: whether
    blind codes may (a name and a code side by side would break the blindness); ``by_entry``: rows are keyed
    by entry, not by code, from first to last.
    """

    kind: Kind
    level: str = ""
    cut: bool = False
    version: ResultPublished | None = None
    named: bool = False
    coded: bool = True
    by_entry: bool = False
    as_of: str = ""


def source(state: State, trade: str, stage: str, group: str, audience: str) -> Source:
    """What feeds a group's board for an audience: a stored version, a live standing, or nothing."""
    record = state.setup.stages.get(f"{trade}/{stage}")
    if record is None:
        return Source("none")
    streams = [s for s in state.streams_of(trade, stage) if group in s.groups]
    feed, disclosure, blind = _settings(record, streams)
    setting = level_of(feed, audience)
    released = _released(state.results.get((trade, stage, group)), audience)
    if released is not None:
        found, time, annulled = released
        official = found.rank == "official"
        if annulled:
            return Source("annulled", as_of=time)
        if official or setting != "published":
            return Source(
                "official" if official else "provisional",
                version=found,
                named=True,
                coded=official or disclosure != "named_live" or not blind,
                by_entry=disclosure == "named_live",
                as_of=time,
            )
    if not streams or setting not in _BOTH or disclosure == "none_until_final":
        return Source("none")
    cut = audience != "office" and any(stream.standstill for stream in streams)
    named = disclosure == "named_live"
    return Source(
        "frozen" if cut else "live",
        level=setting,
        cut=cut,
        named=named,
        coded=not (named and blind),
        by_entry=named,
        as_of=max((_time(stream, setting, cut) for stream in streams), default=""),
    )  # fmt: skip


def level_of(feed: dict[str, str], audience: str) -> str:
    """The setting for an audience; one not named sees what the public sees, and that is signed sheets.

    >>> level_of({"public": "published", "delegations": "signed"}, "ceremony")
    'published'
    """
    return feed.get(audience) or feed.get("public") or "signed"


def marking_state(state: State, trade: str, stage: str) -> str:
    """set-up, drawn, open or locked: locked only when every site of the stage is."""
    found = {stream.marking for stream in state.streams_of(trade, stage)}
    for word in ("open", "drawn", "setup"):
        if word in found:
            return word
    return "locked" if found else "setup"


def _settings(record: Stage, streams: list[Stream]) -> tuple[dict[str, str], str, bool]:
    """Feed, disclosure and blindness as frozen into the stage's streams; before that, as set up."""
    for stream in streams:
        return stream.feed, stream.disclosure, stream.blind
    return {str(key): str(value) for key, value in record.feed.items()}, record.disclosure, record.blind


def _released(result: Result | None, audience: str) -> tuple[ResultPublished, str, bool] | None:
    """The version an audience has, when it was made, and whether the result was annulled since."""
    if result is None or audience not in result.released:
        return None
    index = result.released[audience]
    return result.versions[index], result.times[index], bool(result.annulled)


def _time(stream: Stream, level: str, cut: bool) -> str:
    """When the newest line was written that may feed this level; for a frozen stream, up to its cut-off."""
    newest = stream.newest
    if cut and stream.standstill:
        newest = stream.standstill.get("newest", {})
    return max((newest.get(word, "") for word in _BOTH[_BOTH.index(level) :]), default="")
