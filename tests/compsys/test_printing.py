"""Printing as facts: counted, of what stands only, before the release awards alone; dictionaries kept."""

from __future__ import annotations

from typing import Any

from compsys import commands_credentials as c
from compsys import events as e
from compsys.commands_papers import KeepDictionaries, PrintCredentials
from compsys.credentials import documents, jcs, papers, proofs, qr
from compsys.credentials.multikey import decode
from compsys.state_credentials import Batch
from tests.compsys import certified
from tests.compsys.certified import SECOND, WELD, WHERE, by_person, issued, names, official
from tests.web.venue import Recorded
from tests.world import OFFICE, ORGANIZER, World

KNOWN = e.Actor("account", "qian", ("officer",))


def ids_of(world: World, batch: Batch) -> tuple[str, ...]:
    return tuple(key for key, one in world.state.credentials.held.items() if one.batch == batch.id)


def printing(world: World, ids: tuple[str, ...], actor: e.Actor = ORGANIZER) -> e.Answer:
    return world.send(world.call(actor, PrintCredentials(credentials=ids)))


def under_embargo() -> Recorded:
    """An official result that only the office has seen."""
    world = certified.founded(4)
    certified.keyed(world)
    units = tuple((f"e{i:05d}", f"u{i:05d}", f"A{i:05d}") for i in range(4))
    world.do(OFFICE, e.Draw(stream=WELD, units=units))
    world.do(OFFICE, e.Open(stream=WELD))
    given = tuple((f"u{i:05d}", mark, "") for i, mark in enumerate(certified.marks(4)))
    told = world.do(ORGANIZER, e.ImportScores(stream=WELD, component="practice", digest="0", rows=given))
    world.do(SECOND, e.ConfirmScores(stream=WELD, n=told.n))
    world.do(ORGANIZER, e.Lock(stream=WELD, scope="stage"))
    publish: Any = {"rank": "official", "audience": "office", "confirmed_by": "second"}
    world.do(ORGANIZER, e.Publish(**WHERE, **publish))
    return world


def test_each_print_is_counted_and_a_reissue_begins_anew() -> None:
    world = official(4)
    batch = issued(world, "award", count=4)
    ids = ids_of(world, batch)
    assert printing(world, ids).a == "accepted"
    assert printing(world, (ids[0], ids[0], ids[1])).a == "accepted"
    held = world.state.credentials
    assert [papers.prints(world.state, held.held[one]) for one in ids[:3]] == [2, 2, 1]
    rows = ((ids[0], 99),)
    world.do(ORGANIZER, c.ReissueCredentials(rows=rows, code="error", reason="错字", confirmed_by="qian"))
    certified.sign(world, batch)
    assert papers.prints(world.state, held.held[ids[0]]) == 0
    assert printing(world, ids[:1]).a == "accepted"
    assert papers.prints(world.state, held.held[ids[0]]) == 1


def test_what_does_not_stand_is_not_printed() -> None:
    world = official(4)
    batch = issued(world, "award", count=4)
    first, second, *_ = ids_of(world, batch)
    revoked = c.MoveCredentials(
        move="revoked", credentials=(first,), code="fraud", reason="替考", confirmed_by="qian"
    )
    world.do(ORGANIZER, revoked)
    told = printing(world, (second, first))
    number = world.state.credentials.held[first].number
    assert (told.code, told.params) == ("credential.print_state", {"number": number, "status": "revoked"})
    assert printing(world, ("ab" * 16,)).code == "credential.credential_unknown"
    assert not world.state.credentials.prints


def test_before_the_result_is_public_an_organizer_prints_awards_and_nothing_else() -> None:
    world = under_embargo()
    awards, levels = issued(world, "award", count=4), issued(world, count=4)
    assert printing(world, ids_of(world, levels)).code == "credential.print_not_public"
    assert printing(world, ids_of(world, awards), KNOWN).code == "credential.print_embargo"
    assert printing(world, ids_of(world, awards)).a == "accepted"
    world.do(ORGANIZER, e.Publish(**WHERE, rank="official", audience="public", confirmed_by="second"))
    assert printing(world, ids_of(world, levels), KNOWN).a == "accepted"
    assert printing(world, ids_of(world, awards), KNOWN).a == "accepted"


def test_under_embargo_a_corrected_result_stops_the_old_awards() -> None:
    """From the newest official version alone: never what a correction has overtaken."""
    world = under_embargo()
    awards = issued(world, "award", count=4)
    world.do(ORGANIZER, e.Unlock(stream=WELD, scope="stage", reason="复核", confirmed_by="second"))
    out = e.SetStatus(stream=WELD, unit="u00000", scope="stage", status="excluded", reason="替考")
    world.do(ORGANIZER, out)
    world.do(ORGANIZER, e.Lock(stream=WELD, scope="stage"))
    note = {"zh-CN": "复核后更正。", "en": "Corrected after review."}
    more: Any = {"rank": "official", "audience": "office", "confirmed_by": "second", "reason": "复核"}
    world.do(ORGANIZER, e.Publish(**WHERE, note=note, **more))
    assert printing(world, ids_of(world, awards)).code == "credential.result_superseded"


def test_dictionaries_are_kept_once_and_open_every_symbol() -> None:
    world = official(4)
    batch = issued(world, count=4)
    ids = ids_of(world, batch)
    assert world.send(world.call(ORGANIZER, KeepDictionaries(credentials=ids[:1]))).a == "accepted"
    held = world.state.credentials
    kept = dict(held.dictionaries)
    assert kept and all(qr.name(text.encode()) == name for name, text in kept.items())
    again = world.send(world.call(ORGANIZER, KeepDictionaries(credentials=ids[:1])))
    assert again.code == "credential.dictionary_kept"
    assert printing(world, ids).a == "accepted"
    presets = {name: text.encode() for name, text in held.dictionaries.items()}
    for one in by_person(world).values():
        signed = documents.document(world.state, names(), one)
        assert isinstance(signed, dict)
        text = qr.fragment(signed, papers.dictionary(world.state, one))
        opened = qr.open_fragment(text, presets)
        assert isinstance(opened, dict)
        public = decode(one.slice.key)
        assert proofs.verify(opened, lambda method, found=public: found, suites=(proofs.JCS,)).ok
        assert jcs.canonical(opened) == jcs.canonical(proofs.only(signed, proofs.JCS))
        assert len(text) < 600


def test_no_name_comes_into_the_journal_by_printing() -> None:
    world = official(4)
    batch = issued(world, count=4)
    before = len(world.lines)
    assert printing(world, ids_of(world, batch)).a == "accepted"
    said = b"".join(part for _, _, _, event, closed in world.lines[before:] for part in e.pack(event, closed))
    assert b"dictionary_kept" in said and b"credentials_printed" in said
    assert not [i for i in range(4) if f"选手{i}".encode() in said]
