"""Results as facts: provisional and official versions, their release, corrections, annulment."""

from __future__ import annotations

from typing import Any

import msgspec

import scoring_rules
from compsys import events as e
from compsys import reawarding
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.opening import digest_of
from compsys.prepared import what_stands
from compsys.state import Result, State, Stream


def _streams(ask: Ask, cmd: e.Publish) -> list[Stream] | e.Refused:
    """The locked streams a result stands on, or why there are none."""
    streams = [s for s in ask.state.streams_of(cmd.trade, cmd.stage) if s.frozen]
    key = f"{cmd.trade}/{cmd.stage}/{cmd.group}"
    if key not in ask.state.setup.groups:
        return e.Refused("unknown_reference", {"key": key})
    stage = ask.state.setup.stages[f"{cmd.trade}/{cmd.stage}"]
    opened = {s.site for s in streams}
    waiting = sorted(set(stage.sites) - opened) or sorted(s.site for s in streams if s.marking != "locked")
    if waiting:
        return e.Refused("not_locked", {"scope": f"{cmd.trade}.{cmd.stage}.{waiting[0]}"})
    return [s for s in streams if cmd.group in s.groups]


def decide_publish(ask: Ask, cmd: e.Publish) -> Decided:
    """A new result version, or the release of the newest one to a further audience.

    official: confirmed by a second person. A version that changes an official result needs a reason and a
    public note.
    """
    streams = _streams(ask, cmd)
    if isinstance(streams, e.Refused):
        return streams
    if cmd.rank == "official":
        if not cmd.confirmed_by:
            return e.Refused("confirmation_missing")
        if cmd.confirmed_by == ask.call.actor.id:
            return e.Refused("same_person")
    stands = what_stands(ask.state, (cmd.trade, cmd.stage, cmd.group))
    rows, teams = stands.rows, stands.teams
    if not rows:
        return e.Refused("nothing_to_publish")
    result = ask.state.results.get((cmd.trade, cmd.stage, cmd.group), Result())
    last = result.versions[-1] if result.versions and not result.annulled else None
    same = last is not None and last.rows == rows and last.teams in (teams, msgspec.UNSET)
    where: dict[str, Any] = {"trade": cmd.trade, "stage": cmd.stage, "group": cmd.group}
    if last is not None and same and (last.rank == cmd.rank or last.rank == "official"):
        if cmd.rank != last.rank or result.released.get(cmd.audience) == len(result.versions) - 1:
            return e.Refused("already_published", {"version": f"v{last.version}"})
        event = e.Released(**ask.stamp, **where, version=last.version, rank=last.rank, audience=cmd.audience)
        return [ask.line(e.COMPETITION, event)]
    official = [v for v in result.versions if v.rank == "official"]
    if official:
        if cmd.rank != "official":
            return e.Refused("already_published", {"version": f"v{official[-1].version}"})
        if not cmd.reason.strip():
            return e.Refused("reason_missing")
        if not any(text.strip() for text in cmd.note.values()):
            return e.Refused("note_missing")
    version = (result.versions[-1].version if result.versions else 0) + (0 if same else 1)
    published = e.ResultPublished(
        **ask.stamp,
        **where,
        version=version,
        rank=cmd.rank,
        audience=cmd.audience,
        rows=rows,
        cites=tuple(e.Cite(s.name, s.n, s.head.hex()) for s in sorted(streams, key=lambda s: s.name)),
        digests=_digests(streams, cmd.group),
        note=cmd.note,
        confirmed_by=cmd.confirmed_by,
        awards=(reawarding.between(official[-1], rows, teams) if official else ()) or msgspec.UNSET,
        teams=teams or msgspec.UNSET,
    )
    return [ask.line(e.COMPETITION, published, text=cmd.reason)]


def _digests(streams: list[Stream], group: str) -> dict[str, str]:
    """What the result stands on: scheme and profile as frozen, rosters as they were, the rulebook's
    version."""
    found = {
        "scheme": streams[0].digests.get(f"scheme/{group}", ""),
        "profile": streams[0].digests.get(f"profile/{group}", ""),
        "rules": scoring_rules.VERSION,
    }
    rosters = {
        f"{s.name}/{unit}.{sub}": list(sheet.roster)
        for s in streams
        for (unit, sub), sheet in s.sheets.items()
    }
    found["rosters"] = digest_of(rosters)
    return found


def apply_published(
    state: State, stream: Stream | None, n: int, event: e.ResultPublished, closed: e.Closed
) -> Touched:
    """The version stands and its audience (and the audiences before it) has it."""
    place = (event.trade, event.stage, event.group)
    result = state.results.setdefault(place, Result())
    result.annulled = ""
    if result.versions and result.versions[-1].rows == event.rows:
        # An official result mostly is the provisional one: thousands of rows are held once.
        event = msgspec.structs.replace(event, rows=result.versions[-1].rows)
    result.versions.append(event)
    result.lines.append(n)
    result.times.append(event.t)
    result.reasons.append(closed.text)
    for audience in reach(event.audience):
        result.released[audience] = len(result.versions) - 1
    for marked in state.folded():
        if (marked.trade, marked.stage) != (event.trade, event.stage):
            continue
        for sheet in marked.sheets.values():
            sheet.scores.clear()  # the units keep theirs; few sheets are asked for again
    return (("result", *place),)


AUDIENCES = ("office", "delegations", "ceremony", "public")


def reach(audience: str) -> tuple[str, ...]:
    """Who has a version that was given to an audience: it and those before it (the office always).

    >>> reach("delegations")
    ('office', 'delegations')
    """
    if audience == "ceremony":
        return ("office", "ceremony")
    return (
        ("office", "delegations") if audience == "delegations" else AUDIENCES[: AUDIENCES.index(audience) + 1]
    )


def apply_released(
    state: State, stream: Stream | None, n: int, event: e.Released, closed: e.Closed
) -> Touched:
    """A further audience has the newest version."""
    place = (event.trade, event.stage, event.group)
    result = state.results[place]
    for audience in reach(event.audience):
        result.released[audience] = len(result.versions) - 1
    return (("result", *place),)


def decide_annul(ask: Ask, cmd: e.Annul) -> Decided:
    """The standing result is void; its versions stay readable."""
    result = ask.state.results.get((cmd.trade, cmd.stage, cmd.group))
    if result is None or not result.versions or result.annulled:
        return e.Refused("nothing_to_publish")
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if not cmd.confirmed_by:
        return e.Refused("confirmation_missing")
    if cmd.confirmed_by == ask.call.actor.id:
        return e.Refused("same_person")
    event = e.Annulled(
        **ask.stamp,
        trade=cmd.trade,
        stage=cmd.stage,
        group=cmd.group,
        version=result.versions[-1].version,
        confirmed_by=cmd.confirmed_by,
    )
    return [ask.line(e.COMPETITION, event, text=cmd.reason)]


def apply_annulled(
    state: State, stream: Stream | None, n: int, event: e.Annulled, closed: e.Closed
) -> Touched:
    """No version stands."""
    place = (event.trade, event.stage, event.group)
    state.results[place].annulled = closed.text or "-"
    return (("result", *place),)


DECIDE: dict[type[e.Command], Decider] = {e.Publish: decide_publish, e.Annul: decide_annul}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.ResultPublished: apply_published,
    e.Released: apply_released,
    e.Annulled: apply_annulled,
}
