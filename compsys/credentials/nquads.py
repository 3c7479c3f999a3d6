"""A credential as canonical N-Quads (W3C RDFC-1.0), written by a table of terms instead of by JSON-LD.

The bytes equal those of a JSON-LD processor with the published contexts, and nothing is dropped on the way:
a word outside the table, a value that others would read differently or not at all, is refused. What the
form itself does not keep is the order of arrays (but that of ``allowedValue``), and whether one text stands
alone or in an array; the other proof covers these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from compsys.answers import Refused
from compsys.credentials import jcs
from compsys.credentials.jcs import Unsignable
from compsys.credentials.labels import Graph, Part, quads
from compsys.credentials.terms import RDF, TABLE, Kind, Member, Table

DEPTH = 16
"""How deep objects may stand in each other (a body's parent's parent ...)."""
XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_BAD_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters: processors write them in different ways, and readers see nothing."""
_ESCAPED = re.compile('[\\\\"\n\r\t]')
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
ID_LONGEST = 2000
_TYPE = f"<{RDF}type> "
_FIRST, _REST, _NIL = f"<{RDF}first> ", f"<{RDF}rest> ", f"<{RDF}nil>"


class Prepared:
    """The parts of a batch that stand in many credentials (issuer, achievement, evidence), written once.

    A part is known again by all its bytes, so that a changed one is never taken for another. At most
    ``most`` parts are kept. Give one of these to every ``sign`` of a batch; it is of one thread.
    """

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._parts: dict[tuple[str, int, int, bytes], tuple[Part, dict[str, Any]]] = {}

    def get(self, key: tuple[str, int, int, bytes]) -> tuple[Part, dict[str, Any]] | None:
        """A part and the objects by id in it, None for one not seen before."""
        return self._parts.get(key)

    def put(self, key: tuple[str, int, int, bytes], part: Part, objects: dict[str, Any]) -> None:
        """Keep a part; when there are too many, begin anew."""
        if len(self._parts) >= self._most:
            self._parts.clear()
        self._parts[key] = part, objects


def canonical(document: Mapping[str, Any], table: Table = TABLE, prepared: Prepared | None = None) -> bytes:
    """The canonical N-Quads of a credential without its ``proof``, as UTF-8.

    Raises Unsignable with the place and one of: ``proof.context_unknown``, ``proof.type_unknown``,
    ``proof.member_unknown``, ``proof.shape_wrong``, ``proof.text_bad``, ``proof.id_bad``,
    ``proof.id_reused``, ``proof.repeated``, ``proof.wide_repeated``, ``proof.empty``, ``proof.too_deep``,
    ``proof.number_bad``, ``proof.too_alike``.
    """
    if type(document) is not dict:
        raise Unsignable("proof.shape_wrong")
    contexts = document.get("@context")
    if type(contexts) is not list or not all(type(one) is str for one in contexts):
        raise Unsignable("proof.context_unknown", "@context")
    since = table.contexts.get(tuple(contexts))
    if since is None:
        raise Unsignable("proof.context_unknown", "@context")
    writer = _Writer(table, since, prepared)
    body = {name: value for name, value in document.items() if name not in ("@context", "proof")}
    writer.node(body, table.roots, DEPTH)
    return quads(writer.graph)


def problem(document: Mapping[str, Any]) -> Refused | None:
    """Why this credential would not be signed, None when it would: to be asked before anything is written."""
    try:
        jcs.check(document)
        canonical(document)
    except Unsignable as error:
        return error.refused()
    return None


class _Writer:
    """Walks one document and gathers its quads."""

    def __init__(self, table: Table, since: int, prepared: Prepared | None) -> None:
        self._table, self._since, self._prepared = table, since, prepared
        self.graph = Graph()
        self._objects: dict[str, Any] = {}
        """the object that stands under an id: the same wherever it stands, or two would be one in RDF"""

    def node(self, value: Any, kinds: tuple[str, ...], depth: int) -> str | int:
        """One object: its quads go to the graph. Its id as N-Quads writes it, or the number of its node."""
        if type(value) is not dict:
            raise Unsignable("proof.shape_wrong")
        if not value:
            raise Unsignable("proof.empty")
        if not depth:
            raise Unsignable("proof.too_deep")
        name, kind = self._kind_of(value, kinds)
        subject: str | int
        if "id" not in value:
            subject = self.graph.blank()
        else:
            identifier = self._id(value["id"], "id")
            known = self._meet(identifier, value)
            subject = f"<{identifier}>"
            if kind.constant and self._prepared is not None and not known:
                self._constant(self._prepared, (name, self._since, depth), value, subject)
                return subject
        self._members(subject, kind, value, depth)
        return subject

    def _kind_of(self, value: dict[str, Any], kinds: tuple[str, ...]) -> tuple[str, Kind]:
        """Which of the kinds an object is, by its types."""
        named = value.get("type", [])
        if type(named) is str:
            named = [named]
        if type(named) is not list or not all(type(one) is str for one in named):
            raise Unsignable("proof.shape_wrong", "type")
        for name in kinds:
            kind = self._table.kinds[name]
            if len(named) == len(kind.types) and kind.since <= self._since and set(named) == set(kind.types):
                return name, kind
        raise Unsignable("proof.type_unknown", "type", type=" ".join(named)[:200])

    def _id(self, value: Any, *path: str) -> str:
        """An id that every processor writes alike."""
        if type(value) is not str or len(value) > ID_LONGEST or not self._table.ids.match(value):
            raise Unsignable("proof.id_bad", *path)
        return value

    def _meet(self, identifier: str, value: Any) -> bool:
        """Whether this id was met before. Raises Unsignable when another object had it."""
        known = self._objects.setdefault(identifier, value)
        if known is value:
            return False
        if jcs.canonical(known) != jcs.canonical(value):
            raise Unsignable("proof.id_reused", "id", id=identifier[:200])
        return True

    def _constant(
        self, prepared: Prepared, place: tuple[str, int, int], value: dict[str, Any], subject: str
    ) -> None:
        """An object that stands in many credentials: written once, and known again by its bytes."""
        name, since, depth = place
        try:
            key = (*place, msgspec.json.encode(value))
        except (TypeError, ValueError, OverflowError, RecursionError):
            # The writing below says what is wrong with it.
            key = (*place, b"")
        found = prepared.get(key)
        if found is None:
            writer = _Writer(self._table, since, None)
            writer._members(subject, self._table.kinds[name], value, depth)
            found = writer.graph.part(), writer._objects
            prepared.put(key, *found)
        part, objects = found
        for identifier, inner in objects.items():
            self._meet(identifier, inner)
        self.graph.add(part)

    def _members(self, subject: str | int, kind: Kind, value: dict[str, Any], depth: int) -> None:
        """The quads of an object's types and members."""
        for iri in kind.types.values():
            self.graph.say(subject, f"{_TYPE}<{iri}> .\n")
        known = kind.members
        for name, item in value.items():
            if name == "id" or name == "type":
                continue
            member = known.get(name)
            if member is None:
                raise Unsignable("proof.member_unknown", jcs.shown(name))
            try:
                if member.many:
                    self._many(subject, member, item, depth)
                else:
                    self._one(subject, member, item, depth)
            except Unsignable as error:
                error.path.insert(0, name)
                raise

    def _many(self, subject: str | int, member: Member, items: Any, depth: int) -> None:
        """An array whose order means nothing: what stands in it twice would be signed once."""
        if type(items) is not list:
            raise Unsignable("proof.shape_wrong")
        if not items:
            raise Unsignable("proof.empty")
        met = set()
        for at, item in enumerate(items):
            try:
                found = self._one(subject, member, item, depth)
                if type(found) is str:
                    if found in met:
                        raise Unsignable("proof.repeated")
                    met.add(found)
                if member.value == "text" and max(item, default="") > "\uffff":
                    # Some sort such characters before others of the basic plane, some behind.
                    raise Unsignable("proof.wide_repeated")
            except Unsignable as error:
                error.path.insert(0, f"[{at}]")
                raise

    def _one(self, subject: str | int, member: Member, item: Any, depth: int) -> str | int:
        """One value of a member; what it was written as."""
        predicate, what = f"<{member.iri}> ", member.value
        if what == "object" or (what == "link" and type(item) is not str):
            node = self.node(item, member.kinds, depth - 1)
            if type(node) is int:
                self.graph.links.append((subject, predicate, node))
                return node
            written: str = str(node)
        elif what == "text":
            written = literal(item, member.datatype)
        elif what == "url":
            written = f'"{self._id(item)}"^^<{member.datatype}>'
        elif what == "link":
            written = f"<{self._id(item)}>"
        elif what == "list":
            self.graph.links.append((subject, predicate, self._list(item)))
            return -1
        else:
            written = _scalar(what, item, member.datatype)
        self.graph.say(subject, f"{predicate}{written} .\n")
        return written

    def _list(self, items: Any) -> int:
        """An ordered list: one node for each item; the first one's number."""
        if type(items) is not list:
            raise Unsignable("proof.shape_wrong")
        if not items:
            raise Unsignable("proof.empty")
        cells = [self.graph.blank() for _ in items]
        for at, item in enumerate(items):
            try:
                self.graph.say(cells[at], f"{_FIRST}{literal(item)} .\n")
            except Unsignable as error:
                error.path.insert(0, f"[{at}]")
                raise
        for cell, after in pairwise(cells):
            self.graph.links.append((cell, _REST, after))
        self.graph.say(cells[-1], f"{_REST}{_NIL} .\n")
        return cells[0]


def literal(value: Any, datatype: str = "") -> str:
    """A text as N-Quads writes it. Raises Unsignable.

    >>> literal('焊工 "3"'), literal("2025", "urn:year")
    ('"焊工 \\\\"3\\\\""', '"2025"^^<urn:year>')
    """
    if type(value) is not str:
        raise Unsignable("proof.number_bad" if isinstance(value, int | float) else "proof.shape_wrong")
    if _BAD_TEXT.search(value):
        raise Unsignable("proof.text_bad")
    if _ESCAPED.search(value):
        value = value.translate(_ESCAPES)
    return f'"{value}"^^<{datatype}>' if datatype else f'"{value}"'


def _scalar(what: str, value: Any, datatype: str) -> str:
    """True, false or a whole number as N-Quads writes it."""
    if what == "flag":
        if type(value) is not bool:
            raise Unsignable("proof.shape_wrong")
        return f'"{"true" if value else "false"}"^^<{datatype}>'
    if type(value) is not int or not 0 <= value < jcs.WHOLE:
        raise Unsignable("proof.number_bad")
    return f'"{value}"^^<{XSD_INTEGER}>'
