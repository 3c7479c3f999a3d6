"""A trade of two stages in memory: entrants in bulk, a heat by exam marks, a cut, a final."""

from __future__ import annotations

from compsys import events as e
from compsys import vault
from compsys.records import Audience
from compsys.vault import Identity
from tests.world import OFFICE, ORGANIZER, World

HEAT, FINAL = "bake.heat.main", "bake.final.main"
SECOND = e.Actor("account", "second", ("organizer",))


def rows(count: int, first: int = 0) -> tuple[tuple[str, str, str, str, str], ...]:
    """So many entrants."""
    found = []
    for i in range(first, first + count):
        made = vault.commitment("ab" * 32, vault.canonical(Identity({"en": f"P{i}"})))
        found.append((f"e{i:05d}", f"d{i % 2}", str(i), f"p{i:05d}", made))
    return tuple(found)


def founded(world: World | None = None) -> World:
    """The set-up without entrants (in this world)."""
    world = world or World(4)
    name = {"en": "Baking"}
    world.define("competition", id="c-test", name={"en": "City"})
    for number in range(2):
        world.define("delegation", id=f"d{number}", name={"en": f"D{number}"})
    world.define("trade", id="bake", name=name)
    exam = {"id": "exam", "name": name, "source": "imported"}
    carried = {"id": "heat", "name": name, "source": "carried", "from_stage": "heat", "weight": "0.4"}
    panel = {"id": "panel", "name": name, "source": "imported", "weight": "0.6"}
    for order, (stage, components) in enumerate((("heat", [exam]), ("final", [panel, carried]))):
        at = {"trade": "bake", "stage": stage}
        world.define("stage", id=stage, trade="bake", name=name, order=order)
        world.define("group", id="open", **at, name=name, profile="cook-off", components=components)
    return world


def marked(world: World, stream: str, component: str, marks: dict[str, str | None]) -> None:
    """A stage from its opening to its official result; ``marks``: entry -> mark (None: absent)."""
    brought(world, stream, component, marks)
    finished(world, stream)


def brought(world: World, stream: str, component: str, marks: dict[str, str | None]) -> None:
    """A stage from its opening to its last mark."""
    stage = stream.split(".")[1]
    units = tuple((entry, f"{stage}-{entry}", f"{stage[0].upper()}{i}") for i, entry in enumerate(marks, 10))
    world.do(OFFICE, e.Draw(stream=stream, units=units))
    world.do(OFFICE, e.Open(stream=stream))
    given = tuple((f"{stage}-{entry}", mark, "" if mark else "absent") for entry, mark in marks.items())
    told = world.do(ORGANIZER, e.ImportScores(stream=stream, component=component, digest="0", rows=given))
    world.do(SECOND, e.ConfirmScores(stream=stream, n=told.n))


def finished(world: World, stream: str, audience: Audience = "public") -> None:
    """The lock and the official result of a stage."""
    world.do(ORGANIZER, e.Lock(stream=stream, scope="stage"))
    world.do(ORGANIZER, official(stream.split(".")[1], audience))


def official(stage: str, audience: Audience = "public") -> e.Publish:
    """The official result of a stage."""
    return e.Publish(
        trade="bake", stage=stage, group="open", rank="official", audience=audience, confirmed_by="second"
    )


def heated(world: World | None = None, audience: Audience = "public") -> World:
    """Five entered, and the heat is official: 9, 8, 7, 7, 6."""
    world = founded(world)
    world.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(5)))
    marks: dict[str, str | None] = dict(zip((f"e0000{i}" for i in range(5)), "98776", strict=True))
    brought(world, HEAT, "exam", marks)
    finished(world, HEAT, audience)
    return world


def funnel() -> World:
    """Five enter, three go on (two tie at the edge), the final is official."""
    world = founded()
    world.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(5)))
    heat: dict[str, str | None] = {
        "e00000": "61",
        "e00001": "90",
        "e00002": "75.5",
        "e00003": "75.5",
        "e00004": None,
    }
    marked(world, HEAT, "exam", heat)
    world.do(ORGANIZER, e.Advance(trade="bake", stage="heat", group="open", to="final", count=2))
    marked(world, FINAL, "panel", {"e00001": "70", "e00002": "95", "e00003": "60"})
    return world
