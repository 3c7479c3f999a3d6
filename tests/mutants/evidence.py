"""Mutants of pictures, totals on the tablet, scanned benches, calibration."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE = "tests/compsys/test_evidence.py"
ROUTES = "tests/web/test_evidence.py"
TOTAL = "tests/compsys/test_own_total.py"
BENCH = "tests/web/test_seat_bench.py"
OFFSETS = "tests/compsys/test_calibration.py"

MUTANTS = [
    Mutant(
        "a picture is seen before its vote",
        "compsys/pictures.py",
        'return method == "agreed" or (aspect, 0 if method == "points" else round_) in sheet.revealed',
        "return True",
        f"{CORE}::test_a_picture_is_as_sealed_as_the_vote_it_is_pinned_to",
    ),
    Mutant(
        "pictures of points are seen one by one",
        "compsys/pictures.py",
        'return method == "agreed" or (',
        'return method != "judgement" or (',
        f"{CORE}::test_points_keep_their_pictures_sealed_until_all_have_signed",
    ),
    Mutant(
        "a tablet brings pictures that no mark names",
        "web/evidence.py",
        "    if not named:\n",
        "    if False:\n",
        f"{ROUTES}::test_a_picture_comes_after_its_mark_and_is_seen_after_the_reveal",
    ),
    Mutant(
        "anything is taken for a picture",
        "web/evidence.py",
        "if not evidence.kind_of(data) or evidence.plain(data) != data:",
        "if not data:",
        f"{ROUTES}::test_what_is_no_picture_or_tells_of_its_camera_is_not_taken_from_a_tablet",
    ),
    Mutant(
        "a late mark loses its picture",
        "compsys/marking.py",
        "late, secret=cmd.value, text=cmd.note, files=cmd.files)",
        "late, secret=cmd.value, text=cmd.note)",
        f"{CORE}::test_a_mark_that_comes_late_still_names_its_picture",
    ),
    Mutant(
        "a backup leaves the pictures behind",
        "compsys/commandline/copying.py",
        "pictures = Evidence(directory).copy_to(to)",
        "pictures = 0",
        f"{ROUTES}::test_backup_verify_and_doctor_know_the_pictures",
    ),
    Mutant(
        "the verifier looks at no picture's bytes",
        "compsys/verify.py",
        "bad = [sha for sha in there if _digest(folder / sha).hex() != sha]",
        "bad: list[str] = []",
        f"{ROUTES}::test_backup_verify_and_doctor_know_the_pictures",
    ),
    Mutant(
        "a running total counts a vote before its reveal",
        "compsys/own_total.py",
        'if aspect.method != "points":',
        'if aspect.method == "agreed":',
        f"{TOTAL}::test_it_adds_what_the_seat_gave_and_what_is_open_to_it",
    ),
    Mutant(
        "a running total counts any seat's points",
        "compsys/own_total.py",
        "cell = sheet.cells.get((aspect.key, seat, sheet.rounds.get(aspect.key, 1)))",
        "cell = next((c for (a, _, _), c in sheet.cells.items() if a == aspect.key), None)",
        f"{TOTAL}::test_it_adds_what_the_seat_gave_and_what_is_open_to_it",
    ),
    Mutant(
        "a running total is shown whatever the rules say",
        "compsys/views.py",
        "if marks and self._rules.profile.extras.own_total:",
        "if marks:",
        f"{TOTAL}::test_no_rule_book_shows_it_unless_it_says_so",
    ),
    Mutant(
        "the wrong bench is taken for the right one",
        "web/static/seat_bench.js",
        'unit === here.unit ? "right" : "other"',
        '"right"',
        f"{BENCH}::test_the_wrong_bench_is_one_band_across_the_page",
    ),
    Mutant(
        "offsets are told before all have signed",
        "compsys/calibration.py",
        "    if not samples or waiting(samples):\n",
        "    if not samples:\n",
        f"{OFFSETS}::test_offsets_are_there_when_the_last_has_signed_and_not_before",
    ),
    Mutant(
        "a calibration is forgotten by a restart",
        "compsys/calibrating.py",
        "                sample.again(",
        "                repr(",
        f"{OFFSETS}::test_a_restart_finds_what_was_taken_and_the_chief_said",
    ),
    Mutant(
        "whoever is left out goes on",
        "web/calibration.py",
        "if self.seat not in self.held.samples or self.held.said.closed:",
        "if self.held.said.closed:",
        "tests/web/test_calibration.py::test_a_judge_who_is_left_out_gives_nothing_more",
    ),
]
