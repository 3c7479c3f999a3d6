"""Mutants of the rule book: rounding, panels, places, medals, tables, promotion."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

RANKING = "tests/scoring_rules/test_ranking.py"
STANDINGS = "tests/scoring_rules/test_standings.py"
MEDALS = "tests/scoring_rules/test_medals.py"
PROMOTION = "tests/scoring_rules/test_promotion.py"
PROMISES = "tests/compsys/test_promises.py"

MUTANTS = [
    Mutant(
        "half rounds down",
        "scoring_rules/exact.py",
        "if 2 * rest >= denominator:",
        "if 2 * rest > denominator:",
        "scoring_rules/exact.py::scoring_rules.exact.round_half_up",
    ),
    Mutant(
        "sheet totals trimmed by aspect",
        "scoring_rules/judgement.py",
        "    return function([exact.total(seat.values()) for seat in seats], trim)",
        "    return exact.total(function(values, trim) for values in _by_aspect(rows.values()))",
        "scoring_rules/judgement.py::scoring_rules.judgement.panel_points",
    ),
    Mutant(
        "trimming drops every value equal to the highest",
        "scoring_rules/judgement.py",
        "    numerators.sort()\n",
        "    numerators = sorted(set(numerators))\n    n = len(numerators)\n",
        "scoring_rules/judgement.py::scoring_rules.judgement.trimmed_mean",
    ),
    Mutant(
        "a mean is a float",
        "scoring_rules/judgement.py",
        "    return Fraction(summed.numerator, summed.denominator * len(values))\n",
        "    return Fraction(summed.numerator / (summed.denominator * len(values)))\n",
        f"{PROMISES}::test_6_a_mean_keeps_what_no_float_can_hold",
    ),
    Mutant(
        "halves round to even",
        "scoring_rules/exact.py",
        "    if 2 * rest >= denominator:\n",
        "    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):\n",
        "scoring_rules/exact.py::scoring_rules.exact.round_half_up",
    ),
    # ---- places, medals, tables
    Mutant(
        "places behind a tie are not skipped",
        "scoring_rules/standings.py",
        'places = count(1) if joint == "dense" else',
        'places = count(1) if joint != "none" else',
        f"{STANDINGS}::test_the_three_ways_to_share_places",
    ),
    Mutant(
        "totals are compared before they are rounded",
        "scoring_rules/ranking.py",
        "    rounded = None if total is None else profile.rounding.total(total)\n",
        "    rounded = total\n",
        f"{RANKING}::test_totals_are_rounded_before_they_are_compared",
    ),
    Mutant(
        "an excluded entry keeps its place where others move up",
        "scoring_rules/ranking.py",
        "(stays and _vacates(m))]",
        "_vacates(m)]",
        f"{RANKING}::test_excluded_after_the_medals_moves_up_or_leaves_the_medal_vacant",
    ),
    Mutant(
        "others move up to a medal that stays vacant",
        "scoring_rules/medals.py",
        'if ineligible == "move_up" else list(contenders)',
        "",
        f"{RANKING}::test_excluded_after_the_medals_moves_up_or_leaves_the_medal_vacant",
    ),
    Mutant(
        "who may not be awarded hides a tie at an edge",
        "scoring_rules/ranking.py",
        '    if profile.medals.ineligible == "move_up" and not all(c.eligible for c in contenders):\n',
        "    if False:\n",
        f"{RANKING}::test_ties_at_an_edge_are_listed_before_release",
    ),
    Mutant(
        "the window of medals is chained",
        "scoring_rules/medals.py",
        "scored[end][0] - anchor <= wide",
        "scored[end][0] - (scored[end - 1][0] if end > start else anchor) <= wide",
        f"{MEDALS}::test_every_branch_of_the_window",
    ),
    Mutant(
        "the bronze behind three golds hangs on the first of them",
        "scoring_rules/medals.py",
        "bronzes = within(scored[silvers - 1][0], silvers)",
        "bronzes = within(scored[0][0], silvers)",
        f"{MEDALS}::test_every_branch_of_the_window",
    ),
    Mutant(
        "the median of an even field is the upper of the two",
        "scoring_rules/scale.py",
        "    return (low + high) // 2\n",
        "    return high\n",
        "tests/scoring_rules/test_scale.py::test_points_agree_with_the_plain_formula",
    ),
    Mutant(
        "a team's medal counts once per person",
        "scoring_rules/comparison.py",
        "            found.medals[medal] += count\n",
        "            found.medals[medal] += count * size\n",
        "tests/scoring_rules/test_comparison.py::test_the_reports_agree_with_a_plain_count_and_with_themselves",
    ),
    # ---- promotion
    Mutant(
        "a holder is proposed for a level below his own",
        "scoring_rules/promotion.py",
        "if height(held) >= height(level) else",
        "if held == level else",
        f"{PROMOTION}::test_nobody_is_proposed_for_a_level_at_or_below_his_own",
    ),
    Mutant(
        "twice in one year",
        "scoring_rules/promotion.py",
        "c.this_year >= rules.per_year:",
        "c.this_year > rules.per_year:",
        f"{PROMOTION}::test_whoever_was_promoted_this_year_waits_where_the_rule_says_so",
    ),
    Mutant(
        "who is excluded is proposed",
        "scoring_rules/promotion.py",
        '    if c.status != "ranked" or c.place is None:\n',
        "    if c.place is None:\n",
        f"{PROMOTION}::test_no_place_no_proposal",
    ),
    # ---- why, what if, what is certain
    Mutant(
        "an explanation shows the mark of another seat",
        "compsys/explain_marks.py",
        "value=sheet.revealed[(a.key, 0)][seat])",
        "value=max(sheet.revealed[(a.key, 0)].values(), key=int))",
        "tests/compsys/test_explain.py::test_the_steps_of_random_days_add_up",
    ),
    Mutant(
        "what is supposed becomes so",
        "compsys/whatif.py",
        "= dict(unit.statuses), dict(unit.adjustments), {}",
        "= unit.statuses, dict(unit.adjustments), {}",
        "tests/compsys/test_whatif.py::test_what_is_foretold_happens",
    ),
    Mutant(
        "what is missing adds nothing to the best total",
        "compsys/bounds.py",
        "        high += max(most, rules.profile.rounding.aspect(most))\n",
        "        high += ZERO\n",
        "tests/compsys/test_bounds.py::test_bounds_hold_on_days_cut_off_at_any_line",
    ),
]
