"""Mutants of pictures, totals on the tablet, scanned benches, calibration."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE = "tests/compsys/test_evidence.py"
ROUTES = "tests/web/test_evidence.py"

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
]
