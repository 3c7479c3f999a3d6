"""Invented marking schemes of real size: judged and measured aspects as WorldSkills has them, or points.

A scheme follows from its trade's name and a seed: six criteria of about thirty sheets, 19 judged and 100 to
170 measured aspects that sum to 100; or four criteria of 24 aspects, each given points by every seat. Words
are drawn from the lists below and are nobody's workbook.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

from compsys.records import Words
from compsys.synthetic import words
from scoring_rules.exact import show
from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, SubCriterion

JUDGED = 19
MEASURED = (100, 170)
SHEETS = (28, 34)
LETTERS = "ABCDEF"
LONGEST = 12
"""Aspects on one sheet at most."""

_PARTS = (
    ("准备", "Preparation"),
    ("图纸与计划", "Drawing and planning"),
    ("加工", "Making"),
    ("装配", "Assembly"),
    ("调试", "Commissioning"),
    ("检验", "Inspection"),
    ("安全与环保", "Safety and environment"),
    ("工作组织", "Work organization"),
    ("沟通", "Communication"),
    ("成品", "Finished work"),
)
_THINGS = (
    ("部件", "part"),
    ("接口", "interface"),
    ("尺寸", "dimension"),
    ("连接", "joint"),
    ("表面", "surface"),
    ("步骤", "step"),
    ("记录", "record"),
    ("工位", "workplace"),
    ("功能", "function"),
    ("样件", "sample"),
)
_WANTS: dict[str, tuple[str, str]] = {
    "pass_fail": ("符合要求", "as required"),
    "count": ("合格数量", "how many right"),
    "deduction": ("差错次数", "errors"),
    "difference": ("与标称之差", "distance from nominal"),
    "range": ("所在区间", "within its range"),
    "choice": ("完成程度", "how far done"),
    "value": ("得分", "mark"),
}
_QUALITY = (
    ("整体质量", "Overall quality"),
    ("工艺与手法", "Craft and technique"),
    ("外观", "Appearance"),
    ("条理", "Good order"),
)
LEVELS = (
    words("低于行业标准或未做", "Below industry standard, or not attempted"),
    words("达到行业标准", "Meets industry standard"),
    words("部分超出行业标准", "Exceeds industry standard in part"),
    words("卓越", "Excellent"),
)
_KINDS = ("pass_fail",) * 12 + ("count", "deduction", "difference", "range", "choice", "value") * 2


def _shares(random: Random, total: int, parts: int, least: int) -> list[int]:
    """A total cut at random into so many whole parts, each at least ``least``."""
    cuts = sorted(random.randrange(total - parts * least + 1) for _ in range(parts - 1))
    edges = [0, *cuts, total - parts * least]
    return [least + high - low for low, high in pairwise(edges)]


def _measure(random: Random, kind: str, top: Fraction) -> Measure:
    """A measure of a kind; what it takes off fits the aspect's maximum."""
    half, quarter = show(top / 2), show(top / 4)
    if kind == "count":
        return Measure(kind, {"possible": str(random.choice((2, 4, 5, 10)))})
    if kind == "deduction":
        return Measure(kind, {"deduction": quarter})
    if kind == "difference":
        target = str(random.choice((20, 50, 80, 120)))
        return Measure(kind, {"target": target, "difference": "0.2", "deduction": half})
    if kind == "range":
        bands = {"lowers": ["0", "5", "9"], "uppers": ["5", "9", "14"], "deductions": ["0", quarter, half]}
        return Measure(kind, {**bands})
    if kind == "choice":
        labels = ["全部 / all", "部分 / in part", "没有 / none"]
        deductions = ["0", "50", "100"]
        return Measure(kind, {"labels": labels, "deductions": deductions, "deduction_type": "percent"})
    if kind == "value":
        return Measure(kind, {"values": [show(top), half, "0"]})
    return Measure("pass_fail")


def _aspect(random: Random, key: str, judged: bool, top: Fraction, number: int) -> Aspect:
    if judged:
        return Aspect(
            key, _titled(random.choice(_QUALITY), number), "judgement", show(top), descriptors=LEVELS
        )
    kind = random.choice(_KINDS)
    thing, wants = random.choice(_THINGS), _WANTS[kind]
    title = words(f"{thing[0]} {number}：{wants[0]}", f"{thing[1].capitalize()} {number}: {wants[1]}")
    return Aspect(key, title, "agreed", show(top), measure=_measure(random, kind, top))


def _titled(pair: tuple[str, str], number: int) -> Words:
    return words(f"{pair[0]} {number}", f"{pair[1]} {number}")


def worldskills(seed: object, title: Words, share: int = 100) -> Scheme:
    """A scheme in WorldSkills style that sums to 100; ``share``: per cent of the usual number of aspects.

    >>> scheme = worldskills("doctest", words("样例", "Sample"))
    >>> len(scheme.criteria), 28 <= sum(len(c.subs) for c in scheme.criteria) <= 34
    (6, True)
    """
    random = Random(f"scheme {seed}")
    judged = max(2, JUDGED * share // 100)
    count = judged + max(len(LETTERS) * 2, random.randint(*MEASURED) * share // 100)
    sheets = max(len(LETTERS), random.randint(*SHEETS) * share // 100, -(-count // LONGEST))
    # In quarters of a mark: every aspect has one, a judged one two.
    tops = [1 + extra for extra in _shares(random, 400 - count - judged, count, 0)]
    kinds = [True] * judged + [False] * (count - judged)
    random.shuffle(kinds)
    aspects = [(is_judged, Fraction(top + is_judged, 4)) for is_judged, top in zip(kinds, tops, strict=True)]
    sizes = _even(len(aspects), sheets)
    per_letter = _even(sheets, len(LETTERS))
    criteria, at = [], 0
    for letter, subs in zip(LETTERS, per_letter, strict=True):
        made = []
        for i in range(1, subs + 1):
            size = sizes.pop()
            part = aspects[at : at + size]
            at += size
            keyed = [
                _aspect(random, f"{letter}{i}.{n}", is_judged, top, n)
                for n, (is_judged, top) in enumerate(sorted(part, key=lambda a: not a[0]), 1)
            ]
            name = words(*random.choice(_PARTS))
            made.append(SubCriterion(f"{letter}{i}", name, aspects=tuple(keyed)))
        criteria.append(Criterion(letter, words(*random.choice(_PARTS)), tuple(made)))
    return Scheme(title, criteria=tuple(criteria))


def _even(total: int, parts: int) -> list[int]:
    """A total cut into parts that differ by one at most."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def points(seed: object, title: Words, letters: str = "ABCD", sheets: int = 2, each: int = 3) -> Scheme:
    """A scheme in which every seat gives points in halves; it sums to 100.

    >>> from scoring_rules.scheme import total
    >>> show(total(points("doctest", words("样例", "Sample"))))
    '100'
    """
    random = Random(f"scheme {seed}")
    tops = iter(_shares(random, 100, len(letters) * sheets * each, 2))
    criteria = []
    for letter in letters:
        subs = tuple(
            SubCriterion(
                f"{letter}{i}",
                words(*random.choice(_PARTS)),
                aspects=tuple(
                    Aspect(
                        f"{letter}{i}.{n}",
                        _titled(random.choice(_QUALITY), n),
                        "points",
                        str(next(tops)),
                        step="0.5",
                    )
                    for n in range(1, each + 1)
                ),
            )
            for i in range(1, sheets + 1)
        )
        criteria.append(Criterion(letter, words(*random.choice(_PARTS)), subs))
    return Scheme(title, criteria=tuple(criteria))
