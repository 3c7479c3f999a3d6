"""Mutants of who goes on: the cut, moving up, what is carried, ties that somebody breaks."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ADVANCING = "tests/compsys/test_advancing.py"
TIES = "tests/compsys/test_ties.py"
CUTS = "tests/scoring_rules/test_cuts.py"
PLAIN = f"{ADVANCING}::test_a_plain_selection_finds_the_same"

MUTANTS = [
    Mutant(
        "a tie at the edge is cut through",
        "scoring_rules/cuts.py",
        "    while end < len(rows) and rows[end].place == place:\n        end += 1\n",
        "",
        f"{CUTS}::test_all_who_tie_at_the_cut_go_through_or_none",
    ),
    Mutant(
        "pool places come on top of the count",
        "scoring_rules/cuts.py",
        "max(0, rule.count - len(taken.ways))",
        "rule.count",
        PLAIN,
    ),
    Mutant(
        "who withdrew waits again",
        "scoring_rules/cuts.py",
        "    waiting = [entry for entry in selection.reserve if entry not in gone]\n",
        "    waiting = list(selection.reserve)\n",
        f"{CUTS}::test_the_next_moves_up_for_each_who_withdraws",
    ),
    Mutant(
        "a guest takes a place of the cut",
        "compsys/advancing.py",
        "    if guests:\n",
        "    if not guests:\n",
        f"{ADVANCING}::test_a_guest_takes_nobodys_place",
    ),
    Mutant(
        "a second decision forgets who withdrew",
        "compsys/advancing.py",
        "            went.withdrawn, went.moved = before.withdrawn, before.moved\n",
        "            went.moved = before.moved\n",
        f"{ADVANCING}::test_who_withdrew_stays_out_of_a_second_decision_until_named",
    ),
    Mutant(
        "somebody moves up by an old version",
        "compsys/advancing.py",
        "    if went.version != newest or",
        "    if went.version > newest or",
        f"{ADVANCING}::test_nobody_moves_up_without_a_decision_or_by_an_old_version",
    ),
    Mutant(
        "marking opens with somebody who withdrew",
        "compsys/opening.py",
        "        if cut is not None and unit.entry not in cut.entries:",
        "        if cut is not None and unit.entry in cut.entries and not unit.entry:",
        f"{ADVANCING}::test_a_withdrawal_after_the_draw_asks_for_another_draw_and_none_comes_after_the_opening",
    ),
    Mutant(
        "carried totals are not rescaled",
        "compsys/opening.py",
        '    if carry.how == "raw" or row.total is None:\n',
        '    if carry.how != "points" or row.total is None:\n',
        f"{ADVANCING}::test_totals_are_rescaled_to_the_maximum_of_the_component_exactly",
    ),
    Mutant(
        "a play-off moves who is not level",
        "compsys/ties.py",
        "    if loose:\n",
        "    if loose and not ask.now:\n",
        f"{TIES}::test_what_cannot_be_settled_is_refused",
    ),
    Mutant(
        "a tie is settled after the lock",
        "compsys/ties.py",
        '    if "stage" in stream.locks:\n        return e.Refused("locked"',
        '    if not stream.frozen:\n        return e.Refused("locked"',
        f"{TIES}::test_only_chief_and_organizer_settle_and_only_before_the_lock",
    ),
    Mutant(
        "bounds forget a play-off that may come",
        "compsys/bounds.py",
        '        return (NONE if "stage" in stream.locks else ALL), NONE\n',
        "        return NONE, NONE\n",
        f"{TIES}::test_bounds_hold_for_every_play_off_that_may_come",
    ),
    Mutant(
        "a final opens before the heat's rules are read",
        "compsys/folding.py",
        "    if isinstance(command, c.Open):",
        "    if isinstance(command, c.Credit):",
        "tests/compsys/test_folding.py::test_a_final_is_opened_and_a_tie_settled_on_no_more_than_they_say_they_read",
    ),
]
