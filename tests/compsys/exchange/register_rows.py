"""Certificates and persons for the tests of registers: nobody real, area 999999."""

from __future__ import annotations

from typing import Any

from compsys.exchange.register_row import RegisterRow
from compsys.identity import check_digit
from compsys.vault import Identity


def resident(at: int) -> str:
    """A resident number of a synthetic person."""
    body = f"99999919900101{at:03}"
    return body + check_digit(body)


def person(at: int, **more: Any) -> Identity:
    """A registered person."""
    known: dict[str, Any] = {"id_type": "resident_id", "id_number": resident(at)}
    return Identity({"zh-CN": f"张三{at}", "en": f"Zhang San {at}"}, **(known | more))


def row(at: int, **more: Any) -> RegisterRow:
    """A certificate of person ``p{at}``, valid, checked by an officer."""
    known: dict[str, Any] = {
        "id": f"urn:{at}",
        "number": f"S00009900001{26}3{at:06}",
        "person": f"p{at}",
        "level": "3",
        "occupation": "4-03-02-01",
        "occupation_name": "中式烹调师 / Chinese cook",
        "work": "热菜 / Hot dishes",
        "issuer": "centre",
        "issuer_name": "示例技能评价中心 / Example Skills Assessment Centre",
        "issued": "2026-05-01",
        "theory": "70",
        "practical": "82.5",
        "score": "77.5",
        "checked": "officer",
    }
    return RegisterRow(**(known | more))


def names(*ats: int, **more: Any) -> dict[str, Identity]:
    """The persons of those certificates."""
    return {f"p{at}": person(at, **more) for at in ats}
