"""Subsidies: who is paid for, who is not, and that nobody is left out without every reason being told."""

from __future__ import annotations

import io

import openpyxl
import pytest

from compsys.exchange import register_toml, subsidy_list
from compsys.exchange.tables import write_workbook
from compsys.identity import mask
from tests.compsys.exchange.register_rows import names, person, resident, row

TEXT = """format = "compsys-subsidies/1"
[[scheme]]
id = "skilled"
name = { zh-CN = "高技能补贴" }
levels = ["3", "2", "1"]
since = "2026-01-01"
amounts = { "3" = "1500", "2" = "2000.5" }
factors = { away = "1.5" }
[[scheme]]
id = "cooks"
name = { zh-CN = "厨师补贴" }
occupations = ["4-03-02-01"]
"""


def reasons(*rows, known, before=lambda scheme, number: False):  # type: ignore[no-untyped-def]  # rows and persons
    [scheme] = subsidy_list.parse(TEXT[: TEXT.rindex("[[scheme]]")], "x.toml")
    found = subsidy_list.listed([scheme], rows, known.get, before)
    out = {one.row.number[-1]: one.reasons for one in found.excluded}
    return out, [one.row.number[-1] for one in found.paid]


def test_a_number_that_is_merely_on_record_is_not_a_checked_identity() -> None:
    out, paid = reasons(row(1), row(2, checked=""), row(3, checked="floor"), known=names(1, 2, 3))
    assert out == {"2": ("register.out_unchecked",)} and paid == ["1", "3"]


def test_every_reason_is_told_not_the_first_alone() -> None:
    out, paid = reasons(
        row(1, state="revoked", checked="", trainers=("school",), assessors=frozenset({"school"})),
        row(2),
        row(3),
        row(4, state="suspended"),
        row(5, state="superseded"),
        row(6, filed=False),
        known=names(1, 4, 5, 6) | {"p2": person(2, id_number="")},
    )
    assert out == {
        "1": ("register.out_unchecked", "register.out_revoked", "register.out_taught"),
        "2": ("register.out_unregistered",),
        "3": ("register.out_erased",),
        "4": ("register.out_suspended",),
        "5": ("register.out_superseded",),
        "6": ("register.out_unfiled",),
    }
    assert not paid


def test_who_trained_may_not_be_who_assessed_or_issued() -> None:
    rows = [
        row(1, trainers=("east", "school"), assessors=frozenset({"liu", "school"})),
        row(2, trainers=("centre",)),
        row(3, trainers=("school", "zhao"), assessors=frozenset({"liu", "wu"})),
    ]
    out, paid = reasons(*rows, known=names(1, 2, 3))
    assert set(out) == {"1", "2"} and paid == ["3"]


def test_one_row_per_certificate_and_scheme_and_none_that_was_paid_before() -> None:
    rows = [row(1), row(2)]
    schemes = subsidy_list.parse(TEXT, "x.toml")
    found = subsidy_list.listed(schemes, rows, names(1, 2).get, lambda s, n: (s, n[-1]) == ("cooks", "2"))
    assert [(one.scheme.id, one.row.person) for one in found.paid] == [
        ("skilled", "p1"), ("skilled", "p2"), ("cooks", "p1"),
    ]  # fmt: skip
    assert [(one.scheme.id, one.reasons) for one in found.excluded] == [("cooks", ("register.out_before",))]
    out, paid = reasons(row(1), row(1, id="urn:other"), known=names(1))
    assert paid == ["1"] and out == {"1": ("register.out_twice",)}


def test_what_a_scheme_does_not_mean_is_in_neither_list() -> None:
    rows = [row(1, level="5"), row(2, issued="2025-12-31"), row(3, kind="award")]
    out, paid = reasons(*rows, known=names(1, 2, 3))
    assert not out and not paid


def test_amounts_are_exact_and_half_as_much_again_for_another_province() -> None:
    schemes = subsidy_list.parse(TEXT, "x.toml")
    away, there = {"region": "31", "home": "53"}, {"region": "31", "home": "31"}
    rows = [row(1), row(2, **away), row(3, level="2", **there), row(4, level="1")]
    found = subsidy_list.listed(schemes[:1], rows, names(1, 2, 3, 4).get)
    assert [one.amount for one in found.paid] == ["1500", "2250", "2000.5", ""]
    assert subsidy_list.counts(found)["sums"] == {"skilled": "5750.5"}


def test_the_workbook_shows_the_whole_number_of_the_paid_and_a_masked_one_of_the_others() -> None:
    schemes = subsidy_list.parse(TEXT, "x.toml")[:1]
    found = subsidy_list.listed(schemes, [row(1), row(2, checked="")], names(1, 2).get)
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(subsidy_list.tables(found, "zh-CN"), "zh-CN")))
    paid, left = book["补贴清单"], book["未列入"]
    at = [cell.value for cell in paid[1]].index("证件号码")
    assert (paid[2][at].value, left[2][at].value) == (resident(1), mask(resident(2)))
    assert left[2][len(left[1]) - 1].value == "没有人核对过证件原件"
    assert resident(2) not in str([[cell.value for cell in line] for sheet in book for line in sheet])


def test_a_file_of_schemes_says_everything_that_is_wrong_with_it() -> None:
    text = TEXT.replace('"1500"', "1500").replace('"2026-01-01"', '"1.1.2026"').replace('"1.5"', '"-1"')
    text = text.replace('id = "cooks"', 'id = "skilled"\nlevel = ["3"]')
    text = text.replace('["3", "2", "1"]', '["apprentice"]')
    with pytest.raises(register_toml.Unsound) as error:
        subsidy_list.parse(text, "x.toml")
    assert [(p.where, p.code.partition("_")[2]) for p in error.value.problems] == [
        ("x.toml:5", "choice"), ("x.toml:6", "day"), ("x.toml:7", "not_table"), ("x.toml:8", "amount"),
        ("x.toml:10", "id_twice"), ("x.toml:11", "unknown"),
    ]  # fmt: skip
