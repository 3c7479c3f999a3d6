"""What the journals on SQLite and on PostgreSQL share: heads, sealing, collisions, the limit of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from compsys.journal_api import AuditEntry, Batch, Collision, Head, News, Notice
from compsys.seal import Line, digest, first, seal

_PLACE = itemgetter(0, 1)
"""A line's stream and number."""
_COMPETITION_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def checked_id(competition: str | None) -> str | None:
    """The id, or None; raises ValueError when it is not 1-64 of ``A-Za-z0-9_.-``."""
    if competition is not None and not _COMPETITION_ID.fullmatch(competition):
        raise ValueError(f"not a competition id: {competition!r}")
    return competition


class AuditLimit:
    """How many refusals may be written per minute: so that a flood of bad messages cannot fill the disk."""

    def __init__(self, per_source: int, overall: int) -> None:
        self.per_source, self.overall = per_source, overall
        self._minute, self._counts, self._dropped = "", dict[str, int](), 0

    def admit(self, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
        """The entries that may be written; what was left out is counted in one entry of the next minute."""
        kept = []
        for entry in entries:
            if (minute := entry.at[:16]) > self._minute:
                if self._dropped:
                    kept.append(AuditEntry(entry.at, "", "", "throttled", str(self._dropped)))
                self._minute, self._counts, self._dropped = minute, {}, 0
            mine, everyone = self._counts.get(entry.source, 0), self._counts.get("", 0)
            if mine >= self.per_source or everyone >= self.overall:
                self._dropped += 1
                continue
            self._counts[""] = everyone + 1
            if entry.source:
                self._counts[entry.source] = mine + 1
            kept.append(entry)
        return kept


class Appending:
    """The half of a journal that seals and compares heads; its store writes (``_commit``)."""

    competition: str
    shared = False
    _heads: dict[str, tuple[int, bytes]]
    """where each stream stands; plain pairs, since one is made for every line that is written"""

    def _usable(self) -> None:
        """Raise what makes this handle unusable, if anything does."""
        raise NotImplementedError

    def _commit(self, lines: Sequence[Line], audits: Sequence[AuditEntry], atomic: bool) -> set[str]:
        """One transaction for all; the streams whose lines were not written because they had moved."""
        raise NotImplementedError

    def begin(self, notices: Sequence[Notice] = ()) -> News:
        """Take the turn to write; what others wrote meanwhile (where nobody else can, nothing).

        ``notices``: told to the others with what is written now. Raises CommitFailed.
        """
        return News()

    def finish(self) -> None:
        """Give the turn back with no lines to write. Raises CommitFailed."""

    def look(self) -> News:
        """What others wrote meanwhile, without taking a turn. Raises CommitFailed."""
        return News()

    def head(self, stream: str) -> Head:
        """Where one stream stands; (0, its first seal) when it has no line."""
        return Head._make(self._heads.get(stream) or (0, first(self.competition, stream)))

    def heads(self) -> dict[str, Head]:
        """Where each stream that has a line stands."""
        self._usable()
        return {stream: Head._make(head) for stream, head in self._heads.items()}

    def append(
        self, batches: Sequence[Batch], audits: Sequence[AuditEntry] = (), *, atomic: bool = False
    ) -> list[list[Line] | Collision]:
        """Seal and write all batches and refusals in one commit, in their order; per batch its lines or a
        Collision.

        A collision leaves the other streams' batches in; with ``atomic`` it leaves nothing in. A later batch
        of a stream states the head that the earlier one in the same call leaves. Raises CommitFailed.
        """
        self._usable()
        self.begin()
        answers: list[list[Line] | Collision] = []
        ahead = dict[str, Head]()
        for stream, after, drafts in batches:
            head = ahead.get(stream) or self.head(stream)
            if after != head:
                answers.append(Collision(stream, head))
                continue
            lines, (n, sealed) = [], head
            for open_part, closed in drafts:
                n, closed_digest = n + 1, digest(closed)
                sealed = seal(sealed, open_part, closed_digest)
                lines.append(Line(stream, n, open_part, closed, closed_digest, sealed))
            ahead[stream] = Head(n, sealed)
            answers.append(lines)
        stale = any(isinstance(answer, Collision) for answer in answers)
        written = [line for answer in answers if isinstance(answer, list) for line in answer]
        moved = self._commit([] if atomic and stale else written, audits, atomic)
        if not moved and not (atomic and stale):
            return answers
        return [
            Collision(stream, self.head(stream), stream in moved)
            if isinstance(answer, list) and (atomic or stream in moved)
            else answer
            for (stream, _, _), answer in zip(batches, answers, strict=True)
        ]

    def append_sealed(
        self,
        lines: Sequence[Line],
        after: Mapping[str, Head],
        audits: Sequence[AuditEntry] = (),
        *,
        atomic: bool = False,
    ) -> list[Collision]:
        """Write lines sealed by a caller that runs ahead of the disk, in one commit; returns the collisions.

        The lines of a stream follow each other; those of several streams may be mixed. ``after``: the head
        each of these streams had for the caller, on which its first line was decided and sealed; where the
        stored one is another, that is a collision. It leaves its stream out; with ``atomic`` it leaves all
        lines out.
        Raises CommitFailed; ValueError when the numbers of a stream's lines do not follow each other.
        """
        self._usable()
        heads = self._heads
        moved = {stream for stream, head in after.items() if head != (heads.get(stream) or self.head(stream))}
        last = {stream: head[0] for stream, head in after.items()}
        for stream, n in map(_PLACE, lines):
            if n != last[stream] + 1:
                raise ValueError(f"line {n} of {stream!r} does not follow {last[stream]}")
            last[stream] = n
        if moved:
            lines = () if atomic else [line for line in lines if line.stream not in moved]
        moved |= self._commit(lines, audits, atomic)
        return [Collision(stream, self.head(stream)) for stream in last if stream in moved] if moved else []
