"""The real workbooks, written by us: nothing of them is lost, and LibreOffice opens and recalculates them."""

from __future__ import annotations

import io
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from compsys.exchange import cis_writer
from compsys.exchange.cis_workbook import CisRead, read
from scoring_rules.scheme import Aspect, Scheme, SpareCalculation, aspects, from_data, to_data
from scoring_rules.scheme_match import compare
from tests.compsys.exchange.cis_books import MAIN
from tests.conftest import OFFICE

REAL = pytest.mark.parametrize("name", ["es2025_web17.xlsx", "es2023_web17.xlsx"])


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder for LibreOffice's own settings; where it is absent the test says so."""
    if OFFICE is None:
        pytest.skip("reason: LibreOffice (soffice) is not on this machine, so nothing was opened in it")
    return tmp_path / "profile"


def scheme_of(outcome: CisRead) -> Scheme:
    assert outcome.scheme is not None, outcome.problems
    return outcome.scheme


def whole(scheme: Scheme) -> Scheme:
    """Everything a scheme says, without the cells in which its file said it."""

    def plain(aspect: Aspect) -> Aspect:
        return replace(aspect, reference="")

    return replace(scheme, criteria=tuple(
        replace(c, subs=tuple(replace(s, aspects=tuple(map(plain, s.aspects))) for s in c.subs))
        for c in scheme.criteria
    ))  # fmt: skip


def opened_in_office(data: bytes, profile: Path) -> bytes:
    """The workbook as LibreOffice writes it after it has opened it and computed every formula itself."""
    source = profile.parent / "sent.xlsx"
    source.write_bytes(data)
    out = profile.parent / "out"
    command = [
        str(OFFICE), "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to",
        "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (out / "sent.xlsx").read_bytes()


@REAL
def test_a_real_workbook_written_back_reads_back_whole(shared_data: Path, name: str) -> None:
    first = read(shared_data / name)
    again = read(cis_writer.write(scheme_of(first)), name)
    assert whole(scheme_of(again)) == whole(scheme_of(first))
    for fact in ("criteria", "measurement", "judgement", "total", "calculations"):
        assert getattr(again.facts, fact) == getattr(first.facts, fact), fact
    assert [replace(s, row=0) for s in again.facts.standards] == [
        replace(s, row=0) for s in first.facts.standards
    ]


@REAL
def test_libreoffice_opens_what_we_write_and_comes_to_the_same_sums(
    shared_data: Path, office: Path, name: str
) -> None:
    first = read(shared_data / name)
    sent = cis_writer.write(scheme_of(first))
    saved = opened_in_office(sent, office)
    assert whole(scheme_of(read(saved, name))) == whole(scheme_of(first))
    ours = openpyxl.load_workbook(io.BytesIO(sent))
    theirs = openpyxl.load_workbook(io.BytesIO(saved), data_only=True)
    formulas = [cell.coordinate for row in ours[MAIN] for cell in row if cell.data_type == "f"]
    sums = {at: theirs[MAIN][at].value for at in formulas}
    assert all(isinstance(value, int | float) for value in sums.values()), sums
    footer = max((at for at in formulas if at.startswith("N")), key=lambda at: int(at[1:]))
    assert round(sums[footer], 2) == 100
    carried = sorted(round(v, 2) for at, v in sums.items() if at.startswith("N") and at != footer and v)
    assert carried == sorted(float(c.mark) for c in first.facts.criteria)
    texts = [cell.value for sheet in theirs for row in sheet for cell in row if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(("#NAME", "#REF", "#VALUE", "Err:"))]


def test_calculations_that_no_aspect_uses_are_kept_at_their_rows(shared_data: Path) -> None:
    outcome = read(shared_data / "es2025_web17.xlsx")
    scheme = scheme_of(outcome)
    used = {a.measure.params.get("cis_row") for a in aspects(scheme) if a.measure}
    spare = {s.row for s in scheme.spare}
    assert outcome.facts.calculations == 12 and len(spare) == 2 and not spare & used
    archive = cis_writer.write(scheme)
    sheet = openpyxl.load_workbook(io.BytesIO(archive))["Calculations"]
    source = openpyxl.load_workbook(shared_data / "es2025_web17.xlsx")["Calculations"]
    for kept in scheme.spare:
        row = int(kept.row)
        assert [c.value for c in sheet[row]][:4] == [c.value for c in source[row]][:4]
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None


def test_a_truth_value_may_be_the_formula_that_libreoffice_makes_of_it(shared_data: Path) -> None:
    book = openpyxl.load_workbook(shared_data / "es2025_web17.xlsx")
    for row in book["Calculations"]:
        row[2].value = "=TRUE()" if row[2].value is True else row[2].value
    saved = io.BytesIO()
    book.save(saved)
    found = scheme_of(read(saved.getvalue(), "x.xlsx"))
    assert whole(found) == whole(scheme_of(read(shared_data / "es2025_web17.xlsx")))


def test_they_go_through_data_and_a_changed_one_is_a_change(shared_data: Path) -> None:
    scheme = scheme_of(read(shared_data / "es2025_web17.xlsx"))
    assert from_data(to_data(scheme)) == scheme
    assert "spare" not in to_data(replace(scheme, spare=()))  # what was frozen before keeps its digest
    assert compare(scheme, scheme).same
    other = replace(scheme, spare=(*scheme.spare, SpareCalculation("40", "CHOICE", "Extra")))
    assert [(d.where, d.field, d.after) for d in compare(scheme, other).others] == [
        ("calculation 40", "new", "CHOICE Extra")
    ]
    assert [d.field for d in compare(other, scheme).others] == ["gone"]
    assert compare(other, scheme).scheme.spare == scheme.spare
