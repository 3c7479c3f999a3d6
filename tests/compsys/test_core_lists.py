"""Lists in the core: taken whole, taken back whole while nothing stands on them, scores in bounded lines."""

from __future__ import annotations

from typing import Any

import pytest

from compsys import events as e
from compsys import importing
from compsys.records import Entry
from tests.golden.make import in_lines_of
from tests.world import MAIN, OFFICE, ORGANIZER, World, opened, set_up

SALT = "ab" * 16


def item(kind: str, key: str, **value: Any) -> e.Define:
    return e.Define(kind=kind, id=key, value={"id": key.rpartition("/")[2], **value})


def newcomer(n: int, delegation: str = "d1", **more: Any) -> tuple[e.Define, e.Define]:
    """A person and their entry."""
    members = [{"person": f"p{n}"}]
    return (
        item("person", f"p{n}"),
        item("entry", f"e{n}", trade="cooking", delegation=delegation, members=members, **more),
    )


def take(world: World, *items: e.Define, persons: tuple[e.BindPerson, ...] = ()) -> e.Answer:
    command = e.ImportList(what="entrants", digest="cd" * 32, items=items, persons=persons)
    return world.send(world.call(ORGANIZER, command))


def test_a_list_is_taken_and_taken_back_as_one() -> None:
    world = set_up(World(), 2)
    before = {kind: dict(held) for kind, held in world.state.setup.records.items()}
    changed = item("entry", "e1", trade="cooking", delegation="d2", members=[{"person": "p1"}])
    bound = (e.BindPerson(person="p9", commitment="c", salt=SALT),)
    taken = take(world, *newcomer(9), changed, persons=bound)
    assert taken.a == "accepted" and world.state.setup.entries["e1"].delegation == "d2"
    assert {"e9"} <= set(world.state.setup.entries)
    assert world.do(ORGANIZER, e.RevertList(n=taken.n)).a == "accepted"
    assert {kind: dict(held) for kind, held in world.state.setup.records.items()} == before
    assert world.refused(ORGANIZER, e.RevertList(n=taken.n)) == "import_reverted"
    assert world.refused(ORGANIZER, e.RevertList(n=taken.n + 1)) == "import_unknown"


def test_one_bad_record_and_nothing_of_the_list_is_taken() -> None:
    world = set_up(World(), 1)
    lines = len(world.lines)
    answer = take(world, *newcomer(9), *newcomer(10, delegation="nobody"))
    assert (answer.a, answer.code) == ("refused", "unknown_reference")
    assert len(world.lines) == lines and not world.state.brought


def test_what_stands_on_an_import_keeps_it() -> None:
    world = set_up(World(), 1)
    taken = take(world, item("delegation", "new", name={"en": "New"}))
    world.define("person", id="p5")
    world.define("entry", id="e5", trade="cooking", delegation="new", members=[{"person": "p5"}])
    revert = world.call(ORGANIZER, e.RevertList(n=taken.n))
    told = world.send(revert)
    assert (told.code, told.params["by"], told.params["key"]) == ("in_use", "entry", "e5")
    world.do(ORGANIZER, e.Define(kind="entry", id="e5", value=None))
    assert world.do(ORGANIZER, e.RevertList(n=taken.n)).a == "accepted"


def test_a_record_changed_since_or_drawn_keeps_the_import() -> None:
    world = set_up(World(), 1)
    taken = take(world, *newcomer(9))
    world.define("entry", id="e9", trade="cooking", delegation="d1", members=[{"person": "p9"}], bib="7")
    assert world.refused(ORGANIZER, e.RevertList(n=taken.n)) == "import_changed"
    world.define("entry", id="e9", trade="cooking", delegation="d1", members=[{"person": "p9"}])
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e9", "u2", "A12"))))
    assert world.refused(ORGANIZER, e.RevertList(n=taken.n)) == "frozen_record"


def test_a_record_set_twice_in_one_list_goes_back_to_what_it_was_before_it() -> None:
    world = set_up(World(), 1)
    first = item("entry", "e1", trade="cooking", delegation="d1", members=[{"person": "p1"}], bib="1")
    then = item("entry", "e1", trade="cooking", delegation="d1", members=[{"person": "p1"}], bib="2")
    taken = take(world, first, then)
    world.do(ORGANIZER, e.RevertList(n=taken.n))
    back = world.state.setup.entries["e1"]
    assert isinstance(back, Entry) and back.bib == ""


def test_scores_of_many_are_written_in_lines_of_bounded_size_and_count_together() -> None:
    world = opened(3, theory=True)
    rows: tuple[tuple[str, str | None, str], ...]
    rows = (("u1", "80", ""), ("u2", None, "absent"), ("u3", "0", ""))
    command = e.ImportScores(stream=MAIN, component="theory", digest="ab" * 32, rows=rows)
    with in_lines_of(2):
        taken = world.do(ORGANIZER, command)
    assert [type(line[3]).__name__ for line in world.lines[-2:]] == ["ScoresImported", "ScoresContinued"]
    assert world.stream().imports[taken.n].rows == rows and not world.stream().units["u3"].imported
    world.do(OFFICE, e.ConfirmScores(stream=MAIN, n=taken.n))
    assert world.stream().units["u3"].imported == {"theory": ("0", "")}
    assert world.stream().units["u2"].imported == {"theory": (None, "absent")}
    assert importing.ROWS == 1000


def test_scores_are_taken_back_only_before_they_count() -> None:
    world = opened(1, theory=True)
    command = e.ImportScores(stream=MAIN, component="theory", digest="ab" * 32, rows=(("u1", "80", ""),))
    first = world.do(ORGANIZER, command)
    world.do(ORGANIZER, e.WithdrawScores(stream=MAIN, n=first.n))
    assert world.refused(OFFICE, e.ConfirmScores(stream=MAIN, n=first.n)) == "import_unknown"
    second = world.do(ORGANIZER, command)
    world.do(OFFICE, e.ConfirmScores(stream=MAIN, n=second.n))
    assert world.refused(ORGANIZER, e.WithdrawScores(stream=MAIN, n=second.n)) == "import_confirmed"


@pytest.mark.parametrize("shape", ["", "0f", "Z" * 32])
def test_only_a_digest_is_remembered_of_a_header(shape: str) -> None:
    world = set_up(World(), 1)
    assert world.refused(ORGANIZER, e.MapColumns(shape=shape, columns=("name_zh",))) == "malformed"
    personal = e.MapColumns(shape="0f" * 16, columns=("王小明",))
    assert world.refused(ORGANIZER, personal) == "malformed"
    world.do(ORGANIZER, e.MapColumns(shape="0f" * 16, columns=("name_zh", "")))
    assert world.state.mappings == {"0f" * 16: ("name_zh", "")}
