"""Mutants of what is awarded in a competition: prizes, teams, what a correction takes and gives."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

AWARDING = "tests/compsys/test_awarding.py"
REAWARDING = "tests/compsys/test_reawarding.py"
TEAMS = "tests/compsys/test_team_lists.py"
BEST = "tests/compsys/test_boards_best.py"

MUTANTS = [
    Mutant(
        "a guest makes prizes more",
        "scoring_rules/field.py",
        'shares.field(("guest" if r.guest else r.status, r.size) for r in field.values())',
        "shares.field((r.status, r.size) for r in field.values())",
        f"{AWARDING}::test_a_guest_has_no_prize_and_makes_no_prize_more",
    ),
    Mutant(
        "a guest moves everybody's scale points",
        "scoring_rules/field.py",
        "    population = [r for r in population if not r.guest]\n",
        "",
        f"{AWARDING}::test_a_guest_changes_nobody_elses_scale_medal_or_prize",
    ),
    Mutant(
        "the place of an excluded entry closes up whatever the rules say",
        "compsys/scoring.py",
        'profile.medals.ineligible == "vacate"',
        'profile.medals.ineligible == "never"',
        f"{AWARDING}::test_after_an_exclusion_the_others_move_up_or_the_place_stays_empty",
    ),
    Mutant(
        "prizes are won in every stage",
        "compsys/awarding.py",
        '        row.prize = stands.prize if wins else ""\n',
        "        row.prize = stands.prize\n",
        f"{AWARDING}::test_no_prizes_before_the_last_stage_and_none_where_the_trade_gives_none",
    ),
    Mutant(
        "ties at the edge of a prize are not looked for",
        "scoring_rules/field.py",
        "    edges = prize_edges(profile, field)\n",
        "    edges: list[tuple[str, int]] = []\n",
        f"{AWARDING}::test_a_tie_at_the_edge_of_a_prize_is_told_before_release",
    ),
    Mutant(
        "a correction is held against a provisional version",
        "compsys/publishing.py",
        "reawarding.between(official[-1], rows, teams) if official else ()",
        "reawarding.between(result.versions[-1], rows, teams) if result.versions else ()",
        f"{REAWARDING}::test_a_provisional_version_between_is_passed_over",
    ),
    Mutant(
        "what a correction takes is told while the stage is open",
        "compsys/reawarding.py",
        'if official is None or any(stream.marking != "locked" for stream in streams):',
        "if official is None or not streams:",
        f"{REAWARDING}::test_nothing_is_told_while_the_stage_is_open_again",
    ),
    Mutant(
        "names stand beside what was lost inside the office",
        "compsys/exchange/results.py",
        "    entry = state.setup.entries.get(change.entry) if named else None\n",
        "    entry = state.setup.entries.get(change.entry)\n",
        f"{REAWARDING}::test_no_name_stands_beside_what_was_lost_before_the_result_left_the_office",
    ),
    Mutant(
        "a team with too few results has a place",
        "scoring_rules/derived.py",
        "if len(members) >= need}",
        "if members}",
        f"{TEAMS}::test_the_best_of_each_team_are_added_up_in_the_official_result",
    ),
    Mutant(
        "a guest counts for a team",
        "compsys/team_lists.py",
        "or not owner or entry.guest:",
        "or not owner:",
        f"{TEAMS}::test_a_guest_counts_for_no_team",
    ),
    Mutant(
        "a guest is a delegation's best",
        "compsys/boards_best.py",
        "entry.eligible and not entry.guest",
        "entry.eligible",
        f"{BEST}::test_a_guest_is_nobodys_best_and_a_trade_may_stay_out_of_it",
    ),
]
