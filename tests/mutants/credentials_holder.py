"""Mutants of holders: private links, the question, corrections with their reissue, shared views."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

DESK = "tests/compsys/test_holders.py"
PAGES = "tests/web/test_holder.py"

MUTANTS = [
    Mutant(
        "a new link leaves the older one working",
        "compsys/holders.py",
        "        old = held.links.pop(held.link_of.pop(person, \"\"), None)\n",
        "        old = held.links.get(held.link_of.pop(person, \"\"))\n        old = None\n",
        f"{DESK}::test_a_new_link_ends_the_one_before_and_whoever_came_by_it",
    ),
    Mutant(
        "a link works for ever",
        "compsys/state_holder.py",
        "links.get(digest)\n        return found if found and not found.revoked and found.expires > now",
        "links.get(digest)\n        return found if found and not found.revoked",
        f"{DESK}::test_a_link_ends_with_its_time_and_a_browser_after_a_month",
    ),
    Mutant(
        "a browser stays in for ever",
        "compsys/state_holder.py",
        "return self.link(link, now) if until > now else None",
        "return self.link(link, now)",
        f"{DESK}::test_a_link_ends_with_its_time_and_a_browser_after_a_month",
    ),
    Mutant(
        "a holder shares what is another's",
        "compsys/holders.py",
        " or not set(cmd.credentials) <= set(issued(ask.state, cmd.person)):",
        ":",
        f"{DESK}::test_a_holder_acts_on_own_papers_alone",
    ),
    Mutant(
        "a holder asks in another's name",
        "compsys/holders.py",
        "    return actor.kind == \"holder\" and actor.id == person\n",
        "    return actor.kind == \"holder\"\n",
        f"{DESK}::test_a_holder_acts_on_own_papers_alone",
    ),
    Mutant(
        "nobody has to be an officer to correct a name",
        "compsys/holders.py",
        "    if account is None or not {ORGANIZER, OFFICER} & set(account.roles):\n",
        "    if False:\n",
        f"{DESK}::test_who_is_no_officer_settles_nothing",
    ),
    Mutant(
        "the name to come is not noted before the line",
        "compsys/holder_desk.py",
        "    await desk.in_thread(lambda: keep(desk.vault, person, coming))\n",
        "",
        f"{DESK}::test_a_corrected_name_is_reissued_and_everybody_elses_papers_stay",
    ),
    Mutant(
        "a desk that opens leaves a half-corrected name as it is",
        "compsys/holding.py",
        "            mend(self.vault, self.state.commitments)",
        "            # mend(self.vault, self.state.commitments)",
        f"{DESK}::test_a_kill_between_any_two_steps_breaks_nothing_and_is_gone_on_from[2]",
    ),
    Mutant(
        "the verifier does not know of a name that is being corrected",
        "compsys/verify_identity.py",
        "([{**known[\"name\"], **coming}] if coming else [])",
        "[]",
        f"{DESK}::test_a_kill_between_any_two_steps_breaks_nothing_and_is_gone_on_from[2]",
    ),
    Mutant(
        "the papers of a corrected name are not issued anew",
        "compsys/holder_papers.py",
        "one.slice.n < at and lives(one)",
        "one.slice.n > at and lives(one)",
        f"{DESK}::test_a_corrected_name_is_reissued_and_everybody_elses_papers_stay",
    ),
    Mutant(
        "a name that cannot be printed is accepted",
        "compsys/holder_reissue.py",
        "    if not (lost := faces.missing(name.values())):\n",
        "    if (lost := faces.missing(name.values())) is not None:\n",
        f"{DESK}::test_a_name_that_cannot_be_printed_is_refused_before_anything_is_written",
    ),
    Mutant(
        "a holder's words go into the line",
        "compsys/holders.py",
        "f.CorrectionAsked(**ask.stamp, id=cmd.id, person=cmd.person))]\n",
        'f.CorrectionAsked(**ask.stamp, id=cmd.id, person=cmd.person), text="王晓明")]\n',
        f"{DESK}::test_nothing_in_the_journal_or_an_export_names_anybody_or_says_their_words",
    ),
    Mutant(
        "what was enclosed is kept for ever",
        "compsys/holder_desk.py",
        '.drop_beside(person, f"file-{id_}", desk.now()))\n    yield',
        '.beside(person, f"file-{id_}"))\n    yield',
        f"{DESK}::test_a_corrected_name_is_reissued_and_everybody_elses_papers_stay",
    ),
    Mutant(
        "the question can be guessed at full speed",
        "web/holder_sessions.py",
        "    if (wait := doors.throttle.wait(name)) > 0:\n",
        "    if False:\n",
        f"{PAGES}::test_wrong_answers_wait_and_the_tenth_ends_the_link_for_good",
    ),
    Mutant(
        "any answer lets in",
        "web/holder_sessions.py",
        "    if not hmac.compare_digest(answered(answer).encode(), found.right.encode()):\n",
        "    if not answer:\n",
        f"{PAGES}::test_wrong_answers_wait_and_the_tenth_ends_the_link_for_good",
    ),
    Mutant(
        "links are tried at full speed",
        "web/holder_sessions.py",
        "    throttle.failed(name, LINKS_FREE)\n    desk, digest",
        "    desk, digest",
        f"{PAGES}::test_links_that_do_not_work_are_slow_from_one_address",
    ),
    Mutant(
        "a download is anybody's who is in",
        "web/holder.py",
        "        mine = key in holder_papers.issued(state, who.person)\n",
        "        mine = key in state.credentials.held\n",
        f"{PAGES}::test_another_holder_sees_nothing_of_the_first",
    ),
    Mutant(
        "a view taken back is still open",
        "compsys/state_holder.py",
        'self.view_by.get(digest, ""))\n        return found if found and not found.revoked and',
        'self.view_by.get(digest, ""))\n        return found if found and',
        f"{PAGES}::test_a_shared_view_follows_its_papers_and_ends_at_the_holders_word",
    ),
    Mutant(
        "an unreadable journal is a page of error",
        "web/holder_sessions.py",
        "NOT_NOW = (JournalError, BrokenChain, NewerJournal, OSError)\n",
        "NOT_NOW = (JournalError, BrokenChain, NewerJournal)\n",
        f"{PAGES}::test_a_journal_that_cannot_be_read_gives_a_calm_page",
    ),
]
