"""Mutants of the panel's work: the signing chain, what clerk and floor are told, escalation."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

APART = "tests/compsys/test_escalation.py"
LEAKS = "tests/leak/test_sealed_votes.py"
LEFT = "tests/compsys/test_late_and_left.py"
SIGNING = "tests/compsys/test_signing.py"

MUTANTS = [
    Mutant(
        "the links of a signing chain are signed in any order",
        "compsys/signing.py",
        "        if before not in sheet.steps:\n            return",
        "        if False:\n            return",
        f"{SIGNING}::test_the_links_are_signed_in_their_order_and_then_the_stage_locks",
    ),
    Mutant(
        "any lead countersigns any panel's sheet",
        "compsys/signing.py",
        "    if role == LEAD and ask.call.actor.id not in sheet.roster:\n",
        "    if False:\n",
        f"{SIGNING}::test_a_lead_of_another_panel_does_not_sign_for_this_one",
    ),
    Mutant(
        "what the supervisor hands back keeps the chief's signature",
        "compsys/signing.py",
        "chain[: chain.index(CHIEF)] if CHIEF in chain else chain\n",
        "chain\n",
        f"{SIGNING}::test_a_sheet_is_handed_back_to_the_chief_who_signs_again_or_returns_it",
    ),
    Mutant(
        "a mark of a judge who was rotated out counts",
        "compsys/marking.py",
        '    why = "left" if place.sheet.left and has_left(place.sheet, ask.call.actor.id) else ""\n',
        '    why = ""\n',
        f"{LEFT}::test_a_mark_of_a_judge_who_was_rotated_out_meanwhile_lies_in_the_tray",
    ),
    Mutant(
        "everybody hears what became of a late mark",
        "compsys/views.py",
        "        if late.by == seat and late.settled",
        "        if late.settled",
        f"{LEFT}::test_a_judge_hears_what_became_of_a_late_mark_and_nobody_else_does",
    ),
    Mutant(
        "who is recused joins in a rotation over all units",
        "compsys/rulings.py",
        "            skipped.append((sheet.unit, sheet.sub))\n            continue\n",
        "            skipped.append((sheet.unit, sheet.sub))\n",
        f"{LEFT}::test_a_rotation_passes_over_the_sheets_where_who_joins_is_recused",
    ),
    Mutant(
        "the median counts before the last round",
        "compsys/escalation.py",
        "    if round_ < rule.max_rounds:\n        return []\n",
        "",
        f"{APART}::test_the_median_counts_after_the_last_round_and_not_before",
    ),
    Mutant(
        "a second reserve joins instead of the chief deciding",
        "compsys/escalation.py",
        "and not joined else",
        "else",
        f"{APART}::test_a_reserve_joins_all_vote_again_sealed_and_then_the_chief_decides",
    ),
    Mutant(
        "votes stand under rules that do not allow it",
        "compsys/escalation.py",
        '    if place.rules.profile.judgement.over_spread != "override_with_reason":\n',
        "    if False:\n",
        f"{APART}::test_votes_that_are_apart_may_stand_with_words_where_the_rules_allow_it",
    ),
    Mutant(
        "a dropped judge is replaced by a reserve",
        "compsys/sessions.py",
        '    if recusal == "drop":\n',
        "    if False:\n",
        f"{APART}::test_what_a_recusal_does_to_a_panel_is_the_rule_books",
    ),
    Mutant(
        "the floor officer's tablet is told what the panel gave",
        "compsys/views.py",
        '    return found is not None and found.role in ("clerk", "floor")\n',
        "    return False\n",
        f"{LEAKS}::test_what_the_votes_were_is_told_once_all_have_voted",
    ),
    Mutant(
        "the clerk's page shows that votes are far apart",
        "web/clerk.py",
        'row["cells"][sub] | {"spread": []}',
        'row["cells"][sub]',
        "tests/web/test_clerk.py::test_that_votes_are_far_apart_is_not_the_clerks_to_know",
    ),
]
