"""Issuers with their filing, their keys, occupations, who trained whom: what a promotion needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compsys import commands_credentials as c
from compsys import events as e
from compsys import facts_credentials as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.credentials import numbering
from compsys.records_credentials import Issuer
from compsys.state import State, Stream
from compsys.state_credentials import Credentials, Key

PROTECTED = (
    "中国", "中华", "国家", "全国", "职业资格", "岗位合格", "专业技术职务", "职业技能等级",
)  # fmt: skip
"""Words that a body uses only with authorisation.

Clause: credentials.md 12 (人社部函〔2022〕25号; the last one is Guangdong's).
"""


def protected(text: str) -> list[str]:
    """The protected words in a text, blanks within them or not.

    >>> protected("中 国示例中心 / Example"), protected("示例技能评价中心")
    (['中国'], [])
    """
    plain = re.sub(r"\s+", "", text)
    return [word for word in PROTECTED if word in plain]


def forbidden(issuer: Issuer, text: str, filed: bool = False) -> str:
    """The first protected word in a text of an issuer's that nobody authorised, "" when there is none.

    ``filed``: the title is of a certificate under a filing, which covers 职业技能等级 itself.
    """
    allowed = {x.word for x in issuer.exceptions} | ({"职业技能等级"} if filed else set())
    return next((word for word in protected(text) if word not in allowed), "")


def filing_fault(issuer: Issuer, occupation: str, level: str, day: str) -> tuple[str, dict[str, str]] | None:
    """Why an issuer may not give a level in an occupation (code@edition) on a day; None when it may."""
    filing = issuer.filing
    if filing is None:
        return "credential.issuer_unfiled", {"issuer": issuer.id}
    if day < filing.since:
        return "credential.filing_not_yet", {"issuer": issuer.id, "since": filing.since}
    if day > filing.until:
        return "credential.filing_expired", {"issuer": issuer.id, "until": filing.until}
    scopes = [s for s in filing.scopes if f"{s.occupation}@{s.edition}" == occupation]
    if not scopes:
        return "credential.occupation_unfiled", {"issuer": issuer.id, "occupation": occupation}
    levels = [one for s in scopes for one in s.levels]
    if level not in levels:
        return "credential.level_unfiled", {"issuer": issuer.id, "level": level, "levels": " ".join(levels)}
    return None


def _faults(state: Credentials, issuer: Issuer) -> Iterator[tuple[str, dict[str, str]]]:
    """What is wrong with an issuer's record."""
    names = " / ".join(issuer.name.values())
    if not names.strip():
        yield "malformed", {"field": "name"}
    if word := forbidden(issuer, names):
        yield "credential.word_protected", {"word": word}
    for paper, template in issuer.templates.items():
        try:
            numbering.segments(template)
        except ValueError:
            yield "credential.template_wrong", {"template": template, "kind": paper}
    ids = [site.id for site in issuer.sites]
    if len(ids) != len(set(ids)):
        yield "malformed", {"field": "sites"}
    filing = issuer.filing
    if filing is not None and filing.until < filing.since:
        yield "malformed", {"field": "filing.until"}
    if filing is not None and any(site.code[:5] != filing.code[:5] for site in issuer.sites):
        yield "malformed", {"field": "sites.code"}
    for other in state.issuers.values():
        one = other[-1]
        if one.id != issuer.id and filing and one.filing and one.filing.code == filing.code:
            yield "credential.body_code_taken", {"code": filing.code, "issuer": one.id}


def decide_issuer(ask: Ask, cmd: c.SetIssuer) -> Decided:
    """A body that issues; what it issued keeps the record that it was issued under."""
    held = ask.state.credentials
    for code, params in _faults(held, cmd.issuer):
        return e.Refused(code, params)
    if held.issuer(cmd.issuer.id) == cmd.issuer:
        return e.Refused("credential.already_so", {"id": cmd.issuer.id})
    return [ask.line(e.COMPETITION, f.IssuerSet(**ask.stamp, issuer=cmd.issuer))]


def apply_issuer(
    state: State, stream: Stream | None, n: int, event: f.IssuerSet, closed: e.Closed
) -> Touched:
    """The newest record counts from now on."""
    state.credentials.issuers.setdefault(event.issuer.id, []).append(event.issuer)
    return (("issuer", event.issuer.id),)


def decide_occupation(ask: Ask, cmd: c.SetOccupation) -> Decided:
    """An occupation with its standard."""
    if ask.state.credentials.occupations.get(cmd.occupation.key) == cmd.occupation:
        return e.Refused("credential.already_so", {"id": cmd.occupation.key})
    return [ask.line(e.COMPETITION, f.OccupationSet(**ask.stamp, occupation=cmd.occupation))]


def apply_occupation(
    state: State, stream: Stream | None, n: int, event: f.OccupationSet, closed: e.Closed
) -> Touched:
    """It is known."""
    state.credentials.occupations[event.occupation.key] = event.occupation
    return (("occupation", event.occupation.key),)


def decide_key(ask: Ask, cmd: c.MakeKey) -> Decided:
    """A key of an issuer, which signs from now on; ids are public keys, so none comes twice."""
    held = ask.state.credentials
    if held.issuer(cmd.issuer) is None:
        return e.Refused("credential.issuer_unknown", {"issuer": cmd.issuer})
    if any(key.id == cmd.key for keys in held.keys.values() for key in keys):
        return e.Refused("credential.key_known", {"key": cmd.key[:24]})
    return [
        ask.line(e.COMPETITION, f.KeyMade(**ask.stamp, issuer=cmd.issuer, key=cmd.key, suite=cmd.suite))
    ]


def apply_key(state: State, stream: Stream | None, n: int, event: f.KeyMade, closed: e.Closed) -> Touched:
    """It signs; the one before it signs no more, and what it signed stays good."""
    keys = state.credentials.keys.setdefault(event.issuer, [])
    for key in keys:
        if key.suite == event.suite and key.signs:
            key.retired = event.t
    keys.append(Key(event.key, event.suite, event.t))
    return (("issuer", event.issuer),)


def decide_move_key(ask: Ask, cmd: c.MoveKey) -> Decided:
    """Retire a key, or revoke it, with the reason; the latter with a second person."""
    held = ask.state.credentials
    key = next((k for k in held.keys.get(cmd.issuer, []) if k.id == cmd.key), None)
    if key is None:
        return e.Refused("credential.key_unknown", {"key": cmd.key[:24], "issuer": cmd.issuer})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if key.revoked or (key.retired and cmd.move == "retired"):
        return e.Refused("credential.already_so", {"id": cmd.key[:24]})
    if cmd.move == "revoked" and (refusal := second(ask, cmd.confirmed_by)) is not None:
        return refusal
    event = f.KeyMoved(**ask.stamp, issuer=cmd.issuer, key=cmd.key, move=cmd.move)
    return [ask.line(e.COMPETITION, event, text=cmd.reason.strip())]


def second(ask: Ask, confirmed_by: str) -> e.Refused | None:
    """Why somebody is no second person of a decision; None when they are."""
    if not confirmed_by:
        return e.Refused("confirmation_missing")
    if confirmed_by == ask.call.actor.id:
        return e.Refused("same_person")
    return None


def apply_move_key(
    state: State, stream: Stream | None, n: int, event: f.KeyMoved, closed: e.Closed
) -> Touched:
    """It signs no more; revoked, nothing that it signed holds."""
    for key in state.credentials.keys[event.issuer]:
        if key.id == event.key:
            key.retired = key.retired or event.t
            key.revoked = event.t if event.move == "revoked" else key.revoked
    return (("issuer", event.issuer),)


def decide_training(ask: Ask, cmd: c.NoteTraining) -> Decided:
    """Who trained whom."""
    known = ask.state.setup.records.get("person", {})
    for person, body, trainer in cmd.rows:
        if person not in known:
            return e.Refused("unknown_reference", {"key": person[:40]})
        if not (body or trainer):
            return e.Refused("malformed", {"field": "rows"})
    return [ask.line(e.COMPETITION, f.TrainingNoted(**ask.stamp, rows=cmd.rows))]


def apply_training(
    state: State, stream: Stream | None, n: int, event: f.TrainingNoted, closed: e.Closed
) -> Touched:
    """It is known."""
    for person, body, trainer in event.rows:
        state.credentials.trained.setdefault(person, []).append((body, trainer))
    return ()


DECIDE: dict[type[e.Command], Decider] = {
    c.SetIssuer: decide_issuer,
    c.SetOccupation: decide_occupation,
    c.MakeKey: decide_key,
    c.MoveKey: decide_move_key,
    c.NoteTraining: decide_training,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.IssuerSet: apply_issuer,
    f.OccupationSet: apply_occupation,
    f.KeyMade: apply_key,
    f.KeyMoved: apply_move_key,
    f.TrainingNoted: apply_training,
}
