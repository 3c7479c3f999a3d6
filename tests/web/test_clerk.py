"""The clerk's pages: paper sheets out as PDF, keyed in, read a second time blind, signed."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from compsys import events as e
from compsys.exchange import paper
from compsys.words import say
from scoring_rules.scheme_model import Aspect, Measure
from tests.web.test_chief import seat, vote
from tests.web.test_console import english, fill, send_file
from tests.web.venue import Browser, Told, Venue, played, venue
from tests.world import MAIN


async def clerks(there: Venue) -> tuple[Browser, Browser]:
    return english(await there.tablet("clerk")), english(await there.tablet("clerk2"))


async def key_in(clerk: Browser, path: str, values: dict[str, str]) -> Told:
    """Fill in the form of a paper as it stands there, with other values."""
    page = (await clerk.get(f"/clerk/{path}")).text
    fields = dict(re.findall(r'name="((?:was|base|round|v)\.[\w.]+)" value="([^"]*)"', page))
    fields |= {f"v.{aspect}": value for aspect, value in values.items()}
    return await fill(clerk, f"/clerk/{path}", f"/clerk/{path}", fields)


def test_paper_is_keyed_read_again_blind_and_signed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, two = await clerks(there)
            stream = there.desk.state.streams[MAIN]
            sheet = stream.sheets["u1", "C1"]
            values = {"C1.P1": "１２．５", "C1.P2": "11"}
            assert (await key_in(one, "key/A11/C1/s1", values)).status == 303
            cell = sheet.cells["C1.P1", "cooking/final/s1", 1]
            assert (cell.value, cell.via, cell.by) == ("12.5", "paper", "cooking/final/clerk")
            early = await fill(one, "/clerk/key/A11/C1/s1", "/clerk/sign/A11/C1/s1", {})
            assert early.status == 409 and "not checked yet" in early.text
            own = await key_in(one, "check/A11/C1/s1", values)
            assert own.status == 409 and "not you" in own.text
            blind = (await two.get("/clerk/check/A11/C1/s1")).text
            assert "12.5" not in blind and 'name="v.C1.P1"' in blind
            wrong = await key_in(two, "check/A11/C1/s1", values | {"C1.P2": "10"})
            assert wrong.status in (409, 422) and "readings differ: C1.P2" in wrong.text and sheet.keyed
            assert (await key_in(two, "check/A11/C1/s1", values)).status == 303
            assert not sheet.keyed
            signed = await fill(one, "/clerk/sheet/A11/C1", "/clerk/sign/A11/C1/s1", {})
            assert signed.status == 303 and "cooking/final/s1" in sheet.signed

    played(scene)


def test_that_votes_are_far_apart_is_not_the_clerks_to_know(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            clerk, _ = await clerks(there)
            before = (await clerk.get("/clerk")).text
            for name, value in (("s1", "0"), ("s2", "1"), ("s3", "3")):
                assert (await vote(there, name, "A1.J1", value)).a == "accepted"
            chief = english(await there.tablet("chief"))
            assert say("short.spread", "en") in (await chief.get("/chief")).text
            after = (await clerk.get("/clerk")).text
            assert say("short.spread", "en") not in after and "#octagon" not in after
            assert before != after, "how many there are is"

    played(scene)


def test_a_wrong_value_stays_in_its_field_and_the_others_are_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, _ = await clerks(there)
            told = await key_in(one, "key/A11/C1/s1", {"C1.P1": "15.5", "C1.P2": "14"})
            assert told.status == 422 and "15.5 is outside 0" in told.text and 'value="15.5"' in told.text
            cells = there.desk.state.streams[MAIN].sheets["u1", "C1"].cells
            assert ("C1.P1", "cooking/final/s1", 1) not in cells
            assert cells["C1.P2", "cooking/final/s1", 1].value == "14"
            n = there.desk.state.streams[MAIN].n
            blank = await key_in(one, "key/A11/C1/s1", {})
            assert (
                blank.headers["location"].endswith("done=unchanged") and there.desk.state.streams[MAIN].n == n
            )

    played(scene)


def test_the_same_form_twice_keys_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, _ = await clerks(there)
            path, key = "/clerk/key/A11/C1/s2", secrets.token_hex(16)
            fields = {"v.C1.P1": "9", "was.C1.P1": "", "base.C1.P1": "0", "round.C1.P1": "1"}
            first = await fill(one, path, path, fields, key)
            n = there.desk.state.streams[MAIN].n
            again = await fill(one, path, path, fields, key)
            assert (first.status, again.status) == (303, 303) and there.desk.state.streams[MAIN].n == n

    played(scene)


def test_what_a_judge_gave_on_a_tablet_is_not_shown_and_not_overwritten_by_chance(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            assert (await vote(there, "s1", "C1.P1", "13.5")).a == "accepted"
            one, two = await clerks(there)
            page = (await one.get("/clerk/key/A11/C1/s1")).text
            assert "13.5" not in page and 'name="v.C1.P1"' not in page and 'name="v.C1.P2"' in page
            assert (await key_in(one, "key/A11/C1/s1", {"C1.P2": "8"})).status == 303
            reading = (await two.get("/clerk/check/A11/C1/s1")).text
            assert 'name="v.C1.P1"' not in reading and 'name="v.C1.P2"' in reading
            assert (await key_in(two, "check/A11/C1/s1", {"C1.P2": "8"})).status == 303
            assert not there.desk.state.streams[MAIN].sheets["u1", "C1"].keyed

    played(scene)


def test_the_panels_agreed_values_have_a_paper_of_their_own(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, two = await clerks(there)
            values = {"B1.M1": "pass", "B1.M2": "3"}
            assert (await key_in(one, "key/A12/B1/_", values)).status == 303
            assert (await key_in(two, "check/A12/B1/_", values)).status == 303
            for name in ("s1", "s2", "s3"):
                told = await fill(one, "/clerk/sheet/A12/B1", f"/clerk/sign/A12/B1/{name}", {})
                assert told.status == 303, told.text
            assert there.desk.state.streams[MAIN].sheets["u2", "B1"].complete

    played(scene)


def test_the_chief_may_be_the_second_reader(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, _ = await clerks(there)
            chief = english(await there.tablet("chief"))
            values = {"A1.J1": "2", "A1.J2": "3"}
            assert (await key_in(one, "key/A11/A1/s1", values)).status == 303
            assert "Values keyed from paper" in (await chief.get("/chief/sheet/A11/A1")).text
            assert (await key_in(chief, "check/A11/A1/s1", values)).status == 303
            assert not there.desk.state.streams[MAIN].sheets["u1", "A1"].keyed
            assert (await seat(there, "s2", _sign())).a == "refused"  # its own votes are still missing

    played(scene)


def _sign() -> e.Sign:
    return e.Sign(stream=MAIN, unit="u1", sub="A1", seat="cooking/final/s2")


def test_a_scanned_id_leads_to_its_sheet(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, _ = await clerks(there)
            scanned = await one.get(f"/clerk/find?id={MAIN}/A12/C1/s2")
            assert scanned.headers["location"] == "/clerk/sheet/A12/C1"
            assert (await one.get("/clerk/find?id=a12+c1")).headers["location"] == "/clerk/sheet/A12/C1"
            assert (await one.get("/clerk/find?id=Z99")).status == 404

    played(scene)


def test_scores_are_brought_by_code_and_checked_by_another_clerk(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, theory=True, profile="cook-off") as there:
            one, two = await clerks(there)
            named = await send_file(
                one, "/clerk/scores", "/clerk/scores", "t.csv", b"code,score\ne1,50\n", component="theory"
            )
            assert named.status == 422 and "A2" in named.text and "e1" in named.text.lower()
            assert not there.desk.state.streams[MAIN].imports, "a seat knows codes only"
            bare = await send_file(
                one, "/clerk/scores", "/clerk/scores", "t.csv", b"A11,5\nA12,6\n", component="theory"
            )
            assert bare.status == 422, "without a header no row is taken for one"
            data = b"code,score\nA11,88.5\nA12,absent\nA13,0\n"
            for _ in range(2):  # the same form twice acts once
                assert (
                    await send_file(one, "/clerk/scores", "/clerk/scores", "t.csv", data, component="theory")
                ).status in (303, 409)
            assert len(there.desk.state.streams[MAIN].imports) == 1
            n = str(next(iter(there.desk.state.streams[MAIN].imports)))
            assert (await fill(one, "/clerk/scores", "/clerk/scores/confirm", {"n": n})).status == 409
            assert (await fill(two, "/clerk/scores", "/clerk/scores/confirm", {"n": n})).status == 303
            assert there.desk.state.streams[MAIN].units["u2"].imported["theory"] == (None, "absent")

    played(scene)


# ---------------------------------------------------------------- paper


def a_sheet(aspects: int = 3) -> paper.PaperSheet:
    made = [
        Aspect(
            "A1.J1",
            {"zh-CN": "刀工均匀", "en": "Even cuts"},
            "judgement",
            "2",
            descriptors=({"en": "uneven"}, {"en": "fair"}, {"en": "even"}, {"en": "perfect"}),
        ),
        Aspect("A1.P1", {"zh-CN": "味道"}, "points", "10", step="0.5"),
        Aspect("A1.M1", {"en": "Core temperature"}, "agreed", "1", measure=Measure("pass_fail")),
    ]
    return paper.PaperSheet(
        "pastry.final.main/A17/A1/s3",
        {"zh-CN": "大赛"},
        {"zh-CN": "面点"},
        {"zh-CN": "第一场"},
        "A17",
        "05",
        "A1",
        {"zh-CN": "刀工"},
        "3",
        tuple(made[i % 3] for i in range(aspects)),
    )


def pages_of(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", data))


def test_blank_sheets_are_one_per_paper_with_page_n_of_m() -> None:
    assert pages_of(paper.sheets([a_sheet(), a_sheet()], "zh-CN")) == 2
    long = paper.sheets([a_sheet(40)], "en")
    assert long.startswith(b"%PDF-") and pages_of(long) > 2


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(paper.FontMissing, match="NotoSansCJK"):
        paper.find_font([str(tmp_path)])


def test_the_pdf_of_a_stage_comes_by_session_code_and_sub(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            one, _ = await clerks(there)
            whole = await one.get("/clerk/sheets.pdf")
            assert whole.headers["content-type"] == "application/pdf"
            # A1 and C1: three seats each; B1: the panel's own; three codes
            assert pages_of(whole.body) == 3 * (3 + 3 + 1)
            assert pages_of((await one.get("/clerk/sheets.pdf?code=A12&sub=B1")).body) == 1
            none = await one.get("/clerk/sheets.pdf?sub=Z9")
            assert none.status == 409 and "no such sheets" in none.text

    played(scene)
