"""Statistics of a register: the shape of the 2021 figures of Karamay, any register against a naive count."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.exchange import credential_figures
from compsys.exchange.register_row import RegisterRow, Wanted
from compsys.exchange.tables import write_csv
from scoring_rules.promotion_model import LADDER
from tests.compsys.exchange.register_rows import row

ALL = Wanted()


def many(year: str, **levels: int) -> list[RegisterRow]:
    return [
        row(at, number=f"{year}{level}{at}", level=level.strip("_"), issued=f"{year}-06-30")
        for level, n in levels.items()
        for at in range(n)
    ]


def test_the_figures_of_karamay_2021_come_out_as_they_were_printed() -> None:
    """初中级工 4,948, 高级工 2,542, 技师 402, 高级技师 136: 8,028 in all, 3,080 of level 3 and up, +15 %."""
    rows = many("2021", _5=3000, _4=1948, _3=2542, _2=402, _1=136) + many("2020", _5=4000, _3=2981)
    found = credential_figures.figures(rows, "year", (), ALL, "2026-01-01")
    first, line = found.lines
    assert line.key == ("2021",) and line.levels == {"5": 3000, "4": 1948, "3": 2542, "2": 402, "1": 136}
    assert (line.basic, line.skilled, line.total, line.skilled_share) == (4948, 3080, 8028, "38.4")
    assert (line.before, line.change) == (6981, "15.0")
    assert first.before is None and first.change == ""  # the register does not reach further
    sheet = credential_figures.table(found, "zh-CN")
    head, *_ = write_csv(sheet.columns, sheet.rows, "zh-CN").decode("utf-8-sig").splitlines()
    levels = "五级/初级工,四级/中级工,三级/高级工,二级/技师,一级/高级技师"
    assert head == f"年,{levels},合计,初中级工,高技能人才,高技能人才占比 %,上年同期,同比 %"


def test_a_year_that_is_not_over_is_compared_with_the_same_days_of_the_year_before() -> None:
    days = ["2024-01-01", "2025-03-01", "2025-09-01", "2025-10-01", "2026-02-01", "2026-03-31"]
    rows = [row(at, issued=day) for at, day in enumerate(days)]
    found = credential_figures.figures(rows, "year", (), ALL, "2026-03-31")
    assert [(one.key, one.total, one.before) for one in found.lines] == [
        (("2024",), 1, None), (("2025",), 3, 1), (("2026",), 2, 1),
    ]  # fmt: skip
    one = credential_figures.figures(rows, "month", (), Wanted(since="2026-01-01"), "2026-03-31")
    assert [(line.key, line.total, line.before) for line in one.lines] == [
        (("2026-02",), 1, 0), (("2026-03",), 1, 1),
    ]  # fmt: skip
    assert one.lines[0].change == ""  # nothing a year before: no percentage of nothing


def test_revoked_and_replaced_certificates_are_told_apart_and_not_counted() -> None:
    states = ["valid", "revoked", "superseded", "suspended"]
    rows = [*(row(at, state=state) for at, state in enumerate(states)), row(5, kind="award")]
    found = credential_figures.figures(rows, "year", (), ALL, "2026-12-31")
    assert found.whole is not None and found.whole.total == 2
    assert found.left == {"revoked": 1, "superseded": 1}


def test_lines_by_two_dimensions_say_what_each_is_called_and_what_is_not_stated() -> None:
    named = {"firm": "a", "firm_name": "甲公司 / Firm A"}
    rows = [row(1, region="65", **named), row(2, region="65"), row(3, region="31", **named)]
    found = credential_figures.figures(rows, "year", ("region", "firm"), ALL, "2026-12-31")
    told = credential_figures.table(found, "en")
    assert [(line["year"], line["region"], line["firm"], line["total"]) for line in told.rows] == [
        ("2026", "31", "Firm A", 1), ("2026", "65", "not stated", 1), ("2026", "65", "Firm A", 1),
        ("All", "", "", 3),
    ]  # fmt: skip
    assert credential_figures.as_data(found)["lines"][2]["firm_name"] == "甲公司 / Firm A"
    with pytest.raises(ValueError, match="week"):
        credential_figures.figures(rows, "week", (), ALL, "2026-12-31")


CERTIFICATES = st.builds(
    lambda at, level, issuer, year, month, state: row(
        at, level=level, issuer=issuer, issued=f"{year}-{month:02}-15", state=state
    ),
    st.integers(0, 9),
    st.sampled_from(LADDER),
    st.sampled_from(["a", "b"]),
    st.integers(2023, 2026),
    st.integers(1, 12),
    st.sampled_from(["valid", "revoked", "suspended"]),
)


@given(st.lists(CERTIFICATES, max_size=40), st.sampled_from(["year", "month"]), st.booleans())
def test_any_register_against_a_naive_count(rows: list[RegisterRow], period: str, split: bool) -> None:
    today, width = "2026-06-20", 4 if period == "year" else 7
    by = ("issuer",) if split else ()
    found = credential_figures.figures(rows, period, by, ALL, today)
    counted = [r for r in rows if r.state != "revoked" and r.issued <= today]
    for line in found.lines:
        mine = [r for r in counted if (r.issued[:width], *([r.issuer] if split else [])) == line.key]
        assert line.total == len(mine) and sum(line.levels.values()) == len(mine)
        assert line.skilled == sum(r.level not in ("apprentice", "5", "4") for r in mine)
        assert line.basic == sum(r.level in ("5", "4") for r in mine)
        year_ago = f"{int(line.key[0][:4]) - 1}{line.key[0][4:]}"
        last = f"2025{today[4:]}" if line.key[0] == today[:width] else "9999"
        before = [
            r for r in counted
            if r.issued[:width] == year_ago and r.issued <= last and (not split or r.issuer == line.key[1])
        ]  # fmt: skip
        if line.before is None:
            assert not before
        else:
            assert line.before == len(before)
            if before:
                exact = Fraction(100 * (len(mine) - len(before)), len(before))
                assert abs(Fraction(line.change) - exact) <= Fraction(1, 20)
    assert sum(line.total for line in found.lines) == len(counted)


def test_the_share_of_skilled_staff_counts_people_not_certificates() -> None:
    rows = [
        row(1), row(1, id="x", number="2", level="2"), row(2, level="4"), row(3, state="revoked"),
        row(4, level="special"),
    ]  # fmt: skip
    persons = {("resident_id", f"n{at}"): [f"p{at}"] for at in (1, 2, 3, 4)}
    staff = [("甲", "resident_id", number) for number in ("n1", "n1", "n2", "n3", "nobody")]
    staff.append(("乙", "resident_id", "n4"))
    found = credential_figures.firms(staff, lambda kind, number: persons.get((kind, number), []), rows)
    assert [(one.name, one.staff, one.known, one.holders, one.skilled, one.share) for one in found] == [
        ("甲", 4, 3, 2, 1, "25.0"), ("乙", 1, 1, 1, 1, "100.0"),
    ]  # fmt: skip
    assert found[0].levels == {"4": 1, "2": 1}
    assert credential_figures.firm_data(found)[1]["firm"] == "乙"
    assert credential_figures.firm_table(found, "en").rows[0]["share"] == "25.0"
