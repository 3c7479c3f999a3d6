"""What a page loads: its modules known beforehand, its own words, no comments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from compsys import events, words
from tests.web.test_words import CALL
from web import statics

STATIC = Path(statics.__file__).parent / "static"
COMMENT = re.compile(rb"^[ \t]*(?:/\*|//)", re.M)


def text_of(url: str) -> str:
    """What is served under an address."""
    return statics.shelf()[1][url.rpartition("/")[2]].data.decode()


def table(lang: str) -> dict[str, dict[str, str]]:
    """The tablet's catalogue as it is served."""
    found: dict[str, dict[str, str]] = json.loads(text_of(statics.words_of("seat.js", lang)))
    return found


def test_a_tablets_modules_are_all_named_before_it_asks_for_them() -> None:
    named = [url.rpartition("/")[2] for url in statics.modules("seat.js")]
    assert named[0] == "seat.js" and len(named) == len(set(named))
    for url in statics.modules("seat.js"):
        brought = re.findall(r'^(?:import|\}) .*?"\./(\w+\.js)";', text_of(url), re.M)
        assert set(brought) <= set(named), url
    assert "words.js" in named and "enrol.js" not in named


@pytest.mark.parametrize("lang", words.LANGS)
def test_a_tablets_words_hold_what_it_can_say_and_hear(lang: str) -> None:
    said = {found[2] for url in statics.modules("seat.js") for found in CALL.finditer(text_of(url))}
    known = set(table(lang)["words"])
    final = re.search(r"FINAL = (\[.*?\])", text_of(statics.static("seat_link.js")))
    assert final is not None
    heard = {code for code in events.CODES if not code.startswith(words.SERVER_ONLY)}
    assert not (said | heard | set(json.loads(final[1]))) - known
    for begun in ("cell.", "level.", "role.", "strip."):
        assert {code for code in words.catalogue() if code.startswith(begun)} <= known
    assert not [code for code in known if code.startswith(("cli.", "console.", "setup.", "book."))]
    assert set(table(lang)["todo"]) <= known


def test_comments_are_left_out_and_nothing_else() -> None:
    for file in sorted(STATIC.glob("*.js")) + sorted(STATIC.glob("*.css")):
        data = file.read_bytes()
        served = statics.without_comments(file.name, data)
        if file.suffix == ".css":
            assert re.sub(rb"/\*.*?\*/|\s", b"", data, flags=re.S) == re.sub(
                rb"/\*.*?\*/|\s", b"", served, flags=re.S
            ), file.name
            continue
        assert not [one for one in COMMENT.finditer(served) if b"*/ (" not in served[one.start() :][:200]]
        kept = [line for line in data.split(b"\n") if not re.match(rb"\s*(?:/\*|\*|//)", line)]
        assert [line for line in served.split(b"\n") if not re.match(rb"\s*/\*", line)] == kept, file.name
        # A line that looks like a comment inside a text over several lines would be lost.
        for found in statics.COMMENTS[".js"].finditer(data):
            before = statics.without_comments(file.name, data[: found.start()])
            assert before.count(b"`") % 2 == 0, (file.name, found[0])
