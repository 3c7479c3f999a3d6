"""What was issued to a person, as that person may see it: nothing of proposals, numbers reserved or void."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from compsys.credentials import known
from compsys.credentials.statement import achievement_of, issuer_of, uuid_of
from compsys.state import State
from compsys.state_credentials import REVOKED, SUPERSEDED, SUSPENDED, VALID, Credential

SHOWN = (VALID, SUSPENDED, REVOKED, SUPERSEDED)
CORRECTED = "name"
"""The reason of a reissue after a name was corrected."""


class Paper(NamedTuple):
    """A credential as its holder sees it. ``id``: its UUID; ``title``: both languages in one text; ``since``,
    ``awarded``: with the competition's offset from UTC; ``status``: valid, suspended or revoked, ``moved``:
    since when, ``code``: why; ``earlier``: how often something else stood under this number; ``stale``: it
    says a name that was corrected since and is being issued anew."""

    key: str
    id: str
    number: str
    kind: str
    title: str
    issuer: Mapping[str, str]
    since: str
    awarded: str
    status: str
    moved: str = ""
    code: str = ""
    earlier: int = 0
    stale: bool = False


def issued(state: State, person: str) -> tuple[str, ...]:
    """The ids of the credentials that were issued to a person and that the public may know of already (awards
    are printed before their ceremony), the oldest first; () where there is none."""
    return tuple(key for key in all_of(state, person) if _shown(state, key))


def all_of(state: State, person: str) -> tuple[str, ...]:
    """The ids of everything that was issued to a person, what is under embargo too."""
    held = state.credentials
    return tuple(key for key in held.persons.get(person, ()) if key in held.held)


def _shown(state: State, key: str) -> bool:
    held = state.credentials
    return known.shown_publicly(state, held.batches[held.held[key].batch])


def paper(state: State, key: str) -> Paper:
    """One issued credential of theirs."""
    held = state.credentials
    found = held.held[key]
    move = held.moves.get(found.moved)
    return Paper(
        key=key,
        id=uuid_of(key),
        number=found.number,
        kind=held.batches[found.batch].paper,
        title=str(achievement_of(state, found)["name"]),
        issuer=dict(issuer_of(state, found).name),
        since=found.valid_from,
        awarded=found.awarded or found.valid_from,
        status=found.status,
        moved=move.t if move and found.status in (SUSPENDED, REVOKED) else "",
        code=move.code if move and found.status in (SUSPENDED, REVOKED) else "",
        earlier=len(held.earlier.get(key, ())),
        stale=key in stale(state, found.person),
    )


def stale(state: State, person: str) -> tuple[str, ...]:
    """The ids of a person's credentials that still say the name before the last accepted correction."""
    at = corrected(state, person)
    found = (state.credentials.held[key] for key in all_of(state, person))
    return tuple(one.id for one in found if at and one.slice.n < at and lives(one))


def corrected(state: State, person: str) -> int:
    """The line that last corrected a person's name, 0 when there is none."""
    holders = state.holders
    found = (holders.corrections[one] for one in holders.corrections_of.get(person, ()))
    return max((one.n for one in found if one.state == "accepted"), default=0)


def lives(found: Credential) -> bool:
    """Whether a credential can be issued anew."""
    return found.status in (VALID, SUSPENDED)
