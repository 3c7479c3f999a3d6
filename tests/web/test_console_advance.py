"""From a heat to a final in the console and by command: looked at, decided, decided again, drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from compsys import events as e
from tests.compsys.funnel import FINAL, heated
from tests.compsys.test_command_line import run
from tests.web.test_console import english, fill
from tests.web.venue import Recorded, played, venue
from tests.world import ORGANIZER

RESULT = "/console/results/bake/heat/open"
PAGE = "/console/advance/bake/heat/open/final"
CUT = {"top": "3", "ties": "in"}


def world(**pools: str) -> Recorded:
    """Five in the heat with 9, 8, 7, 7, 6; ``pools``: entry -> its pool."""
    built = Recorded(4)
    heated(built)
    for name, pool in pools.items():
        entry = msgspec.structs.replace(built.state.setup.entries[name], pool=pool)
        built.do(ORGANIZER, e.Define(kind="entry", id=name, value=msgspec.to_builtins(entry)))
    return built


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_who_goes_on_is_looked_at_then_decided_then_drawn(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who, state = english(await there.organizer()), there.desk.state
            assert "On to Baking" in words((await who.get(RESULT)).text)
            assert f'href="{PAGE}"' in (await who.get(RESULT)).text
            looked = words((await fill(who, PAGE, PAGE, CUT | {"look": "1"})).text)
            assert "4 entries would go on; the last has 7.00." in looked
            assert "2 tie at the edge and all go on. H12" in looked and "H13 3 · e00003 · D1 7.00" in looked
            assert "By place 2, Tie at the edge 2" in looked
            assert not state.advanced
            out = words((await fill(who, PAGE, PAGE, CUT | {"ties": "out", "look": "1"})).text)
            assert "2 entries would go on; the last has 8.00." in out
            assert "2 tie at the edge and none of them goes on." in out
            assert (await fill(who, PAGE, PAGE, CUT)).headers["location"] == f"{PAGE}?done=advanced"
            assert len(state.advanced["bake", "final", "open"].entries) == 4
            for page in (PAGE, RESULT):
                assert "4 entries go on (by version 1)." in words((await who.get(page)).text)
            await there.do(e.Draw(stream=FINAL, units=(("e00000", "u1", "F1"),)))
            late = await fill(who, PAGE, PAGE, CUT)
            assert late.status == 409 and "cannot be changed" in words(late.text)

    played(scene)


def test_the_whole_rule_is_asked_by_the_form(tmp_path: Path) -> None:
    async def scene() -> None:
        pools = {"e00000": "North", "e00001": "North", "e00004": "South"}
        async with venue(tmp_path, world=world(**pools)) as there:
            who, state = english(await there.organizer()), there.desk.state
            rule = {"top": "3", "ties": "out", "pool": "pool", "per_pool": "1", "reserve": "2"}
            looked = words((await fill(who, PAGE, PAGE, rule | {"look": "1"})).text)
            assert "By pool 2, Best of the rest 1" in looked and "Reserve list 2 waiting" in looked
            named = rule | {"wild_cards": "h13, 3", "reason": "the jury"}
            assert (await fill(who, PAGE, PAGE, named)).status == 303
            went = state.advanced["bake", "final", "open"]
            assert list(went.entries.items()) == [
                ("e00000", "pool"), ("e00001", "rest"), ("e00003", "wild_card"), ("e00004", "pool"),
            ]  # fmt: skip
            assert went.cut == e.Cut(pool="pool", per_pool=1, reserve=2)
            told = words((await who.get(PAGE)).text)
            assert "H13 3 · e00003 · D1 7.00 Wild card" in told
            assert 'name="per_pool" type="text" value="1"' in (await who.get(PAGE)).text
            share = {"percent": "50", "base": "ranked", "rounding": "ceil", "ties": "in"}
            looked = words((await fill(who, PAGE, PAGE, {**share, "look": "1"})).text)
            assert "4 entries would go on" in looked

    played(scene)


def test_a_withdrawal_is_recorded_and_the_next_moves_up(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who, state = english(await there.organizer()), there.desk.state
            await fill(who, PAGE, PAGE, {"top": "2", "ties": "in", "reserve": "1"})
            gone = {"do": "withdraw", "who": "h10", "why": ""}
            assert (await fill(who, PAGE, PAGE, gone)).status == 409
            wrong = await fill(who, PAGE, PAGE, gone | {"who": "H99", "why": "ill"})
            assert wrong.status == 409 and "no such code" in words(wrong.text)
            done = await fill(who, PAGE, PAGE, gone | {"why": "broke an arm"})
            assert done.headers["location"] == f"{PAGE}?done=moved_up"
            assert state.advanced["bake", "final", "open"].entries == {"e00001": "cut", "e00002": "moved_up"}
            told = words((await who.get(PAGE)).text)
            assert "H10 0 · e00000 · D0 withdrew, H12 2 · e00002 · D0 moved up Reason: broke an arm" in told
            assert "Moved up" in told

    played(scene)


def test_what_makes_no_sense_is_said_at_its_field_and_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who = english(await there.organizer())
            wrong = [("top", top) for top in ("", "-3", "x", "2.5")]
            wrong += [("percent", "half"), ("minimum", "a"), ("per_pool", "2"), ("wild_cards", "H99")]
            wrong += [("points", "10 8"), ("host", "x"), ("reserve", "1e3")]
            for field, typed in wrong:
                rule = {"top": "2", "ties": "in", field: typed}
                told = await fill(who, PAGE, PAGE, rule)
                assert told.status == 409 and "makes no sense" in words(told.text), (field, typed)
                error = re.search(r'id="([a-z_]+)-err"', told.text)
                assert error and error[1] == field, (field, typed)
                assert not typed or f'value="{typed}"' in told.text
            assert (await fill(who, PAGE, PAGE, {"top": "２", "ties": "in", "look": "1"})).status == 200
            assert not there.desk.state.advanced
            other = english(await there.organizer("ou", ("supervisor",)))
            token = await other.form_token("/console")
            fields = {"csrf": token, "k": "0" * 32, "top": "2", "ties": "in"}
            assert (await other.post(PAGE, fields)).status == 403
            for nowhere in ("bake/heat/open/heat", "bake/final/open/heat", "x/heat/open/final"):
                assert (await who.get(f"/console/advance/{nowhere}")).status == 404

    played(scene)


def test_names_stand_beside_places_only_when_the_result_has_left_the_office(tmp_path: Path) -> None:
    async def scene() -> None:
        built = Recorded(4)
        heated(built, audience="office")
        async with venue(tmp_path, world=built) as there:
            who = english(await there.organizer())
            looked = words((await fill(who, PAGE, PAGE, CUT | {"look": "1"})).text)
            assert "4 entries would go on" in looked and "once the result has left the office" in looked
            assert "e0000" not in looked and "H12" in looked
            assert (await fill(who, PAGE, PAGE, CUT | {"wild_cards": "4", "reason": "x"})).status == 409
            assert (await fill(who, PAGE, PAGE, CUT)).status == 303
            gone = {"do": "withdraw", "who": "H10", "why": "ill"}
            assert (await fill(who, PAGE, PAGE, gone)).status == 409
            assert "e0000" not in words((await who.get(PAGE)).text)

    played(scene)


def test_a_new_version_of_the_result_asks_for_the_cut_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who = english(await there.organizer())
            await fill(who, PAGE, PAGE, {"top": "2", "ties": "in"})
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
            for page in (PAGE, RESULT):
                assert "decide again" in words((await who.get(page)).text)

    played(scene)


def test_the_command_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")

    async def scene() -> None:
        async with venue(tmp_path, world=world()):
            pass

    played(scene)
    group, to = "bake/heat/open", ("--to", "final", "--dir", tmp_path / "data")
    dry = run("advance", group, *to, "--top", "3", "--dry-run", "--json")
    told = json.loads(dry.stdout)
    assert told["ok"] and told["dry_run"] and (told["count"], told["last"], told["at_edge"]) == (4, "7.00", 2)
    assert told["entries"] == ["e00000", "e00001", "e00002", "e00003"]
    assert told["ways"][2] == {"entry": "e00002", "way": "tie"} and told["edges"] == [["e00002", "e00003"]]
    done = run("advance", group, *to, "--top", "3", "--ties", "out", "--reserve", "2")
    assert done.exit_code == 0 and "2 go on to final (by version 1); the last has 8.00." in done.output
    assert "none of them goes on" in done.output and "By place 2" in done.output
    gone = ("advance", group, *to, "--withdrawn", "H10")
    assert run(*gone).exit_code == 1
    look = json.loads(run(*gone, "--reason", "ill", "--dry-run", "--json").stdout)
    assert (look["left"], look["joins"]) == ("e00000", "e00002")
    moved = run(*gone, "--reason", "ill")
    assert "e00000 withdraws; e00002 moves up to final." in moved.output
    again = run(*gone, "--reason", "ill")
    assert again.exit_code == 1 and "e00000" in again.output
    for wrong, code in (("bake/heat", 2), ("bake/final/open", 1)):
        assert run("advance", wrong, *to, "--top", "3").exit_code == code
    none = run("advance", group, *to)
    assert none.exit_code == 1 and "the rules have no [cut]" in none.output
    for part in (("--top", "2", "--percent", "50"), ("--pool", "pool"), ("--wild-card", "nobody")):
        assert run("advance", group, *to, *part).exit_code == 1, part
    wild = ("--percent", "40", "--of", "entered", "--wild-card", "4", "--reason", "the jury", "--json")
    told = json.loads(run("advance", group, *to, *wild).stdout)
    assert told["rule"]["cut"] == {"percent": "40", "base": "entered"}
    assert told["ways"][-1] == {"entry": "e00004", "way": "wild_card"} and "e00000" not in told["entries"]
