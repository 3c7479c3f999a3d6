"""A whole trade a second time, from the profile's TOML and rows of texts; shares no code with the rules."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

WIDE = Context(prec=60)
Row = Mapping[str, str]
HOW = {"floor": ROUND_FLOOR, "half_up": ROUND_HALF_UP, "ceil": ROUND_CEILING}


def rounded(x: Fraction, places: int, how: str = ROUND_HALF_UP) -> Fraction:
    """To so many decimals, by long division of 60 digits."""
    quotient = WIDE.divide(Decimal(x.numerator), Decimal(x.denominator))
    return Fraction(quotient.quantize(Decimal(1).scaleb(-places), rounding=how, context=WIDE))


def number(text: str) -> Fraction | None:
    """Blank is not zero."""
    return Fraction(text) if text else None


def before(a: Sequence[Fraction | None], b: Sequence[Fraction | None], ways: Sequence[str]) -> bool:
    """Whether a stands before b: the first key in which they differ."""
    for x, y, way in zip(a, b, ways, strict=True):
        if x != y:
            if x is None or y is None:
                return y is None
            return x > y if way == "desc" else x < y
    return False


class Trade:
    """One group of entries under one profile, worked out entry by entry."""

    def __init__(self, rules: Mapping[str, Any], rows: Sequence[Row]) -> None:
        self.rules, self.rows = rules, {row["entry"]: row for row in rows}
        policy, places = rules["rounding"]["policy"], rules["rounding"]["places"]
        self.total = {
            entry: None if row["total"] == "" else
            (Fraction(row["total"]) if policy == "exact" else rounded(Fraction(row["total"]), places))
            for entry, row in self.rows.items()
        }  # fmt: skip
        self.vacate = rules["medals"]["ineligible"] == "vacate"
        self.field = [e for e in self.rows if self.status(e) == "ranked" or self.stays(e)]
        self.keys = {e: [self.key(e, name) for name, _ in rules["places"]["keys"]] for e in self.field}
        ways = [way for _, way in rules["places"]["keys"]]
        self.place = {e: self.placed(e, self.field, ways) for e in self.field}

    def status(self, entry: str) -> str:
        """What became of it."""
        return self.rows[entry]["status"] or "ranked"

    def stays(self, entry: str) -> bool:
        """An excluded entry whose place and medal stay empty."""
        return self.vacate and self.status(entry) == "excluded" and self.total[entry] is not None

    def key(self, entry: str, name: str) -> Fraction | None:
        """A tie-break key's value."""
        return self.total[entry] if name == "total" else number(self.rows[entry].get(name, ""))

    def placed(self, entry: str, field: Sequence[str], ways: Sequence[str]) -> int:
        """One more than those who stand before; dense: than the different ones."""
        mine = self.keys[entry]
        better = [self.keys[other] for other in field if before(self.keys[other], mine, ways)]
        if self.rules["places"]["joint"] == "dense":
            return len({tuple(keys) for keys in better}) + 1
        return len(better) + 1

    def able(self, entry: str) -> bool:
        """Whether it may be awarded."""
        return self.status(entry) == "ranked" and self.rows[entry].get("eligible") != "no"

    def count(self, base: str, persons: bool = False) -> int:
        """How many of a base."""
        out = {"ranked": "not_finished excluded withdrawn absent", "started": "withdrawn absent",
               "checked_in": "absent", "entered": ""}[base].split()  # fmt: skip
        counted = [r for e, r in self.rows.items() if self.status(e) not in (*out, "guest")]
        return sum(int(r.get("size") or "1") for r in counted) if persons else len(counted)

    # ------------------------------------------------------------ scale

    def scales(self) -> dict[str, Fraction]:
        """entry -> exact scale points of all who have a total and of the excluded whose medal stays empty."""
        rule = self.rules.get("scale")
        totals = [t for e, t in self.total.items() if self.status(e) == "ranked" and t is not None]
        if rule is None or len(totals) < rule["min_field"]:
            return {}
        middle = statistics.median(totals)
        unit = statistics.median(abs(t - middle) for t in totals) * Fraction(rule["factor"])
        if unit == 0 and any(t != middle for t in totals):
            if rule["zero_mad"] == "refuse":
                return {}
            unit = Fraction("1.253314") * sum(abs(t - middle) for t in totals) / len(totals)
        return {
            e: Fraction(rule["centre"])
            if unit == 0
            else Fraction(rule["centre"]) + Fraction(rule["spread"]) * (t - middle) / unit
            for e, t in ((e, self.total[e]) for e in self.field)
            if t is not None
        }

    # ------------------------------------------------------------ medals

    def contest(self) -> dict[str, int]:
        """entry -> the place that medals go by: under move_up counted among those who may be awarded."""
        if self.vacate:
            return dict(self.place)
        able = [e for e in self.field if self.able(e)]
        return {e: 1 + sum(self.place[other] < self.place[e] for other in able) for e in able}

    def medals(self) -> dict[str, str]:
        """Who gets what."""
        rule, base = self.rules["medals"], self.count(self.rules["medals"].get("base", "started"))
        contest, exact = self.contest(), self.scales()
        close = rule["params"].get("compare") == "exact"
        points = {e: p if close else rounded(p, 0) for e, p in exact.items()}
        won = getattr(self, rule["function"].partition("/")[0])(contest, points, rule["params"], base)
        for e in sorted(set(contest) - set(won)):
            if self.excellent(contest[e], points.get(e), rule, base):
                won[e] = "excellence"
        if "floor" in rule:
            line = Fraction(rule["floor"]) * Fraction(self.rules.get("total", {}).get("max", "100")) / 100
            won = {e: m for e, m in won.items() if self.total[e] is not None and self.total[e] >= line}
        return {e: m for e, m in won.items() if self.able(e)}

    def by_places(self, contest: Mapping[str, int], *_: Any) -> dict[str, str]:
        """1 gold, 2 silver, 3 bronze."""
        return {e: {1: "gold", 2: "silver", 3: "bronze"}[p] for e, p in contest.items() if p <= 3}

    def field_size(self, contest: Mapping[str, int], _: Any, params: Row, base: int) -> dict[str, str]:
        """The same, with fewer medals in a small field."""
        least = {"gold": "4", "silver": "5", "bronze": "6"} | dict(params)
        return {e: m for e, m in self.by_places(contest).items() if base >= int(least[m])}

    def none(self, *_: Any) -> dict[str, str]:
        """No medals."""
        return {}

    def ws_window(
        self, contest: Mapping[str, int], points: Mapping[str, Fraction], params: Row, _: int
    ) -> dict[str, str]:
        """The printed branches on sets."""
        if any(e not in points for e in contest):
            return self.by_places(contest)
        left, w = {e: points[e] for e in contest}, Fraction(params["window"])

        def near(anchor: Fraction | None) -> set[str]:
            return set() if anchor is None else {e for e, p in left.items() if anchor - p <= w}

        def take(chosen: set[str]) -> Fraction | None:
            low = min((left[e] for e in chosen), default=None)
            for e in chosen:
                del left[e]
            return low

        golds = near(max(left.values(), default=None))
        last = take(golds)
        silvers: set[str] = set()
        if len(golds) == 1:
            silvers = near(max(left.values(), default=None))
            last = take(silvers)
        alone = len(golds) >= 3 or len(silvers) >= 2
        bronzes = near(last if alone else max(left.values(), default=None))
        return (
            dict.fromkeys(golds, "gold") | dict.fromkeys(silvers, "silver") | dict.fromkeys(bronzes, "bronze")
        )

    def excellent(self, place: int, points: Fraction | None, rule: Mapping[str, Any], base: int) -> bool:
        """Whether one without a medal is excellent."""
        name, params = rule["excellence"], rule["excellence_params"]
        if name == "top_half/1":
            return place > 3 and place * Fraction(params.get("parts", "2")) <= base
        if name == "top_share/1":
            share = Fraction(params.get("percent", "50")) * base / 100
            last = rounded(share, 0, HOW[params.get("rounding", "floor")])
            return Fraction(params.get("after", "3")) < place <= last
        return name == "at_least/1" and points is not None and points >= Fraction(params.get("points", "700"))

    # ------------------------------------------------------------ prizes

    def prizes(self) -> dict[str, str]:
        """Who gets which prize: step by step, from the best place down."""
        rule = self.rules.get("prizes")
        if rule is None:
            return {}
        contest, persons = self.contest(), rule.get("unit") == "persons"
        sizes = {e: int(self.rows[e].get("size") or "1") if persons else 1 for e in contest}
        won: dict[str, str] = {}
        for e, place in contest.items():
            ahead = sum(sizes[o] for o in contest if contest[o] < place)
            beside = sum(sizes[o] for o in contest if contest[o] == place)
            stands = ahead + 1 if rule.get("ties", "in") == "in" else ahead + beside
            for prize, last in self.steps(rule, persons):
                if stands <= last:
                    won[e] = prize
                    break
        return {e: prize for e, prize in won.items() if self.able(e)}

    def steps(self, rule: Mapping[str, Any], persons: bool) -> list[tuple[str, Fraction]]:
        """Each prize with its last place."""
        found, percent, last = [], Fraction(0), Fraction(0)
        for prize, text in rule["steps"]:
            if rule["function"] == "by_place/1":
                last += Fraction(text)
            else:
                base, how = self.count(rule["base"], persons), HOW[rule["rounding"]]
                percent += Fraction(text)
                if rule["counting"] == "each":
                    last += rounded(Fraction(text) * base / 100, 0, how)
                else:
                    last = rounded(percent * base / 100, 0, how)
            found.append((prize, last))
        return found

    def result(self) -> dict[str, tuple[int | None, int | None, str, str]]:
        """entry -> place, scale, medal, prize; only ranked entries have any."""
        medals, prizes, scales = self.medals(), self.prizes(), self.scales()
        return {
            e: (
                self.place[e],
                int(rounded(scales[e], 0)) if e in scales else None,
                medals.get(e, ""),
                prizes.get(e, ""),
            )
            if self.status(e) == "ranked"
            else (None, None, "", "")
            for e in self.rows
        }
