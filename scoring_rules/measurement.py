"""One agreed value becomes a mark: pass/fail, count, deduction, difference, choice, range, value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from scoring_rules import exact, judgement
from scoring_rules.refusal import Problem, Refusal
from scoring_rules.scheme_model import MEASURE_KINDS, Aspect, Measure, Params

__all__ = ["KNOWN", "PASS_FAIL", "Refusal", "check", "choices", "mark", "read"]

PASS_FAIL = Measure("pass_fail")
"""What an agreed aspect without a measure is: "only the maximum mark or zero" (worldskills.md section 2)."""

_ZERO = Fraction(0)

KNOWN: dict[str, tuple[str, ...]] = {
    "pass_fail": ("phrases",),
    "count": ("possible", "each", "over", "unit", "phrases"),
    "deduction": ("deduction", "deduction_type", "reason", "unit", "phrases"),
    "difference": ("target", "difference", "difference_type", "deduction", "deduction_type", "steps", "unit",
        "phrases"),
    "choice": ("labels", "deductions", "deduction_type", "phrases"),
    "range": ("target", "lowers", "uppers", "deductions", "deduction_type", "unit", "phrases"),
    "value": ("step", "low", "values", "unit", "phrases"),
}
"""The parameters each kind reads. Others may stand in a measure (kept for writing a workbook back) and are
not read. A parameter that is absent or "" takes its default, stated with the kind. ``unit`` (of what is
measured: g, mm, ℃) and ``phrases`` (words offered for a note) are shown and decide nothing."""

_LISTS = frozenset({"labels", "deductions", "lowers", "uppers", "values", "phrases"})
_FREE = frozenset({"labels", "phrases", "unit"})
"""Parameters that hold any words."""
_WORDS: dict[str, tuple[str, ...]] = {
    "deduction_type": ("unit", "percent"),
    "difference_type": ("unit", "percent"),
    "steps": ("ceil", "floor", "proportional"),
    "over": ("refuse", "cap"),
    "reason": ("required", "optional"),
}


def mark(measure: Measure | None, maximum: Fraction, value: str) -> Fraction | Refusal:
    """The mark, 0..maximum, that an agreed value earns; exact, before any rounding policy.

    `value` is text: `pass` or `fail`; a whole number of items or errors; a measured number; the number of a
    choice (1-based) or its label. No measure means pass or fail. Refusals: not_pass_or_fail, not_a_number,
    not_whole, out_of_range (low, high), too_many (possible), not_a_choice (choices), off_step (step).
    Clause: worldskills.md sections 2 and 7; china.md section 3, measurement. Raises KeyError or NotANumber
    for a measure that `check` would have reported.

    >>> mark(None, Fraction(3, 4), "pass"), mark(None, Fraction(3, 4), "fail")
    (Fraction(3, 4), Fraction(0, 1))
    """
    if measure is None:
        measure = PASS_FAIL
    return _KINDS[measure.kind](measure.params, maximum, value)


def read(aspect: Aspect, value: str) -> Fraction | Refusal:
    """What a seat's text means for this aspect, whatever its method: a score 0..3, points, or an agreed mark.

    >>> read(Aspect("a", {"en": "Finish"}, "judgement", "2"), "3")
    Fraction(3, 1)
    >>> read(Aspect("a", {"en": "Taste"}, "points", "10"), "10.5").code
    'out_of_range'
    """
    maximum = exact.parse(aspect.max)
    if aspect.method == "judgement":
        score = judgement.score(value)
        return score if isinstance(score, Refusal) else exact.parse(value)
    if aspect.method == "points":
        return _points(value, aspect.low, aspect.max, aspect.step)
    return mark(aspect.measure, maximum, value)


@lru_cache(maxsize=4096)
def _points(value: str, low: str, high: str, step: str) -> Fraction | Refusal:
    """The same few texts come again and again."""
    return judgement.points(value, exact.parse(low), exact.parse(high), exact.parse(step) if step else None)


def choices(measure: Measure | None) -> tuple[str, ...]:
    """The values a person picks from, in the order to show them; () where a number is typed."""
    if measure is None or measure.kind == "pass_fail":
        return ("pass", "fail")
    if measure.kind == "choice":
        return tuple(str(i + 1) for i in range(len(_list(measure.params, "deductions"))))
    return tuple(_list(measure.params, "values")) if measure.kind == "value" else ()


# -- reading parameters and values


def _text(params: Params, name: str, default: str = "") -> str:
    found = params.get(name, "")
    return found if isinstance(found, str) and found else default


def _list(params: Params, name: str) -> list[str]:
    found = params.get(name, [])
    return found if isinstance(found, list) else []


def _number(value: str) -> Fraction | Refusal:
    try:
        return exact.parse(value)
    except exact.NotANumber:
        return Refusal("not_a_number", {"value": value})


def _whole(value: str) -> int | Refusal:
    number = _number(value)
    if isinstance(number, Refusal):
        return number
    if number.denominator != 1:
        return Refusal("not_whole", {"value": value})
    if number < 0:
        return Refusal("out_of_range", {"value": value, "low": "0", "high": ""})
    return number.numerator


def _deducted(params: Params, maximum: Fraction, deduction: Fraction) -> Fraction:
    """maximum - deduction (in marks, or per cent of the maximum), never below zero or above the maximum."""
    if _text(params, "deduction_type", "unit") == "percent":
        deduction = deduction * maximum / 100
    return max(_ZERO, min(maximum, maximum - deduction))


# -- one function per kind


def _pass_fail(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """Maximum or zero. Clause: worldskills.md section 7, PASS_FAIL."""
    if value == "pass":
        return maximum
    return _ZERO if value == "fail" else Refusal("not_pass_or_fail", {"value": value})


def _count(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """max * k / possible, or min(max, k * each) where `each` is given; whole k from 0.

    More than `possible` is refused (`over` = refuse, the default) or counts as `possible` (cap). With `each`
    and no `possible` there is no upper bound on k: the cap is the maximum.
    Clause: worldskills.md section 7, NUMBER_COMPLETED, and section 2, progressive; china.md, gain with cap.

    >>> exact.show(mark(Measure("count", {"possible": "3"}), exact.parse("0.75"), "2"))
    '0.5'
    >>> exact.show(mark(Measure("count", {"each": "2"}), Fraction(25), "13"))
    '25'
    >>> mark(Measure("count", {"possible": "3"}), Fraction(1), "4").code
    'too_many'
    """
    done = _whole(value)
    if isinstance(done, Refusal):
        return done
    each, possible_text = _text(params, "each"), _text(params, "possible")
    if possible_text or not each:
        possible = exact.parse(possible_text).numerator
        if done > possible:
            if _text(params, "over", "refuse") != "cap":
                return Refusal("too_many", {"value": value, "possible": str(possible)})
            done = possible
        if not each:
            return maximum * done / possible
    return min(maximum, done * exact.parse(each))


def _deduction(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """max - k * deduction, floor 0; k whole from 0, without an upper bound.

    Clause: worldskills.md section 2 "deduct from full ... floor 0"; china.md section 3: 10 - 2n. A false
    report taken from its own bucket is the same with the bucket as maximum.

    >>> tens = Measure("deduction", {"deduction": "2"})
    >>> [exact.show(mark(tens, Fraction(10), n)) for n in ("0", "3", "6")]
    ['10', '4', '0']
    """
    errors = _whole(value)
    if isinstance(errors, Refusal):
        return errors
    return _deducted(params, maximum, errors * exact.parse(_text(params, "deduction")))


def _difference(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """max - steps * deduction, floor 0, where steps = abs(x - target) / difference.

    Begun steps count whole (`steps` = ceil, the default), are dropped (floor) or count in part
    (proportional). `difference_type` percent: the difference is per cent of the target's size.
    Clause: worldskills.md section 7, REGULAR_DIFFERENCE_DEDUCTION (rounding of steps unverified there).

    >>> rule = {"target": "120", "difference": "2", "deduction": "0.25"}
    >>> [exact.show(mark(Measure("difference", rule), Fraction(1), x)) for x in ("120", "123", "117", "130")]
    ['1', '0.5', '0.5', '0']
    >>> [exact.show(mark(Measure("difference", {**rule, "steps": s}), Fraction(1), "123"))
    ...  for s in ("floor", "proportional")]
    ['0.75', '0.625']
    """
    x = _number(value)
    return x if isinstance(x, Refusal) else _difference_of(params, maximum, x)


def steps_of(params: Params) -> tuple[Fraction, Fraction]:
    """A difference measure's target, and how far one step goes from it."""
    target, difference = exact.parse(_text(params, "target")), exact.parse(_text(params, "difference"))
    if _text(params, "difference_type", "unit") == "percent":
        difference = difference * abs(target) / 100
    return target, difference


def deducted(params: Params, maximum: Fraction) -> Fraction:
    """What one step or error of a measure takes, in marks."""
    deduction = exact.parse(_text(params, "deduction"))
    return deduction * maximum / 100 if _text(params, "deduction_type", "unit") == "percent" else deduction


def _difference_of(params: Params, maximum: Fraction, x: Fraction) -> Fraction:
    target, difference = steps_of(params)
    steps = abs(x - target) / difference
    rounding = _text(params, "steps", "ceil")
    if rounding != "proportional":
        whole, rest = divmod(steps.numerator, steps.denominator)
        steps = Fraction(whole + (1 if rest and rounding == "ceil" else 0))
    return _deducted(params, maximum, steps * exact.parse(_text(params, "deduction")))


def _choice(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """max minus the picked choice's deduction. The order is the scheme's, not always best first.

    Digits are always the choice's number from 1, so that a label "2" never hides choice 2; any other text
    is compared with the labels. Clause: worldskills.md section 7, CHOICE: 33.3 % of 0.75 leaves 0.50025.

    >>> rule = Measure("choice", {"labels": ["none", "max 2", "max 3", "more"],
    ...     "deductions": ["0", "33.3", "66.6", "100"], "deduction_type": "percent"})
    >>> [exact.show(mark(rule, exact.parse("0.75"), v)) for v in ("1", "max 2", "4")]
    ['0.75', '0.50025', '0']
    >>> mark(rule, Fraction(1), "5").code
    'not_a_choice'
    """
    deductions = _list(params, "deductions")
    if value.isascii() and value.isdecimal():
        index = int(value) - 1 if len(value) < 4 else -1
    else:
        labels = _list(params, "labels")
        index = labels.index(value) if value and value in labels else -1
    if not 0 <= index < len(deductions):
        return Refusal("not_a_choice", {"value": value, "choices": str(len(deductions))})
    return _deducted(params, maximum, exact.parse(deductions[index] or "0"))


def _range(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """max minus the deduction of the band that holds x.

    In order: x equal to the target loses nothing; else the first band holding x, both ends inclusive; no
    band: 0 marks. An empty bound is open; so is a zero upper bound under a positive lower one. A band of
    only empties and zeros is unset. A band's empty deduction is 0.
    Clause: worldskills.md section 7, RANGED_SCORE, both real rows; china.md section 3, tolerance.

    >>> coverage = Measure("range", {"target": "100", "lowers": ["0", "20", "0"], "uppers": ["20", "0", "0"],
    ...     "deductions": ["100", "60", "0"], "deduction_type": "percent"})
    >>> [exact.show(mark(coverage, Fraction(1), x)) for x in ("100", "20", "20.5", "99.9", "0")]
    ['1', '0', '0.4', '0.4', '0']
    >>> mutants = Measure("range", {"target": "0", "lowers": ["0", "0", ""], "uppers": ["3", "15", ""],
    ...     "deductions": ["0", "60", ""], "deduction_type": "percent"})
    >>> [exact.show(mark(mutants, Fraction(1), x)) for x in ("0", "3", "4", "15", "16")]
    ['1', '1', '0.4', '0.4', '0']
    >>> tolerance = Measure("range", {"lowers": ["79.80"], "uppers": ["80.20"], "deductions": ["0"]})
    >>> [exact.show(mark(tolerance, Fraction(1), x)) for x in ("80.2", "80.21")]
    ['1', '0']
    """
    x = _number(value)
    return x if isinstance(x, Refusal) else _range_of(params, maximum, x)


def _range_of(params: Params, maximum: Fraction, x: Fraction) -> Fraction:
    target = _text(params, "target")
    if target and exact.parse(target) == x:
        return maximum
    lowers, uppers, deductions = (_list(params, n) for n in ("lowers", "uppers", "deductions"))
    for lower, upper, deduction in zip(lowers, uppers, deductions, strict=True):
        if _holds(x, lower, upper, deduction):
            return _deducted(params, maximum, exact.parse(deduction or "0"))
    return _ZERO


def _holds(x: Fraction, lower: str, upper: str, deduction: str) -> bool:
    low = exact.parse(lower) if lower else None
    high = exact.parse(upper) if upper else None
    if not low and not high and (not deduction or exact.parse(deduction) == 0):
        return False
    if high == 0 and low is not None and low > 0:
        high = None
    return (low is None or x >= low) and (high is None or x <= high)


def _value(params: Params, maximum: Fraction, value: str) -> Fraction | Refusal:
    """The mark itself: one of `values` where listed, else low..max in steps (default 0 and 0.01).

    Clause: worldskills.md section 2, benchmark: "one of the listed values; else any 0..max in steps of 0.01".

    >>> mark(Measure("value", {"values": ["0", "0.5", "1.0"]}), Fraction(1), "1")
    Fraction(1, 1)
    >>> mark(Measure("value"), Fraction(1), "0.125").code
    'off_step'
    """
    x = _number(value)
    if isinstance(x, Refusal):
        return x
    listed = _list(params, "values")
    if listed:
        if any(exact.parse(v) == x for v in listed):
            return x
        return Refusal("not_a_choice", {"value": value, "choices": str(len(listed))})
    low, step = exact.parse(_text(params, "low", "0")), exact.parse(_text(params, "step", "0.01"))
    if not low <= x <= maximum:
        return Refusal("out_of_range", {"value": value, "low": exact.show(low), "high": exact.show(maximum)})
    if x != maximum and ((x - low) / step).denominator != 1:
        return Refusal("off_step", {"value": value, "step": exact.show(step)})
    return x


_KINDS: dict[str, Callable[[Params, Fraction, str], Fraction | Refusal]] = {
    "pass_fail": _pass_fail, "count": _count, "deduction": _deduction, "difference": _difference,
    "choice": _choice, "range": _range, "value": _value,
}


def earned(measure: Measure, maximum: Fraction, x: Fraction) -> Fraction:
    """The mark of a number measured against a range or a target, however many decimals it has.

    >>> band = Measure("range", {"lowers": ["1"], "uppers": ["2"], "deductions": ["0"]})
    >>> earned(band, Fraction(5), Fraction(4, 3))
    Fraction(5, 1)
    """
    return (_range_of if measure.kind == "range" else _difference_of)(measure.params, maximum, x)


def needs_reason(measure: Measure | None, value: str | None) -> bool:
    """Whether a value may stand only with words beside it: errors counted where the scheme asks for reasons.

    Clause: china.md section 3, deductions: each with its reason on the sheet.

    >>> strict = Measure("deduction", {"deduction": "2", "reason": "required"})
    >>> needs_reason(strict, "1"), needs_reason(strict, "0"), needs_reason(strict, None)
    (True, False, False)
    """
    if measure is None or measure.kind != "deduction" or _text(measure.params, "reason") != "required":
        return False
    return value is not None and exact.parse(value) != 0


# -- checking a measure before anybody marks with it


def check(measure: Measure, maximum: Fraction, where: str) -> list[Problem]:
    """Everything wrong with a measure, so that `mark` never raises; `where` is the aspect's path.

    Codes: measure_kind_unknown, measure_param_missing, measure_param_bad (wrong type or word),
    measure_not_positive, measure_lengths_differ, measure_label_duplicate, measure_above_maximum.

    >>> [p.code for p in check(Measure("count", {"possible": "0", "over": "maybe"}), Fraction(1), "A1/1")]
    ['measure_param_bad', 'measure_not_positive']
    """
    if measure.kind not in MEASURE_KINDS:
        return [Problem("error", where, "measure_kind_unknown", {"kind": measure.kind})]
    params, found = measure.params, list[Problem]()

    def say(code: str, param: str) -> None:
        value = params.get(param, "")
        shown = value if isinstance(value, str) else ", ".join(value)
        found.append(Problem("error", where, code, {"kind": measure.kind, "param": param, "value": shown}))

    for name in KNOWN[measure.kind]:
        if name in params and not _readable(name, params[name]):
            say("measure_param_bad", name)
    if found and any(p.params["param"] not in _WORDS for p in found):
        return found
    for name in _needed(measure):
        if not params.get(name):
            say("measure_param_missing", name)
    for name in ("possible", "each", "difference", "step"):
        if name in KNOWN[measure.kind] and _text(params, name) and exact.parse(_text(params, name)) <= 0:
            say("measure_not_positive", name)
    for name in ("deduction", "deductions"):
        if name in KNOWN[measure.kind] and any(exact.parse(t) < 0 for t in _texts(params, name)):
            say("measure_not_positive", name)
    _check_shape(measure, maximum, say)
    return found


def _texts(params: Params, name: str) -> list[str]:
    value = params.get(name, "")
    return [v for v in ([value] if isinstance(value, str) else value) if v]


def _readable(name: str, value: str | list[str]) -> bool:
    if isinstance(value, list) != (name in _LISTS):
        return False
    if name in _FREE:
        return True
    if name == "values" and "" in value:
        return False
    if isinstance(value, str) and name in _WORDS:
        return value in ("", *_WORDS[name])
    numbers = [n for n in ([value] if isinstance(value, str) else value) if n]
    parsed = [_number(n) for n in numbers]
    if any(isinstance(n, Refusal) for n in parsed):
        return False
    return name != "possible" or all(isinstance(n, Fraction) and n.denominator == 1 for n in parsed)


def _needed(measure: Measure) -> tuple[str, ...]:
    if measure.kind == "count":
        return () if _text(measure.params, "each") else ("possible",)
    return {
        "deduction": ("deduction",), "difference": ("target", "difference", "deduction"),
        "choice": ("deductions",), "range": ("deductions",),
    }.get(measure.kind, ())


def _check_shape(measure: Measure, maximum: Fraction, say: Callable[[str, str], None]) -> None:
    params, kind = measure.params, measure.kind
    if kind == "difference" and _text(params, "difference_type") == "percent":
        target = _text(params, "target")
        if target and exact.parse(target) == 0:
            say("measure_not_positive", "target")
    if kind == "choice":
        labels = _list(params, "labels")
        if labels and len(labels) != len(_list(params, "deductions")):
            say("measure_lengths_differ", "labels")
        if len(set(labels)) != len(labels):
            say("measure_label_duplicate", "labels")
    if kind == "range":
        lengths = {len(_list(params, n)) for n in ("lowers", "uppers", "deductions")}
        if len(lengths) != 1:
            say("measure_lengths_differ", "deductions")
    if kind == "value":
        if any(not _ZERO <= exact.parse(v) <= maximum for v in _texts(params, "values")):
            say("measure_above_maximum", "values")
        if any(not _ZERO <= exact.parse(v) <= maximum for v in _texts(params, "low")):
            say("measure_above_maximum", "low")
