"""Finds the fonts of certificates, and tells before printing which characters none of them has.

A name printed with an empty box in it is worse than no certificate: such a name stops its batch, by name and
with the characters, before anything is printed. Typst itself would stop at the first one, without a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import (  # type: ignore[import-untyped]  # the library ships no types
    TTCollection,
    TTFont,
    TTLibError,
)

from compsys.exchange.paper import FONT_FOLDERS

FAMILY: Final = "Noto Serif CJK SC"
PACKAGE: Final = "fonts-noto-cjk"
"""The Debian and Ubuntu package that brings the family in regular and bold."""

NEEDED: Final = ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc")
LIKE: Final = (
    NEEDED,
    ("NotoSerifCJKsc-Regular.otf", "NotoSerifCJKsc-Bold.otf"),
    ("NotoSerifSC-Regular.otf", "NotoSerifSC-Bold.otf"),
    ("NotoSerifSC-Regular.ttf", "NotoSerifSC-Bold.ttf"),
    ("SourceHanSerifSC-Regular.otf", "SourceHanSerifSC-Bold.otf"),
    ("SourceHanSerifCN-Regular.otf", "SourceHanSerifCN-Bold.otf"),
)
"""The same design under its other file names; the first pair found is used."""

SUFFIXES: Final = (".ttf", ".otf", ".ttc", ".otc")
SIMPLIFIED: Final = "SC"


class SerifMissing(Exception):
    """No serif font with Chinese on this machine. ``looked``: the folders that were looked through."""

    def __init__(self, looked: Sequence[str]) -> None:
        super().__init__(", ".join(looked))
        self.looked = tuple(looked)


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts of a press: their files, and in the order they are tried each family with its characters."""

    files: tuple[Path, ...]
    signs: tuple[tuple[str, frozenset[int]], ...]

    @property
    def families(self) -> list[str]:
        """The families in the order they are tried."""
        return list(dict.fromkeys(family for family, _ in self.signs))

    def only(self, families: frozenset[str]) -> Faces:
        """Without families that the typesetter cannot read: what they have cannot be printed."""
        return Faces(self.files, tuple(one for one in self.signs if one[0] in families))

    def missing(self, texts: Iterable[str]) -> str:
        """The characters of some texts that cannot be printed, each once, in the order they come.

        Control characters and marks without a shape of their own count as such: on paper they would be lost.
        """
        found: dict[str, None] = {}
        for text in texts:
            for sign in text:
                had = any(ord(sign) in signs for _, signs in self.signs)
                if not had or unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs"):
                    found[sign] = None
        return "".join(found)


def find(folders: Iterable[Path | str] = (), system: Iterable[str] = FONT_FOLDERS) -> Faces:
    """The fonts to print with: the serif family from the given folders or the machine's own, then whatever
    else stands in the given folders, for rare characters. Raises SerifMissing, OSError."""
    given = [Path(folder) for folder in folders]
    looked = [*given, *map(Path, system)]
    pair = _pair(looked)
    if pair is None:
        raise SerifMissing([str(folder) for folder in looked])
    more = [
        file
        for folder in given
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in SUFFIXES and file not in pair
    ]
    return Faces((*pair, *more), tuple(face(file) for file in (pair[0], *more)))


def _pair(folders: Iterable[Path]) -> tuple[Path, ...] | None:
    """Regular and bold of the serif family, from the first folder that has them."""
    for folder in folders:
        if not folder.is_dir():
            continue
        known = {file.name: file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES}
        for names in LIKE:
            if names[0] in known:
                return tuple(known[name] for name in names if name in known)
    return None


@cache
def face(file: Path) -> tuple[str, frozenset[int]]:
    """A font's family and the characters it has; of a collection the face for simplified Chinese. A file
    that is no font has none."""
    try:
        with file.open("rb") as stream:
            collection = stream.read(4) == b"ttcf"
        if not collection:
            with TTFont(file, lazy=True) as font:
                return _read(font)
        with TTCollection(file, lazy=True) as fonts:
            chosen = [font for font in fonts.fonts if _family(font).endswith(SIMPLIFIED)]
            return _read((chosen or fonts.fonts)[0])
    except TTLibError:
        return "", frozenset()


def _family(font: TTFont) -> str:
    """The family as programs name it: the typographic one where there is one."""
    names = font["name"]
    return str(names.getDebugName(16) or names.getDebugName(1) or "")


def _read(font: TTFont) -> tuple[str, frozenset[int]]:
    return _family(font), frozenset(font.getBestCmap() or ())
