"""docs/format.md says what is written, and golden files of every format stay readable, byte for byte.

``python -m tests.compsys.test_format`` writes the generated tables of the document anew.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from compsys import codes, commands, replaying, seal, verify
from compsys import events as e
from compsys.desk import folded as desk_folded
from compsys.journal import SqliteJournal
from tests.golden import make

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "format.md"
JOURNALS = (
    "journal.jsonl", "journal-2.jsonl", "journal-3.jsonl", "journal-4.jsonl", "journal-5.jsonl",
    "journal-panel.jsonl", "journal-apart.jsonl", "journal-floor.jsonl", "journal-pins.jsonl",
    "journal-tablets.jsonl", "journal-copies.jsonl", "journal-acceptance.jsonl", "journal-credentials.jsonl",
    "journal-registers.jsonl", "journal-papers.jsonl", "journal-appeals.jsonl",
    "journal-assessment.jsonl", "journal-holder.jsonl",
)  # fmt: skip


# ---------------------------------------------------------------- the document's tables


def shape(kind: Any) -> str:
    """A type in the document's words."""
    i = msgspec.inspect
    simple: dict[type, str] = {i.StrType: "text", i.IntType: "number", i.BoolType: "true or false"}
    simple |= {i.NoneType: "null", i.AnyType: "any"}
    for known, word in simple.items():
        if isinstance(kind, known):
            return word
    if isinstance(kind, i.UnionType):
        return " or ".join(dict.fromkeys(shape(part) for part in kind.types))
    if isinstance(kind, i.VarTupleType):
        return f"list of {shape(kind.item_type)}"
    if isinstance(kind, i.TupleType):
        return "[" + ", ".join(map(shape, kind.item_types)) + "]"
    if isinstance(kind, i.DictType):
        return "{" + f"{shape(kind.key_type)}: {shape(kind.value_type)}" + "}"
    if isinstance(kind, i.LiteralType):
        return ", ".join(map(str, kind.values))
    if isinstance(kind, i.StructType):
        return str(kind.cls.__name__)
    raise AssertionError(kind)


def typed(struct: type[msgspec.Struct]) -> dict[str, str]:
    """A struct's fields with what they hold."""
    found = msgspec.inspect.type_info(struct)
    assert isinstance(found, msgspec.inspect.StructType)
    return {field.encode_name: shape(field.type) for field in found.fields}


def fields(struct: type[msgspec.Struct]) -> str:
    """A struct's fields with what they hold, on one line."""
    return ", ".join(f"`{name}` {held}" for name, held in typed(struct).items())


def kinds() -> list[str]:
    """The table of the kinds of lines."""
    rows = ["| kind | fields | what it says |", "|---|---|---|"]
    for event in sorted(get_args(e.AnyEvent), key=lambda event: str(event.__struct_config__.tag)):
        own = " ".join(
            f"`{name}`" for name in event.__struct_fields__ if name not in e.Event.__struct_fields__
        )
        said = " ".join((event.__doc__ or "").split()).replace("|", "/")
        rows.append(f"| `{event.__struct_config__.tag}` | {own} | {said} |")
    return rows


def lines_fields() -> list[str]:
    """What the fields of lines hold: by name, and by kind where kinds differ."""
    held: dict[str, dict[str, list[str]]] = {}
    for event in get_args(e.AnyEvent):
        for name, kind in typed(event).items():
            if name not in e.Event.__struct_fields__:
                held.setdefault(name, {}).setdefault(kind, []).append(str(event.__struct_config__.tag))
    rows = ["| field | holds |", "|---|---|"]
    for name, by_kind in sorted(held.items()):
        if len(by_kind) == 1:
            rows.append(f"| `{name}` | {next(iter(by_kind))} |")
        else:
            told = "; ".join(f"{kind} ({', '.join(tags)})" for kind, tags in by_kind.items())
            rows.append(f"| `{name}` | {told} |")
    return rows


def parts() -> list[str]:
    """The table of the structures that stand inside lines."""
    rows = ["| structure | fields |", "|---|---|"]
    held = (e.Cite, e.ResultRow, e.ComponentLine, e.Cut)
    return rows + [f"| {part.__name__} | {fields(part)} |" for part in held]


def asked() -> list[str]:
    """The table of the commands that a tablet or the console may give."""
    rows = ["| `c` | fields |", "|---|---|"]
    for command in get_args(commands.AnyCommand):
        rows.append(f"| `{command.__struct_config__.tag}` | {fields(command)} |")
    return rows


def listed() -> list[str]:
    """All codes."""
    return [" ".join(f"`{code}`" for code in codes.CODES)]


TABLES = {"kinds": kinds, "fields": lines_fields, "parts": parts, "commands": asked, "codes": listed}


def marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", re.S)


@pytest.mark.parametrize("name", TABLES)
def test_the_documents_tables_are_those_of_the_source(name: str) -> None:
    found = marked(name).search(DOCUMENT.read_text("utf-8"))
    assert found, f"docs/format.md has no place for {name}"
    assert found[2].splitlines() == TABLES[name](), "python -m tests.compsys.test_format writes it anew"


def write() -> None:
    """Write the generated tables into the document."""
    text = DOCUMENT.read_text("utf-8")
    for name, table in TABLES.items():
        text = marked(name).sub(
            lambda found, rows=table: found[1] + "\n".join(rows()) + "\n" + found[3], text
        )  # type: ignore[misc]  # bound at once
    DOCUMENT.write_text(text, "utf-8")


# ---------------------------------------------------------------- golden files


def golden(name: str) -> list[dict[str, Any]]:
    """The lines of a golden journal."""
    return [json.loads(raw) for raw in (make.HERE / name).read_bytes().splitlines()[1:]]


def test_a_golden_line_of_every_kind_is_read_and_written_the_same() -> None:
    seen = set()
    for name in JOURNALS:
        for line in golden(name):
            event, closed = e.unpack(line["open"].encode()), e.CLOSED_DECODER.decode(line["closed"])
            assert e.pack(event, closed) == (line["open"].encode(), line["closed"].encode())
            seen.add(type(event))
    assert seen == set(get_args(e.AnyEvent))


def test_the_seal_is_made_as_the_document_says() -> None:
    line = golden("journal.jsonl")[0]
    before = sha256(b"compsys/1 " + b"c-test" + b"/" + b"competition").digest()
    opened, closed = sha256(line["open"].encode()).digest(), sha256(line["closed"].encode()).digest()
    assert line["closed_digest"] == closed.hex()
    assert line["seal"] == sha256(before + opened + closed).hexdigest()
    text = DOCUMENT.read_text("utf-8")
    assert line["seal"] in text and line["open"] in text and line["closed"] in text


@pytest.mark.parametrize("name", JOURNALS)
def test_golden_journals_verify_and_fold_to_what_they_always_did(name: str) -> None:
    assert verify.verify(make.HERE / name).status == 0
    with verify.open_export(make.HERE / name) as source:
        found = replaying.replay(source.competition, source.lines)
    assert found.ok and found.lines == len(golden(name))


@pytest.mark.parametrize("name", ["results.json", "results.zh-CN.csv", "results.en.csv", "book.json"])
def test_golden_results_come_out_byte_for_byte(name: str) -> None:
    made = make.products(make.folded(make.HERE / "journal.jsonl"))
    assert made[name] == (make.HERE / name).read_bytes()


def test_a_golden_journal_can_be_put_back_into_a_database(tmp_path: Path) -> None:
    lines = [
        seal.Line(
            line["stream"],
            line["n"],
            line["open"].encode(),
            line["closed"].encode(),
            bytes.fromhex(line["closed_digest"]),
            bytes.fromhex(line["seal"]),
        )
        for line in golden("journal.jsonl")
    ]
    with SqliteJournal(tmp_path, "c-test") as journal:
        assert journal.append_sealed(lines, {line.stream: journal.head(line.stream) for line in lines}) == []
        state = desk_folded(journal)
    assert state.results == make.folded(make.HERE / "journal.jsonl").results
    assert verify.verify(tmp_path).status == 0


if __name__ == "__main__":
    write()


def test_a_golden_journal_that_stands_is_never_written_again(tmp_path: Path) -> None:
    """What is new in a form goes into a new journal: the old forms must be read for ever."""
    stands, missing = tmp_path / "journal.jsonl", tmp_path / "journal-2.jsonl"
    stands.write_bytes(b"of an earlier form\n")
    for path in (stands, missing):
        make.write_journal(path, make.other_day())
    assert stands.read_bytes() == b"of an earlier form\n"
    assert len(missing.read_text("utf-8").splitlines()) > 10
