"""What lists say that persons hold: read in many ways of writing, added where nothing was known."""

from __future__ import annotations

from pathlib import Path

import pytest

from compsys.vault import Identity
from tests.compsys.exchange.list_worlds import found, known, look, number
from tests.compsys.exchange.test_lists_desk import LIST, Table, at_a_desk

HEAD = "姓名,单位,赛项,身份,技能等级,证书编号,晋升年份,荣誉称号,身份证号"
MEMBER = ("entry", {"id": "e1", "trade": "hot", "delegation": "poplar", "members": [{"person": "p1"}]})
PERSON = ("person", {"id": "p1"})


def one(
    level: str = "高级工", group: str = "职工", source: str = "证7", year: str = "2025年", more: str = ""
) -> str:
    """A list of one entrant."""
    return f"{HEAD}\n张三,胡杨宾馆,热菜,{group},{level},{source},{year},{more},{number()}\n"


def test_a_new_person_comes_with_what_is_held() -> None:
    looked = look(one(more="全国技术能手；五一奖章"))
    assert looked.counts["new"] == 1 and not looked.findings
    (who,) = looked.persons.values()
    assert (who.held_level, who.held_source, who.promoted_in) == ("3", "证7", "2025")
    assert who.category == "worker" and "五一奖章" in who.honours_held


@pytest.mark.parametrize(("said", "level"), [("", ""), ("无", "none"), ("二级/技师", "2"), ("1", "1")])
def test_blank_is_unknown_and_none_is_none(said: str, level: str) -> None:
    (who,) = look(one(said)).persons.values()
    assert who.held_level == level


@pytest.mark.parametrize(("cells", "where", "code"), [
    ({"level": "高级"}, "E2", "unknown_level"),
    ({"level": "9"}, "E2", "unknown_level"),
    ({"group": "厨师"}, "D2", "unknown_word"),
    ({"year": "去年"}, "G2", "unknown_word"),
])  # fmt: skip
def test_what_cannot_be_understood_is_named_and_keeps_the_row_out(
    cells: dict[str, str], where: str, code: str
) -> None:
    looked = look(one(**cells))
    assert found(looked) == [(where, code)] and not looked.persons


def test_what_was_unknown_of_somebody_is_added_and_what_differs_stays() -> None:
    there = {"p1": Identity({"zh-CN": "张三"}, "resident_id", number(), phone="1", held_level="2")}
    looked = look(one("三级"), known(PERSON, MEMBER, names=there))
    assert looked.counts["changed"] == 1 and ("E2", "kept") in found(looked)
    assert looked.persons["p1"] == Identity(
        {"zh-CN": "张三"},
        "resident_id",
        number(),
        phone="1",
        held_level="2",
        held_source="证7",
        promoted_in="2025",
        category="worker",
    )
    assert not looked.items and looked.takes
    assert {change.field for change in looked.rows[0].changes} == {"held_source", "promoted_in", "category"}


def test_a_second_list_brings_the_levels_and_nothing_else(tmp_path: Path) -> None:
    async def scene(at: Table) -> None:
        first = await at.take(LIST)
        levels = LIST.replace("赛项", "赛项,技能等级").replace("Cooking", "Cooking,三级", 1)
        levels = levels.replace("Delegation 2,Cooking", "Delegation 2,Cooking,")
        looked = await at.look(levels)
        assert looked.counts == {"new": 0, "changed": 1, "same": 1, "error": 0}
        second = await at.take(levels)
        assert second.answer.a == "accepted"
        held = {
            who.name["zh-CN"]: who.held_level for who in map(at.desk.names, at.desk.state.commitments) if who
        }
        assert held == {"张三": "3", "李四": ""}
        assert (await at.look(levels)).counts["same"] == 2
        # taken back, the level stays: it is known of a person who is still there
        assert (await at.revert(second.imports[0])).a == "accepted"
        assert (await at.look(levels)).counts["same"] == 2
        assert (await at.revert(first.imports[0])).a == "accepted"

    at_a_desk(tmp_path, scene)
