"""Mutants of checking certificates: in Python, on the page, at the office's and the spectators' server."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CHECKING = "tests/compsys/test_credential_checking.py"
CASES = f"{CHECKING}::test_each_case_has_its_own_code"
KNOWN = "tests/compsys/test_credential_known.py"
VERIFY = "tests/compsys/test_command_credential_verify.py"
SCRIPTS = "tests/web/test_credential_scripts.py"
SAME = f"{SCRIPTS}::test_every_verdict_is_the_same_in_the_browser_and_in_python"
PAGE = "tests/web/test_credential.py"
FAR = "tests/web/test_credential_public.py"
PYTHON = "compsys/credentials/checking.py"
SCRIPT = "web/static/credential_check.js"

MUTANTS = [
    Mutant(
        "a key that others had still counts",
        PYTHON,
        "    if key.revoked:\n",
        "    if False:\n",
        CASES,
    ),
    Mutant(
        "a key signs after it was retired",
        PYTHON,
        "retired is not None and created > retired + SKEW",
        "retired is not None and False",
        CASES,
    ),
    Mutant(
        "an older status list is taken for a newer one",
        PYTHON,
        "    if newest is not None and newest > made:\n",
        "    if False:\n",
        CASES,
    ),
    Mutant(
        "a status list from before the certificate clears it",
        PYTHON,
        "made < signed - SKEW",
        "False",
        CASES,
    ),
    Mutant(
        "a status list that cannot be had is none that says no",
        PYTHON,
        'return end(stop.code, stop.params) if stop else end("valid")',
        'return end("valid")',
        CASES,
    ),
    Mutant(
        "any vocabulary is good enough",
        PYTHON,
        "        if strange:\n",
        "        if False:\n",
        CASES,
    ),
    Mutant(
        "a signature that does not hold is let through",
        PYTHON,
        "suites=(proofs.JCS,)).ok:",
        "suites=(proofs.JCS,)).proofs:",
        CASES,
    ),
    Mutant(
        "half a QR code is called damaged",
        "compsys/credentials/reading.py",
        "    if not engine.eof:\n",
        "    if False:\n",
        CASES,
    ),
    Mutant(
        "another dictionary than the QR code names unpacks it",
        "compsys/credentials/reading.py",
        "not hashlib.sha256(words).hexdigest().startswith(named)",
        "False",
        CASES,
    ),
    Mutant(
        "what is not valid ends with status 0",
        "compsys/commandline/credential_verify.py",
        'end(OK if verdict.verdict == "valid" else PROBLEMS)',
        "end(OK)",
        f"{VERIFY}::test_only_a_valid_one_has_status_0",
    ),
    Mutant(
        "a bundle lacks its status lists",
        "compsys/exchange/credential_bundle.py",
        'for name, data in files.items() if name.startswith("lists/")',
        'for name, data in files.items() if name.startswith("nothing/")',
        f"{VERIFY}::test_a_bundle_checks_without_the_directory",
    ),
    Mutant(
        "the page believes a key that others had",
        SCRIPT,
        'if (key.revoked) throw new Fault("key_revoked", { date: key.revoked });',
        "",
        SAME,
    ),
    Mutant(
        "the page takes a signature for right that is none",
        SCRIPT,
        "if (!(await ed25519(key, signature, joined(sha256(utf8(canonical(config))), body))))",
        "if (false)",
        SAME,
    ),
    Mutant(
        "the page overlooks a bit of the status list",
        SCRIPT,
        "(0x80 >> (at & 7))",
        "(0x01 << (at & 7))",
        SAME,
    ),
    Mutant(
        "a signature with one bit changed holds without the browser's own arithmetic",
        "web/static/credential_curves.js",
        "return same(times(s, BASE), plus(r, times(k, a)));",
        "return true;",
        f"{SCRIPTS}::test_signatures_are_as_pythons_with_and_without_webcrypto",
    ),
    Mutant(
        "the page's inflate knows no dictionary",
        "web/static/credential_inflate.js",
        "  out.set(dictionary);\n",
        "",
        f"{SCRIPTS}::test_inflate_is_zlibs_with_a_dictionary_and_knows_a_cut_from_damage",
    ),
    Mutant(
        "without a network there is no page",
        "web/static/credential_worker.js",
        "    if (kept) return kept;\n    throw error;\n  } finally {",
        "    throw error;\n  } finally {",
        f"{PAGE}::test_a_qr_code_is_checked_with_the_network_cut",
    ),
    Mutant(
        "the register is not asked",
        "web/static/credential.js",
        "ours && id && trust.fresh && trust.register ? store.standing(id) : null",
        "null",
        f"{PAGE}::test_a_revocation_shows_at_once_online_and_by_the_lists_age_offline",
    ),
    Mutant(
        "a number alone shows its holder",
        "web/credential.py",
        "    return bool(said) and right > 0\n",
        "    return True\n",
        f"{PAGE}::test_number_and_name_together_show_it_and_nothing_else_does",
    ),
    Mutant(
        "numbers can be counted through",
        "web/credential.py",
        "        if short > 0:\n",
        "        if False:\n",
        f"{PAGE}::test_a_key_that_others_had_refuses_all_it_signed_and_numbers_are_not_counted_through",
    ),
    Mutant(
        "an id may be a number",
        "web/credential.py",
        "        found = known.standing_of(state, credential, desk.now())\n",
        "        found = known.standing_of(state, known.issued(state, name), desk.now())\n",
        f"{PAGE}::test_what_was_not_issued_is_as_if_it_were_not",
    ),
    Mutant(
        "awards are found before their ceremony",
        "compsys/credentials/known.py",
        "    return not embargoed(state, batch)\n",
        "    return True\n",
        f"{KNOWN}::test_awards_before_their_ceremony_are_nobodys_business",
    ),
    Mutant(
        "a reserved number is known to the register",
        "compsys/credentials/known.py",
        "    return None if found is None or found.status in (RESERVED, VOID) else found\n",
        "    return found\n",
        f"{KNOWN}::test_a_reserved_number_is_as_unknown_as_one_that_never_was",
    ),
    Mutant(
        "a spectators' server shows a status list of long ago",
        "compsys/bus.py",
        "        return any(key[0] in ISSUING for key in touched)\n",
        "        return False\n",
        f"{FAR}::test_the_phone_checks_with_what_the_desk_published",
    ),
]
