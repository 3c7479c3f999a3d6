"""Mutants of tablets on bad lines, of what their frames hold, of what they load."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

HOLE = "tests/web/test_seat_black_hole.py"
FORTY = f"{HOLE}::test_forty_taps_in_a_black_hole_arrive_once_and_in_order"

MUTANTS = [
    Mutant(
        "a dead line is noticed after a minute",
        "web/static/seat_link.js",
        "const DEAD_AFTER = 6000;",
        "const DEAD_AFTER = 60000;",
        FORTY,
    ),
    Mutant(
        "what waited leaves the tablet last first",
        "web/static/seat_send.js",
        "...records.filter((record) => !record.answer)];",
        "...records.filter((record) => !record.answer).toReversed()];",
        FORTY,
    ),
    Mutant(
        "what others gave stands beside their names in a judge's frame",
        "compsys/views.py",
        '                "signed": s in sheet.signed,\n',
        '                "signed": s in sheet.signed,\n'
        '                "gave": [c.value for (_, by, _), c in sheet.cells.items() if by == s],\n',
        "tests/web/test_seat_frames.py::test_no_frame_of_a_sealed_vote_holds_anothers_value_or_a_name",
    ),
    Mutant(
        "a tablet has no words for refusals",
        "compsys/words.py",
        "            if code in CODES or code in quoted or code.startswith(begun)\n",
        "            if code in quoted or code.startswith(begun)\n",
        "tests/web/test_statics.py::test_a_tablets_words_hold_what_it_can_say_and_hear",
    ),
]
