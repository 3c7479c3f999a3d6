"""Mutants of what is worked out beside the server, of what-if and of bounds."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

BESIDE = "tests/compsys/test_beside.py"
PREPARED = "tests/compsys/test_prepared.py"
WHATIF = "tests/compsys/test_whatif.py"
BOUNDS_PAGE = "tests/web/test_console_bounds.py"
WHATIF_PAGE = "tests/web/test_console_whatif.py"

MUTANTS = [
    Mutant(
        "long work is done in the loop",
        "compsys/beside.py",
        'if desk.threaded and hasattr(os, "fork"):',
        "if not desk.threaded:",
        f"{BESIDE}::test_lines_are_taken_while_a_copy_works_on_the_state_as_it_was",
    ),
    Mutant(
        "a copy keeps the server's files",
        "compsys/beside.py",
        '        os.closerange(3, pipe)\n        os.closerange(pipe + 1, os.sysconf("SC_OPEN_MAX"))\n',
        "",
        f"{BESIDE}::test_a_copy_holds_nothing_of_the_servers",
    ),
    Mutant(
        "a copy nobody waits for works on",
        "compsys/beside.py",
        "            self._kill()\n            raise\n",
        "            raise\n",
        f"{BESIDE}::test_who_no_longer_waits_ends_the_copy_and_makes_room",
    ),
    Mutant(
        "a query that takes long is answered in the loop",
        "compsys/control.py",
        "    if asked.query not in BESIDE:\n",
        "    if True:\n",
        f"{BESIDE}::test_a_query_that_may_take_long_is_answered_beside",
    ),
    Mutant(
        "a stale preparation is published",
        "compsys/prepared.py",
        "if kept is not None and kept.heads == heads(state, place) else",
        "if kept is not None else",
        f"{PREPARED}::test_a_line_in_the_stream_or_the_set_up_makes_it_stale",
    ),
    Mutant(
        "a void that is supposed is folded into what stands",
        "compsys/whatif.py",
        ", mine.voided = list(stream.history), set(stream.dirty), dict(stream.voided)\n",
        " = list(stream.history), set(stream.dirty)\n",
        f"{WHATIF}::test_what_is_foretold_happens",
    ),
    Mutant(
        "bounds are shown whatever the stage's setting",
        "web/console_bounds.py",
        "        if not shown_to_office(state, trade, stage, group):\n",
        "        if False:\n",
        f"{BOUNDS_PAGE}::test_a_stage_that_keeps_totals_from_the_office_keeps_bounds_too",
    ),
    Mutant(
        "names stand beside codes on the page of bounds from the start",
        "web/console_bounds.py",
        "        if may_name(state, trade, stage, group):\n",
        "        if True:\n",
        f"{BOUNDS_PAGE}::test_bounds_while_marking_goes_on_are_those_of_signed_sheets",
    ),
    Mutant(
        "a chief asks what if while marking goes on",
        "web/console_explain.py",
        '    if stream.marking != "locked":\n',
        "    if False:\n",
        f"{WHATIF_PAGE}::test_a_chief_supposes_by_code_after_the_lock_and_nobody_else_does",
    ),
]
