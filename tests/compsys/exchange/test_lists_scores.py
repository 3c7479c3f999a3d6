"""Lists of scores: who is meant, what counts as a mark, absent is not zero and blank is not zero."""

from __future__ import annotations

import pytest

from tests.compsys.exchange.list_worlds import book, found, look_scores, number, xlsx

UNITS = [("A11", "1"), ("A12", "2"), ("A13", "3")]


def rows(*lines: str) -> str:
    return "加密号,理论成绩,备注\n" + "".join(f"{line}\n" for line in lines)


def test_marks_absences_and_units_in_every_way_of_writing() -> None:
    looked = look_scores(rows("a11,８８．５０,", "2,缺考,", "Ａ１３,,缺考"), book(UNITS))
    assert looked.scores == {
        "hot.final.main": [("u0", "88.50", ""), ("u1", None, "absent"), ("u2", None, "absent")]
    }
    assert looked.counts["new"] == 3 and not looked.findings


@pytest.mark.parametrize(("line", "where", "code"), [
    ("A11,,", "B2", "mark_blank"),
    ("A11,-1,", "B2", "mark_negative"),
    ("A11,100.01,", "B2", "mark_range"),
    ("A11,88分,", "B2", "mark_not_a_number"),
    ("A11,8.8E1,", "B2", "mark_not_a_number"),
    ('A11,"88,5",', "B2", "mark_not_a_number"),
    ("A11,1_0,", "B2", "mark_not_a_number"),
    ("A11,nan,", "B2", "mark_not_a_number"),
    ("A11,83.3333333,", "B2", "mark_decimals"),
    ("A11,60,缺考", "B2", "absent_with_mark"),
    ("A11,0,缺考", "B2", "absent_with_mark"),
    (",60,", "A2", "blank"),
    ("A99,60,", "A2", "score_unknown"),
])  # fmt: skip
def test_what_is_no_mark_or_nobodys(line: str, where: str, code: str) -> None:
    looked = look_scores(rows(line), book(UNITS))
    assert (where, code) in found(looked)
    assert looked.counts["error"] == 1 and not looked.scores


def test_zero_is_a_mark() -> None:
    assert look_scores(rows("A11,0,", "A12,0.00,"), book(UNITS)).counts["new"] == 2


def test_somebody_twice_under_two_words() -> None:
    looked = look_scores(rows("A11,60,", "1,70,"), book(UNITS))
    assert ("A3", "score_twice") in found(looked) and looked.findings[0].params["first"] == "2"


def test_a_word_of_two_people_says_nobody() -> None:
    looked = look_scores(rows("7,60,"), book([("A11", "7"), ("A12", "7")]))
    assert ("A2", "score_ambiguous") in found(looked)


def test_a_formula_is_no_mark_even_with_its_value_beside_it() -> None:
    data = xlsx([["加密号", "成绩"], ["A11", "=30+30"], ["A12", 61.5]])
    looked = look_scores(data, book(UNITS))
    assert ("B2", "formula") in found(looked) and looked.counts == {
        "new": 1,
        "changed": 0,
        "same": 0,
        "error": 1,
    }
    assert looked.scores["hot.final.main"] == [("u1", "61.5", "")]


def test_the_same_again_is_unchanged_and_a_change_says_from_what_to_what() -> None:
    owing = book(UNITS, A11=("60", ""), A12=(None, "absent"))
    looked = look_scores(rows("A11,60,", "A12,61,"), owing)
    assert looked.counts["same"] == 1 and looked.counts["changed"] == 1
    assert [tuple(c) for row in looked.rows for c in row.changes] == [("value", "absent", "61")]
    assert looked.scores == {"hot.final.main": [("u1", "61", "")]}


def test_who_is_missing_is_told_and_never_zero() -> None:
    looked = look_scores(rows("A11,60,"), book(UNITS))
    assert ("", "scores_missing") in found(looked) and looked.findings[-1].params == {"n": "2", "of": "3"}


def test_another_persons_name_beside_a_code_is_an_error() -> None:
    owing = book([])
    from compsys.exchange.lists_scores import Owing

    owing.owing = 1
    owing.put(number(), Owing("hot.final.main", "u0", "100", None, "张三"), "hot")
    text = f"身份证号,姓名,成绩\n{number()},李四,60\n"
    looked = look_scores(text, owing)
    assert ("B2", "score_name") in found(looked)
    assert number() not in str([f.params for f in looked.findings]), "numbers are masked in findings"


def test_a_trade_beside_the_bib_tells_two_people_apart() -> None:
    text = "赛项,参赛号,成绩\n热菜,1,60\n热莱,2,60\n"
    looked = look_scores(text, book(UNITS))
    assert found(looked)[0] == ("A3", "unknown_trade") and looked.counts["new"] == 1


def test_a_header_repeated_on_each_printed_page_is_no_row_and_hides_none() -> None:
    text = "加密号,成绩,备注\nA11,60,\n加密号,成绩,备注\nA12,70,\n"
    looked = look_scores(text, book(UNITS))
    assert looked.counts["new"] == 2 and not looked.counts["error"]
    richer = "加密号,成绩\nA11,60\n加密号,成绩,备注\nA12,70,\n"
    looked = look_scores(richer, book(UNITS))
    assert looked.header is not None and looked.header.last == 1, "the topmost whole header counts"
    assert looked.counts["new"] == 2 and not looked.counts["error"]


def test_scores_above_the_header_stop_the_list() -> None:
    looked = look_scores("甲,乙\nA11,60\nA12,70\n加密号,成绩\nA13,80\n", book(UNITS))
    assert looked.stopped and not looked.takes
    assert [where for where, code in found(looked) if code == "above_header"] == ["1", "2", "3"]


def test_a_row_of_the_list_is_never_taken_for_its_header() -> None:
    """Without a header somebody says what the columns mean: then the first row would be lost unseen."""
    looked = look_scores("A11,60\nA12,61\n", book(UNITS), ("who", "value"))
    assert looked.stopped and not looked.scores
    assert ("B1", "header_is_row") in found(looked)
    named = look_scores("甲,乙\nA11,60\nA12,61\n", book(UNITS), ("who", "value"))
    assert named.counts["new"] == 2
