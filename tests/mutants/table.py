"""The table of mutants: what to break, and which test must fail for it.

Add one by copying a line: `old` must stand exactly once in `file`, `test` is a pytest node id.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One breakage: in `file`, the text `old` becomes `new`, and `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str


PROMISES = "tests/compsys/test_promises.py"
MARKS = "tests/compsys/test_core_marks.py"
CORNERS = "tests/compsys/test_core_corners.py"
RESULTS = "tests/compsys/test_core_results.py"
JOURNAL = "tests/compsys/test_journal.py"
PLACES = "tests/compsys/test_journal_places.py"
BOARDS = "tests/compsys/test_boards.py"
GUARD = "tests/web/test_guard.py"
REDIS = "tests/compsys/test_bus_redis.py"
FOLDING = "tests/compsys/test_folding.py"
DESKS = "tests/compsys/test_desks.py"
MOVING = "tests/compsys/test_moving.py"

MUTANTS: list[Mutant] = [
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
        "commits are not synced",
        "compsys/journal.py",
        '    "synchronous=FULL",\n',
        '    "synchronous=NORMAL",\n',
        "tests/faults/test_powercut.py::test_what_was_told_survives_20_power_cuts",
    ),
    Mutant(
        "what a kill left unsynced is told",
        "compsys/journal.py",
        "        self.checkpoint()\n        meta = dict(",
        "        meta = dict(",
        "tests/faults/test_powercut.py::test_what_was_read_after_a_kill_survives_a_power_cut",
    ),
    Mutant(
        "a forged head is let in",
        "compsys/journal_base.py",
        "            if after != head:\n",
        "            if after.n != head.n:\n",
        "tests/compsys/test_journal.py::test_a_collision_leaves_only_its_stream_out",
    ),
    Mutant(
        "a failed handle goes on",
        "compsys/journal.py",
        "        self._failure = as_commit_failed(error)\n        raise self._failure from error",
        "        raise as_commit_failed(error) from error",
        "tests/faults/test_disk_failures.py::test_a_database_that_may_not_grow_is_full",
    ),
    Mutant(
        "withheld bytes stay in the log",
        "compsys/journal.py",
        "        self.checkpoint()  # the log holds the bytes until it is emptied\n",
        "",
        "tests/compsys/test_journal_sqlite.py::test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies",
    ),
    Mutant(
        "a line may move to another stream",
        "compsys/seal.py",
        ' + b"/" + stream.encode()).digest()',
        ").digest()",
        "tests/compsys/test_journal.py::test_the_walk_names_the_first_line_that_does_not_follow",
    ),
    Mutant(
        "the closed part is outside the seal",
        "compsys/seal.py",
        "    return sha256(prev + sha256(open).digest() + closed_digest).digest()",
        "    return sha256(prev + sha256(open).digest()).digest()",
        "tests/compsys/test_verify.py::test_a_good_journal_is_good_as_directory_database_export_and_backup",
    ),
    Mutant(
        "an erased person's key is kept",
        "compsys/vault.py",
        '"DELETE FROM keys WHERE person = ?"',
        '"DELETE FROM keys WHERE person = ? AND 0"',
        "tests/compsys/test_vault.py::test_erasing_is_final_in_the_directory_and_in_older_backups",
    ),
    Mutant(
        "a swapped identity passes",
        "compsys/verify_identity.py",
        ".hex() != committed:",
        '.hex() == "":',
        "tests/compsys/test_verify.py::test_a_swapped_identity_is_named",
    ),
    # ---- exactly once, and the disk before the answer
    Mutant(
        "an answer leaves before the commit",
        "compsys/desk.py",
        "        if lines or audits:\n            try:\n",
        "        self._open_gate(answers, bells)\n        if lines or audits:\n            try:\n",
        f"{PROMISES}::test_4_no_answer_and_no_bell_leaves_before_its_line_is_on_disk",
    ),
    Mutant(
        "readers do not wait for the commit",
        "compsys/desk.py",
        "        self._settled.clear()\n        for waiting in batch:",
        "        for waiting in batch:",
        f"{PROMISES}::test_4_nobody_reads_a_line_that_is_not_on_disk",
    ),
    Mutant(
        "a refusal of a lost commit is kept",
        "compsys/desk.py",
        "            self._refused.forget(waiting.call.key)\n",
        "            pass\n",
        f"{PROMISES}::test_4_what_a_full_disk_did_not_take_was_never_decided",
    ),
    Mutant(
        "a key is applied twice",
        "compsys/core.py",
        "    if kept is not None:\n",
        "    if kept is not None and kept.h != digest:\n",
        f"{MARKS}::test_the_same_key_again_gives_the_same_answer_and_changes_nothing",
    ),
    Mutant(
        "a key may be reused for other content",
        "compsys/core.py",
        ' if kept.h == digest else Refused("key_reused")',
        "",
        f"{MARKS}::test_a_key_with_other_content_is_refused",
    ),
    Mutant(
        "keys are forgotten at a restart",
        "compsys/holding.py",
        "        state.ladders.clear()\n",
        "        state.ladders.clear()\n        keys.keep(())\n",
        f"{PROMISES}::test_3_a_key_is_known_after_a_restart_and_other_content_under_it_is_audited",
    ),
    Mutant(
        "a refused key is decided again",
        "compsys/desk.py",
        "        if known is not None and call.key not in self.state.keys:\n",
        "        if known is not None and call.key in self.state.keys:\n",
        f"{PROMISES}::test_3_a_refusal_is_final_for_its_key_also_after_a_restart",
    ),
    Mutant(
        "refusals are forgotten at a restart",
        "compsys/holding.py",
        "                self._refused.remember(entry)\n            self._names",
        "                pass\n            self._names",
        f"{PROMISES}::test_3_a_refusal_is_final_for_its_key_also_after_a_restart",
    ),
    Mutant(
        "a stream is in the state before it is folded to its end",
        "compsys/folding.py",
        "        if self._stale(part) or part.n < part.upto:\n",
        "        if self._stale(part):\n",
        f"{FOLDING}::test_in_whatever_order_streams_are_touched_the_state_is_one",
    ),
    Mutant(
        "a call does not wait for its stream",
        "compsys/desk.py",
        "        if self.folding.rest and not (batch := self._ready(batch)):\n",
        "        if not batch:\n",
        f"{FOLDING}::test_a_key_of_a_stream_that_is_not_folded_gets_its_answer_again",
    ),
    Mutant(
        "a stream that is folded later is not checked",
        "compsys/folding.py",
        "                check(self.n, self.head, line)\n",
        "",
        f"{FOLDING}::test_a_broken_stream_is_found_and_nothing_is_taken_for_it",
    ),
    Mutant(
        "what a failed commit left in memory is kept",
        "compsys/holding.py",
        "        kept = same if sure else set()\n",
        "        kept = set(heads) if sure else set()\n",
        f"{FOLDING}::test_after_a_fault_only_what_was_being_written_is_folded_anew",
    ),
    Mutant(
        "a key has one answer though two were given",
        "compsys/core.py",
        "state.keys.find(call.key, digest)",
        "state.keys.find(call.key)",
        f"{FOLDING}::test_a_key_used_in_two_streams_before_both_were_folded_keeps_both_answers",
    ),
    Mutant(
        "an older connection still writes",
        "compsys/desk.py",
        "        if not self.current(call.device, waiting.conn):",
        "        if False:",
        f"{PROMISES}::test_3_an_older_connection_of_a_device_writes_nothing",
    ),
    Mutant(
        "what is written is not committed",
        "compsys/journal.py",
        '            yield self._db\n            self._db.execute("COMMIT")\n',
        '            yield self._db\n            self._db.execute("ROLLBACK")\n',
        f"{JOURNAL}::test_what_was_written_is_there_after_opening_again",
    ),
    Mutant(
        "a line written behind the journal's back goes unnoticed",
        "compsys/journal.py",
        "                if lines and _insert(db, lines) != places.last + len(lines):\n",
        "                if lines and not _insert(db, lines):\n",
        f"{JOURNAL}::test_a_line_that_is_there_unexpectedly_is_never_written_over",
    ),
    Mutant(
        "a place that lies is believed",
        "compsys/journal_places.py",
        "                if row[1] != n or row[0] != stream:\n",
        "                if row[1] != n:\n",
        f"{PLACES}::test_a_place_that_lies_is_never_believed_and_the_verifier_says_so",
    ),
    Mutant(
        "lines are placed twice",
        "compsys/journal.py",
        "        if full:\n            places.wrote()\n",
        "",
        f"{PLACES}::test_it_reads_like_a_plain_list",
    ),
    Mutant(
        "the verifier leaves places out",
        "compsys/verify.py",
        "        report.problems += source.misplaced()\n",
        "        pass\n",
        f"{PLACES}::test_a_place_that_lies_is_never_believed_and_the_verifier_says_so",
    ),
    Mutant(
        "an upgrade is not one transaction",
        "compsys/journal.py",
        "            for statement in tables.places_creation():\n                db.execute(statement)\n",
        "            for statement in tables.places_creation():\n                db.execute(statement)\n"
        "            db.execute(\"COMMIT\")\n            db.execute(\"BEGIN\")\n",
        "tests/faults/test_powercut.py::test_what_was_told_by_an_older_program_survives_cuts_of_the_upgrade",
    ),
    Mutant(
        "a withheld part breaks the chain",
        "compsys/seal.py",
        "        if closed is not None and sha256(closed)",
        '        if sha256(closed or b"")',
        "tests/compsys/test_journal_sqlite.py::test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies",
    ),
    # ---- marks: sealed votes, conflicts, late ones
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
        " and not recused(s.affiliations, delegation)]",
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
    # ---- numbers
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
    # ---- locks, imports, results
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
    Mutant(
        "an official result follows newer arithmetic",
        "compsys/boards_feed.py",
        "    if released is not None:\n",
        '    if released is not None and released[0].rank != "official":\n',
        f"{PROMISES}::test_12_newer_arithmetic_never_changes_an_official_result",
    ),
    # ---- hidden means not sent; the doors
    Mutant(
        "a name stands in a judge's frame",
        "compsys/views.py",
        '        "stage": stage.name if stage else {},\n',
        '        "stage": stage.name if stage else {},\n'
        '        "who": [delegation.name for delegation in state.setup.delegations.values()],\n',
        f"{PROMISES}::test_8_no_entry_no_person_and_no_delegation_reaches_a_seat_under_blind_marking",
    ),
    Mutant(
        "an entry stands in a judge's frame",
        "compsys/views.py",
        '        "code": unit.code,\n        "sub": sheet.sub,\n',
        '        "code": unit.code,\n        "entry": unit.entry,\n        "sub": sheet.sub,\n',
        f"{PROMISES}::test_8_no_entry_no_person_and_no_delegation_reaches_a_seat_under_blind_marking",
    ),
    Mutant(
        "a public picture counts lines",
        "compsys/boards.py",
        '        "as_of": fed.as_of,\n        "note"',
        '        "as_of": fed.as_of,\n'
        '        "n": sum(s.n for s in state.streams_of(topic.trade, topic.stage)),\n        "note"',
        f"{PROMISES}::test_8_a_line_that_feeds_nothing_changes_no_byte_of_a_public_picture",
    ),
    Mutant(
        "a sealed vote moves the clock of a board",
        "compsys/boards_feed.py",
        "        return _REVEALED if isinstance(event.value, str) or event.value is None else ()\n",
        "        return _BOTH\n",
        f"{PROMISES}::test_8_a_line_that_feeds_nothing_changes_no_byte_of_a_public_picture",
    ),
    Mutant(
        "the public's feed level is ignored",
        "compsys/boards_feed.py",
        "    setting = level_of(feed, audience)\n",
        '    setting = "revealed"\n',
        f"{BOARDS}::test_an_unsigned_sheet_feeds_nothing_that_the_public_sees",
    ),
    Mutant(
        "the freeze is ignored",
        "compsys/boards_feed.py",
        '    cut = audience != "office" and any(stream.standstill for stream in streams)\n',
        "    cut = False\n",
        f"{BOARDS}::test_a_frozen_picture_does_not_move_by_a_byte_and_goes_on_afterwards",
    ),
    Mutant(
        "a revoked device still acts",
        "compsys/people.py",
        "    if device.revoked:\n",
        "    if False:\n",
        f"{RESULTS}::test_a_revoked_device_acts_no_more",
    ),
    Mutant(
        "any site may open a socket",
        "web/guard.py",
        "        if writes and (len(origin) != 1 or origin[0] not in self.origins):\n",
        "        if False:\n",
        f"{GUARD}::test_a_socket_from_another_origin_or_from_none_is_refused_before_it_opens",
    ),
    Mutant(
        "forms need no token",
        "web/access.py",
        '        if declared.method == "POST" and who.actor is not None and not await carries(',
        "        if False and not await carries(",
        f"{GUARD}::test_a_form_needs_the_token_of_its_own_login",
    ),
    Mutant(
        "every role may use every route",
        "web/access.py",
        "        who = came.acting(declared.roles)\n        if who is None:\n",
        "        who = came.acting(declared.roles) or came\n        if who is None:\n",
        f"{GUARD}::test_roles_that_are_not_declared_are_refused_everywhere",
    ),
    Mutant(
        "desks hear what others wrote before it is their turn",
        "compsys/journal_postgres.py",
        'start = b"BEGIN; SELECT pg_advisory_xact_lock(%d); " % self._turn\n',
        'start = b"BEGIN; "\n',
        f"{DESKS}::test_a_desk_that_sits_on_its_turn_loses_it",
    ),
    Mutant(
        "what other desks wrote is not folded",
        "compsys/holding.py",
        "        for line in news.lines:\n",
        "        for line in ():\n",
        f"{DESKS}::test_what_one_desk_wrote_the_other_decides_on",
    ),
    Mutant(
        "refusals of other desks are not heard",
        "compsys/holding.py",
        "        for entry in news.refusals:\n",
        "        for entry in ():\n",
        f"{DESKS}::test_a_refusal_at_one_desk_is_final_at_the_other",
    ),
    Mutant(
        "a tablet's older connection at another desk still writes",
        "compsys/desk.py",
        '            self._notices.append(Notice("device", device))\n',
        "",
        f"{DESKS}::test_a_tablet_at_the_other_desk_fences_its_older_connection",
    ),
    Mutant(
        "a COMMIT that undid everything counts",
        "compsys/postgres.py",
        'if result.command_status != b"COMMIT" or self._warning:',
        "if self._warning:",
        f"{DESKS}::test_a_commit_that_the_server_undid_is_no_commit",
    ),
    Mutant(
        "what is read at a start may be missing at the standby",
        "compsys/journal_postgres.py",
        "b\"BEGIN; SELECT pg_logical_emit_message(true, 'compsys', 'opened')\"",
        'b"BEGIN"',
        "tests/compsys/test_standby.py::test_without_its_synchronous_standby_nothing_is_accepted",
    ),
    Mutant(
        "an older journal in the place of ours goes unnoticed",
        "compsys/journal_postgres.py",
        "        if newest[0] < before[0]:\n",
        "        if False:\n",
        f"{DESKS}::test_an_older_journal_in_its_place_is_noticed",
    ),
    Mutant(
        "lines of a commit in doubt are told to nobody",
        "compsys/holding.py",
        "if stand.get(name) == at and told.get(name) == at.n}",
        "if stand.get(name) == at}",
        f"{DESKS}::test_a_commit_whose_end_nobody_heard_is_looked_up",
    ),
    Mutant(
        "the password is noted in the directory",
        "compsys/stores.py",
        "    note_database(directory, journal.place)\n",
        "    note_database(directory, url)\n",
        f"{DESKS}::test_the_directory_knows_its_database_and_not_the_password",
    ),
    Mutant(
        "what was moved away can be opened",
        "compsys/journal_postgres.py",
        '            if "moved" in meta:\n',
        "            if False:\n",
        f"{MOVING}::test_there_and_back_everything_is_the_same",
    ),
    Mutant(
        "what arrived is not compared",
        "compsys/moving.py",
        "        if one != other:\n",
        "        if False:\n",
        f"{MOVING}::test_what_arrives_otherwise_is_noticed_and_the_first_stays",
    ),
    Mutant(
        "a desk that lost the lease writes on",
        "compsys/bus_redis.py",
        """SET = \"\"\"
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis""",
        """SET = \"\"\"
if redis""",
        f"{REDIS}::test_a_desk_that_was_away_sets_no_older_picture",
    ),
    Mutant(
        "a change is patched into whatever is held",
        "compsys/bus_mirror.py",
        'if held is not None and change and held.cursor == fields[b"b"].decode():',
        "if held is not None and change:",
        f"{REDIS}::test_whatever_happens_what_is_held_ends_as_what_is_drawn",
    ),
    Mutant(
        "a public process without Redis says nothing",
        "compsys/bus_mirror.py",
        "return None if seen is not None and self.seconds() - seen <= GRACE else at",
        "return None if seen is not None else at",
        f"{REDIS}::test_it_says_as_of_when_it_was_the_newest_and_stops_when_it_is_again",
    ),
    Mutant(
        "a stranger makes the desk draw what is not there",
        "compsys/bus_mirror.py",
        "if not lists(self.held[HOME].picture, topic):",
        "if False:",
        f"{REDIS}::test_what_does_not_exist_is_never_asked_for",
    ),
]
