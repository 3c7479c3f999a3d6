"""What the pages say is true: commands, options, files, pictures, roles, settings, modules, dependencies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from compsys import people, records
from compsys.__main__ import make_app
from compsys.exchange.competition_file import SECTIONS
from tests.house import ROOT, machine
from web.access import ROLES

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
PICTURES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/pictures/*"))
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.S)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
COMMAND = re.compile(
    r"(?:^|[\s(;&|])(?:\.venv/bin/|python -m )?compsys ((?:[a-z]|--)[^|;&#\n]*)"
)
SIZE = 200 * 1024
QUICK = ("new", "scheme", "import", "export", "trades", "open", "results", "verify", "replay", "doctor")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def snippets(page: str) -> Iterator[str]:
    """Every line of code of a page: fenced blocks line by line, spans whole."""
    for block, span in CODE.findall(text_of(page)):
        yield from block.replace("\\\n", " ").splitlines() if block else [span]


def commands() -> dict[str, Any]:
    """Every command by what is typed after ``compsys``; those of a group as ``scheme check``."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
        else:
            for word, below in inner.items():
                walk(below, f"{name} {word}".strip())

    walk(typer.main.get_command(make_app()), "")
    return found


def options(command: Any) -> set[str]:
    """The options of a command, help among them."""
    given = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name for name in given if name.startswith("-")} | {"--help", "-h"}


def said_commands() -> Iterator[tuple[str, str]]:
    """(page, text from ``compsys`` on) wherever a page shows the command with an argument."""
    for page in PAGES:
        for line in snippets(page):
            yield from ((page, said.strip()) for said in COMMAND.findall(line))


# ---------------------------------------------------------------- commands and targets


def test_every_command_and_option_that_is_shown_exists() -> None:
    known, wrong = commands(), []
    for page, said in said_commands():
        words = said.split()
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        if name is None:
            wrong += [] if words[0] in {"--help", "--version"} else [f"{page}: compsys {said}"]
            continue
        shown = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", said)
        wrong += [f"{page}: compsys {said}: {o}" for o in shown if o not in options(known[name])]
    assert wrong == []


def test_every_command_is_described_in_the_readme() -> None:
    said = {" ".join(s.split()[:i]) for page, s in said_commands() if page == "README.md" for i in (1, 2)}
    assert set(commands()) - said == set()


def test_every_make_target_that_is_named_exists_and_the_readme_names_them() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))
    named = {
        (page, target)
        for page in PAGES
        for line in snippets(page)
        for target in re.findall(r"(?:^|\s)make ([a-z]+)", line)
    }
    assert {(page, target) for page, target in named if target not in targets} == set()
    assert targets - {"clean"} <= {target for page, target in named if page == "README.md"}


def test_every_variable_of_the_environment_that_is_named_is_read_somewhere() -> None:
    source = "".join(
        p.read_text(encoding="utf-8")
        for folder in ("compsys", "web", "tests", "tools")
        for p in (ROOT / folder).rglob("*")
        if p.suffix in {".py", ".sh"} and p.name != "test_docs.py"
    )
    named = {word for page in PAGES for word in re.findall(r"\bCOMPSYS_[A-Z_]+\b", text_of(page))}
    assert named
    assert {word for word in named if word not in source} == set()


def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    """Those that end by themselves and ask nothing, in their order, in an empty folder."""
    runs = [
        line.strip()
        for block in re.findall(r"```sh\n(.*?)```", text_of("README.md"), re.S)
        for line in block.splitlines()
        if line.startswith("compsys ") and (line.split()[1] in QUICK or "--finish" in line)
    ]
    assert {line.split()[1] for line in runs} >= {"new", "import", "demo", "results"}
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COMPSYS_LANG": "en"}
    for line in runs:
        words = [sys.executable, "-m", *re.sub(r"\s+#.*", "", line).split()]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


# ---------------------------------------------------------------- files, pictures, modules


def test_every_link_leads_to_a_file() -> None:
    wrong = []
    for page in PAGES:
        for _, _, target, _ in LINK.findall(text_of(page)):
            if "://" not in target and not ((ROOT / page).parent / target).exists():
                wrong.append(f"{page}: {target}")
    assert wrong == []


def test_every_anchor_leads_to_a_heading() -> None:
    wrong = []
    for page in PAGES:
        for _, _, target, anchor in LINK.findall(text_of(page)):
            there = (ROOT / page).parent / target
            if anchor and there.suffix == ".md" and there.exists():
                heads = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.M)
                slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
                wrong += [] if anchor[1:] in slugs else [f"{page}: {target}{anchor}"]
    assert wrong == []


def test_every_path_that_is_named_exists() -> None:
    """Code spans that look like a file of the tree; those of a data directory are named without a folder."""
    tops = {path.name for path in ROOT.iterdir()}
    wrong = []
    for page in PAGES:
        for line in snippets(page):
            for said in re.findall(r"(?<![\w/.<-])((?:[\w.-]+/)+[\w.-]*)(?![\w/>*])", line):
                if said.split("/")[0] in tops and not (ROOT / said).exists():
                    wrong.append(f"{page}: {said}")
    assert wrong == []


@pytest.mark.parametrize("picture", PICTURES)
def test_each_picture_is_shown_with_words_and_is_small(picture: str) -> None:
    shown = [
        words
        for page in PAGES
        for mark, words, target, _ in LINK.findall(text_of(page))
        if mark and ((ROOT / page).parent / target).resolve() == (ROOT / picture).resolve()
    ]
    assert shown, "no page shows it"
    assert all(len(words.split()) >= 2 for words in shown), "it needs a sentence for whoever cannot see it"
    assert (ROOT / picture).stat().st_size <= SIZE


def code_map() -> Iterator[tuple[str, str]]:
    """(folder of the heading, path of the row) of ARCHITECTURE's code map."""
    folder = ""
    part = text_of("ARCHITECTURE.md").partition("## Code map")[2].partition("## Dependencies")[0]
    for line in part.splitlines():
        if heading := re.match(r"### `([^`]+)`", line):
            folder = heading[1]
        elif row := re.match(r"\| `([^`]+)` \| .{5,} \|$", line):
            yield folder, row[1] if folder in ("", "tests/") else folder + row[1]


def test_the_code_map_lists_every_module_and_folder_and_nothing_else() -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("scoring_rules", "compsys", "web", "fixtures")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".js"} and path.name != "__init__.py"
    }
    folders = {
        path.relative_to(ROOT).as_posix() + "/"
        for top in ("scoring_rules", "compsys", "web", "fixtures", "tests", "tools")
        for path in (ROOT / top, *(ROOT / top).rglob("*"))
        if path.is_dir() and path.name != "__pycache__" and any(p.is_file() for p in path.iterdir())
    }
    listed = [path for _, path in code_map()]
    assert len(listed) == len(set(listed))
    assert (modules | folders) - set(listed) == set()
    assert {path for path in listed if not (ROOT / path).exists()} == set()


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=!~\[; ]", line)[0] for line in wanted}
    part = text_of("ARCHITECTURE.md").partition("## Dependencies")[2]
    explained = set(re.findall(r"^\| `([^`]+)` \| .{15,} \|$", part, re.M))
    assert names == explained


def test_the_layers_and_the_journal_are_stated_as_invariants() -> None:
    stated = re.findall(r"^Architecture Invariant: (.+)", text_of("ARCHITECTURE.md"), re.M)
    assert len(stated) >= 10
    for words in ("nothing points back", "only truth", "pure", "floating point", "not sent", "add"):
        assert any(words in line for line in stated), words


# ---------------------------------------------------------------- what may be set, and who may do what


def test_every_source_that_a_clause_names_is_described() -> None:
    """Rules cite sections of collections of facts that are not in the project: a page says what each is."""
    cited = re.compile(r"\b(worldskills|china)\.md(?: sections? ((?:\d+(?:, and |, | and )?)+))?")
    parts = text_of("docs/rules/sources.md").split("\n## ")
    rows = {part.partition(".md")[0]: re.findall(r"^\| ([0-9, ]+) \|", part, re.M) for part in parts[1:]}
    described = {name: {n for row in found for n in row.split(", ")} for name, found in rows.items()}
    assert described.keys() == {"worldskills", "china"}
    for folder in ("scoring_rules", "compsys", "web", "docs"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".toml", ".json", ".md"):
                for name, numbers in cited.findall(path.read_text(encoding="utf-8")):
                    missing = set(re.findall(r"\d+", numbers)) - described[name]
                    assert not missing, f"{path}: {name}.md section {missing} is not in docs/rules/sources.md"


def test_every_setting_that_is_named_is_a_field_of_the_competition_file() -> None:
    """``stages.feed``: section and field, as the competition file has them."""
    fields = {
        section: {field.name for field in msgspec.structs.fields(records.KINDS[kind])}
        for section, kind in SECTIONS.items()
    }
    named = {
        (page, section, field)
        for page in PAGES
        for line in snippets(page)
        for section, field in re.findall(r"^(\w+)\.(\w+)(?:$| =|=)", line)
        if section in fields and field not in {"py", "js", "db"}
    }
    assert {(section, field) for _, section, field in named} >= {("stages", "feed"), ("stages", "disclosure")}
    assert {said for said in named if said[2] not in fields[said[1]]} == set()


def roles_table() -> dict[str, set[str]]:
    """Command -> the roles docs/security.md says may give it."""
    part = text_of("docs/security.md").partition("## Roles")[2]
    rows = re.findall(r"^\| `(\w+)` \|[^|]+\| ([^|]+) \|$", part, re.M)
    return {command: set(re.findall(r"\w+", roles)) for command, roles in rows}


def test_the_roles_table_is_what_the_program_allows() -> None:
    allowed = {command.__name__: set(roles) for command, roles in people.MAY.items()}
    assert roles_table() == allowed


def test_every_role_is_described() -> None:
    part = text_of("docs/security.md").partition("## Roles")[2]
    described = set(re.findall(r"^- `(\w+)`", part, re.M))
    assert described == set(ROLES)


def test_every_label_of_a_page_that_is_named_stands_on_a_page() -> None:
    """In the organizer's way what is in italics is a label: a heading, a button, a menu's word."""
    labels = {
        entry["en"].strip()
        for path in (ROOT / "compsys/catalogue").glob("*.json")
        for entry in json.loads(path.read_text(encoding="utf-8")).values()
    }
    named = re.findall(r"(?<![*\w])\*([A-Z][^*\n]*)\*(?!\*)", text_of("docs/organizer.md"))
    named += re.findall(r"^\d\. \*\*([^*]+)\*\*:", text_of("README.md"), re.M)
    assert len(named) > 10
    assert {label for label in named if label not in labels} == set()


# ---------------------------------------------------------------- nothing that does not belong


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_no_machine_and_no_registry(page: str) -> None:
    assert machine(page, text_of(page)) == []
