"""Random schemes that a marking-scheme workbook can say, for tests of writing and reading."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from compsys.exchange.cis_workbook import words
from scoring_rules import scheme_check
from scoring_rules.scheme import (
    Aspect,
    Criterion,
    Measure,
    Params,
    Scheme,
    Section,
    SpareCalculation,
    SubCriterion,
    Words,
)

PLACE_SEEN = frozenset({"cis_row", "cis_type", "cis_name", "cis_shared"})
AWKWARD = (
    "=1+1",
    "+cmd",
    "-2",
    "@x",
    "'quoted",
    "_x0041_",
    "_x005F_",
    "#-#CHOICE2_LABEL:::",
    "a\nb",
    "1,5",
    "0.5",
    "尺寸 25 mm",
    "Competition",
    "Sub Criterion ID",
    "M",
    "J",
    "A1",
    "Criteria",
    "TRUE",
    "#REF!",
    "&<>\"'",
    "=",
    "WorldSkills Occupational Standards",
    "😀 emoji",
    "1e5",
    "２",
    "x" * 500,
)
SIGNS = st.characters(
    blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff\u200b\u200c\u200d\u2060\ufeff"
)
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(SIGNS, min_size=1, max_size=30)).filter(
    lambda t: t.strip() == t and t != ""
)
NAMES = TEXTS.map(lambda t: " ".join(t.split())).filter(bool)
MARKS = st.integers(1, 400).map(lambda n: f"{n // 100}.{n % 100:02}".rstrip("0").rstrip("."))
NUMBERS = st.one_of(MARKS, st.just("0"), st.sampled_from(["33.3", "0.000001", "120", "-5"]))
POSITIVE = st.one_of(MARKS, st.sampled_from(["33.3", "100"]))
TYPES = st.sampled_from(["unit", "percent"])


def _listed(size: int) -> st.SearchStrategy[Params]:
    bounds = st.lists(st.one_of(st.just(""), NUMBERS), min_size=size, max_size=size)
    costs = st.lists(st.one_of(st.just(""), POSITIVE), min_size=size, max_size=size)
    return st.fixed_dictionaries({
        "target": st.one_of(st.just(""), NUMBERS), "lowers": bounds, "uppers": bounds, "deductions": costs,
        "deduction_type": TYPES,
    })  # fmt: skip


def _choices(size: int) -> st.SearchStrategy[Params]:
    labels = st.lists(
        NAMES.filter(lambda t: "#-#" not in t), min_size=size, max_size=size, unique_by=lambda t: t
    )
    costs = st.lists(POSITIVE, min_size=size, max_size=size)
    return st.fixed_dictionaries({"labels": labels, "deductions": costs, "deduction_type": TYPES})


def _measures() -> st.SearchStrategy[Measure | None]:
    def of(kind: str, params: st.SearchStrategy[Params]) -> st.SearchStrategy[Measure]:
        return params.map(lambda p: Measure(kind, p))

    counted = st.integers(1, 30).map(str)
    difference = st.fixed_dictionaries(
        {"target": POSITIVE, "difference": POSITIVE, "deduction": POSITIVE, "difference_type": TYPES,
         "deduction_type": TYPES},
        optional={"steps": st.sampled_from(["ceil", "floor", "proportional"])},
    )  # fmt: skip
    unknown = st.fixed_dictionaries(
        {
            "cis_type": st.just("TIME_POINTS"),
            "cis_NEW_KEY": st.sampled_from(["5#x~x#", "#x~x#words", "#x~x#"]),
        }
    )
    return st.one_of(
        st.none(),
        st.just(Measure("pass_fail", {"cis_type": "PASS_FAIL", "cis_name": "Measurement", "cis_row": "1"})),
        of("count", st.fixed_dictionaries(
            {"possible": counted}, optional={"each": POSITIVE, "over": st.sampled_from(["refuse", "cap"])}
        )),
        of("difference", difference),
        of("deduction", st.fixed_dictionaries({"deduction": POSITIVE, "deduction_type": TYPES})),
        st.integers(1, 4).flatmap(lambda n: of("range", _listed(n))),
        st.integers(1, 4).flatmap(lambda n: of("choice", _choices(n))),
        of("value", st.fixed_dictionaries({}, optional={"step": st.sampled_from(["0.01", "0.25"])})),
        of("value", unknown),
    )  # fmt: skip


def _spares() -> st.SearchStrategy[tuple[SpareCalculation, ...]]:
    """Calculations that no aspect uses, sound and strange, some of them where an aspect's row would be."""
    rows = st.lists(st.integers(1, 30).map(str), max_size=3, unique=True).map(lambda r: sorted(r, key=int))
    params = st.sampled_from(["", "NUM_POSSIBLE:::4.00000000#x~x#", "not parameters at all", "=1+1"])

    def of(row: str) -> st.SearchStrategy[SpareCalculation]:
        kinds = st.sampled_from(["NUMBER_COMPLETED", "PASS_FAIL", "TIME_POINTS"])
        return st.builds(
            SpareCalculation, st.just(row), kinds, st.one_of(st.just(""), NAMES), st.booleans(), params
        )

    return rows.flatmap(lambda listed: st.tuples(*map(of, listed)))


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """A scheme without errors that a person could have made, keys as a first import gives them."""
    sections = draw(st.lists(st.sampled_from(["1", "2", "3", "K4"]), max_size=3, unique=True))
    criteria = []
    for letter in draw(st.sampled_from(["A", "AB", "ABC", "AC"])):
        subs = tuple(draw(_subs(f"{letter}{n}", sections)) for n in range(1, draw(st.integers(1, 2)) + 1))
        criteria.append(Criterion(letter, words(draw(NAMES)), subs))
    listed = tuple(
        Section(key, words(draw(NAMES)), draw(st.sampled_from(["", "40", "2.5"]))) for key in sections
    )
    number = draw(st.sampled_from(["17", "#D1", "07"]))
    found = Scheme(words("Web"), number, listed, tuple(criteria), spare=draw(_spares()))
    wrong = [p for p in scheme_check.check(found) if p.severity == "error" and p.code != "weights_not_100"]
    assert wrong == []
    return found


@st.composite
def _subs(draw: st.DrawFn, key: str, sections: list[str]) -> SubCriterion:
    counts = {"M": 0, "J": 0}
    aspects = []
    for _ in range(draw(st.integers(1, 4))):
        method = draw(st.sampled_from(["agreed", "agreed", "judgement", "points"]))
        kind = "J" if method == "judgement" else "M"
        counts[kind] += 1
        note: Words = words(draw(TEXTS)) if draw(st.booleans()) else {}
        aspect = Aspect(
            f"{key}.{kind}{counts[kind]}", words(draw(TEXTS)), method, draw(MARKS), note,
            draw(st.one_of(st.just(""), TEXTS)), draw(st.sampled_from(sections)) if sections else "",
        )  # fmt: skip
        if method == "judgement":
            aspect = replace(aspect, descriptors=tuple(words(draw(TEXTS)) for _ in range(4)))
        elif method == "points":
            aspect = replace(aspect, low="0", step=draw(st.sampled_from(["", "0.01"])))
        else:
            aspect = replace(aspect, measure=draw(_measures()))
        aspects.append(aspect)
    return SubCriterion(key, words(draw(NAMES)), draw(st.sampled_from(["1", "2", "C-1", ""])), tuple(aspects))


def plain(scheme: Scheme) -> Scheme:
    """A scheme without what only says where a file had it: cells, rows and names of calculations."""

    def one(aspect: Aspect) -> Aspect:
        measure = aspect.measure
        if measure is not None:
            # A parameter that is absent is its default.
            params = {
                k: v
                for k, v in measure.params.items()
                if k not in PLACE_SEEN and v not in ("", "refuse", "ceil")
            }
            measure = Measure(measure.kind, params)
        elif aspect.method == "agreed":
            measure = Measure("pass_fail")
        return replace(aspect, reference="", measure=measure)

    spare = tuple(sorted((replace(s, row="") for s in scheme.spare), key=repr))
    return replace(scheme, spare=spare, criteria=tuple(
        replace(c, subs=tuple(replace(s, aspects=tuple(map(one, s.aspects))) for s in c.subs))
        for c in scheme.criteria
    ))  # fmt: skip
