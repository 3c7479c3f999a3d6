"""``compsys credential print|template``: certificates as PDF for the printer, badges, templates to change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from compsys.answers import Refused
from compsys.commandline.access import Office, explained, office
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.credential_sheets import FONTS
from compsys.commandline.terminal import UNREADABLE, aside, command, fail, give, language, line, told
from compsys.credentials import baking, certificate, glyphs
from compsys.credentials.certificate import Paper
from compsys.credentials.typesetting import NAMES, Press, font_missing, template
from compsys.words import LANGS

SLICE = 200
"""Certificates that are asked for and counted at once."""
TEMPLATES, SEALS = "templates", "seals"
"""Folders of a data directory: an issuer's own templates, and pictures of seals named after issuers."""
PICTURES = (".png", ".jpg", ".jpeg")

Sheet = Mapping[str, Any]
Found = TypeVar("Found")


class Form(StrEnum):
    """What is made: pages to print, or badges with the credential in them."""

    pdf = "pdf"
    png = "png"
    svg = "svg"


Which = Annotated[
    list[str] | None,
    typer.Argument(metavar="NUMBER...", help=told("cli.credential_print.which"), show_default=False),
]
OfBatch = Annotated[
    str, typer.Option("--batch", metavar="BATCH", help=told("cli.credential_print.batch"), show_default=False)
]
OfDelegation = Annotated[
    str,
    typer.Option(
        "--delegation", metavar="ID", help=told("cli.credential_print.delegation"), show_default=False
    ),
]
OfPaper = Annotated[
    str,
    typer.Option(
        "--paper", metavar="level|award|score", help=told("cli.credential_print.paper"), show_default=False
    ),
]
Apart = Annotated[bool, typer.Option("--by-delegation", help=told("cli.credential_print.apart"))]
FormOption = Annotated[Form, typer.Option("--format", help=told("cli.credential_print.form"))]
Language = Annotated[
    str,
    typer.Option(
        "--language", metavar="zh-CN|en", help=told("cli.credential_print.language"), show_default=False
    ),
]
Fonts = Annotated[
    Path | None, typer.Option("--fonts", help=told("cli.credential_print.fonts"), show_default=False)
]
Photos = Annotated[
    Path | None, typer.Option("--photos", help=told("cli.credential_print.photos"), show_default=False)
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"), show_default=False)]


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "print", "cli.credential_print")(print_)
    command(group, "template", "cli.credential_template")(template_)


def print_(
    which: Which = None,
    batch: OfBatch = "",
    delegation: OfDelegation = "",
    paper: OfPaper = "",
    apart: Apart = False,
    form: FormOption = Form.pdf,
    lang: Language = "",
    fonts: Fonts = None,
    photos: Photos = None,
    out: Out = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Find them, see that all can be printed, count them in the journal, typeset, write."""
    if paper and paper not in certificate.KINDS:
        fail("cli.credential_print.no_paper", as_json=as_json, status=UNREADABLE, paper=paper)
    if lang and lang not in LANGS:
        fail("cli.credential_print.no_language", as_json=as_json, status=UNREADABLE, language=lang)
    asked = {"which": list(which or []), "batch": batch, "delegation": delegation, "paper": paper}
    chosen = lang or language()
    with office(directory, as_json) as desk:
        found = _found(desk, asked, as_json)
        piles = {(one["delegation"] if apart else "", one["issuer"]) for one in found}
        several = form != Form.pdf or len(piles) > 1
        if several and out is None:
            fail("cli.credential_print.folder", as_json=as_json, status=UNREADABLE)
        target = out or Path("certificates.pdf")
        with explained(target, as_json), _Presses(directory, fonts, as_json) as press:
            if form == Form.pdf:
                files = _pages(desk, press, found, target, apart, chosen, photos, as_json)
            else:
                files = _badges(press, found, target, form, as_json)
    _tell(files, found, form, as_json)


def _found(desk: Office, asked: Mapping[str, Any], as_json: bool) -> list[Sheet]:
    """What is to be printed, each with its document; ends the command where one cannot be put together."""
    known = desk.query("credential_wanted", **asked)
    if "code" in known:
        fail(known["code"], known["params"], as_json=as_json)
    ids = [one["id"] for one in known["credentials"]]
    if not ids:
        fail("cli.credential_print.nothing", as_json=as_json)
    sheets: list[Sheet] = []
    for some in _slices(ids):
        sheets += desk.query("credential_sheets", which=some)
    for one in sheets:
        if "code" in one:
            fail(one["code"], one["params"], as_json=as_json)
    return sheets


def _slices(ids: Sequence[str]) -> Iterator[list[str]]:
    for at in range(0, len(ids), SLICE):
        yield list(ids[at : at + SLICE])


# ---------------------------------------------------------------- presses


class _Presses:
    """One press for each issuer, made when it is first needed, closed together."""

    def __init__(self, directory: Path, fonts: Path | None, as_json: bool) -> None:
        self.directory, self.as_json = directory, as_json
        self.fonts = [folder for folder in (fonts, directory / FONTS) if folder is not None]
        self.made: dict[str, Press] = {}

    def __enter__(self) -> _Presses:
        return self

    def __exit__(self, *_: object) -> None:
        for press in self.made.values():
            press.close()

    def of(self, issuer: str) -> Press:
        """An issuer's press; ends the command where the machine has no font for it."""
        if issuer not in self.made:
            own = self.directory / TEMPLATES
            try:
                self.made[issuer] = Press([own, own / issuer], self.fonts)
            except glyphs.SerifMissing as error:
                refused = font_missing(error)
                fail(refused.code, refused.params, as_json=self.as_json)
        return self.made[issuer]

    def seal(self, issuer: str) -> bytes | None:
        """The picture of an issuer's seal, None where there is none."""
        return _picture(self.directory / SEALS, issuer)


def _picture(folder: Path | None, name: str) -> bytes | None:
    """A picture of that name in a folder."""
    for suffix in PICTURES if folder is not None else ():
        file = folder / f"{name}{suffix}"  # type: ignore[operator]  # None has no suffixes to try
        if file.is_file():
            return file.read_bytes()
    return None


# ---------------------------------------------------------------- pages


def _paper(one: Sheet, press: _Presses, lang: str, photos: Path | None) -> Paper:
    """A certificate as it goes to the press; what it is printed for the n-th time is known already."""
    return Paper(
        signed=_signed(one), kind=one["paper"], address=one["address"], query=one["query"], language=lang,
        id_type=one["id_type"], id_tail=one["id_tail"], event=one["event"], trade=one["trade"],
        photo=_picture(photos, one["number"]) or _picture(photos, one["person"]),
        seal=press.seal(one["issuer"]), reprint=one["prints"], replaces=one["replaces"],
    )  # fmt: skip


def _signed(one: Sheet) -> bytes:
    """The document as ``export`` writes it."""
    return (json.dumps(one["document"], ensure_ascii=False, indent=1) + "\n").encode()


def _pages(
    desk: Office, presses: _Presses, found: Sequence[Sheet], target: Path, apart: bool, lang: str,
    photos: Path | None, as_json: bool,
) -> dict[Path, int]:  # fmt: skip
    """Every sheet is checked and set before one is counted, and all are counted before one is written."""
    piles: dict[tuple[str, str], list[Sheet]] = {}
    for one in found:
        piles.setdefault((one["delegation"] if apart else "", one["issuer"]), []).append(one)
    checked = {}
    for pile, some in piles.items():
        papers = [_paper(one, presses, lang, photos) for one in some]
        checked[pile] = _or_fail(presses.of(pile[1]).sheets(papers), as_json)
    if any(one["embargo"] for one in found):
        aside(told("cli.credential_print.embargo"))
    made = {pile: _or_fail(presses.of(pile[1]).set(sheets), as_json) for pile, sheets in checked.items()}
    for ids in _slices([one["id"] for one in found]):
        answer = desk.query("credential_count", which=ids)
        if answer["a"] != "accepted":
            fail(answer["code"] or answer["a"], answer["params"], as_json=as_json)
    mixed = len({issuer for _, issuer in made}) > 1
    written = {}
    for (place, issuer), data in made.items():
        name = (place, issuer if mixed else "") if len(made) > 1 else ("", "")
        written[_write(data, target, *name)] = len(piles[place, issuer])
    return written


def _or_fail(found: Found | Refused, as_json: bool) -> Found:
    if isinstance(found, Refused):
        fail(found.code, found.params, as_json=as_json)
    return found


def _write(data: bytes, target: Path, place: str, issuer: str) -> Path:
    """One PDF; of several each in a folder, named after delegation and issuer."""
    parts = [part for part in (place, issuer) if part]
    path = target / f"{'-'.join(parts)}.pdf" if parts else target
    path.parent.mkdir(parents=True, exist_ok=True)
    write(data, path)
    return path


# ---------------------------------------------------------------- badges


def _badges(
    presses: _Presses, found: Sequence[Sheet], target: Path, form: Form, as_json: bool
) -> dict[Path, int]:
    """A badge for each in a folder. They are no prints and are not counted."""
    target.mkdir(parents=True, exist_ok=True)
    drawn: dict[tuple[str, ...], bytes] = {}
    files: dict[Path, int] = {}
    for one in found:
        signed = json.dumps(one["document"], ensure_ascii=False, separators=(",", ":"))
        paper = Paper(signed.encode(), one["paper"], one["address"], one["query"], trade=one["trade"])
        words = _or_fail(certificate.badge(paper), as_json)
        key = (one["issuer"], *words.values())
        if key not in drawn:
            drawn[key] = _or_fail(presses.of(one["issuer"]).badge(form.value, **words), as_json)
        path = target / f"{one['number']}.{form.value}"
        if form == Form.png:
            path.write_bytes(_or_fail(baking.bake_png(drawn[key], signed), as_json))
        else:
            path.write_text(_or_fail(baking.bake_svg(drawn[key].decode(), signed), as_json), "utf-8")
        files[path] = 1
    return files


def _tell(files: Mapping[Path, int], found: Sequence[Sheet], form: Form, as_json: bool) -> None:
    if as_json:
        given = [{"path": str(path), "certificates": count} for path, count in files.items()]
        give({"ok": True, "files": given, "certificates": len(found)})
        return
    line(told("cli.credential_print.done", n=len(found), files=len(files)))
    again = sum(1 for one in found if one["prints"])
    if form == Form.pdf and again:
        line(told("cli.credential_print.again", n=again))


# ---------------------------------------------------------------- templates


def template_(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=told("cli.credential_template.name"), show_default=False)
    ] = "",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Write a shipped template, to be changed."""
    if name not in NAMES:
        fail("cli.credential_template.which", as_json=as_json, status=UNREADABLE, known=" ".join(NAMES))
    with explained(out or HERE, as_json):
        write(template(name).encode(), out)
