"""Pictures: what an audience sees of a competition, as data; and how one picture becomes the next.

A topic is ``board:<trade>/<stage>/<group>`` (rows beyond 300 are further topics, ``...?page=2``) or
``medals:<order>``. A picture carries codes, numbers as text and names in both languages, no HTML; server
templates and the browser draw it with the same catalogue. ``patch(old, change(old, new)) == new`` always, and
``change`` is None exactly when nothing visible differs: a topic's public version counts those changes and
nothing else.

Architecture Invariant: a picture is a function of the state and the audience; what of a mark may be in it is
decided by ``boards_feed.source`` alone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from compsys import boards_best, boards_medals, boards_rows
from compsys.boards_feed import Source, marking_state, source
from compsys.boards_rows import Names
from compsys.records import Audience, Component, Group
from compsys.scoring import standing
from compsys.state import GroupRules, State
from scoring_rules import exact
from scoring_rules.delegations import ORDERS

Picture = dict[str, Any]
Change = dict[str, Any]

PAGE = 300
"""Rows per topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart: a board's trade, stage, group and page, or a medal table's order."""

    kind: Literal["board", "medals"]
    trade: str = ""
    stage: str = ""
    group: str = ""
    page: int = 1
    order: str = ""

    def __str__(self) -> str:
        """As it stands on the wire.

        >>> str(Topic("board", "pastry", "final", "open", page=2))
        'board:pastry/final/open?page=2'
        """
        if self.kind == "medals":
            return f"medals:{self.order}"
        page = f"?page={self.page}" if self.page > 1 else ""
        return f"board:{self.trade}/{self.stage}/{self.group}{page}"


class UnknownTopic(KeyError):
    """There is no such board or medal table."""


def parse(state: State, topic: str) -> Topic:
    """The topic of that name; raises UnknownTopic when there is no such group or order."""
    kind, _, rest = topic.partition(":")
    if kind == "medals" and rest in ORDERS:
        return Topic("medals", order=rest)
    path, mark, number = rest.partition("?page=")
    if kind == "board" and path in state.setup.groups and (not mark or is_page_number(number)):
        trade, stage, group = path.split("/")
        return Topic("board", trade, stage, group, page=int(number or "1"))
    raise UnknownTopic(topic)


def is_page_number(text: str) -> bool:
    """Whether a text is the number of a further page (the first one is not numbered).

    >>> [is_page_number(text) for text in ("2", "1", "02", "", "12345")]
    [True, False, False, False, False]
    """
    return text.isascii() and text.isdigit() and len(text) <= 4 and text[0] != "0" and text != "1"


def topics(state: State, audience: Audience = "public") -> list[str]:
    """Every topic there is: a board per group (more when its rows fill more pages), then the medal tables."""
    found = []
    for path in state.setup.groups:
        trade, stage, group = path.split("/")
        pages = _pages(_size(state, Topic("board", trade, stage, group), audience))
        found += [str(Topic("board", trade, stage, group, page=page)) for page in range(1, pages + 1)]
    return found + [str(Topic("medals", order=order)) for order in orders(state)]


def orders(state: State) -> tuple[str, ...]:
    """The orders of the medal table: the competition's official ones first, then the others there are."""
    competition = state.setup.competition
    first = [order for order in (competition.table_orders if competition else ()) if order in ORDERS]
    return (*first, *(order for order in ORDERS if order not in first))


def needs(topic: str) -> str:
    """The streams that a topic shows, as ``Desk.reading`` asks for them: those of a stage, else all.

    >>> needs("board:pastry/final/open?page=2"), needs("medals:total")
    ('pastry.final.', '')
    """
    kind, _, path = topic.partition(":")
    parts = path.split("/")
    if kind == "checking":
        return "competition"
    return f"{parts[0]}.{parts[1]}." if kind == "board" and len(parts) == 3 else ""


def concerns(topic: str, touched: Iterable[tuple[Any, ...]]) -> bool:
    """Whether keys that ``core.apply`` touched may change this topic: worth drawing it again."""
    kind, _, rest = topic.partition(":")
    path = rest.partition("?")[0]
    trade, _, stage = path.rpartition("/")[0].partition("/")
    stream = f"{trade}.{stage}."
    for key in touched:
        if key[0] == "setup":
            return True
        if key[0] == "result" and (kind == "medals" or "/".join(key[1:4]) == path):
            return True
        if key[0] == "stream" and kind == "medals":
            return True
        if kind == "board" and key[0] in ("sheet", "unit", "stream", "session") and key[1].startswith(stream):
            return True
    return False


def picture(state: State, topic: str, audience: Audience, names: Names) -> Picture:
    """The picture of a topic for an audience; raises UnknownTopic.

    ``names``: person id -> Words or None; asked only where disclosure lets names stand.
    """
    found = parse(state, topic)
    if found.kind == "medals":
        table = boards_medals.picture(state, found.order, orders(state), audience)
        return {**table, **boards_best.bests(state, audience, names)}
    return _board(state, found, audience, names)


def _board(state: State, topic: Topic, audience: Audience, names: Names) -> Picture:
    path = f"{topic.trade}/{topic.stage}/{topic.group}"
    group = state.setup.groups[path]
    fed = source(state, topic.trade, topic.stage, topic.group, audience)
    rules = _rules(state, topic)
    components = rules.components if rules else group.components
    places = _places(rules)
    lines = boards_rows.arrange(_lines(state, topic, fed, rules, components), fed)
    page = slice((topic.page - 1) * PAGE, topic.page * PAGE)
    return {
        "topic": str(topic),
        "kind": "board",
        **_headings(state, topic, group),
        "status": _status(state, topic, fed),
        "as_of": fed.as_of,
        "note": dict(fed.version.note) if fed.version else {},
        **(_beside(state, fed, names) if topic.page == 1 else {}),
        "named": fed.named,
        "columns": [_column(component, places) for component in components],
        "max": exact.show(_sum_of_maxima(components), None),
        "scaled": bool(rules and rules.profile.scale),
        "page": topic.page,
        "pages": _pages(len(lines)),
        "counts": {"ranked": sum(line.place is not None for line in lines), "of": len(lines)},
        "rows": boards_rows.draw(state, lines, page, fed, names, places),
    }


def _beside(state: State, fed: Source, names: Names) -> Picture:
    """What stands beside a version's rows: what it took and gave, its list of teams."""
    return {**boards_rows.taken(state, fed, names), **boards_rows.teams(state, fed, names)}


def contents(state: State, audience: Audience) -> list[dict[str, Any]]:
    """The trades in their order, each with its boards: path, name, status and time, latest stage first."""
    found = []
    for trade in sorted(state.setup.trades.values(), key=lambda trade: (trade.order, trade.id)):
        stages = [stage for stage in state.setup.stages.values() if stage.trade == trade.id]
        listed = []
        for stage in sorted(stages, key=lambda stage: (-stage.order, stage.id)):
            groups = [g for g in state.setup.groups.values() if (g.trade, g.stage) == (trade.id, stage.id)]
            for group in groups:
                topic = Topic("board", trade.id, stage.id, group.id)
                fed = source(state, trade.id, stage.id, group.id, audience)
                name = _joined(stage.name, group.name) if len(groups) > 1 else dict(stage.name)
                entry = {"path": str(topic).partition(":")[2], "name": name}
                listed.append({**entry, "status": _status(state, topic, fed), "as_of": fed.as_of})
        found.append({"trade": trade.id, "name": dict(trade.name), "boards": listed})
    return found


def _joined(first: dict[str, str], then: dict[str, str]) -> dict[str, str]:
    """Two names as one, in every language that either has."""
    return {lang: " ".join(filter(None, (first.get(lang), then.get(lang)))) for lang in first | then}


def _headings(state: State, topic: Topic, group: Group) -> dict[str, Any]:
    """What stands above the rows, in all its languages."""
    competition = state.setup.competition
    trade = state.setup.trades[topic.trade]
    stage = state.setup.stages[f"{topic.trade}/{topic.stage}"]
    return {
        "event": dict(competition.name) if competition else {},
        "zone": competition.zone if competition else "UTC",
        "trade": topic.trade,
        "title": dict(trade.name),
        "stage": dict(stage.name),
        "group": dict(group.name),
        "medals": trade.medals,
    }


def _status(state: State, topic: Topic, fed: Source) -> dict[str, Any]:
    """none | live | frozen | provisional | official | annulled; the version; whether it corrects one.

    ``marking``: setup, drawn, open or locked, which says nothing of marks; ``level``: of what is live.
    """
    version, corrected = 0, False
    if fed.version is not None:
        version = fed.version.version
        if fed.kind == "official":
            earlier = state.results[(topic.trade, topic.stage, topic.group)].versions
            corrected = any(found.rank == "official" and found.version < version for found in earlier)
    marking = marking_state(state, topic.trade, topic.stage)
    found = {"kind": fed.kind, "version": version, "corrected": corrected, "marking": marking}
    return {**found, "level": fed.level}


def _lines(
    state: State, topic: Topic, fed: Source, rules: GroupRules | None, components: tuple[Component, ...]
) -> list[boards_rows.Line]:
    """Every entry of a board, on whichever page it is."""
    if fed.kind in ("provisional", "official") and fed.version is not None:
        return boards_rows.from_version(fed.version.rows, components)
    if fed.level and rules is not None:
        found = standing(state, topic.trade, topic.stage, topic.group, fed.level, cut=fed.cut)
        return boards_rows.from_standing(found.rows, components, rules.profile.rounding)
    return []


def _size(state: State, topic: Topic, audience: Audience) -> int:
    """How many rows a board has: entries drawn or stored, which no mark changes."""
    fed = source(state, topic.trade, topic.stage, topic.group, audience)
    if fed.version is not None:
        return len(fed.version.rows)
    if not fed.level:
        return 0
    streams = state.streams_of(topic.trade, topic.stage)
    return sum(unit.group == topic.group for stream in streams for unit in stream.units.values())


def _pages(rows: int) -> int:
    return max(1, -(-rows // PAGE))


def _rules(state: State, topic: Topic) -> GroupRules | None:
    """What marks the group, as frozen into a stream of its stage; None before marking opens."""
    for stream in state.streams_of(topic.trade, topic.stage):
        if topic.group in stream.groups:
            return stream.groups[topic.group]
    return None


def _places(rules: GroupRules | None) -> int:
    """Decimals of a component's column: those of the total, 2 where the policy keeps everything."""
    places = rules.profile.rounding.total_places if rules else 2
    return 2 if places is None else places


def _maximum(component: Component) -> Fraction:
    return exact.parse(component.max) * exact.parse(component.weight)


def _column(component: Component, places: int) -> dict[str, Any]:
    maximum = _maximum(component)
    text = exact.show(maximum) if _ends(maximum) else exact.show(maximum, places)
    return {"id": component.id, "name": dict(component.name), "max": text}


def _ends(x: Fraction) -> bool:
    return 10**12 % x.denominator == 0


def _sum_of_maxima(components: tuple[Component, ...]) -> Fraction:
    return exact.total(_maximum(component) for component in components)


# ---------------------------------------------------------------- from one picture to the next


def change(old: Picture, new: Picture, touched: Container[str] | None = None) -> Change | None:
    """What makes ``new`` of ``old`` (two pictures of one topic), or None when they look the same.

    ``set``: fields that differ (null: one that is left out now); ``rows``: key -> row, or None for one that
    left; ``order``: all keys, present only when leaving rows out does not give it. ``touched``: the keys of
    rows that may differ (None = any); others are trusted.

    >>> a = {"as_of": "1", "rows": [{"key": "x", "total": "1"}, {"key": "y", "total": "2"}]}
    >>> b = {"as_of": "2", "rows": [{"key": "y", "total": "2"}]}
    >>> change(a, b)
    {'set': {'as_of': '2'}, 'rows': {'x': None}}
    >>> change(b, b) is None
    True
    """
    if old.get("topic") != new.get("topic"):
        raise ValueError("pictures of different topics")
    before = {row["key"]: row for row in old["rows"]}
    after = {row["key"]: row for row in new["rows"]}
    rows: dict[str, Any] = {key: None for key in before if key not in after}
    for key, row in after.items():
        known = before.get(key)
        if known is None or ((touched is None or key in touched) and known != row):
            rows[key] = row
    fields = {key: new.get(key) for key in {**old, **new} if key != "rows" and new.get(key) != old.get(key)}
    moved = [key for key in before if key in after] != list(after)
    if not fields and not rows and not moved:
        return None
    found: Change = {"set": fields, "rows": rows}
    if moved:
        found["order"] = list(after)
    return found


def patch(old: Picture, found: Change) -> Picture:
    """The picture after a change; ``old`` stays as it is.

    >>> picture = {"as_of": "1", "rows": [{"key": "x"}]}
    >>> patch(picture, {"set": {}, "rows": {"y": {"key": "y"}}, "order": ["y", "x"]})
    {'as_of': '1', 'rows': [{'key': 'y'}, {'key': 'x'}]}
    """
    rows = {row["key"]: row for row in old["rows"]} | found["rows"]
    order = found.get("order")
    if order is None:
        order = [key for key, row in rows.items() if row is not None]
    fields = {key: value for key, value in {**old, **found["set"]}.items() if value is not None}
    return {**fields, "rows": [rows[key] for key in order]}
