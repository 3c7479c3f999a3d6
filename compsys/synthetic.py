"""Invented people by the thousand: names and identity numbers from a seed, nobody real among them.

Identity numbers have the area 999999, which no place has; names are drawn from common family and given
names, so that they may be somebody's by chance and are nobody's by intent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random

from compsys.identity import check_digit
from compsys.records import Words
from compsys.vault import Identity

AREA = "999999"
BORN = (date(1962, 1, 1), 16_001)
"""The first day of birth, and over how many days births are spread (a prime: see ``person``)."""


def words(zh: str, en: str) -> Words:
    """A text in both languages."""
    return {"zh-CN": zh, "en": en}


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file shipped in ``fixtures``, by its header."""
    return list(csv.DictReader(files("fixtures").joinpath(name).read_text("utf-8").splitlines()))


@cache
def _names() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    rows = table("names.csv")
    family, given = ([(r["zh"], r["en"]) for r in rows if r["part"] == part] for part in ("family", "given"))
    return family, given


def name(random: Random) -> Words:
    """A name in Han characters and in pinyin: family name first, given name of one or two characters."""
    family, given = _names()
    own = [random.choice(given) for _ in range(1 if random.randrange(4) == 0 else 2)]
    zh, en = random.choice(family)
    return words(zh + "".join(part for part, _ in own), f"{en} {''.join(part for _, part in own).title()}")


def person(random: Random, number: int) -> Identity:
    """The person of this number, from 0: no two numbers have the same identity number.

    Day of birth and sequence follow from the number (each day comes again after all others have had their
    turn), so nothing already made need be remembered. Good for more than a million persons.
    """
    first, days = BORN
    turn, day = number // days, number * 7919 % days
    body = f"{AREA}{first + timedelta(day):%Y%m%d}{turn * 10 + random.randrange(10) + 1:03d}"
    return Identity(
        name(random), "resident_id", body + check_digit(body), f"1990000{random.randrange(10_000):04d}"
    )


def people(seed: object, count: int) -> Iterator[Identity]:
    """So many persons, the same for the same seed, one at a time.

    >>> [who.id_number[:6] for who in people("doctest", 2)]
    ['999999', '999999']
    """
    random = Random(f"people {seed}")
    for number in range(count):
        yield person(random, number)
