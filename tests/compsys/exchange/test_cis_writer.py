"""A scheme written as a workbook reads back the same; its sums are formulas, its texts never are."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings

from compsys.exchange import cis_writer
from compsys.exchange.cis_workbook import exit_code, read
from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, Section, SubCriterion, aspects, total
from scoring_rules.scheme_match import compare
from tests.compsys.exchange.cis_books import MAIN, codes
from tests.compsys.exchange.cis_schemes import plain, schemes


def one(*listed: Aspect, **more: object) -> Scheme:
    """A scheme of one criterion with one sub-criterion."""
    sub = SubCriterion("A1", {"en": "Sub"}, "1", listed)
    filled = Scheme({"en": "Cake"}, "7", (), (Criterion("A", {"en": "Crit"}, (sub,)),))
    return replace(filled, **more)  # type: ignore[arg-type]  # the tests name real fields


def back(scheme: Scheme, language: str = "en") -> Scheme:
    """The scheme that is read from its own workbook."""
    assert cis_writer.obstacles(scheme, language) == []
    outcome = read(cis_writer.write(scheme, language), "x.xlsx")
    assert outcome.scheme is not None, codes(outcome)
    return outcome.scheme


@given(schemes())
@settings(max_examples=60)
@example(one(Aspect("A1.M1", {"en": "=1+1"}, "agreed", "1", requirement="@x", note={"en": "_x0041_"})))
def test_what_is_written_reads_back_the_same(scheme: Scheme) -> None:
    found = back(scheme)
    assert plain(found) == plain(scheme)
    assert back(found) == found  # written again it stands at the same cells


@pytest.mark.parametrize("name", ["es2025_web17.xlsx", "es2023_web17.xlsx"])
def test_the_real_workbooks_come_through_writing_with_rows_and_unknown_parts(
    shared_data: Path, name: str
) -> None:
    outcome = read(shared_data / name)
    assert outcome.scheme is not None
    again = back(outcome.scheme)
    assert [replace(a, reference="") for a in aspects(again)] == [
        replace(a, reference="") for a in aspects(outcome.scheme)
    ]
    assert (again.sections, again.title, total(again)) == (outcome.scheme.sections, outcome.scheme.title, 100)


def test_unknown_types_and_keys_of_calculations_are_written_back() -> None:
    kept = {"cis_type": "TIME_POINTS", "cis_row": "3", "cis_BEST": "12.5#x~x#", "cis_UNIT": "#x~x#s"}
    strange = Measure("value", {**kept})
    found = back(one(Aspect("A1.M1", {"en": "Time"}, "agreed", "2", measure=strange)))
    measure = next(aspects(found)).measure
    assert measure is not None
    assert measure.params == {**strange.params, "cis_shared": "true"}


def test_sums_are_formulas_and_texts_that_look_like_formulas_are_texts() -> None:
    listed = [
        Aspect(f"A1.M{n}", {"en": text}, "agreed", "1", section="1")
        for n, text in enumerate(("=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)"), 1)
    ]
    data = cis_writer.write(one(*listed, sections=(Section("1", {"en": "All"}, "100"),)))
    sheet = openpyxl.load_workbook(io.BytesIO(data))[MAIN]
    formulas = {c.coordinate: c.value for row in sheet for c in row if c.data_type == "f"}
    assert formulas == {
        "J5": "=SUMIF(I15:I21,A5,K15:K21)", "K5": "=ABS(I5-J5)", "K6": "=SUM(K5:K5)",
        "N14": "=SUM(K15:K19)", "N21": "=SUM(N1:N20)",
    }
    texts = [c for row in sheet for c in row if c.column == 5 and str(c.value)[:1] in "=+-@"]
    assert len(texts) == 4 and all(c.data_type == "s" and c.quotePrefix for c in texts)


def test_equal_schemes_give_equal_bytes_without_a_clock() -> None:
    scheme = one(Aspect("A1.M1", {"en": "x"}, "agreed", "1"))
    assert cis_writer.write(scheme) == cis_writer.write(scheme)
    archive = zipfile.ZipFile(io.BytesIO(cis_writer.write(scheme)))
    assert re.findall(rb"20[0-9]{2}-[0-9-]+T", archive.read("docProps/core.xml")) == [b"2000-01-01T"] * 2


def test_a_bilingual_scheme_keeps_its_other_language_and_its_keys_when_it_comes_again() -> None:
    both = {"zh-CN": "汤", "en": "Soup"}
    levels = tuple({"zh-CN": f"第{n}级", "en": f"Level {n}"} for n in range(4))
    scheme = one(
        Aspect("soup", both, "judgement", "2", descriptors=levels, note={"zh-CN": "热", "en": "hot"}),
        Aspect("taste", {"zh-CN": "味", "en": "Taste"}, "points", "98", low="10", step="0.5"),
    )
    for language in ("en", "zh-CN"):
        found = compare(scheme, back(scheme, language))
        assert found.same
        assert plain(found.scheme) == plain(scheme)


def test_a_draft_without_a_mark_is_written_and_still_lacks_it() -> None:
    found = back(one(Aspect("A1.M1", {"en": "x"}, "agreed", "")))
    assert next(aspects(found)).max == ""


def test_what_the_format_cannot_say_is_told_and_nothing_is_cut_off() -> None:
    long = Aspect("A1.M1", {"en": "x" * 40_000}, "agreed", "1")
    assert [p.code for p in cis_writer.obstacles(one(long), "en")] == ["cis_text_long"]
    sections = (Section("1", {"en": "a"}, "50"), Section("01", {"en": "b"}, "50"))
    aspect = Aspect("A1.M1", {"en": "x"}, "agreed", "1", section="1")
    assert [p.code for p in cis_writer.obstacles(one(aspect, sections=sections), "en")] == ["cis_section"]
    far = replace(one(aspect), criteria=(
        Criterion("A", {"en": "c"}, (SubCriterion("A1234", {"en": "s"}, "1", (aspect,)),)),
    ))  # fmt: skip
    assert [p.code for p in cis_writer.obstacles(far, "en")] == ["cis_sub_key"]


def test_a_calculation_far_below_the_others_is_still_found() -> None:
    far = Measure("count", {"possible": "3", "cis_row": "900"})
    found = back(one(Aspect("A1.M1", {"en": "x"}, "agreed", "1", measure=far)))
    measure = next(aspects(found)).measure
    assert measure is not None and measure.params["possible"] == "3"


def test_a_workbook_of_ours_is_usable() -> None:
    scheme = one(Aspect("A1.M1", {"en": "x"}, "agreed", "100"))
    outcome = read(cis_writer.write(scheme), "x.xlsx")
    assert exit_code(outcome) == 0
    assert {c for _, _, c in codes(outcome)} == {"standards_none", "criteria_number"}
