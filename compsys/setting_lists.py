"""Lists of other people: taken as one import, taken back while nothing stands on it; remembered columns."""

from __future__ import annotations

import re

import msgspec

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.setting_up import decide_define_all
from compsys.setup_records import check_all
from compsys.state import Brought, Change, State, Stream

LISTS = ("entrants", "judges", "delegations")
"""The lists that are taken into the set-up (scores go into their stream: ``compsys.importing``)."""

_SHAPE = re.compile(r"[0-9a-f]{32}\Z")
MAX_COLUMNS = 256


def decide_import_list(ask: Ask, cmd: e.ImportList) -> Decided:
    """Set many records as one import, all or nothing; its first line says how many lines belong to it."""
    if cmd.what not in LISTS:
        return e.Refused("malformed", {"field": "what"})
    found = decide_define_all(ask, e.DefineAll(items=cmd.items, persons=cmd.persons))
    if isinstance(found, e.Refused):
        return found
    first = e.ListImported(**ask.stamp, what=cmd.what, digest=cmd.digest, lines=len(found))
    rest = [ask.more(e.COMPETITION, line.event, secret=line.closed.secret) for line in found]
    return [ask.line(e.COMPETITION, first), *rest]


def apply_imported(
    state: State, stream: Stream | None, n: int, event: e.ListImported, closed: e.Closed
) -> Touched:
    """The lines that follow belong to this import."""
    state.brought[n] = Brought(n, event.what, event.digest, n + event.lines, closed.actor, event.t)
    return (("setup", "list", str(n)),)


def undoing(state: State, taken: Brought) -> tuple[e.Define, ...] | e.Refused:
    """What would make everything as it was before an import; or import_changed: a record is another since.

    What then would miss something (in_use) or pull the ground from under marking (frozen_record) is found
    by ``check_all``, as for every change of the set-up.
    """
    whole: dict[tuple[str, str], Change] = {}
    for change in taken.changes:
        earlier = whole.get((change.kind, change.key), change)
        whole[change.kind, change.key] = change._replace(before=earlier.before)
    items = []
    for change in reversed(whole.values()):
        now = state.setup.records.get(change.kind, {}).get(change.key)
        if now != change.after:
            return e.Refused("import_changed", {"n": str(taken.n), "kind": change.kind, "id": change.key})
        value = None if change.before is None else msgspec.to_builtins(change.before)
        items.append(e.Define(kind=change.kind, id=change.key, value=value))
    return tuple(items)


def decide_revert(ask: Ask, cmd: e.RevertList) -> Decided:
    """Every record as it was, as long as nothing else stands on what the import made."""
    taken = ask.state.brought.get(cmd.n)
    if taken is None:
        return e.Refused("import_unknown", {"n": str(cmd.n)})
    if taken.reverted:
        return e.Refused("import_reverted", {"n": str(cmd.n)})
    items = undoing(ask.state, taken)
    if isinstance(items, e.Refused):
        return items
    no = check_all(ask.state, items)
    if isinstance(no, e.Refused):
        return no
    for person in cmd.persons:
        if person.person not in taken.bound:
            return e.Refused("unknown_reference", {"key": person.person[:40]})
    lines: list[tuple[e.AnyEvent, str | None]] = [
        (e.Defined(**ask.stamp, what=item.kind, id=item.id, value=item.value), None) for item in items
    ]
    for person in cmd.persons:
        again = e.PersonBound(**ask.stamp, person=person.person, commitment=person.commitment)
        lines.append((again, person.salt))
    first = e.ListReverted(**ask.stamp, of=cmd.n, lines=len(lines))
    rest = [ask.more(e.COMPETITION, event, secret=secret) for event, secret in lines]
    return [ask.line(e.COMPETITION, first), *rest]


def apply_reverted(
    state: State, stream: Stream | None, n: int, event: e.ListReverted, closed: e.Closed
) -> Touched:
    """The import counts no longer; what it changed is let go."""
    taken = state.brought[event.of]
    taken.reverted = closed.actor or "-"
    taken.changes.clear()
    return (("setup", "list", str(event.of)),)


def decide_map(ask: Ask, cmd: e.MapColumns) -> Decided:
    """Remember a header's columns; the field's words are checked where lists are read."""
    if not _SHAPE.match(cmd.shape):
        return e.Refused("malformed", {"field": "shape"})
    if len(cmd.columns) > MAX_COLUMNS or any(len(name) > 20 or not name.isascii() for name in cmd.columns):
        return e.Refused("malformed", {"field": "columns"})
    return [ask.line(e.COMPETITION, e.ColumnsMapped(**ask.stamp, shape=cmd.shape, columns=cmd.columns))]


def apply_mapped(
    state: State, stream: Stream | None, n: int, event: e.ColumnsMapped, closed: e.Closed
) -> Touched:
    """The newest meaning stands."""
    state.mappings[event.shape] = event.columns
    return (("setup", "columns", event.shape),)


DECIDE: dict[type[e.Command], Decider] = {
    e.ImportList: decide_import_list,
    e.RevertList: decide_revert,
    e.MapColumns: decide_map,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.ListImported: apply_imported,
    e.ListReverted: apply_reverted,
    e.ColumnsMapped: apply_mapped,
}
