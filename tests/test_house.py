"""Reads the source itself: layers, purity, first sentences, lengths, SQL, silenced checks, machine paths.

Every rule is also run on a planted breakage, so that a rule that has stopped looking is seen.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable

import pytest

from tests import house
from tests.mutants.table import MUTANTS

Rule = Callable[[str, str], list[str]]


def declared(*extras: str) -> set[str]:
    """Import names of the packages that pyproject.toml declares."""
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in extras for line in project["optional-dependencies"][extra]),
    ]
    names = [re.split(r"[<>=!~\[; ]", line)[0].lower() for line in wanted]
    return {house.IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


def over(sources: Iterable[tuple[str, str]], rule: Rule) -> None:
    offences = [offence for name, text in sources for offence in rule(name, text)]
    assert not offences, "\n" + "\n".join(offences)


@pytest.mark.parametrize("rule", [house.layering, house.purity, house.sql], ids=lambda rule: rule.__name__)
def test_the_three_layers_keep(rule: Rule) -> None:
    over(house.package_files(), rule)


@pytest.mark.parametrize("rule", [house.silenced, house.skipped], ids=lambda rule: rule.__name__)
def test_every_python_file_keeps(rule: Rule) -> None:
    over(house.files(".py"), rule)


@pytest.mark.parametrize("rule", [house.first_sentence, house.too_long], ids=lambda rule: rule.__name__)
def test_every_source_file_keeps(rule: Rule) -> None:
    over(house.files(".py", ".js"), rule)


def test_no_registry_host_and_no_machine_path_is_written_down() -> None:
    kinds = (
        ".py",
        ".js",
        ".toml",
        ".md",
        ".sh",
        ".html",
        ".css",
        ".json",
        ".po",
        ".txt",
        ".lock",
        "",
        ".yml",
    )
    over(house.files(*kinds), house.machine)


def test_the_lock_holds_names_and_hashes_only() -> None:
    lines = (house.ROOT / "requirements.lock").read_text().splitlines()
    shape = re.compile(r"#.*|    # .*|[a-z0-9-]+==[\w.]+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not shape.fullmatch(line) or "://" in line] == []


def test_what_the_packages_import_is_declared() -> None:
    ours = declared()
    over(house.package_files(), lambda name, text: house.undeclared(name, text, ours))


def test_what_the_tests_import_is_declared() -> None:
    ours = declared("dev")
    tests = ((name, text) for name, text in house.files(".py") if name.startswith("tests/"))
    over(tests, lambda name, text: house.undeclared(name, text, ours))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_still_fits_the_source_and_names_a_test(mutant) -> None:  # type: ignore[no-untyped-def]  # pytest gives it
    assert (house.ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert (house.ROOT / mutant.test.split("::")[0]).is_file()


PLANTED: list[tuple[Rule, str, str]] = [
    (house.layering, "scoring_rules/a.py", "import compsys.core"),
    (house.layering, "scoring_rules/a.py", "def f():\n    from web import app"),
    (house.layering, "scoring_rules/a.py", "import msgspec"),
    (house.layering, "compsys/core.py", "from web.live import push"),
    (house.layering, "compsys/desk.py", "import web"),
    (house.purity, "scoring_rules/a.py", "from time import monotonic"),
    (house.purity, "scoring_rules/a.py", "import random"),
    (house.purity, "compsys/core.py", "import os.path"),
    (house.purity, "compsys/core.py", "x = 0.5"),
    (house.purity, "compsys/core.py", "def f(x: float) -> None: ..."),
    (house.purity, "compsys/boards.py", "y = float('1')"),
    (house.purity, "compsys/boards.py", "y = len(a) / 2"),
    (house.purity, "compsys/boards.py", "y = round(a)"),
    (house.purity, "compsys/explain.py", "t = datetime.now(UTC)"),
    (house.purity, "compsys/explain.py", "t = date.today()"),
    (house.purity, "compsys/sheets.py", "open('a')"),
    (house.purity, "compsys/sheets.py", "import math\nx = math.sqrt(2)"),
    (house.purity, "compsys/sheets.py", "async def f() -> None: ..."),
    (house.purity, "scoring_rules/a.py", "import asyncio, socket"),
    (house.purity, "scoring_rules/profiles.py", "import os"),
    (house.first_sentence, "a.py", "import x"),
    (house.first_sentence, "a.py", '"""No full stop"""'),
    (house.first_sentence, "a.py", '"""One. Two."""'),
    (house.first_sentence, "a.js", "const a = 1;"),
    (house.first_sentence, "a.js", "// no full stop\nconst a = 1;"),
    (house.too_long, "a.py", "\n" * 601),
    (house.too_long, "a.js", "\n" * 601),
    (house.too_long, "a.py", "def f():\n" + "    x = 1\n" * 100),
    (house.machine, "a.md", "pip install -i https://" + "pypi" + ".org/simple"),
    (house.machine, "a.md", "see " + "/wo" + "rk/main/a.py"),
    (house.sql, "a.py", "q = 'SELECT SUM(mark) FROM line'"),
    (house.sql, "a.py", "q = 'select mark * 2 from line'"),
    (house.sql, "a.py", "q = 'UPDATE line SET n = n+1'"),
    (house.sql, "a.py", "q = f'SELECT {x}-n FROM line'"),
    (house.sql, "a.py", "q = select(func.avg(x))"),
    (house.silenced, "a.py", "x = 1  # type: ignore\n"),
    (house.silenced, "a.py", "x = 1  # type: ignore[arg-type]\n"),
    (house.silenced, "a.py", "x = 1  # noqa\n"),
    (house.silenced, "a.py", "x = 1  # noqa: E501\n"),
    (house.skipped, "a.py", "import pytest\n@pytest.mark.skip\ndef test_a(): ..."),
    (house.skipped, "a.py", "import pytest\npytest.skip()"),
    (house.skipped, "a.py", "import pytest\npytest.importorskip('x')"),
]


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_each_rule_sees_a_planted_breakage(rule: Rule, name: str, text: str) -> None:
    assert rule(name, text) != []


ALLOWED: list[tuple[Rule, str, str]] = [
    (house.layering, "web/app.py", "import compsys, scoring_rules, starlette"),
    (house.layering, "compsys/__main__.py", "from web.app import create"),
    (
        house.layering,
        "scoring_rules/a.py",
        "from . import exact\nfrom scoring_rules import scheme\nimport tomllib",
    ),
    (house.purity, "compsys/journal.py", "import os, time\nx = 0.5"),
    (house.purity, "compsys/exchange/cis.py", "import openpyxl"),
    (
        house.purity,
        "scoring_rules/exact.py",
        "def f(x: object) -> None:\n    if isinstance(x, float): raise TypeError",
    ),
    (house.purity, "scoring_rules/a.py", "y = Fraction(a) / 2"),
    (house.first_sentence, "a.py", '"""What it is, e.g. this: one sentence."""'),
    (house.first_sentence, "a.js", "/**\n * One sentence.\n */"),
    (house.first_sentence, "a.js", "// @ts-check\n// One sentence."),
    (
        house.sql,
        "a.py",
        "q = 'SELECT COUNT(*), MAX(n) FROM line WHERE stream = ? AND n > ? AND k = \\'a-b\\''",
    ),
    (house.sql, "a.py", "q = f'SELECT * FROM {table} WHERE {column} = ?'"),
    (house.silenced, "a.py", "x = 1  # type: ignore[misc]  # the library ships no types\n"),
    (house.silenced, "a.py", "x = 1  # noqa: S608 the table name is ours\n"),
    (house.skipped, "a.py", "import pytest\npytest.skip('the real files are absent')"),
]


@pytest.mark.parametrize(("rule", "name", "text"), ALLOWED)
def test_no_rule_sees_a_breakage_where_there_is_none(rule: Rule, name: str, text: str) -> None:
    assert rule(name, text) == []
