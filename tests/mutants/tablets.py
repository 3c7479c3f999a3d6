"""Mutants of how a tablet comes in."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ENROL = "tests/web/test_enrol.py"

ACCOUNTS = "tests/web/test_accounts.py"

PINS = "tests/compsys/test_pins.py"
LOCK = "tests/web/test_seat_lock.py"
PINS_WEB = "tests/web/test_pins.py"

MUTANTS = [
    Mutant(
        "words under way are lost to the lock",
        "web/static/dom.js",
        "if (dialog.dataset.locked) return; // the lock shows it again",
        "if (false) return;",
        f"{LOCK}::test_words_under_way_in_any_dialog_are_there_after_the_lock",
    ),
    Mutant(
        "words half-typed for the chief are kept nowhere over a reload",
        "web/static/seat.js",
        "return askWords({ ...how, value: drafts.get(name) ?? how.value, draft });",
        "return askWords({ ...how, draft });",
        f"{LOCK}::test_words_under_way_in_any_dialog_are_there_after_the_lock",
    ),
    Mutant(
        "a reload unlocks the tablet",
        "web/static/seat_lock.js",
        "    if (prefs.locked && this.known?.set) this.lock();\n",
        "",
        f"{LOCK}::test_the_screen_locks_when_idle_and_nothing_half_typed_is_lost",
    ),
    Mutant(
        "a locked tablet still shows its sheet",
        "web/static/seat.js",
        'for (const id of ["top", "rail", "main", "foot", "told"]) draw',
        'for (const id of ["top"]) draw',
        f"{LOCK}::test_the_screen_locks_when_idle_and_nothing_half_typed_is_lost",
    ),
    Mutant(
        "another judge's PIN signs",
        "compsys/pins.py",
        "or call.proved == command.seat:",
        "or call.proved:",
        f"{PINS}::test_a_signature_asks_for_the_pin_of_its_own_seat",
    ),
    Mutant(
        "a ticket signs any sheet",
        "web/pins.py",
        'said = f"{device}/{seat}/{key}/{until}"',
        'said = f"{device}/{seat}/{until}"',
        f"{PINS_WEB}::test_a_signature_goes_with_the_ticket_of_a_typed_pin_and_only_that_one",
    ),
    Mutant(
        "a PIN may be tried for ever",
        "web/pins.py",
        "    if wrong < pins.TRIES:\n",
        "    if wrong:\n",
        f"{PINS_WEB}::test_five_wrong_ones_lock_this_tablet_until_somebody_unlocks_it",
    ),
    Mutant(
        "a PIN is kept without the server's key",
        "compsys/pins.py",
        "    return passwords.right(hmac.digest(pepper, ",
        '    return passwords.right(hmac.digest(b"p" * 32, ',
        f"{PINS}::test_a_stolen_hash_is_worth_nothing_without_the_servers_key",
    ),
    Mutant(
        "a slip lets in whoever holds it",
        "web/waiting.py",
        '(asked == "slips" and link.slip)',
        '(asked == "slips" and not link.slip)',
        f"{ACCOUNTS}::test_who_waits_for_the_consoles_word_is_the_competitions_choice",
    ),
    Mutant(
        "two tablets with one slip have the same words",
        "web/waiting.py",
        'f"{token}/{hand}/{nonce}"',
        'f"{token}"',
        f"{ENROL}::test_a_slip_is_let_in_by_the_words_that_stand_on_both_screens",
    ),
    Mutant(
        "a link's secret waits in the address for the words",
        "web/static/enrol.js",
        "const token = location.hash.slice(1);\n",
        'import "./words.js";\n\nconst token = location.hash.slice(1);\n',
        f"{ENROL}::test_the_token_is_out_of_the_address_before_anything_else_is_asked",
    ),
    Mutant(
        "a link on the screen holds as long as a slip",
        "web/console_seats.py",
        "        return False, LINK_MINUTES\n",
        "        return False, SLIP_HOURS[0] * 60\n",
        f"{ENROL}::test_a_link_on_the_screen_counts_down_and_can_be_made_anew",
    ),
]
