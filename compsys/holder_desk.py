"""Holders at the desk: links for many at once, corrections asked for and settled, views shared.

Architecture Invariant: what a holder or an officer wrote is put into the vault, encrypted under the person's
own key, before the line that speaks of it; no line holds it.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from compsys import commands_holder as c
from compsys import events as e
from compsys import vault
from compsys.holder_reissue import reissue, unprintable
from compsys.vault_holder import Asked, Next, Notes, keep, named, notes_of, question, settle

if TYPE_CHECKING:
    from compsys.desk import Desk

NAME_LENGTH = 60
WORDS_LENGTH = 1000


class Link(NamedTuple):
    """A new private link: whose, and the token that stands in its fragment (told once, kept nowhere)."""

    person: str
    token: str


def token(desk: Desk) -> str:
    """128 random bits for an address."""
    return base64.urlsafe_b64encode(bytes.fromhex(desk.fresh())).decode().rstrip("=")


def digest(secret: str) -> str:
    """What the journal has of a token: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def holder(person: str) -> e.Actor:
    """Who acts for a person that came in."""
    return e.Actor("holder", person, ("holder",))


async def do(desk: Desk, actor: e.Actor, command: e.AnyCommand, key: str = "") -> e.Answer:
    """Put one command to the desk."""
    return await desk.submit(e.Call(key or desk.fresh(), actor, command))


def no(code: str, **params: str) -> e.Answer:
    """A refusal made before any command was given."""
    return e.Answer(k="", a="refused", code=code, params=params)


# ---------------------------------------------------------------- links


async def issue(
    desk: Desk, persons: Sequence[str], expires: str, actor: e.Actor, *, slip: bool = False
) -> tuple[list[Link], e.Answer]:
    """New links, all or (where one cannot have one) none; many in one line."""
    for person in persons:
        if not question(desk.names(person))[0]:
            return [], no("holder.no_question", person=person[:80])
    links = [Link(person, token(desk)) for person in persons]
    answer = no("holder.nobody")
    for start in range(0, len(links), c.AT_ONCE):
        rows = tuple((link.person, digest(link.token)) for link in links[start : start + c.AT_ONCE])
        answer = await do(desk, actor, c.IssueHolderLinks(rows=rows, expires=expires, slip=slip))
        if answer.a != "accepted":
            return links[:start], answer
    return links, answer


# ---------------------------------------------------------------- notes


async def notes(desk: Desk, person: str) -> Notes:
    """What the vault keeps of a holder's words."""
    return await desk.in_thread(lambda: notes_of(desk.vault, person))


async def _change(desk: Desk, person: str, change: Callable[[Notes], Notes]) -> bool:
    """Read and write the notes in one piece of work; False: the person is erased."""
    return await desk.in_thread(lambda: keep(desk.vault, person, change(notes_of(desk.vault, person))))


# ---------------------------------------------------------------- corrections


def cleaned(name: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str] | e.Refused:
    """The names of a correction as they would be kept (NFC, single spaces): those that differ from what is
    known. Else ``holder.name_bad``, ``holder.name_same``."""
    found = {}
    for language, typed in name.items():
        text = " ".join(unicodedata.normalize("NFC", typed).split())
        if len(text) > NAME_LENGTH or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in text):
            return e.Refused("holder.name_bad", {"most": str(NAME_LENGTH)})
        if text and text != known.get(language):
            found[language] = text
    return found or e.Refused("holder.name_same")


async def ask(
    desk: Desk,
    person: str,
    name: Mapping[str, str],
    words: str,
    file: tuple[str, bytes] = ("", b""),
    *,
    key: str = "",
) -> e.Answer:
    """Ask for a name to be corrected; ``file``: (media type, bytes) of what proves it."""
    known = desk.names(person)
    wanted = cleaned(name, known.name if known else {})
    if isinstance(wanted, e.Refused):
        return no(wanted.code, **wanted.params)
    if len(words) > WORDS_LENGTH:
        return no("holder.words_long", most=str(WORDS_LENGTH))
    key = key or desk.fresh()
    id_ = digest(f"correction {key}")[:12]
    async with desk.reading(e.COMPETITION) as state:
        held = state.holders
        if any(one in held.waiting and one != id_ for one in held.corrections_of.get(person, ())):
            return no("holder.correction_waits")
    asked = Asked(wanted, words.strip(), file[0])

    def work() -> bool:
        before = notes_of(desk.vault, person)
        after = msgspec.structs.replace(before, asked={**before.asked, id_: asked})
        more = {f"file-{id_}": file[1]} if file[0] else {}
        return keep(desk.vault, person, after) and (not more or desk.vault.put_beside(person, more))

    if not await desk.in_thread(work):
        return no("holder.erased")
    return await do(desk, holder(person), c.AskCorrection(id=id_, person=person), key)


async def refuse(desk: Desk, id_: str, actor: e.Actor, words: str, officer: str) -> e.Answer:
    """Refuse a correction with words for its holder (``officer``: the account whose word it is)."""
    if not words.strip():
        return no("reason_missing")
    person = await _waiting(desk, id_)
    if isinstance(person, e.Answer):
        return person
    await _change(desk, person, lambda before: _answered(before, id_, words.strip()))
    answer = await do(desk, actor, c.SettleCorrection(id=id_, confirmed_by=officer))
    if answer.a == "accepted":
        await desk.in_thread(lambda: desk.vault.drop_beside(person, f"file-{id_}", desk.now()))
    return answer


def _answered(before: Notes, id_: str, words: str) -> Notes:
    asked = before.asked.get(id_, Asked({}))
    told = msgspec.structs.replace(asked, answer=words)
    return msgspec.structs.replace(before, asked={**before.asked, id_: told})


async def _waiting(desk: Desk, id_: str) -> str | e.Answer:
    """Whose correction it is, if it waits; else the refusal."""
    async with desk.reading(e.COMPETITION) as state:
        found = state.holders.corrections.get(id_)
        if found is None:
            return no("holder.correction_unknown", id=id_[:40])
        return found.person if found.state == "waiting" else no("holder.correction_settled", id=id_)


class Step(NamedTuple):
    """How far an acceptance is: noted, bound, named, reissued; or why it goes no further (``answer``)."""

    name: str
    answer: e.Answer
    reissued: tuple[str, ...] = ()


async def accepting(
    desk: Desk, id_: str, actor: e.Actor, words: str, officer: str
) -> AsyncGenerator[Step, None]:
    """Accept a correction, one durable step after the other; begun again after a kill it goes on.

    The name to come is put beside the old one, then one commit settles the correction and binds the person,
    then the name is put in, then exactly this person's credentials are issued anew.
    """
    async with desk.reading(e.COMPETITION) as state:
        found = state.holders.corrections.get(id_)
        if found is None or found.state == "refused":
            code = "holder.correction_settled" if found else "holder.correction_unknown"
            yield Step("", no(code, id=id_[:40]))
            return
        person, waits = found.person, found.state == "waiting"
    answer = e.Answer(k="", a="accepted")
    if waits:
        prepared = await _prepare(desk, person, id_, words, officer)
        if isinstance(prepared, e.Answer):
            yield Step("", prepared)
            return
        yield Step("noted", answer)
        answer = await do(desk, actor, prepared)
        if answer.a != "accepted":
            yield Step("", answer)
            return
        yield Step("bound", answer)
    async with desk.reading(e.COMPETITION) as state:
        commitments = {person: state.commitments.get(person, ("", ""))}
    changed = await desk.in_thread(lambda: settle(desk.vault, person, commitments))
    if changed is not None:
        await desk.put_persons([(person, changed)])  # and this desk's own memory of the names
    await desk.in_thread(lambda: desk.vault.drop_beside(person, f"file-{id_}", desk.now()))
    yield Step("named", answer)
    done, again = await reissue(desk, person, actor, officer)
    yield Step("reissued" if done.a == "accepted" else "", done, again)


async def _prepare(
    desk: Desk, person: str, id_: str, words: str, officer: str
) -> c.SettleCorrection | e.Answer:
    """Everything that can be said against it before anything is written; then the name to come is noted."""
    known, before = desk.names(person), await notes(desk, person)
    asked = before.asked.get(id_)
    if known is None or asked is None:
        return no("holder.erased")
    if (problem := await unprintable(desk.directory, asked.name)) is not None:
        return no(problem.code, **problem.params)
    changed = named(known, asked.name)
    salt = desk.fresh()
    coming = msgspec.structs.replace(_answered(before, id_, words.strip()), next=Next(id_, asked.name))
    await desk.in_thread(lambda: keep(desk.vault, person, coming))
    made = vault.commitment(salt, vault.canonical(changed))
    return c.SettleCorrection(id=id_, confirmed_by=officer, commitment=made, salt=salt)


async def accept(desk: Desk, id_: str, actor: e.Actor, words: str, officer: str) -> Step:
    """Accept a correction to its end; the last step."""
    steps = [step async for step in accepting(desk, id_, actor, words, officer)]
    return steps[-1]


# ---------------------------------------------------------------- shared views


async def share(
    desk: Desk, person: str, credentials: Sequence[str], expires: str, label: str, *, secret: str, key: str
) -> e.Answer:
    """Let whoever has the token (``secret``) see these credentials; the label is for the holder's eyes."""
    id_ = digest(f"view {key}")[:12]
    told = " ".join(label.split())[:NAME_LENGTH]
    add = {id_: told}
    if not await _change(desk, person, lambda b: msgspec.structs.replace(b, views={**b.views, **add})):
        return no("holder.erased")
    command = c.ShareView(
        id=id_, person=person, token=digest(secret), credentials=tuple(credentials), expires=expires
    )
    return await do(desk, holder(person), command, key)


