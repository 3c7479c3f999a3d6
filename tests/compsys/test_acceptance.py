"""Acceptance by the competitor's own expert and the competitor's signature: who, when, what takes it away."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys import explain, explain_told, setup, views, words
from compsys.exchange import book
from compsys.sessions import incomplete
from scoring_rules.profiles import ProfileUnreadable, load, parse
from tests.world import MAIN, ORGANIZER, World, mark_all, set_up


def rule_book(more: str = 'acceptance = "own_expert"', profile: str = "worldskills-2026") -> str:
    """A rule book whose section on signing has these lines too."""
    text = load(profile).text.replace(f'id = "{profile}"', 'id = "own-rules"')
    assert "\nchain = [" in text
    return text.replace("\nchain = [", f"\n{more}\nchain = [")


def made(more: str = 'acceptance = "own_expert"', profile: str = "worldskills-2026", units: int = 2) -> World:
    """Units of delegations d1.., with an expert for d1 (x1) and for d2 (x2); the first one marked and
    signed."""
    world = set_up(World(), units, profile="own-rules", own=rule_book(more, profile))
    for i in range(1, min(units, 2) + 1):
        world.define("person", id=f"px{i}")
        world.define("judge", id=f"jx{i}", person=f"px{i}", affiliations=[f"d{i}", "employer:mill"])
        seat = {"trade": "cooking", "stage": "final", "label": f"X{i}", "role": "expert", "judge": f"jx{i}"}
        world.define("seat", id=f"x{i}", **seat)
    drawn = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, units + 1))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=drawn))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    mark_all(world, "u1")
    return world


def accept(unit: str = "u1", sub: str = "A1", yes: bool = True, words: str = "") -> e.Accept:
    return e.Accept(stream=MAIN, unit=unit, sub=sub, accept=yes, words=words)


def answer(outcome: str, words: str = "looked at again", votes: tuple[int, int] = (0, 0)) -> e.AnswerDispute:
    found: e.AnswerDispute = e.COMMAND_DECODER.decode(
        e.ENCODER.encode(
            {
                "c": "answer_dispute", "stream": MAIN, "unit": "u1", "sub": "A1", "outcome": outcome,
                "words": words, "votes_for": votes[0], "votes_all": votes[1],
            }
        )
    )  # type: ignore[assignment]  # the tag says which of the commands
    return found


def lacking(world: World, unit: str = "A11") -> list[tuple[str, str]]:
    """What keeps a unit's sheets from being locked."""
    return [(sub, why) for code, sub, why in incomplete(world.stream(), "stage") if code == unit]


@pytest.fixture
def world() -> World:
    return made()


def test_a_signed_sheet_waits_for_the_own_expert_and_for_nobody_elses(world: World) -> None:
    assert lacking(world) == [(sub, "not_accepted") for sub in ("A1", "B1", "C1")]
    assert world.refused(world.seat("chief"), e.Lock(stream=MAIN, scope="sheet:u1.A1")) == "incomplete"
    for stranger in ("x2", "s1", "chief"):
        code = world.refused(world.seat(stranger), accept())
        assert code == ("unknown_unit" if stranger == "x2" else "not_allowed")
    for sub in ("A1", "B1", "C1"):
        world.do(world.seat("x1"), accept(sub=sub))
    assert lacking(world) == []
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="sheet:u1.A1"))
    assert world.refused(world.seat("x1"), accept(yes=False, words="late")) == "locked"


def test_nothing_is_accepted_before_all_have_signed() -> None:
    world = made(profile="cn-national")
    assert world.refused(world.seat("x1"), accept()) == "not_signed"
    assert (("A1", "not_signed") in lacking(world)) and ("A1", "not_accepted") not in lacking(world)
    supervisor = e.Actor(kind="account", id="ou", roles=("supervisor",))
    links = ((world.seat("s1"), "lead"), (world.seat("chief"), "chief"), (supervisor, "supervisor"))
    for actor, step in links:
        assert world.refused(world.seat("x1"), accept()) == "not_signed"
        world.do(actor, e.Sign(stream=MAIN, unit="u1", sub="A1", seat=step, step=step))
    assert ("A1", "not_accepted") in lacking(world)
    world.do(world.seat("x1"), accept())
    assert world.refused(world.seat("x2"), accept("u2")) == "not_signed"


def test_what_a_strange_expert_asks_says_nothing_of_other_delegations(world: World) -> None:
    for unit, sub in (("u1", "A1"), ("u1", "Z9"), ("nobody", "A1")):
        found = world.send(world.call(world.seat("x2"), accept(unit, sub)))
        assert (found.code, found.params) == ("unknown_unit", {"unit": unit})


def test_a_disputed_sheet_is_locked_only_after_an_answer(world: World) -> None:
    assert world.refused(world.seat("x1"), accept(yes=False)) == "reason_missing"
    world.do(world.seat("x1"), accept(yes=False, words="the photograph shows four"))
    assert ("A1", "disputed") in lacking(world)
    assert world.refused(world.seat("x1"), accept(yes=False, words="again")) == "already_accepted"
    back = e.Return(stream=MAIN, unit="u1", sub="A1", reason="just so")
    assert world.refused(world.seat("chief"), back) == "disputed"
    assert world.refused(world.seat("x1"), answer("stands")) == "not_allowed"
    assert world.refused(world.seat("chief"), answer("stands", " ")) == "reason_missing"
    world.do(world.seat("chief"), answer("stands"))
    assert "A1" not in dict(lacking(world))
    held = world.sheet("u1", "A1").acceptance
    assert held is not None
    assert held.state == "stands"
    assert (held.dispute, held.words) == ("the photograph shows four", "looked at again")
    assert world.refused(world.seat("chief"), answer("stands")) == "not_disputed"
    assert world.refused(world.seat("x1"), accept()) == "already_accepted"


@pytest.mark.parametrize("votes", [(3, 6), (7, 6), (1, 0)])
def test_a_vote_is_more_than_half_of_the_experts(world: World, votes: tuple[int, int]) -> None:
    world.do(world.seat("x1"), accept(yes=False, words="no"))
    assert world.refused(world.seat("chief"), answer("stands", votes=votes)) == "vote_short"
    world.do(world.seat("chief"), answer("stands", votes=(4, 6)))
    held = world.sheet("u1", "A1").acceptance
    assert held is not None and held.votes == (4, 6)


def test_a_dispute_is_withdrawn_by_accepting(world: World) -> None:
    world.do(world.seat("x1"), accept(yes=False, words="no"))
    world.do(world.seat("x1"), accept())
    assert "A1" not in dict(lacking(world))


def test_a_returned_sheet_waits_again_once_it_is_signed_again(world: World) -> None:
    world.do(world.seat("x1"), accept(yes=False, words="count them again"))
    world.do(world.seat("chief"), answer("returned", "the panel counts again"))
    sheet = world.sheet("u1", "A1")
    assert sheet.returned == "the panel counts again" and not sheet.complete
    assert ("A1", "not_signed") in lacking(world)
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "A1").a == "accepted"
    assert ("A1", "not_accepted") in lacking(world)
    assert sheet.acceptance is not None and sheet.acceptance.state == "void"
    world.do(world.seat("x1"), accept())
    assert "A1" not in dict(lacking(world))


def test_what_changes_a_value_takes_the_acceptance_away(world: World) -> None:
    for sub in ("A1", "B1", "C1"):
        world.do(world.seat("x1"), accept(sub=sub))
    void = e.Void(stream=MAIN, what="aspect:A1.J2", full=True, reason="the lamp broke")
    world.do(world.seat("chief"), void)
    assert lacking(world) == [("A1", "not_accepted")]
    world.do(world.seat("x1"), accept())
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="C1", reason="C1.P1 was mistyped"))
    assert world.mark("s2", "u1", "C1.P1", "9").a == "accepted"
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "C1").a == "accepted"
    assert lacking(world) == [("C1", "not_accepted")]


def test_a_status_or_a_stranger_sheet_takes_nothing_away(world: World) -> None:
    for sub in ("A1", "B1", "C1"):
        world.do(world.seat("x1"), accept(sub=sub))
    mark_all(world, "u2")
    for status in ("not_finished", None):
        told = e.SetStatus(stream=MAIN, unit="u1", scope="stage", status=status, reason="the bell")
        world.do(world.seat("chief"), told)
    assert lacking(world) == []


def test_a_sheet_of_somebody_who_is_out_waits_for_no_expert(world: World) -> None:
    gone = e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="withdrawn", reason="ill")
    world.do(world.seat("chief"), gone)
    assert lacking(world) == []
    assert world.refused(world.seat("x1"), accept()) == "not_signed"


def test_the_day_ends_also_when_no_expert_comes(world: World) -> None:
    world.do(world.seat("x1"), accept())
    world.do(world.seat("x1"), accept(sub="B1", yes=False, words="no"))

    def miss(*sheets: tuple[str, str], reason: str = "went home at six") -> e.MissExpert:
        return e.MissExpert(stream=MAIN, sheets=sheets, reason=reason)

    chief = world.seat("chief")
    assert world.refused(chief, miss(("u1", "C1"), reason=" ")) == "reason_missing"
    assert world.refused(chief, miss()) == "unknown_sheet"
    for sub in ("A1", "B1"):  # accepted, disputed: neither is missed
        assert world.refused(chief, miss(("u1", sub))) == "not_signed"
    assert world.refused(world.seat("s1"), miss(("u1", "C1"))) == "not_allowed"
    world.do(chief, miss(("u1", "C1")))
    assert dict(lacking(world)) == {"B1": "disputed"}
    world.do(world.seat("x1"), accept(sub="C1"))  # came after all
    held = world.sheet("u1", "C1").acceptance
    assert held is not None and held.state == "accepted"


def test_the_open_part_of_no_line_says_whose_expert_it_was(world: World) -> None:
    world.do(world.seat("x1"), accept(yes=False, words="of delegation one"))
    world.do(world.seat("chief"), answer("stands"))
    world.do(world.seat("x1"), accept(sub="B1"))
    for _, _, _, event, _ in world.lines[-3:]:
        said = e.ENCODER.encode(event).decode()
        assert "x1" not in said and "d1" not in said and "delegation" not in said


def test_rules_that_do_not_ask_leave_everything_as_it_was() -> None:
    world = made("")
    assert lacking(world) == []
    assert world.refused(world.seat("x1"), accept()) == "not_asked"
    assert "acceptance" not in str(views.chief_matrix(world.state, world.stream()))


# ---------------------------------------------------------------- the competitor's signature


def hears(outcome: str = "agrees", code: str = "a11", words: str = "", sub: str = "B1") -> e.CompetitorSigns:
    return e.CompetitorSigns(stream=MAIN, unit="u1", sub=sub, outcome=outcome, code=code, words=words)  # type: ignore[arg-type]  # one of the three


def test_the_competitor_signs_what_was_measured_with_the_own_code() -> None:
    world = made('competitor = "measured"')
    assert lacking(world) == [("B1", "competitor_unsigned")]
    assert world.refused(world.seat("s1"), hears(sub="A1")) == "not_asked"
    assert world.refused(world.seat("s1"), hears(code="A12")) == "code_differs"
    assert world.refused(world.seat("clerk"), hears()) == "not_allowed"
    assert world.refused(world.seat("s4"), hears()) == "not_yours"
    world.do(world.seat("s1"), hears())
    assert lacking(world) == []


@pytest.mark.parametrize("outcome", ["refuses", "absent"])
def test_who_refuses_or_is_not_there_holds_nothing_back_but_it_is_said(outcome: str) -> None:
    world = made('competitor = "all"')
    assert [why for _, why in lacking(world)] == ["competitor_unsigned"] * 3
    assert world.refused(world.seat("s2"), hears(outcome, "")) == "reason_missing"
    world.do(world.seat("s2"), hears(outcome, "", "says that there were four"))
    assert [sub for sub, _ in lacking(world)] == ["A1", "C1"]
    heard = world.sheet("u1", "B1").heard
    assert heard is not None and (heard.outcome, heard.words) == (outcome, "says that there were four")
    told = [kind for _, _, kind, _, _ in world.stream().history]
    assert told[-1] == f"competitor_{outcome}"


def test_a_changed_sheet_is_signed_again_by_the_competitor() -> None:
    world = made('competitor = "measured"')
    assert world.refused(world.seat("s1"), hears(sub="B1", code="")) == "code_differs"
    world.do(world.seat("s1"), hears())
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="B1", reason="count again"))
    assert world.refused(world.seat("s1"), hears()) == "not_signed"
    assert world.mark("s2", "u1", "B1.M2", "4").a == "accepted"
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "B1").a == "accepted"
    assert lacking(world) == [("B1", "competitor_unsigned")]
    world.do(world.seat("chief"), hears("absent", "", "left with the bus"))
    assert lacking(world) == []


# ---------------------------------------------------------------- where it is told


def test_the_book_tells_disputes_with_answer_and_vote_and_counts_the_rest() -> None:
    world = made('acceptance = "own_expert"\ncompetitor = "measured"', units=1)
    world.do(world.seat("x1"), accept(yes=False, words="the photograph shows four"))
    world.do(world.seat("chief"), answer("stands", "counted again", (4, 6)))
    world.do(world.seat("x1"), accept(sub="B1"))
    miss = e.MissExpert(stream=MAIN, sheets=(("u1", "C1"),), reason="went home at six")
    world.do(world.seat("chief"), miss)
    world.do(world.seat("s1"), hears())
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    told = book.data(world.state, {}.get, "cooking", "final", "open")
    section = next(one for one in told["sections"] if one["title"] == "book.acceptance")
    said = str(section["rows"])
    for one in ("the photograph shows four", "counted again", "went home at six", "'for': '4', 'all': '6'"):
        assert one in said
    assert [row[2]["n"] for row in section["rows"] if row[2].get("code") == "book.sheets_n"] == ["1", "1"]
    assert "told.competitor_agrees" in said and "X1" not in said


def test_a_book_of_rules_that_do_not_ask_has_no_such_section() -> None:
    world = made("", units=1)
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    told = book.data(world.state, {}.get, "cooking", "final", "open")
    assert "book.acceptance" not in [one["title"] for one in told["sections"]]


def test_an_explanation_says_what_was_said_to_a_sheet() -> None:
    world = made('acceptance = "own_expert"\ncompetitor = "measured"', units=1)
    world.do(world.seat("x1"), accept(sub="B1"))
    world.do(world.seat("s1"), hears("refuses", "", "no"))
    (target,) = explain.find(world.state, "cooking", "final", "open", "A11")
    found = explain.explain(world.state, target, "office")
    assert found is not None
    lines = explain_told.lines(found, "en")
    (said,) = [line for line in lines if line.strip().startswith("B1 ")]
    assert words.say("told.accepted", "en") in said
    assert words.say("told.competitor_refuses", "en") in said
    assert words.say("told.accepted", "en") not in "".join(line for line in lines if line != said)


def test_the_set_up_says_which_delegations_have_no_expert() -> None:
    world = set_up(World(), 3, profile="own-rules", own=rule_book())
    world.define("person", id="px")
    world.define("judge", id="jx", person="px", affiliations=["employer:mill"])
    world.define("seat", id="x1", trade="cooking", stage="final", role="expert", judge="jx")
    found = {p.code: dict(p.params) for p in setup.problems(world.state)}
    assert "setup.expert_of_nobody" in found
    assert found["setup.delegation_without_expert"] == {"delegation": "d1", "delegations": "3"}


def test_the_tablet_is_told_the_competitors_word_and_clerk_and_floor_no_words() -> None:
    world = made('competitor = "measured"')
    world.do(world.seat("s1"), hears("refuses", "", "says that there were four"))
    for seat in ("s2", "clerk"):
        seen = views.sheet_for(world.state, world.stream(), "u1", "B1", f"cooking/final/{seat}")
        assert seen["heard"] == "refuses" and "four" not in str(seen)
    assert "heard" not in views.sheet_for(world.state, world.stream(), "u1", "A1", "cooking/final/s2")


@pytest.mark.parametrize("line", ['acceptance = "anybody"', 'competitor = "some"', 'shows = "names"'])
def test_a_rule_book_with_another_word_is_not_read(line: str) -> None:
    with pytest.raises(ProfileUnreadable) as found:
        parse(rule_book(line))
    assert [problem.code for problem in found.value.problems] == ["profile_unknown_name"]
