"""Reads the table of ``compsys tables`` into results, and says the reports as data."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from compsys.exchange.rule_csv import Column, Sheet
from scoring_rules import comparison, exact, medals
from scoring_rules.comparison import Line, Result, Tally
from scoring_rules.profiles import Profile

MEDALS = {
    **{medal: medal for medal in (*medals.COLOURS, medals.EXCELLENCE)},
    **dict.fromkeys(("金", "金牌"), medals.GOLD),
    **dict.fromkeys(("银", "银牌"), medals.SILVER),
    **dict.fromkeys(("铜", "铜牌"), medals.BRONZE),
    **dict.fromkeys(("优胜", "优胜奖"), medals.EXCELLENCE),
    **dict.fromkeys(("medal for excellence", "medallion for excellence"), medals.EXCELLENCE),
    **dict.fromkeys(("none", "null", "-", "无"), ""),
}
"""What may stand in the column of medals: our words, and those of the published lists."""

COLUMNS = (
    Column("delegation"),
    Column("trade"),
    Column("place", "whole", filled=False, low="1"),
    Column("medal", "word", filled=False, words=tuple(MEDALS)),
    Column("scale", "number", filled=False, low="0"),
    Column("size", "whole", must=False, filled=False, low="1"),
    Column("excluded", "flag", must=False, filled=False),
)


def results(sheet: Sheet) -> list[Result]:
    """One result per row; those of a trade that is flagged as excluded drop out."""
    return [
        Result(
            values["delegation"],
            values["trade"],
            MEDALS.get(values["medal"], ""),
            exact.parse(values["scale"]) if values["scale"] else None,
            int(values["size"] or 1),
            int(values["place"]) if values["place"] else None,
        )
        for _, values in sheet.records
        if values["excluded"] != "yes"
    ]


def reports(profile: Profile, found: list[Result]) -> dict[str, list[dict[str, Any]]]:
    """The five reports as ``compsys tables --json`` prints them, numbers as text."""
    held = comparison.tallies(found)
    decimals = profile.extras.decimals
    return {
        name: [
            {"delegation": row.delegation, "rank": str(row.rank), **_figures(name, row, decimals)}
            for row in comparison.report(name, held, profile.weights, decimals)
        ]
        for name in comparison.REPORTS
    }


def _figures(name: str, row: Line, decimals: int) -> Mapping[str, Any]:
    tally = row.tally
    won = {medal: str(count) for medal, count in tally.medals.items()}
    if name == "medal_table":
        return {**won, "total": _text(row.figure), "persons": str(tally.winners)}
    places = decimals if name.startswith("average") else None
    points = _text(row.figure, places)
    if name == "total_medal_points":
        return {"points": points, **won}
    if name == "average_medal_points":
        return {"points": points, **_trades(tally)}
    return {"points": points, "scores": str(len(tally.scores))}


def _trades(tally: Tally) -> dict[str, str]:
    return {"trades": str(len(tally.trades))}


def _text(figure: Fraction | None, places: int | None = None) -> str | None:
    return None if figure is None else exact.show(figure, places)
