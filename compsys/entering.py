"""Many entrants at a time: persons and entries of a trade in lines of bounded size, identities committed to.

A line of rows cannot carry one secret salt per person: erasing one would take the others' along. So the salt
of such a commitment is derived from the person's own key in the vault, and goes when that key is destroyed.
"""

from __future__ import annotations

import re

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.records import Entry, Membership, Person
from compsys.state import State, Stream

ROWS = 200
"""Rows of one line."""
MOST = 10_000
"""Rows of one command."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_COMMITMENT = re.compile(r"[0-9a-f]{64}\Z")


def decide_enter(ask: Ask, cmd: e.EnterMany) -> Decided:
    """Entries of one person each, all or nothing: every entry and person new and once, delegations known."""
    setup = ask.state.setup
    if cmd.trade not in setup.trades:
        return e.Refused("unknown_reference", {"key": cmd.trade[:40]})
    if not 0 < len(cmd.rows) <= MOST:
        return e.Refused("malformed", {"field": "rows"})
    entries, persons = setup.entries, setup.records.get("person", {})
    seen: set[str] = set()
    for entry, delegation, _, person, commitment in cmd.rows:
        if delegation not in setup.delegations:
            return e.Refused("unknown_reference", {"key": delegation[:40]})
        wrong = next((key for key in (entry, person) if not _ID.match(key)), "")
        if wrong or not _COMMITMENT.match(commitment):
            return e.Refused("malformed", {"field": "rows"})
        if entry in entries or person in persons or entry in seen or person in seen:
            return e.Refused("bad_record", {"kind": "entry", "id": entry, "message": "$.id"})
        seen |= {entry, person}
    events = [
        e.Entered(
            **ask.stamp, trade=cmd.trade, group=cmd.group, site=cmd.site, rows=cmd.rows[start : start + ROWS]
        )
        for start in range(0, len(cmd.rows), ROWS)
    ]
    first, *rest = events
    return [ask.line(e.COMPETITION, first), *(ask.more(e.COMPETITION, event) for event in rest)]


def apply_entered(state: State, stream: Stream | None, n: int, event: e.Entered, closed: e.Closed) -> Touched:
    """The entries stand, each with its person, who is bound by the commitment."""
    entries = state.setup.records.setdefault("entry", {})
    persons = state.setup.records.setdefault("person", {})
    once: dict[str, str] = {}
    for entry, delegation, bib, person, commitment in event.rows:
        persons[person] = Person(id=person)
        entries[entry] = Entry(
            id=entry,
            trade=event.trade,
            group=event.group,
            delegation=once.setdefault(delegation, delegation),
            bib=bib,
            members=(Membership(person=person),),
            site=event.site,
        )
        state.commitments[person] = (commitment, "")
        state.bound.setdefault(person, []).append(n)
    return (("setup", "entry", event.trade),)


DECIDE: dict[type[e.Command], Decider] = {e.EnterMany: decide_enter}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Entered: apply_entered}
