"""Mutants of tablets that take a seat over, and of marks that could not be sent."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ACCOUNTS = "tests/web/test_accounts.py"
DEVICES = "tests/web/test_seat_devices.py"
LIVE = "tests/web/test_live.py"

MUTANTS = [
    Mutant(
        "a tablet whose seat has moved still signs",
        "compsys/people.py",
        "    if device.superseded and not isinstance(call.command, e.Mark):\n",
        "    if False:\n",
        f"{ACCOUNTS}::test_an_old_tablet_with_unsent_marks_may_send_them_and_nothing_else",
    ),
    Mutant(
        "a spare tablet cuts off what the old one holds",
        "compsys/enrolment.py",
        "kind = e.DeviceSuperseded if marks else e.DeviceRevoked\n",
        "kind = e.DeviceRevoked\n",
        f"{ACCOUNTS}::test_an_old_tablet_with_unsent_marks_may_send_them_and_nothing_else",
    ),
    Mutant(
        "a tablet that is silent counts as one that holds nothing",
        "compsys/unsent.py",
        'if row["pending"] or (not row["sure"] and',
        'if row["pending"] or (False and',
        f"{DEVICES}::test_a_lock_warns_of_a_tablet_that_may_hold_marks_and_they_land_in_the_tray",
    ),
    Mutant(
        "a file's marks get keys of their own",
        "web/console_unsent.py",
        "call = Call(item.k, judge,",
        "call = Call(desk.fresh(), judge,",
        f"{DEVICES}::test_unsent_marks_go_by_a_file_and_are_taken_once",
    ),
    Mutant(
        "a page of the first version is turned away",
        "web/wire.py",
        "OLDEST = 1\n",
        "OLDEST = 2\n",
        f"{LIVE}::test_both_versions_of_the_page_are_welcome",
    ),
]
