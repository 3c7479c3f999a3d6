"""Mutants of the way of a promotion: two people, notice, filings, numbers, corrections, keys."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

WAY = "tests/compsys/test_credential_way.py"
KILLS = "tests/compsys/test_credential_kills.py"
ISSUING, NOTICES = "compsys/credentials/issuing.py", "compsys/credentials/notices.py"
OFFICES, PROPOSALS = "compsys/credentials/offices.py", "compsys/credentials/proposals.py"

MUTANTS = [
    Mutant(
        "an open appeal holds nothing back",
        "compsys/credentials/appeals.py",
        "if not a.outcome and where_of(a) == where",
        "if a.outcome and where_of(a) == where",
        "tests/compsys/test_appeals.py::test_nothing_is_issued_while_an_appeal_is_open[rejected]",
    ),
    Mutant(
        "who proposed approves",
        NOTICES,
        'return e.Refused("same_person") if who == batch.by else None',
        "return None",
        f"{WAY}::test_two_people_and_the_second_is_an_officer_who_did_not_propose",
    ),
    Mutant(
        "anybody with an account approves",
        NOTICES,
        "if account is None or OFFICER not in account.roles:",
        "if account is None:",
        f"{WAY}::test_two_people_and_the_second_is_an_officer_who_did_not_propose",
    ),
    Mutant(
        "levels are approved on the last day of the notice",
        NOTICES,
        "today <= batch.notices[-1].until",
        "today < batch.notices[-1].since",
        f"{WAY}::test_a_notice_runs_working_days_and_an_upheld_objection_makes_a_new_version",
    ),
    Mutant(
        "an objection that nobody answered does not hold the approval up",
        NOTICES,
        "[o.n for o in batch.objections.values() if o.upheld is None]",
        "[o.n for o in batch.objections.values() if o.upheld]",
        f"{WAY}::test_a_notice_runs_working_days_and_an_upheld_objection_makes_a_new_version",
    ),
    Mutant(
        "an identity that nobody looked at passes",
        NOTICES,
        "wrong += [code for code in unknown if code in BLOCKING_UNKNOWN]",
        "pass",
        f"{WAY}::test_an_officer_answers_for_who_they_are_where_nobody_looked",
    ),
    Mutant(
        "an expired filing still covers",
        OFFICES,
        "if day > filing.until:",
        "if day > filing.until and False:",
        f"{WAY}::test_the_filing_is_looked_at_again_on_the_day_of_issue_each_fault_by_its_own_sentence",
    ),
    Mutant(
        "any level of a filed occupation is covered",
        OFFICES,
        "if level not in levels:",
        "if not levels:",
        f"{WAY}::test_the_filing_is_looked_at_again_on_the_day_of_issue_each_fault_by_its_own_sentence",
    ),
    Mutant(
        "a body without a filing proposes levels",
        PROPOSALS,
        'if cmd.paper == "level" and issuer.filing is None:',
        "if False:",
        f"{WAY}::test_an_issuer_gives_levels_only_under_a_filing_of_that_day",
    ),
    Mutant(
        "protected words pass",
        OFFICES,
        "return next((word for word in protected(text) if word not in allowed), \"\")",
        'return ""',
        f"{WAY}::test_protected_words_need_an_authorisation_that_stands_in_the_journal",
    ),
    Mutant(
        "whoever trained a person assesses",
        "compsys/credentials/checks.py",
        "return not any(body in assessing or trainer in assessing for body, trainer in trained)",
        "return True",
        f"{WAY}::test_what_speaks_against_a_row_keeps_it_out_and_what_nobody_knows_is_said",
    ),
    Mutant(
        "an open incident does not stop the issue",
        ISSUING,
        "if open_questions(ask.state, batch.basis):",
        "if False:",
        f"{WAY}::test_nothing_is_issued_while_an_incident_of_the_stage_is_open",
    ),
    Mutant(
        "a batch of a corrected result goes on",
        NOTICES,
        "if newest != basis.version:",
        "if newest < basis.version:",
        f"{WAY}::test_a_batch_of_a_result_that_was_corrected_stops",
    ),
    Mutant(
        "a correction issues everything anew",
        PROPOSALS,
        "elif (before.results, before.award, before.direction) != (row.results, row.award, row.direction):",
        "else:",
        f"{WAY}::test_a_corrected_result_touches_exactly_the_credentials_it_changes",
    ),
    Mutant(
        "who lost the level by a correction keeps the certificate",
        PROPOSALS,
        "        if person not in seen:\n            yield _revoking(",
        "        if False:\n            yield _revoking(",
        f"{WAY}::test_a_corrected_result_touches_exactly_the_credentials_it_changes",
    ),
    Mutant(
        "a void number is given again",
        ISSUING,
        "self.held.serials.get(within, 0)) + 1",
        "self.held.serials.get(within, 0) - len(self.held.void)) + 1",
        f"{WAY}::test_a_number_that_fails_is_void_with_its_reason_and_no_number_comes_twice",
    ),
    Mutant(
        "serials go on beyond their digits",
        ISSUING,
        "if serial > numbering.last(self.template):",
        "if serial > 10 * numbering.last(self.template):",
        f"{WAY}::test_serials_stop_at_their_last",
    ),
    Mutant(
        "the old print of a corrected credential stays good",
        ISSUING,
        "            _supersede(held, old, event.t)\n",
        "",
        f"{WAY}::test_a_medal_that_changes_is_the_same_credential_anew_and_the_old_print_is_superseded",
    ),
    Mutant(
        "a revoked key goes on signing",
        "compsys/state_credentials.py",
        "return not (self.retired or self.revoked)",
        "return True",
        f"{WAY}::test_a_compromised_key_holds_nothing_and_all_is_issued_anew_under_the_same_ids",
    ),
    Mutant(
        "a document that differs from what was signed is shown",
        "compsys/credentials/documents.py",
        "if digest(signed) != credential.sha:",
        "if False:",
        f"{WAY}::test_a_changed_name_is_said_and_a_reissue_keeps_the_number",
    ),
    Mutant(
        "what waits for its signature after a kill is forgotten",
        "compsys/credentials/working.py",
        "return [key for key, found in state.credentials.waiting.items() if found.batch == batch]",
        "return [k for k, f in state.credentials.waiting.items() if f.batch == batch and f.row % 2]",
        f"{KILLS}::test_a_batch_that_is_killed_is_resumed_with_no_number_lost_or_doubled",
    ),
]
