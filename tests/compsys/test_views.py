"""What a seat sees of a sheet: the same as data and as the bytes spliced for a whole panel at once."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from compsys import core
from compsys import events as e
from compsys.asking import Touched
from compsys.desk import Bell
from compsys.state import State
from compsys.views import SheetView, seat_hello, sheet_for
from tests.world import MAIN, ORGANIZER, World, opened
from web import news

SEATS = ("s1", "s2", "s3", "s4", "chief", "clerk")


def same_for_all(world: World) -> int:
    """Every sheet for every seat, spliced and plain; how many there were."""
    stream, count = world.stream(), 0
    for unit, sub in stream.sheets:
        shared = SheetView(stream, unit, sub)
        for name in SEATS:
            seat = f"cooking/final/{name}"
            plain = sheet_for(world.state, stream, unit, sub, seat)
            assert msgspec.json.decode(shared.encoded(seat)) == plain
            assert shared.view(seat) == plain
            count += 1
    return count


def act(world: World, rng: random.Random) -> None:
    """One random act of a panel, refused or not."""
    seat, unit = rng.choice(SEATS[:3]), rng.choice(["u1", "u2"])
    aspect = rng.choice(["A1.J1", "A1.J2", "B1.M1", "B1.M2", "C1.P1", "C1.P2"])
    sub, chief = aspect.split(".")[0], world.seat("chief")
    what = rng.random()
    if what < 0.75:
        values = {"A": "0123", "B": ("pass", "fail") if aspect == "B1.M1" else "01234", "C": ("7", "12.5")}
        value = rng.choice([*values[aspect[0]], None])
        stale = {"base": 0} if what < 0.1 else {}
        world.mark(seat, unit, aspect, value, note=rng.choice(["", '漏盐 "x"']), **stale)
    elif what < 0.85:
        world.sign(seat, unit, sub)
    elif what < 0.9:
        world.send(world.call(chief, e.Return(stream=MAIN, unit=unit, sub=sub, reason="再看")))
    elif what < 0.94:
        world.send(world.call(chief, e.Revote(stream=MAIN, unit=unit, aspect=aspect, reason="讨论")))
    elif what < 0.96:
        resolved = e.Resolve(stream=MAIN, unit=unit, aspect=aspect, mark="4", reason="裁定")
        world.send(world.call(chief, resolved))
    elif what < 0.98:
        excused = e.Excuse(stream=MAIN, unit=unit, aspect=aspect, seat=f"cooking/final/{seat}", reason="病")
        world.send(world.call(chief, excused))
    else:
        world.send(world.call(chief, e.Void(stream=MAIN, what=f"aspect:{aspect}", full=True, reason="题错")))


def test_the_spliced_bytes_say_what_the_data_says_whatever_has_happened(rng: random.Random) -> None:
    for _ in range(4):
        world = opened(2)
        assert same_for_all(world) == 2 * 3 * len(SEATS)
        for _ in range(60):
            act(world, rng)
            same_for_all(world)
        world.send(world.call(ORGANIZER, e.Lock(stream=MAIN, scope="sheet:u1.A1")))
        same_for_all(world)


class Tablets:
    """What tablets hold that hear every line's news and lay parts over it, as static/seat_model.js does."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.bells: list[Bell] = []
        self.held: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.parts = self.wholes = 0
        for name in SEATS[:5]:
            hello = seat_hello(world.state, f"cooking/final/{name}")
            self.held |= {(name, sheet["unit"], sheet["sub"]): sheet for sheet in hello["sheets"]}
        apply = core.apply

        def heard(state: State, stream: str, n: int, *rest: Any) -> Touched:
            touched = apply(state, stream, n, *rest)
            if stream == MAIN:
                self.bells.append(Bell(stream, n, touched))
            return touched

        monkeypatch.setattr(core, "apply", heard)

    def hear(self) -> None:
        """The news of the lines since; more than sheets: everything anew."""
        stream, bells = self.world.stream(), self.bells
        self.bells = []
        found, drawn = news.sort_out(stream, bells), news.Views()
        for name in SEATS[:5]:
            seat = f"cooking/final/{name}"
            if found.whole:
                hello = seat_hello(self.world.state, seat)
                self.held |= {(name, sheet["unit"], sheet["sub"]): sheet for sheet in hello["sheets"]}
                continue
            for sheets in (found.events, found.progress):
                cursor = news.cursor(stream, stream.n)
                message = news.event(self.world.state, stream, seat, sheets, drawn, cursor=cursor)
                for sheet in msgspec.json.decode(msgspec.json.encode(message))["sheets"]:
                    self.take(name, sheet)

    def take(self, name: str, sheet: dict[str, Any]) -> None:
        """One sheet or part of one."""
        place = (name, sheet["unit"], sheet["sub"])
        if sheet.pop("part", False):
            self.parts += 1
            sheet["aspects"] = {**self.held[place]["aspects"], **sheet["aspects"]}
        else:
            self.wholes += 1
        self.held[place] = sheet


def test_parts_laid_over_what_a_tablet_holds_give_the_whole_sheet(
    rng: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = wholes = 0
    for _ in range(3):
        world = opened(2)
        tablets = Tablets(world, monkeypatch)
        for _ in range(100):
            for _ in range(rng.choice((1, 1, 3))):
                act(world, rng)
            tablets.hear()
            for (name, unit, sub), held in tablets.held.items():
                seat = f"cooking/final/{name}"
                if seat in world.sheet(unit, sub).roster or name == "chief":
                    assert held == sheet_for(world.state, world.stream(), unit, sub, seat)
        parts, wholes = parts + tablets.parts, wholes + tablets.wholes
        monkeypatch.undo()
    assert parts > wholes > 0


def test_one_view_for_the_panel_tells_nobody_a_vote_of_another_before_its_reveal() -> None:
    worlds = [opened(1), opened(1)]
    for world, value in zip(worlds, "03", strict=True):
        assert world.mark("s1", "u1", "A1.J1", value).a == "accepted"
        assert world.mark("s2", "u1", "A1.J1", "2").a == "accepted"
    views = [SheetView(world.stream(), "u1", "A1") for world in worlds]
    for name in SEATS:
        told = [view.encoded(f"cooking/final/{name}") for view in views]
        assert (told[0] == told[1]) is (name != "s1")
