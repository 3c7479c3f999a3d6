"""Mutants of how a tablet comes in."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ENROL = "tests/web/test_enrol.py"

ACCOUNTS = "tests/web/test_accounts.py"

MUTANTS = [
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
