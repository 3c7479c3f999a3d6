"""The sections of a result book: what was decided on the way to a result, gathered from the streams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compsys import reawarding
from compsys.events import ResultRow
from compsys.exchange import results
from compsys.exchange.book_teller import Cell, Data, Teller, version_cell
from compsys.state import Sheet, Stream

_SAID = (
    "disputed", "dispute_stands", "dispute_returned", "expert_missed", "competitor_refuses",
    "competitor_absent",
)  # fmt: skip
"""What a book tells of acceptance word by word; what was simply accepted is counted."""


class Sections(Teller):
    """The sections of one group's book; a section without rows had nothing to tell."""

    def sections(self) -> list[Data]:
        """Everything that was decided, in the order of a day; a section without rows had nothing to tell."""
        return [
            self.sessions(),
            self.statuses(),
            self.returned(),
            *self.acceptance(),
            self.revotes(),
            self.resolved(),
            self.excused(),
            self.voided(),
            self.rosters(),
            self.late(),
            self.paper(),
            self.imports(),
            self.adjusted(),
            *self.ties(),
            self.locks(),
            self.versions(),
            self.changes(),
            *self.awards(),
            *self.teams(),
            self.seats(),
        ]

    def sessions(self) -> Data:
        """When each session started and ended, with its pauses and time given back."""
        rows = []
        for stream in self.streams:
            for key, session in stream.sessions.items():
                held = [
                    text
                    for _, _, kind, subject, text in stream.history
                    if kind == "session_pause" and subject == key
                ]
                sheets = [
                    s
                    for s in stream.sheets.values()
                    if s.session == key and (s.complete or not stream.units[s.unit].statuses)
                ]
                rows.append(
                    [
                        dict(session.name) or key,
                        self.component(session.component),
                        {"at": session.started} if session.started else None,
                        {"at": session.stopped} if session.stopped else None,
                        str(len(session.stations)),
                        f"{sum(s.complete for s in sheets)}/{len(sheets)}",
                        held,
                    ]
                )
        heads = ("session", "component", "started", "stopped", "entries", "signed", "pauses")
        return _section("sessions", heads, (22, 16, 18, 18, 9, 12, 26), rows)

    def statuses(self) -> Data:
        """Absent, withdrawn, zeroed, excluded, and what was taken back."""
        rows = []
        for stream, (n, at, _, subject, text) in self.happened("statusset"):
            where, _, status = subject.rpartition(" ")
            unit, _, scope = where.partition(".")
            word: Cell = {"code": "book.taken_back"} if status == "-" else {"code": f"cell.{status}"}
            fact = stream.units[unit].statuses.get(scope)
            by = self.who(stream, fact.by) if fact and fact.n == n else None
            rows.append(
                [{"at": at}, stream.units[unit].code, self.scope(stream, scope), word, text, by, str(n)]
            )
        heads = ("time", "code", "scope", "status", "reason", "by", "n")
        return _section("statuses", heads, (18, 11, 18, 24, 34, 16, 10), rows)

    def returned(self) -> Data:
        """Sheets that were given back, and that they were signed again."""
        rows = []
        for stream, (n, at, _, subject, text) in self.happened("returned"):
            unit, _, sub = subject.partition(".")
            sheet = stream.sheets[(unit, sub)]
            again: Cell = {"code": "status.signed" if sheet.complete else "status.returned"}
            rows.append([{"at": at}, stream.units[unit].code, self.sub(stream, sub), text, again, str(n)])
        heads = ("time", "code", "sheet", "reason", "now", "n")
        return _section("returned", heads, (18, 11, 40, 44, 16, 10), rows)

    def acceptance(self) -> list[Data]:
        """What was not simply accepted or agreed to, with words, answer and vote; how much was. Nothing where
        the rules did not ask."""
        rows: list[list[Cell]] = []
        for stream, (n, at, kind, subject, text) in self.happened(*_SAID):
            unit, _, sub = subject.partition(".")
            held = stream.sheets[(unit, sub)].acceptance
            vote: Cell = None
            if held and held.n == n and held.votes[1]:
                vote = {"code": "book.vote", "for": str(held.votes[0]), "all": str(held.votes[1])}
            act: Cell = {"code": f"told.{kind}"}
            rows.append([{"at": at}, stream.units[unit].code, self.sub(stream, sub), act, text, vote, str(n)])
        sheets = [sheet for _, _, sheet in self.sheets()]
        accepted = sum(s.acceptance is not None and s.acceptance.state == "accepted" for s in sheets)
        heard = sum(s.heard is not None and s.heard.outcome == "agrees" for s in sheets)
        for code, count in (("told.accepted", accepted), ("told.competitor_agrees", heard)):
            if count:
                many: Cell = {"code": "book.sheets_n", "n": str(count)}
                rows.append([None, None, many, {"code": code}, "", None, ""])
        if not rows:
            return []
        heads = ("time", "code", "sheet", "act", "reason", "vote", "n")
        return [_section("acceptance", heads, (18, 11, 32, 36, 40, 14, 10), rows)]

    def sub(self, stream: Stream, key: str) -> Cell:
        """A sheet by its sub-criterion's key and title."""
        return {
            "code": "book.aspect",
            "key": key,
            "title": dict(stream.groups[self.group.id].subs[key].title),
        }

    def _votes(self, stream: Stream, sheet: Sheet, aspect: str, round_: int) -> Cell:
        values = sheet.revealed.get((aspect, round_))
        if not values:
            return {"code": "book.not_revealed", "round": str(round_)}
        given = " ".join(
            f"{stream.seats[s].label if s in stream.seats else s}:{v}" for s, v in sorted(values.items())
        )
        return {"code": "book.round", "round": str(round_), "votes": given}

    def revotes(self) -> Data:
        """Spreads that were discussed and voted again: every round's votes, and why."""
        reasons: dict[tuple[str, str], list[str]] = {}
        for stream, (_, _, _, subject, text) in self.happened("roundopened"):
            whose, _, voted = subject.partition(".")
            reasons.setdefault((f"{stream.name} {whose}", voted), []).append(text)
        rows = []
        for stream, unit, sheet in self.sheets():
            for aspect, last in sheet.rounds.items():
                if last > 1:
                    votes = [self._votes(stream, sheet, aspect, r) for r in range(1, last + 1)]
                    why = reasons.get((f"{stream.name} {unit.id}", aspect), [])
                    settled: Cell = None
                    if aspect in sheet.resolved:
                        settled = {"code": "book.chief_decided"}
                    elif aspect in sheet.escalated:
                        settled = {"code": f"book.settled_{sheet.escalated[aspect][0]}"}
                    elif aspect in sheet.spread:
                        settled = {"code": "status.spread"}
                    rows.append(
                        [unit.code, self.aspect(stream, aspect), {"lines": votes}, {"lines": why}, settled]
                    )
        return _section("revotes", ("code", "aspect", "rounds", "reason", "now"), (11, 40, 46, 34, 16), rows)

    def resolved(self) -> Data:
        """Marks that the chief decided once the rounds were used up."""
        rows = []
        for stream, unit, sheet in self.sheets():
            for aspect, (mark, reason) in sorted(sheet.resolved.items()):
                most = stream.groups[self.group.id].aspects[aspect].max
                rows.append([unit.code, self.aspect(stream, aspect), f"{mark} / {most}", reason])
        return _section("resolved", ("code", "aspect", "mark", "reason"), (11, 50, 20, 60), rows)

    def excused(self) -> Data:
        """Holes with their reason."""
        rows = []
        for stream, unit, sheet in self.sheets():
            for (aspect, seat), reason in sorted(sheet.excused.items()):
                whose = {"code": "book.panel"} if seat == "*" else self.who(stream, seat)
                rows.append([unit.code, self.aspect(stream, aspect), whose, reason])
        return _section("excused", ("code", "aspect", "seat", "reason"), (11, 50, 20, 60), rows)

    def voided(self) -> Data:
        """Aspects and components taken out for everybody."""
        rows = []
        for stream in self.streams:
            for what, (full, reason) in stream.voided.items():
                kind, _, key = what.partition(":")
                known = key in stream.groups[self.group.id].aspects
                name = self.aspect(stream, key) if kind == "aspect" and known else self.component(key)
                rows.append([name, {"code": "book.full_marks" if full else "book.no_marks"}, reason])
        return _section("voided", ("what", "how", "reason"), (50, 30, 60), rows)

    def rosters(self) -> Data:
        """Judges who left their sheets, and the reserves who joined."""
        rows = []
        for stream, (n, at, _, subject, text) in self.happened("rosterchanged"):
            leaves, _, joins = subject.partition(" > ")
            sheets = sum(
                any(left[0] == leaves and left[2] == text for left in s.left) for s in stream.sheets.values()
            )
            joined = self.who(stream, joins) if joins != "-" else {"code": "ui.none"}
            rows.append([{"at": at}, self.who(stream, leaves), joined, str(sheets), text, str(n)])
        heads = ("time", "leaves", "joins", "sheets", "reason", "n")
        return _section("rosters", heads, (18, 20, 20, 14, 58, 10), rows)

    def late(self) -> Data:
        """Marks that came after their sheet was signed or locked, and what became of them."""
        reasons: dict[str, list[tuple[int, str]]] = {}
        for stream, (n, _, _, subject, text) in self.happened("latesettled"):
            reasons.setdefault(f"{stream.name} {subject}", []).append((n, text))
        rows = []
        for stream in self.streams:
            for late in stream.late.values():
                unit = stream.units[late.unit]
                if unit.group != self.group.id:
                    continue
                shown = late.n not in stream.unrevealed
                why = reasons.get(f"{stream.name} {late.unit}.{late.aspect}", [])
                settled, reason = (late.settled, why.pop(0)[1]) if late.settled and why else ("waiting", "")
                rows.append(
                    [
                        {"at": late.at},
                        unit.code,
                        self.aspect(stream, late.aspect),
                        self.who(stream, late.seat),
                        (late.value if late.value is not None else {"code": "cell.hole"}) if shown else None,
                        [{"code": f"book.late_{settled}"}, reason],
                        str(late.n),
                    ]
                )
        heads = ("time", "code", "aspect", "seat", "value", "outcome", "n")
        return _section("late", heads, (18, 11, 36, 14, 12, 40, 10), rows)

    def paper(self) -> Data:
        """Sheets that were marked on paper: who keyed them in, and the second reading."""
        readings: dict[str, list[tuple[str, str]]] = {}
        for stream, (_, at, _, subject, text) in self.happened("keyedconfirmed"):
            readings.setdefault(f"{stream.name} {subject}", []).append((at, text))
        rows = []
        for stream, unit, sheet in self.sheets():
            keyed = {
                (seat, cell.by): cell.n
                for (_, seat, _), cell in sorted(sheet.cells.items())
                if cell.via == "paper"
            }
            read: Cell = [
                {"code": "book.reading_differs", "aspects": text} if text else {"code": "book.reading_equal"}
                for _, text in readings.get(f"{stream.name} {unit.id}.{sheet.sub}", [])
            ]
            for (seat, by), n in keyed.items():
                whose = {"code": "book.panel"} if seat == "*" else self.who(stream, seat)
                shown = read or {"code": "book.reading_missing"}
                rows.append(
                    [unit.code, self.sub(stream, sheet.sub), whose, self.who(stream, by), shown, str(n)]
                )
        heads = ("code", "sheet", "seat", "keyed_by", "second_reading", "n")
        return _section("paper", heads, (11, 44, 20, 20, 36, 10), rows)

    def imports(self) -> Data:
        """Scores from outside: the file's digest, who brought it, who checked it."""
        rows = []
        for stream in self.streams:
            for n, held in stream.imports.items():
                checked: Cell = {"code": "book.unchecked"}
                if held.confirmed_by:
                    checked = self.who(stream, held.confirmed_by)
                absent = sum(status == "absent" for _, _, status in held.rows)
                counted = {"code": "book.import_rows", "rows": str(len(held.rows)), "absent": str(absent)}
                rows.append(
                    [
                        self.component(held.component),
                        counted,
                        held.digest[:32],
                        self.who(stream, held.by),
                        checked,
                        str(n),
                    ]
                )
        heads = ("component", "rows", "digest", "brought_by", "checked_by", "n")
        return _section("imports", heads, (24, 22, 46, 20, 20, 10), rows)

    def adjusted(self) -> Data:
        """Penalties and bonuses with their signers."""
        signers = {
            f"{s.name} {u.id}.{part} {reason}": who
            for s, u in self.units()
            for part, _, reason, who in u.adjustments.values()
        }
        rows = []
        for stream, (n, at, _, subject, text) in self.happened("adjusted"):
            where, _, amount = subject.rpartition(" ")
            unit, _, part = where.partition(".")
            who = [self.who(stream, name) for name in signers.get(f"{stream.name} {where} {text}", ())]
            rows.append(
                [{"at": at}, stream.units[unit].code, self.component(part), amount, text, who, str(n)]
            )
        heads = ("time", "code", "component", "amount", "reason", "signers", "n")
        return _section("adjusted", heads, (18, 11, 22, 14, 40, 26, 10), rows)

    def ties(self) -> list[Data]:
        """Results of a play-off and the chief's order, where anybody entered some."""
        rows: list[list[Cell]] = []
        for stream, (n, at, _, subject, text) in self.happened("tiesettled"):
            where, _, value = subject.rpartition(" ")
            unit, _, key = where.partition(".")
            given: Cell = {"code": "book.taken_back"} if value == "-" else value
            rows.append(
                [{"at": at}, stream.units[unit].code, {"code": f"explain.key.{key}"}, given, text, str(n)]
            )
        heads = ("time", "code", "tie_key", "tie_value", "reason", "n")
        return [_section("ties", heads, (18, 11, 24, 14, 54, 10), rows)] if rows else []

    def locks(self) -> Data:
        """What was locked, and opened again."""
        rows = []
        for stream, (n, at, kind, subject, text) in self.happened("locked", "unlocked"):
            code = {"locked": "do.lock", "unlocked": "do.unlock"}[kind]
            rows.append([{"at": at}, {"code": code}, self.scope(stream, subject), text, str(n)])
        return _section("locks", ("time", "act", "scope", "reason", "n"), (18, 18, 30, 64, 10), rows)

    def versions(self) -> Data:
        """The versions with reason, public note and second person."""
        found = self.outcome
        rows = [
            [
                {"at": at},
                version_cell(version),
                {"code": f"audience.{version.audience}"},
                version.confirmed_by and self.who(self.streams[0], version.confirmed_by),
                [text for text in (reason, dict(version.note) or "") if text],
                str(n),
            ]
            for version, at, reason, n in zip(
                found.versions, found.times, found.reasons, found.lines, strict=True
            )
        ]
        heads = ("time", "version", "audience", "confirmed_by", "reason", "n")
        return _section("versions", heads, (18, 26, 16, 22, 48, 10), rows)

    def changes(self) -> Data:
        """What a version changed against the one before: places, totals, medals, statuses."""
        rows = []
        for before, after in zip(self.outcome.versions, self.outcome.versions[1:], strict=False):
            older = {row.code: row for row in before.rows}
            for row in after.rows:
                old = older.get(row.code)
                if old is None or old == row:
                    continue
                pairs = [
                    _moved(old.total or "", row.total or ""),
                    _moved(str(old.place or ""), str(row.place or "")),
                    _moved(_awards(old), _awards(row)),
                    _moved(_status(old.status), _status(row.status)),
                ]
                rows.append([version_cell(after), row.code, *pairs])
        prizes = any(row.prize for version in self.outcome.versions for row in version.rows)
        heads = ("version", "code", "total", "place", "award" if prizes else "medal", "status")
        return _section("changes", heads, (26, 11, 26, 18, 36, 24), rows)

    def awards(self) -> list[Data]:
        """What a correction took from whom and gave to whom: no section where none did."""
        place = (self.group.trade, self.group.stage, self.group.id)
        named = self.result()["named"]
        rows = []
        for index, version in enumerate(self.outcome.versions):
            for change in reawarding.taken(self.state, place, index):
                told = results.change_data(self.state, self.names, place, change, named=named)
                who = [text for text in (told["name"], told["delegation"]) if text]
                said = [{"code": f"award.kind_{change.kind}"}, {"code": f"award.way_{change.way}"}]
                pair = [_award(change.kind, change.before) or "–", _award(change.kind, change.after) or "–"]
                rows.append([version_cell(version), told["code"], who, said, *pair])
        if not rows:
            return []
        heads = ("version", "code", "name", "what", "before", "after")
        return [_section("awards", heads, (24, 11, 42, 26, 22, 22), rows)]

    def teams(self) -> list[Data]:
        """The newest version's list of teams; no section where the rules have none or names stay untold."""
        versions = self.outcome.versions
        if not versions or not self.result()["named"]:
            return []
        rows = []
        for team in results.teams_data(self.state, self.names, versions[-1]):
            place: Cell = f"{team['place']}{'=' if team['tied'] else ''}"
            if team["place"] is None:
                place = {"code": "team.short"}
            counted = [one["name"] or one["code"] for one in team["counted"]]
            rows.append([place, team["name"], team["sum"], counted, _award("prize", team["prize"])])
        if not rows:
            return []
        heads = ("place", "team", "sum", "counted", "award")
        return [_section("teams", heads, (16, 40, 20, 66, 24), rows)]

    def seats(self) -> Data:
        """The seats, who sat there once names may be told, and how many sheets each signed."""
        rows = []
        named = self.result()["named"]
        for stream in self.streams:
            for key, seat in sorted(
                stream.seats.items(), key=lambda pair: (_ORDER[pair[1].role], pair[1].label)
            ):
                judge = self.state.setup.judges.get(seat.judge)
                person = self.names(judge.person) if judge and named else None
                signed = sum(key in sheet.signed for sheet in stream.sheets.values())
                left: Cell = {"code": "book.left"} if key in stream.left else None
                rows.append(
                    [
                        seat.label,
                        {"code": f"role.{seat.role}"},
                        dict(person.name) if person else None,
                        str(signed),
                        left,
                    ]
                )
        return _section("seats", ("seat", "role", "name", "sheets", "now"), (16, 30, 40, 20, 30), rows)


_ORDER = {role: i for i, role in enumerate(("lead", "judge", "reserve", "chief", "clerk", "floor", "expert"))}


def _moved(before: Cell, after: Cell) -> Cell:
    """A value, or what it was and what it is now."""
    return (
        before
        if before == after
        else {"code": "book.from_to", "before": before or "–", "after": after or "–"}
    )


def _award(kind: str, value: str) -> Cell:
    return {"code": reawarding.word_of(kind, value)} if value else ""


def _awards(row: ResultRow) -> Cell:
    """Medal and prize of a row."""
    held = [_award(kind, value) for kind, value in (("medal", row.medal), ("prize", row.prize)) if value]
    return held[0] if len(held) == 1 else held or ""


def _status(status: str) -> Cell:
    return {"code": f"cell.{status}"} if status else ""


def _section(name: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[list[Cell]]) -> Data:
    return {
        "title": f"book.{name}",
        "heads": [f"book.head_{head}" for head in heads],
        "widths": list(widths),
        "rows": list(rows),
    }
