"""Mutants of printed certificates: what is on paper, in the symbol, in the badge, and what is counted."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PAPER = "tests/compsys/test_certificate_paper.py"
QR = "tests/compsys/test_qr.py"
BAKING = "tests/compsys/test_baking.py"
PRINTING = "tests/compsys/test_printing.py"
COMMAND = "tests/compsys/test_command_credential_print.py"
TYPESETTING = "compsys/credentials/typesetting.py"
PAPERS = "compsys/credentials/papers.py"
SYMBOL = "compsys/credentials/qr_symbol.py"
CODE = "compsys/credentials/qr.py"

MUTANTS = [
    Mutant(
        "a character that no font has is not looked for",
        "compsys/credentials/glyphs.py",
        "                if not had or unicodedata",
        "                if unicodedata",
        f"{PAPER}::test_a_name_that_no_font_can_print_stops_the_batch_by_name",
    ),
    Mutant(
        "signs without a shape pass",
        "compsys/credentials/glyphs.py",
        'in ("Cc", "Cf", "Co", "Cs")',
        'in ("Cc", "Co", "Cs")',
        f"{PAPER}::test_a_name_that_no_font_can_print_stops_the_batch_by_name",
    ),
    Mutant(
        "the attached document is written anew",
        TYPESETTING,
        '"signed": paper.signed.decode()}',
        '"signed": json.dumps(json.loads(paper.signed))}',
        f"{PAPER}::test_the_signed_json_is_attached_byte_for_byte_and_verifies",
    ),
    Mutant(
        "the attachment has another relationship",
        TYPESETTING,
        'relationship: "data"',
        'relationship: "supplement"',
        f"{PAPER}::test_it_says_and_looks_like_pdf_a_3b",
    ),
    Mutant(
        "a plain PDF",
        TYPESETTING,
        'pdf_standards=["a-3b"] if form == "pdf" else [],',
        "pdf_standards=[],",
        f"{PAPER}::test_it_says_and_looks_like_pdf_a_3b",
    ),
    Mutant(
        "a level's title for what gives none",
        "compsys/credentials/certificate.py",
        'level is None or achievement.get("achievementType") != "Certification"',
        "level is None",
        f"{PAPER}::test_the_title_of_a_level_is_not_printed_for_what_gives_none",
    ),
    Mutant(
        "the issuer's own template is left aside",
        TYPESETTING,
        "                if file.is_file():\n                    shutil.copyfile",
        "                if file.is_file() and file.suffix != '.typ':\n                    shutil.copyfile",
        f"{PAPER}::test_an_issuers_own_template_is_used_and_a_broken_one_is_told_by_line",
    ),
    Mutant(
        "the line of a broken template is the caller's",
        TYPESETTING,
        r'r"^error: .*?┌─ (?:',
        r'r"^error: .*┌─ (?:',
        f"{PAPER}::test_an_issuers_own_template_is_used_and_a_broken_one_is_told_by_line",
    ),
    Mutant(
        "no quiet zone around the symbol",
        SYMBOL,
        "QUIET: Final = 4\n",
        "QUIET: Final = 0\n",
        f"{QR}::test_another_decoder_reads_it",
    ),
    Mutant(
        "a module is no whole number of dots",
        "compsys/credentials/templates/parts.typ",
        "#let cell = 1.44pt",
        "#let cell = 0.9pt",
        f"{PAPER}::test_the_symbol_reads_from_the_page_at_every_usual_resolution",
    ),
    Mutant(
        "the words of blocks are not woven",
        SYMBOL,
        "    woven = bytes(w for column in zip_longest(*blocks) for w in column if w is not None)\n",
        '    woven = b"".join(blocks) if zip_longest else b""\n',
        f"{QR}::test_another_decoder_reads_it",
    ),
    Mutant(
        "the holder's own data goes into the dictionary",
        CODE,
        '    made["id"] = _anonymous(signed.get("id", ""))\n',
        '    made["id"] = signed.get("id", "")\n',
        f"{QR}::test_one_dictionary_serves_everybody_of_an_achievement_and_tells_of_nobody",
    ),
    Mutant(
        "a name in a description goes into the dictionary",
        CODE,
        'return "" if len(name) > 1 and name in value else value',
        "return value",
        f"{QR}::test_a_name_in_a_description_does_not_come_into_the_dictionary",
    ),
    Mutant(
        "another dictionary is taken for the one that was named",
        CODE,
        "if not preset or name(preset) != wanted:",
        "if not preset:",
        f"{QR}::test_every_way_a_symbol_can_be_cut_or_spoilt_has_its_own_code",
    ),
    Mutant(
        "an address may unpack to any size",
        CODE,
        "LARGEST: Final = 65_536",
        "LARGEST: Final = 65_536_000",
        f"{QR}::test_an_address_that_unpacks_to_a_flood_is_refused_before_memory_is_taken",
    ),
    Mutant(
        "a cut symbol is called damaged",
        CODE,
        '    if not unpacker.eof:\n        return Refused("qr.cut")\n',
        "",
        f"{QR}::test_every_way_a_symbol_can_be_cut_or_spoilt_has_its_own_code",
    ),
    Mutant(
        "a badge is baked twice",
        "compsys/credentials/baking.py",
        "OTHERS: Final = (KEYWORD, b\"openbadges\")",
        "OTHERS: Final = (b\"openbadges\",)",
        f"{BAKING}::test_nothing_is_baked_twice",
    ),
    Mutant(
        "an SVG is baked twice",
        "compsys/credentials/baking.py",
        'if "<openbadges:" in picture or "xmlns:openbadges" in picture:',
        'if "<openbadge:" in picture:',
        f"{BAKING}::test_nothing_is_baked_twice",
    ),
    Mutant(
        "levels are printed before the result is public",
        PAPERS,
        '        if batch.paper != "award":\n',
        '        if batch.paper == "score":\n',
        f"{PRINTING}::test_before_the_result_is_public_an_organizer_prints_awards_and_nothing_else",
    ),
    Mutant(
        "an officer prints under embargo",
        PAPERS,
        'ask.call.actor.kind != "office" and ORGANIZER not in ask.call.actor.roles',
        'ask.call.actor.kind != "office" and not ask.call.actor.roles',
        f"{PRINTING}::test_before_the_result_is_public_an_organizer_prints_awards_and_nothing_else",
    ),
    Mutant(
        "what a correction has overtaken is printed for the ceremony",
        PAPERS,
        "        if (why := overtaken(ask.state, batch)) is not None:\n            return why\n",
        "",
        f"{PRINTING}::test_under_embargo_a_corrected_result_stops_the_old_awards",
    ),
    Mutant(
        "what was revoked is printed",
        PAPERS,
        "        if credential.status != VALID:\n",
        '        if credential.status == "suspended":\n',
        f"{PRINTING}::test_what_does_not_stand_is_not_printed",
    ),
    Mutant(
        "a reissue goes on counting",
        PAPERS,
        "    return count if line == credential.slice.n else 0\n",
        "    return count if line else 0\n",
        f"{PRINTING}::test_each_print_is_counted_and_a_reissue_begins_anew",
    ),
    Mutant(
        "a dictionary is written down again at each print",
        PAPERS,
        "if name not in kept}",
        "if name or kept}",
        f"{PRINTING}::test_dictionaries_are_kept_once_and_open_every_symbol",
    ),
]
