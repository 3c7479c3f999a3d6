"""Reads a firm's list of its staff: whose they are and by which document, every problem with its cell."""

from __future__ import annotations

from typing import NamedTuple

from compsys import identity
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import compared
from compsys.exchange.lists_read import Row, address, open_list
from compsys.exchange.xlsx_package import Unreadable

WORDS = {
    "firm": ("firm", "company", "employer", "单位", "单位名称", "工作单位", "企业", "企业名称", "公司"),
    "id_number": (
        "id_number", "idnumber", "number", "证件号", "证件号码", "身份证号", "身份证号码", "居民身份证号码",
    ),
    "id_type": ("id_type", "idtype", "kindofdocument", "证件类型", "证件种类"),
}  # fmt: skip
"""What the heads of the columns may be called."""


class Fault(NamedTuple):
    """What is wrong at a cell ("" = the file): a code with its parameters."""

    cell: str
    code: str
    params: dict[str, str]


class Staff(NamedTuple):
    """The list: (firm, kind of document or "", number) each, and everything that is wrong with it."""

    people: list[tuple[str, str, str]]
    faults: list[Fault]


def read(data: bytes, name: str) -> Staff:
    """The list in a CSV or in a workbook's first sheet. Nothing is raised for bad input.

    >>> read("单位,身份证号\\n甲,11010519491231002x\\n甲,".encode(), "s.csv")
    Staff(people=[('甲', '', '11010519491231002X')], faults=[Fault(cell='B3', code='csv.blank', params={'name': 'id_number'})])
    """  # noqa: E501 (one line of the answer)
    found = Staff([], [])
    columns: dict[str, int] = {}

    def visit(row: Row) -> None:
        if not columns:
            _heads(found, row, columns)
        elif found.faults and not columns.keys() >= {"firm", "id_number"}:
            return
        else:
            _one(found, row, columns)

    try:
        file = open_list(data, name)
        tables = file.sheets()
        if tables:
            file.each(tables[0].name, visit)
    except Unreadable as error:
        return Staff([], [Fault("", f"list.{error.code}", dict(error.params))])
    if not columns or (not found.people and not found.faults):
        found.faults.append(Fault("", "csv.no_rows", {}))
    return found


def _heads(found: Staff, row: Row, columns: dict[str, int]) -> None:
    for at, cell in enumerate(row.cells, 1):
        said = compared(cell.text)
        name = next((name for name, known in WORDS.items() if said in known), "")
        if name:
            columns.setdefault(name, at)
    for name in ("firm", "id_number"):
        if name not in columns:
            found.faults.append(Fault("", "csv.column_missing", {"name": WORDS[name][0]}))
    columns.setdefault("", 0)


def _one(found: Staff, row: Row, columns: dict[str, int]) -> None:
    values = {name: row.cell(at).text.strip() for name, at in columns.items() if name}
    if not any(values.values()):
        return
    good = True
    for name in ("firm", "id_number"):
        if not values[name]:
            found.faults.append(Fault(address(row.number, columns[name]), "csv.blank", {"name": name}))
            good = False
    kind = lv.choice(values.get("id_type", ""), lv.ID_WORDS) if values.get("id_type") else ""
    if kind is None:
        cell, said = address(row.number, columns["id_type"]), values["id_type"][:40]
        found.faults.append(Fault(cell, "list.unknown_id_type", {"value": said}))
        good = False
    if good:
        found.people.append((values["firm"], kind or "", identity.normalise(values["id_number"])))
