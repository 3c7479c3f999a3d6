"""Mutants of copies off the machine, of what tablets keep for them, and of tablets' own keys."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

KEEPING = "tests/compsys/test_keeping.py"
KEPT = "tests/web/test_seat_kept.py"
CONSOLE = "tests/web/test_console_copies.py"
KEYS = "tests/web/test_device_keys.py"

MUTANTS = [
    Mutant(
        "a tablet lets go of what no copy holds",
        "web/static/seat_model.js",
        "const covered = this.shelf.filter(({ n }) => n <= this.kept);",
        "const covered = this.shelf.filter(({ n }) => n > 0);",
        f"{KEPT}::test_a_tablet_lets_go_only_of_what_a_copy_elsewhere_holds",
    ),
    Mutant(
        "what a tablet put aside is not given again",
        "web/static/seat_send.js",
        "const back = model.shelf.filter(({ n }) => n > reached);",
        "const back = model.shelf.filter(() => false);",
        f"{KEPT}::test_a_server_set_back_before_the_signatures_gets_marks_and_signatures_again",
    ),
    Mutant(
        "what rests on another tablet's is refused for good",
        "compsys/desk.py",
        "            return waits(call, decided) or self._refused",
        "            return self._refused",
        f"{KEPT}::test_a_server_set_back_before_the_signatures_gets_marks_and_signatures_again",
    ),
    Mutant(
        "a copy tells of a sealed vote",
        "compsys/keeping.py",
        "(safe := min(n, stream.safe_n()))",
        "(safe := n)",
        f"{KEEPING}::test_a_copy_says_nothing_that_depends_on_a_sealed_vote",
    ),
    Mutant(
        "any head is taken for ours",
        "compsys/keeping.py",
        "        if len(seal) < PREFIX or prefix(",
        "        if False and prefix(",
        f"{KEEPING}::test_a_head_that_is_not_ours_is_refused_with_its_stream_and_nothing_of_the_copy_counts",
    ),
    Mutant(
        "an older copy takes back what a newer one holds",
        "compsys/keeping.py",
        "max(upto, kept.heads.get(name, 0))",
        "upto",
        f"{KEEPING}::test_an_older_copy_takes_back_nothing",
    ),
    Mutant(
        "a copy never grows old",
        "web/console_copies.py",
        "if minutes >= OLD else None",
        "if minutes < 0 else None",
        f"{CONSOLE}::test_a_copy_grows_old_while_marks_are_taken_and_only_then",
    ),
    Mutant(
        "a copied cookie is enough",
        "web/access.py",
        "    if device is None or not device.public:\n",
        "    if True:\n",
        f"{KEYS}::test_a_copied_cookie_opens_no_connection_and_sends_no_form",
    ),
    Mutant(
        "yesterday's answer of a tablet's key is as good",
        "web/device_keys.py",
        '    return f"compsys/1 device {store} {nonce}".encode()',
        '    return f"compsys/1 device {store}".encode()',
        f"{KEYS}::test_only_the_key_itself_answers_and_only_what_was_asked",
    ),
]
