"""Set-up commands: define records one by one or as an import, and bind persons by a salted commitment."""

from __future__ import annotations

import msgspec

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.records import KINDS, Competition, key_of
from compsys.setup import check_all, check_define
from compsys.state import Brought, Change, State, Stream


def decide_define(ask: Ask, cmd: e.Define) -> Decided:
    """Set or remove one record."""
    found = check_define(ask.state, cmd.kind, cmd.id, cmd.value)
    if isinstance(found, e.Refused):
        return found
    return [ask.line(e.COMPETITION, e.Defined(**ask.stamp, what=cmd.kind, id=cmd.id, value=cmd.value))]


def decide_define_all(ask: Ask, cmd: e.DefineAll) -> Decided:
    """Set many records, all or nothing."""
    found = check_all(ask.state, cmd.items)
    if isinstance(found, e.Refused):
        return found
    known = ask.state.setup.records.get("person", {}).keys() | {i.id for i in cmd.items if i.kind == "person"}
    events: list[tuple[e.AnyEvent, str | None]] = [
        (e.Defined(**ask.stamp, what=item.kind, id=item.id, value=item.value), None) for item in cmd.items
    ]
    for person in cmd.persons:
        if person.person not in known:
            return e.Refused("unknown_reference", {"key": person.person[:40]})
        bound = e.PersonBound(**ask.stamp, person=person.person, commitment=person.commitment)
        events.append((bound, person.salt))
    if not events:
        return e.Refused("malformed", {"field": "items"})
    first, *rest = events
    lines = [ask.line(e.COMPETITION, first[0], secret=first[1])]
    return lines + [ask.more(e.COMPETITION, event, secret=secret) for event, secret in rest]


def decide_bind_person(ask: Ask, cmd: e.BindPerson) -> Decided:
    """Bind a person's identity by its commitment."""
    if cmd.person not in ask.state.setup.records.get("person", {}):
        return e.Refused("unknown_reference", {"key": cmd.person[:40]})
    event = e.PersonBound(**ask.stamp, person=cmd.person, commitment=cmd.commitment)
    return [ask.line(e.COMPETITION, event, secret=cmd.salt)]


def _define(state: State, event: e.Defined) -> Change:
    records = state.setup.records.setdefault(event.what, {})
    if event.value is None:
        return Change(event.what, event.id, records.pop(event.id, None), None)
    record = msgspec.convert(event.value, KINDS[event.what])
    key = key_of(event.what, record)
    change = Change(event.what, key, records.get(key), record)
    records[key] = record
    if isinstance(record, Competition):
        state.setup.competition = record
    return change


def brought_at(state: State, n: int) -> Brought | None:
    """The list whose lines go as far as line n of the competition stream, if it is one of them."""
    if not state.brought:
        return None
    last = next(reversed(state.brought.values()))
    return last if last.n < n <= last.until else None


def apply_defined(state: State, stream: Stream | None, n: int, event: e.Defined, closed: e.Closed) -> Touched:
    """The record is set (or gone); a list remembers what stood there."""
    change = _define(state, event)
    if (taken := brought_at(state, n)) is not None:
        taken.changes.append(change)
    return (("setup", event.what, event.id),)


def apply_person_bound(
    state: State, stream: Stream | None, n: int, event: e.PersonBound, closed: e.Closed
) -> Touched:
    """The person's commitment is known."""
    state.commitments[event.person] = (event.commitment, closed.secret or "")
    state.bound.setdefault(event.person, []).append(n)
    if (taken := brought_at(state, n)) is not None:
        taken.bound.append(event.person)
    return (("setup", "person", event.person),)


DECIDE: dict[type[e.Command], Decider] = {
    e.Define: decide_define,
    e.DefineAll: decide_define_all,
    e.BindPerson: decide_bind_person,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Defined: apply_defined, e.PersonBound: apply_person_bound}
