"""Why this place: one entry's way from the seats' marks to its medal, as steps that add up to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from compsys import awarding, boards_medals, proposing, scoring
from compsys.explain_marks import Marks, Node, rounded, text
from compsys.records import Audience
from compsys.scoring import Standing, StandingRow
from compsys.state import GroupRules, State
from scoring_rules import field as field_rules
from scoring_rules import medals
from scoring_rules.exact import show
from scoring_rules.profile_sources import cited

LEVEL = "signed"
"""What counts: signed sheets. Before that nothing of a sheet is read, so nothing sealed can be told."""


class Target(NamedTuple):
    """An entry in a group of a stage."""

    trade: str
    stage: str
    group: str
    entry: str


class Explained(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Everything about one entry's result: who, under which rules, and the steps from its marks on.

    ``clauses``: section of the profile -> what it cites. ``published``: the newest version's number, rank and
    what it says otherwise (it is a fact; the steps here are of what stands now).
    """

    trade: str
    stage: str
    group: str
    entry: str
    unit: str
    code: str
    delegation: str
    profile: dict[str, str]
    clauses: dict[str, str]
    steps: tuple[Node, ...]
    published: dict[str, Any] = msgspec.field(default_factory=dict)

    def step(self, what: str) -> Node | None:
        """The first step of a kind, None when there is none."""
        return next((node for node in self.steps if node.what == what), None)


def find(state: State, trade: str, stage: str, group: str, wanted: str) -> list[Target]:
    """The entries with this id, blind code or bib in a trade, its last stage first; "" = any stage or
    group."""
    found: dict[Target, int] = {}
    for stream in state.streams.values():
        if stream.trade != trade or (stage and stream.stage != stage):
            continue
        record = state.setup.stages.get(f"{trade}/{stream.stage}")
        for unit in stream.units.values():
            if not unit.group or (group and unit.group != group) or not unit.entry:
                continue
            entry = state.setup.entries.get(unit.entry)
            if wanted in (unit.entry, unit.code) or (entry is not None and wanted == entry.bib and wanted):
                found[Target(trade, stream.stage, unit.group, unit.entry)] = record.order if record else 0
    return sorted(found, key=lambda target: (-found[target], target))


def explain(state: State, target: Target, audience: Audience = "public") -> Explained | None:
    """The steps of one entry; None where it stands in no standing (nothing was opened, or not this entry).

    ``audience``: whose medal table its row is looked up in.
    """
    found = scoring.standing(state, target.trade, target.stage, target.group, LEVEL)
    row = next((row for row in found.rows if row.entry == target.entry), None)
    if row is None or found.rules is None:
        return None
    profile = found.rules.profile
    steps = [_total(state, row, found.rules), _place(state, found, row, found.rules)]
    steps += _scale(state, found, row, found.rules)
    steps.append(_medal(state, found, row, found.rules))
    steps += _prize(state, found, row, found.rules)
    steps += _promotion(state, found, row)
    steps += _tables(state, target, audience)
    entry = state.setup.entries.get(row.entry)
    return Explained(
        **target._asdict(),
        unit=row.unit,
        code=row.code,
        delegation=entry.delegation if entry else "",
        profile={"id": profile.id, "version": profile.version, "source": profile.source},
        clauses={name: said for name, said in cited(profile.text).items() if said},
        steps=tuple(steps),
        published=_published(state, target, row, found.rules),
    )


# ---------------------------------------------------------------- total and place


def _total(state: State, row: StandingRow, rules: GroupRules) -> Node:
    """The total: its components' contributions, rounded by the policy."""
    stream = state.streams[row.stream]
    marks = Marks(stream, stream.units[row.unit], rules, LEVEL)
    parts = [
        marks.component(component, score)
        for component, score in zip(rules.components, row.score.components, strict=True)
    ]
    policy = rules.profile.rounding
    before = sum((p.weighted for p in row.score.components if p.weighted is not None), Fraction(0))
    note = row.score.status or ("" if row.score.complete else "waiting")
    return Node(
        what="total", name={}, rule="sum/1", clause="rounding", inputs={"policy": policy.name}, note=note,
        children=tuple(parts), **rounded(before, row.total, policy.total_places),
    )  # fmt: skip


def _place(state: State, found: Standing, row: StandingRow, rules: GroupRules) -> Node:
    """The place: the keys in their order, and by which of them the neighbours are apart."""
    rule = rules.profile.places
    names = {f"component:{c.id}": c.name for c in rules.components}
    names |= {f"criterion:{c.key}": c.title for c in rules.scheme.criteria}
    keys = tuple(
        Node(what="key", key=key.key, name=names.get(key.key, {}), value=text(value),
             inputs={"direction": key.direction} | _settled(state, row, key.key),
             note="" if value is not None else "no_value")
        for key, value in zip(rule.keys, row.score.keys, strict=True)
    )  # fmt: skip
    ranked = [other for other in found.rows if other.place is not None]
    inputs = {"field": str(len(ranked)), "joint": rule.joint}
    if row.place is None:
        return Node(what="place", rule="places/1", clause="places", inputs=inputs, children=keys,
                    note=row.score.status or "waiting")  # fmt: skip
    inputs["ahead"] = str(sum(other.place < row.place for other in ranked if other.place is not None))
    above = [other for other in ranked if other.place is not None and other.place < row.place]
    below = next((other for other in ranked if other.place is not None and other.place > row.place), None)
    for side, other in (("above", above[-1] if above else None), ("below", below)):
        if other is not None:
            inputs |= _apart(side, row, other, rules)
    return Node(
        what="place", rule="places/1", clause="places", value=str(row.place), inputs=inputs, children=keys,
        note="tied" if row.tied else "",
    )  # fmt: skip


def _settled(state: State, row: StandingRow, key: str) -> dict[str, str]:
    """Who gave a key that somebody gives, and why."""
    stream = state.streams[row.stream]
    settled = stream.units[row.unit].settled.get(key)
    if settled is None:
        return {}
    seat = stream.seats.get(settled.by)
    return {"by": seat.label if seat is not None else settled.by, "reason": settled.reason}


def _apart(side: str, row: StandingRow, other: StandingRow, rules: GroupRules) -> dict[str, str]:
    """By which key a neighbour stands elsewhere, and what it has there."""
    pairs = zip(rules.profile.places.keys, row.score.keys, other.score.keys, strict=True)
    key, mine, theirs = next((k.key, a, b) for k, a, b in pairs if a != b)
    return {side: other.code, f"{side}_key": key, f"{side}_value": text(theirs), f"{side}_mine": text(mine)}


# ---------------------------------------------------------------- scale, medal, table


def _scale(state: State, found: Standing, row: StandingRow, rules: GroupRules) -> Iterator[Node]:
    """The scale points of a ranked entry, where the profile has a scale."""
    rule = rules.profile.scale
    entry = state.setup.entries.get(row.entry)
    if rule is None or row.place is None or (entry is not None and entry.guest):
        return
    placed, runners = awarding.placed_of(found), awarding.field_of(state, found)
    population, scaled = field_rules.measured(rules.profile, placed, runners)
    about = {"field": str(len(population)), "centre": rule.centre, "spread": rule.spread}
    if scaled is None or not row.scale:
        about["min_field"] = str(rule.min_field)
        yield Node(what="scale", rule=rule.function, clause="scale", inputs=about, note="no_scale")
        return
    at = [runner.entry for runner in population].index(row.unit)
    yield Node(
        what="scale", rule=rule.function, clause="scale", value=row.scale, rounding="0",
        before=text(scaled.exact[at]),
        inputs=about | {
            "total": text(row.total), "median": text(scaled.median), "factor": rule.factor,
            "deviation": text(scaled.deviation), "basis": scaled.basis,
        },
    )  # fmt: skip


def _medal(state: State, found: Standing, row: StandingRow, rules: GroupRules) -> Node:
    """The medal or excellence, by which rule; or why there is none."""
    rule = rules.profile.medals
    trade = state.setup.trades.get(found.trade)
    ranked = [other for other in found.rows if other.place is not None]
    base = field_rules.base_of(rules.profile, awarding.field_of(state, found))
    inputs = {"participants": str(base), "ineligible": rule.ineligible}
    inputs |= {"place": str(row.place)} if row.place else {}
    floor = field_rules.floor(rules.profile, scoring.highest(rules))
    note = ""
    if trade is not None and not trade.medals:
        note = "no_medals"
    elif not scoring.is_last(state, found.trade, found.stage):
        note = "stage_not_last"
    elif row.place is None:
        note = "not_ranked"
    elif not scoring.is_eligible(state, row):
        note = "not_eligible"
    elif floor is not None and row.total < floor:
        note, inputs["floor"] = "below_floor", text(floor)
    if note:
        return Node(what="medal", clause="medals", rule=rule.function, inputs=inputs, note=note)
    if row.medal == medals.EXCELLENCE:
        inputs |= dict(rule.excellence_params) | ({"points_won": row.scale} if row.scale else {})
        return Node(what="medal", value=row.medal, rule=rule.excellence, clause="medals", inputs=inputs)
    counted = {
        c.entry: c.place
        for c in medals.closed_up(
            [medals.Contender(r.unit, r.place or 0, None, scoring.is_eligible(state, r)) for r in ranked]
        )
    }
    if rule.ineligible == "move_up" and counted.get(row.unit) != row.place:
        inputs["counted"] = str(counted[row.unit])
    inputs |= dict(rule.params) | ({"points_won": row.scale} if row.scale else {})
    holders = [other for other in ranked if other.medal == (row.medal or "bronze")]
    if row.scale and holders:
        inputs["first" if row.medal else "last"] = holders[0 if row.medal else -1].scale
    return Node(
        what="medal", value=row.medal, rule=rule.function, clause="medals", inputs=inputs,
        note="" if row.medal else "no_medal",
    )  # fmt: skip


def _prize(state: State, found: Standing, row: StandingRow, rules: GroupRules) -> Iterator[Node]:
    """The prize, where the rules give any: of which field which share goes how far; or why there is none."""
    rule = rules.profile.extras.prizes
    if rule is None:
        return
    runners = awarding.field_of(state, found)
    edges = field_rules.prize_edges(rules.profile, runners)
    inputs = {"edges": " ".join(f"{prize}:{last}" for prize, last in edges), "ties": rule.ties}
    if rule.function != "by_place/1":
        base = field_rules.prize_base(rules.profile, runners)
        about = {"base": rule.base, "unit": rule.unit, "of": str(base), "rounding": rule.rounding}
        steps = " ".join(f"{prize}:{amount}" for prize, amount in rule.steps)
        inputs |= about | {"steps": steps, "counting": rule.counting}
    note = ""
    if not awarding.gives_awards(state, found):
        last = scoring.is_last(state, found.trade, found.stage)
        note = "no_medals" if last else "stage_not_last"
    elif row.place is None:
        note = "not_ranked"
    elif not scoring.is_eligible(state, row):
        note = "not_eligible"
    else:
        inputs["place"] = str(row.place)
        note = "" if row.prize else "no_prize"
    yield Node(what="prize", value=row.prize, rule=rule.function, clause="prizes", inputs=inputs, note=note)


def _promotion(state: State, found: Standing, row: StandingRow) -> Iterator[Node]:
    """The skill level that the rules propose, with every reason."""
    proposal = proposing.proposals(state, found).get(row.entry)
    if proposal is None:
        return
    clauses = "; ".join(proposal.clauses)
    inputs = {"honours": ", ".join(proposal.honours), "cited": clauses}
    yield Node(
        what="promotion", value=proposal.level or "", rule="promotion/1", clause="promotion",
        inputs={name: said for name, said in inputs.items() if said},
        note="" if proposal.level or proposal.honours else "no_promotion",
        children=tuple(
            Node(what="reason", note=reason.code, inputs=dict(reason.params)) for reason in proposal.reasons
        ),
    )  # fmt: skip


def _tables(state: State, target: Target, audience: Audience) -> Iterator[Node]:
    """The row of the medal table that the entry's medal counts in, one per official order."""
    entry = state.setup.entries.get(target.entry)
    competition = state.setup.competition
    if entry is None or competition is None:
        return
    here = [
        contest
        for contest in boards_medals.contests(state, audience)
        if (contest.trade.id, contest.group.stage, contest.group.id) == target[:3]
    ]
    if not here:
        return
    if here[0].version is None:
        yield Node(what="table", key=entry.delegation, note="not_counted", clause="tables")
        return
    for order in competition.table_orders:
        drawn = boards_medals.picture(state, order, competition.table_orders, audience)
        for line in drawn["rows"]:
            if line["key"] == entry.delegation:
                counts = ("gold", "silver", "bronze", "excellence", "total", "points")
                yield Node(
                    what="table", key=order, name=dict(line["name"]), value=str(line["place"]),
                    rule=f"{order}/1", clause="tables", note="tied" if line["tied"] else "",
                    inputs={word: str(line[word]) for word in counts},
                )  # fmt: skip


# ---------------------------------------------------------------- what was published


def _published(state: State, target: Target, row: StandingRow, rules: GroupRules) -> dict[str, Any]:
    """The newest version of the result, and where it says otherwise than what stands now."""
    result = state.results.get(target[:3])
    if result is None or not result.versions:
        return {}
    version = result.versions[-1]
    stored = next((line for line in version.rows if line.entry == target.entry), None)
    told: dict[str, Any] = {"version": version.version, "rank": version.rank}
    told["annulled"] = bool(result.annulled)
    if stored is None:
        return told | {"differs": [{"field": "entry", "stored": "", "now": row.code}]}
    gone = row.score.status in ("absent", "withdrawn", "excluded")
    now = {
        "total": "" if gone else rules.profile.rounding.show_total(row.total),
        "place": "" if row.place is None else str(row.place),
        "scale": row.scale,
        "medal": row.medal,
        "prize": row.prize,
        "status": row.score.status,
    }
    kept = {
        "total": stored.total or "",
        "place": "" if stored.place is None else str(stored.place),
        "scale": stored.scale,
        "medal": stored.medal,
        "prize": stored.prize,
        "status": stored.status,
    }
    differs = [{"field": f, "stored": kept[f], "now": now[f]} for f in now if kept[f] != now[f]]
    return told | {"differs": differs}


def decimal(value: str, places: int = 6) -> str:
    """A node's value for the eye: a fraction as its decimal, rounded half up.

    >>> decimal("61/3"), decimal("2.5"), decimal("")
    ('20.333333', '2.5', '')
    """
    return show(Fraction(value), places) if "/" in value else value
