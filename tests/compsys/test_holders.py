"""Holders at a real desk: links, a name corrected and exactly its papers reissued, kills, shared views."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from pathlib import Path

import msgspec
import pytest

from compsys import commands_holder as c
from compsys import events as e
from compsys import holder_desk, holder_papers, holders, verify
from compsys.credentials import documents
from compsys.desk import Desk
from compsys.exchange import competition_file
from compsys.state_credentials import Credential
from tests.compsys.holders import LIFE, MISREAD, OFFICE, OFFICER, RIGHT, issued, number, opened, person, put

WHO, OTHER = person(0), person(1)
STEPS = ("noted", "bound", "named", "reissued")


def sound(directory: Path) -> None:
    """The offline verifier, which knows nothing of the program, finds nothing to complain of."""
    report = verify.verify(directory, key_file=directory / "keys" / "master.key")
    assert report.problems == []
    checked = next(note for note in report.notes if note.code == "persons_checked")
    assert checked.params["count"] == 4


async def papers(desk: Desk, who: str = WHO) -> list[Credential]:
    """What stands of a person's credentials, as it was issued last."""
    async with desk.reading(e.COMPETITION) as state:
        held = state.credentials.held
        return [msgspec.structs.replace(held[key]) for key in holder_papers.issued(state, who)]


async def asked(desk: Desk, name: str = RIGHT, words: str = "登记时误写") -> str:
    """A correction asked for; its id."""
    answer = await holder_desk.ask(desk, WHO, {"zh-CN": name}, words, ("image/png", b"\x89PNG proof"))
    assert answer.a == "accepted", answer
    async with desk.reading(e.COMPETITION) as state:
        return state.holders.corrections_of[WHO][-1]


async def enclosed(desk: Desk, id_: str) -> bytes | None:
    """What was enclosed with a correction, if it is still there."""
    return await desk.in_thread(lambda: desk.vault.beside(WHO, f"file-{id_}"))


async def said(desk: Desk, who: str = WHO) -> set[str]:
    """The names that a person's documents say; every one of them can be put together."""
    found = set()
    async with desk.reading(e.COMPETITION) as state:
        for key in holder_papers.issued(state, who):
            document = documents.document(state, desk.names, state.credentials.held[key])
            assert isinstance(document, dict), document
            found.add(document["credentialSubject"]["identifier"][0]["identityHash"])
    return found


def test_a_corrected_name_is_reissued_and_everybody_elses_papers_stay(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        before, others = await papers(desk), await papers(desk, OTHER)
        id_ = await asked(desk)
        done = await holder_desk.accept(desk, id_, OFFICE, "已核对证件", OFFICER)
        assert done.name == "reissued" and done.answer.a == "accepted", done
        after = await papers(desk)
        assert {one.id for one in before} == set(done.reissued) == {one.id for one in after}
        for old, new in zip(before, after, strict=True):
            assert new.number == old.number and new.valid_from > old.valid_from
            assert new.awarded == old.valid_from and new.status == "valid" and new.index != old.index
        async with desk.reading(e.COMPETITION) as state:
            for old in before:
                assert [one.status for one in state.credentials.earlier[old.id]] == ["superseded"]
                bits = state.credentials.lists[old.issuer][old.slice.list - 1].bits
                assert bits[old.index >> 3] & (0x80 >> (old.index & 7)), "the old one's bit is set"
            correction = state.holders.corrections[id_]
            assert (correction.state, correction.by) == ("accepted", OFFICER)
        assert await said(desk) == {RIGHT} and await papers(desk, OTHER) == others
        notes = await holder_desk.notes(desk, WHO)
        assert notes.next is None and notes.asked[id_].was["zh-CN"] == MISREAD
        assert notes.asked[id_].answer == "已核对证件"
        # What was enclosed is deleted once it has served.
        assert await enclosed(desk, id_) is None
        await desk.close()

    asyncio.run(day())
    sound(tmp_path)


@pytest.mark.parametrize("kill", range(len(STEPS) + 1))
def test_a_kill_between_any_two_steps_breaks_nothing_and_is_gone_on_from(kill: int, tmp_path: Path) -> None:
    async def until() -> tuple[str, list[Credential]]:
        desk = await issued(tmp_path)
        before, id_ = await papers(desk), await asked(desk)
        steps = holder_desk.accepting(desk, id_, OFFICE, "", OFFICER)
        for name in STEPS[:kill]:
            assert (await anext(steps)).name == name
        await steps.aclose()
        await desk.close()
        return id_, before

    async def after(id_: str, before: list[Credential]) -> None:
        desk = await opened(tmp_path, 2, itertools.count(1_790_000_000_000, 1000))
        known = desk.names(WHO)
        assert known is not None and known.name["zh-CN"] == (MISREAD if kill < 2 else RIGHT)
        assert {one.number for one in await papers(desk)} == {one.number for one in before}
        sound(tmp_path)
        done = await holder_desk.accept(desk, id_, OFFICE, "", OFFICER)
        assert done.answer.a == "accepted", done
        assert await said(desk) == {RIGHT}
        async with desk.reading(e.COMPETITION) as state:
            # Once, however often it was begun.
            assert all(len(state.credentials.earlier[one.id]) == 1 for one in before)
            assert not state.credentials.waiting
        await desk.close()

    id_, before = asyncio.run(until())
    sound(tmp_path)
    asyncio.run(after(id_, before))
    sound(tmp_path)


def test_a_kill_between_reserved_and_issued_is_signed_and_no_other_row_is_begun(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        id_ = await asked(desk)
        steps = holder_desk.accepting(desk, id_, OFFICE, "", OFFICER)
        for _ in range(3):
            await anext(steps)
        await steps.aclose()
        from compsys.commands_credentials import ReissueCredentials

        first = (await papers(desk))[0]
        await put(
            desk,
            ReissueCredentials(rows=((first.id, 7),), code="name", reason="x", confirmed_by=OFFICER),
            OFFICE,
        )
        await desk.close()
        desk = await opened(tmp_path, 2, itertools.count(1_790_000_000_000, 1000))
        done = await holder_desk.accept(desk, id_, OFFICE, "", OFFICER)
        assert done.answer.a == "accepted", done
        async with desk.reading(e.COMPETITION) as state:
            assert len(state.credentials.earlier[first.id]) == 1
        assert await said(desk) == {RIGHT}
        await desk.close()

    asyncio.run(day())


def test_a_name_that_cannot_be_printed_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        id_ = await asked(desk, "王\U0001f60a")
        n = desk.state.n
        done = await holder_desk.accept(desk, id_, OFFICE, "", OFFICER)
        assert done.answer.code == "holder.glyph" and done.answer.params["codes"] == "U+1F60A"
        assert desk.state.n == n and (await holder_desk.notes(desk, WHO)).next is None
        assert await said(desk) == {MISREAD}
        answer = await holder_desk.refuse(desk, id_, OFFICE, "此字无法印制", OFFICER)
        assert answer.a == "accepted"
        assert (await holder_desk.notes(desk, WHO)).asked[id_].answer == "此字无法印制"
        assert (await holder_desk.accept(desk, id_, OFFICE, "", OFFICER)).answer.code == (
            "holder.correction_settled"
        )
        assert (await holder_desk.refuse(desk, id_, OFFICE, "again", OFFICER)).code == (
            "holder.correction_settled"
        )
        await desk.close()

    asyncio.run(day())


def test_who_is_no_officer_settles_nothing(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        id_ = await asked(desk)
        done = await holder_desk.accept(desk, id_, OFFICE, "", "nobody")
        assert done.answer.code == "confirmation_missing"
        assert await said(desk) == {MISREAD}
        await desk.close()

    asyncio.run(day())
    sound(tmp_path)


def test_nothing_in_the_journal_or_an_export_names_anybody_or_says_their_words(tmp_path: Path) -> None:
    words = "我叫王晓明，不叫王晓名"

    async def day() -> None:
        desk = await issued(tmp_path)
        links, answer = await holder_desk.issue(desk, [WHO, OTHER], LIFE, OFFICE, slip=True)
        assert answer.a == "accepted" and len(links) == 2
        id_ = await asked(desk, RIGHT, words)
        keys = [one.id for one in await papers(desk)]
        told = await holder_desk.share(
            desk, WHO, keys, LIFE, "王晓明的雇主", secret=links[0].token[::-1], key=desk.fresh()
        )
        assert told.a == "accepted"
        await holder_desk.accept(desk, id_, OFFICE, "王晓明属实", OFFICER)
        persons = {who: named for who in (WHO, OTHER) if (named := desk.names(who))}
        exported = competition_file.dump(desk.state.setup, persons).decode()
        assert words not in exported and "雇主" not in exported
        await desk.close()
        secret = [*(link.token for link in links), links[0].token[::-1]]
        with sqlite3.connect(tmp_path / "journal.db") as db:
            lines = db.execute("SELECT open, closed FROM lines").fetchall()
            rows = db.execute("SELECT person, sealed FROM persons").fetchall()
        text = b"\n".join(part for line in lines for part in line if part)
        for found in (*secret, number(0), number(0)[-4:] + '"', RIGHT, MISREAD, words, "雇主", "属实"):
            assert found.encode() not in text, found
            assert json.dumps(found)[1:-1].encode() not in text, found
        assert not any(found.encode() in sealed for found in (RIGHT, words) for _, sealed in rows if sealed)

    asyncio.run(day())


def test_erasing_a_person_takes_the_holders_words_along(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        id_ = await asked(desk)
        assert (await desk.erase(WHO, OFFICE, "asked for it")).a == "accepted"
        assert (await holder_desk.notes(desk, WHO)).asked == {}
        answer = await holder_desk.ask(desk, WHO, {"zh-CN": "王二"}, "")
        assert answer.code in ("holder.erased", "holder.correction_waits")
        done = await holder_desk.accept(desk, id_, OFFICE, "", OFFICER)
        assert done.answer.code == "holder.erased"
        await desk.close()
        desk = await opened(tmp_path, 2)
        assert (await holder_desk.notes(desk, WHO)).asked == {} and await enclosed(desk, id_) is None
        await desk.close()

    asyncio.run(day())
    report = verify.verify(tmp_path, key_file=tmp_path / "keys" / "master.key")
    assert report.problems == []


def test_a_new_link_ends_the_one_before_and_whoever_came_by_it(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        holder = holder_desk.holder(WHO)
        (first,), _ = await holder_desk.issue(desk, [WHO], LIFE, OFFICE)
        link, session = holder_desk.digest(first.token), holder_desk.digest("a browser")
        await put(desk, c.EnterAsHolder(person=WHO, link=link, session=session), holder)
        now = desk.now()
        assert desk.state.holders.session(session, now) is not None
        await holder_desk.issue(desk, [WHO], LIFE, OFFICE)
        assert desk.state.holders.session(session, now) is None
        assert desk.state.holders.link(link, now) is None
        answer = await holder_desk.do(
            desk, holder, c.EnterAsHolder(person=WHO, link=link, session=holder_desk.digest("b"))
        )
        assert answer.code == "holder.link_bad"
        await desk.close()
        # All of it is in the journal: a restart knows the same.
        desk = await opened(tmp_path, 2)
        assert desk.state.holders.session(session, now) is None and len(desk.state.holders.links) == 1
        await desk.close()

    asyncio.run(day())


def test_a_link_ends_with_its_time_and_a_browser_after_a_month(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        (link,), _ = await holder_desk.issue(desk, [WHO], LIFE, OFFICE)
        digest, session = holder_desk.digest(link.token), holder_desk.digest("a browser")
        enter = c.EnterAsHolder(person=WHO, link=digest, session=session)
        await put(desk, enter, holder_desk.holder(WHO))
        held, now = desk.state.holders, desk.now()
        later = holders.text(holders.millis(now) + holders.IN_DAYS * holders.DAY + 60_000)
        assert held.session(session, now) and not held.session(session, later) and held.link(digest, later)
        assert not held.link(digest, LIFE)
        answer = await holder_desk.do(
            desk, OFFICE, c.IssueHolderLinks(rows=((WHO, digest),), expires="2029-01-01T00:00:00.000Z")
        )
        assert answer.code == "malformed"
        await desk.close()

    asyncio.run(day())


def test_who_was_issued_nothing_or_can_be_asked_nothing_gets_no_link(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        found, answer = await holder_desk.issue(desk, [person(3)], LIFE, OFFICE)
        assert found == [] and answer.code == "holder.nothing_issued"
        known = desk.names(OTHER)
        assert known is not None
        bare = msgspec.structs.replace(known, id_number="", phone="")
        await desk.put_persons([(OTHER, bare)])
        found, answer = await holder_desk.issue(desk, [WHO, OTHER], LIFE, OFFICE)
        assert found == [] and answer.code == "holder.no_question" and answer.params == {"person": OTHER}
        assert not desk.state.holders.links
        await desk.close()

    asyncio.run(day())


def test_a_holder_acts_on_own_papers_alone(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        mine, theirs = await papers(desk), await papers(desk, OTHER)
        me = holder_desk.holder(WHO)

        async def refused(command: e.AnyCommand) -> str:
            answer = await holder_desk.do(desk, me, command)
            assert answer.a == "refused", command
            return answer.code

        share = c.ShareView(
            id="ab" * 6, person=WHO, token="cd" * 32, credentials=(theirs[0].id,), expires=LIFE
        )
        assert await refused(share) == "not_allowed"
        assert await refused(msgspec.structs.replace(share, person=OTHER)) == "not_allowed"
        assert await refused(c.AskCorrection(id="ab" * 6, person=OTHER)) == "not_allowed"
        assert await refused(c.IssueHolderLinks(rows=((WHO, "ab" * 32),), expires=LIFE)) == "not_allowed"
        assert await refused(c.RevokeHolderLink(person=OTHER)) == "holder.no_link"
        await holder_desk.issue(desk, [OTHER], LIFE, OFFICE)
        assert await refused(c.RevokeHolderLink(person=OTHER)) == "not_allowed"
        await put(desk, msgspec.structs.replace(share, credentials=(mine[0].id,)), me)
        other = holder_desk.holder(OTHER)
        answer = await holder_desk.do(desk, other, c.RevokeView(id="ab" * 6, person=OTHER))
        assert answer.code == "holder.no_view"
        await put(desk, c.RevokeView(id="ab" * 6, person=WHO), me)
        answer = await holder_desk.do(desk, me, c.OpenView(id="ab" * 6))
        assert answer.code == "holder.link_bad"
        await desk.close()

    asyncio.run(day())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ({"zh-CN": MISREAD}, "holder.name_same"),
        ({"zh-CN": "  "}, "holder.name_same"),
        ({"zh-CN": "王" * 61}, "holder.name_bad"),
        ({"en": "Wang\u202eXiaoming"}, "holder.name_bad"),
    ],
)
def test_a_name_that_is_none_is_not_asked_for(name: dict[str, str], code: str) -> None:
    found = holder_desk.cleaned(name, {"zh-CN": MISREAD, "en": "Competitor 0"})
    assert isinstance(found, e.Refused) and found.code == code


def test_one_correction_at_a_time_and_the_same_form_twice_is_one(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await issued(tmp_path)
        key = desk.fresh()
        first = await holder_desk.ask(desk, WHO, {"zh-CN": RIGHT}, "", key=key)
        again = await holder_desk.ask(desk, WHO, {"zh-CN": RIGHT}, "", key=key)
        assert first.a == again.a == "accepted" and again.dup
        other = await holder_desk.ask(desk, WHO, {"zh-CN": "王大明"}, "")
        assert other.code == "holder.correction_waits"
        assert len(desk.state.holders.waiting) == 1
        await desk.close()

    asyncio.run(day())
