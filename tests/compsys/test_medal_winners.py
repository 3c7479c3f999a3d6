"""Medals are won by entries and worn by persons: random team shapes, ties, guests, absent ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from compsys import boards
from compsys import events as e
from compsys.full_size import MEDALS, winners
from compsys.state import State
from tests.world import OFFICE, ORGANIZER, World

CLERK = e.Actor("account", "second", ("organizer",))


@dataclass(frozen=True)
class Contest:
    """A trade: persons per entry; each entry's mark (None: absent), delegation, whether it is a guest."""

    size: int
    entries: tuple[tuple[int | None, int, bool], ...]


contests = st.builds(
    Contest,
    st.integers(1, 4),
    st.lists(
        st.tuples(st.none() | st.integers(0, 6), st.integers(0, 4), st.integers(0, 9).map(lambda n: n == 0)),
        min_size=2,
        max_size=9,
    )
    .filter(lambda found: any(mark is not None for mark, _, _ in found))
    .map(tuple),
)
editions = st.lists(contests, min_size=1, max_size=5)


def published(edition: list[Contest]) -> State:
    """The edition imported, drawn, given its marks and made official."""
    world = World(3)
    world.define("competition", id="c-test", name={"en": "Edition"})
    for number in range(5):
        world.define("delegation", id=f"d{number}", name={"en": f"D{number}"})
    for order, contest in enumerate(edition):
        trade, name = f"t{order}", {"en": f"T{order}"}
        theory = {"id": "theory", "name": name, "source": "imported"}
        at = {"trade": trade, "stage": "final"}
        world.define("trade", id=trade, name=name)
        world.define("stage", id="final", trade=trade, name=name)
        world.define("group", id="open", **at, name=name, profile="cook-off", components=[theory])
        units = []
        for i, (_, delegation, guest) in enumerate(contest.entries):
            team = [f"{trade}-p{i}-{k}" for k in range(contest.size)]
            for person in [*team, f"{trade}-r{i}"]:
                world.define("person", id=person)
            members = [{"person": who} for who in team] + [{"person": f"{trade}-r{i}", "role": "reserve"}]
            world.define(
                "entry",
                id=f"{trade}-e{i}",
                trade=trade,
                delegation=f"d{delegation}",
                members=members,
                guest=guest,
            )
            units.append((f"{trade}-e{i}", f"{trade}-u{i}", f"A{10 + i}"))
        stream = f"{trade}.final.main"
        world.do(OFFICE, e.Draw(stream=stream, units=tuple(units)))
        world.do(OFFICE, e.Open(stream=stream))
        rows = tuple(
            (f"{trade}-u{i}", None if mark is None else str(mark), "absent" if mark is None else "")
            for i, (mark, _, _) in enumerate(contest.entries)
        )
        told = world.do(ORGANIZER, e.ImportScores(stream=stream, component="theory", digest="0", rows=rows))
        world.do(CLERK, e.ConfirmScores(stream=stream, n=told.n))
        world.do(ORGANIZER, e.Lock(stream=stream, scope="stage"))
        publish = e.Publish(
            trade=trade,
            stage="final",
            group="open",
            rank="official",
            audience="public",
            confirmed_by="second",
        )
        world.do(ORGANIZER, publish)
    return world.state


def expected(edition: list[Contest]) -> tuple[Counter[str], int]:
    """Medals by colour, and how many persons wear one: counted plainly. Guests are passed over."""
    medals: Counter[str] = Counter()
    persons = 0
    for contest in edition:
        marks = [mark for mark, _, guest in contest.entries if mark is not None and not guest]
        for mark in marks:
            place = 1 + sum(other > mark for other in marks)
            if place <= 3:
                medals[MEDALS[place - 1]] += 1
                persons += contest.size
    return medals, persons


@settings(max_examples=25 if settings.get_current_profile_name() == "repeatable" else 200)
@given(editions)
def test_persons_are_the_sum_of_team_sizes_over_medals(edition: list[Contest]) -> None:
    state = published(edition)
    medals, persons = expected(edition)
    found = winners(state)
    assert {colour: found[colour] for colour in MEDALS} == {colour: medals[colour] for colour in MEDALS}
    assert found["persons"] == persons
    table = boards.picture(state, "medals:gold_first", "public", lambda person: None)
    assert {colour: table["sums"][colour] for colour in MEDALS} == {c: medals[c] for c in MEDALS}
    untied = all(
        len({mark for mark, _, guest in c.entries if mark is not None and not guest})
        == sum(mark is not None and not guest for mark, _, guest in c.entries)
        >= 3
        for c in edition
    )
    if untied:
        assert persons == 3 * sum(contest.size for contest in edition)
        assert [found[colour] for colour in MEDALS] == [len(edition)] * 3
