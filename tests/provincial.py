"""A small provincial competition for tests: prizes by share with a named base, no medals, own exclusion."""

from __future__ import annotations

from typing import Any

from compsys import events as e
from scoring_rules.profiles import load
from tests.world import MAIN, ORGANIZER, World, mark_all, opened

WHERE = {"trade": "cooking", "stage": "final", "group": "open"}
KEY = ("cooking", "final", "open")
CHIEF = "cooking/final/chief"

PRIZES = """
[prizes] # first 10 %, second 20 %, third 30 % of those who started
function = "by_share/1"
steps = [["first", "10"], ["second", "20"], ["third", "30"]]
base = "{base}"
rounding = "{rounding}"
counting = "each"
ties = "in"
"""


def rules(base: str = "started", rounding: str = "ceil", ineligible: str = "move_up", more: str = "") -> str:
    """A provincial rule book: the class I contest's, with prizes, exclusion and further parts of its own."""
    text = load("cn-class-1").text.replace('id = "cn-class-1"', 'id = "provincial"')
    text = text.replace('ineligible = "move_up" # unverified', f'ineligible = "{ineligible}"')
    text = text.replace('chain = ["seats", "lead", "chief", "supervisor"]', 'chain = ["seats"]')
    head, _, rest = text.partition("[prizes]")
    promotion = rest[rest.index("[promotion]") :]
    return head + PRIZES.format(base=base, rounding=rounding) + more + "\n" + promotion


def provincial(entries: int = 5, profile: str = "", **how: Any) -> World:
    """Entries e1.. marked from the best down, all distinct (but for ``tie``: pairs of places), locked."""
    tie = how.pop("tie", 0)
    world = opened(entries, profile="provincial", own=profile or rules(), **how)
    for i in range(1, entries + 1):
        points = 15 - (i - 1 if i == tie + 1 and tie else i)
        mark_all(world, f"u{i}", points=str(points))
    lock(world)
    return world


def lock(world: World) -> None:
    """Lock the whole stage."""
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="stage"))


def publish(world: World, audience: str = "public", rank: str = "official", **more: Any) -> None:
    """A version of the result for an audience."""
    world.do(
        ORGANIZER,
        e.Publish(**WHERE, rank=rank, audience=audience, confirmed_by=CHIEF, **more),
    )


def exclude(world: World, unit: str, reason: str = "ghost writer") -> None:
    """Exclude an entry after the result: unlocked with a second person, ruled, locked again."""
    chief = world.seat("chief")
    world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason=reason, confirmed_by="lin"))
    world.do(chief, e.SetStatus(stream=MAIN, unit=unit, scope="stage", status="excluded", reason=reason))
    lock(world)
