"""Mutants of what is hidden, and the doors."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PROMISES = "tests/compsys/test_promises.py"
RESULTS = "tests/compsys/test_core_results.py"
BOARDS = "tests/compsys/test_boards.py"
GUARD = "tests/web/test_guard.py"

MUTANTS = [
    Mutant(
        "an official result follows newer arithmetic",
        "compsys/boards_feed.py",
        "    if released is not None:\n",
        '    if released is not None and released[0].rank != "official":\n',
        f"{PROMISES}::test_12_newer_arithmetic_never_changes_an_official_result",
    ),
    Mutant(
        "a name stands in a judge's frame",
        "compsys/views.py",
        '        "stage": stage.name if stage else {},\n',
        '        "stage": stage.name if stage else {},\n'
        '        "who": [delegation.name for delegation in state.setup.delegations.values()],\n',
        f"{PROMISES}::test_8_no_entry_no_person_and_no_delegation_reaches_a_seat_under_blind_marking",
    ),
    Mutant(
        "an entry stands in a judge's frame",
        "compsys/views.py",
        '        "code": unit.code,\n        "sub": sheet.sub,\n',
        '        "code": unit.code,\n        "entry": unit.entry,\n        "sub": sheet.sub,\n',
        f"{PROMISES}::test_8_no_entry_no_person_and_no_delegation_reaches_a_seat_under_blind_marking",
    ),
    Mutant(
        "a public picture counts lines",
        "compsys/boards.py",
        '        "as_of": fed.as_of,\n        "note"',
        '        "as_of": fed.as_of,\n'
        '        "n": sum(s.n for s in state.streams_of(topic.trade, topic.stage)),\n        "note"',
        f"{PROMISES}::test_8_a_line_that_feeds_nothing_changes_no_byte_of_a_public_picture",
    ),
    Mutant(
        "a sealed vote moves the clock of a board",
        "compsys/boards_feed.py",
        "        return _REVEALED if isinstance(event.value, str) or event.value is None else ()\n",
        "        return _BOTH\n",
        f"{PROMISES}::test_8_a_line_that_feeds_nothing_changes_no_byte_of_a_public_picture",
    ),
    Mutant(
        "the public's feed level is ignored",
        "compsys/boards_feed.py",
        "    setting = level_of(feed, audience)\n",
        '    setting = "revealed"\n',
        f"{BOARDS}::test_an_unsigned_sheet_feeds_nothing_that_the_public_sees",
    ),
    Mutant(
        "the freeze is ignored",
        "compsys/boards_feed.py",
        '    cut = audience != "office" and any(stream.standstill for stream in streams)\n',
        "    cut = False\n",
        f"{BOARDS}::test_a_frozen_picture_does_not_move_by_a_byte_and_goes_on_afterwards",
    ),
    Mutant(
        "a revoked device still acts",
        "compsys/people.py",
        "    if device.revoked:\n",
        "    if False:\n",
        f"{RESULTS}::test_a_revoked_device_acts_no_more",
    ),
    Mutant(
        "any site may open a socket",
        "web/guard.py",
        "len(origin) != 1 or origin[0] not in self.origins or not origin[0].startswith(scheme)",
        "False",
        f"{GUARD}::test_a_socket_from_another_origin_or_from_none_is_refused_before_it_opens",
    ),
    Mutant(
        "forms need no token",
        "web/access.py",
        '        if declared.method == "POST" and who.actor is not None and not await carries(',
        "        if False and not await carries(",
        f"{GUARD}::test_a_form_needs_the_token_of_its_own_login",
    ),
    Mutant(
        "every role may use every route",
        "web/access.py",
        "        who = came.acting(declared.roles)\n        if who is None:\n",
        "        who = came.acting(declared.roles) or came\n        if who is None:\n",
        f"{GUARD}::test_roles_that_are_not_declared_are_refused_everywhere",
    ),
    Mutant(
        "a header that browsers call an error on plain http is sent there",
        "web/guard.py",
        "(HEADERS | TRUSTED if trusted else HEADERS)",
        "(HEADERS | TRUSTED)",
        "tests/web/test_plain_http.py",
    ),
    Mutant(
        "the venue's root may vouch for every site",
        "compsys/certificates.py",
        "        .add_extension(x509.NameConstraints(permitted(names), None), critical=True)\n",
        "",
        "tests/compsys/test_certificates.py::test_a_root_vouches_for_its_venue_and_for_nothing_else",
    ),
    Mutant(
        "a page by plain http writes over TLS",
        "web/guard.py",
        " or not origin[0].startswith(scheme)",
        "",
        "tests/web/test_tls.py::test_both_addresses_serve_and_neither_writes_for_the_other",
    ),
    Mutant(
        "a tablet's page does not open without the server",
        "web/static/worker.js",
        "    if (kept) return kept;\n",
        "",
        "tests/web/test_tls.py::test_a_trusting_tablet_starts_cold_while_the_server_is_away",
    ),
    Mutant(
        "a tablet whose database takes nothing is called ready",
        "web/static/ready.js",
        '      var work = base.transaction("kept", "readwrite");\n',
        '      say("storage", "ok");\n      var work = base.transaction("kept", "readwrite");\n',
        "tests/web/test_ready.py::test_a_wrong_clock_and_a_database_that_takes_nothing_are_told",
    ),
    Mutant(
        "an old browser gets an empty page",
        "web/static/gate.js",
        '  told.removeAttribute("hidden");\n',
        "",
        "tests/web/test_ready.py::test_a_browser_that_is_too_old_is_told_so",
    ),
    Mutant(
        "browsers do not keep the page on plain http",
        "web/seat.py",
        '    response.headers["cache-control"] = KEPT\n',
        "",
        "tests/web/test_plain_http.py::test_the_page_is_opened_again_while_the_server_is_away",
    ),
]
