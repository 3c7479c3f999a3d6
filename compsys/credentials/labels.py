"""The labelling of nodes without an id (W3C RDFC-1.0), and the canonical lines it leads to.

Each such node is named by the rank of a hash over what is said of it; where two look alike, by what is said
of their neighbours, as far as needed. Many nodes that all look alike would take for ever: then it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import permutations
from typing import NamedTuple

from compsys.credentials.jcs import Unsignable

PATIENCE = 10_000
"""How many neighbours the comparison of look-alike nodes may look at: far more than a credential of ours
needs, and no document may hold up whoever reads it."""
DEEPEST = 150
"""How far from a node the comparison may go: two equal lists are compared item after item."""

Link = tuple[str | int, str, int]
"""A quad that ends in a node without an id: subject (its text, or the number of such a node), predicate with
a blank behind it, the number of the node."""


class Part(NamedTuple):
    """A finished piece of a graph whose nodes nothing outside it mentions: its quads without such nodes,
    what is said of each node, the links, and each node's first hash."""

    plain: list[str]
    said: list[list[str]]
    links: list[Link]
    hashes: list[str]


class Graph:
    """The quads of one document as they are gathered. Nodes without an id are numbers from 0."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.said: list[list[str]] = []
        """by node: predicate, object and the full stop of each quad that it is the subject of"""
        self.links: list[Link] = []
        self._known: dict[int, str] = {}

    def blank(self) -> int:
        """A new node without an id."""
        self.said.append([])
        return len(self.said) - 1

    def say(self, subject: str | int, rest: str) -> None:
        """One quad whose object is an id or a text; ``rest`` ends with the full stop and a line's end."""
        if type(subject) is int:
            self.said[subject].append(rest)
        else:
            self.plain.append(f"{subject} {rest}")

    def part(self) -> Part:
        """The whole as a part of others."""
        return Part(sorted(self.plain), self.said, self.links, first_hashes(self))

    def add(self, part: Part) -> None:
        """Take in a part; its nodes get numbers of this graph's."""
        offset = len(self.said)
        self.plain += part.plain
        if part.said:
            self.said += part.said
            for subject, predicate, node in part.links:
                moved = subject + offset if type(subject) is int else subject
                self.links.append((moved, predicate, node + offset))
            for at, found in enumerate(part.hashes, offset):
                self._known[at] = found

    def known(self, node: int) -> str | None:
        """The first hash of a node that came with a part."""
        return self._known.get(node)


def first_hashes(graph: Graph) -> list[str]:
    """Each node's first-degree hash (RDFC-1.0, 4.6): of the quads that mention it, others unnamed."""
    mentions: list[list[str]] = [[f"_:a {rest}" for rest in said] for said in graph.said]
    for subject, predicate, node in graph.links:
        if type(subject) is int:
            mentions[subject].append(f"_:a {predicate}_:z .\n")
            mentions[node].append(f"_:z {predicate}_:a .\n")
        else:
            mentions[node].append(f"{subject} {predicate}_:a .\n")
    return [
        graph.known(node) or sha256("".join(sorted(lines)).encode()).hexdigest()
        for node, lines in enumerate(mentions)
    ]


def quads(graph: Graph) -> bytes:
    """The canonical N-Quads of a document: every quad once, in the order of code points.

    Raises Unsignable: ``proof.too_alike``.
    """
    lines = graph.plain
    if graph.said:
        hashes = first_hashes(graph)
        ranked = sorted(range(len(hashes)), key=hashes.__getitem__)
        if len(set(hashes)) == len(hashes):
            labels = {node: f"_:c14n{rank}" for rank, node in enumerate(ranked)}
        else:
            labels = _Alike(graph, hashes).labels(ranked)
        lines = list(lines)
        for node, said in enumerate(graph.said):
            label = labels[node]
            lines += [f"{label} {rest}" for rest in said]
        for subject, predicate, node in graph.links:
            start = labels[subject] if type(subject) is int else subject
            lines.append(f"{start} {predicate}{labels[node]} .\n")
    return "".join(sorted(set(lines))).encode()


class _Issuer:
    """Gives labels in the order they are asked for."""

    def __init__(self, prefix: str, given: dict[int, str] | None = None) -> None:
        self.prefix, self.given = prefix, dict(given or {})

    def issue(self, node: int) -> str:
        """The node's label, a new one unless it has one."""
        return self.given.setdefault(node, f"{self.prefix}{len(self.given)}")

    def copy(self) -> _Issuer:
        """Another with the same labels given."""
        return _Issuer(self.prefix, self.given)


class _Alike:
    """The whole algorithm, for documents where nodes share a first-degree hash."""

    def __init__(self, graph: Graph, hashes: Sequence[str]) -> None:
        self._hashes = hashes
        self._near: list[list[tuple[str, str, int]]] = [[] for _ in hashes]
        """by node: where the other stands (``o`` after it, ``s`` before it), the predicate, the other"""
        for subject, predicate, node in graph.links:
            if type(subject) is int:
                self._near[subject].append(("o", predicate.rstrip(), node))
                self._near[node].append(("s", predicate.rstrip(), subject))
        self._canonical = _Issuer("_:c14n")
        self._steps = self._deep = 0

    def labels(self, ranked: Sequence[int]) -> dict[int, str]:
        """Every node's label (RDFC-1.0, 4.4); ``ranked``: the nodes by first-degree hash."""
        alike: dict[str, list[int]] = {}
        for node in ranked:
            alike.setdefault(self._hashes[node], []).append(node)
        for nodes in alike.values():
            if len(nodes) == 1:
                self._canonical.issue(nodes[0])
        for nodes in alike.values():
            paths = []
            for node in nodes:
                if len(nodes) > 1 and node not in self._canonical.given:
                    issuer = _Issuer("_:b")
                    issuer.issue(node)
                    paths.append(self._far_hash(node, issuer))
            for _, issuer in sorted(paths, key=lambda path: path[0]):
                for known in issuer.given:
                    self._canonical.issue(known)
        return self._canonical.given

    def _step(self, neighbours: int) -> None:
        self._steps += 1 + neighbours
        if self._steps > PATIENCE or self._deep > DEEPEST:
            raise Unsignable("proof.too_alike")

    def _related(self, position: str, predicate: str, node: int, issuer: _Issuer) -> str:
        """The hash of a neighbour as seen from a node (RDFC-1.0, 4.7)."""
        label = self._canonical.given.get(node) or issuer.given.get(node) or self._hashes[node]
        return sha256(f"{position}{predicate}{label}".encode()).hexdigest()

    def _far_hash(self, node: int, issuer: _Issuer) -> tuple[str, _Issuer]:
        """The hash of a node by its neighbours and theirs, and the labels given on the way (4.8)."""
        self._deep += 1
        self._step(len(self._near[node]))
        around: dict[str, list[int]] = {}
        for position, predicate, other in self._near[node]:
            around.setdefault(self._related(position, predicate, other, issuer), []).append(other)
        data = []
        for related, nodes in sorted(around.items()):
            chosen = ""
            best = issuer
            for order in permutations(nodes):
                path, with_labels = self._path(order, issuer, chosen)
                if with_labels is not None and (not chosen or path < chosen):
                    chosen, best = path, with_labels
            issuer = best
            data.append(related + chosen)
        self._deep -= 1
        return sha256("".join(data).encode()).hexdigest(), issuer

    def _path(self, order: tuple[int, ...], issuer: _Issuer, chosen: str) -> tuple[str, _Issuer | None]:
        """The path through neighbours in one order; no issuer where a better one is known already."""
        self._step(len(order))
        issuer = issuer.copy()
        path, deeper = "", []
        for node in order:
            label = self._canonical.given.get(node)
            if label is None:
                if node not in issuer.given:
                    deeper.append(node)
                label = issuer.issue(node)
            path += label
            if chosen and len(path) >= len(chosen) and path > chosen:
                return path, None
        for node in deeper:
            found, further = self._far_hash(node, issuer)
            path += f"{issuer.issue(node)}<{found}>"
            issuer = further
            if chosen and len(path) >= len(chosen) and path > chosen:
                return path, None
        return path, issuer
