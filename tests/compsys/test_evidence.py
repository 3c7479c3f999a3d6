"""Pictures of marks: the line names them, the folder keeps them, they are as sealed as their value."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from compsys import events as e
from compsys import pictures
from compsys.evidence import Evidence, Found, plain
from compsys.views import sheet_for
from tests.world import MAIN, ORGANIZER, World, set_up

JPEG = b"\xff\xd8\xff\xe0\x00\x04JF\xff\xda\x00\x02light and dark\xff\xd9"
SHA = hashlib.sha256(JPEG).hexdigest()
OTHER = "ab" * 32
S1, S2, CHIEF = (f"cooking/final/{seat}" for seat in ("s1", "s2", "chief"))


def opened() -> World:
    world = set_up(World(), 1)
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def test_a_picture_is_as_sealed_as_the_vote_it_is_pinned_to() -> None:
    world = opened()
    assert world.mark("s1", "u1", "A1.J1", "2", files=(SHA,)).a == "accepted"
    stream = world.stream()
    assert pictures.for_seat(stream, SHA, S1) and pictures.pinned_by(stream, SHA, S1)
    assert not pictures.for_seat(stream, SHA, S2) and not pictures.for_chief(stream, SHA)
    own = sheet_for(world.state, stream, "u1", "A1", S1)["aspects"]["A1.J1"]
    assert own["files"] == (SHA,)
    assert SHA not in str(sheet_for(world.state, stream, "u1", "A1", S2))
    assert SHA not in str(sheet_for(world.state, stream, "u1", "A1", CHIEF))
    aspect = stream.groups["open"].aspects["A1.J1"]
    assert pictures.shown(stream, world.sheet("u1", "A1"), aspect.key, aspect.method) == []
    for seat in ("s2", "s3"):
        assert world.mark(seat, "u1", "A1.J1", "2").a == "accepted"
    assert pictures.for_chief(stream, SHA) and pictures.for_seat(stream, SHA, S2)
    assert pictures.shown(stream, world.sheet("u1", "A1"), aspect.key, aspect.method) == [(S1, (SHA,))]


def test_points_keep_their_pictures_sealed_until_all_have_signed() -> None:
    world = opened()
    assert world.mark("s1", "u1", "C1.P1", "12", files=(SHA,)).a == "accepted"
    for seat in ("s2", "s3"):
        assert world.mark(seat, "u1", "C1.P1", "12").a == "accepted"
    assert not pictures.for_chief(world.stream(), SHA)
    for seat in ("s1", "s2", "s3"):
        assert world.mark(seat, "u1", "C1.P2", "3").a == "accepted"
        assert world.sign(seat, "u1", "C1").a == "accepted"
    assert pictures.for_chief(world.stream(), SHA)


def test_an_agreed_value_and_an_incident_show_theirs_at_once() -> None:
    world = opened()
    assert world.mark("s1", "u1", "B1.M1", "pass", files=(SHA,)).a == "accepted"
    assert pictures.for_chief(world.stream(), SHA) and pictures.for_seat(world.stream(), SHA, S2)
    report = e.Report(stream=MAIN, incident="injury", text="a cut", unit="u1", files=(OTHER,))
    answer = world.send(world.call(world.seat("chief"), report))
    assert answer.a == "accepted" and pictures.for_chief(world.stream(), OTHER)
    assert not pictures.for_seat(world.stream(), OTHER, S2)
    assert next(iter(world.stream().incidents.values())).files == (OTHER,)


def test_a_mark_that_comes_late_still_names_its_picture() -> None:
    world = opened()
    for seat in ("s1", "s2", "s3"):
        for aspect in ("A1.J1", "A1.J2"):
            world.mark(seat, "u1", aspect, "2")
    assert world.mark("s2", "u1", "A1.J1", "3", files=(SHA,)).a == "late"
    assert pictures.pinned_by(world.stream(), SHA, S2)


def test_only_digests_are_taken_and_no_more_than_eight() -> None:
    mark = {"c": "mark", "stream": MAIN, "unit": "u", "aspect": "a", "seat": "s", "round": 1, "value": "1"}
    for files in (["../../etc/passwd"], [SHA.upper()], [OTHER] * 9, [SHA[:-1]]):
        with pytest.raises(msgspec.ValidationError):
            e.COMMAND_DECODER.decode(msgspec.json.encode({**mark, "base": 0, "files": files}))
    found = e.COMMAND_DECODER.decode(msgspec.json.encode({**mark, "base": 0, "files": [OTHER] * 8}))
    assert isinstance(found, e.Mark) and len(found.files) == 8


def test_a_folder_keeps_a_picture_whole_or_not_at_all(tmp_path: Path) -> None:
    held = Evidence(tmp_path)
    assert held.path(SHA) is None
    assert held.keep(JPEG) == SHA and held.keep(JPEG) == SHA
    assert [path.name for path in held.folder.iterdir()] == [SHA]
    path = held.path(SHA)
    assert path is not None and path.read_bytes() == JPEG and held.path("../journal.db") is None
    assert held.stand([SHA, SHA, OTHER]) == Found(2, 1, ())
    path.write_bytes(b"something else")
    assert held.stand([SHA]) == Found(1, 1, (SHA,))
    held.keep(JPEG)  # the true bytes come again: they are what stands there
    assert held.stand([SHA]) == Found(1, 1, ())
    assert held.copy_to(tmp_path / "copy") == 1 and held.copy_to(tmp_path / "copy") == 0


def test_the_cameras_words_are_taken_out_and_the_picture_stays() -> None:
    told = b"\xff\xe1\x00\x0fExif 43.6N 1E"
    assert plain(JPEG[:2] + told + JPEG[2:]) == JPEG
    assert plain(JPEG) == JPEG and plain(b"\x89PNG") == b"\x89PNG"
    assert plain(b"\xff\xd8\xff\xe1\xff\xff cut off").startswith(b"\xff\xd8")
