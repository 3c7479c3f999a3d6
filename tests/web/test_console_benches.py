"""Cards for benches: one per station, with a code that names trade and station and nobody."""

from __future__ import annotations

from pathlib import Path

from compsys.exchange.bench_cards import Card, cards_of, code_of, draw
from tests.web.test_console import english
from tests.web.venue import Recorded, played, venue
from tests.world import set_up


def test_each_station_has_one_card_with_its_first_mark() -> None:
    marked = [{"02": {"colour": "red", "word": "Window"}}, {"02": {"colour": "blue", "word": "Door"}}]
    cards = cards_of("cooking", "Cooking", marked, ["10", "02", "02", "9"])
    assert [card.station for card in cards] == ["9", "02", "10"]
    assert cards[1] == Card("cooking", "Cooking", "02", "red", "Window")
    assert code_of("cooking", "02") == "bench:cooking/02"
    one, two = draw(cards, "en"), draw(cards * 3, "zh-CN")
    assert one.startswith(b"%PDF") and one == draw(cards, "en")
    assert two.count(b"/Type /Page\n") == 3


def test_the_office_prints_the_cards_of_a_stage(tmp_path: Path) -> None:
    world = Recorded()
    set_up(world, 2)
    world.define(
        "session", id="practice", trade="cooking", stage="final", component="practice",
        stations={"e1": "01", "e2": "02"}, benches=[{"station": "03", "colour": "green"}],
    )  # fmt: skip

    async def scene() -> None:
        async with venue(tmp_path, world=world) as there:
            office = english(await there.organizer("lin"))
            page = await office.get("/console/run/cooking/final")
            assert "/console/run/cooking/final/benches.pdf" in page.text
            told = await office.get("/console/run/cooking/final/benches.pdf")
            assert told.status == 200 and told.body.startswith(b"%PDF"), told.text[:200]
            assert (await office.get("/console/run/cooking/none/benches.pdf")).status == 404
            judge = await there.tablet("s1")
            assert (await judge.get("/console/run/cooking/final/benches.pdf")).status == 303, "to the login"

    played(scene)
