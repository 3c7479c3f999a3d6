"""Mutants of credentials' proofs: canonical forms, signing, checking, keys, lists, tokens."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

HERE = "compsys/credentials"
TESTS = "tests/compsys/credentials"
JCS, QUADS, PROOFS = f"{TESTS}/test_jcs.py", f"{TESTS}/test_nquads.py", f"{TESTS}/test_proofs.py"
KEYS, JWT, LISTS = f"{TESTS}/test_keys.py", f"{TESTS}/test_jwt.py", f"{TESTS}/test_statuslist.py"
GOLDEN = f"{QUADS}::test_the_bytes_are_those_of_the_published_contexts"
WRONG = f"{QUADS}::test_what_would_be_shown_but_not_signed_alike_by_all_is_refused"
ANY_VALUE = f"{PROOFS}::test_changing_any_single_value_of_the_worked_example_makes_both_proofs_fail"
REASONS = f"{PROOFS}::test_each_reason_has_its_code"
TWO_WAYS = f"{JCS}::test_what_could_be_read_in_two_ways_is_refused"
HISTORY = f"{KEYS}::test_after_a_rotation_old_credentials_verify_and_those_of_a_leaked_key_do_not"

MUTANTS = [
    # canonical JSON
    Mutant(
        "a member that stands twice is read", f"{HERE}/jcs.py",
        "    if len(found) != len(pairs):\n", "    if False:\n", TWO_WAYS,
    ),
    Mutant(
        "a JSON number with a point is signed", f"{HERE}/jcs.py",
        "            parse_float=_no_number,\n", "            parse_float=lambda text: 1,\n", TWO_WAYS,
    ),
    Mutant(
        "a number that floating point cannot hold is signed", f"{HERE}/jcs.py",
        "        if not -WHOLE < value < WHOLE:\n", "        if not -WHOLE <= value <= WHOLE:\n", TWO_WAYS,
    ),
    Mutant(
        "half a character is signed", f"{HERE}/jcs.py",
        "        if not value.isascii() and _SURROGATE.search(value):\n", "        if False:\n", TWO_WAYS,
    ),
    Mutant(
        "a key outside ASCII is sorted in nobody knows what order", f"{HERE}/jcs.py",
        "            if type(key) is not str or not key.isascii():\n",
        "            if type(key) is not str:\n", TWO_WAYS,
    ),
    Mutant(
        "JSON nests without end", f"{HERE}/jcs.py", "    except RecursionError as error:\n",
        "    except OverflowError as error:\n", TWO_WAYS,
    ),
    Mutant(
        "canonical JSON keeps the order of writing", f"{HERE}/jcs.py",
        'msgspec.json.Encoder(order="deterministic")', "msgspec.json.Encoder()",
        f"{JCS}::test_the_bytes_are_those_of_rfc_8785_and_are_read_back",
    ),
    Mutant(
        "the limit of a file counts letters, not bytes", f"{HERE}/jcs.py",
        '            size = len(text.encode(errors="surrogatepass"))\n', "            size = len(text)\n",
        f"{JCS}::test_what_is_too_large_is_not_read",
    ),
    # N-Quads
    Mutant(
        "an unknown member is left out of the signature", f"{HERE}/nquads.py",
        '                raise Unsignable("proof.member_unknown", jcs.shown(name))\n',
        "                continue\n", WRONG,
    ),
    Mutant(
        "an unknown type is passed over", f"{HERE}/nquads.py",
        "if len(named) == len(kind.types) and kind.since <= self._since and set(named) == set(kind.types):",
        "if kind.since <= self._since and set(named) >= set(kind.types):", WRONG,
    ),
    Mutant(
        "a word is signed though its context is not there", f"{HERE}/nquads.py",
        " and kind.since <= self._since and ", " and ", WRONG,
    ),
    Mutant(
        "two things under one id", f"{HERE}/nquads.py",
        "        if jcs.canonical(known) != jcs.canonical(value):\n", "        if False:\n", WRONG,
    ),
    Mutant(
        "an id with Han in it", f"{HERE}/terms.py", r"[!#-;=?-\[\]_a-z~]+\Z",
        r"[!#-;=?-\[\]_a-z~\w]+\Z", WRONG,
    ),
    Mutant("a line's end behind an id", f"{HERE}/terms.py", r"a-z~]+\Z", "a-z~]+$", WRONG),
    Mutant(
        "control characters are signed", f"{HERE}/nquads.py",
        "    if _BAD_TEXT.search(value):\n", "    if False:\n", WRONG,
    ),
    Mutant(
        "a tag twice", f"{HERE}/nquads.py", "                    if found in met:\n",
        "                    if False:\n", WRONG,
    ),
    Mutant(
        "a rare character in a tag", f"{HERE}/nquads.py", '> "\\uffff":', '> "\\U0010ffff":', WRONG,
    ),
    Mutant(
        "true is 1", f"{HERE}/nquads.py", "        if type(value) is not bool:\n",
        "        if False:\n", WRONG,
    ),
    Mutant(
        "quotes are not escaped", f"{HERE}/nquads.py", "        value = value.translate(_ESCAPES)\n",
        "        pass\n", GOLDEN,
    ),
    Mutant(
        "a scale's order is not signed", f"{HERE}/nquads.py",
        "        for cell, after in pairwise(cells):\n",
        "        for cell, after in pairwise(sorted(cells, key=lambda c: self.graph.said[c])):\n", GOLDEN,
    ),
    Mutant(
        "the datatype that a context does not define is mended", f"{HERE}/terms.py", '"text", "xsd:dateTime"',
        '"text", XSD + "dateTime"', GOLDEN,
    ),
    Mutant(
        "Open Badges' datatypes with http", f"{HERE}/terms.py", 'OB_XSD = "https:', 'OB_XSD = "http:', GOLDEN,
    ),
    Mutant(
        "equal lines of a node count once in its hash", f"{HERE}/labels.py",
        '        graph.known(node) or sha256("".join(sorted(lines)).encode()).hexdigest()\n',
        '        graph.known(node) or sha256("".join(sorted(set(lines))).encode()).hexdigest()\n', GOLDEN,
    ),
    Mutant(
        "look-alike nodes are named as they come", f"{HERE}/labels.py",
        "        if len(set(hashes)) == len(hashes):\n", "        if True:\n", GOLDEN,
    ),
    Mutant(
        "one quad written twice stands twice", f"{HERE}/labels.py", "sorted(set(lines))).encode()\n\n\nclass",
        "sorted(lines)).encode()\n\n\nclass", GOLDEN,
    ),
    Mutant(
        "the comparison of look-alikes has no end", f"{HERE}/labels.py",
        "        if self._steps > PATIENCE or self._deep > DEEPEST:\n", "        if self._deep > 10**6:\n",
        f"{QUADS}::test_a_document_made_to_take_for_ever_is_refused_soon",
    ),
    Mutant(
        "parents of parents without end", f"{HERE}/nquads.py",
        "node = self.node(item, member.kinds, depth - 1)", "node = self.node(item, member.kinds, depth)",
        f"{QUADS}::test_parents_of_parents_end_somewhere",
    ),
    Mutant(
        "a changed achievement is taken for the prepared one", f"{HERE}/nquads.py",
        "            key = (*place, msgspec.json.encode(value))\n",
        '            key = (*place, value["id"].encode())\n',
        f"{QUADS}::test_a_part_that_was_changed_is_not_taken_for_the_prepared_one",
    ),
    Mutant(
        "ids in a prepared part are forgotten", f"{HERE}/nquads.py",
        "        for identifier, inner in objects.items():\n", "        for identifier, inner in ():\n",
        f"{QUADS}::test_a_prepared_part_still_meets_the_ids_of_the_rest",
    ),
    # proofs
    Mutant(
        "the document's digest before the proof's", f"{HERE}/proofs.py",
        "    return sha256(config).digest() + sha256(document).digest()\n",
        "    return sha256(document).digest() + sha256(config).digest()\n",
        f"{PROOFS}::test_our_signing_makes_the_values_that_w3c_published",
    ),
    Mutant(
        "a proof does not cover its own members", f"{HERE}/proofs.py",
        "    return sha256(config).digest() + sha256(document).digest()\n",
        "    return bytes(32) + sha256(document).digest()\n",
        f"{PROOFS}::test_changing_any_value_of_a_proof_makes_the_check_fail",
    ),
    Mutant(
        "a proof that does not match counts", f"{HERE}/proofs.py",
        '    if not check("Ed25519", key, signature, hashed):\n', "    if len(signature) != 64:\n", ANY_VALUE,
    ),
    Mutant(
        "one good proof is enough for a document with two", f"{HERE}/proofs.py",
        "        if proof.code:\n", "        if proof.code and proof is proofs[0]:\n",
        f"{PROOFS}::test_what_the_meaning_does_not_hold_the_other_proof_does",
    ),
    Mutant(
        "a missing proof goes unnoticed", f"{HERE}/proofs.py", "        if suite not in held:\n",
        "        if not held:\n", f"{PROOFS}::test_one_proof_alone_is_enough_where_only_that_is_asked_for",
    ),
    Mutant(
        "proofs of two times make a pair", f"{HERE}/proofs.py", " or len(told_by) > 1:", ":", REASONS,
    ),
    Mutant(
        "any known key signs for any issuer", f"{HERE}/proofs.py",
        'method.partition("#")[0] != claim.issuer:', "not method:", REASONS,
    ),
    Mutant(
        "a key that is not to be believed is", f"{HERE}/proofs.py",
        "    if isinstance(key, Refused):\n        return ProofChecked(suite, key.code, key.params)\n",
        '    if isinstance(key, Refused):\n        return ProofChecked(suite, "", {})\n', HISTORY,
    ),
    Mutant(
        "members that a proof does not know are passed over", f"{HERE}/proofs.py",
        "        if name not in allowed:\n", "        if name.startswith('@') and name not in allowed:\n",
        f"{PROOFS}::test_changing_any_value_of_a_proof_makes_the_check_fail",
    ),
    Mutant(
        "a proof for another purpose counts", f"{HERE}/proofs.py",
        ' or proof.get("proofPurpose") != "assertionMethod":', ":", REASONS,
    ),
    Mutant(
        "what was signed is signed again", f"{HERE}/proofs.py", '    if "proof" in document:\n',
        "    if False:\n", f"{PROOFS}::test_what_cannot_be_signed_is_not",
    ),
    Mutant(
        "the jcs proof comes first", f"{HERE}/proofs.py",
        '    return {**document, "proof": made}\n', '    return {**document, "proof": made[::-1]}\n',
        f"{PROOFS}::test_what_was_signed_verifies_also_after_a_way_through_files",
    ),
    # keys
    Mutant(
        "a retired key's certificates fall", f"{HERE}/controller.py", "key is not None and key.revoked:",
        "key is not None and (key.revoked or key.retired):", HISTORY,
    ),
    Mutant(
        "a revoked key may sign by its document", f"{HERE}/controller.py",
        "        else:\n            signing.append(name)\n", "        signing.append(name)\n",
        f"{KEYS}::test_the_controller_document_lists_every_key_and_lets_the_revoked_one_sign_nothing",
    ),
    Mutant(
        "a private key stands in clear", f"{HERE}/keyfolder.py",
        "sealed = nonce + self._cipher.encrypt(nonce, secret, self._bound(algorithm, public))",
        "sealed = nonce + secret", f"{KEYS}::test_no_secret_stands_on_the_disk_in_clear",
    ),
    Mutant(
        "others may read a private key", f"{HERE}/keyfolder.py", "os.O_EXCL, 0o600)", "os.O_EXCL, 0o644)",
        f"{KEYS}::test_no_secret_stands_on_the_disk_in_clear",
    ),
    Mutant(
        "a key that others may read is used", f"{HERE}/keyfolder.py", "        if mode & 0o077:\n",
        "        if mode & 0o002:\n", f"{KEYS}::test_a_key_that_others_may_read_is_not_used",
    ),
    Mutant(
        "one key's file takes another's place", f"{HERE}/keyfolder.py",
        " or found.public != public:", ":",
        f"{KEYS}::test_a_file_under_another_master_key_or_altered_or_swapped_does_not_open",
    ),
    # status lists
    Mutant(
        "index 0 is the lowest bit", f"{HERE}/statuslist.py",
        "        bits[index // 8] |= 0x80 >> index % 8\n", "        bits[index // 8] |= 1 << index % 8\n",
        f"{LISTS}::test_index_0_is_the_highest_bit_of_the_first_byte",
    ),
    Mutant(
        "a swollen list fills the memory", f"{HERE}/statuslist.py",
        "    if not reader.eof or reader.unused_data or not LENGTH <= len(bits) * 8 <= LONGEST:\n",
        "    if len(bits) * 8 < LENGTH:\n", f"{LISTS}::test_a_damaged_short_or_swollen_list_is_refused",
    ),
    Mutant(
        "an index that is taken is given again", f"{HERE}/statuslist.py", "        if index not in taken:\n",
        "        if index not in found:\n", f"{LISTS}::test_indexes_are_chosen_once_each",
    ),
    # tokens
    Mutant(
        "a token may name its own algorithm", f"{HERE}/jwt.py", 'header.get("alg") != "ES256" or ', "",
        f"{JWT}::test_no_other_header_is_believed",
    ),
    Mutant(
        "a header may hold what changes the signature's meaning", f"{HERE}/jwt.py",
        " or not set(header) <= HEADER:", ":", f"{JWT}::test_no_other_header_is_believed",
    ),
    Mutant(
        "claims may say something else than the credential", f"{HERE}/jwt.py",
        "            if payload.get(claim) != expected.get(claim) or type(payload.get(claim)) is bool:\n",
        "            if claim not in payload and claim != 'exp':\n",
        f"{JWT}::test_claims_that_say_something_else_than_the_credential_are_refused",
    ),
    Mutant(
        "a token written in another way passes", f"{HERE}/jwt.py", "    if _packed(data) != text:\n",
        "    if False:\n", f"{JWT}::test_any_altered_letter_is_refused",
    ),
    Mutant(
        "another issuer's key signs tokens", f"{HERE}/jwt.py",
        '    if not kid.startswith((f"{issuer}/keys/", f"{issuer}#")):\n', "    if not kid:\n",
        f"{JWT}::test_no_other_header_is_believed",
    ),
    Mutant(
        "a copy of the keys leaves the issuers' behind", "compsys/moving.py",
        "    copy_signers(source, target)\n", "", f"{KEYS}::test_a_copy_of_the_keys_has_the_issuers_too",
    ),
]  # fmt: skip
