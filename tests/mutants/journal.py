"""Mutants of the journal: what is written stays, as it was written."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

JOURNAL = "tests/compsys/test_journal.py"
PLACES = "tests/compsys/test_journal_places.py"

MUTANTS = [
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
        "        self.checkpoint()\n        meta = {",
        "        meta = {",
        "tests/faults/test_powercut.py::test_what_was_read_after_a_kill_survives_a_power_cut",
    ),
    Mutant(
        "a forged head is let in",
        "compsys/journal_base.py",
        "            if after != head:\n",
        "            if after.n != head.n:\n",
        "tests/compsys/test_journal.py::test_a_collision_leaves_only_its_stream_out",
    ),
    Mutant(
        "a desk that lost its place writes on",
        "compsys/journal_base.py",
        "in after.items() if head != (heads.get(stream) or self.head(stream))}",
        "in after.items() if head[0] != (heads.get(stream) or self.head(stream))[0]}",
        "tests/compsys/test_journal.py::test_lines_that_were_sealed_on_another_head_are_left_out",
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
        "tests/compsys/test_journal_sqlite.py::test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies",
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
        "if committed not in (_committed(",
        "if None in (_committed(",
        "tests/compsys/test_verify.py::test_a_swapped_identity_is_named",
    ),
    Mutant(
        "what is written is not committed",
        "compsys/journal.py",
        '            yield self._db\n            self._db.execute("COMMIT")\n',
        '            yield self._db\n            self._db.execute("ROLLBACK")\n',
        f"{JOURNAL}::test_what_was_written_is_there_after_opening_again",
    ),
    Mutant(
        "a line written behind the journal's back goes unnoticed",
        "compsys/journal.py",
        "                if lines and _insert(db, lines) != places.last + len(lines):\n",
        "                if lines and not _insert(db, lines):\n",
        f"{JOURNAL}::test_a_line_that_is_there_unexpectedly_is_never_written_over",
    ),
    Mutant(
        "a place that lies is believed",
        "compsys/journal_places.py",
        "                if row[1] != n or row[0] != stream:\n",
        "                if row[1] != n:\n",
        f"{PLACES}::test_a_place_that_lies_is_never_believed_and_the_verifier_says_so",
    ),
    Mutant(
        "lines are placed twice",
        "compsys/journal.py",
        "        if full:\n            places.wrote()\n",
        "",
        f"{PLACES}::test_it_reads_like_a_plain_list",
    ),
    Mutant(
        "the verifier leaves places out",
        "compsys/verify.py",
        "    report.problems += source.misplaced() if chains.whole else broken\n",
        "    report.problems += broken\n",
        f"{PLACES}::test_a_place_that_lies_is_never_believed_and_the_verifier_says_so",
    ),
    Mutant(
        "an upgrade is not one transaction",
        "compsys/journal.py",
        "            for statement in tables.places_creation():\n                db.execute(statement)\n",
        "            for statement in tables.places_creation():\n                db.execute(statement)\n"
        "            db.execute(\"COMMIT\")\n            db.execute(\"BEGIN\")\n",
        "tests/faults/test_powercut.py::test_what_was_told_by_an_older_program_survives_cuts_of_the_upgrade",
    ),
    Mutant(
        "a withheld part breaks the chain",
        "compsys/seal.py",
        "        if closed is not None and sha256(closed)",
        '        if sha256(closed or b"")',
        "tests/compsys/test_journal_sqlite.py::test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies",
    ),
    Mutant(
        "a golden journal is written over",
        "tests/golden/make.py",
        "    if path.exists():\n        return\n",
        "",
        "tests/compsys/test_format.py::test_a_golden_journal_that_stands_is_never_written_again",
    ),
]
