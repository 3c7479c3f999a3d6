"""The table of mutants: what to break, and which test must fail for it.

Add one by copying a line: `old` must stand exactly once in `file`, `test` is a pytest node id.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One breakage: in `file`, the text `old` becomes `new`, and `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTANTS: list[Mutant] = [
    Mutant(
        "half rounds down",
        "scoring_rules/exact.py",
        "if 2 * rest >= denominator:",
        "if 2 * rest > denominator:",
        "scoring_rules/exact.py::scoring_rules.exact.round_half_up",
    ),
    Mutant(
        "sheet totals trimmed by aspect",
        "scoring_rules/judgement.py",
        "    return function([exact.total(seat.values()) for seat in seats], trim)",
        "    return exact.total(function(values, trim) for values in _by_aspect(rows.values()))",
        "scoring_rules/judgement.py::scoring_rules.judgement.panel_points",
    ),
    Mutant(
        "trimming drops every value equal to the highest",
        "scoring_rules/judgement.py",
        "    numerators.sort()\n",
        "    numerators = sorted(set(numerators))\n    n = len(numerators)\n",
        "scoring_rules/judgement.py::scoring_rules.judgement.trimmed_mean",
    ),
    Mutant(
        "commits are not synced",
        "compsys/journal.py",
        '    "synchronous=FULL",\n',
        '    "synchronous=NORMAL",\n',
        "tests/faults/test_powercut.py::test_what_was_told_survives_20_power_cuts",
    ),
    Mutant(
        "what a kill left unsynced is told",
        "compsys/journal.py",
        "        self.checkpoint()\n        meta = dict(",
        "        meta = dict(",
        "tests/faults/test_powercut.py::test_what_was_read_after_a_kill_survives_a_power_cut",
    ),
    Mutant(
        "a forged head is let in",
        "compsys/journal.py",
        "            if after != head:\n",
        "            if after.n != head.n:\n",
        "tests/compsys/test_journal.py::test_a_collision_leaves_only_its_stream_out",
    ),
    Mutant(
        "a failed handle goes on",
        "compsys/journal.py",
        "        self._failure = as_commit_failed(error)\n        raise self._failure from error",
        "        raise as_commit_failed(error) from error",
        "tests/faults/test_disk_failures.py::test_a_database_that_may_not_grow_is_full",
    ),
    Mutant(
        "withheld bytes stay in the log",
        "compsys/journal.py",
        "        self.checkpoint()  # the log holds the bytes until it is emptied\n",
        "",
        "tests/compsys/test_journal.py::test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies",
    ),
    Mutant(
        "a line may move to another stream",
        "compsys/seal.py",
        ' + b"/" + stream.encode()).digest()',
        ").digest()",
        "tests/compsys/test_journal.py::test_the_walk_names_the_first_line_that_does_not_follow",
    ),
    Mutant(
        "the closed part is outside the seal",
        "compsys/seal.py",
        "    return sha256(prev + sha256(open).digest() + closed_digest).digest()",
        "    return sha256(prev + sha256(open).digest()).digest()",
        "tests/compsys/test_verify.py::test_a_good_journal_is_good_as_directory_database_export_and_backup",
    ),
    Mutant(
        "an erased person's key is kept",
        "compsys/vault.py",
        '"DELETE FROM keys WHERE person = ?"',
        '"DELETE FROM keys WHERE person = ? AND 0"',
        "tests/compsys/test_vault.py::test_erasing_is_final_in_the_directory_and_in_older_backups",
    ),
    Mutant(
        "a swapped identity passes",
        "compsys/verify_identity.py",
        ".hex() != committed:",
        '.hex() == "":',
        "tests/compsys/test_verify.py::test_a_swapped_identity_is_named",
    ),
]
