"""From the seats' marks of one entry up to its components, each step as a node with its rule and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from compsys.asking import out
from compsys.escalation import rule_of
from compsys.events import ANY_SEAT
from compsys.records import Component, Words
from compsys.scoring import ZERO, ComponentScore, SheetScore, seat_points, sheet_score, time_mark
from compsys.state import GroupRules, Sheet, Stream, Unit
from scoring_rules import judgement, measurement
from scoring_rules.exact import parse, show
from scoring_rules.judgement import Trim
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect

NOTHING: dict[str, str] = {}


class Node(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One step: ``value`` is what goes on from here, exact (a decimal that ends, else ``n/d``; "" = nothing).

    ``before``: the exact value before ``rounding`` (half up to so many decimals), where that changed it.
    ``rule`` is applied to the children with ``inputs``; ``clause`` is the profile's section that says so;
    ``note`` says what stands instead of the rule, or what became of this value further up.
    """

    what: str
    key: str = ""
    name: Words = msgspec.field(default_factory=dict)
    value: str = ""
    rule: str = ""
    clause: str = ""
    inputs: dict[str, str] = msgspec.field(default_factory=dict)
    before: str = ""
    rounding: str = ""
    note: str = ""
    children: tuple[Node, ...] = ()


def text(x: Fraction | None) -> str:
    """An exact number as text: a decimal where it ends, else a fraction.

    >>> text(Fraction(5, 2)), text(Fraction(61, 3)), text(None)
    ('2.5', '61/3', '')
    """
    if x is None:
        return ""
    try:
        return show(x)
    except ValueError:
        return f"{x.numerator}/{x.denominator}"


def rounded(before: Fraction, after: Fraction, places: int | None) -> dict[str, str]:
    """The fields of a node that say how a value was rounded."""
    if places is None:
        return {"value": text(after)}
    changed = {"before": text(before)} if before != after else {}
    return {"value": text(after), "rounding": str(places), **changed}


class Marks:
    """Draws the steps below one unit's components at a feed level; what that level does not show is not
    read."""

    def __init__(self, stream: Stream, unit: Unit, rules: GroupRules, level: str) -> None:
        self.stream, self.unit, self.rules, self.level = stream, unit, rules, level
        self.labels: dict[str, Words] = {
            key: {"zh-CN": seat.label or key, "en": seat.label or key} for key, seat in stream.seats.items()
        }
        rule = rules.profile.points
        self.trim = Trim(rule.high, rule.low, rule.min_seats)
        self.trimming = {"high": str(rule.high), "low": str(rule.low), "min_seats": str(rule.min_seats)}

    # ------------------------------------------------------------ components

    def component(self, component: Component, score: ComponentScore) -> Node:
        """A component: raw x weight, rounded; below it what raw is made of."""
        raw, note, children = self._raw(component)
        if score.raw is None or score.weighted is None:
            return Node(
                what="component", key=component.id, name=component.name, children=children,
                note=score.status or note or "waiting", inputs=_progress(score),
            )  # fmt: skip
        inputs = {"raw": text(score.raw), "weight": component.weight, "max": component.max}
        if component.pass_mark and score.passed is not None:
            inputs |= {"pass_mark": component.pass_mark, "passed": "yes" if score.passed else "no"}
        return Node(
            what="component", key=component.id, name=component.name, rule="weight/1", clause="rounding",
            inputs=inputs | _progress(score), note=note or ("" if score.complete else "waiting"),
            children=(raw or Node(what="raw", value=text(score.raw), note=note, children=children),),
            **rounded(
                score.raw * parse(component.weight), score.weighted,
                self.rules.profile.rounding.component_places,
            ),
        )  # fmt: skip

    def _raw(self, component: Component) -> tuple[Node | None, str, tuple[Node, ...]]:
        """The node of the raw score (None: a ruling stands instead), the ruling, and what was marked."""
        void = self.stream.voided.get(f"component:{component.id}")
        if void is not None:
            return None, "voided_full" if void[0] else "voided_zero", ()
        status = out(self.unit, component.id)
        if status:
            return None, status, ()
        if component.source == "marked":
            children = self._marked(component)
        else:
            children = self._given(component)
        changes = tuple(
            Node(
                what="penalty", key=key, value=text(amount),
                inputs={"reason": reason, "signers": ", ".join(self._label(s) for s in signers)},
            )
            for key, (owner, amount, reason, signers) in self.unit.adjustments.items()
            if owner == component.id and amount
        )  # fmt: skip
        values = [_number(child.value) for child in (*children, *changes) if child.value]
        if not values:
            return None, "", children
        total = sum(values, ZERO)
        raw = max(ZERO, total) if changes else total
        return (
            Node(
                what="raw", key=component.id, rule="sum_floor/1" if changes else "sum/1", value=text(raw),
                clause="penalties" if changes else "", children=(*children, *changes),
            ),
            "",
            children,
        )  # fmt: skip

    def _label(self, seat: str) -> str:
        return self.labels.get(seat, {}).get("en") or seat

    def _given(self, component: Component) -> tuple[Node, ...]:
        """What was not marked here: a score from outside, an earlier stage's total, a time."""
        unit = self.unit
        if component.source == "imported":
            value, status = unit.imported.get(component.id, (None, ""))
            note = status or ("" if value is not None else "waiting")
            return (Node(what="imported", key=component.id, value=value or "", note=note),)
        if component.source == "carried":
            carried = unit.carried.get(component.id, "")
            inputs = {"stage": component.from_stage} | self.rules.carry.get(component.id, {})
            return (Node(what="carried", key=component.id, value=carried, inputs=inputs),)
        return self._timed(component)

    def _timed(self, component: Component) -> tuple[Node, ...]:
        sessions = self.stream.sessions
        times = [s for key, s in self.unit.seconds.items() if sessions[key].component == component.id]
        if not times:
            return (Node(what="time", key=component.id, note="waiting"),)
        measure = component.measure or {}
        params = _texts(dict(measure.get("params", {})))
        leaves = tuple(Node(what="seconds", value=text(s)) for s in times)
        mark = time_mark(component, sum(times, ZERO))
        rule = f"{measure.get('kind', 'value')}/1"
        return (
            Node(
                what="time", key=component.id, rule=rule, inputs={"max": component.max} | params,
                value=text(mark), children=leaves,
            ),
        )  # fmt: skip

    def _marked(self, component: Component) -> tuple[Node, ...]:
        """The sheets of a component; and its panel, where that works on the component's totals."""
        found: list[Node] = []
        panels: list[tuple[str, SheetScore]] = []
        for key, owner in self.rules.component_of.items():
            if owner != component.id:
                continue
            sheet = self.stream.sheets.get((self.unit.id, key))
            if sheet is None:
                found.append(Node(what="sub", key=key, name=self.rules.subs[key].title, note="not_open"))
                continue
            score = sheet_score(self.stream, self.rules, sheet, self.level)
            found.append(self._sub(sheet, score))
            if score.seats:
                panels.append((key, score))
        if panels and self.rules.profile.points.level == "component":
            everywhere = [s for s in panels[0][1].seats if all(s in score.seats for _, score in panels)]
            sums = {
                seat: sum((score.seats[seat] for _, score in panels), ZERO) for seat in everywhere
            }
            below = {
                seat: tuple(Node(what="sheet_points", key=key, value=text(score.seats[seat]), rule="sum/1",
                                 children=self._given_points(key, seat)) for key, score in panels)
                for seat in everywhere
            }  # fmt: skip
            if sums:
                found.append(self._panel("component", sums, below))
        return tuple(found)

    # ------------------------------------------------------------ sheets and aspects

    def _sub(self, sheet: Sheet, score: SheetScore) -> Node:
        """A sub-criterion: the sum of its aspects; points of a panel beside them."""
        sub = self.rules.subs[sheet.sub]
        if self.level == "signed" and not sheet.complete:
            return Node(what="sub", key=sub.key, name=sub.title, note="not_signed")
        children: list[Node] = []
        points: list[Aspect] = []
        for aspect in sub.aspects:
            if aspect.method == "points" and f"aspect:{aspect.key}" not in self.stream.voided:
                points.append(aspect)
            else:
                children.append(self._aspect(sheet, aspect, score.marks.get(aspect.key)))
        if points:
            children += self._points(sheet, points)
        note = "" if score.complete else "waiting"
        value = text(score.value) if score.done or score.value else ""
        return Node(
            what="sub", key=sub.key, name=sub.title, value=value, rule="sum/1", note=note,
            inputs=_said(sheet), children=tuple(children),
        )  # fmt: skip

    def _aspect(self, sheet: Sheet, aspect: Aspect, mark: Fraction | None) -> Node:
        """An aspect judged, agreed, decided, voided or excused."""
        key = aspect.key
        void = self.stream.voided.get(f"aspect:{key}")
        if void is not None:
            return _ruled(aspect, mark, "voided_full" if void[0] else "voided_zero", void[1])
        if key in sheet.resolved:
            return _ruled(aspect, mark, "resolved", sheet.resolved[key][1])
        if mark is None:
            return _ruled(aspect, None, "spread" if key in sheet.spread else "hole")
        cell = sheet.cells.get((key, ANY_SEAT, 1))
        if aspect.method == "agreed" and cell is not None and cell.value is not None and not cell.others:
            return self._agreed(aspect, cell.value, mark)
        votes = sheet.revealed.get((key, sheet.rounds.get(key, 1)))
        if not votes or key in sheet.spread:
            why = next((why for (a, _), why in sheet.excused.items() if a == key), "")
            return _ruled(aspect, mark, "excused", why)
        return self._judged(sheet, aspect, votes, mark)

    def _agreed(self, aspect: Aspect, value: str, mark: Fraction) -> Node:
        """An agreed value by its calculation."""
        measure = aspect.measure
        params = measure.params if measure else {}
        before = measurement.mark(measure, self.rules.maxima[aspect.key], value)
        assert not isinstance(before, Refusal), aspect.key  # a mark came of it
        return Node(
            what="aspect", key=aspect.key, name=aspect.title,
            rule=f"{measure.kind if measure else 'pass_fail'}/1",
            inputs={"max": aspect.max} | _texts(params),
            children=(Node(what="agreed", value=value),),
            **rounded(before, mark, self.rules.profile.rounding.aspect_places),
        )  # fmt: skip

    def _judged(self, sheet: Sheet, aspect: Aspect, votes: Mapping[str, str], mark: Fraction) -> Node:
        """A judged aspect: the votes of its last round; those of seats that left count for nothing."""
        rule = self.rules.profile.judgement
        counts = [seat for seat in votes if seat in sheet.roster] or list(votes)
        labels = self.labels
        scores = [int(votes[seat]) for seat in counts]
        function = rule_of(sheet, aspect.key, rule.function)
        before = judgement.SETTLED[function](scores, self.rules.maxima[aspect.key])
        inputs = {"max": aspect.max, "n": str(len(counts)), "max_spread": str(rule.max_spread)}
        round_ = sheet.rounds.get(aspect.key, 1)
        if round_ > 1:
            inputs["round"] = str(round_)
        return Node(
            what="aspect", key=aspect.key, name=aspect.title, rule=function, clause="judgement",
            inputs=inputs,
            children=tuple(
                Node(what="vote", key=seat, name=labels.get(seat, NOTHING), value=value,
                     note="" if seat in counts else "left_out")
                for seat, value in votes.items()
            ),
            **rounded(before, mark, self.rules.profile.rounding.aspect_places),
        )  # fmt: skip

    # ------------------------------------------------------------ points of a panel

    def _points(self, sheet: Sheet, points: list[Aspect]) -> list[Node]:
        """The points on a sheet: by aspect, or by each seat's total; with a component's panel, none here."""
        level = self.rules.profile.points.level
        if not sheet.complete:
            return [Node(what="aspect", key=a.key, name=a.title, note="not_signed") for a in points]
        rows = seat_points(sheet, points)
        if level == "component":
            return [Node(what="aspect", key=a.key, name=a.title, note="in_panel") for a in points]
        absent = tuple(
            Node(what="seat", key=seat, name=self.labels.get(seat, NOTHING), note="left_out")
            for seat in sheet.roster if seat not in rows
        )  # fmt: skip
        if not rows:
            return [Node(what="panel", key="sheet", note="nobody", children=absent)]
        if level == "aspect":
            return [
                self._panel("aspect", {seat: row[a.key] for seat, row in rows.items()}, {}, a, absent)
                for a in points
            ]
        sums = {seat: sum(row.values(), ZERO) for seat, row in rows.items()}
        below = {seat: self._given_points(sheet.sub, seat) for seat in rows}
        return [self._panel("sheet", sums, below, None, absent)]

    def _given_points(self, sub: str, seat: str) -> tuple[Node, ...]:
        """What one seat gave on one sheet, aspect by aspect."""
        sheet = self.stream.sheets[(self.unit.id, sub)]
        return tuple(
            Node(what="points", key=a.key, name=a.title, value=sheet.revealed[(a.key, 0)][seat])
            for a in self.rules.subs[sub].aspects
            if a.method == "points" and seat in sheet.revealed.get((a.key, 0), {})
            and f"aspect:{a.key}" not in self.stream.voided
        )  # fmt: skip

    def _panel(
        self,
        level: str,
        values: dict[str, Fraction],
        below: dict[str, tuple[Node, ...]],
        aspect: Aspect | None = None,
        more: tuple[Node, ...] = (),
    ) -> Node:
        """Several seats' numbers as one, with who was left out of the mean."""
        function = self.rules.profile.points.function
        dropped = dropping(function, values, self.trim)
        inputs = {"level": level, "n": str(len(values)), "counted": str(len(values) - len(dropped))}
        few = function == "trimmed_mean/1" and not dropped
        return Node(
            what="aspect" if aspect else "panel", key=aspect.key if aspect else level,
            name=aspect.title if aspect else {}, rule=function, clause="points",
            inputs=inputs | self.trimming if function == "trimmed_mean/1" else inputs,
            value=text(judgement.FUNCTIONS[function](list(values.values()), self.trim)),
            note="plain_mean" if few else "",
            children=tuple(
                Node(
                    what="seat" if below else "points", key=seat, name=self.labels.get(seat, NOTHING),
                    value=text(value), note=dropped.get(seat, ""), rule="sum/1" if below else "",
                    children=below.get(seat, ()),
                )
                for seat, value in values.items()
            ) + more,
        )  # fmt: skip


def dropping(function: str, values: Mapping[str, Fraction], trim: Trim) -> dict[str, str]:
    """seat -> dropped_high or dropped_low; of equal values the earlier seat's counts as the lower one.

    >>> dropping("trimmed_mean/1", {"a": Fraction(9), "b": Fraction(9), "c": Fraction(5)}, Trim())
    {'c': 'dropped_low', 'b': 'dropped_high'}
    """
    high, low, least = trim
    n = len(values)
    if function != "trimmed_mean/1" or n < least or n <= high + low:
        return {}
    ordered = sorted(values, key=lambda seat: values[seat])
    return {
        **dict.fromkeys(ordered[:low], "dropped_low"),
        **dict.fromkeys(ordered[n - high :], "dropped_high"),
    }


def _ruled(aspect: Aspect, mark: Fraction | None, note: str, reason: str = "") -> Node:
    """An aspect for which something else stands instead of its rule."""
    return Node(
        what="aspect", key=aspect.key, name=aspect.title, value=text(mark), note=note,
        inputs={"max": aspect.max, "reason": reason} if reason else {"max": aspect.max},
    )  # fmt: skip


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    """A measure's parameters, lists as one text."""
    return {k: v if isinstance(v, str) else ", ".join(v) for k, v in params.items()}


def _progress(score: ComponentScore) -> dict[str, str]:
    return {"done": str(score.done), "of": str(score.of)}


_ACCEPTED = {
    "accepted": "accepted", "disputed": "disputed", "stands": "dispute_stands", "missed": "expert_missed",
}  # fmt: skip


def _said(sheet: Sheet) -> dict[str, str]:
    """What the competitor's own expert and the competitor said to a sheet as it is now."""
    accepted = _ACCEPTED.get(sheet.acceptance.state, "") if sheet.acceptance else ""
    heard = sheet.heard.outcome if sheet.heard and sheet.heard.outcome != "void" else ""
    return {name: value for name, value in (("accepted", accepted), ("heard", heard)) if value}


def _number(value: str) -> Fraction:
    return Fraction(value) if "/" in value else parse(value)
