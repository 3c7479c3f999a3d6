"""Mutants of acceptance by own experts, of competitors' signatures, of the own expert's pages."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE = "tests/compsys/test_acceptance.py"
LEAKS = "tests/leak/test_own_expert.py"

MUTANTS = [
    Mutant(
        "any delegation's expert accepts any sheet",
        "compsys/acceptance.py",
        "entry is not None and recused(seat.affiliations, entry.delegation)\n",
        "entry is not None\n",
        f"{LEAKS}::test_the_own_codes_are_told_after_the_signatures_and_no_other_ever",
    ),
    Mutant(
        "a strange expert is told whether a sheet exists",
        "compsys/acceptance.py",
        "    if seat is None or unit is None or not own(ask.state, stream, seat, unit):\n",
        "    if seat is None or unit is None:\n",
        f"{CORE}::test_what_a_strange_expert_asks_says_nothing_of_other_delegations",
    ),
    Mutant(
        "a disputed sheet is locked",
        "compsys/acceptance.py",
        '    elif state == "disputed":\n        found.append("disputed")\n',
        "",
        f"{CORE}::test_a_disputed_sheet_is_locked_only_after_an_answer",
    ),
    Mutant(
        "an acceptance outlives a changed value",
        "compsys/asking.py",
        '    if (sheet.acceptance or sheet.heard) and aspect != ("",):\n',
        "    if False:\n",
        f"{CORE}::test_what_changes_a_value_takes_the_acceptance_away",
    ),
    Mutant(
        "an acceptance outlives a voided aspect",
        "compsys/rulings.py",
        "                unaccept(sheet)\n",
        "                pass\n",
        f"{CORE}::test_what_changes_a_value_takes_the_acceptance_away",
    ),
    Mutant(
        "a sheet is accepted before its signing chain is through",
        "compsys/acceptance.py",
        "    return sheet.complete and not unsigned(rules, sheet)\n",
        "    return sheet.complete\n",
        f"{CORE}::test_nothing_is_accepted_before_all_have_signed",
    ),
    Mutant(
        "half of the experts decide a dispute",
        "compsys/acceptance.py",
        "2 * cmd.votes_for <= cmd.votes_all",
        "2 * cmd.votes_for < cmd.votes_all",
        f"{CORE}::test_a_vote_is_more_than_half_of_the_experts",
    ),
    Mutant(
        "the competitor agrees with somebody else's code",
        "compsys/acceptance.py",
        '    if cmd.outcome == "agrees" and cmd.code.strip().upper() != place.unit.code.upper():\n',
        "    if False:\n",
        f"{CORE}::test_the_competitor_signs_what_was_measured_with_the_own_code",
    ),
    Mutant(
        "a competitor who refuses keeps the sheet from being locked",
        "compsys/acceptance.py",
        '    return sheet.heard.outcome if sheet.heard else "waiting"\n',
        '    return "agrees" if sheet.heard and sheet.heard.outcome == "agrees" else "waiting"\n',
        f"{CORE}::test_who_refuses_or_is_not_there_holds_nothing_back_but_it_is_said",
    ),
]
