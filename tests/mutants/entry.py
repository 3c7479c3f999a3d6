"""Mutants of entering: tables, blank, the tolerance bar, questions, words, benches, proposals."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

GRID = "tests/web/test_seat_grid.py"
ENTRY = "tests/web/test_seat_entry.py"
REACH = "tests/web/test_seat_reach.py"
TOLERANCE = "tests/scoring_rules/test_tolerance.py"
INCIDENTS = "tests/compsys/test_incidents.py"

MUTANTS = [
    Mutant(
        "a value typed into a table is lost when the judge goes on",
        "web/static/seat_cells.js",
        "    if (moves && from && was && !this.entered(from, was)) return;\n",
        "",
        f"{GRID}::test_arrows_lead_through_all_cells_and_take_what_was_typed",
    ),
    Mutant(
        "every cell is drawn anew with each tap",
        "web/static/seat_grid.js",
        "  if (held?.of === of) return held.tree;\n",
        "",
        f"{GRID}::test_of_six_hundred_cells_only_the_rows_that_change_are_drawn",
    ),
    Mutant(
        "a figure is added to the value that stands",
        "web/static/seat.js",
        "    const anew = !this.ui.pads.has(name) && /^[0-9.]$/.test(key);\n",
        "    const anew = false;\n",
        f"{GRID}::test_a_figure_upon_a_value_begins_a_new_one",
    ),
    Mutant(
        "a blank is a zero",
        "web/static/seat_entry.js",
        "onclick: () => app.give(aspect, null) }",
        'onclick: () => app.give(aspect, "0") }',
        f"{ENTRY}::test_a_value_is_taken_back_by_a_key_and_blank_is_not_zero",
    ),
    Mutant(
        "a number far from the others is not asked about",
        "web/static/seat_unusual.js",
        "  if (others.length < 2) return null;\n",
        "  if (others.length < 200) return null;\n",
        f"{ENTRY}::test_a_number_far_from_the_others_is_asked_about_once_and_holds_nothing_back",
    ),
    Mutant(
        "the bar shows the whole mark where a part is earned",
        "scoring_rules/tolerance.py",
        '        return "full" if mark == maximum else "part" if mark > 0 else ""\n',
        '        return "full" if mark > 0 else ""\n',
        f"{TOLERANCE}::test_a_number_inside_a_piece_earns_what_it_says_and_outside_nothing",
    ),
    Mutant(
        "errors stand without words",
        "compsys/marking.py",
        'return e.Refused("reason_missing") if needs_reason(aspect.measure, cmd.value) else None\n',
        "return None\n",
        f"{ENTRY}::test_errors_stand_only_with_words_where_the_scheme_asks",
    ),
    Mutant(
        "the bench of another station is shown",
        "compsys/views.py",
        'session.benches.get(unit.stations.get(sheet.session, "")) if session else None',
        "next(iter(session.benches.values()), None) if session else None",
        f"{REACH}::test_a_bench_is_told_by_a_word_and_its_colour",
    ),
    Mutant(
        "any report becomes a status",
        "compsys/incidents.py",
        "    if found.kind not in PROPOSALS:\n        return",
        "    if not found.kind:\n        return",
        f"{INCIDENTS}::test_a_judge_proposes_what_a_competitor_is_and_the_chief_decides",
    ),
]
