"""Answers: one of five words for a command, or a refusal with its code."""

from __future__ import annotations

from typing import Literal

import msgspec


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the five answers. ``a``; the line's stream and n; the cell's new revision; for refused and
    retry a code with parameters; ``dup`` when the same key was answered before."""

    k: str
    a: Literal["accepted", "conflict", "late", "refused", "retry"]
    stream: str = ""
    n: int = 0
    rev: int = 0
    code: str = ""
    params: dict[str, str] = {}
    dup: bool = False


class Refused(msgspec.Struct, frozen=True):
    """An expected refusal: a code of ``CODES`` and its parameters."""

    code: str
    params: dict[str, str] = {}
