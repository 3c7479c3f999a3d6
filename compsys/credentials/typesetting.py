"""Prints certificates: one press, kept for many batches, makes A4 PDF/A-3b with the signed JSON attached.

A press holds one typst compiler over a folder of its own, into which the shipped templates are copied and an
issuer's own are laid over them. A batch is one compilation, a page for each certificate. The same papers give
the same bytes. Templates can read that folder and nothing else: no other file, no network, no package.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self

import typst

from compsys.answers import Refused
from compsys.credentials import certificate, glyphs, qr_symbol
from compsys.credentials.certificate import Paper

NAMES: Final = ("level", "award", "score", "badge", "parts")
"""The templates that are shipped: one for each kind of certificate, the badge, and what they share."""

MAIN: Final = """\
#import "parts.typ": fonts
#import "level.typ"
#import "award.typ"
#import "score.typ"
#let batch = json(bytes(sys.inputs.batch))
#let draws = (level: level.draw, award: award.draw, score: score.draw)
#set document(title: batch.title, author: batch.author, date: datetime(..batch.date))
#set text(font: fonts, fallback: false, lang: batch.lang)
#for it in batch.sheets {
  pdf.attach(it.attachment, bytes(it.signed), relationship: "data", mime-type: "application/json",
    description: it.number)
  draws.at(it.kind)(it)
}
"""

WHERE: Final = re.compile(r"^error: .*?┌─ (?:[^\n]*/)?([\w.-]+\.typ):(\d+):", re.DOTALL | re.MULTILINE)
LARGEST_PICTURE: Final = 4_000_000
PNG: Final = b"\x89PNG\r\n\x1a\n"


def template(name: str) -> str:
    """A shipped template's text; raises KeyError for a name that is not in ``NAMES``."""
    if name not in NAMES:
        raise KeyError(name)
    return (files("compsys") / "credentials" / "templates" / f"{name}.typ").read_text("utf-8")


def picture_kind(data: bytes) -> str:
    """png or jpg by the first bytes, "" for anything else or too large.

    >>> picture_kind(b"\\x89PNG\\r\\n\\x1a\\n..."), picture_kind(b"GIF89a")
    ('png', '')
    """
    if len(data) > LARGEST_PICTURE:
        return ""
    if data.startswith(PNG):
        return "png"
    return "jpg" if data.startswith(b"\xff\xd8\xff") else ""


class Press:
    """Prints batches; close it (or use ``with``), which removes its folder. Raises glyphs.SerifMissing where
    the machine has no serif font with Chinese, OSError.

    ``templates``: folders whose files take the place of the shipped templates of the same name, later ones
    of earlier ones; pictures in them may be used by them. ``fonts``: folders with fonts, looked in first and
    for rare characters.
    """

    def __init__(self, templates: Iterable[Path] = (), fonts: Iterable[Path] = ()) -> None:
        faces = glyphs.find(fonts)
        known = typst.Fonts(
            include_system_fonts=False, font_paths=sorted({str(file.parent) for file in faces.files})
        )
        self.faces = faces.only(frozenset(known.families()))
        self._folder = TemporaryDirectory(prefix="compsys-press-")
        root = Path(self._folder.name)
        for name in NAMES:
            (root / f"{name}.typ").write_text(template(name), "utf-8")
        for folder in templates:
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                if file.is_file():
                    shutil.copyfile(file, root / file.name)
        self._pictures = root / "pictures"
        self._pictures.mkdir()
        self._compiler = typst.Compiler(
            root=str(root),
            font_paths=known,
            ignore_system_fonts=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the press's folder."""
        self._folder.cleanup()

    def sheets(self, papers: Sequence[Paper]) -> list[dict[str, Any]] | Refused:
        """What the templates are given for a batch, every character of it known to be printable.

        Refused: what ``certificate.sheet`` refuses; ``print.glyph`` (holder, signs, codes: a certificate that
        cannot be printed, which stops the batch); ``print.picture`` (number: photo or seal is neither PNG nor
        JPEG or is over 4 MB); ``print.symbol`` (number, length: the credential is too long for a QR symbol).
        """
        made = []
        for place, paper in enumerate(papers):
            sheet = certificate.sheet(paper)
            if isinstance(sheet, Refused):
                return sheet
            if lost := self.faces.missing(certificate.texts(sheet)):
                codes = " ".join(f"U+{ord(sign):04X}" for sign in lost)
                return Refused("print.glyph", {"holder": sheet["holder"], "signs": lost, "codes": codes})
            for what, data in (("photo", paper.photo), ("seal", paper.seal)):
                kind = picture_kind(data) if data else ""
                if data and not kind:
                    return Refused("print.picture", {"number": sheet["number"]})
                sheet[what] = self._picture(f"{what}-{place}.{kind}", data) if data else None
            try:
                symbol = qr_symbol.symbol(paper.address)
            except qr_symbol.TooLong as error:
                return Refused("print.symbol", {"number": sheet["number"], "length": str(error.length)})
            sheet |= {"qr": symbol.svg(), "modules": symbol.modules, "signed": paper.signed.decode()}
            sheet["attachment"] = certificate.attachment(sheet["number"], paper.signed)
            made.append(sheet)
        return made

    def _picture(self, name: str, data: bytes) -> str:
        (self._pictures / name).write_bytes(data)
        return f"/pictures/{name}"

    def print(self, papers: Sequence[Paper]) -> bytes | Refused:
        """A batch as one PDF, a page for each certificate in the order given; at least one.

        Refused: see ``sheets``; ``print.template`` (file, line, why: an issuer's template is broken).
        """
        sheets = self.sheets(papers)
        return sheets if isinstance(sheets, Refused) else self.set(sheets)

    def set(self, sheets: Sequence[dict[str, Any]]) -> bytes | Refused:
        """Typeset sheets that were made by ``sheets``."""
        first = sheets[0]
        title = first["name"]["zh"] if len(sheets) == 1 else f"{first['name']['zh']} × {len(sheets)}"
        batch = {
            "title": title,
            "author": first["issuer"]["zh"],
            "date": max((one["issued"] for one in sheets), key=lambda day: tuple(day.values())),
            "lang": first["language"][:2],
            "sheets": sheets,
        }
        day = batch["date"]
        moment = datetime(day["year"], day["month"], day["day"], tzinfo=UTC)
        return self._compile(MAIN, "pdf", batch=batch, timestamp=moment)

    def badge(self, form: str, **given: str) -> bytes | Refused:
        """The badge picture as ``png`` or ``svg``; ``given``: see badge.typ."""
        source = '#import "badge.typ": draw\n#draw(json(bytes(sys.inputs.batch)))\n'
        return self._compile(source, form, batch=given)

    def _compile(
        self, source: str, form: Any, *, batch: dict[str, Any], timestamp: datetime | None = None
    ) -> bytes | Refused:
        inputs = {
            "batch": json.dumps(batch, ensure_ascii=False),
            "faces": json.dumps(self.faces.families, ensure_ascii=False),
        }
        try:
            made = self._compiler.compile(
                input=source.encode(),
                format=form,
                sys_inputs=inputs,
                pdf_standards=["a-3b"] if form == "pdf" else [],
                timestamp=timestamp,
            )
        except typst.TypstError as error:
            return broken(error.message, error.diagnostic)
        if not isinstance(made, bytes):
            raise TypeError("typst gave no single file")
        return made


def font_missing(error: glyphs.SerifMissing) -> Refused:
    """What to tell where a press found no font: the family, its package and files, where was looked."""
    params = {"family": glyphs.FAMILY, "package": glyphs.PACKAGE, "looked": ", ".join(error.looked)}
    return Refused("print.font_missing", params | {"files": ", ".join(glyphs.NEEDED)})


def broken(message: str, diagnostic: str) -> Refused:
    """What is wrong with a template, as typst tells it: warnings go before, callers come after.

    >>> broken("unknown variable: nmae", "error: ..\\n  ┌─ ../folder/level.typ:14:8\\n").params
    {'file': 'level.typ', 'line': '14', 'why': 'unknown variable: nmae'}
    """
    found = WHERE.search(diagnostic)
    file, line = found.groups() if found else ("", "")
    return Refused("print.template", {"file": file, "line": line, "why": message})
