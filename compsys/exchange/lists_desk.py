"""Lists at the desk: looked at, taken in one transaction, taken back while nothing depends on them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from compsys import events as e
from compsys import vault
from compsys.desk import Desk
from compsys.exchange import lists_fields as lf
from compsys.exchange import lists_look
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_look import Wish
from compsys.exchange.lists_people import Known, trade_names
from compsys.exchange.lists_read import Tick, no_tick
from compsys.exchange.lists_scores import Book, Owing, Value, key
from compsys.setting_lists import undoing
from compsys.setup_records import check_all
from compsys.state import Setup, State, Stream, Unit
from compsys.vault import Identity

Submit = Callable[[e.AnyCommand, str], Awaitable[e.Answer]]
"""Puts a command to the desk as whoever asks: (command, what of the whole it is, for its key)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a list gave: the answers, and the imports by which it can be taken back."""

    answer: e.Answer
    imports: tuple[str, ...] = ()
    """``STREAM:N``"""


class Unclear(NamedTuple):
    """Why it cannot be said which component a list of scores is of, and which there are."""

    code: str
    known: str


async def look(
    desk: Desk,
    handle: BinaryIO,
    name: str,
    wish: Wish,
    tick: Tick = no_tick,
    by_code_only: bool = False,
) -> Look:
    """Look at a list; reading goes on in a thread of its own. ``by_code_only``: scores' rows are found by
    blind codes alone (what a seat sees must not tell whose code is whose)."""
    async with desk.reading() as state:
        mappings = dict(state.mappings)
    opened = await asyncio.to_thread(lists_look.begin, handle, name, wish, mappings)
    if opened.header is None:
        return opened.look
    if opened.header.kind == lf.SCORES:
        book, trades = await _book(desk, opened.header, wish, by_code_only)
        if isinstance(book, Unclear):
            opened.look.say(0, 0, book.code, {"known": book.known})
            return opened.look
        return await asyncio.to_thread(lists_look.scores, opened, book, trades, tick)
    known = await _known(desk, wish)
    return await asyncio.to_thread(lists_look.people, opened, known, desk.fresh, tick)


async def header_of(desk: Desk, handle: BinaryIO, name: str, wish: Wish) -> Header | None:
    """The header of a list as it is found, None when there is none or the file cannot be read."""
    async with desk.reading() as state:
        mappings = dict(state.mappings)
    return (await asyncio.to_thread(lists_look.begin, handle, name, wish, mappings)).header


async def _known(desk: Desk, wish: Wish) -> Known:
    """What stands now, for a thread to look at."""
    async with desk.reading() as state:
        setup = Setup(state.setup.competition, {k: dict(held) for k, held in state.setup.records.items()})
        persons = setup.records.get("person", {})
        names = {p: who for p in persons if (who := desk.names(p)) is not None}
        drawn = frozenset(s.trade for s in state.streams.values() if s.marking != "setup")
        opened = frozenset(s.name for s in state.streams.values() if s.frozen)
    trade = wish.target.partition("/")[0]
    return Known(setup, names, drawn, opened, trade if trade in setup.trades else "")


# ---------------------------------------------------------------- scores: who owes one


async def _book(
    desk: Desk, header: Header, wish: Wish, by_code_only: bool
) -> tuple[Book | Unclear, dict[str, str]]:
    """The units that owe the component's score, gathered stream by stream so that nobody waits long."""
    async with desk.reading() as state:
        names = [s.name for s in state.streams.values() if s.frozen and _aimed(s, wish)]
        label = header.labels[header.column("value") - 1] if header.column("value") else ""
        component = wish.component or _component(state, names, label)
        titles = trade_names(state.setup)
        trades = {word: titles.find(word)[0] for word in titles.words if len(titles.find(word)) == 1}
    if isinstance(component, Unclear):
        return component, {}
    book = Book(component)
    for name in names:
        async with desk.reading() as state:
            stream = state.streams.get(name)
            if stream is not None:
                _owing(desk, state, stream, book, header, by_code_only, wish.target)
        await asyncio.sleep(0)
    return book, trades


def _aimed(stream: Stream, wish: Wish) -> bool:
    wanted = wish.target.split("/")[:2] if wish.target else []
    here = [stream.trade, stream.stage][: len(wanted)] == wanted
    return here and wish.stream in ("", stream.name)


def _component(state: State, names: list[str], label: str) -> str | Unclear:
    """The imported component there is; of several the one that the column's header names."""
    found: dict[str, set[str]] = {}
    for name in names:
        for rules in state.streams[name].groups.values():
            for part in rules.components:
                if part.source == "imported":
                    found.setdefault(part.id, set()).update(lf.compared(n) for n in part.name.values())
    said = lf.compared(label)
    meant = [i for i, words in found.items() if len(found) == 1 or any(w and w in said for w in words)]
    if len(meant) == 1:
        return meant[0]
    return Unclear("component_unclear" if found else "no_component", ", ".join(found))


def _owing(
    desk: Desk, state: State, stream: Stream, book: Book, header: Header, by_code_only: bool, target: str
) -> None:
    """Note the units of one stream under the words that the list uses."""
    waiting = _waiting(stream, book.component)
    group = target.split("/")[2] if target.count("/") == 2 else ""
    by_number = bool(header.column("id_number")) and not by_code_only
    named = bool(header.column("name_zh")) and not by_code_only
    for unit in stream.units.values():
        parts = stream.groups[unit.group].components if unit.group in stream.groups else ()
        part = next((c for c in parts if c.id == book.component and c.source == "imported"), None)
        if part is None or (group and unit.group != group):
            continue
        who = _identity(desk, state, unit) if by_number or named else None
        name = next(iter(who.name.values()), "") if who and named else ""
        now: Value | None = waiting.get(unit.id) or unit.imported.get(book.component)
        owes = Owing(stream.name, unit.id, part.max, now)
        book.owing += 1
        book.put(key(unit.code), owes, stream.trade)
        for word in [] if by_code_only else _words(state, unit, who if by_number else None):
            book.put(word, owes._replace(name=name), stream.trade)


def _waiting(stream: Stream, component: str) -> dict[str, Value]:
    """What imports that nobody has confirmed yet say."""
    found: dict[str, Value] = {}
    for brought in stream.imports.values():
        if brought.component == component and not brought.confirmed_by:
            found |= {unit: (value, status) for unit, value, status in brought.rows}
    return found


def _words(state: State, unit: Unit, who: Identity | None) -> list[str]:
    """What an office calls a unit: its entry's id and bib, its identity number."""
    entry = state.setup.entries.get(unit.entry)
    words = [entry.id, entry.bib] if entry is not None else []
    if who is not None:
        words.append(who.id_number)
    return [word for word in dict.fromkeys(map(key, words)) if word]


def _identity(desk: Desk, state: State, unit: Unit) -> Identity | None:
    entry = state.setup.entries.get(unit.entry)
    alone = entry.members[0].person if entry and len(entry.members) == 1 else ""
    return desk.names(alone) if alone else None


# ---------------------------------------------------------------- taking


async def take(desk: Desk, looked: Look, submit: Submit) -> Taken:
    """Take what was looked at: all of it, or nothing. Rows with errors stay out (of scores there is none to
    be taken while one row is wrong)."""
    if looked.scores:
        return await _take_scores(looked, submit)
    items = tuple(looked.items)
    async with desk.reading() as state:
        no = check_all(state, items)
        there = state.setup.records.get("person", {})
        known = [(person, who) for person, who in looked.persons.items() if person in there]
    if isinstance(no, e.Refused):
        return Taken(e.Answer(k="", a="refused", code=no.code, params=no.params))
    bound = []
    for person, who in looked.persons.items():
        salt = desk.fresh()
        made = vault.commitment(salt, vault.canonical(who))
        bound.append(e.BindPerson(person=person, commitment=made, salt=salt))
    # The names first: a record whose person has no name yet would be worse than a name nobody refers to.
    fresh = [(person, who) for person, who in looked.persons.items() if person not in dict(known)]
    await desk.put_persons(fresh)
    command = e.ImportList(what=looked.kind, digest=looked.digest, items=items, persons=tuple(bound))
    answer = await submit(command, "list")
    if answer.a == "accepted":
        await desk.put_persons(known)
    done = (f"{answer.stream}:{answer.n}",) if answer.a == "accepted" else ()
    return Taken(answer, done)


async def _take_scores(looked: Look, submit: Submit) -> Taken:
    """One import per stream; nothing counts before its second checker, so one refused takes all back."""
    done: list[str] = []
    answer = e.Answer(k="", a="refused", code="malformed")
    for stream, rows in looked.scores.items():
        command = e.ImportScores(
            stream=stream, component=looked.component, digest=looked.digest, rows=tuple(rows)
        )
        answer = await submit(command, stream)
        if answer.a != "accepted":
            for place in done:
                name, _, n = place.rpartition(":")
                await submit(e.WithdrawScores(stream=name, n=int(n)), f"back {place}")
            return Taken(answer)
        done.append(f"{stream}:{answer.n}")
    return Taken(answer, tuple(done))


# ---------------------------------------------------------------- taking back


async def revert(desk: Desk, place: str, actor: e.Actor, submit: Submit) -> e.Answer:
    """Take an import back; the persons it made are forgotten. ``place``: ``STREAM:N``, or N of a list."""
    stream, _, said = place.rpartition(":")
    if not (said.isascii() and said.isdigit() and len(said) < 12):
        return e.Answer(k="", a="refused", code="import_unknown", params={"n": place[:40]})
    n, stream = int(said), stream or e.COMPETITION
    if stream != e.COMPETITION:
        return await submit(e.WithdrawScores(stream=stream, n=n), "revert")
    answer = await submit(e.RevertList(n=n), "revert")
    if answer.a != "accepted":
        return answer
    async with desk.reading() as state:
        there = state.setup.records.get("person", {})
        made = [person for person in state.brought[n].bound if person not in there]
    # Where this fails the list is taken back and the names are not forgotten: asked again it goes on here.
    erased = await desk.erase_many(made, actor, "import taken back") if made else answer
    return answer if erased.a == "accepted" else erased


def standing(state: State, n: int) -> e.Refused | None:
    """Why the list of line n cannot be taken back now; None when it can."""
    brought = state.brought[n]
    if brought.reverted:
        return e.Refused("import_reverted", {"n": str(n)})
    items = undoing(state, brought)
    found = items if isinstance(items, e.Refused) else check_all(state, items)
    return found if isinstance(found, e.Refused) else None
