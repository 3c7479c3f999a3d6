"""Mutants of several processes: PostgreSQL, Redis, moving between stores."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

REDIS = "tests/compsys/test_bus_redis.py"
DESKS = "tests/compsys/test_desks.py"
MOVING = "tests/compsys/test_moving.py"

MUTANTS = [
    Mutant(
        "desks hear what others wrote before it is their turn",
        "compsys/journal_postgres.py",
        'start = b"BEGIN; SELECT pg_advisory_xact_lock(%d); " % self._turn\n',
        'start = b"BEGIN; "\n',
        f"{DESKS}::test_a_desk_that_sits_on_its_turn_loses_it",
    ),
    Mutant(
        "what other desks wrote is not folded",
        "compsys/holding.py",
        "        for line in news.lines:\n",
        "        for line in ():\n",
        f"{DESKS}::test_what_one_desk_wrote_the_other_decides_on",
    ),
    Mutant(
        "refusals of other desks are not heard",
        "compsys/holding.py",
        "        for entry in news.refusals:\n",
        "        for entry in ():\n",
        f"{DESKS}::test_a_refusal_at_one_desk_is_final_at_the_other",
    ),
    Mutant(
        "a tablet's older connection at another desk still writes",
        "compsys/desk.py",
        '            self._notices.append(Notice("device", device))\n',
        "",
        f"{DESKS}::test_a_tablet_at_the_other_desk_fences_its_older_connection",
    ),
    Mutant(
        "a COMMIT that undid everything counts",
        "compsys/postgres.py",
        'if result.command_status != b"COMMIT" or self._warning:',
        "if self._warning:",
        f"{DESKS}::test_a_commit_that_the_server_undid_is_no_commit",
    ),
    Mutant(
        "what is read at a start may be missing at the standby",
        "compsys/journal_postgres.py",
        "b\"BEGIN; SELECT pg_logical_emit_message(true, 'compsys', 'opened')\"",
        'b"BEGIN"',
        "tests/compsys/test_standby.py::test_without_its_synchronous_standby_nothing_is_accepted",
    ),
    Mutant(
        "an older journal in the place of ours goes unnoticed",
        "compsys/journal_postgres.py",
        "        if newest[0] < before[0]:\n",
        "        if False:\n",
        f"{DESKS}::test_an_older_journal_in_its_place_is_noticed",
    ),
    Mutant(
        "lines of a commit in doubt are told to nobody",
        "compsys/holding.py",
        "if stand.get(name) == at and told.get(name) == at.n}",
        "if stand.get(name) == at}",
        f"{DESKS}::test_a_commit_whose_end_nobody_heard_is_looked_up",
    ),
    Mutant(
        "the password is noted in the directory",
        "compsys/stores.py",
        "    note_database(directory, journal.place)\n",
        "    note_database(directory, url)\n",
        f"{DESKS}::test_the_directory_knows_its_database_and_not_the_password",
    ),
    Mutant(
        "what was moved away can be opened",
        "compsys/journal_postgres.py",
        '            if "moved" in meta:\n',
        "            if False:\n",
        f"{MOVING}::test_there_and_back_everything_is_the_same",
    ),
    Mutant(
        "what arrived is not compared",
        "compsys/moving.py",
        "        if one != other:\n",
        "        if False:\n",
        f"{MOVING}::test_what_arrives_otherwise_is_noticed_and_the_first_stays",
    ),
    Mutant(
        "a desk that lost the lease writes on",
        "compsys/bus_redis.py",
        """SET = \"\"\"
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis""",
        """SET = \"\"\"
if redis""",
        f"{REDIS}::test_a_desk_that_was_away_sets_no_older_picture",
    ),
    Mutant(
        "a change is patched into whatever is held",
        "compsys/bus_mirror.py",
        'if held is not None and change and held.cursor == fields[b"b"].decode():',
        "if held is not None and change:",
        f"{REDIS}::test_whatever_happens_what_is_held_ends_as_what_is_drawn",
    ),
    Mutant(
        "a public process without Redis says nothing",
        "compsys/bus_mirror.py",
        "return None if seen is not None and self.seconds() - seen <= GRACE else at",
        "return None if seen is not None else at",
        f"{REDIS}::test_it_says_as_of_when_it_was_the_newest_and_stops_when_it_is_again",
    ),
    Mutant(
        "a stranger makes the desk draw what is not there",
        "compsys/bus_mirror.py",
        "if topic != CHECKING and not lists(self.held[HOME].picture, topic):",
        "if False:",
        f"{REDIS}::test_what_does_not_exist_is_never_asked_for",
    ),
]
