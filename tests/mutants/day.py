"""Mutants of a day beside the marks: clocks, announcements, incidents, check-in."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

SAID = "tests/compsys/test_announcing.py"
HAPPENED = "tests/compsys/test_incidents.py"
FLOOR = "tests/web/test_incidents.py"

MUTANTS = [
    Mutant(
        "a chief speaks to other stages",
        "compsys/announcing.py",
        'if cmd.to != own and not cmd.to.startswith(f"{own}/"):',
        "if not cmd.to:",
        f"{SAID}::test_who_may_announce_what",
    ),
    Mutant(
        "what one seat read is read for all",
        "compsys/announcing.py",
        "if for_seat(word.to, seat) and seat not in word.read",
        "if for_seat(word.to, seat) and not word.read",
        f"{SAID}::test_an_announcement_is_for_all_a_trade_a_stage_or_a_seat_until_it_is_read",
    ),
    Mutant(
        "a penalty needs nobody else",
        "compsys/incidents.py",
        "    if cmd.confirmed_by == ask.call.actor.id:\n",
        "    if False:\n",
        f"{HAPPENED}::test_a_penalty_needs_a_second_person_and_moves_the_component",
    ),
    Mutant(
        "an incident is decided twice",
        "compsys/incidents.py",
        "    if found.outcome:\n",
        "    if False:\n",
        f"{HAPPENED}::test_extra_time_that_is_decided_counts_as_any_other_credit",
    ),
    Mutant(
        "the floor is told names under blind marking",
        "web/floor.py",
        "if stream.blind or entry is None:",
        "if entry is None:",
        f"{FLOOR}::test_the_floor_asks_who_and_how_late_and_is_told_no_name_while_marking_is_blind",
    ),
]
