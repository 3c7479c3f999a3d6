"""Mutants of marking and results: votes, late marks, scores, locks, versions."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PROMISES = "tests/compsys/test_promises.py"
MARKS = "tests/compsys/test_core_marks.py"
CORNERS = "tests/compsys/test_core_corners.py"
RESULTS = "tests/compsys/test_core_results.py"

MUTANTS = [
    Mutant(
        "votes are revealed before all have voted",
        "compsys/marking.py",
        "        elif (aspect, seat) not in sheet.excused:\n            return []\n",
        "",
        f"{MARKS}::test_a_vote_stays_sealed_until_the_whole_roster_has_voted",
    ),
    Mutant(
        "a sealed vote stands in the open part",
        "compsys/marking.py",
        "        value=UNSET if sealed else cmd.value,\n",
        "        value=cmd.value,\n",
        f"{MARKS}::test_a_vote_is_in_the_closed_part_of_its_line_only",
    ),
    Mutant(
        "the head that is told runs past a sealed vote",
        "compsys/state.py",
        "        return self.waiting[0] - 1 if self.waiting else self.n\n",
        "        return self.n\n",
        f"{MARKS}::test_no_seal_that_depends_on_a_sealed_vote_reaches_a_seat",
    ),
    Mutant(
        "a late vote is not sealed",
        "compsys/marking.py",
        '    if method != "agreed" and (event.aspect, shown) not in sheet.revealed:\n',
        "    if False:\n",
        f"{CORNERS}::test_a_late_value_that_is_left_out_holds_nothing_back",
    ),
    Mutant(
        "the last write wins",
        "compsys/marking.py",
        '        return "" if base == (cell.rev if cell else 0) else "conflict"\n',
        '        return ""\n',
        f"{MARKS}::test_two_values_on_one_base_are_both_kept_and_the_judge_chooses",
    ),
    Mutant(
        "a late mark is applied by itself",
        "compsys/marking.py",
        "    if why:\n        late = ",
        "    if not fate and not why:\n        late = ",
        f"{MARKS}::test_marks_after_the_lock_go_to_the_tray_and_are_never_applied_by_themselves",
    ),
    Mutant(
        "a spread that is too large is legal",
        "compsys/marking.py",
        "        legal=apart <= rule.max_spread,\n",
        "        legal=True,\n",
        f"{MARKS}::test_a_spread_is_discussed_and_voted_again_until_the_rounds_are_used",
    ),
    Mutant(
        "a recused judge is on the roster",
        "compsys/sessions.py",
        " and s not in out_]",
        "]",
        f"{MARKS}::test_a_judge_of_the_same_delegation_is_not_on_the_roster",
    ),
    Mutant(
        "a clerk confirms the own keying",
        "compsys/rulings.py",
        "    if ask.call.actor.id in place.sheet.keyers[cmd.seat]:\n",
        "    if False:\n",
        f"{MARKS}::test_keyed_paper_needs_a_second_reader",
    ),
    Mutant(
        "a blank counts as zero points",
        "compsys/scoring.py",
        "            if value is not None:\n                row[aspect.key] = parse(value)\n",
        '            row[aspect.key] = parse(value or "0")\n',
        f"{PROMISES}::test_7_a_seat_with_an_excused_hole_is_left_out_and_not_counted_as_zero",
    ),
    Mutant(
        "an absent entry has zero",
        "compsys/scoring.py",
        '    if status == "zeroed":\n        return _weighted',
        "    if status:\n        return _weighted",
        f"{PROMISES}::test_7_zeroed_is_a_zero_and_absent_is_nothing",
    ),
    Mutant(
        "one mark costs every unit",
        "compsys/asking.py",
        "    stream.units[sheet.unit].scores.clear()\n    stream.dirty.add(sheet.unit)\n",
        "    for unit in stream.units.values():\n        unit.scores.clear()\n"
        "    stream.dirty.update(stream.units)\n",
        f"{PROMISES}::test_10_a_mark_costs_the_path_it_changes",
    ),
    Mutant(
        "a score outlives the mark it rests on",
        "compsys/asking.py",
        "    sheet.scores.clear()\n    stream.units[sheet.unit].scores.clear()\n",
        "    stream.units[sheet.unit].scores.clear()\n",
        f"{RESULTS}::test_the_trimmed_mean_is_of_sheet_totals",
    ),
    Mutant(
        "a stage with holes can be locked",
        "compsys/sessions.py",
        "    missing = incomplete(stream, cmd.scope)\n",
        "    missing: list[tuple[str, str, str]] = []\n",
        f"{RESULTS}::test_a_hole_keeps_the_stage_open_until_somebody_gives_a_reason",
    ),
    Mutant(
        "an import counts before its second check",
        "compsys/importing.py",
        "    stream.imports[n] = Import(event.component, event.digest, event.rows, closed.actor)\n",
        "    stream.imports[n] = Import(event.component, event.digest, event.rows, closed.actor)\n"
        "    for unit_id, value, status in event.rows:\n"
        "        stream.units[unit_id].imported[event.component] = (value, status)\n"
        "        touch_unit(stream, stream.units[unit_id])\n",
        f"{RESULTS}::test_imported_scores_count_after_a_second_check_and_absent_is_not_zero",
    ),
    Mutant(
        "the same person confirms",
        "compsys/publishing.py",
        "        if cmd.confirmed_by == ask.call.actor.id:\n            return",
        "        if False:\n            return",
        f"{RESULTS}::test_official_needs_a_lock_and_a_second_person",
    ),
    Mutant(
        "a correction overwrites v1",
        "compsys/publishing.py",
        "    result.versions.append(event)\n",
        "    result.versions[:] = [event]\n",
        f"{RESULTS}::test_a_correction_adds_v2_and_v1_stays_readable",
    ),
]
