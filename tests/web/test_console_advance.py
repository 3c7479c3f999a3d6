"""From a heat to a final in the console and by command: looked at, decided, decided again, drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from compsys import events as e
from tests.compsys.funnel import FINAL, heated
from tests.compsys.test_command_line import run
from tests.web.test_console import english, fill
from tests.web.venue import Recorded, played, venue

PAGE = "/console/results/bake/heat/open"
ADVANCE = f"{PAGE}/advance"


def world() -> Recorded:
    built = Recorded(4)
    heated(built)
    return built


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_who_goes_on_is_looked_at_then_decided_then_drawn(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who, state = english(await there.organizer()), there.desk.state
            assert "On to Baking" in words((await who.get(PAGE)).text)
            cut = {"to": "final", "top": "3", "ties": "in"}
            looked = words((await fill(who, PAGE, ADVANCE, cut | {"look": "1"})).text)
            assert "4 entries would go on; the last has 7.00. 2 tie at the edge and all go on." in looked
            assert not state.advanced
            out = words((await fill(who, PAGE, ADVANCE, cut | {"ties": "out", "look": "1"})).text)
            assert "2 entries would go on; the last has 8.00. 2 tie at the edge and none" in out
            assert (await fill(who, PAGE, ADVANCE, cut)).headers["location"] == f"{PAGE}?done=advanced"
            assert len(state.advanced["bake", "final", "open"].entries) == 4
            assert "4 entries go on (by version 1)." in words((await who.get(PAGE)).text)
            await there.do(e.Draw(stream=FINAL, units=(("e00000", "u1", "F1"),)))
            late = await fill(who, PAGE, ADVANCE, cut)
            assert late.status == 409 and "cannot be changed" in words(late.text)

    played(scene)


def test_what_is_no_number_of_places_is_said_and_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who = english(await there.organizer())
            for typed in ("", "0", "-3", "x", "９", "2.5"):
                told = await fill(who, PAGE, ADVANCE, {"to": "final", "top": typed, "ties": "in"})
                assert told.status == 409 and "whole number above 0" in words(told.text), typed
            assert not there.desk.state.advanced
            other = english(await there.organizer("ou", ("supervisor",)))
            token = await other.form_token("/console")
            fields = {"csrf": token, "k": "0" * 32, "to": "final", "top": "2", "ties": "in"}
            assert (await other.post(ADVANCE, fields)).status == 403

    played(scene)


def test_a_new_version_of_the_result_asks_for_the_cut_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who = english(await there.organizer())
            await fill(who, PAGE, ADVANCE, {"to": "final", "top": "2", "ties": "in"})
            stream = "bake.heat.main"
            await there.do(
                e.Unlock(stream=stream, scope="stage", reason="read wrongly", confirmed_by="second")
            )
            await there.do(
                e.SetStatus(
                    stream=stream, unit="heat-e00004", scope="stage", status="excluded",
                    reason="forbidden file",
                )
            )  # fmt: skip
            await there.do(e.Lock(stream=stream, scope="stage"))
            await there.do(
                e.Publish(
                    trade="bake", stage="heat", group="open", rank="official", audience="public",
                    reason="a total was read wrongly", note={"en": "Corrected"}, confirmed_by="second",
                )
            )  # fmt: skip
            assert "decide again" in words((await who.get(PAGE)).text)

    played(scene)


def test_the_command_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")

    async def scene() -> None:
        async with venue(tmp_path, world=world()):
            pass

    played(scene)
    words_ = ("advance", "bake/heat/open", "--to", "final", "--top", "3", "--dir", tmp_path / "data")
    dry = run(*words_, "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert told["ok"] and told["dry_run"] and (told["count"], told["last"], told["at_edge"]) == (4, "7.00", 2)
    assert told["entries"] == ["e00000", "e00001", "e00002", "e00003"]
    done = run(*words_, "--ties", "out")
    assert done.exit_code == 0 and "2 go on to final (by version 1); the last has 8.00." in done.output
    assert "none of them goes on" in done.output
    to = ("--to", "final", "--top", "3", "--dir", tmp_path / "data")
    for wrong, code in (("bake/heat", 2), ("bake/final/open", 1)):
        assert run("advance", wrong, *to).exit_code == code
