"""The tolerance bar says what the marking rule says: every number in a piece earns what it is named."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scoring_rules import exact, measurement, tolerance
from scoring_rules.scheme_model import Measure

TENTHS = st.integers(-200, 200).map(lambda n: exact.show(Fraction(n, 10)))
POSITIVE = st.integers(1, 50).map(lambda n: exact.show(Fraction(n, 10)))
END = st.one_of(st.just(""), TENTHS)


@st.composite
def ranges(draw: st.DrawFn) -> Measure:
    """Any bands, overlapping and open as they come."""
    taken = st.sampled_from(("0", "", "1", "2", "5"))
    bands = draw(st.lists(st.tuples(END, END, taken), min_size=1, max_size=4))
    lowers, uppers, deductions = (list(one) for one in zip(*bands, strict=True))
    params: dict[str, str | list[str]] = {"lowers": lowers, "uppers": uppers, "deductions": deductions}
    return Measure("range", {**params, "target": draw(END)})


@st.composite
def differences(draw: st.DrawFn) -> Measure:
    """A target with steps, rounded in each way."""
    params: dict[str, str | list[str]] = {
        "target": draw(TENTHS),
        "difference": draw(POSITIVE),
        "deduction": draw(POSITIVE),
        "steps": draw(st.sampled_from(("ceil", "floor", "proportional"))),
    }
    return Measure("difference", params)


def inside(piece: tolerance.Piece, x: Fraction) -> bool:
    """Whether a number is a piece's, its ends aside (a piece of one number is that number)."""
    low = exact.parse(piece.low) if piece.low else None
    high = exact.parse(piece.high) if piece.high else None
    if low is not None and low == high:
        return x == low
    return (low is None or x > low) and (high is None or x < high)


@given(st.one_of(ranges(), differences()), st.lists(st.integers(-3000, 3000), min_size=1, max_size=20))
def test_a_number_inside_a_piece_earns_what_it_says_and_outside_nothing(
    measure: Measure, hundredths: list[int]
) -> None:
    maximum = Fraction(5)
    found = tolerance.pieces(measure, maximum)
    ends = {exact.parse(end) for piece in found for end in (piece.low, piece.high) if end}
    for x in (Fraction(n, 100) for n in hundredths if ends):
        mark = measurement.earned(measure, maximum, x)
        says = [piece.earns for piece in found if inside(piece, x)]
        if x not in ends:
            assert says == (["full"] if mark == maximum else ["part"] if mark else []), (x, found)


@given(st.one_of(ranges(), differences()))
def test_every_number_with_the_whole_mark_is_on_the_bar(measure: Measure) -> None:
    """Also a single number between stretches that earn less."""
    found = tolerance.pieces(measure, Fraction(5))
    target = measure.params.get("target", "")
    if isinstance(target, str) and target:
        x = exact.parse(target)
        ends = [(p.low or "-999", p.high or "999") for p in found if p.earns == "full"]
        assert any(exact.parse(low) <= x <= exact.parse(high) for low, high in ends), (measure, found)


def test_what_is_not_measured_has_no_bar() -> None:
    for measure in (None, Measure("count", {"possible": "3"}), Measure("choice", {"deductions": ["0"]})):
        assert tolerance.pieces(measure, Fraction(5)) == ()
    unset: dict[str, str | list[str]] = {"lowers": [""], "uppers": [""], "deductions": ["1"]}
    assert tolerance.pieces(Measure("range", unset), Fraction(5)) == (), "no bound, so nothing to draw"
