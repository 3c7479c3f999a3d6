"""Whether a marking scheme can be marked with: every problem at once, none of them in prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from scoring_rules import exact, measurement
from scoring_rules.refusal import Problem
from scoring_rules.scheme_model import (
    METHODS,
    Aspect,
    Criterion,
    Scheme,
    SubCriterion,
    Words,
    aspects,
    sub_criteria,
)

_CRITERION = re.compile(r"[A-Z]")
_KEY = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_HUNDRED = Fraction(100)


def check(scheme: Scheme, expected: str = "100", at_lock: bool = False) -> list[Problem]:
    """Every problem of a scheme; marking can be opened when none is an error.

    `expected` is what the scheme must sum to (the maximum of the component it marks). `at_lock`: a wrong
    total, a warning while the scheme is drafted, is an error unless the scheme is declared partial.
    `where` is a path of keys: `A`, `A1`, `A1/KEY`, `section/3`, `scheme`.
    Clause: worldskills.md section 1 and section 6, reader rules 5, 6 and 9.

    Errors: title_missing, no_criteria, criterion_key_bad, criterion_key_duplicate, sub_key_bad,
    sub_key_duplicate, aspect_key_bad, aspect_key_duplicate, method_unknown, max_bad, max_not_positive,
    low_bad, step_bad, descriptors_missing, section_unknown, section_missing, section_duplicate, weight_bad,
    weights_not_100, and the codes of measurement.check. Warnings: total_wrong (error at lock),
    criterion_empty, sub_empty, descriptors_unused, measure_unused, step_uneven, variation, criteria_count,
    aspect_count, aspect_large, sheet_long.

    >>> aspect = Aspect("1", {"en": "Finish"}, "judgement", "0")
    >>> sub = SubCriterion("B1", {"en": "Pastry"}, aspects=(aspect,))
    >>> [(p.where, p.code) for p in check(Scheme({"en": "x"}, criteria=(Criterion("A", {}, (sub,)),)))]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('A', 'title_missing'), ('B1', 'sub_key_bad'), ('B1/1', 'max_not_positive'),
     ('B1/1', 'descriptors_missing'), ('scheme', 'total_wrong')]
    """
    return _Checker(scheme).run(exact.parse(expected), at_lock)


class _Checker:
    """Walks one scheme once and keeps what it finds in printed order."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.problems: list[Problem] = []
        self.sections = {s.key for s in scheme.sections}
        self.by_section: dict[str, Fraction] = {}
        self.summed = Fraction(0)

    def error(self, where: str, code: str, **params: str) -> None:
        self.problems.append(Problem("error", where or "scheme", code, params))

    def warn(self, where: str, code: str, **params: str) -> None:
        self.problems.append(Problem("warning", where or "scheme", code, params))

    def run(self, expected: Fraction, at_lock: bool) -> list[Problem]:
        scheme = self.scheme
        self.title(scheme.title, "scheme")
        if not scheme.criteria:
            self.error("scheme", "no_criteria")
        self.duplicates((c.key for c in scheme.criteria), "criterion_key_duplicate")
        self.duplicates((s.key for s in sub_criteria(scheme)), "sub_key_duplicate")
        self.duplicates((a.key for a in aspects(scheme)), "aspect_key_duplicate")
        for criterion in scheme.criteria:
            self.criterion(criterion)
        if self.summed != expected:
            say = self.error if at_lock and not scheme.partial else self.warn
            say("scheme", "total_wrong", total=exact.show(self.summed), expected=exact.show(expected))
        if scheme.sections:
            self.standards()
        return self.problems

    def title(self, words: Words, where: str) -> None:
        if not any(text.strip() for text in words.values()):
            self.error(where, "title_missing")

    def duplicates(self, keys: Iterable[str], code: str) -> None:
        for key, times in Counter(keys).items():
            if times > 1:
                self.error(key, code, times=str(times))

    def criterion(self, criterion: Criterion) -> None:
        if _CRITERION.fullmatch(criterion.key) is None:
            self.error(criterion.key, "criterion_key_bad", key=criterion.key)
        self.title(criterion.title, criterion.key)
        if not criterion.subs:
            self.warn(criterion.key, "criterion_empty")
        for sub in criterion.subs:
            self.sub(sub, criterion.key)

    def sub(self, sub: SubCriterion, letter: str) -> None:
        # `.isascii` first: isdecimal also takes the digits of other scripts.
        number = sub.key.removeprefix(letter)
        if number == sub.key or not (number.isascii() and number.isdecimal()):
            self.error(sub.key or letter, "sub_key_bad", key=sub.key, criterion=letter)
        self.title(sub.title, sub.key)
        if not sub.aspects:
            self.warn(sub.key, "sub_empty")
        for aspect in sub.aspects:
            self.aspect(aspect, f"{sub.key}/{aspect.key}")

    def aspect(self, aspect: Aspect, where: str) -> None:
        if _KEY.fullmatch(aspect.key) is None:
            self.error(where, "aspect_key_bad", key=aspect.key)
        self.title(aspect.title, where)
        maximum = self.maximum(aspect, where)
        if aspect.method not in METHODS:
            self.error(where, "method_unknown", method=aspect.method)
        self.descriptors(aspect, where)
        if aspect.measure is not None:
            if aspect.method != "agreed":
                self.warn(where, "measure_unused", kind=aspect.measure.kind)
            elif maximum is not None:
                self.problems += measurement.check(aspect.measure, maximum, where)
        if aspect.method == "points" and maximum is not None:
            self.points(aspect, maximum, where)
        if self.sections and not aspect.section:
            self.error(where, "section_missing")
        elif self.sections and aspect.section not in self.sections:
            self.error(where, "section_unknown", section=aspect.section)

    def maximum(self, aspect: Aspect, where: str) -> Fraction | None:
        try:
            maximum = exact.parse(aspect.max)
        except exact.NotANumber:
            self.error(where, "max_bad", value=aspect.max)
            return None
        if maximum <= 0:
            self.error(where, "max_not_positive", value=aspect.max)
            return None
        self.summed += maximum
        self.by_section[aspect.section] = self.by_section.get(aspect.section, Fraction(0)) + maximum
        return maximum

    def descriptors(self, aspect: Aspect, where: str) -> None:
        filled = [d for d in aspect.descriptors if any(text.strip() for text in d.values())]
        if aspect.method == "judgement":
            if len(aspect.descriptors) != 4 or len(filled) != 4:
                self.error(where, "descriptors_missing", found=str(len(filled)))
        elif filled:
            self.warn(where, "descriptors_unused", found=str(len(filled)))

    def points(self, aspect: Aspect, maximum: Fraction, where: str) -> None:
        try:
            low = exact.parse(aspect.low)
        except exact.NotANumber:
            self.error(where, "low_bad", value=aspect.low)
            return
        if low >= maximum:
            self.error(where, "low_bad", value=aspect.low)
        if not aspect.step:
            return
        try:
            step = exact.parse(aspect.step)
        except exact.NotANumber:
            step = Fraction(0)
        if step <= 0:
            self.error(where, "step_bad", value=aspect.step)
        elif ((maximum - low) / step).denominator != 1:
            self.warn(where, "step_uneven", step=aspect.step)

    # The customs of a WorldSkills scheme: it is one when it declares sections of the standards.

    def standards(self) -> None:
        weights = self.weights()
        scheme = self.scheme
        if not 5 <= len(scheme.criteria) <= 9:
            self.warn("scheme", "criteria_count", found=str(len(scheme.criteria)))
        count = sum(1 for _ in aspects(scheme))
        if not 75 <= count <= 250:
            self.warn("scheme", "aspect_count", found=str(count))
        for sub in sub_criteria(scheme):
            if len(sub.aspects) > 15:
                self.warn(sub.key, "sheet_long", found=str(len(sub.aspects)))
            for aspect in sub.aspects:
                if exact.is_number(aspect.max) and exact.parse(aspect.max) > 2:
                    self.warn(f"{sub.key}/{aspect.key}", "aspect_large", max=aspect.max)
        if weights is not None and not scheme.partial:
            self.variation(weights)

    def weights(self) -> dict[str, Fraction] | None:
        """The declared weights, or None when one is unknown or unreadable (then nothing is compared)."""
        found: dict[str, Fraction] = {}
        for key, times in Counter(s.key for s in self.scheme.sections).items():
            if times > 1 or not key:
                self.error(f"section/{key}", "section_duplicate", times=str(times))
        for section in self.scheme.sections:
            if section.weight and not exact.is_number(section.weight):
                self.error(f"section/{section.key}", "weight_bad", value=section.weight)
            elif section.weight:
                found[section.key] = exact.parse(section.weight)
        if len(found) != len(self.scheme.sections):
            return None
        summed = exact.total(found.values())
        if summed != _HUNDRED:
            self.error("scheme", "weights_not_100", total=exact.show(summed))
        return found

    def variation(self, weights: dict[str, Fraction]) -> None:
        """The sum of absolute differences between declared weights and aspect marks; above 5: a warning."""
        differences = {key: abs(self.by_section.get(key, Fraction(0)) - weights[key]) for key in weights}
        summed = exact.total(differences.values())
        if summed > 5:
            shown = " ".join(f"{key}:{exact.show(d)}" for key, d in differences.items() if d)
            self.warn("scheme", "variation", total=exact.show(summed), sections=shown)
