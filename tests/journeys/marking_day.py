"""A day of marking by scripts in real pages: the competition, the script of a judge's page, its log of taps.

A script taps inside its page, through the handlers of the elements on the screen, and writes down every tap.
From the logs alone ``table`` adds up the day a second time (tests/naive_scores.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from compsys import events as e
from tests.compsys.core_stage import BOOKS
from tests.naive_scores import Aspect, Paper, Part, Table
from tests.web.hall import STREAM, Hall, words
from tests.web.seat_pages import LANDSCAPE, tablet
from tests.web.venue import Recorded
from tests.world import ORGANIZER

PREFIX = "hot-dishes/final/"
SEATS = ("s1", "s2", "s3", "s4")
"""lead, two judges, the reserve"""
RECUSED = {"s2": 2, "s3": 3}
"""seat -> the number of the entry that is of its own delegation"""
KINDS: tuple[tuple[str, dict[str, Any], Fraction], ...] = (
    ("pass_fail", {}, Fraction(0)),
    ("count", {"possible": "10"}, Fraction(10)),
    ("deduction", {"deduction": "0.25"}, Fraction("0.25")),
)
LEVELS = [words(f"第{i}级", f"Level {i}") for i in range(4)]


@dataclass(frozen=True)
class Size:
    """How much there is to mark: entries, sheets of each, judged and agreed aspects of a sheet."""

    entries: int
    sheets: int
    judged: int
    agreed: int

    @property
    def subs(self) -> list[str]:
        """The sub-criteria, one criterion each."""
        return [f"{chr(65 + i)}1" for i in range(self.sheets)]

    @property
    def aspects(self) -> list[Aspect]:
        """Every aspect, as the naive scorer has it."""
        found = []
        for sub in self.subs:
            found += [Aspect(f"{sub}.J{i}", sub, "judgement", Fraction(3)) for i in range(self.judged)]
            for i in range(self.agreed):
                kind, _, per = KINDS[i % len(KINDS)]
                found.append(Aspect(f"{sub}.M{i}", sub, "agreed", Fraction(1), kind, per))
        return found

    def of(self, sub: str) -> list[Aspect]:
        """The aspects of a sheet."""
        return [aspect for aspect in self.aspects if aspect.sub == sub]


def scheme(size: Size) -> dict[str, Any]:
    """The scheme as data."""

    def data(aspect: Aspect) -> dict[str, Any]:
        plain = {"key": aspect.key, "title": words(f"评分点 {aspect.key}", f"Aspect {aspect.key}")}
        plain |= {"method": aspect.method, "max": str(aspect.top)}
        if aspect.method == "judgement":
            return plain | {"descriptors": LEVELS}
        given = next(params for kind, params, _ in KINDS if kind == aspect.kind)
        return plain | {"measure": {"kind": aspect.kind, "params": given}}

    title = words("热菜", "Hot dishes")
    criteria = [
        {
            "key": sub[0],
            "title": title,
            "subs": [{"key": sub, "title": title, "aspects": [data(a) for a in size.of(sub)]}],
        }
        for sub in size.subs
    ]
    return {"title": title, "criteria": criteria}


def competition(size: Size) -> Recorded:
    """Drawn and open, its one session running: three judges and a reserve, two of them recused once."""
    world = Recorded()
    trade, name = {"trade": "hot-dishes", "stage": "final"}, words("热菜", "Hot dishes")
    world.define("competition", id="c-hall", name=name, days=["2026-05-01"])
    world.define("trade", id="hot-dishes", name=name)
    world.define("stage", id="final", trade="hot-dishes", name=words("决赛", "Final"))
    world.define("scheme", id="hot-dishes", scheme=scheme(size))
    component = {"id": "practice", "name": words("实操", "Practice"), "max": "1000"}
    group = {"scheme": "hot-dishes", "profile": "worldskills-2026", "components": [component]}
    world.define("group", id="open", name=words("公开组", "Open"), **group, **trade)
    world.define("panel", id="panel", name=words("评分一组", "Panel 1"), **trade)
    for i in range(1, size.entries + 1):
        world.define("delegation", id=f"d{i}", name=words(f"第 {i} 队", f"Team {i}"))
        world.define("person", id=f"p{i}")
        entry = {"trade": "hot-dishes", "delegation": f"d{i}", "members": [{"person": f"p{i}"}]}
        world.define("entry", id=f"e{i}", **entry)
    for seat, role in (*zip(SEATS, ("lead", "judge", "judge", "reserve"), strict=True), ("chief", "chief")):
        more = {}
        if seat in RECUSED:
            world.define("person", id=f"q{seat}")
            world.define("judge", id=f"j{seat}", person=f"q{seat}", affiliations=[f"d{RECUSED[seat]}"])
            more = {"judge": f"j{seat}"}
        world.define("seat", id=seat, panel="panel", label=seat, role=role, **trade, **more)
    world.define("session", id="day", component="practice", name=words("第一天", "Day one"), **trade)
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, size.entries + 1))
    world.do(ORGANIZER, e.Draw(stream=STREAM, units=units))
    world.do(ORGANIZER, e.Open(stream=STREAM))
    world.do(ORGANIZER, e.Session(stream=STREAM, session="day", move="start"))
    return world


# ---------------------------------------------------------------- the script of a page

SCRIPT = """() => {
  const app = compsys;
  const turn = () => new Promise((done) => setTimeout(done, 0));
  const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 20)); };
  const find = (where, test) => [...document.querySelectorAll(where)].find(test);
  const press = (found, what) => { if (!found) throw new Error(`no ${what}`); found.click(); };
  const day = { log: [], busy: "", error: "" };

  async function go(unit, sub) {
    const code = app.model.sheets.get(`${unit}/${sub}`).code;
    const its = (one) => one.querySelector("b").textContent === code;
    if (app.ui.unit !== unit) press(find(".cand", its), code);
    app.goSheet(sub);
    await turn();
  }

  async function tap({ unit, sub, aspect, value }) {
    if (app.ui.unit !== unit || app.ui.sub !== sub) await go(unit, sub);
    app.goAspect(aspect);
    await turn();
    const before = new Set(app.model.records);
    const round = app.sheet.aspects[aspect].round;
    const choice = document.querySelector(`#main [role=radio][data-value="${value}"]`);
    if (choice) choice.click();
    else {
      if (app.typed(app.sheet, app.aspect)) press(document.querySelector(".keypad__clear"), "clear");
      await turn();
      for (const sign of value) {
        press(find(".keypad button", (one) => one.textContent.trim() === sign), sign);
        await turn();
      }
      press(document.querySelector(".keypad .btn--main"), "enter");
    }
    const record = app.model.records.find((one) => !before.has(one)); // others may be put aside meanwhile
    const kept = record?.cmd.aspect === aspect && record.cmd.value === value;
    const shown = document.querySelector("#main").innerText;
    if (!kept) throw new Error(`${unit} ${aspect} ${value} is not kept: ${shown}`);
    day.log.push({ unit, aspect, value, round, seat: record.cmd.seat, k: record.k, at: record.at });
    await turn();
  }

  async function sign({ unit, sub }) {
    await go(unit, sub);
    app.show("sign");
    await until(() => app.unready === null);
    await turn();
    press(document.querySelector("#foot .btn--main"), "sign");
    await until(() => app.model.hasSigned(app.model.sheets.get(`${unit}/${sub}`), app.model.me));
  }

  async function revote({ unit, sub, aspect }) {
    await until(() => app.model.sheets.get(`${unit}/${sub}`).aspects[aspect].legal === false);
    await go(unit, sub);
    app.goAspect(aspect);
    await turn();
    for (const speaker of [...document.querySelectorAll(".speaker--act")]) {
      press(speaker.querySelector(".quick .btn"), "reason");
      await turn();
    }
    await until(() => app.link.up);
    await turn();
    press(document.querySelector(".revote"), "revote");
    await until(() => app.model.sheets.get(`${unit}/${sub}`).aspects[aspect].round === 2);
  }

  const acts = { tap, sign, revote };
  day.run = (list) => {
    day.busy = "yes";
    (async () => { for (const one of list) await acts[one.act](one); })().then(
      () => { day.busy = ""; },
      (error) => { day.error = String(error.stack ?? error); });
  };
  day.take = () => day.log.splice(0);
  window.day = day;
}"""
Act = dict[str, str]


@dataclass
class Judge:
    """A judge's page with its script, and the taps it has logged so far."""

    seat: str
    page: Page
    log: list[dict[str, Any]] = field(default_factory=list)
    heap: list[int] = field(default_factory=list)
    line: CDPSession | None = None

    def begin(self, acts: list[Act]) -> None:
        """Let the script do this, and do not wait."""
        self.page.evaluate("(list) => day.run(list)", acts)

    def end(self) -> None:
        """Wait until it is done."""
        self.page.wait_for_function("() => !day.busy || day.error", timeout=120_000)
        wrong = self.page.evaluate("() => day.error")
        assert wrong == "", (self.seat, wrong)
        self.log += self.page.evaluate("() => day.take()")

    def rail(self) -> None:
        """What the page remembers of each sheet is what it would find looking anew."""
        states = """() => {
          const { model, ui, seat } = compsys;
          const units = model.units(ui.session);
          const look = () => JSON.stringify(units.map(([, all]) => model.unitState(all, seat)));
          const kept = look();
          model.tallies = new WeakMap();
          return [kept, look()];
        }"""
        kept, anew = self.page.evaluate(states)
        assert kept == anew, self.seat

    def weigh(self) -> None:
        """Note how much the page's scripts hold after a collection."""
        if self.line is None:
            self.line = self.page.context.new_cdp_session(self.page)
            self.line.send("HeapProfiler.enable")
            self.line.send("Performance.enable")
        self.line.send("HeapProfiler.collectGarbage")
        told = self.line.send("Performance.getMetrics")["metrics"]
        self.heap.append(next(int(one["value"]) for one in told if one["name"] == "JSHeapUsedSize"))


def judges(stack: ExitStack, chromium: Browser, place: Hall) -> dict[str, Judge]:
    """Everybody's page with its script."""
    found = {}
    for seat in SEATS:
        page = stack.enter_context(tablet(chromium, place, seat, size=LANDSCAPE, lang="en"))
        page.evaluate(SCRIPT)
        found[seat] = Judge(seat, page)
    return found


def together(panel: dict[str, Judge], acts: dict[str, list[Act]]) -> None:
    """Everybody does their acts at the same time."""
    for seat, list_ in acts.items():
        panel[seat].begin(list_)
    for seat in acts:
        panel[seat].end()


# ---------------------------------------------------------------- what is tapped, and what it adds up to


class Plan:
    """Values by a seed: what each seat of a roster taps for a unit."""

    def __init__(self, size: Size, seed: str, spread: tuple[str, str]) -> None:
        self.size, self.random, self.spread = size, random.Random(seed), spread

    def taps(self, unit: str, roster: list[str], void: set[str]) -> dict[str, list[Act]]:
        """Each seat's taps on all sheets of a unit; an agreed value is tapped by one of them."""
        found: dict[str, list[Act]] = {seat: [] for seat in roster}
        for number, aspect in enumerate(one for one in self.size.aspects if one.key not in void):
            where = {"act": "tap", "unit": unit, "sub": aspect.sub, "aspect": aspect.key}
            if aspect.method == "judgement":
                for seat, value in zip(roster, self.votes(unit, aspect.key, len(roster)), strict=True):
                    found[seat].append({**where, "value": value})
            else:
                found[roster[number % len(roster)]].append({**where, "value": self.measured(aspect.kind)})
        return found

    def votes(self, unit: str, aspect: str, count: int) -> list[str]:
        """Votes that are close enough, but for the one aspect where they are not."""
        if (unit, aspect) == self.spread:
            return ["0", "3", "1"][:count]
        low = self.random.randrange(3)
        return [str(low + self.random.randrange(2)) for _ in range(count)]

    def measured(self, kind: str) -> str:
        """A measured value."""
        if kind == "pass_fail":
            return self.random.choice(("pass", "fail"))
        return str(self.random.randrange(11 if kind == "count" else 5))


def table(size: Size, log: list[dict[str, Any]], rosters: dict[str, list[str]], void: set[str]) -> Table:
    """The naive scorer's table, from the scripts' log of taps."""
    found = Table()
    found.rules = BOOKS["worldskills-2026"][2]
    found.units = {f"u{i}": f"d{i}" for i in range(1, size.entries + 1)}
    found.aspects = {aspect.key: aspect for aspect in size.aspects}
    found.parts = [Part("practice", "marked", Fraction(1000), Fraction(1), tuple(size.subs), "day")]
    found.papers = {
        (unit, sub): Paper([PREFIX + seat for seat in roster], {PREFIX + seat for seat in roster})
        for unit, roster in rosters.items()
        for sub in size.subs
    }
    found.values, found.rivals, found.round, found.shown = {}, {}, {}, {}
    found.ruled, found.excused, found.statuses, found.imported = {}, set(), {}, {}
    found.adjusted, found.seconds = {}, {}
    found.void = {f"aspect:{aspect}": True for aspect in void}
    for tap in log:
        unit, aspect, round_ = tap["unit"], tap["aspect"], tap["round"]
        found.values.setdefault((unit, aspect, tap["seat"], round_), []).append(tap["value"])
        if found.aspects[aspect].method == "judgement":
            found.shown.setdefault((unit, aspect, round_), {})[tap["seat"]] = int(tap["value"])
            found.round[unit, aspect] = max(round_, found.round.get((unit, aspect), 1))
    return found


def keys_in_order(place: Hall) -> Iterator[tuple[str, str]]:
    """The journal's marks as (device's seat, key of the tap), in the order of the lines."""
    for line, closed in place.lines():
        if isinstance(line, e.Marked):
            yield closed.actor, closed.key
