"""A list of delegations held against the set-up: by code or name; the same one in several rows is one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from compsys.commands import Define
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import compared, nearest
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_people import Cells, Known, changed, delegation_names
from compsys.exchange.lists_read import Row
from compsys.records import Delegation


class Delegations:
    """Takes the rows one by one; a list of entrants will do: each company in it once."""

    def __init__(self, look: Look, header: Header, known: Known, fresh: Callable[[], str]) -> None:
        self._look, self._header, self._known, self._fresh = look, header, known, fresh
        self._names = delegation_names(known.setup)
        self._taken = set(known.setup.delegations)
        self._here: dict[str, tuple[int, dict[str, str], str]] = {}
        self._codes: dict[str, int] = {}

    def row(self, row: Row) -> None:
        """One row of the list."""
        cells = Cells(self._look, self._header, row)
        name, code = self._name(cells), cells.text("code", 20)
        kind = lv.choice(cells.text("type"), lv.TYPE_WORDS)
        if kind is None:
            cells.warn("type", "unknown_word", value=cells.text("type")[:40])
        shown = next(iter(name.values()), "")
        if cells.wrong:
            self._look.count(row.number, shown, "error")
            return
        key = compared(shown)
        if key in self._here:
            first, before, held = self._here[key]
            other = code != held or _other(before, name)
            if other:
                cells.error("name_zh", "delegation_twice", value=shown, first=str(first))
            self._look.count(row.number, shown, "error" if other else "same")
            return
        if code and self._codes.setdefault(compared(code), row.number) != row.number:
            cells.error("code", "code_twice", value=code, first=str(self._codes[compared(code)]))
            self._look.count(row.number, shown, "error")
            return
        self._here[key] = (row.number, name, code)
        self._one(cells, name, code, kind or "")

    def _name(self, cells: Cells) -> dict[str, str]:
        first = "name_zh" if self._header.column("name_zh") else "name_en"
        local, english = cells.needed(first), cells.text("name_en")
        if local and local.isascii():
            return {"en": english or local}
        return {lang: text for lang, text in (("zh-CN", local), ("en", english)) if text}

    def _one(self, cells: Cells, name: dict[str, str], code: str, kind: str) -> None:
        there = self._there(cells, name, code)
        shown, row = next(iter(name.values())), cells.row.number
        if cells.wrong:
            self._look.count(row, shown, "error")
            return
        value: dict[str, Any] = {} if there is None else msgspec.to_builtins(there)
        value["name"] = {**value.get("name", {}), **name}
        value |= {k: v for k, v in (("code", code), ("kind", kind)) if v}
        if there is None:
            near = nearest(shown, self._names.words)
            if near:
                cells.warn("name_zh", "like_another", value=shown, nearest=near)
            value = {"id": self._id(name, code), **value}
            self._look.count(row, shown, "new")
            self._look.items.append(Define(kind="delegation", id=value["id"], value=value))
            return
        after = msgspec.convert(value, Delegation)
        told = changed("code", there.code, after.code) + changed("type", there.kind, after.kind)
        for lang in after.name:
            told += changed(f"name_{lang[:2]}", there.name.get(lang, ""), after.name[lang])
        self._look.count(row, shown, "changed" if told else "same", told)
        if told:
            self._look.items.append(Define(kind="delegation", id=there.id, value=value))

    def _there(self, cells: Cells, name: dict[str, str], code: str) -> Delegation | None:
        found: list[str] = []
        for text in (code, *name.values()):
            found += [key for key in self._names.find(text) if text and key not in found]
        if len(found) > 1:
            cells.error("name_zh", "delegation_ambiguous", value=next(iter(name.values())), nearest="")
        return self._known.setup.delegations[found[0]] if len(found) == 1 else None

    def _id(self, name: dict[str, str], code: str) -> str:
        """A new id: of the English name or the code where these are plain, else of chance."""
        for text in (name.get("en", ""), code):
            slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:36].rstrip("-")
            if slug and slug not in self._taken:
                self._taken.add(slug)
                return slug
        return f"d{self._fresh()[:10]}"

    def finish(self) -> None:
        """Nothing is left to say."""


def _other(one: dict[str, str], two: dict[str, str]) -> bool:
    """Whether two rows' names contradict each other."""
    return any(compared(one[lang]) != compared(two[lang]) for lang in one.keys() & two.keys())
