"""A day of marking in real pages on a bad line: what was tapped is what counts, and pages stay light."""

from __future__ import annotations

import time
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import scoring
from tests.journeys.marking_day import (
    PREFIX,
    RECUSED,
    SEATS,
    Act,
    Judge,
    Plan,
    Size,
    competition,
    judges,
    keys_in_order,
    table,
    together,
)
from tests.web.hall import Hall, apart, hall
from tests.web.proxy import FRONT, Proxy, proxy
from tests.web.seat_pages import device

pytestmark = pytest.mark.browser

HOURS, FASTER = 8, 60
HOLE = 9.0
"""Seconds of a black hole: longer than it takes a page to notice."""


class Day:
    """The day's people, what they do to each unit, and what happens beside."""

    def __init__(self, place: Hall, line: Proxy, panel: dict[str, Judge], chief: Page, size: Size) -> None:
        self.place, self.line, self.panel, self.chief, self.size = place, line, panel, chief, size
        first = size.aspects[0]
        self.spread = ("u1", first.key)
        self.plan = Plan(size, "a day", self.spread)
        self.void: set[str] = set()
        self.rosters: dict[str, list[str]] = {}
        self.rotated = False

    def roster(self, number: int) -> list[str]:
        """Who marks an entry: the reserve for who is recused, and for who has left."""
        gone = {seat for seat, entry in RECUSED.items() if entry == number}
        gone |= {"s3"} if self.rotated else set()
        found = [seat for seat in SEATS[:3] if seat not in gone]
        return found + (["s4"] if gone else [])

    def mark(self, number: int) -> None:
        """All sheets of an entry by its roster, from the first tap to the last signature."""
        unit = f"u{number}"
        roster = self.rosters[unit] = self.roster(number)
        together(self.panel, self.plan.taps(unit, roster, self.void))
        if unit == self.spread[0]:
            self.again(unit, roster)
        together(self.panel, {seat: self.signs(unit, self.size.subs) for seat in roster})

    def again(self, unit: str, roster: list[str]) -> None:
        """The panel talks about the spread, the lead opens a second round, everybody votes again."""
        where = {"unit": unit, "sub": self.size.aspects[0].sub, "aspect": self.spread[1]}
        together(self.panel, {"s1": [{"act": "revote", **where}]})
        for seat in roster:
            opened = "([sheet, aspect]) => compsys.model.sheets.get(sheet).aspects[aspect].round === 2"
            self.panel[seat].page.wait_for_function(opened, arg=[f"{unit}/{where['sub']}", where["aspect"]])
        together(self.panel, {seat: [{"act": "tap", "value": "2", **where}] for seat in roster})

    def signs(self, unit: str, subs: list[str]) -> list[Act]:
        """The signatures of a seat."""
        return [{"act": "sign", "unit": unit, "sub": sub} for sub in subs]

    def return_one(self) -> None:
        """The chief gives the first entry's first sheet back; a value is put right, everybody signs again."""
        unit, sub = "u1", self.size.subs[0]
        self.rules(f"/chief/sheet/A11/{sub}", "return", {"reason": "look again"})
        for seat in self.rosters[unit]:
            state = "([sheet, state]) => compsys.model.sheets.get(sheet).state === state"
            self.panel[seat].page.wait_for_function(state, arg=[f"{unit}/{sub}", "returned"])
        agreed = next(one for one in self.size.of(sub) if one.kind == "count")
        had = next(tap["value"] for tap in self.log if (tap["unit"], tap["aspect"]) == (unit, agreed.key))
        value = "3" if had != "3" else "4"
        right = {"act": "tap", "unit": unit, "sub": sub, "aspect": agreed.key, "value": value}
        together(self.panel, {"s1": [right]})
        together(self.panel, {seat: self.signs(unit, [sub]) for seat in self.rosters[unit]})

    def rules(self, path: str, do: str, fields: dict[str, str]) -> None:
        """The chief fills in a form of a page, the line being whole."""
        self.line.restore()
        self.chief.goto(f"{self.place.url}{path}")
        form = self.chief.locator(f"form:has(input[name=do][value={do}])")
        for name, value in fields.items():
            place = form.locator(f"[name={name}]")
            kind = place.first.evaluate("(one) => one.type")
            if kind == "radio":
                form.locator(f"[name={name}][value='{value}']").check()
            elif kind.startswith("select"):
                place.select_option(value)
            else:
                place.fill(value)
        with self.chief.expect_navigation():
            form.locator("button").last.click()
        expect(self.chief.locator(".msg--stop")).to_have_count(0)

    def void_one(self) -> None:
        """An aspect is taken out for everybody, with full marks."""
        aspect = self.size.aspects[-1].key
        void = {"what": f"aspect:{aspect}", "full": "1", "reason": "the task was wrong"}
        self.rules("/chief/panel", "void", void)
        self.void.add(aspect)

    def rotate(self) -> None:
        """The third judge leaves for good, the reserve takes the seat."""
        change = {"leaves": f"{PREFIX}s3", "joins": f"{PREFIX}s4", "code": "", "reason": "end of a shift"}
        self.rules("/chief/panel", "roster", change)
        self.rotated = True
        expect(self.panel["s4"].page.locator(".cand")).not_to_have_count(len(RECUSED))

    def fault(self, number: int) -> None:
        """Something happens to the line while an entry is marked."""
        kind = number % 4
        if kind == 1:
            self.line.swallow(HOLE)
        elif kind == 2:
            self.line.cut()
        self.line.delay(0.15 if kind == 3 else 0.0)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every tap of everybody, in the order of the fingers."""
        return sorted((tap for judge in self.panel.values() for tap in judge.log), key=lambda tap: tap["at"])


def play(day: Day, seconds: float) -> None:
    """The whole day, its entries spread over so many seconds."""
    began, size, panel = time.monotonic(), day.size, day.panel
    for number in range(1, size.entries + 1):
        for judge in panel.values():
            ahead = began + seconds * (number - 1) / size.entries - time.monotonic()
            judge.page.wait_for_timeout(max(0.0, ahead) * 1000)  # the day's own pace
        if number == max(4, size.entries // 2):
            day.void_one()
            day.rotate()
            day.return_one()
        day.fault(number)
        day.mark(number)
        for judge in panel.values():
            judge.rail()
            judge.weigh()


def check(day: Day) -> None:
    """Everything arrived, once, in the order of each page's taps; it adds up to what the taps add up to."""
    for judge in day.panel.values():
        judge.page.wait_for_function("() => !compsys.model.pending.length")
    day.place.kill()
    lines = list(keys_in_order(day.place))
    for seat, judge in day.panel.items():
        mine = [key for actor, key in lines if actor == PREFIX + seat]
        assert mine == [tap["k"] for tap in judge.log], seat
    rounds = {tap["round"] for tap in day.log}
    assert rounds == {1, 2} and day.void and day.rotated
    naive = table(day.size, day.log, day.rosters, day.void)
    expected, places = naive.totals("signed"), naive.places("signed")
    state = apart(day.place.folded())
    rows = scoring.standing(state, "hot-dishes", "final", "open", "signed").rows
    assert {row.unit for row in rows} == set(expected)
    for row in rows:
        total, ranked, _ = expected[row.unit]
        assert ranked and row.score.ranked, row.unit
        assert row.total == total, (row.unit, row.total, total)
        assert (row.place, row.tied) == places[row.unit]
    assert len({total for total, _, _ in expected.values()}) > len(expected) // 2


def marked(folder: Path, chromium: Browser, size: Size, seconds: float) -> Day:
    """A day from its set-up to the check of what it left; nothing went wrong in any page."""
    with (
        hall(folder, world=competition(size), front=FRONT) as place,
        proxy(place.port) as line,
        ExitStack() as stack,
    ):
        panel = judges(stack, chromium, place)
        chief = stack.enter_context(device(chromium, place, "chief"))
        day = Day(place, line, panel, chief, size)
        play(day, seconds)
        for seat, judge in panel.items():
            print(seat, "MB after each entry:", [round(one / 1e6, 1) for one in judge.heap])
        check(day)
        return day


def test_a_small_day_on_a_bad_line_adds_up_to_what_was_tapped(tmp_path: Path, chromium: Browser) -> None:
    marked(tmp_path, chromium, Size(entries=5, sheets=2, judged=2, agreed=4), 0.0)


@pytest.mark.long
def test_a_whole_day_at_sixty_times_the_pace(tmp_path: Path, chromium: Browser) -> None:
    """Eight hours of thirty entries and 150 aspects; what the pages hold in the last hour is what they held
    in the first."""
    size = Size(entries=30, sheets=10, judged=3, agreed=12)
    assert len(size.aspects) == 150
    day = marked(tmp_path, chromium, size, HOURS * 3600 / FASTER)
    hour = size.entries // HOURS
    for seat, judge in day.panel.items():
        # The reserve's day begins with the rotation: until then its page has but two entries to show.
        heap = judge.heap[size.entries // 2 :] if seat == "s4" else judge.heap
        first, last = (Fraction(sum(part), len(part)) for part in (heap[:hour], heap[-hour:]))
        assert last <= first * Fraction(5, 4), (seat, judge.heap)
