"""May this set-up record be defined or removed: its form, what it refers to, and what uses it.

Pure. ``check_define`` judges one record, ``check_all`` a batch whose items may refer to one another in any
order. A record is refused when it is not of its kind's form (``bad_record``; ``scheme_errors`` for a scheme
that cannot be read), names something that is not there (``unknown_reference``), is removed while something
names it (``in_use``), or when marking already stands on it (``frozen_record``). What is merely unfinished (a
group without scheme, a seat without judge) is no refusal: see ``compsys.setup``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from compsys import records
from compsys.events import Define, Refused
from compsys.records import KINDS, Record, key_of
from compsys.state import Setup, State, Stream
from scoring_rules import profiles
from scoring_rules.scheme_data import SchemeUnreadable, from_data

MARKING_ROLES = ("judge", "lead", "reserve")
"""Roles of seats that mark; they sit in a panel."""


class Reference(NamedTuple):
    """That a field of a record names another record (or, for kind ``site``, one of a stage's sites)."""

    field: str
    kind: str
    key: str


# ---------------------------------------------------------------- who names whom


def _stage_of(record: Any) -> Reference:
    return Reference("stage", "stage", f"{record.trade}/{record.stage}")


def _site_of(record: Any) -> Reference:
    return Reference("site", "site", f"{record.trade}/{record.stage}/{record.site}")


def _of_stage(record: records.Stage) -> Iterator[Reference]:
    yield Reference("trade", "trade", record.trade)


def _of_group(record: records.Group) -> Iterator[Reference]:
    yield _stage_of(record)
    if record.scheme:
        yield Reference("scheme", "scheme", record.scheme)
    if record.profile:
        yield Reference("profile", "profile", record.profile)
    for i, part in enumerate(record.components):
        if part.from_stage:
            yield Reference(f"components.{i}.from_stage", "stage", f"{record.trade}/{part.from_stage}")


def _of_entry(record: records.Entry) -> Iterator[Reference]:
    yield Reference("trade", "trade", record.trade)
    yield Reference("delegation", "delegation", record.delegation)
    for i, member in enumerate(record.members):
        yield Reference(f"members.{i}.person", "person", member.person)


def _of_judge(record: records.Judge) -> Iterator[Reference]:
    yield Reference("person", "person", record.person)
    for i, affiliation in enumerate(record.affiliations):
        if ":" not in affiliation:
            yield Reference(f"affiliations.{i}", "delegation", affiliation)


def _of_panel(record: records.Panel) -> Iterator[Reference]:
    yield _stage_of(record)
    yield _site_of(record)


def _of_seat(record: records.Seat) -> Iterator[Reference]:
    yield _stage_of(record)
    yield _site_of(record)
    if record.role in MARKING_ROLES:
        yield Reference("panel", "panel", f"{record.trade}/{record.stage}/{record.panel}")
    if record.judge:
        yield Reference("judge", "judge", record.judge)


def _of_session(record: records.Session) -> Iterator[Reference]:
    yield _stage_of(record)
    yield _site_of(record)
    for entry in record.stations:
        yield Reference(f"stations.{entry}", "entry", entry)


_REFERENCES: dict[str, Callable[[Any], Iterator[Reference]]] = {
    "stage": _of_stage,
    "group": _of_group,
    "entry": _of_entry,
    "judge": _of_judge,
    "panel": _of_panel,
    "seat": _of_seat,
    "session": _of_session,
}


def references(kind: str, record: Record) -> Iterator[Reference]:
    """What a record names, in the order of its fields.

    >>> judge = records.Judge(id="j", person="p1", affiliations=("acme", "employer:x"))
    >>> [reference.key for reference in references("judge", judge)]
    ['p1', 'acme']
    """
    namer = _REFERENCES.get(kind)
    return namer(record) if namer else iter(())


# ---------------------------------------------------------------- the set-up as it would be


class Overlay:
    """A set-up with changes laid over it: what would be true if all of them were accepted."""

    def __init__(self, setup: Setup) -> None:
        """Lay nothing yet over ``setup``, which is never changed."""
        self._below = setup
        self._above: dict[tuple[str, str], Record | None] = {}

    def put(self, kind: str, key: str, record: Record | None) -> None:
        """Set (or, with None, remove) a record."""
        self._above[kind, key] = record

    def get(self, kind: str, key: str) -> Record | None:
        """The record of that kind and key, or None."""
        if (kind, key) in self._above:
            return self._above[kind, key]
        if kind == "competition":
            whole = self._below.competition
            return whole if whole is not None and whole.id == key else None
        return self._below.records.get(kind, {}).get(key)

    def all(self) -> Iterator[tuple[str, str, Record]]:
        """(kind, key, record) of every record."""
        for kind, known in self._below.records.items():
            for key, record in known.items():
                if (kind, key) not in self._above:
                    yield kind, key, record
        for (kind, key), laid in self._above.items():
            if laid is not None:
                yield kind, key, laid

    def has(self, reference: Reference) -> bool:
        """Whether what a reference names is there."""
        if reference.kind == "site":
            trade, stage, site = reference.key.split("/")
            owner = self.get("stage", f"{trade}/{stage}")
            return isinstance(owner, records.Stage) and site in owner.sites
        if reference.kind == "profile" and shipped(reference.key):
            return True
        return self.get(reference.kind, reference.key) is not None


def shipped(profile: str) -> bool:
    """Whether a rule profile of that id comes with the rulebook.

    >>> shipped("cook-off"), shipped("../cook-off")
    (True, False)
    """
    return profile in profiles.names()


# ---------------------------------------------------------------- the checks


def check_define(state: State, kind: str, key: str, value: dict[str, Any] | None) -> Record | Refused | None:
    """The record that ``value`` is, None for a removal that is allowed, or the refusal.

    ``key`` is the record's key (``records.key_of``: ``trade/stage/id`` for kinds unique within a stage only).
    Codes: unknown_kind, bad_record, unknown_reference, unknown_record, in_use, frozen_record.
    """
    answer = check_all(state, (Define(kind=kind, id=key, value=value),))
    return answer if isinstance(answer, Refused) else answer[0]


def check_all(state: State, items: Sequence[Define]) -> list[Record | None] | Refused:
    """What each item of a batch sets (None where it removes), or the first refusal: all or nothing.

    References are looked up in the set-up as it would be after the whole batch: order does not matter.
    """
    overlay = Overlay(state.setup)
    found: list[Record | None] = []
    for item in items:
        record = _form(state, item)
        if isinstance(record, Refused):
            return record
        found.append(record)
        overlay.put(item.kind, item.id, record)
    going = {
        item.kind for item, record in zip(items, found, strict=True) if record is None or item.kind == "stage"
    }
    for item, record in zip(items, found, strict=True):
        no = _refers(overlay, item, record) or _frozen(state, item, record)
        if no:
            return no
    return (_used(overlay, going) if going else None) or found


def _form(state: State, item: Define) -> Record | Refused | None:
    """The item's value as a record of its kind, under the key it claims."""
    if item.kind not in KINDS:
        return Refused("unknown_kind", {"kind": item.kind})
    if item.value is None:
        if Overlay(state.setup).get(item.kind, item.id) is None:
            return Refused("unknown_record", {"kind": item.kind, "id": item.id})
        if item.kind == "competition":  # a journal is one competition's; it may change, not go
            return Refused("in_use", {"kind": item.kind, "id": item.id, "by": "competition", "key": item.id})
        return None
    record = convert(item.kind, item.value)
    if isinstance(record, Refused):
        return Refused(record.code, {**record.params, "id": item.id})
    if key_of(item.kind, record) != item.id:
        return _bad(item, "$.id")
    other = state.setup.competition
    if item.kind == "competition" and other is not None and other.id != item.id:
        return _bad(item, "$.id")
    field = twice(record)
    if field:
        return _bad(item, field)
    return _unreadable(item, record) if isinstance(record, records.SchemeRecord) else record


def _unreadable(item: Define, record: records.SchemeRecord) -> Record | Refused:
    """The scheme's record, or the refusal that says where its data is no scheme."""
    try:
        from_data(record.scheme)
    except SchemeUnreadable as unreadable:
        first = unreadable.problems[0]
        where = {"id": item.id, "where": first.where, "problem": first.code}
        return Refused("scheme_errors", {**where, "count": str(len(unreadable.problems))})
    return record


def convert(kind: str, value: dict[str, Any]) -> Record | Refused:
    """``value`` as a record of ``kind``; Refused bad_record with the decoder's own message as a parameter."""
    try:
        return msgspec.convert(value, KINDS[kind])
    except msgspec.ValidationError as error:
        return Refused("bad_record", {"kind": kind, "message": str(error)})


def _bad(item: Define, field: str) -> Refused:
    return Refused("bad_record", {"kind": item.kind, "id": item.id, "message": field})


def twice(record: Record) -> str:
    """The field of a record that holds something twice which must be unique in it ("" = none)."""
    names: dict[str, Iterable[str]] = {}
    if isinstance(record, records.Group):
        names = {"$.components": [part.id for part in record.components]}
    elif isinstance(record, records.Stage):
        names = {"$.sites": record.sites}
    elif isinstance(record, records.Panel):
        names = {"$.subs": record.subs}
    elif isinstance(record, records.Competition):
        names = {"$.days": record.days, "$.table_orders": record.table_orders}
    for field, values in names.items():
        held = list(values)
        if len(set(held)) < len(held):
            return field
    return ""


def _refers(overlay: Overlay, item: Define, record: Record | None) -> Refused | None:
    """Refused when the record names something that would not be there."""
    if record is None:
        return None
    for reference in references(item.kind, record):
        if not overlay.has(reference):
            where = {"kind": item.kind, "id": item.id, "field": reference.field}
            return Refused("unknown_reference", {**where, "of": reference.kind, "key": reference.key})
    return None


def _used(overlay: Overlay, changed: set[str]) -> Refused | None:
    """Refused when a record that stays names one that goes (or a site that its stage no longer has)."""
    kinds = changed | {"site"} if "stage" in changed else changed
    for kind, key, record in overlay.all():
        for reference in references(kind, record):
            if reference.kind in kinds and not overlay.has(reference):
                used = {"kind": reference.kind, "id": reference.key, "field": reference.field}
                return Refused("in_use", {**used, "by": kind, "key": key})
    return None


# ---------------------------------------------------------------- what marking stands on

_WORDS_ONLY = frozenset({"name", "order", "label"})
"""Fields that may still change once marking is open: they say something, they decide nothing."""


def _frozen(state: State, item: Define, record: Record | None) -> Refused | None:
    """Refused when the change would pull the ground from under a stream that is drawn, open or locked."""
    before = Overlay(state.setup).get(item.kind, item.id)
    if before is not None and record is not None and not _differs(before, record, item.kind):
        return None
    for stream in state.streams.values():
        if _binds(state.setup, stream, item, before or record):
            return Refused("frozen_record", {"kind": item.kind, "id": item.id, "stream": stream.name})
    return None


def _differs(before: Record, after: Record, kind: str) -> bool:
    """Whether a field that decides something changes."""
    if isinstance(before, records.SchemeRecord) and isinstance(after, records.SchemeRecord):
        return _same_text(before.scheme) != _same_text(after.scheme)
    if kind == "entry":
        fields = ["trade", "group", "site"]
    else:
        fields = [field for field in before.__struct_fields__ if field not in _WORDS_ONLY]
    return any(getattr(before, field) != getattr(after, field) for field in fields)


def _same_text(data: dict[str, Any]) -> object:
    """What a scheme's data says, whether its defaults are written out or not."""
    try:
        return from_data(data)
    except SchemeUnreadable:
        return data


def _binds(setup: Setup, stream: Stream, item: Define, record: Any) -> bool:
    """Whether a stream stands on the record: drawn, on its entries; open, on rules, seats and sessions."""
    if stream.marking == "setup" or record is None:
        return False
    if item.kind == "entry":
        return item.id in stream.by_entry
    if item.kind == "trade":
        return False  # its switches concern tables and awards; its removal is refused as in_use
    if stream.marking == "drawn":
        return False
    if item.kind in ("stage", "group"):
        stage = record.id if item.kind == "stage" else record.stage
        return bool(record.trade == stream.trade and stage == stream.stage)
    if item.kind in ("panel", "seat", "session"):
        return bool((record.trade, record.stage, record.site) == (stream.trade, stream.stage, stream.site))
    if item.kind in ("scheme", "profile"):
        groups = [g for g in setup.groups.values() if (g.trade, g.stage) == (stream.trade, stream.stage)]
        return any(getattr(group, item.kind) == item.id for group in groups)
    return False
