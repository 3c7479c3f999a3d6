"""The chief's page of ties: what stands level by code, a play-off and an order entered by form, locks."""

from __future__ import annotations

import re
from pathlib import Path

from compsys import events as e
from compsys import scoring
from tests.compsys.level import level
from tests.web.test_chief import chief_of
from tests.web.test_console import fill
from tests.web.venue import Recorded, Venue, played, venue
from tests.world import MAIN

PAGE = "/chief/ties"


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def order(there: Venue) -> str:
    found = scoring.standing(there.desk.state, "cooking", "final", "open", "signed")
    return " ".join(f"{row.code}:{row.place}" for row in found.rows)


def test_a_play_off_and_an_order_are_entered_and_taken_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=level(world=Recorded(7))) as there:
            chief = await chief_of(there)
            told = words((await chief.get(PAGE)).text)
            assert "Level at place 2 still open" in told and "A11" not in told
            off = {"do": "play_off", "v.A12": "８", "v.A13": "9.5", "v.A14": "8", "reason": ""}
            assert (await fill(chief, PAGE, PAGE, off)).status == 409
            wrong = await fill(chief, PAGE, PAGE, off | {"v.A12": "best", "reason": "x"})
            assert wrong.status == 409 and 'value="best"' in wrong.text
            assert (await fill(chief, PAGE, PAGE, off | {"reason": "one more round"})).status == 303
            assert order(there) == "A11:1 A13:2 A12:3 A14:3"
            rank = {"do": "decided", "v.A14": "1", "v.A12": "2", "v.A13": "", "reason": "the bench"}
            assert (await fill(chief, PAGE, PAGE, rank)).status == 303
            assert order(there) == "A11:1 A13:2 A14:3 A12:4"
            told = words((await chief.get(PAGE)).text)
            assert "set apart" in told and "Reason: one more round" in told and "9.5 chief" in told
            back = {"do": "decided", "v.A14": "", "v.A12": "", "reason": "mistaken"}
            assert (await fill(chief, PAGE, PAGE, back)).status == 303
            assert order(there) == "A11:1 A13:2 A12:3 A14:3"
            nothing = await fill(chief, PAGE, PAGE, back)
            assert nothing.status == 409 and "Nothing was entered" in nothing.text

    played(scene)


def test_once_locked_it_is_read_and_not_written(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=level(world=Recorded(7))) as there:
            chief = await chief_of(there)
            await there.do(e.Lock(stream=MAIN, scope="stage"))
            page = (await chief.get(PAGE)).text
            assert "The stage is locked" in words(page) and 'name="v.A12"' not in page
            off = {"do": "play_off", "v.A12": "1", "reason": "x"}
            assert (await fill(chief, "/chief/lock", PAGE, off)).status == 409

    played(scene)


def test_rules_without_such_keys_say_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=level(keys='["time", "asc"]', world=Recorded(7))) as there:
            page = (await (await chief_of(there)).get(PAGE)).text
            assert "rank neither by a play-off nor by an order" in words(page)
            assert 'name="v.A12"' not in page
            for name in ("s1", "clerk"):
                other = await there.tablet(name)
                assert (await other.get(PAGE)).status == 403

    played(scene)
