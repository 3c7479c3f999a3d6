"""Mutants of tablets that several judges share, of hand-overs, and of the lead's keys."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

HELD = "tests/web/test_seat_held.py"
PAGE = "tests/web/test_seat_shared.py"

MUTANTS = [
    Mutant(
        "a tablet that names a seat it lacks is taken for another of its seats",
        "web/access.py",
        "return next((device for device in held if device.seat == named), None)",
        "return next((device for device in held if device.seat == named), held[0])",
        f"{HELD}::test_a_tablet_speaks_for_the_seat_that_it_names_and_for_none_that_it_lacks",
    ),
    Mutant(
        "a chief's device stays beside judges on one tablet",
        "web/enrol.py",
        "if device.seat != seat and device.role in MARKING}",
        "if device.seat != seat}",
        f"{HELD}::test_revoking_one_seats_device_leaves_the_tablets_others",
    ),
    Mutant(
        "who only brings marks ends the seat's own page",
        "web/tablets.py",
        "if hello.brings and tablet.device.id in self.by_device:",
        "if False:",
        f"{HELD}::test_who_brings_marks_disturbs_nobody_and_is_told_no_sheet",
    ),
    Mutant(
        "who only brings marks is told of news",
        "web/tablets.py",
        "self.ready = not hello.brings",
        "self.ready = True",
        f"{HELD}::test_who_brings_marks_disturbs_nobody_and_is_told_no_sheet",
    ),
    Mutant(
        "a seat leaves a tablet with marks unsent",
        "web/seat_shared.py",
        "if said is not None and said.pending:",
        "if False:",
        f"{HELD}::test_who_brings_marks_disturbs_nobody_and_is_told_no_sheet",
    ),
    Mutant(
        "any judge's PIN opens any seat of the tablet",
        "web/static/seat_shared.js",
        "if (row.pin && !(await askPin(",
        "if (false && !(await askPin(",
        f"{PAGE}::test_who_takes_over_types_the_own_pin_even_at_a_locked_screen",
    ),
    Mutant(
        "a PIN chosen after the server was asked for the tablet's judges is not asked for",
        "web/static/seat_shared.js",
        "pin: seat.pin || pin?.set === true",
        "pin: seat.pin ?? pin?.set === true",
        "tests/web/test_tls.py::test_judges_of_a_trusting_tablet_change_over_while_the_server_is_away",
    ),
    Mutant(
        "a page that is not under the worker itself is taken for one that does not open again",
        "web/static/secure.js",
        "kept = !!(await navigator.serviceWorker?.getRegistration())?.active && ",
        "kept = !!navigator.serviceWorker?.controller && ",
        "tests/web/test_tls.py::test_judges_of_a_trusting_tablet_change_over_while_the_server_is_away",
    ),
    Mutant(
        "the other judges' marks wait until they are back",
        "web/static/seat_bring.js",
        "if (store !== storeName()) await this.#bring(store, all);",
        "if (store === storeName()) await this.#bring(store, all);",
        f"{PAGE}::test_what_a_judge_has_not_sent_goes_out_while_another_marks",
    ),
    Mutant(
        "the PIN is asked in the name of whoever was last in hand",
        "web/static/seat_lock.js",
        "const label = (this.app.sheet && this.app.model.label(this.app.sheet, seat)) || this.app.seatLabel;",
        "const label = this.app.seatLabel;",
        "tests/web/test_seat_panel_pin.py::test_a_lead_who_countersigns_is_asked_for_the_own_pin",
    ),
    Mutant(
        "a chief makes links for any trade",
        "compsys/enrolment.py",
        'if where != (seat.trade, seat.stage, seat.site) or seat.role == "chief":',
        "if False:",
        "tests/web/test_chief_seats.py::test_a_chief_makes_links_for_the_own_stage_alone",
    ),
    Mutant(
        "a lead calls away who marks nothing there",
        "compsys/incidents.py",
        "if not any(not x.complete and cmd.seat not in x.signed for x in theirs):",
        "if False:",
        "tests/compsys/test_incidents.py::"
        "test_a_lead_calls_a_seat_away_and_the_chief_takes_it_off_the_panel",
    ),
]
