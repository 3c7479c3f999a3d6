"""Mutants of assessments without a competition: kept parts, panels, admission, two persons, supervision."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

RULES = "tests/scoring_rules/test_assessment.py"
CORE = "tests/compsys/test_assessing.py"
ROAD = "tests/compsys/test_assessed.py"
TYPED = "tests/compsys/test_command_assess.py"
ASSESSMENT = "scoring_rules/assessment.py"
ASSESSORS = "scoring_rules/assessors.py"
CONFERRING = "scoring_rules/conferring.py"
ASSESSING = "compsys/assessing.py"
ASSESSED = "compsys/assessed.py"

MUTANTS = [
    Mutant(
        "sixty itself does not pass",
        ASSESSMENT,
        "return mark >= rule.needed",
        "return mark > rule.needed",
        f"{RULES}::test_sixty_passes_and_fifty_nine_point_nine_does_not",
    ),
    Mutant(
        "a kept pass is gone on its last day",
        ASSESSMENT,
        '            if day <= until:\n                return Standing("kept"',
        '            if day < until:\n                return Standing("kept"',
        f"{RULES}::test_a_kept_pass_counts_on_its_last_day_and_not_the_day_after",
    ),
    Mutant(
        "a failed resit leaves the other parts kept",
        ASSESSMENT,
        "over = over or tries + 1 >= exam.resits",
        "over = over or tries + 1 > exam.resits + 9",
        f"{ROAD}::test_a_failed_resit_leaves_nothing_kept",
    ),
    Mutant(
        "cheating is a part failed like any other",
        ASSESSMENT,
        'over = over or (mark == "zeroed" and exam.zeroed == "ends")',
        "over = over or False",
        f"{RULES}::test_what_is_kept_and_taken_again_agrees_with_a_second_reading",
    ),
    Mutant(
        "a hole is taken for a part that nobody entered for",
        ASSESSMENT,
        "if any(p.passed is None and p.part in taken for p in parts):",
        "if any(p.passed is None and p.part not in taken for p in parts) and not parts:",
        f"{RULES}::test_a_hole_is_waited_for_and_is_no_zero",
    ),
    Mutant(
        "an even review panel sits",
        ASSESSORS,
        "elif part.odd and len(panel) % 2 == 0:",
        "elif part.odd and len(panel) % 2 == 9:",
        f"{RULES}::test_each_offence_of_a_panel_has_its_own_code",
    ),
    Mutant(
        "somebody sits a fourth time in a row",
        ASSESSORS,
        "if len(before) >= run and all(",
        "if len(before) > run and all(",
        f"{CORE}::test_panels_of_a_body_change_by_half_and_nobody_sits_four_times_in_a_row",
    ),
    Mutant(
        "a panel need not change",
        ASSESSORS,
        "return 100 * new >= rules.panels.changed_percent * len(persons)",
        "return new >= 0",
        f"{CORE}::test_panels_of_a_body_change_by_half_and_nobody_sits_four_times_in_a_row",
    ),
    Mutant(
        "a term runs a day too long",
        ASSESSORS,
        "years_on(since, years).toordinal() - 1)",
        "years_on(since, years).toordinal())",
        f"{RULES}::test_a_term_ends_by_its_own_end_and_after_three_years_whichever_comes_first",
    ),
    Mutant(
        "who taught a candidate assesses him",
        ASSESSORS,
        "if assessor.person in one.trainer_persons:",
        "if assessor.person == one.trainer_persons:",
        f"{RULES}::test_who_trained_a_candidate_is_neither_issuer_nor_in_the_panel",
    ),
    Mutant(
        "thirty-one candidates are watched by two",
        ASSESSORS,
        "-(-candidates // part.room)",
        "candidates // part.room",
        f"{RULES}::test_invigilators_are_one_to_fifteen_and_never_one_alone",
    ),
    Mutant(
        "a third party appoints a special-grade technician",
        CONFERRING,
        "if body not in rule.bodies:",
        "if not body:",
        f"{RULES}::test_every_level_says_who_confers_it",
    ),
    Mutant(
        "what nobody stated is taken for missing",
        CONFERRING,
        "if not known.held_stated:",
        "if known.held_stated is None:",
        f"{RULES}::test_what_nobody_stated_is_neither_met_nor_missing",
    ),
    Mutant(
        "an employer assesses anybody",
        ASSESSING,
        'if kind == "Y" and not row.staff:',
        'if kind == "" and not row.staff:',
        f"{CORE}::test_a_candidate_who_may_not_be_is_refused_by_its_own_code",
    ),
    Mutant(
        "training that the register knows does not count",
        ASSESSING,
        "noted = state.credentials.trained.get(row.person, ())",
        "noted = state.credentials.trained.get(row.home, ())",
        f"{CORE}::test_training_that_was_noted_elsewhere_counts_as_what_the_list_says",
    ),
    Mutant(
        "a body opens what it is not filed for",
        ASSESSING,
        "    if fault is not None:\n        return e.Refused(fault[0], fault[1])\n",
        "",
        f"{CORE}::test_a_batch_that_may_not_be_is_refused_by_its_own_code",
    ),
    Mutant(
        "a supervisor sits in the panel",
        ASSESSING,
        "        if person in sat:\n",
        "        if not person:\n",
        f"{CORE}::test_a_batch_that_may_not_be_is_refused_by_its_own_code",
    ),
    Mutant(
        "confirmed marks change without a reason",
        ASSESSING,
        "if held.versions and not cmd.reason.strip():",
        "if not held.versions and held.reason == cmd.batch:",
        f"{ROAD}::test_a_correction_proposes_only_what_it_changes_and_takes_back_what_was_not_earned",
    ),
    Mutant(
        "who answered a finding closes it",
        ASSESSING,
        "if cmd.close and ask.call.actor.id in {account for _, account, _ in found.answers}:",
        'if cmd.close and ask.call.actor.id == "":',
        f"{CORE}::test_an_open_severe_finding_freezes_the_batch_until_another_person_closes_it",
    ),
    Mutant(
        "marks typed once count",
        ASSESSED,
        'if one.via == "typed":',
        'if one.via == "":',
        f"{CORE}::test_what_is_typed_is_typed_by_two_and_a_difference_is_shown_until_it_is_settled",
    ),
    Mutant(
        "who imported marks confirms them",
        ASSESSED,
        'return "same_person" if account == who else ""',
        'return ""',
        f"{CORE}::test_who_entered_the_marks_alone_does_not_confirm_them",
    ),
    Mutant(
        "of two marks that differ the later one counts",
        ASSESSED,
        "for person, part, said in apart(held):",
        "for person, part, said in ():",
        f"{CORE}::test_what_is_typed_is_typed_by_two_and_a_difference_is_shown_until_it_is_settled",
    ),
    Mutant(
        "a severe finding freezes nothing",
        "compsys/state_assessment.py",
        'if f.severity == "severe" and not f.closed_by',
        'if f.severity == "fatal" and not f.closed_by',
        f"{CORE}::test_an_open_severe_finding_freezes_the_batch_until_another_person_closes_it",
    ),
    Mutant(
        "certificates are numbered while a severe finding is open",
        "compsys/credentials/checks.py",
        'return ["finding" for _ in held.severe] if held is not None else []',
        "return []",
        f"{ROAD}::test_a_severe_finding_after_the_proposals_keeps_them_from_being_issued",
    ),
    Mutant(
        "proposals of a corrected version go on",
        "compsys/credentials/notices.py",
        "        if newest == basis.version:\n            return None\n",
        "        if newest >= basis.version:\n            return None\n",
        f"{ROAD}::test_proposals_of_a_version_that_was_corrected_go_no_further",
    ),
    Mutant(
        "who failed is proposed",
        ASSESSED,
        'if row.result == "passed"]',
        'if row.result != "waiting"]',
        f"{ROAD}::test_where_nobody_passed_nothing_is_proposed",
    ),
    Mutant(
        "the public record changes with a later finding",
        ASSESSED,
        "for found in held.findings.values() if found.n < outcome.n)",
        "for found in held.findings.values())",
        f"{ROAD}::test_the_public_record_tells_nobody_s_marks_and_stays_as_it_was",
    ),
    Mutant(
        "an old certificate of another level passes",
        "compsys/exchange/lists_candidates.py",
        'if said not in ("", "none") and by_number and said != by_number:',
        "if by_number and not by_number:",
        f"{TYPED}::test_each_row_that_may_not_be_admitted_says_why_by_name_and_none_of_the_list_is_taken",
    ),
    Mutant(
        "a list with a wrong row enters the others' marks",
        "compsys/commandline/assess_desk.py",
        'told["takes"] = bool(found) and not look.stopped and not look.counts["error"]',
        'told["takes"] = bool(found) and not look.stopped',
        f"{TYPED}::test_marks_typed_twice_show_where_they_differ_and_a_wrong_row_enters_nothing",
    ),
]
