"""The codes of refusals about assessments without a competition; no tablet ever says one of them."""

from __future__ import annotations

CODES: tuple[str, ...] = (
    # the rules' own (scoring_rules.assessment, assessors, conferring)
    "assessment.assess_decimals", "assessment.assess_entered", "assessment.assess_kept",
    "assessment.assess_no_part", "assessment.assess_number", "assessment.assess_range",
    "assessment.assessor_grade", "assessment.assessor_in_a_row", "assessment.assessor_kin",
    "assessment.assessor_self", "assessment.assessor_term", "assessment.confer_appointed",
    "assessment.confer_body", "assessment.confer_examined", "assessment.confer_no_certificate",
    "assessment.level_unknown", "assessment.panel_even", "assessment.panel_small", "assessment.panel_twice",
    "assessment.panel_unchanged", "assessment.trainer_body", "assessment.trainer_issuer",
    "assessment.trainer_person", "assessment.watch_small",
    # a batch
    "assessment.assessor_unknown", "assessment.day", "assessment.issuer_unknown", "assessment.not_filed",
    "assessment.person_unknown", "assessment.rules", "assessment.site_unknown",
    "assessment.supervisor_missing", "assessment.supervisor_sits", "assessment.twice", "assessment.unknown",
    # candidates and marks
    "assessment.candidate_twice", "assessment.candidate_unknown", "assessment.held_enough",
    "assessment.mark_twice", "assessment.not_eligible", "assessment.not_entered", "assessment.not_staff",
    "assessment.nothing_entered", "assessment.nothing_to_check", "assessment.reason",
    # confirmation
    "assessment.confirmed", "assessment.differs", "assessment.frozen", "assessment.hole",
    "assessment.no_candidates", "assessment.nobody_passed", "assessment.not_confirmed",
    "assessment.paper_missing", "assessment.too_early", "assessment.typed_once", "assessment.uncleared",
    # findings
    "assessment.finding_closed", "assessment.finding_unanswered", "assessment.finding_unknown",
)  # fmt: skip
"""Each has its sentence and what to do in the catalogue, in zh-CN and en."""
