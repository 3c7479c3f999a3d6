"""Recomputes every published result from an exported journal, with arithmetic of its own.

    python tests/recompute.py journal.jsonl

Plain and slow on purpose, and a witness: it reads nothing but the export and imports nothing of the program.
Marks are taken from the lines of marks (not from what was revealed or stored), rules from the rule text that
the journal froze when marking opened. Exit status 1 and one line per difference when a result disagrees.
"""

from __future__ import annotations

import json
import sys
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

Json = dict[str, Any]
GONE = ("absent", "withdrawn", "excluded")


def half_up(x: Fraction, places: int) -> Fraction:
    """Rounded half up (away from zero)."""
    scaled = abs(x) * 10**places + Fraction(1, 2)
    whole = Fraction(scaled.numerator // scaled.denominator, 10**places)
    return whole if x >= 0 else -whole


def numbers(params: Json, name: str) -> list[Fraction | None]:
    return [Fraction(text) if text else None for text in params.get(name, [])]


# ---------------------------------------------------------------- one agreed value


def agreed(aspect: Json, value: str) -> Fraction:
    """The mark of an agreed value."""
    maximum = Fraction(aspect["max"])
    measure = aspect["measure"] or {"kind": "pass_fail", "params": {}}
    kind, params = measure["kind"], measure["params"]
    if kind == "pass_fail":
        return maximum if value == "pass" else Fraction(0)
    if kind == "count":
        each = params.get("each")
        got = min(int(value), int(params["possible"])) if params.get("possible") else int(value)
        return min(maximum, got * Fraction(each)) if each else maximum * got / int(params["possible"])
    if kind == "value":
        return Fraction(value)
    if kind == "choice":
        labels = params.get("labels", [])
        pick = int(value) - 1 if value.isdigit() else labels.index(value)
        lost = numbers(params, "deductions")[pick] or Fraction(0)
    elif kind == "deduction":
        lost = int(value) * Fraction(params["deduction"])
    elif kind == "difference":
        lost = steps(params, Fraction(value)) * Fraction(params["deduction"])
    elif kind == "range":
        found = band(params, Fraction(value))
        if found is None:
            return Fraction(0)
        lost = found
    else:
        raise ValueError(f"unknown measure {kind}")
    if params.get("deduction_type") == "percent":
        lost = maximum * lost / 100
    return min(maximum, max(Fraction(0), maximum - lost))


def steps(params: Json, x: Fraction) -> Fraction:
    """How many steps a measured number is off its target."""
    target, size = Fraction(params["target"]), Fraction(params["difference"])
    if params.get("difference_type") == "percent":
        size = abs(target) * size / 100
    exact = abs(x - target) / size
    how = params.get("steps") or "ceil"
    if how == "proportional":
        return exact
    return Fraction(-(-exact.numerator // exact.denominator) if how == "ceil" else int(exact))


def band(params: Json, x: Fraction) -> Fraction | None:
    """What the first band that holds x takes off; None where none does."""
    if params.get("target") and Fraction(params["target"]) == x:
        return Fraction(0)
    rows = zip(*(numbers(params, name) for name in ("lowers", "uppers", "deductions")), strict=True)
    for low, high, lost in rows:
        if not low and not high and not lost:
            continue  # unset
        if low and low > 0 and high == 0:
            high = None  # open above
        if (low is None or x >= low) and (high is None or x <= high):
            return lost or Fraction(0)
    return None


# ---------------------------------------------------------------- several seats


def panel(values: list[Fraction], rule: Json) -> Fraction:
    """The profile's function of the seats' points."""
    values = sorted(values)
    name = rule["function"].partition("/")[0]
    if name == "median":
        middle = len(values) // 2
        return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
    if (
        name == "trimmed_mean"
        and len(values) >= rule["min_seats"]
        and len(values) > rule["high"] + rule["low"]
    ):
        values = values[rule["low"] : len(values) - rule["high"]]
    elif name not in ("mean", "trimmed_mean"):
        raise ValueError(name)
    return sum(values, Fraction(0)) / len(values)


# ---------------------------------------------------------------- what the journal says


class Stream:
    """The facts of one marking unit stream so far."""

    def __init__(self) -> None:
        self.frozen: Json = {}
        self.rosters: dict[tuple[str, str], list[str]] = {}
        self.values: dict[tuple[str, str, str, int], str | None] = {}
        self.rounds: dict[tuple[str, str], int] = {}
        self.closed: dict[tuple[str, str], bool] = {}
        self.signed: dict[tuple[str, str], set[str]] = {}
        self.decided: dict[tuple[str, str], Fraction] = {}
        self.excused: set[tuple[str, str, str]] = set()
        self.void: dict[str, bool] = {}
        self.status: dict[str, dict[str, str]] = {}
        self.imports: dict[int, tuple[str, list[Any]]] = {}
        self.given: dict[tuple[str, str], tuple[str | None, str]] = {}
        self.moved: dict[str, dict[str, tuple[str, Fraction]]] = {}
        self.late: dict[int, tuple[tuple[str, str, str, int], str | None]] = {}

    def take(self, n: int, event: Json, secret: Any) -> None:
        """One line."""
        fold = getattr(self, "on_" + event["kind"], None)
        if fold is not None:
            fold(n, event, secret)

    def on_opened(self, n: int, event: Json, secret: Any) -> None:
        self.frozen = event["frozen"]

    def on_session_moved(self, n: int, event: Json, secret: Any) -> None:
        for unit, sub, seats in event.get("rosters", []):
            self.rosters[unit, sub] = list(seats)

    def on_roster_changed(self, n: int, event: Json, secret: Any) -> None:
        for unit, sub in event["sheets"]:
            rest = [seat for seat in self.rosters[unit, sub] if seat != event["leaves"]]
            joins = event.get("joins")
            self.rosters[unit, sub] = roster = rest + [joins] if joins and joins not in rest else rest
            if roster and set(roster) <= self.signed.get((unit, sub), set()):
                self.closed[unit, sub] = True  # who had not signed yet was the one who left

    def on_marked(self, n: int, event: Json, secret: Any) -> None:
        cell = (event["unit"], event["aspect"], event["seat"], event["round"])
        self.values[cell] = event.get("value", secret)

    def on_mark_late(self, n: int, event: Json, secret: Any) -> None:
        self.late[n] = ((event["unit"], event["aspect"], event["seat"], event["round"]), secret)

    def on_late_settled(self, n: int, event: Json, secret: Any) -> None:
        if event["accept"]:
            cell, value = self.late[event["of"]]
            self.values[cell] = value

    def on_signed(self, n: int, event: Json, secret: Any) -> None:
        if event.get("step", "seats") == "seats":
            self.signed.setdefault((event["unit"], event["sub"]), set()).add(event["seat"])
        if event.get("complete"):
            self.closed[event["unit"], event["sub"]] = True

    def on_returned(self, n: int, event: Json, secret: Any) -> None:
        self.closed[event["unit"], event["sub"]] = False
        self.signed.pop((event["unit"], event["sub"]), None)

    def on_round_opened(self, n: int, event: Json, secret: Any) -> None:
        self.rounds[event["unit"], event["aspect"]] = event["round"]

    def on_escalated(self, n: int, event: Json, secret: Any) -> None:
        if event["outcome"] == "reserve":
            self.rounds[event["unit"], event["aspect"]] = event["round"]
            self.rosters[event["unit"], event["aspect"].split(".")[0]].append(event["joins"])

    def on_resolved(self, n: int, event: Json, secret: Any) -> None:
        self.decided[event["unit"], event["aspect"]] = Fraction(event["mark"])

    def on_excused(self, n: int, event: Json, secret: Any) -> None:
        self.excused.add((event["unit"], event["aspect"], event["seat"]))

    def on_voided(self, n: int, event: Json, secret: Any) -> None:
        self.void[event["what"]] = event["full"]

    def on_status_set(self, n: int, event: Json, secret: Any) -> None:
        found = self.status.setdefault(event["unit"], {})
        found.pop(event["scope"], None)
        if event.get("status"):
            found[event["scope"]] = event["status"]

    def on_scores_imported(self, n: int, event: Json, secret: Any) -> None:
        self.imports[n] = (event["component"], event["rows"])

    def on_scores_continued(self, n: int, event: Json, secret: Any) -> None:
        component, rows = self.imports[event["of"]]
        self.imports[event["of"]] = (component, [*rows, *event["rows"]])

    def on_scores_confirmed(self, n: int, event: Json, secret: Any) -> None:
        component, rows = self.imports[event["of"]]
        for unit, value, status in rows:
            self.given[unit, component] = (value, status)

    def on_adjusted(self, n: int, event: Json, secret: Any) -> None:
        found = self.moved.setdefault(event["unit"], {})
        found[event["id"]] = (event["component"], Fraction(event["amount"]))


class Group:
    """The rules of one group of a stream, as frozen."""

    def __init__(self, stream: Stream, group: str) -> None:
        frozen = stream.frozen["groups"][group]
        self.stream = stream
        self.profile = tomllib.loads(frozen["profile"])
        self.components = frozen["components"]
        self.criteria = frozen["scheme"]["criteria"]
        policy, places = self.profile["rounding"]["policy"], self.profile["rounding"].get("places", 2)
        self.aspect_places = places if policy == "per_aspect_2dp" else None
        self.component_places = places if policy in ("per_aspect_2dp", "per_component_2dp") else None
        self.total_places = None if policy == "exact" else places

    # ------------------------------------------------------------ one unit

    def aspect(self, unit: str, aspect: Json, roster: list[str]) -> Fraction:
        """A judged or agreed aspect's mark (a hole with a reason earns nothing)."""
        key = aspect["key"]
        if f"aspect:{key}" in self.stream.void:
            return Fraction(aspect["max"]) if self.stream.void[f"aspect:{key}"] else Fraction(0)
        if (unit, key) in self.stream.decided:
            return self.stream.decided[unit, key]
        round_ = self.stream.rounds.get((unit, key), 1)
        if aspect["method"] == "agreed":
            value = self.stream.values.get((unit, key, "*", 1))
            found = Fraction(0) if value is None else agreed(aspect, value)
        else:
            votes = [self.stream.values.get((unit, key, seat, round_)) for seat in roster]
            scores = [int(vote) for vote in votes if vote is not None]
            found = Fraction(aspect["max"]) * sum(scores) / (3 * len(scores)) if scores else Fraction(0)
        return found if self.aspect_places is None else half_up(found, self.aspect_places)

    def sheet(self, unit: str, sub: Json) -> tuple[Fraction, dict[str, dict[str, Fraction]]]:
        """A signed sheet: the marks of its judged and agreed aspects, and the points by seat and aspect."""
        roster = self.stream.rosters[unit, sub["key"]]
        points = [
            a
            for a in sub["aspects"]
            if a["method"] == "points" and f"aspect:{a['key']}" not in self.stream.void
        ]
        others = [a for a in sub["aspects"] if a not in points]
        marks = sum((self.aspect(unit, a, roster) for a in others), Fraction(0))
        rows = {}
        for seat in roster:
            values = [self.stream.values.get((unit, a["key"], seat, 1)) for a in points]
            if points and all(value is not None for value in values):
                rows[seat] = {a["key"]: Fraction(v or 0) for a, v in zip(points, values, strict=True)}
        return marks, rows

    def marked(self, unit: str, component: Json) -> tuple[Fraction | None, bool]:
        """A marked component's raw value, and whether nothing of it is missing."""
        wanted = component.get("criteria") or [c["key"] for c in self.criteria]
        subs = [sub for c in self.criteria if c["key"] in wanted for sub in c["subs"]]
        rule = self.profile["points"]
        total, whole, any_sheet = Fraction(0), True, False
        sheets: list[dict[str, dict[str, Fraction]]] = []
        for sub in subs:
            if not self.stream.closed.get((unit, sub["key"])):
                whole = False
                continue
            any_sheet = True
            marks, rows = self.sheet(unit, sub)
            total += marks
            if not rows:
                continue
            sheets.append(rows)
            if rule["level"] == "aspect":
                for key in next(iter(rows.values())):
                    total += panel([row[key] for row in rows.values()], rule)
            elif rule["level"] == "sheet":
                total += panel([sum(row.values(), Fraction(0)) for row in rows.values()], rule)
        if rule["level"] == "component" and sheets:
            seats = [seat for seat in sheets[0] if all(seat in rows for rows in sheets)]
            sums = [sum((sum(rows[s].values(), Fraction(0)) for rows in sheets), Fraction(0)) for s in seats]
            total += panel(sums, rule)
        return (total if any_sheet else None), whole

    def component(self, unit: str, component: Json) -> tuple[Fraction | None, Fraction | None, bool]:
        """(raw, weighted, whole) of one component."""
        status = self.status(unit, component["id"])
        void = self.stream.void.get(f"component:{component['id']}")
        raw: Fraction | None
        if void is not None:
            raw, whole = (Fraction(component.get("max", "100")) if void else Fraction(0)), True
        elif status == "zeroed":
            raw, whole = Fraction(0), True
        elif status in GONE:
            return None, None, True
        else:
            raw, whole = self.source(unit, component)
            if raw is not None:
                moved = self.stream.moved.get(unit, {}).values()
                raw += sum((amount for where, amount in moved if where == component["id"]), Fraction(0))
                raw = max(Fraction(0), raw)
        if raw is None:
            return None, None, whole
        weighted = raw * Fraction(component.get("weight", "1"))
        return (
            raw,
            weighted if self.component_places is None else half_up(weighted, self.component_places),
            whole,
        )

    def source(self, unit: str, component: Json) -> tuple[Fraction | None, bool]:
        """Where a component's raw value comes from."""
        source = component.get("source", "marked")
        if source == "marked":
            return self.marked(unit, component)
        if source == "imported":
            value, status = self.stream.given.get((unit, component["id"]), (None, ""))
            return (None if value is None else Fraction(value)), value is not None or bool(status)
        raise ValueError(f"this witness does not know components of source {source}")

    def status(self, unit: str, component: str = "") -> str:
        """What stands instead of marks, for the stage or for a component."""
        found = self.stream.status.get(unit, {})
        return found.get("stage", "") or found.get(f"component:{component}", "")

    # ------------------------------------------------------------ the whole group

    def result(self, units: list[str]) -> dict[str, Json]:
        """unit -> components, total, whether it is ranked, its place, and its scale points."""
        rows: dict[str, Json] = {}
        for unit in units:
            parts = {c["id"]: self.component(unit, c) for c in self.components}
            total = sum((weighted or Fraction(0) for _, weighted, _ in parts.values()), Fraction(0))
            total = total if self.total_places is None else half_up(total, self.total_places)
            gone = self.status(unit) in GONE
            ranked = not gone and all(whole for _, _, whole in parts.values())
            rows[unit] = {"parts": parts, "total": None if gone else total, "ranked": ranked}
        ranked_rows = {unit: self.keys(row) for unit, row in rows.items() if row["ranked"]}
        for unit, mine in ranked_rows.items():
            rows[unit]["place"] = 1 + sum(theirs > mine for theirs in ranked_rows.values())
            rows[unit]["tied"] = sum(theirs == mine for theirs in ranked_rows.values()) > 1
        if "scale" in self.profile:
            self.scale([row for row in rows.values() if row["ranked"]])
        return rows

    def keys(self, row: Json) -> list[Fraction]:
        """What a row is ranked by, the higher the better."""
        found = []
        for key, direction in self.profile["places"]["keys"]:
            kind, _, what = key.partition(":")
            if kind == "total":
                value = row["total"]
            elif kind == "component":
                value = row["parts"][what][1] if what in row["parts"] else None
            else:
                raise ValueError(f"this witness does not rank by {key}")
            value = Fraction(-1) if value is None else value
            found.append(value if direction == "desc" else -value)
        return found

    def scale(self, rows: list[Json]) -> None:
        """The WorldSkills scale: the median stands at the centre, spread by the median distance from it."""
        rule = self.profile["scale"]

        def middle(values: list[Fraction]) -> Fraction:
            ordered, half = sorted(values), len(values) // 2
            return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

        if len(rows) < rule["min_field"]:
            return
        centre = middle([row["total"] for row in rows])
        unit = Fraction(rule["factor"]) * middle([abs(row["total"] - centre) for row in rows])
        for row in rows if unit else ():
            points = Fraction(rule["centre"]) + Fraction(rule["spread"]) * (row["total"] - centre) / unit
            row["scale"] = str(int(half_up(points, 0)))


# ---------------------------------------------------------------- against what was published


def same(mine: Fraction | None, text: str | None) -> bool:
    """Whether a stored number is mine (six decimals where mine does not end)."""
    if mine is None or text is None:
        return mine is None and text is None
    return Fraction(text) in (mine, half_up(mine, 6))


def compare(published: Json, streams: dict[str, Stream]) -> tuple[int, list[str]]:
    """How many numbers of a result were compared, and where they differ."""
    name = "{trade}/{stage}/{group} v{version} {rank}".format(**published)
    prefix = f"{published['trade']}.{published['stage']}."
    here = [
        stream
        for key, stream in streams.items()
        if key.startswith(prefix) and published["group"] in stream.frozen.get("groups", {})
    ]
    if len(here) != 1:
        raise ValueError(f"{name}: this witness ranks stages of one site only")
    units = [u for u, facts in here[0].frozen["units"].items() if facts["group"] == published["group"]]
    mine = Group(here[0], published["group"]).result(units)
    stored = {row["unit"]: row for row in published["rows"]}
    found, count = [], 0
    if mine.keys() != stored.keys():
        found.append(f"{name}: other units")
    for unit, row in stored.items():
        own = mine.get(unit, {"parts": {}, "total": None})
        checks = {
            "total": (own["total"], row.get("total"), same(own["total"], row.get("total"))),
            "place": (own.get("place"), row.get("place"), own.get("place") == row.get("place")),
            "tied": (own.get("tied", False), row["tied"], own.get("tied", False) == row["tied"]),
        }
        if own.get("scale"):
            checks["scale"] = (own["scale"], row.get("scale"), own["scale"] == row.get("scale"))
        for part in row["components"]:
            raw, weighted, _ = own["parts"].get(part["id"], (None, None, False))
            checks[part["id"]] = (raw, part["raw"], same(raw, part["raw"]))
            checks[f"{part['id']} weighted"] = (weighted, part["weighted"], same(weighted, part["weighted"]))
        count += len(checks)
        found += [
            f"{name}: {row['code']} {what}: {stored_} stored, {own_} recomputed"
            for what, (own_, stored_, good) in checks.items()
            if not good
        ]
    return count, found


def recompute(journal: Path) -> Json:
    """Results, units and numbers compared, and the differences."""
    streams: dict[str, Stream] = {}
    told: Json = {"results": 0, "rows": 0, "numbers": 0, "marks": 0, "differences": []}
    with journal.open(encoding="utf-8") as lines:
        for text in lines:
            line = json.loads(text)
            if "open" not in line:
                continue  # the header
            event = json.loads(line["open"])
            if event["kind"] == "result_published":
                count, found = compare(event, streams)
                told["results"] += 1
                told["rows"] += len(event["rows"])
                told["numbers"] += count
                told["differences"] += found
            elif line["stream"] != "competition":
                closed = json.loads(line["closed"]) if line["closed"] else {}
                told["marks"] += event["kind"] == "marked"
                streams.setdefault(line["stream"], Stream()).take(line["n"], event, closed.get("secret"))
    return told


if __name__ == "__main__":
    outcome = recompute(Path(sys.argv[1]))
    print(json.dumps(outcome, ensure_ascii=False, indent=1))
    sys.exit(1 if outcome["differences"] else 0)
