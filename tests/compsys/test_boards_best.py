"""The best of all and of each delegation beside the medal table: only of official results one sees."""

from __future__ import annotations

from typing import Any

from compsys import boards
from compsys.state import State
from tests.provincial import lock, publish
from tests.world import World, mark_all, opened


def shown(state: State, audience: str = "public") -> dict[str, Any]:
    """What the medal table's picture says of the best ({} = nothing)."""
    called = {f"p{i}": {"en": f"Person {i}"} for i in range(1, 9)}
    picture = boards.picture(state, "medals:gold_first", audience, called.get)  # type: ignore[arg-type]  # an audience
    found: dict[str, Any] = picture.get("best", {})
    return found


def marked(**how: Any) -> World:
    """Four entries, u1 and u2 level ahead; delegation d1 has the first and the third."""
    world = opened(4, **how)
    world.define("entry", id="e3", trade="cooking", delegation="d1", members=[{"person": "p3"}])
    for i, points in ((1, 12), (2, 12), (3, 9), (4, 6)):
        mark_all(world, f"u{i}", points=str(points))
    lock(world)
    return world


def test_the_best_are_told_once_the_result_is_official_and_released() -> None:
    world = marked()
    publish(world, rank="provisional")
    assert shown(world.state) == {}
    publish(world, audience="office")
    assert shown(world.state) == {} and shown(world.state, "office")
    publish(world)
    found = shown(world.state)
    assert [(w["name"]["en"], w["delegation"]["en"]) for w in found["overall"]] == [
        ("Person 1", "Delegation 1"), ("Person 2", "Delegation 2"),
    ]  # fmt: skip
    firms = [(row["key"], [w["name"]["en"] for w in row["who"]]) for row in found["delegations"]]
    assert firms == [("d1", ["Person 1"]), ("d2", ["Person 2"]), ("d4", ["Person 4"])]
    assert int(found["delegations"][0]["scale"]) > int(found["delegations"][2]["scale"])


def test_a_guest_is_nobodys_best_and_a_trade_may_stay_out_of_it() -> None:
    world = marked()
    publish(world)
    guest = {"id": "e1", "trade": "cooking", "delegation": "d1", "members": [{"person": "p1"}], "guest": True}
    world.define("entry", **guest)
    found = shown(world.state)
    assert [w["name"]["en"] for w in found["overall"]] == ["Person 2"]
    assert found["delegations"][1]["who"][0]["name"]["en"] == "Person 3"
    world.define("trade", id="cooking", name={"en": "Cooking"}, best_of=False)
    assert shown(world.state) == {}


def test_without_scale_points_there_is_no_best() -> None:
    world = marked(profile="cook-off")
    publish(world)
    assert shown(world.state) == {}
