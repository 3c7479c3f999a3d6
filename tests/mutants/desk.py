"""Mutants of deciding: exactly once, and the disk before the answer."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PROMISES = "tests/compsys/test_promises.py"
MARKS = "tests/compsys/test_core_marks.py"
FOLDING = "tests/compsys/test_folding.py"

MUTANTS = [
    Mutant(
        "an answer leaves before the commit",
        "compsys/desk.py",
        "        if lines or audits:\n            try:\n",
        "        self._open_gate(answers, bells)\n        if lines or audits:\n            try:\n",
        f"{PROMISES}::test_4_no_answer_and_no_bell_leaves_before_its_line_is_on_disk",
    ),
    Mutant(
        "readers do not wait for the commit",
        "compsys/desk.py",
        "        self._settled.clear()\n        for waiting in batch:",
        "        for waiting in batch:",
        f"{PROMISES}::test_4_nobody_reads_a_line_that_is_not_on_disk",
    ),
    Mutant(
        "a refusal of a lost commit is kept",
        "compsys/desk.py",
        "            self._refused.forget(waiting.call.key)\n",
        "            pass\n",
        f"{PROMISES}::test_4_what_a_full_disk_did_not_take_was_never_decided",
    ),
    Mutant(
        "a key is applied twice",
        "compsys/core.py",
        "    if kept is not None:\n",
        "    if kept is not None and kept.h != digest:\n",
        f"{MARKS}::test_the_same_key_again_gives_the_same_answer_and_changes_nothing",
    ),
    Mutant(
        "a key may be reused for other content",
        "compsys/core.py",
        ' if kept.h == digest else Refused("key_reused")',
        "",
        f"{MARKS}::test_a_key_with_other_content_is_refused",
    ),
    Mutant(
        "keys are forgotten at a restart",
        "compsys/holding.py",
        "        state.ladders.clear()\n",
        "        state.ladders.clear()\n        keys.keep(())\n",
        f"{PROMISES}::test_3_a_key_is_known_after_a_restart_and_other_content_under_it_is_audited",
    ),
    Mutant(
        "a refused key is decided again",
        "compsys/desk.py",
        "        if known is not None and call.key not in self.state.keys:\n",
        "        if known is not None and call.key in self.state.keys:\n",
        f"{PROMISES}::test_3_a_refusal_is_final_for_its_key_also_after_a_restart",
    ),
    Mutant(
        "refusals are forgotten at a restart",
        "compsys/holding.py",
        "                self._refused.remember(entry)\n            self._names",
        "                pass\n            self._names",
        f"{PROMISES}::test_3_a_refusal_is_final_for_its_key_also_after_a_restart",
    ),
    Mutant(
        "a stream is in the state before it is folded to its end",
        "compsys/folding.py",
        "        if self._stale(part) or part.n < part.upto:\n",
        "        if self._stale(part):\n",
        f"{FOLDING}::test_in_whatever_order_streams_are_touched_the_state_is_one",
    ),
    Mutant(
        "a call does not wait for its stream",
        "compsys/desk.py",
        "        if self.folding.rest and not (batch := self._ready(batch)):\n",
        "        if not batch:\n",
        f"{FOLDING}::test_a_key_of_a_stream_that_is_not_folded_gets_its_answer_again",
    ),
    Mutant(
        "a stream that is folded later is not checked",
        "compsys/folding.py",
        "                check(self.n, self.head, line)\n",
        "",
        f"{FOLDING}::test_a_broken_stream_is_found_and_nothing_is_taken_for_it",
    ),
    Mutant(
        "what a failed commit left in memory is kept",
        "compsys/holding.py",
        "        kept = same if sure else set()\n",
        "        kept = set(heads) if sure else set()\n",
        f"{FOLDING}::test_after_a_fault_only_what_was_being_written_is_folded_anew",
    ),
    Mutant(
        "a key has one answer though two were given",
        "compsys/core.py",
        "state.keys.find(call.key, digest)",
        "state.keys.find(call.key)",
        f"{FOLDING}::test_a_key_used_in_two_streams_before_both_were_folded_keeps_both_answers",
    ),
    Mutant(
        "an older connection still writes",
        "compsys/desk.py",
        "        if not self.current(call.device, waiting.conn):",
        "        if False:",
        f"{PROMISES}::test_3_an_older_connection_of_a_device_writes_nothing",
    ),
]
