"""Mutants of promotion proposals: official only, unknown is not none, once a year, names wait, lists add."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PROPOSING = "tests/compsys/test_proposing.py"
OFFICIAL = "tests/compsys/test_command_promote_official.py"
LEVELS = "tests/compsys/exchange/test_lists_levels.py"

MUTANTS = [
    Mutant(
        "a provisional result proposes levels",
        "compsys/proposing.py",
        'if newest.rank != "official":',
        'if newest.rank == "nothing":',
        f"{PROPOSING}::test_only_an_official_result_proposes_anything_and_the_others_say_why",
    ),
    Mutant(
        "an unknown level is taken for none",
        "compsys/exchange/promotions.py",
        'held = {"": None, NOTHING: ""}.get(',
        'held = {"": "", NOTHING: ""}.get(',
        f"{OFFICIAL}::test_each_person_gets_what_the_rules_give_for_place_and_level_held",
    ),
    Mutant(
        "a person of two trades is promoted twice a year",
        "compsys/proposing.py",
        "this_year=candidate.this_year + given",
        "this_year=candidate.this_year",
        f"{PROPOSING}::test_a_person_of_two_trades_is_promoted_once_by_the_higher_level",
    ),
    Mutant(
        "the first trade takes the year's promotion, not the higher level",
        "compsys/proposing.py",
        'key=lambda i: (-height(done[i].proposal.level or ""), i)',
        "key=lambda i: i",
        f"{PROPOSING}::test_a_person_of_two_trades_is_promoted_once_by_the_higher_level",
    ),
    Mutant(
        "a reserve is proposed",
        "compsys/proposing.py",
        'm.role != "reserve" and not m.until',
        "not m.until",
        f"{PROPOSING}::test_each_person_of_a_team_is_proposed_for_by_the_own_level_and_reserves_are_not",
    ),
    Mutant(
        "names stand in proposals while only the office has the result",
        "compsys/exchange/promotions.py",
        "return bool(stage and stage.blind) and not left_office(result, len(result.versions) - 1)",
        "return False",
        f"{OFFICIAL}::test_names_wait_until_the_official_result_has_left_the_office",
    ),
    Mutant(
        "a blank cell of a list says that no level is held",
        "compsys/exchange/lists_levels.py",
        '    if not said:\n        return ""\n',
        '    if not said:\n        return "none"\n',
        f"{LEVELS}::test_blank_is_unknown_and_none_is_none",
    ),
    Mutant(
        "a list overwrites the level that is registered",
        "compsys/exchange/lists_levels.py",
        "        if not now:\n",
        "        if now != said:\n",
        f"{LEVELS}::test_what_was_unknown_of_somebody_is_added_and_what_differs_stays",
    ),
    Mutant(
        "a coding officer reads the levels persons hold",
        "web/console_promotion.py",
        'get("/console/promotion", page, READERS)',
        'get("/console/promotion", page, READERS | {"coding_officer"})',
        "tests/web/test_console_promotion.py::test_the_office_reads_levels_reasons_and_counts_and_others_do_not",
    ),
]
