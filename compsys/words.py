"""Turns codes into sentences, in zh-CN and en, for server pages, the command line, print and the browser.

There is one catalogue: the JSON files of ``compsys/catalogue/``. Each maps codes to sentences; no other place
holds words that a user reads. An entry is ``{"zh-CN": sentence, "en": sentence}``, and where somebody has to
act also ``"todo": {"zh-CN": ..., "en": ...}``. Sentences carry named parameters: ``{n}`` puts a value in,
``{n:mark|marks}`` chooses a word (the first for "1") and writes no number, ``[[, place {n}]]`` is left out
where a parameter in it is missing or empty. Values are never formatted here: marks are text on every wire.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, negotiate_locale

from compsys.codes import CODES

LANGS = ("zh-CN", "en")
"""The languages of the interface; the first is the default."""

SERVER_ONLY = (
    "acceptance.", "archive.", "assessment.", "baking.", "cis.", "credential.", "csv.", "data_", "explain.",
    "file.", "holder.", "list.", "print.", "profile_", "promotion.", "proof.", "qr.", "ready.", "register.",
    "sample.", "signing.",
)  # fmt: skip
"""Codes (by how they begin) that scripts never say: left out of what every page loads."""

OWN_ONLY = ("check.",)
"""Codes that scripts of one page say: in that page's own catalogue, and in no other."""

PARAMETER = re.compile(r"\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}")
OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
QUOTED = re.compile(r"""(["'`])([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\1""")
BEGUN = re.compile(r"""(["'`])([a-z][a-z_]*\.[a-z_.]*)(?:\1\s*\+|\$\{)""")
"""How a script names a code: whole, or its beginning, to which it adds."""


class UnknownWord(KeyError):
    """A code that is not in the catalogue: a broken promise of whoever used it."""


class BadCatalogue(ValueError):
    """The catalogue's own files contradict each other (a code twice, a language missing)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code's sentences by language, and what to do by language (empty where nobody has to act)."""

    sentence: Mapping[str, str]
    todo: Mapping[str, str] = field(default_factory=dict)


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every code with its entry; raises BadCatalogue, naming file and code."""
    entries: dict[str, Entry] = {}
    folder = files("compsys") / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".json"):
            continue
        table = json.loads(file.read_text("utf-8"), object_pairs_hook=_no_code_twice)
        for code, value in table.items():
            if code in entries:
                raise BadCatalogue(f"{file.name}: {code} stands in another file too")
            todo = value.get("todo", {})
            for texts in (value, todo) if todo else (value,):
                if any(not isinstance(texts.get(lang), str) or not texts[lang] for lang in LANGS):
                    raise BadCatalogue(f"{file.name}: {code} lacks a language")
            entries[code] = Entry({lang: value[lang] for lang in LANGS}, todo)
    return entries


def _no_code_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        raise BadCatalogue(f"twice in one file: {sorted({name for name in names if names.count(name) > 1})}")
    return table


def fill(sentence: str, params: Mapping[str, object]) -> str:
    """The sentence with its parameters put in; a parameter that is missing stays visible as ``{name}``.

    >>> fill("{n} {n:mark|marks} saved on {where}", {"n": 1, "where": "tablet 7"})
    '1 mark saved on tablet 7'
    >>> fill("{n} {n:mark|marks} saved", {"n": "3"})
    '3 marks saved'
    >>> fill("No such sheet[[: {unit}]].", {"unit": ""}), fill("No such sheet[[: {unit}]].", {"unit": "A17"})
    ('No such sheet.', 'No such sheet: A17.')
    """

    def keep(found: re.Match[str]) -> str:
        known = all(str(params.get(name, "")) for name, _, _ in PARAMETER.findall(found[1]))
        return found[1] if known else ""

    def put(found: re.Match[str]) -> str:
        name, one, many = found.groups()
        if name not in params:
            return found[0]
        value = str(params[name])
        return value if one is None else (one if value == "1" else many)

    return PARAMETER.sub(put, OPTIONAL.sub(keep, sentence))


def say(code: str, lang: str, /, **params: object) -> str:
    """The sentence of a code in a language; raises UnknownWord.

    >>> say("link.slow", "en")
    'Weak signal'
    """
    try:
        return fill(catalogue()[code].sentence[lang], params)
    except KeyError:
        raise UnknownWord(f"{code} ({lang})") from None


def todo(code: str, lang: str, /, **params: object) -> str:
    """What to do about a code, "" where nobody has to act; raises UnknownWord."""
    try:
        entry = catalogue()[code]
    except KeyError:
        raise UnknownWord(f"{code} ({lang})") from None
    return fill(entry.todo[lang], params) if entry.todo else ""


def other_lang(lang: str) -> str:
    """The other language of the interface."""
    return LANGS[1] if lang == LANGS[0] else LANGS[0]


def pick(words: Mapping[str, str] | None, lang: str) -> str:
    """A thing's name in a language, else in whichever it has; "" if it has none.

    >>> pick({"zh-CN": "热菜"}, "en")
    '热菜'
    """
    words = words or {}
    return words.get(lang) or words.get(other_lang(lang)) or next(filter(None, words.values()), "")


def second(words: Mapping[str, str] | None, lang: str) -> str:
    """A thing's name in the other language; "" if it has none or both are the same."""
    text = (words or {}).get(other_lang(lang), "")
    return "" if text == pick(words, lang) else text


def choose(asked: str | None, cookie: str | None, accept: str | None) -> str:
    """The language of a request: ``?lang=``, else the cookie, else Accept-Language, else the default.

    >>> choose(None, None, "fr;q=0.9, en-GB;q=0.8")
    'en'
    >>> choose("en", "zh-CN", None), choose("xx", None, None)
    ('en', 'zh-CN')
    """
    for wish in (asked, cookie):
        if wish in LANGS:
            return wish
    parts = (item.split(";")[0].strip() for item in (accept or "").split(","))
    # Each entry is tried alone, in the order written, so that "en-GB" finds "en" and "zh-Hans" finds "zh-CN".
    for part in parts:
        if part.lower().split("-")[0] == "zh":
            return LANGS[0]
        if part and part != "*" and (found := negotiate_locale([part], LANGS, sep="-")):
            return found
    return LANGS[0]


FORMS = {"day": "MMMd", "date": "yMMMd", "weekday": "MMMEd"}


def when(moment: str, lang: str, zone: str = "UTC", form: str = "minute") -> str:
    """A UTC moment (``2026-05-01T06:03:22.117Z``) as people of a time zone read it.

    ``form``: second 14:03:22 | minute 14:03 | day | date | weekday | full (day and minute).

    >>> when("2026-05-01T06:03:22.117Z", "en", "Asia/Shanghai", "second")
    '14:03:22'
    >>> when("2026-05-01T06:03:22.117Z", "zh-CN", "Asia/Shanghai", "full")
    '5月1日 14:03'
    """
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone) if zone else UTC)
    if form == "second":
        return f"{local:%H:%M:%S}"
    if form == "minute":
        return f"{local:%H:%M}"
    day = dates.format_skeleton(FORMS.get(form, "MMMd"), local, locale=lang.replace("-", "_"))
    return f"{day} {local:%H:%M}" if form == "full" else day


@cache
def browser(lang: str, scripts: str = "") -> tuple[str, bytes]:
    """The catalogue of one language for scripts: file name (with its hash) and bytes, served in /static/.

    ``scripts``: the source of all scripts of a page. Then only what these can say is in it: codes that they
    quote or put together, and those that an answer may carry.
    """
    entries = {code: entry for code, entry in catalogue().items() if not code.startswith(SERVER_ONLY)}
    if not scripts:
        entries = {code: entry for code, entry in entries.items() if not code.startswith(OWN_ONLY)}
    else:
        quoted = {found[2] for found in QUOTED.finditer(scripts)}
        begun = tuple({found[2] for found in BEGUN.finditer(scripts)})
        entries = {
            code: entry
            for code, entry in entries.items()
            if code in CODES or code in quoted or code.startswith(begun)
        }
    table = {
        "lang": lang,
        "words": {code: entry.sentence[lang] for code, entry in entries.items()},
        "todo": {code: entry.todo[lang] for code, entry in entries.items() if entry.todo},
    }
    data = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return f"words.{lang}.{hashlib.sha256(data).hexdigest()[:12]}.json", data


def page(lang: str, zone: str = "UTC") -> dict[str, Any]:
    """What a template needs to speak one language.

    ``t(code, **params)``, ``todo``, ``t_other`` (the other language), ``words(d)``, ``other(d)`` for names,
    ``when(moment, form)``, ``lang``, ``other_lang``, ``words_url`` and ``words_url_other`` for the scripts.
    """
    language = lang if lang in LANGS else LANGS[0]
    urls = {name: f"/static/{browser(name)[0]}" for name in LANGS}

    def t(code: str, /, **params: object) -> str:
        return say(code, language, **params)

    def what_to_do(code: str, /, **params: object) -> str:
        return todo(code, language, **params)

    def in_other(code: str, /, **params: object) -> str:
        return say(code, other_lang(language), **params)

    def at(moment: str, form: str = "minute") -> str:
        return when(moment, language, zone, form)

    def chosen(words: Mapping[str, str] | None) -> str:
        return pick(words, language)

    def others(words: Mapping[str, str] | None) -> str:
        return second(words, language)

    return {
        "t": t, "todo": what_to_do, "t_other": in_other, "when": at, "words": chosen, "other": others,
        "lang": language, "other_lang": other_lang(language), "words_url": urls[language],
        "words_url_other": urls[other_lang(language)],
    }  # fmt: skip
