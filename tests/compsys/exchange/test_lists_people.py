"""Lists of entrants, judges and delegations held against a set-up: what each row would do, what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from compsys.exchange.lists_look import Wish
from compsys.vault import Identity
from tests.compsys.exchange.list_worlds import found, known, look, number, xlsx

HEAD = "姓名,证件类型,身份证号,出生日期,性别,手机号码,单位,赛项"


def one(**cells: str) -> str:
    """A list of one entrant, right but for the cells given."""
    row = {
        "姓名": "张三", "证件类型": "", "身份证号": number("19900101", 1), "出生日期": "1990-01-01",
        "性别": "男", "手机号码": "13900000000", "单位": "胡杨宾馆", "赛项": "热菜", **cells,
    }  # fmt: skip
    return f"{HEAD}\n{','.join(row.values())}\n"


def test_a_right_row_is_new_and_makes_a_person_and_an_entry() -> None:
    looked = look(one())
    assert looked.counts == {"new": 1, "changed": 0, "same": 0, "error": 0} and not looked.findings
    assert [item.kind for item in looked.items] == ["person", "entry"]
    assert looked.items[1].value is not None and looked.items[1].value["delegation"] == "poplar"


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"姓名": ""}, "A2", "blank"),
    ({"姓名": "长" * 81}, "A2", "too_long"),
    ({"身份证号": ""}, "C2", "blank"),
    ({"身份证号": "3.70284E+17"}, "C2", "identity_damaged"),
    ({"身份证号": "999999199001010000"}, "C2", "identity_damaged"),
    ({"身份证号": "999999199001010015"}, "C2", "identity_check"),
    ({"身份证号": "999999199013010016"}, "C2", "identity_date"),
    ({"身份证号": "99999919900101001"}, "C2", "identity_shape"),
    ({"身份证号": "999999900101001"}, "C2", "identity_old"),
    ({"身份证号": "没有"}, "C2", "identity_unknown"),
    ({"证件类型": "护照", "身份证号": "E1"}, "C2", "identity_shape"),
    ({"证件类型": "饭卡"}, "B2", "unknown_id_type"),
    ({"出生日期": "1990-01-02"}, "D2", "birth_differs"),
    ({"性别": "女"}, "E2", "sex_differs"),
    ({"单位": "胡扬宾馆"}, "G2", "unknown_delegation"),
    ({"单位": ""}, "G2", "blank"),
    ({"赛项": "热莱"}, "H2", "unknown_trade"),
]


@pytest.mark.parametrize(("cells", "where", "code"), WRONG)
def test_each_wrong_cell_is_named_and_keeps_its_row_out(cells: dict[str, str], where: str, code: str) -> None:
    looked = look(one(**cells))
    assert (where, code) in found(looked)
    assert looked.counts["error"] == 1 and not looked.items and not looked.persons


def test_the_nearest_name_is_suggested_and_no_far_one() -> None:
    near = look(one(单位="胡扬宾馆", 赛项="热莱")).findings
    assert [f.params["nearest"] for f in near] == ["胡杨宾馆", "热菜"]
    assert look(one(单位="完全不同的公司")).findings[0].params["nearest"] == ""


@pytest.mark.parametrize("said", ["胡杨宾馆", "poplar hotel", "01", "Ｐｏｐｌａｒ　Ｈｏｔｅｌ", "poplar"])
def test_a_delegation_is_known_by_name_in_any_language_code_or_id(said: str) -> None:
    assert look(one(单位=said)).counts["new"] == 1


@pytest.mark.parametrize("cells", [
    {"证件类型": "护照", "身份证号": "e 1234-5678", "出生日期": "", "性别": ""},
    {"身份证号": "G12345678", "出生日期": "", "性别": ""},
    {"证件类型": "军官证", "身份证号": "军字第0123456号", "出生日期": "", "性别": ""},
])  # fmt: skip
def test_other_documents_follow_no_check_digit(cells: dict[str, str]) -> None:
    looked = look(one(**cells))
    assert looked.counts["new"] == 1, looked.findings


def test_a_number_that_a_workbook_holds_as_a_number_has_lost_its_end() -> None:
    rows = [HEAD.split(","), ["张三", "", 370284199001010016, "", "", None, "胡杨宾馆", "热菜"]]
    looked = look(xlsx(rows))
    assert found(looked) == [("C2", "identity_damaged")]
    assert looked.findings[0].params["value"] == "3.70284E+17"


def test_formulas_and_error_values_are_no_values() -> None:
    rows = [["姓名", "单位", "赛项"], ["=A1", "胡杨宾馆", "热菜"], ["张三", "=VLOOKUP(1,2,3)", "热菜"]]
    assert {("A2", "formula"), ("B3", "formula")} <= set(found(look(xlsx(rows))))


def test_a_person_twice_one_number_two_names_and_one_name_two_numbers() -> None:
    text = one() + one().splitlines()[1] + "\n" + one(姓名="李四").splitlines()[1] + "\n"
    looked = look(text)
    assert found(looked) == [("A3", "person_twice"), ("A4", "number_twice")]
    assert looked.findings[0].params["first"] == "2" and looked.counts["new"] == 1
    other = number("19900101", 3)
    namesake = look(one() + one(身份证号=other).splitlines()[1] + "\n")
    assert namesake.counts["new"] == 2, "two people may have one name"


def test_two_trades_at_one_time_are_an_error_and_on_other_days_are_not() -> None:
    text = one() + one(赛项="面点").splitlines()[1] + "\n"
    looked = look(text)
    assert found(looked) == [("H3", "two_trades_at_once")] and looked.counts["new"] == 1
    assert looked.findings[0].params["other"] == "热菜"
    at = {"id": "s", "trade": "pastry", "stage": "final", "component": "x", "minutes": 60}
    later = known(("session", {**at, "day": "2026-05-02", "start": "09:00"}))
    assert [code for _, code in found(look(text, later))] == ["two_trades"]
    unplanned = known(("session", {**at, "day": "2026-05-01", "start": ""}))
    assert [code for _, code in found(look(text, unplanned))] == ["two_trades_one_day"]
    after = known(("session", {**at, "day": "2026-05-01", "start": "12:00"}))
    assert look(text, after).counts["error"] == 0, "from 9:00 to 12:00, and from 12:00 on"


def there(**more: Any) -> dict[str, Any]:
    """An entrant of the set-up: person p1 in hot dishes."""
    entry = {"id": "e1", "trade": "hot", "group": "open", "delegation": "poplar",
             "members": [{"person": "p1"}], **more}  # fmt: skip
    who = Identity({"zh-CN": "张三"}, "resident_id", number("19900101", 1), "13900000000")
    return {"args": (("person", {"id": "p1"}), ("entry", entry)), "names": {"p1": who}}


def held(how: dict[str, Any], **more: Any) -> Any:
    return known(*how["args"], names=how["names"], **more)


def test_the_same_again_is_unchanged_and_what_differs_is_told() -> None:
    assert look(one(), held(there())).counts == {"new": 0, "changed": 0, "same": 1, "error": 0}
    looked = look(one(单位="天山饭店"), held(there()))
    (row,) = looked.rows
    assert row.state == "changed" and [tuple(c) for c in row.changes] == [
        ("delegation", "胡杨宾馆", "天山饭店")
    ]
    assert [item.kind for item in looked.items] == ["entry"] and not looked.persons


def test_a_pool_is_taken_from_its_column_and_its_change_is_told() -> None:
    said = one().replace("赛项", "赛项,所属区县", 1).replace("热菜", "热菜,临江县")
    looked = look(said)
    assert looked.items[1].value is not None and looked.items[1].value["pool"] == "临江县"
    (row,) = look(said, held(there())).rows
    assert {change.field: change.after for change in row.changes} == {"pool": "临江县"}


def test_who_is_known_by_their_number_stays_as_registered() -> None:
    assert found(look(one(姓名="张山"), held(there()))) == [("A2", "name_differs")]
    looked = look(one(手机号码="13911111111"), held(there()))
    assert found(looked) == [("F2", "kept")] and looked.counts["same"] == 1 and not looked.persons


def test_without_numbers_people_are_known_by_name_and_delegation() -> None:
    text = "姓名,单位,赛项\n张三,胡杨宾馆,热菜\n张三,天山饭店,热菜\n"
    looked = look(text, held(there()))
    assert looked.counts["same"] == 1 and looked.counts["new"] == 1
    assert ("", "no_numbers") in found(looked)


def test_a_drawn_trade_takes_nobody_more() -> None:
    looked = look(one(姓名="李四", 身份证号=number("19900101", 3)), held(there(), drawn=frozenset({"hot"})))
    assert ("H2", "drawn") in found(looked) and looked.counts["error"] == 1
    assert look(one(), held(there(), drawn=frozenset({"hot"}))).counts["same"] == 1


TEAM = "姓名,身份证号,单位,赛项,队名,角色\n"


def team(*rows: tuple[str, str, str, str]) -> str:
    return TEAM + "".join(f"{n},{i},胡杨宾馆,热菜,{t},{r}\n" for n, i, t, r in rows)


def test_a_team_is_one_entry_and_waits_as_a_whole() -> None:
    rows = [(f"队员{i}", number("19900101", i), "红队", "队长" if i == 1 else "") for i in (1, 2, 3)]
    looked = look(team(*rows))
    entries = [item.value for item in looked.items if item.kind == "entry"]
    assert looked.counts["new"] == 3 and len(entries) == 1 and entries[0] is not None
    assert [m.get("role") for m in entries[0]["members"]] == ["captain", "member", "member"]
    assert entries[0]["name"] == {"zh-CN": "红队"}
    broken = look(team(*rows[:2], ("队员3", "999999199001010031", "红队", "")))
    assert broken.counts["error"] == 3 and not broken.items
    assert [code for _, code in found(broken)] == ["identity_check", "team_waits", "team_waits"]


def test_the_whole_list_may_be_of_one_trade() -> None:
    text = f"姓名,身份证号,单位\n张三,{number()},胡杨宾馆\n"
    assert [code for _, code in found(look(text, wish=Wish("entrants")))] == ["column_missing"]
    assert look(text, known(trade="hot"), Wish("entrants")).counts["new"] == 1


# ---------------------------------------------------------------- judges


def judge(*rows: str, head: str = "姓名,身份证号,单位,执裁赛项,裁判职务") -> str:
    return f"{head}\n" + "".join(f"{row}\n" for row in rows)


def test_judges_get_records_and_seats() -> None:
    text = judge(
        f"王一,{number(sequence=1)},胡杨宾馆,热菜,裁判长", f"王二,{number(sequence=3)},市疾控中心,热菜,裁判"
    )
    looked = look(text)
    assert looked.kind == "judges" and looked.counts["new"] == 2 and not looked.findings
    values = {item.kind: [] for item in looked.items}  # type: ignore[var-annotated]  # kinds to values
    for item in looked.items:
        values[item.kind].append(item.value)
    assert [v["affiliations"] for v in values["judge"]] == [["poplar"], ["employer:市疾控中心"]]
    seats = [(v.get("role", "judge"), v.get("panel")) for v in values["seat"]]
    assert seats == [("chief", None), ("judge", "p1")]


def test_a_free_seat_is_taken_before_one_is_made_and_again_is_unchanged() -> None:
    at = {"trade": "hot", "stage": "final", "panel": "p1"}
    who = Identity({"zh-CN": "王一"}, "resident_id", number(), "")
    free = known(("seat", {"id": "s1", "role": "judge", "label": "1", **at}))
    text = judge(f"王一,{number()},胡杨宾馆,热菜,裁判")
    (seat,) = [item for item in look(text, free).items if item.kind == "seat"]
    assert seat.id == "hot/final/s1"
    sits = known(
        ("person", {"id": "p1"}),
        ("judge", {"id": "j1", "person": "p1", "affiliations": ["poplar"]}),
        ("seat", {"id": "s1", "role": "judge", "label": "1", "judge": "j1", **at}),
        names={"p1": who},
    )
    assert look(text, sits).counts["same"] == 1
    moved = look(judge(f"王一,{number()},胡杨宾馆,热菜,组长"), sits)
    assert moved.counts["changed"] == 1 and [i.value["role"] for i in moved.items if i.value] == ["lead"]


@pytest.mark.parametrize(("row", "where", "code"), [
    ("王一,{n},胡扬宾馆,热菜,裁判", "C2", "unknown_delegation"),
    ("王一,{n},,热莱,裁判", "D2", "unknown_trade"),
    ("王一,{n},,热菜,厨师", "E2", "unknown_word"),
    ("张三,{p},,热菜,裁判", "A2", "judge_competes"),
])  # fmt: skip
def test_wrong_judges_stay_out(row: str, where: str, code: str) -> None:
    text = judge(row.format(n=number(sequence=5), p=number("19900101", 1)))
    looked = look(text, held(there()))
    assert (where, code) in found(looked) and not looked.items and not looked.persons


def test_a_judge_twice_in_a_trade_and_a_seat_that_is_taken() -> None:
    row = f"王一,{number()},,热菜,裁判"
    assert found(look(judge(row, row))) == [("A3", "person_twice")]
    head = "姓名,身份证号,执裁赛项,席位"
    at = {"trade": "hot", "stage": "final", "panel": "p1", "label": "1"}
    sits = ("judge", {"id": "j1", "person": "p1"})
    taken = known(("person", {"id": "p1"}), sits, ("seat", {"id": "s1", "judge": "j1", **at}))
    looked = look(judge(f"王二,{number()},热菜,1", head=head), taken, Wish("judges"))
    assert found(looked) == [("D2", "seat_taken")] and not looked.items and not looked.persons


def test_an_open_stage_keeps_its_seats() -> None:
    opened = known(opened=frozenset({"hot.final.main"}))
    looked = look(judge(f"王一,{number()},,热菜,裁判"), opened)
    assert found(looked) == [("D2", "frozen")] and not looked.items and not looked.persons


# ---------------------------------------------------------------- delegations


def test_delegations_new_changed_same_and_like_another() -> None:
    text = (
        "代表队,英文名称,代码\n胡杨宾馆,Poplar Hotel,01\n天山饭店,,02\n天山饭庄,,03\n红山酒店,Red Hill,04\n"
    )
    looked = look(text)
    assert [row.state for row in looked.rows] == ["same", "changed", "new", "new"]
    assert found(looked) == [("A4", "like_another")]
    assert looked.items[-1].id == "red-hill"


def test_a_list_of_entrants_gives_each_company_once() -> None:
    text = "姓名,单位,赛项\n甲,红山酒店,热菜\n乙,红山酒店,热菜\n丙,胡杨宾馆,面点\n"
    looked = look(text, wish=Wish("delegations"))
    assert [row.state for row in looked.rows] == ["new", "same", "same"] and len(looked.items) == 1


def test_one_name_two_codes_and_one_code_two_names() -> None:
    text = "代表队,代码\n红山酒店,10\n红山酒店,11\n白山酒店,10\n"
    assert {("A3", "delegation_twice"), ("B4", "code_twice")} <= set(found(look(text)))
