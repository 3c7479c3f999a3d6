"""The mutants' runner itself, on a tree of two files: it must tell caught from survived from not tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mutants.__main__ import broken, check, judge
from tests.mutants.table import MUTANTS, Mutant

SUM = "def add(a, b):\n    return a + b\n"
TESTS = """
import pytest
import adder

def test_add():
    assert adder.add(2, 2) == 4

@pytest.fixture
def ready():
    assert adder.add(1, 1) == 2

def test_with_fixture(ready):
    pass
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "adder.py").write_text(SUM)
    (root / "test_adder.py").write_text(TESTS)
    return root


def mutant(new: str, test: str = "test_adder.py::test_add", old: str = "a + b") -> Mutant:
    return Mutant("changed", "adder.py", old, new, test)


@pytest.mark.parametrize(
    ("breakage", "word"),
    [
        (mutant("a - b"), "failed"),
        (mutant("b + a"), "passed"),
        (mutant("a * b"), "passed"),  # 2 * 2 is 4 as well: a poor test
        (mutant("def add(a, b)\n", old="def add(a, b):\n"), None),
        (mutant("import nothing_of_this_name\ndef add", old="def add"), "error"),
        (mutant("a - b", test="test_adder.py::test_with_fixture"), "error"),
        (mutant("a - b", test="test_adder.py::test_of_no_such_name"), "error"),
    ],
)
def test_only_a_failing_test_counts_as_caught(tree: Path, breakage: Mutant, word: str | None) -> None:
    if word is None:
        with pytest.raises(SyntaxError):
            judge(tree, breakage)
    else:
        assert judge(tree, breakage).word == word
    assert (tree / "adder.py").read_text() == SUM


def test_a_text_that_does_not_stand_exactly_once_is_refused() -> None:
    for old in ("a", "c"):
        with pytest.raises(ValueError, match="times in adder"):
            broken(SUM, mutant("x", old=old))


def test_one_survivor_makes_the_count(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tree, [mutant("a - b"), mutant("b + a")]) == 1
    assert "SURVIVED" in capsys.readouterr().out


def test_nothing_is_judged_when_the_named_test_fails_unbroken(tree: Path) -> None:
    (tree / "test_adder.py").write_text(TESTS.replace("== 4", "== 5"))
    assert check(tree, [mutant("a - b")]) == 1


ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("named", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_table_fits_the_source_and_names_tests_that_exist(named: Mutant) -> None:
    broken((ROOT / named.file).read_text("utf-8"), named)
    file, _, name = named.test.partition("::")
    functions = re.findall(r"^(?:async )?def (\w+)", (ROOT / file).read_text("utf-8"), re.M)
    name = name.partition("[")[0].rpartition(".")[2]  # a doctest is named by its module
    assert not name or name in functions, named.test
