"""The journal's contract: order, one commit for all, collisions, the lock, formats, erasing, copies."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compsys.journal import (
    AuditEntry,
    Batch,
    Collision,
    CommitFailed,
    Draft,
    FormatUnknown,
    Head,
    Journal,
    JournalMissing,
    Line,
    OtherCompetition,
    SqliteJournal,
    write_export,
)
from compsys.seal import BrokenChain, digest, first, follow, seal
from compsys.verify import verify
from tests.compsys.journals import batch, mark, write
from tests.compsys.places import KINDS, AnyJournal, Place

A, B = Draft(b'{"kind":"a"}', b"shut"), Draft(b'{"kind":"b"}')
COUNT = itertools.count()


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind: str = request.param
    return Place(kind, tmp_path, request.getfixturevalue("postgres") if kind == "postgres" else None)


@pytest.fixture(params=KINDS, scope="module")
def anywhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    kind: str = request.param
    server = request.getfixturevalue("postgres") if kind == "postgres" else None
    return Place(kind, tmp_path_factory.mktemp("any"), server)


@pytest.fixture
def journal(place: Place) -> Iterator[AnyJournal]:
    with place.open() as opened:
        yield opened


# ---------------------------------------------------------------- lines


def test_a_line_is_sealed_to_the_one_before_and_its_bytes_are_kept(journal: AnyJournal) -> None:
    draft = Draft('{ "名" :1 }'.encode(), b"\x00\xff")
    lines = write(journal, "web", draft, B)
    prev = seal(first("c1", "web"), draft.open, digest(draft.closed))
    assert lines[0] == Line("web", 1, draft.open, draft.closed, digest(draft.closed), prev)
    assert lines[1].seal == seal(prev, B.open, digest(b""))
    assert list(journal.read()) == lines
    assert journal.head("web") == Head(2, lines[1].seal)


def test_what_was_written_is_there_after_opening_again(place: Place) -> None:
    with place.open() as journal:
        lines = write(journal, "web", A, B) + write(journal, "cooking", B)
        heads = journal.heads()
    with place.open(None) as journal:
        assert (journal.competition, journal.heads(), list(journal.read())) == ("c1", heads, lines)


def test_reading_all_streams_is_in_commit_order_and_one_stream_in_its_own(journal: AnyJournal) -> None:
    write(journal, "b", A)
    write(journal, "a", A, B)
    write(journal, "b", B)
    assert [(line.stream, line.n) for line in journal.read()] == [("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert [(line.stream, line.n) for line in journal.read(None, 2)] == [("a", 2), ("b", 2)]
    assert [line.n for line in journal.read("a", 1)] == [2]
    assert list(journal.read("nothing")) == []


def test_reading_shows_the_journal_of_that_moment(journal: AnyJournal) -> None:
    write(journal, "a", A)
    everything, one = journal.read(), journal.read("a")
    start = [next(everything), next(one)]
    write(journal, "a", B)
    assert len(start) + len(list(everything)) + len(list(one)) == 2


# ---------------------------------------------------------------- appending


def test_a_collision_leaves_only_its_stream_out(journal: AnyJournal) -> None:
    (line,) = write(journal, "web", A)
    stale = Batch("web", Head(0, first("c1", "web")), [B])
    forged = Batch("web", Head(1, bytes(32)), [B])
    answers = journal.append([stale, batch(journal, "cooking", A), forged])
    assert answers[0] == answers[2] == Collision("web", Head(1, line.seal))
    assert [line.stream for line in journal.read()] == ["web", "cooking"]


def test_batches_of_one_stream_in_one_call_follow_each_other(journal: AnyJournal) -> None:
    start = journal.head("web")
    after = Head(1, seal(start.seal, A.open, digest(A.closed)))
    answers = journal.append([Batch("web", start, [A]), Batch("web", after, [B]), Batch("web", start, [B])])
    assert [isinstance(answer, Collision) for answer in answers] == [False, False, True]
    assert [line.n for line in follow("c1", journal.read())] == [1, 2]


def test_an_atomic_append_is_all_or_nothing(journal: AnyJournal) -> None:
    (line,) = write(journal, "web", A)
    stale = Batch("web", Head(0, first("c1", "web")), [B])
    refusal = AuditEntry("2026-11-21T08:00:00.000Z", "device", "key", "locked")
    answers = journal.append([batch(journal, "competition", A), stale], [refusal], atomic=True)
    assert answers == [
        Collision("competition", Head(0, first("c1", "competition")), own=False),
        Collision("web", Head(1, line.seal)),
    ]
    assert list(journal.read()) == [line]
    assert journal.audited("key") == refusal  # a refusal is final, whatever became of the rest
    assert all(journal.append([batch(journal, s, A) for s in ("competition", "web")], atomic=True))
    assert len(list(journal.read())) == 3


@pytest.mark.parametrize("atomic", [False, True])
def test_a_line_that_is_there_unexpectedly_is_never_written_over(
    journal: AnyJournal, place: Place, atomic: bool
) -> None:
    """Behind the journal's back, by somebody who takes no turn. PostgreSQL's unique key finds it, and it is a
    collision; on SQLite nobody can, so it is a damage: the handle is done, the next one knows the line."""
    sealed = seal(first("c1", "web"), A.open, digest(A.closed))
    foreign = Line("web", 1, A.open, A.closed, digest(A.closed), sealed)
    place.slip_in(journal, foreign)
    batches = [batch(journal, s, B, A) for s in ("competition", "web", "cooking")]
    if place.kind == "sqlite":
        with pytest.raises(CommitFailed) as failed:
            journal.append(batches, atomic=atomic)
        assert failed.value.kind == "damaged"
        with pytest.raises(CommitFailed):
            journal.heads()
        journal.close()
        journal, written = place.open(None), ["web"]
        assert journal.head("web") == Head(1, foreign.seal)
    else:
        answers = journal.append(batches, atomic=atomic)
        assert answers[1] == Collision("web", Head(1, foreign.seal))
        written = ["web"] if atomic else ["web", "competition", "competition", "cooking", "cooking"]
    assert [line.stream for line in journal.read()] == written
    assert len(journal.append([batch(journal, "web", B)])[0]) == 1
    assert list(follow("c1", journal.read())) == list(journal.read())
    journal.close()


def test_lines_sealed_by_the_caller_are_taken_in_any_mixture(journal: AnyJournal, place: Place) -> None:
    with place.open(name="other") as other:
        one, two = write(other, "a", A, B), write(other, "b", B, A)
    start = {stream: Head(0, first("c1", stream)) for stream in "abc"}
    assert journal.append_sealed([one[0], two[0], two[1], one[1]], start) == []
    assert [(line.stream, line.n) for line in follow("c1", journal.read())] == [
        ("a", 1),
        ("b", 1),
        ("b", 2),
        ("a", 2),
    ]
    assert journal.append_sealed([one[0]], {"a": start["a"]}) == [Collision("a", Head(2, one[1].seal))]
    start = {"c": start["c"]}
    with pytest.raises(ValueError, match="does not follow"):
        journal.append_sealed([Line("c", 1, *one[0][2:]), Line("c", 3, *one[1][2:])], start)
    with pytest.raises(ValueError, match="does not follow"):
        journal.append_sealed([Line("c", 2, *one[1][2:])], start)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_lines_that_were_sealed_on_another_head_are_left_out(journal: AnyJournal, n: int) -> None:
    """Another number, or the same with another seal: as of a desk whose state is not the journal's."""
    (line,) = write(journal, "a", A)
    elsewhere, start = Head(n, bytes(32)), Head(0, first("c1", "b"))
    shut = digest(B.closed)
    wrong = Line("a", n + 1, B.open, B.closed, shut, seal(elsewhere.seal, B.open, shut))
    right = Line("b", 1, B.open, B.closed, shut, seal(start.seal, B.open, shut))
    after = {"a": elsewhere, "b": start}
    assert journal.append_sealed([wrong, right], after, atomic=True) == [Collision("a", Head(1, line.seal))]
    assert [line.stream for line in journal.read()] == ["a"]
    assert journal.append_sealed([wrong, right], after) == [Collision("a", Head(1, line.seal))]
    assert [line.stream for line in journal.read()] == ["a", "b"]
    assert list(follow("c1", journal.read())) == list(journal.read())


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=5), max_size=8
    )
)
@settings(max_examples=25)
def test_any_sequence_of_appends_keeps_whole_chains(
    anywhere: Place, calls: list[list[tuple[str, int, bool]]]
) -> None:
    with anywhere.open(name=f"any{next(COUNT)}") as journal:
        expected: list[Line] = []
        for call in calls:
            batches = [
                Batch(s, journal.head(s)._replace(seal=bytes(32)) if stale else journal.head(s), [A] * count)
                for s, count, stale in call
            ]
            for answer in journal.append(batches):
                expected += answer if isinstance(answer, list) else []
        assert list(follow("c1", journal.read())) == expected
        last = {line.stream: Head(line.n, line.seal) for line in expected}
        assert journal.heads() == last


def test_the_walk_names_the_first_line_that_does_not_follow(journal: AnyJournal) -> None:
    lines = write(journal, "a", A, B, A)
    for broken, code, n in (
        ([lines[0], lines[2]], "gap", 3),
        ([lines[0], lines[1]._replace(open=b"x")], "seal", 2),
        ([lines[0]._replace(closed=b"x")], "closed_digest", 1),
        ([lines[0]._replace(stream="b")], "seal", 1),
    ):
        with pytest.raises(BrokenChain) as caught:
            list(follow("c1", broken))
        assert (caught.value.code, caught.value.n) == (code, n)


# ---------------------------------------------------------------- the directory


def test_no_journal_is_made_where_none_was_asked_for(place: Place) -> None:
    with pytest.raises(JournalMissing):
        place.open(None, "nowhere")
    with pytest.raises(JournalMissing):
        place.open(None, "nowhere")
    assert not (place.folder / "nowhere").exists()
    with pytest.raises(ValueError, match="competition id"):
        place.open("a/b")


def test_another_competition_is_not_taken_for_the_one_that_was_wanted(place: Place) -> None:
    place.open("c1").close()
    with pytest.raises(OtherCompetition) as refused:
        place.open("c2")
    assert (refused.value.params["found"], refused.value.params["wanted"]) == ("c1", "c2")


def test_a_newer_format_is_refused_by_its_number(place: Place) -> None:
    with place.open() as journal:
        place.run(journal, "UPDATE meta SET value = ? WHERE key = 'format'", ("3",))
    with pytest.raises(FormatUnknown) as refused:
        place.open(None)
    known = {"sqlite": "2", "postgres": "1"}[place.kind]
    assert (refused.value.params["found"], refused.value.params["known"]) == ("3", known)


def test_it_stays_with_the_thread_that_opened_it(journal: AnyJournal) -> None:
    seen: list[BaseException] = []

    def use() -> None:
        try:
            journal.append([batch(journal, "a", A)])
        except BaseException as error:  # noqa: BLE001 it is handed to the test's own thread
            seen.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert isinstance(seen[0], apsw.ThreadingViolationError | psycopg.ProgrammingError)
    assert len(write(journal, "a", A)) == 1  # a mistake of the caller's is no failure of the disk


# ---------------------------------------------------------------- beside the lines


def test_a_refusal_is_final_for_its_key(place: Place) -> None:
    at = "2026-11-21T08:00:00.000Z"
    with place.open() as journal:
        assert journal.audited("k") is None
        journal.append([batch(journal, "a", A)], [AuditEntry(at, "d", "k", "locked", "{}")])
        assert journal.audit(AuditEntry(at, "d", "k", "key_reused"))
    with place.open(None) as journal:
        assert journal.audited("k") == AuditEntry(at, "d", "k", "locked", "{}")


def test_a_flood_of_refusals_is_counted_not_written(place: Place) -> None:
    with place.open(audit_limit=(3, 5)) as journal:
        first_minute = [
            AuditEntry("2026-11-21T08:00:59.000Z", s, f"{s}{i}", "x") for s in "ab" for i in range(4)
        ]
        assert [journal.audit(entry) for entry in first_minute] == [True] * 3 + [False] + [True] * 2 + [
            False
        ] * 2
        assert journal.audit(AuditEntry("2026-11-21T08:01:00.000Z", "a", "later", "x"))
        rows = [(entry.code, entry.detail) for entry in journal.audits()]
        assert rows == [("x", "")] * 5 + [("throttled", "3"), ("x", "")]
        assert [entry.code for entry in journal.audits(newest=2)] == ["throttled", "x"]


def test_a_withheld_part_is_gone_and_the_chain_verifies(journal: AnyJournal) -> None:
    kept = write(journal, "a", A, B, A)
    assert journal.forget([("a", 1)])
    assert not journal.forget([("a", 1)])
    assert list(follow("c1", journal.read())) == [kept[0]._replace(closed=None), *kept[1:]]
    with pytest.raises(LookupError):
        journal.forget([("a", 9)])
    assert len(write(journal, "a", B)) == 1  # that was no failure of the store


def test_a_backup_is_whole_though_lines_are_written_meanwhile(
    journal: AnyJournal, tmp_path: Path, rng: random.Random
) -> None:
    write(journal, "a", *(Draft(b"{}", rng.randbytes(3000)) for _ in range(3000)))
    steps = []

    def meanwhile() -> None:
        steps.append(write(journal, "a", mark(rng)))

    journal.backup(tmp_path / "copy.db", meanwhile)
    assert steps
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["copy.db"]
    with pytest.raises(FileExistsError):
        journal.backup(tmp_path / "copy.db")
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy.db").rename(tmp_path / "restored" / "journal.db")
    with SqliteJournal(tmp_path / "restored") as restored:
        there = list(follow("c1", restored.read()))
        assert 3000 < len(there) <= 3000 + len(steps)
        assert there == list(journal.read())[: len(there)]


def test_the_export_is_the_same_for_the_same_lines_and_verifies(journal: AnyJournal, tmp_path: Path) -> None:
    write(
        journal,
        "a",
        Draft('{"kind":"frozen","text":"雕刻"}'.encode(), b"{}"),
        B._replace(open=b'{"kind":"frozen"}'),
    )
    for name in ("one.jsonl", "two.jsonl"):
        with (tmp_path / name).open("wb") as out:
            assert write_export(journal, out) == 2
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert "雕刻".encode() in (tmp_path / "one.jsonl").read_bytes()
    assert verify(tmp_path / "one.jsonl").status == 0


def test_it_is_a_journal_as_the_desk_wants_it(journal: AnyJournal) -> None:
    wanted: Journal = journal
    assert wanted.competition == "c1"
