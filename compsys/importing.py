"""Component scores from outside (a theory exam): imported whole, checked by a second person, then counted."""

from __future__ import annotations

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched, open_stream, touch_unit
from compsys.state import Import, State, Stream
from scoring_rules.exact import NotANumber, parse

ROW_STATUSES = ("", "absent")
ROWS = 1_000
"""Rows of one line: an import of many thousand is written as several lines, in one commit."""


def decide_import(ask: Ask, cmd: e.ImportScores) -> Decided:
    """Rows (unit, value or None, status): every unit known and once, every value within the component's
    maximum; a row without a value must say absent (absent is not 0)."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if "stage" in stream.locks or f"component:{cmd.component}" in stream.locks:
        return e.Refused("locked", {"scope": cmd.component})
    seen: set[str] = set()
    for unit_id, value, status in cmd.rows:
        unit = stream.units.get(unit_id)
        if unit is None or unit_id in seen:
            return e.Refused("unknown_unit", {"unit": unit_id[:40]})
        seen.add(unit_id)
        component = next((c for c in stream.groups[unit.group].components if c.id == cmd.component), None)
        if component is None or component.source != "imported":
            return e.Refused("unknown_component", {"component": cmd.component[:40]})
        refusal = _bad_row(value, status, component.max, unit.code)
        if refusal is not None:
            return refusal
    if not seen:
        return e.Refused("malformed", {"field": "rows"})
    event = e.ScoresImported(**ask.stamp, component=cmd.component, digest=cmd.digest, rows=cmd.rows[:ROWS])
    lines = [ask.line(cmd.stream, event)]
    for start in range(ROWS, len(cmd.rows), ROWS):
        more = e.ScoresContinued(**ask.stamp, of=stream.n + 1, rows=cmd.rows[start : start + ROWS])
        lines.append(ask.more(cmd.stream, more))
    return lines


def _bad_row(value: str | None, status: str, maximum: str, code: str) -> e.Refused | None:
    if status not in ROW_STATUSES or (value is None) != (status == "absent"):
        return e.Refused("bad_status", {"status": status or "none", "unit": code})
    if value is None:
        return None
    try:
        number = parse(value)
    except NotANumber:
        return e.Refused("not_a_number", {"value": value[:40], "unit": code})
    if not 0 <= number <= parse(maximum):
        return e.Refused("out_of_range", {"value": value, "low": "0", "high": maximum, "unit": code})
    return None


def apply_imported(
    state: State, stream: Stream, n: int, event: e.ScoresImported, closed: e.Closed
) -> Touched:
    """The import waits for its second checker."""
    stream.imports[n] = Import(event.component, event.digest, event.rows, closed.actor)
    return (("stream", stream.name),)


def apply_continued(
    state: State, stream: Stream, n: int, event: e.ScoresContinued, closed: e.Closed
) -> Touched:
    """Further rows of an import."""
    stream.imports[event.of].rows += event.rows
    return (("stream", stream.name),)


def decide_withdraw(ask: Ask, cmd: e.WithdrawScores) -> Decided:
    """Take an import back that does not count yet."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    found = stream.imports.get(cmd.n)
    if found is None:
        return e.Refused("import_unknown", {"n": str(cmd.n)})
    if found.confirmed_by:
        return e.Refused("import_confirmed", {"n": str(cmd.n)})
    return [ask.line(cmd.stream, e.ScoresWithdrawn(**ask.stamp, of=cmd.n))]


def apply_withdrawn(
    state: State, stream: Stream, n: int, event: e.ScoresWithdrawn, closed: e.Closed
) -> Touched:
    """The import is gone; its lines stay."""
    del stream.imports[event.of]
    return (("stream", stream.name),)


def decide_confirm(ask: Ask, cmd: e.ConfirmScores) -> Decided:
    """A second person confirms an import; only then it counts."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    found = stream.imports.get(cmd.n)
    if found is None:
        return e.Refused("import_unknown", {"n": str(cmd.n)})
    if found.confirmed_by:
        return e.Refused("import_confirmed", {"n": str(cmd.n)})
    if found.by == ask.call.actor.id:
        return e.Refused("same_person")
    if "stage" in stream.locks or f"component:{found.component}" in stream.locks:
        return e.Refused("locked", {"scope": found.component})
    return [ask.line(cmd.stream, e.ScoresConfirmed(**ask.stamp, of=cmd.n))]


def apply_confirmed(
    state: State, stream: Stream, n: int, event: e.ScoresConfirmed, closed: e.Closed
) -> Touched:
    """The scores count."""
    found = stream.imports[event.of]
    found.confirmed_by = closed.actor or "-"
    touched: list[tuple[str, ...]] = [("stream", stream.name)]
    for unit_id, value, status in found.rows:
        unit = stream.units[unit_id]
        unit.imported[found.component] = (value, status)
        touched += touch_unit(stream, unit)
    for level in ("revealed", "signed"):
        stream.newest[level] = event.t
    return tuple(touched)


DECIDE: dict[type[e.Command], Decider] = {
    e.ImportScores: decide_import,
    e.ConfirmScores: decide_confirm,
    e.WithdrawScores: decide_withdraw,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.ScoresImported: apply_imported,
    e.ScoresConfirmed: apply_confirmed,
    e.ScoresContinued: apply_continued,
    e.ScoresWithdrawn: apply_withdrawn,
}
