"""Mutants of a panel's one tablet."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PANEL = "tests/compsys/test_panel_tablet.py"

PAGE = "tests/web/test_seat_panel.py"

MUTANTS = [
    Mutant(
        "whoever holds the panel's tablet signs for all",
        "web/static/seat.js",
        "sheet.state !== \"locked\" && this.ui.turn !== this.seat;",
        "sheet.state !== \"locked\" && false;",
        f"{PAGE}::test_by_keys_alone_a_panel_is_entered_and_each_seat_signs_in_its_turn",
    ),
    Mutant(
        "the lead's tablet is told what a seat gave on its own",
        "compsys/panel_tablet.py",
        '    by_lead = cell.via == "panel" and cell.by == lead\n',
        "    by_lead = True\n",
        f"{PANEL}::test_what_a_seat_gave_on_its_own_tablet_is_as_sealed_to_the_lead_as_to_all",
    ),
    Mutant(
        "the lead's tablet is told a second value of somebody else",
        "compsys/panel_tablet.py",
        "for other in cell.others if other.by == lead]",
        "for other in cell.others]",
        f"{PANEL}::test_a_second_value_of_a_seats_own_tablet_is_not_told_either",
    ),
    Mutant(
        "a spare tablet builds on nothing",
        "compsys/panel_tablet.py",
        "    if by_lead or blank or others:\n",
        "    if blank or others:\n",
        f"{PANEL}::test_what_the_lead_entered_comes_back_to_the_lead_alone",
    ),
]
