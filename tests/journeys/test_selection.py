"""From an official heat to an open final by forms alone: the rule, who goes on, who moves up."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from compsys import events as e
from scoring_rules import profiles
from tests.compsys.funnel import FINAL, HEAT, founded, marked, rows
from tests.web.test_console import english, fill
from tests.web.venue import Browser, Recorded, played, venue
from tests.world import ORGANIZER

PAGE, RUN = "/console/advance/bake/heat/open/final", "/console/run/bake/final"
PLACE = ("bake", "final", "open")


def world() -> Recorded:
    """A heat of eight by rules with a cut: the first 3 with ties, 2 wait, totals rescaled; two pools."""
    built = Recorded(6)
    founded(built)
    text = profiles.load("cn-class-1-heat").text
    changed = {"count = 30": "count = 3", 'carry = "raw"': 'carry = "rescaled"', "reserve = 3": "reserve = 2"}
    for old, new in changed.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    built.define("profile", id="own", text=text)
    heat = msgspec.structs.replace(built.state.setup.groups["bake/heat/open"], profile="own")
    built.do(ORGANIZER, e.Define(kind="group", id="bake/heat/open", value=msgspec.to_builtins(heat)))
    parts = [
        {"id": "panel", "name": {"en": "Panel"}, "source": "imported", "max": "70"},
        {"id": "heat", "name": {"en": "Heat"}, "source": "carried", "from_stage": "heat", "max": "30"},
    ]
    built.define(
        "group", id="open", trade="bake", stage="final", name={"en": "Open"}, profile="own",
        components=parts,
    )  # fmt: skip
    built.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(8)))
    marks: dict[str, str | None] = dict(
        zip((f"e0000{i}" for i in range(8)), ("90", "80", "70", "70", "60", "50", "40", "30"), strict=True)
    )
    marked(built, HEAT, "exam", marks)
    return built


def field(page: str, name: str) -> str:
    """What a field of the form holds."""
    found = re.search(rf'<input id="f-{name}" name="{name}"[^>]* value="([^"]*)"', page)
    if found is None:
        found = re.search(rf'name="{name}".*?<option value="([^"]*)" selected', page, re.S)
    assert found is not None, name
    return found[1]


async def as_filled_in(who: Browser) -> dict[str, str]:
    """The rule as the form was filled in."""
    page = (await who.get(PAGE)).text
    names = ("top", "ties", "reserve", "minimum", "percent", "base", "rounding", "per_pool", "host", "carry")
    return {name: field(page, name) for name in names}


def test_a_selection_by_forms_from_the_rule_to_the_open_final(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=world()) as there:
            who, state = english(await there.organizer()), there.desk.state
            rule = await as_filled_in(who)
            assert (rule["top"], rule["ties"], rule["reserve"], rule["carry"]) == ("3", "in", "2", "rescaled")
            looked = (await fill(who, PAGE, PAGE, rule | {"look": "1"})).text
            assert "4 entries would go on" in looked and "2 tie at the edge" in looked
            assert (await fill(who, PAGE, PAGE, rule)).status == 303
            assert (await fill(who, RUN, f"{RUN}/draw", {"stream": FINAL})).status == 303
            drawn = {unit.entry for unit in state.streams[FINAL].units.values()}
            assert drawn == {"e00000", "e00001", "e00002", "e00003"}
            gone = {"do": "withdraw", "who": "H10", "why": "hurt a hand"}
            assert (await fill(who, PAGE, PAGE, gone)).status == 303
            early = await fill(who, RUN, f"{RUN}/open", {"stream": FINAL})
            assert early.status == 409 and not state.streams[FINAL].frozen
            assert (await fill(who, RUN, f"{RUN}/draw", {"stream": FINAL})).status == 303
            assert (await fill(who, RUN, f"{RUN}/open", {"stream": FINAL})).status == 303
            brought = {u.entry[-1]: u.carried["heat"] for u in state.streams[FINAL].units.values()}
            assert brought == {"1": "24", "2": "21", "3": "21", "4": "18"}
            late = await fill(who, PAGE, PAGE, gone | {"who": "H11"})
            assert late.status == 409
            went = state.advanced[PLACE]
            assert went.entries["e00004"] == "moved_up" and went.reserve == ["e00005"]

    played(scene)
