"""Which aspect of a changed scheme is which of the old one: permanent keys kept, every change named."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from scoring_rules.scheme_changes import Difference, carried, changed, number, others, rebuilt
from scoring_rules.scheme_model import Aspect, Scheme, Words, aspects, sub_criteria

Kind = Literal["unchanged", "changed", "new", "gone"]

_ALIKE = Fraction(3, 5)
_LOOKS = 5_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Match:
    """One aspect then and now; `fields` says what differs (of ASPECT_FIELDS).

    `sure` is false where the text differs or the same text stands several times: somebody should look.
    `key` is the permanent key: the old one where there was an old one. Not `sure` and `old` both there: the
    pair is a guess, and `compare` takes the keys of guesses that are none.
    """

    kind: Kind
    key: str
    old: Aspect | None
    new: Aspect | None
    old_sub: str
    new_sub: str
    fields: tuple[str, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new reading changes: every aspect once, the other changes, and the new scheme to keep.

    `scheme` is the new one with the old keys on matched aspects, fresh keys on new ones, and the old words
    of other languages where the text in this one is the same.
    """

    matches: tuple[Match, ...]
    others: tuple[Difference, ...]
    scheme: Scheme

    @property
    def same(self) -> bool:
        """Whether nothing differs that a person could notice."""
        return not self.others and all(m.kind == "unchanged" for m in self.matches)

    def count(self, kind: str) -> int:
        """How many aspects are of a kind, or have a field changed.

        >>> compare(Scheme({}), Scheme({})).count("new")
        0
        """
        return sum(kind == m.kind or kind in m.fields for m in self.matches)


def compare(old: Scheme, new: Scheme, not_same: Iterable[str] = ()) -> Comparison:
    """Match the aspects of `new` with those of `old`; `not_same`: keys whose guessed pair is none.

    An aspect is found by sub-criterion, type and text; then by type and text elsewhere; then by a text that
    is alike in the same sub-criterion (a guess). Never by its place alone: two texts that have nothing in
    common are one aspect gone and one new. Clause: worldskills.md section 1, "give each aspect a permanent
    key at import". Both schemes have been read without error; keys within each are different.

    >>> from scoring_rules.scheme_model import Criterion, SubCriterion
    >>> def one(*found: tuple[str, str, str]) -> Scheme:
    ...     listed = tuple(Aspect(key, {"en": text}, "agreed", most) for key, text, most in found)
    ...     return Scheme({}, criteria=(Criterion("A", {}, (SubCriterion("A1", {}, "1", listed),)),))
    >>> was = one(("k1", "Footer", "1"), ("k2", "Links work", "1"))
    >>> now = one(("A1.M1", "Video", "1"), ("A1.M2", "Links all work", "2"))
    >>> [(m.kind, m.key, m.fields) for m in compare(was, now).matches]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('new', 'A1.M1', ()), ('changed', 'k2', ('renamed', 'marks')), ('gone', 'k1', ())]
    """
    matcher = _Matcher(old, new)
    matcher.run()
    return matcher.result(frozenset(not_same))


@dataclass(frozen=True, slots=True)
class _Row:
    """An aspect where it stands; `place` is its sub-criterion under the name it had before."""

    aspect: Aspect
    sub: str
    place: str
    text: str
    note: str


class _Matcher:
    """Pairs rows from the strictest likeness to the loosest; a row once paired is out."""

    def __init__(self, old: Scheme, new: Scheme) -> None:
        self.old, self.new = old, new
        self.language = _language(new)
        self.subs = _match_subs(old, new, self.language)
        self.before = [self.row(a, s.key, s.key) for s in sub_criteria(old) for a in s.aspects]
        self.after = [
            self.row(a, s.key, self.subs.get(s.key, s.key)) for s in sub_criteria(new) for a in s.aspects
        ]
        self.pairs: dict[int, tuple[int, bool]] = {}
        self.left_old = list(range(len(self.before)))
        self.left_new = list(range(len(self.after)))

    def row(self, aspect: Aspect, sub: str, place: str) -> _Row:
        text, note = _plain(aspect.title, self.language), _plain(aspect.note, self.language)
        return _Row(aspect, sub, place, text, note)

    def run(self) -> None:
        """All passes."""
        self.equal(lambda r: (r.place, *_whole(r)))
        self.equal(lambda r: (r.place, r.aspect.method, r.text, r.note))
        self.equal(lambda r: (r.place, r.aspect.method, r.text))
        self.equal(lambda r: (r.aspect.method, r.text, r.note), unique=True)
        self.equal(lambda r: (r.aspect.method, r.text), unique=True)
        self.equal(lambda r: (r.place, r.text))
        self.alike()

    def equal(self, key: Callable[[_Row], Hashable], unique: bool = False) -> None:
        """Pair rows of the same key in their order; `unique`: only where there is one on each side."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for i in self.left_old:
            waiting[key(self.before[i])].append(i)
        arrived: dict[Hashable, list[int]] = defaultdict(list)
        for j in self.left_new:
            arrived[key(self.after[j])].append(j)
        for which, news in arrived.items():
            olds = waiting.get(which, [])
            if unique and (len(olds) != 1 or len(news) != 1):
                continue
            for i, j in zip(olds, news, strict=False):
                self.pairs[j] = (i, len(olds) == len(news))
        self.clear()

    def alike(self) -> None:
        """Pair what is left within a sub-criterion by how much the texts have in common, best first."""
        looks = 0
        found: list[tuple[Fraction, int, int]] = []
        for j in self.left_new:
            after = self.after[j]
            for i in self.left_old:
                before = self.before[i]
                if (before.place, before.aspect.method) != (after.place, after.aspect.method):
                    continue
                looks += 1
                if looks > _LOOKS:
                    break
                ratio = _likeness(before.text, after.text)
                if ratio >= _ALIKE:
                    found.append((-ratio, j, i))
        taken: set[int] = set()
        for _, j, i in sorted(found):
            if j not in self.pairs and i not in taken:
                taken.add(i)
                self.pairs[j] = (i, False)
        self.clear()

    def clear(self) -> None:
        taken = {i for i, _ in self.pairs.values()}
        self.left_old = [i for i in self.left_old if i not in taken]
        self.left_new = [j for j in self.left_new if j not in self.pairs]

    def result(self, not_same: frozenset[str]) -> Comparison:
        """The matches in the new scheme's order, what is gone after them, and the scheme to keep."""
        for j, (i, sure) in list(self.pairs.items()):
            if not sure and self.before[i].aspect.key in not_same:
                del self.pairs[j]
        self.clear_all()
        keys = _Keys(a.key for a in aspects(self.old))
        kept: dict[tuple[str, int], Aspect] = {}
        matches: list[Match] = []
        counts: dict[str, int] = defaultdict(int)
        for j, row in enumerate(self.after):
            counts[row.sub] += 1
            match, aspect = self.one(j, row, keys)
            matches.append(match)
            kept[row.sub, counts[row.sub]] = aspect
        for i in self.left_old:
            gone = self.before[i]
            matches.append(Match("gone", gone.aspect.key, gone.aspect, None, gone.sub, ""))
        scheme = rebuilt(self.old, self.new, self.subs, kept)
        return Comparison(tuple(matches), tuple(others(self.old, self.new, self.subs)), scheme)

    def clear_all(self) -> None:
        self.left_old = list(range(len(self.before)))
        self.left_new = list(range(len(self.after)))
        self.clear()

    def one(self, j: int, row: _Row, keys: _Keys) -> tuple[Match, Aspect]:
        if j not in self.pairs:
            aspect = replace(row.aspect, key=keys.fresh(row.aspect.key))
            return Match("new", aspect.key, None, aspect, "", row.sub), aspect
        i, sure = self.pairs[j]
        before = self.before[i]
        fields = changed(before.aspect, row.aspect, before.sub != row.sub)
        aspect = carried(before.aspect, row.aspect)
        kind: Kind = "changed" if fields else "unchanged"
        return Match(kind, aspect.key, before.aspect, aspect, before.sub, row.sub, fields, sure), aspect


class _Keys:
    """Permanent keys in use; a new aspect never gets one that an old aspect had."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def fresh(self, wanted: str) -> str:
        key, count = wanted, 1
        while key in self.taken:
            count += 1
            key = f"{wanted[:58]}-{count}"
        self.taken.add(key)
        return key


# ---------------------------------------------------------------- sub-criteria


def _match_subs(old: Scheme, new: Scheme, language: str) -> dict[str, str]:
    """New sub-criterion -> the old one it is: the same key and title, a title found once, else the key."""
    before = {s.key: _plain(s.title, language) for s in sub_criteria(old)}
    after = {s.key: _plain(s.title, language) for s in sub_criteria(new)}
    found = {key: key for key, title in after.items() if before.get(key) == title}
    for key, title in after.items():
        then = [k for k, t in before.items() if t == title and k not in found.values()]
        now = [k for k, t in after.items() if t == title and k not in found]
        if title and key not in found and len(then) == 1 and len(now) == 1:
            found[key] = then[0]
    for key in after:
        if key not in found and key in before and key not in found.values():
            found[key] = key
    return found


# ---------------------------------------------------------------- aspects


def _language(new: Scheme) -> str:
    """The language that most of the new scheme is written in: a workbook has one text where we have two."""
    found = [lang for aspect in aspects(new) for lang in aspect.title]
    return "en" if found.count("en") > found.count("zh-CN") else "zh-CN"


def _plain(words: Words, language: str) -> str:
    """A text for comparison: one space between words, no case; in the given language where it is there."""
    text = words.get(language) or next(iter(words.values()), "")
    return " ".join(text.split()).casefold()


def _whole(row: _Row) -> tuple[Hashable, ...]:
    a = row.aspect
    return a.method, row.text, row.note, number(a.max), a.section, " ".join(a.requirement.split())


def _likeness(before: str, after: str) -> Fraction:
    """0..1: the share of characters in common, in order; the quick bounds first."""
    matcher = difflib.SequenceMatcher(None, before[:_LONGEST], after[:_LONGEST], autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return Fraction(0)
    common = sum(block.size for block in matcher.get_matching_blocks())
    return Fraction(2 * common, max(1, len(before[:_LONGEST]) + len(after[:_LONGEST])))
